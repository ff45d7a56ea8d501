//! `ceasefire selftest` from the command line, with few trials. That it fails where something is off, its own unit tests
//! hold: there is no option for a wrong program.

use std::process::{Command, Output};

use serde_json::Value as Json;

fn selftest(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ceasefire"));
    command.arg("selftest").args(arguments);
    command.output().expect("the program starts")
}

#[test]
fn a_right_program_passes_and_says_so() {
    let output = selftest(&["--trials", "20_000", "--repetitions", "50"]);
    let told = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert!(output.stderr.is_empty(), "progress where there is no terminal");
    for part in [
        "four delays",
        "0.942080",
        "{ pert = ",
        "confidence sequence",
        "`sobol`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert!(told.ends_with("All 46 checks passed (seed 1).\n"), "{told}");
}

#[test]
fn all_that_is_told_is_in_the_json_and_follows_from_the_seed() {
    let arguments = ["--quick", "--trials", "5000", "--repetitions", "20", "--json"];
    let output = selftest(&arguments);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(output.stdout, selftest(&arguments).stdout);
    let report: Json = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!((&report["passed"], &report["format"]), (&true.into(), &1.into()));
    for (list, fields) in [
        (
            "cases",
            ["case", "metric", "formula", "exact", "measured", "z"].as_slice(),
        ),
        ("families", &["law", "draws", "distance", "p"]),
        (
            "coverage",
            &["intervals", "repetitions", "covered", "low", "high", "promised"],
        ),
    ] {
        for row in report[list].as_array().expect("a list") {
            assert_eq!(row["passed"], true);
            assert!(fields.iter().all(|field| !row[field].is_null()), "{row}");
        }
    }
    let other = selftest(&["--trials", "5000", "--repetitions", "20", "--json", "--seed", "2"]);
    assert_ne!(output.stdout, other.stdout);
}

#[test]
fn nothing_at_all_is_refused() {
    assert_eq!(selftest(&["--trials", "0"]).status.code(), Some(2));
    assert_eq!(selftest(&["--repetitions", "0"]).status.code(), Some(2));
}
