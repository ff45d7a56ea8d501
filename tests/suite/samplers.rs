//! Every sampler: the same bits everywhere, right answers, and intervals that never have the length zero.

use ceasefire::estimate::{Estimate, Results, TIME_QUANTILES};
use ceasefire::sampling::{Method, SAMPLERS, Source};
use ceasefire::study::run::{Order, Unwatched, run};
use ceasefire::tally::Tally;

use crate::commands::FILES;
use crate::harness::{Scenario, pool};
use crate::precision::{Mixed, assert_same};
use crate::properties::MIXED;

/// Four independent exponential delays of mean 30 days, which must all be over.
fn four_delays() -> Scenario {
    let delays = ["planning", "mandate", "agreement", "ports"];
    let tables =
        delays.map(|name| format!("[processes.{name}]\nafter = {{ exponential = {{ mean = \"30d\" }} }}\n"));
    let gates = delays.map(|name| format!("\"processes.{name}\""));
    let body = format!("{}[mission]\nrequires = [{}]", tables.concat(), gates.join(", "));
    Scenario::days(120, &body)
}

/// The chance that all are over by a day.
fn all_over(day: f64) -> f64 {
    (1.0 - (-day / 30.0).exp()).powi(4)
}

/// All figures, but for those of whole totals.
fn figures(results: &Results) -> Vec<(String, Estimate)> {
    let mut figures = Vec::new();
    for subject in results.subjects() {
        let name = |metric: &str| format!("{} {metric}", subject.subject);
        figures.extend(subject.ready_by.iter().map(|&by| (name("ready_by"), by)));
        figures.extend(subject.ready_at.iter().map(|&at| (name("ready_at"), at)));
        figures.extend([
            (name("days_ready"), subject.days_ready),
            (name("lost"), subject.lost),
        ]);
    }
    for gate in &results.gates {
        let name = |metric: &str| format!("{} {metric}", gate.address);
        figures.extend(gate.ready_if_granted.iter().map(|&by| (name("granted"), by)));
        figures.extend([
            (name("bottleneck"), gate.bottleneck),
            (name("decisive"), gate.decisive),
        ]);
    }
    for contributor in &results.contributors {
        let name = format!("{} pledged_by", contributor.subject);
        figures.extend(contributor.pledged_by.iter().map(|&by| (name.clone(), by)));
    }
    figures
}

#[test]
fn each_gives_the_same_bits_for_any_number_of_threads() {
    for sampler in SAMPLERS {
        // A number of trials that fills neither blocks nor rounds of replicates.
        let scenario = Scenario::text(MIXED).method(sampler.method).trials(12_345);
        let one = scenario.clone().threads(1).tally();
        // Independent trials need none.
        let replicates = if sampler.replicates == 1 { 0 } else { 16 };
        assert_eq!(one.replicates.len(), replicates);
        for threads in [2, 7] {
            assert_eq!(one, scenario.clone().threads(threads).tally(), "{}", sampler.name);
        }
    }
}

#[test]
fn each_finds_the_known_answer_in_its_interval() {
    assert!((all_over(90.0) - 0.8152).abs() < 5e-5);
    for sampler in SAMPLERS {
        let scenario = four_delays().method(sampler.method).trials(65_536);
        let (mut missed, mut length) = (0, 0.0);
        for seed in 1..=10 {
            let results = scenario.clone().seed(seed).results();
            let by = results.mission.ready_by[90];
            assert_eq!(by.trials, 65_536);
            missed += u32::from(!(by.low..=by.high).contains(&all_over(90.0)));
            length += (by.high - by.low) / 10.0;
        }
        // Of ten intervals of 95 %, three miss with a chance of 1 %.
        assert!(missed <= 2, "{}: {missed}", sampler.name);
        // The ordinary one is 0.0059 long.
        let most = match sampler.method {
            Method::Random => 0.0061,
            Method::Sobol => 0.0010,
            Method::LatinHypercube => 0.0055,
        };
        assert!(length > 0.0 && length < most, "{}: {length}", sampler.name);
    }
}

