//! Intervals from independent replicates, for trials that are not independent of each other within one.
//!
//! # Method
//! Each of R replicates gives an estimate of the same figure, independent of the others, from the sum s of its n
//! trials. The estimate is that over all trials, ȳ = Σs / Σn, and its variance is estimated by
//! R/(R−1) · Σ(s − nȳ)² / (Σn)², which for replicates of equal size is the variance of their means over R. The interval
//! is ȳ ± tσ with Student's t of R − 1 degrees of freedom; see [`sampling`](crate::sampling) for why R is small.
//!
//! # What is added, so that an interval is never shorter than it can honestly be
//! - **Resolution.** A replicate of n trials estimates a chance only to a whole number of trials. Where all R agree on a
//!   number, the true one may differ by a part f of a trial that a replicate shows with the chance f: all R then agree
//!   with the chance (1 − f)ᴿ, which is not below α/2 for f up to 1 − (α/2)^(1/R). No interval is shorter than that part
//!   of a trial a replicate to each side: 0.2 trials for 16 replicates and 95 %.
//! - **Few cases.** Where fewer than `FEW` trials a replicate succeed (or fail), the number of successes of a
//!   replicate is far from normal, most replicates agree, and t is too short too often. Even spreading gains little
//!   there, so the interval also takes in Wilson's for as many independent trials; and where all succeed or all fail,
//!   that is what remains.
//! - **Few replicates.** Where fewer than `FEWEST` have trials, they agree by accident often enough that the interval
//!   also takes in Wilson's: without it, those of a chance over two replicates of 512 trials hold the truth in 87 % of
//!   runs in place of 95 %.
//! - **One replicate.** A run too short to have two takes Wilson's interval. The trials are spread at least as evenly
//!   as independent ones for most figures, so that this is an approximation, for the most part on the safe side.

use super::Estimate;
use super::proportion::wilson;
use super::quantile::Place;
use crate::distribution::special::IncompleteBeta;

/// With fewer successes or failures a replicate than this, on average, an interval also takes in Wilson's.
const FEW: f64 = 5.0;

/// With fewer replicates than this, an interval also takes in Wilson's.
const FEWEST: u64 = 8;

/// What one replicate adds to a mean.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Replicate {
    /// Sum of the values: the number of successes for a chance.
    pub sum: f64,
    /// Trials. Replicates without any are ignored.
    pub trials: u64,
}

/// The two-sided quantile of Student's t: |T| is at most this with the probability `confidence`, above 0 and below 1.
///
/// From P(|T| > t) = I(ν/2, ½, ν/(ν + t²)): NIST Digital Library of Mathematical Functions 8.17, Abramowitz and Stegun
/// 26.7.1. `degrees` is at least 1.
#[must_use]
pub fn student(confidence: f64, degrees: u64) -> f64 {
    let degrees = degrees as f64;
    let x = IncompleteBeta::new(degrees / 2.0, 0.5).lower_inverse(1.0 - confidence);
    (degrees * (1.0 - x) / x).sqrt()
}

/// The mean of values between 0 and `bound`, for a chance 1, from independent replicates, with its interval in
/// [0, `bound`].
#[must_use]
pub fn bounded(replicates: &[Replicate], bound: f64, confidence: f64) -> Estimate {
    Interval::new(replicates.iter().map(|replicate| replicate.trials), confidence)
        .of(replicates.iter().map(|replicate| replicate.sum), bound)
}

/// What the intervals of all figures of the same replicates have in common.
#[derive(Clone, Debug)]
pub struct Interval {
    /// Trials of each replicate, some perhaps 0.
    sizes: Vec<u64>,
    /// Their sum.
    trials: u64,
    confidence: f64,
    /// Half the length of an interval over the root of Σ(s − nȳ)²; none for fewer than two replicates.
    scale: Option<f64>,
    /// The least half-length, in multiples of the bound.
    resolution: f64,
    /// Successes or failures below which Wilson's interval is taken in.
    few: f64,
}

impl Interval {
    /// From the trials of each replicate, some perhaps 0.
    #[must_use]
    pub fn new(sizes: impl Iterator<Item = u64>, confidence: f64) -> Self {
        let sizes: Vec<u64> = sizes.collect();
        let trials: u64 = sizes.iter().sum();
        let count = sizes.iter().filter(|&&size| size > 0).count() as u64;
        let (n, r) = (trials.max(1) as f64, count.max(1) as f64);
        let scale = (count >= 2).then(|| student(confidence, count - 1) * (r / (r - 1.0)).sqrt() / n);
        let unseen = (1.0 - confidence) / 2.0;
        Self {
            sizes,
            trials,
            confidence,
            scale,
            resolution: (1.0 - libm::pow(unseen, 1.0 / r)) * r / n,
            few: if count < FEWEST { f64::INFINITY } else { FEW * r },
        }
    }

