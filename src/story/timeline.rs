//! One trial as a timeline: when what happened, why it mattered, what did not happen, and what held the mission back.
//!
//! Everything that is told was computed by the engine and stands in the trace. Only what the trace does not hold, the
//! moment of a refusal or the reason why something never came, is worked out again from the trial's draws (`draws`).

use super::text::{Page, about_days, date, day, listed, moment};
use crate::model::names::{self, capitalised};
use crate::model::{Gate, Model};
use crate::study::trace::{Spells, Trace};

mod draws;
mod ending;
mod events;
mod missing;

use draws::Draws;
use events::Event;

/// The column in which the events of a timeline begin.
const COLUMN: usize = 21;

/// One trial in words.
#[must_use]
pub fn timeline(model: &Model, trace: &Trace) -> String {
    let mut tale = Tale {
        model,
        trace,
        draws: Draws::new(model, trace),
        page: Page::default(),
    };
    tale.title();
    let events = tale.events();
    tale.tell(&events);
    tale.missing();
    tale.gates();
    tale.summary();
    tale.page.into_text()
}

/// What tells a trial, part by part.
struct Tale<'a> {
    model: &'a Model,
    trace: &'a Trace,
    draws: Draws<'a>,
    page: Page,
}

impl Tale<'_> {
    fn title(&mut self) {
        let (start, horizon) = (self.model.start, self.model.horizon);
        let title = format!(
            "Trial {} of seed {}: {}",
            self.trace.trial, self.trace.source.seed, self.model.title
        );
        self.page.line(0, &title);
        self.page.line(
            0,
            &format!(
                "From {} to {}, the horizon; days are counted from midnight UTC of the first.",
                moment(start, 0.0),
                moment(start, horizon)
            ),
        );
    }

    /// All events, those of one moment under one date.
    fn tell(&mut self, events: &[Event]) {
        self.page.heading("What happened");
        let mut last = None;
        for event in events {
            let key = if last == Some(event.at) {
                String::new()
            } else {
                self.when(event.at)
            };
            self.page.hanging(&key, 0, COLUMN, &event.text);
            last = Some(event.at);
        }
        let horizon = self.when(self.model.horizon);
        let end = "The horizon: what would come later does not happen in this trial.";
        self.page.hanging(&horizon, 0, COLUMN, end);
    }

    /// A moment as it begins a line of the timeline.
    fn when(&self, at: f64) -> String {
        let date = date(self.model.start, at).map_or_else(String::new, |date| date.to_string());
        format!("{date:10}  {:>7}", format!("{at:.1}"))
    }

    /// A moment within a sentence.
    fn on(&self, at: f64) -> String {
        moment(self.model.start, at)
    }

    fn process(&self, process: usize) -> String {
        let process = &self.model.processes[process];
        capitalised(&names::process(&process.address, process.label.as_deref()))
    }

    fn contributor(&self, contributor: usize) -> String {
        let contributor = &self.model.contributors[contributor];
        names::contributor(&contributor.name, contributor.label.as_deref())
    }

    fn capability(&self, capability: usize) -> String {
        let capability = &self.model.capabilities[capability];
        names::thing(&capability.name, capability.label.as_deref())
    }

    /// "France’s troops".
    fn package(&self, package: usize) -> String {
        self.packages(&[package]).concat()
    }

    /// Packages, those of one contributor together: "France’s ships and troops".
    fn packages(&self, packages: &[usize]) -> Vec<String> {
        let owner = |package: &usize| self.model.packages[*package].contributor;
        let together = |packages: &[usize]| {
            let name = self.contributor(owner(&packages[0]));
            let genitive = if name.ends_with('s') { "’" } else { "’s" };
            let what = packages
                .iter()
                .map(|&package| self.capability(self.model.packages[package].capability));
            format!("{name}{genitive} {}", listed(&what.collect::<Vec<_>>(), "and"))
        };
        let mut packages = packages.to_vec();
        packages.sort_by_key(owner);
        packages
            .chunk_by(|one, other| owner(one) == owner(other))
            .map(together)
            .collect()
    }

    /// Whose gate it is: an objective's, or the mission's own.
    fn owner(&self, gate: &Gate) -> String {
        let own = |name: &String| {
            gate.address
                .strip_prefix(&format!("objectives.{name}.requires"))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let owner = self
            .model
            .objectives
            .iter()
            .find(|objective| own(&objective.name));
        owner.map_or_else(
            || "the mission".to_owned(),
            |objective| names::thing(&objective.name, objective.label.as_deref()),
        )
    }

    /// A gate with its owner: “48 combat aircraft” (safe skies).
    fn gate(&self, gate: usize) -> String {
        let gate = &self.model.gates[gate];
        format!("“{}” ({})", gate.name, self.owner(gate))
    }

    /// Spells as a sentence: "from … to … (92 days), and from … to the horizon".
    fn spells(&self, spells: &Spells) -> String {
        let each: Vec<String> = spells
            .iter()
            .map(|&(on, off)| match off {
                Some(off) => format!(
                    "from {} to {}, {}",
                    self.on(on),
                    self.on(off),
                    about_days(off - on)
                ),
                None => format!("from {} to the horizon", self.on(on)),
            })
            .collect();
        each.join("; ")
    }
}

/// The first moment of a list of spells.
fn first(spells: &Spells) -> Option<f64> {
    spells.first().map(|spell| spell.0)
}

/// Whether a fact holds at a moment.
fn holds(spells: &Spells, at: f64) -> bool {
    spells
        .iter()
        .any(|&(on, off)| on <= at && off.is_none_or(|off| at < off))
}

/// All moments at which a fact begins (true) or ceases (false) to hold.
fn edges(spells: &Spells) -> impl Iterator<Item = (f64, bool)> + '_ {
    spells
        .iter()
        .flat_map(|&(on, off)| std::iter::once((on, true)).chain(off.map(|off| (off, false))))
}

/// The number of days from one moment to another, told as sooner or later.
fn day_of(at: f64) -> String {
    format!("day {}", day(at))
}

#[cfg(test)]
mod tests;
