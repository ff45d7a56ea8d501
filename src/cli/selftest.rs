//! `ceasefire selftest`: the program tried on what is known exactly.

use std::io::{IsTerminal, Write};

use super::arguments::Selftest;
use super::{Failure, Outcome, terminal};
use crate::selftest::{self, Effort, Report, table};

/// What is done if nothing else is said.
const THOROUGH: Effort = Effort {
    seed: 1,
    trials: 1_000_000,
    repetitions: 10_000,
};

/// What `--quick` does.
const QUICK: Effort = Effort {
    seed: 1,
    trials: 50_000,
    repetitions: 1_000,
};

/// Makes all checks and shows what they found.
pub fn selftest(options: &Selftest) -> Outcome {
    let report = selftest::run(effort(options), &progress).map_err(Failure::Usage)?;
    done();
    answer(&report, options.json)
}

fn effort(options: &Selftest) -> Effort {
    let usual = if options.quick { QUICK } else { THOROUGH };
    Effort {
        seed: options.seed,
        trials: options.trials.unwrap_or(usual.trials),
        repetitions: options.repetitions.unwrap_or(usual.repetitions),
    }
}

/// One line on stderr that tells what is being done, where that is a terminal.
fn progress(what: &str) {
    if std::io::stderr().is_terminal() {
        let mut stderr = anstream::stderr().lock();
        let _ = write!(stderr, "\r\x1b[K{what} …");
        let _ = stderr.flush();
    }
}

/// Takes the line away.
fn done() {
    if std::io::stderr().is_terminal() {
        let _ = write!(anstream::stderr().lock(), "\r\x1b[K");
    }
}

/// Prints what was found; a check that failed is a failure.
fn answer(report: &Report, json: bool) -> Outcome {
    let text = if json {
        let text = serde_json::to_string(report).map_err(|error| Failure::Io(error.to_string()))?;
        format!("{text}\n")
    } else {
        table::text(report)
    };
    terminal::print(&text)?;
    if report.passed { Ok(()) } else { Err(Failure::Off) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{code, exit};

    #[test]
    fn what_is_off_has_an_exit_code_of_its_own() {
        let report = |passed| Report {
            format: 1,
            passed,
            seed: 1,
            limit: selftest::LIMIT,
            cases: Vec::new(),
            families: Vec::new(),
            coverage: Vec::new(),
        };
        for json in [false, true] {
            assert_eq!(code(answer(&report(true), json)), exit::FINE);
            assert_eq!(code(answer(&report(false), json)), exit::OFF);
        }
    }
}
