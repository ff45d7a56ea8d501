//! One trial, told: every draw that it needed, and everything that happened in it.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::engine::signal::Column;
use crate::engine::{Block, What, Witness};
use crate::model::Model;
use crate::plan::Plan;

/// One trial in full, enough for an independent program to compute its outcome from the draws. Times are days; an
/// infinite one, never or no end, is `null`.
#[derive(Clone, Debug, Serialize)]
pub struct Trace {
    /// The trial.
    pub trial: u64,
    /// Every draw that the trial needed.
    pub draws: Vec<Draw>,
    /// Spells of processes' states, pledges and named conditions.
    pub signals: Map<String, Value>,
    /// Every package.
    pub packages: Vec<PackageTrace>,
    /// Every objective.
    pub objectives: Map<String, Value>,
    /// Every gate.
    pub gates: Vec<GateTrace>,
    /// The mission.
    pub mission: MissionTrace,
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
    pub spells: Value,
    /// How much, after effects; `null` if it is never assembled.
    pub amount: Option<f64>,
}

/// A gate in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct GateTrace {
    /// Its address.
    pub address: String,
    /// The label that the scenario gives it.
    pub label: Option<String>,
    /// When it is open.
    pub spells: Value,
    /// Its share of the bottleneck.
    pub bottleneck: f64,
    /// When the mission would first be ready if this gate were always open.
    pub granted: Value,
}

/// The mission in one trial.
#[derive(Clone, Debug, Serialize)]
pub struct MissionTrace {
    /// When it is first ready.
    pub first_ready: Value,
    /// When it is ready.
    pub spells: Value,
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

/// Replays one trial of a seed.
#[must_use]
pub fn trace(model: &Model, plan: &Plan, seed: u64, trial: u64) -> Trace {
    let mut recorder = Recorder::default();
    let mut block = Block::new(plan);
    block.play(plan, seed, trial, 1, &mut recorder);
    Trace {
        trial,
        draws: recorder
            .draws
            .iter()
            .map(|draw| self::draw(model, draw))
            .collect(),
        signals: signals(model, &block),
        packages: packages(model, &block),
        objectives: objectives(model, &block),
        gates: gates(model, &block),
        mission: MissionTrace {
            first_ready: moment(block.outcome.first_ready[0]),
            spells: spells(&block.signals[model.mission]),
            never_together: !model.gates.is_empty() && block.outcome.is_never_together(0),
        },
    }
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

fn signals(model: &Model, block: &Block) -> Map<String, Value> {
    let mut signals = Map::new();
    for process in &model.processes {
        for (below, &level) in process.levels.iter().enumerate() {
            let name = match process.levels.len() {
                1 => process.address.clone(),
                _ => format!("{}.{}", process.address, process.states[below + 1]),
            };
            signals.insert(name, spells(&block.signals[level]));
        }
    }
    for contributor in &model.contributors {
        signals.insert(
            format!("contributors.{}", contributor.name),
            spells(&block.signals[contributor.pledge]),
        );
    }
    for watched in model.watched.iter().filter(|watched| watched.is_named) {
        signals.insert(watched.address.clone(), spells(&block.signals[watched.signal]));
    }
    signals
}

fn packages(model: &Model, block: &Block) -> Vec<PackageTrace> {
    let package = |(index, package): (usize, &crate::model::Package)| {
        let is_assembled = block.is_assembled(index, 0);
        PackageTrace {
            address: package.address.clone(),
            spells: spells(&block.signals[package.supply]),
            amount: is_assembled.then(|| block.amounts[index][0]),
        }
    };
    model.packages.iter().enumerate().map(package).collect()
}

fn objectives(model: &Model, block: &Block) -> Map<String, Value> {
    let objective = |objective: &crate::model::Objective| {
        let met = &block.signals[objective.met];
        (
            objective.name.clone(),
            json!({ "first": moment(met.first(0)), "spells": spells(met) }),
        )
    };
    model.objectives.iter().map(objective).collect()
}

fn gates(model: &Model, block: &Block) -> Vec<GateTrace> {
    let outcome = &block.outcome;
    let gate = |(index, gate): (usize, &crate::model::Gate)| GateTrace {
        address: gate.address.clone(),
        label: gate.label.clone(),
        spells: spells(&block.signals[gate.open]),
        bottleneck: if outcome.is_bottleneck[index][0] {
            1.0 / f64::from(outcome.sharing[0])
        } else {
            0.0
        },
        granted: moment(outcome.granted[index][0]),
    };
    model.gates.iter().enumerate().map(gate).collect()
}

fn spells(column: &Column) -> Value {
    column
        .of(0)
        .iter()
        .map(|spell| json!([spell.on, moment(spell.off)]))
        .collect()
}

fn moment(at: f64) -> Value {
    if at.is_finite() { json!(at) } else { Value::Null }
}
