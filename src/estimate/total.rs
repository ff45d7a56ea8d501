//! Figures of a capability's total at one moment, from the bins and sums in which it was counted.

use super::quantile::{self, Ranks};
use super::{Estimate, mean, paired};
use crate::draw::TICKS;
use crate::plan::{Capability, TOTAL_BINS};
use crate::tally::COARSE;

/// How a capability's totals are binned.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bins {
    /// The least that it can be: the middle of the first bin.
    pub origin: f64,
    /// Width of each.
    pub width: f64,
}

impl Bins {
    /// Those of a capability.
    #[must_use]
    pub fn of(planned: &Capability) -> Self {
        Self {
            origin: planned.origin,
            width: planned.bin,
        }
    }
}

/// What was counted of a total at one moment.
#[derive(Clone, Debug)]
pub struct Totals {
    /// For each bin, trials in it and in those below.
    up_to: Vec<u64>,
    bins: Bins,
    trials: u64,
    confidence: f64,
}

impl Totals {
    /// Of trials by bin, and trials in all.
    #[must_use]
    pub fn new(counts: impl Iterator<Item = u64>, bins: Bins, trials: u64, confidence: f64) -> Self {
        let up_to = counts.scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        Self {
            up_to: up_to.collect(),
            bins,
            trials,
            confidence,
        }
    }

    /// The bin of the trial of a rank, counted from 1; the last bin if there are fewer.
    fn bin(&self, rank: u64) -> usize {
        let found = self.up_to.partition_point(|&count| count < rank);
        found.min(self.up_to.len().saturating_sub(1))
    }

    /// How far above the least the highest bin reaches in which a total was seen.
    fn range(&self) -> f64 {
        let all = self.up_to.last().copied().unwrap_or(0);
        (self.bin(all) + 1) as f64 * self.bins.width
    }

    /// The mean, from the sum in ticks and the sum of squares in squares of [`COARSE`] ticks; its interval lies between the least
    /// that the total can be and the highest seen.
    #[must_use]
    pub fn mean(&self, sum: i128, squares: i128) -> Estimate {
        let n = self.trials.max(1) as f64;
        let unit = f64::from(COARSE) / TICKS;
        let mean = sum as f64 / TICKS / n;
        let above = mean - self.bins.origin;
        let squares = (squares as f64 * unit * unit / n - mean * mean).max(0.0) + above * above;
        let range = self.range().max(above);
        let interval = mean::bounded(above * n, squares * n, self.trials, range, self.confidence);
        Estimate {
            estimate: mean,
            low: interval.low + self.bins.origin,
            high: interval.high + self.bins.origin,
            trials: self.trials,
        }
    }

    /// How much the mean is above that of another scenario on the same trials, from the sum of the differences in ticks and the
    /// sum of their squares in squares of [`COARSE`] ticks.
    #[must_use]
    pub fn difference(&self, other: &Self, sum: i128, squares: i128) -> Estimate {
        let unit = f64::from(COARSE) / TICKS;
        let least = self.bins.origin.min(other.bins.origin);
        let most = [self, other].map(|totals| totals.bins.origin + totals.range());
        paired::mean(
            sum as f64 / TICKS,
            squares as f64 * unit * unit,
            self.trials,
            most[0].max(most[1]) - least,
            self.confidence,
        )
    }

    /// A quantile.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Estimate {
        self.at(quantile::ranks(quantile, self.trials, self.confidence))
    }

    /// The quantile of these ranks: the middle of its bin, with the outer edges of the bins of its interval.
    #[must_use]
    pub fn at(&self, ranks: Ranks) -> Estimate {
        let Bins { origin, width } = self.bins;
        let at = |bin: usize| origin + bin as f64 * width;
        let middle = |rank: u64| at(self.bin(rank));
        let low = if ranks.low == 0 {
            origin
        } else {
            middle(ranks.low) - width / 2.0
        };
        let high = if ranks.high > self.trials {
            at(TOTAL_BINS - 1)
        } else {
            middle(ranks.high)
        };
        Estimate {
            estimate: middle(ranks.middle),
            low: low.max(origin),
            high: high + width / 2.0,
            trials: self.trials,
        }
    }
}
