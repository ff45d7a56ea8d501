//! One trial, told: every draw that it needed, and everything that happened in it.

use serde::{Serialize, Serializer};

use crate::engine::signal::Column;
use crate::engine::{Block, Runaway, What, Witness};
use crate::model::Model;
use crate::plan::Plan;
use crate::sampling::Source;
use crate::time::{NEVER, Ticks, Timescale};

/// Spells [on, off) in days, sorted and disjoint; without an end: it holds to the horizon.
pub type Spells = Vec<(f64, Option<f64>)>;

/// One trial in full, enough for an independent program to compute its outcome from the draws. Times are days; an
/// infinite one, never or no end, is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The trial.
    pub trial: u64,
    /// Every draw that the trial needed.
    pub draws: Vec<Draw>,
    /// Spells of processes' states, pledges and named conditions.
    #[serde(serialize_with = "as_map")]
    pub signals: Vec<(String, Spells)>,
    /// Every package.
    pub packages: Vec<PackageTrace>,
    /// Every objective.
    #[serde(serialize_with = "as_map")]
    pub objectives: Vec<(String, ObjectiveTrace)>,
    /// Every gate.
    pub gates: Vec<GateTrace>,
    /// The mission.
    pub mission: MissionTrace,
    /// The process that had to be stopped, if one did: then the trial is not played to its end.
    #[serde(skip)]
    pub runaway: Option<Runaway>,
    /// Where the draws came from.
    #[serde(skip)]
    pub source: Source,
    /// Spells of every signal of the model, by its index; for the timeline.
    #[serde(skip)]
    pub facts: Vec<Spells>,
    /// The total of every capability over time, by its index: from which day on, and how much; for the timeline.
    #[serde(skip)]
    pub totals: Vec<Vec<(f64, f64)>>,
}

/// A draw.
#[derive(Clone, Debug, Serialize)]
pub struct Draw {
    /// The address of what was drawn.
    pub address: String,
    /// Which visit, from 0.
    pub visit: u32,
    /// The uniform, after any correlation.
    pub uniform: f64,
    /// The value before effects; of a chance, its probability before effects.
    pub value: f64,
}

/// A package in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct PackageTrace {
    /// Its address.
    pub address: String,
    /// When it supplies.
    pub spells: Spells,
    /// How much, after effects; `null` if it is never assembled.
    pub amount: Option<f64>,
}

/// An objective in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectiveTrace {
    /// When it is first met.
    pub first: Option<f64>,
    /// When it is met.
    pub spells: Spells,
}

/// A gate in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct GateTrace {
    /// Its address.
    pub address: String,
    /// Its name for people.
    pub label: String,
    /// When it is open.
    pub spells: Spells,
    /// Its share of the bottleneck.
    pub bottleneck: f64,
    /// When the mission would first be ready if this gate were always open.
    pub granted: Option<f64>,
}

/// The mission in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct MissionTrace {
    /// When it is first ready.
    pub first_ready: Option<f64>,
    /// When it is ready.
    pub spells: Spells,
    /// Whether every gate opened, but never all at one time.
    pub never_together: bool,
}

/// Keeps every draw of a block of one trial.
#[derive(Default)]
struct Recorder {
    draws: Vec<(What, u32, f64, f64)>,
}

impl Witness for Recorder {
    const LOOKS: bool = true;

    fn drew(&mut self, what: What, visit: u32, _: usize, uniform: f64, value: f64) {
        // A clock that starts anew reads the same draw again.
        if !self
            .draws
            .iter()
            .any(|(earlier, on, ..)| *earlier == what && *on == visit)
        {
            self.draws.push((what, visit, uniform, value));
        }
    }
}

/// Replays one trial of a source.
#[must_use]
pub fn trace(model: &Model, plan: &Plan, source: Source, trial: u64) -> Trace {
    let mut recorder = Recorder::default();
    let mut block = Block::new(plan);
    block.play(plan, source, trial, 1, &mut recorder);
    let time = plan.time;
    Trace {
        trial,
        draws: recorder
            .draws
            .iter()
            .map(|draw| self::draw(model, draw))
            .collect(),
        signals: signals(model, &block, time),
        packages: packages(model, plan, &block),
        objectives: objectives(model, &block, time),
        gates: gates(model, &block, time),
        mission: MissionTrace {
            first_ready: moment(block.outcome.first_ready[0], time),
            spells: spells(&block.signals[model.mission], time),
            never_together: !model.gates.is_empty() && block.outcome.is_never_together(0),
        },
        runaway: block.runaway,
        source,
        facts: block.signals.iter().map(|signal| spells(signal, time)).collect(),
        totals: totals(plan, &block),
    }
}

