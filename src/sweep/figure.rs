//! The figures of a sweep: found by their names, and estimated from the sums of a point.

use super::Variant;
use super::sums::{Count, Observed, Unit};

use crate::estimate::monitor::{full_name, midnight};
use crate::estimate::proportion::wilson;
use crate::estimate::replicates::{Bands, Interval};
use crate::estimate::total::Totals;
use crate::estimate::{Clock, Estimate, mean, paired};
use crate::metric::{Argument, Metric, Named};
use crate::model::{CapabilityId, GateId};
use crate::probe::{self, Probe, subject_capability, subject_signal};
use crate::tally::COARSE;

/// A figure that is wanted of every point: `[SUBJECT:]METRIC[@DAY]`, such as `ready_by` or `objectives.safe_seas:time_p50`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought(pub String);

/// A figure found in a scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// Its name in full.
    pub name: String,
    /// Which kind of figure it is.
    pub metric: &'static Metric,
    /// What is observed of each trial.
    pub(super) observed: Observed,
    /// Which quantile of that it is; its mean, if absent.
    quantile: Option<f64>,
}

impl Sought {
    /// Finds the figure in a scenario. One of a day that is not named is that of the last.
    ///
    /// # Errors
    /// A sentence, if there is no such figure, or sweeps do not count it.
    pub fn find(&self, of: &Variant) -> Result<Figure, String> {
        let (model, plan) = (&of.model, &of.plan);
        let subjects = model.subjects();
        let named = Named::read(&self.0)?.of(&subjects);
        let grid = plan.grid;
        let midnight = named
            .when
            .map_or(Ok(grid.days), |when| midnight(when, model.start, grid))?;
        // A quantile stands in the name of its metric, as it does in files.
        let suffix = self.0.rsplit_once("_p").filter(|_| named.quantile.is_some());
        let percent = suffix.map(|(_, rest)| rest.split_once('@').map_or(rest, |(percent, _)| percent));
        let percent = percent.map_or_else(String::new, |percent| format!("_p{percent}"));
        let name = full_name(&named, midnight) + &percent;
        let name = match named.metric.name {
            "total" => format!("{name}@{midnight}"),
            _ => name,
        };
        if named.metric.argument == Argument::Quantile && named.quantile.is_none() {
            let name = named.metric.name;
            return Err(format!("name the quantile, as in `{name}_p50`"));
        }
        let figure = probe::Figure {
            metric: named.metric.name,
            subject: named.subject,
            day: (named.metric.argument == Argument::Day).then_some(midnight as f64),
        };
        let observed = match named.metric.name {
            "total" | "total_mean" => Observed::Total {
                capability: subject_capability(figure, model)?,
                midnight,
            },
            _ if named.quantile.is_some() => Observed::First(subject_signal(figure, (model, plan))?),
            _ => Observed::Value(Probe::of_mean(figure, (model, plan))?),
        };
        Ok(Figure {
            name,
            metric: named.metric,
            observed,
            quantile: named.quantile,
        })
    }
}

impl Figure {
    /// Whether it has a difference from the base by trials: quantiles have none.
    #[must_use]
    pub fn has_difference(&self) -> bool {
        self.quantile.is_none()
    }
}

/// What all estimates of one pass have in common.
#[derive(Clone, Debug)]
pub(super) struct Estimates {
    /// Trials played.
    pub trials: u64,
    /// Those in which totals are counted.
    pub total_trials: u64,
    /// Where intervals come from if trials depend on each other.
    pub interval: Option<Interval>,
    /// Confidence of all intervals.
    pub confidence: f64,
}

impl Estimates {
    /// A figure of a scenario from what was counted of it.
    pub(super) fn figure(&self, figure: &Figure, of: &Variant, count: &Count) -> Estimate {
        match (figure.observed, figure.quantile) {
            (Observed::Value(probe), _) => self.mean(count, probe, of),
            (Observed::First(_), quantile) => self.quantile(count, quantile.unwrap_or(0.5), of),
            (Observed::Total { capability, .. }, quantile) => {
                let totals = self.totals(count, of, capability);
                let sums = count.sums[0];
                quantile.map_or_else(
                    || totals.mean(sums.value, sums.square, count.is_endless),
                    |quantile| totals.quantile(quantile),
                )
            }
        }
    }

