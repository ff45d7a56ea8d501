//! What a scenario means: every name resolved to an index, everything checked, and everything in an order in which it
//! can be computed.
//!
//! A [`Model`] can only be made by [`build`], and nothing after it can fail: the engine relies on each index being
//! valid and on [`Model::steps`] naming nothing before what it depends on.

use jiff::civil::Date;

use crate::diagnostic::Span;
use crate::distribution::{Distribution, drawn_range};
use crate::sampling::Method;

mod build;
mod catalogue;
mod claims;
mod correlations;
mod doubts;
mod effects;
pub mod names;
mod resolve;
mod totals;
mod unreferenced;

pub use build::build;

/// Index into [`Model::quantities`].
pub type QuantityId = usize;
/// Index into [`Model::chances`].
pub type ChanceId = usize;
/// Index into [`Model::effects`].
pub type EffectId = usize;
/// Index into [`Model::signals`].
pub type SignalId = usize;
/// Index into [`Model::processes`].
pub type ProcessId = usize;
/// Index into [`Model::contributors`].
pub type ContributorId = usize;
/// Index into [`Model::packages`].
pub type PackageId = usize;
/// Index into [`Model::capabilities`].
pub type CapabilityId = usize;
/// Index into [`Model::gates`].
pub type GateId = usize;

/// The signal that always holds; every model has it.
pub const ALWAYS: SignalId = 0;

/// A scenario as meant.
#[derive(Clone, Debug)]
pub struct Model {
    /// What it is about.
    pub title: String,
    /// The first day; time 0 is its midnight UTC.
    pub start: Date,
    /// Days that each trial is followed.
    pub horizon: f64,
    /// What the scenario says about the simulation.
    pub simulation: Simulation,
    /// Everything that is a number or is drawn.
    pub quantities: Vec<Quantity>,
    /// Everything that is a yes or no with a chance.
    pub chances: Vec<Chance>,
    /// What moves chances, durations and amounts.
    pub effects: Vec<Effect>,
    /// Copulas.
    pub correlations: Vec<Correlation>,
    /// Processes.
    pub processes: Vec<Process>,
    /// Contributors.
    pub contributors: Vec<Contributor>,
    /// Packages, in the order in which they can be computed.
    pub packages: Vec<Package>,
    /// Capabilities.
    pub capabilities: Vec<Capability>,
    /// Yes/no facts over time.
    pub signals: Vec<Signal>,
    /// All that is to be computed, nothing before what it depends on.
    pub steps: Vec<Step>,
    /// Objectives, those of the mission first in its order.
    pub objectives: Vec<Objective>,
    /// Gates of the mission: its objectives' and its own.
    pub gates: Vec<Gate>,
    /// The signal that the mission is ready: all its gates are open.
    pub mission: SignalId,
    /// Conditions with a name or label that are not gates.
    pub watched: Vec<Watched>,
    /// Claims about the results.
    pub claims: Vec<Claim>,
}

impl Model {
    /// Everything that results are about, by name: first what is yes or no, in the order of the plan's subjects (the
    /// mission, objectives, gates, watched conditions), then capabilities, then contributors.
    #[must_use]
    pub fn subjects(&self) -> Vec<String> {
        let objectives = self.objectives.iter();
        let gates = self.gates.iter();
        let capabilities = self.capabilities.iter();
        let contributors = self.contributors.iter();
        std::iter::once("mission".to_owned())
            .chain(objectives.map(|objective| format!("objectives.{}", objective.name)))
            .chain(gates.map(|gate| format!("gates.{}", gate.address)))
            .chain(self.watched.iter().map(watched_subject))
            .chain(capabilities.map(|capability| format!("capabilities.{}", capability.name)))
            .chain(contributors.map(|contributor| format!("contributors.{}", contributor.name)))
            .collect()
    }
}

/// What the scenario says about the simulation; the command line wins over it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Simulation {
    /// How many futures.
    pub trials: Option<u64>,
    /// Where the draws start from.
    pub seed: Option<u64>,
    /// Confidence of the intervals.
    pub confidence: Option<f64>,
    /// How the draws are spread.
    pub sampler: Option<Method>,
}

/// A number or a distribution, with what acts on it.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Its address: its stream of draws belongs to it.
    pub address: String,
    /// What it is.
    pub given: Given,
    /// Effects that raise its survival function to a power.
    pub hazard: Vec<EffectId>,
    /// Effects that multiply it.
    pub scale: Vec<EffectId>,
    /// Its place in a copula: which correlation, and which of its members.
    pub correlation: Option<(usize, usize)>,
}

/// What a quantity is.
#[derive(Clone, Debug)]
pub enum Given {
    /// The same in every trial.
    Constant(f64),
    /// Drawn.
    Uncertain(Distribution),
}

