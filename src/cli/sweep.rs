//! `ceasefire sweep`: one scenario at many points, on the same futures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::arguments::Sweep as Options;
use super::freshness::{self, tell_stale};
use super::scenario::{Checked, Meant, show};
use super::store::{Draft, Key, Manifest, SWEEP, Work};
use super::{Failure, Outcome, interrupt, place, play, sheet, terminal};
use crate::axes::file::SweepFile;
use crate::axes::{Axes, Axis, Combination};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::distribution::TableCache;
use crate::report::sweep::{Head, MOST_SHOWN, Row, answer, json};
use crate::sampling::Method;
use crate::scenario::load::{self, Opened};
use crate::shown;
use crate::sweep::{Sought, Variant};

mod game;
pub mod merge;
mod points;
mod record;
mod rows;
pub mod traced;

use game::Game;
use points::Points;
use rows::{Rows, read};

/// What is to be swept.
struct Wanted {
    /// The scenario.
    file: PathBuf,
    axes: Axes,
    metrics: Vec<Sought>,
    /// Where each axis is written, and each figure.
    places: Places,
}

/// Where what is wanted is written: an option, or a line and column of a file.
struct Places {
    axes: Vec<String>,
    metrics: Vec<String>,
    /// None, if the scenario is named on the command line.
    scenario: Option<String>,
}

/// Runs the command.
pub fn sweep(options: &Options, command: &[OsString]) -> Outcome {
    interrupt::heed();
    play::heed_threads(options.threads);
    let wanted = wanted(options)?;
    let (opened, meant) = open(&wanted, options)?;
    let points = Points {
        opened: &opened,
        axes: &wanted.axes,
        places: &wanted.places.axes,
        numbers: options.numbers(&wanted.axes),
    };
    points.check_values(options.quiet)?;
    let mut tables = TableCache::new();
    let base = Variant::new(meant.model.clone(), &mut tables);
    let pool = play::pool(options.threads, u64::MAX)?;
    let game = Game::new(options, &wanted, &base, (&tables, &pool))?;
    if options.points {
        return points.list(options.json);
    }
    let place = place(options);
    let manifest = record::manifest(options, &wanted, &meant, &game, &place, command);
    let is_there = is_up_to_date(options, &place, &manifest);
    if options.dry_run {
        return game.foresee(&points, options, is_there.then_some(&place));
    }
    if is_there {
        Work::of(&place, &key(&manifest)).tidy(&manifest);
    } else {
        if !options.force {
            freshness::refuse_fewer(&place, &manifest, manifest.trials)?;
        }
        carry_out(options, &game, &points, &place, &manifest)?;
    }
    tell(options, &game.head, points.len(), &place, !is_there)
}

/// Plays the points, and puts their rows in place.
fn carry_out(
    options: &Options,
    game: &Game<'_>,
    points: &Points<'_>,
    place: &Path,
    manifest: &Manifest,
) -> Outcome {
    let draft = Draft::begin(place, manifest, options.force)?;
    // The other process may have written what this one was to write.
    if draft.has_waited() && is_up_to_date(options, place, manifest) {
        return Ok(());
    }
    let work = Work::of(place, &key(manifest));
    if options.force {
        work.restart();
    }
    let (mut rows, kept) = Rows::open(&work, &game.head)?;
    if kept.next > 0 && !options.quiet {
        let points = kept.next - points.numbers.start;
        let more = kept
            .counted
            .as_ref()
            .map_or("", |_| " and a part of the trials of the next ones");
        terminal::tell(&format!(
            "note: goes on after {points} points{more}, which a sweep of the same kept when it was stopped"
        ));
    }
    game.play(points, kept, &mut rows, options)?;
    rows.finish()?;
    draft.adopt(SWEEP, &work.rows()?)?;
    draft.write_manifest(manifest)?;
    let lock = draft.finish()?;
    work.discard();
    drop(lock);
    Ok(())
}

