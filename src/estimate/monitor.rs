//! A figure that a run watches while it goes on, to stop when it is known well enough.

use std::ops::AddAssign;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::sequence::{Mean, Proportion};
use super::{Estimate, Results, Subject};
use crate::diagnostic::suggest;
use crate::metric::{Argument, Named};
use crate::model::Model;
use crate::plan::{Grid, Plan};
use crate::tally::{COARSE, Tally, WHOLE_SHARE};
use crate::time::Timescale;

/// A figure of a model that can be watched: one with a confidence sequence.
#[derive(Clone, Debug, PartialEq)]
pub struct Monitored {
    /// Its name in full, as `--metric` takes it: `objectives.safe_skies:ready_by@365`; without a subject if that is the
    /// mission.
    pub name: String,
    counted: Counted,
    grid: Grid,
    time: Timescale,
}

/// Where in a tally, and in results, the figure stands. Midnights are those of the plan's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Counted {
    ReadyBy {
        subject: usize,
        midnight: usize,
    },
    ReadyAt {
        subject: usize,
        midnight: usize,
        is_rising: bool,
    },
    DaysReady {
        subject: usize,
    },
    Lost {
        subject: usize,
    },
    NeverTogether,
    Bottleneck {
        gate: usize,
    },
    Granted {
        gate: usize,
        midnight: usize,
    },
    Decisive {
        gate: usize,
    },
    Pledged {
        contributor: usize,
        midnight: usize,
    },
}

