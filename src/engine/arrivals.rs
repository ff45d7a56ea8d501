//! Capabilities whose packages only ever arrive: totals and thresholds from sorted arrivals.
//!
//! # Algorithm
//! A tile of [`LANES`] trials is taken at a time. Where the packages are few enough for a [`Network`], the arrivals of
//! each trial stand below each other and are sorted by it: its exchanges are the same for all trials and have no branch;
//! the trials are the lanes. With more packages, those that come are gathered and sorted trial by trial. Then amounts are added up in order of time, and a threshold is reached at the first moment at which the sum
//! is large enough. A tile in which all packages together reach no threshold is not sorted at all.
//!
//! # Limits
//! Amounts lie on a grid, so that sums are exact and the order of equal moments does not matter.

use super::Block;
use super::signal::Column;
use super::totals::{StepColumn, TotalAt};
use crate::lanes::BLOCK;
use crate::plan::{Capability, Network, Plan, Value};
use crate::time::{NEVER, Ticks};
use crate::wide::{LANES, Row, sort_rows};
use crate::wide_loop;

/// A package's arrival in a trial, packed so that integers sort by time: the moment above, the bits of the amount (24
/// significant ones, as a floating-point number) below.
pub(super) type Arrival = u64;

/// An arrival that never comes.
pub(super) const NONE: Arrival = (NEVER as Arrival) << 32;

/// Packs an arrival.
#[inline(always)]
pub(super) fn arrival(at: Ticks, amount: f32) -> Arrival {
    if at < NEVER {
        Arrival::from(at) << 32 | Arrival::from(amount.to_bits())
    } else {
        NONE
    }
}

/// When an arrival is.
#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the upper half, in the vectors of the caller"
)]
pub(super) fn moment(arrival: Arrival) -> Ticks {
    (arrival >> 32) as Ticks
}

/// How much it is; 0 if it never comes.
#[inline(always)]
#[allow(
    clippy::cast_possible_truncation,
    reason = "the lower half, in the vectors of the caller"
)]
pub(super) fn amount(arrival: Arrival) -> f64 {
    f64::from(f32::from_bits(arrival as u32))
}

/// Where tiles are worked on.
#[derive(Debug, Default)]
pub(super) struct Tiles {
    rows: Vec<Row>,
    /// For each threshold, when it is reached.
    reached: Vec<[Ticks; LANES]>,
    /// For each threshold, how much it asks for.
    asked: Vec<[f64; LANES]>,
    one: Vec<Arrival>,
}

impl Block {
    /// Adds up a capability of arrivals for all trials, and writes the thresholds on it.
    pub(super) fn add_up_arrivals(
        &mut self,
        plan: &Plan,
        planned: &Capability,
        initial: &[f64],
        column: &mut StepColumn,
    ) {
        let mut tiles = std::mem::take(&mut self.scratch.tiles);
        let mut thresholds: Vec<Column> = planned
            .thresholds
            .iter()
            .map(|threshold| self.take(threshold.signal))
            .collect();
        let count = self.len();
        for column in &mut thresholds {
            column.begin_rising(count);
        }
        column.clear();
        let packages = planned.packages.iter();
        let columns: Vec<&[Arrival; BLOCK]> =
            packages.map(|&package| self.arrivals[package].whole()).collect();
        for from in (0..count).step_by(LANES) {
            let lanes = from..count.min(from + LANES);
            let mut start = [0.0; LANES];
            start[..lanes.len()].copy_from_slice(&initial[lanes.clone()]);
            tiles.clear(planned);
            self.ask(plan, planned, lanes.clone(), &mut tiles);
            load(&mut tiles.rows, &columns, from);
            if self.wants_totals || reaches(&tiles.rows, start, &tiles.asked) {
                tiles.sort(planned.network.as_ref());
                cross(&tiles.rows, start, &tiles.asked, &mut tiles.reached);
            }
            for (column, reached) in thresholds.iter_mut().zip(&tiles.reached) {
                if let Column::Rising(moments) = column {
                    moments[lanes.clone()].copy_from_slice(&reached[..lanes.len()]);
                }
            }
            if self.wants_totals {
                (0..lanes.len()).for_each(|lane| write_steps(&tiles.rows, lane, start[lane], column));
            }
        }
        drop(columns);
        for (threshold, column) in planned.thresholds.iter().zip(thresholds) {
            self.signals[threshold.signal] = column;
        }
        self.scratch.tiles = tiles;
    }

