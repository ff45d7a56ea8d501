//! Claims: each figure is judged by what results say of it, no more often wrongly than promised, and every outcome has
//! its exit code.

use std::fs;

use ceasefire::diagnostic::Span;
use ceasefire::estimate::{Estimate, Results, Subject};
use ceasefire::metric::{Argument, METRICS, SubjectKind};
use ceasefire::model::Claim;
use ceasefire::sampling::Source;
use ceasefire::verdict::{Answer, Court, questions};
use serde_json::Value as Json;

use crate::commands::{Ended, Place};
use crate::harness::{Played, Scenario, pool};
use crate::properties::MIXED;

/// As many trials as are all tallied for totals too.
const TRIALS: u64 = 4_096;

/// A ceasefire with a chance of one half, and so a mission.
const HALF: &str = r#"
format = 1
start = 2025-04-10
horizon = "100d"

[ceasefire]
chance = 0.5

[objectives.peace_on_land]
requires = ["ceasefire"]
"#;

/// A claim with these bounds.
fn claim(metric: &str, subject: &str, day: Option<f64>, quantile: Option<f64>, bounds: [f64; 2]) -> Claim {
    Claim {
        address: "expect.0".to_owned(),
        metric: metric.to_owned(),
        subject: subject.to_owned(),
        day,
        quantile,
        at_least: Some(bounds[0]),
        at_most: Some(bounds[1]),
        confidence: None,
        compared_with: None,
        note: None,
        span: Span {
            source: 0,
            start: 0,
            end: 0,
        },
    }
}

/// The means that the first trials come to, one a question.
fn means(claim: &Claim, played: &Played) -> Vec<Estimate> {
    let pool = pool(2);
    let mut court = Court::new(vec![&played.plan], Source::random(1), &pool);
    let asked = questions(claim, (&played.model, &played.plan), None).expect("it can be judged");
    court.add(asked, 0, 0.95);
    court.hear(TRIALS);
    court.judgements().remove(0).means
}

/// A figure as results have it; for a quantile, the chance of being at most `bound`.
fn figure(results: &Results, metric: &str, subject: &str, day: usize, bound: usize) -> Estimate {
    let fact = || -> &Subject {
        let found = results.subjects().find(|found| found.subject == subject);
        found.unwrap_or_else(|| panic!("there is no {subject}"))
    };
    let gate = || {
        let found = results.gates.iter().find(|gate| gate.open.subject == subject);
        found.unwrap_or_else(|| panic!("there is no {subject}"))
    };
    match metric {
        "ready_by" => fact().ready_by[day],
        "ready_at" => fact().ready_at[day],
        "time" => fact().ready_by[bound],
        "days_ready" => fact().days_ready,
        "lost" => fact().lost,
        "never_together" => results.never_together,
        "bottleneck" => gate().bottleneck,
        "ready_if_granted" => gate().ready_if_granted[day],
        "decisive" => gate().decisive,
        "total_mean" => {
            let mut all = results.capabilities.iter();
            let found = all.find(|found| found.subject == subject);
            found.expect("a capability").mean[day]
        }
        "pledged_by" => {
            let mut all = results.contributors.iter();
            let found = all.find(|found| found.subject == subject);
            found.expect("a contributor").pledged_by[day]
        }
        other => panic!("this test knows no {other}"),
    }
}

/// Each metric, of each subject that has it, on several days: the mean that a claim is judged by is that of the results
/// from the same trials.
#[test]
fn claims_are_judged_by_the_figures_of_results() {
    // With an upper end of the amounts, and without.
    for text in [
        MIXED.replace("at_least = 0 } }", "at_least = 0, at_most = 9000 } }"),
        MIXED.to_owned(),
    ] {
        judged_as_results(text);
    }
}

