//! What effects and correlations can act on: every address that can be a target, and which of them a pattern covers.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity};
use crate::scenario::address::Address;
use crate::scenario::process::{Form, Process};
use crate::scenario::quantity::{Given, Quantity};
use crate::scenario::read::Placed;
use crate::scenario::{Contributor, Scenario};

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
    /// What it is, with its article.
    pub(super) fn in_words(self) -> &'static str {
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

/// Every address that can be a target, with its kind, in the order of the addresses: those that begin with the same keys
/// stand together.
pub(super) struct Catalogue(Vec<(Address, Kind)>);

impl Catalogue {
    /// The catalogue of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut catalogue = Self(Vec::new());
        for capability in scenario.capabilities.values() {
            catalogue.amount(capability.value.initial.as_ref().map(|of| &of.quantity));
        }
        scenario
            .ceasefire
            .iter()
            .for_each(|process| catalogue.process(process));
        for contributor in scenario.contributors.values() {
            catalogue.contributor(&contributor.value);
        }
        for driver in scenario.drivers.values() {
            let quantity = &driver.value.value.quantity;
            let uncertain = is_uncertain(quantity);
            catalogue.add(&quantity.address, Kind::Latent { uncertain });
        }
        for process in scenario.processes.values().chain(scenario.us_support.values()) {
            catalogue.process(&process.value);
        }
        // Nearly all stand in order already, of which this sort makes use.
        catalogue.0.sort_by(|(one, _), (other, _)| one.cmp(other));
        catalogue
    }

    /// How many targets there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The targets that a pattern covers, or a fault where it covers none.
    pub(super) fn covered(
        &self,
        pattern: &Placed<Address>,
        diagnostics: &mut Diagnostics,
    ) -> Vec<(&Address, Kind)> {
        let found: Vec<_> = self
            .below(pattern.value.fixed())
            .iter()
            .filter(|(address, _)| pattern.value.matches(address))
            .map(|(address, kind)| (address, *kind))
            .collect();
        if found.is_empty() && !diagnostics.is_unread(&pattern.value.text()) {
            self.refuse(pattern, diagnostics);
        }
        found
    }

    /// The targets whose addresses begin with these keys.
    fn below(&self, keys: &[Arc<str>]) -> &[(Address, Kind)] {
        let start = self.0.partition_point(|(address, _)| address.keys() < keys);
        let rest = &self.0[start..];
        let count = rest.partition_point(|(address, _)| address.keys().starts_with(keys));
        &rest[..count]
    }

    /// Reports a pattern that covers nothing.
    fn refuse(&self, pattern: &Placed<Address>, diagnostics: &mut Diagnostics) {
        let written = pattern.value.text();
        let (rule, message) = if pattern.value.is_pattern() {
            (Rule::NothingMatches, format!("nothing matches `{written}`"))
        } else {
            (
                Rule::UnknownReference,
                format!("there is no chance, duration or amount at `{written}`"),
            )
        };
        let mut fault = Diagnostic::at(rule, pattern.span, message, "");
        if !diagnostics.is_full(Severity::Error) {
            let names: Vec<String> = self.0.iter().map(|(address, _)| address.text()).collect();
            fault = fault.maybe_help(diagnostics.suggest(&written, names.iter().map(String::as_str)));
        }
        diagnostics.push(fault);
    }

    fn contributor(&mut self, contributor: &Contributor) {
        match (&contributor.chance, &contributor.stance) {
            (Some(chance), _) => self.chance(Some(&chance.quantity)),
            // The draw is its own, though the probability stands elsewhere.
            (None, Some(_)) => self.add(&contributor.address.key("chance"), Kind::Chance),
            (None, None) => {}
        }
        self.duration(contributor.decision.as_ref().map(|of| &of.quantity));
        for package in contributor.provides.values().map(|package| &package.value) {
            self.amount(Some(&package.amount.quantity));
            self.duration(package.notice_to_move.as_ref().map(|of| &of.quantity));
            self.duration(package.sustains.as_ref().map(|of| &of.quantity));
        }
    }

    fn process(&mut self, process: &Process) {
        match &process.form {
            Form::Short(short) => {
                self.chance(short.chance.as_ref());
                for duration in [&short.after, &short.lasts, &short.again] {
                    self.duration(duration.as_ref());
                }
            }
            Form::Full(full) => {
                for transition in &full.transitions {
                    self.chance(transition.chance.as_ref());
                    self.duration(transition.after.as_ref());
                }
            }
        }
    }

    fn chance(&mut self, chance: Option<&Quantity>) {
        if let Some(chance) = chance {
            self.add(&chance.address, Kind::Chance);
        }
    }

    fn duration(&mut self, duration: Option<&Quantity>) {
        let Some(duration) = duration else { return };
        let (continuous, uncertain) = match &duration.given {
            Given::Constant(_) => (false, false),
            Given::Uncertain(distribution) => (distribution.is_continuous(), true),
        };
        self.add(
            &duration.address,
            Kind::Duration {
                continuous,
                uncertain,
            },
        );
    }

    fn amount(&mut self, amount: Option<&Quantity>) {
        if let Some(amount) = amount {
            let uncertain = is_uncertain(amount);
            self.add(&amount.address, Kind::Amount { uncertain });
        }
    }

    fn add(&mut self, address: &Address, kind: Kind) {
        self.0.push((address.clone(), kind));
    }
}

fn is_uncertain(quantity: &Quantity) -> bool {
    matches!(quantity.given, Given::Uncertain(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;
    use crate::scenario::load::parse;

    /// Names of which one begins another, with letters that sort before and after the dot.
    const SCENARIO: &str = r#"
format = 1
start = 2025-01-01
horizon = "365d"

[ceasefire]
chance = 0.6
lasts = { exponential = { mean = 60 } }
again = "30d"

[contributors.ab]
chance = 0.3

[contributors.a]
chance = 0.3
decision = "3d"

[contributors.a-b]
stance = "eager"

[stances]
eager = 0.9
"#;

    fn covered(pattern: &str) -> Vec<String> {
        let scenario = parse("scenario", SCENARIO).scenario.expect("it can be read");
        let (source, start, end) = (0, 0, 0);
        let pattern = Placed {
            value: Address::parse(pattern).expect("sound"),
            span: Span { source, start, end },
        };
        let catalogue = Catalogue::of(&scenario);
        let covered = catalogue.covered(&pattern, &mut Diagnostics::default());
        covered.iter().map(|(address, _)| address.text()).collect()
    }

    #[test]
    fn a_pattern_covers_what_matches_it_in_the_order_of_the_keys() {
        let chances = [
            "contributors.a.chance",
            "contributors.a-b.chance",
            "contributors.ab.chance",
        ];
        assert_eq!(covered("contributors.*.chance"), chances);
        assert_eq!(covered("*.chance"), ["ceasefire.chance"]);
        assert_eq!(
            covered("ceasefire.*"),
            ["ceasefire.again", "ceasefire.chance", "ceasefire.lasts"]
        );
        assert_eq!(
            covered("contributors.a.*"),
            ["contributors.a.chance", "contributors.a.decision"]
        );
        assert_eq!(covered("contributors.a.decision"), ["contributors.a.decision"]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_covers_nothing() {
        for pattern in [
            "contributors.b.chance",
            "contributors",
            "zone.*",
            "contributors.a.chance.x",
        ] {
            assert_eq!(covered(pattern), [""; 0], "{pattern}");
        }
    }
}
