//! The tables of a run as CSV (RFC 4180): commas, quotes where needed, CRLF, UTF-8, one header row, ISO dates.

use std::io::{self, Write};

use csv::{ByteRecord, QuoteStyle, Terminator, Writer, WriterBuilder};

use super::number::{BEYOND, INFINITE, date, endless, push_plain};
use super::{Column, Report, WriteTable, columns, median};
use crate::estimate::{Capability, Contributor, Estimate, Gate, Quantile, Results, Subject};
use crate::shown;

mod read;

pub use read::summary as read_summary;

/// What tells Excel that a file is UTF-8: goes before the first byte, if asked for.
pub const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Days whose figures stand in `summary.csv`, as far as they lie within the horizon; then each year, and the last day.
const CHECKPOINTS: [usize; 8] = [30, 60, 90, 120, 180, 270, 365, 540];

/// Days a year, for checkpoints from the second year on.
const YEAR: usize = 365;

/// `summary.csv`: every figure, one a row.
///
/// # Errors
/// Those of writing.
pub fn summary(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut summary = Summary {
        report,
        table: Table::new(columns::SUMMARY, out),
    };
    let results = &report.results;
    summary.signal(&results.mission);
    summary.single("mission", "never_together", &results.never_together);
    results
        .objectives
        .iter()
        .for_each(|objective| summary.signal(objective));
    results.gates.iter().for_each(|gate| summary.gate(gate));
    results
        .conditions
        .iter()
        .for_each(|condition| summary.signal(condition));
    results
        .capabilities
        .iter()
        .for_each(|capability| summary.capability(capability));
    for Contributor {
        subject, pledged_by, ..
    } in &results.contributors
    {
        summary.by_day(subject, "pledged_by", pledged_by);
    }
    summary.table.finish()
}

/// `batch.csv`: the rows of every `summary.csv`, each with what its scenario was played with.
#[must_use]
pub fn batch(reports: &[Report]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut table = Table::new(&columns::batch(), &mut bytes);
    for report in reports {
        let of_run = [
            report.scenario_hash.clone(),
            report.seed.to_string(),
            report.sampler.to_owned(),
            report.version.to_owned(),
        ];
        let rows = bytes_of(summary, report);
        let mut rows = ::csv::Reader::from_reader(rows.as_slice());
        for row in rows.records() {
            let row = row.expect("what was written can be read");
            table.write(row.iter().chain(of_run.iter().map(String::as_str)));
        }
    }
    table.finish().expect("memory takes every row");
    bytes
}

/// The bytes of a table.
#[must_use]
pub fn bytes_of(write: WriteTable, report: &Report) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(report, &mut bytes).expect("memory takes every row");
    bytes
}

/// `readiness.csv`: one row a day and subject.
///
/// # Errors
/// Those of writing.
pub fn readiness(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(columns::READINESS, out);
    let results = &report.results;
    let subjects: Vec<&Subject> = std::iter::once(&results.mission)
        .chain(&results.objectives)
        .collect();
    for day in 0..results.mission.ready_by.len() {
        let date = Day::of(results, day);
        for subject in &subjects {
            let by = &subject.ready_by[day];
            let row = table
                .row()
                .day(&date)
                .text(&subject.subject)
                .figure(by)
                .figure(&subject.ready_at[day]);
            table.add(row.foundation(results, by.trials));
        }
    }
    table.finish()
}

/// `gates.csv`: one row a gate, then one for gates that are never open together.
///
/// # Errors
/// Those of writing.
pub fn gates(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(columns::GATES, out);
    let results = &report.results;
    for gate in &results.gates {
        let row = table
            .row()
            .text(&gate.address)
            .text(&gate.open.label)
            .figure(&gate.bottleneck)
            .maybe_figure(gate.ready_if_granted.last())
            .figure(&gate.decisive);
        let opens = median(&gate.open);
        let row = row
            .maybe_figure(opens)
            .text(&opens.map_or(String::new(), |opens| date(results, opens.estimate)));
        table.add(row.foundation(results, gate.bottleneck.trials));
    }
    let never = &results.never_together;
    let row = table
        .row()
        .text("never_together")
        .text("every gate opens at some time, but never all together")
        .figure(never)
        .empty(columns::GATES.len() - 7);
    table.add(row.foundation(results, never.trials));
    table.finish()
}

