//! `ceasefire` plays a scenario hundreds of thousands of times and says how likely a mission is to be ready, by when,
//! and what holds it back.
//!
//! The data flows one way: a text becomes a [`scenario`], a [`model`], a [`plan`]; the [`engine`] plays blocks of
//! trials; a [`tally`] counts them in integers; [`estimate`] makes figures of the counts, and [`report`] makes bytes of
//! the figures. [`verdict`] judges claims about them. `ARCHITECTURE.md` has the whole picture and the invariants.

/// The program's version, and behind `+` that of the engine: results of two programs of which it is the same are the same to the
/// bit.
///
/// The engine's number rises with every change that alters a figure of an unchanged scenario (**results** in the changelog); the
/// tests hold it to the frozen values.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "+engine.3");

pub mod amount;
pub mod axes;
pub mod changes;
pub mod cli;
pub mod diagnostic;
pub mod distribution;
pub mod draw;
pub mod engine;
pub mod estimate;
pub mod lanes;
pub mod metric;
pub mod model;
pub mod plan;
pub mod probe;
pub mod report;
pub mod sampling;
pub mod scenario;
pub mod selftest;
pub mod shown;
pub mod state;
pub mod story;
pub mod study;
pub mod sweep;
pub mod tally;
pub mod time;
pub mod verdict;
pub mod wide;
