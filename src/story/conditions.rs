//! Conditions as sentences: "U.S. logistics is on", "France has pledged", "there are at least 48 combat aircraft".
//!
//! What a reference names is called by its label, if it has one; a label that stands in the condition itself comes
//! before what it means.

use super::amounts;
use super::quantities::{self, Unit};
use super::text::{Page, listed};
use crate::model::names;
use crate::scenario::Scenario;
use crate::scenario::condition::{Condition, Conditions, Says};
use crate::scenario::process::{Form, Process};
use crate::scenario::quantity::{Given, Quantity};
use crate::scenario::read::Remarks;

/// The longest sentence of a group of conditions, in characters, before it becomes a list.
const INLINE: usize = 70;

/// The longest note or source that is shown whole, in characters.
const REMARK: usize = 240;

/// Puts the conditions of one scenario into words.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words<'a>(pub(super) &'a Scenario);

impl<'a> Words<'a> {
    /// A list of conditions that must all hold, point by point.
    pub(super) fn points(self, page: &mut Page, indent: usize, conditions: &Conditions) {
        for condition in &conditions.0 {
            self.point(page, indent, condition);
        }
    }

    /// One condition as a point; a long group as a point with its own list.
    pub(super) fn point(self, page: &mut Page, indent: usize, condition: &Condition) {
        let label = condition
            .label
            .as_ref()
            .map_or_else(String::new, |label| format!("{label}: "));
        let meaning = self.meaning(condition);
        match group(condition) {
            Some((head, of)) if meaning.chars().count() > INLINE && !of.iter().all(is_pledge) => {
                page.point(indent, &format!("{label}{head}"));
                for condition in of {
                    self.point(page, indent + 2, condition);
                }
            }
            _ => page.point(indent, &format!("{label}{meaning}")),
        }
        remarks(page, indent + 2, &condition.remarks);
    }

    /// All of a list in one sentence.
    pub(super) fn all(self, conditions: &Conditions) -> String {
        match conditions.0.as_slice() {
            [] => "always".to_owned(),
            [single] => self.sentence(single),
            several => self.joined(several, "and"),
        }
    }

    /// One condition with its label, as a sentence.
    pub(super) fn sentence(self, condition: &Condition) -> String {
        let meaning = self.meaning(condition);
        match &condition.label {
            Some(label) => format!("“{label}” ({meaning})"),
            None => meaning,
        }
    }

    /// What a condition says, its own label aside.
    pub(super) fn meaning(self, condition: &Condition) -> String {
        match &condition.says {
            Says::Is(reference) => self.reference(reference),
            Says::Capability { name, at_least, .. } => self.threshold(name, at_least),
            Says::All(of) if of.is_empty() => "always".to_owned(),
            Says::All(of) => self.together(of, "and", "have pledged"),
            Says::Any(of) if of.is_empty() => "never".to_owned(),
            Says::Any(of) => self.together(of, "or", "has pledged"),
            Says::None(of) if of.is_empty() => "always".to_owned(),
            Says::None(of) => format!("it is not so that {}", self.operand(of, "or")),
            Says::Count { count, of } if of.iter().all(is_pledge) => {
                let verb = if *count == 1 { "has" } else { "have" };
                format!(
                    "at least {count} of these {verb} pledged: {}",
                    listed(&self.pledgers(of), "and")
                )
            }
            Says::Count { count, of } => {
                let each: Vec<String> = of.iter().map(|condition| self.sentence(condition)).collect();
                format!("at least {count} of these: {}", each.join("; "))
            }
            Says::Held { days, condition } => {
                let days = quantities::in_words(days, Unit::Days);
                format!(
                    "{}, for {days} without a break",
                    self.operand(std::slice::from_ref(condition), "and")
                )
            }
            Says::Once(condition) => {
                format!(
                    "at some time so far {}",
                    self.operand(std::slice::from_ref(condition), "and")
                )
            }
            Says::Window { from, until } => match (from, until) {
                (Some(from), Some(until)) => format!("it is {from} or later, but before {until}"),
                (Some(from), None) => format!("it is {from} or later"),
                (None, Some(until)) => format!("it is before {until}"),
                (None, None) => "always".to_owned(),
            },
        }
    }

    fn threshold(self, name: &str, at_least: &Quantity) -> String {
        let capability = self.0.capabilities.get(name).map(|entry| &entry.value);
        let unit = capability.and_then(|capability| capability.unit.as_deref());
        let called = names::thing(
            name,
            capability.and_then(|capability| capability.label.as_deref()),
        );
        match &at_least.given {
            Given::Constant(value) => {
                format!(
                    "there are at least {}",
                    amounts::amount_of(&super::text::exact(*value), unit, &called)
                )
            }
            Given::Uncertain(_) => {
                let amount = quantities::in_words(at_least, Unit::Of(unit));
                format!("there are enough {called}, an uncertain number: {amount}")
            }
        }
    }

    /// Several that are joined by one word, in one sentence.
    fn together(self, of: &[Condition], joint: &str, pledged: &str) -> String {
        if of.len() > 1 && of.iter().all(is_pledge) {
            return format!("{} {pledged}", listed(&self.pledgers(of), joint));
        }
        self.joined(of, joint)
    }

