//! The arguments of a family, and why some are refused.

use std::collections::BTreeMap;
use std::fmt::Display;

use crate::distribution::{Distribution, Family, ParameterKind, quantiles};

/// The value of one parameter, already in the quantity's own unit.
#[derive(Clone, Debug)]
pub enum Argument {
    /// For [`ParameterKind::Value`], [`ParameterKind::Number`] and [`ParameterKind::Count`].
    Number(f64),
    /// For [`ParameterKind::Values`] and [`ParameterKind::Numbers`].
    Numbers(Vec<f64>),
    /// For [`ParameterKind::Laws`].
    Laws(Vec<Distribution>),
    /// For [`ParameterKind::Text`].
    Text(String),
}

impl From<f64> for Argument {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<Vec<f64>> for Argument {
    fn from(numbers: Vec<f64>) -> Self {
        Self::Numbers(numbers)
    }
}

impl From<Vec<Distribution>> for Argument {
    fn from(laws: Vec<Distribution>) -> Self {
        Self::Laws(laws)
    }
}

impl From<&str> for Argument {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// The arguments by their keys.
#[derive(Clone, Debug, Default)]
pub struct Arguments(pub BTreeMap<String, Argument>);

impl<const N: usize> From<[(&str, Argument); N]> for Arguments {
    fn from(arguments: [(&str, Argument); N]) -> Self {
        Self(
            arguments
                .into_iter()
                .map(|(key, argument)| (key.to_owned(), argument))
                .collect(),
        )
    }
}

impl Arguments {
    /// The number given for `key`.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<f64> {
        match self.0.get(key) {
            Some(Argument::Number(number)) => Some(*number),
            _ => None,
        }
    }

    /// The numbers given for all of `keys`, if each is given.
    #[must_use]
    pub fn all<const N: usize>(&self, keys: [&str; N]) -> Option<[f64; N]> {
        let mut numbers = [0.0; N];
        for (number, key) in numbers.iter_mut().zip(keys) {
            *number = self.number(key)?;
        }
        Some(numbers)
    }

    /// The list of numbers given for `key`.
    #[must_use]
    pub fn numbers(&self, key: &str) -> Option<&[f64]> {
        match self.0.get(key) {
            Some(Argument::Numbers(numbers)) => Some(numbers),
            _ => None,
        }
    }

    /// The list of distributions given for `key`.
    #[must_use]
    pub fn laws(&self, key: &str) -> Option<&[Distribution]> {
        match self.0.get(key) {
            Some(Argument::Laws(laws)) => Some(laws),
            _ => None,
        }
    }

    /// The text given for `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.0.get(key) {
            Some(Argument::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Checks what is common to all families: known keys, the right kinds, finite numbers, exactly
    /// one complete alternative.
    ///
    /// # Errors
    ///
    /// All faults of the single arguments; if there are none, the lack of a complete alternative.
    pub fn check(&self, family: &Family) -> Result<(), Vec<Refusal>> {
        let refusals: Vec<_> = self
            .0
            .iter()
            .filter_map(|(key, argument)| refuse_argument(family, key, argument))
            .collect();
        if !refusals.is_empty() {
            return Err(refusals);
        }
        if family
            .alternatives
            .iter()
            .any(|keys| self.are_exactly(keys, family.optional))
        {
            return Ok(());
        }
        Err(vec![self.incomplete(family)])
    }

    /// Whether the keys given are `required`, perhaps with some of `optional`.
    fn are_exactly(&self, required: &[&str], optional: &[&str]) -> bool {
        let matches = |key: &str, pattern: &str| {
            key == pattern || (pattern == quantiles::OPEN_KEY && quantiles::probability(key).is_some())
        };
        let is_known = |key: &String| {
            required
                .iter()
                .chain(optional)
                .any(|pattern| matches(key, pattern))
        };
        required
            .iter()
            .all(|pattern| self.0.keys().any(|key| matches(key, pattern)))
            && self.0.keys().all(is_known)
    }

    fn incomplete(&self, family: &Family) -> Refusal {
        let given: Vec<_> = self.0.keys().map(|key| format!("`{key}`")).collect();
        let given = match given.split_last() {
            None => "nothing".to_owned(),
            Some((only, [])) => only.clone(),
            Some((last, others)) => format!("{} and {last}", others.join(", ")),
        };
        let message = format!(
            "`{}` needs {}; given: {given}",
            family.name,
            family.alternatives_in_words()
        );
        Refusal::of_the_whole(message, format!("for example {}", family.example))
    }

    /// The refusal of arguments that fit no alternative: what a family's `build` answers when it is
    /// called without [`check`](Self::check).
    pub(crate) fn unfit<T>(&self, family: &Family) -> Result<T, Vec<Refusal>> {
        Err(vec![self.incomplete(family)])
    }
}

/// Why this one argument cannot be one of `family`, if so.
fn refuse_argument(family: &Family, key: &str, argument: &Argument) -> Option<Refusal> {
    let Some(parameter) = family.parameter(key) else {
        let message = format!("`{key}` is not a parameter of `{}`", family.name);
        let optional: Vec<_> = family
            .optional
            .iter()
            .map(|key| format!("; optional: `{key}`"))
            .collect();
        let help = format!("it takes {}{}", family.alternatives_in_words(), optional.concat());
        return Some(Refusal::new(key, message, help));
    };
    let is_finite = |numbers: &[f64]| numbers.iter().all(|number| number.is_finite());
    let fault = match (parameter.kind, argument) {
        (ParameterKind::Value | ParameterKind::Number | ParameterKind::Count, Argument::Number(number))
            if !number.is_finite() =>
        {
            format!("`{key}` is {number}, which is not a finite number")
        }
        (ParameterKind::Values | ParameterKind::Numbers, Argument::Numbers(numbers))
            if !is_finite(numbers) =>
        {
            format!("`{key}` has an entry that is not a finite number")
        }
        (ParameterKind::Count, Argument::Number(number)) if *number < 0.0 || number.fract() != 0.0 => {
            format!("`{key}` is {number}, which is not a whole number, 0 or more")
        }
        (ParameterKind::Value | ParameterKind::Number | ParameterKind::Count, Argument::Number(_))
        | (ParameterKind::Values | ParameterKind::Numbers, Argument::Numbers(_))
        | (ParameterKind::Laws, Argument::Laws(_))
        | (ParameterKind::Text, Argument::Text(_)) => return None,
        (kind, _) => format!("`{key}` must be {}", in_words(kind)),
    };
    Some(Refusal::new(
        key,
        fault,
        format!("`{key}` is {}", parameter.meaning),
    ))
}

fn in_words(kind: ParameterKind) -> &'static str {
    match kind {
        ParameterKind::Value | ParameterKind::Number => "a number",
        ParameterKind::Count => "a whole number, 0 or more",
        ParameterKind::Values | ParameterKind::Numbers => "a list of numbers",
        ParameterKind::Laws => "a list of distributions",
        ParameterKind::Text => "a text",
    }
}

/// Why parameters are impossible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The key at fault; none, if it is the whole.
    pub parameter: Option<String>,
    /// What is wrong, with the numbers.
    pub message: String,
    /// What would be right.
    pub help: Option<String>,
}

