//! Runs that end when a figure is known well enough, and runs that add to a result.

use std::fs;

use ceasefire::estimate::Estimate;
use ceasefire::estimate::monitor::{Evidence, Monitored, Target};
use ceasefire::metric::{Argument, METRICS, SubjectKind};
use ceasefire::state::{Origin, pack, unpack};
use ceasefire::study::looks;
use serde_json::Value as Json;

use crate::commands::{Ended, FILES, Place};
use crate::harness::Scenario;
use crate::properties::MIXED;

/// `MIXED`, run with these options.
pub struct Mixed(pub Place);

impl Mixed {
    pub fn new() -> Self {
        let place = Place::new();
        fs::write(place.path("mixed.toml"), MIXED).expect("written");
        Self(place)
    }

    fn try_run(&self, options: &str) -> Ended {
        let words = ["run", "mixed.toml"]
            .into_iter()
            .chain(options.split_whitespace());
        self.0.run(&words.collect::<Vec<_>>())
    }

    pub fn run(&self, options: &str) -> Ended {
        let ended = self.try_run(options);
        assert_eq!(ended.code, 0, "{options}: {}", ended.stderr);
        ended
    }

    /// Runs, and is refused with these words.
    pub fn is_refused(&self, options: &str, words: &[&str]) {
        let ended = self.try_run(options);
        assert_eq!(ended.code, 2, "{options}: {}", ended.stderr);
        for word in words {
            assert!(
                ended.stderr.contains(word),
                "{options}: `{word}` is not in: {}",
                ended.stderr
            );
        }
    }

    pub fn json(&self, file: &str) -> Json {
        serde_json::from_str(&self.0.text(file)).expect("it is JSON")
    }
}

fn number(value: &Json) -> f64 {
    value.as_f64().expect("a number")
}

/// All files of two results but the manifests, whose command lines differ, are the same.
pub fn assert_same(mixed: &Mixed, one: &str, other: &str, files: &[&str]) {
    for file in files.iter().filter(|file| **file != "manifest.json") {
        assert!(
            mixed.0.bytes(&format!("{one}/{file}")) == mixed.0.bytes(&format!("{other}/{file}")),
            "{file} of {one} is not that of {other}"
        );
    }
    let mut manifests = [one, other].map(|folder| mixed.json(&format!("{folder}/manifest.json")));
    for manifest in &mut manifests {
        manifest["command"] = Json::Null;
    }
    assert_eq!(manifests[0], manifests[1]);
}

// Until a precision

#[test]
fn a_run_ends_at_the_first_look_at_which_the_precision_is_reached() {
    let mixed = Mixed::new();
    let ended = mixed.run("--precision 0.02");
    assert!(
        ended.stdout.contains("Precision reached after "),
        "{}",
        ended.stdout
    );
    let result = mixed.json("results/mixed/result.json");
    let precision = &result["precision"];
    let trials = precision["interval"]["trials"].as_u64().expect("a number");
    assert_eq!(result["results"]["trials"], trials);
    assert_eq!(precision["ended"], "reached");
    assert_eq!(precision["asked"], 0.02);
    assert!(number(&precision["half_width"]) <= 0.02);
    let (low, high) = (
        number(&precision["interval"]["low"]),
        number(&precision["interval"]["high"]),
    );
    assert!((number(&precision["half_width"]) - (high - low) / 2.0).abs() < 1e-15);
    let manifest = mixed.json("results/mixed/manifest.json");
    assert_eq!(manifest["trials"], trials);
    assert_eq!(manifest["precision"]["ended"], "reached");
    assert_eq!(manifest["precision"]["half_width"], 0.02);
    // It is the interval of the mission's last day wherever that stands.
    let last = result["results"]["mission"]["ready_by"]
        .as_array()
        .expect("days")
        .last();
    assert_eq!(last, Some(&precision["interval"]));
    let look = mixed.run("--precision 0.02 --json --quiet");
    assert_eq!(look.stdout, mixed.0.text("results/mixed/result.json"));
}

#[test]
fn the_look_before_did_not_reach_it() {
    let mixed = Mixed::new();
    mixed.run("--precision 0.006 --quiet");
    let trials = mixed.json("results/mixed/manifest.json")["trials"].as_u64();
    let trials = trials.expect("a number");
    assert!(trials > 8_192 && trials.is_multiple_of(1_024), "{trials}");
    let is_before = |look: &u64| *look < trials;
    let looks = std::iter::successors(Some(8_192), |&look| Some(looks::next(look, u64::MAX)));
    let before = looks.take_while(is_before).last().expect("it was not the first");
    mixed.run(&format!("--precision 0.006 --max-trials {before} --quiet"));
    let stopped = mixed.json("results/mixed/result.json");
    assert_eq!(stopped["precision"]["ended"], "max_trials");
    assert!(number(&stopped["precision"]["half_width"]) > 0.006);
}

