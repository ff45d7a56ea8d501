//! The builder: walks everything that a scenario defines, depth first along what each thing depends on, so that the
//! order of computation falls out of the walk and a circle shows as a thing met again while it is still being built.

use std::collections::{BTreeSet, HashMap};

use super::effects::Targets;
use super::{ALWAYS, Model, QuantityId, Signal, SignalId, Simulation, Step, Watched};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::scenario::Scenario;

mod conditions;
mod contributors;
mod mission;
mod processes;
mod quantities;

/// The four objectives of the mission.
pub(super) const FOUR: [&str; 4] = [
    "safe_skies",
    "safe_seas",
    "peace_on_land",
    "strong_ukrainian_military",
];

/// Makes a model of a scenario, or reports everything that keeps it from having a meaning.
pub fn build(scenario: &Scenario, fallback_title: &str, diagnostics: &mut Diagnostics) -> Option<Model> {
    let mut builder = Builder::new(scenario, diagnostics);
    builder.everything();
    let mut model = builder.model;
    scenario
        .title
        .as_deref()
        .unwrap_or(fallback_title)
        .clone_into(&mut model.title);
    model.claims = super::claims::check(scenario, &model, diagnostics);
    if diagnostics.has_errors() {
        return None;
    }
    super::doubts::warn(scenario, &model, diagnostics);
    Some(model)
}

/// Something that others can depend on, by name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Thing {
    Process(String),
    Effect(usize),
    Contributor(String),
    Package(String, String),
    Capability(String),
    Condition(String),
    Objective(String),
}

/// How far a thing has been built; the index is that of what came of it.
#[derive(Clone, Copy, Debug)]
enum Progress {
    UnderWay,
    Done(usize),
    Faulty,
}

pub(super) struct Builder<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) model: Model,
    targets: Targets,
    progress: HashMap<Thing, Progress>,
    /// What is being built, outermost first, with the address and place that led there.
    stack: Vec<(Thing, String, Span)>,
    /// Quantities by their address: several things may share one (a stance's chance, a driver).
    shared: HashMap<String, QuantityId>,
    /// Signals by their `Debug` text, in which every number is exact: those of one meaning are one.
    meanings: HashMap<String, SignalId>,
    /// Addresses of the conditions that are watched for their label.
    labelled: BTreeSet<String>,
}

impl<'a> Builder<'a> {
    fn new(scenario: &'a Scenario, diagnostics: &'a mut Diagnostics) -> Self {
        let catalogue = super::effects::catalogue(scenario);
        let correlations = super::correlations::resolve(scenario, &catalogue, diagnostics);
        let targets = Targets::resolve(scenario, &catalogue, &correlations, diagnostics);
        let simulation = simulation(scenario, diagnostics);
        let model = Model {
            title: String::new(),
            start: scenario.start,
            horizon: crate::draw::snap(scenario.horizon.value.0),
            simulation,
            quantities: Vec::new(),
            chances: Vec::new(),
            effects: Vec::new(),
            correlations,
            processes: Vec::new(),
            contributors: Vec::new(),
            packages: Vec::new(),
            capabilities: Vec::new(),
            signals: vec![Signal::Always],
            steps: Vec::new(),
            objectives: Vec::new(),
            gates: Vec::new(),
            mission: ALWAYS,
            watched: Vec::new(),
            claims: Vec::new(),
        };
        Self {
            scenario,
            diagnostics,
            model,
            targets,
            progress: HashMap::new(),
            stack: Vec::new(),
            shared: HashMap::new(),
            meanings: HashMap::new(),
            labelled: BTreeSet::new(),
        }
    }

    /// Builds all that the scenario defines, used or not, so that all faults are found.
    fn everything(&mut self) {
        let scenario = self.scenario;
        for (index, effect) in scenario.effects.iter().enumerate() {
            self.thing(&Thing::Effect(index), &effect.address.to_string(), effect.span);
        }
        for (address, process) in super::resolve::processes(scenario) {
            self.thing(&Thing::Process(address.clone()), &address, process.span);
        }
        for (name, condition) in &scenario.conditions {
            self.thing(
                &Thing::Condition(name.clone()),
                &format!("conditions.{name}"),
                condition.key,
            );
        }
        for (name, capability) in &scenario.capabilities {
            self.thing(
                &Thing::Capability(name.clone()),
                &format!("capabilities.{name}"),
                capability.key,
            );
        }
        for (name, contributor) in &scenario.contributors {
            self.thing(
                &Thing::Contributor(name.clone()),
                &format!("contributors.{name}"),
                contributor.key,
            );
            for (capability, package) in &contributor.value.provides {
                let thing = Thing::Package(name.clone(), capability.clone());
                self.thing(
                    &thing,
                    &format!("contributors.{name}.provides.{capability}"),
                    package.key,
                );
            }
        }
        self.objectives();
        self.mission();
        self.model.contributors_in_order();
    }

