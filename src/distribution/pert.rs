//! `pert`: a three-point estimate as a smooth hump.
//!
//! Meaning: what an expert says with least, most likely and largest value, where the extremes are
//! unlikely. Formula (Clark 1962, The PERT model for the distribution of an activity time,
//! Operations Research 10; Vose 2008, Risk Analysis, modified PERT): a beta law between min and max
//! with alpha = 1 + shape (mode − min)/(max − min), beta = 1 + shape (max − mode)/(max − min); the
//! mean is (min + shape · mode + max)/(shape + 2). Where two percentiles stand for min and max, the two are found with which
//! the law has these percentiles and that mode. Limits: min ≤ mode ≤ max, min < max, shape ≥ 0
//! (0 is uniform).

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::beta::{Beta, check_shapes};
use crate::distribution::percentiles::{P5, P10, P25, P75, P90, P95, Pair};
use crate::distribution::root::crossing;
use crate::distribution::special::IncompleteBeta;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal};

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
        P5,
        P10,
        P25,
        P75,
        P90,
        P95,
    ],
    alternatives: &[
        &["min", "mode", "max"],
        &["p5", "mode", "p95"],
        &["p10", "mode", "p90"],
        &["p25", "mode", "p75"],
    ],
    optional: &["shape"],
    example: "{ pert = { min = 10, mode = 30, max = 90 } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let shape = arguments.number("shape").unwrap_or(4.0);
    let mut faults = Faults::default();
    if let Some([min, mode, max]) = arguments.all(["min", "mode", "max"]) {
        faults.mode_within(min, mode, max);
        check_shape(faults, shape)?;
        return Ok(hump(shape, (mode - min) / (max - min), min, max));
    }
    let (Some(pair), Some(mode)) = (Pair::given(arguments), arguments.number("mode")) else {
        return arguments.unfit(&FAMILY);
    };
    pair.check_order(&mut faults);
    check_shape(faults, shape)?;
    let rise = rise_through(&pair, mode, shape)?;
    let [low, high] = percentiles(shape, rise, pair.tail);
    let width = (pair.high - pair.low) / (high - low);
    let min = pair.low - low * width;
    Ok(hump(shape, rise, min, min + width))
}

/// Whether all else is right, and the shape as well.
fn check_shape(mut faults: Faults, shape: f64) -> Result<(), Vec<Refusal>> {
    faults.require(
        shape >= 0.0,
        "shape",
        format_args!("`shape` is {shape}"),
        "`shape` must be 0 or more; 4 is usual",
    );
    faults.finish()?;
    // Wherever the mode is, the sum is the same.
    check_shapes("shape", 1.0 + shape, 1.0)
}

/// The shapes of the beta law whose mode lies at `rise` on the way from its least to its largest value.
fn shapes(shape: f64, rise: f64) -> [f64; 2] {
    [1.0 + shape * rise, 1.0 + shape * (1.0 - rise)]
}

fn hump(shape: f64, rise: f64, min: f64, max: f64) -> Arc<dyn Law> {
    let [alpha, beta] = shapes(shape, rise);
    Arc::new(Beta::new(alpha, beta, min, max))
}

/// The percentiles with that probability beyond each, between 0 and 1.
fn percentiles(shape: f64, rise: f64, tail: f64) -> [f64; 2] {
    let [alpha, beta] = shapes(shape, rise);
    let unit = IncompleteBeta::new(alpha, beta);
    [unit.lower_inverse(tail), unit.upper_inverse(tail)]
}

/// How far the mode rises, with these percentiles: its place between them depends on that alone, and rises with it.
fn rise_through(pair: &Pair, mode: f64, shape: f64) -> Result<f64, Vec<Refusal>> {
    let place = |rise: f64| {
        let [low, high] = percentiles(shape, rise, pair.tail);
        (rise - low) / (high - low)
    };
    let spread = pair.high - pair.low;
    let wanted = (mode - pair.low) / spread;
    let ([low, high], range) = (pair.keys, [place(0.0), place(1.0)]);
    let mut faults = Faults::default();
    faults.require(
        range[0] <= wanted && wanted <= range[1],
        "mode",
        format_args!(
            "`mode` is {mode}, which is too far from `{low}`, {}, and `{high}`, {}",
            pair.low, pair.high
        ),
        format_args!(
            "with these percentiles, `mode` can be from {:.6} to {:.6}",
            pair.low + range[0] * spread,
            pair.low + range[1] * spread
        ),
    );
    faults.finish()?;
    Ok(crossing(0.0, 1.0, true, |rise| place(rise) - wanted))
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::{assert_close, build, consistent, faults, refusals};

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
    fn percentiles_stand_for_the_extremes() {
        for (min, mode, max, shape) in [
            (10.0, 30.0, 90.0, 4.0),
            (0.0, 0.0, 1.0, 4.0),
            (-5.0, 40.0, 41.0, 2.0),
            (0.0, 3.0, 9.0, 50.0),
            (2.0, 3.0, 4.0, 0.0),
        ] {
            let given = [("mode", mode), ("shape", shape)];
            let whole = build("pert", &[given[0], given[1], ("min", min), ("max", max)]);
            for (low, high, tail) in [("p5", "p95", 0.05), ("p10", "p90", 0.1), ("p25", "p75", 0.25)] {
                let ends = [(low, whole.quantile(tail)), (high, whole.upper_quantile(tail))];
                let law = build("pert", &[given[0], given[1], ends[0], ends[1]]);
                for u in [1e-6, tail, 0.4, 1.0 - tail, 0.9999] {
                    assert_close(law.quantile(u), whole.quantile(u), 1e-9);
                }
            }
        }
    }

    #[test]
    fn a_mode_too_far_from_the_percentiles_is_refused_with_the_range() {
        // With alpha = 1 and beta = 5, p10 and p90 are 1 − 0.9^0.2 and 1 − 0.1^0.2, and the mode is 0.
        let (p10, p90) = (1.0 - libm::pow(0.9, 0.2), 1.0 - libm::pow(0.1, 0.2));
        let least = 100.0 * -p10 / (p90 - p10);
        let refusal = &refusals("pert", &[("p10", 0.0), ("mode", -6.0), ("p90", 100.0)])[0];
        assert_eq!(refusal.parameter.as_deref(), Some("mode"));
        assert_eq!(
            refusal.message,
            "`mode` is -6, which is too far from `p10`, 0, and `p90`, 100"
        );
        let range = format!(
            "with these percentiles, `mode` can be from {least:.6} to {:.6}",
            100.0 - least
        );
        assert_eq!(refusal.help.as_deref(), Some(&*range));
        assert_eq!(
            faults("pert", &[("p10", 9.0), ("mode", 9.0), ("p90", 9.0)]),
            ["p90"]
        );
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
