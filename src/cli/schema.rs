//! `ceasefire schema`: the JSON Schema of the language.

use super::{Outcome, terminal};

/// Prints the schema.
pub fn schema() -> Outcome {
    terminal::print(&format!("{:#}\n", crate::scenario::schema()))
}
