//! Objectives, the mission, and their gates.

use std::collections::BTreeSet;

use super::{Builder, FOUR, Thing};
use crate::diagnostic::{Diagnostic, Rule};
use crate::model::{Gate, Objective, resolve};
use crate::scenario::condition::{Condition, Conditions, Says};

impl Builder<'_> {
    pub(super) fn objectives(&mut self) {
        let scenario = self.scenario;
        let chosen = self.mission_objectives();
        let others = scenario
            .objectives
            .keys()
            .filter(|name| !chosen.contains(*name))
            .cloned();
        let all: Vec<String> = chosen.iter().cloned().chain(others).collect();
        for name in all {
            let written = &scenario.objectives[&name];
            let address = format!("objectives.{name}");
            let Some(met) = self.thing(&Thing::Objective(name.clone()), &address, written.key) else {
                continue;
            };
            let is_of_mission = chosen.contains(&name);
            if is_of_mission {
                self.gates(&written.value.requires);
            }
            let label = written.value.label.clone();
            self.model.objectives.push(Objective {
                name,
                label,
                met,
                is_of_mission,
            });
        }
    }

    /// Names of the mission's objectives: those that it lists, or all; the four in their usual order first.
    pub(super) fn mission_objectives(&mut self) -> Vec<String> {
        let scenario = self.scenario;
        let listed = scenario
            .mission
            .as_ref()
            .and_then(|mission| mission.objectives.as_ref());
        let Some(listed) = listed else {
            let (mut four, others): (Vec<&String>, Vec<&String>) = scenario
                .objectives
                .keys()
                .partition(|name| FOUR.contains(&name.as_str()));
            four.sort_by_key(|name| FOUR.iter().position(|known| known == name));
            return four.into_iter().chain(others).cloned().collect();
        };
        let mut chosen = Vec::new();
        for name in listed {
            if scenario.objectives.contains_key(&name.value) {
                if !chosen.contains(&name.value) {
                    chosen.push(name.value.clone());
                }
            } else if !self.diagnostics.is_unread(&format!("objectives.{}", name.value)) {
                let message = format!("there is no objective `{}`", name.value);
                let help =
                    crate::diagnostic::suggest(&name.value, scenario.objectives.keys().map(String::as_str));
                self.diagnostics
                    .push(Diagnostic::at(Rule::UnknownReference, name.span, message, "").maybe_help(help));
            }
        }
        chosen
    }

    pub(super) fn mission(&mut self) {
        if let Some(mission) = &self.scenario.mission {
            self.gates(&mission.requires);
        }
        let open = self.model.gates.iter().map(|gate| gate.open).collect();
        self.model.mission = self.all(open);
        let gates: BTreeSet<String> = self.model.gates.iter().map(|gate| gate.address.clone()).collect();
        self.model
            .watched
            .retain(|watched| !gates.contains(&watched.address));
        self.model
            .watched
            .sort_by(|one, other| one.address.cmp(&other.address));
    }

    /// What reports call a gate: its label, that of the named condition or process that it refers to, or its words.
    pub(super) fn name_of(&self, condition: &Condition) -> String {
        let referred = match (&condition.label, &condition.says) {
            (None, Says::Is(reference)) => match reference.split_once('.') {
                Some(("conditions", name)) => self
                    .scenario
                    .conditions
                    .get(name)
                    .and_then(|entry| entry.value.label.clone()),
                _ => resolve::process(self.scenario, reference).and_then(|process| process.label.clone()),
            },
            _ => None,
        };
        referred.unwrap_or_else(|| resolve::in_words(condition))
    }

    pub(super) fn gates(&mut self, requires: &Conditions) {
        for condition in &requires.0 {
            if let Some(open) = self.condition(condition) {
                let name = self.name_of(condition);
                self.model.gates.push(Gate {
                    address: condition.address.to_string(),
                    label: condition.label.clone(),
                    name,
                    open,
                });
            }
        }
    }
}
