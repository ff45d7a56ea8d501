//! The scenarios that claims compare with: loaded, checked, and of the same time as the one that makes the claims.

use std::fs;
use std::path::{Path, PathBuf};

use super::scenario::{Checked, Meant, check_alone};
use crate::diagnostic::{Diagnostic, Rule};
use crate::model::{Claim, Model};
use crate::plan::Plan;
use crate::verdict::questions;

/// The scenarios that claims compare with, each once, however often and in whatever way the claims write its path.
#[derive(Default)]
pub struct Compared {
    /// What they mean.
    pub models: Vec<Model>,
    /// For each claim, which of them it compares with; none, if it speaks of its own scenario alone.
    pub places: Vec<Option<usize>>,
}

/// Loads what the claims of a scenario compare with; faults are reported in the scenario's own list.
pub fn load(checked: &mut Checked) -> Compared {
    let mut found = Compared::default();
    let Some(meant) = &checked.meant else {
        return found;
    };
    let mut paths: Vec<PathBuf> = Vec::new();
    let mut faults = Vec::new();
    for claim in &meant.model.claims {
        let place = claim.compared_with.as_ref().and_then(|written| {
            let beside = Path::new(&checked.sources.get(claim.span).name).parent();
            let path = beside.unwrap_or(Path::new("")).join(written);
            // `low.toml` and `./low.toml` are one scenario; a file that is not there keeps its name, for the message.
            let whole = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if let Some(known) = paths.iter().position(|known| *known == whole) {
                return Some(known);
            }
            match other(&path, written, meant, claim) {
                Ok(model) => {
                    paths.push(whole);
                    found.models.push(model);
                    Some(paths.len() - 1)
                }
                Err(fault) => {
                    faults.push(*fault);
                    None
                }
            }
        });
        found.places.push(place);
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
fn refuse_what_cannot_be_asked(meant: &Meant, found: &Compared, faults: &mut Vec<Diagnostic>) {
    if found.models.is_empty() || !faults.is_empty() {
        return;
    }
    let own = Plan::new(&meant.model);
    let plans: Vec<Plan> = found.models.iter().map(Plan::new).collect();
    for (claim, place) in meant.model.claims.iter().zip(&found.places) {
        let Some(other) = *place else {
            continue;
        };
        let pair = (&found.models[other], &plans[other]);
        if let Err(reason) = questions(claim, (&meant.model, &own), Some(pair)) {
            let written = claim.compared_with.as_deref().unwrap_or_default();
            let message = format!("`{written}` cannot be compared with: {reason}");
            faults.push(Diagnostic::at(Rule::ComparedScenario, claim.span, message, ""));
        }
    }
}
