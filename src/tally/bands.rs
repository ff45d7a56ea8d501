//! Totals of capabilities, counted by midnight and bin: in few blocks, since they take more time and room than all else.

use super::{COARSE, Tally, add_all, each};
use crate::engine::{Block, TotalAt};
use crate::model::PackageId;
use crate::plan::{Bins, Grid, Plan, TOTAL_BINS};

/// Counts of one capability's total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalTally {
    /// By midnight and bin: totals that come to this bin there, less those that leave it.
    pub changes: Vec<i32>,
    /// By midnight: sum of the changes of the total, in steps.
    pub sums: Vec<i128>,
    /// By midnight: sum of the changes of its square, in squares of [`COARSE`] steps.
    pub squares: Vec<i128>,
    /// By midnight: packages without a finite mean that begin to supply there, less those that cease.
    pub endless: Vec<i64>,
}

/// Counts of all totals, which few blocks are counted for: so several threads may share them.
#[derive(Clone, Debug)]
pub struct Bands {
    /// Each capability.
    totals: Vec<TotalTally>,
    /// How many trials.
    trials: u64,
    places: Moves,
}

/// Where in [`TotalTally::changes`] the totals of a block arrive, and what they leave.
///
/// The table is larger than the second-level cache: with all places known before, the processor fetches many of them at
/// a time.
#[derive(Clone, Debug, Default)]
struct Moves {
    arrived: Vec<u32>,
    left: Vec<u32>,
}

impl Bands {
    /// No counts of a plan's totals.
    #[must_use]
    pub fn new(plan: &Plan) -> Self {
        Self {
            totals: each(&plan.capabilities, || TotalTally::new(plan.grid)),
            trials: 0,
            places: Moves::default(),
        }
    }

    /// Counts the totals of a block.
    pub fn add(&mut self, plan: &Plan, block: &Block) {
        self.trials += block.len() as u64;
        let columns = plan.capabilities.iter().zip(&block.totals);
        for (tally, (planned, column)) in self.totals.iter_mut().zip(columns) {
            for lane in 0..block.len() {
                tally.add(column.of(lane), &planned.bins, plan.grid, &mut self.places);
            }
            tally.count(&mut self.places);
            for &package in &planned.endless {
                tally.add_endless(plan, block, package);
            }
        }
    }

    /// Adds what others counted.
    pub fn merge(&mut self, other: &Self) {
        self.trials += other.trials;
        add_totals(&mut self.totals, &other.totals);
    }
}

impl Tally {
    /// Puts the totals that were counted in the place of its own.
    pub fn take_totals(&mut self, bands: Bands) {
        self.total_trials = bands.trials;
        self.totals = bands.totals;
    }

    /// Adds totals that were counted.
    pub fn merge_totals(&mut self, bands: &Bands) {
        self.total_trials += bands.trials;
        add_totals(&mut self.totals, &bands.totals);
    }
}

/// Adds the totals of one to those of another.
pub(super) fn add_totals(own: &mut [TotalTally], other: &[TotalTally]) {
    for (own, other) in own.iter_mut().zip(other) {
        add_all(&mut own.changes, &other.changes);
        add_all(&mut own.sums, &other.sums);
        add_all(&mut own.squares, &other.squares);
        add_all(&mut own.endless, &other.endless);
    }
}

impl TotalTally {
    fn new(grid: Grid) -> Self {
        Self {
            changes: vec![0; grid.rows() * TOTAL_BINS],
            squares: vec![0; grid.rows()],
            sums: vec![0; grid.rows()],
            endless: vec![0; grid.rows()],
        }
    }

    /// Adds up one trial: at each midnight, the last total that was reached by then.
    fn add(&mut self, steps: &[TotalAt], bins: &Bins, grid: Grid, moves: &mut Moves) {
        let mut before: Option<Reached> = None;
        let mut steps = steps.iter().peekable();
        let mut next = steps.peek().map_or(0, |step| grid.midnight(step.at));
        while let Some(step) = steps.next() {
            let midnight = next;
            next = steps.peek().map_or(usize::MAX, |step| grid.midnight(step.at));
            if next > midnight {
                let reached = Reached::of(step.total, bins);
                self.change(midnight, before, reached, moves);
                before = Some(reached);
            }
        }
    }

    /// A total goes from one to another.
    #[inline]
    fn change(&mut self, midnight: usize, before: Option<Reached>, reached: Reached, moves: &mut Moves) {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a table has far fewer than 2^32 places"
        )]
        let place = |bin: usize| (midnight * TOTAL_BINS + bin) as u32;
        moves.arrived.push(place(reached.bin));
        let (sum, square) = before.map_or((0, 0), |before| {
            moves.left.push(place(before.bin));
            (before.sum, before.square())
        });
        self.sums[midnight] += i128::from(reached.sum - sum);
        self.squares[midnight] += reached.square() - square;
    }

    /// Counts when a package supplies whose amount has no finite mean.
    fn add_endless(&mut self, plan: &Plan, block: &Block, package: PackageId) {
        for spell in (0..block.len()).flat_map(|lane| block.supplies(plan, package, lane)) {
            self.endless[plan.grid.midnight(spell.on)] += 1;
            self.endless[plan.grid.midnight(spell.off)] -= 1;
        }
    }

    /// Counts where the totals of a block went, and forgets it.
    fn count(&mut self, moves: &mut Moves) {
        for place in moves.arrived.drain(..) {
            self.changes[place as usize] += 1;
        }
        for place in moves.left.drain(..) {
            self.changes[place as usize] -= 1;
        }
    }
}

/// A total as it is counted.
#[derive(Clone, Copy)]
struct Reached {
    bin: usize,
    /// In steps.
    sum: i64,
}

impl Reached {
    #[inline]
    fn of(total: f64, bins: &Bins) -> Self {
        Self {
            bin: bins.place(total),
            sum: whole(total),
        }
    }

    /// Its square, in squares of [`COARSE`] steps.
    #[inline]
    fn square(self) -> i128 {
        let coarse = i128::from(self.sum / i64::from(COARSE));
        coarse * coarse
    }
}

/// A total in steps as a whole number, which it is, so that sums are exact in any order.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "totals are below 2^53 steps")]
pub fn whole(total: f64) -> i64 {
    total as i64
}
