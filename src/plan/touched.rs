//! What a scenario that differs from another in some values makes to be computed anew.
//!
//! Two models of one shape have the same signals, steps and effects and differ in what some quantities are. A quantity
//! touches the steps that read it, a step the signals that it writes, and a signal the steps that read it: so the steps
//! are walked once, in the order in which they are computed.
//!
//! A trial that reads none of the changed quantities is the same in both, to the last step: the first step that differed would
//! have to read one. Most quantities are read in some trials only, those in which a clock starts or a chance says yes;
//! [`Reader`] says in which.

use super::{Contributor, Plan, Process};
use crate::model::{Cause, Given, Initial, Model, QuantityId, Signal, SignalId, Step, Transition, Visits};

/// The steps of a plan that some changed quantities touch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touched {
    /// Whether what is drawn before all steps changes: drivers and their factors, amounts asked for.
    pub first: bool,
    /// Whether each step of the plan is to be taken again.
    pub steps: Vec<bool>,
    /// Who reads a changed quantity; `None` if every trial may.
    pub readers: Option<Vec<Reader>>,
}

/// Something that reads a changed quantity in a trial only if some things happen in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reader {
    /// A fact that must hold at some time.
    pub fact: SignalId,
    /// A chance that must say yes when it is first asked; its probability is the same at all times.
    pub chance: Option<usize>,
}

/// The quantities in which two models of one shape differ; `None` if they differ in anything else that a trial depends on.
#[must_use]
pub fn differences(one: (&Model, &Plan), other: (&Model, &Plan)) -> Option<Vec<QuantityId>> {
    if !has_same_shape(one.0, other.0) || !is_played_alike(one.1, other.1) {
        return None;
    }
    let pairs = one.0.quantities.iter().zip(&other.0.quantities).enumerate();
    let changed = pairs.filter(|(_, (one, other))| !is_same(&one.given, &other.given));
    Some(changed.map(|(quantity, _)| quantity).collect())
}

fn is_same(one: &Given, other: &Given) -> bool {
    match (one, other) {
        (Given::Constant(one), Given::Constant(other)) => one.to_bits() == other.to_bits(),
        // The text of a law prints every parameter exactly.
        (Given::Uncertain(one), Given::Uncertain(other)) => {
            format!("{:?}", one.law()) == format!("{:?}", other.law())
        }
        _ => false,
    }
}

/// Whether two models differ in what quantities are, at the most.
fn has_same_shape(one: &Model, other: &Model) -> bool {
    let quantities = |model: &Model| model.quantities.len();
    let is_alike = quantities(one) == quantities(other)
        && one.quantities.iter().zip(&other.quantities).all(|(one, other)| {
            one.address == other.address
                && one.hazard == other.hazard
                && one.scale == other.scale
                && one.correlation == other.correlation
        });
    is_alike
        && one.start == other.start
        && one.horizon == other.horizon
        && one.chances == other.chances
        && one.effects == other.effects
        && one.correlations == other.correlations
        && one.processes == other.processes
        && one.contributors == other.contributors
        && one.packages == other.packages
        && one.capabilities == other.capabilities
        && one.signals == other.signals
        && one.steps == other.steps
        && one.gates == other.gates
        && one.mission == other.mission
}

/// Whether two plans take the same ways: what one has computed the other can go on with.
fn is_played_alike(one: &Plan, other: &Plan) -> bool {
    one.is_rising == other.is_rising
        && one.is_threshold_of_arrivals == other.is_threshold_of_arrivals
        && one.first == other.first
        && one.dimensions == other.dimensions
        && one.packages == other.packages
        && one
            .contributors
            .iter()
            .zip(&other.contributors)
            .all(|(one, other)| one.is_plain == other.is_plain && one.brings == other.brings)
        && one
            .capabilities
            .iter()
            .zip(&other.capabilities)
            .all(|(one, other)| one.is_plain == other.is_plain && one.measure == other.measure)
}

impl Touched {
    /// What changes of these quantities touch.
    #[must_use]
    pub fn by(plan: &Plan, changed: &[QuantityId]) -> Self {
        let first = changed
            .iter()
            .any(|quantity| plan.first.contains(quantity) || is_of_effect(plan, *quantity));
        let mut walk = Walk {
            plan,
            changed,
            // Factors of drivers are worked out before all steps: whoever has an effect may be touched.
            has_other_factors: changed.iter().any(|&quantity| is_of_effect(plan, quantity)),
            signals: vec![false; plan.signals.len()],
            packages: vec![false; plan.packages.len()],
            totals: vec![false; plan.capabilities.len()],
        };
        let steps = plan.steps.iter().map(|&step| walk.take(step)).collect();
        let readers = if first { None } else { readers(plan, changed) };
        Self {
            first,
            steps,
            readers,
        }
    }
}

