//! References: from the text of a condition to the signal that it means.

use std::fmt;

use super::build::{Builder, Known, Thing};
use super::{SignalId, names};
use crate::diagnostic::{Diagnostic, Rule, Severity, Span};
use crate::scenario::Scenario;
use crate::scenario::address::unquoted;
use crate::scenario::condition::{Condition, Says};
use crate::scenario::process::{Form, Process};
use crate::scenario::read::Named;

/// What references call a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ProcessName<'a> {
    /// The ceasefire.
    Ceasefire,
    /// A name under `[us_support]`.
    Support(&'a str),
    /// A name under `[processes]`.
    Other(&'a str),
}

impl fmt::Display for ProcessName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ceasefire => formatter.write_str("ceasefire"),
            Self::Support(name) => write!(formatter, "us_support.{name}"),
            Self::Other(name) => write!(formatter, "processes.{name}"),
        }
    }
}

impl<'a> ProcessName<'a> {
    /// The process of a reference that names no state of it.
    pub(super) fn find(scenario: &'a Scenario, reference: &str) -> Option<(Self, &'a Process)> {
        let within = |table: &'a Named<Process>, name: &str, of: fn(&'a str) -> Self| {
            let (name, entry) = table.get_key_value(name)?;
            Some((of(name), &entry.value))
        };
        match reference.split_once('.') {
            None if reference == "ceasefire" => Some((Self::Ceasefire, scenario.ceasefire.as_ref()?)),
            Some(("us_support", name)) => within(&scenario.us_support, name, Self::Support),
            Some(("processes", name)) => within(&scenario.processes, name, Self::Other),
            _ => None,
        }
    }

    /// The process of this name.
    pub(super) fn of(self, scenario: &'a Scenario) -> Option<&'a Process> {
        let entry = match self {
            Self::Ceasefire => return scenario.ceasefire.as_ref(),
            Self::Support(name) => scenario.us_support.get(name),
            Self::Other(name) => scenario.processes.get(name),
        };
        entry.map(|entry| &entry.value)
    }
}

/// All processes with their names.
pub(super) fn processes(scenario: &Scenario) -> impl Iterator<Item = (ProcessName<'_>, &Process)> {
    let ceasefire = scenario.ceasefire.iter();
    let ceasefire = ceasefire.map(|process| (ProcessName::Ceasefire, process));
    let support = scenario.us_support.iter();
    let support = support.map(|(name, entry)| (ProcessName::Support(name), &entry.value));
    let others = scenario.processes.iter();
    let others = others.map(|(name, entry)| (ProcessName::Other(name), &entry.value));
    ceasefire.chain(support).chain(others)
}

/// A process with its name.
type Found<'a> = (ProcessName<'a>, &'a Process);

impl<'a> Builder<'a> {
    /// The signal of a reference such as `us_support.logistics` or `ceasefire.partial`.
    pub(super) fn reference(&mut self, reference: &str, span: Span) -> Option<SignalId> {
        if let Some((process, state)) = self.process_and_state(reference) {
            self.referred.insert(Thing::Process(process.0));
            return self.level(process, state, span);
        }
        let named = self.named(reference);
        self.referred.extend(named);
        match named {
            Some(thing @ Thing::Contributor(_)) => {
                let contributor = self.thing(thing, span)?;
                Some(self.model.contributors[contributor].pledge)
            }
            Some(thing) => self.thing(thing, span),
            None => self.unknown(reference, span),
        }
    }