/// The quantile q of the first moment of the mission: `all_over(t)` = q.
#[test]
fn quantiles_of_times_have_intervals_from_replicates() {
    for sampler in SAMPLERS {
        let results = four_delays()
            .method(sampler.method)
            .trials(65_536)
            .seed(3)
            .results();
        for (quantile, found) in TIME_QUANTILES.iter().zip(&results.mission.times) {
            let exact = -30.0 * (1.0 - quantile.powf(0.25)).ln();
            let found = found.value;
            if exact > 120.0 {
                assert!(found.estimate.is_infinite());
                continue;
            }
            assert!(found.low < found.high, "{}", sampler.name);
            let half = found.high - found.low;
            let is_near = (found.low - half..=found.high + half).contains(&exact);
            assert!(is_near, "{} {quantile}: {found:?}, exactly {exact}", sampler.name);
        }
    }
}

#[test]
fn no_interval_has_the_length_zero() {
    for sampler in SAMPLERS {
        for trials in [1, 511, 513, 5_000, 20_000] {
            let results = Scenario::text(MIXED)
                .method(sampler.method)
                .trials(trials)
                .results();
            assert_eq!(results.trials, trials);
            for (name, figure) in figures(&results) {
                let is_sound = figure.low <= figure.estimate && figure.estimate <= figure.high;
                assert!(
                    is_sound && figure.low < figure.high,
                    "{} {trials} {name}: {figure:?}",
                    sampler.name
                );
                assert_eq!(figure.trials, trials);
            }
        }
    }
}

/// The estimates are those of all trials together, whatever the interval is made of.
#[test]
fn estimates_are_shares_of_all_trials() {
    let scenario = Scenario::text(MIXED).method(Method::Sobol).trials(10_000);
    let (tally, results) = (scenario.tally(), scenario.results());
    let first = &tally.subjects[0].first;
    let within: u64 = first[..first.len() - 1].iter().sum();
    let last = results.mission.ready_by.last().expect("there is a last day");
    assert!((last.estimate - within as f64 / 10_000.0).abs() < 1e-12);
    let replicates: u64 = tally.replicates.iter().map(|replicate| replicate.trials).sum();
    assert_eq!(replicates, 10_000);
}

/// What belongs to a contributor is hashed: one that is added moves nobody else's draws.
#[test]
fn another_contributor_changes_no_other_draw() {
    let another =
        "\n[contributors.newcomer]\nchance = 0.5\ndecision = { uniform = { min = \"1d\", max = \"9d\" } }\n";
    let (few, many) = (
        Scenario::text(MIXED).build(),
        Scenario::text(format!("{MIXED}{another}")).build(),
    );
    assert_eq!(few.plan.dimensions, many.plan.dimensions);
    assert!(!few.plan.dimensions.is_empty());
    for sampler in SAMPLERS {
        let source = Source {
            seed: 1,
            method: sampler.method,
        };
        for trial in [0, 7, 9_000] {
            let [few, many] = [&few, &many].map(|played| played.trace_of(source, trial).0["draws"].clone());
            let mut many = many.as_array().expect("draws are a list").clone();
            many.retain(|draw| !draw["address"].as_str().expect("a text").contains("newcomer"));
            assert_eq!(few.as_array(), Some(&many), "{}", sampler.name);
        }
    }
}

#[test]
fn pieces_merge_to_the_whole() {
    let played = Scenario::text(MIXED).build();
    let pool = pool(2);
    for sampler in SAMPLERS {
        let source = Source {
            seed: 1,
            method: sampler.method,
        };
        let piece = |first: u64, end: u64| {
            let order = Order {
                source,
                first,
                trials: end - first,
            };
            run(&played.plan, order, &pool, &Unwatched).expect("nobody stops it")
        };
        let mut merged = Tally::new(&played.plan, sampler.method);
        for (first, end) in [(9_999, 20_000), (0, 700), (700, 9_999)] {
            merged.merge(&piece(first, end));
        }
        // Blocks that are cut are counted for bands or not as a whole, so only these may differ; here they do not.
        assert_eq!(merged, piece(0, 20_000), "{}", sampler.name);
    }
}

