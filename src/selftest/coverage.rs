//! How many of many intervals contain the truth.
//!
//! One small scenario is played over and over, each time with another seed, and each kind of 95 % interval is held
//! against the exact figure. For points that are spread evenly, a mean that is known is integrated directly.

use rayon::ThreadPool;
use rayon::iter::{IntoParallelIterator, ParallelIterator};
use serde::Serialize;

use super::cases::{CONFIDENCE, Played};
use super::{Effort, LIMIT};
use crate::draw::{Key, State, hash};
use crate::estimate::Estimate;
use crate::estimate::monitor::{Evidence, Target};
use crate::estimate::proportion::wilson;
use crate::estimate::replicates::{Replicate, bounded};
use crate::sampling::{BLOCK, Method, SAMPLERS, Source, latin_hypercube, numbered, sobol};
use crate::study::looks;
use crate::study::run::{Team, Unwatched};

/// An exponential delay of mean 200.
const TEXT: &str = include_str!("coverage.toml");

/// Trials of each interval at a fixed number of trials.
const TRIALS: u64 = 2_048;

/// The half-width at which the sequential runs stop, after some ten looks.
const PRECISION: f64 = 0.01;

/// The most trials of a sequential run.
const MOST_TRIALS: u64 = 10_000_000;

/// A kind of intervals, and how many of them hold the truth.
#[derive(Clone, Debug, Serialize)]
pub struct Coverage {
    /// What intervals they are.
    pub intervals: String,
    /// How many there were.
    pub repetitions: u64,
    /// How many contain the exact figure.
    pub covered: u64,
    /// Which share that is.
    pub coverage: f64,
    /// Lower end of its own 95 % interval.
    pub low: f64,
    /// Upper end of its own 95 % interval.
    pub high: f64,
    /// What they promise.
    pub promised: f64,
    /// Whether they may hold more often than that.
    pub may_exceed: bool,
    /// Standard errors between the coverage and what was promised.
    pub z: f64,
    /// Whether that is within the limit.
    pub passed: bool,
}

impl Coverage {
    fn of(intervals: String, covered: u64, repetitions: u64, may_exceed: bool) -> Self {
        let own = wilson(covered as f64, repetitions, CONFIDENCE);
        let error = (CONFIDENCE * (1.0 - CONFIDENCE) / repetitions as f64).sqrt();
        let z = (own.estimate - CONFIDENCE) / error;
        Self {
            intervals,
            repetitions,
            covered,
            coverage: own.estimate,
            low: own.low,
            high: own.high,
            promised: CONFIDENCE,
            may_exceed,
            z,
            passed: z >= -LIMIT && (may_exceed || z <= LIMIT),
        }
    }
}

/// Measures every kind.
pub fn measure(effort: Effort, pool: &ThreadPool, tell: &dyn Fn(&str)) -> Vec<Coverage> {
    let played = Played::new("coverage", TEXT);
    let mut kinds = fixed(&played, effort, pool, tell);
    kinds.push(sequential(&played, effort, pool, tell));
    kinds.extend(
        SAMPLERS
            .iter()
            .filter(|sampler| sampler.replicates > 1)
            .map(|sampler| {
                tell(&format!("integrating with `{}`", sampler.name));
                spread(sampler.method, effort, pool)
            }),
    );
    kinds
}

/// Intervals at a fixed number of trials: of a chance, a quantile and a mean.
///
/// Those of times end at the edges of bins, of a quarter of a day here, where the interval itself is twenty days long: so
/// they hold a little more often than they promise. Those of means are widened by a term of the order of one trial, see
/// [`mean`](crate::estimate::mean), which is 7 % of the length here: 96.4 % are to be expected.
fn fixed(played: &Played, effort: Effort, pool: &ThreadPool, tell: &dyn Fn(&str)) -> Vec<Coverage> {
    let mut covered = [0; 3];
    for repetition in 0..effort.repetitions {
        tell_hundredth("intervals at a fixed number of trials", repetition, effort, tell);
        let results = played.results(numbered(effort.seed, repetition), TRIALS, pool);
        let mission = &results.mission;
        let median = mission.times.iter().find(|time| time.quantile == 0.5);
        let median = median.expect("the median is reported").value;
        let exact = [
            (mission.ready_by[100], exact_ready()),
            (median, 200.0 * std::f64::consts::LN_2),
            (mission.days_ready, 600.0 + 200.0 * libm::expm1(-3.0)),
        ];
        for (covered, (interval, exact)) in covered.iter_mut().zip(exact) {
            *covered += u64::from(holds(&interval, exact));
        }
    }
    let names = [
        ("a chance (Wilson)", false),
        ("a median (order statistics)", true),
        ("a mean (normal)", true),
    ];
    let kinds = names.into_iter().zip(covered);
    kinds
        .map(|((name, may_exceed), covered)| {
            Coverage::of(
                format!("{name}, {TRIALS} trials"),
                covered,
                effort.repetitions,
                may_exceed,
            )
        })
        .collect()
}

