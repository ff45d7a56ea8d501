//! A model made ready to run: numbers and indices only, with everything settled that does not change from trial to
//! trial: the keys of the draws, the tables of the quantile functions, and which signals can ever switch off.

use crate::distribution::special::normal_quantile;
use crate::distribution::{Distribution, Sampler, TableCache};
use crate::draw::{Key, snap};
use crate::model::{
    ALWAYS, Cause, Dependence, EffectId, Given, Model, ProcessId, QuantityId, Signal, SignalId, Step, Visits,
};
use crate::wide::wide;

pub use crate::model::{Initial, Transition};

/// Trials in a block: its columns stay in the second-level cache for scenarios of a few hundred signals. It belongs
/// to the plan and not to the machine, so that nothing can depend on the number of threads.
pub const BLOCK: usize = 256;

/// A model as run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Days that each trial is followed.
    pub horizon: f64,
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
}

/// How times are tallied: each day in as many bins as the horizon allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Whole days of the horizon; midnights 0 to this one are rows of the results.
    pub days: usize,
    /// Bins a day for first moments: a power of two.
    pub per_day: usize,
}

/// About the most bins that first moments are tallied in.
const MOST_BINS: usize = 16_384;

impl Grid {
    /// The grid of a horizon.
    #[must_use]
    pub fn new(horizon: f64) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a horizon is positive; absurd ones saturate"
        )]
        let days = horizon.floor() as usize;
        let mut per_day = 1;
        while per_day < 16 && (days + 1) * per_day * 2 <= MOST_BINS {
            per_day *= 2;
        }
        Self { days, per_day }
    }

    /// How many bins first moments have, the last for those beyond the horizon. Bin `2k` holds the moment k / `per_day`
    /// alone, bin `2k + 1` those between it and the next: so "by day d" is a sum of whole bins, and a moment that is
    /// certain is reported exactly.
    #[must_use]
    pub fn bins(&self) -> usize {
        2 * (self.days + 1) * self.per_day + 2
    }

    /// The bin of a first moment.
    #[inline]
    #[must_use]
    pub fn bin(&self, moment: f64) -> usize {
        half_steps(moment * self.per_day as f64).min(self.bins() - 1)
    }

    /// How many rows there are by midnight: 0 to `days`, then what lies between the last midnight and the horizon, then
    /// never.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.days + 3
    }

    /// The first midnight at or after a moment; `days + 1` if it lies behind the last, `days + 2` if it never comes.
    #[inline]
    #[must_use]
    pub fn midnight(&self, moment: f64) -> usize {
        up(moment).min(self.rows() - 1)
    }

    /// [`Self::bin`] of each moment of a block.
    #[must_use]
    pub fn first_bins(&self, moments: &[f64]) -> Places {
        places(
            moments,
            |moment| half_steps(moment * self.per_day as f64),
            self.bins() - 1,
        )
    }

    /// [`Self::midnight`] of each moment of a block.
    #[must_use]
    pub fn midnights(&self, moments: &[f64]) -> Places {
        places(moments, up, self.rows() - 1)
    }
}

/// Bins of the trials of a block.
pub struct Places([u32; BLOCK]);

impl Places {
    /// Those of the first trials.
    #[must_use]
    pub fn of(&self, count: usize) -> &[u32] {
        &self.0[..count.min(BLOCK)]
    }
}

/// The bins of moments, `last` for all beyond.
#[allow(clippy::cast_possible_truncation, reason = "bins are far fewer than 2^32")]
fn places(moments: &[f64], bin: impl Fn(f64) -> usize, last: usize) -> Places {
    let mut places = [0; BLOCK];
    wide(|| {
        for (place, &moment) in places.iter_mut().zip(moments) {
            *place = bin(moment).min(last) as u32;
        }
    });
    Places(places)
}

/// Twice a value that is whole, and the odd number between for one that is not.
#[inline]
fn half_steps(value: f64) -> usize {
    let above = up(value);
    2 * above - usize::from((above as f64) > value)
}

/// Rounds up to a whole number; moments beyond 2³¹ − 1 become that.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "31 bits")]
fn up(value: f64) -> usize {
    const UNITS: f64 = 4_503_599_627_370_496.0;
    let value = if value < 2_147_483_647.0 {
        value
    } else {
        2_147_483_647.0
    };
    let shifted = value + UNITS;
    let nearest = (shifted.to_bits() & 0xffff_ffff) as usize;
    nearest + usize::from(shifted - UNITS < value)
}