    /// Writes what the thresholds of a capability ask for in the trials of a tile; lanes behind the last trial ask for
    /// what is never reached.
    fn ask(&self, plan: &Plan, planned: &Capability, lanes: std::ops::Range<usize>, tiles: &mut Tiles) {
        for (threshold, asked) in planned.thresholds.iter().zip(&mut tiles.asked) {
            asked.fill(f64::INFINITY);
            match plan.quantities[threshold.at_least].value {
                Value::Constant(amount) => asked[..lanes.len()].fill(amount),
                Value::Drawn(_) => {
                    asked[..lanes.len()].copy_from_slice(&self.firsts[threshold.at_least][lanes.clone()]);
                }
            }
        }
    }
}

impl Tiles {
    /// Room for the packages and thresholds of a capability.
    fn clear(&mut self, planned: &Capability) {
        self.rows.resize(planned.packages.len(), Row([NONE; LANES]));
        self.asked
            .resize(planned.thresholds.len(), [f64::INFINITY; LANES]);
        self.reached.clear();
        self.reached.resize(planned.thresholds.len(), [NEVER; LANES]);
    }

    /// Sorts the arrivals of each trial by time, and drops the rows in which none comes.
    fn sort(&mut self, network: Option<&Network>) {
        match network {
            Some(network) => {
                self.rows.resize(network.rows(), Row([NONE; LANES]));
                sort_rows(&mut self.rows, network.exchanges());
            }
            None => {
                for lane in 0..LANES {
                    sort_lane(&mut self.rows, lane, &mut self.one);
                }
            }
        }
        self.rows.truncate(awaited(&self.rows));
    }
}

/// Sorts one lane by itself: only what comes is moved.
fn sort_lane(rows: &mut [Row], lane: usize, one: &mut Vec<Arrival>) {
    one.clear();
    one.extend(
        rows.iter()
            .map(|row| row.0[lane])
            .filter(|&arrival| arrival < NONE),
    );
    one.sort_unstable();
    for (index, row) in rows.iter_mut().enumerate() {
        row.0[lane] = one.get(index).copied().unwrap_or(NONE);
    }
}

wide_loop! {
    /// Brings the arrivals of some trials into a tile; lanes behind the last trial hold anything.
    fn load(rows: &mut [Row], columns: &[&[Arrival; BLOCK]], from: usize) {
        for (row, column) in rows.iter_mut().zip(columns) {
            row.0.copy_from_slice(&column[from..from + LANES]);
        }
    }

    /// How many of sorted rows hold anything that comes.
    fn awaited(rows: &[Row]) -> usize {
        let mut count = 0;
        for row in rows {
            let least = row.0.iter().fold(NONE, |least, &arrival| least.min(arrival));
            count += usize::from(least < NONE);
        }
        count
    }

    /// Whether any trial reaches any amount asked for, with all that ever comes.
    fn reaches(rows: &[Row], start: [f64; LANES], asked: &[[f64; LANES]]) -> bool {
        let mut sum = start;
        for row in rows {
            for lane in 0..LANES {
                sum[lane] += amount(row.0[lane]);
            }
        }
        let mut reaches = false;
        for asked in asked {
            for lane in 0..LANES {
                reaches |= sum[lane] >= asked[lane];
            }
        }
        reaches
    }

    /// When each amount asked for is reached, from sorted arrivals.
    fn cross(rows: &[Row], start: [f64; LANES], asked: &[[f64; LANES]], reached: &mut [[Ticks; LANES]]) {
        for (asked, reached) in asked.iter().zip(reached) {
            let mut sum = start;
            let mut first = [NEVER; LANES];
            for lane in 0..LANES {
                first[lane] = if sum[lane] >= asked[lane] { 0 } else { NEVER };
            }
            for row in rows {
                for lane in 0..LANES {
                    sum[lane] += amount(row.0[lane]);
                    let at = if sum[lane] >= asked[lane] { moment(row.0[lane]) } else { NEVER };
                    first[lane] = first[lane].min(at);
                }
            }
            *reached = first;
        }
    }
}

/// Writes the total of one trial over time, one step a moment.
fn write_steps(rows: &[Row], lane: usize, start: f64, column: &mut StepColumn) {
    column.begin(start);
    let mut total = start;
    for row in rows {
        let at = moment(row.0[lane]);
        if at == NEVER {
            break;
        }
        total += amount(row.0[lane]);
        column.step(TotalAt { at, total });
    }
    column.end();
}
