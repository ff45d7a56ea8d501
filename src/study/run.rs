//! Plays all trials of one plan on all cores.
//!
//! Blocks are handed out by a counter; each worker has its own columns and its own tally, and tallies merge in any
//! order to the same bits. So the result depends on neither the number of threads nor their pace, and memory grows
//! with threads, not with trials.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::ThreadPool;

use crate::engine::{Block, Silent};
use crate::plan::{BLOCK, Plan};
use crate::tally::Tally;

/// What to play.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Where the draws start from.
    pub seed: u64,
    /// The first trial.
    pub first: u64,
    /// How many trials.
    pub trials: u64,
}

/// Is told of progress, and may end a run early.
pub trait Watch: Sync {
    /// So many more trials have been played; false asks to stop.
    fn played(&self, trials: u64) -> bool;

    /// A block has been played, with its number from 0; for output that needs every trial.
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
    let next = AtomicU64::new(0);
    let is_stopped = AtomicBool::new(false);
    // A process that never rests is a fault of the scenario: no later block is begun. Blocks are handed out in order, so
    // every block before it is played all the same, and the first such trial does not depend on the number of threads.
    let is_over = AtomicBool::new(false);
    let blocks = order.trials.div_ceil(BLOCK as u64);
    let tallies = pool.broadcast(|_| {
        let mut tally = Tally::new(plan);
        let mut block = Block::new(plan);
        while !is_stopped.load(Ordering::Relaxed) && !is_over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= blocks {
                break;
            }
            let count = play_block(plan, order, number, &mut block);
            tally.add(plan, &block);
            if block.runaway.is_some() {
                is_over.store(true, Ordering::Relaxed);
            }
            watch.block(number, &block);
            if !watch.played(count) {
                is_stopped.store(true, Ordering::Relaxed);
            }
        }
        tally
    });
    if is_stopped.into_inner() {
        return None;
    }
    let mut whole = Tally::new(plan);
    tallies.iter().for_each(|tally| whole.merge(tally));
    Some(whole)
}

/// Plays the block of a number; returns how many trials it has.
fn play_block(plan: &Plan, order: Order, number: u64, block: &mut Block) -> u64 {
    let done = number * BLOCK as u64;
    let count = (order.trials - done).min(BLOCK as u64);
    #[allow(clippy::cast_possible_truncation, reason = "at most the size of a block")]
    block.play(plan, order.seed, order.first + done, count as usize, &mut Silent);
    count
}
