//! What one thread of a sweep does with a block of trials.

use std::ops::Range;

use super::Sweep;
use super::counted::Counted;
use super::groups::Group;
use super::sums::Shown;
use crate::engine::{Block, Runaway, Silent};
use crate::lanes::BLOCK;
use crate::plan::{Places, Plan};
use crate::sampling::{Method, Source};

/// What one thread has.
pub(super) struct Member {
    /// What it has counted.
    pub counted: Counted,
    /// The first process that never rests, with the point that it belongs to, or 0 for the base.
    pub runaway: Option<(usize, Runaway)>,
    block: Block,
    /// Blocks of the points that are played apart, once they have been played.
    apart: Vec<Option<Block>>,
    /// What the base shows, and a point or the two answers of a chance.
    base: Vec<Shown>,
    shown: [Vec<Shown>; 2],
    places: Places,
}

impl Member {
    pub(super) fn new(sweep: &Sweep<'_>, method: Method) -> Self {
        let most = sweep.observed.iter().map(Vec::len).max().unwrap_or(0);
        let shown = || vec![Shown::default(); most];
        Self {
            counted: Counted::new(sweep, method),
            runaway: None,
            block: Block::new(&sweep.base.plan),
            apart: sweep.ways.apart.iter().map(|_| None).collect(),
            base: shown(),
            shown: [shown(), shown()],
            places: Places::default(),
        }
    }

    fn note(&mut self, runaway: Option<(usize, Runaway)>) {
        self.runaway = [self.runaway, runaway].into_iter().flatten().min();
    }

    /// Plays and counts the trials of one block.
    pub(super) fn play(&mut self, sweep: &Sweep<'_>, source: Source, trials: Range<u64>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
        let count = (trials.end - trials.start) as usize;
        let block = trials.start / BLOCK as u64;
        #[allow(clippy::cast_possible_truncation, reason = "a few")]
        let replicate = source.method.replicates().place(block).replicate as usize;
        self.counted.trials[replicate] += count as u64;
        if sweep.base.plan.tallies_totals(trials.start) {
            self.counted.total_trials += count as u64;
        }
        self.block
            .play(&sweep.base.plan, source, trials.start, count, &mut Silent);
        self.note(self.block.runaway.map(|runaway| (0, runaway)));
        for (shown, &observed) in self.base.iter_mut().zip(&sweep.observed[0]) {
            shown.look(observed, &sweep.base.plan, &self.block, &mut self.places);
        }
        let base = std::mem::take(&mut self.base);
        self.count(sweep, 0, &base, &base, replicate, count);
        for (index, &point) in sweep.ways.apart.iter().enumerate() {
            self.apart(sweep, index, point, source, trials.start, count);
            let shown = std::mem::take(&mut self.shown[0]);
            self.count(sweep, point + 1, &shown, &base, replicate, count);
            self.shown[0] = shown;
        }
        for &point in &sweep.ways.singles {
            self.again(sweep, &sweep.points[point].plan, 0, point);
            let shown = std::mem::take(&mut self.shown[0]);
            self.count(sweep, point + 1, &shown, &base, replicate, count);
            self.shown[0] = shown;
        }
        for (index, group) in sweep.ways.groups.iter().enumerate() {
            self.both(sweep, index, group, &base, replicate, count);
        }
        self.base = base;
    }

    /// Plays a point of another shape on columns of its own.
    fn apart(
        &mut self,
        sweep: &Sweep<'_>,
        index: usize,
        point: usize,
        source: Source,
        first: u64,
        count: usize,
    ) {
        let plan = &sweep.points[point].plan;
        let block = self.apart[index].get_or_insert_with(|| Block::new(plan));
        block.play(plan, source, first, count, &mut Silent);
        for (shown, &observed) in self.shown[0].iter_mut().zip(&sweep.observed[point + 1]) {
            shown.look(observed, plan, block, &mut self.places);
        }
        let runaway = block.runaway.map(|runaway| (point + 1, runaway));
        self.note(runaway);
    }

    /// Plays the block again by another plan, and looks at it as a point does, counted from 0: totals have its bins.
    fn again(&mut self, sweep: &Sweep<'_>, plan: &Plan, answer: usize, point: usize) {
        self.block.replay(plan, &sweep.touched);
        let plan = &sweep.points[point].plan;
        for (shown, &observed) in self.shown[answer].iter_mut().zip(&sweep.observed[0]) {
            shown.look(observed, plan, &self.block, &mut self.places);
        }
        self.note(self.block.runaway.map(|runaway| (point + 1, runaway)));
    }

    /// Counts what a point shows.
    fn count(
        &mut self,
        sweep: &Sweep<'_>,
        index: usize,
        shown: &[Shown],
        base: &[Shown],
        replicate: usize,
        trials: usize,
    ) {
        let plan = match index.checked_sub(1) {
            None => &sweep.base.plan,
            Some(point) => &sweep.points[point].plan,
        };
        let tallies_totals = plan.tallies_totals(self.block.first);
        let observed = sweep.observed[index].iter();
        for ((count, &observed), pair) in self.counted.counts[index]
            .iter_mut()
            .zip(observed)
            .zip(shown.iter().zip(base))
        {
            if observed.is_total() && !tallies_totals {
                continue;
            }
            // As in results, totals have no replicates.
            let replicate = if observed.is_total() { 0 } else { replicate };
            count.add(observed, plan, replicate, [pair.0, pair.1], trials);
        }
    }

    /// Plays both answers of a chance, and counts each trial by the rank from which on it says yes.
    fn both(
        &mut self,
        sweep: &Sweep<'_>,
        index: usize,
        group: &Group,
        base: &[Shown],
        replicate: usize,
        trials: usize,
    ) {
        let point = group.points[0];
        self.again(sweep, &group.no, 0, point);
        self.again(sweep, &group.yes, 1, point);
        let mut ranks = [0; BLOCK];
        for (lane, rank) in ranks[..trials].iter_mut().enumerate() {
            *rank = group
                .points
                .partition_point(|&point| !self.block.is_open(&sweep.points[point].plan, group.chance, lane));
        }
        let plan = &sweep.points[point].plan;
        let tallies_totals = plan.tallies_totals(self.block.first);
        let ranked = &mut self.counted.groups[index];
        let [no, yes] = &self.shown;
        for (place, &observed) in sweep.observed[0].iter().enumerate() {
            if observed.is_total() && !tallies_totals {
                continue;
            }
            let replicate = if observed.is_total() { 0 } else { replicate };
            ranked.no[place].add(observed, plan, replicate, [&no[place], &base[place]], trials);
            let three = [&no[place], &yes[place], &base[place]];
            for (lane, &rank) in ranks[..trials].iter().enumerate() {
                ranked.changes[rank][place].add_change(observed, plan, replicate, three, lane);
            }
        }
    }
}
