//! From tallies to figures: every estimate with its interval, its confidence and its number of trials.
//!
//! Where trials are independent, intervals come from them; where they are not, from their independent replicates. The
//! bands of capabilities have intervals as of independent trials either way: they come from a part of the trials only.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::{Serialize, Serializer};

use crate::model::{Model, names};
use crate::plan::{self, Grid, Plan, TOTAL_BINS};
use crate::tally::{COARSE, Tally, TotalTally, WHOLE_SHARE};

pub mod independent;
pub mod leaders;
pub mod mean;
pub mod monitor;
pub mod paired;
pub mod proportion;
pub mod quantile;
pub mod replicates;
pub mod sequence;
pub mod total;

use leaders::Leaders;
use proportion::{Wilson, wilson};
use total::Totals;

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

impl Estimate {
    /// A figure that is known exactly.
    #[must_use]
    pub fn certain(value: f64, trials: u64) -> Self {
        Self {
            estimate: value,
            low: value,
            high: value,
            trials,
        }
    }

    /// The same with an interval that holds the estimate, which the rounding of its ends may have left out.
    #[must_use]
    pub fn around(self) -> Self {
        Self {
            low: self.low.min(self.estimate),
            high: self.high.max(self.estimate),
            ..self
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn or_beyond<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(*value)
    } else {
        serializer.serialize_str("beyond")
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn or_infinite<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        serializer.serialize_f64(*value)
    } else {
        serializer.serialize_str("infinite")
    }
}

/// A mean or a quantile of an amount in JSON: what is infinite in it lies not beyond a horizon, but is `"infinite"`.
#[derive(Serialize)]
struct OfAmount {
    #[serde(skip_serializing_if = "Option::is_none")]
    quantile: Option<f64>,
    #[serde(serialize_with = "or_infinite")]
    estimate: f64,
    #[serde(serialize_with = "or_infinite")]
    low: f64,
    #[serde(serialize_with = "or_infinite")]
    high: f64,
    trials: u64,
}

impl OfAmount {
    fn new(quantile: Option<f64>, value: Estimate) -> Self {
        let Estimate {
            estimate,
            low,
            high,
            trials,
        } = value;
        Self {
            quantile,
            estimate,
            low,
            high,
            trials,
        }
    }
}

fn means_of_amount<S: Serializer>(means: &[Estimate], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(means.iter().map(|mean| OfAmount::new(None, *mean)))
}

fn quantiles_of_amount<S: Serializer>(days: &[Vec<Quantile>], serializer: S) -> Result<S::Ok, S::Error> {
    let of = |quantile: &Quantile| OfAmount::new(Some(quantile.quantile), quantile.value);
    let days = days.iter().map(|day| day.iter().map(of).collect::<Vec<_>>());
    serializer.collect_seq(days)
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
    /// Which of them matter most.
    #[serde(skip)]
    pub leaders: Leaders,
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
    #[serde(serialize_with = "means_of_amount")]
    pub mean: Vec<Estimate>,
    /// For each midnight: 5, 25, 50, 75 and 95 % of the total.
    #[serde(serialize_with = "quantiles_of_amount")]
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
            tally,
            replicates: Replicates::of(tally, confidence),
            grid: plan.grid,
            horizon: plan.horizon,
            per_day: f64::from(plan.time.per_day()),
            confidence,
        };
        let mut subjects = subject_names(model)
            .into_iter()
            .zip(&plan.subjects)
            .enumerate()
            .map(|(index, (name, &signal))| estimator.subject(index, name, plan.is_rising[signal]));
        let mut next = |count: usize| -> Vec<Subject> { subjects.by_ref().take(count).collect() };
        let mission = next(1).remove(0);
        let objectives = next(model.objectives.len());
        let gates = next(model.gates.len());
        let conditions = next(model.watched.len());
        let gates = gates
            .into_iter()
            .enumerate()
            .map(|(index, open)| estimator.gate(index, open, &model.gates[index].address))
            .collect();
        let capabilities = model.capabilities.iter().enumerate();
        let capabilities = capabilities
            .map(|(index, capability)| {
                estimator.capability(
                    capability,
                    &plan.capabilities[index],
                    &tally.totals[index],
                    tally.total_trials,
                )
            })
            .collect();
        let contributors = model.contributors.iter().enumerate();
        let contributors = contributors
            .map(|(index, contributor)| estimator.contributor(index, contributor))
            .collect();
        Self {
            start: model.start,
            horizon: model.horizon,
            confidence,
            trials: tally.trials,
            mission,
            never_together: estimator.proportion(|tally| tally.never_together),
            objectives,
            gates,
            leaders: Leaders::of(tally, estimator.replicates.as_ref(), confidence),
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
fn subject_names(model: &Model) -> Vec<(String, String)> {
    let objective = |objective: &crate::model::Objective| {
        let label = names::thing(&objective.name, objective.label.as_deref());
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
struct Estimator<'t> {
    tally: &'t Tally,
    /// Where intervals come from if its trials are not independent.
    replicates: Option<Replicates<'t>>,
    grid: Grid,
    horizon: f64,
    /// Ticks a day.
    per_day: f64,
    confidence: f64,
}

/// The independent replicates of a tally.
struct Replicates<'t> {
    tallies: &'t [Tally],
    interval: replicates::Interval,
}

impl<'t> Replicates<'t> {
    /// Those of a tally; none if its trials are independent.
    fn of(tally: &'t Tally, confidence: f64) -> Option<Self> {
        let tallies = &tally.replicates[..];
        let sizes = tallies.iter().map(|replicate| replicate.trials);
        (!tallies.is_empty()).then(|| Self {
            tallies,
            interval: replicates::Interval::new(sizes, confidence),
        })
    }

    /// The mean of values between 0 and `bound`, from their sum in each.
    fn mean(&self, sum: impl Fn(&Tally) -> f64, bound: f64) -> Estimate {
        self.interval.of(
            self.tallies.iter().map(sum).collect::<Vec<_>>().into_iter(),
            bound,
        )
    }
}

impl Replicates<'_> {
    /// Whether the mean of values between -1 and 1, from their sum in each, may be 0 or less.
    fn can_be_equal(&self, sum: impl Fn(&Tally) -> f64) -> bool {
        let sums: Vec<f64> = self.tallies.iter().map(sum).collect();
        self.interval.of_difference(sums.into_iter(), 1.0).low <= 0.0
    }
}

impl Estimator<'_> {
    /// The chance of what a tally counts.
    fn proportion(&self, count: impl Fn(&Tally) -> u64) -> Estimate {
        self.share(|tally| count(tally) as f64)
    }

