//! `ceasefire` plays a scenario hundreds of thousands of times and says how likely a mission is to be ready, by when,
//! what holds it back, and what would change that most.
#![doc = ""]

pub mod diagnostic;
pub mod distribution;
pub mod draw;
pub mod engine;
pub mod estimate;
pub mod metric;
pub mod model;
pub mod plan;
pub mod scenario;
pub mod study;
pub mod tally;
