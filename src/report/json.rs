//! `result.json`: everything that a run found out, for programs.

use serde::Serialize;

use super::Report;
use crate::shown;

/// The version of the format: it changes when a reader of an older one would misread it.
pub const FORMAT: u32 = 1;

#[derive(Serialize)]
struct Whole<'a> {
    format: u32,
    #[serde(flatten)]
    report: &'a Report,
}

/// The report with all of its figures in full precision, as one line of JSON.
#[must_use]
pub fn result(report: &Report) -> Vec<u8> {
    let whole = Whole {
        format: FORMAT,
        report,
    };
    let text = serde_json::to_string(&whole).expect("figures are numbers and texts, with names as keys");
    shown::json(text + "\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    #[test]
    fn it_is_whole_and_says_its_format() {
        let bytes = result(&sample::report());
        assert!(bytes.starts_with(br#"{"format":1,"name":"sample","#));
        let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let results = &value["results"];
        assert_eq!(results["start"], "2025-04-10");
        assert_eq!(results["mission"]["ready_by"].as_array().unwrap().len(), 121);
        assert_eq!(results["mission"]["times"][6]["estimate"], "beyond");
        assert_eq!(results["gates"][0]["address"], "mission.requires.0");
        assert_eq!(results["gates"][0]["subject"], "gates.mission.requires.0");
    }
}
