//! Processes as written: the short form of an on/off process, or states and transitions.

use std::collections::BTreeMap;

use serde_json::json;

use super::address::Address;
use super::condition::Conditions;
use super::quantity::{Chance, Duration, Of, Quantity};
use super::read::{Definitions, Placed, Read, Reader, Remarks, record};
use super::tree::{Node, Value};
use crate::diagnostic::{Diagnostic, Rule, Span};

/// A process: ordered states, and transitions between them.
#[derive(Clone, Debug)]
pub struct Process {
    /// Where it stands.
    pub span: Span,
    /// Its address.
    pub address: Address,
    /// Its note and source.
    pub remarks: Remarks,
    /// The name that reports give it.
    pub label: Option<String>,
    /// How it moves.
    pub form: Form,
}

/// How a process moves.
#[derive(Clone, Debug)]
pub enum Form {
    /// Off, then on, with what may follow.
    Short(Box<Short>),
    /// Any states and transitions.
    Full(Full),
}

/// The short form: the states `off` and `on`.
#[derive(Clone, Debug)]
pub struct Short {
    /// Chance that it ever switches on; absent: 1.
    pub chance: Option<Quantity>,
    /// How long until it first switches on; absent: at once.
    pub after: Option<Quantity>,
    /// How long it stays on; absent: for good.
    pub lasts: Option<Quantity>,
    /// How long until it switches on again; absent: never.
    pub again: Option<Quantity>,
    /// What must hold while either clock towards on runs.
    pub requires: Conditions,
}

/// The full form.
#[derive(Clone, Debug)]
pub struct Full {
    /// Names of the states, from least to most.
    pub states: Vec<Placed<String>>,
    /// Weight of each state at time 0.
    pub initial: Initial,
    /// The transitions, in the order in which ties are settled.
    pub transitions: Vec<Transition>,
}

/// Where a process starts.
#[derive(Clone, Debug)]
pub enum Initial {
    /// In one state, by index.
    State(usize),
    /// In a state drawn by these weights, by index; they sum to 1.
    Drawn {
        /// The address of the draw.
        address: Address,
        /// The weight of each state.
        weights: Vec<f64>,
    },
}

/// A transition of the full form, with its states resolved to indices.
#[derive(Clone, Debug)]
pub struct Transition {
    /// Where it stands.
    pub span: Span,
    /// Its address.
    pub address: Address,
    /// Its note and source.
    pub remarks: Remarks,
    /// The state that it leaves.
    pub from: usize,
    /// The state that it enters.
    pub to: usize,
    /// Chance that it is open on a visit; absent: 1.
    pub chance: Option<Quantity>,
    /// How long its clock runs; absent: no time.
    pub after: Option<Quantity>,
    /// What must hold while the clock runs.
    pub requires: Conditions,
}

record! {
    /// A process. Either the short form (`chance`, `after`, `lasts`, `again`, `requires`) of something that is off and switches on, or states and transitions.
    Keys ("a process") {
        /// Chance that it ever switches on; 1 if absent.
        chance ("chance"): Option<Of<Chance>>,
        /// How long until it first switches on; at once if absent.
        after ("after"): Option<Of<Duration>>,
        /// How long it stays on; for good if absent.
        lasts ("lasts"): Option<Of<Duration>>,
        /// How long until it switches on again; never if absent.
        again ("again"): Option<Of<Duration>>,
        /// What must hold while either clock towards on runs.
        requires ("requires"): Option<Conditions>,
        /// Names of the states, from least to most; a reference to a state means that one or better.
        states ("states"): Option<Placed<Vec<Placed<String>>>>,
        /// The state at the start, or a table with the weight of each.
        initial ("initial"): Option<WrittenInitial>,
        /// The transitions; where two are due at one moment, the first in the file moves.
        transitions ("transitions"): Option<Vec<WrittenTransition>>,
        /// A name for reports.
        label ("label"): Option<String>,
    }
}

record! {
    /// A transition between two states.
    WrittenTransition ("a transition") {
        /// The state that it leaves.
        from ("from"): Placed<String>,
        /// The state that it enters.
        to ("to"): Placed<String>,
        /// Chance that it is open on a visit; 1 if absent.
        chance ("chance"): Option<Of<Chance>>,
        /// How long its clock runs; no time if absent.
        after ("after"): Option<Of<Duration>>,
        /// What must hold while the clock runs.
        requires ("requires"): Conditions,
    }
}

