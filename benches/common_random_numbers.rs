//! What playing two scenarios with the same draws does for the difference between them.
//!
//! `cargo bench --bench common_random_numbers` raises a chance of `benches/coalition30.toml`, American logistics, from 0.40
//! to 0.45 and estimates by how much the mission is then more often ready by day 365. It does so many times: *paired*,
//! with one seed for both, as every run of this program does, and *independent*, with a seed for each. It prints the
//! variance of both differences and how many times as many trials the independent ones would need for the same precision.

use std::path::Path;

use ceasefire::estimate::Results;
use ceasefire::model::{Model, build};
use ceasefire::plan::Plan;
use ceasefire::sampling::Source;
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};
use rayon::ThreadPool;

/// Differences of each kind.
const SEEDS: u64 = 200;

/// Trials of each of the two runs of a difference.
const TRIALS: u64 = 4_096;

/// The day of the figure.
const DAY: usize = 365;

/// Lies above all seeds of the lower chance.
const OTHER_SEEDS: u64 = 1 << 32;

fn main() {
    let pool = rayon::ThreadPoolBuilder::new()
        .build()
        .expect("threads can be had");
    let [lower, higher] = ["0.40", "0.45"].map(Played::with_chance);
    let at_lower: Vec<f64> = (1..=SEEDS).map(|seed| lower.ready_by(seed, &pool)).collect();
    let differences = |first: u64| -> Vec<f64> {
        let seeds = (first + 1..).zip(&at_lower);
        seeds
            .map(|(seed, lower)| higher.ready_by(seed, &pool) - lower)
            .collect()
    };
    let (paired, independent) = (differences(0), differences(OTHER_SEEDS));
    println!(
        "ready by day {DAY}, American logistics with a chance of 0.45 less 0.40: {SEEDS} differences of {TRIALS} trials"
    );
    for (name, differences) in [("paired", &paired), ("independent", &independent)] {
        let (mean, variance) = moments(differences);
        println!(
            "  {name:12} mean {mean:.5}, variance {variance:.3e}, standard deviation {:.5}",
            variance.sqrt()
        );
    }
    let ratio = moments(&independent).1 / moments(&paired).1;
    // The variance of n normal values is known to a part of √(2/(n−1)), and two such errors add in squares.
    let error = ratio * (4.0 / (SEEDS - 1) as f64).sqrt();
    println!("  independent seeds need {ratio:.1} ± {error:.1} times as many trials");
    assert!(ratio > 1.0, "common random numbers do not help");
}

/// The benchmark scenario with one value changed.
struct Played {
    model: Model,
    plan: Plan,
}

impl Played {
    fn with_chance(chance: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/coalition30.toml");
        let loaded = load(&path, &[format!("us_support.logistics.chance={chance}")]);
        let mut diagnostics = loaded.diagnostics;
        let scenario = loaded.scenario.expect("the benchmark scenario can be read");
        let model =
            build(&scenario, "coalition30", &mut diagnostics).expect("the benchmark scenario has a meaning");
        let plan = Plan::new(&model);
        Self { model, plan }
    }

    fn ready_by(&self, seed: u64, pool: &ThreadPool) -> f64 {
        let order = Order {
            source: Source::random(seed),
            first: 0,
            trials: TRIALS,
        };
        let tally = run(&self.plan, order, pool, &Unwatched).expect("nothing stops it");
        Results::new(&self.model, &self.plan, &tally, 0.95)
            .mission
            .ready_by[DAY]
            .estimate
    }
}

/// Mean and variance.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (count - 1.0))
}