#[test]
fn neither_threads_nor_the_way_there_change_a_byte() {
    let mixed = Mixed::new();
    let files = [&FILES[..], &["trials.csv"]].concat();
    for threads in [1, 2, 7] {
        mixed.run(&format!(
            "--precision 0.01 --metric lost --trials-csv --quiet --threads {threads} --out with-{threads}"
        ));
    }
    assert_same(&mixed, "with-1", "with-2", &files);
    assert_same(&mixed, "with-1", "with-7", &files);
    // The number of trials is all that a plain run needs: only the interval that was watched is another.
    let watched = mixed.json("with-1/result.json");
    let trials = watched["results"]["trials"].to_string();
    mixed.run(&format!("--trials {trials} --trials-csv --quiet --out plain"));
    let same = [
        "trials.csv",
        "tally.bin",
        "readiness.csv",
        "gates.csv",
        "capabilities.csv",
    ];
    for file in same {
        assert!(
            mixed.0.bytes(&format!("with-1/{file}")) == mixed.0.bytes(&format!("plain/{file}")),
            "{file}"
        );
    }
    let mut plain = mixed.json("plain/result.json")["results"].clone();
    let ordinary = plain["mission"]["lost"].clone();
    let interval = &watched["precision"]["interval"];
    assert_eq!(ordinary["estimate"], interval["estimate"]);
    assert!(number(&ordinary["low"]) > number(&interval["low"]));
    plain["mission"]["lost"] = interval.clone();
    assert_eq!(plain, watched["results"]);
}

#[test]
fn trials_and_time_bound_it_and_the_answer_says_which() {
    let mixed = Mixed::new();
    let trials = mixed.run("--precision 1e-6 --max-trials 9_000");
    assert!(
        trials
            .stdout
            .contains("Stopped by --max-trials before the precision"),
        "{}",
        trials.stdout
    );
    let result = mixed.json("results/mixed/result.json");
    assert_eq!(result["precision"]["ended"], "max_trials");
    assert_eq!(result["results"]["trials"], 9_000);
    // Its first look comes after the time, however fast the machine.
    let time = mixed.run("--precision 1e-6 --max-time 0.000001s");
    assert!(
        time.stdout.contains("Stopped by --max-time before the precision"),
        "{}",
        time.stdout
    );
    let manifest = mixed.json("results/mixed/manifest.json");
    assert_eq!(manifest["precision"]["ended"], "max_time");
    assert_eq!(manifest["precision"]["max_time"], 0.000_001);
    assert_eq!(manifest["trials"], 8_192);
    assert_eq!(mixed.run("--precision 0.1 --quiet").stdout, "");
}

#[test]
fn options_of_a_precision_are_checked() {
    let mixed = Mixed::new();
    mixed.is_refused("--precision 0", &["a number above 0"]);
    mixed.is_refused("--precision 0.01 --trials 100", &["--trials"]);
    mixed.is_refused("--metric lost", &["--precision"]);
    mixed.is_refused("--max-trials 100", &["--precision"]);
    mixed.is_refused("--precision 0.01 --max-time 5days", &["90s, 10min or 2h"]);
    mixed.is_refused("--precision 0.01 --metric redy_by", &["did you mean `ready_by`?"]);
    mixed.is_refused(
        "--precision 0.01 --metric time_p50",
        &["`time` cannot be watched"],
    );
    mixed.is_refused("--precision 0.01 --metric ready_by@9999", &["days run from 0 to"]);
    mixed.is_refused(
        "--precision 0.01 --metric ready_by@soon",
        &["neither a whole day"],
    );
    mixed.is_refused(
        "--precision 0.01 --metric objectives.nothing:ready_by",
        &["results tell nothing of `objectives.nothing`"],
    );
    assert!(
        !mixed.0.path("results").exists(),
        "refused before anything is written"
    );
}

