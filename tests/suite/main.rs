//! The integration tests, in one binary with one harness.
//!
//! * [`baseline`] compares results with earlier ones;
//! * [`batch`] runs many scenarios, parts of one, and none that is up to date;
//! * [`by_oracle`] plays random scenarios against an independent implementation of the model;
//! * [`hostile`] puts forged manifests, files of others and special files in the way;
//! * [`hostile_text`] reads names and labels that mean harm;
//! * [`known_answers`] compares figures of a million trials with closed forms;
//! * [`by_hand`] compares scenarios of constants with outcomes that are worked out in comments;
//! * [`claims`] judges claims about results;
//! * [`draws`] puts the draws through a short battery of statistical tests;
//! * [`once_wrong`] keeps figures that were mended, and what holds for all figures of their kind;
//! * [`precision`] runs until a figure is known well enough, and adds to results;
//! * [`properties`] changes what must not matter, and freezes results;
//! * [`rejected`] reads what the checker says to faulty scenarios;
//! * [`robustness`] kills runs, stops them, fills their disk, and starts two at once;
//! * [`samplers`] plays with each way in which draws are spread;
//! * [`schema`] validates scenarios against the JSON Schema of the language;
//! * [`selftest`] has the program try itself;
//! * [`sweeps`] plays many scenarios in one pass.
//!
//! `cargo test --test suite` runs all of them.

mod baseline;
mod batch;
mod by_hand;
mod by_oracle;
mod claims;
mod commands;
mod directions;
mod documents;
mod draws;
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::doc_markdown,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    reason = "written apart from the engine, and kept as it came"
)]
mod generator;
mod harness;
mod hostile;
mod hostile_text;
mod known_answers;
mod once_wrong;
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::doc_markdown,
    clippy::needless_pass_by_value,
    clippy::needless_raw_string_hashes,
    clippy::semicolon_if_nothing_returned,
    clippy::uninlined_format_args,
    reason = "written apart from the engine, and kept as it came"
)]
mod oracle;
mod points;
mod precision;
mod properties;
mod rejected;
mod robustness;
mod samplers;
mod schema;
mod selftest;
mod spreadsheet;
#[path = "../../examples/stream/orders.rs"]
mod streams;
mod sweeps;
