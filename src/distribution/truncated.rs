//! A law *given* that its value lies between bounds: truncated and renormalised, never clamped.
//!
//! With bounds a and b, the quantile is Q(F(a−) + u (F(b) − F(a−))). Where that lands in the upper
//! half, the same is done with the survival function, so that bounds deep in the upper tail lose no
//! digits. Bounds belong to the interval. Moments are integrated numerically ([`integrate`]),
//! unless the family knows better ([`Law::within`]).

use std::sync::Arc;

use crate::distribution::{Law, Refusal, integrate};

/// Less than this, a probability is taken for none: a billion trials a second would not see it in
/// the age of the universe.
const NEGLIGIBLE: f64 = 1e-200;

/// A continuous or mixed law between bounds.
#[derive(Clone, Debug)]
struct Truncated {
    law: Arc<dyn Law>,
    at_least: f64,
    at_most: f64,
    below: Tails,
    beyond: Tails,
    probability: f64,
}

/// The probabilities on the two sides of a bound.
#[derive(Clone, Copy, Debug)]
struct Tails {
    lower: f64,
    upper: f64,
}

/// `law` given that its value is `at_least` and `at_most` these bounds; none is no bound.
///
/// # Errors
///
/// Bounds that are not numbers, that are the wrong way round, or between which `law` has no
/// probability.
pub fn given(
    law: Arc<dyn Law>,
    at_least: Option<f64>,
    at_most: Option<f64>,
) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    check_bounds(at_least, at_most)?;
    let (lowest, highest) = law.support();
    let at_least = at_least.filter(|bound| *bound > lowest);
    let at_most = at_most.filter(|bound| *bound < highest);
    if at_least.is_none() && at_most.is_none() {
        return Ok(law);
    }
    let (low, high) = (at_least.unwrap_or(lowest), at_most.unwrap_or(highest));
    let nothing = || nothing_between(&*law, low, high, at_least.is_some());
    match between(&law, low, high) {
        Ok(left) => left.map(|(_, law)| law).ok_or_else(|| vec![nothing()]),
        Err(refusal) => Err(vec![refusal]),
    }
}

/// A law with its weight: the probability of what it is given, or of a part.
pub type Weighted = (f64, Arc<dyn Law>);

/// The probability of `law` between these bounds, which may be infinite and belong to the interval, and the law given that its
/// value lies there; none, if that is as good as impossible.
///
/// # Errors
///
/// That the probability cannot be computed, which is never to be taken for none.
pub fn between(law: &Arc<dyn Law>, at_least: f64, at_most: f64) -> Result<Option<Weighted>, Refusal> {
    let (lowest, highest) = law.support();
    if at_least <= lowest && at_most >= highest {
        return Ok(Some((1.0, Arc::clone(law))));
    }
    let (low, high) = (at_least.max(lowest), at_most.min(highest));
    let truncated = Truncated::new(Arc::clone(law), low, high);
    let probability = truncated.probability;
    if probability.is_nan() {
        return Err(Refusal::of_the_whole(
            format!("how likely it is between {low} and {high} cannot be computed"),
            "choose less extreme parameters or bounds",
        ));
    }
    if probability < NEGLIGIBLE {
        return Ok(None);
    }
    let within = law.within(low, high);
    let given = within.unwrap_or_else(|| Ok(Arc::new(truncated)))?;
    Ok(Some((probability, given)))
}

/// Why nothing is left of `law` between the bounds.
fn nothing_between(law: &dyn Law, at_least: f64, at_most: f64, from_below: bool) -> Refusal {
    let (lowest, highest) = law.support();
    let key = if from_below { "at_least" } else { "at_most" };
    let message = format!("it has no probability between {at_least} and {at_most}");
    let (p1, p99) = (law.quantile(0.01), law.upper_quantile(0.01));
    let help = format!("its values lie between {lowest} and {highest}, 98 % of them between {p1} and {p99}");
    Refusal::new(key, message, help)
}

