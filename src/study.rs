//! Many trials, one answer: how the work is split and put together.

pub mod looks;
pub mod run;
pub mod trace;
