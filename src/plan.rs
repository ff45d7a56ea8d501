//! A model made ready to run: numbers and indices only, with everything settled that does not change from trial to
//! trial: the keys of the draws, the tables of the quantile functions, and which signals can ever switch off.

use crate::amount::Measure;
use crate::distribution::special::normal_quantile;
use crate::distribution::{Distribution, Sampler, TableCache};
use crate::draw::Key;
use crate::model::{Cause, Dependence, EffectId, Given, Model, QuantityId, Signal, SignalId, Step};
use crate::sampling::Coordinate;
use crate::time::{Ticks, Timescale};

mod columns;
mod dimensions;
mod grid;
mod network;
mod rising;
mod totals;
pub mod touched;

pub use crate::lanes::BLOCK;
pub use crate::model::{Initial, Transition};
pub use columns::{Alternation, Toss};
pub use grid::{Grid, Histogram, Places};
pub use network::Network;
pub use totals::{Bins, Capability, TOTAL_BINS};
pub use touched::{Reader, Touched};

/// A model as run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Days that each trial is followed.
    pub horizon: f64,
    /// How days become moments.
    pub time: Timescale,
    /// Everything that is a number or is drawn.
    pub quantities: Vec<Quantity>,
    /// Yes or no with a chance.
    pub chances: Vec<Chance>,
    /// Factors.
    pub effects: Vec<Effect>,
    /// Copulas.
    pub copulas: Vec<Copula>,
    /// Processes.
    pub processes: Vec<Process>,
    /// Contributors.
    pub contributors: Vec<Contributor>,
    /// Packages.
    pub packages: Vec<Package>,
    /// Capabilities.
    pub capabilities: Vec<Capability>,
    /// What each signal is computed from.
    pub signals: Vec<Signal>,
    /// Whether each signal only ever switches on.
    pub is_rising: Vec<bool>,
    /// All that is computed, in order.
    pub steps: Vec<Step>,
    /// Whether each signal is a threshold on a capability that is added up by columns, and so written with it.
    pub is_threshold_of_arrivals: Vec<bool>,
    /// Quantities that are drawn in every trial before anything else.
    pub first: Vec<QuantityId>,
    /// The signals of the gates.
    pub gates: Vec<SignalId>,
    /// The signal that the mission is ready.
    pub mission: SignalId,
    /// The standard normal quantile, for copulas.
    pub normal: Sampler,
    /// The signals that are tallied: the mission's, the objectives', the gates', the watched conditions'.
    pub subjects: Vec<SignalId>,
    /// How times are tallied.
    pub grid: Grid,
    /// The keys of the quantities that have a dimension of a Sobol sequence, in order.
    pub dimensions: Vec<Key>,
}

/// A quantity as drawn.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Its value, or how it is drawn.
    pub value: Value,
    /// Its value as a duration, if it is a number.
    pub ticks: Ticks,
    /// Where it is drawn.
    pub key: Coordinate,
    /// Effects that raise its survival function to a power.
    pub hazard: Vec<EffectId>,
    /// Effects that multiply it.
    pub scale: Vec<EffectId>,
    /// Its place in a copula.
    pub copula: Option<(usize, usize)>,
    /// Whether one look-up is all: no effects and no copula.
    pub is_plain: bool,
}

/// The value of a quantity.
#[derive(Clone, Debug)]
pub enum Value {
    /// The same in every trial.
    Constant(f64),
    /// Drawn.
    Drawn(Sampler),
}

/// A yes or no as drawn.
#[derive(Clone, Debug)]
pub struct Chance {
    /// Where it is drawn.
    pub key: Coordinate,
    /// Its probability before effects.
    pub probability: QuantityId,
    /// Effects on its odds.
    pub odds: Vec<EffectId>,
    /// Whether any of them has a signal as its cause, so that the probability changes over time.
    pub varies: bool,
    /// Its place in a copula.
    pub copula: Option<(usize, usize)>,
    /// The least score of 24 bits that says no, where the probability is the same in all trials: a copula with a common
    /// factor compares scores with it.
    pub score: Option<f32>,
}

/// A factor.
#[derive(Clone, Copy, Debug)]
pub struct Effect {
    /// Where it comes from.
    pub cause: Cause,
    /// The ratio.
    pub ratio: QuantityId,
}

/// A copula as drawn.
#[derive(Clone, Debug)]
pub struct Copula {
    /// Where the common factor is drawn.
    pub key: Coordinate,
    /// Where the members are drawn.
    pub members: Vec<Coordinate>,
    /// How scores hang together.
    pub structure: Scores,
}

