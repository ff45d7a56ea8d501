//! How the cost of a scenario grows with the number of its contributors.
//!
//! `cargo bench --bench scaling` makes coalitions of 30 to 3,000 contributors, with two packages each, and prints for
//! each what it takes to get ready to play (load: from the text to the scenario; build: to the model; plan: to what is
//! run) and to play a trial, on one thread. All is processor time, the least of several rounds. It asserts nothing on
//! time. `CEASEFIRE_BENCH_TRIALS` sets the trials of a round for 30 contributors; larger coalitions play fewer.
//! `CEASEFIRE_BENCH_CONTRIBUTORS` sets one number of contributors to look at alone.

mod clock;
mod coalition;

use std::hint::black_box;
use std::str::FromStr;
use std::time::Duration;

use ceasefire::model::{Model, build};
use ceasefire::plan::{BLOCK, Plan};
use ceasefire::sampling::Source;
use ceasefire::scenario::load::{Loaded, parse};
use ceasefire::study::run::{Order, Unwatched, run};

const SIZES: [u32; 5] = [30, 100, 300, 1_000, 3_000];
const ROUNDS: u64 = 5;
const TRIALS: u64 = 200_000;

/// What one size costs.
struct Cost {
    /// Milliseconds to load, build and plan.
    compile: [f64; 3],
    /// Nanoseconds a trial.
    trial: f64,
}

fn main() {
    let trials = number("CEASEFIRE_BENCH_TRIALS").unwrap_or(TRIALS);
    let only = number("CEASEFIRE_BENCH_CONTRIBUTORS");
    println!("processor time, the least of {ROUNDS} rounds on one thread:");
    println!(
        "{:>12} {:>9} {:>9} {:>9} {:>9} {:>12} {:>16} {:>9}",
        "contributors", "load", "build", "plan", "all", "a trial", "and contributor", "to 30"
    );
    let mut first = None;
    for contributors in only.map_or(SIZES.to_vec(), |only| vec![only]) {
        let cost = cost(contributors, trials);
        let share = cost.trial / f64::from(contributors);
        let [load, build, plan] = cost.compile;
        println!(
            "{contributors:>12} {load:>6.1} ms {build:>6.1} ms {plan:>6.1} ms {:>6.1} ms {:>9.0} ns {share:>13.2} ns {:>9.2}",
            load + build + plan,
            cost.trial,
            share / *first.get_or_insert(share)
        );
    }
}

/// The number in a variable of the environment.
fn number<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}

/// Measures a coalition of so many.
fn cost(contributors: u32, trials: u64) -> Cost {
    let text = coalition::scenario(contributors);
    let (load, loaded) = made(|| parse("coalition", &text));
    let (build, model) = made(|| model(&loaded));
    let (planning, plan) = made(|| Plan::new(&model));
    Cost {
        compile: [load, build, planning],
        trial: trial(&plan, contributors, trials),
    }
}

/// Milliseconds to make something, without those to take it down again, and what was made.
fn made<T>(make: impl Fn() -> T) -> (f64, T) {
    // All are kept until the end: taking the one before down is not to be in the time.
    let mut kept = Vec::new();
    let time = least(|_| kept.push(black_box(make())));
    (1e3 * time.as_secs_f64(), kept.pop().expect("there is a round"))
}

/// The least time of all rounds, since noise only adds.
fn least(mut work: impl FnMut(u64)) -> Duration {
    let times = (0..ROUNDS).map(|round| clock::processor_time(|| work(round)));
    times.min().unwrap_or_default()
}

fn model(loaded: &Loaded) -> Model {
    let mut diagnostics = loaded.diagnostics.clone();
    let scenario = loaded.scenario.as_ref().expect("the scenario can be read");
    build(scenario, "coalition", &mut diagnostics).expect("the scenario has a meaning")
}

/// Nanoseconds a trial, with as many trials as take about as long at each size.
fn trial(plan: &Plan, contributors: u32, trials: u64) -> f64 {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("one thread can be had");
    let trials = (trials * 30 / u64::from(contributors)).next_multiple_of(BLOCK as u64);
    let play_from = |first: u64, trials: u64| {
        let order = Order {
            source: Source::random(1),
            first,
            trials,
        };
        black_box(run(plan, order, &pool, &Unwatched).expect("nothing stops it"));
    };
    // The first trials are tallied for the bands of totals, all of them, and room for the tally is made once a run: what
    // a trial costs is the difference between a long run and one of a single block that stand behind those.
    let behind = 1 << 20;
    let time = |trials: u64| least(|round| play_from(behind * (round + 1), trials));
    let (short, long) = (time(BLOCK as u64), time(BLOCK as u64 + trials));
    long.saturating_sub(short).as_nanos() as f64 / trials as f64
}
