//! Claims for people.

use anstyle::{AnsiColor, Style};

use super::{Answer, Claim, Counts, Scenario};
use crate::report::changes::Since;
use crate::report::number::thousands;

/// What came of one scenario: a line for it, and two for each of its claims.
#[must_use]
pub fn scenario(scenario: &Scenario, colour: bool) -> String {
    let mut text = match (scenario.faults.len(), scenario.claims.len()) {
        (0, 0) => format!("{}: no claims\n", scenario.file),
        (0, _) => format!(
            "{} ({} futures, seed {})\n",
            scenario.file,
            thousands(scenario.trials as f64, 0),
            scenario.seed
        ),
        (faults, _) => format!("{}: not judged, {}\n", scenario.file, count(faults, "fault")),
    };
    for claim in &scenario.claims {
        text += &line(claim, colour);
    }
    text + &scenario.since.as_ref().map_or_else(String::new, Since::words)
}

fn line(claim: &Claim, colour: bool) -> String {
    let style = match claim.answer {
        _ if !colour => Style::new(),
        Answer::Holds => AnsiColor::Green.on_default(),
        Answer::Fails => AnsiColor::Red.on_default().bold(),
        Answer::Undecided => AnsiColor::Yellow.on_default().bold(),
    };
    let trials = claim.means.first().map_or(0, |mean| mean.trials);
    format!(
        "  {style}{:9}{style:#}  {}\n             {} after {} futures\n",
        claim.answer.name(),
        claim.words,
        claim.found,
        thousands(trials as f64, 0),
    )
}

/// The last line: how many claims hold, and how many do not.
#[must_use]
pub fn summary(scenarios: &[Scenario]) -> String {
    format!(
        "{} in {}\n",
        counted(Counts::of(scenarios)),
        count(scenarios.len(), "scenario")
    )
}

/// How many claims have each answer, in words.
pub(super) fn counted(counts: Counts) -> String {
    let mut parts = vec![
        format!("{} of {} hold", counts.hold, {
            count(counts.hold + counts.fail + counts.undecided, "claim")
        }),
        format!("{} fail", counts.fail),
        format!("{} undecided", counts.undecided),
    ];
    if counts.faulty > 0 {
        parts.push(format!("{} not judged", count(counts.faulty, "faulty scenario")));
    }
    parts.join(", ")
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
