//! The straightforward program that the engine is compared with.
//!
//! It plays one scenario, `coalition30.toml`, whose structure is written here in code: one trial at a time, one
//! sequential [`SmallRng`], the distributions of `rand_distr`, and a sort of the arrivals per capability. It is what one
//! would write first, neither slowed down nor tuned: it draws only what a trial needs, and builds each distribution once.
//!
//! Its results agree with the engine's in distribution, not trial by trial: it draws from one stream instead of by
//! address, and does not round times and amounts to the engine's grid of 2⁻²⁰.
//!
//! The scenario allows three short cuts, each of which follows from its file: U.S. support once given stays, packages
//! once assembled stay, and amounts are never negative. So every objective, once met, stays met, and is one time; only
//! the ceasefire switches off again. All times are days since the start; ∞ is never.

use std::array;

use rand::{RngExt, SeedableRng, rngs::SmallRng};
use rand_distr::{Distribution, Exp, LogNormal, Pert, StandardNormal, Triangular, Weibull};

/// The last day of a trial: what would happen after it does not happen.
pub const HORIZON: f64 = 365.0;

/// The names of the objectives, in the order of [`Outcome::objectives`], which is that of the file.
pub const OBJECTIVES: [&str; 4] = [
    "peace_on_land",
    "safe_skies",
    "safe_seas",
    "strong_ukrainian_military",
];

const CONTRIBUTORS: usize = 30;

/// The days that the ceasefire must have held before the mission is ready.
const CEASEFIRE_HELD: f64 = 14.0;

/// The correlation of the contributors' chances (a Gaussian copula with one common factor).
const RHO: f64 = 0.3;

/// The 90 % quantile of the standard normal distribution.
const Z90: f64 = 1.281_551_565_544_600_4;

/// What a package adds to; the value is its index in arrays by capability.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Capability {
    Troops,
    CombatAircraft,
    Ships,
    TrainingTeams,
}

/// The scenario, with its distributions built once.
#[derive(Clone, Debug)]
pub struct Coalition {
    pub ceasefire: Ceasefire,
    pub logistics: Support,
    pub air_defence: Support,
    pub intelligence: Support,
    pub contributors: [Contributor; CONTRIBUTORS],
}

/// A ceasefire that may come, collapse, and come again.
#[derive(Clone, Debug)]
pub struct Ceasefire {
    /// The chance that there is ever one.
    pub chance: f64,
    /// Days from the start to the first.
    pub after: Weibull<f64>,
    /// Days that each lasts.
    pub lasts: Weibull<f64>,
    /// Days from the end of one to the next.
    pub again: Exp<f64>,
}

/// A kind of U.S. support, which stays once given.
#[derive(Clone, Debug)]
pub struct Support {
    /// The chance that it is ever given.
    pub chance: f64,
    /// Days from the start until it is given.
    pub after: LogNormal<f64>,
}

/// A country that may pledge two packages.
#[derive(Clone, Debug)]
pub struct Contributor {
    /// The chance that it pledges.
    pub chance: f64,
    /// Whether it decides only once there is U.S. logistics support.
    pub requires_logistics: bool,
    /// Days to the decision, from the start or from the logistics support.
    pub decision: LogNormal<f64>,
    pub packages: [Package; 2],
}

/// What a contributor provides of one capability, for good.
#[derive(Clone, Debug)]
pub struct Package {
    pub capability: Capability,
    pub amount: Triangular<f64>,
    /// Days from the pledge until it is assembled.
    pub notice_to_move: Pert<f64>,
}

/// What came of one trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The first day on which the mission is ready; ∞ if it never is within the horizon.
    pub first_ready: f64,
    /// The day from which each of the [`OBJECTIVES`] is met; ∞ if it never is within the horizon.
    pub objectives: [f64; OBJECTIVES.len()],
}

/// Numbers of trials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// In which the mission was first ready by the horizon.
    pub ready_by_horizon: u64,
    /// In which the mission was first ready by day 180.
    pub ready_by_180: u64,
    /// In which each of the [`OBJECTIVES`] was met by the horizon.
    pub objectives_by_horizon: [u64; OBJECTIVES.len()],
    /// In all.
    pub trials: u64,
}

impl Coalition {
    /// The scenario of `coalition30.toml`.
    #[must_use]
    pub fn new() -> Self {
        let support = |chance| Support {
            chance,
            after: lognormal(30.0, 90.0),
        };
        Self {
            ceasefire: Ceasefire {
                chance: 0.6,
                after: Weibull::new(200.0, 1.2).expect("positive scale and shape"),
                lasts: Weibull::new(300.0, 0.7).expect("positive scale and shape"),
                again: Exp::new(1.0 / 60.0).expect("a positive rate"),
            },
            logistics: support(0.4),
            air_defence: support(0.3),
            intelligence: support(0.5),
            contributors: array::from_fn(Contributor::new),
        }
    }
}

impl Default for Coalition {
    fn default() -> Self {
        Self::new()
    }
}

impl Contributor {
    /// The contributor of that number, from 0 (`c00`) to 29 (`c29`).
    fn new(number: usize) -> Self {
        let n = number as f64;
        let second = match number % 3 {
            0 => Package::new(Capability::CombatAircraft, 0.0, 6.0, 18.0),
            1 => Package::new(Capability::Ships, 0.0, 1.0, 4.0),
            _ => Package::new(Capability::TrainingTeams, 0.0, 2.0, 6.0),
        };
        Self {
            chance: (35.0 + 2.0 * n) / 100.0,
            requires_logistics: number % 5 < 2,
            decision: lognormal(20.0 + n, 3.0 * (20.0 + n)),
            packages: [
                Package::new(Capability::Troops, 200.0, 800.0 + 100.0 * n, 3000.0 + 100.0 * n),
                second,
            ],
        }
    }
}

