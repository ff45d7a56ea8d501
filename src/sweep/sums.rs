//! What trials add to the figures of a point: sums in integers, and first moments by bin.

use serde::{Deserialize, Serialize};

use crate::engine::Block;
use crate::lanes::{BLOCK, Lanes, gather};
use crate::model::{CapabilityId, SignalId};
use crate::plan::{Places, Plan, TOTAL_BINS};
use crate::probe::Probe;
use crate::tally::{COARSE, total_bin, total_ticks};
use crate::time::{FINEST, Ticks};
use crate::wide_loop;

/// What is observed of each trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Observed {
    /// A value, whose mean is a figure.
    Value(Probe),
    /// The bin of a fact's first moment, for quantiles.
    First(SignalId),
    /// A capability's total at a midnight, in ticks, and its bin; in those blocks only of which runs count totals.
    Total {
        /// Which.
        capability: CapabilityId,
        /// When.
        midnight: usize,
    },
}

impl Observed {
    /// Whether only some blocks count.
    pub(super) fn is_total(self) -> bool {
        matches!(self, Self::Total { .. })
    }

    /// In how many bins trials are counted.
    fn bins(self, plan: &Plan) -> usize {
        if self.is_total() {
            TOTAL_BINS
        } else {
            plan.grid.bins()
        }
    }

    /// Whether trials are counted by a bin.
    fn has_bins(self) -> bool {
        matches!(self, Self::First(_) | Self::Total { .. })
    }

    /// Whether trials have a value that is summed.
    fn has_value(self) -> bool {
        !matches!(self, Self::First(_))
    }
}

/// How many of its units, in which differences are summed, one unit of a value is, as a power of two: the ticks of a longer
/// horizon may be longer, and a difference has those of neither scenario but the finest.
pub(super) fn fineness(observed: Observed, plan: &Plan) -> u32 {
    match observed {
        Observed::Value(Probe::Held { .. }) => libm::ilogb(FINEST / plan.time.per_day()).unsigned_abs(),
        _ => 0,
    }
}

/// Sums over trials, in the probe's units; they may be negative while ranks are not yet added up.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Sums {
    /// Of the values.
    pub value: i128,
    /// Of their squares, in squares of coarse units.
    pub square: i128,
    /// Of the differences from the base, which are in the finest of units ([`fineness`]).
    pub difference: i128,
    /// Of their squares, in squares of coarse units.
    pub difference_square: i128,
}

/// All that is counted of one observation, by replicate: a single one where trials are independent.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Count {
    /// Of a value.
    pub sums: Vec<Sums>,
    /// Of a first moment or a total: trials by bin. None as long as nothing is counted.
    pub bins: Vec<Vec<i64>>,
}

/// Where first moments are looked for, and their bins.
#[derive(Debug, Default)]
pub(super) struct Room {
    moments: Lanes<Ticks>,
    places: Places,
}

/// What each trial of a block shows.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// A value, if it has one.
    values: [i64; BLOCK],
    /// A bin, if it has one.
    bins: [u32; BLOCK],
    /// How fine the units of values are.
    fineness: u32,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            values: [0; BLOCK],
            bins: [0; BLOCK],
            fineness: 0,
        }
    }
}

impl Shown {
    /// Looks at a block.
    pub(super) fn look(&mut self, observed: Observed, plan: &Plan, block: &Block, room: &mut Room) {
        self.fineness = fineness(observed, plan);
        match observed {
            Observed::Value(probe) => probe.read(plan, block, &mut self.values),
            Observed::First(signal) => {
                let moments = block.signals[signal].firsts(&mut room.moments, block.len());
                plan.grid.first_bins(moments, &mut room.places);
                let last = bin(plan.grid.bins() - 1);
                for (bin, &place) in self.bins.iter_mut().zip(room.places.all()) {
                    *bin = place.min(last);
                }
            }
            // Other blocks keep no totals, and are not counted.
            Observed::Total { .. } if !plan.tallies_totals(block.first) => {}
            Observed::Total { capability, midnight } => {
                let planned = &plan.capabilities[capability];
                for lane in 0..block.len() {
                    let steps = block.totals[capability].of(lane);
                    let after = steps.partition_point(|step| plan.grid.midnight(step.at) <= midnight);
                    let total = steps[after.saturating_sub(1)].total;
                    self.values[lane] = total_ticks(total);
                    self.bins[lane] = bin(total_bin(total - planned.origin, planned.bin));
                }
            }
        }
    }

