//! Quantities: a number, or a distribution, of a dimension that says which numbers are possible and how they are
//! written.

use std::marker::PhantomData;

use serde_json::json;

use super::address::Address;
use super::read::{Definitions, Read, Reader, define};
use super::slip;
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Rule, Span, shortened};
use crate::distribution::Distribution;

mod schema;
mod uncertain;

use schema::{distribution_schema, number_schema};
use uncertain::uncertain;

/// Days in a month and in a year, as durations count them: 365.25 / 12 and 365.25.
const DAYS_PER_MONTH: f64 = 30.4375;
const DAYS_PER_YEAR: f64 = 365.25;

/// The units of a duration: suffix, days, meaning.
pub const UNITS: &[(&str, f64, &str)] = &[
    ("d", 1.0, "days"),
    ("w", 7.0, "weeks"),
    ("mo", DAYS_PER_MONTH, "months of 30.4375 days"),
    ("y", DAYS_PER_YEAR, "years of 365.25 days"),
];

/// A number or a distribution, read and checked.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Where it stands.
    pub span: Span,
    /// Its address; the stream of its draws belongs to it.
    pub address: Address,
    /// What it is.
    pub given: Given,
}

/// What a quantity is.
#[derive(Clone, Debug)]
pub enum Given {
    /// The same in every trial.
    Constant(f64),
    /// Drawn.
    Uncertain(Distribution),
}

impl Quantity {
    /// The smallest and the largest value that can be drawn.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match &self.given {
            Given::Constant(value) => (*value, *value),
            Given::Uncertain(distribution) => distribution.support(),
        }
    }
}

/// What the numbers of a quantity mean.
pub trait Dimension: Clone + std::fmt::Debug {
    /// What a value is called in messages, with its article.
    const NAME: &'static str;
    /// Name of its definition in the JSON Schema.
    const SCHEMA: &'static str;
    /// The smallest possible value.
    const LEAST: f64;
    /// The largest possible value.
    const MOST: f64;
    /// Whether durations with units may be written.
    const IN_DAYS: bool = false;
    /// Whether zero itself is possible; only of interest where [`Dimension::LEAST`] is zero.
    const ZERO: bool = true;
    /// Whether values are added up, and so at most [`LARGEST_AMOUNT`].
    const IS_AMOUNT: bool = false;
}

macro_rules! dimensions {
    ($($(#[doc = $doc:literal])+ $name:ident: $noun:literal in $least:expr, $most:expr $(, $key:ident = $value:expr)*;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Dimension for $name {
                const NAME: &'static str = $noun;
                const SCHEMA: &'static str = stringify!($name);
                const LEAST: f64 = $least;
                const MOST: f64 = $most;
                $(const $key: bool = $value;)*
            }
        )+
    };
}

dimensions! {
    /// A length of time in days, at least 0.
    Duration: "a duration" in 0.0, f64::INFINITY, IN_DAYS = true;
    /// An amount in the unit of its capability, at least 0.
    Amount: "an amount" in 0.0, f64::INFINITY, IS_AMOUNT = true;
    /// A probability, 0 to 1.
    Chance: "a chance" in 0.0, 1.0;
    /// The value of a driver: any number.
    Latent: "a number" in f64::NEG_INFINITY, f64::INFINITY;
    /// A factor, above 0.
    Ratio: "a ratio" in 0.0, f64::INFINITY, ZERO = false;
}

/// A quantity of one dimension.
#[derive(Clone, Debug)]
pub struct Of<D> {
    /// The quantity itself.
    pub quantity: Quantity,
    dimension: PhantomData<D>,
}

impl<D: Dimension> Read for Of<D> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let given = match &node.value {
            Value::Table(table) => Given::Uncertain(uncertain::<D>(node, table, at, reader)?),
            _ => Given::Constant(constant::<D>(node, at, reader)?),
        };
        let quantity = Quantity {
            span: node.span,
            address: at.clone(),
            given,
        };
        Some(Self {
            quantity,
            dimension: PhantomData,
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let families = distribution_schema::<D>(definitions);
        define(
            D::SCHEMA,
            definitions,
            |_| json!({ "anyOf": [number_schema::<D>(), families] }),
        )
    }
}

/// The shortest horizon: about a second, a few ticks of the engine.
const SHORTEST: f64 = 0.000_01;

/// A duration without uncertainty, such as the horizon; at least about a second.
#[derive(Clone, Copy, Debug)]
pub struct Days(pub f64);

impl Read for Days {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        if node.table().is_some() {
            reader.wrong_type_with(
                node,
                at,
                "a fixed duration",
                Some("this one cannot be uncertain: write \"540d\"".into()),
            );
            return None;
        }
        let days = constant::<Duration>(node, at, reader)?;
        if days >= SHORTEST {
            return Some(Self(days));
        }
        let message = format!("`{at}` must be at least {SHORTEST} days long");
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, node.span, message, ""));
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        number_schema::<Duration>()
    }
}

/// The largest amount that is written: sums of millions of them stay exact in the steps of the engine.
pub const LARGEST_AMOUNT: f64 = 1_073_741_824.0;