/// How the score of a member is made.
#[derive(Clone, Debug)]
pub enum Scores {
    /// `common · z₀ + own · g`.
    CommonFactor {
        /// √ρ.
        common: f32,
        /// √(1−ρ).
        own: f32,
    },
    /// A row of the lower triangular factor times the members' own scores.
    Cholesky(Vec<Vec<f64>>),
}

/// A process as run.
#[derive(Clone, Debug)]
pub struct Process {
    /// How many states it has.
    pub states: usize,
    /// Where it starts.
    pub initial: Initial,
    /// For each state, the transitions out of it, in the order that settles ties.
    pub exits: Vec<Vec<Transition>>,
    /// The signal of each state but the lowest.
    pub levels: Vec<SignalId>,
    /// How it is played for all trials together, if it can be.
    pub alternation: Option<Alternation>,
}

/// A contributor as run.
#[derive(Clone, Debug)]
pub struct Contributor {
    /// What must hold.
    pub requires: SignalId,
    /// For how long.
    pub decision: QuantityId,
    /// The chance of a pledge.
    pub chance: Option<usize>,
    /// The signal of the pledge.
    pub pledge: SignalId,
    /// Whether it is played by columns: its conditions only switch on, and no effect touches its decision and chance.
    pub is_plain: bool,
    /// How its chance is tossed, if it is played by columns and has one.
    pub toss: Option<Toss>,
    /// The packages that are assembled along with its pledge.
    pub brings: Vec<usize>,
}

/// A package as run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The signal of the pledge behind it.
    pub pledge: SignalId,
    /// Pledge and requirements together.
    pub ready_to_start: SignalId,
    /// How long these must hold.
    pub notice_to_move: QuantityId,
    /// How much it is.
    pub amount: QuantityId,
    /// How long it supplies.
    pub sustains: Option<QuantityId>,
    /// It counts only while this holds.
    pub during: SignalId,
    /// The signal that it supplies.
    pub supply: SignalId,
    /// Whether it is played by columns: it only ever starts to supply, and no effect touches its notice and amount.
    pub is_plain: bool,
    /// Whether it is assembled along with the pledge of its contributor: both are played by columns, it waits for
    /// nothing else, and all that asks for its arrivals takes them as such.
    pub is_brought: bool,
}

/// An amount that a condition asks of a total.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The condition.
    pub signal: SignalId,
    /// How much.
    pub at_least: QuantityId,
}

/// Trials below this number are all tallied for the bands of totals; beyond, one block in [`BAND_EVERY`].
const BAND_ALL: u64 = 4_096;

/// See [`BAND_ALL`]. Bands need far fewer trials than chances, and cost more than all else together. An odd number meets
/// each replicate of a sampler in turn, and all parts of its sequence.
const BAND_EVERY: u64 = 127;

impl Plan {
    /// Whether the block that begins with this trial is tallied for bands: it depends on the trial's number alone, so
    /// that no split of the work can change it.
    #[must_use]
    pub fn tallies_totals(&self, first: u64) -> bool {
        first < BAND_ALL || (first / BLOCK as u64).is_multiple_of(BAND_EVERY)
    }

