//! Claims as JSON.

use serde_json::json;

use super::{Counts, Scenario};
use crate::shown;

/// Everything, with a line break at the end.
pub(super) fn write(scenarios: &[Scenario]) -> Vec<u8> {
    let whole = json!({ "format": 1, "counts": Counts::of(scenarios), "scenarios": scenarios });
    shown::json(format!("{whole:#}\n")).into_bytes()
}
