//! Capabilities: the total of all packages over time, and when it reaches an amount.

use super::draws::Witness;
use super::signal::Column;
use super::{Block, Scratch};
use crate::draw::TICKS;
use crate::model::CapabilityId;
use crate::plan::{BLOCK, Capability, Plan, whole};
use crate::wide::wide;

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

/// A change of a total, packed so that integers sort by time: the moment in ticks, the package's place in the
/// capability, and whether it ends.
type Change = u64;

/// Bits below the moment: 23 of the package's place, 1 for an end.
const PLACE_BITS: u32 = 24;

#[inline]
fn change(at: f64, place: usize, ends: bool) -> Change {
    whole(at * TICKS) << PLACE_BITS | (place as u64) << 1 | u64::from(ends)
}

impl Block {
    /// Adds up one capability for all trials.
    ///
    /// Changes are gathered package by package, along the columns, then sorted trial by trial. Amounts lie on a grid,
    /// so the sums are exact in any order. Unless totals are wanted for themselves, a trial in which all packages
    /// together reach no threshold is left at its first step: that answers every question that is asked of it.
    pub(super) fn total<W: Witness>(&mut self, plan: &Plan, capability: CapabilityId, witness: &mut W) {
        let planned = &plan.capabilities[capability];
        let mut column = std::mem::take(&mut self.totals[capability]);
        let mut scratch = std::mem::take(&mut self.scratch);
        let Scratch {
            changes,
            lanes,
            values,
            ..
        } = &mut scratch;
        self.initial_amounts(plan, planned, values, witness);
        self.lanes_to_add_up(plan, planned, values, lanes);
        changes.gather(self, plan, &planned.packages, lanes);
        changes.sort();
        column.clear();
        let mut next = lanes.iter().enumerate().peekable();
        for (lane, &initial) in values.iter().enumerate() {
            column.steps.push(TotalAt {
                at: 0.0,
                total: initial,
            });
            if let Some((index, _)) = next.next_if(|(_, listed)| **listed as usize == lane) {
                changes.add_up(index, &mut column.steps);
            }
            column.end();
        }
        self.totals[capability] = column;
        self.scratch = scratch;
    }

    fn initial_amounts<W: Witness>(
        &self,
        plan: &Plan,
        planned: &Capability,
        values: &mut Vec<f64>,
        witness: &mut W,
    ) {
        values.clear();
        match planned.initial {
            None => values.resize(self.len(), 0.0),
            Some(initial) => {
                let mut draws = self.draws(plan, witness);
                values.extend((0..self.len()).map(|lane| draws.value(initial, 0, lane, 0.0)));
            }
        }
    }

    /// The trials whose totals must be known step by step.
    fn lanes_to_add_up(&self, plan: &Plan, planned: &Capability, initial: &[f64], lanes: &mut Vec<u32>) {
        lanes.clear();
        #[allow(clippy::cast_possible_truncation, reason = "a block has few trials")]
        lanes.extend(0..self.len() as u32);
        if self.wants_totals {
            return;
        }
        let mut most = [0.0; BLOCK];
        most[..initial.len()].copy_from_slice(initial);
        for &package in &planned.packages {
            let amounts = &self.amounts[package];
            wide(|| {
                for (most, &amount) in most.iter_mut().zip(amounts) {
                    *most += if amount >= 0.0 { amount } else { 0.0 };
                }
            });
        }
        let reaches = |lane: usize| {
            planned
                .thresholds
                .iter()
                .any(|&least| most[lane] >= self.first_value(plan, least, lane))
        };
        lanes.retain(|&lane| reaches(lane as usize));
    }
}

/// The changes of a capability in each trial listed: one list after the other.
#[derive(Debug, Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    /// The amount of each package, for each trial listed.
    amounts: Vec<f64>,
    packages: usize,
    /// Where the list of each trial begins, each with one place to spare at its end; while it is gathered, where its
    /// next change goes.
    starts: Vec<u32>,
}

impl Changes {
    /// Gathers the changes of the trials listed, unsorted: once over the columns to count, once to write.
    fn gather(&mut self, block: &Block, plan: &Plan, packages: &[usize], lanes: &[u32]) {
        self.packages = packages.len();
        self.starts.clear();
        self.starts.resize(lanes.len() + 1, 1);
        self.starts[0] = 0;
        for &package in packages {
            count(
                &block.signals[plan.packages[package].supply],
                lanes,
                &mut self.starts[1..],
            );
        }
        for index in 1..self.starts.len() {
            self.starts[index] += self.starts[index - 1];
        }
        self.all.clear();
        self.all.resize(self.starts[lanes.len()] as usize, 0);
        self.amounts.clear();
        self.amounts.resize(lanes.len() * packages.len(), 0.0);
        for (place, &package) in packages.iter().enumerate() {
            self.write(
                &block.signals[plan.packages[package].supply],
                &block.amounts[package],
                place,
                lanes,
            );
        }
        // Writing has moved each start to the end of its list, one before the start of the next.
        self.starts.rotate_right(1);
        self.starts[0] = 0;
        self.starts[1..].iter_mut().for_each(|start| *start += 1);
    }

