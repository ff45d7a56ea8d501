//! What has changed between an earlier result of a scenario and the present one.
//!
//! Two results are compared figure by figure, as they are told: to the digits of `summary.csv`. Where both scenarios can be
//! played, they are played on the same futures once more, so that the difference of a mean is known trial by trial, far better
//! than each of the two ([`paired`](crate::estimate::paired)). Whether that is allowed is tried: the earlier scenario must come to the figures that it
//! came to then. Otherwise, and for quantiles, the two intervals are all that is known, and a difference has
//! the interval of independent figures ([`independent`]), which is too long rather than too short.

use std::collections::BTreeMap;

use rayon::ThreadPool;
use serde::Serialize;

use crate::estimate::{Estimate, independent};
use crate::study::run::{Order, Watch};
use crate::sweep::{Figure, Sought, Sweep, Variant};

/// A figure as a result tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What it is a figure of.
    pub subject: String,
    /// The name of its metric, with the percentage of a quantile: `time_p50`.
    pub metric: String,
    /// On which day.
    pub day: Option<u64>,
    /// The figure.
    pub figure: Estimate,
}

impl Told {
    /// Its name as options have it: `objectives.safe_skies:ready_by@365`.
    #[must_use]
    pub fn name(&self) -> String {
        let day = self.day.map_or_else(String::new, |day| format!("@{day}"));
        format!("{}:{}{day}", self.subject, self.metric)
    }
}

/// A figure that is another than it was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// What it is a figure of.
    pub subject: String,
    /// The name of its metric.
    pub metric: String,
    /// On which day.
    pub day: Option<u64>,
    /// What it was.
    pub old: Estimate,
    /// What it is.
    pub new: Estimate,
    /// How much it is above what it was; none where one of the two, or an end of its interval, lies beyond the horizon.
    pub difference: Option<Estimate>,
    /// Whether chance alone does not explain it: the interval of the difference leaves out zero, or the two intervals have
    /// nothing in common.
    pub is_beyond_noise: bool,
}

/// Two results compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Comparison {
    /// How many figures both have.
    pub compared: usize,
    /// Those that are others than they were.
    pub changes: Vec<Change>,
    /// Subjects that only the earlier result tells of.
    pub gone: Vec<String>,
    /// Subjects that only the present one tells of.
    pub added: Vec<String>,
}

/// Differences trial by trial, by the names of figures.
pub type Paired = BTreeMap<String, Estimate>;

/// Compares two results; `paired` has what is known of differences trial by trial.
#[must_use]
pub fn between(old: &[Told], new: &[Told], paired: &Paired) -> Comparison {
    let known: BTreeMap<String, &Told> = old.iter().map(|told| (told.name(), told)).collect();
    let both = new
        .iter()
        .filter_map(|new| Some((*known.get(&new.name())?, new)))
        .collect::<Vec<_>>();
    let changed = both
        .iter()
        .filter(|(old, new)| old.figure.estimate != new.figure.estimate);
    Comparison {
        compared: both.len(),
        changes: changed.map(|(old, new)| change(old, new, paired)).collect(),
        gone: missing(old, new),
        added: missing(new, old),
    }
}

fn change(old: &Told, new: &Told, paired: &Paired) -> Change {
    let apart = || independent::difference(&old.figure, &new.figure);
    let difference = paired.get(&new.name()).copied().or_else(apart);
    let is_beyond_noise = match difference {
        Some(difference) => difference.low > 0.0 || difference.high < 0.0,
        None => new.figure.low > old.figure.high || new.figure.high < old.figure.low,
    };
    Change {
        subject: new.subject.clone(),
        metric: new.metric.clone(),
        day: new.day,
        old: old.figure,
        new: new.figure,
        difference,
        is_beyond_noise,
    }
}

/// The subjects of one result that the other does not have, each once.
fn missing(of: &[Told], other: &[Told]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for told in of {
        let is_there = other.iter().any(|other| other.subject == told.subject);
        if !is_there && found.last() != Some(&told.subject) {
            found.push(told.subject.clone());
        }
    }
    found
}

