//! Independent samplers of all families, made of those that `rand_distr` has, to test the quantile
//! functions against.
//!
//! They share nothing with the laws here, not even the conversion of parameters, and take as many
//! random numbers as they please. Only the parts of a `mixture` are drawn by their own quantile
//! functions: the parts are families themselves, and what the mixture adds is the choice.

use nalgebra::{DMatrix, DVector};
use rand::{Rng, RngExt};
use rand_distr::weighted::WeightedIndex;
use rand_distr::{
    Beta, Binomial, Distribution as _, Exp, Exp1, Gamma, LogNormal, Normal, Open01, Pert, Poisson,
    Triangular, Uniform, Weibull,
};

use crate::distribution::{Arguments, quantiles};

/// A way to draw one value.
pub type Reference = Box<dyn Fn(&mut dyn Rng) -> f64>;

/// The sampler of `rand_distr` for the family of that name with these arguments, without bounds.
///
/// None, if there is no such family, or if the arguments are refused.
#[must_use]
pub fn reference(family: &str, arguments: &Arguments) -> Option<Reference> {
    let number = |key| arguments.number(key);
    match family {
        "uniform" => sampler(Uniform::new(number("min")?, number("max")?).ok()?),
        "triangular" => sampler(Triangular::new(number("min")?, number("max")?, number("mode")?).ok()?),
        "pert" => {
            let shape = number("shape").unwrap_or(4.0);
            sampler(
                Pert::new(number("min")?, number("max")?)
                    .with_shape(shape)
                    .with_mode(number("mode")?)
                    .ok()?,
            )
        }
        "exponential" => {
            let rate = number("mean")
                .map(f64::recip)
                .or_else(|| Some(std::f64::consts::LN_2 / number("median")?))?;
            sampler(Exp::new(rate).ok()?)
        }
        "poisson" => sampler(Poisson::new(number("mean")?).ok()?),
        "binomial" => {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
            let law = Binomial::new(number("n")? as u64, number("p")?).ok()?;
            #[expect(clippy::cast_precision_loss, reason = "a count below 2^53")]
            Some(Box::new(move |rng| law.sample(rng) as f64))
        }
        "beta" => beta(arguments),
        "normal" | "lognormal" | "weibull" | "gamma" => positive(family, arguments),
        "loglogistic" => loglogistic(arguments),
        "quantiles" => metalog(arguments),
        "discrete" => listed(arguments.numbers("values")?, arguments.numbers("weights")?),
        "empirical" => {
            let values = arguments.numbers("values")?;
            listed(values, &vec![1.0; values.len()])
        }
        "mixture" => mixture(arguments),
        _ => None,
    }
}

/// Two waiting times of the same mean. Their ratio has the law of u / (1 − u), and the first has that of u as its
/// share in both.
fn two_waits(rng: &mut dyn Rng) -> [f64; 2] {
    [Exp1.sample(rng), Exp1.sample(rng)]
}

fn loglogistic(arguments: &Arguments) -> Option<Reference> {
    let median = arguments.number("median")?;
    let shape = match arguments.number("shape") {
        Some(shape) => shape,
        // At the 90th percentile, u / (1 − u) is 9.
        None => libm::log(9.0) / libm::log(arguments.number("p90")? / median),
    };
    Some(Box::new(move |rng| {
        let [one, other] = two_waits(rng);
        median * libm::pow(one / other, 1.0 / shape)
    }))
}

/// A metalog by its definition (Keelin 2016, equation 6), its coefficients from a general solver of linear equations.
fn metalog(arguments: &Arguments) -> Option<Reference> {
    let points: Option<Vec<(f64, f64)>> = arguments
        .0
        .keys()
        .map(|key| Some((quantiles::probability(key)?, arguments.number(key)?)))
        .collect();
    let points = points?;
    let terms = points.len();
    let equations = DMatrix::from_fn(terms, terms, |row, term| {
        let u = points[row].0;
        metalog_term(term, u - 0.5, libm::log(u / (1.0 - u)))
    });
    let values = DVector::from_iterator(terms, points.iter().map(|point| point.1));
    let coefficients = equations.lu().solve(&values)?;
    Some(Box::new(move |rng| {
        let [one, other] = two_waits(rng);
        let (distance, log_odds) = (one / (one + other) - 0.5, libm::log(one / other));
        let of_term =
            |(term, coefficient): (usize, &f64)| coefficient * metalog_term(term, distance, log_odds);
        coefficients.iter().enumerate().map(of_term).sum()
    }))
}

/// A term of the metalog, counted from 0, at a distance u − ½ from the middle.
fn metalog_term(term: usize, distance: f64, log_odds: f64) -> f64 {
    match term {
        0 => 1.0,
        1 => log_odds,
        2 => distance * log_odds,
        3 => distance,
        term if term % 2 == 0 => distance.powi((term / 2).try_into().unwrap_or(i32::MAX)),
        term => distance.powi((term / 2).try_into().unwrap_or(i32::MAX)) * log_odds,
    }
}

/// One of some values, by their weights.
fn listed(values: &[f64], weights: &[f64]) -> Option<Reference> {
    let (values, choice) = (values.to_vec(), WeightedIndex::new(weights).ok()?);
    Some(Box::new(move |rng| values[choice.sample(rng)]))
}