/// The chance of the small scenario to be ready by day 100.
fn exact_ready() -> f64 {
    -libm::expm1(-0.5)
}

fn holds(interval: &Estimate, exact: f64) -> bool {
    (interval.low..=interval.high).contains(&exact)
}

/// Runs that stop at the first look at which a chance is known to [`PRECISION`].
fn sequential(played: &Played, effort: Effort, pool: &ThreadPool, tell: &dyn Fn(&str)) -> Coverage {
    let target = Target::new(played.find("ready_by@100"), PRECISION, CONFIDENCE);
    let mut covered = 0;
    for repetition in 0..effort.repetitions {
        tell_hundredth("runs that stop when they know enough", repetition, effort, tell);
        let seed = numbered(effort.seed, repetition);
        let interval = stopped(played, &target, seed, pool);
        covered += u64::from(holds(&interval, exact_ready()));
    }
    let name = format!("a chance, stopped at ±{PRECISION} (confidence sequence)");
    Coverage::of(name, covered, effort.repetitions, true)
}

/// The interval at which a run stops.
fn stopped(played: &Played, target: &Target, seed: u64, pool: &ThreadPool) -> Estimate {
    let mut team = Team::new(&played.plan, Source::random(seed), 0, pool);
    let mut trials = 0;
    loop {
        let look = looks::next(trials, MOST_TRIALS);
        team.play(look - trials, &Unwatched);
        trials = look;
        let mut evidence = Evidence::default();
        team.look(|tally| evidence += target.monitored.evidence(tally));
        let interval = target.interval(evidence);
        if target.is_met(&interval) || trials == MOST_TRIALS {
            return interval;
        }
    }
}

/// Student's t intervals over the replicates of a method: of the chance that three uniforms add up to less than 1.2.
fn spread(method: Method, effort: Effort, pool: &ThreadPool) -> Coverage {
    // The corner of the cube less the three corners beyond its faces.
    let exact = (libm::pow(1.2, 3.0) - 3.0 * libm::pow(0.2, 3.0)) / 6.0;
    let repetitions = (0..effort.repetitions).into_par_iter();
    let covers = |&repetition: &u64| {
        let seed = numbered(effort.seed, repetition);
        let replicates: Vec<Replicate> = (0..method.replicates().count())
            .map(|replicate| successes(method, seed, replicate))
            .collect();
        holds(&bounded(&replicates, 1.0, CONFIDENCE), exact)
    };
    let covered = pool.install(|| repetitions.filter(covers).count());
    let name = format!(
        "a chance, `{}` (Student's t over {} replicates)",
        method.sampler().name,
        method.replicates().count()
    );
    Coverage::of(name, covered as u64, effort.repetitions, false)
}

/// How many points of one block have coordinates that add up to less than 1.2.
fn successes(method: Method, seed: u64, replicate: u64) -> Replicate {
    let mut sums = [0.0; BLOCK];
    for dimension in 0..3 {
        let mut draws = [0; BLOCK];
        let key = numbered(numbered(seed, dimension as u64), replicate);
        fill(method, dimension, key, &mut draws);
        for (sum, draw) in sums.iter_mut().zip(draws) {
            *sum += (f64::from(draw) + 0.5) / 4_294_967_296.0;
        }
    }
    Replicate {
        sum: sums.iter().filter(|&&sum| sum < 1.2).count() as f64,
        trials: BLOCK as u64,
    }
}

/// The draws of a block in a dimension.
fn fill(method: Method, dimension: usize, key: u64, draws: &mut [u32; BLOCK]) {
    if method == Method::Sobol {
        sobol::fill(dimension, key, 0, draws);
        return;
    }
    for (draw, trial) in draws.iter_mut().zip(0..) {
        *draw = hash(Key::of("selftest.spread"), State::of(key, trial));
    }
    if method == Method::LatinHypercube {
        latin_hypercube::stratify(key, draws);
    }
}

/// Says how far it is, a hundred times in all.
fn tell_hundredth(what: &str, repetition: u64, effort: Effort, tell: &dyn Fn(&str)) {
    if repetition.is_multiple_of(effort.repetitions.div_ceil(100)) {
        tell(&format!("{what}: {repetition} of {}", effort.repetitions));
    }
}