    /// Builds a thing if that has not been done; the index of what came of it, or `None` if it has a fault.
    pub(super) fn thing(&mut self, thing: &Thing, address: &str, span: Span) -> Option<usize> {
        match self.progress.get(thing) {
            Some(Progress::Done(index)) => return Some(*index),
            Some(Progress::Faulty) => return None,
            Some(Progress::UnderWay) => {
                self.refuse_circle(thing, address, span);
                return None;
            }
            None => {}
        }
        if self.stack.len() >= DEEPEST {
            let message = format!(
                "`{address}` stands at the end of a chain of {DEEPEST} things that wait for each other"
            );
            self.diagnostics
                .push(Diagnostic::at(Rule::OutOfRange, span, message, ""));
            self.progress.insert(thing.clone(), Progress::Faulty);
            return None;
        }
        self.progress.insert(thing.clone(), Progress::UnderWay);
        self.stack.push((thing.clone(), address.to_owned(), span));
        let index = self.make(thing);
        self.stack.pop();
        let progress = index.map_or(Progress::Faulty, Progress::Done);
        self.progress.insert(thing.clone(), progress);
        index
    }

    fn make(&mut self, thing: &Thing) -> Option<usize> {
        let scenario = self.scenario;
        match thing {
            Thing::Process(address) => {
                let process = super::resolve::process(scenario, address)?;
                self.process(process)
            }
            Thing::Effect(index) => self.effect(*index),
            Thing::Contributor(name) => self.contributor(name, &scenario.contributors.get(name)?.value),
            Thing::Package(contributor, capability) => {
                let package = scenario
                    .contributors
                    .get(contributor)?
                    .value
                    .provides
                    .get(capability)?;
                self.package(contributor, capability, &package.value, package.key)
            }
            Thing::Capability(name) => self.capability(name),
            Thing::Condition(name) => {
                let condition = &scenario.conditions.get(name)?.value;
                let signal = self.condition(condition)?;
                let label = condition.label.clone().unwrap_or_else(|| name.replace('_', " "));
                let address = format!("conditions.{name}");
                self.model.watched.push(Watched {
                    address,
                    label,
                    is_named: true,
                    signal,
                });
                Some(signal)
            }
            Thing::Objective(name) => {
                let objective = &scenario.objectives.get(name)?.value;
                self.conditions(&objective.requires)
            }
        }
    }

    /// Reports the whole circle, address by address.
    fn refuse_circle(&mut self, thing: &Thing, address: &str, span: Span) {
        let from = self
            .stack
            .iter()
            .position(|(above, _, _)| above == thing)
            .unwrap_or(0);
        let circle = &self.stack[from..];
        let mut addresses: Vec<&str> = circle.iter().map(|(_, address, _)| address.as_str()).collect();
        let first = addresses[0].to_owned();
        addresses.push(&first);
        let message = format!("`{first}` depends on itself: {}", addresses.join(" → "));
        let mut fault = Diagnostic::at(
            Rule::Cycle,
            span,
            message,
            format!("`{address}` closes the circle"),
        );
        for (_, address, place) in circle.iter().skip(1) {
            fault = fault.context(*place, format!("by way of `{address}`"));
        }
        self.diagnostics
            .push(fault.help("break the circle at one of these places; `once` does not break it"));
    }
}

impl Model {
    /// Puts contributors into the order of their names, wherever the walk met them first.
    fn contributors_in_order(&mut self) {
        let mut order: Vec<usize> = (0..self.contributors.len()).collect();
        order.sort_by(|&one, &other| self.contributors[one].name.cmp(&self.contributors[other].name));
        let mut place = vec![0; order.len()];
        for (new, &old) in order.iter().enumerate() {
            place[old] = new;
        }
        self.contributors = order.iter().map(|&old| self.contributors[old].clone()).collect();
        for package in &mut self.packages {
            package.contributor = place[package.contributor];
        }
        for signal in &mut self.signals {
            if let Signal::Pledge(contributor) = signal {
                *contributor = place[*contributor];
            }
        }
        for step in &mut self.steps {
            if let Step::Pledge(contributor) = step {
                *contributor = place[*contributor];
            }
        }
    }
}

/// The longest chain of things that wait for each other: each link takes a part of the stack.
const DEEPEST: usize = 1_000;

/// The longest horizon: results have a row a day.
const MOST_DAYS: f64 = 36_525.0;

/// Reads and checks `[simulation]`, and the horizon.
fn simulation(scenario: &Scenario, diagnostics: &mut Diagnostics) -> Simulation {
    if scenario.horizon.value.0 > MOST_DAYS {
        let message = format!("`horizon` must be at most {MOST_DAYS} days, a hundred years");
        diagnostics.push(Diagnostic::at(
            Rule::OutOfRange,
            scenario.horizon.span,
            message,
            "",
        ));
    }
    let Some(written) = &scenario.simulation else {
        return Simulation::default();
    };
    if let Some(trials) = written.trials.as_ref().filter(|trials| trials.value == 0) {
        let message = "`simulation.trials` must be at least 1";
        diagnostics.push(Diagnostic::at(Rule::OutOfRange, trials.span, message, ""));
    }
    if let Some(confidence) = written
        .confidence
        .as_ref()
        .filter(|confidence| !(confidence.value > 0.0 && confidence.value < 1.0))
    {
        let message = "`simulation.confidence` must lie between 0 and 1, such as 0.95";
        diagnostics.push(Diagnostic::at(Rule::OutOfRange, confidence.span, message, ""));
    }
    Simulation {
        trials: written.trials.as_ref().map(|trials| trials.value),
        seed: written.seed,
        confidence: written.confidence.as_ref().map(|confidence| confidence.value),
        sampler: written.sampler,
    }
}
