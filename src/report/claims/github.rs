//! Claims as annotations of GitHub Actions.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use super::{Answer, Claim, Place, Scenario};
use crate::report::changes::Since;

/// A line for each fault (once, however many scenarios extend the file where it is), each claim that fails or is undecided, and each comparison with an earlier result; see "Workflow commands" of GitHub's documentation.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let (mut lines, mut told) = (String::new(), HashSet::new());
    for scenario in scenarios {
        for fault in &scenario.faults {
            let place = match &fault.place {
                Some(Place { file, line, column }) => {
                    format!("file={},line={line},col={column}", property(&plain(file)))
                }
                None => format!("file={}", property(&plain(&scenario.file))),
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
    format!(
        "::{kind} file={},line={},title={}::{}\n",
        property(&plain(&claim.file)),
        claim.line,
        property(&format!("claim {}", claim.answer.name())),
        data(&format!("{}: {}", claim.words, claim.found)),
    )
}

/// A path without `.` and `..` where that is possible: annotations find their file by its name in the repository.
fn plain(path: &str) -> String {
    let mut whole: Vec<Component<'_>> = Vec::new();
    for component in Path::new(path).components() {
        match (component, whole.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(whole.pop()),
            _ => whole.push(component),
        }
    }
    let path: PathBuf = whole.iter().collect();
    path.to_string_lossy().into_owned()
}

/// A message, with what would end it taken out.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property, with what would end it taken out.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
