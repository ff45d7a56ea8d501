//! What each trial of a block says of a figure, so that the figure is the mean over trials.
//!
//! Tallies count everything at once, for results; a probe looks at one figure, for claims and sweeps. Both count alike: the tests
//! hold the means of probes to the figures of results.

use crate::engine::Block;
use crate::engine::signal::Column;
use crate::lanes::BLOCK;
use crate::model::{CapabilityId, GateId, Model, SignalId};
use crate::plan::Plan;
use crate::tally::{COARSE, WHOLE_SHARE, parts, whole};
use crate::time::{NEVER, Ticks};
use crate::wide_loop;

/// What a trial says of a figure, in whole [units](Scale::unit), so that sums are exact in any order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Probe {
    /// Whether a fact holds for the first time before a moment: 1 or 0.
    Before {
        /// The fact.
        signal: SignalId,
        /// The moment.
        moment: Ticks,
    },
    /// Whether a fact holds at a moment.
    At {
        /// The fact.
        signal: SignalId,
        /// The moment.
        moment: Ticks,
    },
    /// For how long a fact holds within the horizon.
    Held {
        /// The fact.
        signal: SignalId,
    },
    /// Whether a fact ceases to hold within the horizon.
    Lost {
        /// The fact.
        signal: SignalId,
    },
    /// Whether every gate opens, but never all at one time.
    NeverTogether,
    /// A gate's share of what held the mission back.
    Share {
        /// The gate.
        gate: GateId,
    },
    /// Whether the mission is ready before a moment if a gate is granted.
    GrantedBefore {
        /// The gate.
        gate: GateId,
        /// The moment.
        moment: Ticks,
    },
    /// Whether the mission is ready only if a gate is granted.
    Decisive {
        /// The gate.
        gate: GateId,
    },
    /// A capability's total at a moment.
    Total {
        /// The capability.
        capability: CapabilityId,
        /// The moment.
        moment: Ticks,
    },
    /// Whether a capability's total at a moment is below an amount.
    TotalBelow {
        /// The capability.
        capability: CapabilityId,
        /// The moment.
        moment: Ticks,
        /// The amount.
        amount: f64,
        /// Whether the amount itself counts as below.
        includes: bool,
    },
}

/// How the whole numbers of a probe are read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// Whole units in one of the figure's.
    pub unit: f64,
    /// The least that a trial can say, in the figure's unit.
    pub low: f64,
    /// The most.
    pub high: f64,
}

/// One figure of a model: a metric of a subject, on a day if it is one of a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure<'n> {
    /// The name of the metric.
    pub metric: &'n str,
    /// What it is a figure of, as results name it.
    pub subject: &'n str,
    /// On which day.
    pub day: Option<f64>,
}

impl Probe {
    /// The probe of a figure that is a mean.
    ///
    /// # Errors
    /// A sentence, if the model has no such subject, or the metric is none of a mean.
    pub fn of_mean(figure: Figure<'_>, of: (&Model, &Plan)) -> Result<Self, String> {
        let (model, plan) = of;
        let place = place(figure, model)?;
        let before = || before_end_of(figure, plan);
        let at = plan.time.ticks(figure.day.unwrap_or(0.0));
        Ok(match figure.metric {
            "ready_by" => Self::Before {
                signal: signal(place, plan)?,
                moment: before(),
            },
            "pledged_by" => Self::Before {
                signal: contributor(place, model, plan)?,
                moment: before(),
            },
            "ready_at" => Self::At {
                signal: signal(place, plan)?,
                moment: at,
            },
            "days_ready" => Self::Held {
                signal: signal(place, plan)?,
            },
            "lost" => Self::Lost {
                signal: signal(place, plan)?,
            },
            "never_together" => Self::NeverTogether,
            "bottleneck" => Self::Share {
                gate: gate(place, model)?,
            },
            "ready_if_granted" => Self::GrantedBefore {
                gate: gate(place, model)?,
                moment: before(),
            },
            "decisive" => Self::Decisive {
                gate: gate(place, model)?,
            },
            "total_mean" => {
                let capability = capability(place, model)?;
                Self::Total {
                    capability,
                    moment: at,
                }
            }
            name => return Err(format!("`{name}` is no mean over all futures")),
        })
    }

