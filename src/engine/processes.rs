//! Processes: states, transitions and their clocks, trial by trial.

use super::draws::Witness;
use super::pledges::first_completed;
use super::{Block, MOST_MOVES, Runaway, within};
use crate::model::{Initial, ProcessId, SignalId};
use crate::plan::{Plan, Process, Transition};

impl Block {
    /// Plays one process for all trials and writes the signals of its states.
    pub(super) fn process<W: Witness>(&mut self, plan: &Plan, process: ProcessId, witness: &mut W) {
        let planned = &plan.processes[process];
        if planned.is_single_move {
            return self.single_move(plan, planned, witness);
        }
        let mut columns: Vec<_> = planned
            .levels
            .iter()
            .map(|&level| (level, self.take(level)))
            .collect();
        for (_, column) in &mut columns {
            if column.is_rising() {
                column.fill_rising(0, |_| 0.0);
            } else {
                column.begin_spells().clear();
            }
        }
        let mut path = std::mem::take(&mut self.scratch.path);
        let mut entries = std::mem::take(&mut self.scratch.entries);
        for lane in 0..self.len() {
            let is_stopped = self.walk(plan, planned, lane, &mut path, &mut entries, witness);
            if is_stopped && self.runaway.is_none() {
                self.runaway = Some(Runaway {
                    trial: self.first + lane as u64,
                    process,
                });
            }
            write_levels(&path, &mut columns);
        }
        self.scratch.path = path;
        self.scratch.entries = entries;
        for (level, column) in columns {
            self.signals[level] = column;
        }
    }

    /// Off, then on for good: the common case of U.S. support, mandates and plans, without a path.
    fn single_move<W: Witness>(&mut self, plan: &Plan, planned: &Process, witness: &mut W) {
        let level: SignalId = planned.levels[0];
        let mut column = self.take(level);
        let count = self.len();
        let transition = &planned.exits[0][0];
        column.fill_rising(count, |lane| {
            within(self.clock(plan, transition, 0, lane, 0.0, witness), plan.horizon)
        });
        self.signals[level] = column;
    }

    /// When a transition would fire, entered at `at`; infinite if it is closed or its clock never completes.
    fn clock<W: Witness>(
        &self,
        plan: &Plan,
        transition: &Transition,
        entry: u32,
        lane: usize,
        at: f64,
        witness: &mut W,
    ) -> f64 {
        let Some(visit) = transition.visits.visit(entry) else {
            return f64::INFINITY;
        };
        let mut draws = self.draws(plan, witness);
        if let Some(chance) = transition.chance
            && !draws.is_open(chance, visit, lane, at)
        {
            return f64::INFINITY;
        }
        let spells = self.signals[transition.requires].of(lane);
        first_completed(&mut draws, transition.after, visit, lane, &spells, at)
    }

    /// The states of one trial with the moments at which they are entered; true if it had to be stopped.
    fn walk<W: Witness>(
        &self,
        plan: &Plan,
        process: &Process,
        lane: usize,
        path: &mut Vec<(f64, usize)>,
        entries: &mut Vec<u32>,
        witness: &mut W,
    ) -> bool {
        path.clear();
        entries.clear();
        entries.resize(process.states, 0);
        let mut state = match process.initial {
            Initial::State(state) => state,
            #[allow(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the values are the indices of the states"
            )]
            Initial::Drawn(quantity) => self.first_value(plan, quantity, lane) as usize,
        };
        let mut now = 0.0;
        for _ in 0..=MOST_MOVES {
            path.push((now, state));
            let entry = entries[state];
            entries[state] += 1;
            let mut next = (f64::INFINITY, state);
            for transition in &process.exits[state] {
                let at = self.clock(plan, transition, entry, lane, now, witness);
                if at < next.0 {
                    next = (at, transition.to);
                }
            }
            if next.0 > plan.horizon {
                return false;
            }
            (now, state) = next;
        }
        true
    }
}

/// Writes, for each level, the spells during which the path is at it or above.
fn write_levels(path: &[(f64, usize)], columns: &mut [(SignalId, super::signal::Column)]) {
    use super::signal::Column;
    for (below, (_, column)) in columns.iter_mut().enumerate() {
        match column {
            Column::Rising(moments) => {
                // The last moment at which it stood below is when it rose for good; ties settle on the later state.
                let entered = path.iter().find(|(_, state)| *state > below);
                moments.push(entered.map_or(f64::INFINITY, |(at, _)| *at));
            }
            Column::Spells(spells) => {
                for (index, (at, state)) in path.iter().enumerate() {
                    if *state > below {
                        let until = path.get(index + 1).map_or(f64::INFINITY, |(next, _)| *next);
                        spells.push(*at, until);
                    }
                }
                spells.end();
            }
        }
    }
}
