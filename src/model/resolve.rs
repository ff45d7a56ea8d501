//! References: from the text of a condition to the signal that it means.

use super::SignalId;
use super::build::{Builder, Thing};
use crate::diagnostic::{Diagnostic, Rule, Span, suggest};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::scenario::condition::{Condition, Says};
use crate::scenario::process::{Form, Process};

/// All processes with their addresses.
pub(super) fn processes(scenario: &Scenario) -> Vec<(String, &Process)> {
    let ceasefire = scenario
        .ceasefire
        .iter()
        .map(|process| ("ceasefire".to_owned(), process));
    let support = scenario
        .us_support
        .iter()
        .map(|(name, entry)| (format!("us_support.{name}"), &entry.value));
    let others = scenario
        .processes
        .iter()
        .map(|(name, entry)| (format!("processes.{name}"), &entry.value));
    ceasefire.chain(support).chain(others).collect()
}

/// The process at an address.
pub(super) fn process<'a>(scenario: &'a Scenario, address: &str) -> Option<&'a Process> {
    match address.split_once('.') {
        None if address == "ceasefire" => scenario.ceasefire.as_ref(),
        Some(("us_support", name)) => scenario.us_support.get(name).map(|entry| &entry.value),
        Some(("processes", name)) => scenario.processes.get(name).map(|entry| &entry.value),
        _ => None,
    }
}

/// A reference without the quotes that a name with a dot may have.
fn unquoted(reference: &str) -> String {
    match Address::parse(reference) {
        Ok(address) if reference.contains('"') => address.keys().join("."),
        _ => reference.to_owned(),
    }
}

impl Builder<'_> {
    /// The signal of a reference such as `us_support.logistics` or `ceasefire.partial`.
    pub(super) fn reference(&mut self, reference: &str, span: Span) -> Option<SignalId> {
        let reference = &unquoted(reference);
        let (address, state) = self.split(reference);
        if let Some(process) = process(self.scenario, &address) {
            return self.level(process, &address, state, span);
        }
        if state.is_some() {
            return self.unknown(reference, span);
        }
        let scenario = self.scenario;
        match reference.split_once('.') {
            Some(("contributors", name)) if scenario.contributors.contains_key(name) => {
                let contributor = self.thing(&Thing::Contributor(name.to_owned()), reference, span)?;
                Some(self.model.contributors[contributor].pledge)
            }
            Some(("objectives", name)) if scenario.objectives.contains_key(name) => {
                self.thing(&Thing::Objective(name.to_owned()), reference, span)
            }
            Some(("conditions", name)) if scenario.conditions.contains_key(name) => {
                self.thing(&Thing::Condition(name.to_owned()), reference, span)
            }
            _ => self.unknown(reference, span),
        }
    }

    /// The address of a process and the state that a reference may name after it.
    fn split<'t>(&self, reference: &'t str) -> (String, Option<&'t str>) {
        if process(self.scenario, reference).is_some() {
            return (reference.to_owned(), None);
        }
        match reference.rsplit_once('.') {
            Some((address, state)) if process(self.scenario, address).is_some() => {
                (address.to_owned(), Some(state))
            }
            _ => (reference.to_owned(), None),
        }
    }

    fn level(
        &mut self,
        process: &Process,
        address: &str,
        state: Option<&str>,
        span: Span,
    ) -> Option<SignalId> {
        let names: Vec<String> = match &process.form {
            Form::Short(_) => vec!["off".to_owned(), "on".to_owned()],
            Form::Full(full) => full.states.iter().map(|state| state.value.clone()).collect(),
        };
        let level = match state {
            None if names.len() == 2 => 1,
            None => {
                let references: Vec<String> = names[1..]
                    .iter()
                    .map(|name| format!("`{address}.{name}`"))
                    .collect();
                let message = format!("`{address}` has more than two states, so a reference must name one");
                let fault = Diagnostic::at(Rule::AmbiguousState, span, message, "this state or better")
                    .help(format!("write {}", references.join(" or ")));
                self.diagnostics.push(fault);
                return None;
            }
            Some(state) => match names.iter().position(|name| name == state) {
                Some(level) => level,
                None => {
                    let message = format!("`{address}` has no state `{state}`");
                    let help = suggest(state, names.iter().map(String::as_str));
                    self.diagnostics
                        .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
                    return None;
                }
            },
        };
        if level == 0 {
            return Some(super::ALWAYS);
        }
        let id = self.thing(&Thing::Process(address.to_owned()), address, span)?;
        Some(self.model.processes[id].levels[level - 1])
    }

    fn unknown(&mut self, reference: &str, span: Span) -> Option<SignalId> {
        if self.diagnostics.is_unread(reference) {
            return None;
        }
        let message = format!("`{reference}` refers to nothing that the scenario defines");
        let references = references(self.scenario);
        let help = if reference.starts_with("drivers.") {
            Some("a driver is a number, not a condition: it can only be the cause of an effect".to_owned())
        } else if reference.starts_with("capabilities.") {
            Some("a capability is counted: { capability = \"troops\", at_least = 20_000 }".to_owned())
        } else {
            suggest(reference, references.iter().map(String::as_str))
        };
        self.diagnostics
            .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
        None
    }
}

/// Everything that a reference can name.
fn references(scenario: &Scenario) -> Vec<String> {
    let mut all = Vec::new();
    for (address, process) in processes(scenario) {
        if let Form::Full(full) = &process.form {
            all.extend(
                full.states
                    .iter()
                    .skip(1)
                    .map(|state| format!("{address}.{}", state.value)),
            );
        }
        all.push(address);
    }
    all.extend(
        scenario
            .conditions
            .keys()
            .map(|name| format!("conditions.{name}")),
    );
    all.extend(
        scenario
            .objectives
            .keys()
            .map(|name| format!("objectives.{name}")),
    );
    all.extend(
        scenario
            .contributors
            .keys()
            .map(|name| format!("contributors.{name}")),
    );
    all
}

/// A condition in a few words.
#[must_use]
pub fn in_words(condition: &Condition) -> String {
    if let Some(label) = &condition.label {
        return label.clone();
    }
    let list = |conditions: &[Condition], joint: &str| {
        let words: Vec<String> = conditions.iter().map(in_words).collect();
        words.join(joint)
    };
    match &condition.says {
        Says::Is(reference) => reference.clone(),
        Says::Capability { name, at_least, .. } => format!("{name} at least {}", number_in_words(at_least)),
        Says::All(of) if of.is_empty() => "always".to_owned(),
        Says::All(of) => list(of, " and "),
        Says::Any(of) => format!("any of ({})", list(of, ", ")),
        Says::None(of) => format!("none of ({})", list(of, ", ")),
        Says::Count { count, of } => format!("at least {count} of ({})", list(of, ", ")),
        Says::Held { days, condition } => {
            format!("{} held for {} days", in_words(condition), number_in_words(days))
        }
        Says::Once(condition) => format!("{} at some time", in_words(condition)),
        Says::Window { from, until } => match (from, until) {
            (Some(from), Some(until)) => format!("from {from} until {until}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (None, None) => "always".to_owned(),
        },
    }
}

fn number_in_words(quantity: &crate::scenario::quantity::Quantity) -> String {
    match &quantity.given {
        crate::scenario::quantity::Given::Constant(value) => format!("{value}"),
        crate::scenario::quantity::Given::Uncertain(distribution) => {
            format!("about {:.0}", distribution.quantile(0.5))
        }
    }
}
