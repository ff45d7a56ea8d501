//! Points of sweeps: each has the figures of a run of its own, to the bit, however it is played.

use ceasefire::distribution::TableCache;
use ceasefire::estimate::{Estimate, Results};
use ceasefire::plan::Plan;
use ceasefire::sampling::{Method, SAMPLERS, Source};
use ceasefire::scenario::load::load;
use ceasefire::study::run::{Order, Unwatched, run};
use ceasefire::sweep::{Outcome, Sought, Sweep, Variant};

use crate::harness::pool;
use crate::properties::MIXED;
use crate::{generator, harness};

const FIGURES: [&str; 8] = [
    "ready_by",
    "ready_by@60",
    "ready_at@100",
    "time_p10",
    "time_p50",
    "days_ready",
    "lost",
    "never_together",
];

/// Of how many capabilities totals are compared.
const WITH_TOTALS: usize = 2;

/// Where totals are wanted, blocks that count them are played whole: these are left to see what is left out of others.
const WITHOUT_TOTALS: usize = 0;

/// The names of the mission's figures, and of those of the totals of some capabilities.
fn names(base: &Variant, totals: usize) -> Vec<String> {
    let mut names = FIGURES.map(str::to_owned).to_vec();
    for capability in base.model.capabilities.iter().take(totals) {
        let of = |metric: &str| format!("capabilities.{}:{metric}", capability.name);
        names.extend(["total_mean@60", "total_mean", "total_p50@100", "total_p95"].map(of));
    }
    names
}

/// The figures of the mission and of totals, in the order of [`names`].
fn figures(results: &Results, totals: usize) -> Vec<Estimate> {
    let mission = &results.mission;
    let time = |quantile: f64| {
        let mut times = mission.times.iter();
        times
            .find(|time| time.quantile == quantile)
            .expect("it is reported")
            .value
    };
    let mut figures = vec![
        *mission.ready_by.last().expect("there are days"),
        mission.ready_by[60],
        mission.ready_at[100],
        time(0.1),
        time(0.5),
        mission.days_ready,
        mission.lost,
        results.never_together,
    ];
    for capability in results.capabilities.iter().take(totals) {
        let last = capability.mean.len() - 1;
        let quantile = |day: usize, quantile: f64| {
            let mut quantiles = capability.quantiles[day].iter();
            let found = quantiles.find(|found| found.quantile == quantile);
            found.expect("it is reported").value
        };
        figures.extend([capability.mean[60], capability.mean[last]]);
        figures.extend([quantile(100, 0.5), quantile(last, 0.95)]);
    }
    figures
}

/// A scenario with some values changed.
fn variant(path: &str, overrides: &[String], tables: &mut TableCache) -> Variant {
    let loaded = load(path.as_ref(), overrides);
    let mut diagnostics = loaded.diagnostics;
    let scenario = loaded.scenario.unwrap_or_else(|| panic!("{overrides:?}"));
    let model = ceasefire::model::build(&scenario, "scenario", &mut diagnostics);
    let model = model.unwrap_or_else(|| {
        panic!(
            "{overrides:?}: {}",
            harness::rendered(&diagnostics, &loaded.sources)
        )
    });
    Variant::new(model, tables)
}

/// Sweeps a scenario over points, each a list of overrides.
fn sweep(
    path: &str,
    points: &[Vec<String>],
    method: Method,
    trials: u64,
    threads: usize,
    totals: usize,
) -> (Vec<Variant>, Vec<Outcome>) {
    let mut tables = TableCache::new();
    let base = variant(path, &[], &mut tables);
    let points: Vec<Variant> = points
        .iter()
        .map(|point| variant(path, point, &mut tables))
        .collect();
    let found = std::iter::once(&base).chain(&points).map(|variant| {
        let found = names(&base, totals)
            .into_iter()
            .map(|name| Sought(name).find(variant));
        found.collect::<Result<Vec<_>, _>>().expect("they are there")
    });
    let found = found.collect();
    let sweep = Sweep::new(&base, &points, found);
    let order = Order {
        source: Source { seed: 3, method },
        first: 0,
        trials,
    };
    let outcomes = sweep.play(order, 0.95, &pool(threads), &Unwatched);
    let outcomes = outcomes.expect("nobody ends it").expect("every process rests");
    let mut variants = vec![base];
    variants.extend(points);
    (variants, outcomes)
}

