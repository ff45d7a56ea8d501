//! What came of the claims of scenarios: for people, for programs, and for continuous integration.

use std::fmt::{self, Write as _};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::changes::Since;
use crate::estimate::Estimate;
use crate::metric::metric;
use crate::verdict::Answer;

mod github;
mod json;
mod junit;
mod markdown;
mod terminal;

pub use terminal::{scenario, summary};

/// What came of one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Scenario {
    /// The file, as it was named.
    pub file: String,
    /// Its faults, where it has any: then nothing was judged.
    pub faults: Vec<Fault>,
    /// How many futures were played.
    pub trials: u64,
    /// Where their draws start from.
    pub seed: u64,
    /// Its claims.
    pub claims: Vec<Claim>,
    /// How long judging it took.
    #[serde(skip)]
    pub took: Duration,
    /// How it stands to an earlier result, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// Why a scenario was not judged.
#[derive(Clone, Debug, Serialize)]
pub struct Fault {
    /// Where in which file, which may be one that the scenario extends; none, if it is no fault of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// What is wrong.
    pub message: String,
}

/// A place in a text.
#[derive(Clone, Debug, Serialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { file, line, column }) = &self.place {
            write!(formatter, "{file}:{line}:{column}: ")?;
        }
        formatter.write_str(&self.message)
    }
}

/// What came of one claim.
#[derive(Clone, Debug, Serialize)]
pub struct Claim {
    /// Its address in the scenario.
    pub address: String,
    /// The file in which it stands: the scenario, or one that it extends.
    pub file: String,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The claim in words.
    pub words: String,
    /// Why it is made.
    pub note: Option<String>,
    /// What came of it.
    #[serde(serialize_with = "name")]
    pub answer: Answer,
    /// Confidence with which it was judged.
    pub confidence: f64,
    /// What was found, in words.
    pub found: String,
    /// The figure, or for a quantile the chance of being below each bound, with an interval that holds at every look.
    pub means: Vec<Estimate>,
    /// How long it took until it was decided, or until judging ended.
    #[serde(skip)]
    pub took: Duration,
}

/// A form in which the outcome of all scenarios can be had.
#[derive(Clone, Copy, Debug)]
pub struct Format {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub meaning: &'static str,
    /// Its bytes.
    pub write: fn(&[Scenario]) -> Vec<u8>,
}

/// All forms but that for the terminal.
pub static FORMATS: &[Format] = &[
    Format {
        name: "json",
        meaning: "Everything, for programs.",
        write: json::write,
    },
    Format {
        name: "junit",
        meaning: "The XML of JUnit, which most systems of continuous integration read: a suite a scenario, a case a claim.",
        write: junit::write,
    },
    Format {
        name: "github",
        meaning: "Annotations of GitHub Actions, one for each fault and each claim that does not hold.",
        write: github::write,
    },
    Format {
        name: "markdown",
        meaning: "A table of all claims, for summaries and comments.",
        write: markdown::write,
    },
];

/// The form of a name, which is one of [`FORMATS`].
///
/// # Panics
/// If there is no such form.
#[must_use]
pub fn format(name: &str) -> &'static Format {
    let found = FORMATS.iter().find(|format| format.name == name);
    found.unwrap_or_else(|| panic!("{name} is no form of claims"))
}

/// How many claims have each answer, and how many scenarios have faults.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Claims that hold.
    pub hold: usize,
    /// Claims that fail.
    pub fail: usize,
    /// Claims that are undecided.
    pub undecided: usize,
    /// Scenarios with faults.
    pub faulty: usize,
    /// Scenarios without faults that claim nothing.
    pub without_claims: usize,
}

impl Counts {
    /// Those of some scenarios.
    #[must_use]
    pub fn of(scenarios: &[Scenario]) -> Self {
        let answers = |wanted| {
            let claims = scenarios.iter().flat_map(|scenario| &scenario.claims);
            claims.filter(|claim| claim.answer == wanted).count()
        };
        Self {
            hold: answers(Answer::Holds),
            fail: answers(Answer::Fails),
            undecided: answers(Answer::Undecided),
            faulty: scenarios
                .iter()
                .filter(|scenario| !scenario.faults.is_empty())
                .count(),
            without_claims: scenarios
                .iter()
                .filter(|scenario| scenario.faults.is_empty() && scenario.claims.is_empty())
                .count(),
        }
    }
}