/// `initial` as written.
#[derive(Clone, Debug)]
pub enum WrittenInitial {
    /// The name of a state.
    State(Placed<String>),
    /// Weights by state, with the place of each name.
    Weights(Span, Address, BTreeMap<String, (Span, f64)>),
}

impl Read for WrittenInitial {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::Table(table) = &node.value else {
            return Placed::read(node, at, reader).map(Self::State);
        };
        let mut weights = BTreeMap::new();
        for (state, entry) in table {
            let weight = f64::read(&entry.node, &at.key(state), reader)?;
            if weight < 0.0 {
                let message = format!("`{}` must be a weight of at least 0", at.key(state));
                reader
                    .diagnostics
                    .push(Diagnostic::at(Rule::OutOfRange, entry.node.span, message, ""));
                return None;
            }
            weights.insert(state.clone(), (entry.key, weight));
        }
        let sum: f64 = weights.values().map(|(_, weight)| weight).sum();
        if sum > 0.0 && sum.is_finite() {
            return Some(Self::Weights(node.span, at.clone(), weights));
        }
        let size = if sum > 0.0 {
            "more than can be computed"
        } else {
            "zero"
        };
        let message = format!("the weights of `{at}` sum to {size}");
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, node.span, message, ""));
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "anyOf": [{ "type": "string" }, { "type": "object", "additionalProperties": { "type": "number", "minimum": 0 } }] })
    }
}

impl Read for Process {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let keys = Keys::read(node, at, reader)?;
        let is_full = keys.states.is_some() || keys.transitions.is_some() || keys.initial.is_some();
        let form = if is_full {
            full(node, &keys, reader)?
        } else {
            short(&keys)
        };
        Some(Self {
            span: node.span,
            address: at.clone(),
            remarks: keys.remarks,
            label: keys.label,
            form,
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        Keys::schema(definitions)
    }
}

fn short(keys: &Keys) -> Form {
    let quantity = |of: &Option<Of<Duration>>| of.as_ref().map(|of| of.quantity.clone());
    Form::Short(Box::new(Short {
        chance: keys.chance.as_ref().map(|of| of.quantity.clone()),
        after: quantity(&keys.after),
        lasts: quantity(&keys.lasts),
        again: quantity(&keys.again),
        requires: keys.requires.clone().unwrap_or_default(),
    }))
}

fn full(node: &Node, keys: &Keys, reader: &mut Reader<'_>) -> Option<Form> {
    let at = &keys.address;
    let table = node.table()?;
    for key in ["chance", "after", "lasts", "again", "requires"] {
        if let Some(entry) = table.get(key) {
            let message = format!("`{at}` has states of its own, so `{key}` has no meaning");
            let fault = Diagnostic::at(
                Rule::Contradiction,
                entry.key,
                message,
                "belongs to the short form",
            );
            reader
                .diagnostics
                .push(fault.help("give it to one of the transitions"));
        }
    }
    let Some(states) = keys.states.clone() else {
        if reader.diagnostics.is_unread(&at.key("states").to_string()) {
            return None;
        }
        let message = format!("`{at}` lacks the key `states`");
        let fault = Diagnostic::at(Rule::MissingKey, node.span, message, "");
        reader
            .diagnostics
            .push(fault.help("such as states = [\"fighting\", \"partial\", \"full\"], from least to most"));
        return None;
    };
    check_states(at, &states, reader)?;
    let names: Vec<&str> = states.value.iter().map(|state| state.value.as_str()).collect();
    let initial = initial(node, keys, &names, reader);
    let transitions: Vec<Option<Transition>> = keys
        .transitions
        .iter()
        .flatten()
        .map(|written| transition(written, &names, reader))
        .collect();
    let transitions = transitions.into_iter().collect::<Option<Vec<_>>>();
    let full = Full {
        initial: initial?,
        transitions: transitions?,
        states: states.value.clone(),
    };
    if !reader.diagnostics.is_unread(&at.key("transitions").to_string()) {
        refuse_unreachable(at, &full, reader);
    }
    Some(Form::Full(full))
}

/// At least two states, each name once.
fn check_states(at: &Address, states: &Placed<Vec<Placed<String>>>, reader: &mut Reader<'_>) -> Option<()> {
    if states.value.len() < 2 {
        let message = format!("`{at}` needs at least two states");
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, states.span, message, ""));
        return None;
    }
    for (index, state) in states.value.iter().enumerate() {
        if let Some(first) = states.value[..index]
            .iter()
            .find(|earlier| earlier.value == state.value)
        {
            let message = format!("`{at}` names the state `{}` twice", state.value);
            let fault = Diagnostic::at(Rule::Contradiction, state.span, message, "again here");
            reader.diagnostics.push(fault.context(first.span, "first here"));
            return None;
        }
    }
    Some(())
}

