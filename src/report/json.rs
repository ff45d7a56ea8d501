//! `result.json`: everything that a run found out, for programs.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

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
    let mut bytes = Vec::new();
    write(report, &mut bytes).expect("memory takes all figures");
    bytes
}

/// Writes the same figure by figure: all of them may be larger than memory.
///
/// # Errors
/// Those of writing.
pub fn write(report: &Report, out: &mut dyn io::Write) -> io::Result<()> {
    let whole = Whole {
        format: FORMAT,
        report,
    };
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Shown);
    whole.serialize(&mut serializer)?;
    out.write_all(b"\n")
}

/// JSON in one line, in which no text from outside acts.
struct Shown;

impl Formatter for Shown {
    fn write_string_fragment<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        out.write_all(shown::json(fragment.to_owned()).as_bytes())
    }

    fn write_char_escape<W: io::Write + ?Sized>(
        &mut self,
        out: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        let mut escaped = Vec::new();
        CompactFormatter.write_char_escape(&mut escaped, escape)?;
        out.write_all(shown::json(String::from_utf8_lossy(&escaped).into_owned()).as_bytes())
    }
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
