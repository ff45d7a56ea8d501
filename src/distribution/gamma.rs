//! `gamma`: the wait for several events that come at a constant rate.
//!
//! Meaning: a positive value with a moderate right tail, such as the sum of stages; shape 1 is the
//! exponential. Formula: the inverse of the regularised incomplete gamma function
//! ([`IncompleteGamma`]), times scale. From moments: shape = (mean/sd)², scale = sd²/mean. From two
//! percentiles: their ratio depends on the shape alone, and falls as it rises. Limits:
//! 0 < shape ≤ 1e6 (above, the standard deviation is less than a thousandth of the mean), scale >
//! 0.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::root::crossing;
use crate::distribution::special::{IncompleteGamma, LARGEST_SHAPE};
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "gamma",
    summary: "A positive value with a moderate right tail, such as the sum of several waits.",
    parameters: &[
        Parameter {
            key: "shape",
            kind: ParameterKind::Number,
            meaning: "the shape, above 0: the number of waits added up",
        },
        Parameter {
            key: "scale",
            kind: ParameterKind::Value,
            meaning: "the scale, above 0: the mean of each wait",
        },
        Parameter {
            key: "mean",
            kind: ParameterKind::Value,
            meaning: "the mean, above 0",
        },
        Parameter {
            key: "sd",
            kind: ParameterKind::Value,
            meaning: "the standard deviation, above 0",
        },
        P5,
        P10,
        P25,
        P75,
        P90,
        P95,
    ],
    alternatives: &[
        &["shape", "scale"],
        &["mean", "sd"],
        &["p5", "p95"],
        &["p10", "p90"],
        &["p25", "p75"],
    ],
    optional: &[],
    example: "{ gamma = { mean = 30, sd = 12 } }",
    build,
};

/// The smallest shape that percentiles lead to: its 5th percentile is 1e-260 times the scale.
const SMALLEST_SHAPE: f64 = 0.005;

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let (key, shape, scale) = if let Some([shape, scale]) = arguments.all(["shape", "scale"]) {
        faults.positive("shape", shape);
        faults.positive("scale", scale);
        ("shape", shape, scale)
    } else if let Some([mean, sd]) = arguments.all(["mean", "sd"]) {
        faults.positive("mean", mean);
        faults.positive("sd", sd);
        ("sd", (mean / sd) * (mean / sd), sd / mean * sd)
    } else if let Some(pair) = Pair::given(arguments) {
        pair.check_positive(&mut faults);
        faults.finish()?;
        let shape = shape_through(&pair)?;
        let unit = IncompleteGamma::new(shape).lower_inverse(pair.tail);
        return Ok(gamma(shape, pair.low / unit));
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    let message = format_args!(
        "the shape is {shape}, so that the values hardly vary; at most {LARGEST_SHAPE} is supported"
    );
    faults = Faults::default();
    faults.require(
        shape <= LARGEST_SHAPE,
        key,
        message,
        "write `normal` with the same mean and sd, or the number itself",
    );
    faults.finish()?;
    Ok(gamma(shape, scale))
}

fn gamma(shape: f64, scale: f64) -> Arc<dyn Law> {
    Arc::new(Gamma {
        scale,
        incomplete: IncompleteGamma::new(shape),
        shape,
    })
}

/// The shape of the law with these percentiles: that with their ratio, which falls as the shape rises.
fn shape_through(pair: &Pair) -> Result<f64, Vec<Refusal>> {
    let ln_ratio = |ln_shape: f64| {
        let unit = IncompleteGamma::new(libm::exp(ln_shape));
        libm::log(unit.upper_inverse(pair.tail)) - libm::log(unit.lower_inverse(pair.tail))
    };
    let wanted = pair.ln_ratio();
    let (least, most) = (libm::log(SMALLEST_SHAPE), libm::log(LARGEST_SHAPE));
    let ([low, high], mut faults) = (pair.keys, Faults::default());
    faults.require(
        wanted >= ln_ratio(most),
        high,
        format_args!("`{low}` and `{high}` are so near each other that the values hardly vary"),
        "write `normal` with the same percentiles, or the number itself",
    );
    faults.require(
        wanted <= ln_ratio(least),
        low,
        format_args!("`{low}` and `{high}` are farther apart than in any gamma law that can be computed"),
        "write `lognormal` or `loglogistic` with the same percentiles",
    );
    faults.finish()?;
    Ok(libm::exp(crossing(least, most, true, |ln_shape| {
        wanted - ln_ratio(ln_shape)
    })))
}

/// The sum of `shape` exponential values with mean `scale`, also for a `shape` that is no whole
/// number.
#[derive(Clone, Copy, Debug)]
struct Gamma {
    shape: f64,
    scale: f64,
    incomplete: IncompleteGamma,
}

impl Law for Gamma {
    fn quantile(&self, u: f64) -> f64 {
        self.scale * self.incomplete.lower_inverse(u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.scale * self.incomplete.upper_inverse(q)
    }

    fn cdf(&self, x: f64) -> f64 {
        self.incomplete.lower(x / self.scale)
    }

    fn survival(&self, x: f64) -> f64 {
        self.incomplete.upper(x / self.scale)
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(self.incomplete.density(x / self.scale) / self.scale)
    }

    fn step_to_quantile(&self, p: f64, is_upper: bool, x: f64) -> Option<f64> {
        Some(self.scale * self.incomplete.step_to_inverse(p, is_upper, x / self.scale))
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        self.shape * self.scale
    }

    fn variance(&self) -> f64 {
        self.shape * self.scale * self.scale
    }

    fn standard(&self) -> Option<Standard> {
        let law = Arc::new(Gamma { scale: 1.0, ..*self });
        Some(Standard::new((0.0, self.scale), law, "gamma", [self.shape]))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Gamma};

    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn agrees_with_statrs() {
        for shape in [0.4, 2.5, 60.0] {
            let law = build("gamma", &[("shape", shape), ("scale", 10.0)]);
            let other = Gamma::new(shape, 0.1).expect("valid");
            for u in [0.01, 0.3, 0.9] {
                assert_close(other.cdf(law.quantile(u)), u, 1e-10);
            }
            consistent(&**law.law());
        }
    }

    #[test]
    fn moments_are_met() {
        let law = build("gamma", &[("mean", 30.0), ("sd", 12.0)]);
        assert_close(law.mean(), 30.0, 1e-14);
        assert_close(law.variance(), 144.0, 1e-14);
    }

    #[test]
    fn a_table_of_chi_squared() {
        // The 95th percentile of chi-squared with 4 degrees of freedom: 9.487729036781154
        // (NIST/SEMATECH e-Handbook 1.3.6.7.4: 9.488).
        assert_close(
            build("gamma", &[("shape", 2.0), ("scale", 2.0)]).quantile(0.95),
            9.487_729_036_781_154,
            1e-14,
        );
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults("gamma", &[("shape", -1.0), ("scale", 0.0)]),
            ["shape", "scale"]
        );
        assert_eq!(faults("gamma", &[("mean", 1.0), ("sd", 0.0)]), ["sd"]);
        assert_eq!(faults("gamma", &[("mean", 1e9), ("sd", 1.0)]), ["sd"]);
    }
}
