//! Contributors: when each decides, and when its chance is good enough to pledge.

use super::draws::{Draws, Silent, Witness};
use super::signal::{Column, Spell};
use super::{Block, Scratch, within};
use crate::model::{Cause, ContributorId};
use crate::plan::{Contributor, Plan};

impl Block {
    /// Computes the pledge of one contributor for all trials.
    pub(super) fn pledge<W: Witness>(&mut self, plan: &Plan, contributor: ContributorId, witness: &mut W) {
        let contributor = plan.contributors[contributor];
        if !W::LOOKS && self.pledge_by_columns(plan, &contributor) {
            return;
        }
        let mut column = self.take(contributor.pledge);
        let mut moments = std::mem::take(&mut self.scratch.moments);
        let count = self.len();
        let requires = &self.signals[contributor.requires];
        let mut draws = self.draws(plan, witness);
        column.fill_rising(count, |lane| {
            let decided = first_completed(&mut draws, contributor.decision, 0, lane, &requires.of(lane), 0.0);
            let decided = within(decided, plan.horizon);
            if decided.is_infinite() {
                decided
            } else {
                pledged(plan, self, &mut draws, &contributor, lane, decided, &mut moments)
            }
        });
        self.scratch.moments = moments;
        self.signals[contributor.pledge] = column;
    }
}

impl Block {
    /// The same for a contributor whose conditions only switch on and whose decision and chance no effect touches,
    /// with one loop a quantity; false, and nothing done, for any other.
    fn pledge_by_columns(&mut self, plan: &Plan, contributor: &Contributor) -> bool {
        let is_plain = plan.quantities[contributor.decision].is_plain;
        if !is_plain || !self.signals[contributor.requires].is_rising() {
            return false;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let Scratch {
            lanes,
            starts,
            values,
            ..
        } = &mut scratch;
        lanes_that_start(&self.signals[contributor.requires], self.len(), lanes, starts);
        let mut silent = Silent;
        let draws = self.draws(plan, &mut silent);
        draws.keep_completed(contributor.decision, lanes, starts, values);
        let is_done = contributor
            .chance
            .is_none_or(|chance| draws.keep_open(chance, lanes, starts, values));
        if is_done {
            let mut column = self.take(contributor.pledge);
            scatter(&mut column, self.len(), lanes, starts);
            self.signals[contributor.pledge] = column;
        }
        self.scratch = scratch;
        is_done
    }
}

/// The trials in which a signal that only switches on ever does, and when.
pub(super) fn lanes_that_start(signal: &Column, count: usize, lanes: &mut Vec<u32>, starts: &mut Vec<f64>) {
    lanes.clear();
    starts.clear();
    #[allow(clippy::cast_possible_truncation, reason = "a block has few trials")]
    lanes.extend(0..count as u32);
    starts.extend((0..count).map(|lane| signal.first(lane)));
    let mut kept = 0;
    for index in 0..count {
        let start = starts[index];
        lanes[kept] = lanes[index];
        starts[kept] = start;
        kept += usize::from(start < f64::INFINITY);
    }
    lanes.truncate(kept);
    starts.truncate(kept);
}

/// Writes the moments of the trials listed, and never for all others.
pub(super) fn scatter(column: &mut Column, count: usize, lanes: &[u32], moments: &[f64]) {
    column.fill_rising(count, |_| f64::INFINITY);
    if let Column::Rising(all) = column {
        for (&lane, &moment) in lanes.iter().zip(moments) {
            all[lane as usize] = moment;
        }
    }
}

/// The first moment at which a clock that runs during `spells`, from `start` on, completes: it starts anew with each
/// spell and must complete before the spell ends. Infinite if it never does.
#[inline]
pub(super) fn first_completed<W: Witness>(
    draws: &mut Draws<'_, W>,
    clock: usize,
    visit: u32,
    lane: usize,
    spells: &[Spell],
    start: f64,
) -> f64 {
    for spell in spells {
        if spell.off <= start {
            continue;
        }
        let from = spell.on.max(start);
        let done = from + draws.value(clock, visit, lane, from);
        if done < spell.off {
            return done;
        }
    }
    f64::INFINITY
}

/// The first moment from the decision on at which the uniform lies below the chance.
#[inline]
fn pledged<W: Witness>(
    plan: &Plan,
    block: &Block,
    draws: &mut Draws<'_, W>,
    contributor: &Contributor,
    lane: usize,
    decided: f64,
    moments: &mut Vec<f64>,
) -> f64 {
    let Some(chance) = contributor.chance else {
        return decided;
    };
    if !plan.chances[chance].varies {
        return if draws.is_open(chance, 0, lane, decided) {
            decided
        } else {
            f64::INFINITY
        };
    }
    let u = draws.chance_uniform(chance, 0, lane);
    if u < draws.probability(chance, lane, decided) {
        return decided;
    }
    turning_points(plan, &block.signals, chance, lane, decided, moments);
    let turn = moments
        .iter()
        .find(|&&moment| u < draws.probability(chance, lane, moment));
    turn.copied().unwrap_or(f64::INFINITY)
}

/// The moments after `from` at which the causes of a chance's effects switch, in order.
fn turning_points(
    plan: &Plan,
    signals: &[Column],
    chance: usize,
    lane: usize,
    from: f64,
    moments: &mut Vec<f64>,
) {
    moments.clear();
    for &effect in &plan.chances[chance].odds {
        if let Cause::Signal(signal) = plan.effects[effect].cause {
            for spell in signals[signal].of(lane).iter() {
                moments.extend(
                    [spell.on, spell.off]
                        .into_iter()
                        .filter(|&moment| moment > from && moment < f64::INFINITY),
                );
            }
        }
    }
    moments.sort_by(f64::total_cmp);
}
