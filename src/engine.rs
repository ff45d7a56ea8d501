//! A block of trials through the plan, column by column.
//!
//! # Algorithm
//! The plan's steps are taken in order; each reads the columns of earlier steps and writes its own, for all trials of
//! the block. A column holds one yes/no fact over time for each trial: a single moment where the fact can only switch
//! on, a list of spells otherwise. Uniforms are drawn where they are needed, so that a trial that needs fewer draws
//! costs less.
//!
//! # Limits
//! The engine knows no names, no files and no clock, and cannot fail: a process that moves more than [`MOST_MOVES`]
//! times in a trial is stopped, and the block says which.

use std::mem;

use crate::lanes::Lanes;
use crate::model::{ALWAYS, Signal, SignalId, Step};
use crate::plan::{Plan, Touched, Value};
use crate::sampling::{Points, Source};
use crate::time::Ticks;

mod ahead;
mod arrivals;
mod columns;
mod conditions;
mod draws;
mod few;
mod gates;
mod packages;
mod pledges;
mod processes;
mod select;
pub mod signal;
mod totals;

use draws::Draws;
pub use draws::{Silent, What, Witness};
pub use few::Parts;
pub use gates::Outcome;
use signal::Column;
pub use totals::{StepColumn, TotalAt};

/// The most moves of one process in one trial.
pub const MOST_MOVES: u32 = 10_000;

/// A process that was stopped because it moved more than [`MOST_MOVES`] times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Runaway {
    /// The trial.
    pub trial: u64,
    /// The process, as an index into the plan's.
    pub process: usize,
}

/// The columns of one block of trials; made once a worker and used for one block after the other.
#[derive(Debug)]
pub struct Block {
    /// The number of its first trial; where only some are left of a block, that of the block's.
    pub first: u64,
    /// Their places in the block, where only some are left of it.
    lanes: Vec<u32>,
    /// What its trials draw from.
    points: Points,
    /// The signals, by their index in the plan.
    pub signals: Vec<Column>,
    /// Values of the quantities that are drawn before anything else; empty for all others.
    firsts: Vec<Vec<f64>>,
    /// The factor of each effect of a driver; empty for all others.
    factors: Vec<Vec<f64>>,
    /// The common score of each copula, on visit 0.
    commons: Vec<Lanes<f32>>,
    /// The amount of each package that is played trial by trial, where it is assembled; not a number where it is not.
    amounts: Vec<Vec<f64>>,
    /// When each package that is played by columns arrives, and how much.
    arrivals: Vec<Lanes<arrivals::Arrival>>,
    /// The total of each capability over time.
    pub totals: Vec<StepColumn>,
    /// What the mission came to.
    pub outcome: Outcome,
    /// Whether totals are wanted for themselves in every block, not only where the plan tallies them.
    pub keeps_totals: bool,
    /// The same for the block at hand: else they serve the thresholds that conditions put on them.
    wants_totals: bool,
    /// The first process that was stopped.
    pub runaway: Option<Runaway>,
    /// What was drawn ahead for the step at hand.
    ahead: ahead::Ahead,
    scratch: Scratch,
}

/// Short lists that steps fill and empty again.
#[derive(Debug, Default)]
struct Scratch {
    values: Vec<f64>,
    changes: totals::Changes,
    path: Vec<(Ticks, usize)>,
    entries: Vec<u32>,
    moments: Vec<Ticks>,
    column: Lanes<Ticks>,
    edges: Vec<signal::Edge>,
    gate_edges: Vec<gates::GateEdge>,
    latest: gates::Latest,
    desk: columns::Desk,
    roll: columns::Roll,
    tiles: arrivals::Tiles,
}

