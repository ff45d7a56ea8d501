//! The points of a sweep, played batch after batch.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use rayon::ThreadPool;

use super::points::{BATCH, Points};
use super::rows::{Kept, Rows};
use super::{Options, Wanted};
use crate::axes::{Axes, Point};
use crate::cli::forecast::{self, Pace};
use crate::cli::progress::Progress;
use crate::cli::{Failure, Outcome, interrupt, play, terminal};
use crate::distribution::TableCache;
use crate::engine::Runaway;
use crate::lanes::BLOCK;
use crate::model::Model;
use crate::report::number::thousands;
use crate::report::sweep::{Head, Row};
use crate::sampling::Source;
use crate::scenario::address::Address;
use crate::study::run::{Order, Unwatched};
use crate::sweep::{Counted, Figure, Outcome as Found, Pass, Sought, Sweep, Variant};

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
pub struct Game<'g> {
    base: &'g Variant,
    tables: &'g TableCache,
    pool: &'g ThreadPool,
    /// The figures that are wanted.
    pub sought: Vec<Sought>,
    /// Where each is written; none, if they are the usual ones.
    places: Vec<String>,
    figures: Vec<Figure>,
    /// The futures of each point.
    pub order: Order,
    /// Confidence of all intervals.
    pub confidence: f64,
    /// What all rows have in common.
    pub head: Head,
}

impl<'g> Game<'g> {
    /// That of a scenario, with tables that are known already, and those who play.
    pub fn new(
        options: &Options,
        wanted: &Wanted,
        base: &'g Variant,
        (tables, pool): (&'g TableCache, &'g ThreadPool),
    ) -> Result<Self, Failure> {
        let simulation = base.model.simulation;
        let sought = if wanted.metrics.is_empty() {
            usual(&base.model)
        } else {
            wanted.metrics.clone()
        };
        let figures = find(&sought, &wanted.places.metrics, base)?;
        let order = Order {
            source: Source {
                seed: options.seed.unwrap_or(simulation.seed()),
                method: options.sampler.unwrap_or(simulation.sampler()),
            },
            first: 0,
            trials: options.trials.unwrap_or(simulation.trials()),
        };
        let confidence = options.confidence.unwrap_or(simulation.confidence());
        let columns = columns(&sought, &figures, &wanted.axes);
        refuse_twins(&columns, &sought, &wanted.places.metrics)?;
        let head = Head {
            title: base.model.title.clone(),
            axes: wanted.axes.axes().iter().map(|axis| axis.name.clone()).collect(),
            figures: columns,
            has_difference: figures.iter().map(Figure::has_difference).collect(),
            confidence,
            trials: order.trials,
            seed: order.source.seed,
        };
        Ok(Self {
            base,
            tables,
            pool,
            sought,
            places: wanted.places.metrics.clone(),
            figures,
            order,
            confidence,
            head,
        })
    }

    /// Plays all points that are not kept, batch after batch, and writes their rows as they come.
    pub fn play(&self, points: &Points<'_>, kept: Kept, rows: &mut Rows<'_>, options: &Options) -> Outcome {
        let first = points.numbers.start;
        let points = Points {
            numbers: kept.next.max(first)..points.numbers.end,
            ..*points
        };
        let batches = points.len().div_ceil(BATCH).max(1);
        let progress = Progress::new(self.order.trials.saturating_mul(batches), options.quiet, None);
        let mut counted = kept.counted;
        for numbers in points.batches() {
            let batch = self.batch(&points, numbers)?;
            let played = batch.play(counted.take(), &progress, |counted| {
                rows.keep(batch.numbers.start, Some(counted))?;
                if interrupt::is_asked() {
                    tell_stopped(rows, batch.numbers.start - first, counted.trials());
                    return Err(Failure::Interrupted);
                }
                Ok(())
            });
            for row in played? {
                rows.write(&self.head, &row)?;
            }
            rows.keep_if_due(batch.numbers.end)?;
        }
        progress.finish();
        Ok(())
    }

