//! Contributors: when each decides, and when its chance is good enough to pledge.

use super::draws::{Draws, Witness};
use super::signal::{Column, Spell};
use super::{Block, within};
use crate::model::{Cause, ContributorId};
use crate::plan::{Contributor, Plan};

impl Block {
    /// Computes the pledge of one contributor for all trials.
    pub(super) fn pledge<W: Witness>(&mut self, plan: &Plan, contributor: ContributorId, witness: &mut W) {
        let contributor = plan.contributors[contributor];
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
