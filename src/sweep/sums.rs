//! What trials add to the figures of a point: sums in integers, and first moments by bin.

use serde::{Deserialize, Serialize};

use crate::engine::Block;
use crate::lanes::{BLOCK, Lanes, gather};
use crate::model::{CapabilityId, SignalId};
use crate::plan::{Capability, Places, Plan, TOTAL_BINS};
use crate::probe::{self, Probe};
use crate::tally::{COARSE, whole};
use crate::time::{FINEST, Ticks};
use crate::wide_loop;

/// What is observed of each trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Observed {
    /// A value, whose mean is a figure.
    Value(Probe),
    /// The bin of a fact's first moment, for quantiles.
    First(SignalId),
    /// A capability's total at a midnight, in steps, and its bin; in those blocks only of which runs count totals.
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

/// What values are counted in, and what their differences from those of another scenario are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Unit {
    /// So many of the units of differences are one of a value: the ticks of a longer horizon may be longer, and a difference has those
    /// of neither scenario but the finest.
    pub fineness: i64,
    /// Steps a unit of a capability: a difference has the coarser of both scenarios, so that nothing can grow too large.
    per_unit: f64,
}

impl Unit {
    /// Of what is observed of a plan.
    pub(super) fn of(observed: Observed, plan: &Plan) -> Self {
        let mut unit = Self {
            fineness: 1,
            per_unit: 1.0,
        };
        match observed {
            Observed::Value(Probe::Held { .. }) => unit.fineness = i64::from(FINEST / plan.time.per_day()),
            Observed::Total { capability, .. } => {
                unit.per_unit = plan.capabilities[capability].measure.per_unit();
            }
            Observed::Value(_) | Observed::First(_) => {}
        }
        unit
    }

    /// A value in the units of its difference from one in another unit.
    #[inline]
    fn convert(self, value: i64, other: Self) -> i64 {
        probe::in_steps_of(other.per_unit, value, self.per_unit) * self.fineness
    }
}

/// Sums over trials, in the probe's units; they may be negative while ranks are not yet added up.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(super) struct Sums {
    /// Of the values.
    pub value: i128,
    /// Of their squares, in squares of coarse units.
    pub square: i128,
    /// Of the differences from the base, in their [`Unit`].
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
    /// Of a total: whether in some trial there was an amount without a finite mean.
    pub is_endless: bool,
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
    /// What values are counted in.
    unit: Unit,
    /// Whether in some trial there is an amount without a finite mean.
    is_endless: bool,
}

impl Default for Shown {
    fn default() -> Self {
        Self {
            values: [0; BLOCK],
            bins: [0; BLOCK],
            unit: Unit {
                fineness: 1,
                per_unit: 1.0,
            },
            is_endless: false,
        }
    }
}

impl Shown {
    /// Looks at a block.
    pub(super) fn look(&mut self, observed: Observed, plan: &Plan, block: &Block, room: &mut Room) {
        self.unit = Unit::of(observed, plan);
        self.is_endless = false;
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
                    self.values[lane] = whole(total);
                    self.bins[lane] = bin(planned.bins.place(total));
                }
                self.is_endless = has_endless(plan, block, planned, midnight);
            }
        }
    }

    /// Brings some trials together.
    pub(super) fn gather(&self, lanes: &[u32], into: &mut Self) {
        into.unit = self.unit;
        into.is_endless = self.is_endless;
        gather(&self.values, lanes, &mut into.values);
        gather(&self.bins, lanes, &mut into.bins);
    }
}

/// Whether in some trial of a block an amount without a finite mean is part of a total at a midnight.
fn has_endless(plan: &Plan, block: &Block, planned: &Capability, midnight: usize) -> bool {
    planned.endless.iter().any(|&package| {
        let mut spells = (0..block.len()).flat_map(|lane| block.supplies(plan, package, lane));
        spells
            .any(|spell| plan.grid.midnight(spell.on) <= midnight && midnight < plan.grid.midnight(spell.off))
    })
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
            is_endless: false,
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
        self.is_endless |= shown[0].is_endless;
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
        let units = shown.map(|shown| shown.unit);
        let finenesses = units.map(|unit| unit.fineness);
        if is_small(observed, finenesses) {
            for (values, base) in values.chunks(AT_A_TIME).zip(base.chunks(AT_A_TIME)) {
                self.sums[replicate].add(small(values, base, finenesses, coarse.ilog2()), 1);
            }
            return;
        }
        let [own, other] = units;
        for (&value, &base) in values.iter().zip(base) {
            let difference = own.convert(value, other) - other.convert(base, own);
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
        let coarse = coarseness(observed);
        let sums = |shown: &Shown| {
            let value = shown.values[lane];
            let base = (base.unit.convert(base.values[lane], shown.unit), base.unit);
            Sums::of(value, shown.unit.convert(value, base.1) - base.0, coarse)
        };
        self.is_endless |= to.is_endless;
        self.sums[replicate].add(sums(to), 1);
        self.sums[replicate].add(sums(from), -1);
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        self.is_endless |= other.is_endless;
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

/// So many trials are summed in whole numbers of 64 bits: a value in its finest unit has at most 31 bits and the 7 of
/// [`FINE_ENOUGH`], 10 fewer before it is squared, as [`COARSE`] has, and shares have 28 bits; so the square has at most 56.
const AT_A_TIME: usize = 64;

/// The most fineness of values that [`small`] can sum.
const FINE_ENOUGH: i64 = 100;

/// Whether [`small`] can sum what is observed.
fn is_small(observed: Observed, finenesses: [i64; 2]) -> bool {
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
    fn small(shown: &[i64], base: &[i64], finenesses: [i64; 2], coarse: u32) -> Sums {
        let [own, other] = finenesses;
        let (mut value, mut square) = (0, 0);
        let (mut difference, mut difference_square) = (0, 0);
        for (&shown, &base) in shown.iter().zip(base) {
            let apart = shown * own - base * other;
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
    fn slow(shown: &[i64], base: &[i64], [own, other]: [i64; 2], coarse: i64) -> Sums {
        let mut sums = Sums::default();
        for (&shown, &base) in shown.iter().zip(base) {
            sums.add(Sums::of(shown, shown * own - base * other, coarse), 1);
        }
        sums
    }

    #[test]
    fn sums_of_64_bits_are_those_of_128() {
        let held = [0, 1, 1_023, 1_024, 77_777_777, LONGEST.into()];
        let share = [0, 1, i64::from(WHOLE_SHARE) / 7, WHOLE_SHARE.into()];
        for (values, coarse) in [(&held[..], i64::from(COARSE)), (&share[..], 1)] {
            for finenesses in [[1, 1], [FINE_ENOUGH, 1], [1, FINE_ENOUGH], [10, 100]] {
                if coarse == 1 && finenesses != [1, 1] {
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
