//! The points of a sweep, played batch after batch.

use std::ops::Range;
use std::path::PathBuf;
use std::time::Instant;

use rayon::ThreadPool;

use super::points::{BATCH, Points};
use super::rows::Rows;
use super::{Options, Wanted};
use crate::axes::Point;
use crate::cli::forecast::{self, Pace};
use crate::cli::progress::Progress;
use crate::cli::{Failure, Outcome, play, terminal};
use crate::distribution::TableCache;
use crate::model::Model;
use crate::report::number::thousands;
use crate::report::sweep::{Head, Row};
use crate::sampling::Source;
use crate::study::run::{Order, Unwatched, Watch};
use crate::sweep::{Figure, Outcome as Found, Sought, Sweep, Variant};

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
            title: base.model.title.clone(),
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
            tables,
            pool,
            sought,
            figures,
            order,
            confidence,
            head,
        })
    }

    /// Plays all points from `next` on (all, if absent), batch after batch, and writes their rows as they come.
    pub fn play(
        &self,
        points: &Points<'_>,
        next: Option<u64>,
        rows: &mut Rows<'_>,
        options: &Options,
    ) -> Outcome {
        let first = points.numbers.start;
        let points = Points {
            numbers: next.unwrap_or(first)..points.numbers.end,
            ..*points
        };
        let batches = points.len().div_ceil(BATCH).max(1);
        let progress = Progress::new(self.order.trials.saturating_mul(batches), options.quiet, None);
        for numbers in points.batches() {
            let played = self.batch(&points, numbers.clone(), &progress);
            if let Err(Failure::Interrupted) = played {
                keep(rows, numbers.start - first, numbers.start)?;
            }
            for row in played? {
                rows.write(&self.head, &row)?;
            }
            rows.keep_if_due(numbers.end)?;
        }
        progress.finish();
        Ok(())
    }

    /// The rows of some points; before the first one that of the base.
    fn batch(
        &self,
        points: &Points<'_>,
        numbers: Range<u64>,
        progress: &Progress<'_>,
    ) -> Result<Vec<Row>, Failure> {
        let (points, variants): (Vec<Point>, Vec<Variant>) = points
            .variants(numbers.clone(), self.tables, self.pool)?
            .into_iter()
            .unzip();
        let mut outcomes = self
            .outcomes(&variants, self.order, progress, numbers.start)?
            .into_iter();
        let base = outcomes.next().filter(|_| numbers.start == 1);
        let as_it_stands = vec![None; self.head.axes.len()];
        let base = base.map(|outcome| row(0, as_it_stands, outcome, &self.base.model));
        let others = numbers
            .zip(points)
            .zip(&variants)
            .zip(outcomes)
            .map(|(((number, point), variant), outcome)| row(number, point.cells, outcome, &variant.model));
        Ok(base.into_iter().chain(others).collect())
    }

    /// What comes of some points, after what comes of the base.
    fn outcomes(
        &self,
        variants: &[Variant],
        order: Order,
        watch: &dyn Watch,
        first: u64,
    ) -> Result<Vec<Found>, Failure> {
        let mut figures = vec![self.figures.clone()];
        for variant in variants {
            figures.push(find(&self.sought, variant)?);
        }
        let sweep = Sweep::new(self.base, variants, figures);
        match sweep.play(order, self.confidence, self.pool, watch) {
            None => Err(Failure::Interrupted),
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

    /// Says how many points and trials there are, and about how long and how much they take, from a short trial of the first;
    /// nothing, if they are up to date in a folder.
    pub fn foresee(&self, points: &Points<'_>, options: &Options, there: Option<&PathBuf>) -> Outcome {
        let (seconds, bytes) = match there {
            Some(_) => (0.0, 0.0),
            None => self.forecast(points)?,
        };
        if options.json {
            let told = serde_json::json!({
                "points": points.len(), "trials": self.order.trials, "is_up_to_date": there.is_some(),
                "seconds": seconds, "bytes": bytes,
            });
            return terminal::print(&format!("{told:#}\n"));
        }
        let many = format!(
            "{} points of {} futures each",
            thousands(points.len() as f64, 0),
            thousands(self.order.trials as f64, 0)
        );
        terminal::print(&match there {
            Some(place) => format!(
                "{many}: up to date in {}, nothing would be played\n",
                place.display()
            ),
            None => {
                let (time, disk) = (forecast::time(seconds), forecast::disk(bytes));
                format!("{many}: {time}, and {disk}\n")
            }
        })
    }

    /// About how many seconds it takes, and how many bytes.
    fn forecast(&self, points: &Points<'_>) -> Result<(f64, f64), Failure> {
        let numbers = points.batches().next().unwrap_or(1..1);
        let begun = Instant::now();
        let batch = points.variants(numbers.clone(), self.tables, self.pool)?;
        let built = begun.elapsed().as_secs_f64();
        let variants: Vec<Variant> = batch.into_iter().map(|(_, variant)| variant).collect();
        let pace = Pace::measure(|trials| {
            let order = Order { trials, ..self.order };
            self.outcomes(&variants, order, &Unwatched, numbers.start)
                .map(|_| ())
        })?;
        let played = pace.seconds(self.order.trials);
        let batches = points.len() as f64 / variants.len().max(1) as f64;
        let seconds = (built + played) * batches;
        let columns = crate::report::sweep::header(&self.head).len() as f64;
        let bytes = points.len() as f64 * columns * 11.0;
        Ok((seconds, bytes))
    }
}

/// Keeps the rows before a point when somebody has asked to stop, and says so.
fn keep(rows: &mut Rows<'_>, count: u64, next: u64) -> Outcome {
    if count == 0 {
        terminal::tell("stopped: no point of the first batch was finished, and nothing is kept");
        return Ok(());
    }
    rows.keep(next)?;
    terminal::tell(&format!(
        "stopped: {count} points are kept in `{}`; the same command goes on from there",
        rows.folder().display()
    ));
    Ok(())
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