/// Reports an amount that is larger than the engine can add up exactly; true if it is.
fn is_too_large<D: Dimension>(value: f64, node: &Node, at: &Address, reader: &mut Reader<'_>) -> bool {
    let is_too_large = D::IS_AMOUNT && value > LARGEST_AMOUNT;
    if is_too_large {
        let message = format!("`{at}` must be {} of at most {LARGEST_AMOUNT}", D::NAME);
        let fault = Diagnostic::at(
            Rule::OutOfRange,
            node.span,
            message,
            format!("this goes up to {value:.0}"),
        );
        reader
            .diagnostics
            .push(fault.help("count in a larger unit, such as thousands or millions"));
    }
    is_too_large
}

/// Reads a number of a dimension and checks its range.
fn constant<D: Dimension>(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<f64> {
    let value = number::<D>(node, at, reader)?;
    let is_possible = value >= D::LEAST && value <= D::MOST && (D::ZERO || value != 0.0);
    if !is_possible {
        let message = format!("`{at}` must be {} {}", D::NAME, range::<D>());
        let label = format!("this is {value}");
        let help = percent_meant::<D>(value);
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, node.span, message, label).maybe_help(help));
        return None;
    }
    (!is_too_large::<D>(value, node, at, reader)).then_some(value)
}

/// How a percentage is written, where a number can only be meant as one.
fn percent_meant<D: Dimension>(value: f64) -> Option<String> {
    let is_percentage = D::MOST == 1.0 && value > 1.0 && value <= 100.0;
    let share = is_percentage
        .then(|| slip::percent(&format!("{value}%")))
        .flatten()?;
    Some(format!("{value} % is written {share}"))
}

/// The range of a dimension, in words.
fn range<D: Dimension>() -> String {
    match (D::LEAST, D::MOST) {
        (least, most) if most.is_finite() => format!("from {least} to {most}"),
        (least, _) if least.is_finite() && D::ZERO => format!("of at least {least}"),
        (least, _) if least.is_finite() => format!("above {least}"),
        _ => "that is finite".to_owned(),
    }
}

/// Reads a number as it is written in a dimension, without a check of its range.
fn number<D: Dimension>(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<f64> {
    if let Some(number) = node.number() {
        return Some(number);
    }
    match &node.value {
        Value::Text(text) if D::IN_DAYS => days(text)
            .map_err(|(message, help)| {
                let diagnostic = Diagnostic::at(Rule::WrongUnit, node.span, format!("`{at}`: {message}"), "");
                reader.diagnostics.push(diagnostic.help(help));
            })
            .ok(),
        Value::Text(_) => {
            reader.no_number(node, at, D::NAME);
            None
        }
        _ => {
            let expected = if D::IN_DAYS {
                "a duration: a number of days, or a text such as \"6w\""
            } else {
                D::NAME
            };
            reader.wrong_type(node, at, expected);
            None
        }
    }
}

/// Days of a duration that is written with a unit.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn days(text: &str) -> Result<f64, (String, String)> {
    let text = text.trim();
    let split = text
        .find(|letter: char| !(letter.is_ascii_digit() || ".,-+_".contains(letter)))
        .unwrap_or(text.len());
    let (digits, unit) = (text[..split].replace('_', ""), text[split..].trim());
    let all = || {
        let units: Vec<_> = UNITS
            .iter()
            .map(|(suffix, _, meaning)| format!("`{suffix}` ({meaning})"))
            .collect();
        format!("a duration is a number and a unit: {}", units.join(", "))
    };
    let Ok(count) = digits.parse::<f64>() else {
        let meant = slip::number(&digits).map(|number| format!("write \"{number}{unit}\""));
        let message = format!("`{}` is no duration", shortened(text));
        return Err((message, meant.unwrap_or_else(all)));
    };
    match UNITS.iter().find(|(suffix, _, _)| *suffix == unit) {
        Some((_, length, _)) => Ok(count * length),
        None if unit.is_empty() => Err((
            format!("`{text}` lacks a unit"),
            format!("write \"{text}d\" for days; {}", all()),
        )),
        None => Err((
            format!("`{}` is no unit of time", shortened(unit)),
            unit_meant(&digits, unit).unwrap_or_else(all),
        )),
    }
}

/// What somebody who wrote another word for a unit will have meant.
fn unit_meant(digits: &str, unit: &str) -> Option<String> {
    let suffix = match unit.to_ascii_lowercase().as_str() {
        "day" | "days" => "d",
        "week" | "weeks" | "wk" => "w",
        "m" | "month" | "months" | "mon" => "mo",
        "a" | "yr" | "year" | "years" => "y",
        "h" | "hour" | "hours" => return Some("days are the finest unit: an hour is \"0.0417d\"".to_owned()),
        _ => return None,
    };
    Some(format!("did you mean \"{digits}{suffix}\"?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_time() {
        assert_eq!(days("14d"), Ok(14.0));
        assert_eq!(days(" 1_000 d "), Ok(1000.0));
        assert_eq!(days("2w"), Ok(14.0));
        assert_eq!(days("1.5mo"), Ok(45.656_25));
        assert_eq!(days("1y"), Ok(365.25));
        assert!(days("14").is_err());
        assert!(days("6m").unwrap_err().1.contains("6mo"));
        assert!(days("soon").is_err());
    }
}
