//! `beta`: a share between 0 and 1, or any value between two limits.
//!
//! Meaning: an uncertain probability or fraction; alpha − 1 successes and beta − 1 failures seen.
//! With `min` and `max` it is stretched, and `mean` and `sd` are those of the stretched law.
//! Formula: the inverse of the regularised incomplete beta function ([`IncompleteBeta`]). From
//! moments on (0, 1): ν = mean (1 − mean) / sd² − 1, alpha = mean ν, beta = (1 − mean) ν. Limits:
//! alpha, beta > 0, alpha + beta ≤ 1e6, min < mean < max, sd² < (mean − min)(max − mean).

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::special::{IncompleteBeta, LARGEST_SHAPE};
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, Standard};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "beta",
    summary: "A share between 0 and 1, such as an uncertain chance, or a value between any two limits.",
    parameters: &[
        Parameter {
            key: "alpha",
            kind: ParameterKind::Number,
            meaning: "the first shape, above 0: weight towards the upper limit",
        },
        Parameter {
            key: "beta",
            kind: ParameterKind::Number,
            meaning: "the second shape, above 0: weight towards the lower limit",
        },
        Parameter {
            key: "mean",
            kind: ParameterKind::Value,
            meaning: "the mean, between the limits",
        },
        Parameter {
            key: "sd",
            kind: ParameterKind::Value,
            meaning: "the standard deviation, above 0",
        },
        Parameter {
            key: "min",
            kind: ParameterKind::Value,
            meaning: "the lower limit, 0 if absent",
        },
        Parameter {
            key: "max",
            kind: ParameterKind::Value,
            meaning: "the upper limit, 1 if absent",
        },
    ],
    alternatives: &[&["alpha", "beta"], &["mean", "sd"]],
    optional: &["min", "max"],
    example: "{ beta = { mean = 0.3, sd = 0.1 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let (min, max) = (
        arguments.number("min").unwrap_or(0.0),
        arguments.number("max").unwrap_or(1.0),
    );
    let mut faults = Faults::default();
    faults.increasing(("min", min), ("max", max));
    let (key, alpha, beta) = if let Some([alpha, beta]) = arguments.all(["alpha", "beta"]) {
        faults.positive("alpha", alpha);
        faults.positive("beta", beta);
        ("alpha", alpha, beta)
    } else if let Some([mean, sd]) = arguments.all(["mean", "sd"]) {
        check_moments(&mut faults, (min, max), mean, sd);
        let (share, spread) = ((mean - min) / (max - min), sd / (max - min));
        let strength = share / spread * ((1.0 - share) / spread) - 1.0;
        ("sd", share * strength, (1.0 - share) * strength)
    } else {
        return arguments.unfit(&FAMILY);
    };
    faults.finish()?;
    check_shapes(key, alpha, beta)?;
    Ok(Arc::new(Beta::new(alpha, beta, min, max)))
}

/// Whether a law between the limits can have this mean and standard deviation.
fn check_moments(faults: &mut Faults, (min, max): (f64, f64), mean: f64, sd: f64) {
    faults.positive("sd", sd);
    if min >= max {
        return;
    }
    let is_between = mean > min && mean < max;
    let message = format_args!("`mean` is {mean}, which is not between {min} and {max}");
    faults.require(
        is_between,
        "mean",
        message,
        "the mean must lie between the limits; `min` and `max` stretch them from 0 and 1",
    );
    let largest = ((mean - min) * (max - mean)).max(0.0).sqrt();
    let message =
        format_args!("`sd` is {sd}, which is too large for a mean of {mean} between {min} and {max}");
    faults.require(
        !is_between || sd < largest,
        "sd",
        message,
        format_args!("`sd` must be below {largest}"),
    );
}

/// Refuses shapes too large for [`IncompleteBeta`].
pub(crate) fn check_shapes(key: &str, alpha: f64, beta: f64) -> Result<(), Vec<Refusal>> {
    let sum = alpha + beta;
    let mut faults = Faults::default();
    let message = format_args!(
        "the shapes sum to {sum}, so that the values hardly vary; at most {LARGEST_SHAPE} is supported"
    );
    faults.require(
        sum <= LARGEST_SHAPE,
        key,
        message,
        "write `normal` with the same mean and sd, or the number itself",
    );
    faults.finish()
}

/// The beta law, stretched from (0, 1) to (`min`, `max`); `pert` is one, too.
#[expect(
    clippy::struct_field_names,
    reason = "alpha and beta are the names of the shapes"
)]
#[derive(Clone, Copy, Debug)]
pub struct Beta {
    alpha: f64,
    beta: f64,
    min: f64,
    max: f64,
    incomplete: IncompleteBeta,
}

