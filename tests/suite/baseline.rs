//! Earlier results: what changed since, by how much, and which keys of the scenario did it.

use std::fs;

use serde_json::Value as Json;

use crate::commands::{Ended, Place};

/// A ceasefire with a chance of one half that may break, and a capability beside it.
const PLAN: &str = r#"
format = 1
start = 2025-04-10
horizon = "100d"

[ceasefire]
chance = 0.5
after = { exponential = { mean = "30d" } }
lasts = { exponential = { mean = "60d" } }

[capabilities.troops]

[contributors.a]
chance = 0.5

[contributors.a.provides.troops]
amount = { uniform = { min = 5, max = 9 } }
notice_to_move = { empirical = { file = "delays.csv", column = "days" } }

[objectives.peace_on_land]
requires = ["ceasefire"]

[[expect]]
metric = "ready_by"
day = 100
at_least = 0.2
"#;

/// A place with the plan, and its result in `old`, with the options of the run.
fn place(options: &[&str]) -> Place {
    let place = Place::new();
    fs::write(place.path("delays.csv"), "days\n3\n10\n20\n").expect("written");
    fs::write(place.path("plan.toml"), PLAN).expect("written");
    let run = ["run", "plan.toml", "--trials", "4000", "--quiet", "--out", "old"];
    let ended = place.run(&[&run, options].concat());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    place
}

fn change(place: &Place, from: &str, to: &str) {
    let text = place.text("plan.toml");
    assert!(text.contains(from), "{from}");
    fs::write(place.path("plan.toml"), text.replace(from, to)).expect("written");
}

fn test(place: &Place, options: &[&str]) -> Ended {
    place.run(&[&["test", "plan.toml", "--baseline", "old", "--quiet"], options].concat())
}

/// What changed, as JSON.
fn since(place: &Place, options: &[&str]) -> Json {
    let ended = test(place, &[&["--json"], options].concat());
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    let json: Json = serde_json::from_str(&ended.stdout).expect("it is JSON");
    json["scenarios"][0]["since"].clone()
}

fn keys(since: &Json) -> Vec<String> {
    let keys = since["keys"].as_array().expect("keys").iter();
    keys.map(|key| {
        format!(
            "{} {} {}",
            key["address"].as_str().expect("text"),
            key["old"],
            key["new"]
        )
    })
    .collect()
}

fn changes(since: &Json) -> &Vec<Json> {
    since["changes"].as_array().expect("changes")
}

/// Each difference is that of the two figures, and its interval holds it; returns how many were compared so.
fn check_differences(since: &Json) -> usize {
    let with_difference = changes(since)
        .iter()
        .filter(|change| change["difference"].is_object());
    let number = |value: &Json| value.as_f64().expect("a number");
    let mut count = 0;
    for change in with_difference {
        let [old, new, difference] = ["old", "new", "difference"].map(|of| number(&change[of]["estimate"]));
        assert!((difference - (new - old)).abs() < 1e-6, "{change}");
        let [low, high] = ["low", "high"].map(|end| number(&change["difference"][end]));
        assert!(low <= difference && difference <= high, "{change}");
        assert_eq!(change["is_beyond_noise"], low > 0.0 || high < 0.0);
        count += 1;
    }
    count
}

#[test]
fn what_is_unchanged_comes_to_the_same() {
    let place = place(&[]);
    change(
        &place,
        "chance = 0.5\nafter",
        "note = \"a remark\"\nchance = 0.50\nafter",
    );
    let since = since(&place, &[]);
    assert_eq!(keys(&since), [""; 0]);
    assert!(changes(&since).is_empty());
    assert!(since["compared"].as_u64() > Some(80), "{since}");
    assert_eq!(since["unpaired"], Json::Null);
}

/// A chance is 5 points higher, on the same futures: the mission's difference is known far better than from two runs.
#[test]
fn what_changed_is_told_with_what_changed_it() {
    for sampler in ["random", "sobol"] {
        let place = place(&["--sampler", sampler]);
        change(&place, "chance = 0.5\nafter", "chance = 0.55\nafter");
        let since = since(&place, &[]);
        assert_eq!(keys(&since), ["ceasefire.chance \"0.5\" \"0.55\""]);
        assert_eq!(
            (&since["unpaired"], &since["sampler"]),
            (&Json::Null, &Json::from(sampler))
        );
        assert!(check_differences(&since) > 10);
        let is_main = |change: &&Json| {
            change["subject"] == "mission" && change["metric"] == "ready_by" && change["day"] == 100
        };
        let main = changes(&since).iter().find(is_main).expect("it changed");
        let width = |of: &str| {
            let end = |end: &str| main[of][end].as_f64().expect("a number");
            end("high") - end("low")
        };
        assert_eq!(main["is_beyond_noise"], true);
        // Evenly spread futures know each of the two as well as that.
        assert!(
            sampler == "sobol" || width("difference") < 0.7 * width("old").hypot(width("new")),
            "{main}"
        );
    }
}

/// In the earlier scenario the mission and its only objective are one fact, now they are two: each has its own difference.
#[test]
fn another_shape_is_compared_as_far_as_both_go() {
    let place = place(&[]);
    let added = "[objectives.safe_seas]\nrequires = [\"contributors.a\", { held = \"20d\", condition = \"ceasefire\" }]\n\n[[expect]]";
    change(&place, "[[expect]]", added);
    change(&place, "at_least = 0.2", "at_least = 0.05");
    let since = since(&place, &[]);
    assert_eq!(since["unpaired"], Json::Null);
    assert!(check_differences(&since) > 10);
    let subjects = changes(&since)
        .iter()
        .map(|change| change["subject"].as_str().expect("a text"));
    let subjects: Vec<&str> = subjects.collect();
    assert!(subjects.contains(&"mission") && !subjects.contains(&"objectives.peace_on_land"));
    assert_eq!(since["added"][0], "objectives.safe_seas");
    assert_eq!(since["gone"], Json::Array(Vec::new()));
}

