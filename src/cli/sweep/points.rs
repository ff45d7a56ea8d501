//! The points of a sweep as scenarios, a batch at a time.

use std::ops::Range;

use rayon::prelude::*;

use super::fault;
use crate::axes::{Axes, Point, Values};
use crate::cli::scenario::{Checked, show};
use crate::cli::{Failure, Outcome, terminal};
use crate::diagnostic::{Diagnostics, Severity, Sources, render};
use crate::distribution::TableCache;
use crate::model::{Model, build};
use crate::scenario::load::{Loaded, Opened};
use crate::sweep::Variant;

/// Points that are played together: their blocks are drawn once. Memory grows with them, time hardly falls with more.
pub const BATCH: u64 = 128;

/// The most faulty points that are shown in full.
const MOST_FAULTS: usize = 10;

/// The points that are to be played.
pub struct Points<'p> {
    pub opened: &'p Opened,
    pub axes: &'p Axes,
    /// Their numbers.
    pub numbers: Range<u64>,
}

/// What keeps a point from being played, rendered.
type Faults = String;

impl Points<'_> {
    /// How many there are.
    pub fn len(&self) -> u64 {
        self.numbers.end - self.numbers.start
    }

    /// Their numbers, batch by batch.
    pub fn batches(&self) -> impl Iterator<Item = Range<u64>> {
        let end = self.numbers.end;
        let starts = (self.numbers.start..end).step_by(usize::try_from(BATCH).unwrap_or(usize::MAX));
        starts.map(move |start| start..start.saturating_add(BATCH).min(end))
    }

    /// Prints them as CSV, or as JSON, one a line.
    pub fn list(&self, as_json: bool) -> Outcome {
        let names: Vec<&str> = self.axes.axes().iter().map(|axis| axis.name.as_str()).collect();
        let mut writer = csv::Writer::from_writer(Vec::new());
        let io = |error: csv::Error| Failure::Io(error.to_string());
        if !as_json {
            let header = std::iter::once("point").chain(names.iter().copied());
            writer.write_record(header).map_err(io)?;
        }
        for number in self.numbers.clone() {
            let point = self.point(number)?;
            if as_json {
                let told = serde_json::json!({ "point": number, "set": point.overrides });
                terminal::print(&format!("{told}\n"))?;
                continue;
            }
            let cells = point.cells.into_iter().map(Option::unwrap_or_default);
            let row = std::iter::once(number.to_string()).chain(cells);
            writer.write_record(row).map_err(io)?;
            if number % 1_000 == 0 {
                flush(&mut writer)?;
            }
        }
        flush(&mut writer)
    }

    fn point(&self, number: u64) -> Result<Point, Failure> {
        let point = self.axes.point(number, self.opened.root());
        point.map_err(|message| Failure::Usage(format!("point {number}: {message}")))
    }

    /// Checks each value of each axis by itself, with all else as it stands, before anything is played.
    pub fn check_values(&self) -> Outcome {
        let mut alone = Vec::new();
        for axis in self.axes.axes() {
            if matches!(axis.values, Values::Spread(_)) {
                continue;
            }
            let single =
                Axes::new(vec![axis.clone()], crate::axes::Combination::List).map_err(Failure::Usage)?;
            for number in 1..=single.len().min(1_000) {
                let point = single.point(number, self.opened.root());
                alone
                    .push(point.map_err(|message| {
                        Failure::Usage(format!("in `--axis {}`: {message}", axis.name))
                    })?);
            }
        }
        let checked: Vec<Option<Faults>> = alone.par_iter().map(|point| self.model(point).err()).collect();
        let faults: Vec<Faults> = checked.into_iter().flatten().collect();
        refuse(&faults)
    }

    /// The scenarios of some points, or all that is wrong with them.
    pub fn variants(
        &self,
        numbers: Range<u64>,
        tables: &TableCache,
        pool: &rayon::ThreadPool,
    ) -> Result<Vec<(Point, Variant)>, Failure> {
        let points: Vec<Point> = numbers
            .clone()
            .map(|number| self.point(number))
            .collect::<Result<_, _>>()?;
        let models: Vec<Result<Model, Faults>> =
            pool.install(|| points.par_iter().map(|point| self.model(point)).collect());
        let mut variants = Vec::new();
        let mut faults = Vec::new();
        let mut tables = tables.clone();
        for ((number, point), model) in numbers.zip(points).zip(models) {
            match model {
                Ok(model) => variants.push((point, Variant::new(model, &mut tables))),
                Err(fault) => faults.push(format!("at point {number}:\n{fault}")),
            }
        }
        refuse(&faults)?;
        Ok(variants)
    }

    /// What a point means.
    fn model(&self, point: &Point) -> Result<Model, Faults> {
        let Loaded {
            scenario,
            sources,
            mut diagnostics,
            ..
        } = self.opened.vary("--axis", &point.overrides);
        let model = scenario.and_then(|scenario| build(&scenario, "scenario", &mut diagnostics));
        model.ok_or_else(|| rendered(&diagnostics, &sources))
    }
}

/// The errors among diagnostics, as they are shown.
fn rendered(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let found = diagnostics.in_order();
    let errors = found
        .into_iter()
        .filter(|found| found.rule.severity() == Severity::Error);
    let colour = terminal::stderr_has_colour();
    errors
        .map(|error| render(error, sources, colour) + "\n")
        .collect::<Vec<_>>()
        .join("\n")
}

/// Shows what is wrong with points, if anything is.
fn refuse(faults: &[Faults]) -> Outcome {
    if faults.is_empty() {
        return Ok(());
    }
    for fault in faults.iter().take(MOST_FAULTS) {
        terminal::tell(fault);
    }
    let more = faults.len().saturating_sub(MOST_FAULTS);
    let message = match (faults.len(), more) {
        (1, _) => "one point cannot be played".to_owned(),
        (all, 0) => format!("{all} points cannot be played"),
        (all, more) => format!("{all} points cannot be played; {more} of them are not shown"),
    };
    show(&Checked::faulty(Sources::default(), fault(message)), false);
    Err(Failure::Shown)
}

/// Prints what has been written so far.
fn flush(writer: &mut csv::Writer<Vec<u8>>) -> Outcome {
    let fresh = csv::Writer::from_writer(Vec::new());
    let bytes = std::mem::replace(writer, fresh)
        .into_inner()
        .map_err(|error| Failure::Io(error.to_string()))?;
    terminal::print(&String::from_utf8_lossy(&bytes))
}
