//! Every family against another implementation (`statrs`) or published values.
//!
//! The tests of each family go deeper where there is more to say. This one walks the registry, and fails for a family of
//! which nothing here says what another knows of it.

use statrs::distribution::{
    Beta, Binomial, ContinuousCDF, DiscreteCDF, Exp, Gamma, LogNormal, Normal, Poisson, Triangular, Uniform,
    Weibull,
};

use crate::distribution::check::{arguments, assert_close, build};
use crate::distribution::{Arguments, Distribution, FAMILIES};

/// Arguments with values of the distribution function: x, and P(X ≤ x).
type Known = (Arguments, Vec<(f64, f64)>);

#[test]
fn every_family_agrees_with_what_others_know() {
    for family in FAMILIES {
        let (arguments, points) = known(family.name);
        let law = Distribution::new(family, &arguments, None, None).expect("valid");
        assert!(points.len() >= 3, "{}: too few points", family.name);
        for (x, p) in points {
            assert_close(law.cdf(x), p, 1e-9);
            if law.is_continuous() && p > 0.0 && p < 1.0 {
                assert_close(law.quantile(p), x, 1e-8);
            }
        }
    }
}

/// Points of a continuous law of `statrs`.
fn continuous(law: &impl ContinuousCDF<f64, f64>, at: &[f64]) -> Vec<(f64, f64)> {
    at.iter().map(|&x| (x, law.cdf(x))).collect()
}

/// Points of a law of counts of `statrs`.
fn counts(law: &impl DiscreteCDF<u64, f64>, at: &[u32]) -> Vec<(f64, f64)> {
    at.iter().map(|&x| (f64::from(x), law.cdf(x.into()))).collect()
}

/// 1.281…: the 90th percentile of the standard normal.
const Z90: f64 = 1.281_551_565_544_600_5;

fn known(name: &str) -> Known {
    match name {
        "uniform" => (
            arguments(&[("min", 10.0), ("max", 30.0)]),
            continuous(&Uniform::new(10.0, 30.0).expect("valid"), &[11.0, 20.0, 29.0]),
        ),
        "triangular" => (
            arguments(&[("min", 10.0), ("mode", 30.0), ("max", 90.0)]),
            continuous(
                &Triangular::new(10.0, 90.0, 30.0).expect("valid"),
                &[15.0, 30.0, 80.0],
            ),
        ),
        "pert" => {
            // The classical PERT of 10, 30, 90 is 10 + 80 · Beta(1 + 4·20/80, 1 + 4·60/80).
            let beta = Beta::new(2.0, 4.0).expect("valid");
            let at = [15.0, 30.0, 60.0].map(|x| (x, beta.cdf((x - 10.0) / 80.0)));
            (
                arguments(&[("min", 10.0), ("mode", 30.0), ("max", 90.0)]),
                at.to_vec(),
            )
        }
        "normal" => (
            arguments(&[("mean", -3.0), ("sd", 2.0)]),
            continuous(&Normal::new(-3.0, 2.0).expect("valid"), &[-7.0, -3.0, 1.5]),
        ),
        "lognormal" => {
            let (location, scale) = (libm::log(45.0), libm::log(150.0 / 45.0) / Z90);
            let law = LogNormal::new(location, scale).expect("valid");
            (
                arguments(&[("median", 45.0), ("p90", 150.0)]),
                continuous(&law, &[10.0, 45.0, 150.0, 400.0]),
            )
        }
        "exponential" => (
            arguments(&[("mean", 60.0)]),
            continuous(&Exp::new(1.0 / 60.0).expect("valid"), &[5.0, 60.0, 300.0]),
        ),
        "weibull" => (
            arguments(&[("shape", 1.1), ("scale", 260.0)]),
            continuous(&Weibull::new(1.1, 260.0).expect("valid"), &[20.0, 200.0, 600.0]),
        ),
        "gamma" => (
            // Mean 30 and standard deviation 12: shape 6.25, rate 30/144.
            arguments(&[("mean", 30.0), ("sd", 12.0)]),
            continuous(
                &Gamma::new(6.25, 30.0 / 144.0).expect("valid"),
                &[10.0, 30.0, 60.0],
            ),
        ),
        "beta" => (
            arguments(&[("alpha", 2.0), ("beta", 5.0)]),
            continuous(&Beta::new(2.0, 5.0).expect("valid"), &[0.05, 0.3, 0.7]),
        ),
        "poisson" => (
            arguments(&[("mean", 6.5)]),
            counts(&Poisson::new(6.5).expect("valid"), &[0, 6, 12]),
        ),
        "binomial" => (
            arguments(&[("n", 12.0), ("p", 0.7)]),
            counts(&Binomial::new(0.7, 12).expect("valid"), &[3, 8, 11]),
        ),
        _ => by_definition(name),
    }
}

/// Those that `statrs` does not have, or has under another form.
fn by_definition(name: &str) -> Known {
    match name {
        // The odds of being below x are (x / median)^shape: Johnson, Kotz and Balakrishnan (1995), 23.11.
        "loglogistic" => (
            arguments(&[("median", 30.0), ("shape", 2.0)]),
            vec![(10.0, 0.1), (30.0, 0.5), (60.0, 0.8), (90.0, 0.9)],
        ),
        // Two percentiles make a logistic law, whose distribution function at ±1 scale is 0.268941… and 0.731058…; its
        // scale is (p90 − p10) / (2 ln 9): Keelin (2016), and any table of the logistic function.
        "quantiles" => {
            let scale = 1.0 / (2.0 * libm::log(9.0));
            (
                arguments(&[("p10", 0.0), ("p90", 1.0)]),
                vec![
                    (0.5 - scale, 0.268_941_421_369_995_1),
                    (0.5, 0.5),
                    (0.5 + scale, 0.731_058_578_630_004_9),
                    (0.5 + 2.0 * scale, 0.880_797_077_977_882_4),
                ],
            )
        }
        // Two tosses of a coin: no head, one or two with the weights 1, 2, 1.
        "discrete" => {
            let values = ("values", vec![0.0, 1.0, 2.0].into());
            let weights = ("weights", vec![1.0, 2.0, 1.0].into());
            (
                Arguments::from([values, weights]),
                counts(&Binomial::new(0.5, 2).expect("valid"), &[0, 1, 2]),
            )
        }
        "empirical" => {
            let values = ("values", vec![1.0, 0.0, 2.0, 1.0].into());
            (
                Arguments::from([values]),
                counts(&Binomial::new(0.5, 2).expect("valid"), &[0, 1, 2]),
            )
        }
        "mixture" => {
            let laws = vec![
                build("normal", &[("mean", 0.0), ("sd", 1.0)]),
                build("exponential", &[("mean", 5.0)]),
            ];
            let (normal, exponential) = (Normal::standard(), Exp::new(0.2).expect("valid"));
            let at = [-1.0, 0.5, 4.0].map(|x| (x, 0.25 * normal.cdf(x) + 0.75 * exponential.cdf(x)));
            let weights = ("weights", vec![1.0, 3.0].into());
            (Arguments::from([weights, ("of", laws.into())]), at.to_vec())
        }
        _ => panic!("{name} is held against nothing: add values that another knows"),
    }
}