fn judged_as_results(text: String) {
    let scenario = Scenario::text(text).trials(TRIALS);
    let (played, results) = (scenario.build(), scenario.results());
    let mut judged = Vec::new();
    for subject in played.model.subjects() {
        let kind = SubjectKind::of(&subject).expect("a subject has a kind");
        let known = METRICS.iter().filter(|metric| metric.subjects.contains(&kind));
        for metric in known.filter(|metric| metric.name != "total") {
            let days: &[usize] = match metric.argument {
                Argument::None => &[0],
                _ => &[0, 17, 150, 299, 300],
            };
            for &day in days {
                let when = (metric.argument == Argument::Day).then_some(day as f64);
                let quantile = (metric.argument == Argument::Quantile).then_some(0.5);
                let bounds = match metric.argument {
                    Argument::Quantile => [0.0, day as f64],
                    _ => [0.0, 1.0],
                };
                let claim = claim(metric.name, &subject, when, quantile, bounds);
                let found = means(&claim, &played).pop().expect("there is a question");
                let expected = figure(&results, metric.name, &subject, day, day);
                assert_eq!(found.trials, TRIALS);
                assert!(
                    (found.estimate - expected.estimate).abs() <= 1e-9 * expected.estimate.abs(),
                    "{} of {subject} on day {day}: {found:?}, {expected:?}",
                    metric.name
                );
                assert!(found.low <= found.estimate && found.estimate <= found.high);
                judged.push(metric.name);
            }
        }
    }
    let missing = METRICS.iter().filter(|metric| !judged.contains(&metric.name));
    let missing: Vec<&str> = missing.map(|metric| metric.name).collect();
    assert_eq!(missing, ["total"], "these have a test of their own");
}

/// A total between two others that are certain: 5 of 10 with a chance of one half.
const TOTAL: &str = r#"
format = 1
start = 2025-04-10
horizon = "100d"

[capabilities.troops]
initial = 5

[contributors.a]
chance = 0.5

[contributors.a.provides.troops]
amount = 5
notice_to_move = "10d"

[objectives.peace_on_land]
requires = [{ capability = "troops", at_least = 10 }]
"#;

#[test]
fn quantiles_and_means_of_totals_are_judged() {
    let played = Scenario::text(TOTAL).build();
    let judge = |metric: &str, day, quantile, bounds: [f64; 2]| -> (Answer, Vec<f64>) {
        let claim = claim(metric, "capabilities.troops", Some(day), quantile, bounds);
        let pool = pool(2);
        let mut court = Court::new(vec![&played.plan], Source::random(1), &pool);
        let asked = questions(&claim, (&played.model, &played.plan), None).expect("it can be judged");
        court.add(asked, 0, 0.95);
        court.hear(TRIALS);
        let judgement = court.judgements().remove(0);
        let means = judgement.means.iter().map(|mean| mean.estimate).collect();
        (judgement.answer, means)
    };
    // Before the notice is over the total is 5 for certain.
    assert_eq!(
        judge("total", 9.0, Some(0.5), [5.0, 5.0]),
        (Answer::Holds, vec![0.0, 1.0])
    );
    assert_eq!(
        judge("total", 9.0, Some(0.5), [4.0, 6.0]),
        (Answer::Holds, vec![0.0, 1.0])
    );
    // Then it is 5 or 10: the 25 % quantile is 5, that of 75 % is 10.
    assert_eq!(judge("total", 10.0, Some(0.25), [4.0, 5.0]).0, Answer::Holds);
    assert_eq!(judge("total", 10.0, Some(0.75), [10.0, 10.0]).0, Answer::Holds);
    assert_eq!(judge("total", 10.0, Some(0.75), [5.0, 9.0]).0, Answer::Fails);
    assert_eq!(judge("total_mean", 10.0, None, [7.0, 8.0]).0, Answer::Holds);
    assert_eq!(judge("total_mean", 10.0, None, [8.0, 9.0]).0, Answer::Fails);
    assert_eq!(judge("total_mean", 9.0, None, [4.9, 5.1]).1, [5.0]);
}

/// The ceasefire's chance is exactly the bound, so the claim is true and no number of trials can show it: it is refuted
/// in at most one of twenty runs, however long they go on and wherever they end.
#[test]
fn a_true_claim_is_seldom_refuted() {
    let played = Scenario::text(HALF).build();
    let pool = pool(2);
    let runs = 400;
    let mut refuted = 0;
    for seed in 0..runs {
        let claim = Claim {
            at_most: None,
            ..claim("ready_by", "mission", Some(100.0), None, [0.5, 1.0])
        };
        let mut court = Court::new(vec![&played.plan], Source::random(seed), &pool);
        court.add(
            questions(&claim, (&played.model, &played.plan), None).expect("it can be judged"),
            0,
            0.95,
        );
        while !court.is_decided() && court.played() < 40_000 {
            court.hear(40_000);
        }
        refuted += u32::from(court.judgements()[0].answer == Answer::Fails);
    }
    // The sequence is two-sided and tuned to several widths, so it errs less than it may: 20 would be the limit.
    assert!(refuted <= 20, "{refuted} of {runs}");
}

