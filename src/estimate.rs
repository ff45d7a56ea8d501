//! From tallies to figures: every estimate with its interval, its confidence and its number of trials.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use crate::draw::TICKS;
use crate::model::Model;
use crate::plan::{Grid, Plan, TOTAL_BINS};
use crate::tally::{COARSE, SubjectTally, Tally, TotalTally, WHOLE_SHARE};

pub mod mean;
pub mod monitor;
pub mod proportion;
pub mod quantile;
pub mod replicates;
pub mod sequence;

use proportion::wilson;

/// A figure with its interval.
///
/// Times may be infinite: beyond the horizon is a value, not a missing one. In JSON it is the text `"beyond"`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Estimate {
    /// The estimate.
    #[serde(serialize_with = "or_beyond")]
    pub estimate: f64,
    /// Lower end of the interval.
    #[serde(serialize_with = "or_beyond")]
    pub low: f64,
    /// Upper end of the interval.
    #[serde(serialize_with = "or_beyond")]
    pub high: f64,
    /// Trials behind it.
    pub trials: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn or_beyond<S: serde::Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(*value)
    } else {
        serializer.serialize_str("beyond")
    }
}

/// All figures of one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Results {
    /// The first day.
    pub start: Date,
    /// Days that each trial is followed.
    pub horizon: f64,
    /// Confidence of all intervals.
    pub confidence: f64,
    /// Trials played.
    pub trials: u64,
    /// The mission.
    pub mission: Subject,
    /// Trials in which every gate opens at some time, but never all at one.
    pub never_together: Estimate,
    /// The mission's objectives, then any others.
    pub objectives: Vec<Subject>,
    /// The gates.
    pub gates: Vec<Gate>,
    /// Named and labelled conditions that are not gates.
    pub conditions: Vec<Subject>,
    /// Capabilities.
    pub capabilities: Vec<Capability>,
    /// Contributors.
    pub contributors: Vec<Contributor>,
}

/// Figures of one yes/no fact.
#[derive(Clone, Debug, Serialize)]
pub struct Subject {
    /// What results call it: `mission`, `objectives.NAME`, `gates.ADDRESS`, `conditions.NAME`.
    pub subject: String,
    /// Its name for people.
    pub label: String,
    /// For each midnight from 0 on: it has held by then. The last entry is at the horizon.
    pub ready_by: Vec<Estimate>,
    /// For each midnight from 0 on: it holds then.
    pub ready_at: Vec<Estimate>,
    /// Quantiles of the first moment, in days.
    pub times: Vec<Quantile>,
    /// Expected days within the horizon on which it holds.
    pub days_ready: Estimate,
    /// It holds at some time and later ceases to.
    pub lost: Estimate,
}

/// One quantile.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quantile {
    /// Which, between 0 and 1.
    pub quantile: f64,
    /// Its value.
    #[serde(flatten)]
    pub value: Estimate,
}

/// Figures of one gate.
#[derive(Clone, Debug, Serialize)]
pub struct Gate {
    /// Figures of its being open.
    #[serde(flatten)]
    pub open: Subject,
    /// Its address in the scenario.
    pub address: String,
    /// Its share of the bottleneck.
    pub bottleneck: Estimate,
    /// For each midnight: the mission is ready by then if this gate is granted.
    pub ready_if_granted: Vec<Estimate>,
    /// The mission is ready within the horizon only if it is granted.
    pub decisive: Estimate,
}

/// Figures of one capability.
#[derive(Clone, Debug, Serialize)]
pub struct Capability {
    /// `capabilities.NAME`.
    pub subject: String,
    /// Its name for people.
    pub label: String,
    /// What its amounts count.
    pub unit: String,
    /// Totals are known to this precision.
    pub resolution: f64,
    /// For each midnight: the mean total.
    pub mean: Vec<Estimate>,
    /// For each midnight: 5, 25, 50, 75 and 95 % of the total.
    pub quantiles: Vec<Vec<Quantile>>,
}