/// The whole number nearest to a value of at least 0 and below 2⁵². The sum with 2⁵² leaves it in the low bits, which
/// costs an addition, where a cast with its checks costs ten times as much.
#[inline]
#[must_use]
pub fn whole(value: f64) -> u64 {
    const UNITS: f64 = 4_503_599_627_370_496.0;
    (value + UNITS).to_bits() & ((1 << 52) - 1)
}

/// A quantity as drawn.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Its value, or how it is drawn.
    pub value: Value,
    /// Its stream.
    pub key: Key,
    /// Effects that raise its survival function to a power.
    pub hazard: Vec<EffectId>,
    /// Effects that multiply it.
    pub scale: Vec<EffectId>,
    /// Its place in a copula.
    pub copula: Option<(usize, usize)>,
    /// Whether its values are rounded to the grid.
    pub on_grid: bool,
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
    /// Its stream.
    pub key: Key,
    /// Its probability before effects.
    pub probability: QuantityId,
    /// Effects on its odds.
    pub odds: Vec<EffectId>,
    /// Whether any of them has a signal as its cause, so that the probability changes over time.
    pub varies: bool,
    /// Its place in a copula.
    pub copula: Option<(usize, usize)>,
    /// The normal quantile of the probability where that is the same in all trials: a copula compares scores with it.
    pub score: Option<f64>,
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
    /// The stream of the common factor.
    pub key: Key,
    /// The streams of the members.
    pub members: Vec<Key>,
    /// How scores hang together.
    pub structure: Scores,
}

/// How the score of a member is made.
#[derive(Clone, Debug)]
pub enum Scores {
    /// `common · z₀ + own · g`.
    CommonFactor {
        /// √ρ.
        common: f64,
        /// √(1−ρ).
        own: f64,
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
    /// Whether one move is all there can be: off, then on for good, so that no path needs to be kept.
    pub is_single_move: bool,
}

/// A contributor as run.
#[derive(Clone, Copy, Debug)]
pub struct Contributor {
    /// What must hold.
    pub requires: SignalId,
    /// For how long.
    pub decision: QuantityId,
    /// The chance of a pledge.
    pub chance: Option<usize>,
    /// The signal of the pledge.
    pub pledge: SignalId,
}

/// A package as run.
#[derive(Clone, Copy, Debug)]
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
}

/// A capability as run.
#[derive(Clone, Debug)]
pub struct Capability {
    /// What is there without anybody.
    pub initial: Option<QuantityId>,
    /// What adds to it.
    pub packages: Vec<usize>,
    /// The amounts that conditions ask of its total.
    pub thresholds: Vec<QuantityId>,
    /// The least that its total can be: where its bins begin.
    pub origin: f64,
    /// Width of the bins that its total is tallied in: 1, 2 or 5 times a power of ten.
    pub bin: f64,
}

/// How many bins a total is tallied in; the last also holds what lies above.
pub const TOTAL_BINS: usize = 512;

/// Trials below this number are all tallied for the bands of totals; beyond, one block in [`BAND_EVERY`].
const BAND_ALL: u64 = 8_192;

/// See [`BAND_ALL`]. Bands need far fewer trials than chances, and cost more than all else together.
const BAND_EVERY: u64 = 32;

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
        let mut tables = TableCache::new();
        let normal = normal_sampler(&mut tables);
        let quantities: Vec<Quantity> = model
            .quantities
            .iter()
            .map(|quantity| self::quantity(quantity, &mut tables))
            .collect();
        Self {
            horizon: model.horizon,
            chances: model
                .chances
                .iter()
                .map(|chance| self::chance(chance, model))
                .collect(),
            effects: model
                .effects
                .iter()
                .map(|effect| Effect {
                    cause: effect.cause,
                    ratio: effect.ratio,
                })
                .collect(),
            copulas: model.correlations.iter().map(copula).collect(),
            processes: model.processes.iter().map(process).collect(),
            contributors: model.contributors.iter().map(contributor).collect(),
            packages: model
                .packages
                .iter()
                .map(|package| self::package(package, model))
                .collect(),
            capabilities: (0..model.capabilities.len())
                .map(|id| capability(id, model))
                .collect(),
            signals: model.signals.clone(),
            is_rising: rising(model),
            steps: model.steps.clone(),
            first: drawn_first(model),
            gates: model.gates.iter().map(|gate| gate.open).collect(),
            mission: model.mission,
            subjects: subjects(model),
            grid: Grid::new(model.horizon),
            quantities,
            normal,
        }
    }
}

