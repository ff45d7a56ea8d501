//! Many scenarios in one run, results that are up to date, parts of a run, and what is traced from results.

use std::fs;

use serde_json::Value as Json;

use crate::commands::{FILES, Place};

/// A place with two scenarios.
fn two() -> Place {
    let place = Place::new();
    let child = "format = 1\nextends = \"plan.toml\"\ntitle = \"a child\"\n";
    fs::write(place.path("child.toml"), child).expect("written");
    place
}

fn run(place: &Place, line: &str) -> (i32, String, String) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let ended = place.run(&words);
    (ended.code, ended.stdout, ended.stderr)
}

/// Runs, and must succeed; what it said on stderr.
fn fine(place: &Place, line: &str) -> String {
    let (code, _, stderr) = run(place, line);
    assert_eq!(code, 0, "{line}: {stderr}");
    stderr
}

fn assert_same(place: &Place, one: &str, other: &str, files: &[&str]) {
    for file in files.iter().filter(|file| **file != "manifest.json") {
        assert!(
            place.bytes(&format!("{one}/{file}")) == place.bytes(&format!("{other}/{file}")),
            "{file} of {one} is not that of {other}"
        );
    }
}

#[test]
fn a_fault_in_one_scenario_keeps_no_other_from_being_run() {
    let place = two();
    fs::write(place.path("bad.toml"), "format = 1\n").expect("written");
    let (code, stdout, stderr) = run(&place, "run . --trials 1000");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("1 of 3 scenarios"), "{stderr}");
    for name in ["child", "plan"] {
        assert!(stdout.contains(name), "{stdout}");
        assert_eq!(place.names(&format!("results/{name}")), FILES);
    }
    assert_eq!(place.names("results"), ["batch.csv", "child", "plan"]);
    // Each is what it would be by itself.
    fine(&place, "run child.toml --trials 1000 --out alone");
    assert_same(&place, "alone", "results/child", &FILES);
}

