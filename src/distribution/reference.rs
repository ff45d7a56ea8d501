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
        "pert" => pert(arguments),
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

/// Two percentiles of equal tails.
struct Percentiles {
    low: f64,
    high: f64,
    /// The probability beyond each.
    tail: f64,
    /// How many standard deviations lie between the two in a normal law: twice the percentile that tables print.
    deviations: f64,
}

fn percentiles(arguments: &Arguments) -> Option<Percentiles> {
    let known = [
        (["p5", "p95"], 0.05, 3.289_707_253_902_944_5),
        (["p10", "p90"], 0.1, P10_TO_P90),
        (["p25", "p75"], 0.25, 1.348_979_500_392_163_5),
    ];
    known.into_iter().find_map(|(keys, tail, deviations)| {
        let [low, high] = arguments.all(keys)?;
        Some(Percentiles {
            low,
            high,
            tail,
            deviations,
        })
    })
}

/// Twice the standard normal's 90th percentile.
const P10_TO_P90: f64 = 2.563_103_131_089_201;

/// The values with a probability `tail` below the one and above the other, of the law on (0, `end`) with a density in
/// proportion to exp(`ln_density`): that is summed up at the middles of many short pieces.
fn summed_up(ln_density: impl Fn(f64) -> f64, end: f64, tail: f64) -> [f64; 2] {
    const PIECES: u32 = 4000;
    let piece = end / f64::from(PIECES);
    let middles = (0..PIECES).map(|index| (f64::from(index) + 0.5) * piece);
    let pieces: Vec<(f64, f64)> = middles.map(|x| (x, libm::exp(ln_density(x)))).collect();
    let total: f64 = pieces.iter().map(|(_, weight)| weight).sum();
    [tail, 1.0 - tail].map(|p| {
        let mut left = p * total;
        for (x, weight) in &pieces {
            if *weight >= left {
                return x + piece * (left / weight - 0.5);
            }
            left -= weight;
        }
        end
    })
}