fn check_bounds(at_least: Option<f64>, at_most: Option<f64>) -> Result<(), Vec<Refusal>> {
    let bounds = [("at_least", at_least), ("at_most", at_most)];
    for (key, bound) in bounds {
        if bound.is_some_and(f64::is_nan) {
            return Err(vec![Refusal::new(
                key,
                format!("`{key}` is not a number"),
                "leave it out if there is no such bound",
            )]);
        }
    }
    if let (Some(low), Some(high)) = (at_least, at_most)
        && low > high
    {
        let message = format!("`at_least` is {low}, which is above `at_most`, {high}");
        return Err(vec![Refusal::new(
            "at_least",
            message,
            "did you swap them? `at_least` must be below `at_most`",
        )]);
    }
    Ok(())
}

impl Truncated {
    fn new(law: Arc<dyn Law>, at_least: f64, at_most: f64) -> Self {
        let below = Tails {
            lower: law.cdf_below(at_least),
            upper: law.survival_from(at_least),
        };
        let beyond = Tails {
            lower: law.cdf(at_most),
            upper: law.survival(at_most),
        };
        let probability = if below.lower > 0.5 {
            below.upper - beyond.upper
        } else {
            beyond.lower - below.lower
        };
        let probability = probability.clamp(0.0, 1.0);
        Self {
            law,
            at_least,
            at_most,
            below,
            beyond,
            probability,
        }
    }

    /// Whether a side has no end.
    fn is_open(&self) -> bool {
        self.at_least.is_infinite() || self.at_most.is_infinite()
    }

    /// The quantile of `u` = 1 − `q`. No tail is ever 0, where an unbounded law would be infinite.
    fn at(&self, u: f64, q: f64) -> f64 {
        let lower = (self.below.lower + u * self.probability).max(f64::MIN_POSITIVE);
        let value = if lower <= 0.5 {
            self.law.quantile(lower)
        } else {
            let upper = self.beyond.upper + q * self.probability;
            self.law.upper_quantile(upper.max(f64::MIN_POSITIVE))
        };
        value.max(self.at_least).min(self.at_most)
    }
}

