//! `trials.csv`: one row a trial, in their order, written while the run goes on.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::Path;

use jiff::ToSpan;
use jiff::civil::Date;

use super::store::create;
use crate::engine::Block;
use crate::model::{Model, SignalId};
use crate::report::BYTE_ORDER_MARK;
use crate::scenario::file::own_options;
use crate::shown::cell;
use crate::time::Timescale;

/// The columns before those of the objectives and gates, with their meaning.
pub const COLUMNS: &[(&str, &str)] = &[
    (
        "trial",
        "Number of the trial, from 0; `ceasefire trace` replays it.",
    ),
    (
        "first_ready",
        "Day on which the mission is first ready; `beyond` if not within the horizon.",
    ),
    (
        "first_ready_date",
        "The date of that day; empty if beyond the horizon.",
    ),
    (
        "days_ready",
        "Days within the horizon on which the mission is ready.",
    ),
    (
        "bottleneck",
        "Addresses of the gates that held it back, joined by `;`, or `never_together`.",
    ),
];

/// The file, and rows that wait for those before them.
pub struct TrialsFile {
    file: BufWriter<File>,
    header: Vec<u8>,
    facts: Facts,
    next: u64,
    waiting: BTreeMap<u64, Vec<u8>>,
    failed: Option<io::Error>,
}

/// What rows tell of, beside the mission.
struct Facts {
    start: Date,
    time: Timescale,
    mission: SignalId,
    gates: Vec<String>,
    firsts: Vec<SignalId>,
}

impl TrialsFile {
    /// Creates the file and writes its header.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn create(path: &Path, model: &Model, mark: &[u8]) -> io::Result<Self> {
        let mut file = Self::new(create(path)?, model);
        file.file.write_all(mark)?;
        file.file.write_all(&file.header)?;
        Ok(file)
    }

    /// Goes on with a file after its first `length` bytes; what follows them is dropped.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn go_on(path: &Path, length: u64, model: &Model) -> io::Result<Self> {
        let mut file = own_options().write(true).open(path)?;
        if file.metadata()?.len() < length {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it has lost rows"));
        }
        file.set_len(length)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self::new(file, model))
    }

    /// The file, to which nothing has been written yet.
    fn new(file: File, model: &Model) -> Self {
        let objectives = model
            .objectives
            .iter()
            .map(|objective| format!("objectives.{}", objective.name));
        let gates = model.gates.iter().map(|gate| format!("gates.{}", gate.address));
        let names: Vec<String> = COLUMNS
            .iter()
            .map(|(name, _)| (*name).to_owned())
            .chain(objectives)
            .chain(gates)
            .map(|name| cell(&name).into_owned())
            .collect();
        let header = row(&names);
        let facts = Facts {
            start: model.start,
            time: Timescale::new(model.horizon),
            mission: model.mission,
            gates: model
                .gates
                .iter()
                .map(|gate| cell(&gate.address).into_owned())
                .collect(),
            firsts: model
                .objectives
                .iter()
                .map(|objective| objective.met)
                .chain(model.gates.iter().map(|gate| gate.open))
                .collect(),
        };
        Self {
            file: BufWriter::new(file),
            header,
            facts,
            next: 0,
            waiting: BTreeMap::new(),
            failed: None,
        }
    }

    /// Copies the rows of an earlier file, of which it must have so many, under the same header, and returns the hash of that file.
    ///
    /// # Errors
    /// Those of the file system; `InvalidData` if the file is not the one that was written.
    pub fn copy(&mut self, old: File, rows: u64) -> io::Result<blake3::Hash> {
        let changed = |what: &str| io::Error::new(io::ErrorKind::InvalidData, format!("it has {what}"));
        let mut old = BufReader::new(old);
        let mut hasher = blake3::Hasher::new();
        let mut header = Vec::new();
        // A file that is another may have a line without end.
        let most = self.header.len() + BYTE_ORDER_MARK.len();
        old.by_ref().take(most as u64).read_until(b'\n', &mut header)?;
        hasher.update(&header);
        let header = header.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&header);
        if header != self.header {
            return Err(changed("another header than a run would write"));
        }
        let mut found = 0;
        loop {
            let bytes = old.fill_buf()?;
            if bytes.is_empty() {
                break;
            }
            found += bytes.iter().filter(|&&byte| byte == b'\n').count() as u64;
            hasher.update(bytes);
            self.file.write_all(bytes)?;
            let used = bytes.len();
            old.consume(used);
        }
        if found != rows {
            return Err(changed(&format!("{found} rows, and the result {rows} trials")));
        }
        Ok(hasher.finalize())
    }

    /// Adds the rows of a block; writes all that have none missing before them.
    pub fn add(&mut self, number: u64, block: &Block) {
        let rows = (0..block.len())
            .flat_map(|lane| row(&self.facts.cells(block, lane)))
            .collect();
        self.waiting.insert(number, rows);
        while let Some(rows) = self.waiting.remove(&self.next) {
            self.next += 1;
            if let Err(error) = self.file.write_all(&rows) {
                self.failed.get_or_insert(error);
            }
        }
    }

    /// Whether writing has failed.
    pub fn has_failed(&self) -> bool {
        self.failed.is_some()
    }

    /// Sees that all rows so far are on disk, and returns how many bytes they have.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn keep(&mut self) -> io::Result<u64> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        self.file.stream_position()
    }

    /// Writes what is left.
    ///
    /// # Errors
    /// The first that writing met.
    pub fn finish(mut self) -> io::Result<()> {
        match self.failed {
            Some(error) => Err(error),
            None => self.file.flush(),
        }
    }
}

impl Facts {
    fn cells(&self, block: &Block, lane: usize) -> Vec<String> {
        let ready = self.time.days(block.outcome.first_ready[lane]);
        let spells = block.signals[self.mission].of(lane);
        let held = spells.fold(0, |sum, spell| {
            sum + spell.off.min(self.time.horizon()) - spell.on
        });
        let mut cells = vec![
            (block.first + lane as u64).to_string(),
            moment(ready),
            self.date(ready),
            self.time.days(held).to_string(),
            self.bottleneck(block, lane),
        ];
        cells.extend(
            self.firsts
                .iter()
                .map(|&signal| moment(self.time.days(block.signals[signal].first(lane)))),
        );
        cells
    }

    fn bottleneck(&self, block: &Block, lane: usize) -> String {
        if !self.gates.is_empty() && block.outcome.is_never_together(lane) {
            return "never_together".to_owned();
        }
        let held_back = self.gates.iter().zip(&block.outcome.is_bottleneck);
        let names: Vec<&str> = held_back
            .filter(|(_, column)| column[lane] == 1)
            .map(|(address, _)| address.as_str())
            .collect();
        names.join(";")
    }

    fn date(&self, day: f64) -> String {
        if day.is_infinite() {
            return String::new();
        }
        #[allow(clippy::cast_possible_truncation, reason = "days are far below 2^63")]
        let date = self.start.checked_add((day.floor() as i64).days());
        date.map_or_else(|_| String::new(), |date| date.to_string())
    }
}

fn moment(at: f64) -> String {
    if at.is_finite() {
        at.to_string()
    } else {
        "beyond".to_owned()
    }
}

/// One row as CSV.
fn row(cells: &[String]) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(cells).expect("a vector takes every byte");
    writer.into_inner().expect("a vector takes every byte")
}
