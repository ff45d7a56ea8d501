//! What was found, for people.

use std::fmt::Write;

use super::{LEAST_P, LIMIT, Report};

/// The whole answer.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    for part in [cases(report), families(report), coverage(report)] {
        text.push_str(&part);
        text.push('\n');
    }
    let checks = report.cases.len() + report.families.len() + report.coverage.len();
    let off = report.cases.iter().filter(|figure| !figure.passed).count()
        + report.families.iter().filter(|family| !family.passed).count()
        + report.coverage.iter().filter(|kind| !kind.passed).count();
    if off == 0 {
        said(
            &mut text,
            format_args!("All {checks} checks passed (seed {}).", report.seed),
        );
    } else {
        said(
            &mut text,
            format_args!("{off} of {checks} checks FAILED (seed {}).", report.seed),
        );
    }
    text
}

fn said(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes every text");
}

/// What stands behind a row.
fn mark(passed: bool) -> &'static str {
    if passed { "" } else { "  OFF" }
}

fn cases(report: &Report) -> String {
    let trials = report.cases.first().map_or(0, |figure| figure.trials);
    let mut text = format!(
        "Scenarios with an exact answer, {trials} trials each; off beyond {LIMIT} standard errors (z)\n\n{:18}  {:43}  {:>10}  {:>10}  {:>5}\n",
        "case", "figure", "exact", "measured", "z"
    );
    for figure in &report.cases {
        said(
            &mut text,
            format_args!(
                "{:18}  {:43}  {:>10.6}  {:>10.6}  {:>+5.1}{}",
                figure.case,
                figure.metric,
                figure.exact,
                figure.measured,
                figure.z,
                mark(figure.passed)
            ),
        );
    }
    text
}

fn families(report: &Report) -> String {
    let draws = report.families.first().map_or(0, |family| family.draws);
    let mut text = format!(
        "Families against an independent sampler, {draws} draws each; off below p = {LEAST_P:.1e}\n\n{:>8}  {:>7}  law\n",
        "distance", "p"
    );
    for family in &report.families {
        said(
            &mut text,
            format_args!(
                "{:>8.5}  {:>7.4}  {}{}",
                family.distance,
                family.p,
                family.law,
                mark(family.passed)
            ),
        );
    }
    text
}

fn coverage(report: &Report) -> String {
    let repetitions = report.coverage.first().map_or(0, |kind| kind.repetitions);
    let mut text = format!(
        "Coverage of 95 % intervals, {repetitions} of each; off beyond {LIMIT} standard errors (z), upwards only if exact\n\n{:>7}  {:>13}  {:>5}  intervals of\n",
        "covered", "95 % interval", "z"
    );
    for kind in &report.coverage {
        said(
            &mut text,
            format_args!(
                "{:>5.1} %  {:>5.1}–{:<5.1} %  {:>+5.1}  {}{}{}",
                100.0 * kind.coverage,
                100.0 * kind.low,
                100.0 * kind.high,
                kind.z,
                kind.intervals,
                if kind.may_exceed { "; at least" } else { "" },
                mark(kind.passed)
            ),
        );
    }
    text
}