/// Every figure that can be watched is the very one that results hold, and every other is refused.
#[test]
fn what_is_watched_is_what_is_reported() {
    let scenario = Scenario::text(MIXED).trials(9_000);
    let played = scenario.build();
    let tally = scenario.tally();
    let mut results = scenario.results();
    let last = results.mission.ready_by.len() - 1;
    let mut watched = 0;
    for subject in played.model.subjects() {
        for metric in METRICS {
            let kind = SubjectKind::of(&subject).expect("results know their subjects");
            if !metric.subjects.contains(&kind) {
                continue;
            }
            let days = if metric.argument == Argument::Day {
                vec!["@0".to_owned(), format!("@{}", last / 2), String::new()]
            } else {
                vec![String::new()]
            };
            for day in days {
                let name = format!("{subject}:{}{day}", metric.name);
                let Ok(monitored) = Monitored::find(&name, &played.model, &played.plan) else {
                    assert!(["time", "total", "total_mean"].contains(&metric.name), "{name}");
                    continue;
                };
                let mut evidence = Evidence::default();
                evidence += monitored.evidence(&tally);
                let interval = Target::new(monitored.clone(), 0.01, 0.95).interval(evidence);
                let reported: Estimate = *monitored.figure(&mut results);
                assert!(
                    (interval.estimate - reported.estimate).abs() < 1e-12 * reported.estimate.max(1.0),
                    "{name}: {interval:?} {reported:?}"
                );
                // Where nearly none or nearly all succeed, the ordinary one is no shorter.
                let is_shorter = interval.low <= reported.low && reported.high <= interval.high;
                assert!(is_shorter || !(0.02..0.98).contains(&reported.estimate), "{name}");
                assert!(
                    Monitored::find(&monitored.name, &played.model, &played.plan).as_ref() == Ok(&monitored)
                );
                watched += 1;
            }
        }
    }
    assert!(watched > 50, "{watched}");
    // Both kinds of facts are among them: tallies keep them differently.
    let plan = &played.plan;
    assert!(
        plan.subjects.iter().any(|&signal| plan.is_rising[signal])
            && plan.subjects.iter().any(|&signal| !plan.is_rising[signal])
    );
}

#[test]
fn a_date_names_its_day() {
    let played = Scenario::text(MIXED).build();
    let find = |name: &str| Monitored::find(name, &played.model, &played.plan);
    let day = find("ready_by@30").expect("a figure");
    let date = played
        .model
        .start
        .checked_add(jiff::Span::new().days(30))
        .expect("a date");
    assert_eq!(find(&format!("ready_by@{date}")), Ok(day.clone()));
    assert_eq!(day.name, "ready_by@30");
    assert!(find("ready_by@1999-01-01").is_err());
}

// Adding to a result

#[test]
fn a_tally_that_was_read_is_the_one_that_was_written() {
    let scenario = Scenario::text(MIXED).trials(5_000);
    let (plan, tally) = (scenario.build().plan, scenario.tally());
    let origin = Origin {
        version: "0.0.1".to_owned(),
        hash: "abc".to_owned(),
        seed: u64::MAX,
        sampler: "random".to_owned(),
    };
    let (read_origin, mut read) = unpack(&pack(origin.clone(), &tally), &plan).expect("it is whole");
    assert_eq!(read_origin, origin);
    assert!(read == tally);
    // It goes on counting as the other would.
    let mut doubled = tally.clone();
    doubled.merge(&tally);
    read.merge(&tally);
    assert!(read == doubled);
    let shorter = MIXED.replace("horizon = \"300d\"", "horizon = \"200d\"");
    let other = unpack(&pack(origin, &tally), &Scenario::text(shorter).build().plan);
    assert_eq!(other.err(), Some("counts something else"));
}

#[test]
fn an_extended_result_is_that_of_one_run() {
    let mixed = Mixed::new();
    let files = [&FILES[..], &["trials.csv"]].concat();
    for parts in [
        &[100, 7][..],
        &[1_000, 7],
        &[1, 255, 9_000, 3],
        &[10_001, 9_999],
        &[12_500, 12_500],
    ] {
        let whole: u64 = parts.iter().sum();
        mixed.run(&format!(
            "--trials {whole} --trials-csv --quiet --force --out whole"
        ));
        mixed.run(&format!(
            "--trials {} --trials-csv --quiet --force --out parts",
            parts[0]
        ));
        for part in &parts[1..] {
            mixed.run(&format!(
                "--extend --trials {part} --trials-csv --quiet --threads 3 --out parts"
            ));
        }
        assert_same(&mixed, "whole", "parts", &files);
    }
}

#[test]
fn a_precision_may_come_first_and_a_confidence_may_change() {
    let mixed = Mixed::new();
    mixed.run("--precision 0.02 --quiet --out parts");
    let trials = mixed.json("parts/manifest.json")["trials"]
        .as_u64()
        .expect("a number");
    mixed.run("--extend --trials 1_234 --confidence 0.8 --quiet --out parts");
    let whole = trials + 1_234;
    mixed.run(&format!("--trials {whole} --confidence 0.8 --quiet --out whole"));
    assert_same(&mixed, "whole", "parts", &FILES);
}

