//! What each sampler buys: how much smaller it makes the variance of an estimate, at the same number of trials.
//!
//! `cargo bench --bench variance` plays the benchmark scenario and all shipped ones with every sampler under many seeds,
//! and prints the table of `docs/sampling.md`. The variance over the seeds is held against p (1 − p) / n, that of
//! independent trials. `CEASEFIRE_BENCH_SEEDS` sets how many seeds, `CEASEFIRE_BENCH_TRIALS` the trials of each.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ceasefire::estimate::{Estimate, Results};
use ceasefire::model::build;
use ceasefire::plan::Plan;
use ceasefire::sampling::{SAMPLERS, Sampler, Source};
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};

const SEEDS: u64 = 200;
const TRIALS: u64 = 32_768;

fn main() {
    let number = |name: &str, default| {
        let text = std::env::var(name).ok();
        text.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let seeds = number("CEASEFIRE_BENCH_SEEDS", SEEDS);
    let trials = number("CEASEFIRE_BENCH_TRIALS", TRIALS);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread can be had");
    println!("{seeds} seeds of {trials} trials each; gains of ready_by on a day, and time a trial\n");
    println!("| scenario | day | chance | sampler | variance | interval | time |");
    println!("| --- | --- | --- | --- | --- | --- | --- |");
    for path in scenarios() {
        compare(&path, seeds, trials, &pool);
    }
}

/// The benchmark scenario, then the shipped ones by name.
fn scenarios() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = root.join("scenarios").read_dir().expect("there are scenarios");
    let mut paths: Vec<PathBuf> = shipped
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.sort();
    paths.insert(0, root.join("benches/coalition30.toml"));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    paths
}

/// What one sampler found under all seeds.
struct Found {
    /// For each day that is looked at, the estimate under each seed.
    days: [Vec<Estimate>; 2],
    time: Duration,
}

/// Plays one scenario with every sampler, and prints its rows.
fn compare(path: &Path, seeds: u64, trials: u64, pool: &rayon::ThreadPool) {
    let name = path
        .file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned());
    let loaded = load(path, &[]);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.expect("a shipped scenario can be read");
    let model = build(&scenario, &name, &mut diagnostics).expect("a shipped scenario has a meaning");
    let plan = Plan::new(&model);
    let horizon = plan.grid.days;
    let sample = |sampler: &Sampler| {
        let mut found = Found {
            days: [Vec::new(), Vec::new()],
            time: Duration::ZERO,
        };
        for seed in 1..=seeds {
            let source = Source {
                seed,
                method: sampler.method,
            };
            let order = Order {
                source,
                first: 0,
                trials,
            };
            let begun = Instant::now();
            let tally = run(&plan, order, pool, &Unwatched).expect("nothing stops it");
            found.time += begun.elapsed();
            let results = Results::new(&model, &plan, &tally, 0.95);
            for (day, found) in [horizon / 2, horizon].into_iter().zip(&mut found.days) {
                found.push(results.mission.ready_by[day]);
            }
        }
        found
    };
    let found: Vec<Found> = SAMPLERS.iter().map(sample).collect();
    for (place, day) in [horizon / 2, horizon].into_iter().enumerate() {
        let all = found.iter().flat_map(|found| &found.days[place]);
        let chance = mean(&all.map(|figure| figure.estimate).collect::<Vec<_>>());
        let independent = chance * (1.0 - chance) / trials as f64;
        let ordinary = length(&found[0].days[place]);
        for (sampler, found) in SAMPLERS.iter().zip(&found) {
            let figures = &found.days[place];
            let estimates: Vec<f64> = figures.iter().map(|figure| figure.estimate).collect();
            println!(
                "| `{name}` | {day} | {:.1} % | `{}` | {:.2} | {:.2} | {:.0} ns |",
                100.0 * chance,
                sampler.name,
                independent / variance(&estimates),
                ordinary / length(figures),
                found.time.as_nanos() as f64 / (seeds * trials) as f64,
            );
        }
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64]) -> f64 {
    let mean = mean(values);
    values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (values.len() - 1) as f64
}

/// The mean length of intervals.
fn length(figures: &[Estimate]) -> f64 {
    mean(
        &figures
            .iter()
            .map(|figure| figure.high - figure.low)
            .collect::<Vec<_>>(),
    )
}