/// Figures of one contributor.
#[derive(Clone, Debug, Serialize)]
pub struct Contributor {
    /// `contributors.NAME`.
    pub subject: String,
    /// Its name for people.
    pub label: String,
    /// For each midnight: it has pledged by then.
    pub pledged_by: Vec<Estimate>,
}

/// Quantiles of first moments that are reported.
pub const TIME_QUANTILES: [f64; 7] = [0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95];

/// Quantiles of totals that are reported.
pub const TOTAL_QUANTILES: [f64; 5] = [0.05, 0.25, 0.50, 0.75, 0.95];

impl Results {
    /// The figures that a tally of a model's plan comes to.
    #[must_use]
    pub fn new(model: &Model, plan: &Plan, tally: &Tally, confidence: f64) -> Self {
        let estimator = Estimator {
            trials: tally.trials,
            grid: plan.grid,
            horizon: plan.horizon,
            per_day: plan.time.per_day(),
            confidence,
        };
        let mut subjects = names(model)
            .into_iter()
            .zip(&tally.subjects)
            .zip(&plan.subjects)
            .map(|(((subject, label), tally), &signal)| {
                estimator.subject(subject, label, tally, plan.is_rising[signal])
            });
        let mut next = |count: usize| -> Vec<Subject> { subjects.by_ref().take(count).collect() };
        let mission = next(1).remove(0);
        let objectives = next(model.objectives.len());
        let gates = next(model.gates.len());
        let conditions = next(model.watched.len());
        let gates = gates
            .into_iter()
            .enumerate()
            .map(|(index, open)| estimator.gate(open, &model.gates[index].address, &tally.gates[index]))
            .collect();
        let capabilities = model.capabilities.iter().enumerate();
        let capabilities = capabilities
            .map(|(index, capability)| {
                estimator.capability(
                    capability,
                    Bins {
                        origin: plan.capabilities[index].origin,
                        width: plan.capabilities[index].bin,
                    },
                    &tally.totals[index],
                    tally.total_trials,
                )
            })
            .collect();
        let contributors = model.contributors.iter().zip(&tally.pledges);
        let contributors = contributors
            .map(|(contributor, pledges)| estimator.contributor(contributor, pledges))
            .collect();
        Self {
            start: model.start,
            horizon: model.horizon,
            confidence,
            trials: tally.trials,
            mission,
            never_together: estimator.proportion(tally.never_together),
            objectives,
            gates,
            conditions,
            capabilities,
            contributors,
        }
    }

    /// The date of a day; the day that a moment falls on.
    #[must_use]
    pub fn date(&self, day: f64) -> Option<Date> {
        #[allow(clippy::cast_possible_truncation, reason = "days are far below 2^63")]
        let days = day.floor() as i64;
        day.is_finite()
            .then(|| self.start.checked_add(days.days()).ok())
            .flatten()
    }

    /// All yes/no facts: the mission, its objectives, the gates, then conditions.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        let gates = self.gates.iter().map(|gate| &gate.open);
        std::iter::once(&self.mission)
            .chain(&self.objectives)
            .chain(gates)
            .chain(&self.conditions)
    }
}

/// Names of all subjects, in the order of [`Plan::subjects`], with a label for people.
fn names(model: &Model) -> Vec<(String, String)> {
    let objective = |objective: &crate::model::Objective| {
        let label = objective
            .label
            .clone()
            .unwrap_or_else(|| objective.name.replace('_', " "));
        (format!("objectives.{}", objective.name), label)
    };
    let gate = |gate: &crate::model::Gate| (format!("gates.{}", gate.address), gate.name.clone());
    let watched =
        |watched: &crate::model::Watched| (crate::model::watched_subject(watched), watched.label.clone());
    std::iter::once(("mission".to_owned(), "mission".to_owned()))
        .chain(model.objectives.iter().map(objective))
        .chain(model.gates.iter().map(gate))
        .chain(model.watched.iter().map(watched))
        .collect()
}

