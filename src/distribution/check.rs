//! What the tests of all families share.

use crate::distribution::{Argument, Arguments, Distribution, Law, Refusal, family};

/// Arguments that are all numbers.
pub(crate) fn arguments(numbers: &[(&str, f64)]) -> Arguments {
    Arguments(
        numbers
            .iter()
            .map(|(key, number)| ((*key).to_owned(), Argument::Number(*number)))
            .collect(),
    )
}

/// A distribution with arguments that are all numbers.
pub(crate) fn build(name: &str, numbers: &[(&str, f64)]) -> Distribution {
    let family = family(name).expect("a registered family");
    Distribution::new(family, &arguments(numbers), None, None)
        .unwrap_or_else(|refusals| panic!("{name} {numbers:?}: {refusals:?}"))
}

/// Why there is no such distribution; empty, if there is.
pub(crate) fn refusals(name: &str, numbers: &[(&str, f64)]) -> Vec<Refusal> {
    let family = family(name).expect("a registered family");
    Distribution::new(family, &arguments(numbers), None, None)
        .err()
        .unwrap_or_default()
}

/// The keys at fault, in order.
pub(crate) fn faults(name: &str, numbers: &[(&str, f64)]) -> Vec<String> {
    refusals(name, numbers)
        .into_iter()
        .map(|refusal| refusal.parameter.unwrap_or_default())
        .collect()
}

/// Valid arguments for each alternative of a family.
pub(crate) fn example_arguments(name: &str) -> Vec<Arguments> {
    let numbers: &[&[(&str, f64)]] = match name {
        "uniform" => &[&[("min", 2.0), ("max", 5.0)]],
        "triangular" => &[&[("min", 2.0), ("mode", 3.0), ("max", 9.0)]],
        "pert" => &[
            &[("min", 10.0), ("mode", 30.0), ("max", 90.0)],
            &[("min", 0.0), ("mode", 0.0), ("max", 1.0), ("shape", 2.0)],
            &[("p5", 15.0), ("mode", 30.0), ("p95", 70.0)],
            &[("p10", 15.0), ("mode", 30.0), ("p90", 70.0)],
            &[("p25", 25.0), ("mode", 20.0), ("p75", 60.0), ("shape", 2.0)],
        ],
        "normal" => &[
            &[("mean", -3.0), ("sd", 2.0)],
            &[("p5", -4.0), ("p95", 30.0)],
            &[("p10", 4.0), ("p90", 30.0)],
            &[("p25", 4.0), ("p75", 30.0)],
        ],
        "lognormal" => &[
            &[("median", 45.0), ("p90", 150.0)],
            &[("mean", 50.0), ("sd", 20.0)],
            &[("p5", 10.0), ("p95", 60.0)],
            &[("p10", 10.0), ("p90", 60.0)],
            &[("p25", 10.0), ("p75", 20.0)],
        ],
        "exponential" => &[&[("mean", 60.0)], &[("median", 60.0)]],
        "weibull" => &[
            &[("shape", 1.1), ("scale", 260.0)],
            &[("median", 60.0), ("p90", 400.0)],
            &[("p5", 10.0), ("p95", 60.0)],
            &[("p10", 10.0), ("p90", 400.0)],
            &[("p25", 10.0), ("p75", 60.0)],
        ],
        "loglogistic" => &[
            &[("median", 30.0), ("shape", 6.0)],
            &[("median", 30.0), ("p90", 50.0)],
            &[("p5", 10.0), ("p95", 25.0)],
            &[("p10", 10.0), ("p90", 25.0)],
            &[("p25", 10.0), ("p75", 12.0)],
        ],
        "gamma" => &[
            &[("shape", 2.5), ("scale", 10.0)],
            &[("mean", 30.0), ("sd", 12.0)],
            &[("p5", 10.0), ("p95", 60.0)],
            &[("p10", 10.0), ("p90", 60.0)],
            &[("p25", 10.0), ("p75", 20.0)],
        ],
        "beta" => &[
            &[("alpha", 2.0), ("beta", 5.0)],
            &[("mean", 0.3), ("sd", 0.1)],
            &[("mean", 40.0), ("sd", 10.0), ("min", 20.0), ("max", 100.0)],
        ],
        "poisson" => &[&[("mean", 6.5)]],
        "binomial" => &[&[("n", 20.0), ("p", 0.3)]],
        "quantiles" => &[
            &[("p10", 20.0), ("p50", 45.0), ("p90", 90.0)],
            &[
                ("p5", 1.0),
                ("p25", 4.0),
                ("p50", 6.0),
                ("p75", 8.5),
                ("p97.5", 14.0),
            ],
            &[("p10", 20.0), ("p50", 25.0), ("p90", 35.0), ("lower", 0.0)],
            &[("p10", 65.0), ("p50", 75.0), ("p90", 80.0), ("upper", 100.0)],
            &[
                ("p10", 0.05),
                ("p50", 0.1),
                ("p90", 0.5),
                ("lower", 0.0),
                ("upper", 1.0),
            ],
        ],
        _ => return example_lists(name),
    };
    numbers.iter().map(|numbers| arguments(numbers)).collect()
}

