//! Claims for people.

use anstyle::{AnsiColor, Style};

use super::{Answer, Claim, Counts, Scenario};
use crate::report::changes::Since;
use crate::report::number::thousands;
use crate::shown::{cut, line};

/// The longest note that is shown whole, in characters.
const NOTE: usize = 240;

/// What came of one scenario: a line for it, and two or three for each of its claims; with `is_quiet` only for those that do not hold.
#[must_use]
pub fn scenario(scenario: &Scenario, colour: bool, is_quiet: bool) -> String {
    let file = line(&scenario.file);
    let mut text = match (scenario.faults.len(), scenario.claims.len()) {
        (0, 0) => format!("{file}: no claims, so nothing was judged\n"),
        (0, _) => format!(
            "{file} ({} futures, seed {})\n",
            thousands(scenario.trials as f64, 0),
            scenario.seed
        ),
        (faults, _) => format!("{file}: not judged, {}\n", count(faults, "fault")),
    };
    let is_told = |claim: &&Claim| !is_quiet || claim.answer != Answer::Holds;
    for claim in scenario.claims.iter().filter(is_told) {
        text += &told(claim, colour);
    }
    text + &scenario.since.as_ref().map_or_else(String::new, Since::words)
}

fn told(claim: &Claim, colour: bool) -> String {
    let style = match claim.answer {
        _ if !colour => Style::new(),
        Answer::Holds => AnsiColor::Green.on_default(),
        Answer::Fails => AnsiColor::Red.on_default().bold(),
        Answer::Undecided => AnsiColor::Yellow.on_default().bold(),
    };
    let trials = claim.means.first().map_or(0, |mean| mean.trials);
    let note = claim.note.as_ref();
    let note = note.map(|note| format!("             Note: {}\n", cut(note, NOTE)));
    format!(
        "  {style}{:9}{style:#}  {}\n             {} after {} futures\n{}",
        claim.answer.name(),
        line(&claim.words),
        claim.found,
        thousands(trials as f64, 0),
        note.unwrap_or_default(),
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
    let claims = counts.hold + counts.fail + counts.undecided;
    let mut parts = if claims == 0 {
        vec!["no claim was judged".to_owned()]
    } else {
        vec![
            format!("{} of {} hold", counts.hold, count(claims, "claim")),
            format!("{} fail", counts.fail),
            format!("{} undecided", counts.undecided),
        ]
    };
    if counts.faulty > 0 {
        parts.push(format!("{} not judged", count(counts.faulty, "faulty scenario")));
    }
    if counts.without_claims > 0 {
        parts.push(format!(
            "{} without claims",
            count(counts.without_claims, "scenario")
        ));
    }
    parts.join(", ")
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}