/// Who reads any of some quantities, none of which is drawn before all steps; `None` if every trial may.
fn readers(plan: &Plan, changed: &[QuantityId]) -> Option<Vec<Reader>> {
    let is_changed = |quantity: QuantityId| changed.contains(&quantity);
    let mut readers = Vec::new();
    for &step in &plan.steps {
        match step {
            Step::Process(process) => {
                let process = &plan.processes[process];
                let exits = process.exits.iter().flatten();
                readers.extend(exits.filter_map(|exit| exit_reader(plan, changed, process, exit)));
            }
            Step::Pledge(contributor) => {
                readers.extend(pledge_reader(plan, changed, &plan.contributors[contributor]));
            }
            Step::Package(package) => {
                let package = &plan.packages[package];
                let quantities = [package.notice_to_move, package.amount].into_iter();
                if quantities.chain(package.sustains).any(is_changed) {
                    readers.push(Reader {
                        fact: package.ready_to_start,
                        chance: None,
                    });
                }
            }
            Step::Total(capability) => {
                if plan.capabilities[capability].initial.is_some_and(is_changed) {
                    return None;
                }
            }
            Step::Signal(signal) => match plan.signals[signal] {
                Signal::Threshold { at_least, .. } if is_changed(at_least) => return None,
                Signal::Held { days, of } if is_changed(days) => readers.push(Reader {
                    fact: of,
                    chance: None,
                }),
                _ => {}
            },
        }
    }
    Some(readers)
}

/// A transition that reads a changed quantity. No state tells whether a transition out of it is asked for: a trial may leave a
/// state at the moment at which it enters it.
fn exit_reader(plan: &Plan, changed: &[QuantityId], process: &Process, exit: &Transition) -> Option<Reader> {
    let is_asked = exit
        .chance
        .is_some_and(|chance| is_probability(plan, changed, chance));
    if !is_asked && !changed.contains(&exit.after) {
        return None;
    }
    // Of two states that take turns, nothing is read before the first transition has been let through. They may take turns in the
    // base and not in a point, or the other way round, since a chance that is drawn cannot be tossed by columns: then that
    // chance is among what is changed, and tells nothing.
    let (fact, chance) = match &process.alternation {
        Some(turns) => (turns.requires, turns.chance.map(|(chance, _)| chance)),
        None => (
            exit.requires,
            exit.chance.filter(|_| exit.visits == Visits::First),
        ),
    };
    Some(Reader {
        fact,
        chance: chance.filter(|&chance| can_tell(plan, changed, chance)),
    })
}

/// A contributor that reads a changed quantity for itself, not for its packages.
fn pledge_reader(plan: &Plan, changed: &[QuantityId], contributor: &Contributor) -> Option<Reader> {
    let chance = contributor.chance;
    let is_asked = chance.is_some_and(|chance| is_probability(plan, changed, chance));
    (is_asked || changed.contains(&contributor.decision)).then(|| Reader {
        fact: contributor.requires,
        chance: chance.filter(|&chance| can_tell(plan, changed, chance)),
    })
}

fn is_probability(plan: &Plan, changed: &[QuantityId], chance: usize) -> bool {
    changed.contains(&plan.chances[chance].probability)
}

/// Whether a chance says the same with and without the change, at all times: its answer tells what is asked for after it.
fn can_tell(plan: &Plan, changed: &[QuantityId], chance: usize) -> bool {
    !plan.chances[chance].varies && !is_probability(plan, changed, chance)
}

/// Whether a quantity is the ratio or the driver of an effect.
fn is_of_effect(plan: &Plan, quantity: QuantityId) -> bool {
    plan.effects
        .iter()
        .any(|effect| effect.ratio == quantity || effect.cause == Cause::Driver(quantity))
}

/// What has been found to be touched, step by step.
struct Walk<'p> {
    plan: &'p Plan,
    changed: &'p [QuantityId],
    has_other_factors: bool,
    signals: Vec<bool>,
    packages: Vec<bool>,
    totals: Vec<bool>,
}