/// Where the result is to be.
fn place(options: &Options) -> PathBuf {
    let default = || Path::new(super::run::RESULTS).join(default_name(options));
    options.out.clone().unwrap_or_else(default)
}

/// The name of the folder: a part of a sweep has one of its own.
fn default_name(options: &Options) -> String {
    let stem = options.file.file_stem();
    let name = stem.map_or_else(
        || "scenario".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    place::folder(&format!("{name}-sweep"), &options.set, options.shard)
}

/// Whether the rows that are there are those that would be written; else says what has changed, if there are any.
fn is_up_to_date(options: &Options, place: &Path, manifest: &Manifest) -> bool {
    let Some(old) = Manifest::read(place).filter(|_| !options.force) else {
        return false;
    };
    let reasons = freshness::reasons(place, &old, manifest);
    if !reasons.is_empty() && !options.quiet {
        tell_stale(&manifest.name, &reasons);
    }
    reasons.is_empty()
}

/// The key of all that the bytes of the rows depend on.
fn key(manifest: &Manifest) -> Key {
    let what = (manifest.origin(), manifest.trials, manifest.confidence);
    Key::of(&[format!("{what:?}"), format!("{:?}", manifest.sweep)])
}

/// Says what came of it, and where it lies.
fn tell(options: &Options, head: &Head, points: u64, place: &Path, is_new: bool) -> Outcome {
    let rows = read(&place.join(SWEEP), head)?;
    if options.json {
        return tell_all(head, rows);
    }
    if options.quiet {
        return Ok(());
    }
    let rows: Vec<Row> = rows.take(MOST_SHOWN + 1).collect::<Result<_, _>>()?;
    let (base, others): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.number == 0);
    let shown = &others[..others.len().min(MOST_SHOWN)];
    terminal::print(&answer(head, base.first(), shown, points))?;
    let folder = place.display();
    terminal::tell(&if is_new {
        format!("Results are in {folder}")
    } else {
        format!("Results in {folder} are up to date, nothing was played; --force plays again")
    });
    if is_new {
        sheet::tell_long(place);
    }
    Ok(())
}

/// Prints all rows as JSON, one at a time: there may be a million of them.
fn tell_all(head: &Head, rows: impl Iterator<Item = Result<Row, Failure>>) -> Outcome {
    let mut before = "[\n";
    for row in rows {
        terminal::print(&shown::json(format!("{before}{}", json(head, &row?))))?;
        before = ",\n";
    }
    terminal::print("\n]\n")
}

/// What the command line, or the file that it names, asks for.
fn wanted(options: &Options) -> Result<Wanted, Failure> {
    let metrics = |written: &[String]| -> Vec<Sought> { written.iter().cloned().map(Sought).collect() };
    if !is_sweep_file(&options.file) {
        let axes: Result<Vec<Axis>, Failure> = options.axis.iter().map(|text| axis(text)).collect();
        let axes = Axes::new(axes?, options.combination()).map_err(Failure::Usage)?;
        return Ok(Wanted {
            file: options.file.clone(),
            places: Places {
                axes: vec!["--axis".to_owned(); axes.axes().len()],
                metrics: vec!["--metric".to_owned(); options.metric.len()],
                scenario: None,
            },
            axes,
            metrics: metrics(&options.metric),
        });
    }
    refuse_second_axes(options)?;
    let (file, sources, mut diagnostics) = load::load_as::<SweepFile>(&options.file);
    let meant = file.and_then(|file| Some((file.axes(&mut diagnostics)?, file)));
    let Some((axes, file)) = meant else {
        let checked = Checked::faulty(sources, diagnostics);
        show(&checked, options.quiet);
        return Err(Failure::Shown);
    };
    let place = |span: Span| {
        let (line, column) = sources.line_and_column(span);
        format!("{}:{line}:{column}:", sources.get(span).name)
    };
    let mut places = Places {
        axes: file.axes.iter().map(|axis| place(axis.span)).collect(),
        metrics: file.metrics.iter().map(|metric| place(metric.span)).collect(),
        scenario: Some(place(file.scenario.span)),
    };
    let mut chosen: Vec<String> = file.metrics.iter().map(|metric| metric.value.clone()).collect();
    if !options.metric.is_empty() {
        chosen.clone_from(&options.metric);
        places.metrics = vec!["--metric".to_owned(); chosen.len()];
    }
    let beside = options.file.parent().unwrap_or(Path::new(""));
    Ok(Wanted {
        file: beside.join(&file.scenario.value),
        metrics: metrics(&chosen),
        axes,
        places,
    })
}