/// A place with a scenario of one half and these claims.
fn place(claims: &str) -> Place {
    let place = Place::new();
    fs::write(place.path("half.toml"), format!("{HALF}{claims}")).expect("written");
    place
}

fn claims(bounds: &str) -> String {
    format!("\n[[expect]]\nmetric = \"ready_by\"\nday = 100\n{bounds}\n")
}

fn test(place: &Place, options: &str) -> Ended {
    let words = ["test"].into_iter().chain(options.split_whitespace());
    place.run(&words.collect::<Vec<_>>())
}

#[test]
fn every_outcome_has_its_exit_code() {
    let (holds, fails, open) = ("at_least = 0.4", "at_most = 0.4", "at_least = 0.5");
    let code = |claims: &str, options: &str| {
        let ended = test(&place(claims), &format!("half.toml --max-trials 20000 {options}"));
        (ended.code, ended.stdout, ended.stderr)
    };
    let (hold, fail, undecided) = (claims(holds), claims(fails), claims(open));
    assert_eq!(code("", "").0, 0);
    assert!(code("", "").1.contains("no claims"));
    assert_eq!(code(&hold, "").0, 0);
    assert_eq!(code(&fail, "").0, 1);
    assert_eq!(code(&undecided, "").0, 3);
    assert_eq!(
        code(&format!("{hold}{undecided}{fail}"), "").0,
        1,
        "a failure weighs more than a doubt"
    );
    assert_eq!(code(&fail, "absent.toml").0, 2, "and a fault more than a failure");
    assert_eq!(
        code(&claims("at_least = 0.4").replace("ready_by", "redy_by"), "").0,
        2
    );
    assert_eq!(code(&hold, "--junit no/such/folder.xml").0, 4);
    assert_eq!(code(&hold, "no*thing.toml").0, 2);
    assert_eq!(code(&hold, "--junit a.xml --markdown a.xml").0, 2);
    // The name of the file was forgotten: the scenario is not written over.
    for option in ["--junit", "--markdown"] {
        let place = place(&hold);
        let ended = test(&place, &format!("half.toml {option} half.toml"));
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        assert!(
            ended.stderr.contains("would write over the scenario"),
            "{}",
            ended.stderr
        );
        assert!(place.text("half.toml").contains("[ceasefire]"));
    }
}

#[test]
fn a_build_that_judges_nothing_says_so() {
    let place = place("");
    let ended = test(&place, "half.toml");
    assert_eq!(ended.code, 0);
    assert_eq!(
        ended.stdout,
        "half.toml: no claims, so nothing was judged\nno claim was judged, 1 scenario without claims in 1 scenario\n"
    );
    // Quiet or not: that is what somebody must look at.
    assert_eq!(
        test(&place, "half.toml --quiet").stdout,
        "half.toml: no claims, so nothing was judged\n"
    );
    let ended = test(&place, "half.toml --require-claims --json");
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(
        ended.stderr.contains("half.toml: it has no claims"),
        "{}",
        ended.stderr
    );
    let json: Json = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!(json["counts"]["faulty"], 1);
    // One scenario with claims does not speak for another without.
    fs::write(
        place.path("claims.toml"),
        format!("{HALF}{}", claims("at_least = 0.4")),
    )
    .expect("written");
    let ended = test(&place, "half.toml claims.toml --max-trials 20000");
    assert_eq!(ended.code, 0);
    assert!(
        ended.stdout.contains("1 scenario without claims in 2"),
        "{}",
        ended.stdout
    );
    assert_eq!(test(&place, "half.toml claims.toml --require-claims").code, 2);
    assert_eq!(test(&place, "claims.toml --require-claims").code, 0);
}

