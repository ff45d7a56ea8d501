//! Claims as a table in Markdown.

use std::fmt::Write as _;

use super::{Counts, Scenario, terminal};

/// A heading, how many claims hold, and a row for each claim.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let mut text = format!(
        "## Claims about scenarios\n\n{}\n\n",
        terminal::counted(Counts::of(scenarios))
    );
    for scenario in scenarios.iter().filter(|scenario| !scenario.faults.is_empty()) {
        let _ = writeln!(text, "`{}` has faults:\n", scenario.file);
        for fault in &scenario.faults {
            let _ = writeln!(text, "- {}", cell(fault));
        }
        text += "\n";
    }
    text += "| scenario | claim | outcome | found | futures |\n| --- | --- | --- | --- | ---: |\n";
    for scenario in scenarios {
        for claim in &scenario.claims {
            let trials = claim.means.first().map_or(0, |mean| mean.trials);
            let _ = writeln!(
                text,
                "| `{}` | {} | **{}** | {} | {trials} |",
                cell(&scenario.file),
                cell(&claim.words),
                claim.answer.name(),
                cell(&claim.found),
            );
        }
    }
    text.into_bytes()
}

/// A text that ends no cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
