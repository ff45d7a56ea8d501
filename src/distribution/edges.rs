//! What holds of every law at the ends of its support, beyond them, and at infinity, with bounds and without.

use crate::distribution::check::{assert_close, build, example_arguments, probabilities};
use crate::distribution::{Arguments, Distribution, FAMILIES, Sampler, TableCache, family};
use crate::draw::Uniform;

/// A lower and an upper bound.
type Bounds = (Option<f64>, Option<f64>);

/// No bound, each alone and both, around the middle of a law.
fn bounds(law: &Distribution) -> [Bounds; 4] {
    let (low, high) = (law.quantile(0.3), law.quantile(0.8));
    [
        (None, None),
        (Some(low), None),
        (None, Some(high)),
        (Some(low), Some(high)),
    ]
}

/// Every alternative of every family, and each as a part of a mixture: a way to build it with bounds.
fn every_law(see: impl Fn(&dyn Fn(Bounds) -> Distribution)) {
    for of in FAMILIES {
        for arguments in example_arguments(of.name) {
            let alone = |(least, most): Bounds| {
                Distribution::new(of, &arguments, least, most)
                    .unwrap_or_else(|refusals| panic!("{} {least:?} {most:?}: {refusals:?}", of.name))
            };
            see(&alone);
            let parts = vec![
                alone((None, None)),
                build("uniform", &[("min", 0.0), ("max", 1e3)]),
            ];
            let weights = ("weights", vec![1.0, 3.0].into());
            let mixed = Arguments::from([weights, ("of", parts.into())]);
            see(&|(least, most)| {
                let mixture = family("mixture").expect("registered");
                Distribution::new(mixture, &mixed, least, most)
                    .unwrap_or_else(|refusals| panic!("{} mixed: {refusals:?}", of.name))
            });
        }
    }
}

#[test]
fn tails_are_whole_at_the_ends_and_beyond() {
    every_law(|build| {
        for bounds in bounds(&build((None, None))) {
            let distribution = build(bounds);
            let law = distribution.law();
            let (lowest, highest) = law.support();
            for x in [f64::NEG_INFINITY, -f64::MAX, lowest - 1.0] {
                let tails = [
                    law.cdf(x),
                    law.cdf_below(x),
                    1.0 - law.survival(x),
                    1.0 - law.survival_from(x),
                ];
                // The weights of a mixture sum to 1 but for rounding.
                assert!(
                    x >= lowest || tails.iter().all(|tail| tail.abs() < 1e-15),
                    "{law:?} {bounds:?} at {x}: {tails:?}"
                );
            }
            for x in [f64::INFINITY, f64::MAX, highest + 1.0] {
                let tails = [
                    1.0 - law.cdf(x),
                    1.0 - law.cdf_below(x),
                    law.survival(x),
                    law.survival_from(x),
                ];
                assert!(
                    x < highest || tails.iter().all(|tail| tail.abs() < 1e-15),
                    "{law:?} {bounds:?} at {x}: {tails:?}"
                );
            }
            for x in [f64::NEG_INFINITY, f64::INFINITY] {
                assert!(
                    law.density(x).is_none_or(|density| density == 0.0),
                    "{law:?} at {x}"
                );
            }
        }
    });
}

#[test]
fn nothing_is_no_number() {
    every_law(|build| {
        for bounds in bounds(&build((None, None))) {
            let distribution = build(bounds);
            let law = distribution.law();
            let (lowest, highest) = law.support();
            let (tiny, huge) = (f64::MIN_POSITIVE / 1e10, f64::MAX);
            let ends = [lowest, lowest.next_up(), highest.next_down(), highest];
            let far = [
                f64::NEG_INFINITY,
                -huge,
                -tiny,
                0.0,
                tiny,
                1e200,
                huge,
                f64::INFINITY,
            ];
            let middle = probabilities().into_iter().map(|u| law.quantile(u));
            for x in ends.into_iter().chain(far).chain(middle) {
                let values = [
                    law.cdf(x),
                    law.cdf_below(x),
                    law.survival(x),
                    law.survival_from(x),
                    law.density(x).unwrap_or_default(),
                ];
                assert!(
                    !values.iter().any(|value| value.is_nan()),
                    "{law:?} {bounds:?} at {x}: {values:?}"
                );
            }
            assert!(!law.mean().is_nan() && !law.variance().is_nan(), "{law:?}");
        }
    });
}