#[test]
fn quiet_tells_only_of_claims_that_do_not_hold() {
    let claims = format!(
        "{}note = \"a coin\"\n{}note = \"why it is made\"\n",
        claims("at_least = 0.4"),
        claims("at_most = 0.4")
    );
    let place = place(&claims);
    let ended = test(&place, "half.toml --quiet");
    assert_eq!(ended.code, 1);
    assert!(
        !ended.stdout.contains("holds") && !ended.stdout.contains("a coin"),
        "{}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("             Note: why it is made\n"),
        "{}",
        ended.stdout
    );
    assert!(test(&place, "half.toml").stdout.contains("Note: a coin"));
    let ended = test(&place, "half.toml --github --junit c.xml --markdown c.md");
    assert!(ended.stderr.contains("%0Awhy it is made"), "{}", ended.stderr);
    assert!(place.text("c.xml").contains("a coin") && place.text("c.xml").contains("why it is made"));
    assert!(place.text("c.md").contains("| `why it is made` |"));
}

/// A claim that a shorter horizon or a replaced value leaves without its figure is no reason not to play.
#[test]
fn claims_do_not_stop_a_run() {
    let gone = "\n[[expect]]\nmetric = \"lost\"\nsubject = \"objectives.safe_skies\"\nat_most = 0.5\n";
    let compared = "\n[[expect]]\nmetric = \"lost\"\nat_most = 0.5\ncompared_with = \"none.toml\"\n";
    for (claims, set) in [
        (claims("at_least = 0.4"), "horizon=\"50d\""),
        (gone.to_owned(), "ceasefire.chance=0.4"),
        (
            claims("at_least = 0.4").replace("ready_by", "redy_by"),
            "ceasefire.chance=0.4",
        ),
        (compared.to_owned(), "ceasefire.chance=0.4"),
    ] {
        let place = place(&claims);
        let run = ["run", "half.toml", "--set", set, "--trials", "2000"];
        let sweep = [
            "sweep",
            "half.toml",
            "--set",
            set,
            "--axis",
            "ceasefire.chance=0:1:2",
            "--trials",
            "500",
        ];
        let trace = ["trace", "half.toml", "--set", set, "--trial", "1"];
        let explain = ["explain", "half.toml", "--set", set];
        for arguments in [&run[..], &sweep, &trace, &explain] {
            let ended = place.run(arguments);
            assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        }
        let ended = place.run(&[&run[..], &["--force"]].concat());
        assert!(ended.stderr.contains("warning["), "{}", ended.stderr);
        assert!(
            ended.stderr.contains("the claim is left out here"),
            "{}",
            ended.stderr
        );
        for verb in ["test", "validate"] {
            let ended = place.run(&[verb, "half.toml", "--set", set]);
            assert_eq!(ended.code, 2, "{verb}: {}", ended.stderr);
            assert!(ended.stderr.contains("error["), "{}", ended.stderr);
        }
    }
}

#[test]
fn annotations_name_files_by_their_repository() {
    let place = place(&claims("at_most = 0.4"));
    fs::create_dir_all(place.path("plans/.git")).expect("a folder");
    fs::create_dir_all(place.path("plans/scenarios")).expect("a folder");
    fs::copy(place.path("half.toml"), place.path("plans/scenarios/half.toml")).expect("copied");
    let ended = test(&place, "plans/scenarios --github");
    assert!(
        ended.stderr.contains("::error file=scenarios/half.toml,line="),
        "{}",
        ended.stderr
    );
}

#[test]
fn a_fault_in_one_scenario_leaves_the_others_judged() {
    let place = place(&claims("at_least = 0.4"));
    fs::write(place.path("broken.toml"), "format = 1\nx = 3").expect("written");
    let child = "format = 1\nextends = \"broken.toml\"\n";
    fs::write(place.path("child.toml"), child).expect("written");
    let ended = test(&place, "child.toml ./broken.toml --github");
    let annotation = "::error file=broken.toml,line=2,col=1,title=faulty scenario::unknown key";
    assert_eq!(ended.stderr.matches(annotation).count(), 1, "{}", ended.stderr);
    let ended = test(&place, "half.toml --github --set ceasefire.chance=7");
    assert!(
        ended
            .stderr
            .contains("::error file=half.toml,title=faulty scenario::"),
        "{}",
        ended.stderr
    );
    let ended = test(&place, "broken.toml half.toml");
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.contains("1 of 1 claim hold"), "{}", ended.stdout);
    assert!(ended.stderr.contains("unknown-key"), "{}", ended.stderr);
}