    /// Brings some trials together.
    pub(super) fn gather(&self, lanes: &[u32], into: &mut Self) {
        into.fineness = self.fineness;
        gather(&self.values, lanes, &mut into.values);
        gather(&self.bins, lanes, &mut into.bins);
    }
}

/// A bin, of which there are far fewer than 2³².
#[allow(clippy::cast_possible_truncation, reason = "a few thousand")]
fn bin(bin: usize) -> u32 {
    bin as u32
}

/// How much values are rounded before they are squared.
fn coarseness(observed: Observed) -> i64 {
    match observed {
        Observed::Value(probe) => probe.coarseness(),
        Observed::First(_) => 1,
        Observed::Total { .. } => COARSE.into(),
    }
}

impl Sums {
    /// What one trial adds; the difference is in the finest units.
    #[inline]
    fn of(value: i64, difference: i64, coarse: i64) -> Self {
        let (value, difference) = (i128::from(value), i128::from(difference));
        let coarse = i128::from(coarse);
        Self {
            value,
            square: (value / coarse).pow(2),
            difference,
            difference_square: (difference / coarse).pow(2),
        }
    }

    fn add(&mut self, other: Self, sign: i128) {
        self.value += sign * other.value;
        self.square += sign * other.square;
        self.difference += sign * other.difference;
        self.difference_square += sign * other.difference_square;
    }
}

impl Count {
    /// Nothing, in so many replicates.
    pub(super) fn new(replicates: usize) -> Self {
        Self {
            sums: vec![Sums::default(); replicates],
            bins: Vec::new(),
        }
    }

    /// Counts some trials of a block, which all belong to one replicate.
    pub(super) fn add(
        &mut self,
        observed: Observed,
        plan: &Plan,
        replicate: usize,
        shown: [&Shown; 2],
        trials: usize,
    ) {
        if observed.has_bins() {
            let counts = self.bins(observed.bins(plan), replicate);
            for &bin in &shown[0].bins[..trials] {
                counts[bin as usize] += 1;
            }
        }
        if !observed.has_value() {
            return;
        }
        let [values, base] = shown.map(|shown| &shown.values[..trials]);
        let coarse = coarseness(observed);
        if coarse == 1 && is_yes_or_no(observed) {
            return self.sums[replicate].add(yes_or_no(values, base), 1);
        }
        let finenesses = shown.map(|shown| shown.fineness);
        if is_small(observed, finenesses) {
            for (values, base) in values.chunks(AT_A_TIME).zip(base.chunks(AT_A_TIME)) {
                self.sums[replicate].add(small(values, base, finenesses, coarse.ilog2()), 1);
            }
            return;
        }
        let [own, other] = finenesses;
        for (&value, &base) in values.iter().zip(base) {
            let difference = (value << own) - (base << other);
            self.sums[replicate].add(Sums::of(value, difference, coarse), 1);
        }
    }

    /// Counts, for one trial, what another answer changes.
    pub(super) fn add_change(
        &mut self,
        observed: Observed,
        plan: &Plan,
        replicate: usize,
        [from, to, base]: [&Shown; 3],
        lane: usize,
    ) {
        if from.bins[lane] == to.bins[lane] && from.values[lane] == to.values[lane] {
            return;
        }
        if observed.has_bins() {
            let counts = self.bins(observed.bins(plan), replicate);
            counts[from.bins[lane] as usize] -= 1;
            counts[to.bins[lane] as usize] += 1;
        }
        if !observed.has_value() {
            return;
        }
        let finest = |shown: &Shown| shown.values[lane] << shown.fineness;
        let [from_finest, to_finest, base] = [from, to, base].map(finest);
        let [from, to] = [from, to].map(|shown| shown.values[lane]);
        let coarse = coarseness(observed);
        self.sums[replicate].add(Sums::of(to, to_finest - base, coarse), 1);
        self.sums[replicate].add(Sums::of(from, from_finest - base, coarse), -1);
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        for (sums, other) in self.sums.iter_mut().zip(&other.sums) {
            sums.add(*other, 1);
        }
        if self.bins.is_empty() {
            self.bins.clone_from(&other.bins);
        } else {
            for (counts, other) in self.bins.iter_mut().zip(&other.bins) {
                counts
                    .iter_mut()
                    .zip(other)
                    .for_each(|(sum, count)| *sum += count);
            }
        }
    }