    /// Writes the changes of one package. Whether it ever supplies is as good as a coin toss, so the loop has no branch
    /// on it: each change is written, and the next one goes over it unless it counts.
    fn write(&mut self, supply: &Column, amounts: &[f64], place: usize, lanes: &[u32]) {
        let mut push = |next: &mut u32, at: f64, ends: bool| {
            self.all[*next as usize] = change(at, place, ends);
            *next += u32::from(at < f64::INFINITY);
        };
        match supply {
            Column::Rising(moments) => {
                for (next, &lane) in self.starts.iter_mut().zip(lanes) {
                    push(next, moments[lane as usize], false);
                }
            }
            Column::Spells(spells) => {
                for (next, &lane) in self.starts.iter_mut().zip(lanes) {
                    for spell in spells.of(lane as usize) {
                        push(next, spell.on, false);
                        push(next, spell.off, true);
                    }
                }
            }
        }
        let places = self.amounts.iter_mut().skip(place).step_by(self.packages);
        places
            .zip(lanes)
            .for_each(|(amount, &lane)| *amount = amounts[lane as usize]);
    }

    /// Sorts the changes of each trial.
    fn sort(&mut self) {
        let (all, starts) = (&mut self.all, &self.starts);
        wide(|| {
            for (from, to) in starts.iter().zip(&starts[1..]) {
                sort_by_rank(&mut all[*from as usize..*to as usize - 1]);
            }
        });
    }

    /// Adds up the sorted changes of the trial at `index` of the list, one total a moment, after the first step, which
    /// is there.
    fn add_up(&mut self, index: usize, steps: &mut Vec<TotalAt>) {
        let changes = &self.all[self.starts[index] as usize..self.starts[index + 1] as usize - 1];
        let amounts = &self.amounts[index * self.packages..(index + 1) * self.packages];
        let mut total = steps.last().map_or(0.0, |first| first.total);
        let mut before = 0;
        for &change in changes {
            #[allow(clippy::cast_possible_truncation, reason = "23 bits")]
            let place = (change >> 1) as usize & ((1 << (PLACE_BITS - 1)) - 1);
            let amount = amounts[place];
            total += if change & 1 == 0 { amount } else { -amount };
            let ticks = change >> PLACE_BITS;
            if ticks == before {
                let last = steps.len() - 1;
                steps[last].total = total;
            } else {
                steps.push(TotalAt {
                    at: ticks as f64 / TICKS,
                    total,
                });
                before = ticks;
            }
        }
    }
}

/// The longest list that [`sort_by_rank`] sorts by itself.
const SHORT: usize = 64;

/// Sorts a list of different keys: each goes to the place that is the number of smaller ones.
///
/// That takes n² comparisons, but no branch, and the processor makes several at a time: for a dozen keys it is several
/// times as fast as any sort that branches on what it compares.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "it is to be compiled for the vectors of its caller"
)]
fn sort_by_rank(keys: &mut [u64]) {
    if keys.len() > SHORT {
        return keys.sort_unstable();
    }
    let mut unsorted = [0; SHORT];
    let unsorted = &mut unsorted[..keys.len()];
    unsorted.copy_from_slice(keys);
    for &key in &*unsorted {
        let rank: u64 = unsorted.iter().map(|&other| u64::from(other < key)).sum();
        #[allow(clippy::cast_possible_truncation, reason = "at most the length of the list")]
        let place = rank as usize;
        keys[place] = key;
    }
}

/// Adds the number of changes that a supply makes in each trial listed.
fn count(supply: &Column, lanes: &[u32], counts: &mut [u32]) {
    let pairs = counts.iter_mut().zip(lanes);
    match supply {
        Column::Rising(moments) => {
            pairs.for_each(|(count, &lane)| *count += u32::from(moments[lane as usize] < f64::INFINITY));
        }
        Column::Spells(spells) => {
            for (count, &lane) in pairs {
                for spell in spells.of(lane as usize) {
                    *count += 1 + u32::from(spell.off < f64::INFINITY);
                }
            }
        }
    }
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

#[cfg(test)]
mod tests {
    use super::sort_by_rank;

    #[test]
    fn ranks_sort_lists_of_every_length() {
        for length in 0..150_u64 {
            let mut keys: Vec<u64> = (0..length)
                .map(|place| place.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 3)
                .collect();
            let mut sorted = keys.clone();
            sorted.sort_unstable();
            sort_by_rank(&mut keys);
            assert_eq!(keys, sorted);
        }
    }
}