impl Refusal {
    /// A fault of one parameter.
    #[must_use]
    pub fn new(parameter: &str, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            parameter: Some(parameter.to_owned()),
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// A fault of the parameters together.
    #[must_use]
    pub fn of_the_whole(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            parameter: None,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// The faults that a family finds in its arguments, gathered so that all are told at once.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Refusal>);

impl Faults {
    /// Refuses `key`, unless `holds`. Message and help are written only then: nearly always all holds, and to write
    /// numbers takes longer than to compare them.
    pub(crate) fn require(&mut self, holds: bool, key: &str, message: impl Display, help: impl Display) {
        if !holds {
            self.0
                .push(Refusal::new(key, message.to_string(), help.to_string()));
        }
    }

    /// Requires `value` > 0.
    pub(crate) fn positive(&mut self, key: &str, value: f64) {
        self.require(
            value > 0.0,
            key,
            format_args!("`{key}` is {value}"),
            format_args!("`{key}` must be above 0"),
        );
    }

    /// Requires `low` < `high`.
    pub(crate) fn increasing(&mut self, (low_key, low): (&str, f64), (high_key, high): (&str, f64)) {
        if low < high {
            return;
        }
        let message = format!("`{high_key}` is {high}, which is not above `{low_key}`, {low}");
        let help = if low > high {
            format!("did you swap them? `{low_key}` must be below `{high_key}`")
        } else {
            format!(
                "`{low_key}` must be below `{high_key}`; if the value is certain, write the number itself: {low}"
            )
        };
        self.0.push(Refusal::new(high_key, message, help));
    }

    /// Requires `min` < `max` and `min` ≤ `mode` ≤ `max`.
    pub(crate) fn mode_within(&mut self, min: f64, mode: f64, max: f64) {
        self.increasing(("min", min), ("max", max));
        let is_within = min >= max || (min..=max).contains(&mode);
        let message = format_args!("`mode` is {mode}, which is not between `min`, {min}, and `max`, {max}");
        self.require(
            is_within,
            "mode",
            message,
            "`mode` is the most likely value: min ≤ mode ≤ max",
        );
    }

    /// Requires weights that are not negative, do not sum to zero and are as many as `things`.
    pub(crate) fn weights(&mut self, weights: &[f64], things: &str, count: usize) {
        let given = weights.len();
        self.require(
            count > 0,
            things,
            format_args!("`{things}` is empty"),
            "give at least one",
        );
        let message = format_args!("there are {given} weights for {count} `{things}`");
        self.require(
            given == count,
            "weights",
            message,
            format_args!("give one weight for each of `{things}`"),
        );
        if let Some(weight) = weights.iter().find(|weight| **weight < 0.0) {
            self.require(
                false,
                "weights",
                format_args!("one of `weights` is {weight}"),
                "a weight must be 0 or more",
            );
        }
        let total: f64 = weights.iter().sum();
        let is_usable = count == 0 || given != count || (total > 0.0 && total.is_finite());
        self.require(
            is_usable,
            "weights",
            format_args!("`weights` sum to {total}"),
            "at least one weight must be above 0; their sum need not be 1",
        );
    }

    /// The faults found, if any.
    pub(crate) fn finish(self) -> Result<(), Vec<Refusal>> {
        if self.0.is_empty() { Ok(()) } else { Err(self.0) }
    }
}
