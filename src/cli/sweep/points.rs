//! The points of a sweep as scenarios, a batch at a time.

use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

use rayon::prelude::*;

use super::fault;
use crate::axes::{Axes, Point};
use crate::cli::scenario::{Checked, show};
use crate::cli::{Failure, Outcome, terminal};
use crate::diagnostic::{Diagnostics, Severity, Sources, render};
use crate::distribution::TableCache;
use crate::model::{Model, build};
use crate::report::sweep::written;
use crate::scenario::address::Address;
use crate::scenario::load::{Loaded, Opened};
use crate::shown;
use crate::sweep::Variant;

/// Points that are played together: their blocks are drawn once. Memory grows with them, time hardly falls with more.
pub const BATCH: u64 = 128;

/// The most points an axis that are checked before anything is played: a hundred of them take a few hundredths of a second.
const MOST_CHECKED: u64 = 1_000;

/// The most chances that end at 1 that are named.
const MOST_CUT: usize = 5;

/// The most faulty points that are shown in full.
const MOST_FAULTS: usize = 10;

/// The points that are to be played.
pub struct Points<'p> {
    pub opened: &'p Opened,
    pub axes: &'p Axes,
    /// Where each axis is written.
    pub places: &'p [String],
    /// Their numbers.
    pub numbers: Range<u64>,
}

/// What keeps a point from being played.
struct Faults {
    /// Its number, once that is known.
    number: u64,
    /// What is wrong, in short.
    messages: Vec<String>,
    /// The same as it is shown.
    shown: String,
}

impl Faults {
    /// The errors among diagnostics.
    fn of(diagnostics: &Diagnostics, sources: &Sources) -> Self {
        let colour = terminal::stderr_has_colour();
        let mut faults = Self {
            number: 0,
            messages: Vec::new(),
            shown: String::new(),
        };
        let found = diagnostics.in_order().into_iter();
        for error in found.filter(|found| found.severity == Severity::Error) {
            faults.messages.push(error.message.clone());
            faults.shown.push_str(&render(error, sources, colour));
            faults.shown.push_str("\n\n");
        }
        faults
    }

    fn at(self, number: u64) -> Self {
        Self { number, ..self }
    }
}

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
            writer
                .write_record(header.map(|name| shown::cell(name).into_owned()))
                .map_err(io)?;
        }
        for number in self.numbers.clone() {
            let point = self.point(number)?;
            if as_json {
                let told = serde_json::json!({ "point": number, "set": point.overrides });
                terminal::print(&shown::json(format!("{told}\n")))?;
                continue;
            }
            let cells = point.cells.iter().map(|cell| written(cell.as_deref()));
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
        point.map_err(|(axis, message)| {
            let (place, name) = (&self.places[axis], &self.axes.axes()[axis].name);
            Failure::Usage(format!("in `{place} {name}`, at point {number}: {message}"))
        })
    }

    /// Checks points that have every value between them, before anything is played; of very many, [`MOST_CHECKED`] an axis.
    /// Says which chances end at 1, unless nobody wants to know.
    pub fn check_values(&self, is_quiet: bool) -> Outcome {
        let sets = self.axes.representatives();
        let mut numbers: Vec<u64> = sets.iter().flat_map(|set| set.numbers(MOST_CHECKED)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let checked = numbers.par_iter().map(|&number| {
            let point = self.point(number)?;
            let fault = self.model(&point).err().map(|fault| fault.at(number));
            Ok((fault, point.cut))
        });
        let checked: Vec<(Option<Faults>, Vec<Address>)> = checked.collect::<Result<_, Failure>>()?;
        let (faults, cut): (Vec<_>, Vec<_>) = checked.into_iter().unzip();
        refuse(faults.into_iter().flatten().collect())?;
        let cut: BTreeSet<String> = cut.iter().flatten().map(Address::to_string).collect();
        if !cut.is_empty() && !is_quiet {
            tell_cut(&cut);
        }
        Ok(())
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
                Err(fault) => faults.push(fault.at(number)),
            }
        }
        refuse(faults)?;
        Ok(variants)
    }

    /// What a point means.
    fn model(&self, point: &Point) -> Result<Model, Faults> {
        let places = point.origins.iter().map(|&axis| self.places[axis].as_str());
        let overrides = places.zip(point.overrides.iter().map(String::as_str));
        let Loaded {
            scenario,
            sources,
            mut diagnostics,
            ..
        } = self.opened.vary(overrides);
        diagnostics.leave_claims();
        let model = scenario.and_then(|scenario| build(&scenario, "scenario", &mut diagnostics));
        model.ok_or_else(|| Faults::of(&diagnostics, &sources))
    }
}

/// Says which chances would come out above 1 at some points.
fn tell_cut(addresses: &BTreeSet<String>) {
    let shown: Vec<String> = addresses
        .iter()
        .take(MOST_CUT)
        .map(|address| format!("`{address}`"))
        .collect();
    let hidden = addresses.len() - shown.len();
    let more = if hidden > 0 {
        format!(" and {hidden} more")
    } else {
        String::new()
    };
    terminal::tell(&format!(
        "note: multiplied, these chances would come out above 1 at some points, and are 1 there: {}{more}",
        shown.join(", ")
    ));
}

/// Shows what is wrong with points, if anything is; what is wrong with several in the same words, once.
fn refuse(mut faults: Vec<Faults>) -> Outcome {
    if faults.is_empty() {
        return Ok(());
    }
    let all = faults.len();
    let mut told = HashSet::new();
    faults.retain(|fault| told.insert(fault.messages.clone()));
    for fault in faults.iter().take(MOST_FAULTS) {
        terminal::show(&format!("at point {}:\n{}", fault.number, fault.shown.trim_end()));
    }
    let points = match all {
        1 => "one point cannot be played".to_owned(),
        all => format!("{all} points cannot be played"),
    };
    let hidden = faults.len().saturating_sub(MOST_FAULTS);
    let message = match (all - faults.len(), hidden) {
        (0, 0) => points,
        (_, 0) => format!("{points}; what is wrong with several is told once"),
        (_, hidden) => format!("{points}; {hidden} more faults are not shown"),
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
