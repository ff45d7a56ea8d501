//! Intervals of a difference between two scenarios that have lived through the same futures.

use super::Estimate;
use super::proportion::deviations;

/// The difference of two probabilities on the same trials, of which some are `gained` (yes in the second alone) and some
/// `lost` (yes in the first alone), with its score interval.
///
/// Tango (1998), Equivalence test and confidence interval for the difference in proportions for the paired-sample
/// design, Statistics in Medicine 17. The interval is made of the differences that a score test does not refute; it keeps
/// to [−1, 1] and has a length above zero even where no trial differs.
#[must_use]
pub fn proportion(gained: u64, lost: u64, trials: u64, confidence: f64) -> Estimate {
    let n = trials as f64;
    if trials == 0 {
        return Estimate {
            estimate: 0.0,
            low: -1.0,
            high: 1.0,
            trials,
        };
    }
    let (gained, lost) = (gained as f64, lost as f64);
    let estimate = (gained - lost) / n;
    let z = deviations(confidence);
    let is_refuted = |difference: f64| score(gained, lost, n, difference).abs() > z;
    Estimate {
        estimate,
        low: end(estimate, -1.0, is_refuted),
        high: end(estimate, 1.0, is_refuted),
        trials,
    }
}

/// Tango's statistic of a difference: asymptotically standard normal if that is the true one.
fn score(gained: f64, lost: f64, trials: f64, difference: f64) -> f64 {
    // The rate of losses that is most likely, given the difference: the larger root of a quadratic equation.
    let square = 2.0 * trials;
    let linear = -gained - lost + (2.0 * trials - gained + lost) * difference;
    let constant = -lost * difference * (1.0 - difference);
    let root = (linear * linear - 4.0 * square * constant).max(0.0).sqrt();
    let rate = (root - linear) / (2.0 * square);
    let variance = trials * (2.0 * rate + difference * (1.0 - difference));
    let distance = gained - lost - trials * difference;
    if distance == 0.0 {
        0.0
    } else {
        distance / variance.max(0.0).sqrt()
    }
}

/// The end of an interval between its estimate and a bound of all differences, by bisection.
fn end(estimate: f64, bound: f64, is_refuted: impl Fn(f64) -> bool) -> f64 {
    if !is_refuted(bound) {
        return bound;
    }
    let (mut inside, mut outside) = (estimate, bound);
    for _ in 0..60 {
        let middle = 0.5 * (inside + outside);
        if is_refuted(middle) {
            outside = middle;
        } else {
            inside = middle;
        }
    }
    0.5 * (inside + outside)
}

/// The mean of differences of at most `range` to each side, from their sum and sum of squares.
///
/// The normal interval, widened like that of [`mean::bounded`](super::mean::bounded).
#[must_use]
pub fn mean(sum: f64, squares: f64, trials: u64, range: f64, confidence: f64) -> Estimate {
    let n = trials.max(1) as f64;
    let mean = sum / n;
    let variance = (squares / n - mean * mean).max(0.0);
    let z = deviations(confidence);
    let half = z * (variance / n).sqrt() + range * z * z / n;
    Estimate {
        estimate: mean,
        low: (mean - half).max(-range),
        high: (mean + half).min(range),
        trials,
    }
    .around()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    /// With many trials it is the normal interval of a mean of +1, −1 and 0.
    #[test]
    fn with_many_trials_it_is_the_normal_interval() {
        let (gained, lost, n) = (30_000.0_f64, 20_000.0, 1e6);
        let interval = proportion(30_000, 20_000, 1_000_000, 0.95);
        let mean = (gained - lost) / n;
        let half = deviations(0.95) * (((gained + lost) / n - mean * mean) / n).sqrt();
        assert!((interval.estimate - mean).abs() < 1e-15);
        assert!((interval.low - mean + half).abs() < 0.01 * half, "{interval:?}");
        assert!((interval.high - mean - half).abs() < 0.01 * half, "{interval:?}");
    }

    #[test]
    fn no_difference_is_not_certain() {
        let interval = proportion(0, 0, 1000, 0.95);
        let z2 = deviations(0.95).powi(2);
        // With nothing gained or lost the statistic is n·d / √(n·|d|(1 − |d|))-like: d = z² / (n + z²).
        assert!((interval.high - z2 / (1000.0 + z2)).abs() < 1e-9, "{interval:?}");
        assert!((interval.low + interval.high).abs() < 1e-12);
        assert!(mean(0.0, 0.0, 1000, 540.0, 0.95).high > 0.0);
    }

    #[test]
    fn trading_gains_for_losses_turns_the_interval_round() {
        let (one, other) = (proportion(30, 12, 500, 0.9), proportion(12, 30, 500, 0.9));
        assert!((one.low + other.high).abs() < 1e-9 && (one.high + other.low).abs() < 1e-9);
    }

    /// 95 % intervals hold the truth in about 95 % of 4,000 samples.
    #[test]
    fn it_holds_what_it_promises() {
        let mut generator = StdRng::seed_from_u64(1);
        for (gain, loss, trials) in [(0.02, 0.0, 2_000_u32), (0.03, 0.01, 1_000), (0.2, 0.15, 300)] {
            let held = (0..4_000).filter(|_| {
                let (mut gained, mut lost) = (0, 0);
                for _ in 0..trials {
                    let u: f64 = generator.random();
                    gained += u64::from(u < gain);
                    lost += u64::from((gain..gain + loss).contains(&u));
                }
                let interval = proportion(gained, lost, trials.into(), 0.95);
                interval.low <= gain - loss && gain - loss <= interval.high
            });
            let coverage = held.count() as f64 / 4_000.0;
            assert!((0.93..0.975).contains(&coverage), "{gain} {loss}: {coverage}");
        }
    }
}