/// Holds every point against a run of its own; returns the outcomes.
fn compare(path: &str, points: &[Vec<String>], method: Method, trials: u64) -> Vec<Outcome> {
    compare_with(path, points, method, trials, WITH_TOTALS)
}

fn compare_with(
    path: &str,
    points: &[Vec<String>],
    method: Method,
    trials: u64,
    totals: usize,
) -> Vec<Outcome> {
    let (variants, outcomes) = sweep(path, points, method, trials, 2, totals);
    assert_eq!(variants.len(), outcomes.len());
    for (index, (variant, outcome)) in variants.iter().zip(&outcomes).enumerate() {
        // A plan that shares no table with others.
        let plan = Plan::new(&variant.model);
        let order = Order {
            source: Source { seed: 3, method },
            first: 0,
            trials,
        };
        let tally = run(&plan, order, &pool(2), &Unwatched).expect("nobody stops it");
        let results = Results::new(&variant.model, &plan, &tally, 0.95);
        let context = format!(
            "{path}, {method:?}, point {index}: {:?}",
            points.get(index.wrapping_sub(1))
        );
        assert_eq!(outcome.figures, figures(&results, totals), "{context}");
        agree(outcome, &outcomes[0], &context);
        let most = results
            .gates
            .iter()
            .map(|gate| gate.bottleneck)
            .reduce(|one, other| if other.estimate > one.estimate { other } else { one });
        assert_eq!(outcome.bottleneck.map(|(_, share)| share), most, "{context}");
    }
    outcomes
}

/// Differences are those of the figures, and lie within their intervals.
fn agree(point: &Outcome, base: &Outcome, context: &str) {
    let apart = point.figures.iter().zip(&base.figures);
    for (difference, (figure, base)) in point.differences.iter().zip(apart) {
        let Some(found) = difference else {
            continue;
        };
        let apart = figure.estimate - base.estimate;
        let size = 1.0_f64.max(figure.estimate.abs()).max(base.estimate.abs());
        assert!(
            (found.estimate - apart).abs() < 1e-9 * size,
            "{context}: {found:?} and {apart}"
        );
        assert!(
            found.low <= found.estimate && found.estimate <= found.high,
            "{context}: {found:?}"
        );
    }
}

fn points(texts: &[&[&str]]) -> Vec<Vec<String>> {
    texts
        .iter()
        .map(|point| point.iter().map(|text| (*text).to_owned()).collect())
        .collect()
}

/// One chance at many values.
fn chances(address: &str, values: &[f64]) -> Vec<Vec<String>> {
    values
        .iter()
        .map(|value| vec![format!("{address}={value}")])
        .collect()
}

fn mixed() -> (tempfile::TempDir, String) {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let path = folder.path().join("mixed.toml");
    std::fs::write(&path, MIXED).expect("written");
    let path = path.display().to_string();
    (folder, path)
}

/// All kinds of values, alone and together, with every sampler.
#[test]
fn every_point_is_what_a_run_of_it_is() {
    let (_folder, path) = mixed();
    let points = points(&[
        &["us_support.logistics.chance=0"],
        &["us_support.logistics.chance=0.25"],
        &["us_support.logistics.chance=0.5"],
        &["us_support.logistics.chance=0.5", "ceasefire.chance=0.2"],
        &["us_support.logistics.chance=1"],
        &["ceasefire.after.weibull.scale=20"],
        &["contributors.france.provides.troops.amount=6000"],
        &["contributors.france.provides.troops.notice_to_move=3"],
        &["contributors.poland.provides.troops.sustains=\"20d\""],
        &["drivers.engagement.value={ normal = { mean = 1, sd = 2 } }"],
        &["effects.0.ratio=3"],
        &["objectives.peace_on_land.requires.0.at_least=3000"],
        &["mission.requires.0.held=\"30d\""],
        &["capabilities.troops.initial=1000"],
        &["stances.asking=0.9"],
        &["processes.mandate.transitions.1.chance=0.1"],
        &["horizon=\"200d\""],
        &["contributors.uk.chance=0.1"],
        &["contributors.uk.chance=0.2"],
        &["contributors.uk.chance=0.9"],
    ]);
    for sampler in SAMPLERS {
        compare(&path, &points, sampler.method, 9_000);
    }
}

