//! Numbers and distributions in words.

use super::text::{counted, exact, percent, rounded};
use crate::distribution::{Distribution, describe};
use crate::scenario::quantity::{Given, Quantity};

/// What the numbers of a quantity count.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unit<'a> {
    /// Days.
    Days,
    /// Chances, shown as percentages.
    Chance,
    /// Things of this name; without one, bare numbers.
    Of(Option<&'a str>),
}

/// A number, or a distribution as its mean and three percentiles.
pub(super) fn in_words(quantity: &Quantity, unit: Unit<'_>) -> String {
    match &quantity.given {
        Given::Constant(value) => constant(*value, unit),
        Given::Uncertain(distribution) => uncertain(distribution, unit),
    }
}

fn constant(value: f64, unit: Unit<'_>) -> String {
    match unit {
        Unit::Days => counted(&exact(value), "day"),
        Unit::Chance => percent(value),
        Unit::Of(name) => super::amounts::amount(&exact(value), name),
    }
}

fn uncertain(distribution: &Distribution, unit: Unit<'_>) -> String {
    let summary = describe(distribution);
    let scale = if matches!(unit, Unit::Chance) { 100.0 } else { 1.0 };
    let mean = rounded(scale * summary.mean);
    let mean = match unit {
        Unit::Days => counted(&mean, "day"),
        Unit::Chance => format!("{mean}\u{a0}%"),
        Unit::Of(name) => super::amounts::amount(&mean, name),
    };
    let percentiles = [summary.p5, summary.p50, summary.p95].map(|value| rounded(scale * value));
    format!(
        "{mean} on average (5–50–95\u{a0}%: {}, {})",
        percentiles.join("\u{a0}/ "),
        distribution.name()
    )
}

/// The mean of a quantity.
pub(super) fn mean(quantity: &Quantity) -> f64 {
    match &quantity.given {
        Given::Constant(value) => *value,
        Given::Uncertain(distribution) => distribution.mean(),
    }
}

/// Whether a quantity is the constant 0.
pub(super) fn is_zero(quantity: &Quantity) -> bool {
    matches!(quantity.given, Given::Constant(value) if value == 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::{Argument, Arguments, family};

    #[test]
    fn a_distribution_is_its_mean_and_percentiles() {
        let arguments = [("min", 0.1), ("max", 0.3)]
            .into_iter()
            .map(|(key, value)| (key.to_owned(), Argument::Number(value)))
            .collect();
        let uniform = family("uniform").unwrap();
        let distribution = Distribution::new(uniform, &Arguments(arguments), None, None).unwrap();
        assert_eq!(
            uncertain(&distribution, Unit::Chance),
            "20\u{a0}% on average (5–50–95\u{a0}%: 11\u{a0}/ 20\u{a0}/ 29, uniform)"
        );
        assert_eq!(constant(1.0, Unit::Days), "1\u{a0}day");
        assert_eq!(constant(1e5, Unit::Of(Some("soldiers"))), "100,000 soldiers");
    }
}
