//! Some trials of a block, brought together in a block of their own.
//!
//! # Algorithm
//! What a change of some values can alter shows in those trials only that read one of them ([`Reader`]). They are found in the
//! columns of the block once it has been played, and all columns are brought together for them: what is played again then is
//! that much shorter, and comes to the same bits, since no step looks at more than one trial.
//!
//! # Limits
//! Trials cannot be brought together where their draws belong to their places in the block ([`Points::can_gather`]).
//!
//! [`Points::can_gather`]: crate::sampling::Points::can_gather

use super::draws::Silent;
use super::{Block, signal::Column};
use crate::lanes::{BLOCK, Lanes, gather};
use crate::plan::{Plan, Reader};
use crate::time::NEVER;

/// Of more readers than this, chances are not asked: most trials read something, and every question takes its time.
const MOST_ASKED: usize = 8;

/// The trials of a block in two parts, by their places.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// Those of which something is true.
    pub chosen: Vec<u32>,
    /// All others.
    pub others: Vec<u32>,
}

impl Parts {
    fn divide(&mut self, is_chosen: &[bool]) {
        self.chosen.clear();
        self.others.clear();
        for (&is_chosen, lane) in is_chosen.iter().zip(0..) {
            let part = if is_chosen {
                &mut self.chosen
            } else {
                &mut self.others
            };
            part.push(lane);
        }
    }
}

impl Block {
    /// Whether some of its trials can be brought together.
    #[must_use]
    pub fn can_gather(&self) -> bool {
        self.points.can_gather()
    }

    /// Chooses the trials in which any of the readers reads anything.
    pub fn choose_readers(&self, plan: &Plan, readers: &[Reader], parts: &mut Parts) {
        let mut reads = [false; BLOCK];
        let reads = &mut reads[..self.len()];
        let mut room = Lanes::new();
        let mut silent = Silent;
        let mut draws = self.draws(plan, &mut silent);
        for reader in readers {
            let first = self.signals[reader.fact].firsts(&mut room, reads.len());
            debug_assert_eq!(first.len(), reads.len(), "what is read has been written");
            let chance = reader.chance.filter(|_| readers.len() <= MOST_ASKED);
            for (lane, (reads, &first)) in reads.iter_mut().zip(first).enumerate() {
                *reads |= first < NEVER && chance.is_none_or(|chance| draws.is_open(chance, 0, lane, 0));
            }
        }
        parts.divide(reads);
    }

    /// Chooses the trials in which a chance says yes, asked at the start of a trial, on its first visit.
    pub fn choose_yes(&self, plan: &Plan, chance: usize, parts: &mut Parts) {
        let mut says = [false; BLOCK];
        let says = &mut says[..self.len()];
        let mut silent = Silent;
        let mut draws = self.draws(plan, &mut silent);
        for (lane, says) in says.iter_mut().enumerate() {
            *says = draws.is_open(chance, 0, lane, 0);
        }
        parts.divide(says);
    }

    /// For each trial, how many of some plans have a chance say no, asked at the start of a trial, on its first visit. The plans
    /// differ in its probability only, and are sorted by it.
    pub fn refusals(&self, plans: &[&Plan], chance: usize, refusals: &mut [usize]) {
        let Some(plan) = plans.first() else { return };
        let mut silent = Silent;
        let mut draws = self.draws(plan, &mut silent);
        for (lane, refusals) in refusals.iter_mut().enumerate() {
            *refusals = draws.refusals(plans, chance, lane);
        }
    }

    /// Brings some of its trials together, by their places, to be played again.
    pub fn gather(&self, lanes: &[u32], into: &mut Self) {
        into.first = self.first;
        into.lanes.clear();
        let places = lanes
            .iter()
            .map(|&lane| self.lanes.get(lane as usize).copied().unwrap_or(lane));
        into.lanes.extend(places);
        into.wants_totals = self.wants_totals;
        into.runaway = None;
        self.points.gather_lanes(lanes, &mut into.points);
        let signals = self.signals.iter().zip(&mut into.signals);
        signals.for_each(|(column, into): (&Column, &mut Column)| column.gather(lanes, into));
        let totals = self.totals.iter().zip(&mut into.totals);
        totals.for_each(|(column, into)| column.gather(lanes, into));
        gather_lists(&self.firsts, lanes, &mut into.firsts);
        gather_lists(&self.factors, lanes, &mut into.factors);
        gather_lists(&self.amounts, lanes, &mut into.amounts);
        gather_columns(&self.commons, lanes, &mut into.commons);
        gather_columns(&self.arrivals, lanes, &mut into.arrivals);
    }
}

/// Brings some trials together in columns, some of which are empty.
fn gather_columns<T: Copy + Default>(columns: &[Lanes<T>], lanes: &[u32], into: &mut [Lanes<T>]) {
    for (column, into) in columns.iter().zip(into) {
        if column.is_empty() {
            into.clear();
        } else {
            gather(column, lanes, into.lay_out(lanes.len()));
        }
    }
}

/// The same for columns of any length.
fn gather_lists(columns: &[Vec<f64>], lanes: &[u32], into: &mut [Vec<f64>]) {
    for (column, into) in columns.iter().zip(into) {
        into.clear();
        if !column.is_empty() {
            into.extend(lanes.iter().map(|&lane| column[lane as usize]));
        }
    }
}