/// Where something that holds from some point of (`low`, `high`) on begins to hold.
fn halved(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..50 {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high
}

fn pert(arguments: &Arguments) -> Option<Reference> {
    let shape = arguments.number("shape").unwrap_or(4.0);
    let mode = arguments.number("mode")?;
    let [min, max] = match arguments.all(["min", "max"]) {
        Some(ends) => ends,
        None => {
            let Percentiles { low, high, tail, .. } = percentiles(arguments)?;
            let unit = |rise: f64| {
                let ln_density = |x: f64| shape * (rise * libm::log(x) + (1.0 - rise) * libm::log1p(-x));
                summed_up(ln_density, 1.0, tail)
            };
            let rise = halved(0.0, 1.0, |rise| {
                let [from, to] = unit(rise);
                (rise - from) * (high - low) >= (mode - low) * (to - from)
            });
            let [from, to] = unit(rise);
            let width = (high - low) / (to - from);
            [mode - rise * width, mode + (1.0 - rise) * width]
        }
    };
    sampler(Pert::new(min, max).with_shape(shape).with_mode(mode).ok()?)
}

fn loglogistic(arguments: &Arguments) -> Option<Reference> {
    let given = |keys: [&str; 2]| arguments.all(keys);
    // At the 90th percentile, u / (1 − u) is 9.
    let of_p90 = |[median, p90]: [f64; 2]| [median, libm::log(9.0) / libm::log(p90 / median)];
    let of_pair = |pair: Percentiles| {
        let odds = (1.0 - pair.tail) / pair.tail;
        let shape = libm::log(odds * odds) / libm::log(pair.high / pair.low);
        [pair.low * libm::pow(odds, 1.0 / shape), shape]
    };
    let [median, shape] = given(["median", "shape"])
        .or_else(|| given(["median", "p90"]).map(of_p90))
        .or_else(|| percentiles(arguments).map(of_pair))?;
    Some(Box::new(move |rng| {
        let [one, other] = two_waits(rng);
        median * libm::pow(one / other, 1.0 / shape)
    }))
}

/// A metalog by its definition (Keelin 2016, equation 6), its coefficients from a general solver of linear equations; with ends
/// by its Proposition 3.
fn metalog(arguments: &Arguments) -> Option<Reference> {
    let ends = (arguments.number("lower"), arguments.number("upper"));
    let inwards = move |x: f64| match ends {
        (None, None) => x,
        (Some(lower), None) => libm::log(x - lower),
        (None, Some(upper)) => -libm::log(upper - x),
        (Some(lower), Some(upper)) => libm::log((x - lower) / (upper - x)),
    };
    let outwards = move |y: f64| match ends {
        (None, None) => y,
        (Some(lower), None) => lower + libm::exp(y),
        (None, Some(upper)) => upper - libm::exp(-y),
        (Some(lower), Some(upper)) => (lower + upper * libm::exp(y)) / (1.0 + libm::exp(y)),
    };
    let is_end = |key: &str| ["lower", "upper"].contains(&key);
    let keys = arguments.0.keys().filter(|key| !is_end(key));
    let points: Option<Vec<(f64, f64)>> = keys
        .map(|key| Some((quantiles::probability(key)?, inwards(arguments.number(key)?))))
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
        outwards(coefficients.iter().enumerate().map(of_term).sum())
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
    let given = |keys: [&str; 2]| arguments.all(keys);
    match family {
        "normal" => {
            let middle = |pair: Percentiles| {
                [
                    f64::midpoint(pair.low, pair.high),
                    (pair.high - pair.low) / pair.deviations,
                ]
            };
            let [mean, sd] = given(["mean", "sd"]).or_else(|| percentiles(arguments).map(middle))?;
            sampler(Normal::new(mean, sd).ok()?)
        }
        "lognormal" => {
            if let Some([mean, sd]) = given(["mean", "sd"]) {
                return sampler(LogNormal::from_mean_cv(mean, sd / mean).ok()?);
            }
            let mirrored = |[median, p90]: [f64; 2]| [median * median / p90, p90, P10_TO_P90];
            let pair = |pair: Percentiles| [pair.low, pair.high, pair.deviations];
            let [low, high, deviations] = given(["median", "p90"])
                .map(mirrored)
                .or_else(|| percentiles(arguments).map(pair))?;
            let (low, high) = (libm::log(low), libm::log(high));
            sampler(LogNormal::new(f64::midpoint(low, high), (high - low) / deviations).ok()?)
        }
        "weibull" => {
            let solved = |[median, p90]: [f64; 2]| {
                let shape = 1.200_579_346_632_349 / (libm::log(p90) - libm::log(median));
                [shape, median * libm::exp(0.366_512_920_581_664_35 / shape)]
            };
            // −ln of what is above the one, and of what is above the other, are (x / scale)^shape.
            let pair = |Percentiles { low, high, tail, .. }: Percentiles| {
                let [at_low, at_high] = [1.0 - tail, tail].map(|above| libm::log(-libm::log(above)));
                let shape = (at_high - at_low) / (libm::log(high) - libm::log(low));
                [shape, low * libm::exp(-at_low / shape)]
            };
            let [shape, scale] = given(["shape", "scale"])
                .or_else(|| given(["median", "p90"]).map(solved))
                .or_else(|| percentiles(arguments).map(pair))?;
            sampler(Weibull::new(scale, shape).ok()?)
        }
        _ => {
            let matched = |[mean, sd]: [f64; 2]| [mean * mean / (sd * sd), sd * sd / mean];
            let [shape, scale] = given(["shape", "scale"])
                .or_else(|| given(["mean", "sd"]).map(matched))
                .or_else(|| percentiles(arguments).map(gamma_through))?;
            sampler(Gamma::new(shape, scale).ok()?)
        }
    }
}

/// Shape, between 1 and 100, and scale of the gamma law with these percentiles.
fn gamma_through(Percentiles { low, high, tail, .. }: Percentiles) -> [f64; 2] {
    let unit = |shape: f64| {
        let end = shape + 12.0 * shape.sqrt() + 20.0;
        summed_up(|x| (shape - 1.0) * libm::log(x) - x, end, tail)
    };
    let shape = halved(1.0, 100.0, |shape| {
        let [from, to] = unit(shape);
        to * low <= high * from
    });
    [shape, low / unit(shape)[0]]
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
