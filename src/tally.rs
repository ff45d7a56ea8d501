//! What many trials came to: counts and fixed-point sums in integers, which merge in any order to the same bits.
//!
//! Memory depends on the scenario and not on the number of trials.

use crate::engine::signal::{Column, Layer, Layers};
use crate::engine::{Block, Runaway};
use crate::lanes::BLOCK;
use crate::plan::{Grid, Histogram, Places, Plan};
use crate::sampling::Method;
use crate::time::{NEVER, Ticks};
use crate::wide::compress;
use crate::wide_loop;

mod bands;
mod pairs;

use bands::add_totals;
pub use bands::{Bands, TotalTally, whole};
pub use pairs::Pairs;
use pairs::{Bits, bits};

/// Ticks in the unit of squares of times, whose sum over a block then fits 64 bits; steps in that of totals.
pub const COARSE: u32 = 1024;

/// What the gates of one trial share: divisible by 1 to 20, so that equal shares are exact. Of more gates the first get one part more
/// until all of it is given away.
pub const WHOLE_SHARE: u32 = 232_792_560;

/// The part of a trial's bottleneck that each of `sharing` gates has, and how many of them have one part more.
#[must_use]
pub fn parts(sharing: u32) -> [u32; 2] {
    let sharing = sharing.max(1);
    [WHOLE_SHARE / sharing, WHOLE_SHARE % sharing]
}

/// Everything that is counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// How many trials.
    pub trials: u64,
    /// Each subject of the plan.
    pub subjects: Vec<SubjectTally>,
    /// Each gate of the plan.
    pub gates: Vec<GateTally>,
    /// Trials in which every gate opened, but never all together.
    pub never_together: u64,
    /// Trials in which two gates never opened.
    pub missing_together: Pairs,
    /// Trials in which granting any of two gates would have made the mission ready.
    pub decisive_together: Pairs,
    /// For each contributor, pledges by the midnight at or after them; the last for none within the horizon.
    pub pledges: Vec<Histogram>,
    /// Each capability.
    pub totals: Vec<TotalTally>,
    /// How many trials are behind the totals.
    pub total_trials: u64,
    /// The first trial that had to be stopped, if any.
    pub runaway: Option<Runaway>,
    /// The same counts, but for totals, of each replicate of a method whose trials depend on each other; else none.
    pub replicates: Vec<Self>,
    grid: Grid,
    /// [`parts`] of so many gates.
    parts: Vec<[u32; 2]>,
}

/// Counts of one yes/no fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectTally {
    /// First moments by bin of the plan's grid.
    pub first: Histogram,
    /// By midnight: spells that begin to hold there, less those that cease; 0 for a fact that only switches on, which
    /// `first` tells all about.
    pub changes: Vec<i64>,
    /// Sum of the time within the horizon during which it holds, in ticks.
    pub held: u128,
    /// Sum of the squares of the same, each rounded down to whole [`COARSE`] ticks before: for intervals only.
    pub held_squared: u128,
    /// Trials in which it ceases to hold.
    pub lost: u64,
}

/// Counts of one gate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateTally {
    /// Sum of its shares of the bottleneck, in parts of [`WHOLE_SHARE`].
    pub share: u128,
    /// First moments of the mission with this gate granted, by midnight.
    pub granted: Histogram,
    /// Trials that are ready only with it granted.
    pub decisive: u64,
    /// Trials in which it never opens.
    pub missing: u64,
}

impl Tally {
    /// An empty tally of a plan whose trials a method makes.
    #[must_use]
    pub fn new(plan: &Plan, method: Method) -> Self {
        let mut tally = Self::without_totals(plan, method);
        tally.take_totals(Bands::new(plan));
        tally
    }

    /// The same, but for totals, which [`Bands`] count: these take more room than all else together.
    #[must_use]
    pub fn without_totals(plan: &Plan, method: Method) -> Self {
        let replicates = match method.replicates().count() {
            1 => 0,
            count => count,
        };
        Self {
            replicates: (0..replicates).map(|_| Self::of_facts(plan)).collect(),
            ..Self::of_facts(plan)
        }
    }

    /// An empty tally of all but totals and replicates.
    fn of_facts(plan: &Plan) -> Self {
        let grid = plan.grid;
        Self {
            trials: 0,
            subjects: each(&plan.subjects, || SubjectTally::new(grid)),
            gates: each(&plan.gates, || GateTally::new(grid)),
            never_together: 0,
            missing_together: Pairs::new(plan.gates.len()),
            decisive_together: Pairs::new(plan.gates.len()),
            pledges: each(&plan.contributors, || Histogram::new(grid.rows())),
            totals: Vec::new(),
            total_trials: 0,
            runaway: None,
            replicates: Vec::new(),
            grid,
            parts: (0..=u32::try_from(plan.gates.len()).unwrap_or(u32::MAX))
                .map(parts)
                .collect(),
        }
    }