    /// The probe of the chance that the value behind a quantile lies below a bound, or (`includes`) is at most it.
    ///
    /// # Errors
    /// A sentence, if the model has no such subject.
    pub fn of_quantile(
        figure: Figure<'_>,
        of: (&Model, &Plan),
        bound: f64,
        includes: bool,
    ) -> Result<Self, String> {
        let (model, plan) = of;
        let place = place(figure, model)?;
        if figure.metric == "total" {
            return Ok(Self::TotalBelow {
                capability: capability(place, model)?,
                moment: plan.time.ticks(figure.day.unwrap_or(0.0)),
                amount: bound,
                includes,
            });
        }
        Ok(Self::Before {
            signal: signal(place, plan)?,
            moment: plan.time.ticks(bound) + Ticks::from(includes),
        })
    }

    /// How its numbers are read.
    #[must_use]
    pub fn scale(&self, plan: &Plan) -> Scale {
        let yes_or_no = Scale {
            unit: 1.0,
            low: 0.0,
            high: 1.0,
        };
        match *self {
            Self::Held { .. } => Scale {
                unit: f64::from(plan.time.per_day()),
                low: 0.0,
                high: plan.time.days(plan.time.horizon()),
            },
            Self::Share { .. } => Scale {
                unit: f64::from(WHOLE_SHARE),
                ..yes_or_no
            },
            Self::Total { capability, .. } => {
                let planned = &plan.capabilities[capability];
                let [low, high] = planned.bins.range().map(|end| planned.measure.units(end));
                Scale {
                    unit: planned.measure.per_unit(),
                    low,
                    high,
                }
            }
            _ => yes_or_no,
        }
    }

    /// How many of its units are one when what it says is squared: long times are rounded, as tallies round them.
    #[must_use]
    pub fn coarseness(&self) -> i64 {
        match self {
            Self::Held { .. } | Self::Total { .. } => COARSE.into(),
            _ => 1,
        }
    }

    /// Whether it looks at a total, so that blocks must keep these.
    #[must_use]
    pub fn needs_totals(&self) -> bool {
        matches!(self, Self::Total { .. } | Self::TotalBelow { .. })
    }

    /// What each trial of a block says.
    pub fn read(&self, plan: &Plan, block: &Block, said: &mut [i64; BLOCK]) {
        let said = &mut said[..block.len()];
        match *self {
            Self::Before { signal, moment } => match &block.signals[signal] {
                Column::Rising(moments) => before(moments, moment, said),
                Column::Spells(_) => each(said, |lane| block.signals[signal].first(lane) < moment),
            },
            Self::At { signal, moment } => each(said, |lane| {
                let mut spells = block.signals[signal].of(lane);
                spells.any(|spell| spell.on <= moment && moment < spell.off)
            }),
            Self::Lost { signal } => {
                each(said, |lane| {
                    block.signals[signal].of(lane).any(|spell| spell.off < NEVER)
                });
            }
            Self::Held { signal } => {
                let horizon = plan.time.horizon();
                for (lane, said) in said.iter_mut().enumerate() {
                    let spells = block.signals[signal].of(lane);
                    *said = spells
                        .map(|spell| i64::from(spell.off.min(horizon)) - i64::from(spell.on))
                        .sum();
                }
            }
            Self::NeverTogether => {
                each(said, |lane| {
                    !plan.gates.is_empty() && block.outcome.is_never_together(lane)
                });
            }
            Self::Share { gate } => {
                let outcome = &block.outcome;
                for (lane, said) in said.iter_mut().enumerate() {
                    let [share, rest] = parts(outcome.sharing[lane]);
                    let before = outcome.is_bottleneck[..gate].iter().map(|column| column[lane]);
                    let extra = rest > 0 && before.sum::<u32>() < rest;
                    *said = i64::from(outcome.is_bottleneck[gate][lane] * (share + u32::from(extra)));
                }
            }
            Self::GrantedBefore { gate, moment } => before(&block.outcome.granted[gate], moment, said),
            Self::Decisive { gate } => each(said, |lane| {
                block.outcome.granted[gate][lane] < NEVER && block.outcome.first_ready[lane] == NEVER
            }),
            Self::Total { capability, moment } => {
                for (lane, said) in said.iter_mut().enumerate() {
                    *said = whole(total(block, capability, lane, moment));
                }
            }
            Self::TotalBelow {
                capability,
                moment,
                amount,
                includes,
            } => {
                let amount = plan.capabilities[capability].measure.asked(amount);
                each(said, |lane| {
                    let total = total(block, capability, lane, moment);
                    total < amount || includes && total == amount
                });
            }
        }
    }
}