impl Beta {
    /// The law with these shapes, above 0 and at most [`LARGEST_SHAPE`] in sum, between `min` <
    /// `max`.
    #[must_use]
    pub fn new(alpha: f64, beta: f64, min: f64, max: f64) -> Self {
        Self {
            alpha,
            beta,
            min,
            max,
            incomplete: IncompleteBeta::new(alpha, beta),
        }
    }

    fn share(&self, x: f64) -> f64 {
        (x - self.min) / (self.max - self.min)
    }

    /// The value of a share.
    fn stretch(&self, share: f64) -> f64 {
        (self.min + share * (self.max - self.min)).clamp(self.min, self.max)
    }
}

impl Law for Beta {
    fn quantile(&self, u: f64) -> f64 {
        self.stretch(self.incomplete.lower_inverse(u))
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.stretch(self.incomplete.upper_inverse(q))
    }

    fn cdf(&self, x: f64) -> f64 {
        self.incomplete.lower(self.share(x))
    }

    fn survival(&self, x: f64) -> f64 {
        self.incomplete.upper(self.share(x))
    }

    fn density(&self, x: f64) -> Option<f64> {
        Some(self.incomplete.density(self.share(x)) / (self.max - self.min))
    }

    fn step_to_quantile(&self, p: f64, is_upper: bool, x: f64) -> Option<f64> {
        let step = self.incomplete.step_to_inverse(p, is_upper, self.share(x));
        Some(step * (self.max - self.min))
    }

    fn support(&self) -> (f64, f64) {
        (self.min, self.max)
    }

    fn mean(&self) -> f64 {
        self.min + (self.max - self.min) * (self.alpha / (self.alpha + self.beta))
    }

    fn variance(&self) -> f64 {
        let (width, sum) = (self.max - self.min, self.alpha + self.beta);
        width * width * (self.alpha / sum) * (self.beta / sum) / (sum + 1.0)
    }

    fn standard(&self) -> Option<Standard> {
        let law = Arc::new(Self {
            min: 0.0,
            max: 1.0,
            ..*self
        });
        let place = (self.min, self.max - self.min);
        Some(Standard::new(place, law, "beta", [self.alpha, self.beta]))
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Beta, ContinuousCDF};

    use crate::distribution::check::{assert_close, build, consistent, faults, refusals};

    #[test]
    fn agrees_with_statrs() {
        for (alpha, beta) in [(0.5, 0.7), (2.0, 5.0), (40.0, 3.0)] {
            let law = build("beta", &[("alpha", alpha), ("beta", beta)]);
            let other = Beta::new(alpha, beta).expect("valid");
            for u in [0.01, 0.3, 0.9] {
                assert_close(other.cdf(law.quantile(u)), u, 1e-10);
            }
            consistent(&**law.law());
        }
    }

    #[test]
    fn moments_are_met_stretched_or_not() {
        for limits in [None, Some([("min", 20.0), ("max", 100.0)])] {
            let (mean, sd) = if limits.is_some() {
                (40.0, 10.0)
            } else {
                (0.3, 0.1)
            };
            let given: Vec<_> = [("mean", mean), ("sd", sd)]
                .into_iter()
                .chain(limits.into_iter().flatten())
                .collect();
            let law = build("beta", &given);
            assert_close(law.mean(), mean, 1e-14);
            assert_close(law.variance(), sd * sd, 1e-13);
        }
    }

    #[test]
    fn the_arcsine_law_in_closed_form() {
        // I(½, ½, x) = 2/π · arcsin √x.
        let law = build("beta", &[("alpha", 0.5), ("beta", 0.5)]);
        for u in [1e-8, 0.2, 0.5, 0.97] {
            let root = libm::sin(std::f64::consts::FRAC_PI_2 * u);
            assert_close(law.quantile(u), root * root, 1e-12);
        }
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        assert_eq!(
            faults("beta", &[("alpha", 0.0), ("beta", -1.0)]),
            ["alpha", "beta"]
        );
        assert_eq!(faults("beta", &[("mean", 1.3), ("sd", 0.1)]), ["mean"]);
        assert_eq!(faults("beta", &[("alpha", 1e7), ("beta", 1.0)]), ["alpha"]);
        let refusal = &refusals("beta", &[("mean", 0.5), ("sd", 0.5)])[0];
        assert_eq!(
            refusal.message,
            "`sd` is 0.5, which is too large for a mean of 0.5 between 0 and 1"
        );
        assert_eq!(refusal.help.as_deref(), Some("`sd` must be below 0.5"));
    }
}