    /// Some points, ready to be played.
    fn batch(&self, points: &Points<'_>, numbers: Range<u64>) -> Result<Batch<'_>, Failure> {
        let found = points.variants(numbers.clone(), self.tables, self.pool)?;
        let (points, variants): (Vec<Point>, Vec<Variant>) = found.into_iter().unzip();
        let mut figures = vec![self.figures.clone()];
        for variant in &variants {
            figures.push(find(&self.sought, &self.places, variant)?);
        }
        Ok(Batch {
            game: self,
            numbers,
            points,
            variants,
            figures,
        })
    }

    /// Says how many points and trials there are, and about how long and how much they take, from a short trial of the first;
    /// nothing, if they are up to date in a folder.
    pub fn foresee(&self, points: &Points<'_>, options: &Options, there: Option<&PathBuf>) -> Outcome {
        let (seconds, bytes) = match there {
            Some(_) => (0.0, 0.0),
            None => self.forecast(points)?,
        };
        let memory = there.is_none().then(forecast::memory).flatten();
        if options.json {
            let told = serde_json::json!({
                "points": points.len(), "trials": self.order.trials, "is_up_to_date": there.is_some(),
                "seconds": seconds, "bytes": bytes, "memory": memory,
            });
            return terminal::print_json(&told);
        }
        let many = format!(
            "{} points of {} futures each",
            thousands(points.len() as f64, 0),
            thousands(self.order.trials as f64, 0)
        );
        terminal::say(&match there {
            Some(place) => format!(
                "{many}: up to date in {}, nothing would be played\n",
                place.display()
            ),
            None => {
                let (time, disk) = (forecast::time(seconds), forecast::disk(bytes));
                let memory = forecast::in_memory(memory);
                format!("{many}: {time}, {memory}and {disk}\n")
            }
        })
    }

    /// About how many seconds it takes, and how many bytes.
    fn forecast(&self, points: &Points<'_>) -> Result<(f64, f64), Failure> {
        let numbers = points.batches().next().unwrap_or(1..1);
        let begun = Instant::now();
        let batch = self.batch(points, numbers)?;
        let built = begun.elapsed().as_secs_f64();
        let sweep = batch.sweep();
        let few = (BLOCK * self.pool.current_num_threads()) as u64;
        let pace = Pace::measure(few, self.order.trials, |trials| {
            let order = Order { trials, ..self.order };
            let outcomes = sweep.play(order, self.confidence, self.pool, &Unwatched);
            outcomes.map_or(Ok(()), |outcomes| batch.rest(outcomes).map(|_| ()))
        })?;
        let played = pace.seconds(self.order.trials);
        let batches = points.len() as f64 / batch.variants.len().max(1) as f64;
        let seconds = (built + played) * batches;
        let columns = crate::report::sweep::header(&self.head).len() as f64;
        // The manifest keeps the texts too.
        let bytes = points.len() as f64 * columns * 11.0 + points.opened.length() as f64;
        Ok((seconds, bytes))
    }
}

/// Points that are played together.
struct Batch<'b> {
    game: &'b Game<'b>,
    numbers: Range<u64>,
    points: Vec<Point>,
    variants: Vec<Variant>,
    /// The figures of the base, then of each point.
    figures: Vec<Vec<Figure>>,
}

