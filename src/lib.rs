//! `ceasefire` plays a scenario hundreds of thousands of times and says how likely a mission is to be ready, by when,
//! and what holds it back.
//!
//! The data flows one way: a text becomes a [`scenario`], a [`model`], a [`plan`]; the [`engine`] plays blocks of
//! trials; a [`tally`] counts them in integers; [`estimate`] makes figures of the counts, and [`report`] makes bytes of
//! the figures. [`verdict`] judges claims about them. `ARCHITECTURE.md` has the whole picture and the invariants.

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
pub mod state;
pub mod story;
pub mod study;
pub mod sweep;
pub mod tally;
pub mod time;
pub mod verdict;
pub mod wide;
