//! How fast the engine plays the benchmark scenario: against a straightforward program, and against the floor.
//!
//! `cargo bench --bench throughput` plays `benches/coalition30.toml` on one thread and prints the processor time a trial
//! (the minimum over the rounds, since noise only adds) of
//!
//! * a straightforward program for the same model, one trial at a time (`reference`);
//! * the engine;
//! * the engine where every second contributor never pledges, so that the draws behind its pledge are not needed;
//! * the floor: the draws alone, with the engine's own code. One hash for each quantity and chance that the scenario
//!   draws and its value, for every trial and nothing else, needed or not: a first visit each, no moments, no totals, no
//!   tally. An engine that looks up only what a trial needs may stay below the part of it that is not needed.
//!
//! It also holds the answers of the engine and the straightforward program against each other, and fails where they
//! differ. `CEASEFIRE_BENCH_TRIALS` sets the trials of a round; with few it only compares answers, since the times would
//! be those of starting up.

mod clock;
mod reference;

use std::hint::black_box;
use std::path::Path;

use ceasefire::distribution::Sampler;
use ceasefire::estimate::Results;
use ceasefire::lanes::Lanes;
use ceasefire::model::{Model, build};
use ceasefire::plan::{BLOCK, Plan, Value};
use ceasefire::sampling::{Coordinate, Points, Source};
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};
use rayon::ThreadPool;

const ROUNDS: u64 = 7;
const TRIALS: u64 = 200_000;

/// With fewer trials a round, times are not worth printing.
const FEWEST: u64 = 20_000;

/// Numbers of the contributors that never pledge in the scenario with less to draw.
const WITHOUT: [u32; 15] = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28];

fn main() {
    let trials = std::env::var("CEASEFIRE_BENCH_TRIALS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(TRIALS);
    let model = model(&[]);
    let plan = Plan::new(&model);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("one thread can be had");
    compare(&model, &plan, &pool);
    if trials < FEWEST {
        println!("with {trials} trials a round, only the answers are compared; times need {FEWEST}");
        return;
    }
    measure(&plan, &pool, trials);
}

/// Prints the time of each way, in turns, so that a change of the machine's pace meets all of them.
fn measure(plan: &Plan, pool: &ThreadPool, trials: u64) {
    let without = WITHOUT.map(|number| format!("contributors.c{number:02}.chance=0"));
    let fewer = Plan::new(&model(&without));
    let mut floor = Floor::new(plan);
    let mut least = [f64::INFINITY; 4];
    for seed in 1..=ROUNDS {
        let times = [
            clock::processor_time(|| {
                black_box(reference::run(trials, seed));
            }),
            clock::processor_time(|| play(plan, seed, trials, pool)),
            clock::processor_time(|| play(&fewer, seed, trials, pool)),
            clock::processor_time(|| floor.play(seed, trials)),
        ];
        for (least, time) in least.iter_mut().zip(times) {
            *least = least.min(time.as_nanos() as f64 / trials as f64);
        }
    }
    let [straightforward, engine, with_fewer, floor_time] = least;
    println!("processor time a trial, the least of {ROUNDS} rounds of {trials} trials on one thread:");
    for (name, time) in [
        ("straightforward program", straightforward),
        ("engine", engine),
        ("engine, half never pledge", with_fewer),
        (&format!("floor: {} draws", floor.draws.len()), floor_time),
    ] {
        println!("  {name:<26} {time:8.0} ns   {:10.0} trials/s", 1e9 / time);
    }
    println!("ratios:");
    for (name, ratio) in [
        ("straightforward : engine", straightforward / engine),
        ("engine : floor", engine / floor_time),
        ("half never pledge : all may", with_fewer / engine),
    ] {
        println!("  {name:<26} {ratio:8.2}");
    }
}

fn play(plan: &Plan, seed: u64, trials: u64, pool: &ThreadPool) {
    let order = Order {
        source: Source::random(seed),
        first: 0,
        trials,
    };
    black_box(run(plan, order, pool, &Unwatched).expect("nothing stops it"));
}

/// The scenario, with some of its values replaced.
fn model(set: &[String]) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/coalition30.toml");
    let loaded = load(&path, set);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.expect("the benchmark scenario can be read");
    build(&scenario, "coalition30", &mut diagnostics).expect("the benchmark scenario has a meaning")
}

/// All that a plan draws, and nothing of what becomes of it.
struct Floor<'p> {
    /// The coordinate of each draw, and what makes a value of it: nothing for a chance.
    draws: Vec<(Coordinate, Option<&'p Sampler>)>,
    points: Points,
    uniforms: Lanes<u32>,
    values: Lanes<f32>,
}

impl<'p> Floor<'p> {
    fn new(plan: &'p Plan) -> Self {
        let quantities = plan
            .quantities
            .iter()
            .filter_map(|quantity| match &quantity.value {
                Value::Drawn(sampler) => Some((quantity.key, Some(sampler))),
                Value::Constant(_) => None,
            });
        // The scores of a copula are normal: the common one, and that of each member.
        let scores = plan.copulas.iter().flat_map(|copula| {
            let keys = std::iter::once(&copula.key).chain(&copula.members);
            keys.map(|&key| (key, Some(&plan.normal)))
        });
        let chances = plan.chances.iter().filter(|chance| chance.copula.is_none());
        let chances = chances.map(|chance| (chance.key, None));
        Self {
            draws: quantities.chain(scores).chain(chances).collect(),
            points: Points::default(),
            uniforms: Lanes::new(),
            values: Lanes::new(),
        }
    }

    /// Draws everything for so many trials, block by block.
    fn play(&mut self, seed: u64, trials: u64) {
        for first in (0..trials).step_by(BLOCK) {
            self.points.fill(Source::random(seed), &[], first, BLOCK);
            let (uniforms, values) = (self.uniforms.lay_out(BLOCK), self.values.lay_out(BLOCK));
            for &(coordinate, sampler) in &self.draws {
                self.points.draw(coordinate, uniforms);
                black_box(&*uniforms);
                if let Some(sampler) = sampler {
                    sampler.fill(uniforms, values);
                    black_box(&*values);
                }
            }
        }
    }
}

/// Both programs play the same model: their answers agree within 4.5 standard errors.
fn compare(model: &Model, plan: &Plan, pool: &ThreadPool) {
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