/// `capabilities.csv`: one row a day and capability.
///
/// # Errors
/// Those of writing.
pub fn capabilities(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(columns::CAPABILITIES, out);
    let results = &report.results;
    for day in 0..results.mission.ready_by.len() {
        let date = Day::of(results, day);
        for capability in &results.capabilities {
            let mean = &capability.mean[day];
            let row = table
                .row()
                .day(&date)
                .text(name(&capability.subject))
                .text(&capability.unit)
                .figure_of(mean, INFINITE);
            let row = capability.quantiles[day]
                .iter()
                .fold(row, |row, quantile| row.figure_of(&quantile.value, INFINITE));
            table.add(row.foundation(results, mean.trials));
        }
    }
    table.finish()
}

/// `contributors.csv`: one row a day and contributor.
///
/// # Errors
/// Those of writing.
pub fn contributors(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table = Table::new(columns::CONTRIBUTORS, out);
    let results = &report.results;
    for day in 0..results.mission.ready_by.len() {
        let date = Day::of(results, day);
        for contributor in &results.contributors {
            let pledged = &contributor.pledged_by[day];
            let row = table
                .row()
                .day(&date)
                .text(name(&contributor.subject))
                .text(&contributor.label)
                .figure(pledged);
            table.add(row.foundation(results, pledged.trials));
        }
    }
    table.finish()
}

/// `troops` of `capabilities.troops`.
fn name(subject: &str) -> &str {
    subject.split_once('.').map_or(subject, |(_, name)| name)
}

/// Days whose figures stand in `summary.csv`; `last` is the last day of the results.
fn checkpoints(last: usize) -> impl Iterator<Item = usize> {
    let years = (2..).map(|years| years * YEAR);
    CHECKPOINTS
        .into_iter()
        .chain(years)
        .take_while(move |day| *day < last)
        .chain([last])
}

/// The name of a quantile of a metric: `time_p05`.
fn quantile_name(metric: &str, quantile: &Quantile) -> String {
    format!("{metric}_p{:02.0}", 100.0 * quantile.quantile)
}

/// `summary.csv` as it grows.
struct Summary<'a> {
    report: &'a Report,
    table: Table<'a>,
}

impl Summary<'_> {
    fn row(&mut self, subject: &str, metric: &str, day: &str, date: &str, figure: &Estimate) {
        let row = self
            .table
            .row()
            .text(&self.report.name)
            .text(subject)
            .text(metric)
            .text(day)
            .text(date)
            .figure_of(figure, endless(metric));
        self.table
            .add(row.foundation(&self.report.results, figure.trials));
    }

    /// A metric that is one figure.
    fn single(&mut self, subject: &str, metric: &str, figure: &Estimate) {
        self.row(subject, metric, "", "", figure);
    }

    /// A metric with a figure a day, at checkpoints.
    fn by_day(&mut self, subject: &str, metric: &str, figures: &[Estimate]) {
        let Some(last) = figures.len().checked_sub(1) else {
            return;
        };
        for day in checkpoints(last) {
            let date = date(&self.report.results, day as f64);
            self.row(subject, metric, &day.to_string(), &date, &figures[day]);
        }
    }

    fn signal(&mut self, subject: &Subject) {
        let name = &subject.subject;
        self.by_day(name, "ready_by", &subject.ready_by);
        self.by_day(name, "ready_at", &subject.ready_at);
        for quantile in &subject.times {
            let metric = quantile_name("time", quantile);
            let date = date(&self.report.results, quantile.value.estimate);
            self.row(name, &metric, "", &date, &quantile.value);
        }
        self.single(name, "days_ready", &subject.days_ready);
        self.single(name, "lost", &subject.lost);
    }

    fn gate(&mut self, gate: &Gate) {
        self.signal(&gate.open);
        let name = &gate.open.subject;
        self.single(name, "bottleneck", &gate.bottleneck);
        self.by_day(name, "ready_if_granted", &gate.ready_if_granted);
        self.single(name, "decisive", &gate.decisive);
    }

    fn capability(&mut self, capability: &Capability) {
        let name = &capability.subject;
        self.by_day(name, "total_mean", &capability.mean);
        let reported = capability.quantiles.first().map_or(0, Vec::len);
        for index in 0..reported {
            let metric = quantile_name("total", &capability.quantiles[0][index]);
            let figures: Vec<Estimate> = capability
                .quantiles
                .iter()
                .map(|quantiles| quantiles[index].value)
                .collect();
            self.by_day(name, &metric, &figures);
        }
    }
}

