//! Objectives, the mission, and their gates.

use std::collections::HashSet;

use super::{Builder, FOUR, Known, Thing};
use crate::diagnostic::{Diagnostic, Rule};
use crate::model::resolve;
use crate::model::{Gate, Objective};
use crate::scenario::Objective as WrittenObjective;
use crate::scenario::condition::Conditions;

impl<'a> Builder<'a> {
    pub(super) fn objectives(&mut self) {
        let scenario = self.scenario;
        let chosen = self.mission_objectives();
        let others = Known::all(&scenario.objectives).filter(|objective| !chosen.contains(objective));
        for objective in chosen.iter().copied().chain(others) {
            let Some(met) = self.thing(Thing::Objective(objective), objective.key()) else {
                continue;
            };
            let is_of_mission = chosen.contains(&objective);
            if is_of_mission {
                self.gates(&objective.written().requires);
            }
            self.model.objectives.push(Objective {
                name: objective.name.to_owned(),
                label: objective.written().label.clone(),
                met,
                is_of_mission,
            });
        }
    }

    /// The mission's objectives: those that it lists, or all; the four in their usual order first.
    fn mission_objectives(&mut self) -> Vec<Known<'a, WrittenObjective>> {
        let scenario = self.scenario;
        let listed = scenario
            .mission
            .as_ref()
            .and_then(|mission| mission.objectives.as_ref());
        let Some(listed) = listed else {
            let mut all: Vec<_> = Known::all(&scenario.objectives).collect();
            let place = |name| FOUR.iter().position(|known| *known == name);
            all.sort_by_key(|objective| place(objective.name).unwrap_or(FOUR.len()));
            return all;
        };
        let mut chosen = Vec::new();
        for name in listed {
            if let Some(objective) = Known::find(&scenario.objectives, &name.value) {
                if !chosen.contains(&objective) {
                    chosen.push(objective);
                }
            } else if !self.diagnostics.is_unread(&format!("objectives.{}", name.value)) {
                let message = format!("there is no objective `{}`", name.value);
                let help = self
                    .diagnostics
                    .suggest(&name.value, scenario.objectives.keys().map(String::as_str));
                self.diagnostics
                    .push(Diagnostic::at(Rule::UnknownReference, name.span, message, "").maybe_help(help));
            }
        }
        chosen
    }

    pub(super) fn mission(&mut self) {
        let scenario = self.scenario;
        if let Some(mission) = &scenario.mission {
            self.gates(&mission.requires);
        }
        let open = self.model.gates.iter().map(|gate| gate.open).collect();
        self.model.mission = self.all(open);
        let gates: HashSet<&String> = self.model.gates.iter().map(|gate| &gate.address).collect();
        self.model
            .watched
            .retain(|watched| !gates.contains(&watched.address));
        self.model
            .watched
            .sort_by(|one, other| one.address.cmp(&other.address));
    }

    pub(super) fn gates(&mut self, requires: &'a Conditions) {
        for condition in &requires.0 {
            if let Some(open) = self.condition(condition) {
                self.model.gates.push(Gate {
                    address: condition.address.text(),
                    name: resolve::in_words(self.scenario, condition),
                    open,
                });
            }
        }
    }
}