/// Writes a yes or no for each trial.
fn each(said: &mut [i64], is_so: impl Fn(usize) -> bool) {
    for (lane, said) in said.iter_mut().enumerate() {
        *said = i64::from(is_so(lane));
    }
}

wide_loop! {
    /// Whether each moment lies before another.
    fn before(moments: &[Ticks], moment: Ticks, said: &mut [i64]) {
        for (said, &at) in said.iter_mut().zip(moments) {
            *said = i64::from(at < moment);
        }
    }
}

/// A value in steps of which `own` are a unit, in those of another scenario if they are coarser; rounded half away from zero.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a power of ten")]
pub fn in_steps_of(other: f64, value: i64, own: f64) -> i64 {
    if own <= other {
        return value;
    }
    let step = (own / other).round() as i64;
    (value + value.signum() * (step / 2)) / step
}

/// A capability's total at a moment, in steps: the last that was reached by then.
fn total(block: &Block, capability: CapabilityId, lane: usize, moment: Ticks) -> f64 {
    let steps = block.totals[capability].of(lane);
    let after = steps.partition_point(|step| step.at <= moment);
    steps[after.saturating_sub(1)].total
}

/// One tick after what a figure "by" a day takes in: that midnight, or the horizon if the day is the last.
fn before_end_of(figure: Figure<'_>, plan: &Plan) -> Ticks {
    let at = plan.time.ticks(figure.day.unwrap_or(0.0));
    if plan.grid.midnight(at) == plan.grid.days {
        plan.time.horizon() + 1
    } else {
        at + 1
    }
}

/// The place of a figure's subject among the model's.
fn place(figure: Figure<'_>, model: &Model) -> Result<usize, String> {
    let subjects = model.subjects();
    let found = subjects.iter().position(|subject| *subject == figure.subject);
    found.ok_or_else(|| format!("it tells nothing of `{}`", figure.subject))
}

/// The signal of a figure of a yes or no.
///
/// # Errors
/// A sentence, if the model has no such subject, or it is none that holds or does not.
pub fn subject_signal(figure: Figure<'_>, of: (&Model, &Plan)) -> Result<SignalId, String> {
    signal(place(figure, of.0)?, of.1)
}

/// The capability of a figure of a total.
///
/// # Errors
/// A sentence, if the model has no such subject, or it is none.
pub fn subject_capability(figure: Figure<'_>, model: &Model) -> Result<CapabilityId, String> {
    capability(place(figure, model)?, model)
}

fn signal(place: usize, plan: &Plan) -> Result<SignalId, String> {
    plan.subjects
        .get(place)
        .copied()
        .ok_or_else(|| "it is no yes or no".to_owned())
}

fn gate(place: usize, model: &Model) -> Result<GateId, String> {
    place
        .checked_sub(1 + model.objectives.len())
        .filter(|&gate| gate < model.gates.len())
        .ok_or_else(|| "it is no gate".to_owned())
}

/// How many subjects stand before the capabilities.
fn before_capabilities(model: &Model) -> usize {
    1 + model.objectives.len() + model.gates.len() + model.watched.len()
}

fn capability(place: usize, model: &Model) -> Result<CapabilityId, String> {
    place
        .checked_sub(before_capabilities(model))
        .filter(|&capability| capability < model.capabilities.len())
        .ok_or_else(|| "it is no capability".to_owned())
}

/// The signal of a contributor's pledge.
fn contributor(place: usize, model: &Model, plan: &Plan) -> Result<SignalId, String> {
    place
        .checked_sub(before_capabilities(model) + model.capabilities.len())
        .and_then(|contributor| plan.contributors.get(contributor))
        .map(|contributor| contributor.pledge)
        .ok_or_else(|| "it is no contributor".to_owned())
}