/// What all figures of one tally have in common.
struct Estimator {
    trials: u64,
    grid: Grid,
    horizon: f64,
    /// Ticks a day.
    per_day: f64,
    confidence: f64,
}

impl Estimator {
    fn proportion(&self, count: u64) -> Estimate {
        wilson(count as f64, self.trials, self.confidence)
    }

    /// Running sums of counts as proportions, midnight by midnight; the last also takes what lies between it and the
    /// horizon.
    fn by_midnight(&self, counts: &[u64]) -> Vec<Estimate> {
        let mut sum = 0;
        let add = |(midnight, count): (usize, &u64)| {
            sum += count;
            if midnight == self.grid.days {
                sum += counts[midnight + 1];
            }
            self.proportion(sum)
        };
        counts[..=self.grid.days].iter().enumerate().map(add).collect()
    }

    fn subject(&self, subject: String, label: String, tally: &SubjectTally, is_rising: bool) -> Subject {
        let times = TIME_QUANTILES.map(|quantile| self.time(quantile, &tally.first));
        Subject {
            subject,
            label,
            ready_at: if is_rising {
                self.risen(&tally.first, 2 * self.grid.days * self.grid.per_day + 1)
            } else {
                self.ready_at(&tally.changes)
            },
            // The last entry also takes what lies between the last midnight and the horizon.
            ready_by: self.risen(&tally.first, tally.first.len() - 1),
            times: times.to_vec(),
            days_ready: mean::bounded(
                tally.held as f64 / self.per_day,
                tally.held_squared as f64 * (f64::from(COARSE) / self.per_day).powi(2),
                self.trials,
                self.horizon,
                self.confidence,
            ),
            lost: self.proportion(tally.lost),
        }
    }

    /// First moments by each midnight: sums of whole bins. The last of them takes the bins below `end`.
    fn risen(&self, first: &[u64], end: usize) -> Vec<Estimate> {
        let mut sum = 0;
        let mut next = 0;
        let by = |midnight: usize| {
            let last = if midnight == self.grid.days {
                end
            } else {
                2 * midnight * self.grid.per_day + 1
            };
            sum += first[next..last].iter().sum::<u64>();
            next = last;
            self.proportion(sum)
        };
        (0..=self.grid.days).map(by).collect()
    }

    fn ready_at(&self, changes: &[i64]) -> Vec<Estimate> {
        let mut holding = 0;
        let at = |change: &i64| {
            holding += change;
            self.proportion(holding.unsigned_abs())
        };
        changes[..=self.grid.days].iter().map(at).collect()
    }

    /// A quantile of first moments: exact in an even bin, spread evenly in an odd one; the last is beyond the horizon.
    fn time(&self, quantile: f64, first: &[u64]) -> Quantile {
        let beyond = first.len() - 1;
        let moment = |place: quantile::Place| {
            let step = (place.bin / 2) as f64;
            match place.bin {
                bin if bin == beyond => f64::INFINITY,
                bin if bin % 2 == 0 => step / self.grid.per_day as f64,
                _ => ((step + place.within) / self.grid.per_day as f64).min(self.horizon),
            }
        };
        let ranks = quantile::ranks(quantile, self.trials, self.confidence);
        let value = Estimate {
            estimate: moment(quantile::locate(first, ranks.middle)),
            low: if ranks.low == 0 {
                0.0
            } else {
                moment(quantile::locate(first, ranks.low).start())
            },
            high: if ranks.high > self.trials {
                f64::INFINITY
            } else {
                moment(quantile::locate(first, ranks.high).end())
            },
            trials: self.trials,
        };
        Quantile { quantile, value }
    }

