//! What effects and correlations act on: every address that can be a target, and which patterns cover it.

use std::collections::{BTreeMap, HashMap};

use super::Correlation;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, suggest};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::scenario::process::{Form, Process};
use crate::scenario::quantity::{Given, Quantity};
use crate::scenario::read::Placed;

/// What can be at the end of an effect or in a correlation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A yes or no.
    Chance,
    /// A length of time; `continuous` if its distribution is.
    Duration { continuous: bool, uncertain: bool },
    /// An amount.
    Amount { uncertain: bool },
    /// The value of a driver.
    Latent { uncertain: bool },
}

impl Kind {
    fn in_words(self) -> &'static str {
        match self {
            Self::Chance => "a chance",
            Self::Duration { .. } => "a duration",
            Self::Amount { .. } => "an amount",
            Self::Latent { .. } => "the value of a driver",
        }
    }

    /// Whether it has a uniform of its own.
    pub(super) fn is_drawn(self) -> bool {
        match self {
            Self::Chance => true,
            Self::Duration { uncertain, .. } | Self::Amount { uncertain } | Self::Latent { uncertain } => {
                uncertain
            }
        }
    }
}

/// Every address that can be a target, with its kind.
pub(super) type Catalogue = BTreeMap<Address, Kind>;

/// The catalogue of a scenario.
pub(super) fn catalogue(scenario: &Scenario) -> Catalogue {
    let mut catalogue = Catalogue::new();
    for (_, process) in super::resolve::processes(scenario) {
        add_process(&mut catalogue, process);
    }
    for driver in scenario.drivers.values() {
        let quantity = &driver.value.value.quantity;
        catalogue.insert(
            quantity.address.clone(),
            Kind::Latent {
                uncertain: is_uncertain(quantity),
            },
        );
    }
    for capability in scenario.capabilities.values() {
        add_amount(
            &mut catalogue,
            capability.value.initial.as_ref().map(|of| &of.quantity),
        );
    }
    for contributor in scenario.contributors.values() {
        let contributor = &contributor.value;
        if contributor.chance.is_some() || contributor.stance.is_some() {
            catalogue.insert(contributor.address.key("chance"), Kind::Chance);
        }
        add_duration(
            &mut catalogue,
            contributor.decision.as_ref().map(|of| &of.quantity),
        );
        for package in contributor.provides.values() {
            add_amount(&mut catalogue, Some(&package.value.amount.quantity));
            add_duration(
                &mut catalogue,
                package.value.notice_to_move.as_ref().map(|of| &of.quantity),
            );
            add_duration(
                &mut catalogue,
                package.value.sustains.as_ref().map(|of| &of.quantity),
            );
        }
    }
    catalogue
}

fn add_process(catalogue: &mut Catalogue, process: &Process) {
    match &process.form {
        Form::Short(short) => {
            add_chance(catalogue, short.chance.as_ref());
            for duration in [&short.after, &short.lasts, &short.again] {
                add_duration(catalogue, duration.as_ref());
            }
        }
        Form::Full(full) => {
            for transition in &full.transitions {
                add_chance(catalogue, transition.chance.as_ref());
                add_duration(catalogue, transition.after.as_ref());
            }
        }
    }
}

fn add_chance(catalogue: &mut Catalogue, chance: Option<&Quantity>) {
    catalogue.extend(chance.map(|chance| (chance.address.clone(), Kind::Chance)));
}

fn add_duration(catalogue: &mut Catalogue, duration: Option<&Quantity>) {
    let kind = |quantity: &Quantity| match &quantity.given {
        Given::Constant(_) => Kind::Duration {
            continuous: false,
            uncertain: false,
        },
        Given::Uncertain(distribution) => Kind::Duration {
            continuous: distribution.is_continuous(),
            uncertain: true,
        },
    };
    catalogue.extend(duration.map(|quantity| (quantity.address.clone(), kind(quantity))));
}

fn add_amount(catalogue: &mut Catalogue, amount: Option<&Quantity>) {
    let kind = |quantity: &Quantity| Kind::Amount {
        uncertain: is_uncertain(quantity),
    };
    catalogue.extend(amount.map(|quantity| (quantity.address.clone(), kind(quantity))));
}

fn is_uncertain(quantity: &Quantity) -> bool {
    matches!(quantity.given, Given::Uncertain(_))
}

/// The addresses that a pattern covers, or a fault where it covers none.
pub(super) fn covered<'c>(
    pattern: &Placed<Address>,
    catalogue: &'c Catalogue,
    diagnostics: &mut Diagnostics,
) -> Vec<(&'c Address, Kind)> {
    let found: Vec<_> = catalogue
        .iter()
        .filter(|(address, _)| pattern.value.matches(address))
        .map(|(address, kind)| (address, *kind))
        .collect();
    if found.is_empty() && !diagnostics.is_unread(&pattern.value.to_string()) {
        let (rule, message) = if pattern.value.is_pattern() {
            (
                Rule::NothingMatches,
                format!("nothing matches `{}`", pattern.value),
            )
        } else {
            (
                Rule::UnknownReference,
                format!("there is no chance, duration or amount at `{}`", pattern.value),
            )
        };
        let names: Vec<String> = catalogue.keys().map(ToString::to_string).collect();
        let help = suggest(&pattern.value.to_string(), names.iter().map(String::as_str));
        diagnostics.push(Diagnostic::at(rule, pattern.span, message, "").maybe_help(help));
    }
    found
}

/// For each address, the effects that act on it, by their place in the file, and its place in a copula.
pub(super) struct Targets {
    odds: HashMap<String, Vec<usize>>,
    hazard: HashMap<String, Vec<usize>>,
    scale: HashMap<String, Vec<usize>>,
    correlation: HashMap<String, (usize, usize)>,
}

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
        let mut targets = Self {
            odds: HashMap::new(),
            hazard: HashMap::new(),
            scale: HashMap::new(),
            correlation: HashMap::new(),
        };
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
                targets.correlation.insert(address.clone(), (group, member));
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
        for (address, kind) in covered(pattern, catalogue, diagnostics) {
            if let Err(fault) = check(action, pattern, address, kind) {
                diagnostics.push(fault);
                continue;
            }
            let list = match action {
                Action::Odds => &mut self.odds,
                Action::Hazard => &mut self.hazard,
                Action::Scale => &mut self.scale,
            };
            let effects = list.entry(address.to_string()).or_default();
            if !effects.contains(&effect) {
                effects.push(effect);
            }
        }
    }

    /// Effects on the odds of a chance.
    pub(super) fn odds(&self, address: &str) -> Vec<usize> {
        self.odds.get(address).cloned().unwrap_or_default()
    }

    /// Effects on the hazard of a duration.
    pub(super) fn hazard(&self, address: &str) -> Vec<usize> {
        self.hazard.get(address).cloned().unwrap_or_default()
    }

    /// Effects that scale a duration or amount.
    pub(super) fn scale(&self, address: &str) -> Vec<usize> {
        self.scale.get(address).cloned().unwrap_or_default()
    }

    /// Its place in a copula.
    pub(super) fn correlation(&self, address: &str) -> Option<(usize, usize)> {
        self.correlation.get(address).copied()
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