    /// The mean of values between 0 and `bound`, for a chance 1, with these sums, one a replicate.
    #[must_use]
    pub fn of(&self, sums: impl Iterator<Item = f64> + Clone, bound: f64) -> Estimate {
        let sum: f64 = sums.clone().sum();
        let successes = if bound > 0.0 { sum / bound } else { 0.0 };
        let share = wilson(successes, self.trials, self.confidence);
        let wilson = Estimate {
            estimate: share.estimate * bound,
            low: share.low * bound,
            high: share.high * bound,
            trials: self.trials,
        };
        let Some(scale) = self.scale else {
            return wilson;
        };
        let mean = sum / self.trials as f64;
        let deviations = sums.zip(&self.sizes).map(|(sum, &size)| sum - size as f64 * mean);
        let squares: f64 = deviations.map(|deviation| deviation * deviation).sum();
        let half = (scale * squares.sqrt()).max(self.resolution * bound);
        let interval = Estimate {
            low: (mean - half).max(0.0),
            high: (mean + half).min(bound.max(mean)),
            ..wilson
        };
        if successes.min(self.trials as f64 - successes) < self.few {
            hull(&interval, &wilson)
        } else {
            interval
        }
    }
}

impl Interval {
    /// The mean of differences of at most `bound` to each side, with these sums, one a replicate: Student's t, but never
    /// shorter than the resolution. Fewer than two replicates tell nothing.
    #[must_use]
    pub fn of_difference(&self, sums: impl Iterator<Item = f64> + Clone, bound: f64) -> Estimate {
        let mean = sums.clone().sum::<f64>() / self.trials.max(1) as f64;
        let half = self.scale.map_or(2.0 * bound, |scale| {
            let deviations = sums.zip(&self.sizes).map(|(sum, &size)| sum - size as f64 * mean);
            let squares: f64 = deviations.map(|deviation| deviation * deviation).sum();
            (scale * squares.sqrt()).max(self.resolution * bound)
        });
        Estimate {
            estimate: mean,
            low: (mean - half).max(-bound),
            high: (mean + half).min(bound),
            trials: self.trials,
        }
    }
}

/// The estimate of the first, from the lower of the low ends to the higher of the high ends.
fn hull(one: &Estimate, other: &Estimate) -> Estimate {
    Estimate {
        low: one.low.min(other.low),
        high: one.high.max(other.high),
        ..*one
    }
}

/// Intervals of quantiles from the counts by bin of each replicate.
///
/// The quantile p of a law F is the moment at which F reaches p. A moment t is in its interval if p is in the interval
/// of F(t), that of a chance over the replicates: the true quantile is left out just where the interval of F at it
/// leaves out p, so its confidence is that of the chance's. Intervals of F at neighbouring moments differ in length, so
/// the moments that are in need not be without a gap; the interval reaches from the first to the last of them.
#[derive(Clone, Debug)]
pub struct Bands {
    /// For each bin, upper end of the interval of F at its end, or of any bin before.
    highest: Vec<f64>,
    /// For each bin, lower end of the interval of F at its start, or of any bin behind.
    lowest: Vec<f64>,
}

/// Where the interval of a quantile begins and ends, for [`Place`]s among the same bins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ends {
    /// The start of the first bin that is in.
    pub low: Place,
    /// The end of the last bin that is in; in the last bin of all: nothing seen bounds it.
    pub high: Place,
}

impl Bands {
    /// From one histogram a replicate, all with the same number of bins, at least one.
    #[must_use]
    pub fn new(histograms: &[&[u64]], confidence: f64) -> Self {
        let bins = histograms.first().map_or(0, |counts| counts.len());
        let interval = Interval::new(histograms.iter().map(|counts| counts.iter().sum()), confidence);
        let mut below = vec![0_u64; histograms.len()];
        let (mut highest, mut lowest) = (Vec::with_capacity(bins), Vec::with_capacity(bins));
        for bin in 0..bins {
            lowest.push(interval.of(below.iter().map(|&count| count as f64), 1.0).low);
            for (below, counts) in below.iter_mut().zip(histograms) {
                *below += counts[bin];
            }
            highest.push(interval.of(below.iter().map(|&count| count as f64), 1.0).high);
        }
        for bin in 1..bins {
            highest[bin] = highest[bin].max(highest[bin - 1]);
        }
        for bin in (1..bins).rev() {
            lowest[bin - 1] = lowest[bin - 1].min(lowest[bin]);
        }
        Self { highest, lowest }
    }

    /// The interval of a quantile, between 0 and 1.
    #[must_use]
    pub fn quantile(&self, quantile: f64) -> Ends {
        let last = self.highest.len().saturating_sub(1);
        let first_in = self.highest.partition_point(|&high| high < quantile);
        let behind = self.lowest.partition_point(|&low| low <= quantile);
        Ends {
            low: Place {
                bin: first_in.min(last),
                within: 0.0,
            },
            high: Place {
                bin: behind.saturating_sub(1),
                within: 1.0,
            },
        }
    }
}

#[cfg(test)]
mod tests;