impl Simulation {
    /// Trials where nothing says how many.
    pub const DEFAULT_TRIALS: u64 = 200_000;
    /// Seed where nothing gives one.
    pub const DEFAULT_SEED: u64 = 1;
    /// Confidence where nothing gives one.
    pub const DEFAULT_CONFIDENCE: f64 = 0.95;

    /// How many futures.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials.unwrap_or(Self::DEFAULT_TRIALS)
    }

    /// Where the draws start from.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed.unwrap_or(Self::DEFAULT_SEED)
    }

    /// Confidence of the intervals.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        self.confidence.unwrap_or(Self::DEFAULT_CONFIDENCE)
    }

    /// How the draws are spread.
    #[must_use]
    pub fn sampler(&self) -> Method {
        self.sampler.unwrap_or_default()
    }
}

impl Given {
    /// The smallest and the largest possible value, before effects.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match self {
            Self::Constant(value) => (*value, *value),
            Self::Uncertain(distribution) => distribution.support(),
        }
    }

    /// The smallest and the largest value that comes of it, before effects: a drawn one has 24 significant bits.
    #[must_use]
    pub fn drawn(&self) -> [f64; 2] {
        match self {
            Self::Constant(value) => [*value; 2],
            Self::Uncertain(distribution) => drawn_range(&**distribution.law()).map(f64::from),
        }
    }
}

/// A yes or no: yes if its uniform is below the probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Chance {
    /// Its address: the uniform belongs to it.
    pub address: String,
    /// The probability before effects.
    pub probability: QuantityId,
    /// Effects that multiply its odds.
    pub odds: Vec<EffectId>,
    /// Its place in a copula: which correlation, and which of its members.
    pub correlation: Option<(usize, usize)>,
}

/// What a cause does.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Its address.
    pub address: String,
    /// Where the factor comes from.
    pub cause: Cause,
    /// The ratio.
    pub ratio: QuantityId,
}

/// Where an effect's factor comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The factor is ratio ^ value of a driver.
    Driver(QuantityId),
    /// The factor is the ratio while it holds, 1 otherwise.
    Signal(SignalId),
}

/// A Gaussian copula of the uniforms of its members.
#[derive(Clone, Debug, PartialEq)]
pub struct Correlation {
    /// Its address; the common factor's draws belong to it.
    pub address: String,
    /// Addresses of the members.
    pub members: Vec<String>,
    /// How the members hang together.
    pub structure: Dependence,
}

/// How the normal scores z of a copula's members come from independent ones g.
#[derive(Clone, Debug, PartialEq)]
pub enum Dependence {
    /// z = √ρ·z₀ + √(1−ρ)·g with one common z₀: a new member changes no other draw. Needs ρ ≥ 0.
    CommonFactor {
        /// The correlation between each two members.
        rho: f64,
    },
    /// z = L·g with the lower triangular factor of the matrix, row by row.
    Cholesky {
        /// Row `i` holds `i + 1` numbers.
        rows: Vec<Vec<f64>>,
    },
}

/// States, and transitions between them.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Its address.
    pub address: String,
    /// Its name in reports.
    pub label: Option<String>,
    /// Names of the states, from least to most.
    pub states: Vec<String>,
    /// Where it starts.
    pub initial: Initial,
    /// Transitions, in the order that settles ties.
    pub transitions: Vec<Transition>,
    /// The signal "this state or better" of each state but the lowest, from the second state on.
    pub levels: Vec<SignalId>,
}

/// Where a process starts.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial {
    /// In this state.
    State(usize),
    /// In a state drawn at this quantity, whose values are the states' indices.
    Drawn(QuantityId),
}

/// A way from one state to another.
#[derive(Clone, Debug, PartialEq)]
pub struct Transition {
    /// The state that it leaves.
    pub from: usize,
    /// The state that it enters.
    pub to: usize,
    /// Whether it is open on a visit; always, if absent.
    pub chance: Option<ChanceId>,
    /// How long its clock runs.
    pub after: QuantityId,
    /// What must hold while the clock runs.
    pub requires: SignalId,
    /// On which entries into `from` it can be open.
    pub visits: Visits,
}

/// On which entries into its state, counted from 0, a transition can be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Visits {
    /// On each; the entry's number is the visit of its draws.
    Each,
    /// On the first only.
    First,
    /// On all but the first; its draws count visits from the second entry on.
    Later,
}

impl Visits {
    /// The visit of the draws on an entry; `None` if the transition is closed on it.
    #[must_use]
    pub fn visit(self, entry: u32) -> Option<u32> {
        match self {
            Self::Each => Some(entry),
            Self::First => (entry == 0).then_some(0),
            Self::Later => entry.checked_sub(1),
        }
    }
}

/// Somebody who may contribute.
#[derive(Clone, Debug, PartialEq)]
pub struct Contributor {
    /// Its key.
    pub name: String,
    /// Its name in reports.
    pub label: Option<String>,
    /// Political conditions of the decision.
    pub requires: SignalId,
    /// How long they must hold.
    pub decision: QuantityId,
    /// Chance of a pledge; certain, if absent.
    pub chance: Option<ChanceId>,
    /// The signal that it has pledged.
    pub pledge: SignalId,
}