/// What trials have shown of a figure; that of two sets of trials adds up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How many trials.
    pub trials: u64,
    /// Trials that succeed, shares in parts of [`WHOLE_SHARE`], or ticks.
    sum: u128,
    /// Sum of squares, as the tally keeps it, where the figure is a mean.
    squares: u128,
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, other: Self) {
        self.trials += other.trials;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

impl Monitored {
    /// Finds the figure of a name, such as `ready_by`, `objectives.safe_skies:ready_by@365` or
    /// `gates.mission.requires.0:bottleneck`. A figure of a day that is not named is that of the last.
    ///
    /// # Errors
    /// A sentence, if the model has no such figure, or it has no confidence sequence.
    pub fn find(text: &str, model: &Model, plan: &Plan) -> Result<Self, String> {
        let subjects = model.subjects();
        let named = Named::read(text)?.of(&subjects);
        let grid = plan.grid;
        let Some(place) = subjects.iter().position(|subject| subject == named.subject) else {
            let help = suggest(named.subject, subjects.iter().map(String::as_str)).unwrap_or_default();
            return Err(format!("results tell nothing of `{}`: {help}", named.subject));
        };
        let midnight = named
            .when
            .map_or(Ok(grid.days), |when| midnight(when, model.start, grid))?;
        let gate = place.wrapping_sub(1 + model.objectives.len());
        let signals = 1 + model.objectives.len() + model.gates.len() + model.watched.len();
        let contributor = place.wrapping_sub(signals + model.capabilities.len());
        let counted = match named.metric.name {
            "ready_by" => Counted::ReadyBy {
                subject: place,
                midnight,
            },
            "ready_at" => Counted::ReadyAt {
                subject: place,
                midnight,
                is_rising: plan.is_rising[plan.subjects[place]],
            },
            "days_ready" => Counted::DaysReady { subject: place },
            "lost" => Counted::Lost { subject: place },
            "never_together" => Counted::NeverTogether,
            "bottleneck" => Counted::Bottleneck { gate },
            "ready_if_granted" => Counted::Granted { gate, midnight },
            "decisive" => Counted::Decisive { gate },
            "pledged_by" => Counted::Pledged {
                contributor,
                midnight,
            },
            name => {
                return Err(format!(
                    "`{name}` cannot be watched: only probabilities, shares and `days_ready` have intervals that hold at every look"
                ));
            }
        };
        Ok(Self {
            name: full_name(&named, midnight),
            counted,
            grid,
            time: plan.time,
        })
    }

    /// What a tally of the model's plan shows of it.
    #[must_use]
    pub fn evidence(&self, tally: &Tally) -> Evidence {
        let mut squares = 0;
        let sum = match self.counted {
            // What only switches on holds from its first moment on, and the tally keeps no more.
            Counted::ReadyBy { subject, midnight } => self.ready_by(&tally.subjects[subject].first, midnight),
            Counted::ReadyAt {
                subject,
                midnight,
                is_rising: true,
            } => {
                let end = 2 * midnight * self.grid.per_day + 1;
                let risen = tally.subjects[subject].first[..end].iter();
                risen.map(|&count| u128::from(count)).sum()
            }
            Counted::ReadyAt {
                subject, midnight, ..
            } => {
                let holding: i64 = tally.subjects[subject].changes[..=midnight].iter().sum();
                u128::from(holding.unsigned_abs())
            }
            Counted::DaysReady { subject } => {
                squares = tally.subjects[subject].held_squared;
                tally.subjects[subject].held
            }
            Counted::Lost { subject } => tally.subjects[subject].lost.into(),
            Counted::NeverTogether => tally.never_together.into(),
            Counted::Bottleneck { gate } => tally.gates[gate].share,
            Counted::Granted { gate, midnight } => self.by(&tally.gates[gate].granted, midnight),
            Counted::Decisive { gate } => tally.gates[gate].decisive.into(),
            Counted::Pledged {
                contributor,
                midnight,
            } => self.by(&tally.pledges[contributor], midnight),
        };
        Evidence {
            trials: tally.trials,
            sum,
            squares,
        }
    }

    /// First moments up to a midnight; the last midnight also takes what lies between it and the horizon.
    fn ready_by(&self, first: &[u64], midnight: usize) -> u128 {
        let last = if midnight == self.grid.days {
            first.len() - 1
        } else {
            2 * midnight * self.grid.per_day + 1
        };
        first[..last].iter().map(|&count| u128::from(count)).sum()
    }

    /// Counts by midnight, up to one; the same for the last.
    fn by(&self, counts: &[u64], midnight: usize) -> u128 {
        let last = if midnight == self.grid.days {
            midnight + 1
        } else {
            midnight
        };
        counts[..=last].iter().map(|&count| u128::from(count)).sum()
    }

    /// The figure itself among results of the same model.
    pub fn figure<'r>(&self, results: &'r mut Results) -> &'r mut Estimate {
        match self.counted {
            Counted::ReadyBy { subject, midnight } => &mut results.subject_mut(subject).ready_by[midnight],
            Counted::ReadyAt {
                subject, midnight, ..
            } => &mut results.subject_mut(subject).ready_at[midnight],
            Counted::DaysReady { subject } => &mut results.subject_mut(subject).days_ready,
            Counted::Lost { subject } => &mut results.subject_mut(subject).lost,
            Counted::NeverTogether => &mut results.never_together,
            Counted::Bottleneck { gate } => &mut results.gates[gate].bottleneck,
            Counted::Granted { gate, midnight } => &mut results.gates[gate].ready_if_granted[midnight],
            Counted::Decisive { gate } => &mut results.gates[gate].decisive,
            Counted::Pledged {
                contributor,
                midnight,
            } => &mut results.contributors[contributor].pledged_by[midnight],
        }
    }
}

impl Results {
    /// A yes/no fact by its place in the plan's subjects.
    fn subject_mut(&mut self, place: usize) -> &mut Subject {
        let gates = self.gates.iter_mut().map(|gate| &mut gate.open);
        std::iter::once(&mut self.mission)
            .chain(&mut self.objectives)
            .chain(gates)
            .chain(&mut self.conditions)
            .nth(place)
            .expect("results have every subject of the plan")
    }
}

/// The name of a figure in full, as options take it; one without a subject is the mission's.
#[must_use]
pub fn full_name(named: &Named<'_>, midnight: usize) -> String {
    let mut name = named.metric.name.to_owned();
    if named.subject != "mission" {
        name = format!("{}:{name}", named.subject);
    }
    if named.metric.argument == Argument::Day {
        name = format!("{name}@{midnight}");
    }
    name
}