impl Walk<'_> {
    /// Whether a step is touched; if it is, so is what it writes.
    fn take(&mut self, step: Step) -> bool {
        let plan = self.plan;
        match step {
            Step::Process(process) => {
                let process = &plan.processes[process];
                let exits = process.exits.iter().flatten();
                let is_touched = exits.clone().any(|exit| {
                    self.signals[exit.requires]
                        || self.quantity(exit.after)
                        || exit.chance.is_some_and(|chance| self.chance(chance))
                }) || matches!(process.initial, Initial::Drawn(initial) if self.quantity(initial));
                self.write(is_touched, &process.levels)
            }
            Step::Pledge(contributor) => {
                let contributor = &plan.contributors[contributor];
                let is_own = self.signals[contributor.requires]
                    || self.quantity(contributor.decision)
                    || contributor.chance.is_some_and(|chance| self.chance(chance));
                // Packages that are brought along are drawn with the pledge.
                let brought = contributor.brings.iter();
                let is_brought = brought.clone().any(|&package| self.package(package));
                if is_own || is_brought {
                    brought.for_each(|&package| self.packages[package] = true);
                }
                self.write(is_own, &[contributor.pledge]) || is_brought
            }
            Step::Package(package) => {
                let is_touched = self.packages[package] || self.package(package);
                self.packages[package] = is_touched;
                self.write(is_touched, &[plan.packages[package].supply])
            }
            Step::Total(capability) => {
                let planned = &plan.capabilities[capability];
                let is_touched = planned.initial.is_some_and(|initial| self.quantity(initial))
                    || planned.packages.iter().any(|&package| {
                        self.packages[package] || self.signals[plan.packages[package].supply]
                    });
                let asked = planned
                    .thresholds
                    .iter()
                    .any(|threshold| self.quantity(threshold.at_least));
                self.totals[capability] = is_touched;
                let written: Vec<SignalId> = planned
                    .thresholds
                    .iter()
                    .map(|threshold| threshold.signal)
                    .collect();
                self.write((is_touched || asked) && planned.is_plain, &written) || is_touched
            }
            Step::Signal(signal) => {
                let is_touched = self.condition(signal);
                self.write(is_touched, &[signal])
            }
        }
    }

    /// Marks signals that are written, if the step is touched; returns whether it is.
    fn write(&mut self, is_touched: bool, signals: &[SignalId]) -> bool {
        if is_touched {
            signals.iter().for_each(|&signal| self.signals[signal] = true);
        }
        is_touched
    }

    /// Whether a quantity, or anything that acts on it, has changed.
    fn quantity(&self, quantity: QuantityId) -> bool {
        let planned = &self.plan.quantities[quantity];
        self.changed.contains(&quantity) || self.effects(&planned.hazard) || self.effects(&planned.scale)
    }

    fn chance(&self, chance: usize) -> bool {
        let planned = &self.plan.chances[chance];
        self.quantity(planned.probability) || self.effects(&planned.odds)
    }

    fn effects(&self, effects: &[usize]) -> bool {
        effects.iter().any(|&effect| {
            self.has_other_factors
                || matches!(self.plan.effects[effect].cause, Cause::Signal(signal) if self.signals[signal])
        })
    }

    fn package(&self, package: usize) -> bool {
        let planned = &self.plan.packages[package];
        let signals = [planned.ready_to_start, planned.during, planned.pledge];
        self.quantity(planned.amount)
            || self.quantity(planned.notice_to_move)
            || planned.sustains.is_some_and(|sustains| self.quantity(sustains))
            || signals.into_iter().any(|signal| self.signals[signal])
    }

    fn condition(&self, signal: SignalId) -> bool {
        match &self.plan.signals[signal] {
            // Written already, by the step that adds up arrivals.
            _ if self.plan.is_threshold_of_arrivals[signal] => self.signals[signal],
            Signal::Threshold { capability, at_least } => {
                self.totals[*capability] || self.quantity(*at_least)
            }
            Signal::Count { of, .. } | Signal::None(of) => of.iter().any(|&of| self.signals[of]),
            Signal::Held { days, of } => self.quantity(*days) || self.signals[*of],
            Signal::Once(of) => self.signals[*of],
            Signal::Always
            | Signal::Window { .. }
            | Signal::Level { .. }
            | Signal::Pledge(_)
            | Signal::Supply(_) => false,
        }
    }
}