/// A chance that is tossed once a trial, played by its two answers: of a process, plain and with effects on its odds, and
/// of a contributor, in a copula and not.
#[test]
fn a_chance_at_many_values_is_what_runs_of_it_are() {
    let values: Vec<f64> = (0..=20).map(|step| f64::from(step) / 20.0).collect();
    let bench = "benches/coalition30.toml";
    for sampler in SAMPLERS {
        compare(
            bench,
            &chances("us_support.logistics.chance", &values),
            sampler.method,
            4_608,
        );
        compare(
            bench,
            &chances("contributors.c03.chance", &values),
            sampler.method,
            4_608,
        );
    }
    let baseline = "scenarios/baseline.toml";
    let some = [0.9, 0.1, 0.5, 0.5, 0.0];
    compare(
        baseline,
        &chances("us_support.logistics.chance", &some),
        Method::Random,
        3_000,
    );
    let (_folder, path) = mixed();
    for address in ["us_support.logistics.chance", "ceasefire.chance"] {
        compare(&path, &chances(address, &values), Method::Random, 3_000);
    }
}

/// Two chances as a grid: one by its answers, the other point by point.
#[test]
fn a_grid_of_chances_is_what_runs_of_it_are() {
    let mut points = Vec::new();
    for logistics in [0.1, 0.4, 0.7, 1.0] {
        for ceasefire in [0.3, 0.9] {
            points.push(vec![
                format!("us_support.logistics.chance={logistics}"),
                format!("ceasefire.chance={ceasefire}"),
            ]);
        }
    }
    compare("benches/coalition30.toml", &points, Method::Random, 4_096);
}

/// Whether a scenario has a meaning with some values changed, and the days that are looked at.
fn is_playable(path: &str, overrides: &[String]) -> bool {
    let loaded = load(path.as_ref(), overrides);
    let mut diagnostics = loaded.diagnostics;
    let model = loaded
        .scenario
        .and_then(|scenario| ceasefire::model::build(&scenario, "scenario", &mut diagnostics));
    model.is_some_and(|model| model.horizon >= 100.0)
}

/// Scenarios with all there is in the language: what is written at some of their addresses is replaced.
#[test]
fn points_of_random_scenarios_are_what_runs_of_them_are() {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let mut compared = 0;
    for seed in 0..60 {
        let path = folder.path().join(format!("{seed}.toml"));
        std::fs::write(&path, generator::scenario(seed)).expect("written");
        let path = path.display().to_string();
        // Whatever can be played with these values is: which addresses there are differs from scenario to scenario.
        let overrides = [
            "ceasefire.chance=0.1",
            "ceasefire.chance=0.4",
            "ceasefire.chance=0.95",
            "ceasefire.after=12",
            "contributors.*.chance=0.7",
            "contributors.*.decision=4",
            "contributors.*.provides.*.amount=5",
            "contributors.*.provides.*.notice_to_move=2",
            "effects.0.ratio=2.5",
            "us_support.*.after=3",
        ];
        let playable: Vec<Vec<String>> = overrides
            .into_iter()
            .map(|text| vec![text.to_owned()])
            .filter(|point| is_playable(&path, point))
            .collect();
        compared += playable.len();
        if !playable.is_empty() {
            compare(&path, &playable, Method::Random, 600);
        }
    }
    assert!(compared > 100, "{compared} points are too few to tell anything");
}

