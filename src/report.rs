//! From figures to bytes: the registry of result files, `result.json`, and the answer for the terminal.
//!
//! This room sees estimates only, never a model, and it does no input or output: what it returns is written by others.

use std::io;

use serde::Serialize;

use crate::estimate::monitor::Precision;
use crate::estimate::{Estimate, Results, Subject};

pub mod changes;
pub mod claims;
pub mod columns;
pub mod csv;
pub mod json;
pub mod number;
#[cfg(test)]
mod sample;
pub mod sweep;
pub mod terminal;

pub use csv::BYTE_ORDER_MARK;

/// All that is told of one run of one scenario.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Name of the scenario: the stem of its file.
    pub name: String,
    /// Its title.
    pub title: String,
    /// Where its draws start from.
    pub seed: u64,
    /// How they are spread: the name of the sampler.
    pub sampler: &'static str,
    /// Version of the program that played it.
    pub version: &'static str,
    /// Hash of its text and of all that it extends or reads.
    pub scenario_hash: String,
    /// The figures.
    pub results: Results,
    /// How well the figure is known that the run watched, if it had a precision to reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
}

/// Writes the table of a report; the errors are those of writing.
pub type WriteTable = fn(&Report, &mut dyn io::Write) -> io::Result<()>;

/// A kind of result file that holds one table.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Its name in the folder of results.
    pub name: &'static str,
    /// What it holds, in a sentence.
    pub meaning: &'static str,
    /// Its columns, in order.
    pub columns: &'static [Column],
    /// Writes it: a header row, then the figures.
    pub write: WriteTable,
}

/// A column of a result file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the header row.
    pub name: &'static str,
    /// What its cells mean, and their unit.
    pub meaning: &'static str,
}

/// All tables that a run leaves. `result.json` stands beside them: see [`json::result`].
pub static FILES: &[File] = &[
    File {
        name: "summary.csv",
        meaning: "Every figure, one a row; figures of a day at checkpoints and on the last day.",
        columns: columns::SUMMARY,
        write: csv::summary,
    },
    File {
        name: "readiness.csv",
        meaning: "By day, how likely the mission and each objective are to be ready.",
        columns: columns::READINESS,
        write: csv::readiness,
    },
    File {
        name: "gates.csv",
        meaning: "What holds the mission back: one row a gate, and a last one for gates that are never open together.",
        columns: columns::GATES,
        write: csv::gates,
    },
    File {
        name: "capabilities.csv",
        meaning: "By day, the total of each capability, with its band.",
        columns: columns::CAPABILITIES,
        write: csv::capabilities,
    },
    File {
        name: "contributors.csv",
        meaning: "By day, how likely each contributor is to have pledged.",
        columns: columns::CONTRIBUTORS,
        write: csv::contributors,
    },
];

/// The median of the first moment of a fact, in days; it may be infinite.
fn median(subject: &Subject) -> Option<&Estimate> {
    let is_median = |quantile: &&crate::estimate::Quantile| (quantile.quantile - 0.5).abs() < 1e-9;
    subject
        .times
        .iter()
        .find(is_median)
        .map(|quantile| &quantile.value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::METRICS;

    /// The user's reference page of result files.
    const PAGE: &str = include_str!("../docs/outputs.md");

    #[test]
    fn every_file_has_the_columns_that_it_promises() {
        for report in [sample::report(), sample::bare()] {
            for file in FILES {
                let bytes = csv::bytes_of(file.write, &report);
                let mut reader = ::csv::ReaderBuilder::new()
                    .has_headers(false)
                    .from_reader(bytes.as_slice());
                // The reader refuses rows of different lengths, so each row has as many cells as the header.
                let rows: Vec<_> = reader
                    .records()
                    .collect::<Result<_, _>>()
                    .expect("rows of equal length");
                let header: Vec<&str> = file.columns.iter().map(|column| column.name).collect();
                assert_eq!(rows[0].iter().collect::<Vec<_>>(), header, "{}", file.name);
            }
        }
    }

    #[test]
    fn names_are_stable_in_form_and_unique() {
        for file in FILES {
            assert!(file.meaning.ends_with('.'), "{}", file.name);
            for (index, column) in file.columns.iter().enumerate() {
                let is_snake =
                    |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
                assert!(column.name.chars().all(is_snake), "{}", column.name);
                assert!(column.meaning.ends_with('.'), "{} of {}", column.name, file.name);
                let is_twice = file.columns[..index]
                    .iter()
                    .any(|other| other.name == column.name);
                assert!(!is_twice, "{} of {}", column.name, file.name);
            }
        }
    }

    #[test]
    fn the_page_tells_of_every_file_and_column() {
        for file in FILES {
            let section = PAGE
                .split("\n## ")
                .find(|section| section.starts_with(&format!("{}\n", file.name)))
                .unwrap_or_else(|| panic!("docs/outputs.md has no section `## {}`", file.name));
            assert!(section.contains(file.meaning), "meaning of {}", file.name);
            for column in file.columns {
                let row = format!("| `{}` | {} |", column.name, column.meaning);
                assert!(section.contains(&row), "docs/outputs.md, {}: {row}", file.name);
            }
        }
        assert!(PAGE.contains("\n## result.json\n"));
    }

    #[test]
    fn a_batch_has_the_columns_that_it_promises() {
        let bytes = csv::batch(&[sample::report(), sample::bare()]);
        let mut reader = ::csv::Reader::from_reader(bytes.as_slice());
        let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        let columns = columns::batch();
        assert!(header.iter().eq(columns.iter().map(|column| column.name)));
        assert!(reader.records().all(|row| row.is_ok()));
        let section = PAGE
            .split("\n## ")
            .find(|section| section.starts_with("batch.csv\n"));
        let section = section.expect("docs/outputs.md has a section `## batch.csv`");
        for column in &columns[columns::SUMMARY.len()..] {
            let row = format!("| `{}` | {} |", column.name, column.meaning);
            assert!(section.contains(&row), "{row}");
        }
    }

    #[test]
    fn the_page_tells_of_every_metric() {
        for metric in METRICS {
            let row = format!("| `{}` | {} |", metric.name, metric.unit);
            let line = PAGE.lines().find(|line| line.starts_with(&row));
            let line = line.unwrap_or_else(|| panic!("docs/outputs.md: {row}"));
            assert!(
                line.contains(metric.meaning),
                "docs/outputs.md: {}",
                metric.meaning
            );
        }
    }
}
