//! What a row of a CSV file came of: the result, and of it the point or the trial.

use std::path::{Path, PathBuf};

use csv::{Reader, StringRecord};

use super::play::TRIALS;
use super::store::{Manifest, SWEEP, is_plain_name};
use super::{Failure, batch};
use crate::scenario::file;

/// What a row tells of.
#[derive(Debug)]
pub struct Origin {
    /// The folder of the result.
    pub folder: PathBuf,
    /// What is in it.
    pub manifest: Manifest,
    /// The point of a sweep, if it is that of one.
    pub point: Option<u64>,
    /// The trial, if it is that of one.
    pub trial: Option<u64>,
}

/// Whether a path leads to the table of several results.
pub fn is_batch(path: &Path) -> bool {
    ending(path).is_some() && path.is_file()
}

/// What the folders behind a table of several results have behind the names of their scenarios.
fn ending(path: &Path) -> Option<&str> {
    batch::ending(path.file_name()?.to_str()?)
}

/// What a row came of, counted as a spreadsheet does: the header is row 1. `result` is what lies in the folder of the file, if
/// that is a result.
pub fn origin(path: &Path, number: u64, result: Option<(PathBuf, Manifest)>) -> Result<Origin, Failure> {
    let row = Row::read(path, number)?;
    if is_batch(path) {
        return row.of_batch();
    }
    let name = path.display();
    let (folder, manifest) =
        result.ok_or_else(|| Failure::Usage(format!("`{name}` is no file of a result, and has no rows")))?;
    let file = path.file_name().unwrap_or_default();
    Ok(Origin {
        folder,
        manifest,
        point: (file == SWEEP).then(|| row.whole("point")).transpose()?,
        trial: (file == TRIALS).then(|| row.whole("trial")).transpose()?,
    })
}

/// A row of a file.
struct Row<'p> {
    path: &'p Path,
    number: u64,
    header: StringRecord,
    cells: StringRecord,
}

impl<'p> Row<'p> {
    fn read(path: &'p Path, number: u64) -> Result<Self, Failure> {
        let name = path.display();
        let cannot = |error: csv::Error| Failure::Io(format!("cannot read `{name}`: {error}"));
        let file = file::open(path).map_err(|error| cannot(error.into()))?;
        let mut reader = Reader::from_reader(file);
        let header = reader.headers().map_err(cannot)?.clone();
        let place = number
            .checked_sub(2)
            .and_then(|place| usize::try_from(place).ok());
        let cells = place.and_then(|place| reader.records().nth(place));
        let missing = || Failure::Usage(format!("`{name}` has no row {number}; the header is row 1"));
        let cells = cells.ok_or_else(missing)?.map_err(cannot)?;
        Ok(Self {
            path,
            number,
            header,
            cells,
        })
    }

    /// The cell in a column. The first one may bear the mark by which Excel knows the file.
    fn cell(&self, column: &str) -> Result<&str, Failure> {
        let is_it = |name: &str| name.trim_start_matches('\u{feff}') == column;
        let found = self.header.iter().position(is_it);
        found.and_then(|place| self.cells.get(place)).ok_or_else(|| {
            let name = self.path.display();
            Failure::Usage(format!("row {} of `{name}` has no `{column}`", self.number))
        })
    }

    fn whole(&self, column: &str) -> Result<u64, Failure> {
        let cell = self.cell(column)?;
        cell.parse().map_err(|_| {
            let (name, number) = (self.path.display(), self.number);
            Failure::Usage(format!("in row {number} of `{name}`, `{cell}` is no {column}"))
        })
    }

    /// The result that a row of a batch was taken from, as long as it is still the same.
    fn of_batch(&self) -> Result<Origin, Failure> {
        let scenario = self.cell("scenario")?;
        if !is_plain_name(scenario) {
            let (name, number) = (self.path.display(), self.number);
            let message = format!("in row {number} of `{name}`, `{scenario}` is no name of a scenario");
            return Err(Failure::Usage(message));
        }
        let folder = format!("{scenario}{}", ending(self.path).unwrap_or_default());
        let folder = self.path.parent().unwrap_or(Path::new("")).join(folder);
        let (name, place) = (self.path.display(), folder.display());
        let manifest = Manifest::read(&folder)
            .ok_or_else(|| Failure::Usage(format!("the result behind `{name}` is no more in `{place}`")))?;
        let same = [
            ("scenario_hash", &manifest.hash),
            ("seed", &manifest.seed.to_string()),
            ("sampler", &manifest.sampler),
            ("version", &manifest.version),
        ];
        for (column, present) in same {
            let cell = self.cell(column)?;
            if cell != present {
                return Err(Failure::Usage(format!(
                    "`{place}` holds another result than the one behind row {} of `{name}`: its {column} is {present}, not {cell}",
                    self.number
                )));
            }
        }
        Ok(Origin {
            folder,
            manifest,
            point: None,
            trial: None,
        })
    }
}