const DURATIONS: [&str; 4] = [
    "{ exponential = { mean = 2 } }",
    "{ exponential = { mean = 30 } }",
    "{ uniform = { min = 0, max = 90 } }",
    "{ uniform = { min = 0, max = 300 } }",
];
const AMOUNTS: [&str; 4] = [
    "{ uniform = { min = 0, max = 90 } }",
    "{ uniform = { min = 0, max = 9000 } }",
    "{ exponential = { mean = 3000 } }",
    "{ uniform = { min = 4000, max = 9000 } }",
];
const CHANCES: [&str; 4] = ["0.1", "0.3", "0.6", "1"];
const SHARES: [&str; 4] = [
    "{ uniform = { min = 0.1, max = 0.2 } }",
    "{ uniform = { min = 0.5, max = 0.9 } }",
    "{ beta = { alpha = 2, beta = 2 } }",
    "{ beta = { alpha = 5, beta = 1 } }",
];
const NUMBERS: [&str; 4] = ["\"0d\"", "\"5d\"", "\"30d\"", "\"250d\""];

/// One address at some values.
fn values_of(address: &str, values: [&str; 4]) -> Vec<Vec<String>> {
    values.map(|value| vec![format!("{address}={value}")]).to_vec()
}

/// One address at many values: of most trials nothing is played again, and every kind of clock, chance and amount tells by
/// itself which these are.
#[test]
fn trials_that_points_leave_alone_are_what_runs_have() {
    let (_folder, path) = mixed();
    let axes = [
        ("ceasefire.after", DURATIONS),
        ("ceasefire.lasts", DURATIONS),
        ("ceasefire.again", DURATIONS),
        ("us_support.logistics.after", DURATIONS),
        ("processes.mandate.transitions.0.after", DURATIONS),
        ("processes.mandate.transitions.1.after", DURATIONS),
        ("processes.mandate.transitions.1.chance", CHANCES),
        ("processes.mandate.transitions.2.after", DURATIONS),
        ("contributors.france.chance", CHANCES),
        ("contributors.france.decision", DURATIONS),
        ("contributors.france.provides.troops.amount", AMOUNTS),
        ("contributors.france.provides.troops.notice_to_move", DURATIONS),
        ("contributors.poland.provides.troops.notice_to_move", DURATIONS),
        ("contributors.poland.provides.troops.sustains", NUMBERS),
        ("contributors.uk.chance", CHANCES),
        ("contributors.uk.provides.troops.amount", AMOUNTS),
        ("mission.requires.0.held", NUMBERS),
        // These are read in every trial.
        ("drivers.engagement.value", SHARES),
        ("stances.asking", SHARES),
        ("effects.1.ratio", SHARES),
        ("capabilities.troops.initial", AMOUNTS),
        ("objectives.peace_on_land.requires.0.at_least", AMOUNTS),
    ];
    let alone = axes.map(|(address, values)| values_of(address, values));
    for points in alone {
        for sampler in SAMPLERS {
            compare_with(&path, &points, sampler.method, 2_500, WITHOUT_TOTALS);
        }
    }
    let bench = "benches/coalition30.toml";
    let addresses = [
        "contributors.c01.decision",
        "us_support.logistics.after",
        "contributors.c04.provides.ships.notice_to_move",
    ];
    let alone = addresses.map(|address| values_of(address, DURATIONS));
    // A chance that is varied itself does not tell who decides.
    let together = CHANCES.iter().zip(DURATIONS).map(|(chance, decision)| {
        vec![
            format!("contributors.c03.chance={chance}"),
            format!("contributors.c03.decision={decision}"),
        ]
    });
    for points in alone.into_iter().chain([together.collect()]) {
        for sampler in SAMPLERS {
            compare_with(bench, &points, sampler.method, 1_500, WITHOUT_TOTALS);
        }
    }
}

