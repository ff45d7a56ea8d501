//! `normal`: the symmetric bell.
//!
//! Meaning: the sum of many small causes; a latent factor. Formula: Q(u) = mean + sd Φ⁻¹(u), with
//! Wichura's Φ⁻¹ ([`normal_quantile`]); from a pair of percentiles the mean is half way between. Limits: sd > 0. It reaches below zero: durations
//! and amounts need `at_least = 0`.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::special::{normal_cdf, normal_density, normal_quantile};
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "normal",
    summary: "The symmetric bell curve; it reaches below zero, so bound it for durations and amounts.",
    parameters: &[
        Parameter {
            key: "mean",
            kind: ParameterKind::Value,
            meaning: "the mean, which is also the median",
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
    alternatives: &[&["mean", "sd"], &["p5", "p95"], &["p10", "p90"], &["p25", "p75"]],
    optional: &[],
    example: "{ normal = { mean = 0, sd = 1 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let (mean, sd) = if let Some([mean, sd]) = arguments.all(["mean", "sd"]) {
        faults.positive("sd", sd);
        (mean, sd)
    } else if let Some(pair) = Pair::given(arguments) {
        pair.check_order(&mut faults);
        let (middle, half) = (0.5 * (pair.low + pair.high), 0.5 * (pair.high - pair.low));
        (middle, half / pair.deviations)
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    Ok(Arc::new(Normal { mean, sd }))
}

/// The bell with this mean and standard deviation.
#[derive(Clone, Copy, Debug)]
struct Normal {
    mean: f64,
    sd: f64,
}

impl Law for Normal {
    fn quantile(&self, u: f64) -> f64 {
        self.mean + self.sd * normal_quantile(u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.mean - self.sd * normal_quantile(q)
    }

    fn cdf(&self, x: f64) -> f64 {
        normal_cdf((x - self.mean) / self.sd)
    }

    fn survival(&self, x: f64) -> f64 {
        normal_cdf((self.mean - x) / self.sd)
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(normal_density((x - self.mean) / self.sd) / self.sd)
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        (f64::NEG_INFINITY, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.sd * self.sd
    }

    fn standard(&self) -> Option<Standard> {
        let law = Arc::new(Normal { mean: 0.0, sd: 1.0 });
        Some(Standard::new((self.mean, self.sd), law, "normal", []))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Normal};

    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn agrees_with_statrs() {
        let law = build("normal", &[("mean", -3.0), ("sd", 2.0)]);
        let other = Normal::new(-3.0, 2.0).expect("valid");
        for x in [-12.0, -3.1, 0.5, 4.0] {
            assert_close(law.cdf(x), other.cdf(x), 1e-9);
        }
        consistent(&**law.law());
    }

    #[test]
    fn percentiles_are_met() {
        let law = build("normal", &[("p10", 4.0), ("p90", 30.0)]);
        assert_close(law.quantile(0.1), 4.0, 1e-14);
        assert_close(law.quantile(0.9), 30.0, 1e-14);
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(faults("normal", &[("mean", 1.0), ("sd", 0.0)]), ["sd"]);
        assert_eq!(faults("normal", &[("p10", 3.0), ("p90", 1.0)]), ["p90"]);
    }
}
