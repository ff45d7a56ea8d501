//! Claims as the XML of `JUnit`.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use super::{Answer, Claim, Scenario};
use crate::shown::xml;

/// A suite for each scenario, a case for each claim: a claim that fails is a failure, an undecided one and a scenario
/// with faults are errors. The time of a case is how long it took until the claim was decided: claims of one scenario are judged on
/// the same futures, so these times overlap.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let mut report = Report::new("ceasefire test");
    report.add_test_suites(scenarios.iter().map(suite));
    report.set_time(scenarios.iter().map(|scenario| scenario.took).sum());
    let text = report.to_string();
    text.expect("all texts are free of what XML cannot hold")
        .into_bytes()
}

fn suite(scenario: &Scenario) -> TestSuite {
    let mut suite = TestSuite::new(xml(&scenario.file));
    suite.set_time(scenario.took);
    if !scenario.faults.is_empty() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_message("the scenario has faults");
        let faults: Vec<String> = scenario.faults.iter().map(ToString::to_string).collect();
        status.set_description(xml(&faults.join("\n")));
        suite.add_test_case(TestCase::new("the scenario can be played", status));
    }
    suite.add_test_cases(scenario.claims.iter().map(|claim| case(scenario, claim)));
    suite
}

fn case(scenario: &Scenario, claim: &Claim) -> TestCase {
    let status = match claim.answer {
        Answer::Holds => TestCaseStatus::success(),
        Answer::Fails => non_success(NonSuccessKind::Failure, claim),
        Answer::Undecided => non_success(NonSuccessKind::Error, claim),
    };
    let mut case = TestCase::new(xml(&format!("{} {}", claim.address, claim.words)), status);
    case.set_classname(xml(&scenario.file));
    case.set_time(claim.took);
    case.set_system_out(with_note(
        &format!("{}: {}", claim.answer.name(), claim.found),
        claim,
    ));
    case
}

fn non_success(kind: NonSuccessKind, claim: &Claim) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(kind);
    status.set_message(format!("{}: {}", claim.answer.name(), claim.found));
    status.set_description(with_note(&format!("{}:{}", claim.file, claim.line), claim));
    status
}

/// A text, and below it why the claim is made.
fn with_note(text: &str, claim: &Claim) -> String {
    let note = claim.note.as_ref().map(|note| format!("\n{note}"));
    xml(&format!("{text}{}", note.unwrap_or_default()))
}
