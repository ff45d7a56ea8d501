//! Scenarios and single futures in plain words, for those who read rather than compute.
//!
//! ```text
//! explain(model, scenario)   what the file means, every default filled in
//! timeline(model, trace)     what happened in one trial, why it mattered, and what was missing
//! ```
//!
//! Both are pure: data in, text out, of lines of at most [`WIDTH`] columns unless a single word is longer. Names come
//! from labels where there are any, and from keys otherwise (`model::names`); conditions are put into words in one place
//! (`conditions`), numbers and wrapped lines in another (`text`).

mod amounts;
mod conditions;
mod explain;
mod quantities;
mod text;
mod timeline;

pub use explain::explain;
pub use text::WIDTH;
pub use timeline::timeline;
