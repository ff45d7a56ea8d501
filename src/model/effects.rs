//! What acts on each target: effects, and copulas.

use std::collections::HashMap;

use super::Correlation;
use super::catalogue::{Catalogue, Kind};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::scenario::read::Placed;

/// What acts on one target; effects by their place in the file.
#[derive(Clone, Debug, Default)]
pub(super) struct Acting {
    /// Effects on its odds.
    pub(super) odds: Vec<usize>,
    /// Effects on its hazard.
    pub(super) hazard: Vec<usize>,
    /// Effects that multiply it.
    pub(super) scale: Vec<usize>,
    /// Its place in a copula.
    pub(super) correlation: Option<(usize, usize)>,
}

/// What acts on each address that anything acts on.
pub(super) struct Targets(HashMap<String, Acting>);

/// What an effect does to its target.
#[derive(Clone, Copy)]
enum Action {
    Odds,
    Hazard,
    Scale,
}

impl Targets {
    /// Resolves all patterns of all effects.
    pub(super) fn resolve(
        scenario: &Scenario,
        catalogue: &Catalogue,
        correlations: &[Correlation],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut targets = Self(HashMap::new());
        for (index, effect) in scenario.effects.iter().enumerate() {
            let lists = [
                (Action::Odds, &effect.odds),
                (Action::Hazard, &effect.hazard),
                (Action::Scale, &effect.scale),
            ];
            let is_empty = lists.iter().all(|(_, patterns)| patterns.0.is_empty());
            if is_empty && !diagnostics.is_unread(&effect.address.to_string()) {
                let message = format!("`{}` acts on nothing", effect.address);
                let fault = Diagnostic::at(Rule::MissingKey, effect.span, message, "");
                diagnostics.push(fault.help("give it `odds`, `hazard` or `scale`: a list of addresses"));
            }
            for (action, patterns) in lists {
                for pattern in &patterns.0 {
                    targets.add(index, action, pattern, catalogue, diagnostics);
                }
            }
        }
        for (group, correlation) in correlations.iter().enumerate() {
            for (member, address) in correlation.members.iter().enumerate() {
                targets.acting_on(address.clone()).correlation = Some((group, member));
            }
        }
        targets
    }

    fn add(
        &mut self,
        effect: usize,
        action: Action,
        pattern: &Placed<Address>,
        catalogue: &Catalogue,
        diagnostics: &mut Diagnostics,
    ) {
        for (address, kind) in catalogue.covered(pattern, diagnostics) {
            if let Err(fault) = check(action, pattern, address, kind) {
                diagnostics.push(fault);
                continue;
            }
            let acting = self.acting_on(address.text());
            let effects = match action {
                Action::Odds => &mut acting.odds,
                Action::Hazard => &mut acting.hazard,
                Action::Scale => &mut acting.scale,
            };
            if !effects.contains(&effect) {
                effects.push(effect);
            }
        }
    }

    fn acting_on(&mut self, address: String) -> &mut Acting {
        self.0.entry(address).or_default()
    }

    /// What acts on an address; on most, nothing does.
    pub(super) fn on(&self, address: &str) -> Acting {
        self.0.get(address).cloned().unwrap_or_default()
    }
}

/// Whether an effect can act on a target of this kind.
fn check(action: Action, pattern: &Placed<Address>, address: &Address, kind: Kind) -> Result<(), Diagnostic> {
    let wrong = |what: &str, help: &str| {
        let message = format!("{what}, but `{address}` is {}", kind.in_words());
        Err(Diagnostic::at(Rule::WrongTarget, pattern.span, message, "").help(help))
    };
    match (action, kind) {
        (Action::Odds, Kind::Chance)
        | (Action::Hazard, Kind::Duration { continuous: true, .. })
        | (Action::Scale, Kind::Duration { .. } | Kind::Amount { .. }) => Ok(()),
        (Action::Odds, _) => wrong(
            "`odds` act on chances",
            "`scale` multiplies durations and amounts",
        ),
        (Action::Hazard, Kind::Duration { uncertain, .. }) => {
            let what = if uncertain {
                "a discrete distribution"
            } else {
                "the same in every trial"
            };
            let message = format!("`hazard` acts on continuous distributions, but `{address}` is {what}");
            let fault = Diagnostic::at(Rule::HazardOnConstant, pattern.span, message, "");
            Err(fault.help("use `scale`, or give it a continuous distribution"))
        }
        (Action::Hazard, _) => wrong(
            "`hazard` acts on durations",
            "`odds` move chances, `scale` multiplies amounts",
        ),
        (Action::Scale, _) => wrong("`scale` acts on durations and amounts", "`odds` move chances"),
    }
}
