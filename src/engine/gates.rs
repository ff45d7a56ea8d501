//! The mission: first ready, what held it back, and what each gate alone would have bought.
//!
//! # Algorithm
//! The edges of all gates are swept once in order of time, with the number of closed gates and the sum of their
//! indices. With none closed the mission is ready. With one closed, the sum is its index: were that gate always open,
//! the mission would be ready now. The sweep ends at the first ready moment, since no grant can matter later.

use super::Block;
use super::signal::sort_by_moment;
use crate::plan::Plan;

/// What the mission came to, for each trial of a block.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The first moment at which all gates are open; infinite if never.
    pub first_ready: Vec<f64>,
    /// For each gate, the same if this one gate were always open.
    pub granted: Vec<Vec<f64>>,
    /// For each gate, whether it is a bottleneck of the trial.
    pub is_bottleneck: Vec<Vec<bool>>,
    /// How many gates share the bottleneck; 0 if every gate opened but never all together, or if there is no gate.
    pub sharing: Vec<u32>,
}

/// A moment at which a gate opens or closes.
#[derive(Clone, Copy, Debug)]
pub(super) struct GateEdge {
    at: f64,
    gate: usize,
    opens: bool,
}

impl Outcome {
    pub(super) fn new(gates: usize) -> Self {
        Self {
            first_ready: Vec::new(),
            granted: vec![Vec::new(); gates],
            is_bottleneck: vec![Vec::new(); gates],
            sharing: Vec::new(),
        }
    }

    fn clear(&mut self, count: usize) {
        self.first_ready.clear();
        self.first_ready.resize(count, f64::INFINITY);
        self.sharing.clear();
        self.sharing.resize(count, 0);
        for column in &mut self.granted {
            column.clear();
            column.resize(count, f64::INFINITY);
        }
        for column in &mut self.is_bottleneck {
            column.clear();
            column.resize(count, false);
        }
    }

    /// Whether every gate opened, but never all at one time.
    #[must_use]
    pub fn is_never_together(&self, lane: usize) -> bool {
        self.first_ready[lane].is_infinite() && self.sharing[lane] == 0
    }
}

impl Block {
    /// Sweeps the gates of every trial.
    pub(super) fn gates(&mut self, plan: &Plan) {
        let mut outcome = std::mem::take(&mut self.outcome);
        let mut edges = std::mem::take(&mut self.scratch.gate_edges);
        let mut opened = std::mem::take(&mut self.scratch.opened);
        outcome.clear(self.len());
        for lane in 0..self.len() {
            self.gate_edges(plan, lane, &mut edges);
            opened.clear();
            opened.resize(plan.gates.len(), f64::INFINITY);
            sweep(&edges, lane, &mut opened, &mut outcome);
            blame(lane, &opened, &mut outcome);
        }
        self.outcome = outcome;
        self.scratch.gate_edges = edges;
        self.scratch.opened = opened;
    }

    fn gate_edges(&self, plan: &Plan, lane: usize, edges: &mut Vec<GateEdge>) {
        edges.clear();
        for (gate, &signal) in plan.gates.iter().enumerate() {
            for spell in self.signals[signal].of(lane).iter() {
                edges.push(GateEdge {
                    at: spell.on,
                    gate,
                    opens: true,
                });
                if spell.off < f64::INFINITY {
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

/// Finds first ready and what each gate would grant; leaves in `opened` when each gate last opened.
fn sweep(edges: &[GateEdge], lane: usize, opened: &mut [f64], outcome: &mut Outcome) {
    let gates = opened.len();
    let mut closed = gates;
    let mut sum_of_closed = gates * gates.saturating_sub(1) / 2;
    let mut next = 0;
    let mut at = 0.0;
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
            *granted = granted.min(at);
        }
        match edges.get(next) {
            Some(edge) => at = edge.at,
            None => return,
        }
    }
}

/// Marks the gates that held the mission back.
fn blame(lane: usize, opened: &[f64], outcome: &mut Outcome) {
    let ready = outcome.first_ready[lane];
    for (gate, &opened) in opened.iter().enumerate() {
        // Ready: the gates whose spell begins at the ready moment. Never ready: those that never opened.
        if opened >= ready {
            outcome.is_bottleneck[gate][lane] = true;
            outcome.sharing[lane] += 1;
        }
    }
}
