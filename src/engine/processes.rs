//! Processes: states, transitions and their clocks.
//!
//! A process of two states without effects is played for all trials together, entry by entry; any other trial by trial.

use super::columns::run_clock;
use super::draws::Witness;
use super::pledges::first_completed;
use super::signal::{Column, Layers};
use super::{Block, MOST_MOVES, Runaway};
use crate::model::{Initial, ProcessId, SignalId};
use crate::plan::{Alternation, Plan, Process, Transition};
use crate::time::{NEVER, Ticks};
use crate::wide_loop;

/// The most spells that trials are played together for: one trial that goes on and on would make all others wait.
const MOST_TOGETHER: u32 = 64;

impl Block {
    /// Plays one process for all trials and writes the signals of its states.
    pub(super) fn process<W: Witness>(&mut self, plan: &Plan, process: ProcessId, witness: &mut W) {
        let planned = &plan.processes[process];
        if !W::LOOKS
            && let Some(alternation) = &planned.alternation
            && self.alternate(plan, alternation, planned.levels[0])
        {
            return;
        }
        let mut columns: Vec<_> = planned
            .levels
            .iter()
            .map(|&level| (level, self.take(level)))
            .collect();
        for (_, column) in &mut columns {
            if column.is_rising() {
                column.begin_rising(self.len());
            } else {
                column.begin_spells(self.len());
            }
        }
        let mut path = std::mem::take(&mut self.scratch.path);
        let mut entries = std::mem::take(&mut self.scratch.entries);
        for lane in 0..self.len() {
            let is_stopped = self.walk(plan, planned, lane, &mut path, &mut entries, witness);
            if is_stopped && self.runaway.is_none() {
                self.runaway = Some(Runaway {
                    trial: self.trial(lane),
                    process,
                });
            }
            write_levels(&path, lane, &mut columns);
        }
        self.scratch.path = path;
        self.scratch.entries = entries;
        for (level, column) in columns {
            self.signals[level] = column;
        }
    }

    /// Plays a process of two states for all trials together, a layer for each time that it is on. False, and nothing
    /// of use done, where that is no good: spells that touch or are empty, or too many of them.
    fn alternate(&mut self, plan: &Plan, alternation: &Alternation, level: SignalId) -> bool {
        let mut column = self.take(level);
        let mut desk = std::mem::take(&mut self.scratch.desk);
        let mut now = std::mem::take(&mut self.scratch.column);
        now.lay_out(self.len());
        self.copy_moments(alternation.requires, &mut now);
        if let Some((chance, toss)) = alternation.chance {
            self.toss(plan, chance, toss, &mut now, &mut desk);
        }
        run_clock(&self.points, plan, alternation.after, 0, &mut now, &mut desk);
        let is_done = match alternation.lasts {
            None => {
                column.begin_rising(now.len()).copy_from_slice(&now);
                true
            }
            Some(lasts) => {
                let spells = column.begin_spells(now.len());
                self.layers(plan, lasts, alternation.again, &mut now, spells, &mut desk)
            }
        };
        self.scratch.desk = desk;
        self.scratch.column = now;
        self.signals[level] = column;
        is_done
    }

    /// Writes spell after spell, the first of which begins at `now`.
    fn layers(
        &self,
        plan: &Plan,
        lasts: usize,
        again: Option<usize>,
        now: &mut [Ticks],
        spells: &mut Layers,
        desk: &mut super::columns::Desk,
    ) -> bool {
        for visit in 0..MOST_TOGETHER {
            let layer = spells.add();
            layer.on.copy_from_slice(now);
            run_clock(&self.points, plan, lasts, visit, now, desk);
            layer.off.copy_from_slice(now);
            let Some(again) = again else {
                return are_apart(&layer.on, &layer.off);
            };
            run_clock(&self.points, plan, again, visit, now, desk);
            if !are_apart(&layer.on, &layer.off) || !are_apart(&layer.off, now) {
                return false;
            }
            if now.iter().all(|&at| at == NEVER) {
                return true;
            }
        }
        false
    }

    /// When a transition would fire, entered at `at`; [`NEVER`] if it is closed or its clock never completes.
    fn clock<W: Witness>(
        &self,
        plan: &Plan,
        transition: &Transition,
        entry: u32,
        lane: usize,
        at: Ticks,
        witness: &mut W,
    ) -> Ticks {
        let Some(visit) = transition.visits.visit(entry) else {
            return NEVER;
        };
        let mut draws = self.draws(plan, witness);
        if let Some(chance) = transition.chance
            && !draws.is_open(chance, visit, lane, at)
        {
            return NEVER;
        }
        let spells = self.signals[transition.requires].of(lane);
        first_completed(&mut draws, transition.after, visit, lane, spells, at)
    }

    /// The states of one trial with the moments at which they are entered; true if it had to be stopped.
    fn walk<W: Witness>(
        &self,
        plan: &Plan,
        process: &Process,
        lane: usize,
        path: &mut Vec<(Ticks, usize)>,
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
        let mut now = 0;
        for _ in 0..=MOST_MOVES {
            path.push((now, state));
            let entry = entries[state];
            entries[state] += 1;
            let mut next = (NEVER, state);
            for transition in &process.exits[state] {
                let at = self.clock(plan, transition, entry, lane, now, witness);
                if at < next.0 {
                    next = (at, transition.to);
                }
            }
            if next.0 > plan.time.horizon() {
                return false;
            }
            (now, state) = next;
        }
        true
    }
}

wide_loop! {
    /// Whether each moment that comes lies before the next.
    fn are_apart(before: &[Ticks], after: &[Ticks]) -> bool {
        let pairs = before.iter().zip(after);
        let touching = pairs.fold(0, |touching, (&before, &after)| {
            touching | u32::from((before >= after) & (before != NEVER))
        });
        touching == 0
    }
}

/// Writes, for each level, the spells during which the path is at it or above.
fn write_levels(path: &[(Ticks, usize)], lane: usize, columns: &mut [(SignalId, Column)]) {
    for (below, (_, column)) in columns.iter_mut().enumerate() {
        match column {
            Column::Rising(moments) => {
                // The last moment at which it stood below is when it rose for good; ties settle on the later state.
                let entered = path.iter().find(|(_, state)| *state > below);
                moments[lane] = entered.map_or(NEVER, |(at, _)| *at);
            }
            Column::Spells(spells) => {
                for (index, (at, state)) in path.iter().enumerate() {
                    if *state > below {
                        let until = path.get(index + 1).map_or(NEVER, |(next, _)| *next);
                        spells.push(lane, *at, until);
                    }
                }
            }
        }
    }
}
