//! The engine against the oracle: an independent program that computes each trial's outcome from its draws alone.

use crate::generator;
use crate::harness::Scenario;
use crate::oracle;

/// Random scenarios that are played.
const SCENARIOS: u64 = 400;

/// Trials of each.
const TRIALS: u64 = 8;

#[test]
fn every_trial_is_what_the_oracle_makes_of_its_draws() {
    let from: u64 = std::env::var("CEASEFIRE_ORACLE_FROM").map_or(0, |text| text.parse().expect("a number"));
    let scenarios: u64 =
        std::env::var("CEASEFIRE_ORACLE").map_or(SCENARIOS, |text| text.parse().expect("a number"));
    let mut faults = Vec::new();
    for seed in from..from + scenarios {
        let text = generator::scenario(seed);
        let table: toml::Table = text.parse().expect("the generator writes TOML");
        let played = std::panic::catch_unwind(|| Scenario::text(text.clone()).build());
        let Ok(played) = played else {
            faults.push(format!("scenario {seed} refused"));
            continue;
        };
        for trial in 0..TRIALS {
            let told = played.trace(seed, trial);
            if let Err(found) = oracle::check(&table, &told.0) {
                faults.push(format!(
                    "scenario {seed}, trial {trial}:\n  {}",
                    found.join("\n  ")
                ));
            }
        }
    }
    assert!(
        faults.is_empty(),
        "{} trials differ:\n{}",
        faults.len(),
        faults.join("\n")
    );
}