impl Law for Truncated {
    fn quantile(&self, u: f64) -> f64 {
        self.at(u, 1.0 - u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.at(1.0 - q, q)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x < self.at_least {
            0.0
        } else if x >= self.at_most {
            1.0
        } else if self.below.lower > 0.5 {
            ((self.below.upper - self.law.survival(x)) / self.probability).clamp(0.0, 1.0)
        } else {
            ((self.law.cdf(x) - self.below.lower) / self.probability).clamp(0.0, 1.0)
        }
    }

    fn cdf_below(&self, x: f64) -> f64 {
        if self.is_continuous() {
            return self.cdf(x);
        }
        if x <= self.at_least {
            0.0
        } else if x > self.at_most {
            1.0
        } else {
            ((self.law.cdf_below(x) - self.below.lower) / self.probability).clamp(0.0, 1.0)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        if x < self.at_least {
            1.0
        } else if x >= self.at_most {
            0.0
        } else if self.beyond.lower <= 0.5 {
            ((self.beyond.lower - self.law.cdf(x)) / self.probability).clamp(0.0, 1.0)
        } else {
            ((self.law.survival(x) - self.beyond.upper) / self.probability).clamp(0.0, 1.0)
        }
    }

    fn support(&self) -> (f64, f64) {
        (self.at_least, self.at_most)
    }

    fn mean(&self) -> f64 {
        // The infinite end is that of the heavy tail: a law with two has none.
        if self.is_open() && self.law.mean().is_infinite() {
            self.law.mean()
        } else {
            integrate::mean(self)
        }
    }

    fn variance(&self) -> f64 {
        if self.is_open() && self.law.variance().is_infinite() {
            f64::INFINITY
        } else {
            integrate::variance(self)
        }
    }

    fn is_continuous(&self) -> bool {
        self.law.is_continuous()
    }

    fn variant(&self) -> Option<&'static str> {
        self.law.variant()
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{arguments, assert_close, build, consistent, probabilities};
    use crate::distribution::{Distribution, family, special};

    fn normal_given(at_least: Option<f64>, at_most: Option<f64>) -> Distribution {
        let standard = arguments(&[("mean", 0.0), ("sd", 1.0)]);
        Distribution::new(
            family("normal").expect("registered"),
            &standard,
            at_least,
            at_most,
        )
        .expect("probable")
    }

    /// Mean φ/S and variance 1 + aφ/S − (φ/S)² of the standard normal given Z ≥ a.
    #[test]
    fn moments_of_the_upper_tail_of_the_normal() {
        for a in [-3.0, 0.0, 2.0, 8.0, 20.0] {
            let law = normal_given(Some(a), None);
            let mills =
                libm::exp(-0.5 * a * a) / (2.0 * std::f64::consts::PI).sqrt() / special::normal_cdf(-a);
            assert_close(law.mean(), mills, 1e-9);
            assert_close(
                law.variance(),
                1.0 + a * mills - mills * mills,
                1e-6 * (1.0 + a * a * a * a),
            );
            consistent(&**law.law());
        }
    }

    #[test]
    fn values_stay_within_the_bounds_and_cover_them() {
        for (low, high) in [(-1.0, 1.0), (5.0, 5.5), (-9.0, -8.0), (25.0, 26.0), (-0.1, 30.0)] {
            let law = normal_given(Some(low), Some(high));
            for u in probabilities() {
                assert!((low..=high).contains(&law.quantile(u)));
                assert!((low..=high).contains(&law.upper_quantile(u)));
            }
            assert_close(law.quantile(1e-14), low, 1e-6);
            consistent(&**law.law());
        }
    }

    #[test]
    fn bounds_that_do_not_bind_change_nothing() {
        let law = build("uniform", &[("min", 1.0), ("max", 2.0)]);
        let uniform = family("uniform").expect("registered");
        let same = Distribution::new(
            uniform,
            &arguments(&[("min", 1.0), ("max", 2.0)]),
            Some(0.0),
            Some(2.0),
        )
        .expect("probable");
        assert_eq!(format!("{:?}", law.law()), format!("{:?}", same.law()));
    }

    #[test]
    fn impossible_bounds_are_refused() {
        let refuse = |low, high| {
            let uniform = family("uniform").expect("registered");
            Distribution::new(uniform, &arguments(&[("min", 1.0), ("max", 2.0)]), low, high)
                .expect_err("impossible")
                .remove(0)
        };
        let refusal = refuse(Some(3.0), None);
        assert_eq!(refusal.message, "it has no probability between 3 and 2");
        assert_eq!(
            refusal.help.as_deref(),
            Some("its values lie between 1 and 2, 98 % of them between 1.01 and 1.99")
        );
        assert!(refuse(Some(1.5), Some(1.5)).message.contains("no probability"));
        assert!(refuse(Some(1.9), Some(1.1)).message.contains("above `at_most`"));
        assert!(refuse(Some(f64::NAN), None).message.contains("not a number"));
        assert_eq!(refuse(None, Some(0.5)).parameter.as_deref(), Some("at_most"));
    }

    #[test]
    fn a_heavy_tail_keeps_its_infinite_mean() {
        let heavy = family("loglogistic").expect("registered");
        let given = arguments(&[("median", 1.0), ("shape", 0.8)]);
        assert!(
            Distribution::new(heavy, &given, Some(1.0), None)
                .expect("probable")
                .mean()
                .is_infinite()
        );
        assert!(
            Distribution::new(heavy, &given, None, Some(100.0))
                .expect("probable")
                .mean()
                .is_finite()
        );
    }
}
