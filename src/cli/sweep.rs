//! `ceasefire sweep`: one scenario at many points, on the same futures.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::arguments::Sweep as Options;
use super::forecast::{self, Pace};
use super::progress::Progress;
use super::scenario::{Checked, Meant, show};
use super::store::{Draft, Kind, Manifest, ManifestSweep, SWEEP, inputs};
use super::{Failure, Outcome, interrupt, play, terminal};
use crate::axes::file::{COMBINATIONS, SweepFile};
use crate::axes::{Axes, Axis, Combination};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule};
use crate::distribution::TableCache;
use crate::model::Model;
use crate::report::number::thousands;
use crate::report::sweep::{Head, MOST_SHOWN, Row, answer, json};
use crate::sampling::{Method, Source};
use crate::scenario::load::{self, Opened};
use crate::study::run::{Order, Unwatched};
use crate::sweep::{Figure, Outcome as Found, Sought, Sweep, Variant};

pub mod merge;
mod points;
mod rows;
pub mod traced;

use points::{BATCH, Points};
use rows::Rows;

/// What is to be swept.
struct Wanted {
    /// The scenario.
    file: PathBuf,
    axes: Axes,
    metrics: Vec<Sought>,
}

/// Runs the command.
pub fn sweep(options: &Options, command: &[OsString]) -> Outcome {
    interrupt::heed();
    let wanted = wanted(options)?;
    let opened = open(&wanted, options)?;
    let numbers = options
        .shard
        .map_or(1..wanted.axes.len() + 1, |shard| shard.share(wanted.axes.len()));
    let points = Points {
        opened: &opened.0,
        axes: &wanted.axes,
        numbers,
    };
    if options.points {
        return points.list(options.json);
    }
    points.check_values()?;
    let meant = opened.1;
    let mut tables = TableCache::new();
    let base = Variant::new(meant.model.clone(), &mut tables);
    let game = Game::new(options, &wanted, &base, &meant)?;
    let pool = play::pool(options.threads, u64::MAX)?;
    if options.dry_run {
        return game.estimate(&points, &tables, &pool, options);
    }
    let place = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("results").join(default_name(options)));
    let manifest = manifest(options, &wanted, &meant, &game, &place, command);
    let draft = Draft::begin(&place, &manifest.inputs[0], options.force)?;
    let mut rows = Rows::create(&draft.path(SWEEP), &game.head)?;
    game.play(&points, &tables, &pool, &mut rows, options)?;
    let shown = rows.finish()?;
    draft.note_file(SWEEP)?;
    draft.write_manifest(&manifest)?;
    draft.finish()?;
    tell(options, &game.head, &shown, points.len(), &place)
}

/// The name of the folder: a part of a sweep has one of its own.
fn default_name(options: &Options) -> String {
    let stem = options.file.file_stem();
    let name = stem.map_or_else(
        || "scenario".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    );
    match options.shard {
        None => format!("{name}-sweep"),
        Some(shard) => format!("{name}-sweep.part-{}-of-{}", shard.number, shard.of),
    }
}

/// Says what came of it, and where it lies.
fn tell(options: &Options, head: &Head, shown: &rows::Shown, points: u64, place: &Path) -> Outcome {
    if options.json {
        let rows: Vec<_> = shown.all.iter().map(|row| json(head, row)).collect();
        return terminal::print(&format!("{:#}\n", serde_json::Value::from(rows)));
    }
    if options.quiet {
        return Ok(());
    }
    let (base, others): (Vec<&Row>, Vec<&Row>) = shown.all.iter().partition(|row| row.number == 0);
    let others: Vec<Row> = others.into_iter().take(MOST_SHOWN).cloned().collect();
    terminal::print(&answer(head, base.first().copied(), &others, points))?;
    terminal::tell(&format!("Results are in {}", place.display()));
    Ok(())
}

/// What the command line, or the file that it names, asks for.
fn wanted(options: &Options) -> Result<Wanted, Failure> {
    let metrics = |written: &[String]| -> Vec<Sought> { written.iter().cloned().map(Sought).collect() };
    if !is_sweep_file(&options.file) {
        let axes: Result<Vec<Axis>, Failure> = options.axis.iter().map(|text| axis(text)).collect();
        let axes = Axes::new(axes?, options.combination()).map_err(Failure::Usage)?;
        return Ok(Wanted {
            file: options.file.clone(),
            axes,
            metrics: metrics(&options.metric),
        });
    }
    if !options.axis.is_empty() {
        let message = format!(
            "`{}` has axes of its own; leave --axis out",
            options.file.display()
        );
        return Err(Failure::Usage(message));
    }
    let (file, sources, mut diagnostics) = load::load_as::<SweepFile>(&options.file);
    let meant = file.and_then(|file| Some((file.axes(&mut diagnostics)?, file)));
    let Some((axes, file)) = meant else {
        let checked = Checked::faulty(sources, diagnostics);
        show(&checked, options.quiet);
        return Err(Failure::Shown);
    };
    let named: Vec<String> = file.metrics.iter().map(|metric| metric.value.clone()).collect();
    let chosen = if options.metric.is_empty() {
        &named
    } else {
        &options.metric
    };
    let beside = options.file.parent().unwrap_or(Path::new(""));
    Ok(Wanted {
        file: beside.join(&file.scenario.value),
        metrics: metrics(chosen),
        axes,
    })
}