impl Answer {
    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Fails => "fails",
            Self::Undecided => "undecided",
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the form that serde calls")]
fn name<S: serde::Serializer>(answer: &Answer, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(answer.name())
}

/// What a claim says, as far as its words depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Said<'c> {
    /// The name of the metric.
    pub metric: &'c str,
    /// What it is a figure of.
    pub subject: &'c str,
    /// On which day.
    pub day: Option<f64>,
    /// Which quantile.
    pub quantile: Option<f64>,
    /// The scenario that it compares with.
    pub compared_with: Option<&'c str>,
    /// Its bounds.
    pub bounds: (Option<f64>, Option<f64>),
    /// The first day of the scenario.
    pub start: Date,
}

impl Said<'_> {
    /// The claim in words, such as `mission: ready_by on day 540 (2026-10-02) is at least 20 %`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = format!("{}: {}", self.subject, self.metric);
        if let Some(quantile) = self.quantile {
            let _ = write!(words, " p{}", plain(100.0 * quantile));
        }
        if let Some(day) = self.day {
            #[allow(clippy::cast_possible_truncation, reason = "days are far below 2^63")]
            let date = self.start.checked_add((day as i64).days());
            let date = date.map_or_else(|_| String::new(), |date| format!(" ({date})"));
            let _ = write!(words, " on day {}{date}", plain(day));
        }
        if let Some(other) = self.compared_with {
            let _ = write!(words, ", less that of {other},");
        }
        let bound = |bound| self.bound(bound);
        words
            + &match self.bounds {
                (Some(low), Some(high)) => format!(" lies between {} and {}", bound(low), bound(high)),
                (Some(low), None) => format!(" is at least {}", bound(low)),
                (None, Some(high)) => format!(" is at most {}", bound(high)),
                (None, None) => " is what it is".to_owned(),
            }
    }

    /// Whether the figure is a part of all futures.
    fn is_part(&self) -> bool {
        metric(self.metric).is_some_and(|(metric, _)| matches!(metric.unit, "probability" | "share"))
    }

    fn bound(&self, bound: f64) -> String {
        if self.is_part() {
            format!("{} %", plain(100.0 * bound))
        } else {
            plain(bound)
        }
    }

    /// What was found, in words: the figure with its interval; for a quantile, how likely it is to be below its bounds.
    #[must_use]
    pub fn found(&self, means: &[Estimate]) -> String {
        if self.quantile.is_none() {
            let figure = |mean: &Estimate| {
                if self.is_part() {
                    percent(mean)
                } else {
                    number(mean)
                }
            };
            return means.iter().map(figure).collect::<Vec<_>>().join(", ");
        }
        let bounds = [(self.bounds.0, "below"), (self.bounds.1, "at most")];
        let bounds = bounds
            .into_iter()
            .filter_map(|(bound, words)| Some((bound?, words)));
        let parts = bounds
            .zip(means)
            .map(|((bound, words), mean)| format!("{words} {} in {}", plain(bound), percent(mean)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

/// A number without more digits than it needs.
fn plain(value: f64) -> String {
    super::number::plain((value * 1e9).round() / 1e9)
}

/// A part of all futures, or a difference of two, in per cent to the digits that its interval supports.
fn percent(mean: &Estimate) -> String {
    scaled(mean, 100.0, " %")
}

/// The same for any other figure.
fn number(mean: &Estimate) -> String {
    scaled(mean, 1.0, "")
}

/// A figure with its interval; both ends have two digits of the half-width.
fn scaled(mean: &Estimate, by: f64, unit: &str) -> String {
    let half_width = by * (mean.high - mean.low) / 2.0;
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 9"
    )]
    let decimals = if half_width > 0.0 {
        (1.0 - half_width.log10().floor()).clamp(0.0, 9.0) as usize
    } else {
        2
    };
    let [estimate, low, high] = [mean.estimate, mean.low, mean.high].map(|value| {
        // Of a mean without bounds nothing may be known yet.
        match by * value {
            f64::INFINITY => "∞".to_owned(),
            f64::NEG_INFINITY => "-∞".to_owned(),
            value => format!("{value:.decimals$}"),
        }
    });
    format!("{estimate}{unit} ({low} to {high})")
}

#[cfg(test)]
mod tests;
