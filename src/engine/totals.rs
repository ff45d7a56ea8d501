//! Capabilities: the total of all packages over time, and when it reaches an amount.

use super::Block;
use super::draws::Witness;
use super::signal::Column;
use crate::model::CapabilityId;
use crate::plan::{Capability, Plan};
use crate::time::{NEVER, Ticks};
use crate::wide_loop;

/// A total from a moment on, until the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TotalAt {
    /// When.
    pub at: Ticks,
    /// How much, from then on, in steps of the capability.
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

    /// Brings some trials together; none, where there are none.
    pub(super) fn gather(&self, lanes: &[u32], into: &mut Self) {
        into.clear();
        if self.ends.is_empty() {
            return;
        }
        for &lane in lanes {
            into.steps.extend_from_slice(self.of(lane as usize));
            into.end();
        }
    }

    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.ends.clear();
    }

    /// Begins a trial with its first step.
    pub(super) fn begin(&mut self, total: f64) {
        self.steps.push(TotalAt { at: 0, total });
    }

    /// Adds a step at or after the last; of several at one moment, the last counts.
    #[inline]
    pub(super) fn step(&mut self, step: TotalAt) {
        match self.steps.last_mut() {
            Some(last) if last.at == step.at => *last = step,
            _ => self.steps.push(step),
        }
    }

    /// Ends a trial.
    pub(super) fn end(&mut self) {
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
fn change(at: Ticks, place: usize, ends: bool) -> Change {
    u64::from(at) << PLACE_BITS | (place as u64) << 1 | u64::from(ends)
}

impl Block {
    /// Adds up one capability for all trials.
    ///
    /// Changes are gathered package by package, along the columns, then sorted trial by trial. Totals are whole steps, so
    /// the sums are exact in any order.
    pub(super) fn total<W: Witness>(&mut self, plan: &Plan, capability: CapabilityId, witness: &mut W) {
        let planned = &plan.capabilities[capability];
        let mut column = std::mem::take(&mut self.totals[capability]);
        let mut initial = std::mem::take(&mut self.scratch.values);
        self.initial_amounts(plan, planned, &mut initial, witness);
        if planned.is_plain && !W::LOOKS {
            self.add_up_arrivals(plan, planned, &initial, &mut column);
        } else {
            self.add_up_changes(plan, planned, &initial, &mut column);
        }
        self.totals[capability] = column;
        self.scratch.values = initial;
    }

    /// Adds up a capability some of whose packages may end.
    fn add_up_changes(
        &mut self,
        plan: &Plan,
        planned: &Capability,
        initial: &[f64],
        column: &mut StepColumn,
    ) {
        let mut changes = std::mem::take(&mut self.scratch.changes);
        changes.gather(self, plan, planned);
        changes.sort();
        column.clear();
        for (lane, &initial) in initial.iter().enumerate() {
            column.begin(initial);
            changes.add_up(lane, initial, column);
            column.end();
        }
        self.scratch.changes = changes;
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
                let steps = |lane| planned.measure.steps(draws.amount(initial, lane, 0));
                values.extend((0..self.len()).map(steps));
            }
        }
    }
}

/// The changes of a capability in each trial: one list after the other.
#[derive(Debug, Default)]
pub(super) struct Changes {
    all: Vec<Change>,
    /// The amount of each package in steps, for each trial.
    amounts: Vec<f64>,
    packages: usize,
    /// Where the list of each trial begins, each with one place to spare at its end; while it is gathered, where its
    /// next change goes.
    starts: Vec<u32>,
}

