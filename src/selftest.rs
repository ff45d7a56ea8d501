//! The program tried on what is known exactly: does it come to the right figures, and do its intervals hold what they
//! promise?
//!
//! Three kinds of checks, each a registry or a walk over one:
//!
//! - [`cases`]: small scenarios with answers in closed form, played like any other;
//! - [`families`]: the draws of each distribution family against an independent sampler;
//! - [`coverage`]: how many of many intervals contain the truth.
//!
//! # When a check fails
//! Chance alone moves every measured figure, so a check fails only where it lies further off than [`LIMIT`] standard
//! errors, or, where there is a p-value, where that is below the chance of so many, [`LEAST_P`], 6.8·10⁻⁶. A right
//! program then fails one of k checks by chance with a probability of at most k times that: for the 45 checks here in
//! one run of 3,000. What is off by a standard error more than the limit is found in five of six runs, and the standard
//! error shrinks with the number of trials.

use serde::Serialize;

pub mod cases;
pub mod coverage;
pub mod families;
pub mod table;

use cases::{CASES, Case, Figure};
use coverage::Coverage;
use families::Comparison;

/// Standard errors beyond which a figure is off.
pub const LIMIT: f64 = 4.5;

/// The chance that a normal number lies further from its mean than [`LIMIT`] standard deviations.
pub const LEAST_P: f64 = 6.795e-6;

/// How thoroughly to test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effort {
    /// Where all draws start from. Each case, family and interval has a seed of its own that is mixed from it, so that two
    /// seeds share none.
    pub seed: u64,
    /// Trials of each case, and draws of each family, at least 1.
    pub trials: u64,
    /// Intervals of each kind, at least 1.
    pub repetitions: u64,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this form.
    pub format: u32,
    /// Whether nothing is off.
    pub passed: bool,
    /// Where all draws started from.
    pub seed: u64,
    /// Standard errors beyond which a figure is off.
    pub limit: f64,
    /// Figures of scenarios with an exact answer.
    pub cases: Vec<Figure>,
    /// Families of distributions.
    pub families: Vec<Comparison>,
    /// Kinds of intervals.
    pub coverage: Vec<Coverage>,
}

/// Makes all checks; `tell` hears what is being done.
///
/// # Errors
/// A sentence, if no threads can be had.
pub fn run(effort: Effort, tell: &dyn Fn(&str)) -> Result<Report, String> {
    run_with(CASES, effort, tell)
}

/// The same with other cases: what the tests hand wrong ones to.
///
/// # Errors
/// A sentence, if no threads can be had.
pub fn run_with(cases: &[Case], effort: Effort, tell: &dyn Fn(&str)) -> Result<Report, String> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(rayon::current_num_threads())
        .build()
        .map_err(|error| format!("cannot start threads: {error}"))?;
    let cases = cases::play(cases, effort, &pool, tell);
    let families = families::compare(effort, tell);
    let coverage = coverage::measure(effort, &pool, tell);
    let passed = cases.iter().all(|figure| figure.passed)
        && families.iter().all(|family| family.passed)
        && coverage.iter().all(|kind| kind.passed);
    Ok(Report {
        format: 1,
        passed,
        seed: effort.seed,
        limit: LIMIT,
        cases,
        families,
        coverage,
    })
}

#[cfg(test)]
mod tests;