/// The same in scenarios with all there is in the language.
#[test]
fn trials_that_points_of_random_scenarios_leave_alone_are_what_runs_have() {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let addresses = [
        "ceasefire.after",
        "ceasefire.lasts",
        "contributors.*.decision",
        "contributors.*.chance",
        "contributors.*.provides.*.amount",
        "contributors.*.provides.*.notice_to_move",
        "us_support.*.after",
        "processes.*.transitions.0.after",
        "processes.*.transitions.1.after",
        "processes.*.transitions.1.chance",
    ];
    let of = |address: &str| match address {
        _ if address.ends_with("chance") => [CHANCES].to_vec(),
        _ if address.ends_with("amount") => [AMOUNTS].to_vec(),
        // Which of them has the shape of the base differs from scenario to scenario.
        _ => [DURATIONS, NUMBERS].to_vec(),
    };
    let mut compared = 0;
    for seed in 100..130 {
        let path = folder.path().join(format!("{seed}.toml"));
        std::fs::write(&path, generator::scenario(seed)).expect("written");
        let path = path.display().to_string();
        for address in addresses {
            for values in of(address) {
                let points = values_of(address, values);
                if points.iter().all(|point| is_playable(&path, point)) {
                    compared += 1;
                    compare_with(&path, &points, Method::Random, 520, WITHOUT_TOTALS);
                }
            }
        }
    }
    assert!(compared > 60, "{compared} sweeps are too few to tell anything");
}

const LOOP: &str = r#"
format = 1
title = "A process that may never rest"
start = 2025-04-10
horizon = "100d"

[processes.loop]
chance = 0.02
lasts = "1d"
again = "0d"

[processes.rare]
chance = 0.02

[processes.seldom]
chance = 0
lasts = "0d"
again = "0d"
requires = ["processes.rare"]

[objectives.safe_seas]
requires = ["processes.loop", "processes.seldom"]
"#;

/// A process that never rests is told with the trial in which it does not, also where most trials are left out.
#[test]
fn a_loop_is_told_with_its_point_and_trial() {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let path = folder.path().join("loop.toml");
    std::fs::write(&path, LOOP).expect("written");
    let path = path.display().to_string();
    let mut tables = TableCache::new();
    let base = variant(&path, &[], &mut tables);
    let order = Order {
        source: Source::random(3),
        first: 8_192,
        trials: 512,
    };
    let mission = |variant: &Variant| vec![Sought("ready_by".to_owned()).find(variant).expect("it is there")];
    for (address, values, looping) in [
        (
            "processes.loop.lasts",
            ["\"2d\"", "\"3d\"", "\"0d\"", "\"4d\""],
            3,
        ),
        // Played by its answers, of which the base has given one.
        ("processes.seldom.chance", ["0", "0.3", "0.4", "1"], 2),
    ] {
        let points = values_of(address, values);
        let points: Vec<Variant> = points
            .iter()
            .map(|point| variant(&path, point, &mut tables))
            .collect();
        let figures = std::iter::once(&base).chain(&points).map(mission).collect();
        let outcomes = Sweep::new(&base, &points, figures).play(order, 0.95, &pool(1), &Unwatched);
        let found = outcomes.expect("nobody ends it").expect_err("it never rests");
        let alone = run(&points[looping - 1].plan, order, &pool(1), &Unwatched).expect("nobody ends it");
        assert_eq!(
            Some(found),
            alone.runaway.map(|runaway| (looping, runaway)),
            "{address}"
        );
        assert!(found.1.trial > order.first, "{found:?}");
    }
}

