//! `sweep.csv`, written row by row as points are finished.

use std::fs::File;
use std::path::Path;

use crate::cli::Failure;
use crate::report::sweep::{Head, MOST_SHOWN, Row, cells, header};

/// The file, and the rows that the terminal shows.
pub struct Rows {
    writer: csv::Writer<File>,
    shown: Vec<Row>,
}

/// The first rows.
pub struct Shown {
    pub all: Vec<Row>,
}

impl Rows {
    /// Creates the file and writes its header.
    pub fn create(path: &Path, head: &Head) -> Result<Self, Failure> {
        let mut writer = csv::Writer::from_path(path).map_err(|error| cannot(&error))?;
        writer
            .write_record(header(head))
            .map_err(|error| cannot(&error))?;
        Ok(Self {
            writer,
            shown: Vec::new(),
        })
    }

    /// Writes a row.
    pub fn write(&mut self, head: &Head, row: Row) -> Result<(), Failure> {
        self.writer
            .write_record(cells(head, &row))
            .map_err(|error| cannot(&error))?;
        if self.shown.len() <= MOST_SHOWN {
            self.shown.push(row);
        }
        Ok(())
    }

    /// Ends the file.
    pub fn finish(mut self) -> Result<Shown, Failure> {
        self.writer
            .flush()
            .map_err(|error| Failure::Io(format!("cannot write `sweep.csv`: {error}")))?;
        Ok(Shown { all: self.shown })
    }
}

fn cannot(error: &csv::Error) -> Failure {
    Failure::Io(format!("cannot write `sweep.csv`: {error}"))
}
