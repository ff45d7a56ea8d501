//! Claims as annotations of GitHub Actions.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::{Answer, Claim, Place, Scenario};
use crate::report::changes::Since;
use crate::shown::{annotation as data, property};

/// A line for each fault (once, however many scenarios extend the file where it is), each claim that fails or is undecided, and each comparison with an earlier result; see "Workflow commands" of GitHub's documentation.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let (mut lines, mut told) = (String::new(), HashSet::new());
    for scenario in scenarios {
        for fault in &scenario.faults {
            let place = match &fault.place {
                Some(Place { file, line, column }) => {
                    format!("file={},line={line},col={column}", property(file))
                }
                None => format!("file={}", property(&scenario.file)),
            };
            let message = data(&fault.message);
            if told.insert((place.clone(), message.clone())) {
                let _ = writeln!(lines, "::error {place},title=faulty scenario::{message}");
            }
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
    let note = claim.note.as_ref().map(|note| format!("\n{note}"));
    format!(
        "::{kind} file={},line={},title={}::{}\n",
        property(&claim.file),
        claim.line,
        property(&format!("claim {}", claim.answer.name())),
        data(&format!(
            "{}: {}{}",
            claim.words,
            claim.found,
            note.unwrap_or_default()
        )),
    )
}