    /// Settles everything that does not change from trial to trial.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        Self::with_tables(model, &mut TableCache::new())
    }

    /// The same with the tables of quantile functions that other plans have had made, and those that it adds to them.
    #[must_use]
    pub fn with_tables(model: &Model, tables: &mut TableCache) -> Self {
        let time = Timescale::new(model.horizon);
        tables.prepare(
            model
                .quantities
                .iter()
                .filter_map(|quantity| match &quantity.given {
                    Given::Uncertain(distribution) => Some(distribution),
                    Given::Constant(_) => None,
                }),
        );
        let normal = normal_sampler(tables);
        let dimensions = dimensions::dimensions(model);
        let quantities: Vec<Quantity> = model
            .quantities
            .iter()
            .map(|quantity| self::quantity(quantity, time, &dimensions, tables))
            .collect();
        let chances: Vec<Chance> = model
            .chances
            .iter()
            .map(|chance| self::chance(chance, &dimensions, model))
            .collect();
        let copulas: Vec<Copula> = model
            .correlations
            .iter()
            .map(|correlation| copula(correlation, &dimensions))
            .collect();
        let is_rising = rising::rising(model);
        let columns = columns::Columns {
            quantities: &quantities,
            chances: &chances,
            copulas: &copulas,
            is_rising: &is_rising,
        };
        let measures = totals::measures(model);
        let mut packages: Vec<Package> = model
            .packages
            .iter()
            .map(|package| self::package(package, model, &columns, &measures))
            .collect();
        let thresholds = thresholds(model);
        let capabilities: Vec<Capability> = thresholds
            .into_iter()
            .enumerate()
            .map(|(id, thresholds)| totals::capability(id, model, measures[id], thresholds, &packages))
            .collect();
        let mut contributors: Vec<Contributor> = model
            .contributors
            .iter()
            .map(|contributor| self::contributor(contributor, &columns))
            .collect();
        bring_along(model, &capabilities, &mut contributors, &mut packages);
        Self {
            horizon: model.horizon,
            time,
            processes: model
                .processes
                .iter()
                .map(|process| self::process(process, &columns))
                .collect(),
            contributors,
            effects: model
                .effects
                .iter()
                .map(|effect| Effect {
                    cause: effect.cause,
                    ratio: effect.ratio,
                })
                .collect(),
            is_threshold_of_arrivals: written_with_totals(model, &capabilities),
            signals: model.signals.clone(),
            steps: model.steps.clone(),
            first: drawn_first(model),
            gates: model.gates.iter().map(|gate| gate.open).collect(),
            mission: model.mission,
            subjects: subjects(model),
            grid: Grid::new(time),
            is_rising,
            packages,
            capabilities,
            copulas,
            chances,
            quantities,
            normal,
            dimensions,
        }
    }
}

/// Finds the packages that are assembled along with the pledge behind them.
fn bring_along(
    model: &Model,
    capabilities: &[Capability],
    contributors: &mut [Contributor],
    packages: &mut [Package],
) {
    for (id, (package, planned)) in model.packages.iter().zip(packages).enumerate() {
        let contributor = &mut contributors[package.contributor];
        planned.is_brought = contributor.is_plain
            && planned.is_plain
            && planned.ready_to_start == planned.pledge
            && capabilities[package.capability].is_plain;
        if planned.is_brought {
            contributor.brings.push(id);
        }
    }
}

/// Whether each signal is a threshold on a capability that is added up by columns.
fn written_with_totals(model: &Model, capabilities: &[Capability]) -> Vec<bool> {
    let mut written = vec![false; model.signals.len()];
    let plain = capabilities.iter().filter(|capability| capability.is_plain);
    for threshold in plain.flat_map(|capability| &capability.thresholds) {
        written[threshold.signal] = true;
    }
    written
}

fn normal_sampler(tables: &mut TableCache) -> Sampler {
    use crate::distribution::{Argument, Arguments, family};
    let arguments =
        [("mean", 0.0), ("sd", 1.0)].map(|(key, value)| (key.to_owned(), Argument::Number(value)));
    let family = family("normal").expect("the registry of families has the normal distribution");
    let normal = Distribution::new(family, &Arguments(arguments.into()), None, None);
    Sampler::new(&normal.expect("mean 0 and sd 1 are possible"), tables)
}

fn quantity(
    quantity: &crate::model::Quantity,
    time: Timescale,
    dimensions: &[Key],
    tables: &mut TableCache,
) -> Quantity {
    let value = match &quantity.given {
        Given::Constant(value) => Value::Constant(*value),
        Given::Uncertain(distribution) => Value::Drawn(Sampler::new(distribution, tables)),
    };
    let ticks = match &value {
        Value::Constant(days) => time.ticks(*days),
        Value::Drawn(_) => 0,
    };
    Quantity {
        value,
        ticks,
        key: Coordinate::of(Key::of(&quantity.address), dimensions),
        hazard: quantity.hazard.clone(),
        scale: quantity.scale.clone(),
        copula: quantity.correlation,
        is_plain: quantity.hazard.is_empty() && quantity.scale.is_empty() && quantity.correlation.is_none(),
    }
}

fn chance(chance: &crate::model::Chance, dimensions: &[Key], model: &Model) -> Chance {
    let has_signal = |effect: &EffectId| matches!(model.effects[*effect].cause, Cause::Signal(_));
    let score = match model.quantities[chance.probability].given {
        Given::Constant(probability) if chance.odds.is_empty() && chance.correlation.is_some() => {
            Some(score(probability))
        }
        _ => None,
    };
    Chance {
        key: Coordinate::of(Key::of(&chance.address), dimensions),
        probability: chance.probability,
        odds: chance.odds.clone(),
        varies: chance.odds.iter().any(has_signal),
        copula: chance.correlation,
        score,
    }
}

