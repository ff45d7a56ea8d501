//! Intervals of a difference between two figures that are known by themselves only.

use super::Estimate;

/// How much a figure is above another, by the intervals of both; none if one of them has no finite end.
///
/// Zou and Donner (2008), Construction of confidence limits about effect measures: a general approach, Statistics in
/// Medicine 27: the distances of both figures to the ends of their intervals are added as variances are, each in the
/// direction that matters. For chances with Wilson's interval this is Newcombe's tenth method. It takes the two for
/// independent, so it is too long where both rise and fall together, as figures of the same futures mostly do.
#[must_use]
pub fn difference(old: &Estimate, new: &Estimate) -> Option<Estimate> {
    let ends = [old.estimate, old.low, old.high, new.estimate, new.low, new.high];
    if ends.iter().any(|end| !end.is_finite()) {
        return None;
    }
    let estimate = new.estimate - old.estimate;
    let down = libm::hypot(new.estimate - new.low, old.high - old.estimate);
    let up = libm::hypot(new.high - new.estimate, old.estimate - old.low);
    Some(Estimate {
        estimate,
        low: estimate - down,
        high: estimate + up,
        trials: old.trials.min(new.trials),
    })
}

#[cfg(test)]
mod tests {
    use super::super::proportion::wilson;
    use super::*;
    use rand::rngs::StdRng;
    use rand::{RngExt, SeedableRng};

    /// The example of Newcombe (1998), Interval estimation for the difference between independent proportions, Statistics
    /// in Medicine 17, table II, method 10: 56/70 − 48/80 has the interval 0.0524 to 0.3339.
    #[test]
    fn newcombes_example_comes_out() {
        let (one, other) = (wilson(56.0, 70, 0.95), wilson(48.0, 80, 0.95));
        let found = difference(&other, &one).expect("both are finite");
        assert!((found.estimate - 0.2).abs() < 1e-12);
        assert!((found.low - 0.0524).abs() < 5e-5, "{found:?}");
        assert!((found.high - 0.3339).abs() < 5e-5, "{found:?}");
    }

    #[test]
    fn what_lies_beyond_the_horizon_has_no_difference() {
        let inside = wilson(3.0, 10, 0.95);
        let beyond = Estimate {
            high: f64::INFINITY,
            ..inside
        };
        assert_eq!(difference(&inside, &beyond), None);
        assert_eq!(difference(&beyond, &inside), None);
    }

    #[test]
    fn it_holds_what_it_promises() {
        let mut generator = StdRng::seed_from_u64(1);
        let held = (0..4_000).filter(|_| {
            let mut sample = |chance: f64| {
                let successes = (0..400).filter(|_| generator.random::<f64>() < chance);
                wilson(successes.count() as f64, 400, 0.95)
            };
            let (old, new) = (sample(0.1), sample(0.15));
            let found = difference(&old, &new).expect("both are finite");
            found.low <= 0.05 && 0.05 <= found.high
        });
        let coverage = held.count() as f64 / 4_000.0;
        assert!((0.94..0.965).contains(&coverage), "{coverage}");
    }
}
