//! The mission: first ready, what held it back, and what each gate alone would have bought.
//!
//! # Algorithm
//! Where at most one gate can close again, two moments tell everything about the others: the latest and the second
//! latest at which one of them opens. From the latest on, all of them are open; from the second latest on, all but one,
//! and that one alone, if granted, buys anything. The mission is ready at the first such moment within a spell of the
//! gate that can close. This takes one loop a gate over all trials.
//!
//! Otherwise the edges of all gates are swept in order of time, trial by trial, with the number of closed gates and the
//! sum of their indices. With none closed the mission is ready. With one closed, the sum is its index: were that gate
//! always open, the mission would be ready now. The sweep ends at the first ready moment, since no grant can matter
//! later.

use super::Block;
use super::signal::{Column, Layers, sort_by_moment};
use crate::lanes::Lanes;
use crate::plan::Plan;
use crate::time::{NEVER, Ticks};
use crate::wide_loop;

/// What the mission came to, for each trial of a block.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first moment at which all gates are open.
    pub first_ready: Lanes<Ticks>,
    /// For each gate, the same if this one gate were always open.
    pub granted: Vec<Lanes<Ticks>>,
    /// For each gate, whether it is a bottleneck of the trial: 1 or 0.
    pub is_bottleneck: Vec<Lanes<u32>>,
    /// How many gates share the bottleneck; 0 if every gate opened but never all together, or if there is no gate.
    pub sharing: Lanes<u32>,
}

/// A moment at which a gate opens or closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct GateEdge {
    at: Ticks,
    gate: usize,
    opens: bool,
}

/// Columns for the gates that only switch on.
#[derive(Debug, Default)]
pub(super) struct Latest {
    /// When the last of them opens.
    last: Lanes<Ticks>,
    /// When the last but one opens.
    second: Lanes<Ticks>,
    /// Which is the last, counted from 1; any of them, if several are; 0 if all are open from the start.
    which: Lanes<u32>,
    /// When the mission would be ready if that one were granted.
    granted: Lanes<Ticks>,
}

impl Outcome {
    pub(super) fn new(gates: usize) -> Self {
        Self {
            first_ready: Lanes::new(),
            granted: vec![Lanes::new(); gates],
            is_bottleneck: vec![Lanes::new(); gates],
            sharing: Lanes::new(),
        }
    }

    fn clear(&mut self, count: usize) {
        self.first_ready.reset(count, NEVER);
        self.sharing.reset(count, 0);
        for (granted, is_bottleneck) in self.granted.iter_mut().zip(&mut self.is_bottleneck) {
            granted.reset(count, NEVER);
            is_bottleneck.reset(count, 0);
        }
    }

    /// Whether every gate opened, but never all at one time.
    #[must_use]
    pub fn is_never_together(&self, lane: usize) -> bool {
        self.first_ready[lane] == NEVER && self.sharing[lane] == 0
    }
}

impl Block {
    /// What the gates come to in every trial.
    pub(super) fn gates(&mut self, plan: &Plan) {
        let mut outcome = std::mem::take(&mut self.outcome);
        outcome.clear(self.len());
        let closing =
            plan.gates
                .iter()
                .enumerate()
                .filter_map(|(gate, &signal)| match &self.signals[signal] {
                    Column::Spells(spells) => Some((gate, spells)),
                    Column::Rising(_) => None,
                });
        let mut closing = closing.take(2);
        match (closing.next(), closing.next()) {
            (one, None) => {
                let mut latest = std::mem::take(&mut self.scratch.latest);
                self.gates_by_columns(plan, one, &mut latest, &mut outcome);
                self.scratch.latest = latest;
            }
            _ => self.gates_by_trials(plan, &mut outcome),
        }
        self.outcome = outcome;
    }

