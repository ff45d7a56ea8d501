//! The draws of the engine against those of independent samplers.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde::Serialize;
use toml::Value;

use super::{Effort, LEAST_P};
use crate::distribution::reference::reference;
use crate::distribution::{Argument, Arguments, Distribution, FAMILIES, Family, Sampler, TableCache, family};
use crate::draw::{Key, States, hash_all};
use crate::lanes::BLOCK;
use crate::sampling::numbered;

/// The most draws of each side: more would only take longer to sort.
const MOST_DRAWS: u64 = 1_000_000;

/// A family by both samplers.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The law, as a scenario writes it.
    pub law: &'static str,
    /// Draws of each side.
    pub draws: usize,
    /// The largest distance between the two empirical distribution functions.
    pub distance: f64,
    /// The chance of one as large, if both draw from the same law; for laws with atoms at most this.
    pub p: f64,
    /// Whether that is not too small.
    pub passed: bool,
}

/// Compares the example of every family.
pub fn compare(effort: Effort, tell: &dyn Fn(&str)) -> Vec<Comparison> {
    let one = |(family, number): (&'static Family, u64)| {
        tell(&format!("drawing from `{}`", family.name));
        let seed = numbered(effort.seed, number);
        compare_one(family, Effort { seed, ..effort })
    };
    FAMILIES.iter().zip(0..).map(one).collect()
}

fn compare_one(family: &'static Family, effort: Effort) -> Comparison {
    let count = usize::try_from(effort.trials.min(MOST_DRAWS)).unwrap_or(1);
    let arguments = example(family);
    let distribution =
        Distribution::new(family, &arguments, None, None).expect("the example of a family is possible");
    let mut rng = StdRng::seed_from_u64(effort.seed);
    let draw = reference(family.name, &arguments).expect("every family has an independent sampler");
    // In 24 bits, as the engine draws.
    #[allow(clippy::cast_possible_truncation, reason = "24 bits are wanted")]
    let mut other: Vec<f32> = (0..count).map(|_| draw(&mut rng) as f32).collect();
    let mut own = own_draws(&distribution, effort.seed, count);
    let distance = largest_distance(&mut own, &mut other);
    let p = kolmogorov(distance, count);
    Comparison {
        law: family.example,
        draws: count,
        distance,
        p,
        passed: p >= LEAST_P,
    }
}

/// The arguments of a family's example.
fn example(family: &Family) -> Arguments {
    let text = format!("example = {}", family.example);
    let table: toml::Table = text.parse().expect("an example is TOML");
    law(&table["example"]).1
}

/// The family and the arguments of `{ FAMILY = { … } }`.
fn law(value: &Value) -> (&'static Family, Arguments) {
    let (name, arguments) = value
        .as_table()
        .and_then(|table| table.iter().next())
        .expect("a law is a table with one key");
    let family = family(name).expect("a law names a family");
    let arguments = arguments.as_table().expect("arguments are a table");
    let read = |(key, value): (&String, &Value)| (key.clone(), argument(value));
    (family, Arguments(arguments.iter().map(read).collect()))
}

fn argument(value: &Value) -> Argument {
    let number = |value: &Value| {
        value
            .as_float()
            .or_else(|| value.as_integer().map(|whole| whole as f64))
            .expect("an example holds numbers")
    };
    let distribution = |value: &Value| {
        let (family, arguments) = law(value);
        Distribution::new(family, &arguments, None, None).expect("the example of a family is possible")
    };
    match value {
        Value::Array(items) if items.iter().all(Value::is_table) => {
            Argument::Laws(items.iter().map(distribution).collect())
        }
        Value::Array(items) => Argument::Numbers(items.iter().map(number).collect()),
        value => Argument::Number(number(value)),
    }
}