/// A sweep in a file has its own axes, and says how they are put together.
fn refuse_second_axes(options: &Options) -> Outcome {
    let given = [
        ("--axis", !options.axis.is_empty()),
        ("--combine", options.combine.is_some()),
        ("--design", options.design.is_some()),
    ];
    let Some((option, _)) = given.into_iter().find(|(_, is_given)| *is_given) else {
        return Ok(());
    };
    let file = options.file.display();
    Err(Failure::Usage(format!(
        "`{file}` says itself what is varied and how; leave {option} out, or change the file"
    )))
}

/// Reads an axis of the command line.
fn axis(text: &str) -> Result<Axis, Failure> {
    Axis::read(text).map_err(|message| Failure::Usage(format!("in `--axis {text}`: {message}")))
}

/// Whether a file is a sweep, and not a scenario.
fn is_sweep_file(file: &Path) -> bool {
    let text = load::text(file).unwrap_or_default();
    match text.parse::<toml::Table>() {
        Ok(table) => table.contains_key("axes"),
        // What is wrong with it is told by its reader: it must be the right one.
        Err(_) => text.lines().any(|line| {
            let line: String = line.split_whitespace().collect();
            line.starts_with("[[axes]]") || line.starts_with("axes=")
        }),
    }
}

/// Opens the scenario, with its --set, and checks it.
fn open(wanted: &Wanted, options: &Options) -> Result<(Opened, Meant), Failure> {
    let faulty = |loaded: load::Loaded| {
        let checked = Checked::faulty(loaded.sources, loaded.diagnostics);
        show(&checked, options.quiet);
        if let Some(place) = &wanted.places.scenario {
            terminal::tell(&format!(
                "note: {place} the sweep names `{}`",
                wanted.file.display()
            ));
        }
        Failure::Shown
    };
    let mut opened = load::open(&wanted.file).map_err(faulty)?;
    opened.replace("--set", &options.set);
    let checked = super::scenario::understand(&wanted.file, opened.vary([]));
    show(&checked, options.quiet);
    let meant = checked.meant.ok_or(Failure::Shown)?;
    Ok((opened, meant))
}

impl Options {
    /// The points of this part.
    fn numbers(&self, axes: &Axes) -> std::ops::Range<u64> {
        let whole = 1..axes.len() + 1;
        self.shard.map_or(whole, |shard| shard.share(axes.len()))
    }

    /// How axes of the command line are put together.
    fn combination(&self) -> Combination {
        match self.design {
            Some(method) => Combination::Design {
                method,
                points: self.design_points,
                seed: self.design_seed,
            },
            None => self.combine.unwrap_or_default(),
        }
    }
}

/// A fault of a point, with no place in a text.
fn fault(message: String) -> Diagnostics {
    let mut diagnostics = Diagnostics::default();
    diagnostics.push(Diagnostic::without_place(Rule::ImpossibleAxis, message));
    diagnostics
}

/// Samplers that spread the points of a design.
pub fn designs() -> impl Iterator<Item = &'static crate::sampling::Sampler> {
    crate::sampling::SAMPLERS
        .iter()
        .filter(|sampler| sampler.method != Method::Random)
}
