//! Figures of a capability's total at one moment, from the bins and sums in which it was counted.

use super::quantile::{self, Ranks};
use super::{Estimate, mean, paired};
use crate::plan::Capability;
use crate::tally::COARSE;

/// What was counted of a total at one moment.
#[derive(Clone, Debug)]
pub struct Totals<'p> {
    /// For each bin, trials in it and in those below.
    up_to: Vec<u64>,
    planned: &'p Capability,
    trials: u64,
    confidence: f64,
}

impl<'p> Totals<'p> {
    /// Of trials by bin of a capability, and trials in all.
    #[must_use]
    pub fn new(
        counts: impl Iterator<Item = u64>,
        planned: &'p Capability,
        trials: u64,
        confidence: f64,
    ) -> Self {
        let up_to = counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        Self {
            up_to: up_to.collect(),
            planned,
            trials,
            confidence,
        }
    }

    /// The bin of the trial of a rank, counted from 1; the last bin if there are fewer.
    fn bin(&self, rank: u64) -> usize {
        let found = self.up_to.partition_point(|&count| count < rank);
        found.min(self.up_to.len().saturating_sub(1))
    }

    /// Steps in units of the capability.
    fn units(&self, steps: f64) -> f64 {
        self.planned.measure.units(steps)
    }

    /// The least that the total can be.
    fn least(&self) -> f64 {
        self.units(self.planned.bins.least())
    }

    /// The end of the highest bin in which a total was seen, or its beginning if it has no end.
    fn highest(&self) -> f64 {
        let all = self.up_to.last().copied().unwrap_or(0);
        let [low, high] = self.planned.bins.edges(self.bin(all));
        self.units(if high.is_finite() { high } else { low })
    }

    /// The mean, from the sum in steps and the sum of squares in squares of [`COARSE`] steps; its interval lies between the least
    /// that the total can be and the highest seen. It is infinite, and so is its interval, where `is_endless`: in some trial an
    /// amount without a finite mean was there.
    #[must_use]
    pub fn mean(&self, sum: i128, squares: i128, is_endless: bool) -> Estimate {
        if is_endless {
            return Estimate::certain(f64::INFINITY, self.trials);
        }
        let n = self.trials.max(1) as f64;
        let unit = self.units(f64::from(COARSE));
        let mean = self.units(sum as f64) / n;
        let least = self.least();
        let above = mean - least;
        let squares = (squares as f64 * unit * unit / n - mean * mean).max(0.0) + above * above;
        let range = (self.highest() - least).max(above);
        let interval = mean::bounded(above * n, squares * n, self.trials, range, self.confidence);
        Estimate {
            estimate: mean,
            low: interval.low + least,
            high: interval.high + least,
            trials: self.trials,
        }
        .around()
    }

    /// How much the mean is above that of another scenario on the same trials, from the sum of the differences and the sum of their
    /// squares in squares of [`COARSE`]: in steps of the scenario whose steps are coarser.
    #[must_use]
    pub fn difference(&self, other: &Self, sum: i128, squares: i128) -> Estimate {
        let coarser = [self, other].map(|totals| totals.planned.measure.per_unit());
        let per_unit = coarser[0].min(coarser[1]);
        let unit = f64::from(COARSE) / per_unit;
        paired::mean(
            sum as f64 / per_unit,
            squares as f64 * unit * unit,
            self.trials,
            self.highest().max(other.highest()) - self.least().min(other.least()),
            self.confidence,
        )
    }

    /// A quantile.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Estimate {
        self.at(quantile::ranks(quantile, self.trials, self.confidence))
    }

    /// The quantile of these ranks: the middle of its bin, with the outer edges of the bins of its interval. Where nothing seen
    /// bounds it, it reaches to what is possible.
    #[must_use]
    pub fn at(&self, ranks: Ranks) -> Estimate {
        let bins = &self.planned.bins;
        let low = match ranks.low {
            0 => bins.least(),
            rank => bins.edges(self.bin(rank))[0],
        };
        let last = self.up_to.len().saturating_sub(1);
        let highest = if ranks.high > self.trials {
            last
        } else {
            self.bin(ranks.high)
        };
        Estimate {
            estimate: self.units(bins.middle(self.bin(ranks.middle))),
            low: self.units(low),
            high: self.units(bins.edges(highest)[1]),
            trials: self.trials,
        }
        .around()
    }
}