    fn gate(&self, open: Subject, address: &str, tally: &crate::tally::GateTally) -> Gate {
        Gate {
            open,
            address: address.to_owned(),
            bottleneck: wilson(
                tally.share as f64 / f64::from(WHOLE_SHARE),
                self.trials,
                self.confidence,
            ),
            ready_if_granted: self.by_midnight(&tally.granted),
            decisive: self.proportion(tally.decisive),
        }
    }

    fn contributor(&self, contributor: &crate::model::Contributor, pledges: &[u64]) -> Contributor {
        Contributor {
            subject: format!("contributors.{}", contributor.name),
            label: contributor
                .label
                .clone()
                .unwrap_or_else(|| contributor.name.replace('_', " ")),
            pledged_by: self.by_midnight(pledges),
        }
    }

    fn capability(
        &self,
        capability: &crate::model::Capability,
        bins: Bins,
        tally: &TotalTally,
        trials: u64,
    ) -> Capability {
        let mut counts = vec![0_i64; TOTAL_BINS];
        let (mut sum, mut squares) = (0_i128, 0_i128);
        let unit = f64::from(COARSE) / TICKS;
        let (mut means, mut quantiles) = (Vec::new(), Vec::new());
        for midnight in 0..=self.grid.days {
            let row = midnight * TOTAL_BINS;
            for (count, change) in counts.iter_mut().zip(&tally.changes[row..row + TOTAL_BINS]) {
                *count += i64::from(*change);
            }
            sum += tally.sums[midnight];
            squares += tally.squares[midnight];
            let counts: Vec<u64> = counts.iter().map(|count| count.unsigned_abs()).collect();
            means.push(self.mean_total(
                sum as f64 / TICKS,
                squares as f64 * unit * unit,
                &counts,
                bins,
                trials,
            ));
            quantiles.push(
                TOTAL_QUANTILES
                    .map(|quantile| self.total(quantile, &counts, bins, trials))
                    .to_vec(),
            );
        }
        Capability {
            subject: format!("capabilities.{}", capability.name),
            label: capability
                .label
                .clone()
                .unwrap_or_else(|| capability.name.replace('_', " ")),
            unit: capability.unit.clone().unwrap_or_default(),
            resolution: bins.width,
            mean: means,
            quantiles,
        }
    }

    /// The mean of a total, from its sum and sum of squares, between the least that it can be and the highest seen.
    fn mean_total(&self, sum: f64, squares: f64, counts: &[u64], bins: Bins, trials: u64) -> Estimate {
        let n = trials.max(1) as f64;
        let mean = sum / n;
        let above = mean - bins.origin;
        let squares = (squares / n - mean * mean).max(0.0) + above * above;
        let highest = counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        let range = ((highest + 1) as f64 * bins.width).max(above);
        let interval = mean::bounded(above * n, squares * n, trials, range, self.confidence);
        Estimate {
            estimate: mean,
            low: interval.low + bins.origin,
            high: interval.high + bins.origin,
            trials,
        }
    }

    /// A quantile of totals: the middle of its bin, with the outer edges of the bins of its interval.
    fn total(&self, quantile: f64, counts: &[u64], bins: Bins, trials: u64) -> Quantile {
        let ranks = quantile::ranks(quantile, trials, self.confidence);
        let at = |bin: usize| bins.origin + bin as f64 * bins.width;
        let middle = |rank: u64| at(quantile::locate(counts, rank).bin);
        let low = if ranks.low == 0 {
            bins.origin
        } else {
            middle(ranks.low) - bins.width / 2.0
        };
        let high = if ranks.high > trials {
            at(TOTAL_BINS - 1)
        } else {
            middle(ranks.high)
        };
        let value = Estimate {
            estimate: middle(ranks.middle),
            low: low.max(bins.origin),
            high: high + bins.width / 2.0,
            trials,
        };
        Quantile { quantile, value }
    }
}

/// How a capability's totals are binned.
#[derive(Clone, Copy)]
struct Bins {
    origin: f64,
    width: f64,
}