/// A table that is written row by row: it may be larger than memory.
struct Table<'w> {
    writer: Writer<&'w mut dyn Write>,
    /// Memory of the last row, for the next.
    spare: Row,
    /// What writing failed of first; what comes after that is not written.
    failed: Option<::csv::Error>,
}

impl<'w> Table<'w> {
    fn new(columns: &[Column], out: &'w mut dyn Write) -> Self {
        let writer = WriterBuilder::new()
            .terminator(Terminator::CRLF)
            .quote_style(QuoteStyle::Necessary)
            .from_writer(out);
        let mut table = Self {
            writer,
            spare: Row::default(),
            failed: None,
        };
        table.write(columns.iter().map(|column| column.name));
        table
    }

    /// Adds a row that is at hand as text.
    fn write<I: IntoIterator<Item = T>, T: AsRef<[u8]>>(&mut self, cells: I) {
        if self.failed.is_none() {
            self.failed = self.writer.write_record(cells).err();
        }
    }

    /// An empty row, to be filled and [added](Self::add).
    fn row(&mut self) -> Row {
        std::mem::take(&mut self.spare)
    }

    fn add(&mut self, mut row: Row) {
        if self.failed.is_none() {
            self.failed = self.writer.write_byte_record(&row.cells).err();
        }
        row.cells.clear();
        self.spare = row;
    }

    fn finish(mut self) -> io::Result<()> {
        match self.failed {
            Some(error) => Err(error.into()),
            None => self.writer.flush(),
        }
    }
}

/// A day as rows begin with it: written out once, for all rows of the day.
struct Day {
    number: String,
    date: String,
}

impl Day {
    fn of(results: &Results, day: usize) -> Self {
        Self {
            number: day.to_string(),
            date: date(results, day as f64),
        }
    }
}

/// A row as it grows: hundreds of thousands of cells, so none has memory of its own.
#[derive(Default)]
struct Row {
    cells: ByteRecord,
    /// The number that is being written.
    number: String,
}

impl Row {
    /// Begins with a day and its date.
    fn day(mut self, day: &Day) -> Self {
        self.cells.push_field(day.number.as_bytes());
        self.cells.push_field(day.date.as_bytes());
        self
    }

    fn text(mut self, text: &str) -> Self {
        self.cells.push_field(shown::cell(text).as_bytes());
        self
    }

    fn empty(mut self, cells: usize) -> Self {
        (0..cells).for_each(|_| self.cells.push_field(b""));
        self
    }

    fn number(&mut self, value: f64, infinite: &str) {
        self.number.clear();
        push_plain(&mut self.number, value, infinite);
        self.cells.push_field(self.number.as_bytes());
    }

    /// A figure and the ends of its interval.
    fn figure(self, figure: &Estimate) -> Self {
        self.figure_of(figure, BEYOND)
    }

    /// The same with a text for what is infinite.
    fn figure_of(mut self, figure: &Estimate, infinite: &str) -> Self {
        [figure.estimate, figure.low, figure.high]
            .into_iter()
            .for_each(|value| self.number(value, infinite));
        self
    }

    /// A figure that may be missing: then its cells are empty.
    fn maybe_figure(self, figure: Option<&Estimate>) -> Self {
        match figure {
            Some(figure) => self.figure(figure),
            None => self.empty(3),
        }
    }