impl Changes {
    /// Gathers the changes of all trials, unsorted: once over the columns to count, once to write.
    fn gather(&mut self, block: &Block, plan: &Plan, planned: &Capability) {
        let packages = &planned.packages[..];
        let lanes = block.len();
        self.packages = packages.len();
        self.starts.clear();
        self.starts.resize(lanes + 1, 1);
        self.starts[0] = 0;
        for &package in packages {
            count(
                &block.signals[plan.packages[package].supply],
                &mut self.starts[1..],
            );
        }
        for index in 1..self.starts.len() {
            self.starts[index] += self.starts[index - 1];
        }
        self.all.clear();
        self.all.resize(self.starts[lanes] as usize, 0);
        self.amounts.clear();
        self.amounts.resize(lanes * packages.len(), 0.0);
        for (place, &package) in packages.iter().enumerate() {
            self.write(&block.signals[plan.packages[package].supply], place);
            let places = self.amounts.iter_mut().skip(place).step_by(packages.len());
            places
                .enumerate()
                .for_each(|(lane, amount)| *amount = planned.measure.steps(block.amount(package, lane)));
        }
        // Writing has moved each start to the end of its list, one before the start of the next.
        self.starts.rotate_right(1);
        self.starts[0] = 0;
        self.starts[1..].iter_mut().for_each(|start| *start += 1);
    }

    /// Writes the changes of one package. Whether it ever supplies is as good as a coin toss, so the loop has no branch
    /// on it: each change is written, and the next one goes over it unless it counts.
    fn write(&mut self, supply: &Column, place: usize) {
        let mut push = |next: &mut u32, at: Ticks, ends: bool| {
            self.all[*next as usize] = change(at, place, ends);
            *next += u32::from(at < NEVER);
        };
        match supply {
            Column::Rising(moments) => {
                for (next, &at) in self.starts.iter_mut().zip(moments) {
                    push(next, at, false);
                }
            }
            Column::Spells(spells) => {
                for layer in spells.layers() {
                    for ((next, &on), &off) in self.starts.iter_mut().zip(&layer.on).zip(&layer.off) {
                        push(next, on, false);
                        push(next, if on < NEVER { off } else { NEVER }, true);
                    }
                }
            }
        }
    }

    /// Sorts the changes of each trial.
    fn sort(&mut self) {
        sort_lists(&mut self.all, &self.starts);
    }

    /// Adds up the sorted changes of a trial, after the first step, which is there.
    fn add_up(&self, lane: usize, initial: f64, column: &mut StepColumn) {
        let changes = &self.all[self.starts[lane] as usize..self.starts[lane + 1] as usize - 1];
        let amounts = &self.amounts[lane * self.packages..(lane + 1) * self.packages];
        let mut total = initial;
        for &change in changes {
            #[allow(clippy::cast_possible_truncation, reason = "23 bits, and 32")]
            let (place, at) = (
                (change >> 1) as usize & ((1 << (PLACE_BITS - 1)) - 1),
                (change >> PLACE_BITS) as Ticks,
            );
            let amount = amounts[place];
            total += if change & 1 == 0 { amount } else { -amount };
            column.step(TotalAt { at, total });
        }
    }
}

wide_loop! {
    /// Sorts lists that stand one after the other, each with one place to spare at its end.
    fn sort_lists(all: &mut [u64], starts: &[u32]) {
        for (from, to) in starts.iter().zip(&starts[1..]) {
            sort_by_rank(&mut all[*from as usize..*to as usize - 1]);
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

/// Adds the number of changes that a supply makes in each trial.
fn count(supply: &Column, counts: &mut [u32]) {
    match supply {
        Column::Rising(moments) => {
            for (count, &at) in counts.iter_mut().zip(moments) {
                *count += u32::from(at < NEVER);
            }
        }
        Column::Spells(spells) => {
            for layer in spells.layers() {
                for ((count, &on), &off) in counts.iter_mut().zip(&layer.on).zip(&layer.off) {
                    *count += u32::from(on < NEVER) + u32::from(on < NEVER && off < NEVER);
                }
            }
        }
    }
}

/// When the total is at least an amount, in steps.
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
            reached.map_or(NEVER, |step| step.at)
        });
        return;
    }
    let spells = column.begin_spells(count);
    for lane in 0..count {
        let amount = amount(lane);
        let steps = totals.of(lane);
        for (index, step) in steps.iter().enumerate() {
            if step.total >= amount {
                let until = steps.get(index + 1).map_or(NEVER, |next| next.at);
                spells.push(lane, step.at, until);
            }
        }
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
