//! Plays a base and its points, block by block.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::ThreadPool;

use super::figure::Estimates;
use super::groups::{Group, Ways};
use super::sums::{Count, Observed, Shown};
use super::{Figure, Variant};
use crate::engine::{Block, Runaway, Silent};
use crate::estimate::Estimate;
use crate::estimate::replicates::Interval;
use crate::lanes::BLOCK;
use crate::model::GateId;
use crate::plan::{Places, Plan, Touched};
use crate::probe::Probe;
use crate::sampling::{Method, Source};
use crate::study::run::{Order, Round, Watch, deal, unpoisoned};

/// What came of a point.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Its figures, in the order in which they are wanted.
    pub figures: Vec<Estimate>,
    /// How much each is above the base's; none for quantiles.
    pub differences: Vec<Option<Estimate>>,
    /// The gate that most often holds the mission back, and its share; none if there is no gate.
    pub bottleneck: Option<(GateId, Estimate)>,
}

/// A base and its points, made ready to be played.
#[derive(Debug)]
pub struct Sweep<'s> {
    base: &'s Variant,
    points: &'s [Variant],
    /// The figures of the base, then those of each point: they may differ where a point has another shape.
    figures: Vec<Vec<Figure>>,
    /// What is observed of the base, then of each point.
    observed: Vec<Vec<Observed>>,
    /// For each figure, its place among what is observed.
    places: Vec<usize>,
    ways: Ways,
    touched: Touched,
}

impl<'s> Sweep<'s> {
    /// A sweep over some points. `figures` are those of the base, then those of each point, in the same order.
    #[must_use]
    pub fn new(base: &'s Variant, points: &'s [Variant], figures: Vec<Vec<Figure>>) -> Self {
        let ways = Ways::of(base, points);
        let variants = std::iter::once(base).chain(points);
        let (places, first) = places(&figures);
        let observed = variants
            .zip(&figures)
            .map(|(variant, figures)| observed(variant, figures, &first))
            .collect();
        Self {
            touched: Touched::by(&base.plan, &ways.changed),
            base,
            points,
            figures,
            observed,
            places,
            ways,
        }
    }

    /// Plays the trials of an order: what came of the base, then of each point. `None` if the watch ended it; an error if a
    /// process never rests, with the point that it belongs to, counted from 1, or 0 for the base.
    #[must_use]
    pub fn play(
        &self,
        order: Order,
        confidence: f64,
        pool: &ThreadPool,
        watch: &dyn Watch,
    ) -> Option<Result<Vec<Outcome>, (usize, Runaway)>> {
        let members: Vec<Mutex<Option<Member>>> = (0..pool.current_num_threads())
            .map(|_| Mutex::new(None))
            .collect();
        let round = Round {
            first: order.first,
            end: order.first.saturating_add(order.trials),
        };
        let is_stopped = AtomicBool::new(false);
        deal(pool, round, |thread, _, trials| {
            let mut member = unpoisoned(members[thread].lock());
            let member = member.get_or_insert_with(|| Member::new(self, order.source.method));
            let count = trials.end - trials.start;
            member.play(self, order.source, trials);
            if !watch.played(count) {
                is_stopped.store(true, Ordering::Relaxed);
            }
            member.runaway.is_none() && !is_stopped.load(Ordering::Relaxed)
        });
        if is_stopped.into_inner() {
            return None;
        }
        let members = members
            .into_iter()
            .filter_map(|member| unpoisoned(member.into_inner()));
        let mut counted = Member::new(self, order.source.method);
        members.for_each(|member| counted.merge(&member));
        if let Some(runaway) = counted.runaway {
            return Some(Err(runaway));
        }
        Some(Ok(self.outcomes(&counted, confidence)))
    }

    fn outcomes(&self, counted: &Member, confidence: f64) -> Vec<Outcome> {
        let sizes = counted.trials.iter().copied();
        let estimates = Estimates {
            trials: sizes.clone().sum(),
            total_trials: counted.total_trials,
            interval: (counted.trials.len() > 1).then(|| Interval::new(sizes, confidence)),
            confidence,
        };
        let mut counts = counted.counts.clone();
        for (group, ranked) in self.ways.groups.iter().zip(&counted.groups) {
            ranked.spread(group, &mut counts);
        }
        let variants = std::iter::once(self.base).chain(self.points);
        variants
            .enumerate()
            .map(|(index, variant)| self.outcome(index, variant, &counts, &estimates))
            .collect()
    }

    fn outcome(&self, index: usize, variant: &Variant, all: &[Vec<Count>], estimates: &Estimates) -> Outcome {
        let (counts, base) = (&all[index], &all[0]);
        let figures = || self.figures[index].iter().zip(&self.places);
        let shares = &counts[self.observed[index].len() - variant.plan.gates.len()..];
        Outcome {
            figures: figures()
                .map(|(figure, &place)| estimates.figure(figure, variant, &counts[place]))
                .collect(),
            differences: figures()
                .map(|(figure, &place)| {
                    let counts = [&counts[place], &base[place]];
                    estimates.difference(figure, [variant, self.base], counts)
                })
                .collect(),
            bottleneck: estimates.bottleneck(variant, shares),
        }
    }
}

