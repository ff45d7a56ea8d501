//! Claims as annotations of GitHub Actions.

use std::fmt::Write as _;

use super::{Answer, Claim, Place, Scenario};
use crate::report::changes::Since;

/// A line for each fault, each claim that fails or is undecided, and each comparison with an earlier result; see "Workflow commands" of GitHub's documentation.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let mut lines = String::new();
    for scenario in scenarios {
        for fault in &scenario.faults {
            let place = match &fault.place {
                Some(Place { file, line, column }) => {
                    format!("file={},line={line},col={column}", property(file))
                }
                None => format!("file={}", property(&scenario.file)),
            };
            let message = data(&fault.message);
            let _ = writeln!(lines, "::error {place},title=faulty scenario::{message}");
        }
        for claim in &scenario.claims {
            lines += &annotation(claim);
        }
        if let Some(Since::Compared(changes)) = &scenario.since {
            let _ = writeln!(
                lines,
                "::notice file={},title=since {}::{}",
                property(&scenario.file),
                property(&changes.folder),
                data(&changes.counted()),
            );
        }
    }
    lines.into_bytes()
}

fn annotation(claim: &Claim) -> String {
    let kind = match claim.answer {
        Answer::Holds => return String::new(),
        Answer::Fails => "error",
        Answer::Undecided => "warning",
    };
    format!(
        "::{kind} file={},line={},title={}::{}\n",
        property(&claim.file),
        claim.line,
        property(&format!("claim {}", claim.answer.name())),
        data(&format!("{}: {}", claim.words, claim.found)),
    )
}

/// A message, with what would end it taken out.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, with what would end it taken out.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