    /// Counts a block that has been played, but for its totals.
    pub fn add(&mut self, plan: &Plan, block: &Block) {
        self.add_facts(plan, block);
        // As [`Replicates::place`](crate::sampling::Replicates::place) deals them out.
        let number = block.first / BLOCK as u64;
        if let Some(replicate) = number.checked_rem(self.replicates.len() as u64) {
            #[allow(clippy::cast_possible_truncation, reason = "below the number of replicates")]
            self.replicates[replicate as usize].add_facts(plan, block);
        }
        self.runaway = earliest(self.runaway, block.runaway);
    }

    /// Counts all but totals.
    fn add_facts(&mut self, plan: &Plan, block: &Block) {
        let places = &mut Places::default();
        self.trials += block.len() as u64;
        let horizon = plan.time.horizon();
        for (&signal, tally) in plan.subjects.iter().zip(&mut self.subjects) {
            match &block.signals[signal] {
                Column::Rising(moments) => tally.add_rising(moments, horizon, self.grid, places),
                Column::Spells(spells) => {
                    tally.add_spells(spells, block.len(), horizon, self.grid, places);
                }
            }
        }
        self.add_gates(plan, block, places);
        for (contributor, tally) in plan.contributors.iter().zip(&mut self.pledges) {
            if let Some(moments) = block.signals[contributor.pledge].moments() {
                self.grid.midnights(moments, places);
                tally.count(places);
            }
        }
    }

    fn add_gates(&mut self, plan: &Plan, block: &Block, places: &mut Places) {
        let outcome = &block.outcome;
        let (mut before, mut shares) = ([0; BLOCK], [[0; BLOCK]; 2]);
        for (lane, &sharing) in outcome.sharing.iter().enumerate() {
            [shares[0][lane], shares[1][lane]] = self.parts[sharing as usize];
        }
        let (mut missing, mut decisive) = (Vec::new(), Vec::new());
        for (gate, tally) in self.gates.iter_mut().enumerate() {
            let granted = &outcome.granted[gate];
            self.grid.midnights(granted, places);
            tally.granted.count(places);
            tally.share += u128::from(shared(&outcome.is_bottleneck[gate], &shares, &mut before));
            let open = &block.signals[plan.gates[gate]];
            missing.push(bits((0..block.len()).map(|lane| open.first(lane) == NEVER)));
            let pairs = granted.iter().zip(&outcome.first_ready);
            decisive.push(bits(
                pairs.map(|(&granted, &ready)| granted < NEVER && ready == NEVER),
            ));
            tally.missing += count(&missing[gate]);
            tally.decisive += count(&decisive[gate]);
        }
        self.missing_together.add(&missing);
        self.decisive_together.add(&decisive);
        if !self.gates.is_empty() {
            self.never_together += u64::from(never_together(&outcome.first_ready, &outcome.sharing));
        }
    }

    /// Adds what another tally of the same plan counted; the order of merging changes nothing.
    pub fn merge(&mut self, other: &Self) {
        self.trials += other.trials;
        self.total_trials += other.total_trials;
        self.never_together += other.never_together;
        self.missing_together.merge(&other.missing_together);
        self.decisive_together.merge(&other.decisive_together);
        self.runaway = earliest(self.runaway, other.runaway);
        for (own, other) in self.subjects.iter_mut().zip(&other.subjects) {
            own.first.merge(&other.first);
            add_all(&mut own.changes, &other.changes);
            own.held += other.held;
            own.held_squared += other.held_squared;
            own.lost += other.lost;
        }
        for (own, other) in self.gates.iter_mut().zip(&other.gates) {
            own.share += other.share;
            own.decisive += other.decisive;
            own.missing += other.missing;
            own.granted.merge(&other.granted);
        }
        for (own, other) in self.pledges.iter_mut().zip(&other.pledges) {
            own.merge(other);
        }
        add_totals(&mut self.totals, &other.totals);
        for (own, other) in self.replicates.iter_mut().zip(&other.replicates) {
            own.merge(other);
        }
    }
}

/// One for each of several. Nothing is copied: zeros come from the system as they are, and take no time until counted in.
fn each<O, T>(of: &[O], make: impl Fn() -> T) -> Vec<T> {
    of.iter().map(|_| make()).collect()
}

fn earliest(one: Option<Runaway>, other: Option<Runaway>) -> Option<Runaway> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// Adds numbers to others. Where nothing was counted nothing is written: memory that nobody has written to takes no room, and tables of
/// totals are mostly that.
fn add_all<T: Copy + Default + PartialEq + std::ops::AddAssign>(own: &mut [T], other: &[T]) {
    /// About a page.
    const PIECE: usize = 1_024;
    for (own, other) in own.chunks_mut(PIECE).zip(other.chunks(PIECE)) {
        if other.iter().all(|other| *other == T::default()) {
            continue;
        }
        for (own, other) in own.iter_mut().zip(other) {
            *own += *other;
        }
    }
}