#[test]
fn claims_are_written_in_every_form() {
    let place = place(&format!(
        "{}{}",
        claims("at_least = 0.4"),
        claims("at_most = 0.4")
    ));
    let ended = test(
        &place,
        "half.toml --json --quiet --github --junit claims.xml --markdown claims.md",
    );
    assert_eq!(ended.code, 1);
    let json: Json = serde_json::from_str(&ended.stdout).expect("JSON and nothing else");
    assert_eq!(json["counts"]["fail"], 1);
    assert_eq!(json["scenarios"][0]["claims"][0]["answer"], "holds");
    let line = HALF.lines().count() as u64 + 7;
    assert_eq!(json["scenarios"][0]["claims"][1]["line"], line);
    assert!(
        ended
            .stderr
            .contains(&format!("::error file=half.toml,line={line},title=claim fails::")),
        "{}",
        ended.stderr
    );
    assert!(
        place
            .text("claims.xml")
            .contains("tests=\"2\" skipped=\"0\" failures=\"1\"")
    );
    assert!(place.text("claims.md").contains("| **fails** |"));
}

#[test]
fn github_is_spoken_to_where_it_listens() {
    let place = place(&claims("at_most = 0.4"));
    let mut command = place.command(&["test", "half.toml"]);
    command
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_STEP_SUMMARY", place.path("summary.md"));
    let output = command.output().expect("it can be started");
    assert!(String::from_utf8_lossy(&output.stderr).contains("::error file=half.toml"));
    assert!(place.text("summary.md").contains("1 fail"));
}

#[test]
fn two_scenarios_are_compared_on_the_same_futures() {
    let compared = |bounds: &str| claims(&format!("compared_with = \"other.toml\"\n{bounds}"));
    let outcome = |other: &str, bounds: &str| {
        let place = place(&compared(bounds));
        fs::write(place.path("other.toml"), HALF.replace("chance = 0.5", other)).expect("written");
        test(&place, "half.toml --max-trials 20000 --json")
    };
    let same = outcome("chance = 0.5", "between = [-0.01, 0.01]");
    assert_eq!(same.code, 0, "{}", same.stdout);
    // The same uniforms: 10 points more are 10 points more in every run, not just on the average.
    let less = outcome("chance = 0.4", "between = [0.08, 0.12]");
    assert_eq!(less.code, 0, "{}", less.stdout);
    assert_eq!(outcome("chance = 0.4", "at_least = 0.2").code, 1);
    assert_eq!(outcome("chance = 0.6", "at_most = -0.05").code, 0);
}

/// However its path is written, the other scenario is the other scenario: a difference is never judged as a figure by itself.
#[test]
fn a_scenario_is_compared_with_however_its_path_is_written() {
    let claim = |path: &str| {
        format!(
            "\n[[expect]]\nmetric = \"ready_by\"\nday = 100\nat_least = 0.3\ncompared_with = \"{path}\"\n"
        )
    };
    let place = Place::new();
    fs::create_dir_all(place.path("below/deep")).expect("it can be made");
    fs::write(place.path("below/other.toml"), HALF).expect("written");
    // Written in one folder and read from another, the same words mean two files.
    fs::write(place.path("below/deep/other.toml"), HALF.replace("0.5", "0.1")).expect("written");
    let paths = [
        "other.toml",
        "./other.toml",
        "deep/../other.toml",
        "deep/other.toml",
    ];
    let claims: Vec<String> = paths.map(claim).to_vec();
    fs::write(place.path("below/half.toml"), HALF.to_owned() + &claims.concat()).expect("written");
    let ended = place.run(&["test", "below/half.toml", "--json"]);
    assert_eq!(ended.code, 1, "{}", ended.stdout);
    let told: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let answers: Vec<&str> = told["scenarios"][0]["claims"]
        .as_array()
        .expect("claims")
        .iter()
        .map(|claim| claim["answer"].as_str().expect("an answer"))
        .collect();
    assert_eq!(answers, ["fails", "fails", "fails", "holds"], "{}", ended.stdout);
}