#[test]
fn what_cannot_be_extended_is_left_as_it_is() {
    let mixed = Mixed::new();
    mixed.is_refused("--extend --trials 10", &["there is none", "run without --extend"]);
    mixed.is_refused("--extend", &["--trials"]);
    mixed.is_refused("--extend --trials 10 --force", &["--force"]);
    mixed.run("--trials 500 --quiet");
    let before = mixed.0.bytes("results/mixed/manifest.json");
    mixed.is_refused(
        "--extend --trials 10 --seed 2 --set horizon=\"90d\" --out results/mixed",
        &[
            "its seed is 1, not 2",
            "its --set is empty, not `horizon=\"90d\"`",
        ],
    );
    mixed.is_refused("--extend --trials 10 --trials-csv", &["it has no `trials.csv`"]);
    mixed.is_refused("--extend --trials 18446744073709551615", &["there can be no"]);
    fs::write(mixed.0.path("mixed.toml"), format!("{MIXED}\n# changed\n")).expect("written");
    mixed.is_refused("--extend --trials 10", &["has another text now"]);
    assert_eq!(mixed.0.bytes("results/mixed/manifest.json"), before);

    fs::write(mixed.0.path("mixed.toml"), MIXED).expect("written");
    let manifest = mixed.0.text("results/mixed/manifest.json");
    let other = manifest.replace(ceasefire::VERSION, "0.0.1");
    fs::write(mixed.0.path("results/mixed/manifest.json"), other).expect("written");
    mixed.is_refused("--extend --trials 10", &["it is of version 0.0.1"]);
    fs::write(mixed.0.path("results/mixed/manifest.json"), manifest).expect("written");
    mixed.run("--extend --trials 10 --quiet");
}

#[test]
fn a_state_that_is_missing_damaged_or_of_another_result_is_refused() {
    let mixed = Mixed::new();
    mixed.run("--trials 600 --quiet --out other");
    mixed.run("--trials 500 --trials-csv --quiet");
    mixed.is_refused("--extend --trials 10", &["it has a `trials.csv`"]);
    let state = mixed.0.path("results/mixed/tally.bin");
    let whole = fs::read(&state).expect("it is there");
    let named = mixed.0.path("results/mixed/manifest.json");
    let manifest = mixed.0.text("results/mixed/manifest.json");
    let extend = "--extend --trials 10 --trials-csv --quiet";
    let mut damaged = whole.clone();
    *damaged.last_mut().expect("it is not empty") ^= 1;
    for (bytes, words) in [
        (damaged, "is damaged"),
        (whole[..20].to_vec(), "is damaged"),
        (vec![b'x'; 100], "is no tally"),
        (mixed.0.bytes("other/tally.bin"), "belongs to another result"),
    ] {
        fs::write(&state, &bytes).expect("written");
        mixed.is_refused(extend, &["it is not as it was written"]);
        // A manifest can be forged.
        let [was, is] = [&whole, &bytes].map(|bytes| blake3::hash(bytes).to_hex().to_string());
        let forged = manifest.replace(&was, &is);
        assert_ne!(forged, manifest);
        fs::write(&named, forged).expect("written");
        mixed.is_refused(extend, &[words]);
        fs::write(&named, &manifest).expect("written");
    }
    fs::remove_file(&state).expect("removed");
    mixed.is_refused(extend, &["`tally.bin` cannot be read"]);
    fs::write(&state, whole).expect("written");

    let rows = mixed.0.path("results/mixed/trials.csv");
    let text = mixed.0.text("results/mixed/trials.csv");
    let (shorter, _) = text.trim_end().rsplit_once('\n').expect("rows");
    fs::write(&rows, format!("{shorter}\n")).expect("written");
    mixed.is_refused(extend, &["it has 499 rows"]);
    fs::write(&rows, text.replacen("trial,", "number,", 1)).expect("written");
    mixed.is_refused(extend, &["another header"]);
    // One cell is another, and all else is as it was.
    let changed = text.replacen("\n7,", "\n8,", 1);
    assert_ne!(changed, text);
    fs::write(&rows, changed).expect("written");
    mixed.is_refused(extend, &["trials.csv`: it is not as it was written"]);
    fs::write(&rows, &text).expect("written");
    mixed.run(&format!("{extend} --excel"));
    mixed.run("--trials 510 --trials-csv --excel --quiet --out results/whole");
    assert_same(
        &mixed,
        "results/whole",
        "results/mixed",
        &[&FILES[..], &["trials.csv"]].concat(),
    );
}
