//! Scenarios whose answers are known in closed form, played a million times each.
//!
//! A figure passes if it lies within [`ERRORS`] standard errors of the exact answer: a right engine fails one check in
//! 150,000, and since the seed is fixed it either always passes or never does. Where the trace tells what was drawn,
//! single trials are compared exactly as well.

use ceasefire::distribution::{Argument, Arguments, Distribution, family};
use ceasefire::estimate::Estimate;

use crate::harness::{NEVER, Scenario};

const MILLION: u64 = 1_000_000;

/// Standard errors between a figure and its exact value.
const ERRORS: f64 = 4.5;

/// The 97.5 % quantile of the standard normal: half the length of a 95 % interval in standard errors.
const HALF: f64 = 1.959_963_984_540_054;

/// Holds a share of trials against the probability that it estimates.
fn assert_probability(what: &str, found: Estimate, exact: f64) {
    let error = (exact * (1.0 - exact) / found.trials as f64).sqrt();
    let off = (found.estimate - exact).abs();
    assert!(
        off <= ERRORS * error,
        "{what}: {} of {} trials, exactly {exact}: {:.1} standard errors off",
        found.estimate,
        found.trials,
        off / error
    );
}

/// Holds a mean against its exact value, with the standard error that its own interval tells.
fn assert_mean(what: &str, found: Estimate, exact: f64) {
    let error = (found.high - found.low) / 2.0 / HALF;
    let off = (found.estimate - exact).abs();
    assert!(
        off <= ERRORS * error,
        "{what}: {} ± {error}, exactly {exact}: {:.1} standard errors off",
        found.estimate,
        off / error
    );
}

/// A duration as it runs: in millionths of a day.
fn in_ticks(days: f64) -> f64 {
    (days * 1e6).round_ties_even() / 1e6
}

/// Four independent exponential delays of mean 30, all over by day d: (1 − e^(−d/30))⁴; 0.8152 on day 90.
#[test]
fn four_delays_must_all_be_over() {
    let delays = ["planning", "mandate", "agreement", "ports"];
    let tables =
        delays.map(|name| format!("[processes.{name}]\nafter = {{ exponential = {{ mean = \"30d\" }} }}\n"));
    let gates = delays.map(|name| format!("\"processes.{name}\""));
    let scenario = Scenario::days(
        120,
        &format!("{}[mission]\nrequires = [{}]", tables.concat(), gates.join(", ")),
    );
    let results = scenario.clone().trials(MILLION).results();
    let over = |day: usize| 1.0 - (-(day as f64) / 30.0).exp();
    assert!((over(90).powi(4) - 0.8152).abs() < 5e-5);
    for day in [1, 10, 30, 60, 90, 120] {
        assert_probability("ready by", results.mission.ready_by[day], over(day).powi(4));
        assert_probability("ready at", results.mission.ready_at[day], over(day).powi(4));
        for gate in &results.gates {
            assert_probability("granted", gate.ready_if_granted[day], over(day).powi(3));
        }
    }
    let never_lost = results.mission.lost;
    assert_eq!(never_lost.estimate, 0.0);
    for gate in &results.gates {
        assert_probability("bottleneck", gate.bottleneck, 0.25);
        assert_probability("decisive", gate.decisive, over(120).powi(3) * (1.0 - over(120)));
    }
    // One trial: each delay is the quantile of its uniform, and the last of them is the answer.
    let played = scenario.build();
    for trial in 0..100 {
        let told = played.trace(1, trial);
        let mut last = 0.0_f64;
        for name in delays {
            let (uniform, days) = told
                .draw(&format!("processes.{name}.after"), 0)
                .expect("it is always drawn");
            // The table of the quantile function keeps within 1e-6 of the range between the deciles, 30·ln 9.
            assert!((days + 30.0 * (1.0 - uniform).ln()).abs() < 1e-6 * 66.0 + 1e-6);
            last = last.max(days);
        }
        let ready = if last <= 120.0 {
            vec![(in_ticks(last), NEVER)]
        } else {
            vec![]
        };
        assert_eq!(told.ready(), ready);
    }
}

