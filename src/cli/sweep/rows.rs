//! `sweep.csv`: written row by row as points are finished, kept whenever the run is, and read again to be told.

use std::fs::File;
use std::io::{self, Seek, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use csv::{Reader, StringRecord, Terminator, Writer, WriterBuilder};

use crate::cli::store::{SWEEP, Work, create, pace};
use crate::cli::{Failure, Outcome};
use crate::report::sweep::{Head, Row, cells, header, row};
use crate::scenario::file::{self, own_options};
use crate::sweep::Counted;

/// The file, while the sweep is under way.
pub struct Rows<'w> {
    writer: Writer<File>,
    work: &'w Work,
    /// When rows were kept last, and how long that may be ago.
    kept: Instant,
    pace: Duration,
}

/// What a sweep that was stopped has kept, beside its rows.
#[derive(Default)]
pub struct Kept {
    /// The first point that it has not finished; 0 if it has kept nothing.
    pub next: u64,
    /// What it has counted of the points from there on.
    pub counted: Option<Vec<u8>>,
}

impl Kept {
    /// The bytes of a checkpoint: the number of the point, then what has been counted.
    fn pack(next: u64, counted: Option<&Counted>) -> Vec<u8> {
        let counted = counted.map_or_else(Vec::new, Counted::pack);
        [&next.to_le_bytes()[..], &counted].concat()
    }

    fn unpack(bytes: &[u8]) -> Option<Self> {
        let (next, counted) = bytes.split_at_checked(size_of::<u64>())?;
        Some(Self {
            next: u64::from_le_bytes(next.try_into().ok()?),
            counted: (!counted.is_empty()).then(|| counted.to_owned()),
        })
    }
}

impl<'w> Rows<'w> {
    /// Begins the file with its header; or goes on with what an earlier run of the same has left, and returns that too.
    pub fn open(work: &'w Work, head: &Head) -> Result<(Self, Kept), Failure> {
        if let Some((kept, length)) = work.take_up()
            && let Some(kept) = Kept::unpack(&kept)
        {
            let file = go_on(&work.rows()?, length).map_err(|error| cannot(&error))?;
            return Ok((Self::new(file, work), kept));
        }
        work.restart();
        let file = create(&work.rows()?).map_err(|error| cannot(&error))?;
        let mut rows = Self::new(file, work);
        rows.record(&header(head))?;
        Ok((rows, Kept::default()))
    }

    fn new(file: File, work: &'w Work) -> Self {
        let mut builder = WriterBuilder::new();
        Self {
            writer: builder.terminator(Terminator::CRLF).from_writer(file),
            work,
            kept: Instant::now(),
            pace: pace(),
        }
    }

    /// Writes a row.
    pub fn write(&mut self, head: &Head, row: &Row) -> Outcome {
        self.record(&cells(head, row))
    }

    fn record(&mut self, cells: &[String]) -> Outcome {
        let written = self.writer.write_record(cells);
        written.map_err(|error| cannot(&error.into()))
    }

    /// Where they are kept.
    pub fn folder(&self) -> &Path {
        self.work.folder()
    }

    /// Keeps all rows before a point, if it is time to.
    pub fn keep_if_due(&mut self, next: u64) -> Outcome {
        if self.kept.elapsed() < self.pace {
            return Ok(());
        }
        self.keep(next, None)
    }

    /// Keeps all rows before a point, and what has been counted of those behind it, so that a run of the same goes on from
    /// there.
    pub fn keep(&mut self, next: u64, counted: Option<&Counted>) -> Outcome {
        let length = self.sync().map_err(|error| cannot(&error))?;
        self.kept = Instant::now();
        self.work.save(&Kept::pack(next, counted), length)
    }

    fn sync(&mut self) -> io::Result<u64> {
        self.writer.flush()?;
        let mut file = self.writer.get_ref();
        file.sync_data()?;
        file.stream_position()
    }

    /// Ends the file.
    pub fn finish(mut self) -> Outcome {
        self.writer.flush().map_err(|error| cannot(&error))
    }
}

/// The file up to so many bytes; what follows them is dropped.
fn go_on(path: &Path, length: u64) -> io::Result<File> {
    let mut file = own_options().write(true).open(path)?;
    file.set_len(length)?;
    file.seek(SeekFrom::End(0))?;
    Ok(file)
}

fn cannot(error: &io::Error) -> Failure {
    Failure::Io(format!("cannot write `{SWEEP}`: {error}"))
}

/// The rows of a file that is finished, one after the other.
pub fn read<'h>(
    path: &Path,
    head: &'h Head,
) -> Result<impl Iterator<Item = Result<Row, Failure>> + 'h, Failure> {
    let name = path.display().to_string();
    let cannot = move |error: &str| Failure::Io(format!("cannot read `{name}`: {error}"));
    let file = file::open(path).map_err(|error| cannot(&error.to_string()))?;
    Ok(Reader::from_reader(file).into_records().map(move |record| {
        let record: StringRecord = record.map_err(|error| cannot(&error.to_string()))?;
        row(head, &record).ok_or_else(|| cannot("a row is not as it was written"))
    }))
}