/// What a contributor provides of one capability.
#[derive(Clone, Debug, PartialEq)]
pub struct Package {
    /// Its address.
    pub address: String,
    /// Whose it is.
    pub contributor: ContributorId,
    /// What it adds to.
    pub capability: CapabilityId,
    /// How much.
    pub amount: QuantityId,
    /// How long pledge and requirements must hold until it is assembled.
    pub notice_to_move: QuantityId,
    /// Pledge and requirements together.
    pub ready_to_start: SignalId,
    /// It counts only while this holds.
    pub during: SignalId,
    /// How long it supplies; for good, if absent.
    pub sustains: Option<QuantityId>,
    /// The signal that it supplies.
    pub supply: SignalId,
}

/// Something that packages add to and conditions count.
#[derive(Clone, Debug, PartialEq)]
pub struct Capability {
    /// Its key.
    pub name: String,
    /// Its name in reports.
    pub label: Option<String>,
    /// What its amounts count.
    pub unit: Option<String>,
    /// What is there without anybody.
    pub initial: Option<QuantityId>,
    /// The packages that add to it.
    pub packages: Vec<PackageId>,
}

/// A yes/no fact over time, and what it is computed from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Signal {
    /// Holds from the start on.
    Always,
    /// Holds in [from, until), in days.
    Window {
        /// The first day.
        from: u32,
        /// The day after the last; absent: for good.
        until: Option<u32>,
    },
    /// A process is in this state or better.
    Level {
        /// The process.
        process: ProcessId,
        /// The state.
        state: usize,
    },
    /// A contributor has pledged.
    Pledge(ContributorId),
    /// A package supplies.
    Supply(PackageId),
    /// A capability's total is at least an amount.
    Threshold {
        /// The capability.
        capability: CapabilityId,
        /// The amount.
        at_least: QuantityId,
    },
    /// At least so many of these hold: all of them, any, or a number between.
    Count {
        /// How many; at least 1.
        least: usize,
        /// Of these.
        of: Vec<SignalId>,
    },
    /// Not one of these holds.
    None(Vec<SignalId>),
    /// It has held without a break for a time.
    Held {
        /// How long.
        days: QuantityId,
        /// What.
        of: SignalId,
    },
    /// It has held at some time so far.
    Once(SignalId),
}

/// One thing to compute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A process and the signals of its states.
    Process(ProcessId),
    /// A contributor's pledge.
    Pledge(ContributorId),
    /// A package: when it is assembled, how much it is, when it supplies.
    Package(PackageId),
    /// A capability's total over time.
    Total(CapabilityId),
    /// A condition.
    Signal(SignalId),
}

/// Something that the mission must achieve.
#[derive(Clone, Debug)]
pub struct Objective {
    /// Its key.
    pub name: String,
    /// Its name in reports.
    pub label: Option<String>,
    /// The signal that it is met.
    pub met: SignalId,
    /// Whether the mission needs it.
    pub is_of_mission: bool,
}

/// A top-level requirement of the mission or of one of its objectives.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// Its address.
    pub address: String,
    /// Its name in reports: the label, or the condition in words.
    pub name: String,
    /// The signal that it is open.
    pub open: SignalId,
}

/// A condition that reports tell of.
#[derive(Clone, Debug)]
pub struct Watched {
    /// Its address.
    pub address: String,
    /// Its name in reports.
    pub label: String,
    /// Whether it stands under `[conditions]`.
    pub is_named: bool,
    /// The signal.
    pub signal: SignalId,
}

/// A claim about the results, checked against the registry of metrics.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its address.
    pub address: String,
    /// The name of the metric.
    pub metric: String,
    /// What it is a figure of, as the results name it.
    pub subject: String,
    /// On which day, if the metric is one of a day.
    pub day: Option<f64>,
    /// Which quantile, if the metric is one of a quantile.
    pub quantile: Option<f64>,
    /// The lowest value that the claim allows.
    pub at_least: Option<f64>,
    /// The highest value that the claim allows.
    pub at_most: Option<f64>,
    /// Confidence of the judgement.
    pub confidence: Option<f64>,
    /// The scenario whose figure is taken from the one of this, as written: a path from the file that makes the claim.
    pub compared_with: Option<String>,
    /// Why it is made.
    pub note: Option<String>,
    /// Where it stands in the text.
    pub span: Span,
}

/// The name that results give to a watched condition: `conditions.` and its address, which named conditions have by
/// themselves.
#[must_use]
pub fn watched_subject(watched: &Watched) -> String {
    if watched.is_named {
        watched.address.clone()
    } else {
        format!("conditions.{}", watched.address)
    }
}
