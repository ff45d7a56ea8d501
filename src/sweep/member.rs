//! What one thread of a sweep does with a block of trials.

use std::ops::Range;

use super::Sweep;
use super::counted::Counted;
use super::groups::Group;
use super::sums::{Count, Observed, Room, Shown};
use crate::engine::{Block, Parts, Runaway, Silent};
use crate::lanes::BLOCK;
use crate::plan::Plan;
use crate::sampling::{Method, Source};

/// Blocks that are played again less often than this are not brought down to the trials that points concern.
const FEWEST: usize = 4;

/// What one thread has.
pub(super) struct Member {
    /// What it has counted.
    pub counted: Counted,
    /// The first process that never rests, with the point that it belongs to, or 0 for the base.
    pub runaway: Option<(usize, Runaway)>,
    /// A block as the base has it.
    whole: Scene,
    /// Those of its trials that points concern.
    few: Scene,
    parts: Parts,
    /// Blocks of the points that are played apart, once they have been played.
    apart: Vec<Option<Block>>,
    /// What a point shows, or the two answers of a chance.
    shown: [Vec<Shown>; 2],
    room: Room,
}

/// Some trials, and what the base shows of them.
struct Scene {
    block: Block,
    base: Vec<Shown>,
}

/// Which trials are counted.
#[derive(Clone, Copy)]
struct Part {
    replicate: usize,
    trials: usize,
    /// Whether totals are counted in them.
    tallies_totals: bool,
}

impl Member {
    pub(super) fn new(sweep: &Sweep<'_>, method: Method) -> Self {
        let most = sweep.observed.iter().map(Vec::len).max().unwrap_or(0);
        let shown = || vec![Shown::default(); most];
        let scene = || Scene {
            block: Block::new(&sweep.base.plan),
            base: shown(),
        };
        Self {
            counted: Counted::new(sweep, method),
            runaway: None,
            whole: scene(),
            few: scene(),
            parts: Parts::default(),
            apart: sweep.ways.apart.iter().map(|_| None).collect(),
            shown: [shown(), shown()],
            room: Room::default(),
        }
    }

    /// Plays and counts the trials of one block.
    pub(super) fn play(&mut self, sweep: &Sweep<'_>, source: Source, trials: Range<u64>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
        let count = (trials.end - trials.start) as usize;
        let block = trials.start / BLOCK as u64;
        #[allow(clippy::cast_possible_truncation, reason = "a few")]
        let part = Part {
            replicate: source.method.replicates().place(block).replicate as usize,
            trials: count,
            tallies_totals: sweep.base.plan.tallies_totals(trials.start),
        };
        self.counted.trials[part.replicate] += count as u64;
        if part.tallies_totals {
            self.counted.total_trials += count as u64;
        }
        self.base(sweep, source, trials.start, part);
        for (index, &point) in sweep.ways.apart.iter().enumerate() {
            self.apart(sweep, index, point, source, trials.start, part);
        }
        let few = self.leave_out(sweep, part);
        let (scene, part) = match few {
            Some(part) => (&mut self.few, part),
            None => (&mut self.whole, part),
        };
        if part.trials == 0 {
            return;
        }
        let mut stage = Stage {
            scene,
            part,
            counted: &mut self.counted,
            runaway: &mut self.runaway,
            shown: &mut self.shown,
            room: &mut self.room,
        };
        for &point in &sweep.ways.singles {
            stage.single(sweep, point);
        }
        for (index, group) in sweep.ways.groups.iter().enumerate() {
            stage.both(sweep, index, group);
        }
    }

    /// Plays and counts the base.
    fn base(&mut self, sweep: &Sweep<'_>, source: Source, first: u64, part: Part) {
        let (plan, observed) = (&sweep.base.plan, &sweep.observed[0]);
        let Scene { block, base } = &mut self.whole;
        block.play(plan, source, first, part.trials, &mut Silent);
        note(&mut self.runaway, 0, block.runaway);
        look(base, observed, plan, block, &mut self.room);
        part.count(&mut self.counted.counts[0], observed, plan, [base, base]);
    }

    /// Plays a point of another shape on columns of its own, and counts it.
    fn apart(
        &mut self,
        sweep: &Sweep<'_>,
        index: usize,
        point: usize,
        source: Source,
        first: u64,
        part: Part,
    ) {
        let (plan, observed) = (&sweep.points[point].plan, &sweep.observed[point + 1]);
        let block = self.apart[index].get_or_insert_with(|| Block::new(plan));
        block.play(plan, source, first, part.trials, &mut Silent);
        note(&mut self.runaway, point + 1, block.runaway);
        let shown = &mut self.shown[0];
        look(shown, observed, plan, block, &mut self.room);
        part.count(
            &mut self.counted.counts[point + 1],
            observed,
            plan,
            [shown, &self.whole.base],
        );
    }