impl Block {
    /// Room for the columns of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let column = |&is_rising: &bool| {
            if is_rising {
                Column::rising()
            } else {
                Column::spells()
            }
        };
        Self {
            first: 0,
            lanes: Vec::new(),
            points: Points::default(),
            signals: plan.is_rising.iter().map(column).collect(),
            firsts: vec![Vec::new(); plan.quantities.len()],
            factors: vec![Vec::new(); plan.effects.len()],
            commons: vec![Lanes::new(); plan.copulas.len()],
            amounts: vec![Vec::new(); plan.packages.len()],
            arrivals: vec![Lanes::new(); plan.packages.len()],
            totals: vec![StepColumn::default(); plan.capabilities.len()],
            outcome: Outcome::new(plan.gates.len()),
            keeps_totals: false,
            wants_totals: true,
            runaway: None,
            ahead: ahead::Ahead::default(),
            scratch: Scratch::default(),
        }
    }

    /// How many trials it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.points.len()
    }

    /// The number of a trial.
    fn trial(&self, lane: usize) -> u64 {
        self.first + self.lanes.get(lane).map_or(lane as u64, |&lane| lane.into())
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points.is_empty()
    }

    /// Plays the trials `first .. first + count` of a source. Every draw is shown to `witness`.
    pub fn play<W: Witness>(
        &mut self,
        plan: &Plan,
        source: Source,
        first: u64,
        count: usize,
        witness: &mut W,
    ) {
        self.first = first;
        self.lanes.clear();
        self.wants_totals = W::LOOKS || self.keeps_totals || plan.tallies_totals(first);
        self.runaway = None;
        self.points.fill(source, &plan.dimensions, first, count);
        self.draw_first(plan, witness);
        self.signals[ALWAYS].begin_rising(count).fill(0);
        for &step in &plan.steps {
            self.step(plan, step, witness);
        }
        self.gates(plan);
    }

    /// Plays the trials of the block again by a plan of the same shape that differs in some values: only what these touch
    /// is computed anew. What is touched is the same from the first time to the last, or more.
    pub fn replay(&mut self, plan: &Plan, touched: &Touched) {
        self.runaway = None;
        if touched.first {
            self.draw_first(plan, &mut Silent);
        }
        for (&step, &is_touched) in plan.steps.iter().zip(&touched.steps) {
            if is_touched {
                self.step(plan, step, &mut Silent);
            }
        }
        self.gates(plan);
    }

    fn step<W: Witness>(&mut self, plan: &Plan, step: Step, witness: &mut W) {
        match step {
            Step::Process(process) => self.process(plan, process, witness),
            Step::Pledge(contributor) => self.pledge(plan, contributor, witness),
            Step::Package(package) => self.package(plan, package, witness),
            Step::Total(capability) => self.total(plan, capability, witness),
            Step::Signal(signal) if plan.is_threshold_of_arrivals[signal] && !W::LOOKS => {}
            Step::Signal(signal) => self.condition(plan, signal),
        }
    }

    /// Draws common scores, then drivers and all else that every trial needs, then the factors of the drivers.
    fn draw_first<W: Witness>(&mut self, plan: &Plan, witness: &mut W) {
        for copula in 0..plan.copulas.len() {
            let mut column = mem::take(&mut self.commons[copula]);
            if W::LOOKS {
                self.draws(plan, witness).common_scores(copula, &mut column);
            } else {
                let mut desk = mem::take(&mut self.scratch.desk);
                self.common_scores(plan, copula, &mut column, &mut desk);
                self.scratch.desk = desk;
            }
            self.commons[copula] = column;
        }
        for &quantity in &plan.first {
            let mut column = mem::take(&mut self.firsts[quantity]);
            column.clear();
            let count = self.len();
            let mut draws = self.draws(plan, witness);
            column.extend((0..count).map(|lane| draws.base(quantity, 0, lane)));
            self.firsts[quantity] = column;
        }
        for effect in 0..plan.effects.len() {
            let mut column = mem::take(&mut self.factors[effect]);
            self.draws(plan, witness).driver_factors(effect, &mut column);
            self.factors[effect] = column;
        }
    }

    fn draws<'b, W: Witness>(&'b self, plan: &'b Plan, witness: &'b mut W) -> Draws<'b, W> {
        Draws::new(plan, self, witness)
    }

    /// Takes a signal's column out, to write it while others are read.
    fn take(&mut self, signal: SignalId) -> Column {
        mem::take(&mut self.signals[signal])
    }

    fn condition(&mut self, plan: &Plan, signal: SignalId) {
        let mut column = self.take(signal);
        let mut scratch = mem::take(&mut self.scratch);
        let count = self.len();
        match &plan.signals[signal] {
            Signal::Window { from, until } => {
                let moment = |day: f64| plan.time.within(plan.time.ticks(day));
                let from = moment(f64::from(*from));
                let until = moment(until.map_or(f64::INFINITY, f64::from));
                conditions::window(from, until, count, &mut column);
            }
            Signal::Threshold { capability, at_least } => {
                let measure = plan.capabilities[*capability].measure;
                let amount = |lane| measure.asked(self.first_value(plan, *at_least, lane));
                totals::threshold(&self.totals[*capability], amount, count, &mut column);
            }
            Signal::Count { least, of } => {
                conditions::count(&self.signals, *least, of, count, &mut scratch, &mut column);
            }
            Signal::None(of) => conditions::none(&self.signals, of, count, &mut scratch, &mut column),
            Signal::Held { days, of } => {
                let of = &self.signals[*of];
                self.durations(plan, *days, &mut scratch.column);
                conditions::held(of, &scratch.column, plan.time.horizon(), &mut column);
            }
            Signal::Once(of) => conditions::once(&self.signals[*of], column.begin_rising(count)),
            Signal::Always | Signal::Level { .. } | Signal::Pledge(_) | Signal::Supply(_) => {}
        }
        self.scratch = scratch;
        self.signals[signal] = column;
    }

    /// The value of a quantity that is a constant or was drawn before anything else.
    fn first_value(&self, plan: &Plan, quantity: usize, lane: usize) -> f64 {
        match plan.quantities[quantity].value {
            Value::Constant(value) => value,
            Value::Drawn(_) => self.firsts[quantity][lane],
        }
    }

    /// The same as durations, for all trials.
    fn durations(&self, plan: &Plan, quantity: usize, durations: &mut Lanes<Ticks>) {
        let durations = durations.reset(self.len(), plan.quantities[quantity].ticks);
        if let Value::Drawn(_) = plan.quantities[quantity].value {
            for (duration, &days) in durations.iter_mut().zip(&self.firsts[quantity]) {
                *duration = plan.time.ticks(days);
            }
        }
    }
}
