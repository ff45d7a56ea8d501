//! One scenario that uses each part of the language, explained word by word.

use super::explain;
use crate::model::build;
use crate::scenario::load::parse;

#[test]
fn a_scenario_word_by_word() {
    let mut loaded = parse("small.toml", include_str!("../small.toml"));
    let scenario = loaded.scenario.expect("it reads");
    let model = build(&scenario, "small", &mut loaded.diagnostics).expect("it means something");
    let told = explain(&model, &scenario);
    assert!(told == include_str!("../small.explain.txt"), "{told}");
}

#[test]
fn a_scenario_of_next_to_nothing_has_its_defaults() {
    let mut loaded = parse("x.toml", "format = 1\nstart = 2025-01-01\nhorizon = 10\n");
    let scenario = loaded.scenario.expect("it reads");
    let model = build(&scenario, "Nothing", &mut loaded.diagnostics).expect("it means something");
    let told = explain(&model, &scenario);
    for expected in [
        "Nothing\n=======\n",
        "for 10 days, to 2025-01-11",
        "Trials        200,000 (default)",
        "Seed          1 (default)",
        "It asks for no objective; it has no conditions of its own.",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}