    /// What was counted of a total.
    fn totals<'v>(&self, count: &Count, of: &'v Variant, capability: CapabilityId) -> Totals<'v> {
        let planned = &of.plan.capabilities[capability];
        let counts = count.bins.first().into_iter().flatten();
        let counts = counts.map(|count| count.unsigned_abs());
        Totals::new(counts, planned, self.total_trials, self.confidence)
    }

    /// A mean, as results have it.
    fn mean(&self, count: &Count, probe: Probe, of: &Variant) -> Estimate {
        let scale = probe.scale(&of.plan);
        let sums = count.sums.iter().map(|sums| sums.value as f64 / scale.unit);
        if let Some(interval) = &self.interval {
            return interval.of(sums, scale.high);
        }
        let sum: f64 = sums.sum();
        if matches!(probe, Probe::Held { .. }) {
            let unit = f64::from(COARSE) / scale.unit;
            let squares = count.sums[0].square as f64 * unit.powi(2);
            return mean::bounded(sum, squares, self.trials, of.plan.horizon, self.confidence);
        }
        wilson(sum, self.trials, self.confidence)
    }

    /// A quantile of first moments, as results have it.
    fn quantile(&self, count: &Count, quantile: f64, of: &Variant) -> Estimate {
        let clock = Clock {
            grid: of.plan.grid,
            horizon: of.plan.horizon,
        };
        let histograms: Vec<Vec<u64>> = count.bins.iter().map(|bins| unsigned(bins)).collect();
        let mut whole = vec![0; of.plan.grid.bins()];
        for histogram in &histograms {
            whole
                .iter_mut()
                .zip(histogram)
                .for_each(|(sum, count)| *sum += count);
        }
        let bands = self.interval.as_ref().map(|_| {
            let parts: Vec<&[u64]> = histograms.iter().map(Vec::as_slice).collect();
            Bands::new(&parts, self.confidence)
        });
        clock.quantile(quantile, &whole, bands.as_ref(), self.trials, self.confidence)
    }

    /// How much a mean of a scenario is above that of the base, from their differences trial by trial; none for quantiles,
    /// which have no difference by trials, and where a mean is infinite. What was counted of the base tells how far apart totals can be.
    pub(super) fn difference(
        &self,
        figure: &Figure,
        [of, base]: [&Variant; 2],
        [count, base_count]: [&Count; 2],
    ) -> Option<Estimate> {
        let probe = match (figure.observed, figure.quantile) {
            (Observed::Value(probe), None) => probe,
            (Observed::Total { .. }, None) if count.is_endless || base_count.is_endless => return None,
            (Observed::Total { capability, .. }, None) => {
                let own = self.totals(count, of, capability);
                let base = self.totals(base_count, base, capability);
                let sums = count.sums[0];
                return Some(own.difference(&base, sums.difference, sums.difference_square));
            }
            _ => return None,
        };
        // Where a point has another horizon, its values reach further than the base's, or less far.
        let [scale, other] = [of, base].map(|variant| probe.scale(&variant.plan));
        let range = scale.high.max(other.high) - scale.low.min(other.low);
        let unit = scale.unit * Unit::of(figure.observed, &of.plan).fineness as f64;
        let sums = count.sums.iter().map(|sums| sums.difference as f64 / unit);
        if let Some(interval) = &self.interval {
            return Some(interval.of_difference(sums, range));
        }
        Some(if unit == 1.0 {
            let (net, gross) = (count.sums[0].difference, count.sums[0].difference_square);
            let gained = u64::try_from(i128::midpoint(gross, net)).unwrap_or(0);
            let lost = u64::try_from(i128::midpoint(gross, -net)).unwrap_or(0);
            paired::proportion(gained, lost, self.trials, self.confidence)
        } else {
            let coarse = probe.coarseness() as f64 / unit;
            let squares = count.sums[0].difference_square as f64 * coarse.powi(2);
            paired::mean(sums.sum(), squares, self.trials, range, self.confidence)
        })
    }

    /// The gate that most often holds the mission back, with its share; the first of several that are equal.
    pub(super) fn bottleneck(&self, of: &Variant, shares: &[Count]) -> Option<(GateId, Estimate)> {
        let whole = |count: &Count| -> i128 { count.sums.iter().map(|sums| sums.value).sum() };
        let most = (0..shares.len()).max_by_key(|&gate| (whole(&shares[gate]), std::cmp::Reverse(gate)))?;
        Some((most, self.mean(&shares[most], Probe::Share { gate: most }, of)))
    }
}

/// Counts, of which none is negative once all ranks are added up.
fn unsigned(counts: &[i64]) -> Vec<u64> {
    counts.iter().map(|count| count.unsigned_abs()).collect()
}