    fn joined(self, of: &[Condition], joint: &str) -> String {
        let joint = format!(" {joint} ");
        let each: Vec<String> = of
            .iter()
            .map(|condition| self.part(condition, of.len()))
            .collect();
        each.join(&joint)
    }

    /// One of `count` that are joined; a group in brackets, so that nobody reads it the wrong way round.
    fn part(self, condition: &Condition, count: usize) -> String {
        let is_joint = match &condition.says {
            Says::All(of) | Says::Any(of) => of.len() > 1 && !of.iter().all(is_pledge),
            Says::Is(_) | Says::Capability { .. } | Says::Window { .. } => false,
            Says::None(_) | Says::Count { .. } | Says::Held { .. } | Says::Once(_) => true,
        };
        let sentence = self.sentence(condition);
        if is_joint && count > 1 && condition.label.is_none() {
            format!("({sentence})")
        } else {
            sentence
        }
    }

    /// What a word such as "not" or "once" applies to: in brackets if it is more than one.
    fn operand(self, of: &[Condition], joint: &str) -> String {
        match of {
            [single] => self.part(single, 2),
            several => format!("({})", self.joined(several, joint)),
        }
    }

    fn pledgers(self, of: &[Condition]) -> Vec<String> {
        let name = |condition: &Condition| match &condition.says {
            Says::Is(reference) => self.contributor(reference.trim_start_matches("contributors.")),
            _ => self.meaning(condition),
        };
        of.iter().map(name).collect()
    }

    /// A contributor by its key.
    pub(super) fn contributor(self, name: &str) -> String {
        let label = self
            .0
            .contributors
            .get(name)
            .and_then(|entry| entry.value.label.as_deref());
        names::contributor(name, label)
    }

    /// A capability by its key.
    pub(super) fn capability(self, name: &str) -> String {
        names::thing(
            name,
            self.0
                .capabilities
                .get(name)
                .and_then(|entry| entry.value.label.as_deref()),
        )
    }

    /// The process at an address.
    pub(super) fn process(self, address: &str) -> Option<&'a Process> {
        match address.split_once('.') {
            None if address == "ceasefire" => self.0.ceasefire.as_ref(),
            Some(("us_support", name)) => self.0.us_support.get(name).map(|entry| &entry.value),
            Some(("processes", name)) => self.0.processes.get(name).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// What a reference says.
    fn reference(self, reference: &str) -> String {
        if let Some(process) = self.process(reference) {
            return level(process, reference, None);
        }
        if let Some((address, state)) = reference.rsplit_once('.')
            && let Some(process) = self.process(address)
        {
            return level(process, address, Some(state));
        }
        match reference.split_once('.') {
            Some(("contributors", name)) => format!("{} has pledged", self.contributor(name)),
            Some(("objectives", name)) => {
                let label = self
                    .0
                    .objectives
                    .get(name)
                    .and_then(|entry| entry.value.label.as_deref());
                format!("the objective “{}” is met", names::thing(name, label))
            }
            Some(("conditions", name)) => {
                let label = self
                    .0
                    .conditions
                    .get(name)
                    .and_then(|entry| entry.value.label.as_deref());
                format!("“{}”", names::thing(name, label))
            }
            _ => reference.to_owned(),
        }
    }
}

/// "This state or better" of a process.
fn level(process: &Process, address: &str, state: Option<&str>) -> String {
    let name = names::process(address, process.label.as_deref());
    let states: Vec<&str> = match &process.form {
        Form::Short(_) => vec!["off", "on"],
        Form::Full(full) => full.states.iter().map(|state| state.value.as_str()).collect(),
    };
    let place = state
        .and_then(|state| states.iter().position(|known| *known == state))
        .unwrap_or(1);
    let state = names::words(states[place]);
    if place == 0 {
        format!("{name} is {state} or better, that is always")
    } else if place + 1 == states.len() {
        format!("{name} is {state}")
    } else {
        format!("{name} is {state} or better")
    }
}

/// The head and the members of a condition that is a group of several.
fn group(condition: &Condition) -> Option<(String, &[Condition])> {
    let (head, of) = match &condition.says {
        Says::All(of) => ("all of these".to_owned(), of),
        Says::Any(of) => ("at least one of these".to_owned(), of),
        Says::None(of) => ("none of these".to_owned(), of),
        Says::Count { count, of } => (format!("at least {count} of these"), of),
        _ => return None,
    };
    (of.len() > 1).then_some((head, of.as_slice()))
}

fn is_pledge(condition: &Condition) -> bool {
    condition.label.is_none()
        && matches!(&condition.says, Says::Is(reference) if reference.starts_with("contributors."))
}

/// The note and the source of something.
pub(super) fn remarks(page: &mut Page, indent: usize, remarks: &Remarks) {
    for (key, text) in [("Note:", &remarks.note), ("Source:", &remarks.source)] {
        if let Some(text) = text {
            page.hanging(key, indent, key.len() + 1, &super::text::short(text, REMARK));
        }
    }
}
