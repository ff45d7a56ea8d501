//! Claims about results, judged: whether a figure lies where a scenario says that it does.
//!
//! # How a claim is judged
//! Each trial says something of the figure: yes or no, a share, a number of days, a total. The figure is the mean over
//! all trials, so a [`Question`] asks where a mean lies; a claim about a quantile is one about the chance of being below
//! or above its bound. Futures are played, and after each round the confidence sequence of every question is looked at
//! ([`sequence`](crate::estimate::sequence)): intervals that hold at all looks at once, so that stopping as soon as the
//! answer is known spoils nothing. A claim *holds* when its interval lies within the bounds, *fails* when it lies
//! outside, and is *undecided* as long as it does neither. Where a quantile of times and its bound both lie beyond the horizon, no
//! number of futures tells which of them comes first: it stays undecided, for that reason.
//!
//! A claim that compares two scenarios is judged on pairs: both live through the same futures, and what is judged is the
//! mean of the differences, trial by trial. What both have in common cancels.
//!
//! # What the confidence means
//! A claim of confidence 1 − α that is true is refuted, and one that is false is confirmed, with a chance of at most α,
//! whenever the judging ends. This is promised of each claim by itself, not of all claims of a scenario together.

mod evidence;
mod judge;

pub use evidence::Evidence;
pub use judge::{Answer, Court, Judgement};

use crate::metric::Argument;
use crate::model::{Claim, Model};
use crate::plan::Plan;
use crate::probe::{Figure, Probe};

/// What is asked of one figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// What each trial says.
    pub probe: Probe,
    /// The same in the scenario that this one is compared with: then the mean of the differences is asked about.
    pub minus: Option<Probe>,
    /// The lowest mean that the claim allows.
    pub at_least: Option<f64>,
    /// The highest.
    pub at_most: Option<f64>,
    /// Whether the probe sees only a part of what it asks about, since trials are not followed so long: then the mean is at least what is
    /// seen, and may be anything above it.
    pub is_cut: bool,
}

/// The questions that a claim comes to: it holds if the answer to each is yes. `other` is the scenario that it compares
/// with, if it does.
///
/// # Errors
/// A sentence, if the other scenario is missing or has no such subject, or the figure cannot be judged.
pub fn questions(
    claim: &Claim,
    own: (&Model, &Plan),
    other: Option<(&Model, &Plan)>,
) -> Result<Vec<Question>, String> {
    // Judged by itself, a claim about a difference would be another claim.
    if let (Some(written), None) = (&claim.compared_with, &other) {
        return Err(format!("`{written}`, which it compares with, is not there"));
    }
    if is_quantile(claim) {
        return quantile_questions(claim, own);
    }
    let question = Question {
        probe: Probe::of_mean(figure(claim), own)?,
        minus: other
            .map(|other| Probe::of_mean(figure(claim), other))
            .transpose()?,
        at_least: claim.at_least,
        at_most: claim.at_most,
        is_cut: false,
    };
    Ok(vec![question])
}

/// The figure that a claim is about.
fn figure(claim: &Claim) -> Figure<'_> {
    Figure {
        metric: &claim.metric,
        subject: &claim.subject,
        day: claim.day,
    }
}

/// Whether a claim is about a quantile.
fn is_quantile(claim: &Claim) -> bool {
    crate::metric::metric(&claim.metric).is_some_and(|(metric, _)| metric.argument == Argument::Quantile)
}

/// The quantile of q is at most x just if a value is at most x with a chance of at least q; it is at least x if a value
/// is below x with a chance of at most q.
fn quantile_questions(claim: &Claim, own: (&Model, &Plan)) -> Result<Vec<Question>, String> {
    let quantile = claim.quantile.unwrap_or(0.5);
    let below = |bound: f64, includes: bool| Probe::of_quantile(figure(claim), own, bound, includes);
    // What comes after the horizon is not seen, and so may come before a bound that lies there, too.
    let is_cut = |bound: f64| claim.metric == "time" && own.1.time.ticks(bound) > own.1.time.horizon();
    let mut questions = Vec::new();
    if let Some(bound) = claim.at_least {
        questions.push(Question {
            probe: below(bound, false)?,
            minus: None,
            at_least: None,
            at_most: Some(quantile),
            is_cut: is_cut(bound),
        });
    }
    if let Some(bound) = claim.at_most {
        questions.push(Question {
            probe: below(bound, true)?,
            minus: None,
            at_least: Some(quantile),
            at_most: None,
            is_cut: is_cut(bound),
        });
    }
    Ok(questions)
}