/// P(X ≤ x) and P(X ≥ x) given the bounds a and b are (F(x) − F(a−)) / (F(b) − F(a−)) and (F(b) − F(x−)) / (F(b) − F(a−)).
#[test]
fn laws_given_bounds_are_the_law_in_proportion() {
    every_law(|build| {
        let whole = build((None, None));
        for (least, most) in bounds(&whole) {
            let given = build((least, most));
            let (from, to) = (least.unwrap_or(f64::NEG_INFINITY), most.unwrap_or(f64::INFINITY));
            let (below, upto) = (whole.law().cdf_below(from), whole.cdf(to));
            for u in [0.31, 0.5, 0.7, 0.79] {
                let x = whole.quantile(u);
                let reached = (whole.cdf(x) - below) / (upto - below);
                let left = (upto - whole.law().cdf_below(x)) / (upto - below);
                assert_close(given.cdf(x), reached, 1e-10);
                assert_close(given.law().survival_from(x), left, 1e-10);
            }
        }
    });
}

/// A bound that leaves next to nothing is met as exactly as any other.
#[test]
fn bounds_far_out_in_a_tail_lose_nothing() {
    // Next to a finite end, the numbers may lie too far apart for so little.
    let is_little = |tail: f64| (1e-26..1e-24).contains(&tail);
    every_law(|build| {
        let whole = build((None, None));
        let (bound, beyond) = (whole.upper_quantile(1e-25), whole.upper_quantile(1e-26));
        let tail = whole.law().survival_from(bound);
        if is_little(tail) {
            let given = build((Some(bound), None));
            assert_close(
                given.law().survival(beyond),
                whole.law().survival(beyond) / tail,
                1e-9,
            );
        }
        let (bound, beyond) = (whole.quantile(1e-25), whole.quantile(1e-26));
        let tail = whole.cdf(bound);
        if is_little(tail) {
            let given = build((None, Some(bound)));
            assert_close(given.cdf(beyond), whole.cdf(beyond) / tail, 1e-9);
        }
    });
}

#[test]
fn what_is_drawn_lies_in_the_support_and_reaches_its_finite_ends() {
    every_law(|build| {
        for bounds in bounds(&build((None, None))) {
            let distribution = build(bounds);
            let (lowest, highest) = distribution.support();
            let sampler = Sampler::new(&distribution, &mut TableCache::new());
            for u in [
                0,
                1,
                1 << 10,
                1 << 30,
                u32::MAX / 2,
                u32::MAX - (1 << 10),
                u32::MAX - 1,
                u32::MAX,
            ] {
                let x = f64::from(sampler.value(Uniform(u)));
                assert!((lowest..=highest).contains(&x), "{distribution:?}: {x}");
            }
            for (end, nearest) in [
                (lowest, distribution.quantile(1e-300)),
                (highest, distribution.upper_quantile(1e-300)),
            ] {
                let is_near = (nearest - end).abs() <= 1e-2 * (1.0 + end.abs());
                assert!(
                    end.is_infinite() || is_near,
                    "{distribution:?}: {nearest} for the end {end}"
                );
            }
        }
    });
}

/// The gamma of mean 80 and sd 25, given that it is at least 60: (F(t) − F(60)) / (1 − F(60)). F by `statrs`.
#[test]
fn a_gamma_with_a_lower_bound_only() {
    use statrs::distribution::{ContinuousCDF, Gamma};
    let arguments = crate::distribution::check::arguments(&[("mean", 80.0), ("sd", 25.0)]);
    let gamma = family("gamma").expect("registered");
    let law = Distribution::new(gamma, &arguments, Some(60.0), None).expect("78 % lie above");
    let whole = Gamma::new(10.24, 80.0 / 625.0).expect("valid");
    assert_close(whole.sf(60.0), 0.779_868_838, 1e-8);
    for t in [60.0, 70.0, 80.0, 100.0, 150.0, 300.0] {
        assert_close(
            law.cdf(t),
            (whole.cdf(t) - whole.cdf(60.0)) / whole.sf(60.0),
            1e-9,
        );
    }
}