/// Neither threads nor who else is swept along change a bit; a point that is the base differs from it by nothing.
#[test]
fn neither_threads_nor_neighbours_matter() {
    let path = "benches/coalition30.toml";
    let address = "us_support.logistics.chance";
    let all = chances(address, &[0.1, 0.2, 0.3, 0.4, 0.45]);
    let (_, one) = sweep(path, &all, Method::Random, 5_000, 1, WITH_TOTALS);
    for threads in [2, 7] {
        assert_eq!(
            sweep(path, &all, Method::Random, 5_000, threads, WITH_TOTALS).1,
            one
        );
    }
    // Two points are played one by one, not by the answers of the chance.
    let (_, two) = sweep(path, &all[3..], Method::Random, 5_000, 2, WITH_TOTALS);
    assert_eq!(two[1..], one[4..]);
    for difference in one[4].differences.iter().flatten() {
        assert!(difference.estimate == 0.0 && difference.low < 0.0 && difference.high > 0.0);
    }
    let raised = one[5].differences[0].expect("a chance has a difference");
    let apart = one[5].figures[0].estimate - one[0].figures[0].estimate;
    assert!((raised.estimate - apart).abs() < 1e-12);
    assert!(raised.low > 0.0, "{raised:?}");
    // Paired, it is known several times as well as by two independent runs.
    let independent = one[5].figures[0].high - one[5].figures[0].low;
    assert!(3.0 * (raised.high - raised.low) < 2.0_f64.sqrt() * independent);
}

/// Days of a longer horizon reach further than the base's, and the ticks of one beyond 2,047 days are longer.
#[test]
fn differences_between_horizons_are_those_of_the_figures() {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let path = folder.path().join("horizon.toml");
    let text = "format = 1\nstart = 2025-04-10\nhorizon = \"200d\"\n[ceasefire]\nafter = { exponential = { mean = \"9d\" } }\n[objectives.peace_on_land]\nrequires = [\"ceasefire\"]\n";
    std::fs::write(&path, text).expect("written");
    let path = path.display().to_string();
    let horizons: Vec<Vec<String>> = ["150d", "540d", "2100d", "9000d"]
        .map(|days| vec![format!("horizon=\"{days}\"")])
        .to_vec();
    let trials = if cfg!(debug_assertions) { 5_000 } else { 20_000 };
    for method in [Method::Random, Method::Sobol] {
        let outcomes = compare(&path, &horizons, method, trials);
        let days = outcomes[4].differences[5].expect("no quantile").estimate;
        assert!((8_790.0..8_810.0).contains(&days), "{days}");
    }
}

/// What is one fact in the base may be two in a point of another shape: differences are taken figure by figure all the same.
#[test]
fn differences_of_points_of_another_shape_are_those_of_the_figures() {
    let folder = tempfile::TempDir::new().expect("a folder can be had");
    let path = folder.path().join("one.toml");
    let text = "format = 1\nstart = 2025-04-10\nhorizon = \"200d\"\n[ceasefire]\nafter = { exponential = { mean = \"90d\" } }\n[processes.plan]\nafter = { exponential = { mean = \"50d\" } }\n[objectives.peace_on_land]\nrequires = [\"ceasefire\"]\n[mission]\nrequires = []\n";
    std::fs::write(&path, text).expect("written");
    let path = path.display().to_string();
    let mut tables = TableCache::new();
    let base = variant(&path, &[], &mut tables);
    let points = vec![variant(
        &path,
        &["mission.requires=[\"processes.plan\"]".to_owned()],
        &mut tables,
    )];
    let names = [
        "ready_by",
        "objectives.peace_on_land:ready_by",
        "days_ready",
        "objectives.peace_on_land:lost",
    ];
    let find = |variant: &Variant| {
        let found = names.iter().map(|name| Sought((*name).to_owned()).find(variant));
        found.collect::<Result<Vec<_>, _>>().expect("they are there")
    };
    let figures = vec![find(&base), find(&points[0])];
    let order = Order {
        source: Source::random(1),
        first: 0,
        trials: 5_000,
    };
    let outcomes = Sweep::new(&base, &points, figures).play(order, 0.95, &pool(2), &Unwatched);
    let outcomes = outcomes.expect("nobody ends it").expect("every process rests");
    for (place, name) in names.iter().enumerate() {
        let difference = outcomes[1].differences[place].expect("no quantile").estimate;
        let apart = outcomes[1].figures[place].estimate - outcomes[0].figures[place].estimate;
        assert!((difference - apart).abs() < 1e-9, "{name}: {difference}, {apart}");
    }
    assert!(outcomes[1].differences[0].expect("no quantile").estimate < -0.01);
    assert_eq!(outcomes[1].differences[1].expect("no quantile").estimate, 0.0);
}
