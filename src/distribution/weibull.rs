//! `weibull`: the wait for what comes at a rate that rises (shape > 1) or falls (shape < 1) as a
//! power of time.
//!
//! Meaning: survival of truces, wear of equipment; shape 1 is the exponential. Formula (Johnson,
//! Kotz and Balakrishnan 1994, 21): Q(u) = scale · (−ln(1 − u))^(1/shape). From percentiles x < y,
//! with a and b for −ln P(X > x) and −ln P(X > y) (the median has ln 2, `p90` has ln 10): shape = ln(b/a) / ln(y/x), scale =
//! x / a^(1/shape). Limits: shape and scale > 0, y > x > 0.

use std::f64::consts::{LN_2, LN_10};
use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::special::ln_gamma;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "weibull",
    summary: "The wait for an event whose rate rises (shape above 1) or falls (shape below 1) with time.",
    parameters: &[
        Parameter {
            key: "shape",
            kind: ParameterKind::Number,
            meaning: "the shape, above 0: 1 is a constant rate",
        },
        Parameter {
            key: "scale",
            kind: ParameterKind::Value,
            meaning: "the scale, above 0: 63 % of the values are below",
        },
        Parameter {
            key: "median",
            kind: ParameterKind::Value,
            meaning: "the median, above 0",
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
        &["median", "p90"],
        &["p5", "p95"],
        &["p10", "p90"],
        &["p25", "p75"],
    ],
    optional: &[],
    example: "{ weibull = { shape = 1.1, scale = 260 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let (shape, scale) = if let Some([shape, scale]) = arguments.all(["shape", "scale"]) {
        faults.positive("shape", shape);
        faults.positive("scale", scale);
        (shape, scale)
    } else if let Some([median, p90]) = arguments.all(["median", "p90"]) {
        faults.positive("median", median);
        faults.increasing(("median", median), ("p90", p90));
        let shape = libm::log(LN_10 / LN_2) / libm::log(p90 / median);
        (shape, median / libm::pow(LN_2, 1.0 / shape))
    } else if let Some(pair) = Pair::given(arguments) {
        pair.check_positive(&mut faults);
        let (at_low, at_high) = (-libm::log1p(-pair.tail), -libm::log(pair.tail));
        let shape = libm::log(at_high / at_low) / pair.ln_ratio();
        (shape, pair.high / libm::pow(at_high, 1.0 / shape))
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    Ok(Arc::new(Weibull { shape, scale }))
}

/// (X / `scale`)^`shape` is exponential with mean 1.
#[derive(Clone, Copy, Debug)]
struct Weibull {
    shape: f64,
    scale: f64,
}

impl Weibull {
    /// −ln P(X > x).
    fn hazard(self, x: f64) -> f64 {
        libm::pow(x.max(0.0) / self.scale, self.shape)
    }
}

impl Law for Weibull {
    fn quantile(&self, u: f64) -> f64 {
        self.scale * libm::pow(-libm::log1p(-u), 1.0 / self.shape)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.scale * libm::pow(-libm::log(q), 1.0 / self.shape)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-self.hazard(x))
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-self.hazard(x))
    }

    fn density(&self, x: f64) -> Option<f64> {
        let hazard = self.hazard(x);
        Some(if x <= 0.0 || hazard.is_infinite() {
            0.0
        } else {
            self.shape * hazard / x * libm::exp(-hazard)
        })
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        self.scale * libm::exp(ln_gamma(1.0 + 1.0 / self.shape))
    }

    fn variance(&self) -> f64 {
        let excess = ln_gamma(1.0 + 2.0 / self.shape) - 2.0 * ln_gamma(1.0 + 1.0 / self.shape);
        self.mean() * self.mean() * libm::expm1(excess)
    }

    fn standard(&self) -> Option<Standard> {
        let (shape, scale) = (self.shape, 1.0);
        let law = Arc::new(Weibull { shape, scale });
        Some(Standard::new((0.0, self.scale), law, "weibull", [shape]))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Weibull};
    use statrs::statistics::Distribution as _;

    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn agrees_with_statrs() {
        for shape in [0.6, 1.1, 9.0] {
            let law = build("weibull", &[("shape", shape), ("scale", 260.0)]);
            let other = Weibull::new(shape, 260.0).expect("valid");
            for x in [-1.0, 1.0, 200.0, 400.0] {
                assert_close(law.cdf(x), other.cdf(x), 1e-11);
            }
            assert_close(law.mean(), other.mean().expect("finite"), 1e-10);
            assert_close(law.variance(), other.variance().expect("finite"), 1e-9);
            consistent(&**law.law());
        }
    }

    #[test]
    fn percentiles_are_met() {
        let law = build("weibull", &[("median", 60.0), ("p90", 400.0)]);
        assert_close(law.quantile(0.5), 60.0, 1e-13);
        assert_close(law.quantile(0.9), 400.0, 1e-13);
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults("weibull", &[("shape", 0.0), ("scale", -2.0)]),
            ["shape", "scale"]
        );
        assert_eq!(faults("weibull", &[("median", 9.0), ("p90", 9.0)]), ["p90"]);
    }
}
