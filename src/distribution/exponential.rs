//! `exponential`: the wait for what comes at a constant rate.
//!
//! Meaning: the past does not matter; what has not happened yet is as likely tomorrow as today.
//! Formula: Q(u) = −mean · ln(1 − u), mean = median / ln 2. Limits: mean > 0.

use std::f64::consts::LN_2;
use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "exponential",
    summary: "The wait for an event that comes at a constant rate, without memory.",
    parameters: &[
        Parameter {
            key: "mean",
            kind: ParameterKind::Value,
            meaning: "the mean, above 0",
        },
        Parameter {
            key: "median",
            kind: ParameterKind::Value,
            meaning: "the median (the half-life), above 0",
        },
    ],
    alternatives: &[&["mean"], &["median"]],
    optional: &[],
    example: "{ exponential = { mean = 60 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let mean = if let Some(mean) = arguments.number("mean") {
        faults.positive("mean", mean);
        mean
    } else if let Some(median) = arguments.number("median") {
        faults.positive("median", median);
        median / LN_2
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    Ok(Arc::new(Exponential { mean }))
}

/// A constant rate of 1/`mean`.
#[derive(Clone, Copy, Debug)]
struct Exponential {
    mean: f64,
}

impl Law for Exponential {
    fn quantile(&self, u: f64) -> f64 {
        -self.mean * libm::log1p(-u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        -self.mean * libm::log(q)
    }

    fn cdf(&self, x: f64) -> f64 {
        -libm::expm1(-x.max(0.0) / self.mean)
    }

    fn survival(&self, x: f64) -> f64 {
        libm::exp(-x.max(0.0) / self.mean)
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(if x < 0.0 {
            0.0
        } else {
            libm::exp(-x / self.mean) / self.mean
        })
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        self.mean
    }

    fn variance(&self) -> f64 {
        self.mean * self.mean
    }

    fn standard(&self) -> Option<Standard> {
        let law = Arc::new(Exponential { mean: 1.0 });
        Some(Standard::new((0.0, self.mean), law, "exponential", []))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Exp};

    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn agrees_with_statrs() {
        let law = build("exponential", &[("mean", 60.0)]);
        let other = Exp::new(1.0 / 60.0).expect("valid");
        for x in [-1.0, 0.001, 60.0, 500.0] {
            assert_close(law.cdf(x), other.cdf(x), 1e-12);
        }
        consistent(&**law.law());
    }

    #[test]
    fn the_median_is_met() {
        assert_close(
            build("exponential", &[("median", 60.0)]).quantile(0.5),
            60.0,
            1e-15,
        );
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(faults("exponential", &[("mean", 0.0)]), ["mean"]);
        assert_eq!(faults("exponential", &[("median", -2.0)]), ["median"]);
    }
}
