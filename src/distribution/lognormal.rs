//! `lognormal`: the logarithm is normal.
//!
//! Meaning: a positive value made of many factors, such as the time that a negotiation takes; a
//! long right tail. Formula: Q(u) = median · exp(σ Φ⁻¹(u)). From `mean` and `sd` (Johnson, Kotz and
//! Balakrishnan 1994, 14): σ² = ln(1 + (sd/mean)²), median = mean / √(1 + (sd/mean)²). From two
//! percentiles: ln is linear in Φ⁻¹. Limits: all values above 0, σ > 0.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::special::{NORMAL_P90, normal_cdf, normal_density, normal_quantile};
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "lognormal",
    summary: "A positive value with a long right tail: the product of many factors, as delays often are.",
    parameters: &[
        Parameter {
            key: "median",
            kind: ParameterKind::Value,
            meaning: "the median, above 0",
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
        &["median", "p90"],
        &["mean", "sd"],
        &["p5", "p95"],
        &["p10", "p90"],
        &["p25", "p75"],
    ],
    optional: &[],
    example: "{ lognormal = { median = 45, p90 = 150 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let (median, sigma) = if let Some([median, p90]) = arguments.all(["median", "p90"]) {
        faults.positive("median", median);
        faults.increasing(("median", median), ("p90", p90));
        (median, libm::log(p90 / median) / NORMAL_P90)
    } else if let Some([mean, sd]) = arguments.all(["mean", "sd"]) {
        faults.positive("mean", mean);
        faults.positive("sd", sd);
        let squared = (sd / mean) * (sd / mean);
        (mean / (1.0 + squared).sqrt(), libm::log1p(squared).sqrt())
    } else if let Some(pair) = Pair::given(arguments) {
        pair.check_positive(&mut faults);
        (pair.geometric_mean(), 0.5 * pair.ln_ratio() / pair.deviations)
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    Ok(Arc::new(Lognormal { median, sigma }))
}

/// exp of a normal value with mean ln `median` and standard deviation `sigma`.
#[derive(Clone, Copy, Debug)]
struct Lognormal {
    median: f64,
    sigma: f64,
}

impl Lognormal {
    /// The standard normal value that x comes from.
    fn z(self, x: f64) -> f64 {
        libm::log(x / self.median) / self.sigma
    }
}

impl Law for Lognormal {
    fn quantile(&self, u: f64) -> f64 {
        self.median * libm::exp(self.sigma * normal_quantile(u))
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.median * libm::exp(-self.sigma * normal_quantile(q))
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= 0.0 { 0.0 } else { normal_cdf(self.z(x)) }
    }

    fn survival(&self, x: f64) -> f64 {
        if x <= 0.0 { 1.0 } else { normal_cdf(-self.z(x)) }
    }

    fn density(&self, x: f64) -> Option<f64> {
        let of_z = if x <= 0.0 { 0.0 } else { normal_density(self.z(x)) };
        // Divided by an x so near to 0 that the product is 0, nothing would be no number.
        Some(if of_z > 0.0 { of_z / (self.sigma * x) } else { 0.0 })
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        self.median * libm::exp(0.5 * self.sigma * self.sigma)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        mean * mean * libm::expm1(self.sigma * self.sigma)
    }

    fn standard(&self) -> Option<Standard> {
        let (median, sigma) = (1.0, self.sigma);
        let law = Arc::new(Lognormal { median, sigma });
        Some(Standard::new((0.0, self.median), law, "lognormal", [sigma]))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, LogNormal};

    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn agrees_with_statrs() {
        let law = build("lognormal", &[("median", 45.0), ("p90", 150.0)]);
        let sigma = libm::log(150.0 / 45.0) / 1.281_551_565_544_600_4;
        let other = LogNormal::new(libm::log(45.0), sigma).expect("valid");
        for x in [1.0, 20.0, 45.0, 300.0] {
            assert_close(law.cdf(x), other.cdf(x), 1e-9);
        }
        consistent(&**law.law());
    }

    #[test]
    fn every_parametrisation_means_what_it_says() {
        let law = build("lognormal", &[("median", 45.0), ("p90", 150.0)]);
        assert_close(law.quantile(0.5), 45.0, 0.0);
        assert_close(law.quantile(0.9), 150.0, 1e-14);
        let law = build("lognormal", &[("mean", 50.0), ("sd", 20.0)]);
        assert_close(law.mean(), 50.0, 1e-14);
        assert_close(law.variance(), 400.0, 1e-13);
        let law = build("lognormal", &[("p10", 10.0), ("p90", 60.0)]);
        assert_close(law.quantile(0.1), 10.0, 1e-14);
        assert_close(law.quantile(0.9), 60.0, 1e-14);
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(faults("lognormal", &[("median", 50.0), ("p90", 20.0)]), ["p90"]);
        assert_eq!(
            faults("lognormal", &[("median", -50.0), ("p90", 20.0)]),
            ["median"]
        );
        assert_eq!(
            faults("lognormal", &[("mean", 0.0), ("sd", -1.0)]),
            ["mean", "sd"]
        );
        assert_eq!(faults("lognormal", &[("p10", 0.0), ("p90", 20.0)]), ["p10"]);
    }
}