/// Of how many trials something is true.
fn count(bits: &Bits) -> u64 {
    bits.iter().map(|bits| u64::from(bits.count_ones())).sum()
}

wide_loop! {
    /// How many trials are never ready, though no gate alone is to blame.
    fn never_together(ready: &[Ticks], sharing: &[u32]) -> u32 {
        ready.iter().zip(sharing).fold(0, |sum, (&ready, &sharing)| {
            sum + u32::from((ready == NEVER) & (sharing == 0))
        })
    }

    /// The sum of the parts of those that were held back by a gate; `before` says by how many gates before it they were.
    fn shared(held_back: &[u32], shares: &[[u32; BLOCK]; 2], before: &mut [u32; BLOCK]) -> u64 {
        let columns = held_back.iter().zip(&shares[0]).zip(&shares[1]).zip(before);
        columns.fold(0, |sum, (((&held_back, &share), &rest), before)| {
            let part = share + u32::from(*before < rest);
            *before += held_back;
            sum + u64::from(held_back * part)
        })
    }

    /// What is left to the horizon.
    fn rest(moments: &[Ticks], horizon: Ticks, rest: &mut [Ticks]) {
        for (rest, &at) in rest.iter_mut().zip(moments) {
            *rest = horizon - at.min(horizon);
        }
    }

    /// Adds one layer of spells: its first moments, time that it holds, and whether it is lost.
    fn add_layer(layer: &Layer, horizon: Ticks, first: &mut [Ticks], held: &mut [Ticks], is_lost: &mut [u32]) {
        let columns = first.iter_mut().zip(held).zip(is_lost);
        for (((first, held), is_lost), (&on, &off)) in columns.zip(layer.on.iter().zip(&layer.off)) {
            let until = off.min(horizon);
            *first = (*first).min(on);
            *held += until - on.min(until);
            *is_lost |= u32::from((on < NEVER) & (off < NEVER));
        }
    }

    /// The sum, and that of the squares in units of [`COARSE`] squared.
    fn sums(held: &[Ticks]) -> (u64, u64) {
        held.iter().fold((0, 0), |(sum, squares), &held| {
            let coarse = u64::from(held / COARSE);
            (sum + u64::from(held), squares + coarse * coarse)
        })
    }
}

impl SubjectTally {
    fn new(grid: Grid) -> Self {
        Self {
            first: Histogram::new(grid.bins()),
            changes: vec![0; grid.rows()],
            held: 0,
            held_squared: 0,
            lost: 0,
        }
    }

    /// A fact that only switches on is never lost and holds from its moment to the horizon.
    fn add_rising(&mut self, moments: &[Ticks], horizon: Ticks, grid: Grid, places: &mut Places) {
        grid.first_bins(moments, places);
        self.first.count(places);
        let mut held = [0; BLOCK];
        rest(moments, horizon, &mut held);
        self.add_held(&held);
    }

    /// Any other, layer by layer.
    fn add_spells(
        &mut self,
        spells: &Layers,
        trials: usize,
        horizon: Ticks,
        grid: Grid,
        places: &mut Places,
    ) {
        let mut first = [NEVER; BLOCK];
        let mut held = [0; BLOCK];
        let mut is_lost = [0; BLOCK];
        for layer in spells.layers() {
            add_layer(layer, horizon, &mut first, &mut held, &mut is_lost);
            self.add_changes(layer, grid);
        }
        grid.first_bins(&first[..trials], places);
        self.first.count(places);
        self.lost += is_lost[..trials].iter().map(|&lost| u64::from(lost)).sum::<u64>();
        self.add_held(&held);
    }

    /// Counts the beginnings and ends of a layer.
    fn add_changes(&mut self, layer: &Layer, grid: Grid) {
        let (mut on, mut off) = ([0; BLOCK], [0; BLOCK]);
        let trials = layer.on.len();
        let some = compress(&layer.on, &layer.on, &mut on[..trials]);
        compress(&layer.off, &layer.on, &mut off[..trials]);
        for (&on, &off) in on[..some].iter().zip(&off) {
            self.changes[grid.midnight(on)] += 1;
            self.changes[grid.midnight(off)] -= 1;
        }
    }

    /// Adds the time during which it holds in each trial of a block.
    fn add_held(&mut self, held: &[Ticks; BLOCK]) {
        let (sum, squares) = sums(held);
        self.held += u128::from(sum);
        self.held_squared += u128::from(squares);
    }
}

impl GateTally {
    fn new(grid: Grid) -> Self {
        Self {
            share: 0,
            granted: Histogram::new(grid.rows()),
            decisive: 0,
            missing: 0,
        }
    }
}
