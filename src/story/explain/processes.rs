//! The ceasefire, U.S. support and other processes.

use super::Explainer;
use crate::model::names::{self, capitalised};
use crate::scenario::process::{Form, Full, Initial, Process, Short, Transition};
use crate::scenario::quantity::Quantity;
use crate::story::conditions::remarks;
use crate::story::quantities::{Unit, is_zero};
use crate::story::text::{listed, percent};

impl Explainer<'_> {
    pub(super) fn processes(&mut self) {
        let scenario = self.scenario;
        let support = scenario.us_support.values().map(|entry| &entry.value);
        let others = scenario.processes.values().map(|entry| &entry.value);
        let all: Vec<&Process> = scenario.ceasefire.iter().chain(support).chain(others).collect();
        if all.is_empty() {
            return;
        }
        self.page.heading("Ceasefire, U.S. support and other processes");
        for process in all {
            self.page.gap();
            self.process(process);
        }
    }

    fn process(&mut self, process: &Process) {
        let address = process.address.to_string();
        let name = capitalised(&names::process(&address, process.label.as_deref()));
        match &process.form {
            Form::Short(short) => {
                self.page.line(2, &format!("{name} ({address}): off, then on"));
                self.short(short);
            }
            Form::Full(full) => {
                let states: Vec<String> = full
                    .states
                    .iter()
                    .map(|state| names::words(&state.value))
                    .collect();
                self.page.line(
                    2,
                    &format!("{name} ({address}), from least to most: {}", states.join(", ")),
                );
                self.full(full, &states);
            }
        }
        remarks(&mut self.page, 4, &process.remarks);
    }

    fn short(&mut self, short: &Short) {
        let chance = self.chance(short.chance.as_ref());
        let after = self.after(short.after.as_ref());
        self.page.entry(4, "Switches on", &format!("{chance}{after}"));
        let waits = match short.requires.0.as_slice() {
            [] => "nothing: its clock runs from day 0".to_owned(),
            _ => format!(
                "{}; its clock runs while that holds and starts over when it lapses",
                self.words.all(&short.requires)
            ),
        };
        self.page.entry(4, "Waits for", &waits);
        let lasts = short.lasts.as_ref();
        let lasts = lasts.map_or_else(|| "for good".to_owned(), |lasts| self.quantity(lasts, Unit::Days));
        self.page.entry(4, "Lasts", &lasts);
        let again = match &short.again {
            Some(again) => format!("{}, without another chance", self.after(Some(again))),
            None => "never".to_owned(),
        };
        self.page.entry(4, "Again", &again);
    }

    fn full(&mut self, full: &Full, states: &[String]) {
        let initial = match &full.initial {
            Initial::State(state) => states[*state].clone(),
            Initial::Drawn { weights, .. } => {
                let each = states.iter().zip(weights).filter(|(_, weight)| **weight > 0.0);
                let each: Vec<String> = each
                    .map(|(state, weight)| format!("{state} with {}", percent(*weight)))
                    .collect();
                format!("drawn: {}", listed(&each, "or"))
            }
        };
        self.page.entry(4, "Starts", &initial);
        for transition in &full.transitions {
            self.transition(transition, states);
        }
        for (state, name) in states.iter().enumerate() {
            if full.transitions.iter().all(|transition| transition.from != state) {
                self.page
                    .entry(4, "Lasts", &format!("{name}, once entered, for good"));
            }
        }
    }

    fn transition(&mut self, transition: &Transition, states: &[String]) {
        let way = format!("{} → {}", states[transition.from], states[transition.to]);
        let chance = self.chance(transition.chance.as_ref());
        let after = self.after(transition.after.as_ref());
        let waits = match transition.requires.0.as_slice() {
            [] => String::new(),
            _ => format!(
                ", counted while {} and over again when that lapses",
                self.words.all(&transition.requires)
            ),
        };
        self.page
            .entry(4, "Moves", &format!("{way}: {chance}{after}{waits}"));
        remarks(&mut self.page, 6, &transition.remarks);
    }

    /// The chance of a move, as the beginning of a sentence.
    fn chance(&self, chance: Option<&Quantity>) -> String {
        match chance {
            Some(chance) => format!("with a chance of {}, ", self.quantity(chance, Unit::Chance)),
            None => "with certainty, ".to_owned(),
        }
    }

    /// A clock, as the end of a sentence.
    fn after(&self, after: Option<&Quantity>) -> String {
        match after {
            Some(after) if !is_zero(after) => format!("after {}", self.quantity(after, Unit::Days)),
            _ => "at once".to_owned(),
        }
    }
}
