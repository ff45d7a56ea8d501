//! `ceasefire explain`: a scenario as understood.

use super::arguments::Explain;
use super::{Outcome, scenario, terminal};

/// Prints a scenario in plain words.
pub fn explain(options: &Explain) -> Outcome {
    let meant = scenario::open(&options.chosen, false)?;
    terminal::print(&crate::story::explain(&meant.model, &meant.scenario))
}