#[test]
fn values_replaced_on_the_command_line_and_files_that_are_read_count_too() {
    let place = place(&["--set", "ceasefire.chance=0.6"]);
    fs::write(place.path("delays.csv"), "days\n3\n10\n40\n").expect("written");
    let since = since(&place, &["--set", "contributors.a.chance=0.7"]);
    let expected = [
        "ceasefire.chance \"0.6\" \"0.5\"",
        "contributors.a.chance \"0.5\" \"0.7\"",
    ];
    assert_eq!(keys(&since), expected);
    assert_eq!(since["files"][0], "delays.csv");
    let totals = changes(&since)
        .iter()
        .filter(|change| change["metric"] == "total_mean");
    assert!(totals.count() > 0, "totals are compared by their intervals");
}

/// If the engine has come to figures of its own, playing the earlier scenario again says nothing of what it came to then.
#[test]
fn other_figures_of_the_same_scenario_are_no_pairs() {
    let place = place(&[]);
    let summary = place.text("old/summary.csv");
    let row = summary
        .lines()
        .find(|row| row.contains("mission,ready_by,100,"))
        .expect("a row");
    let cells: Vec<&str> = row.split(',').collect();
    let other = row
        .replace(cells[5], "0.9")
        .replace(cells[6], "0.89")
        .replace(cells[7], "0.91");
    let changed = summary.replace(row, &other);
    // As an engine would have written it that draws otherwise.
    let hash = |text: &str| blake3::hash(text.as_bytes()).to_hex().to_string();
    let manifest = place
        .text("old/manifest.json")
        .replace(&hash(&summary), &hash(&changed));
    fs::write(place.path("old/summary.csv"), changed).expect("written");
    fs::write(place.path("old/manifest.json"), manifest).expect("written");
    let since = since(&place, &[]);
    let reason = since["unpaired"].as_str().expect("a reason");
    assert!(
        reason.contains("plays the earlier scenario to other figures"),
        "{reason}"
    );
    assert_eq!(changes(&since).len(), 1);
    assert_eq!(changes(&since)[0]["is_beyond_noise"], true);
    assert_eq!(check_differences(&since), 1);
}

#[test]
fn results_of_several_scenarios_are_found_by_name() {
    let place = place(&[]);
    fs::create_dir(place.path("plans")).expect("made");
    fs::write(place.path("plans/delays.csv"), "days\n3\n10\n20\n").expect("written");
    for name in ["one", "two"] {
        fs::write(place.path(&format!("plans/{name}.toml")), PLAN).expect("written");
    }
    let run = place.run(&[
        "run",
        "plans/one.toml",
        "old-plan.toml",
        "--trials",
        "1000",
        "--quiet",
    ]);
    assert_eq!(run.code, 2, "one of them is not there");
    let both = place.run(&["test", "plans", "--baseline", "results"]);
    assert_eq!(both.code, 0, "{}", both.stderr);
    let lines = [
        "since results/one (1,000 futures",
        "not compared: there is no result of `two` in `results`",
    ];
    assert!(
        lines.iter().all(|line| both.stdout.contains(line)),
        "{}",
        both.stdout
    );
    // A folder that is a result itself is compared with, whatever the scenario is called now.
    fs::rename(place.path("plan.toml"), place.path("renamed.toml")).expect("renamed");
    let renamed = place.run(&["test", "renamed.toml", "--baseline", "old"]);
    assert!(
        renamed.stdout.contains("since old (4,000 futures"),
        "{}",
        renamed.stdout
    );
    for absent in ["nowhere", "plans"] {
        let ended = place.run(&["test", "renamed.toml", "--baseline", absent]);
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("there is no result of `ceasefire run`"),
            "{}",
            ended.stderr
        );
    }
    fs::write(place.path("old/summary.csv"), "scenario,subject\n").expect("written");
    let broken = place.run(&["test", "renamed.toml", "--baseline", "old"]);
    assert_eq!(broken.code, 2, "{}", broken.stderr);
    assert!(
        broken
            .stderr
            .contains("`old/summary.csv` is not as it was written"),
        "{}",
        broken.stderr
    );
    fs::remove_file(place.path("old/summary.csv")).expect("removed");
    let broken = place.run(&["test", "renamed.toml", "--baseline", "old"]);
    assert_eq!(broken.code, 4, "{}", broken.stderr);
}

#[test]
fn changes_stand_in_the_forms_for_people_and_overturn_no_claim() {
    let place = place(&[]);
    change(&place, "chance = 0.5\nafter", "chance = 0.55\nafter");
    let ended = test(
        &place,
        &["--github", "--markdown", "claims.md", "--junit", "claims.xml"],
    );
    assert_eq!(
        (ended.code, ended.stdout.as_str()),
        (0, ""),
        "--quiet tells what does not hold"
    );
    let notice = "::notice file=plan.toml,title=since old::";
    assert!(ended.stderr.contains(notice), "{}", ended.stderr);
    let table = place.text("claims.md");
    assert!(table.contains("- `ceasefire.chance: 0.5 → 0.55`"), "{table}");
    assert!(table.contains("| `mission: ready_by on day 100` |"), "{table}");
}