/// Why there are no differences trial by trial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpaired {
    /// The earlier scenario comes to other figures now than it came to then.
    Other,
    /// A process of one of the scenarios never rests.
    Runaway,
}

/// Plays both scenarios on the futures of an earlier result, and returns the differences of all figures that have one trial by
/// trial; `told` is what that result tells. `None` if the watch ended it.
#[must_use]
pub fn replay(
    [old, new]: [&Variant; 2],
    told: &[Told],
    order: Order,
    confidence: f64,
    pool: &ThreadPool,
    watch: &dyn Watch,
) -> Option<Result<Paired, Unpaired>> {
    let find = |told: &'_ Told| -> Option<[Figure; 2]> {
        let sought = Sought(told.name());
        Some([sought.find(old).ok()?, sought.find(new).ok()?])
    };
    let (told, figures): (Vec<&Told>, Vec<[Figure; 2]>) =
        told.iter().filter_map(|told| Some((told, find(told)?))).unzip();
    let (old_figures, new_figures) = figures.into_iter().map(|[old, new]| (old, new)).unzip();
    let points = std::slice::from_ref(new);
    let sweep = Sweep::new(old, points, vec![old_figures, new_figures]);
    let Ok(outcomes) = sweep.play(order, confidence, pool, watch)? else {
        return Some(Err(Unpaired::Runaway));
    };
    let is_same = told
        .iter()
        .zip(&outcomes[0].figures)
        .all(|(told, found)| is_told(told.figure.estimate, found.estimate));
    if !is_same {
        return Some(Err(Unpaired::Other));
    }
    let differences = told.iter().zip(&outcomes[1].differences);
    Some(Ok(differences
        .filter_map(|(told, difference)| Some((told.name(), (*difference)?)))
        .collect()))
}

/// Whether a figure is the one that was told, which has nine digits.
fn is_told(told: f64, found: f64) -> bool {
    told == found || (told - found).abs() <= 1e-8 * told.abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(subject: &str, day: Option<u64>, [estimate, low, high]: [f64; 3]) -> Told {
        Told {
            subject: subject.to_owned(),
            metric: "ready_by".to_owned(),
            day,
            figure: Estimate {
                estimate,
                low,
                high,
                trials: 1000,
            },
        }
    }

    #[test]
    fn results_are_compared_figure_by_figure() {
        let old = [
            told("mission", Some(30), [0.1, 0.08, 0.12]),
            told("mission", Some(60), [0.2, 0.18, 0.22]),
            told("mission", Some(90), [0.3, 0.28, 0.32]),
            told("gates.a", None, [0.5, 0.4, 0.6]),
        ];
        let new = [
            told("mission", Some(30), [0.1, 0.08, 0.12]),
            told("mission", Some(60), [0.21, 0.19, 0.23]),
            told("mission", Some(90), [0.4, 0.38, 0.42]),
            told("gates.b", None, [0.5, 0.4, 0.6]),
        ];
        let found = between(&old, &new, &Paired::new());
        assert_eq!(found.compared, 3);
        let days: Vec<_> = found
            .changes
            .iter()
            .map(|change| (change.day, change.is_beyond_noise))
            .collect();
        assert_eq!(days, [(Some(60), false), (Some(90), true)]);
        assert_eq!(
            (found.gone, found.added),
            (vec!["gates.a".into()], vec!["gates.b".into()])
        );
        // The same futures tell more.
        let known = Estimate {
            estimate: 0.01,
            low: 0.008,
            high: 0.012,
            trials: 1000,
        };
        let paired = Paired::from([("mission:ready_by@60".to_owned(), known)]);
        assert!(between(&old, &new, &paired).changes[0].is_beyond_noise);
    }

    #[test]
    fn what_lies_beyond_the_horizon_changes_by_its_interval() {
        let never = f64::INFINITY;
        let old = [told("mission", None, [never, 400.0, never])];
        let compared = |figure| between(&old, &[told("mission", None, figure)], &Paired::new());
        assert!(compared([never, 300.0, never]).changes.is_empty());
        assert!(!compared([410.0, 300.0, never]).changes[0].is_beyond_noise);
        assert!(compared([350.0, 340.0, 360.0]).changes[0].is_beyond_noise);
    }
}