    /// The mean of shares between 0 and 1, from their sum in a tally.
    fn share(&self, sum: impl Fn(&Tally) -> f64) -> Estimate {
        match &self.replicates {
            None => wilson(sum(self.tally), self.tally.trials, self.confidence),
            Some(replicates) => replicates.mean(sum, 1.0),
        }
    }

    /// The chances of what a tally counts day by day.
    fn proportions(&self, counts: impl Fn(&Tally) -> Vec<u64>) -> Vec<Estimate> {
        match &self.replicates {
            None => {
                let counts = counts(self.tally);
                let wilson = Wilson::new(self.tally.trials, self.confidence);
                counts
                    .iter()
                    .map(|&count| wilson.interval(count as f64))
                    .collect()
            }
            Some(replicates) => {
                let counts: Vec<Vec<u64>> = replicates.tallies.iter().map(counts).collect();
                let chance = |day: usize| {
                    let sums = counts.iter().map(|counts| counts[day] as f64);
                    replicates.interval.of(sums, 1.0)
                };
                (0..=self.grid.days).map(chance).collect()
            }
        }
    }

    /// Running sums of counts, midnight by midnight; the last also takes what lies between it and the horizon.
    fn by_midnight(&self, counts: &[u64]) -> Vec<u64> {
        let mut sum = 0;
        let add = |(midnight, count): (usize, &u64)| {
            sum += count;
            if midnight == self.grid.days {
                sum += counts[midnight + 1];
            }
            sum
        };
        counts[..=self.grid.days].iter().enumerate().map(add).collect()
    }

    fn subject(&self, index: usize, (subject, label): (String, String), is_rising: bool) -> Subject {
        // The last midnight of "ready by" also takes what lies between it and the horizon.
        let first = |tally: &'_ Tally, end: usize| self.risen(&tally.subjects[index].first, end);
        let midnight = 2 * self.grid.days * self.grid.per_day + 1;
        Subject {
            subject,
            label,
            ready_at: if is_rising {
                self.proportions(|tally| first(tally, midnight))
            } else {
                self.proportions(|tally| self.ready_at(&tally.subjects[index].changes))
            },
            ready_by: self.proportions(|tally| first(tally, self.grid.bins() - 1)),
            times: self.times(index),
            days_ready: self.days_ready(index),
            lost: self.proportion(|tally| tally.subjects[index].lost),
        }
    }

    fn days_ready(&self, index: usize) -> Estimate {
        let days = |tally: &Tally| tally.subjects[index].held as f64 / self.per_day;
        let unit = f64::from(COARSE) / self.per_day;
        match &self.replicates {
            None => mean::bounded(
                days(self.tally),
                self.tally.subjects[index].held_squared as f64 * unit.powi(2),
                self.tally.trials,
                self.horizon,
                self.confidence,
            ),
            Some(replicates) => replicates.mean(days, self.horizon),
        }
    }

