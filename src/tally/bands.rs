//! Totals of capabilities, counted by midnight and bin: in few blocks, since they take more time and room than all else.

use super::{COARSE, Tally, add_all, each};
use crate::draw::TICKS;
use crate::engine::{Block, TotalAt};
use crate::plan::{Capability, Grid, Plan, TOTAL_BINS};

/// Counts of one capability's total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotalTally {
    /// By midnight and bin: totals that come to this bin there, less those that leave it.
    pub changes: Vec<i32>,
    /// By midnight: sum of the changes of the total, in ticks.
    pub sums: Vec<i128>,
    /// By midnight: sum of the changes of its square, in squares of [`COARSE`] ticks.
    pub squares: Vec<i128>,
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
                tally.add(column.of(lane), planned, plan.grid, &mut self.places);
            }
            tally.count(&mut self.places);
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
    }
}

impl TotalTally {
    fn new(grid: Grid) -> Self {
        Self {
            changes: vec![0; grid.rows() * TOTAL_BINS],
            squares: vec![0; grid.rows()],
            sums: vec![0; grid.rows()],
        }
    }

    /// Adds up one trial: at each midnight, the last total that was reached by then.
    fn add(&mut self, steps: &[TotalAt], planned: &Capability, grid: Grid, moves: &mut Moves) {
        let mut before: Option<Reached> = None;
        let mut steps = steps.iter().peekable();
        let mut next = steps.peek().map_or(0, |step| grid.midnight(step.at));
        while let Some(step) = steps.next() {
            let midnight = next;
            next = steps.peek().map_or(usize::MAX, |step| grid.midnight(step.at));
            if next > midnight {
                let reached = Reached::of(step.total, planned);
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
    /// In ticks.
    sum: i64,
}

impl Reached {
    #[inline]
    fn of(total: f64, planned: &Capability) -> Self {
        Self {
            bin: total_bin(total - planned.origin, planned.bin),
            sum: total_ticks(total),
        }
    }

    /// Its square, in squares of [`COARSE`] ticks.
    #[inline]
    fn square(self) -> i128 {
        let coarse = i128::from(self.sum / i64::from(COARSE));
        coarse * coarse
    }
}

/// A total in whole ticks, so that sums are exact in any order.
#[must_use]
pub fn total_ticks(total: f64) -> i64 {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "thousands of packages of the largest amount come to less than 2^63"
    )]
    let ticks = (total * TICKS) as i64;
    ticks
}

/// The bin of a total, less the least that it can be: the one whose middle, a multiple of its width, is nearest.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "totals are at least 0, and casts saturate"
)]
#[must_use]
pub fn total_bin(total: f64, width: f64) -> usize {
    ((total / width + 0.5) as usize).min(TOTAL_BINS - 1)
}
