//! Claims as a table in Markdown.

use std::fmt::Write as _;

use super::{Counts, Scenario, terminal};
use crate::shown::{markdown, markdown_cell as cell};

/// A heading, how many claims hold, and a row for each claim; then what has changed since earlier results.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let mut text = format!(
        "## Claims about scenarios\n\n{}\n\n",
        terminal::counted(Counts::of(scenarios))
    );
    for scenario in scenarios.iter().filter(|scenario| !scenario.faults.is_empty()) {
        let _ = writeln!(text, "{} has faults:\n", markdown(&scenario.file));
        for fault in &scenario.faults {
            let _ = writeln!(text, "- {}", markdown(&fault.to_string()));
        }
        text += "\n";
    }
    text +=
        "| scenario | claim | outcome | found | futures | note |\n| --- | --- | --- | --- | ---: | --- |\n";
    for scenario in scenarios {
        for claim in &scenario.claims {
            let trials = claim.means.first().map_or(0, |mean| mean.trials);
            let _ = writeln!(
                text,
                "| {} | {} | **{}** | {} | {trials} | {} |",
                cell(&scenario.file),
                cell(&claim.words),
                claim.answer.name(),
                claim.found,
                cell(claim.note.as_deref().unwrap_or_default()),
            );
        }
    }
    for scenario in scenarios {
        let since = scenario.since.as_ref();
        text += &since.map_or_else(String::new, |since| since.markdown(&scenario.file));
    }
    text.into_bytes()
}
