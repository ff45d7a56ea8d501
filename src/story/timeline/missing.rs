//! What did not happen, and why not.

use super::{Tale, first};
use crate::model::names::{thing, words};
use crate::model::{Transition, Visits};
use crate::story::text::{about_days, first_of, listed};

/// The most names of a list in one line.
const MOST_NAMES: usize = 12;

impl Tale<'_> {
    /// Processes that never move, contributors that never pledge, packages that are never assembled.
    pub(super) fn missing(&mut self) {
        let mut lines = Vec::new();
        for process in 0..self.model.processes.len() {
            if self.path(process).len() == 1 {
                lines.extend(self.idle(process));
            }
        }
        lines.extend(self.silent());
        lines.extend(self.unassembled());
        lines.extend(self.unmet());
        if lines.is_empty() {
            return;
        }
        self.page.heading("What did not happen, and why");
        for line in &lines {
            self.page.point(0, line);
        }
    }

    /// Why a process stays where it started; nothing if it can go nowhere anyway.
    fn idle(&self, process: usize) -> Option<String> {
        let model = &self.model.processes[process];
        let (_, state) = self.path(process)[0];
        let exits = model
            .transitions
            .iter()
            .filter(|transition| transition.from == state);
        let reasons: Vec<String> = exits
            .filter(|transition| transition.visits != Visits::Later)
            .map(|transition| {
                let to = words(&model.states[transition.to]);
                if model.states.len() == 2 {
                    self.reason(transition)
                } else {
                    format!("to {to}: {}", self.reason(transition))
                }
            })
            .collect();
        (!reasons.is_empty()).then(|| {
            format!(
                "{} stays {}: {}",
                self.process(process),
                words(&model.states[state]),
                reasons.join("; ")
            )
        })
    }

    /// Why a transition does not fire on the first visit, which begins at 0.
    fn reason(&self, transition: &Transition) -> String {
        if let Some(chance) = transition.chance
            && self.draws.is_yes(chance, 0, 0.0) == Some(false)
            && let Some(luck) = self.draws.luck(chance, 0, 0.0)
        {
            return format!("no, {luck}");
        }
        let runs = &self.trace.facts[transition.requires];
        let Some(from) = first(runs) else {
            return "what it waits for never holds".to_owned();
        };
        match self.draws.value(transition.after, 0, from) {
            Some(clock) if from + clock > self.model.horizon => format!(
                "its clock of {} from {} on ends beyond the horizon",
                about_days(clock),
                self.on(from)
            ),
            Some(clock) => format!(
                "what it waits for never lasts the {} that it takes",
                about_days(clock)
            ),
            None => "its clock never runs".to_owned(),
        }
    }

    /// Contributors that never pledge, by reason; those that said no stand in the timeline.
    fn silent(&self) -> Vec<String> {
        let (mut waiting, mut undecided, mut broken) = (Vec::new(), Vec::new(), Vec::new());
        for (contributor, model) in self.model.contributors.iter().enumerate() {
            if first(&self.trace.facts[model.pledge]).is_some() || self.decided(contributor).is_some() {
                continue;
            }
            let name = self.contributor(contributor);
            let runs = &self.trace.facts[model.requires];
            match runs.last() {
                None => waiting.push(name),
                Some((_, None)) => undecided.push(name),
                Some((_, Some(_))) => broken.push(name),
            }
        }
        let told = |names: &[String], why: &str| {
            (!names.is_empty()).then(|| format!("{why}: {}", first_of(names, MOST_NAMES)))
        };
        [
            told(&waiting, "No decision, what they wait for never holds"),
            told(&broken, "No decision, what they wait for lapses too soon"),
            told(&undecided, "No decision yet, it would fall beyond the horizon"),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Packages of contributors that pledge which never count.
    fn unassembled(&self) -> Option<String> {
        let is_missing = |(package, trace): &(usize, &crate::study::trace::PackageTrace)| {
            let owner = self.model.packages[*package].contributor;
            let pledge = self.model.contributors[owner].pledge;
            first(&trace.spells).is_none() && first(&self.trace.facts[pledge]).is_some()
        };
        let missing = self.trace.packages.iter().enumerate().filter(is_missing);
        let missing: Vec<usize> = missing.map(|(package, _)| package).collect();
        let names = self.packages(&missing);
        let head = "Pledged, but never there within the horizon";
        (!names.is_empty()).then(|| format!("{head}: {}", first_of(&names, MOST_NAMES)))
    }

    /// Objectives that are never met.
    fn unmet(&self) -> Option<String> {
        let unmet = self.model.objectives.iter().zip(&self.trace.objectives);
        let unmet: Vec<String> = unmet
            .filter(|(_, (_, trace))| trace.first.is_none())
            .map(|(objective, _)| thing(&objective.name, objective.label.as_deref()))
            .collect();
        (!unmet.is_empty()).then(|| format!("Objectives never met: {}", listed(&unmet, "and")))
    }
}