    fn bins(&mut self, bins: usize, replicate: usize) -> &mut [i64] {
        if self.bins.is_empty() {
            self.bins = vec![vec![0; bins]; self.sums.len()];
        }
        &mut self.bins[replicate]
    }
}

/// Whether a value is 1 or 0.
fn is_yes_or_no(observed: Observed) -> bool {
    !matches!(
        observed,
        Observed::Value(Probe::Share { .. } | Probe::Held { .. } | Probe::Total { .. })
            | Observed::First(_)
            | Observed::Total { .. }
    )
}

/// So many trials are summed in whole numbers of 64 bits: a value in its finest unit has at most 31 bits and those of
/// [`FINE_ENOUGH`], 10 fewer before it is squared, as [`COARSE`] has, and shares have 28 bits; so the square has at most 56.
const AT_A_TIME: usize = 64;

/// The most fineness of values that [`small`] can sum.
const FINE_ENOUGH: u32 = 7;

/// Whether [`small`] can sum what is observed.
fn is_small(observed: Observed, finenesses: [u32; 2]) -> bool {
    matches!(
        observed,
        Observed::Value(Probe::Share { .. } | Probe::Held { .. })
    ) && finenesses.iter().all(|&fineness| fineness <= FINE_ENOUGH)
}

wide_loop! {
    /// The sums of values of 1 and 0: their squares are themselves.
    fn yes_or_no(shown: &[i64], base: &[i64]) -> Sums {
        let (mut value, mut difference, mut gross) = (0, 0, 0);
        for (&shown, &base) in shown.iter().zip(base) {
            value += shown;
            difference += shown - base;
            gross += shown ^ base;
        }
        Sums {
            value: value.into(),
            square: value.into(),
            difference: difference.into(),
            difference_square: gross.into(),
        }
    }

    /// The sums of [`AT_A_TIME`] values that are not below zero; coarse units are a power of two.
    fn small(shown: &[i64], base: &[i64], finenesses: [u32; 2], coarse: u32) -> Sums {
        let [own, other] = finenesses;
        let (mut value, mut square) = (0, 0);
        let (mut difference, mut difference_square) = (0, 0);
        for (&shown, &base) in shown.iter().zip(base) {
            let apart = (shown << own) - (base << other);
            value += shown;
            square += squared(shown, coarse);
            difference += apart;
            difference_square += squared(apart, coarse);
        }
        Sums {
            value: value.into(),
            square: square.into(),
            difference: difference.into(),
            difference_square: difference_square.into(),
        }
    }
}

/// The square of a number rounded towards zero to coarse units: of 32 bits at most, which vectors can multiply.
#[inline(always)]
#[allow(clippy::cast_possible_truncation, reason = "see `AT_A_TIME`")]
fn squared(value: i64, coarse: u32) -> u64 {
    let rounded = (value.unsigned_abs() >> coarse) as u32;
    u64::from(rounded) * u64::from(rounded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::WHOLE_SHARE;
    use crate::time::LONGEST;

    /// Summed one by one, in whole numbers that nothing is too large for.
    fn slow(shown: &[i64], base: &[i64], [own, other]: [u32; 2], coarse: i64) -> Sums {
        let mut sums = Sums::default();
        for (&shown, &base) in shown.iter().zip(base) {
            sums.add(Sums::of(shown, (shown << own) - (base << other), coarse), 1);
        }
        sums
    }

    #[test]
    fn sums_of_64_bits_are_those_of_128() {
        let held = [0, 1, 1_023, 1_024, 77_777_777, LONGEST.into()];
        let share = [0, 1, i64::from(WHOLE_SHARE) / 7, WHOLE_SHARE.into()];
        for (values, coarse) in [(&held[..], i64::from(COARSE)), (&share[..], 1)] {
            for finenesses in [[0, 0], [FINE_ENOUGH, 0], [0, FINE_ENOUGH], [2, 3]] {
                if coarse == 1 && finenesses != [0, 0] {
                    continue;
                }
                for (&shown, &base) in values
                    .iter()
                    .flat_map(|one| values.iter().map(move |two| (one, two)))
                {
                    for trials in [1, 7, AT_A_TIME] {
                        let (shown, base) = (vec![shown; trials], vec![base; trials]);
                        let fast = small(&shown, &base, finenesses, coarse.ilog2());
                        assert_eq!(fast, slow(&shown, &base, finenesses, coarse));
                    }
                }
            }
        }
    }
}
