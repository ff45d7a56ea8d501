//! Timelines word by word for one scenario, and single sentences for what seldom happens.

use super::timeline;
use crate::model::{Model, build};
use crate::plan::Plan;
use crate::sampling::Source;
use crate::scenario::load::parse;
use crate::study::trace::trace;

fn model(text: &str) -> Model {
    let mut loaded = parse("test.toml", text);
    let model = build(
        &loaded.scenario.expect("it reads"),
        "a test",
        &mut loaded.diagnostics,
    );
    model.expect("it means something")
}

fn told(model: &Model, trial: u64) -> String {
    timeline(model, &trace(model, &Plan::new(model), Source::random(1), trial))
}

/// A trial in which the mission is ready, lost, ready and lost again, and one in which it never is.
#[test]
fn two_trials_word_by_word() {
    let model = model(include_str!("../small.toml"));
    let told = format!("{}\n{}", told(&model, 7), told(&model, 0));
    assert!(told == include_str!("../small.timeline.txt"), "{told}");
}

/// Sentences that are wrapped can be found again.
fn unwrapped(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const SELDOM: &str = r#"
format = 1
start = 2025-01-01
horizon = "100d"
[processes.slow]
after = "400d"
[processes.interrupted]
after = "10d"
requires = { until = 2025-01-06 }
[processes.hopeless]
requires = ["processes.slow"]
[capabilities.ships]
[contributors.late]
decision = "400d"
[contributors.lapsed]
decision = "10d"
requires = { until = 2025-01-06 }
[contributors.waiting]
requires = ["processes.slow"]
[contributors.converted]
chance = 1e-9
provides.ships = { amount = 1, notice_to_move = "60d" }
[[effects]]
cause = { from = 2025-02-20 }
odds = "contributors.converted.chance"
ratio = 1e30
[mission]
requires = [{ until = 2025-01-21, label = "early" }, { from = 2025-01-31, label = "late" }]
"#;

#[test]
fn what_did_not_happen_has_its_reason() {
    let told = unwrapped(&told(&model(SELDOM), 3));
    for expected in [
        "Slow stays off: its clock of 400 days from 2025-01-01 (day 0) on ends beyond the horizon",
        "Interrupted stays off: what it waits for never lasts the 10 days that it takes",
        "Hopeless stays off: what it waits for never holds",
        "it would fall beyond the horizon: Late",
        "what they wait for lapses too soon: Lapsed",
        "what they wait for never holds: Waiting",
        "Pledged, but never there within the horizon: Converted’s ships",
    ] {
        assert!(told.contains(expected), "{expected}\n{told}");
    }
}

#[test]
fn a_chance_that_turns_is_told_twice() {
    let told = unwrapped(&told(&model(SELDOM), 3));
    assert!(
        told.contains("2025-01-01 0.0 Converted decides: no (drew"),
        "{told}"
    );
    assert!(
        told.contains("2025-02-20 50.0 Converted pledges after all (drew"),
        "{told}"
    );
}

#[test]
fn gates_that_open_one_after_the_other_are_never_together() {
    let told = unwrapped(&told(&model(SELDOM), 3));
    let expected = "Every gate opened at some time, but never all together; on day 0 only one was missing. \
                    Most would have been bought by granting “late” (the mission): ready on 2025-01-01 (day 0).";
    assert!(told.contains(expected), "{told}");
}

/// Trials need not be as tidy as the examples: no panic, and no line too long.
#[test]
fn many_trials_can_be_told() {
    for text in [include_str!("../small.toml"), SELDOM] {
        let model = model(text);
        for trial in 0..300 {
            let told = told(&model, trial);
            assert!(
                told.lines()
                    .all(|line| line.chars().count() <= crate::story::WIDTH),
                "{told}"
            );
        }
    }
}
