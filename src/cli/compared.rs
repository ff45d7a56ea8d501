//! The scenarios that claims compare with: loaded, checked, and of the same time as the one that makes the claims.

use std::path::{Path, PathBuf};

use super::scenario::{Checked, Meant, check_alone};
use crate::diagnostic::{Diagnostic, Rule};
use crate::model::{Claim, Model};
use crate::plan::Plan;
use crate::verdict::questions;

/// A scenario that some claims compare with.
pub struct Compared {
    /// As it is written in the claims.
    pub written: String,
    /// Where it lies.
    path: PathBuf,
    /// What it means.
    pub model: Model,
}

/// Loads what the claims of a scenario compare with, each once; faults are reported in the scenario's own list.
pub fn load(checked: &mut Checked) -> Vec<Compared> {
    let Some(meant) = &checked.meant else {
        return Vec::new();
    };
    let mut found: Vec<Compared> = Vec::new();
    let mut faults = Vec::new();
    for claim in &meant.model.claims {
        let Some(written) = &claim.compared_with else {
            continue;
        };
        let beside = Path::new(&checked.sources.get(claim.span).name).parent();
        let path = beside.unwrap_or(Path::new("")).join(written);
        if found.iter().any(|known| known.path == path) {
            continue;
        }
        match other(&path, written, meant, claim) {
            Ok(model) => found.push(Compared {
                written: written.clone(),
                path,
                model,
            }),
            Err(fault) => faults.push(*fault),
        }
    }
    refuse_what_cannot_be_asked(meant, &found, &mut faults);
    for fault in faults {
        checked.diagnostics.push(fault);
    }
    if checked.diagnostics.has_errors() {
        checked.meant = None;
    }
    found
}

/// The model of a scenario that a claim compares with.
fn other(path: &Path, written: &str, meant: &Meant, claim: &Claim) -> Result<Model, Box<Diagnostic>> {
    let fault = |message: String, help: String| {
        Box::new(Diagnostic::at(Rule::ComparedScenario, claim.span, message, "").help(help))
    };
    let checked = check_alone(path, &[]);
    let Some(other) = checked.meant else {
        let first = checked
            .diagnostics
            .in_order()
            .first()
            .map(|first| first.message.clone());
        let message = format!(
            "`{written}` cannot be compared with: {}",
            first.unwrap_or_default()
        );
        let help = format!("`ceasefire validate {}` tells more", path.display());
        return Err(fault(message, help));
    };
    let (own, model) = (&meant.model, other.model);
    if own.start != model.start || own.horizon != model.horizon {
        let message = format!(
            "`{written}` starts on {} and is followed for {} days, this scenario starts on {} and is followed for {}",
            model.start, model.horizon, own.start, own.horizon
        );
        let help = "only scenarios of the same time can be compared day by day".to_owned();
        return Err(fault(message, help));
    }
    Ok(model)
}

/// Reports claims whose figure the other scenario does not have.
fn refuse_what_cannot_be_asked(meant: &Meant, found: &[Compared], faults: &mut Vec<Diagnostic>) {
    let is_compared = |claim: &&Claim| claim.compared_with.is_some();
    if !meant.model.claims.iter().any(|claim| is_compared(&claim)) || !faults.is_empty() {
        return;
    }
    let own = Plan::new(&meant.model);
    let plans: Vec<Plan> = found.iter().map(|other| Plan::new(&other.model)).collect();
    for claim in meant.model.claims.iter().filter(is_compared) {
        let Some(other) = place(claim, found) else {
            continue;
        };
        let pair = (&found[other].model, &plans[other]);
        if let Err(reason) = questions(claim, (&meant.model, &own), Some(pair)) {
            let message = format!("`{}` cannot be compared with: {reason}", found[other].written);
            faults.push(Diagnostic::at(Rule::ComparedScenario, claim.span, message, ""));
        }
    }
}

/// Which of the scenarios a claim compares with.
pub fn place(claim: &Claim, found: &[Compared]) -> Option<usize> {
    let written = claim.compared_with.as_ref()?;
    found.iter().position(|other| other.written == *written)
}
