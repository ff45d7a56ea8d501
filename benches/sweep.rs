//! What a sweep costs, in runs of the base: a hundred values of one chance, one duration or one amount of
//! `benches/coalition30.toml`, against the same hundred scenarios played one by one.
//!
//! `cargo bench --bench sweep` prints processor times on one thread, the least of several rounds, and their ratios, and fails
//! where a point has other figures than a run of it. Words after `--` choose the axes whose names contain one of them.
//! `CEASEFIRE_BENCH_TRIALS` sets the trials of a round; with few it only compares figures.

mod clock;

use std::hint::black_box;
use std::path::Path;

use ceasefire::distribution::TableCache;
use ceasefire::estimate::Results;
use ceasefire::model::{Model, build};
use ceasefire::sampling::Source;
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};
use ceasefire::sweep::{Outcome, Sought, Sweep, Variant};
use rayon::ThreadPool;

const ROUNDS: u64 = 3;
const TRIALS: u64 = 100_000;

/// With fewer trials a round, times are not worth printing.
const FEWEST: u64 = 20_000;

/// Points of each sweep.
const POINTS: u32 = 100;

/// What is swept: a name, and the override of each point.
type Axis = (&'static str, fn(u32) -> String);

const AXES: &[Axis] = &[
    ("chance of us_support.logistics", |point| {
        format!("us_support.logistics.chance={}", f64::from(point) / 100.0)
    }),
    ("median of the decision of c01", |point| {
        format!(
            "contributors.c01.decision.lognormal.median={}",
            5.0 + 0.5 * f64::from(point)
        )
    }),
    ("notice of a package of c01", |point| {
        format!("contributors.c01.provides.ships.notice_to_move={}", 1 + point)
    }),
    ("amount of a package of c01", |point| {
        format!("contributors.c01.provides.troops.amount={}", 100 + 30 * point)
    }),
    ("median delay of us_support.logistics", |point| {
        format!(
            "us_support.logistics.after.lognormal.median={}",
            5.0 + 0.5 * f64::from(point)
        )
    }),
    ("scale of ceasefire.after", |point| {
        format!("ceasefire.after.weibull.scale={}", 100 + 3 * point)
    }),
];

const FIGURES: &[&str] = &[
    "ready_by",
    "objectives.safe_skies:ready_by",
    "objectives.safe_seas:ready_by",
    "objectives.peace_on_land:ready_by",
    "objectives.strong_ukrainian_military:ready_by",
    "time_p10",
    "time_p50",
    "time_p90",
];

fn main() {
    let trials = std::env::var("CEASEFIRE_BENCH_TRIALS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(TRIALS);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build();
    let pool = pool.expect("one thread can be had");
    let mut tables = TableCache::new();
    let base = Variant::new(model(&[]), &mut tables);
    let one_run = least(|seed| {
        black_box(run(&base.plan, order(seed, trials), &pool, &Unwatched));
    });
    if trials >= FEWEST {
        println!("processor time of {trials} trials on one thread, the least of {ROUNDS} rounds:");
        println!("  one run of the base: {:.1} ms", one_run * 1e3);
        println!("  {POINTS} values of                         sweep   runs of the base   of {POINTS} runs");
    }
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str()));
    for (name, text) in AXES.iter().filter(|(name, _)| is_wanted(name)) {
        let points: Vec<Variant> = (1..=POINTS)
            .map(|point| Variant::new(model(&[text(point)]), &mut tables))
            .collect();
        let sweep = Sweep::new(&base, &points, figures(&base, &points));
        check(&sweep, &points, trials.min(5_000), &pool);
        if trials < FEWEST {
            continue;
        }
        let time = least(|seed| {
            black_box(play(&sweep, seed, trials, &pool));
        });
        // A hundred runs take a hundred times one: they are not played again for each axis.
        println!(
            "  {name:36} {:8.1} ms {:12.2} {:12.3}",
            time * 1e3,
            time / one_run,
            time / one_run / f64::from(POINTS)
        );
    }
    if trials < FEWEST {
        println!("with {trials} trials a round, only figures are compared; times need {FEWEST}");
    }
}

/// The least processor time of some rounds, in seconds.
fn least(mut work: impl FnMut(u64)) -> f64 {
    let times = (1..=ROUNDS).map(|seed| clock::processor_time(|| work(seed)).as_secs_f64());
    times.fold(f64::INFINITY, f64::min)
}

fn order(seed: u64, trials: u64) -> Order {
    Order {
        source: Source::random(seed),
        first: 0,
        trials,
    }
}

/// The benchmark scenario with some values changed.
fn model(overrides: &[String]) -> Model {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/coalition30.toml");
    let loaded = load(&path, overrides);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.expect("the scenario can be read");
    build(&scenario, "coalition30", &mut diagnostics).expect("the scenario has a meaning")
}

/// The figures that are wanted, in the base and in each point.
fn figures(base: &Variant, points: &[Variant]) -> Vec<Vec<ceasefire::sweep::Figure>> {
    let of = |variant| {
        let found = FIGURES
            .iter()
            .map(|name| Sought((*name).to_owned()).find(variant));
        found
            .collect::<Result<_, _>>()
            .expect("the scenario has the figures")
    };
    std::iter::once(base).chain(points).map(of).collect()
}

fn play(sweep: &Sweep<'_>, seed: u64, trials: u64, pool: &ThreadPool) -> Vec<Outcome> {
    let outcomes = sweep.play(order(seed, trials), 0.95, pool, &Unwatched);
    outcomes.expect("nobody ends it").expect("every process rests")
}

/// Holds some points against runs of their own.
fn check(sweep: &Sweep<'_>, points: &[Variant], trials: u64, pool: &ThreadPool) {
    let outcomes = play(sweep, 1, trials, pool);
    for place in [0, points.len() / 2, points.len() - 1] {
        let variant = &points[place];
        let tally = run(&variant.plan, order(1, trials), pool, &Unwatched).expect("nobody ends it");
        let results = Results::new(&variant.model, &variant.plan, &tally, 0.95);
        let expected = results.mission.ready_by.last().expect("there are days");
        assert_eq!(outcomes[place + 1].figures[0], *expected, "point {place}");
    }
}