impl Batch<'_> {
    fn sweep(&self) -> Sweep<'_> {
        Sweep::new(self.game.base, &self.variants, self.figures.clone())
    }

    /// Plays them, and returns their rows; before the first one that of the base. `counted` is what has been kept of their
    /// trials by now; whenever it is time to keep what there is, `keep` does so, or ends it.
    fn play(
        &self,
        counted: Option<Vec<u8>>,
        progress: &Progress<'_>,
        mut keep: impl FnMut(&Counted) -> Outcome,
    ) -> Result<Vec<Row>, Failure> {
        let game = self.game;
        let sweep = self.sweep();
        let before = counted.and_then(|counted| Counted::unpack(&counted, &sweep, game.order.source.method));
        let mut pass = Pass::new(&sweep, game.order, before, game.pool);
        progress.begin();
        while !pass.play(progress) && pass.runaway().is_none() {
            keep(&pass.so_far())?;
            progress.begin();
        }
        let outcomes = self.rest(pass.finish(game.confidence))?;
        Ok(self.rows(outcomes))
    }

    /// What came of the points, if every process came to rest.
    fn rest(&self, outcomes: Result<Vec<Found>, (usize, Runaway)>) -> Result<Vec<Found>, Failure> {
        let (point, runaway) = match outcomes {
            Ok(outcomes) => return Ok(outcomes),
            Err(runaway) => runaway,
        };
        let model = match point.checked_sub(1) {
            None => &self.game.base.model,
            Some(place) => {
                let number = self.numbers.start + place as u64;
                terminal::complain(&format!("point {number} cannot be played"));
                &self.variants[place].model
            }
        };
        play::refuse_runaway(model, Some(runaway)).map(|()| Vec::new())
    }

    fn rows(&self, outcomes: Vec<Found>) -> Vec<Row> {
        let mut outcomes = outcomes.into_iter();
        let base = outcomes.next().filter(|_| self.numbers.start == 1);
        let as_it_stands = vec![None; self.game.head.axes.len()];
        let base = base.map(|outcome| row(0, as_it_stands, outcome, &self.game.base.model));
        let points = self.numbers.clone().zip(&self.points).zip(&self.variants);
        let others = points.zip(outcomes).map(|(((number, point), variant), outcome)| {
            row(number, point.cells.clone(), outcome, &variant.model)
        });
        base.into_iter().chain(others).collect()
    }
}

/// Says what is kept of a sweep that somebody has asked to stop.
fn tell_stopped(rows: &Rows<'_>, points: u64, trials: u64) {
    let folder = rows.folder().display();
    terminal::tell(&format!(
        "stopped: {points} points and {trials} trials of the next ones are kept in `{folder}`; the same command goes on from there"
    ));
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

/// The names of the figures in files, and whether each is a part of all futures.
///
/// A name in full has the day that the base knows it by; where that is another at some points, since they start or end on other
/// days, it stays as it was asked for.
fn columns(sought: &[Sought], figures: &[Figure], axes: &Axes) -> Vec<(String, bool)> {
    let addresses = axes.axes().iter().flat_map(|axis| &axis.addresses);
    let moves_days = |address: &Address| matches!(&*address.keys()[0], "start" | "horizon");
    let is_moved = addresses.into_iter().any(moves_days);
    let column = |(sought, figure): (&Sought, &Figure)| {
        let name = if is_moved { &sought.0 } else { &figure.name };
        let is_part = matches!(figure.metric.unit, "probability" | "share");
        (name.clone(), is_part)
    };
    sought.iter().zip(figures).map(column).collect()
}

/// Why a figure cannot be had, with where it is written.
fn faulty(sought: &Sought, place: Option<&String>, message: &str) -> Failure {
    let place = place.map_or("--metric", String::as_str);
    Failure::Usage(format!("in `{place} {}`: {message}", sought.0))
}

/// Refuses two columns of one name, by which programs find them.
fn refuse_twins(columns: &[(String, bool)], sought: &[Sought], places: &[String]) -> Outcome {
    for (index, (name, _)) in columns.iter().enumerate() {
        if columns[..index].iter().any(|(other, _)| other == name) {
            let message = format!("`{name}` is wanted twice");
            return Err(faulty(&sought[index], places.get(index), &message));
        }
    }
    Ok(())
}

/// The figures in a scenario.
fn find(sought: &[Sought], places: &[String], variant: &Variant) -> Result<Vec<Figure>, Failure> {
    let found = sought.iter().enumerate().map(|(index, sought)| {
        let found = sought.find(variant);
        found.map_err(|message| faulty(sought, places.get(index), &message))
    });
    found.collect()
}
