//! Plays all trials of one plan on all cores.
//!
//! Blocks are handed out by a counter; each worker has its own columns and its own tally, and tallies merge in any
//! order to the same bits. So the result depends on neither the number of threads nor their pace, and memory grows
//! with threads, not with trials.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LockResult, Mutex, PoisonError};

use rayon::ThreadPool;

use crate::engine::{Block, Silent};
use crate::plan::{BLOCK, Plan};
use crate::sampling::Source;
use crate::tally::{Bands, Tally};

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Where the draws come from.
    pub source: Source,
    /// The first trial.
    pub first: u64,
    /// How many trials.
    pub trials: u64,
}

/// Is told of progress, and may end a run early.
pub trait Watch: Sync {
    /// So many more trials have been played; false asks to stop.
    fn played(&self, trials: u64) -> bool;

    /// A block has been played, with its number from 0, over all rounds; for output that needs every trial.
    fn block(&self, _number: u64, _block: &Block) {}
}

/// A watch that does not look and never ends a run.
#[derive(Clone, Copy, Debug)]
pub struct Unwatched;

impl Watch for Unwatched {
    fn played(&self, _: u64) -> bool {
        true
    }
}

/// Plays the trials of an order on a pool; `None` if the watch ended it.
#[must_use]
pub fn run(plan: &Plan, order: Order, pool: &ThreadPool, watch: &dyn Watch) -> Option<Tally> {
    let mut team = Team::new(plan, order.source, order.first, pool);
    team.play(order.trials, watch).then(|| team.finish())
}

/// Those who play the trials of one source, in as many rounds as they are asked for.
///
/// Between rounds each keeps its own tally, so that a look at some figure costs no more than adding it up.
pub struct Team<'t> {
    plan: &'t Plan,
    source: Source,
    pool: &'t ThreadPool,
    /// The first trial that has not been played.
    next: u64,
    /// How many blocks have been played.
    blocks: u64,
    /// One a thread; none before its first block.
    members: Vec<Mutex<Option<Member>>>,
    /// Where totals are counted, by [`SHARING`] threads each; none before the first.
    bands: Vec<Mutex<Option<Bands>>>,
}

/// How many threads count totals in one place, which takes megabytes to fill and to merge. Few blocks are counted there, one in
/// more than a hundred, so that hardly any thread waits for another.
const SHARING: usize = 16;

/// What one thread has; its tally counts all but totals.
struct Member {
    tally: Tally,
    block: Block,
}

/// The trials of one round, cut into blocks.
///
/// Blocks begin at multiples of [`BLOCK`], wherever the round begins: which trials are tallied for the bands of totals
/// is settled block by block, so a round that begins in the middle of one plays the rest of it first.
#[derive(Clone, Copy)]
pub(crate) struct Round {
    /// The first trial.
    pub first: u64,
    /// One after the last trial.
    pub end: u64,
}

impl Round {
    fn blocks(self) -> u64 {
        if self.first == self.end {
            return 0;
        }
        self.end.div_ceil(BLOCK as u64) - self.first / BLOCK as u64
    }

    /// The trials of a block, counted from 0.
    fn block(self, number: u64) -> Range<u64> {
        let block = self.first / BLOCK as u64 + number;
        let start = block.saturating_mul(BLOCK as u64);
        start.max(self.first)..start.saturating_add(BLOCK as u64).min(self.end)
    }

    /// The first trial behind so many blocks.
    pub(crate) fn start(self, blocks: u64) -> u64 {
        if blocks < self.blocks() {
            self.block(blocks).start
        } else {
            self.end
        }
    }
}

/// Hands the blocks of a round out to the threads of a pool, in order, until none is left or `play` returns false: no
/// block is begun after that. `play` is told the thread, the number of the block in the round, and its trials. Returns how many
/// blocks were played: the first ones of the round.
pub(crate) fn deal(
    pool: &ThreadPool,
    round: Round,
    play: impl Fn(usize, u64, Range<u64>) -> bool + Sync,
) -> u64 {
    let next = AtomicU64::new(0);
    let is_over = AtomicBool::new(false);
    pool.broadcast(|context| {
        while !is_over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= round.blocks() {
                break;
            }
            if !play(context.index(), number, round.block(number)) {
                is_over.store(true, Ordering::Relaxed);
            }
        }
    });
    next.into_inner().min(round.blocks())
}

impl<'t> Team<'t> {
    /// A team that plays the trials of a source from `first` on.
    #[must_use]
    pub fn new(plan: &'t Plan, source: Source, first: u64, pool: &'t ThreadPool) -> Self {
        let threads = pool.current_num_threads();
        Self {
            plan,
            source,
            pool,
            next: first,
            blocks: 0,
            members: (0..threads).map(|_| Mutex::new(None)).collect(),
            bands: (0..threads.div_ceil(SHARING)).map(|_| Mutex::new(None)).collect(),
        }
    }