/// For each figure, its place among what is observed, and for each place the first figure that has it.
///
/// Figures share a place only if they are of the same in every variant: what is one fact in the base (a mission and its only
/// objective) may be two in a point of another shape, and differences are taken place by place.
fn places(figures: &[Vec<Figure>]) -> (Vec<usize>, Vec<usize>) {
    let is_same = |one: usize, other: usize| {
        let mut variants = figures.iter();
        variants.all(|figures| figures[one].observed == figures[other].observed)
    };
    let (mut places, mut first) = (Vec::new(), Vec::new());
    for figure in 0..figures.first().map_or(0, Vec::len) {
        let known = first.iter().position(|&first| is_same(first, figure));
        places.push(known.unwrap_or(first.len()));
        if known.is_none() {
            first.push(figure);
        }
    }
    (places, first)
}

/// What is observed for the first figure of each place; then the share of every gate.
fn observed(variant: &Variant, figures: &[Figure], first: &[usize]) -> Vec<Observed> {
    let mut observed: Vec<Observed> = first.iter().map(|&first| figures[first].observed).collect();
    let gates = 0..variant.plan.gates.len();
    observed.extend(gates.map(|gate| Observed::Value(Probe::Share { gate })));
    observed
}

/// What trials showed of points that are played by the answers of a chance.
#[derive(Clone, Debug)]
struct Ranked {
    /// With the answer no.
    no: Vec<Count>,
    /// For each rank, what the answer yes changes from that point on: the last rank is for those that never get it.
    changes: Vec<Vec<Count>>,
}

impl Ranked {
    fn new(observed: usize, points: usize, replicates: usize) -> Self {
        let counts = vec![Count::new(replicates); observed];
        Self {
            changes: vec![counts.clone(); points + 1],
            no: counts,
        }
    }

    fn merge(&mut self, other: &Self) {
        merge(&mut self.no, &other.no);
        for (changes, other) in self.changes.iter_mut().zip(&other.changes) {
            merge(changes, other);
        }
    }

    /// Writes the counts of each point: running sums over ranks.
    fn spread(&self, group: &Group, counts: &mut [Vec<Count>]) {
        let mut sum = self.no.clone();
        for (&point, changes) in group.points.iter().zip(&self.changes) {
            merge(&mut sum, changes);
            counts[point + 1].clone_from(&sum);
        }
    }
}

fn merge(counts: &mut [Count], others: &[Count]) {
    for (count, other) in counts.iter_mut().zip(others) {
        count.merge(other);
    }
}

/// What one thread has.
struct Member {
    block: Block,
    /// Blocks of the points that are played apart, once they have been played.
    apart: Vec<Option<Block>>,
    /// Trials of each replicate.
    trials: Vec<u64>,
    /// Those in which totals are counted.
    total_trials: u64,
    /// For the base, then for each point.
    counts: Vec<Vec<Count>>,
    groups: Vec<Ranked>,
    runaway: Option<(usize, Runaway)>,
    /// What the base shows, and a point or the two answers of a chance.
    base: Vec<Shown>,
    shown: [Vec<Shown>; 2],
    places: Places,
}

impl Member {
    fn new(sweep: &Sweep<'_>, method: Method) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a few")]
        let replicates = method.replicates().count() as usize;
        let counts = |observed: &Vec<Observed>| vec![Count::new(replicates); observed.len()];
        let observed = sweep.observed[0].len();
        let most = sweep.observed.iter().map(Vec::len).max().unwrap_or(0);
        Self {
            block: Block::new(&sweep.base.plan),
            apart: sweep.ways.apart.iter().map(|_| None).collect(),
            trials: vec![0; replicates],
            total_trials: 0,
            counts: sweep.observed.iter().map(counts).collect(),
            groups: sweep
                .ways
                .groups
                .iter()
                .map(|group| Ranked::new(observed, group.points.len(), replicates))
                .collect(),
            runaway: None,
            base: vec![Shown::default(); most],
            shown: [vec![Shown::default(); most], vec![Shown::default(); most]],
            places: Places::default(),
        }
    }

    fn merge(&mut self, other: &Self) {
        for (counts, others) in self.counts.iter_mut().zip(&other.counts) {
            merge(counts, others);
        }
        for (group, other) in self.groups.iter_mut().zip(&other.groups) {
            group.merge(other);
        }
        self.trials
            .iter_mut()
            .zip(&other.trials)
            .for_each(|(sum, trials)| *sum += trials);
        self.total_trials += other.total_trials;
        self.note(other.runaway);
    }

    fn note(&mut self, runaway: Option<(usize, Runaway)>) {
        self.runaway = [self.runaway, runaway].into_iter().flatten().min();
    }

    /// Plays and counts the trials of one block.
    fn play(&mut self, sweep: &Sweep<'_>, source: Source, trials: Range<u64>) {
        #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
        let count = (trials.end - trials.start) as usize;
        let block = trials.start / BLOCK as u64;
        #[allow(clippy::cast_possible_truncation, reason = "a few")]
        let replicate = source.method.replicates().place(block).replicate as usize;
        self.trials[replicate] += count as u64;
        if sweep.base.plan.tallies_totals(trials.start) {
            self.total_trials += count as u64;
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
        for ((count, &observed), pair) in self.counts[index]
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
        let ranked = &mut self.groups[index];
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