fn example_lists(name: &str) -> Vec<Arguments> {
    let values = ("values", Argument::from(vec![0.0, 30.0, 90.0]));
    let weights = Argument::from(vec![1.0, 3.0]);
    match name {
        "discrete" => vec![Arguments::from([values, ("weights", vec![1.0, 2.0, 1.0].into())])],
        "empirical" => vec![Arguments::from([values])],
        "mixture" => {
            let laws = vec![
                build("normal", &[("mean", 0.0), ("sd", 1.0)]),
                build("lognormal", &[("median", 5.0), ("p90", 9.0)]),
            ];
            vec![Arguments::from([("weights", weights), ("of", laws.into())])]
        }
        _ => panic!("{name} has no example arguments: add them here"),
    }
}

/// Probabilities from 1e-12 to 1 − 1e-9, dense in the middle.
pub(crate) fn probabilities() -> Vec<f64> {
    let tails = [1e-12, 1e-9, 1e-6, 1e-5, 1e-4, 1e-3, 0.003];
    let middle = (1..60).map(|index| f64::from(index) / 60.0);
    tails
        .into_iter()
        .chain(middle)
        .chain(tails.iter().skip(1).rev().map(|p| 1.0 - p))
        .collect()
}

/// Equal up to a relative (around zero: absolute) difference.
#[track_caller]
pub(crate) fn assert_close(actual: f64, expected: f64, tolerance: f64) {
    let scale = if expected == 0.0 { 1.0 } else { expected.abs() };
    let is_close = actual == expected || (actual - expected).abs() <= tolerance * scale;
    assert!(
        is_close,
        "{actual:?} is not {expected:?}, relative difference {:e}",
        (actual - expected).abs() / scale
    );
}

/// What holds of a density, where a law knows it: it is what quantiles near each other say, and a step of Newton's method leads
/// from one to the other.
#[track_caller]
fn smooth(law: &dyn Law, u: f64, x: f64) {
    let Some(density) = law.density(x) else { return };
    let apart = 1e-6 * u.min(1.0 - u);
    let (below, above) = (law.quantile(u - apart), law.quantile(u + apart));
    let probability = density * (above - below) / (2.0 * apart);
    assert!(
        (probability - 1.0).abs() < 1e-2,
        "{law:?}: density({x}) = {density}, off by {probability}"
    );
    for is_upper in [false, true] {
        let p = if is_upper { 1.0 - u } else { u };
        let Some(step) = law.step_to_quantile(p, is_upper, above) else {
            return;
        };
        // Near an end of the support the two values share most of their digits.
        let part = step / (x - above);
        assert!(
            (part - 1.0).abs() < 5e-2,
            "{law:?}: the step to quantile({u}) is {part} of what it should be"
        );
    }
}

/// What holds for each continuous law: cdf and survival undo the quantile, which increases within
/// the support.
#[track_caller]
pub(crate) fn consistent(law: &dyn Law) {
    let (lowest, highest) = law.support();
    let mut last = f64::NEG_INFINITY;
    for u in probabilities() {
        let x = law.quantile(u);
        assert!(
            x >= last && x >= lowest && x <= highest,
            "{law:?}: quantile({u}) = {x} after {last}"
        );
        last = x;
        assert!(
            (law.cdf(x) - u).abs() < 1e-9,
            "{law:?}: cdf({x}) = {} and not {u}",
            law.cdf(x)
        );
        assert!(
            (law.cdf(x) + law.survival(x) - 1.0).abs() < 1e-12,
            "{law:?}: tails at {x}"
        );
        if (1e-6..=1.0 - 1e-6).contains(&u) {
            smooth(law, u, x);
        }
        let x = law.upper_quantile(u);
        assert!(
            (law.survival(x) - u).abs() < 1e-9,
            "{law:?}: survival({x}) = {} and not {u}",
            law.survival(x)
        );
    }
}