    /// With at most one gate that can close: its index, and its spells.
    fn gates_by_columns(
        &self,
        plan: &Plan,
        closing: Option<(usize, &Layers)>,
        latest: &mut Latest,
        outcome: &mut Outcome,
    ) {
        latest.find(
            self.len(),
            plan.gates.iter().map(|&gate| self.signals[gate].moments()),
        );
        match closing {
            None => {
                outcome.first_ready.copy_from_slice(&latest.last);
                latest.granted.copy_from_slice(&latest.second);
            }
            Some((_, spells)) => {
                first_within(spells, &latest.last, &mut outcome.first_ready);
                first_within(spells, &latest.second, &mut latest.granted);
            }
        }
        for (gate, &signal) in plan.gates.iter().enumerate() {
            let granted = &mut outcome.granted[gate];
            let held_back = &mut outcome.is_bottleneck[gate];
            match &self.signals[signal] {
                Column::Rising(opened) => {
                    latest.grant(gate, &outcome.first_ready, granted);
                    blame(opened, &outcome.first_ready, held_back, &mut outcome.sharing);
                }
                Column::Spells(spells) => {
                    granted.copy_from_slice(&latest.last);
                    begun(spells, &outcome.first_ready, &mut latest.second);
                    blame(
                        &latest.second,
                        &outcome.first_ready,
                        held_back,
                        &mut outcome.sharing,
                    );
                }
            }
        }
    }

    /// With any gates.
    fn gates_by_trials(&mut self, plan: &Plan, outcome: &mut Outcome) {
        let mut edges = std::mem::take(&mut self.scratch.gate_edges);
        let mut opened = std::mem::take(&mut self.scratch.moments);
        for lane in 0..self.len() {
            self.gate_edges(plan, lane, &mut edges);
            opened.clear();
            opened.resize(plan.gates.len(), NEVER);
            sweep(&edges, lane, &mut opened, outcome);
            let ready = outcome.first_ready[lane];
            for (gate, &opened) in opened.iter().enumerate() {
                // Ready: the gates whose spell begins at the ready moment. Never ready: those that never opened.
                let holds_back = u32::from(opened >= ready);
                outcome.is_bottleneck[gate][lane] = holds_back;
                outcome.sharing[lane] += holds_back;
            }
        }
        self.scratch.gate_edges = edges;
        self.scratch.moments = opened;
    }

    fn gate_edges(&self, plan: &Plan, lane: usize, edges: &mut Vec<GateEdge>) {
        edges.clear();
        for (gate, &signal) in plan.gates.iter().enumerate() {
            for spell in self.signals[signal].of(lane) {
                edges.push(GateEdge {
                    at: spell.on,
                    gate,
                    opens: true,
                });
                if spell.off < NEVER {
                    edges.push(GateEdge {
                        at: spell.off,
                        gate,
                        opens: false,
                    });
                }
            }
        }
        sort_by_moment(edges, |edge| edge.at);
    }
}

impl Latest {
    /// Finds the latest two of the moments at which gates open that only switch on.
    fn find<'a>(&mut self, count: usize, gates: impl Iterator<Item = Option<&'a [Ticks]>>) {
        for column in [
            &mut self.last,
            &mut self.second,
            &mut self.which,
            &mut self.granted,
        ] {
            column.reset(count, 0);
        }
        for (number, opened) in (1_u32..).zip(gates) {
            let Some(opened) = opened else { continue };
            overtake(&mut self.last, &mut self.second, &mut self.which, opened, number);
        }
    }

    /// When the mission is ready if a gate that only switches on is granted: it buys something where it is the last.
    fn grant(&self, gate: usize, ready: &[Ticks], granted: &mut [Ticks]) {
        #[allow(clippy::cast_possible_truncation, reason = "a mission has few gates")]
        choose(granted, ready, &self.which, &self.granted, gate as u32 + 1);
    }
}

/// The first moment from `from` on that lies within a spell.
fn first_within(spells: &Layers, from: &[Ticks], first: &mut [Ticks]) {
    first.fill(NEVER);
    for layer in spells.layers() {
        enter(first, from, &layer.on, &layer.off);
    }
}

