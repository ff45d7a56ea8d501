//! Capabilities: the total of all packages over time, and when it reaches an amount.

use super::Block;
use super::draws::Witness;
use super::signal::{Column, sort_by_moment};
use crate::model::CapabilityId;
use crate::plan::Plan;

/// A total from a moment on, until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalAt {
    /// When, in days.
    pub at: f64,
    /// How much, from then on.
    pub total: f64,
}

/// A step function of time for each trial of a block; the first step is at 0.
#[derive(Clone, Debug, Default)]
pub struct StepColumn {
    steps: Vec<TotalAt>,
    ends: Vec<u32>,
}

impl StepColumn {
    /// The steps of a trial, by time.
    #[inline]
    #[must_use]
    pub fn of(&self, lane: usize) -> &[TotalAt] {
        let start = if lane == 0 {
            0
        } else {
            self.ends[lane - 1] as usize
        };
        &self.steps[start..self.ends[lane] as usize]
    }

    fn clear(&mut self) {
        self.steps.clear();
        self.ends.clear();
    }

    fn end(&mut self) {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a block has far fewer than 2^32 steps"
        )]
        self.ends.push(self.steps.len() as u32);
    }
}

impl Block {
    /// Adds up one capability for all trials. Amounts lie on a grid, so the sums are exact in any order.
    pub(super) fn total<W: Witness>(&mut self, plan: &Plan, capability: CapabilityId, witness: &mut W) {
        let planned = &plan.capabilities[capability];
        let mut column = std::mem::take(&mut self.totals[capability]);
        column.clear();
        let count = self.len();
        for lane in 0..count {
            let initial = planned.initial.map_or(0.0, |initial| {
                self.draws(plan, witness).value(initial, 0, lane, 0.0)
            });
            let own = column.steps.len();
            column.steps.push(TotalAt {
                at: 0.0,
                total: initial,
            });
            for &package in &planned.packages {
                let amount = self.amounts[package][lane];
                for spell in self.signals[plan.packages[package].supply].of(lane).iter() {
                    column.steps.push(TotalAt {
                        at: spell.on,
                        total: amount,
                    });
                    if spell.off < f64::INFINITY {
                        column.steps.push(TotalAt {
                            at: spell.off,
                            total: -amount,
                        });
                    }
                }
            }
            let steps = &mut column.steps[own..];
            sort_by_moment(steps, |step| step.at);
            let kept = own + add_up(steps);
            column.steps.truncate(kept);
            column.end();
        }
        self.totals[capability] = column;
    }
}

/// Turns sorted changes into totals, one a moment; returns how many there are.
fn add_up(steps: &mut [TotalAt]) -> usize {
    let mut kept = 0;
    let mut total = 0.0;
    for index in 0..steps.len() {
        let TotalAt { at, total: change } = steps[index];
        total += change;
        if kept > 0 && steps[kept - 1].at >= at {
            steps[kept - 1].total = total;
        } else {
            steps[kept] = TotalAt { at, total };
            kept += 1;
        }
    }
    kept
}

/// When the total is at least an amount.
pub(super) fn threshold(
    totals: &StepColumn,
    amount: impl Fn(usize) -> f64,
    count: usize,
    column: &mut Column,
) {
    if column.is_rising() {
        column.fill_rising(count, |lane| {
            let amount = amount(lane);
            let reached = totals.of(lane).iter().find(|step| step.total >= amount);
            reached.map_or(f64::INFINITY, |step| step.at)
        });
        return;
    }
    let spells = column.begin_spells();
    for lane in 0..count {
        let amount = amount(lane);
        let steps = totals.of(lane);
        for (index, step) in steps.iter().enumerate() {
            if step.total >= amount {
                let until = steps.get(index + 1).map_or(f64::INFINITY, |next| next.at);
                spells.push(step.at, until);
            }
        }
        spells.end();
    }
}