fn initial(node: &Node, keys: &Keys, names: &[&str], reader: &mut Reader<'_>) -> Option<Initial> {
    match &keys.initial {
        Some(WrittenInitial::State(name)) => state(name, &keys.address, names, reader).map(Initial::State),
        Some(WrittenInitial::Weights(_, address, written)) => {
            let sum: f64 = written.values().map(|(_, weight)| weight).sum();
            let mut weights = vec![0.0; names.len()];
            let mut is_whole = true;
            for (name, (span, weight)) in written {
                let placed = Placed {
                    value: name.clone(),
                    span: *span,
                };
                match state(&placed, &keys.address, names, reader) {
                    Some(index) => weights[index] = weight / sum,
                    None => is_whole = false,
                }
            }
            is_whole.then(|| Initial::Drawn {
                address: address.clone(),
                weights,
            })
        }
        None if reader
            .diagnostics
            .is_unread(&keys.address.key("initial").to_string()) =>
        {
            None
        }
        None => {
            let message = format!("`{}` lacks the key `initial`", keys.address);
            let fault = Diagnostic::at(Rule::MissingKey, node.span, message, "");
            reader
                .diagnostics
                .push(fault.help(format!("such as initial = \"{}\"", names[0])));
            None
        }
    }
}

fn transition(written: &WrittenTransition, names: &[&str], reader: &mut Reader<'_>) -> Option<Transition> {
    let at = &written.address;
    let (from, to) = (
        state(&written.from, at, names, reader),
        state(&written.to, at, names, reader),
    );
    let (from, to) = (from?, to?);
    if from == to {
        let message = format!("`{at}` leads from `{}` to itself", names[from]);
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::Contradiction, written.to.span, message, ""));
        return None;
    }
    Some(Transition {
        span: written.span,
        address: at.clone(),
        remarks: written.remarks.clone(),
        from,
        to,
        chance: written.chance.as_ref().map(|of| of.quantity.clone()),
        after: written.after.as_ref().map(|of| of.quantity.clone()),
        requires: written.requires.clone(),
    })
}

/// The index of a state, or a fault that suggests the nearest.
fn state(name: &Placed<String>, at: &Address, names: &[&str], reader: &mut Reader<'_>) -> Option<usize> {
    let index = names.iter().position(|state| *state == name.value);
    if index.is_none() {
        let message = format!("`{at}` has no state `{}`", name.value);
        let help = reader.diagnostics.suggest(&name.value, names.iter().copied());
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::UnknownReference, name.span, message, "").maybe_help(help));
    }
    index
}

/// Reports states that no chain of transitions reaches.
fn refuse_unreachable(at: &Address, full: &Full, reader: &mut Reader<'_>) {
    let mut is_reached: Vec<bool> = match &full.initial {
        Initial::State(first) => (0..full.states.len()).map(|state| state == *first).collect(),
        Initial::Drawn { weights, .. } => weights.iter().map(|weight| *weight > 0.0).collect(),
    };
    let mut has_grown = true;
    while has_grown {
        has_grown = false;
        for transition in &full.transitions {
            if is_reached[transition.from] && !is_reached[transition.to] {
                is_reached[transition.to] = true;
                has_grown = true;
            }
        }
    }
    for (state, _) in full
        .states
        .iter()
        .zip(&is_reached)
        .filter(|(_, is_reached)| !**is_reached)
    {
        let message = format!("no transition of `{at}` ever reaches the state `{}`", state.value);
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::UnreachableState, state.span, message, ""));
    }
}