    /// Leaves those trials out that are the same in all points, and counts them once for all; none, if that does not pay.
    ///
    /// Totals are counted in bins that may differ from point to point: where they are, all trials stay.
    fn leave_out(&mut self, sweep: &Sweep<'_>, part: Part) -> Option<Part> {
        let observed = &sweep.observed[0];
        let readers = sweep.touched.readers.as_ref()?;
        let has_totals = part.tallies_totals && observed.iter().any(|observed| observed.is_total());
        if has_totals || sweep.ways.replays() < FEWEST {
            return None;
        }
        let (plan, Scene { block, base }) = (&sweep.base.plan, &self.whole);
        let can = block.part(plan, readers, &mut self.parts);
        let Parts { concerned, others } = &self.parts;
        if !can || 4 * others.len() < part.trials {
            return None;
        }
        gather(base, others, &mut self.shown[0]);
        let alike = Part {
            trials: others.len(),
            ..part
        };
        let shown = &self.shown[0];
        alike.count(&mut self.counted.alike, observed, plan, [shown, shown]);
        block.gather(concerned, &mut self.few.block);
        gather(base, concerned, &mut self.few.base);
        Some(Part {
            trials: concerned.len(),
            ..part
        })
    }
}

/// What points are played on.
struct Stage<'m> {
    scene: &'m mut Scene,
    part: Part,
    counted: &'m mut Counted,
    runaway: &'m mut Option<(usize, Runaway)>,
    shown: &'m mut [Vec<Shown>; 2],
    room: &'m mut Room,
}

impl Stage<'_> {
    /// Plays and counts one point.
    fn single(&mut self, sweep: &Sweep<'_>, point: usize) {
        let plan = &sweep.points[point].plan;
        self.again(sweep, plan, 0, point);
        self.part.count(
            &mut self.counted.counts[point + 1],
            &sweep.observed[point + 1],
            plan,
            [&self.shown[0], &self.scene.base],
        );
    }

    /// Plays the trials again by another plan, and looks at them as a point does, counted from 0: totals have its bins.
    fn again(&mut self, sweep: &Sweep<'_>, plan: &Plan, answer: usize, point: usize) {
        let block = &mut self.scene.block;
        block.replay(plan, &sweep.touched);
        note(self.runaway, point + 1, block.runaway);
        let plan = &sweep.points[point].plan;
        look(
            &mut self.shown[answer],
            &sweep.observed[0],
            plan,
            block,
            self.room,
        );
    }

    /// Plays both answers of a chance, and counts each trial by the rank from which on it says yes.
    fn both(&mut self, sweep: &Sweep<'_>, index: usize, group: &Group) {
        let point = group.points[0];
        self.again(sweep, &group.no, 0, point);
        self.again(sweep, &group.yes, 1, point);
        let (plan, observed) = (&sweep.points[point].plan, &sweep.observed[0]);
        let ([no, yes], Scene { block, base }) = (&*self.shown, &*self.scene);
        let mut ranks = [0; BLOCK];
        let ranks = &mut ranks[..self.part.trials];
        for (lane, rank) in ranks.iter_mut().enumerate() {
            *rank = group
                .points
                .partition_point(|&point| !block.is_open(&sweep.points[point].plan, group.chance, lane));
        }
        let ranked = &mut self.counted.groups[index];
        self.part.count(&mut ranked.no, observed, plan, [no, base]);
        for (place, &observed) in observed.iter().enumerate() {
            let Some(replicate) = self.part.replicate(observed) else {
                continue;
            };
            let three = [&no[place], &yes[place], &base[place]];
            for (lane, &rank) in ranks.iter().enumerate() {
                ranked.changes[rank][place].add_change(observed, plan, replicate, three, lane);
            }
        }
    }
}

impl Part {
    /// The replicate in which something is counted, if it is; as in results, totals have none.
    fn replicate(self, observed: Observed) -> Option<usize> {
        if !observed.is_total() {
            return Some(self.replicate);
        }
        self.tallies_totals.then_some(0)
    }

    /// Counts what a scenario shows beside the base.
    fn count(self, counts: &mut [Count], observed: &[Observed], plan: &Plan, [shown, base]: [&[Shown]; 2]) {
        let shown = shown.iter().zip(base);
        for ((count, &observed), (shown, base)) in counts.iter_mut().zip(observed).zip(shown) {
            if let Some(replicate) = self.replicate(observed) {
                count.add(observed, plan, replicate, [shown, base], self.trials);
            }
        }
    }
}

/// Looks at all that is observed.
fn look(shown: &mut [Shown], observed: &[Observed], plan: &Plan, block: &Block, room: &mut Room) {
    for (shown, &observed) in shown.iter_mut().zip(observed) {
        shown.look(observed, plan, block, room);
    }
}

/// Brings what some trials show together.
fn gather(shown: &[Shown], lanes: &[u32], into: &mut [Shown]) {
    for (shown, into) in shown.iter().zip(into) {
        shown.gather(lanes, into);
    }
}

/// Keeps the first of two processes that never rest.
fn note(first: &mut Option<(usize, Runaway)>, point: usize, other: Option<Runaway>) {
    let other = other.map(|runaway| (point, runaway));
    *first = [*first, other].into_iter().flatten().min();
}