impl Package {
    fn new(capability: Capability, min: f64, mode: f64, max: f64) -> Self {
        Self {
            capability,
            amount: Triangular::new(min, max, mode).expect("min ≤ mode ≤ max"),
            notice_to_move: Pert::new(20.0, 120.0).with_mode(45.0).expect("min ≤ mode ≤ max"),
        }
    }
}

impl Support {
    /// Draws the day from which there is support.
    fn play(&self, rng: &mut SmallRng) -> f64 {
        if rng.random::<f64>() < self.chance {
            within_horizon(self.after.sample(rng))
        } else {
            f64::INFINITY
        }
    }
}

/// A package that is assembled.
struct Arrival {
    day: f64,
    amount: f64,
}

/// Plays one trial.
pub fn play(rng: &mut SmallRng, model: &Coalition) -> Outcome {
    let logistics = model.logistics.play(rng);
    let air_defence = model.air_defence.play(rng);
    let intelligence = model.intelligence.play(rng);

    let arrivals = play_contributors(rng, model, logistics);
    let reached = |capability: Capability, amount| first_reached(&arrivals[capability as usize], amount);
    let peace_on_land = reached(Capability::Troops, 20_000.0);
    let safe_skies = reached(Capability::CombatAircraft, 60.0)
        .min(reached(Capability::CombatAircraft, 30.0).max(air_defence));
    let safe_seas = reached(Capability::Ships, 8.0);
    let strong_ukrainian_military = reached(Capability::TrainingTeams, 20.0)
        .min(reached(Capability::TrainingTeams, 12.0).max(intelligence));

    let objectives = [peace_on_land, safe_skies, safe_seas, strong_ukrainian_military];
    let all_met = objectives.into_iter().fold(0.0, f64::max);
    Outcome {
        first_ready: play_ceasefire(rng, &model.ceasefire, all_met),
        objectives,
    }
}

/// Plays `trials` trials one after the other, from one generator with the given seed, and counts.
#[must_use]
pub fn run(trials: u64, seed: u64) -> Summary {
    let model = Coalition::new();
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut summary = Summary {
        trials,
        ..Summary::default()
    };
    for _ in 0..trials {
        let outcome = play(&mut rng, &model);
        summary.ready_by_horizon += u64::from(outcome.first_ready <= HORIZON);
        summary.ready_by_180 += u64::from(outcome.first_ready <= 180.0);
        for (count, day) in summary.objectives_by_horizon.iter_mut().zip(outcome.objectives) {
            *count += u64::from(day <= HORIZON);
        }
    }
    summary
}

/// Plays all contributors: the packages that arrive within the horizon, by capability, each list sorted by day.
fn play_contributors(rng: &mut SmallRng, model: &Coalition, logistics: f64) -> [Vec<Arrival>; 4] {
    let mut arrivals = array::from_fn(|_| Vec::with_capacity(CONTRIBUTORS));
    let common: f64 = StandardNormal.sample(rng);
    for contributor in &model.contributors {
        let start = if contributor.requires_logistics {
            logistics
        } else {
            0.0
        };
        if start > HORIZON || !pledges(rng, contributor.chance, common) {
            continue;
        }
        let pledge = start + contributor.decision.sample(rng);
        if pledge > HORIZON {
            continue;
        }
        for package in &contributor.packages {
            let day = pledge + package.notice_to_move.sample(rng);
            if day <= HORIZON {
                let amount = package.amount.sample(rng);
                arrivals[package.capability as usize].push(Arrival { day, amount });
            }
        }
    }
    for list in &mut arrivals {
        list.sort_unstable_by(|a, b| a.day.total_cmp(&b.day));
    }
    arrivals
}

/// Draws whether a contributor pledges, given the trial's common factor of all contributors.
fn pledges(rng: &mut SmallRng, chance: f64, common: f64) -> bool {
    let own: f64 = StandardNormal.sample(rng);
    let z = RHO.sqrt() * common + (1.0 - RHO).sqrt() * own;
    normal_cdf(z) < chance
}

/// The first day on which the arrivals, which are sorted by day, add up to at least `amount`; ∞ if they never do.
fn first_reached(arrivals: &[Arrival], amount: f64) -> f64 {
    let mut total = 0.0;
    for arrival in arrivals {
        total += arrival.amount;
        if total >= amount {
            return arrival.day;
        }
    }
    f64::INFINITY
}

/// Plays the ceasefire until the first day on which it has held long enough and all objectives, which are met from
/// `all_met`, are met; ∞ if there is no such day within the horizon.
fn play_ceasefire(rng: &mut SmallRng, ceasefire: &Ceasefire, all_met: f64) -> f64 {
    if all_met > HORIZON || rng.random::<f64>() >= ceasefire.chance {
        return f64::INFINITY;
    }
    let mut on = ceasefire.after.sample(rng);
    loop {
        let ready = all_met.max(on + CEASEFIRE_HELD);
        if ready > HORIZON {
            return f64::INFINITY;
        }
        let off = on + ceasefire.lasts.sample(rng);
        if ready < off {
            return ready;
        }
        on = off + ceasefire.again.sample(rng);
    }
}

/// The day itself, or ∞ if it comes after the horizon.
fn within_horizon(day: f64) -> f64 {
    if day <= HORIZON { day } else { f64::INFINITY }
}

/// The log-normal distribution with this median and 90 % quantile.
fn lognormal(median: f64, p90: f64) -> LogNormal<f64> {
    LogNormal::new(libm::log(median), libm::log(p90 / median) / Z90).expect("a positive, finite spread")
}

/// The standard normal distribution function.
fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * std::f64::consts::FRAC_1_SQRT_2)
}
