//! Intervals of probabilities.

use super::Estimate;
use crate::distribution::special::normal_quantile;

/// The two-sided normal quantile of a confidence: 1.96 for 0.95.
#[must_use]
pub fn deviations(confidence: f64) -> f64 {
    normal_quantile(0.5 + confidence / 2.0)
}

/// The proportion `successes / trials` with its [`Wilson`] score interval.
#[must_use]
pub fn wilson(successes: f64, trials: u64, confidence: f64) -> Estimate {
    Wilson::new(trials, confidence).interval(successes)
}

/// Wilson's score intervals, of so many trials and one confidence.
///
/// Wilson (1927), Probable inference, the law of succession, and statistical inference, JASA 22. They keep to [0, 1]
/// and have a length above zero even where no trial, or every one, succeeds. Shares between 0 and 1 may be summed as
/// successes: their variance is at most that of a yes or no, so the interval is conservative.
#[derive(Clone, Copy, Debug)]
pub struct Wilson {
    trials: u64,
    z: f64,
}

impl Wilson {
    /// Those of so many trials.
    #[must_use]
    pub fn new(trials: u64, confidence: f64) -> Self {
        Self {
            trials,
            z: deviations(confidence),
        }
    }

    /// The proportion of so many successes, with its interval.
    #[must_use]
    pub fn interval(self, successes: f64) -> Estimate {
        let Self { trials, z } = self;
        if trials == 0 {
            return Estimate {
                estimate: 0.0,
                low: 0.0,
                high: 1.0,
                trials,
            };
        }
        let n = trials as f64;
        let p = successes / n;
        let centre = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
        let half = z / (1.0 + z * z / n) * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).max(0.0).sqrt();
        let low = if successes <= 0.0 {
            0.0
        } else {
            (centre - half).max(0.0)
        };
        let high = if successes >= n {
            1.0
        } else {
            (centre + half).min(1.0)
        };
        Estimate {
            estimate: p,
            low,
            high,
            trials,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Newcombe (1998), Two-sided confidence intervals for the single proportion, table I, method 3.
    #[test]
    fn published_intervals() {
        for (successes, trials, low, high) in [
            (81.0, 263, 0.2553, 0.3662),
            (15.0, 148, 0.0624, 0.1605),
            (0.0, 20, 0.0, 0.1611),
            (1.0, 29, 0.0061, 0.1718),
        ] {
            let interval = wilson(successes, trials, 0.95);
            assert!(
                (interval.low - low).abs() < 5e-5 && (interval.high - high).abs() < 5e-5,
                "{interval:?}"
            );
        }
    }

    #[test]
    fn the_ends_are_included_and_never_empty() {
        let none = wilson(0.0, 1000, 0.95);
        assert!(none.low == 0.0 && none.high > 0.0);
        let all = wilson(1000.0, 1000, 0.95);
        assert!(all.high == 1.0 && all.low < 1.0);
    }
}