/// What the engine draws: the uniforms of an address in consecutive trials, through its sampler.
fn own_draws(distribution: &Distribution, seed: u64, count: usize) -> Vec<f32> {
    let sampler = Sampler::new(distribution, &mut TableCache::new());
    let key = Key::of(&format!("selftest.{}", distribution.family().name));
    let (mut states, mut uniforms) = (States::default(), [0; BLOCK]);
    let mut values = vec![0.0; count];
    for (block, first) in values.chunks_mut(BLOCK).zip((0..).step_by(BLOCK)) {
        let uniforms = &mut uniforms[..block.len()];
        states.fill(seed, first, block.len());
        hash_all(&states, key, uniforms);
        sampler.fill(uniforms, block);
    }
    values
}

/// The largest distance between the empirical distribution functions of two samples of one size, which it sorts.
fn largest_distance(one: &mut [f32], other: &mut [f32]) -> f64 {
    one.sort_unstable_by(f32::total_cmp);
    other.sort_unstable_by(f32::total_cmp);
    let (mut i, mut j, mut largest) = (0, 0, 0);
    while i < one.len() && j < other.len() {
        // Equal values are passed on both sides before the functions are compared.
        let x = one[i].min(other[j]);
        while i < one.len() && one[i] <= x {
            i += 1;
        }
        while j < other.len() && other[j] <= x {
            j += 1;
        }
        largest = largest.max(i.abs_diff(j));
    }
    largest as f64 / one.len() as f64
}

/// The chance of a distance as large between two samples of `count` values of one continuous law.
///
/// Kolmogorov's series, with the correction for finite samples of Stephens (1970, Use of the Kolmogorov–Smirnov,
/// Cramér–von Mises and related statistics without extensive tables, JRSS B 32).
fn kolmogorov(distance: f64, count: usize) -> f64 {
    let root = (count as f64 / 2.0).sqrt();
    let x = (root + 0.12 + 0.11 / root) * distance;
    if x < 0.3 {
        // The series converges slowly here, and is 1 to nine digits.
        return 1.0;
    }
    let terms = (1..=100).map(|k| {
        let k = f64::from(k);
        let sign = if k % 2.0 == 1.0 { 1.0 } else { -1.0 };
        2.0 * sign * libm::exp(-2.0 * k * k * x * x)
    });
    terms.sum::<f64>().clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Smirnov's table (1948): the distribution function is 0.95 at 1.358 and 0.99 at 1.628.
    #[test]
    fn published_quantiles_of_the_kolmogorov_distribution() {
        let p = |x: f64| {
            let root = 1e6_f64;
            kolmogorov(x / root, 2_000_000_000_000)
        };
        assert!((p(1.358) - 0.05).abs() < 2e-4 && (p(1.628) - 0.01).abs() < 1e-4);
        assert_eq!(p(0.1), 1.0);
    }

    #[test]
    fn distances_are_those_of_the_steps() {
        assert_eq!(
            largest_distance(&mut [3.0, 1.0, 2.0, 4.0], &mut [1.0, 2.0, 3.0, 4.0]),
            0.0
        );
        assert_eq!(largest_distance(&mut [1.0, 2.0], &mut [3.0, 4.0]), 1.0);
        assert_eq!(
            largest_distance(&mut [1.0, 1.0, 2.0, 2.0], &mut [1.0, 2.0, 2.0, 2.0]),
            0.25
        );
    }

    /// A shift by a twentieth of the standard deviation is found among 100,000 draws.
    #[test]
    fn another_law_is_told_apart() {
        let normal = |mean: f64, seed| {
            let arguments = Arguments::from([("mean", Argument::from(mean)), ("sd", 1.0.into())]);
            let family = family("normal").expect("registered");
            let law = Distribution::new(family, &arguments, None, None).expect("possible");
            own_draws(&law, seed, 100_000)
        };
        let p = |mean| {
            kolmogorov(
                largest_distance(&mut normal(0.0, 1), &mut normal(mean, 2)),
                100_000,
            )
        };
        assert!(p(0.05) < LEAST_P && p(0.0) > 0.001);
    }
}