/// A folder of scenarios has a folder of results, however many are in it, and never the one of a single result.
#[test]
fn a_folder_with_one_scenario_is_a_batch_too() {
    let place = Place::new();
    fs::create_dir(place.path("plans")).expect("made");
    fs::rename(place.path("plan.toml"), place.path("plans/plan.toml")).expect("moved");
    fine(&place, "run plans --trials 1000 --out many");
    assert_eq!(place.names("many"), ["batch.csv", "plan"]);
    // One file under two names is one scenario.
    fine(
        &place,
        "run plans plans/../plans/plan.toml --trials 1000 --out many",
    );
    fine(&place, "run plans/plan.toml --trials 1000 --out one");
    let sweep = "sweep plans/plan.toml --axis ceasefire.chance=0.1,0.2 --trials 100 --out one";
    let (code, _, stderr) = run(&place, sweep);
    assert_eq!(code, 2, "{stderr}");
    assert!(
        stderr.contains("one` holds the result of a run, and this is the result of a sweep"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&place, "run plans --trials 1000 --out one");
    assert_eq!(code, 2, "{stderr}");
    assert!(stderr.contains("`one` is the result of one scenario"), "{stderr}");
    // Where nothing can be run any more, no row of before is left.
    fs::write(place.path("plans/plan.toml"), "format = 1\n").expect("written");
    assert_eq!(run(&place, "run plans --trials 1000 --out many").0, 2);
    assert_eq!(place.text("many/batch.csv").lines().count(), 1);
}

#[test]
fn the_table_of_all_has_the_rows_of_each_with_what_it_was_played_with() {
    let place = two();
    fine(&place, "run *.toml --trials 1000 --seed 4 --quiet --out many");
    let manifest: Json = serde_json::from_str(&place.text("many/child/manifest.json")).expect("JSON");
    let batch = place.text("many/batch.csv");
    let mut summaries = Vec::new();
    for name in ["child", "plan"] {
        summaries.extend(
            place
                .text(&format!("many/{name}/summary.csv"))
                .lines()
                .skip(1)
                .map(str::to_owned),
        );
    }
    let rows: Vec<&str> = batch.lines().collect();
    assert!(
        rows[0].ends_with(",trials,scenario_hash,seed,sampler,version"),
        "{}",
        rows[0]
    );
    assert_eq!(rows.len(), summaries.len() + 1);
    let hash = manifest["hash"].as_str().expect("a hash");
    for (row, summary) in rows[1..].iter().zip(&summaries) {
        assert!(row.starts_with(summary.as_str()), "{row}");
    }
    let version = ceasefire::VERSION;
    assert!(
        rows[1].ends_with(&format!(",{hash},4,random,{version}")),
        "{}",
        rows[1]
    );
}

#[test]
fn json_has_the_results_by_name_and_two_of_one_name_are_refused() {
    let place = two();
    let (code, stdout, _) = run(&place, "run plan.toml child.toml --trials 1000 --json --quiet");
    assert_eq!(code, 0);
    let all: Json = serde_json::from_str(&stdout).expect("it is JSON");
    for name in ["plan", "child"] {
        let alone: Json =
            serde_json::from_str(&place.text(&format!("results/{name}/result.json"))).expect("JSON");
        assert_eq!(all[name], alone);
    }
    fs::create_dir(place.path("other")).expect("made");
    fs::copy(place.path("plan.toml"), place.path("other/plan.toml")).expect("copied");
    let (code, _, stderr) = run(&place, "run plan.toml other/plan.toml --trials 1000");
    assert_eq!(code, 2);
    assert!(stderr.contains("have one name"), "{stderr}");
}

// Up to date

#[test]
fn what_is_up_to_date_is_not_played_again_and_says_the_same() {
    let place = two();
    for options in ["--trials 2000 --trials-csv", "--precision 0.05"] {
        let line = format!("run child.toml {options}");
        let (_, first, _) = run(&place, &line);
        let manifest = place.bytes("results/child/manifest.json");
        let (code, again, stderr) = run(&place, &line);
        assert_eq!((code, &again), (0, &first));
        assert!(stderr.contains("nothing was played"), "{stderr}");
        assert_eq!(place.bytes("results/child/manifest.json"), manifest);
        let stderr = fine(&place, &format!("{line} --force"));
        assert!(stderr.contains("Results are in"), "{stderr}");
    }
}

#[test]
fn what_has_changed_is_named() {
    let place = two();
    fine(&place, "run child.toml --trials 1000");
    let expect = |line: &str, words: &str| {
        let stderr = fine(&place, line);
        assert!(stderr.contains(words), "{line}: {stderr}");
        assert!(fine(&place, line).contains("nothing was played"));
    };
    expect("run child.toml --trials 1500", "1000 trials, not 1500");
    expect(
        "run child.toml --trials 1500 --seed 3",
        "the seed is 3, and was 1",
    );
    expect("run child.toml --trials 1500", "the seed is 1, and was 3");
    expect(
        "run child.toml --trials 1500 --confidence 0.9",
        "the confidence is 0.9",
    );
    expect(
        "run child.toml --trials 1500 --trials-csv",
        "other files are asked for",
    );
    expect(
        "run child.toml --trials 1500 --sampler sobol",
        "the sampler is sobol",
    );
    expect(
        "run child.toml --trials 1500 --set us_support.logistics.chance=0.9 --out results/child",
        "--set is `us_support.logistics.chance=0.9`",
    );
    let text = place.text("plan.toml") + "\n# changed\n";
    fs::write(place.path("plan.toml"), text).expect("written");
    expect("run child.toml --trials 1500", "the text of `plan.toml` changed");
}

#[test]
fn a_file_that_is_damaged_or_missing_is_named_and_made_again() {
    let place = two();
    fine(&place, "run plan.toml --trials 1000 --quiet");
    let whole = place.bytes("results/plan/gates.csv");
    for file in FILES.iter().filter(|file| **file != "manifest.json") {
        let path = place.path(&format!("results/plan/{file}"));
        fs::write(&path, "x").expect("written");
        let stderr = fine(&place, "run plan.toml --trials 1000");
        assert!(
            stderr.contains(&format!("its `{file}` is not as it was written")),
            "{stderr}"
        );
        fs::remove_file(&path).expect("removed");
        let stderr = fine(&place, "run plan.toml --trials 1000");
        assert!(stderr.contains(&format!("its `{file}` is missing")), "{stderr}");
    }
    assert_eq!(place.bytes("results/plan/gates.csv"), whole);
}

// Parts

#[test]
fn parts_come_to_the_bytes_of_the_whole() {
    let place = two();
    let files = [&FILES[..], &["trials.csv"]].concat();
    for sampler in ["random", "sobol", "latin_hypercube"] {
        let options = format!("--trials 5000 --trials-csv --excel --sampler {sampler} --quiet");
        fine(&place, &format!("run child.toml {options} --out whole"));
        for number in 1..=4 {
            fine(&place, &format!("run child.toml {options} --shard {number}/4"));
        }
        let parts = "results/child.part-2-of-4 results/child.part-4-of-4 results/child.part-1-of-4 results/child.part-3-of-4";
        fine(&place, &format!("merge {parts} --quiet"));
        assert_same(&place, "whole", "results/child", &files);
        let stderr = fine(
            &place,
            &format!("run child.toml {}", options.replace(" --quiet", "")),
        );
        assert!(stderr.contains("nothing was played"), "{stderr}");
    }
}

#[test]
fn parts_that_do_not_fit_are_named() {
    let place = two();
    for number in 1..=3 {
        fine(
            &place,
            &format!("run plan.toml --trials 4000 --shard {number}/3 --out p{number}"),
        );
    }
    fine(
        &place,
        "run plan.toml --trials 4000 --seed 2 --shard 2/3 --out other",
    );
    fine(&place, "run plan.toml --trials 4000 --shard 1/2 --out half");
    fine(&place, "run plan.toml --trials 4000 --out whole");
    let refuse = |folders: &str, words: &str| {
        let (code, _, stderr) = run(&place, &format!("merge {folders} --out merged"));
        assert_eq!(code, 2, "{folders}: {stderr}");
        assert!(stderr.contains(words), "{folders}: {stderr}");
        assert!(!place.path("merged").exists());
    };
    refuse("p1 p3", "trials 1024..2560 are missing");
    refuse("p1 p2", "trials 2560..4000 are missing");
    refuse("p2 p3", "trials 0..1024 are missing");
    refuse("p1 p2 p3 p2", "are in another part too");
    refuse("p1 half p2 p3", "are in another part too");
    refuse("p1 other p3", "the seed of `other` is 2");
    refuse("p1 whole", "is a whole result");
    refuse("p1 absent", "no part of a run");
}

// Traces

#[test]
fn a_result_is_replayed_as_it_was_played() {
    let place = two();
    let set = "us_support.logistics.chance=0.3";
    let options = format!("--seed 9 --sampler sobol --set {set}");
    let (_, told, _) = run(&place, &format!("trace child.toml --trial 3 --json {options}"));
    fine(
        &place,
        &format!("run child.toml --trials 1000 --trials-csv --quiet {options}"),
    );
    fine(
        &place,
        &format!("run child.toml --trials 1000 --shard 1/2 --quiet {options}"),
    );
    fs::remove_file(place.path("plan.toml")).expect("removed");
    fs::write(place.path("child.toml"), "nonsense").expect("written");
    let results = [
        "results/child+us_support.logistics.chance=0.3",
        "results/child+us_support.logistics.chance=0.3/trials.csv",
        "results/child+us_support.logistics.chance=0.3.part-1-of-2",
    ];
    for result in results {
        let (code, again, stderr) = run(&place, &format!("trace {result} --trial 3 --json"));
        assert_eq!((code, &again), (0, &told), "{result}: {stderr}");
    }
    let (code, _, stderr) = run(
        &place,
        "trace results/child+us_support.logistics.chance=0.3 --trial 3 --seed 2",
    );
    assert_eq!(code, 2, "{stderr}");
    let manifest = place.text("results/child+us_support.logistics.chance=0.3/manifest.json");
    let version = format!("\"version\": \"{}\"", ceasefire::VERSION);
    assert!(manifest.contains(&version));
    let manifest = manifest.replace(&version, "\"version\": \"0.0.1\"");
    fs::write(
        place.path("results/child+us_support.logistics.chance=0.3/manifest.json"),
        manifest,
    )
    .expect("written");
    let (code, _, stderr) = run(
        &place,
        "trace results/child+us_support.logistics.chance=0.3 --trial 3",
    );
    assert_eq!(code, 2);
    assert!(stderr.contains("version 0.0.1"), "{stderr}");
}

/// A forecast tells about what comes true, and leaves no trace.
#[test]
fn a_dry_run_plays_next_to_nothing_and_writes_nothing() {
    let place = two();
    let before = place.names(".");
    let (code, stdout, stderr) = run(
        &place,
        "run plan.toml --trials 40_000 --trials-csv --dry-run --json",
    );
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(place.names("."), before);
    let told: Json = serde_json::from_str(&stdout).expect("JSON");
    assert_eq!(
        (&told[0]["trials"], &told[0]["folder"]),
        (&Json::from(40_000), &Json::from("results/plan"))
    );
    fine(&place, "run plan.toml --trials 40_000 --trials-csv --quiet");
    let names = place.names("results/plan");
    let sizes = names
        .iter()
        .map(|name| place.bytes(&format!("results/plan/{name}")).len());
    // The trial takes as much memory as the run: it depends on the scenario only.
    let memory = told[0]["memory"].as_f64();
    assert_eq!(memory.is_some(), cfg!(target_os = "linux"), "{stdout}");
    assert!(memory.is_none_or(|bytes| (1e6..1e9).contains(&bytes)), "{stdout}");
    let (told, written) = (
        told[0]["bytes"].as_f64().expect("a number"),
        sizes.sum::<usize>() as f64,
    );
    assert!(
        (told / written - 1.0).abs() < 0.1,
        "{told} bytes were told, and {written} written"
    );
    let (_, words, _) = run(&place, "run plan.toml --trials 40_000 --trials-csv --dry-run");
    assert_eq!(
        words,
        "plan: up to date in results/plan, nothing would be played\n"
    );
    let (_, words, _) = run(&place, "run . --dry-run --precision 0.01 --max-trials 300_000");
    assert!(
        words.contains("futures (at most 300,000): ") && words.contains("\nin all: "),
        "{words}"
    );
    fs::write(place.path("bad.toml"), "format = 1\n").expect("written");
    let (code, words, stderr) = run(&place, "run . --dry-run");
    assert_eq!(code, 2);
    assert!(
        words.contains("child: 200,000 futures: ") && stderr.contains("1 of 3 scenarios"),
        "{words}{stderr}"
    );
}

/// Any row of any file leads to the futures that it was made of.
#[test]
fn a_row_of_any_file_can_be_traced() {
    let place = two();
    fine(
        &place,
        "run plan.toml child.toml --trials 1000 --seed 5 --trials-csv --excel --quiet",
    );
    let traced = |line: &str| {
        let (code, told, stderr) = run(&place, &format!("trace {line} --json"));
        assert_eq!(code, 0, "{line}: {stderr}");
        told
    };
    let rows: Vec<String> = place
        .text("results/batch.csv")
        .lines()
        .map(str::to_owned)
        .collect();
    let of_child = rows
        .iter()
        .position(|row| row.starts_with("child,"))
        .expect("it has rows");
    for (row, scenario) in [(2, "plan"), (of_child + 1, "child"), (rows.len(), "child")] {
        assert_eq!(
            traced(&format!("results/batch.csv --row {row} --trial 3")),
            traced(&format!("results/{scenario} --trial 3"))
        );
    }
    assert_eq!(
        traced("results/plan/trials.csv --row 9"),
        traced("results/plan --trial 7")
    );
    assert_eq!(
        traced("results/plan/summary.csv --row 9 --trial 7"),
        traced("results/plan --trial 7")
    );
    fine(
        &place,
        "sweep plan.toml --axis ceasefire.chance=0.1,0.9 --trials 1000 --quiet",
    );
    assert_eq!(
        traced("results/plan-sweep/sweep.csv --row 4 --trial 7"),
        traced("results/plan-sweep --point 2 --trial 7")
    );
    for (line, words) in [
        ("results/batch.csv --trial 3", "name one by --row"),
        ("results --trial 3", "name one of `results/child`"),
        (
            "results/batch.csv --row 1 --trial 3",
            "has no row 1; the header is row 1",
        ),
        ("results/batch.csv --row 99999 --trial 3", "has no row 99999"),
        ("results/batch.csv --row 2", "name a trial"),
        (
            "results/plan-sweep/sweep.csv --row 4 --point 1 --trial 7",
            "leave --point out",
        ),
        ("plan.toml --row 4 --trial 7", "is no file of a result"),
    ] {
        let (code, _, stderr) = run(&place, &format!("trace {line}"));
        assert_eq!(code, 2, "{line}: {stderr}");
        assert!(stderr.contains(words), "{line}: {stderr}");
    }
    fine(&place, "run plan.toml --trials 1000 --seed 6 --quiet");
    let (code, _, stderr) = run(&place, "trace results/batch.csv --row 2 --trial 3");
    assert_eq!(code, 2);
    assert!(stderr.contains("its seed is 6, not 5"), "{stderr}");
}

/// A file that is none of ours is refused in a few lines.
#[test]
fn a_table_is_no_scenario() {
    let place = Place::new();
    fine(&place, "run plan.toml --trials 1000 --quiet");
    fs::copy(place.path("results/plan/summary.csv"), place.path("copy.csv")).expect("copied");
    let (code, _, stderr) = run(&place, "trace copy.csv --trial 3");
    assert_eq!(code, 2);
    assert!(
        stderr.contains("`copy.csv` is no TOML at all, as it seems"),
        "{stderr}"
    );
    assert!(stderr.lines().count() < 200, "{stderr}");
}

// What-ifs

#[test]
fn a_what_if_has_a_folder_of_its_own_and_is_found_again() {
    let place = two();
    let what_if = "--set us_support.logistics.chance=0.9";
    let folder = "results/plan+us_support.logistics.chance=0.9";
    fine(&place, "run plan.toml --trials 1000 --quiet");
    let before = place.bytes("results/plan/summary.csv");
    fine(&place, &format!("run plan.toml --trials 1000 --quiet {what_if}"));
    assert_eq!(place.bytes("results/plan/summary.csv"), before);
    assert_ne!(place.bytes(&format!("{folder}/summary.csv")), before);
    let again = fine(&place, &format!("run plan.toml --trials 1000 {what_if}"));
    assert!(
        again.contains(&format!("Results in {folder} are up to date")),
        "{again}"
    );
    fine(
        &place,
        &format!("run plan.toml --trials 500 --extend --quiet {what_if}"),
    );
    fine(
        &place,
        &format!("run plan.toml --trials 1500 --quiet --out whole {what_if}"),
    );
    assert_eq!(
        place.bytes(&format!("{folder}/summary.csv")),
        place.bytes("whole/summary.csv")
    );
    for part in 1..=2 {
        fine(
            &place,
            &format!("run plan.toml --trials 1500 --quiet --shard {part}/2 {what_if}"),
        );
    }
    fine(
        &place,
        &format!("merge {folder}.part-1-of-2 {folder}.part-2-of-2 --quiet"),
    );
    assert_eq!(place.bytes("results/plan/summary.csv"), before);
}

#[test]
fn a_batch_of_what_ifs_has_a_table_of_its_own() {
    let place = two();
    fine(&place, "run plan.toml child.toml --trials 1000 --quiet");
    let table = place.bytes("results/batch.csv");
    let what_if = "--set us_support.logistics.chance=0.9";
    fine(
        &place,
        &format!("run plan.toml child.toml --trials 1000 --quiet {what_if}"),
    );
    assert_eq!(place.bytes("results/batch.csv"), table);
    let (code, _, stderr) = run(
        &place,
        "trace results/batch+us_support.logistics.chance=0.9.csv --row 2 --trial 3",
    );
    assert_eq!(code, 0, "{stderr}");
    // A single result that is replaced beside a table with its figures is told.
    let stderr = fine(&place, "run child.toml --trials 2000");
    let note = "note: `results/batch.csv` has the figures of `child` as they were";
    assert!(stderr.contains(note), "{stderr}");
    assert!(!fine(&place, "run child.toml --trials 2000").contains(note));
}

#[test]
fn fewer_trials_replace_more_only_by_force() {
    let place = two();
    fine(&place, "run plan.toml --trials 2000 --quiet");
    let before = place.bytes("results/plan/manifest.json");
    for options in [
        "--trials 1000",
        "--trials 1000 --seed 7",
        "--trials 1999 --confidence 0.9",
    ] {
        let (code, _, stderr) = run(&place, &format!("run plan.toml {options}"));
        assert_eq!(code, 2, "{stderr}");
        assert!(
            stderr.contains("has 2000 trials, more than") && stderr.contains("--force"),
            "{stderr}"
        );
        assert_eq!(place.bytes("results/plan/manifest.json"), before);
    }
    fine(&place, "run plan.toml --trials 3000 --quiet");
    fine(&place, "run plan.toml --trials 1000 --quiet --force");
    let text = place.text("plan.toml") + "\n# changed\n";
    fs::write(place.path("plan.toml"), text).expect("written");
    // The result of another text is out of date, however many trials it has.
    fine(&place, "run plan.toml --trials 500 --quiet");
}
