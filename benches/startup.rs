//! What a short run costs before and after its trials: `scenarios/baseline.toml` with 1,000 trials, part by part.
//!
//! `cargo bench --bench startup` goes the whole way of `ceasefire run` in one process, without the file system's part of
//! it: load (from the text to the scenario), build (to the model), plan (to what is run, with all tables), play, estimate
//! (to figures), each output, and `tally.bin`. For each it prints the processor time and the wall time, each the least of
//! several rounds, and their sums: up to the answer on the terminal, and with all files, one after the other. The last line is the straightforward program of `reference` over a fixed number of
//! trials, on one thread: times of different machines can be compared as parts of it. It asserts nothing on time.
//! `CEASEFIRE_BENCH_TRIALS` sets the trials that are played.

mod clock;
mod reference;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use ceasefire::estimate::Results;
use ceasefire::model::build;
use ceasefire::plan::Plan;
use ceasefire::report::{self, Report, terminal};
use ceasefire::sampling::{Method, Source};
use ceasefire::scenario::load::load;
use ceasefire::state::{self, Origin};
use ceasefire::study::run::{Order, Unwatched, run};

const ROUNDS: usize = 15;
const TRIALS: u64 = 1_000;

/// Trials of the straightforward program that make up the unit.
const REFERENCE_TRIALS: u64 = 10_000;

/// What the scenario's draws start from.
const SEED: u64 = 1;

const CONFIDENCE: f64 = 0.95;

/// Processor time and wall time.
#[derive(Clone, Copy, Default)]
struct Cost {
    processor: Duration,
    wall: Duration,
}

/// The least cost of each part, in the order in which they are met first.
#[derive(Default)]
struct Costs(Vec<(&'static str, Cost)>);

impl Costs {
    /// Does a part of the work, and keeps what it costs.
    fn of<T>(&mut self, part: &'static str, work: impl FnOnce() -> T) -> T {
        let mut made = None;
        let start = Instant::now();
        let processor = clock::processor_time(|| made = Some(black_box(work())));
        let cost = Cost {
            processor,
            wall: start.elapsed(),
        };
        match self.0.iter_mut().find(|(name, _)| *name == part) {
            Some((_, least)) => {
                least.processor = least.processor.min(cost.processor);
                least.wall = least.wall.min(cost.wall);
            }
            None => self.0.push((part, cost)),
        }
        made.expect("the work was done")
    }
}

fn main() {
    let trials = std::env::var("CEASEFIRE_BENCH_TRIALS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(TRIALS);
    let (mut costs, mut unit) = (Costs::default(), Costs::default());
    for _ in 0..ROUNDS {
        let bytes = whole_way(&mut costs, trials);
        assert!(bytes > 0, "a run leaves results");
        unit.of("straightforward program", || {
            reference::run(REFERENCE_TRIALS, SEED)
        });
    }
    print(&costs, &unit, trials);
}

/// Everything that a run does, but for files; how many bytes it comes to.
fn whole_way(costs: &mut Costs, trials: u64) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/baseline.toml");
    let loaded = costs.of("load", || load(&path, &[]));
    let scenario = loaded.scenario.expect("the scenario can be read");
    let mut diagnostics = loaded.diagnostics;
    let model = costs.of("build", || build(&scenario, "baseline", &mut diagnostics));
    let model = model.expect("the scenario has a meaning");
    let plan = costs.of("plan", || Plan::new(&model));
    let order = Order {
        source: Source::random(SEED),
        first: 0,
        trials,
    };
    let tally = costs.of("play", || {
        let pool = rayon::ThreadPoolBuilder::new().build();
        run(&plan, order, &pool.expect("threads can be had"), &Unwatched)
    });
    let tally = tally.expect("nothing stops it");
    let results = costs.of("estimate", || Results::new(&model, &plan, &tally, CONFIDENCE));
    let sampler = Method::Random.sampler().name;
    let report = Report {
        name: "baseline".to_owned(),
        title: model.title.clone(),
        seed: SEED,
        sampler,
        version: env!("CARGO_PKG_VERSION"),
        scenario_hash: String::new(),
        results,
        precision: None,
    };
    let mut bytes = 0;
    for file in report::FILES {
        bytes += costs
            .of(file.name, || report::csv::bytes_of(file.write, &report))
            .len();
    }
    bytes += costs.of("result.json", || report::json::result(&report)).len();
    let origin = Origin {
        version: report.version.to_owned(),
        hash: String::new(),
        seed: SEED,
        sampler: sampler.to_owned(),
    };
    bytes += costs.of("tally.bin", || state::pack(origin, &tally)).len();
    let style = terminal::Style {
        colour: false,
        width: 100,
    };
    bytes + costs.of("answer", || terminal::answer(&report, style)).len()
}

fn print(costs: &Costs, unit: &Costs, trials: u64) {
    println!("scenarios/baseline.toml with {trials} trials, the least of {ROUNDS} rounds:");
    println!(
        "{:>24} {:>12} {:>12} {:>12}",
        "part", "processor", "wall", "of reference"
    );
    let reference = unit.0[0].1.processor.as_secs_f64();
    let row = |part: &str, cost: Cost| {
        let [processor, wall] = [cost.processor, cost.wall].map(|time| time.as_secs_f64());
        println!(
            "{part:>24} {:>9.2} ms {:>9.2} ms {:>12.3}",
            1e3 * processor,
            1e3 * wall,
            processor / reference
        );
    };
    costs.0.iter().for_each(|(part, cost)| row(part, *cost));
    let sum = |of: fn(&str) -> bool| {
        let parts = costs.0.iter().filter(|(part, _)| of(part));
        parts.fold(Cost::default(), |sum, (_, cost)| Cost {
            processor: sum.processor + cost.processor,
            wall: sum.wall + cost.wall,
        })
    };
    row("sum, up to the answer", sum(|part| !part.contains('.')));
    row("sum, with all files", sum(|_| true));
    println!("the reference: {REFERENCE_TRIALS} trials of `benches/coalition30.toml`");
    row(unit.0[0].0, unit.0[0].1);
}
