//! Capabilities whose packages only ever arrive: totals and thresholds from sorted arrivals.
//!
//! # Algorithm
//! A tile of [`LANES`] trials is taken at a time. Where the packages are few enough for a [`Network`], the arrivals of
//! each trial stand below each other and are sorted by it: its exchanges are the same for all trials and have no branch;
//! the trials are the lanes. Then amounts are added up in order of time, and a threshold is reached at the first moment
//! at which the sum is large enough. A tile in which all packages together reach no threshold is not sorted at all.
//!
//! With more packages, thresholds are found by [`Buckets`] of time; only where totals are wanted for themselves are those
//! that come sorted trial by trial.
//!
//! # Limits
//! Totals are whole steps, so that sums are exact and the order of equal moments does not matter.

use super::Block;
use super::select::Buckets;
use super::signal::Column;
use super::totals::{StepColumn, TotalAt};
use crate::amount::Measure;
use crate::lanes::BLOCK;
use crate::plan::{Capability, Network, Plan, Value};
use crate::time::{NEVER, Ticks};
use crate::wide::{LANES, Row, sort_rows};
use crate::wide_loop;

/// A package's arrival in a trial, packed so that integers sort by time: the moment above, the bits of the amount (24
/// significant ones, as a floating-point number in the unit of the capability) below.
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

/// How much it is, in the unit of its capability; 0 if it never comes.
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
    /// The arrivals, and behind them what fills the groups of a network, which never comes.
    rows: Vec<Row>,
    /// For each threshold, when it is reached.
    reached: Vec<[Ticks; LANES]>,
    /// For each threshold, how many steps it asks for.
    asked: Vec<[f64; LANES]>,
    one: Vec<Arrival>,
    buckets: Buckets,
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
        let measure = planned.measure;
        tiles.fit(planned);
        ask_constant(plan, planned, &mut tiles);
        let packages = planned.packages.iter();
        let columns: Vec<&[Arrival; BLOCK]> =
            packages.map(|&package| self.arrivals[package].whole()).collect();
        for from in (0..count).step_by(LANES) {
            let lanes = from..count.min(from + LANES);
            let mut start = [0.0; LANES];
            start[..lanes.len()].copy_from_slice(&initial[lanes.clone()]);
            self.ask_drawn(plan, planned, lanes.clone(), &mut tiles);
            load(&mut tiles.rows, &columns, from);
            let come = tiles.cross(planned, start, self.wants_totals, plan.time.horizon());
            for (column, reached) in thresholds.iter_mut().zip(&tiles.reached) {
                if let Column::Rising(moments) = column {
                    moments[lanes.clone()].copy_from_slice(&reached[..lanes.len()]);
                }
            }
            if self.wants_totals {
                let rows = &tiles.rows[..come];
                (0..lanes.len()).for_each(|lane| write_steps(rows, measure, lane, start[lane], column));
            }
        }
        drop(columns);
        for (threshold, column) in planned.thresholds.iter().zip(thresholds) {
            self.signals[threshold.signal] = column;
        }
        self.scratch.tiles = tiles;
    }

    /// Writes what those thresholds ask for in the trials of a tile that do not ask for the same in all; lanes behind the
    /// last trial ask for anything.
    fn ask_drawn(&self, plan: &Plan, planned: &Capability, lanes: std::ops::Range<usize>, tiles: &mut Tiles) {
        for (threshold, asked) in planned.thresholds.iter().zip(&mut tiles.asked) {
            if let Value::Drawn(_) = plan.quantities[threshold.at_least].value {
                let amounts = &self.firsts[threshold.at_least][lanes.clone()];
                for (asked, &amount) in asked.iter_mut().zip(amounts) {
                    *asked = planned.measure.asked(amount);
                }
            }
        }
    }
}

/// Writes what those thresholds ask for that ask for the same in all trials.
fn ask_constant(plan: &Plan, planned: &Capability, tiles: &mut Tiles) {
    for (threshold, asked) in planned.thresholds.iter().zip(&mut tiles.asked) {
        if let Value::Constant(amount) = plan.quantities[threshold.at_least].value {
            asked.fill(planned.measure.asked(amount));
        }
    }
}

