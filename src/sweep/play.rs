//! Plays a base and its points, block by block.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::ThreadPool;

use super::counted::Counted;
use super::figure::Estimates;
use super::groups::Ways;
use super::member::Member;
use super::sums::{Count, Observed};
use super::{Figure, Variant};
use crate::engine::Runaway;
use crate::estimate::Estimate;
use crate::estimate::replicates::Interval;
use crate::model::GateId;
use crate::plan::Touched;
use crate::probe::Probe;
use crate::sampling::Source;
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
    pub(super) base: &'s Variant,
    pub(super) points: &'s [Variant],
    /// The figures of the base, then those of each point: they may differ where a point has another shape.
    figures: Vec<Vec<Figure>>,
    /// What is observed of the base, then of each point.
    pub(super) observed: Vec<Vec<Observed>>,
    /// For each figure, its place among what is observed.
    places: Vec<usize>,
    pub(super) ways: Ways,
    pub(super) touched: Touched,
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

    /// Plays the trials of an order: what came of the base, then of each point. `None` if the watch ended it.
    ///
    /// # Errors
    /// If a process never rests; see [`Pass::finish`].
    #[must_use]
    pub fn play(
        &self,
        order: Order,
        confidence: f64,
        pool: &ThreadPool,
        watch: &dyn Watch,
    ) -> Option<Result<Vec<Outcome>, (usize, Runaway)>> {
        let mut pass = Pass::new(self, order, None, pool);
        pass.play(watch).then(|| pass.finish(confidence))
    }

    fn outcomes(&self, counted: &Counted, confidence: f64) -> Vec<Outcome> {
        let sizes = counted.trials.iter().copied();
        let estimates = Estimates {
            trials: counted.trials(),
            total_trials: counted.total_trials,
            interval: (counted.trials.len() > 1).then(|| Interval::new(sizes, confidence)),
            confidence,
        };
        let counts = counted.of_points(self);
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

/// One pass of a sweep over the trials of an order, which may be stopped and taken up.
pub struct Pass<'p> {
    sweep: &'p Sweep<'p>,
    source: Source,
    pool: &'p ThreadPool,
    /// The trials that have not been played.
    rest: Round,
    /// What was counted of those before.
    before: Option<Counted>,
    /// One a thread; none before its first block.
    members: Vec<Mutex<Option<Member>>>,
}

impl<'p> Pass<'p> {
    /// The pass of an order; `before` has counted its first trials.
    #[must_use]
    pub fn new(sweep: &'p Sweep<'p>, order: Order, before: Option<Counted>, pool: &'p ThreadPool) -> Self {
        let threads = pool.current_num_threads();
        let played = before.as_ref().map_or(0, Counted::trials);
        Self {
            sweep,
            source: order.source,
            pool,
            rest: Round {
                first: order.first.saturating_add(played),
                end: order.first.saturating_add(order.trials),
            },
            before,
            members: (0..threads).map(|_| Mutex::new(None)).collect(),
        }
    }

    /// Plays the rest; false if the watch ended it before. What has been counted then is that of the first trials, and of no
    /// other, so that the rest can be played later.
    pub fn play(&mut self, watch: &dyn Watch) -> bool {
        let is_stopped = AtomicBool::new(false);
        let (sweep, source) = (self.sweep, self.source);
        let played = deal(self.pool, self.rest, |thread, _, trials| {
            let mut member = unpoisoned(self.members[thread].lock());
            let member = member.get_or_insert_with(|| Member::new(sweep, source.method));
            let count = trials.end - trials.start;
            member.play(sweep, source, trials);
            if !watch.played(count) {
                is_stopped.store(true, Ordering::Relaxed);
            }
            member.runaway.is_none() && !is_stopped.load(Ordering::Relaxed)
        });
        self.rest.first = self.rest.start(played);
        !is_stopped.into_inner()
    }

    /// What the trials that have been played came to.
    #[must_use]
    pub fn so_far(&mut self) -> Counted {
        let empty = || Counted::new(self.sweep, self.source.method);
        let mut whole = self.before.clone().unwrap_or_else(empty);
        for member in &mut self.members {
            if let Some(member) = unpoisoned(member.get_mut()) {
                whole.merge(&member.counted);
            }
        }
        whole
    }

    /// The first process that never rests, with the point that it belongs to, counted from 1, or 0 for the base.
    #[must_use]
    pub fn runaway(&mut self) -> Option<(usize, Runaway)> {
        let members = self.members.iter_mut();
        members
            .filter_map(|member| unpoisoned(member.get_mut()).as_ref()?.runaway)
            .min()
    }

    /// What came of the base, then of each point.
    ///
    /// # Errors
    /// If a process never rests, with the point that it belongs to, counted from 1, or 0 for the base.
    pub fn finish(mut self, confidence: f64) -> Result<Vec<Outcome>, (usize, Runaway)> {
        match self.runaway() {
            Some(runaway) => Err(runaway),
            None => Ok(self.sweep.outcomes(&self.so_far(), confidence)),
        }
    }
}
