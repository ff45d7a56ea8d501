//! Draws a column at a time: for clocks, chances and amounts that neither effects nor trials' histories act on.
//!
//! # Algorithm
//! Everything acts on a column of moments: a clock moves each to the moment at which it completes, a chance turns those
//! into [`NEVER`] to which it says no, and what has become so stays so. Each step is one loop over all trials of the
//! block, with as many lanes as the processor has: hashes, then quantiles, then sums. A column in which no trial needs
//! anything is passed over, and of one in which some do only those are looked up.

use super::Block;
use super::arrivals::{self, Arrival};
use crate::distribution::Sampler;
use crate::lanes::Lanes;
use crate::model::QuantityId;
use crate::plan::{Contributor, Plan, Scores, Toss, Value};
use crate::sampling::{Coordinate, Points};
use crate::time::{NEVER, Ticks, Timescale, within};
use crate::wide::{VECTOR, compress, compresses, expand, expand_keys};
use crate::wide_loop;

/// Where the steps of a draw are worked out.
#[derive(Debug, Default)]
pub(super) struct Desk {
    uniforms: Lanes<u32>,
    /// The uniforms that are needed, and room behind them.
    front: Lanes<u32>,
    values: Lanes<f32>,
    /// The values that are needed, back at their places.
    spread: Lanes<f32>,
}

/// A uniform that every table has: what fills a vector up. In the tails the exact quantile would be worked out.
const MIDDLE: u32 = 1 << 30;

impl Desk {
    /// Draws a coordinate for all trials.
    fn draw(&mut self, points: &Points, coordinate: Coordinate) -> &mut [u32] {
        let uniforms = self.uniforms.lay_out(points.len());
        points.draw(coordinate, uniforms);
        uniforms
    }

    /// Draws values for the trials whose moments come; what the others get has no meaning. None, if none comes.
    ///
    /// To find out which are needed, and to bring their uniforms together and their values back, costs about a third of
    /// looking all of them up.
    pub(super) fn values(
        &mut self,
        points: &Points,
        coordinate: Coordinate,
        sampler: &Sampler,
        moments: &[Ticks],
    ) -> Option<&[f32]> {
        let needed = awaited(moments) as usize;
        if needed == 0 {
            return None;
        }
        self.draw(points, coordinate);
        let values = self.values.lay_out(moments.len());
        if 4 * needed > 3 * moments.len() || !compresses() {
            sampler.fill(&self.uniforms, values);
            return Some(values);
        }
        let front = self.front.lay_out(moments.len());
        let taken = compress(&self.uniforms, moments, front);
        let whole = taken.next_multiple_of(VECTOR).min(moments.len());
        front[taken..whole].fill(MIDDLE);
        sampler.fill(&front[..whole], &mut values[..whole]);
        let spread = self.spread.lay_out(moments.len());
        expand(values, moments, 0.0, spread);
        Some(spread)
    }
}

wide_loop! {
    /// How many moments of a column come.
    fn awaited(moments: &[Ticks]) -> u32 {
        moments.iter().fold(0, |count, &at| count + u32::from(at < NEVER))
    }

    /// Moves moments on by a duration.
    fn move_on(moments: &mut [Ticks], duration: Ticks, horizon: Ticks) {
        for at in moments {
            *at = within(at.saturating_add(duration), horizon);
        }
    }

    /// Moves moments on by a duration each.
    fn move_each(moments: &mut [Ticks], days: &[f32], time: Timescale) {
        for (at, &days) in moments.iter_mut().zip(days) {
            *at = time.within(at.saturating_add(time.ticks(f64::from(days))));
        }
    }

    /// Keeps the moments of trials whose uniform is at most `last`.
    fn keep_up_to(moments: &mut [Ticks], uniforms: &[u32], last: u32) {
        for (at, &h) in moments.iter_mut().zip(uniforms) {
            *at = if h <= last { *at } else { NEVER };
        }
    }

    /// Keeps the moments of trials whose score, made from a common and an own one, is below `score`.
    fn keep_below(moments: &mut [Ticks], scores: [&[f32]; 2], weights: [f32; 2], score: f32) {
        for ((at, &z), &g) in moments.iter_mut().zip(scores[0]).zip(scores[1]) {
            *at = if weights[0] * z + weights[1] * g < score { *at } else { NEVER };
        }
    }

    /// Packs moments and amounts.
    fn pack(moments: &[Ticks], amounts: &[f32], packed: &mut [Arrival]) {
        for ((arrival, &at), &amount) in packed.iter_mut().zip(moments).zip(amounts) {
            *arrival = arrivals::arrival(at, amount);
        }
    }
}

/// Runs a plain clock from each of `moments`: they become the moments at which it completes within the horizon.
pub(super) fn run_clock(
    points: &Points,
    plan: &Plan,
    clock: QuantityId,
    visit: u32,
    moments: &mut [Ticks],
    desk: &mut Desk,
) {
    let planned = &plan.quantities[clock];
    let sampler = match &planned.value {
        Value::Constant(_) => return move_on(moments, planned.ticks, plan.time.horizon()),
        Value::Drawn(sampler) => sampler,
    };
    if let Some(days) = desk.values(points, planned.key.visit(visit), sampler, moments) {
        move_each(moments, days, plan.time);
    }
}

