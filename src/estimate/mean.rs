//! Intervals of means of bounded quantities.

use super::Estimate;
use super::proportion::deviations;

/// The mean of `trials` values between 0 and `bound`, from their sum and sum of squares.
///
/// The normal interval, widened by `bound · z² / (2n)`: a term of the order of one trial, without which a sample that
/// happens to hold one value only would give an interval of length zero (compare the lower-order term of empirical
/// Bernstein bounds, Maurer and Pontil 2009).
#[must_use]
pub fn bounded(sum: f64, squares: f64, trials: u64, bound: f64, confidence: f64) -> Estimate {
    if trials == 0 {
        return Estimate {
            estimate: 0.0,
            low: 0.0,
            high: bound,
            trials,
        };
    }
    let n = trials as f64;
    let mean = sum / n;
    let variance = (squares / n - mean * mean).max(0.0);
    let z = deviations(confidence);
    let half = z * (variance / n).sqrt() + bound * z * z / (2.0 * n);
    Estimate {
        estimate: mean,
        low: (mean - half).max(0.0),
        high: (mean + half).min(bound),
        trials,
    }
    .around()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_the_normal_one_for_many_trials() {
        // A million values, half 0 and half 10: mean 5, standard deviation 5.
        let interval = bounded(5e6, 5e7, 1_000_000, 10.0, 0.95);
        assert!((interval.estimate - 5.0).abs() < 1e-12);
        assert!((interval.high - 5.0 - 1.96 * 5.0 / 1000.0).abs() < 1e-4);
    }

    #[test]
    fn equal_values_do_not_make_it_certain() {
        let interval = bounded(0.0, 0.0, 100, 540.0, 0.95);
        assert!(interval.low == 0.0 && interval.high > 0.0);
    }
}