    /// The first trial that has not been played.
    #[must_use]
    pub fn next(&self) -> u64 {
        self.next
    }

    /// Plays so many more trials; false if the watch ended it before. All trials before [`Self::next`] have been counted then,
    /// and no other, so that the rest can be played later.
    pub fn play(&mut self, trials: u64, watch: &dyn Watch) -> bool {
        let round = Round {
            first: self.next,
            end: self.next.saturating_add(trials),
        };
        // A process that never rests is a fault of the scenario: no later block is begun. Blocks are handed out in order,
        // so every block before it is played all the same, and the first such trial does not depend on the number of
        // threads.
        let is_stopped = AtomicBool::new(false);
        let played = deal(self.pool, round, |thread, number, trials| {
            let mut member = unpoisoned(self.members[thread].lock());
            let member = member.get_or_insert_with(|| Member::new(self.plan, self.source));
            let count = member.play(self.plan, self.source, trials);
            if self.plan.tallies_totals(member.block.first) {
                let mut bands = unpoisoned(self.bands[thread / SHARING].lock());
                let bands = bands.get_or_insert_with(|| Bands::new(self.plan));
                bands.add(self.plan, &member.block);
            }
            watch.block(self.blocks + number, &member.block);
            if !watch.played(count) {
                is_stopped.store(true, Ordering::Relaxed);
            }
            member.block.runaway.is_none() && !is_stopped.load(Ordering::Relaxed)
        });
        self.next = round.start(played);
        self.blocks += played;
        !is_stopped.into_inner()
    }

    /// What has been counted so far, but for totals: the tallies of all members, which are to be added up.
    pub fn look(&mut self, mut at: impl FnMut(&Tally)) {
        for member in &mut self.members {
            if let Some(member) = unpoisoned(member.get_mut()) {
                at(&member.tally);
            }
        }
    }

    /// What all trials came to.
    #[must_use]
    pub fn finish(self) -> Tally {
        let tallies = counted(self.members).map(|member| member.tally);
        let whole = added(tallies, Tally::merge);
        let mut whole = whole.unwrap_or_else(|| Tally::without_totals(self.plan, self.source.method));
        let bands = added(counted(self.bands), Bands::merge);
        whole.take_totals(bands.unwrap_or_else(|| Bands::new(self.plan)));
        whole
    }

    /// What the trials that have been played came to.
    #[must_use]
    pub fn so_far(&mut self) -> Tally {
        let mut whole = Tally::new(self.plan, self.source.method);
        self.look(|tally| whole.merge(tally));
        for bands in &mut self.bands {
            if let Some(bands) = unpoisoned(bands.get_mut()) {
                whole.merge_totals(bands);
            }
        }
        whole
    }
}

/// Those that have counted anything.
fn counted<T>(all: Vec<Mutex<Option<T>>>) -> impl Iterator<Item = T> {
    all.into_iter().filter_map(|one| unpoisoned(one.into_inner()))
}

/// The first of several, which has taken in the others: a new one would only be more memory to fill.
fn added<T>(all: impl Iterator<Item = T>, merge: impl Fn(&mut T, &T)) -> Option<T> {
    all.reduce(|mut whole, other| {
        merge(&mut whole, &other);
        whole
    })
}

impl Member {
    fn new(plan: &Plan, source: Source) -> Self {
        Self {
            tally: Tally::without_totals(plan, source.method),
            block: Block::new(plan),
        }
    }

    /// Plays and counts the trials of one block; returns how many they are.
    fn play(&mut self, plan: &Plan, source: Source, trials: Range<u64>) -> u64 {
        let count = trials.end - trials.start;
        #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
        self.block
            .play(plan, source, trials.start, count as usize, &mut Silent);
        self.tally.add(plan, &self.block);
        count
    }
}

/// A panic in a worker ends the program, so what a lock guards is whole.
pub(crate) fn unpoisoned<T>(locked: LockResult<T>) -> T {
    locked.unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_cut_at_multiples_of_a_block() {
        let block = BLOCK as u64;
        for (first, end) in [
            (0, 0),
            (0, 1),
            (0, 3 * block),
            (block - 1, block + 1),
            (7, 8),
            (2 * block + 5, 9 * block - 3),
            (u64::MAX - 700, u64::MAX),
        ] {
            let round = Round { first, end };
            let mut next = first;
            for number in 0..round.blocks() {
                let trials = round.block(number);
                assert_eq!(trials.start, next, "{first}..{end}");
                assert!(trials.start < trials.end && trials.start / block == (trials.end - 1) / block);
                next = trials.end;
            }
            assert_eq!(next, end, "{first}..{end}");
        }
    }
}
