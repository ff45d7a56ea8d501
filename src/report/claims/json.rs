//! Claims as JSON.

use serde_json::json;

use super::{Counts, Scenario};

/// Everything, with a line break at the end.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let whole = json!({ "format": 1, "counts": Counts::of(scenarios), "scenarios": scenarios });
    format!("{whole:#}\n").into_bytes()
}
