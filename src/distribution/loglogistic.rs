//! `loglogistic`: the odds of exceeding x fall as a power of x.
//!
//! Meaning: a positive value with a tail so heavy that a mean may not exist: the duration of wars
//! and of stalemates. Formula (Johnson, Kotz and Balakrishnan 1995, 23.11): Q(u) = median · (u / (1
//! − u))^(1/shape); from median and `p90`, shape =
//! ln 9 / ln(p90/median); from a pair of percentiles, the median is √(low · high) and shape the difference of their log-odds
//! by ln(high/low). With b = π/shape, the mean is
//! median · b / sin b, the variance median² (2b / sin 2b − b² / sin² b). Limits: median and shape >
//! 0; the mean is infinite for shape ≤ 1, the variance for shape ≤ 2.

use std::f64::consts::PI;
use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "loglogistic",
    summary: "A positive value with a very heavy right tail, such as the duration of a stalemate.",
    parameters: &[
        Parameter {
            key: "median",
            kind: ParameterKind::Value,
            meaning: "the median, above 0",
        },
        Parameter {
            key: "shape",
            kind: ParameterKind::Number,
            meaning: "the shape, above 0: the smaller, the heavier the tail",
        },
        P5,
        P10,
        P25,
        P75,
        P90,
        P95,
    ],
    alternatives: &[
        &["median", "shape"],
        &["median", "p90"],
        &["p5", "p95"],
        &["p10", "p90"],
        &["p25", "p75"],
    ],
    optional: &[],
    example: "{ loglogistic = { median = 30, p90 = 120 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let mut faults = Faults::default();
    let (median, shape) = if let Some([median, shape]) = arguments.all(["median", "shape"]) {
        faults.positive("median", median);
        faults.positive("shape", shape);
        (median, shape)
    } else if let Some([median, p90]) = arguments.all(["median", "p90"]) {
        faults.positive("median", median);
        faults.increasing(("median", median), ("p90", p90));
        (median, libm::log(9.0) / libm::log(p90 / median))
    } else if let Some(pair) = Pair::given(arguments) {
        pair.check_positive(&mut faults);
        let ln_odds = libm::log((1.0 - pair.tail) / pair.tail);
        (pair.geometric_mean(), 2.0 * ln_odds / pair.ln_ratio())
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    Ok(Arc::new(Loglogistic { median, shape }))
}

/// ln X is logistic with mean ln `median` and scale 1/`shape`.
#[derive(Clone, Copy, Debug)]
struct Loglogistic {
    median: f64,
    shape: f64,
}

impl Loglogistic {
    /// The odds P(X ≤ x) / P(X > x).
    fn odds(self, x: f64) -> f64 {
        libm::pow(x.max(0.0) / self.median, self.shape)
    }
}

impl Law for Loglogistic {
    fn quantile(&self, u: f64) -> f64 {
        self.median * libm::pow(u / (1.0 - u), 1.0 / self.shape)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.median * libm::pow((1.0 - q) / q, 1.0 / self.shape)
    }

    fn cdf(&self, x: f64) -> f64 {
        let odds = self.odds(x);
        if odds < 1.0 {
            odds / (1.0 + odds)
        } else {
            1.0 - self.survival(x)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        1.0 / (1.0 + self.odds(x))
    }

    fn density(&self, x: f64) -> Option<f64> {
        let odds = self.odds(x);
        // Where the odds are beyond the numbers, the density is, too.
        Some(if odds > 0.0 && odds.is_finite() {
            self.shape / x * odds / ((1.0 + odds) * (1.0 + odds))
        } else {
            0.0
        })
    }

    fn is_explicit(&self) -> bool {
        true
    }

    fn support(&self) -> (f64, f64) {
        (0.0, f64::INFINITY)
    }

    fn mean(&self) -> f64 {
        let b = PI / self.shape;
        if self.shape > 1.0 {
            self.median * b / libm::sin(b)
        } else {
            f64::INFINITY
        }
    }

    fn variance(&self) -> f64 {
        let b = PI / self.shape;
        if self.shape <= 2.0 {
            return f64::INFINITY;
        }
        let relative = b / libm::sin(b);
        self.median * self.median * (2.0 * b / libm::sin(2.0 * b) - relative * relative)
    }

    fn standard(&self) -> Option<Standard> {
        let (median, shape) = (1.0, self.shape);
        let law = Arc::new(Loglogistic { median, shape });
        Some(Standard::new((0.0, self.median), law, "loglogistic", [shape]))
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn quantiles_are_powers_of_the_odds() {
        let law = build("loglogistic", &[("median", 30.0), ("shape", 2.0)]);
        assert_close(law.quantile(0.9), 90.0, 1e-14);
        assert_close(law.quantile(0.1), 10.0, 1e-14);
        assert_close(law.cdf(60.0), 0.8, 1e-14);
        consistent(&**law.law());
    }

    #[test]
    fn percentiles_are_met() {
        let law = build("loglogistic", &[("median", 30.0), ("p90", 50.0)]);
        assert_close(law.quantile(0.5), 30.0, 1e-15);
        assert_close(law.quantile(0.9), 50.0, 1e-14);
    }

    #[test]
    fn moments_exist_where_they_should() {
        let moments = |shape| {
            let law = build("loglogistic", &[("median", 1.0), ("shape", shape)]);
            (law.mean().is_finite(), law.variance().is_finite())
        };
        assert_eq!(
            [moments(1.0), moments(1.5), moments(2.5)],
            [(false, false), (true, false), (true, true)]
        );
        assert_close(
            build("loglogistic", &[("median", 1.0), ("shape", 2.0)]).mean(),
            std::f64::consts::FRAC_PI_2,
            1e-14,
        );
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults("loglogistic", &[("median", 0.0), ("shape", 0.0)]),
            ["median", "shape"]
        );
        assert_eq!(faults("loglogistic", &[("median", 30.0), ("p90", 29.0)]), ["p90"]);
    }
}