/// Reads an axis of the command line.
fn axis(text: &str) -> Result<Axis, Failure> {
    Axis::read(text).map_err(|message| Failure::Usage(format!("in `--axis {text}`: {message}")))
}

/// Whether a file is a sweep, and not a scenario.
fn is_sweep_file(file: &Path) -> bool {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().any(|line| line.trim_start().starts_with("[[axes]]"))
}

/// Opens the scenario, with its --set, and checks it.
fn open(wanted: &Wanted, options: &Options) -> Result<(Opened, Meant), Failure> {
    let faulty = |loaded: load::Loaded| {
        let checked = Checked::faulty(loaded.sources, loaded.diagnostics);
        show(&checked, options.quiet);
        Failure::Shown
    };
    let mut opened = load::open(&wanted.file).map_err(faulty)?;
    opened.replace("--set", &options.set);
    let checked = super::scenario::understand(&wanted.file, opened.vary("--axis", &[]));
    show(&checked, options.quiet);
    let meant = checked.meant.ok_or(Failure::Shown)?;
    Ok((opened, meant))
}

/// The figures of a sweep where none is named: how likely the mission and each objective are to be ready by the horizon,
/// and when the mission is.
fn usual(model: &Model) -> Vec<Sought> {
    let objectives = model
        .objectives
        .iter()
        .map(|objective| format!("objectives.{}:ready_by", objective.name));
    let times = ["time_p10", "time_p50", "time_p90"].map(str::to_owned);
    std::iter::once("ready_by".to_owned())
        .chain(objectives)
        .chain(times)
        .map(Sought)
        .collect()
}

/// What all batches of points have in common.
struct Game<'g> {
    base: &'g Variant,
    sought: Vec<Sought>,
    figures: Vec<Figure>,
    order: Order,
    confidence: f64,
    head: Head,
}

impl<'g> Game<'g> {
    fn new(options: &Options, wanted: &Wanted, base: &'g Variant, meant: &Meant) -> Result<Self, Failure> {
        let simulation = meant.model.simulation;
        let sought = if wanted.metrics.is_empty() {
            usual(&meant.model)
        } else {
            wanted.metrics.clone()
        };
        let figures = find(&sought, base)?;
        let order = Order {
            source: Source {
                seed: options.seed.unwrap_or(simulation.seed()),
                method: options.sampler.unwrap_or(simulation.sampler()),
            },
            first: 0,
            trials: options.trials.unwrap_or(simulation.trials()),
        };
        let confidence = options.confidence.unwrap_or(simulation.confidence());
        let head = Head {
            title: meant.model.title.clone(),
            axes: wanted.axes.axes().iter().map(|axis| axis.name.clone()).collect(),
            figures: figures
                .iter()
                .map(|figure| {
                    let is_part = matches!(figure.metric.unit, "probability" | "share");
                    (figure.name.clone(), is_part)
                })
                .collect(),
            has_difference: figures.iter().map(Figure::has_difference).collect(),
            confidence,
            trials: order.trials,
            seed: order.source.seed,
        };
        Ok(Self {
            base,
            sought,
            figures,
            order,
            confidence,
            head,
        })
    }

    /// Plays all points, batch after batch, and writes their rows as they come.
    fn play(
        &self,
        points: &Points<'_>,
        tables: &TableCache,
        pool: &rayon::ThreadPool,
        rows: &mut Rows,
        options: &Options,
    ) -> Outcome {
        let batches = points.len().div_ceil(BATCH).max(1);
        let progress = Progress::new(self.order.trials.saturating_mul(batches), options.quiet, None);
        for numbers in points.batches() {
            let batch = points.variants(numbers.clone(), tables, pool)?;
            let variants: Vec<Variant> = batch.iter().map(|(_, variant)| variant.clone()).collect();
            let outcomes = self.outcomes(&variants, self.order, pool, &progress, numbers.start)?;
            let mut outcomes = outcomes.into_iter();
            let base = outcomes.next();
            if numbers.start == 1
                && let Some(base) = base
            {
                let cells = vec![None; self.head.axes.len()];
                rows.write(&self.head, row(0, cells, base, &self.base.model))?;
            }
            for ((number, (point, variant)), outcome) in numbers.zip(&batch).zip(outcomes) {
                rows.write(
                    &self.head,
                    row(number, point.cells.clone(), outcome, &variant.model),
                )?;
            }
        }
        progress.finish();
        Ok(())
    }