    /// What the figures rest on: the confidence of their intervals and the number of trials.
    fn foundation(mut self, results: &Results, trials: u64) -> Self {
        self.number(results.confidence, BEYOND);
        self.cells.push_field(trials.to_string().as_bytes());
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::{FILES, sample};
    use super::*;
    use crate::metric::{Argument, METRICS, SubjectKind, metric};

    fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
        ::csv::Reader::from_reader(bytes)
            .into_records()
            .map(|row| row.unwrap().iter().map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn the_summary_has_every_metric_of_the_registry_and_no_other() {
        let mut found = BTreeSet::new();
        for row in rows(&bytes_of(summary, &sample::report())) {
            let (metric, quantile) = metric(&row[2]).unwrap_or_else(|| panic!("unknown metric {}", row[2]));
            let kind = SubjectKind::of(&row[1]).unwrap_or_else(|| panic!("unknown subject {}", row[1]));
            assert!(metric.subjects.contains(&kind), "{} of {}", row[2], row[1]);
            assert_eq!(
                quantile.is_some(),
                metric.argument == Argument::Quantile,
                "{}",
                row[2]
            );
            let has_day = metric.argument == Argument::Day || metric.name == "total";
            assert_eq!(!row[3].is_empty(), has_day, "{}", row[2]);
            found.insert((metric.name, kind as u8));
        }
        for metric in METRICS {
            for kind in metric.subjects {
                assert!(
                    found.contains(&(metric.name, *kind as u8)),
                    "{} of {kind:?}",
                    metric.name
                );
            }
        }
    }

    #[test]
    fn the_summary_has_times_with_their_dates() {
        let rows = rows(&bytes_of(summary, &sample::report()));
        let row = |subject: &str, metric: &str| {
            let row = rows.iter().find(|row| row[1] == subject && row[2] == metric);
            row.unwrap()[3..].join(" ")
        };
        assert_eq!(row("mission", "time_p25"), " 2025-06-18 69.5 68.5 70.5 0.95 1000");
        assert_eq!(row("mission", "time_p95"), "  beyond beyond beyond 0.95 1000");
        assert_eq!(row("mission", "never_together"), "  0.02 0.0129 0.0307 0.95 1000");
    }

    #[test]
    fn checkpoints_lie_within_the_horizon_and_end_with_its_last_day() {
        let of = |last| checkpoints(last).collect::<Vec<_>>();
        assert_eq!(of(0), [0]);
        assert_eq!(of(30), [30]);
        assert_eq!(of(100), [30, 60, 90, 100]);
        assert_eq!(of(1200), [30, 60, 90, 120, 180, 270, 365, 540, 730, 1095, 1200]);
    }

    #[test]
    fn hostile_text_stays_text_and_rfc_4180_quotes_it() {
        let text = String::from_utf8(bytes_of(gates, &sample::report())).unwrap();
        assert!(
            text.contains("mission.requires.1,\"'=HYPERLINK(\"\"http://x\"\"),\\u{a}and more\",0.3,"),
            "{text}"
        );
    }

    #[test]
    fn no_cell_begins_like_a_formula() {
        for file in FILES {
            for row in rows(&bytes_of(file.write, &sample::report())) {
                for cell in row {
                    assert!(
                        !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                        "{}: {cell}",
                        file.name
                    );
                }
            }
        }
    }

    #[test]
    fn lines_end_as_rfc_4180_wants() {
        let text = String::from_utf8(bytes_of(contributors, &sample::report())).unwrap();
        assert!(text.starts_with(
            "day,date,contributor,label,pledged_by,low,high,confidence,trials\r\n0,2025-04-10,"
        ));
        assert!(text.ends_with("\r\n"));
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    }

    #[test]
    fn gates_end_with_never_together() {
        let report = sample::report();
        let rows = rows(&bytes_of(gates, &report));
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0][0], "mission.requires.0");
        assert_eq!(rows[0][11..15], ["beyond", "100.5", "beyond", ""]);
        assert_eq!(rows[2][0], "never_together");
        assert_eq!(rows[2][2], "0.02");
        assert!(rows[2][5..15].iter().all(String::is_empty));
        let sum: f64 = rows.iter().map(|row| row[2].parse::<f64>().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9);
    }

    #[test]
    fn tables_by_day_have_every_day() {
        let report = sample::report();
        let ready = rows(&bytes_of(readiness, &report));
        assert_eq!(ready.len(), 121 * 2);
        assert_eq!(ready[241][..3], ["120", "2025-08-08", "objectives.safe_skies"]);
        let totals = rows(&bytes_of(capabilities, &report));
        assert_eq!(totals.len(), 121);
        assert_eq!(totals[120][2..5], ["troops", "soldiers", "12000"]);
        assert_eq!(totals[120][13..16], ["12500", "12475", "12525"]);
    }
}