#[test]
fn an_extended_result_is_that_of_one_run() {
    let mixed = Mixed::new();
    for sampler in ["sobol", "latin_hypercube"] {
        mixed.run(&format!(
            "--sampler {sampler} --trials 9000 --quiet --force --out whole"
        ));
        mixed.run(&format!(
            "--sampler {sampler} --trials 700 --quiet --force --out parts"
        ));
        mixed.run(&format!(
            "--sampler {sampler} --extend --trials 8300 --quiet --threads 3 --out parts"
        ));
        assert_same(&mixed, "whole", "parts", &FILES);
        mixed.is_refused(
            "--extend --trials 10 --out parts",
            &["its sampler is", "not `random`"],
        );
    }
}

#[test]
fn what_was_sampled_how_is_told() {
    let mixed = Mixed::new();
    let ended = mixed.run("--sampler sobol --trials 8192");
    assert!(
        ended.stdout.contains("(seed 1, sampler sobol)"),
        "{}",
        ended.stdout
    );
    assert!(!ended.stderr.contains("unevenly"), "{}", ended.stderr);
    for file in ["manifest.json", "result.json"] {
        assert_eq!(mixed.json(&format!("results/mixed/{file}"))["sampler"], "sobol");
    }
    let ended = mixed.run("--sampler sobol --trials 100000");
    let note = "note: sobol spreads 100000 trials unevenly; 131072 would be the next better number";
    assert!(ended.stderr.contains(note), "{}", ended.stderr);
    // Also as the scenario has it, over which the command line wins.
    let set = "--set simulation={sampler=\"latin_hypercube\"} --trials 100 --quiet --out results/mixed";
    mixed.run(set);
    assert_eq!(
        mixed.json("results/mixed/manifest.json")["sampler"],
        "latin_hypercube"
    );
    mixed.run(&format!("{set} --sampler random"));
    assert_eq!(mixed.json("results/mixed/manifest.json")["sampler"], "random");
}

#[test]
fn the_trace_replays_what_was_played() {
    let mixed = Mixed::new();
    for sampler in SAMPLERS {
        let name = sampler.name;
        mixed.run(&format!("--sampler {name} --trials 9000 --trials-csv --quiet"));
        let rows = mixed.0.text("results/mixed/trials.csv");
        for trial in ["0", "511", "512", "8191", "8999"] {
            let told = mixed.0.run(&[
                "trace",
                "mixed.toml",
                "--sampler",
                name,
                "--trial",
                trial,
                "--json",
            ]);
            assert_eq!(told.code, 0, "{}", told.stderr);
            let told: serde_json::Value = serde_json::from_str(&told.stdout).expect("it is JSON");
            let row = rows
                .lines()
                .find(|row| row.starts_with(&format!("{trial},")))
                .expect("it has a row");
            let first = row.split(',').nth(1).expect("it has columns");
            let expected = told["mission"]["first_ready"]
                .as_f64()
                .map_or("beyond".to_owned(), |day| day.to_string());
            assert_eq!(first, expected, "{name}, trial {trial}");
        }
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let mixed = Mixed::new();
    mixed.is_refused(
        "--sampler sobol --precision 0.01",
        &["--precision", "--sampler random", "sobol"],
    );
    mixed.is_refused("--sampler halton", &["random", "sobol", "latin_hypercube"]);
    mixed.is_refused(
        "--set simulation={sampler=\"sobl\"}",
        &[
            "`simulation.sampler` must be the name of a sampler",
            "did you mean `sobol`?",
        ],
    );
}

/// Trials are numbered far beyond what a run could play; each of them can be replayed.
#[test]
fn any_trial_can_be_replayed() {
    let played = Scenario::text(MIXED).build();
    for sampler in SAMPLERS {
        let source = Source {
            seed: 1,
            method: sampler.method,
        };
        for trial in [1 << 30, (1 << 36) + 1, u64::MAX - 1] {
            let told = played.trace_of(source, trial);
            assert!(!told.0["draws"].as_array().expect("a list").is_empty());
        }
    }
}