impl Tiles {
    /// Room for the packages and thresholds of a capability.
    fn fit(&mut self, planned: &Capability) {
        let packages = planned.packages.len();
        let rows = planned.network.as_ref().map_or(packages, Network::rows);
        self.rows.truncate(packages);
        self.rows.resize(rows, Row([NONE; LANES]));
        self.asked
            .resize(planned.thresholds.len(), [f64::INFINITY; LANES]);
        self.reached.resize(planned.thresholds.len(), [NEVER; LANES]);
    }

    /// Finds when each amount asked for is reached. Where totals are wanted, or there is a network, the arrivals are
    /// sorted; how many rows hold any that comes then.
    fn cross(
        &mut self,
        planned: &Capability,
        start: [f64; LANES],
        wants_totals: bool,
        horizon: Ticks,
    ) -> usize {
        let (network, measure) = (planned.network.as_ref(), planned.measure);
        if !wants_totals && !reaches(&self.rows, measure, start, &self.asked) {
            self.reached.fill([NEVER; LANES]);
            return 0;
        }
        if !wants_totals && network.is_none() {
            let buckets = &mut self.buckets;
            buckets.cross(
                &self.rows,
                measure,
                start,
                &self.asked,
                &mut self.reached,
                horizon,
            );
            return 0;
        }
        self.sort(network);
        let come = self.rows.partition_point(comes);
        cross(&self.rows[..come], measure, start, &self.asked, &mut self.reached);
        come
    }

    /// Sorts the arrivals of each trial by time. What fills the groups of a network stays behind them.
    fn sort(&mut self, network: Option<&Network>) {
        match network {
            Some(network) => sort_rows(&mut self.rows, network.exchanges()),
            None => {
                for lane in 0..LANES {
                    sort_lane(&mut self.rows, lane, &mut self.one);
                }
            }
        }
    }
}

/// Whether a row holds anything that comes: of sorted rows, the first ones do.
fn comes(row: &Row) -> bool {
    row.0.iter().any(|&arrival| arrival < NONE)
}

/// Sorts one lane by itself: only what comes is moved.
pub(super) fn sort_lane(rows: &mut [Row], lane: usize, one: &mut Vec<Arrival>) {
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

    /// Whether any trial reaches any amount asked for, with all that ever comes.
    fn reaches(rows: &[Row], measure: Measure, start: [f64; LANES], asked: &[[f64; LANES]]) -> bool {
        let mut sum = start;
        for row in rows {
            for lane in 0..LANES {
                sum[lane] += measure.steps(amount(row.0[lane]));
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
    pub(super) fn cross(
        rows: &[Row],
        measure: Measure,
        start: [f64; LANES],
        asked: &[[f64; LANES]],
        reached: &mut [[Ticks; LANES]],
    ) {
        for (asked, reached) in asked.iter().zip(reached) {
            let mut sum = start;
            let mut first = [NEVER; LANES];
            for lane in 0..LANES {
                first[lane] = if sum[lane] >= asked[lane] { 0 } else { NEVER };
            }
            for row in rows {
                for lane in 0..LANES {
                    sum[lane] += measure.steps(amount(row.0[lane]));
                    let at = if sum[lane] >= asked[lane] { moment(row.0[lane]) } else { NEVER };
                    first[lane] = first[lane].min(at);
                }
            }
            *reached = first;
        }
    }
}

/// Writes the total of one trial over time, one step a moment.
fn write_steps(rows: &[Row], measure: Measure, lane: usize, start: f64, column: &mut StepColumn) {
    column.begin(start);
    let mut total = start;
    for row in rows {
        let at = moment(row.0[lane]);
        if at == NEVER {
            break;
        }
        total += measure.steps(amount(row.0[lane]));
        column.step(TotalAt { at, total });
    }
    column.end();
}
