//! What trials add to the figures of a point: sums in integers, and first moments by bin.

use crate::engine::Block;
use crate::lanes::BLOCK;
use crate::model::SignalId;
use crate::plan::{Places, Plan};
use crate::probe::{Probe, first};
use crate::time::Ticks;

/// What is observed of each trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Observed {
    /// A value, whose mean is a figure.
    Value(Probe),
    /// The bin of a fact's first moment, for quantiles.
    First(SignalId),
}

/// Sums over trials, in the probe's units; they may be negative while ranks are not yet added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums {
    /// Of the values.
    pub value: i128,
    /// Of their squares, in squares of coarse units.
    pub square: i128,
    /// Of the differences from the base.
    pub difference: i128,
    /// Of their squares, in squares of coarse units.
    pub difference_square: i128,
}

/// All that is counted of one observation, by replicate: a single one where trials are independent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Count {
    /// Of a value.
    pub sums: Vec<Sums>,
    /// Of a first moment: trials by bin. None as long as nothing is counted.
    pub times: Vec<Vec<i64>>,
}

/// What each trial of a block shows.
#[derive(Clone, Debug)]
pub(super) struct Shown([i64; BLOCK]);

impl Default for Shown {
    fn default() -> Self {
        Self([0; BLOCK])
    }
}

impl Shown {
    /// Looks at a block.
    pub(super) fn look(&mut self, observed: Observed, plan: &Plan, block: &Block, places: &mut Places) {
        match observed {
            Observed::Value(probe) => probe.read(plan, block, &mut self.0),
            Observed::First(signal) => {
                let mut moments: [Ticks; BLOCK] = [0; BLOCK];
                let column = &block.signals[signal];
                for (lane, at) in moments[..block.len()].iter_mut().enumerate() {
                    *at = first(column, lane);
                }
                plan.grid.first_bins(&moments[..block.len()], places);
                let last = plan.grid.bins() - 1;
                for (shown, &place) in self.0.iter_mut().zip(places.all()) {
                    #[allow(clippy::cast_possible_wrap, reason = "bins are far fewer than 2^63")]
                    let bin = (place as usize).min(last) as i64;
                    *shown = bin;
                }
            }
        }
    }
}

/// How much values are rounded before they are squared.
fn coarseness(observed: Observed) -> i64 {
    match observed {
        Observed::Value(probe) => probe.coarseness(),
        Observed::First(_) => 1,
    }
}

impl Sums {
    /// What one trial adds.
    fn of(value: i64, base: i64, coarse: i64) -> Self {
        let (value, difference) = (i128::from(value), i128::from(value - base));
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
            times: Vec::new(),
        }
    }

    /// Counts some trials of a block, which all belong to one replicate.
    pub(super) fn add(
        &mut self,
        observed: Observed,
        bins: usize,
        replicate: usize,
        shown: [&Shown; 2],
        trials: usize,
    ) {
        let [shown, base] = shown.map(|shown| &shown.0[..trials]);
        if matches!(observed, Observed::First(_)) {
            let times = self.times(bins, replicate);
            for &bin in shown {
                times[place(bin)] += 1;
            }
            return;
        }
        let coarse = coarseness(observed);
        if coarse == 1 && is_yes_or_no(observed) {
            return self.sums[replicate].add(yes_or_no(shown, base), 1);
        }
        for (&value, &base) in shown.iter().zip(base) {
            self.sums[replicate].add(Sums::of(value, base, coarse), 1);
        }
    }

    /// Counts, for one trial, what another answer changes.
    pub(super) fn add_change(
        &mut self,
        observed: Observed,
        bins: usize,
        replicate: usize,
        [from, to, base]: [&Shown; 3],
        lane: usize,
    ) {
        let [from, to, base] = [from, to, base].map(|shown| shown.0[lane]);
        if from == to {
            return;
        }
        if matches!(observed, Observed::First(_)) {
            let times = self.times(bins, replicate);
            times[place(from)] -= 1;
            times[place(to)] += 1;
            return;
        }
        let coarse = coarseness(observed);
        self.sums[replicate].add(Sums::of(to, base, coarse), 1);
        self.sums[replicate].add(Sums::of(from, base, coarse), -1);
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        for (sums, other) in self.sums.iter_mut().zip(&other.sums) {
            sums.add(*other, 1);
        }
        if self.times.is_empty() {
            self.times.clone_from(&other.times);
        } else {
            for (times, other) in self.times.iter_mut().zip(&other.times) {
                times.iter_mut().zip(other).for_each(|(sum, count)| *sum += count);
            }
        }
    }

    fn times(&mut self, bins: usize, replicate: usize) -> &mut [i64] {
        if self.times.is_empty() {
            self.times = vec![vec![0; bins]; self.sums.len()];
        }
        &mut self.times[replicate]
    }
}

/// Whether a value is 1 or 0.
fn is_yes_or_no(observed: Observed) -> bool {
    !matches!(
        observed,
        Observed::Value(Probe::Share { .. } | Probe::Held { .. } | Probe::Total { .. }) | Observed::First(_)
    )
}

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

/// A bin as an index.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bins are counted from 0"
)]
fn place(bin: i64) -> usize {
    bin as usize
}
