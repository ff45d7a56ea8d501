//! `uniform`: every value between `min` and `max` is equally likely.
//!
//! Meaning: only the limits are known. Formula: Q(u) = min + u (max − min). Limits: min < max.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::{Arguments, Bounds, ClosedForm, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "uniform",
    summary: "Every value between the two limits is equally likely.",
    parameters: &[
        Parameter {
            key: "min",
            kind: ParameterKind::Value,
            meaning: "the least value",
        },
        Parameter {
            key: "max",
            kind: ParameterKind::Value,
            meaning: "the largest value",
        },
    ],
    alternatives: &[&["min", "max"]],
    optional: &[],
    example: "{ uniform = { min = 10, max = 30 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some([min, max]) = arguments.all(["min", "max"]) else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.increasing(("min", min), ("max", max));
    faults.finish()?;
    Ok(Arc::new(Uniform { min, max }))
}

/// Constant density between two limits.
#[derive(Clone, Copy, Debug)]
struct Uniform {
    min: f64,
    max: f64,
}

impl Law for Uniform {
    fn quantile(&self, u: f64) -> f64 {
        ClosedForm::Uniform {
            min: self.min,
            max: self.max,
        }
        .quantile(u, 1.0 - u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        ClosedForm::Uniform {
            min: self.min,
            max: self.max,
        }
        .quantile(1.0 - q, q)
    }

    fn cdf(&self, x: f64) -> f64 {
        ((x - self.min) / (self.max - self.min)).clamp(0.0, 1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        ((self.max - x) / (self.max - self.min)).clamp(0.0, 1.0)
    }

    fn support(&self) -> (f64, f64) {
        (self.min, self.max)
    }

    fn mean(&self) -> f64 {
        0.5 * (self.min + self.max)
    }

    fn variance(&self) -> f64 {
        let width = self.max - self.min;
        width * width / 12.0
    }

    fn closed_form(&self) -> Option<ClosedForm> {
        Some(ClosedForm::Uniform {
            min: self.min,
            max: self.max,
        })
    }

    fn within(&self, at_least: f64, at_most: f64) -> Option<Result<Arc<dyn Law>, Refusal>> {
        Some(Ok(Arc::new(Uniform {
            min: at_least,
            max: at_most,
        })))
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{assert_close, build, consistent, refusals};

    #[test]
    fn quantile_moments_and_tails() {
        let law = build("uniform", &[("min", 2.0), ("max", 5.0)]);
        assert_close(law.quantile(0.25), 2.75, 1e-15);
        assert_eq!(
            (law.mean(), law.variance(), law.support()),
            (3.5, 0.75, (2.0, 5.0))
        );
        consistent(&**law.law());
    }

    #[test]
    fn refusals_name_the_numbers() {
        let swapped = &refusals("uniform", &[("min", 5.0), ("max", 2.0)])[0];
        assert_eq!(swapped.message, "`max` is 2, which is not above `min`, 5");
        assert_eq!(
            swapped.help.as_deref(),
            Some("did you swap them? `min` must be below `max`")
        );
        let certain = &refusals("uniform", &[("min", 5.0), ("max", 5.0)])[0];
        assert!(
            certain
                .help
                .as_deref()
                .is_some_and(|help| help.ends_with("write the number itself: 5"))
        );
    }
}
