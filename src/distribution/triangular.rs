//! `triangular`: rises in a straight line from `min` to `mode`, falls in one to `max`.
//!
//! Meaning: a three-point estimate whose extremes are taken seriously; `pert` puts less weight on
//! them. Formula (Johnson, Kotz and Balakrishnan 1995, Continuous Univariate Distributions 2,
//! 26.9): with w = max − min, the quantile is min + √(u w (mode − min)) up to the mode, max − √((1
//! − u) w (max − mode)) beyond. Limits: min ≤ mode ≤ max, min < max.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::{Arguments, Bounds, ClosedForm, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "triangular",
    summary: "A three-point estimate with straight sides: least, most likely and largest value.",
    parameters: &[
        Parameter {
            key: "min",
            kind: ParameterKind::Value,
            meaning: "the least value",
        },
        Parameter {
            key: "mode",
            kind: ParameterKind::Value,
            meaning: "the most likely value",
        },
        Parameter {
            key: "max",
            kind: ParameterKind::Value,
            meaning: "the largest value",
        },
    ],
    alternatives: &[&["min", "mode", "max"]],
    optional: &[],
    example: "{ triangular = { min = 10, mode = 30, max = 90 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some([min, mode, max]) = arguments.all(["min", "mode", "max"]) else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.mode_within(min, mode, max);
    faults.finish()?;
    Ok(Arc::new(Triangular { min, mode, max }))
}

/// A density of two straight lines.
#[derive(Clone, Copy, Debug)]
struct Triangular {
    min: f64,
    mode: f64,
    max: f64,
}

impl Triangular {
    fn form(self) -> ClosedForm {
        ClosedForm::Triangular {
            min: self.min,
            mode: self.mode,
            max: self.max,
        }
    }

    /// P(X ≤ x) on the rising side.
    fn rising(self, x: f64) -> f64 {
        (x - self.min) / (self.max - self.min) * ((x - self.min) / (self.mode - self.min))
    }

    /// P(X > x) on the falling side.
    fn falling(self, x: f64) -> f64 {
        (self.max - x) / (self.max - self.min) * ((self.max - x) / (self.max - self.mode))
    }
}

impl Law for Triangular {
    fn quantile(&self, u: f64) -> f64 {
        self.form().quantile(u, 1.0 - u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        self.form().quantile(1.0 - q, q)
    }

    fn cdf(&self, x: f64) -> f64 {
        if x <= self.min {
            0.0
        } else if x >= self.max {
            1.0
        } else if x <= self.mode {
            self.rising(x)
        } else {
            1.0 - self.falling(x)
        }
    }

    fn survival(&self, x: f64) -> f64 {
        if x > self.mode && x < self.max {
            self.falling(x)
        } else {
            1.0 - self.cdf(x)
        }
    }

    fn support(&self) -> (f64, f64) {
        (self.min, self.max)
    }

    fn mean(&self) -> f64 {
        (self.min + self.mode + self.max) / 3.0
    }

    fn variance(&self) -> f64 {
        let (width, rise) = (self.max - self.min, self.mode - self.min);
        (width * width - rise * (width - rise)) / 18.0
    }

    fn closed_form(&self) -> Option<ClosedForm> {
        Some(self.form())
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Triangular};
    use statrs::statistics::Distribution as _;

    use crate::distribution::check::{assert_close, build, consistent, faults, refusals};

    #[test]
    fn agrees_with_statrs() {
        let law = build("triangular", &[("min", 2.0), ("mode", 3.0), ("max", 9.0)]);
        let other = Triangular::new(2.0, 9.0, 3.0).expect("valid");
        for x in [1.0, 2.5, 3.0, 5.0, 8.9, 10.0] {
            assert_close(law.cdf(x), other.cdf(x), 1e-13);
        }
        assert_close(law.mean(), other.mean().expect("finite"), 1e-14);
        assert_close(law.variance(), other.variance().expect("finite"), 1e-13);
    }

    #[test]
    fn the_mode_may_be_an_end() {
        for mode in [0.0, 0.4, 1.0] {
            consistent(&**build("triangular", &[("min", 0.0), ("mode", mode), ("max", 1.0)]).law());
        }
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults("triangular", &[("min", 1.0), ("mode", 7.0), ("max", 5.0)]),
            ["mode"]
        );
        assert_eq!(
            faults("triangular", &[("min", 6.0), ("mode", 7.0), ("max", 5.0)]),
            ["max"]
        );
        let refusal = &refusals("triangular", &[("min", 1.0), ("mode", 7.0), ("max", 5.0)])[0];
        assert_eq!(
            refusal.message,
            "`mode` is 7, which is not between `min`, 1, and `max`, 5"
        );
    }
}
