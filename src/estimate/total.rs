//! Figures of a capability's total at one moment, from the bins and sums in which it was counted.

use super::{Estimate, mean, paired, quantile};
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
#[derive(Clone, Copy, Debug)]
pub struct Totals<'c> {
    /// Trials by bin.
    pub counts: &'c [u64],
    /// Where the bins lie.
    pub bins: Bins,
    /// Trials in all.
    pub trials: u64,
    /// Confidence of intervals.
    pub confidence: f64,
}

impl Totals<'_> {
    /// How far above the least the highest bin reaches in which a total was seen.
    #[must_use]
    pub fn range(&self) -> f64 {
        let highest = self.counts.iter().rposition(|&count| count > 0).unwrap_or(0);
        (highest + 1) as f64 * self.bins.width
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
        let most = [self, other].map(|totals| totals.bins.origin.abs() + totals.range());
        paired::mean(
            sum as f64 / TICKS,
            squares as f64 * unit * unit,
            self.trials,
            most[0].max(most[1]),
            self.confidence,
        )
    }

    /// A quantile: the middle of its bin, with the outer edges of the bins of its interval.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Estimate {
        let ranks = quantile::ranks(quantile, self.trials, self.confidence);
        let Bins { origin, width } = self.bins;
        let at = |bin: usize| origin + bin as f64 * width;
        let middle = |rank: u64| at(quantile::locate(self.counts, rank).bin);
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
