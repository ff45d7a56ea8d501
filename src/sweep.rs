//! Many scenarios that differ in a few values, played on the same futures in one pass.
//!
//! # Algorithm
//! A block of trials is drawn and played once, by the *base*. Then it is played again for each *point*, but only what the
//! point's values [touch](crate::plan::touched): all other columns stay as they are. Since draws belong to addresses, and a step
//! depends on nothing but what it reads, this comes to the same bits as a run of the point by itself.
//!
//! A trial that reads none of the values that points differ in is the same in all of them, and counted once. Where this leaves
//! few trials of a block, these are brought together in a block of their own before points are played.
//!
//! Points that differ in one chance that is tossed once a trial need still less. A trial's outcome depends on the chance
//! only by its answer, so the trial is played with *yes* and with *no* (one of which the base has given, where points differ
//! from it in nothing else), and its uniform tells for which chances the answer is yes: with the chances sorted, for all from
//! some rank on. Trials are counted by this rank, and the counts of the points are running sums over ranks: a hundred chances
//! cost little more than two.
//!
//! A point of another shape (another horizon, other conditions, a contributor more) is played by itself, on the same
//! futures.
//!
//! # Differences
//! Every point and the base live through the same futures, so their difference is known far better than each of them.
//! It is summed trial by trial, in integers, and has a paired interval ([`paired`](crate::estimate::paired)).
//!
//! # Limits
//! Sums are integers, so neither threads nor the way in which points are put together change a bit. Memory grows with the
//! points of one call, so callers hand over so many at a time.

mod counted;
mod figure;
mod groups;
mod member;
mod play;
mod sums;

pub use counted::Counted;
pub use figure::{Figure, Sought};
pub use play::{Outcome, Pass, Sweep};

use crate::distribution::TableCache;
use crate::model::Model;
use crate::plan::Plan;

/// A scenario, as meant and as run.
#[derive(Clone, Debug)]
pub struct Variant {
    /// As meant.
    pub model: Model,
    /// As run.
    pub plan: Plan,
}

impl Variant {
    /// The plan of a model; tables of quantile functions are shared with others that use the same cache.
    #[must_use]
    pub fn new(model: Model, tables: &mut TableCache) -> Self {
        let plan = Plan::with_tables(&model, tables);
        Self { model, plan }
    }
}