    /// First moments by each midnight: sums of whole bins. The last of them takes the bins below `end`.
    fn risen(&self, first: &[u64], end: usize) -> Vec<u64> {
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
            sum
        };
        (0..=self.grid.days).map(by).collect()
    }

    fn ready_at(&self, changes: &[i64]) -> Vec<u64> {
        let mut holding = 0;
        let at = |change: &i64| {
            holding += change;
            holding.unsigned_abs()
        };
        changes[..=self.grid.days].iter().map(at).collect()
    }

    /// Quantiles of the first moments of a subject.
    fn times(&self, index: usize) -> Vec<Quantile> {
        let first = &self.tally.subjects[index].first;
        let bands = self.replicates.as_ref().map(|replicates| {
            let histograms = replicates
                .tallies
                .iter()
                .map(|tally| &tally.subjects[index].first[..]);
            replicates::Bands::new(&histograms.collect::<Vec<_>>(), self.confidence)
        });
        TIME_QUANTILES
            .map(|quantile| self.time(quantile, first, bands.as_ref()))
            .to_vec()
    }

    /// A quantile of first moments.
    fn time(&self, quantile: f64, first: &[u64], bands: Option<&replicates::Bands>) -> Quantile {
        let clock = Clock {
            grid: self.grid,
            horizon: self.horizon,
        };
        let value = clock.quantile(quantile, first, bands, self.tally.trials, self.confidence);
        Quantile { quantile, value }
    }

    fn gate(&self, index: usize, open: Subject, address: &str) -> Gate {
        let whole = f64::from(WHOLE_SHARE);
        Gate {
            open,
            address: address.to_owned(),
            bottleneck: self.share(|tally| tally.gates[index].share as f64 / whole),
            ready_if_granted: self.proportions(|tally| self.by_midnight(&tally.gates[index].granted)),
            decisive: self.proportion(|tally| tally.gates[index].decisive),
        }
    }

    fn contributor(&self, index: usize, contributor: &crate::model::Contributor) -> Contributor {
        Contributor {
            subject: format!("contributors.{}", contributor.name),
            label: names::contributor(&contributor.name, contributor.label.as_deref()),
            pledged_by: self.proportions(|tally| self.by_midnight(&tally.pledges[index])),
        }
    }

    fn capability(
        &self,
        capability: &crate::model::Capability,
        planned: &plan::Capability,
        tally: &TotalTally,
        trials: u64,
    ) -> Capability {
        let ranks = TOTAL_QUANTILES.map(|quantile| quantile::ranks(quantile, trials, self.confidence));
        let mut counts = vec![0_i64; TOTAL_BINS];
        let (mut sum, mut squares, mut endless) = (0_i128, 0_i128, 0);
        let (mut means, mut quantiles) = (Vec::new(), Vec::new());
        for midnight in 0..=self.grid.days {
            let row = midnight * TOTAL_BINS;
            for (count, change) in counts.iter_mut().zip(&tally.changes[row..row + TOTAL_BINS]) {
                *count += i64::from(*change);
            }
            sum += tally.sums[midnight];
            squares += tally.squares[midnight];
            endless += tally.endless[midnight];
            let seen = counts.iter().map(|count| count.unsigned_abs());
            let counted = Totals::new(seen, planned, trials, self.confidence);
            means.push(counted.mean(sum, squares, endless > 0));
            let quantile = |(&quantile, &ranks)| Quantile {
                quantile,
                value: counted.at(ranks),
            };
            quantiles.push(TOTAL_QUANTILES.iter().zip(&ranks).map(quantile).collect());
        }
        Capability {
            subject: format!("capabilities.{}", capability.name),
            label: names::thing(&capability.name, capability.label.as_deref()),
            unit: capability.unit.clone().unwrap_or_default(),
            resolution: planned.measure.units(planned.bins.width()),
            mean: means,
            quantiles,
        }
    }
}

/// Where the bins of first moments lie in time.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    /// The bins.
    pub grid: Grid,
    /// The end of time, in days.
    pub horizon: f64,
}

impl Clock {
    /// A quantile of first moments that were counted in bins, in days; infinite where it lies beyond the horizon. With
    /// trials that depend on each other its interval comes from `bands`.
    #[must_use]
    pub fn quantile(
        &self,
        quantile: f64,
        first: &[u64],
        bands: Option<&replicates::Bands>,
        trials: u64,
        confidence: f64,
    ) -> Estimate {
        let ranks = quantile::ranks(quantile, trials, confidence);
        let at = |rank: u64| quantile::locate(first, rank);
        let (low, high) = match bands {
            Some(bands) => {
                let ends = bands.quantile(quantile);
                (Some(ends.low), Some(ends.high))
            }
            None => (
                (ranks.low > 0).then(|| at(ranks.low).start()),
                (ranks.high <= trials).then(|| at(ranks.high).end()),
            ),
        };
        let moment = |place| self.moment(place, first.len() - 1);
        Estimate {
            estimate: moment(at(ranks.middle)),
            low: low.map_or(0.0, moment),
            high: high.map_or(f64::INFINITY, moment),
            trials,
        }
    }

    /// The moment at a place among the bins: exact in an even one, spread evenly in an odd one; the last is beyond the
    /// horizon.
    fn moment(&self, place: quantile::Place, beyond: usize) -> f64 {
        let step = (place.bin / 2) as f64;
        match place.bin {
            bin if bin == beyond => f64::INFINITY,
            bin if bin % 2 == 0 => step / self.grid.per_day as f64,
            _ => ((step + place.within) / self.grid.per_day as f64).min(self.horizon),
        }
    }
}