fn normal_sampler(tables: &mut TableCache) -> Sampler {
    use crate::distribution::{Argument, Arguments, family};
    let arguments =
        [("mean", 0.0), ("sd", 1.0)].map(|(key, value)| (key.to_owned(), Argument::Number(value)));
    let family = family("normal").expect("the registry of families has the normal distribution");
    let normal = Distribution::new(family, &Arguments(arguments.into()), None, None);
    Sampler::new(&normal.expect("mean 0 and sd 1 are possible"), tables)
}

fn quantity(quantity: &crate::model::Quantity, tables: &mut TableCache) -> Quantity {
    let value = match &quantity.given {
        Given::Constant(value) => Value::Constant(if quantity.on_grid { snap(*value) } else { *value }),
        Given::Uncertain(distribution) => Value::Drawn(Sampler::new(distribution, tables)),
    };
    Quantity {
        value,
        key: Key::of(&quantity.address),
        hazard: quantity.hazard.clone(),
        scale: quantity.scale.clone(),
        copula: quantity.correlation,
        on_grid: quantity.on_grid,
        is_plain: quantity.hazard.is_empty() && quantity.scale.is_empty() && quantity.correlation.is_none(),
    }
}

fn chance(chance: &crate::model::Chance, model: &Model) -> Chance {
    let has_signal = |effect: &EffectId| matches!(model.effects[*effect].cause, Cause::Signal(_));
    let score = match model.quantities[chance.probability].given {
        Given::Constant(probability) if chance.odds.is_empty() && chance.correlation.is_some() => {
            Some(score(probability))
        }
        _ => None,
    };
    Chance {
        key: Key::of(&chance.address),
        probability: chance.probability,
        odds: chance.odds.clone(),
        varies: chance.odds.iter().any(has_signal),
        copula: chance.correlation,
        score,
    }
}

/// The normal score of a probability, infinite at 0 and 1.
fn score(probability: f64) -> f64 {
    if probability <= 0.0 {
        f64::NEG_INFINITY
    } else if probability >= 1.0 {
        f64::INFINITY
    } else {
        normal_quantile(probability)
    }
}

fn copula(correlation: &crate::model::Correlation) -> Copula {
    let structure = match &correlation.structure {
        Dependence::CommonFactor { rho } => Scores::CommonFactor {
            common: rho.sqrt(),
            own: (1.0 - rho).sqrt(),
        },
        Dependence::Cholesky { rows } => Scores::Cholesky(rows.clone()),
    };
    let members = correlation
        .members
        .iter()
        .map(|address| Key::of(address))
        .collect();
    Copula {
        key: Key::of(&correlation.address),
        members,
        structure,
    }
}

fn process(process: &crate::model::Process) -> Process {
    let states = process.states.len();
    let of = |state| {
        process
            .transitions
            .iter()
            .filter(|transition| transition.from == state)
            .cloned()
            .collect()
    };
    let is_short = states == 2 && matches!(process.initial, Initial::State(0));
    let is_single_move =
        is_short && process.transitions.len() == 1 && process.transitions[0].visits == Visits::First;
    let exits = (0..states).map(of).collect();
    Process {
        states,
        initial: process.initial.clone(),
        exits,
        levels: process.levels.clone(),
        is_single_move,
    }
}

fn contributor(contributor: &crate::model::Contributor) -> Contributor {
    Contributor {
        requires: contributor.requires,
        decision: contributor.decision,
        chance: contributor.chance,
        pledge: contributor.pledge,
    }
}

fn package(package: &crate::model::Package, model: &Model) -> Package {
    Package {
        pledge: model.contributors[package.contributor].pledge,
        ready_to_start: package.ready_to_start,
        notice_to_move: package.notice_to_move,
        amount: package.amount,
        sustains: package.sustains,
        during: package.during,
        supply: package.supply,
    }
}

