//! Whether a trial costs the same however many are played, and whether memory stays what it is.
//!
//! `cargo bench --bench flatness` plays `benches/coalition30.toml` with 10⁴, 10⁵, … trials, each number in a process of
//! its own on all cores, and prints trials a second, processor time a trial, and the most memory that the process ever
//! held (`VmHWM` of Linux; `-` elsewhere). Compiling the scenario is not in the time, working out the results is not
//! either, but both are in the memory. `CEASEFIRE_BENCH_MOST` sets the largest number, 10⁷ if absent.

mod clock;

use std::hint::black_box;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use ceasefire::estimate::Results;
use ceasefire::model::build;
use ceasefire::plan::Plan;
use ceasefire::sampling::Source;
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};

const FEWEST: u64 = 10_000;
const MOST: u64 = 10_000_000;

/// Tells a process that it is to play so many trials and say what they took.
const CHILD: &str = "CEASEFIRE_BENCH_CHILD";

fn main() {
    if let Some(trials) = number(CHILD) {
        println!("{}", play(trials));
        return;
    }
    let most = number("CEASEFIRE_BENCH_MOST").unwrap_or(MOST);
    println!(
        "{:>14} {:>14} {:>20} {:>14}",
        "trials", "trials/s", "processor a trial", "peak memory"
    );
    let mut trials = FEWEST;
    while trials <= most {
        let program = std::env::current_exe().expect("a program knows where it lies");
        let child = Command::new(program).env(CHILD, trials.to_string()).output();
        let child = child.expect("it can be started again");
        assert!(child.status.success(), "playing {trials} trials failed");
        print!("{trials:>14} {}", String::from_utf8_lossy(&child.stdout));
        trials *= 10;
    }
}

/// The number in a variable of the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Plays so many trials; what that took, as a part of a row.
fn play(trials: u64) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/coalition30.toml");
    let loaded = load(&path, &[]);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.expect("the benchmark scenario can be read");
    let model = build(&scenario, "coalition30", &mut diagnostics).expect("the scenario has a meaning");
    let plan = Plan::new(&model);
    let pool = rayon::ThreadPoolBuilder::new()
        .build()
        .expect("threads can be had");
    let (mut tally, start) = (None, Instant::now());
    let processor = clock::processor_time(|| {
        let (seed, first) = (1, 0);
        let source = Source::random(seed);
        tally = run(
            &plan,
            Order {
                source,
                first,
                trials,
            },
            &pool,
            &Unwatched,
        );
    });
    let seconds = start.elapsed().as_secs_f64();
    let tally = tally.expect("nothing stops it");
    black_box(Results::new(&model, &plan, &tally, 0.95));
    format!(
        "{:>14.0} {:>17.0} ns {:>14}",
        trials as f64 / seconds,
        processor.as_nanos() as f64 / trials as f64,
        peak_memory().map_or_else(|| "-".to_owned(), |kib| format!("{:.1} MiB", kib / 1024.0))
    )
}

/// The most memory that this process ever held, in KiB.
fn peak_memory() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}
