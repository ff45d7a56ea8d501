//! The builder: walks everything that a scenario defines, depth first along what each thing depends on, so that the
//! order of computation falls out of the walk and a circle shows as a thing met again while it is still being built.

use std::collections::{HashMap, HashSet};

use super::catalogue::Catalogue;
use super::effects::Targets;
use super::{ALWAYS, Model, QuantityId, Signal, SignalId, Simulation, Step};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::time::Timescale;

mod chains;
mod conditions;
mod contributors;
mod mission;
mod processes;
mod quantities;
mod things;

use chains::{CutOff, DEEPEST};
use contributors::Suppliers;
pub(super) use things::{Known, Thing};
use things::{Mention, Progress};

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
    let Builder {
        mut model,
        referred,
        shared,
        diagnostics,
        ..
    } = builder;
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
    super::unreferenced::warn(scenario, &model, &referred, &shared, diagnostics);
    Some(model)
}

pub(super) struct Builder<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) diagnostics: &'a mut Diagnostics,
    pub(super) model: Model,
    targets: Targets,
    progress: HashMap<Thing<'a>, Progress>,
    /// The packages of each capability, by its name.
    suppliers: Suppliers<'a>,
    /// What is being built, outermost first.
    stack: Vec<Mention<'a>>,
    /// For each of these, how long the longest chain is that it waits for, as far as that is known.
    heights: Vec<usize>,
    /// Chains that were too long to be walked at once.
    cut_off: CutOff<'a>,
    /// Quantities that several things may name (a stance's chance, a driver), by their address.
    shared: HashMap<&'a Address, QuantityId>,
    /// Signals of conditions: those of one meaning are one.
    meanings: HashMap<Signal, SignalId>,
    /// What conditions refer to.
    pub(super) referred: HashSet<Thing<'a>>,
    /// Addresses of the conditions that are watched for their label.
    labelled: HashSet<&'a Address>,
}

impl<'a> Builder<'a> {
    fn new(scenario: &'a Scenario, diagnostics: &'a mut Diagnostics) -> Self {
        let catalogue = Catalogue::of(scenario);
        let correlations = super::correlations::resolve(scenario, &catalogue, diagnostics);
        let targets = Targets::resolve(scenario, &catalogue, &correlations, diagnostics);
        let simulation = simulation(scenario, diagnostics);
        let time = Timescale::new(scenario.horizon.value.0);
        let model = Model {
            title: String::new(),
            start: scenario.start,
            horizon: time.days(time.horizon()),
            simulation,
            // Nearly each target is a quantity, or has one as its probability.
            quantities: Vec::with_capacity(catalogue.len()),
            chances: Vec::new(),
            effects: Vec::new(),
            correlations,
            processes: Vec::new(),
            contributors: Vec::with_capacity(scenario.contributors.len()),
            packages: Vec::new(),
            capabilities: contributors::capabilities(scenario),
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
            suppliers: contributors::suppliers(scenario),
            stack: Vec::new(),
            heights: Vec::new(),
            cut_off: CutOff::default(),
            shared: HashMap::new(),
            meanings: HashMap::new(),
            referred: HashSet::new(),
            labelled: HashSet::new(),
        }
    }

    /// Builds all that the scenario defines, used or not, so that all faults are found.
    fn everything(&mut self) {
        let scenario = self.scenario;
        for index in 0..scenario.effects.len() {
            self.acting(index);
        }
        for (name, process) in super::resolve::processes(scenario) {
            self.thing(Thing::Process(name), process.span);
        }
        for condition in Known::all(&scenario.conditions) {
            self.thing(Thing::Condition(condition), condition.key());
        }
        for capability in Known::all(&scenario.capabilities) {
            self.thing(Thing::Capability(capability), capability.key());
        }
        for contributor in Known::all(&scenario.contributors) {
            self.thing(Thing::Contributor(contributor), contributor.key());
            for package in Known::all(&contributor.written().provides) {
                self.thing(Thing::Package(contributor, package), package.key());
            }
        }
        self.objectives();
        self.mission();
        for fault in self.cut_off.faults() {
            self.diagnostics.push(fault);
        }
        self.model.contributors_in_order();
    }

    /// Builds a thing that is named by its own address.
    pub(super) fn thing(&mut self, thing: Thing<'a>, span: Span) -> Option<usize> {
        let by = None;
        self.mentioned(Mention { thing, by, span })
    }

    /// Builds a thing if that has not been done; the index of what came of it, or `None` if it has a fault.
    fn mentioned(&mut self, mention: Mention<'a>) -> Option<usize> {
        match self.progress.get(&mention.thing) {
            Some(&Progress::Done { index, height }) => {
                self.rest_on(height);
                return Some(index);
            }
            Some(Progress::Faulty) => {
                if self.cut_off.has(mention.thing) {
                    self.cut_off.note(&self.stack, mention);
                }
                return None;
            }
            Some(Progress::UnderWay) => {
                self.refuse_circle(mention);
                return None;
            }
            None if self.stack.len() >= DEEPEST => {
                self.cut_off.note(&self.stack, mention);
                return None;
            }
            None => {}
        }
        self.progress.insert(mention.thing, Progress::UnderWay);
        self.stack.push(mention);
        self.heights.push(0);
        let index = self.make(mention.thing);
        self.stack.pop();
        let height = 1 + self.heights.pop().unwrap_or(0);
        let index = index.filter(|_| height <= DEEPEST || self.refuse_height(mention));
        let done = |index| Progress::Done { index, height };
        self.progress
            .insert(mention.thing, index.map_or(Progress::Faulty, done));
        self.rest_on(height);
        index
    }

    /// Takes note that what is being built waits for a chain of so many things.
    fn rest_on(&mut self, height: usize) {
        if let Some(own) = self.heights.last_mut() {
            *own = height.max(*own);
        }
    }

    /// Reports that a thing waits for too long a chain, which was short enough from where the walk met its parts.
    fn refuse_height(&mut self, mention: Mention<'a>) -> bool {
        self.diagnostics.push(chains::too_long(&mention));
        false
    }

    fn make(&mut self, thing: Thing<'a>) -> Option<usize> {
        match thing {
            Thing::Process(name) => self.process(name.of(self.scenario)?),
            Thing::Effect(index) => self.effect(index),
            Thing::Contributor(contributor) => self.contributor(contributor),
            Thing::Package(contributor, package) => self.package(contributor, package),
            Thing::Capability(capability) => self.capability(capability),
            Thing::Condition(condition) => self.named_condition(condition),
            Thing::Objective(objective) => self.conditions(&objective.written().requires),
        }
    }

    /// Reports the whole circle, address by address.
    fn refuse_circle(&mut self, mention: Mention<'a>) {
        let is_start = |above: &Mention| above.thing == mention.thing;
        let from = self.stack.iter().position(is_start).unwrap_or(0);
        let (start, rest) = self.stack[from..].split_first().unwrap_or((&mention, &[]));
        let circle: Vec<Mention> = rest.iter().copied().chain([mention]).collect();
        let fault = chains::circular(start, &circle);
        self.diagnostics.push(fault);
    }
}

impl Model {
    /// Puts contributors into the order of their names, wherever the walk met them first.
    fn contributors_in_order(&mut self) {
        let mut ordered: Vec<_> = std::mem::take(&mut self.contributors)
            .into_iter()
            .enumerate()
            .collect();
        ordered.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let mut place = vec![0; ordered.len()];
        for (new, (old, contributor)) in ordered.into_iter().enumerate() {
            place[old] = new;
            self.contributors.push(contributor);
        }
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
