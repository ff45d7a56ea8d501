//! `pert`: a three-point estimate as a smooth hump.
//!
//! Meaning: what an expert says with least, most likely and largest value, where the extremes are
//! unlikely. Formula (Clark 1962, The PERT model for the distribution of an activity time,
//! Operations Research 10; Vose 2008, Risk Analysis, modified PERT): a beta law between min and max
//! with alpha = 1 + shape (mode − min)/(max − min), beta = 1 + shape (max − mode)/(max − min); the
//! mean is (min + shape · mode + max)/(shape + 2). Limits: min ≤ mode ≤ max, min < max, shape ≥ 0
//! (0 is uniform).

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::beta::{Beta, check_shapes};
use crate::distribution::{Arguments, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "pert",
    summary: "A three-point estimate with smooth sides: least, most likely and largest value.",
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
        Parameter {
            key: "shape",
            kind: ParameterKind::Number,
            meaning: "how much the mode outweighs the extremes, 4 if absent",
        },
    ],
    alternatives: &[&["min", "mode", "max"]],
    optional: &["shape"],
    example: "{ pert = { min = 10, mode = 30, max = 90 } }",
    build,
};

fn build(arguments: &Arguments) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some([min, mode, max]) = arguments.all(["min", "mode", "max"]) else {
        return arguments.unfit(&FAMILY);
    };
    let shape = arguments.number("shape").unwrap_or(4.0);
    let mut faults = Faults::default();
    faults.mode_within(min, mode, max);
    faults.require(
        shape >= 0.0,
        "shape",
        format_args!("`shape` is {shape}"),
        "`shape` must be 0 or more; 4 is usual",
    );
    faults.finish()?;
    let rise = (mode - min) / (max - min);
    let (alpha, beta) = (1.0 + shape * rise, 1.0 + shape * (1.0 - rise));
    check_shapes("shape", alpha, beta)?;
    Ok(Arc::new(Beta::new(alpha, beta, min, max)))
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{assert_close, build, consistent, faults};

    #[test]
    fn the_mean_is_the_weighted_one_of_the_three_points() {
        let law = build("pert", &[("min", 10.0), ("mode", 30.0), ("max", 90.0)]);
        assert_close(law.mean(), (10.0 + 4.0 * 30.0 + 90.0) / 6.0, 1e-14);
        assert_close(
            law.variance(),
            (law.mean() - 10.0) * (90.0 - law.mean()) / 7.0,
            1e-14,
        );
        consistent(&**law.law());
    }

    #[test]
    fn without_weight_on_the_mode_it_is_uniform() {
        let law = build(
            "pert",
            &[("min", 0.0), ("mode", 1.0), ("max", 1.0), ("shape", 0.0)],
        );
        for u in [1e-9, 0.3, 0.5, 0.999] {
            assert_close(law.quantile(u), u, 1e-12);
        }
    }

    #[test]
    fn a_mode_at_the_end_has_a_closed_form() {
        // alpha = 1, beta = 5: Q(u) = 1 − (1 − u)^(1/5).
        let law = build("pert", &[("min", 0.0), ("mode", 0.0), ("max", 1.0)]);
        for u in [1e-9, 0.3, 0.5, 0.999] {
            assert_close(law.quantile(u), -libm::expm1(libm::log1p(-u) / 5.0), 1e-12);
        }
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(
            faults(
                "pert",
                &[("min", 3.0), ("mode", 2.0), ("max", 5.0), ("shape", -1.0)]
            ),
            ["mode", "shape"]
        );
        assert_eq!(
            faults("pert", &[("min", 5.0), ("mode", 5.0), ("max", 5.0)]),
            ["max"]
        );
    }
}
