//! The builder: walks everything that a scenario defines, depth first along what each thing depends on, so that the
//! order of computation falls out of the walk and a circle shows as a thing met again while it is still being built.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;

use super::effects::Targets;
use super::{
    ALWAYS, Capability, Cause, Chance, ChanceId, Contributor, Effect, EffectId, Gate, Given, Initial, Model,
    Objective, Package, Process, Quantity, QuantityId, Signal, SignalId, Simulation, Step, Transition,
    Visits, Watched,
};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::distribution::{Argument, Arguments, Distribution, family};
use crate::scenario::condition::{Condition, Conditions, Says};
use crate::scenario::process::{self as written, Form};
use crate::scenario::quantity::{self, Quantity as Written};
use crate::scenario::{Contributor as WrittenContributor, Package as WrittenPackage, Scenario};

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

    // Quantities and chances

    /// A quantity as the model has it, with everything that acts on it built before.
    pub(super) fn quantity(&mut self, written: &Written) -> Option<QuantityId> {
        let address = written.address.to_string();
        // The conditions of an objective are met twice: in its signal and as gates.
        if let Some(&shared) = self.shared.get(&address) {
            return Some(shared);
        }
        let hazard = self.effects(&self.targets.hazard(&address))?;
        let scale = self.effects(&self.targets.scale(&address))?;
        let correlation = self.targets.correlation(&address);
        let id = self.add(Quantity {
            given: given(written),
            on_grid: written.on_grid,
            address: address.clone(),
            hazard,
            scale,
            correlation,
        });
        self.shared.insert(address, id);
        Some(id)
    }

    /// The same for a key that may be absent, with the value that stands for it then.
    fn quantity_or(&mut self, written: Option<&Written>, absent: f64, address: &str) -> Option<QuantityId> {
        match written {
            Some(written) => self.quantity(written),
            None => Some(self.constant(absent, address)),
        }
    }

    fn constant(&mut self, value: f64, address: &str) -> QuantityId {
        self.add(Quantity::plain(address, Given::Constant(value)))
    }

    fn add(&mut self, quantity: Quantity) -> QuantityId {
        self.model.quantities.push(quantity);
        self.model.quantities.len() - 1
    }

    /// A yes or no at `address`, whose probability is `written`, maybe elsewhere (a stance).
    fn chance(&mut self, address: &str, written: &Written) -> Option<ChanceId> {
        let probability = self.probability(written);
        let odds = self.effects(&self.targets.odds(address))?;
        let correlation = self.targets.correlation(address);
        self.model.chances.push(Chance {
            address: address.to_owned(),
            probability,
            odds,
            correlation,
        });
        Some(self.model.chances.len() - 1)
    }

    /// The probability of a chance; one that is a distribution is drawn at the address of the distribution.
    fn probability(&mut self, written: &Written) -> QuantityId {
        let mut address = written.address.to_string();
        let given = match &written.given {
            quantity::Given::Constant(value) => Given::Constant(*value),
            quantity::Given::Uncertain(distribution) => {
                address = format!("{address}.{}", distribution.family().name);
                Given::Uncertain(distribution.clone())
            }
        };
        if let Some(&shared) = self.shared.get(&address) {
            return shared;
        }
        let id = self.add(Quantity::plain(&address, given));
        self.shared.insert(address, id);
        id
    }

    /// Builds effects, by their place in the file.
    fn effects(&mut self, indices: &[usize]) -> Option<Vec<EffectId>> {
        let scenario = self.scenario;
        let mut built = Vec::with_capacity(indices.len());
        for &index in indices {
            let effect = &scenario.effects[index];
            built.push(self.thing(&Thing::Effect(index), &effect.address.to_string(), effect.span));
        }
        built.into_iter().collect()
    }

    fn effect(&mut self, index: usize) -> Option<EffectId> {
        let written = &self.scenario.effects[index];
        let ratio = self.quantity(&written.ratio.quantity)?;
        let cause = match &written.cause.says {
            Says::Is(reference) if reference.starts_with("drivers.") => {
                self.driver(reference, written.cause.span)?
            }
            _ => Cause::Signal(self.condition(&written.cause)?),
        };
        self.model.effects.push(Effect {
            address: written.address.to_string(),
            cause,
            ratio,
        });
        Some(self.model.effects.len() - 1)
    }

    fn driver(&mut self, reference: &str, span: Span) -> Option<Cause> {
        let name = reference.trim_start_matches("drivers.");
        let Some(driver) = self.scenario.drivers.get(name) else {
            if self.diagnostics.is_unread(reference) {
                return None;
            }
            let message = format!("there is no driver `{name}`");
            let help = crate::diagnostic::suggest(name, self.scenario.drivers.keys().map(String::as_str));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
            return None;
        };
        self.quantity(&driver.value.value.quantity).map(Cause::Driver)
    }

    // Processes

    fn process(&mut self, written: &written::Process) -> Option<usize> {
        let address = written.address.to_string();
        let (states, initial, transitions) = match &written.form {
            Form::Short(short) => self.short(&address, short)?,
            Form::Full(full) => self.full(full)?,
        };
        let id = self.model.processes.len();
        let levels: Vec<SignalId> = (1..states.len())
            .map(|state| self.own_signal(Signal::Level { process: id, state }))
            .collect();
        self.model.processes.push(Process {
            address,
            label: written.label.clone(),
            states,
            initial,
            transitions,
            levels,
        });
        self.model.steps.push(Step::Process(id));
        Some(id)
    }

    fn short(
        &mut self,
        address: &str,
        short: &written::Short,
    ) -> Option<(Vec<String>, Initial, Vec<Transition>)> {
        let requires = self.conditions(&short.requires)?;
        let chance = match &short.chance {
            Some(chance) => Some(self.chance(&format!("{address}.chance"), chance)?),
            None => None,
        };
        let after = self.quantity_or(short.after.as_ref(), 0.0, &format!("{address}.after"))?;
        let mut transitions = vec![Transition {
            from: 0,
            to: 1,
            chance,
            after,
            requires,
            visits: Visits::First,
        }];
        if let Some(again) = &short.again {
            let after = self.quantity(again)?;
            transitions.push(Transition {
                from: 0,
                to: 1,
                chance: None,
                after,
                requires,
                visits: Visits::Later,
            });
        }
        if let Some(lasts) = &short.lasts {
            let after = self.quantity(lasts)?;
            transitions.push(Transition {
                from: 1,
                to: 0,
                chance: None,
                after,
                requires: ALWAYS,
                visits: Visits::Each,
            });
        }
        Some((
            vec!["off".to_owned(), "on".to_owned()],
            Initial::State(0),
            transitions,
        ))
    }

    fn full(&mut self, full: &written::Full) -> Option<(Vec<String>, Initial, Vec<Transition>)> {
        let transitions: Vec<Option<Transition>> = full
            .transitions
            .iter()
            .map(|transition| self.transition(transition))
            .collect();
        let initial = match &full.initial {
            written::Initial::State(state) => Initial::State(*state),
            written::Initial::Drawn { address, weights } => {
                let distribution = states_by_weight(weights)?;
                Initial::Drawn(self.add(Quantity::plain(
                    &address.to_string(),
                    Given::Uncertain(distribution),
                )))
            }
        };
        let states = full.states.iter().map(|state| state.value.clone()).collect();
        Some((
            states,
            initial,
            transitions.into_iter().collect::<Option<Vec<_>>>()?,
        ))
    }

    fn transition(&mut self, written: &written::Transition) -> Option<Transition> {
        let requires = self.conditions(&written.requires);
        let chance = match &written.chance {
            Some(chance) => Some(self.chance(&format!("{}.chance", written.address), chance)?),
            None => None,
        };
        let after = self.quantity_or(written.after.as_ref(), 0.0, &format!("{}.after", written.address))?;
        let visits = Visits::Each;
        Some(Transition {
            from: written.from,
            to: written.to,
            chance,
            after,
            requires: requires?,
            visits,
        })
    }

    // Contributors, packages and capabilities

    fn contributor(&mut self, name: &str, written: &WrittenContributor) -> Option<usize> {
        let address = format!("contributors.{name}");
        let requires = self.conditions(&written.requires);
        let decision = self.quantity_or(
            written.decision.as_ref().map(|of| &of.quantity),
            0.0,
            &format!("{address}.decision"),
        );
        let chance = self.contributors_chance(&address, written);
        let (requires, decision, chance) = (requires?, decision?, chance?);
        let id = self.model.contributors.len();
        let pledge = self.own_signal(Signal::Pledge(id));
        let contributor = Contributor {
            name: name.to_owned(),
            label: written.label.clone(),
            requires,
            decision,
            chance,
            pledge,
        };
        self.model.contributors.push(contributor);
        self.model.steps.push(Step::Pledge(id));
        Some(id)
    }

    /// The chance of a pledge, from the contributor's own key or from its stance; the outer `None` is a fault.
    #[allow(
        clippy::option_option,
        reason = "a contributor without a chance is certain, which is no fault"
    )]
    fn contributors_chance(
        &mut self,
        address: &str,
        written: &WrittenContributor,
    ) -> Option<Option<ChanceId>> {
        let own = format!("{address}.chance");
        match (&written.chance, &written.stance) {
            (None, None) => Some(None),
            (Some(chance), None) => self.chance(&own, &chance.quantity).map(Some),
            (None, Some(stance)) => {
                let Some(shared) = self.scenario.stances.get(&stance.value) else {
                    if self.diagnostics.is_unread(&format!("stances.{}", stance.value)) {
                        return None;
                    }
                    let message = format!("there is no stance `{}`", stance.value);
                    let help = crate::diagnostic::suggest(
                        &stance.value,
                        self.scenario.stances.keys().map(String::as_str),
                    )
                    .unwrap_or_else(|| format!("define it: [stances] {} = 0.3", stance.value));
                    self.diagnostics
                        .push(Diagnostic::at(Rule::UnknownReference, stance.span, message, "").help(help));
                    return None;
                };
                self.chance(&own, &shared.value.quantity).map(Some)
            }
            (Some(chance), Some(stance)) => {
                let message = format!("`{address}` has both a chance and a stance");
                let fault = Diagnostic::at(Rule::Contradiction, stance.span, message, "the stance");
                self.diagnostics.push(
                    fault
                        .context(chance.quantity.span, "the chance")
                        .help("keep one of them"),
                );
                None
            }
        }
    }

    fn package(
        &mut self,
        contributor: &str,
        capability: &str,
        written: &WrittenPackage,
        key: Span,
    ) -> Option<usize> {
        let address = format!("contributors.{contributor}.provides.{capability}");
        let capability_id = self.known_capability(capability, key);
        let owner = self.thing(
            &Thing::Contributor(contributor.to_owned()),
            &format!("contributors.{contributor}"),
            key,
        );
        let requires = self.conditions(&written.requires);
        let during = self.conditions(&written.during);
        let amount = self.quantity(&written.amount.quantity);
        let notice = self.quantity_or(
            written.notice_to_move.as_ref().map(|of| &of.quantity),
            0.0,
            &format!("{address}.notice_to_move"),
        );
        let sustains = match &written.sustains {
            Some(sustains) => Some(self.quantity(&sustains.quantity)?),
            None => None,
        };
        let (owner, requires, capability) = (owner?, requires?, capability_id?);
        let pledge = self.model.contributors[owner].pledge;
        let ready_to_start = self.all(vec![pledge, requires]);
        let id = self.model.packages.len();
        let supply = self.own_signal(Signal::Supply(id));
        let package = Package {
            address,
            contributor: owner,
            capability,
            amount: amount?,
            notice_to_move: notice?,
            ready_to_start,
            during: during?,
            sustains,
            supply,
        };
        self.model.packages.push(package);
        self.model.steps.push(Step::Package(id));
        Some(id)
    }

    /// The place that a capability has in the model, in the order of the names.
    pub(super) fn known_capability(&mut self, name: &str, span: Span) -> Option<usize> {
        let position = self.scenario.capabilities.keys().position(|key| key == name);
        if position.is_none() && !self.diagnostics.is_unread(&format!("capabilities.{name}")) {
            let message = format!("there is no capability `{name}`");
            let help =
                crate::diagnostic::suggest(name, self.scenario.capabilities.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("define it: [capabilities.{name}]"));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").help(help));
        }
        self.reserve_capabilities();
        position
    }

    /// Capabilities have their places from the start, so that packages can name them before their totals are built.
    fn reserve_capabilities(&mut self) {
        if !self.model.capabilities.is_empty() {
            return;
        }
        let capability = |(name, written): (
            &String,
            &crate::scenario::read::Named1<crate::scenario::Capability>,
        )| Capability {
            name: name.clone(),
            label: written.value.label.clone(),
            unit: written.value.unit.clone(),
            initial: None,
            packages: Vec::new(),
        };
        self.model.capabilities = self.scenario.capabilities.iter().map(capability).collect();
    }

    fn capability(&mut self, name: &str) -> Option<usize> {
        let written = self.scenario.capabilities.get(name)?;
        let id = self.known_capability(name, written.key)?;
        let initial = match &written.value.initial {
            Some(initial) => Some(self.quantity(&initial.quantity)?),
            None => None,
        };
        let mut packages = Vec::new();
        for (contributor, written) in &self.scenario.contributors {
            if let Some(package) = written.value.provides.get(name) {
                let thing = Thing::Package(contributor.clone(), name.to_owned());
                packages.push(self.thing(
                    &thing,
                    &format!("contributors.{contributor}.provides.{name}"),
                    package.key,
                ));
            }
        }
        let packages = packages.into_iter().collect::<Option<Vec<_>>>()?;
        self.model.capabilities[id].initial = initial;
        self.model.capabilities[id].packages = packages;
        self.model.steps.push(Step::Total(id));
        Some(id)
    }

    // Conditions

    /// The signal that all of a list hold.
    pub(super) fn conditions(&mut self, conditions: &Conditions) -> Option<SignalId> {
        let signals = self.each(&conditions.0)?;
        Some(self.all(signals))
    }

    fn each(&mut self, conditions: &[Condition]) -> Option<Vec<SignalId>> {
        let signals: Vec<Option<SignalId>> = conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        signals.into_iter().collect()
    }

    /// The signal of a condition; one with a label is reported on.
    pub(super) fn condition(&mut self, condition: &Condition) -> Option<SignalId> {
        let signal = self.says(condition)?;
        let address = condition.address.to_string();
        let is_named = address.starts_with("conditions.") && condition.address.keys().len() == 2;
        if let Some(label) = condition.label.clone().filter(|_| !is_named)
            && self.labelled.insert(address.clone())
        {
            self.model.watched.push(Watched {
                address,
                label,
                is_named: false,
                signal,
            });
        }
        Some(signal)
    }

    fn says(&mut self, condition: &Condition) -> Option<SignalId> {
        match &condition.says {
            Says::Is(reference) => self.reference(reference, condition.span),
            Says::Capability {
                name,
                place,
                at_least,
            } => {
                let capability = self.known_capability(name, *place);
                let at_least = self.quantity(at_least);
                self.thing(
                    &Thing::Capability(name.clone()),
                    &condition.address.to_string(),
                    *place,
                )?;
                Some(self.signal(Signal::Threshold {
                    capability: capability?,
                    at_least: at_least?,
                }))
            }
            Says::All(of) => self.each(of).map(|of| self.all(of)),
            Says::Any(of) => self.each(of).map(|of| self.count(1, of)),
            Says::None(of) => self.each(of).map(|of| self.signal(Signal::None(of))),
            Says::Count { count, of } => {
                let of = self.each(of)?;
                Some(self.count(usize::try_from(*count).unwrap_or(usize::MAX), of))
            }
            Says::Held { days, condition } => {
                let days = self.quantity(days);
                let of = self.condition(condition)?;
                days.map(|days| self.signal(Signal::Held { days, of }))
            }
            Says::Once(condition) => self.condition(condition).map(|of| self.signal(Signal::Once(of))),
            Says::Window { from, until } => {
                let from = from.map_or(0.0, |date| self.day(date).max(0.0));
                let until = until.map_or(f64::INFINITY, |date| self.day(date).max(0.0));
                Some(self.signal(Signal::Window { from, until }))
            }
        }
    }

    /// Days from the start to a date; negative before it.
    fn day(&self, date: Date) -> f64 {
        f64::from((date - self.scenario.start).get_days())
    }

    /// The signal that all of these hold.
    fn all(&mut self, mut of: Vec<SignalId>) -> SignalId {
        of.retain(|&signal| signal != ALWAYS);
        self.count(of.len(), of)
    }

    fn count(&mut self, least: usize, of: Vec<SignalId>) -> SignalId {
        match (least, of.as_slice()) {
            (0, _) => ALWAYS,
            (1, [single]) => *single,
            _ => self.signal(Signal::Count { least, of }),
        }
    }

    /// A signal of this meaning: the one that there is, or a new one with its step.
    pub(super) fn signal(&mut self, signal: Signal) -> SignalId {
        let meaning = format!("{signal:?}");
        if let Some(&id) = self.meanings.get(&meaning) {
            return id;
        }
        let id = self.own_signal(signal);
        self.meanings.insert(meaning, id);
        self.model.steps.push(Step::Signal(id));
        id
    }

    /// A new signal that the step of its owner computes.
    fn own_signal(&mut self, signal: Signal) -> SignalId {
        self.model.signals.push(signal);
        self.model.signals.len() - 1
    }

    // Objectives and the mission

    fn objectives(&mut self) {
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
    fn mission_objectives(&mut self) -> Vec<String> {
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

    fn mission(&mut self) {
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
    fn name_of(&self, condition: &Condition) -> String {
        let referred = match (&condition.label, &condition.says) {
            (None, Says::Is(reference)) => match reference.split_once('.') {
                Some(("conditions", name)) => self
                    .scenario
                    .conditions
                    .get(name)
                    .and_then(|entry| entry.value.label.clone()),
                _ => super::resolve::process(self.scenario, reference)
                    .and_then(|process| process.label.clone()),
            },
            _ => None,
        };
        referred.unwrap_or_else(|| super::resolve::in_words(condition))
    }

    fn gates(&mut self, requires: &Conditions) {
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

impl Quantity {
    /// A quantity that nothing acts on, off the grid.
    fn plain(address: &str, given: Given) -> Self {
        let (hazard, scale) = (Vec::new(), Vec::new());
        Self {
            address: address.to_owned(),
            given,
            on_grid: false,
            hazard,
            scale,
            correlation: None,
        }
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

/// What is written, as the model has it.
fn given(written: &Written) -> Given {
    match &written.given {
        quantity::Given::Constant(value) => Given::Constant(*value),
        quantity::Given::Uncertain(distribution) => Given::Uncertain(distribution.clone()),
    }
}

/// The distribution of a process' first state: its values are the states' indices.
fn states_by_weight(weights: &[f64]) -> Option<Distribution> {
    #[allow(clippy::cast_precision_loss, reason = "a process has few states")]
    let values = (0..weights.len()).map(|state| state as f64).collect();
    let arguments = [
        ("values", Argument::Numbers(values)),
        ("weights", Argument::Numbers(weights.to_vec())),
    ];
    let arguments = Arguments(
        arguments
            .into_iter()
            .map(|(key, argument)| (key.to_owned(), argument))
            .collect(),
    );
    Distribution::new(family("discrete")?, &arguments, None, None).ok()
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
