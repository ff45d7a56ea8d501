//! Contributors: when each decides, and when its chance is good enough to pledge.

use super::Block;
use super::draws::{Draws, Witness};
use super::signal::{Column, Spell};
use crate::model::{Cause, ContributorId};
use crate::plan::{Contributor, Plan};
use crate::time::{NEVER, Ticks};

impl Block {
    /// Computes the pledge of one contributor for all trials.
    pub(super) fn pledge<W: Witness>(&mut self, plan: &Plan, contributor: ContributorId, witness: &mut W) {
        let contributor = &plan.contributors[contributor];
        if contributor.is_plain && !W::LOOKS {
            return self.pledge_by_columns(plan, contributor);
        }
        if !W::LOOKS {
            self.draw_ahead(plan, [contributor.decision], contributor.requires);
        }
        let mut column = self.take(contributor.pledge);
        let mut moments = std::mem::take(&mut self.scratch.moments);
        let count = self.len();
        let requires = &self.signals[contributor.requires];
        let mut draws = self.draws(plan, witness);
        column.fill_rising(count, |lane| {
            let decided = first_completed(&mut draws, contributor.decision, 0, lane, requires.of(lane), 0);
            let decided = plan.time.within(decided);
            if decided == NEVER {
                decided
            } else {
                pledged(plan, self, &mut draws, contributor, lane, decided, &mut moments)
            }
        });
        self.scratch.moments = moments;
        self.signals[contributor.pledge] = column;
        self.ahead.clear();
    }

    /// The same for one whose conditions only switch on and whose decision and chance no effect touches, with the
    /// packages that wait for nothing else. The chance comes first here, since it is the one that ends most trials.
    fn pledge_by_columns(&mut self, plan: &Plan, contributor: &Contributor) {
        let mut column = self.take(contributor.pledge);
        let mut desk = std::mem::take(&mut self.scratch.desk);
        let moments = column.begin_rising(self.len());
        self.copy_moments(contributor.requires, moments);
        if let (Some(chance), Some(toss)) = (contributor.chance, contributor.toss) {
            self.toss(plan, chance, toss, moments, &mut desk);
        }
        self.muster(plan, contributor, moments, &mut desk);
        self.scratch.desk = desk;
        self.signals[contributor.pledge] = column;
    }

    /// The moments of a signal that only switches on.
    pub(super) fn copy_moments(&self, signal: usize, moments: &mut [Ticks]) {
        if let Column::Rising(from) = &self.signals[signal] {
            moments.copy_from_slice(from);
        }
    }
}

/// The first moment at which a clock that runs during `spells`, from `start` on, completes: it starts anew with each
/// spell and must complete before the spell ends.
#[inline]
pub(super) fn first_completed<W: Witness>(
    draws: &mut Draws<'_, W>,
    clock: usize,
    visit: u32,
    lane: usize,
    spells: impl Iterator<Item = Spell>,
    start: Ticks,
) -> Ticks {
    for spell in spells {
        if spell.off <= start {
            continue;
        }
        let from = spell.on.max(start);
        let done = from.saturating_add(draws.duration(clock, visit, lane, from));
        if done < spell.off {
            return done;
        }
    }
    NEVER
}

/// The first moment from the decision on at which the uniform lies below the chance.
#[inline]
fn pledged<W: Witness>(
    plan: &Plan,
    block: &Block,
    draws: &mut Draws<'_, W>,
    contributor: &Contributor,
    lane: usize,
    decided: Ticks,
    moments: &mut Vec<Ticks>,
) -> Ticks {
    let Some(chance) = contributor.chance else {
        return decided;
    };
    if !plan.chances[chance].varies {
        return if draws.is_open(chance, 0, lane, decided) {
            decided
        } else {
            NEVER
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
    turn.copied().unwrap_or(NEVER)
}

/// The moments after `from` at which the causes of a chance's effects switch, in order.
fn turning_points(
    plan: &Plan,
    signals: &[Column],
    chance: usize,
    lane: usize,
    from: Ticks,
    moments: &mut Vec<Ticks>,
) {
    moments.clear();
    for &effect in &plan.chances[chance].odds {
        if let Cause::Signal(signal) = plan.effects[effect].cause {
            for spell in signals[signal].of(lane) {
                moments.extend(
                    [spell.on, spell.off]
                        .into_iter()
                        .filter(|&moment| moment > from && moment < NEVER),
                );
            }
        }
    }
    moments.sort_unstable();
}