/// What a package brings at `moments`.
pub(super) fn arrivals(
    points: &Points,
    plan: &Plan,
    amount: QuantityId,
    moments: &[Ticks],
    column: &mut Lanes<Arrival>,
    desk: &mut Desk,
) {
    let column = column.lay_out(moments.len());
    let planned = &plan.quantities[amount];
    match &planned.value {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the plan has made sure that it fits"
        )]
        Value::Constant(value) => pack(moments, desk.values.reset(moments.len(), *value as f32), column),
        Value::Drawn(sampler) => match desk.values(points, planned.key, sampler, moments) {
            Some(amounts) => pack(moments, amounts, column),
            None => column.fill(arrivals::NONE),
        },
    }
}

/// The trials in which a contributor may still pledge, brought together: what it and its packages draw is drawn for
/// these alone.
#[derive(Debug, Default)]
pub(super) struct Roll {
    points: Points,
    /// When each would pledge, and when its package arrives.
    moments: Lanes<Ticks>,
    arriving: Lanes<Ticks>,
    arrivals: Lanes<Arrival>,
    /// The moments of all trials: those that come have been brought together.
    needed: Lanes<Ticks>,
}

impl Roll {
    /// Brings together the trials whose moments come, and some more that never do, to fill the last vector.
    fn gather(&mut self, points: &Points, moments: &[Ticks]) {
        let taken = compress(moments, moments, self.moments.lay_out(moments.len()));
        let whole = taken.next_multiple_of(VECTOR).min(moments.len());
        self.moments[taken..whole].fill(NEVER);
        self.moments.shorten(whole);
        points.gather(moments, whole, &mut self.points);
        self.needed.lay_out(moments.len()).copy_from_slice(moments);
    }
}

impl Block {
    /// Lets a contributor decide from `moments` on, which become those at which it pledges, and assembles the packages
    /// that wait for nothing else.
    pub(super) fn muster(
        &mut self,
        plan: &Plan,
        contributor: &Contributor,
        moments: &mut [Ticks],
        desk: &mut Desk,
    ) {
        if !self.points.can_gather() {
            return self.muster_all(plan, contributor, moments, desk);
        }
        let mut roll = std::mem::take(&mut self.scratch.roll);
        roll.gather(&self.points, moments);
        run_clock(
            &roll.points,
            plan,
            contributor.decision,
            0,
            &mut roll.moments,
            desk,
        );
        for &package in &contributor.brings {
            let planned = &plan.packages[package];
            let arriving = roll.arriving.lay_out(roll.moments.len());
            arriving.copy_from_slice(&roll.moments);
            run_clock(&roll.points, plan, planned.notice_to_move, 0, arriving, desk);
            arrivals(
                &roll.points,
                plan,
                planned.amount,
                arriving,
                &mut roll.arrivals,
                desk,
            );
            let column = self.arrivals[package].lay_out(moments.len());
            expand_keys(roll.arrivals.whole(), &roll.needed, arrivals::NONE, column);
        }
        expand(roll.moments.whole(), &roll.needed, NEVER, moments);
        self.scratch.roll = roll;
    }

    /// The same for all trials, where draws belong to their places in the block.
    fn muster_all(&mut self, plan: &Plan, contributor: &Contributor, moments: &mut [Ticks], desk: &mut Desk) {
        run_clock(&self.points, plan, contributor.decision, 0, moments, desk);
        for &package in &contributor.brings {
            let planned = &plan.packages[package];
            let mut column = std::mem::take(&mut self.arrivals[package]);
            let mut arriving = std::mem::take(&mut self.scratch.column);
            arriving.lay_out(moments.len()).copy_from_slice(moments);
            run_clock(&self.points, plan, planned.notice_to_move, 0, &mut arriving, desk);
            arrivals(&self.points, plan, planned.amount, &arriving, &mut column, desk);
            self.scratch.column = arriving;
            self.arrivals[package] = column;
        }
    }

    /// Lets a chance decide on its first visit: the moments of trials to which it says no become [`NEVER`].
    pub(super) fn toss(
        &self,
        plan: &Plan,
        chance: usize,
        toss: Toss,
        moments: &mut [Ticks],
        desk: &mut Desk,
    ) {
        let planned = &plan.chances[chance];
        match toss {
            Toss::Never => moments.fill(NEVER),
            Toss::Always => {}
            Toss::UpTo(last) => keep_up_to(moments, desk.draw(&self.points, planned.key), last),
            Toss::Below { score, copula } => {
                let Scores::CommonFactor { common, own } = plan.copulas[copula].structure else {
                    return;
                };
                if let Some(scores) = desk.values(&self.points, planned.key, &plan.normal, moments) {
                    keep_below(moments, [&self.commons[copula], scores], [common, own], score);
                }
            }
        }
    }

    /// The common scores of a copula on visit 0.
    pub(super) fn common_scores(&self, plan: &Plan, copula: usize, scores: &mut Lanes<f32>, desk: &mut Desk) {
        let scores = scores.lay_out(self.len());
        let uniforms = desk.draw(&self.points, plan.copulas[copula].key);
        plan.normal.fill(uniforms, scores);
    }
}