/// Pairs as a JSON object, in their order.
fn as_map<T: Serialize, S: Serializer>(pairs: &[(String, T)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(pairs.iter().map(|(key, value)| (key, value)))
}

fn draw(model: &Model, &(what, visit, uniform, value): &(What, u32, f64, f64)) -> Draw {
    let address = match what {
        What::Quantity(quantity) => &model.quantities[quantity].address,
        What::Chance(chance) => &model.chances[chance].address,
        What::Common(copula) => &model.correlations[copula].address,
    };
    Draw {
        address: address.clone(),
        visit,
        uniform,
        value,
    }
}

fn signals(model: &Model, block: &Block, time: Timescale) -> Vec<(String, Spells)> {
    let mut signals = Vec::new();
    for process in &model.processes {
        for (below, &level) in process.levels.iter().enumerate() {
            let name = match process.levels.len() {
                1 => process.address.clone(),
                _ => format!("{}.{}", process.address, process.states[below + 1]),
            };
            signals.push((name, spells(&block.signals[level], time)));
        }
    }
    for contributor in &model.contributors {
        signals.push((
            format!("contributors.{}", contributor.name),
            spells(&block.signals[contributor.pledge], time),
        ));
    }
    for watched in model.watched.iter().filter(|watched| watched.is_named) {
        signals.push((
            watched.address.clone(),
            spells(&block.signals[watched.signal], time),
        ));
    }
    signals
}

fn packages(model: &Model, plan: &Plan, block: &Block) -> Vec<PackageTrace> {
    let package = |(index, package): (usize, &crate::model::Package)| {
        let amount = block.amount(index, 0);
        let measure = plan.capabilities[package.capability].measure;
        PackageTrace {
            address: package.address.clone(),
            spells: spells(&block.signals[package.supply], plan.time),
            amount: (!amount.is_nan()).then(|| measure.rounded(amount)),
        }
    };
    model.packages.iter().enumerate().map(package).collect()
}

/// The total of each capability in its unit, by day.
fn totals(plan: &Plan, block: &Block) -> Vec<Vec<(f64, f64)>> {
    let totals = plan.capabilities.iter().zip(&block.totals);
    let steps = totals.map(|(planned, column)| {
        let steps = column.of(0).iter();
        steps
            .map(|step| (plan.time.days(step.at), planned.measure.units(step.total)))
            .collect()
    });
    steps.collect()
}

fn objectives(model: &Model, block: &Block, time: Timescale) -> Vec<(String, ObjectiveTrace)> {
    let objective = |objective: &crate::model::Objective| {
        let met = &block.signals[objective.met];
        (
            objective.name.clone(),
            ObjectiveTrace {
                first: moment(met.first(0), time),
                spells: spells(met, time),
            },
        )
    };
    model.objectives.iter().map(objective).collect()
}

fn gates(model: &Model, block: &Block, time: Timescale) -> Vec<GateTrace> {
    let outcome = &block.outcome;
    let gate = |(index, gate): (usize, &crate::model::Gate)| GateTrace {
        address: gate.address.clone(),
        label: gate.name.clone(),
        spells: spells(&block.signals[gate.open], time),
        bottleneck: if outcome.is_bottleneck[index][0] == 1 {
            1.0 / f64::from(outcome.sharing[0])
        } else {
            0.0
        },
        granted: moment(outcome.granted[index][0], time),
    };
    model.gates.iter().enumerate().map(gate).collect()
}

fn spells(column: &Column, time: Timescale) -> Spells {
    column
        .of(0)
        .map(|spell| (time.days(spell.on), moment(spell.off, time)))
        .collect()
}

/// A moment in days, or `None` for never.
fn moment(at: Ticks, time: Timescale) -> Option<f64> {
    (at < NEVER).then(|| time.days(at))
}