/// Off for an exponential time of mean 20, on for one of mean 50, and so on: on at t with probability
/// λ/(λ+μ)·(1 − e^(−(λ+μ)t)).
#[test]
fn an_on_off_process_is_available() {
    let scenario = Scenario::days(
        200,
        "[ceasefire]
         after = { exponential = { mean = 20 } }
         lasts = { exponential = { mean = 50 } }
         again = { exponential = { mean = 20 } }
         [mission]
         requires = [\"ceasefire\"]",
    );
    let results = scenario.clone().trials(MILLION).results();
    let (on, off) = (1.0 / 20.0, 1.0 / 50.0);
    let both: f64 = on + off;
    let mission = &results.mission;
    for day in [1, 5, 10, 20, 50, 100, 200] {
        let t = day as f64;
        let available = on / both * (1.0 - (-both * t).exp());
        assert_probability("available", mission.ready_at[day], available);
        assert_probability("ready by", mission.ready_by[day], 1.0 - (-on * t).exp());
    }
    let days = on / both * (200.0 - (1.0 - (-both * 200.0).exp()) / both);
    assert_mean("days ready", mission.days_ready, days);
    // Lost: the first two clocks together, a sum of two exponential times, are over.
    let sum_is_over = 1.0 - (on * (-off * 200.0).exp() - off * (-on * 200.0).exp()) / (on - off);
    assert_probability("lost", mission.lost, sum_is_over);
    // One trial: the spells are the sums of what was drawn.
    let played = scenario.build();
    for trial in 0..100 {
        let told = played.trace(1, trial);
        let mut expected = Vec::new();
        let days = |address: &str, visit| in_ticks(told.draw(address, visit).expect("it is drawn").1);
        let mut now = days("ceasefire.after", 0);
        for visit in 0.. {
            if now > 200.0 {
                break;
            }
            let end = in_ticks(now + days("ceasefire.lasts", visit));
            if end > 200.0 {
                expected.push((now, NEVER));
                break;
            }
            expected.push((now, end));
            now = in_ticks(end + days("ceasefire.again", visit));
        }
        assert_eq!(told.signal("ceasefire"), expected, "trial {trial}");
    }
}

/// Two exponential clocks race out of one state: that of mean 30 wins against that of mean 60 by day t with
/// probability (2/3)·(1 − e^(−t/20)).
#[test]
fn the_faster_of_two_clocks_moves_the_process() {
    let results = Scenario::days(
        100,
        "[processes.talks]
         states = [\"broken\", \"going\", \"done\"]
         initial = \"going\"
         [[processes.talks.transitions]]
         from = \"going\"
         to = \"done\"
         after = { exponential = { mean = 30 } }
         [[processes.talks.transitions]]
         from = \"going\"
         to = \"broken\"
         after = { exponential = { mean = 60 } }
         [objectives.done]
         requires = [\"processes.talks.done\"]
         [objectives.broken]
         requires = [{ none = [\"processes.talks.going\"] }]",
    )
    .trials(MILLION)
    .results();
    for day in [1, 5, 20, 50, 100] {
        let over = 1.0 - (-(day as f64) / 20.0).exp();
        let [broken, done] = ["broken", "done"].map(|name| {
            let subject = format!("objectives.{name}");
            results
                .objectives
                .iter()
                .find(|one| one.subject == subject)
                .expect("defined")
                .ready_by[day]
        });
        assert_probability("done", done, over * 2.0 / 3.0);
        assert_probability("broken", broken, over / 3.0);
    }
}

/// A hazard ratio of 2 turns an exponential time of mean 40 into one of mean 20, by a driver or by a condition.
#[test]
fn a_hazard_ratio_of_two_halves_the_mean() {
    for cause in ["\"drivers.pressure\"", "{ from = 2025-04-10 }"] {
        let scenario = Scenario::days(
            300,
            &format!(
                "[drivers.pressure]
                 value = 1
                 [ceasefire]
                 after = {{ exponential = {{ mean = 40 }} }}
                 [[effects]]
                 cause = {cause}
                 hazard = [\"ceasefire.after\"]
                 ratio = 2
                 [mission]
                 requires = [\"ceasefire\"]"
            ),
        );
        let results = scenario.clone().trials(MILLION).results();
        for day in [1, 10, 20, 40, 100, 300] {
            let over = 1.0 - (-(day as f64) / 20.0).exp();
            assert_probability("ready by", results.mission.ready_by[day], over);
        }
        // The horizon cuts off 20·e^(−15) days: the mean is 20 but for 6e-6.
        let waited = 300.0 - results.mission.days_ready.estimate;
        let error = 20.0 / 1e3;
        assert!((waited - 20.0).abs() < ERRORS * error, "{waited}");
        // One trial: with twice the hazard, the same uniform gives half the time. Twice the error of the table, 1e-6 of
        // the range between the deciles, 40·ln 9.
        let played = scenario.build();
        for trial in 0..100 {
            let told = played.trace(1, trial);
            let drawn = told.draw("ceasefire.after", 0).expect("drawn").1;
            let spells = told.signal("ceasefire");
            assert_eq!(spells.len(), 1);
            assert!(
                (spells[0].0 - drawn / 2.0).abs() < 2.0 * 1e-6 * 88.0,
                "{drawn} {spells:?}"
            );
        }
    }
}

/// At least three of five independent chances of 0.8: 10·0.8³·0.2² + 5·0.8⁴·0.2 + 0.8⁵ = 0.94208.
#[test]
fn three_of_five_chances() {
    let names = ["france", "uk", "germany", "poland", "italy"];
    let tables = names.map(|name| format!("[contributors.{name}]\nchance = 0.8\n"));
    let of = names.map(|name| format!("\"contributors.{name}\""));
    let scenario = Scenario::days(
        10,
        &format!(
            "{}[mission]\nrequires = [{{ at_least = 3, of = [{}] }}]",
            tables.concat(),
            of.join(", ")
        ),
    );
    let results = scenario.clone().trials(MILLION).results();
    assert_probability("three of five", results.mission.ready_by[10], 0.942_08);
    assert_probability("at once", results.mission.ready_at[0], 0.942_08);
    for contributor in &results.contributors {
        assert_probability(&contributor.subject, contributor.pledged_by[0], 0.8);
    }
    let played = scenario.build();
    for trial in 0..200 {
        let told = played.trace(1, trial);
        let uniform = |name: &str| {
            told.draw(&format!("contributors.{name}.chance"), 0)
                .expect("drawn")
                .0
        };
        let yes = names.into_iter().filter(|name| uniform(name) < 0.8).count();
        assert_eq!(told.ready().is_empty(), yes < 3, "trial {trial}: {yes} of five");
    }
}

/// Two chances of 0.7 under a Gaussian copula with rho 0.5 are both yes with probability 0.55677: the bivariate normal
/// distribution at (z, z), z the 70th percentile. One common factor and a matrix say the same.
#[test]
fn two_chances_under_a_copula() {
    for how in ["rho = 0.5", "matrix = [[1, 0.5], [0.5, 1]]"] {
        let scenario = Scenario::days(
            10,
            &format!(
                "[us_support.logistics]
                 chance = 0.7
                 [us_support.intelligence]
                 chance = 0.7
                 [[correlations]]
                 of = [\"us_support.*.chance\"]
                 {how}
                 [mission]
                 requires = [\"us_support.logistics\", \"us_support.intelligence\"]"
            ),
        );
        let results = scenario.clone().trials(MILLION).results();
        // 0.55677 is known to five digits: half of the last is far below the standard error of 5e-4.
        assert_probability("both", results.mission.ready_by[10], 0.556_77);
        for gate in &results.gates {
            assert_probability("each", gate.open.ready_by[10], 0.7);
            assert_probability("granted", gate.ready_if_granted[10], 0.7);
        }
        let played = scenario.build();
        for trial in 0..200 {
            let told = played.trace(1, trial);
            let below = |name: &str| {
                told.draw(&format!("us_support.{name}.chance"), 0)
                    .expect("drawn")
                    .0
                    < 0.7
            };
            assert_eq!(
                told.ready().is_empty(),
                !(below("logistics") && below("intelligence"))
            );
        }
    }
}

/// The sum of two uniform amounts, on [0, 10] and [0, 20], is at least 18 with probability 1 − 130/200 = 0.35.
#[test]
fn a_threshold_on_the_sum_of_two_amounts() {
    let scenario = Scenario::days(
        10,
        "[capabilities.troops]
         [contributors.france.provides.troops]
         amount = { uniform = { min = 0, max = 10 } }
         [contributors.uk.provides.troops]
         amount = { uniform = { min = 0, max = 20 } }
         notice_to_move = 3
         [mission]
         requires = [{ capability = \"troops\", at_least = 18 }]",
    );
    let results = scenario.clone().trials(MILLION).results();
    assert_eq!(results.mission.ready_by[2].estimate, 0.0);
    assert_probability("enough", results.mission.ready_by[3], 0.35);
    let troops = &results.capabilities[0];
    assert_mean("mean before", troops.mean[2], 5.0);
    assert_mean("mean after", troops.mean[3], 15.0);
    let played = scenario.build();
    for trial in 0..200 {
        let told = played.trace(1, trial);
        let (france, uk) = (told.package("france", "troops").1, told.package("uk", "troops").1);
        let ready = if france + uk >= 18.0 {
            vec![(3.0, NEVER)]
        } else {
            vec![]
        };
        assert_eq!(told.ready(), ready, "trial {trial}: {france} + {uk}");
    }
}

/// Mean and variance of a triangular and of PERT distributions, from a million draws of a duration.
#[test]
fn means_and_variances_of_triangular_and_pert() {
    let (min, mode, max): (f64, f64, f64) = (20.0, 45.0, 120.0);
    let triangular = (
        (min + mode + max) / 3.0,
        (min * min + mode * mode + max * max - min * mode - min * max - mode * max) / 18.0,
    );
    let pert = |shape: f64| {
        let mean = (min + shape * mode + max) / (shape + 2.0);
        (mean, (mean - min) * (max - mean) / (shape + 3.0))
    };
    let cases = [
        ("triangular = { min = 20, mode = 45, max = 120 }", triangular),
        ("pert = { min = 20, mode = 45, max = 120 }", pert(4.0)),
        ("pert = { min = 20, mode = 45, max = 120, shape = 2 }", pert(2.0)),
    ];
    for (law, (mean, variance)) in cases {
        let text = format!("[processes.plan]\nafter = {{ {law} }}\n[mission]\nrequires = \"processes.plan\"");
        let delays = Scenario::days(120, &text).trials(MILLION).first_moments();
        let count = MILLION as f64;
        let found_mean = delays.iter().sum::<f64>() / count;
        let found_variance = delays
            .iter()
            .map(|delay| (delay - found_mean).powi(2))
            .sum::<f64>()
            / count;
        let error = (variance / count).sqrt();
        assert!(
            (found_mean - mean).abs() < ERRORS * error,
            "{law}: mean {found_mean}, exactly {mean}"
        );
        // The error of a variance is σ²·√((κ − 1)/n); the kurtosis κ of these is below 3.
        let error = variance * (2.0 / count).sqrt();
        assert!(
            (found_variance - variance).abs() < ERRORS * error,
            "{law}: variance {found_variance}, exactly {variance}"
        );
    }
    let arguments =
        [("min", min), ("mode", mode), ("max", max)].map(|(key, value)| (key, Argument::from(value)));
    for (name, (mean, variance)) in [("triangular", triangular), ("pert", pert(4.0))] {
        let family = family(name).expect("registered");
        let law =
            Distribution::new(family, &Arguments::from(arguments.clone()), None, None).expect("possible");
        assert!(
            (law.mean() - mean).abs() < 1e-9 && (law.variance() - variance).abs() < 1e-7,
            "{name}"
        );
    }
}
