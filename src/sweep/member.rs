//! What one thread of a sweep does with a block of trials.

use std::ops::Range;

use super::Sweep;
use super::counted::{Counted, Ranked};
use super::groups::Group;
use super::sums::{Count, Observed, Room, Shown};
use crate::engine::{Block, Parts, Runaway, Silent};
use crate::lanes::BLOCK;
use crate::plan::Plan;
use crate::sampling::{Method, Source};

/// Blocks that are played again less often than this are not brought down to the trials that points concern.
const FEWEST: usize = 2;

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
    /// Those of these to which the base gives one answer of a chance.
    half: Scene,
    parts: Parts,
    /// The trials in which the base says yes to the chance of the groups, and all others.
    answers: Parts,
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
            half: scene(),
            parts: Parts::default(),
            answers: Parts::default(),
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
        // Asked before points are played, which may change what the answer hangs on.
        let asked = sweep.ways.groups.iter().find(|group| group.is_of_base);
        let asked = asked.filter(|_| scene.block.can_gather());
        if let Some(group) = asked {
            let (plan, chance) = (&sweep.base.plan, group.chance);
            scene.block.choose_yes(plan, chance, &mut self.answers);
        }
        let mut stage = Stage {
            scene,
            part,
            half: &mut self.half,
            answers: asked.map(|_| &self.answers),
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
        if !block.can_gather() {
            return None;
        }
        block.choose_readers(plan, readers, &mut self.parts);
        let Parts { chosen, others } = &self.parts;
        if 4 * others.len() < part.trials {
            return None;
        }
        gather(base, others, &mut self.shown[0]);
        let alike = Part {
            trials: others.len(),
            ..part
        };
        let shown = &self.shown[0];
        alike.count(&mut self.counted.alike, observed, plan, [shown, shown]);
        self.whole.gather(chosen, &mut self.few);
        Some(Part {
            trials: chosen.len(),
            ..part
        })
    }
}

impl Scene {
    /// Brings some trials together.
    fn gather(&self, lanes: &[u32], into: &mut Self) {
        self.block.gather(lanes, &mut into.block);
        gather(&self.base, lanes, &mut into.base);
    }

    /// Plays the trials again by another plan, and looks at them as a point does, counted from 0: totals have its bins.
    fn again(
        &mut self,
        sweep: &Sweep<'_>,
        plan: &Plan,
        point: usize,
        shown: &mut [Shown],
        room: &mut Room,
    ) -> Option<Runaway> {
        self.block.replay(plan, &sweep.touched);
        look(
            shown,
            &sweep.observed[0],
            &sweep.points[point].plan,
            &self.block,
            room,
        );
        self.block.runaway
    }
}

/// What points are played on.
struct Stage<'m> {
    scene: &'m mut Scene,
    part: Part,
    half: &'m mut Scene,
    /// The trials by the base's answer to the chance of the groups, where there is a use for it.
    answers: Option<&'m Parts>,
    counted: &'m mut Counted,
    runaway: &'m mut Option<(usize, Runaway)>,
    shown: &'m mut [Vec<Shown>; 2],
    room: &'m mut Room,
}

impl Stage<'_> {
    /// Plays and counts one point.
    fn single(&mut self, sweep: &Sweep<'_>, point: usize) {
        let plan = &sweep.points[point].plan;
        let shown = &mut self.shown[0];
        let runaway = self.scene.again(sweep, plan, point, shown, self.room);
        note(self.runaway, point + 1, runaway);
        self.part.count(
            &mut self.counted.counts[point + 1],
            &sweep.observed[point + 1],
            plan,
            [&self.shown[0], &self.scene.base],
        );
    }

    /// Plays both answers of a chance, and counts each trial by the rank from which on it says yes. Where the base differs from
    /// the points in nothing else, it has played one of the answers: then each trial is played with the other one alone.
    fn both(&mut self, sweep: &Sweep<'_>, index: usize, group: &Group) {
        let point = group.points[0];
        let asks = Asks { sweep, group };
        let ranked = &mut self.counted.groups[index];
        let mut is_stopped = false;
        match self.answers.filter(|_| group.is_of_base) {
            None => {
                for (plan, shown) in [&group.no, &group.yes].into_iter().zip(&mut *self.shown) {
                    let runaway = self.scene.again(sweep, plan, point, shown, self.room);
                    is_stopped |= runaway.is_some();
                }
                let ([no, yes], Scene { block, base }) = (&*self.shown, &*self.scene);
                asks.count(ranked, block, [no, yes, base], self.part);
            }
            Some(Parts { chosen, others }) => {
                for (lanes, other, is_yes) in [(chosen, &group.no, true), (others, &group.yes, false)] {
                    self.scene.gather(lanes, self.half);
                    let shown = &mut self.shown[0];
                    let runaway = self.half.again(sweep, other, point, shown, self.room);
                    is_stopped |= runaway.is_some();
                    let Scene { block, base } = &*self.half;
                    let (no, yes) = if is_yes { (&*shown, base) } else { (base, &*shown) };
                    let part = Part {
                        trials: lanes.len(),
                        ..self.part
                    };
                    asks.count(ranked, block, [no, yes, base], part);
                }
            }
        }
        if is_stopped {
            self.blame(sweep, group);
        }
    }

    /// Finds which points have a process that never rests, if one of the answers of their chance has.
    fn blame(&mut self, sweep: &Sweep<'_>, group: &Group) {
        for &point in &group.points {
            let plan = &sweep.points[point].plan;
            let shown = &mut self.shown[0];
            let runaway = self.scene.again(sweep, plan, point, shown, self.room);
            note(self.runaway, point + 1, runaway);
        }
    }
}

/// The points of a sweep that differ in a chance.
#[derive(Clone, Copy)]
struct Asks<'a> {
    sweep: &'a Sweep<'a>,
    group: &'a Group,
}

impl Asks<'_> {
    /// Counts some trials, from what they show with the answers no and yes, and in the base.
    fn count(self, ranked: &mut Ranked, block: &Block, [no, yes, base]: [&[Shown]; 3], part: Part) {
        let Self { sweep, group } = self;
        let plans: Vec<&Plan> = group
            .points
            .iter()
            .map(|&point| &sweep.points[point].plan)
            .collect();
        let mut ranks = [0; BLOCK];
        let ranks = &mut ranks[..part.trials];
        block.refusals(&plans, group.chance, ranks);
        let (plan, observed) = (plans[0], &sweep.observed[0]);
        part.count(&mut ranked.no, observed, plan, [no, base]);
        for (place, &observed) in observed.iter().enumerate() {
            let Some(replicate) = part.replicate(observed) else {
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
