//! How fast the engine plays the benchmark scenario, as a ratio to a straightforward program in the same run.
//!
//! `cargo bench --bench throughput` plays `benches/coalition30.toml` with both in turn, on one thread, and prints the
//! processor time a trial of each (the minimum over the rounds, since noise only adds) and their ratio. It also holds
//! the two answers against each other. `CEASEFIRE_BENCH_TRIALS` sets the trials of a round.

mod reference;

use std::path::Path;
use std::time::Duration;

use ceasefire::estimate::Results;
use ceasefire::model::{Model, build};
use ceasefire::plan::Plan;
use ceasefire::sampling::Source;
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};

const ROUNDS: u64 = 7;
const TRIALS: u64 = 200_000;

fn main() {
    let trials = std::env::var("CEASEFIRE_BENCH_TRIALS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(TRIALS);
    let model = model();
    let plan = Plan::new(&model);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .expect("one thread can be had");
    let (mut engine, mut straightforward) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        engine.push(processor_time(|| {
            let order = Order {
                source: Source::random(round + 1),
                first: 0,
                trials,
            };
            let tally = run(&plan, order, &pool, &Unwatched).expect("nothing stops it");
            std::hint::black_box(tally);
        }));
        straightforward.push(processor_time(|| {
            std::hint::black_box(reference::run(trials, round + 1));
        }));
    }
    compare(&model, &plan, &pool);
    let (engine, straightforward) = (
        nanoseconds(&engine, trials),
        nanoseconds(&straightforward, trials),
    );
    println!("processor time a trial, the least of {ROUNDS} rounds of {trials} trials on one thread:");
    println!(
        "  straightforward program  {straightforward:8.0} ns   {:10.0} trials/s",
        1e9 / straightforward
    );
    println!(
        "  engine                   {engine:8.0} ns   {:10.0} trials/s",
        1e9 / engine
    );
    println!("  ratio                    {:8.2}", straightforward / engine);
}

fn model() -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/coalition30.toml");
    let loaded = load(&path, &[]);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.expect("the benchmark scenario can be read");
    build(&scenario, "coalition30", &mut diagnostics).expect("the benchmark scenario has a meaning")
}

/// Both programs play the same model: their answers agree within 4.5 standard errors.
fn compare(model: &Model, plan: &Plan, pool: &rayon::ThreadPool) {
    let trials = 1_000_000;
    let tally = run(
        plan,
        Order {
            source: Source::random(11),
            first: 0,
            trials,
        },
        pool,
        &Unwatched,
    )
    .expect("nothing stops it");
    let results = Results::new(model, plan, &tally, 0.95);
    let own = results
        .mission
        .ready_by
        .last()
        .expect("there is a horizon")
        .estimate;
    let other = reference::run(trials, 12).ready_by_horizon as f64 / trials as f64;
    let error = (2.0 * own * (1.0 - own) / trials as f64).sqrt();
    let deviations = (own - other) / error;
    println!(
        "ready by the horizon: engine {own:.5}, straightforward program {other:.5}, {deviations:+.1} standard errors apart"
    );
    assert!(deviations.abs() < 4.5, "the two programs play different models");
}

fn nanoseconds(rounds: &[Duration], trials: u64) -> f64 {
    rounds
        .iter()
        .min()
        .map_or(f64::NAN, |least| least.as_nanos() as f64 / trials as f64)
}

/// Processor time of the whole process while `work` runs.
#[cfg(unix)]
fn processor_time(work: impl FnOnce()) -> Duration {
    use rustix::time::{ClockId, clock_gettime};
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        Duration::new(
            time.tv_sec.unsigned_abs(),
            u32::try_from(time.tv_nsec).unwrap_or(0),
        )
    };
    let start = now();
    work();
    now().saturating_sub(start)
}

#[cfg(not(unix))]
fn processor_time(work: impl FnOnce()) -> Duration {
    let start = std::time::Instant::now();
    work();
    start.elapsed()
}