/// The midnight that a whole number of days or a date stands for.
///
/// # Errors
/// A sentence, if it is neither, or does not lie within the horizon.
pub fn midnight(when: &str, start: Date, grid: Grid) -> Result<usize, String> {
    let day = match when.parse::<Date>() {
        Ok(date) => Some(i64::from((date - start).get_days())),
        Err(_) => when.parse().ok(),
    };
    let Some(day) = day else {
        let message = format!("`{when}` is neither a whole day, such as 180, nor a date, such as 2025-10-07");
        return Err(message);
    };
    usize::try_from(day)
        .ok()
        .filter(|&day| day <= grid.days)
        .ok_or_else(|| {
            let last = grid.days;
            format!("day {day} does not lie within the horizon: days run from 0 to {last}")
        })
}

/// A figure, how well it is to be known, and the confidence sequence that tells whether it is.
#[derive(Clone, Debug)]
pub struct Target {
    /// The figure.
    pub monitored: Monitored,
    /// The half-width that is asked for, in the figure's unit.
    pub half_width: f64,
    sequence: Sequence,
}

/// The confidence sequence of a figure, and what its evidence counts in.
#[derive(Clone, Debug)]
enum Sequence {
    Proportion(Proportion, f64),
    Days(Mean),
}

impl Target {
    /// Aims at a half-width above 0 of a figure, with a confidence between 0 and 1.
    #[must_use]
    pub fn new(monitored: Monitored, half_width: f64, confidence: f64) -> Self {
        let proportion = Proportion::for_half_width(half_width, confidence);
        let sequence = match monitored.counted {
            Counted::DaysReady { .. } => {
                let days = monitored.time.days(monitored.time.horizon());
                Sequence::Days(Mean::for_half_width(0.0, days, half_width, confidence))
            }
            Counted::Bottleneck { .. } => Sequence::Proportion(proportion, f64::from(WHOLE_SHARE)),
            _ => Sequence::Proportion(proportion, 1.0),
        };
        Self {
            monitored,
            half_width,
            sequence,
        }
    }

    /// The figure with an interval that holds at every look.
    #[must_use]
    pub fn interval(&self, evidence: Evidence) -> Estimate {
        let Evidence { trials, sum, squares } = evidence;
        match &self.sequence {
            Sequence::Proportion(sequence, whole) => sequence.interval(sum as f64 / whole, trials),
            Sequence::Days(sequence) => {
                // Times were rounded down to coarse ticks before they were squared; the sequence needs no less than the
                // sum of squares, and (t + 1)² = t² + 2 t + 1.
                let squares = squares + 2 * (sum / u128::from(COARSE)) + u128::from(trials);
                let per_day = f64::from(self.monitored.time.per_day());
                let unit = f64::from(COARSE) / per_day;
                sequence.interval(sum as f64 / per_day, squares as f64 * unit * unit, trials)
            }
        }
    }

    /// About how many trials will meet it, by an interval that has been reached: half-widths shrink with the square root
    /// of the trials.
    #[must_use]
    pub fn expected_trials(&self, interval: &Estimate) -> u64 {
        let ratio = half_width(interval) / self.half_width;
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "casts saturate"
        )]
        let trials = (interval.trials as f64 * ratio * ratio) as u64;
        trials
    }

    /// Whether an interval is as short as was asked for.
    #[must_use]
    pub fn is_met(&self, interval: &Estimate) -> bool {
        half_width(interval) <= self.half_width
    }
}

fn half_width(interval: &Estimate) -> f64 {
    (interval.high - interval.low) / 2.0
}

/// What ended a run that had a precision to reach.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// The precision was reached.
    Reached,
    /// The most trials that were allowed have been played.
    MaxTrials,
    /// The time was over.
    MaxTime,
}

/// How well the figure that a run watched is known at its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Precision {
    /// The figure, as `--metric` names it.
    pub metric: String,
    /// The half-width that was asked for, in the figure's unit.
    pub asked: f64,
    /// The half-width that was reached.
    pub half_width: f64,
    /// What ended the run.
    pub ended: Ended,
    /// The figure with an interval that holds at every look at once.
    pub interval: Estimate,
}

impl Precision {
    /// What a target has come to.
    #[must_use]
    pub fn new(target: &Target, interval: Estimate, ended: Ended) -> Self {
        Self {
            metric: target.monitored.name.clone(),
            asked: target.half_width,
            half_width: half_width(&interval),
            ended,
            interval,
        }
    }
}
