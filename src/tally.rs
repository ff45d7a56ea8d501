//! What many trials came to: counts and fixed-point sums in integers, which merge in any order to the same bits.
//!
//! Memory depends on the scenario and not on the number of trials.

use crate::draw::TICKS;
use crate::engine::signal::Column;
use crate::engine::{Block, Runaway, TotalAt};
use crate::plan::{Capability, Grid, Plan, TOTAL_BINS, whole};
use crate::wide::wide;

/// Ticks in the unit of squares of times, whose sum over a block then fits 64 bits.
pub const COARSE: u64 = 1024;

/// What the gates of one trial share: divisible by 1 to 20, so that equal shares are exact.
pub const WHOLE_SHARE: u64 = 232_792_560;

/// Everything that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many trials.
    pub trials: u64,
    /// Each subject of the plan.
    pub subjects: Vec<SubjectTally>,
    /// Each gate of the plan.
    pub gates: Vec<GateTally>,
    /// Trials in which every gate opened, but never all together.
    pub never_together: u64,
    /// For each contributor, pledges by the midnight at or after them; the last for none within the horizon.
    pub pledges: Vec<Vec<u64>>,
    /// Each capability.
    pub totals: Vec<TotalTally>,
    /// How many trials are behind the totals.
    pub total_trials: u64,
    /// The first trial that had to be stopped, if any.
    pub runaway: Option<Runaway>,
    grid: Grid,
}

/// Counts of one yes/no fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTally {
    /// First moments by bin of the plan's grid.
    pub first: Vec<u64>,
    /// By midnight: spells that begin to hold there, less those that cease.
    pub changes: Vec<i64>,
    /// Sum of the time within the horizon during which it holds, in ticks.
    pub held: u128,
    /// Sum of the squares of the same, each rounded down to whole [`COARSE`] ticks before: for intervals only.
    pub held_squared: u128,
    /// Trials in which it ceases to hold.
    pub lost: u64,
}

/// Counts of one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTally {
    /// Sum of its shares of the bottleneck, in parts of [`WHOLE_SHARE`].
    pub share: u128,
    /// First moments of the mission with this gate granted, by midnight.
    pub granted: Vec<u64>,
    /// Trials that are ready only with it granted.
    pub decisive: u64,
}

/// Counts of one capability's total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalTally {
    /// By midnight and bin: totals that come to this bin there, less those that leave it.
    pub changes: Vec<i64>,
    /// By midnight: sum of the changes of the total, in ticks.
    pub sums: Vec<i128>,
    /// By midnight: sum of the changes of its square, in squares of [`COARSE`] ticks.
    pub squares: Vec<i128>,
}

impl Tally {
    /// An empty tally of a plan.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        let grid = plan.grid;
        let subject = SubjectTally {
            first: vec![0; grid.bins()],
            changes: vec![0; grid.rows()],
            held: 0,
            held_squared: 0,
            lost: 0,
        };
        let gate = GateTally {
            share: 0,
            granted: vec![0; grid.rows()],
            decisive: 0,
        };
        let total = TotalTally {
            changes: vec![0; grid.rows() * TOTAL_BINS],
            squares: vec![0; grid.rows()],
            sums: vec![0; grid.rows()],
        };
        Self {
            trials: 0,
            subjects: vec![subject; plan.subjects.len()],
            gates: vec![gate; plan.gates.len()],
            never_together: 0,
            pledges: vec![vec![0; grid.rows()]; plan.contributors.len()],
            totals: vec![total; plan.capabilities.len()],
            total_trials: 0,
            runaway: None,
            grid,
        }
    }

    /// Counts a block that has been played.
    pub fn add(&mut self, plan: &Plan, block: &Block) {
        self.trials += block.len() as u64;
        for (&signal, tally) in plan.subjects.iter().zip(&mut self.subjects) {
            tally.add(block, signal, plan.horizon, self.grid);
        }
        self.add_gates(block);
        for (contributor, tally) in plan.contributors.iter().zip(&mut self.pledges) {
            if let Column::Rising(moments) = &block.signals[contributor.pledge] {
                self.grid
                    .midnights(moments)
                    .of(moments.len())
                    .iter()
                    .for_each(|&midnight| tally[midnight as usize] += 1);
            }
        }
        if plan.tallies_totals(block.first) {
            self.total_trials += block.len() as u64;
            for (capability, tally) in self.totals.iter_mut().enumerate() {
                let planned = &plan.capabilities[capability];
                (0..block.len())
                    .for_each(|lane| tally.add(block.totals[capability].of(lane), planned, self.grid));
            }
        }
        self.runaway = earliest(self.runaway, block.runaway);
    }

    fn add_gates(&mut self, block: &Block) {
        let outcome = &block.outcome;
        for (gate, tally) in self.gates.iter_mut().enumerate() {
            for lane in 0..block.len() {
                let granted = outcome.granted[gate][lane];
                tally.granted[self.grid.midnight(granted)] += 1;
                tally.decisive +=
                    u64::from(granted < f64::INFINITY && outcome.first_ready[lane].is_infinite());
                if outcome.is_bottleneck[gate][lane] {
                    tally.share += u128::from(WHOLE_SHARE / u64::from(outcome.sharing[lane]));
                }
            }
        }
        if !self.gates.is_empty() {
            self.never_together += (0..block.len())
                .filter(|&lane| outcome.is_never_together(lane))
                .count() as u64;
        }
    }

    /// Adds what another tally of the same plan counted; the order of merging changes nothing.
    pub fn merge(&mut self, other: &Self) {
        self.trials += other.trials;
        self.total_trials += other.total_trials;
        self.never_together += other.never_together;
        self.runaway = earliest(self.runaway, other.runaway);
        for (own, other) in self.subjects.iter_mut().zip(&other.subjects) {
            add_all(&mut own.first, &other.first);
            add_all(&mut own.changes, &other.changes);
            own.held += other.held;
            own.held_squared += other.held_squared;
            own.lost += other.lost;
        }
        for (own, other) in self.gates.iter_mut().zip(&other.gates) {
            own.share += other.share;
            own.decisive += other.decisive;
            add_all(&mut own.granted, &other.granted);
        }
        for (own, other) in self.pledges.iter_mut().zip(&other.pledges) {
            add_all(own, other);
        }
        for (own, other) in self.totals.iter_mut().zip(&other.totals) {
            add_all(&mut own.changes, &other.changes);
            add_all(&mut own.sums, &other.sums);
            add_all(&mut own.squares, &other.squares);
        }
    }
}