fn capability(id: usize, model: &Model) -> Capability {
    let capability = &model.capabilities[id];
    // Who never pledges must change no result, and so not the width of a bin either.
    let can_pledge = |package: &&usize| {
        let contributor = &model.contributors[model.packages[**package].contributor];
        contributor.chance.is_none_or(|chance| {
            let probability = &model.quantities[model.chances[chance].probability];
            probability.given.support().1 > 0.0
        })
    };
    let packages = capability.packages.iter().filter(can_pledge);
    let most: f64 = packages
        .map(|&package| high(model, model.packages[package].amount))
        .sum();
    let origin = capability.initial.map_or(0.0, |initial| low(model, initial));
    let most = most + capability.initial.map_or(0.0, |initial| high(model, initial)) - origin;
    #[allow(clippy::cast_precision_loss, reason = "a few hundred")]
    let least = most / (TOTAL_BINS - 2) as f64;
    Capability {
        initial: capability.initial,
        packages: capability.packages.clone(),
        thresholds: thresholds(id, model),
        origin,
        bin: round_up(least),
    }
}

/// The amounts that conditions ask of a capability.
fn thresholds(id: usize, model: &Model) -> Vec<QuantityId> {
    let asked = |signal: &Signal| match signal {
        Signal::Threshold { capability, at_least } => (*capability == id).then_some(*at_least),
        _ => None,
    };
    model.signals.iter().filter_map(asked).collect()
}

/// A value that a quantity is never below.
fn low(model: &Model, quantity: QuantityId) -> f64 {
    let quantity = &model.quantities[quantity];
    if quantity.scale.is_empty() {
        quantity.given.support().0
    } else {
        0.0
    }
}

/// A value that a quantity hardly ever exceeds: for the width of bins, not for results.
fn high(model: &Model, quantity: QuantityId) -> f64 {
    let quantity = &model.quantities[quantity];
    let plain = match &quantity.given {
        Given::Constant(value) => *value,
        Given::Uncertain(distribution) => distribution.quantile(0.99).min(distribution.support().1),
    };
    if quantity.scale.is_empty() {
        plain
    } else {
        4.0 * plain
    }
}

/// The least of 1, 2, 5, 10, … (and of their tenths and so on) that is at least `width`.
fn round_up(width: f64) -> f64 {
    if !(width > 0.0 && width.is_finite()) {
        return 1.0;
    }
    let mut unit = 1.0;
    while unit < width {
        unit *= 10.0;
    }
    while unit / 10.0 >= width {
        unit /= 10.0;
    }
    [unit / 5.0, unit / 2.0]
        .into_iter()
        .find(|rounded| *rounded >= width)
        .unwrap_or(unit)
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
/// Which signals only ever switch on; follows the order of computation, so that each looks only at earlier ones.
fn rising(model: &Model) -> Vec<bool> {
    let mut is_rising = vec![false; model.signals.len()];
    is_rising[ALWAYS] = true;
    for step in &model.steps {
        match *step {
            Step::Process(process) => rising_levels(model, process, &mut is_rising),
            Step::Pledge(contributor) => is_rising[model.contributors[contributor].pledge] = true,
            Step::Package(package) => {
                let package = &model.packages[package];
                is_rising[package.supply] = package.sustains.is_none() && is_rising[package.during];
            }
            Step::Total(_) => {}
            Step::Signal(signal) => is_rising[signal] = is_condition_rising(model, signal, &is_rising),
        }
    }
    is_rising
}

/// A level is only ever entered if no transition leads from it or above to below it.
fn rising_levels(model: &Model, process: ProcessId, is_rising: &mut [bool]) {
    let process = &model.processes[process];
    for (below, &signal) in process.levels.iter().enumerate() {
        let falls = |transition: &Transition| transition.from > below && transition.to <= below;
        is_rising[signal] = !process.transitions.iter().any(falls);
    }
}

fn is_condition_rising(model: &Model, signal: SignalId, is_rising: &[bool]) -> bool {
    match &model.signals[signal] {
        Signal::Window { until, .. } => until.is_infinite(),
        Signal::Threshold { capability, .. } => {
            let packages = &model.capabilities[*capability].packages;
            packages
                .iter()
                .all(|&package| is_rising[model.packages[package].supply])
        }
        Signal::Count { of, .. } => of.iter().all(|&of| is_rising[of]),
        Signal::None(of) => of.is_empty(),
        Signal::Held { of, .. } => is_rising[*of],
        Signal::Always | Signal::Once(_) => true,
        Signal::Level { .. } | Signal::Pledge(_) | Signal::Supply(_) => is_rising[signal],
    }
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