fn mixture(arguments: &Arguments) -> Option<Reference> {
    let choice = WeightedIndex::new(arguments.numbers("weights")?).ok()?;
    let parts = arguments.laws("of")?.to_vec();
    Some(Box::new(move |rng| {
        let part = &parts[choice.sample(rng)];
        part.quantile(rng.sample(Open01))
    }))
}

/// The families with two parameters and several ways to give them.
fn positive(family: &str, arguments: &Arguments) -> Option<Reference> {
    // Twice the standard normal's 90th percentile, as tables print it.
    const P10_TO_P90: f64 = 2.563_103_131_089_201;
    let given = |keys: [&str; 2]| arguments.all(keys);
    match family {
        "normal" => match (given(["mean", "sd"]), given(["p10", "p90"])) {
            (Some([mean, sd]), _) => sampler(Normal::new(mean, sd).ok()?),
            (_, Some([p10, p90])) => {
                sampler(Normal::new(f64::midpoint(p10, p90), (p90 - p10) / P10_TO_P90).ok()?)
            }
            _ => None,
        },
        "lognormal" => {
            if let Some([mean, sd]) = given(["mean", "sd"]) {
                return sampler(LogNormal::from_mean_cv(mean, sd / mean).ok()?);
            }
            let mirrored = |[median, p90]: [f64; 2]| [median * median / p90, p90];
            let [p10, p90] = given(["p10", "p90"]).or_else(|| given(["median", "p90"]).map(mirrored))?;
            let (low, high) = (libm::log(p10), libm::log(p90));
            sampler(LogNormal::new(f64::midpoint(low, high), (high - low) / P10_TO_P90).ok()?)
        }
        "weibull" => {
            let solved = |[median, p90]: [f64; 2]| {
                let shape = 1.200_579_346_632_349 / (libm::log(p90) - libm::log(median));
                [shape, median * libm::exp(0.366_512_920_581_664_35 / shape)]
            };
            let [shape, scale] =
                given(["shape", "scale"]).or_else(|| given(["median", "p90"]).map(solved))?;
            sampler(Weibull::new(scale, shape).ok()?)
        }
        _ => {
            let matched = |[mean, sd]: [f64; 2]| [mean * mean / (sd * sd), sd * sd / mean];
            let [shape, scale] = given(["shape", "scale"]).or_else(|| given(["mean", "sd"]).map(matched))?;
            sampler(Gamma::new(shape, scale).ok()?)
        }
    }
}

fn beta(arguments: &Arguments) -> Option<Reference> {
    let (min, max) = (
        arguments.number("min").unwrap_or(0.0),
        arguments.number("max").unwrap_or(1.0),
    );
    let matched = |[mean, sd]: [f64; 2]| {
        let (below, above) = (mean - min, max - mean);
        let strength = (below * above - sd * sd) / (sd * sd * (max - min));
        [below * strength, above * strength]
    };
    let [alpha, beta] = arguments
        .all(["alpha", "beta"])
        .or_else(|| arguments.all(["mean", "sd"]).map(matched))?;
    let law = Beta::new(alpha, beta).ok()?;
    Some(Box::new(move |rng| min + (max - min) * law.sample(rng)))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "so that every arm of the match reads alike"
)]
fn sampler(law: impl rand_distr::Distribution<f64> + 'static) -> Option<Reference> {
    Some(Box::new(move |rng| law.sample(rng)))
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::reference;
    use crate::distribution::check::example_arguments;
    use crate::distribution::{Distribution, FAMILIES};

    const DRAWS: u32 = 20_000;
    /// √n · D exceeds this with a probability of about 1e-5 for a continuous law, less for others.
    const CRITICAL: f64 = 2.47;

    /// √n times the largest distance between the empirical cdf of `values` and the law's, at and
    /// below each value.
    fn kolmogorov_smirnov(mut values: Vec<f64>, distribution: &Distribution) -> f64 {
        values.sort_by(f64::total_cmp);
        let n = f64::from(DRAWS);
        let mut largest = 0.0_f64;
        let mut rank = 0.0;
        for equal in values.chunk_by(|a, b| a == b) {
            let x = equal[0];
            largest = largest.max((distribution.law().cdf_below(x) - rank / n).abs());
            rank += equal.iter().map(|_| 1.0).sum::<f64>();
            largest = largest.max((distribution.cdf(x) - rank / n).abs());
        }
        largest * n.sqrt()
    }

    #[test]
    fn quantile_functions_agree_with_independent_samplers() {
        let mut rng = StdRng::seed_from_u64(20_250_410);
        for family in FAMILIES {
            for arguments in example_arguments(family.name) {
                let draw = reference(family.name, &arguments)
                    .unwrap_or_else(|| panic!("{} has no independent sampler: add one here", family.name));
                let distribution = Distribution::new(family, &arguments, None, None).expect("valid");
                let values = (0..DRAWS).map(|_| draw(&mut rng)).collect();
                let distance = kolmogorov_smirnov(values, &distribution);
                assert!(distance < CRITICAL, "{} {arguments:?}: {distance}", family.name);
            }
        }
    }
}