fn earliest(one: Option<Runaway>, other: Option<Runaway>) -> Option<Runaway> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

fn add_all<T: Copy + std::ops::AddAssign>(own: &mut [T], other: &[T]) {
    for (own, other) in own.iter_mut().zip(other) {
        *own += *other;
    }
}

impl SubjectTally {
    fn add(&mut self, block: &Block, signal: usize, horizon: f64, grid: Grid) {
        match &block.signals[signal] {
            Column::Rising(moments) => self.add_rising(moments, horizon, grid),
            column @ Column::Spells(_) => self.add_spells(column, block.len(), horizon, grid),
        }
    }

    /// A fact that only switches on is never lost and holds from its moment to the horizon.
    fn add_rising(&mut self, moments: &[f64], horizon: f64, grid: Grid) {
        grid.first_bins(moments)
            .of(moments.len())
            .iter()
            .for_each(|&bin| self.first[bin as usize] += 1);
        grid.midnights(moments)
            .of(moments.len())
            .iter()
            .for_each(|&midnight| self.changes[midnight as usize] += 1);
        let (held, squared) = wide(|| {
            moments.iter().fold((0, 0), |(sum, squares), &moment| {
                let held = ticks(if moment < horizon { horizon - moment } else { 0.0 });
                (sum + held, squares + (held / COARSE) * (held / COARSE))
            })
        });
        self.held += u128::from(held);
        self.held_squared += u128::from(squared);
    }

    fn add_spells(&mut self, column: &Column, count: usize, horizon: f64, grid: Grid) {
        for lane in 0..count {
            let mut held = 0.0;
            let mut is_lost = false;
            for spell in column.of(lane).iter() {
                self.changes[grid.midnight(spell.on)] += 1;
                self.changes[grid.midnight(spell.off)] -= 1;
                held += spell.off.min(horizon) - spell.on;
                is_lost |= spell.off < f64::INFINITY;
            }
            self.first[grid.bin(column.first(lane))] += 1;
            self.lost += u64::from(is_lost);
            self.add_held(held);
        }
    }

    #[inline]
    fn add_held(&mut self, held: f64) {
        let held = ticks(held);
        self.held += u128::from(held);
        self.held_squared += u128::from((held / COARSE) * (held / COARSE));
    }
}

impl TotalTally {
    /// Counts one trial: at each midnight, the last total that was reached by then.
    fn add(&mut self, steps: &[TotalAt], planned: &Capability, grid: Grid) {
        let mut before: Option<(usize, i128, i128)> = None;
        for (index, step) in steps.iter().enumerate() {
            let midnight = grid.midnight(step.at);
            let is_last_of_day = steps
                .get(index + 1)
                .is_none_or(|next| grid.midnight(next.at) > midnight);
            if !is_last_of_day {
                continue;
            }
            let place = total_bin(step.total - planned.origin, planned.bin);
            #[allow(
                clippy::cast_possible_truncation,
                reason = "the checker keeps totals far below 2^100"
            )]
            let sum = (step.total * TICKS) as i128;
            let square = (sum / i128::from(COARSE)).pow(2);
            let row = midnight * TOTAL_BINS;
            if let Some((place, sum, square)) = before {
                self.changes[row + place] -= 1;
                self.sums[midnight] -= sum;
                self.squares[midnight] -= square;
            }
            self.changes[row + place] += 1;
            self.sums[midnight] += sum;
            self.squares[midnight] += square;
            before = Some((place, sum, square));
        }
    }
}

/// The bin of a total: the one whose middle, a multiple of its width, is nearest.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "totals are at least 0, and casts saturate"
)]
fn total_bin(total: f64, width: f64) -> usize {
    ((total / width).round_ties_even() as usize).min(TOTAL_BINS - 1)
}

/// A value of the grid as a whole number: at least 0, and below 2³² days or units.
#[inline]
fn ticks(value: f64) -> u64 {
    whole(value * TICKS)
}
