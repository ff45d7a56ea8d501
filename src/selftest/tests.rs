use super::cases::Known;
use super::*;

const SMALL: Effort = Effort {
    seed: 1,
    trials: 20_000,
    repetitions: 20,
};

#[test]
fn a_wrong_exact_value_is_found_and_told() {
    let three = CASES.iter().find(|case| case.name == "three of five");
    let wrong = Case {
        known: &[Known {
            metric: "ready_by",
            exact: || 0.93,
            formula: "a wrong one",
        }],
        ..*three.expect("it is a case")
    };
    let report = run_with(&[wrong], SMALL, &|_| ()).expect("threads can be had");
    assert!(!report.passed && !report.cases[0].passed);
    assert!(report.families.iter().all(|family| family.passed));
    let told = table::text(&report);
    assert!(
        told.contains("OFF\n") && told.contains("1 of 23 checks FAILED"),
        "{told}"
    );
}

/// The chance of [`LIMIT`] standard errors to both sides.
#[test]
fn both_limits_are_the_same() {
    let p = 2.0 * crate::distribution::special::normal_cdf(-LIMIT);
    assert!((p / LEAST_P - 1.0).abs() < 1e-3, "{p:e}");
}

/// Every example of a closed form is one of a registered figure, and names are told apart.
#[test]
fn cases_have_names_and_formulas() {
    for (number, case) in CASES.iter().enumerate() {
        assert!(CASES[..number].iter().all(|other| other.name != case.name));
        assert!(!case.known.is_empty() && case.known.iter().all(|known| !known.formula.is_empty()));
    }
}
