//! Sweeps from the command line: axes, rows, files of axes, designs, parts, and what is refused.

use std::collections::BTreeMap;

use crate::commands::{Ended, Place};
use crate::properties::MIXED;

/// A place with a small scenario, and what `sweep` says there.
fn told(place: &Place, options: &[&str]) -> Ended {
    let mut words = vec!["sweep", "mixed.toml", "--trials", "2000"];
    words.extend(options);
    place.run(&words)
}

fn place() -> Place {
    let place = Place::new();
    std::fs::write(place.path("mixed.toml"), MIXED).expect("written");
    place
}

/// The rows of a CSV file, by column.
fn table(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize();
    rows.collect::<Result<_, _>>().expect("it is CSV")
}

#[test]
fn a_row_has_the_figures_of_a_run() {
    let place = place();
    let axis = "us_support.logistics.chance=0.2,0.8";
    let ended = told(
        &place,
        &[
            "--axis", axis, "--metric", "ready_by", "--metric", "time_p10", "--quiet",
        ],
    );
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{}", ended.stderr);
    let rows = table(&place.text("results/mixed-sweep/sweep.csv"));
    assert_eq!(rows.len(), 3);
    for (row, set) in rows[1..].iter().zip(["0.2", "0.8"]) {
        assert_eq!(row["us_support.logistics.chance"], set);
        let set = format!("us_support.logistics.chance={set}");
        let run = place.run(&[
            "run",
            "mixed.toml",
            "--trials",
            "2000",
            "--set",
            &set,
            "--out",
            "results/mixed",
            "--quiet",
        ]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let summary = table(&place.text("results/mixed/summary.csv"));
        let figure = |metric: &str, day: &str| {
            let mut rows = summary.iter();
            let is_it = |row: &&BTreeMap<String, String>| {
                row["subject"] == "mission" && row["metric"] == metric && row["day"] == day
            };
            rows.find(is_it).unwrap_or_else(|| panic!("no {metric}"))
        };
        for end in ["estimate", "low", "high"] {
            let column = |name: &str| match end {
                "estimate" => name.to_owned(),
                end => format!("{name}_{end}"),
            };
            assert_eq!(row[&column("ready_by@300")], figure("ready_by", "300")[end]);
            assert_eq!(row[&column("time_p10")], figure("time_p10", "")[end]);
        }
    }
    assert_eq!(
        rows[0]["us_support.logistics.chance"], "",
        "the base stands first"
    );
    assert!(
        rows[2]["ready_by@300_difference"]
            .parse::<f64>()
            .expect("a number")
            > 0.0
    );
}

#[test]
fn points_are_listed_and_counted_without_playing() {
    let place = place();
    let axes = [
        "--axis",
        "ceasefire.chance=0:1:0.5",
        "--axis",
        "contributors.uk.chance*=0.5,1",
    ];
    let listed = told(&place, &[&axes[..], &["--points"]].concat());
    assert_eq!(
        listed.stdout,
        "point,ceasefire.chance,contributors.uk.chance*\n1,0,0.5\n2,0,1\n3,0.5,0.5\n4,0.5,1\n5,1,0.5\n6,1,1\n"
    );
    let zipped = told(
        &place,
        &[
            "--axis",
            "ceasefire.chance=0,1",
            "--axis",
            "stances.asking=0.1,0.2",
            "--combine",
            "zip",
            "--points",
            "--json",
        ],
    );
    assert_eq!(
        zipped.stdout,
        "{\"point\":1,\"set\":[\"ceasefire.chance=0\",\"stances.asking=0.1\"]}\n{\"point\":2,\"set\":[\"ceasefire.chance=1\",\"stances.asking=0.2\"]}\n"
    );
    let dry = told(&place, &[&axes[..], &["--dry-run"]].concat());
    assert!(
        dry.stdout.starts_with("6 points of 2,000 futures each: ") && dry.stdout.ends_with(" kB on disk\n"),
        "{}",
        dry.stdout
    );
    assert!(!place.path("results").exists());
}

#[test]
fn what_cannot_be_swept_is_told_before_anything_is_played() {
    let place = place();
    for (axis, words) in [
        ("ceasefire.chanse=0.5", "did you mean `chance`?"),
        ("ceasefire.chance=0.5,1.2", "must be a chance from 0 to 1"),
        ("contributors.*.chance*=-2", "`-2` is no factor"),
        ("title*=2", "cannot be multiplied"),
        ("ceasefire.chance", "ADDRESS=VALUES"),
        ("ceasefire.chance=0..1", "name a --design"),
        ("correlations.00.rho=0.1", "the list has no item `00`"),
        (
            "simulation.seed=1,2",
            "belongs into the options of the whole sweep",
        ),
    ] {
        for how in [&[][..], &["--points"], &["--dry-run"]] {
            let ended = told(&place, &[&["--axis", axis], how].concat());
            assert_eq!(ended.code, 2, "{axis} {how:?}");
            assert!(ended.stderr.contains(words), "{axis} {how:?}: {}", ended.stderr);
            assert!(ended.stdout.is_empty(), "{axis} {how:?}: {}", ended.stdout);
        }
    }
    assert_eq!(told(&place, &[]).code, 2);
    let overlap = [
        "--axis",
        "ceasefire.chance=0,1",
        "--axis",
        "contributors.uk.*.*.*=1",
        "--axis",
        "*.chance*=1",
    ];
    let overlap = told(&place, &overlap);
    assert!(
        overlap.code == 2 && overlap.stderr.contains("may be one place"),
        "{}",
        overlap.stderr
    );
    for how in [&[][..], &["--points"], &["--dry-run"]] {
        let misspelt = ["--axis", "ceasefire.chance=1", "--metric", "redy_by"];
        let metric = told(&place, &[&misspelt, how].concat());
        assert!(
            metric.code == 2 && metric.stderr.contains("did you mean `ready_by`?"),
            "{how:?}: {}",
            metric.stderr
        );
    }
    assert!(!place.path("results").exists());
}

/// Nothing is more likely than certain: a chance that comes out above 1 is 1, which is told.
#[test]
fn a_chance_ends_at_one() {
    let place = place();
    let axis = ["--axis", "contributors.*.chance*=1,1.2,2", "--out", "swept"];
    let ended = told(&place, &axis);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let note = "are 1 there: `contributors.france.chance`, `contributors.uk.chance`";
    assert!(ended.stderr.contains(note), "{}", ended.stderr);
    let rows = table(&place.text("swept/sweep.csv"));
    let chances: [(&str, [&str; 2]); 3] = [("1", ["0.9", "0.7"]), ("1.2", ["1", "0.84"]), ("2", ["1", "1"])];
    for (row, (factor, [france, uk])) in rows[1..].iter().zip(chances) {
        assert_eq!(row["contributors.*.chance*"], factor);
        let france = format!("contributors.france.chance={france}");
        let uk = format!("contributors.uk.chance={uk}");
        let run = [
            "run",
            "mixed.toml",
            "--set",
            &france,
            "--set",
            &uk,
            "--trials",
            "2000",
            "--out",
            factor,
        ];
        assert_eq!(place.run(&run).code, 0);
        let summary = table(&place.text(&format!("{factor}/summary.csv")));
        let is_it = |found: &&BTreeMap<String, String>| {
            found["subject"] == "mission" && found["metric"] == "ready_by" && found["day"] == "300"
        };
        let found = summary.iter().find(is_it).expect("it is reported");
        assert_eq!(row["ready_by@300"], found["estimate"], "{factor}");
    }
    let quiet = told(&place, &[&axis[..], &["--quiet", "--force"]].concat());
    assert_eq!((quiet.code, quiet.stderr.as_str()), (0, ""));
}

/// What is checked are points, not values with all else as it stands: some make sense together only.
#[test]
fn values_that_make_sense_together_only_can_be_swept() {
    let place = place();
    let text = "format = 1\nstart = 2025-04-10\nhorizon = \"200d\"\n[ceasefire]\nafter = { uniform = { min = \"1d\", max = \"2d\" } }\n[objectives.peace_on_land]\nrequires = [\"ceasefire\"]\n";
    std::fs::write(place.path("mixed.toml"), text).expect("written");
    let axes = |max: &str| {
        let max = format!("ceasefire.after.uniform.max={max}");
        let min = "ceasefire.after.uniform.min=\"30d\",\"40d\"".to_owned();
        ["--axis".to_owned(), min, "--axis".to_owned(), max]
    };
    for (combine, max, code) in [
        ("zip", "\"50d\",\"60d\"", 0),
        ("grid", "\"50d\",\"60d\"", 0),
        ("zip", "\"35d\",\"45d\"", 0),
        ("grid", "\"35d\",\"45d\"", 2),
        ("list", "\"50d\",\"60d\"", 2),
    ] {
        let axes = axes(max);
        let mut options: Vec<&str> = axes.iter().map(String::as_str).collect();
        options.extend(["--combine", combine]);
        let ended = told(&place, &options);
        assert_eq!(ended.code, code, "{combine} {max}: {}", ended.stderr);
    }
}

/// A fault that all points share is told once; columns of figures whose day differs from point to point do not name one.
#[test]
fn faults_are_told_once_and_days_only_where_they_are_the_same() {
    let place = place();
    let ended = told(&place, &["--axis", "ceasefire.chanse=0:1:0.05"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr.matches("unknown key").count(), 1, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("21 points cannot be played"),
        "{}",
        ended.stderr
    );
    let header = |axis: &str, metric: &str| {
        let options = ["--axis", axis, "--metric", metric, "--force"];
        let ended = told(&place, &options);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let text = place.text("results/mixed-sweep/sweep.csv");
        text.split(',').nth(2).expect("three columns").to_owned()
    };
    assert_eq!(header("horizon=\"300d\",\"400d\"", "ready_by"), "ready_by");
    assert_eq!(header("horizon=\"300d\",\"400d\"", "ready_by@60"), "ready_by@60");
    assert!(header("ceasefire.chance=0.3,0.4", "ready_by").starts_with("ready_by@"));
}

const FILE: &str = r#"
format = 1
scenario = "mixed.toml"
metrics = ["ready_by"]

[[axes]]
addresses = ["us_support.logistics.chance", "ceasefire.chance"]
values = [0.3, 0.6]

[[axes]]
address = "contributors.uk.provides.troops.amount"
multiply = [0.5, 1, 2]
"#;

#[test]
fn a_sweep_in_a_file_is_the_same_as_on_the_command_line() {
    let place = place();
    std::fs::write(place.path("sweep.toml"), FILE).expect("written");
    let file = place.run(&["sweep", "sweep.toml", "--trials", "2000"]);
    assert_eq!(file.code, 0, "{}", file.stderr);
    assert!(file.stdout.contains("███"), "a map of two axes: {}", file.stdout);
    // However its axes are written, it is a sweep.
    for axes in ["[[ axes ]]", "[[axes]] # one"] {
        std::fs::write(place.path("sweep.toml"), FILE.replace("[[axes]]", axes)).expect("written");
        let again = place.run(&["sweep", "sweep.toml", "--trials", "2000"]);
        assert!(
            again.stderr.contains("the text of") || again.stderr.contains("up to date"),
            "{}",
            again.stderr
        );
    }
    let axes = [
        "--axis",
        "us_support.logistics.chance & ceasefire.chance=0.3,0.6",
        "--axis",
        "contributors.uk.provides.troops.amount*=0.5,1,2",
        "--metric",
        "ready_by",
        "--out",
        "results/other",
    ];
    let line = told(&place, &axes);
    assert_eq!(line.code, 0, "{}", line.stderr);
    assert_eq!(
        place.bytes("results/sweep-sweep/sweep.csv"),
        place.bytes("results/other/sweep.csv")
    );
}

#[test]
fn faults_of_a_sweep_file_have_their_places() {
    let place = place();
    for (from, to, words) in [
        ("\"ready_by\"", "\"redy_by\"", "in `sweep.toml:4:12: redy_by`"),
        (
            "\"ready_by\"",
            "\"ready_by\", \"ready_by@300\"",
            "in `sweep.toml:4:24: ready_by@300`: `ready_by@300` is wanted twice",
        ),
        (
            "mixed.toml",
            "nowhere.toml",
            "sweep.toml:3:12: the sweep names `nowhere.toml`",
        ),
        (
            "metrics = ",
            "combine = \"zip\"\ndesign = { method = \"sobol\", points = 4 }\nmetrics = ",
            " --> sweep.toml:4:11",
        ),
        (
            "metrics = ",
            "combine = \"zip\"\nmetrics = ",
            " --> sweep.toml:4:11",
        ),
        (
            "multiply",
            "addresses = [\"ceasefire.chance\"]\nmultiply",
            "one address or several",
        ),
        (
            "values = [0.3, 0.6]",
            "values = [0.3, 0.6]\n[[axes]]\naddress = \"ceasefire.*\"\nvalues = [1]",
            "may be one place",
        ),
        (
            "logistics.chance",
            "logistics.chanse",
            "sweep.toml:6:1: us_support.logistics.chanse=0.3",
        ),
        (
            "troops.amount",
            "troops.amounts",
            "in `sweep.toml:10:1: contributors.uk.provides.troops.amounts*`",
        ),
        (
            "address = \"contributors.uk.provides.troops.amount\"",
            "address = \"simulation.trials\"",
            "belongs into the options",
        ),
        ("format = 1\n", "", "the file lacks the key `format`"),
    ] {
        std::fs::write(place.path("sweep.toml"), FILE.replace(from, to)).expect("written");
        let ended = place.run(&["sweep", "sweep.toml", "--trials", "100"]);
        assert_eq!(ended.code, 2, "{to}");
        assert!(ended.stderr.contains(words), "{to}: {}", ended.stderr);
    }
    std::fs::write(place.path("sweep.toml"), FILE).expect("written");
    for option in [["--combine", "zip"], ["--design", "sobol"]] {
        let ended = place.run(&[&["sweep", "sweep.toml"][..], &option].concat());
        assert!(
            ended.code == 2 && ended.stderr.contains("says itself what is varied"),
            "{}",
            ended.stderr
        );
    }
    for (from, to, words) in [
        ("values = [0.3, 0.6]", "", "takes its values in one way"),
        ("values = [0.3, 0.6]", "values = []", "needs a value"),
        ("multiply = [0.5, 1, 2]", "from = 0", "has both ends"),
        (
            "multiply = [0.5, 1, 2]",
            "from = 0\nto = 1\nsteps = 3\nscale = \"log\"",
            "lies above 0",
        ),
        ("multiply = [0.5, 1, 2]", "from = 0\nto = 1", "a design"),
        (
            "format = 1",
            "format = 1\ncombine = \"gird\"",
            "did you mean `grid`?",
        ),
        (
            "format = 1",
            "format = 1\ndesign = { method = \"sobl\", points = 4 }",
            "did you mean `sobol`?",
        ),
        ("address = ", "adress = ", "unknown-key"),
    ] {
        std::fs::write(place.path("sweep.toml"), FILE.replace(from, to)).expect("written");
        let ended = place.run(&["sweep", "sweep.toml"]);
        assert_eq!(ended.code, 2, "{to}");
        assert!(ended.stderr.contains(words), "{to}: {}", ended.stderr);
        assert!(ended.stderr.contains("sweep.toml:"), "{to}: {}", ended.stderr);
    }
}

#[test]
fn designs_spread_points_over_ranges() {
    let place = place();
    let ended = told(
        &place,
        &[
            "--axis",
            "us_support.logistics.chance=0..1",
            "--axis",
            "ceasefire.after.weibull.scale=20..200:log",
            "--design",
            "sobol",
            "--design-points",
            "16",
            "--json",
            "--quiet",
        ],
    );
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let rows: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    let rows = rows.as_array().expect("a list");
    assert_eq!(rows.len(), 17);
    let below = rows[1..].iter().filter(|row| {
        let chance = row["axes"]["us_support.logistics.chance"]
            .as_str()
            .expect("a value");
        chance.parse::<f64>().expect("a number") < 0.5
    });
    assert_eq!(below.count(), 8, "an even half");
}

#[test]
fn parts_put_together_are_the_whole() {
    let place = place();
    let axes = [
        "--axis",
        "ceasefire.chance=0:1:0.25",
        "--axis",
        "stances.asking=0.2,0.4",
        "--metric",
        "ready_by",
        "--quiet",
    ];
    let code = |options: &[&str]| told(&place, &[&axes[..], options].concat()).code;
    assert_eq!(code(&["--out", "results/whole"]), 0);
    for shard in ["1/3", "2/3", "3/3"] {
        assert_eq!(code(&["--shard", shard]), 0);
    }
    let parts = [1, 2, 3].map(|number| format!("results/mixed-sweep.part-{number}-of-3"));
    let merge =
        |parts: &[&str]| place.run(&[&["merge"], parts, &["--out", "results/merged", "--force"]].concat());
    let all: Vec<&str> = parts.iter().map(String::as_str).collect();
    let merged = merge(&[all[2], all[0], all[1]]);
    assert_eq!(merged.code, 0, "{}", merged.stderr);
    assert_eq!(
        place.bytes("results/merged/sweep.csv"),
        place.bytes("results/whole/sweep.csv")
    );
    for (parts, words) in [
        (vec![all[0], all[2]], "are missing"),
        (vec![all[0], all[1], all[1], all[2]], "in another part too"),
        (vec![all[0], all[1]], "are missing"),
    ] {
        let refused = merge(&parts);
        assert!(
            refused.code == 2 && refused.stderr.contains(words),
            "{}",
            refused.stderr
        );
    }
    assert_eq!(code(&["--shard", "3/3", "--seed", "9"]), 0);
    let refused = merge(&all);
    assert!(
        refused.code == 2 && refused.stderr.contains("the seed of"),
        "{}",
        refused.stderr
    );
    assert_eq!(code(&["--shard", "3/3"]), 0);
    std::fs::write(place.path(&format!("{}/sweep.csv", all[2])), "point\n").expect("written");
    let refused = merge(&all);
    assert!(
        refused.code == 2 && refused.stderr.contains("not as it was written"),
        "{}",
        refused.stderr
    );
}

/// A trial of a point is that of the scenario with the point's values, also when the scenario has changed since.
#[test]
fn points_can_be_traced() {
    let place = place();
    let options = [
        "--axis",
        "contributors.uk.chance*=0.5,1.2",
        "--axis",
        "ceasefire.chance=0.9",
        "--quiet",
    ];
    assert_eq!(told(&place, &options).code, 0);
    let trace = |words: &[&str]| place.run(&[&["trace"], words, &["--trial", "7", "--json"]].concat());
    let set = [
        "--set",
        "contributors.uk.chance=0.84",
        "--set",
        "ceasefire.chance=0.9",
    ];
    let expected = trace(&[&["mixed.toml"], &set[..]].concat());
    assert_eq!(expected.code, 0, "{}", expected.stderr);
    std::fs::write(place.path("mixed.toml"), "format = 1").expect("written");
    let traced = trace(&["results/mixed-sweep", "--point", "2"]);
    assert_eq!(
        (traced.code, &traced.stdout),
        (0, &expected.stdout),
        "{}",
        traced.stderr
    );
    assert_eq!(trace(&["results/mixed-sweep", "--point", "0"]).code, 0);
    for refused in [
        &["results/mixed-sweep"][..],
        &["results/mixed-sweep", "--point", "3"],
    ] {
        assert_eq!(trace(refused).code, 2);
    }
}