/// The least number of 24 bits that is not below the normal score of a probability: a score of 24 bits lies below the
/// one just if it lies below the other. Infinite at 0 and 1.
#[allow(clippy::cast_possible_truncation, reason = "rounded upwards after it")]
fn score(probability: f64) -> f32 {
    if probability <= 0.0 {
        return f32::NEG_INFINITY;
    }
    if probability >= 1.0 {
        return f32::INFINITY;
    }
    let exact = normal_quantile(probability);
    let near = exact as f32;
    if f64::from(near) < exact {
        near.next_up()
    } else {
        near
    }
}

fn copula(correlation: &crate::model::Correlation, dimensions: &[Key]) -> Copula {
    let structure = match &correlation.structure {
        Dependence::CommonFactor { rho } => Scores::CommonFactor {
            common: short(rho.sqrt()),
            own: short((1.0 - rho).sqrt()),
        },
        Dependence::Cholesky { rows } => Scores::Cholesky(rows.clone()),
    };
    let members = correlation
        .members
        .iter()
        .map(|address| Coordinate::of(Key::of(address), dimensions))
        .collect();
    Copula {
        key: Coordinate::of(Key::of(&correlation.address), dimensions),
        members,
        structure,
    }
}

/// A number in 24 significant bits.
#[allow(clippy::cast_possible_truncation, reason = "24 bits are wanted")]
fn short(value: f64) -> f32 {
    value as f32
}

fn process(process: &crate::model::Process, columns: &columns::Columns) -> Process {
    let states = process.states.len();
    let of = |state| {
        process
            .transitions
            .iter()
            .filter(|transition| transition.from == state)
            .cloned()
            .collect()
    };
    let exits = (0..states).map(of).collect();
    Process {
        states,
        initial: process.initial.clone(),
        exits,
        levels: process.levels.clone(),
        alternation: columns.alternation(process),
    }
}

fn contributor(contributor: &crate::model::Contributor, columns: &columns::Columns) -> Contributor {
    Contributor {
        is_plain: columns.is_plain_contributor(contributor),
        toss: contributor.chance.and_then(|chance| columns.toss(chance)),
        brings: Vec::new(),
        requires: contributor.requires,
        decision: contributor.decision,
        chance: contributor.chance,
        pledge: contributor.pledge,
    }
}

fn package(
    package: &crate::model::Package,
    model: &Model,
    columns: &columns::Columns,
    measures: &[Measure],
) -> Package {
    Package {
        is_plain: columns.is_plain_package(package, measures[package.capability]),
        is_brought: false,
        pledge: model.contributors[package.contributor].pledge,
        ready_to_start: package.ready_to_start,
        notice_to_move: package.notice_to_move,
        amount: package.amount,
        sustains: package.sustains,
        during: package.during,
        supply: package.supply,
    }
}

/// What conditions ask of each capability.
fn thresholds(model: &Model) -> Vec<Vec<Threshold>> {
    let mut thresholds = vec![Vec::new(); model.capabilities.len()];
    for (signal, condition) in model.signals.iter().enumerate() {
        if let Signal::Threshold { capability, at_least } = *condition {
            thresholds[capability].push(Threshold { signal, at_least });
        }
    }
    thresholds
}

/// The signals that are tallied, in the order of the results.
fn subjects(model: &Model) -> Vec<SignalId> {
    let objectives = model.objectives.iter().map(|objective| objective.met);
    let gates = model.gates.iter().map(|gate| gate.open);
    let watched = model.watched.iter().map(|watched| watched.signal);
    std::iter::once(model.mission)
        .chain(objectives)
        .chain(gates)
        .chain(watched)
        .collect()
}

/// Quantities that every trial draws before anything else: drivers first, since effects on the others may need them.
fn drawn_first(model: &Model) -> Vec<QuantityId> {
    let mut first = Vec::new();
    let mut add = |quantity: QuantityId| {
        let is_drawn = matches!(model.quantities[quantity].given, Given::Uncertain(_));
        if is_drawn && !first.contains(&quantity) {
            first.push(quantity);
        }
    };
    for effect in &model.effects {
        add(effect.ratio);
        if let Cause::Driver(driver) = effect.cause {
            add(driver);
        }
    }
    for process in &model.processes {
        if let Initial::Drawn(initial) = process.initial {
            add(initial);
        }
    }
    for signal in &model.signals {
        match signal {
            Signal::Threshold { at_least, .. } => add(*at_least),
            Signal::Held { days, .. } => add(*days),
            _ => {}
        }
    }
    for capability in &model.capabilities {
        capability.initial.into_iter().for_each(&mut add);
    }
    first
}