    /// The process of a reference, and the state that may stand after its name.
    fn process_and_state<'t>(&self, reference: &'t str) -> Option<(Found<'a>, Option<&'t str>)> {
        if let Some(process) = ProcessName::find(self.scenario, reference) {
            return Some((process, None));
        }
        let (process, state) = reference.rsplit_once('.')?;
        Some((ProcessName::find(self.scenario, process)?, Some(state)))
    }

    /// What a reference names, if that is no process.
    fn named(&self, reference: &str) -> Option<Thing<'a>> {
        let scenario = self.scenario;
        match reference.split_once('.')? {
            ("contributors", name) => Known::find(&scenario.contributors, name).map(Thing::Contributor),
            ("objectives", name) => Known::find(&scenario.objectives, name).map(Thing::Objective),
            ("conditions", name) => Known::find(&scenario.conditions, name).map(Thing::Condition),
            _ => None,
        }
    }

    fn level(&mut self, (address, process): Found<'a>, state: Option<&str>, span: Span) -> Option<SignalId> {
        let names: Vec<&str> = match &process.form {
            Form::Short(_) => vec!["off", "on"],
            Form::Full(full) => full.states.iter().map(|state| state.value.as_str()).collect(),
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
            Some(state) => match names.iter().position(|name| *name == state) {
                Some(level) => level,
                None => {
                    let message = format!("`{address}` has no state `{state}`");
                    let help = self.diagnostics.suggest(state, names.iter().copied());
                    self.diagnostics
                        .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
                    return None;
                }
            },
        };
        if level == 0 {
            return Some(super::ALWAYS);
        }
        let id = self.thing(Thing::Process(address), span)?;
        Some(self.model.processes[id].levels[level - 1])
    }

    fn unknown(&mut self, reference: &str, span: Span) -> Option<SignalId> {
        if self.diagnostics.is_unread(reference) {
            return None;
        }
        let message = format!("`{reference}` refers to nothing that the scenario defines");
        let help = if reference.starts_with("drivers.") {
            Some("a driver is a number, not a condition: it can only be the cause of an effect".to_owned())
        } else if reference.starts_with("capabilities.") {
            Some("a capability is counted: { capability = \"troops\", at_least = 20_000 }".to_owned())
        } else if self.diagnostics.is_full(Severity::Error) {
            None
        } else {
            let references = references(self.scenario);
            self.diagnostics
                .suggest(reference, references.iter().map(String::as_str))
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
        all.push(address.to_string());
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

/// A condition in a few words: its label, or what it says, with each thing by its name.
#[must_use]
pub fn in_words(scenario: &Scenario, condition: &Condition) -> String {
    if let Some(label) = &condition.label {
        return label.clone();
    }
    let list = |conditions: &[Condition], joint: &str| {
        let words = conditions.iter().map(|condition| in_words(scenario, condition));
        words.collect::<Vec<_>>().join(joint)
    };
    match &condition.says {
        Says::Is(reference) => referred(scenario, &unquoted(reference)),
        Says::Capability { name, at_least, .. } => {
            let label = scenario.capabilities.get(name);
            let label = label.and_then(|entry| entry.value.label.as_deref());
            let (name, number) = (names::thing(name, label), number_in_words(at_least));
            format!("{name} at least {number}")
        }
        Says::All(of) if of.is_empty() => "always".to_owned(),
        Says::All(of) => list(of, " and "),
        Says::Any(of) => format!("any of ({})", list(of, ", ")),
        Says::None(of) => format!("none of ({})", list(of, ", ")),
        Says::Count { count, of } => format!("at least {count} of ({})", list(of, ", ")),
        Says::Held { days, condition } => {
            let (what, days) = (in_words(scenario, condition), number_in_words(days));
            format!("{what} held for {days} days")
        }
        Says::Once(condition) => format!("{} at some time", in_words(scenario, condition)),
        Says::Window { from, until } => match (from, until) {
            (Some(from), Some(until)) => format!("from {from} until {until}"),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (None, None) => "always".to_owned(),
        },
    }
}

/// The name of what a reference names; for a process with its state, unless that is "on".
fn referred(scenario: &Scenario, reference: &str) -> String {
    let process = |address: &str| {
        let (_, process) = ProcessName::find(scenario, address)?;
        Some(names::process(address, process.label.as_deref()))
    };
    if let Some(name) = process(reference) {
        return name;
    }
    if let Some((address, state)) = reference.rsplit_once('.')
        && let Some(name) = process(address)
    {
        return if state == "on" {
            name
        } else {
            format!("{name}: {}", names::words(state))
        };
    }
    let label = |written: Option<&Option<String>>| written.and_then(Clone::clone);
    match reference.split_once('.') {
        Some(("contributors", name)) => {
            let written = scenario.contributors.get(name).map(|entry| &entry.value.label);
            names::contributor(name, label(written).as_deref())
        }
        Some(("objectives", name)) => {
            let written = scenario.objectives.get(name).map(|entry| &entry.value.label);
            names::thing(name, label(written).as_deref())
        }
        Some(("conditions", name)) => {
            let written = scenario.conditions.get(name).map(|entry| &entry.value.label);
            names::thing(name, label(written).as_deref())
        }
        _ => reference.to_owned(),
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