    /// What comes of some points, after what comes of the base.
    fn outcomes(
        &self,
        variants: &[Variant],
        order: Order,
        pool: &rayon::ThreadPool,
        watch: &dyn crate::study::run::Watch,
        first: u64,
    ) -> Result<Vec<Found>, Failure> {
        let mut figures = vec![self.figures.clone()];
        for variant in variants {
            figures.push(find(&self.sought, variant)?);
        }
        let sweep = Sweep::new(self.base, variants, figures);
        match sweep.play(order, self.confidence, pool, watch) {
            None => {
                terminal::tell("stopped: no point of the batch at hand was finished, and nothing is kept");
                Err(Failure::Interrupted)
            }
            Some(Ok(outcomes)) => Ok(outcomes),
            Some(Err((point, runaway))) => {
                let model = match point.checked_sub(1) {
                    None => &self.base.model,
                    Some(place) => {
                        terminal::complain(&format!("point {} cannot be played", first + place as u64));
                        &variants[place].model
                    }
                };
                play::refuse_runaway(model, Some(runaway)).map(|()| Vec::new())
            }
        }
    }

    /// Says how many points and trials there are, and about how long and how much they take, from a short trial of the first.
    fn estimate(
        &self,
        points: &Points<'_>,
        tables: &TableCache,
        pool: &rayon::ThreadPool,
        options: &Options,
    ) -> Outcome {
        let numbers = points.batches().next().unwrap_or(1..1);
        let begun = Instant::now();
        let batch = points.variants(numbers.clone(), tables, pool)?;
        let built = begun.elapsed().as_secs_f64();
        let variants: Vec<Variant> = batch.into_iter().map(|(_, variant)| variant).collect();
        let pace = Pace::measure(|trials| {
            let order = Order { trials, ..self.order };
            self.outcomes(&variants, order, pool, &Unwatched, numbers.start)
                .map(|_| ())
        })?;
        let played = pace.seconds(self.order.trials);
        let batches = points.len() as f64 / variants.len().max(1) as f64;
        let seconds = (built + played) * batches;
        let columns = crate::report::sweep::header(&self.head).len() as f64;
        let bytes = points.len() as f64 * columns * 11.0;
        if options.json {
            let told = serde_json::json!({
                "points": points.len(), "trials": self.order.trials, "seconds": seconds, "bytes": bytes
            });
            return terminal::print(&format!("{told:#}\n"));
        }
        terminal::print(&format!(
            "{} points of {} futures each: {}, and {}\n",
            thousands(points.len() as f64, 0),
            thousands(self.order.trials as f64, 0),
            forecast::time(seconds),
            forecast::disk(bytes)
        ))
    }
}

/// A row of the file, from what came of a point.
fn row(number: u64, cells: Vec<Option<String>>, outcome: Found, model: &Model) -> Row {
    Row {
        number,
        cells,
        figures: outcome.figures,
        differences: outcome.differences,
        bottleneck: outcome
            .bottleneck
            .map(|(gate, share)| (model.gates[gate].address.clone(), share)),
    }
}

/// The figures in a scenario.
fn find(sought: &[Sought], variant: &Variant) -> Result<Vec<Figure>, Failure> {
    let found = sought.iter().map(|sought| {
        let found = sought.find(variant);
        found.map_err(|message| Failure::Usage(format!("in `--metric {}`: {message}", sought.0)))
    });
    found.collect()
}

/// What the result depends on.
fn manifest(
    options: &Options,
    wanted: &Wanted,
    meant: &Meant,
    game: &Game<'_>,
    place: &Path,
    command: &[OsString],
) -> Manifest {
    let (inputs, hash) = inputs(&meant.inputs, &options.set, place);
    let numbers = options
        .shard
        .map_or(1..wanted.axes.len() + 1, |shard| shard.share(wanted.axes.len()));
    let (combination, design_seed) = described(wanted.axes.combination());
    let axes = wanted.axes.axes().iter();
    Manifest {
        format: 1,
        kind: Kind::Sweep,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        name: meant.name.clone(),
        seed: game.order.source.seed,
        sampler: game.order.source.method.sampler().name.to_owned(),
        trials: game.order.trials,
        confidence: game.confidence,
        precision: None,
        set: options.set.clone(),
        hash,
        inputs,
        excel: false,
        part: None,
        files: vec![SWEEP.to_owned()],
        hashes: std::collections::BTreeMap::new(),
        sweep: Some(ManifestSweep {
            axes: axes.map(Axis::written).collect(),
            metrics: game.sought.iter().map(|sought| sought.0.clone()).collect(),
            combination,
            design_seed,
            points: wanted.axes.len(),
            first: numbers.start,
            end: numbers.end,
        }),
    }
}

/// How axes are put together, as the manifest has it, with the seed of a design.
fn described(combination: Combination) -> (String, Option<u64>) {
    match combination {
        Combination::Design { method, seed, .. } => (method.sampler().name.to_owned(), Some(seed)),
        single => {
            let known = COMBINATIONS.iter().find(|(_, known)| *known == single);
            (known.map_or("grid", |(name, _)| name).to_owned(), None)
        }
    }
}

impl Options {
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