#[test]
fn a_comparison_that_has_no_meaning_is_refused() {
    let refused = |other: &str, words: &str| {
        let place = place(&claims("at_least = 0\ncompared_with = \"other.toml\""));
        if !other.is_empty() {
            fs::write(place.path("other.toml"), other).expect("written");
        }
        for verb in ["validate", "test"] {
            let ended = place.run(&[verb, "half.toml"]);
            assert_eq!(ended.code, 2, "{}", ended.stderr);
            let is_told = ended.stderr.contains("compared-scenario") && ended.stderr.contains(words);
            assert!(is_told, "`{words}` is not in: {}", ended.stderr);
        }
    };
    refused("", "there is no such file");
    refused("format = 1\nx = 1", "`other.toml` cannot be compared with");
    refused(&HALF.replace("100d", "99d"), "is followed for 99 days");
    refused(&HALF.replace("04-10", "04-11"), "starts on 2025-04-11");
    let place = place(
        "\n[[expect]]\nmetric = \"ready_by\"\nsubject = \"objectives.peace_on_land\"\nday = 1\nat_least = 0\ncompared_with = \"other.toml\"\n",
    );
    fs::write(
        place.path("other.toml"),
        HALF.replace("peace_on_land", "safe_seas"),
    )
    .expect("written");
    let ended = place.run(&["validate", "half.toml"]);
    assert!(
        ended
            .stderr
            .contains("it tells nothing of `objectives.peace_on_land`"),
        "{}",
        ended.stderr
    );
}

/// Amounts without an upper end have a mean that can be judged, but not if all futures so far are the same.
#[test]
fn means_of_totals_without_an_upper_end_are_judged() {
    let place = Place::new();
    let text = r#"
format = 1
start = 2025-04-10
horizon = "200d"

[ceasefire]
chance = 0.5
after = { exponential = { mean = "30d" } }

[capabilities.troops]

[contributors.france]
requires = ["ceasefire"]
decision = "40d"

[contributors.france.provides.troops]
amount = { lognormal = { median = 5000, p90 = 9000 } }

[objectives.peace_on_land]
requires = ["ceasefire"]
"#;
    let claim = |day: u32, bound: &str| {
        format!(
            "\n[[expect]]\nmetric = \"total_mean\"\nsubject = \"capabilities.troops\"\nday = {day}\n{bound}\n"
        )
    };
    // The mean of the lognormal is 5,554; a ceasefire of 160 days ago or less comes with a chance of 0.4976.
    let claims = [
        claim(200, "between = [2600, 2900]"),
        claim(200, "at_least = 3000"),
        claim(20, "at_most = 100"),
    ];
    fs::write(place.path("heavy.toml"), text.to_owned() + &claims.concat()).expect("written");
    let ended = place.run(&["test", "heavy.toml", "--max-trials", "200_000", "--json"]);
    assert_eq!(ended.code, 1, "{}", ended.stderr);
    let told: Json = serde_json::from_str(&ended.stdout).expect("JSON");
    let claims = told["scenarios"][0]["claims"].as_array().expect("claims");
    let answers: Vec<&str> = claims
        .iter()
        .filter_map(|claim| claim["answer"].as_str())
        .collect();
    assert_eq!(answers, ["holds", "fails", "undecided"], "{}", ended.stdout);
    assert!(
        claims[2]["found"]
            .as_str()
            .is_some_and(|found| found.contains('∞')),
        "{}",
        claims[2]
    );
}

/// References, claims and gates write a name with a dot in quotes or without.
#[test]
fn a_name_with_a_dot_is_claimed_in_quotes_or_without() {
    let text = r#"
[conditions."cold.snap"]
label = "a cold snap"
all = []
[objectives."a.b"]
requires = ["conditions.\"cold.snap\""]
[drivers."x.y"]
value = 1
[processes.talks]
chance = 0.5
[[effects]]
cause = "drivers.\"x.y\""
odds = ["processes.talks.chance"]
ratio = 2
"#;
    let mut claims = String::new();
    for subject in [
        r#"objectives."a.b""#,
        "objectives.a.b",
        r#"conditions."cold.snap""#,
        r#"gates.objectives."a.b".requires.0"#,
        "gates.objectives.a.b.requires.0",
    ] {
        claims.push_str("[[expect]]\nmetric = \"ready_by\"\nday = 10\nat_least = 0.5\n");
        claims.push_str(&["subject = '", subject, "'\n"].concat());
    }
    let played = Scenario::days(10, &format!("{text}{claims}")).build();
    let subjects: Vec<&str> = played
        .model
        .claims
        .iter()
        .map(|claim| claim.subject.as_str())
        .collect();
    let gate = r#"gates.objectives."a.b".requires.0"#;
    assert_eq!(
        subjects,
        [
            "objectives.a.b",
            "objectives.a.b",
            "conditions.cold.snap",
            gate,
            gate
        ]
    );
    assert_eq!(played.model.gates[0].name, "a cold snap");
}