/// When the spell began that `ready` lies in; where nothing is ready, when the first spell begins.
fn begun(spells: &Layers, ready: &[Ticks], begun: &mut [Ticks]) {
    begun.fill(NEVER);
    for layer in spells.layers() {
        begin(begun, ready, &layer.on, &layer.off);
    }
}

wide_loop! {
    /// Takes one more gate into the latest two.
    fn overtake(last: &mut [Ticks], second: &mut [Ticks], which: &mut [u32], opened: &[Ticks], number: u32) {
        let held = last.iter_mut().zip(second).zip(which);
        for (((last, second), which), &at) in held.zip(opened) {
            *second = (*second).max(at.min(*last));
            *which = if at > *last { number } else { *which };
            *last = (*last).max(at);
        }
    }

    /// What a gate would grant: what the last one buys where this is the last, and nothing elsewhere.
    fn choose(granted: &mut [Ticks], ready: &[Ticks], which: &[u32], bought: &[Ticks], number: u32) {
        let columns = granted.iter_mut().zip(ready).zip(which).zip(bought);
        for (((granted, &ready), &which), &bought) in columns {
            *granted = if which == number { bought } else { ready };
        }
    }

    /// Lowers `first` to the first moment from `from` on within a layer of spells.
    fn enter(first: &mut [Ticks], from: &[Ticks], on: &[Ticks], off: &[Ticks]) {
        let columns = first.iter_mut().zip(from).zip(on.iter().zip(off));
        for ((first, &from), (&on, &off)) in columns {
            let at = if off > from { on.max(from) } else { NEVER };
            *first = (*first).min(at);
        }
    }

    /// Lowers `begun` to the beginnings of those spells of a layer that `ready` lies in; all of them, if it never is.
    fn begin(begun: &mut [Ticks], ready: &[Ticks], on: &[Ticks], off: &[Ticks]) {
        let columns = begun.iter_mut().zip(ready).zip(on.iter().zip(off));
        for ((begun, &ready), (&on, &off)) in columns {
            let is_it = (ready == NEVER) | ((on <= ready) & (ready < off));
            *begun = (*begun).min(if is_it { on } else { NEVER });
        }
    }

    /// Marks the trials that a gate held back: ready ones, if it opened just then, and others, if it never opened.
    fn blame(opened: &[Ticks], ready: &[Ticks], held_back: &mut [u32], sharing: &mut [u32]) {
        let columns = held_back.iter_mut().zip(sharing).zip(opened.iter().zip(ready));
        for ((held_back, sharing), (&opened, &ready)) in columns {
            *held_back = u32::from(opened >= ready);
            *sharing += *held_back;
        }
    }
}

/// Finds first ready and what each gate would grant; leaves in `opened` when each gate last opened.
fn sweep(edges: &[GateEdge], lane: usize, opened: &mut [Ticks], outcome: &mut Outcome) {
    let gates = opened.len();
    let mut closed = gates;
    let mut sum_of_closed = gates * gates.saturating_sub(1) / 2;
    let mut next = 0;
    let mut at = 0;
    loop {
        while next < edges.len() && edges[next].at <= at {
            let edge = edges[next];
            if edge.opens {
                closed -= 1;
                sum_of_closed -= edge.gate;
                opened[edge.gate] = edge.at;
            } else {
                closed += 1;
                sum_of_closed += edge.gate;
            }
            next += 1;
        }
        if closed == 0 {
            outcome.first_ready[lane] = at;
            outcome
                .granted
                .iter_mut()
                .for_each(|column| column[lane] = column[lane].min(at));
            return;
        }
        if closed == 1 {
            let granted = &mut outcome.granted[sum_of_closed][lane];
            *granted = (*granted).min(at);
        }
        match edges.get(next) {
            Some(edge) => at = edge.at,
            None => return,
        }
    }
}
