//! The oracle: the meaning of a scenario, written a second time, in the plainest possible way.
//!
//! [`check`] takes a scenario and one line of `ceasefire trace --json`, that is: one trial. It believes
//! only the *draws* of that line, works out everything else from them and the scenario's text (pointwise,
//! on short sorted lists of spells, by recursion over the conditions), and compares with what the
//! line says. It shares no code with the engine and knows nothing of how the engine works; it follows the
//! normative description of the model alone.
//!
//! Read the line with `serde_json`'s feature `float_roundtrip`: without it, numbers may come out one bit
//! off, and times are compared exactly (a test below makes sure of it).
//!
//! Not covered: deployment. A malformed scenario panics with a message; checking scenarios is not
//! the oracle's task.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};
use toml::{Table, Value};

/// By how many days a time may be off for each draw on which a hazard effect did something: there, the
/// oracle needs a quantile that the trace does not list. That much for the rounding to the grid, and
/// [`QUANTILE_TOLERANCE`] for the engine's table.
const HAZARD_TOLERANCE: f64 = 2e-6;

/// By how much a bottleneck's share may be off.
const SHARE_TOLERANCE: f64 = 1e-9;

/// By how much a drawn value may be off its exact quantile, as a part of the range from the 10th to the
/// 90th percentile (the engine's tables promise half of this).
const QUANTILE_TOLERANCE: f64 = 2e-6;

/// By how much a drawn value may be off its exact quantile, as a part of the value: values have 24 significant bits.
const VALUE_TOLERANCE: f64 = 5e-7;

/// More moves than this in one trial are an error of the scenario.
const MOST_MOVES: usize = 10_000;

const NEVER: f64 = f64::INFINITY;

/// Recomputes one trial from its draws and compares it with what its trace says.
///
/// # Errors
///
/// Every difference and every fault of the draws, one line each. While a draw is missing, only the faults
/// of the draws are reported, as everything after a missing draw is guesswork.
pub fn check(scenario: &Table, trace: &Json) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    let draws = read_draws(trace, &mut faults);
    let trial = Trial::new(scenario, draws);
    let outcome = trial.outcome();
    faults.extend(trial.faults.take());
    if !trial.missing.get() {
        faults.extend(trial.unneeded_draws());
        let tolerance = trial.slack.borrow().values().sum();
        faults.extend(compare(&outcome, trace, tolerance));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

// ------------------------------------------------------------------------------------------------
// Spells: when a signal is on.

/// A signal: sorted, disjoint spells `[on, off)` that do not touch; `off` is ∞ where there is no end.
type Spells = Vec<(f64, f64)>;

/// The signal that is on from `on` for good.
fn ever_since(on: f64) -> Spells {
    if on == NEVER {
        Vec::new()
    } else {
        vec![(on, NEVER)]
    }
}

/// A signal with a spell `[on, off)` holds at `on`, and not at `off`.
fn holds(spells: &Spells, moment: f64) -> bool {
    spells.iter().any(|&(on, off)| on <= moment && moment < off)
}

/// All moments at which any of the signals switches.
fn switches<'a>(signals: impl IntoIterator<Item = &'a Spells>) -> Vec<f64> {
    signals
        .into_iter()
        .flatten()
        .flat_map(|&(on, off)| [on, off])
        .collect()
}

/// The signal that is on wherever `is_on` says so. It can only change at one of `moments`, so it is asked
/// there and at 0.
fn signal_where(moments: Vec<f64>, is_on: impl Fn(f64) -> bool) -> Spells {
    let mut moments = moments;
    moments.push(0.0);
    moments.retain(|&moment| moment < NEVER);
    moments.sort_by(f64::total_cmp);
    moments.dedup();
    let mut spells = Spells::new();
    let mut since = None;
    for moment in moments {
        match (since, is_on(moment)) {
            (None, true) => since = Some(moment),
            (Some(on), false) => {
                spells.push((on, moment));
                since = None;
            }
            _ => {}
        }
    }
    spells.extend(since.map(|on| (on, NEVER)));
    spells
}

/// The signal that is on wherever the number of `signals` that are on satisfies `enough`.
fn where_count(signals: &[Spells], enough: impl Fn(usize) -> bool) -> Spells {
    signal_where(switches(signals), |moment| {
        enough(signals.iter().filter(|spells| holds(spells, moment)).count())
    })
}

/// The signal that is on wherever all of `signals` are.
fn all_of(signals: &[Spells]) -> Spells {
    where_count(signals, |count| count == signals.len())
}

/// The first moment at which a signal is on.
fn first(spells: &Spells) -> f64 {
    spells.first().map_or(NEVER, |&(on, _)| on)
}

// ------------------------------------------------------------------------------------------------
// Numbers, durations and dates as the scenario writes them.

/// Steps a unit of amounts, in all scenarios that the oracle is asked about.
const STEPS_A_UNIT: f64 = 1e6;

/// Ticks a day with a horizon in days: as many as 31 bits have room for, but at most a million.
fn ticks_a_day(horizon: f64) -> f64 {
    let fits = |per_day: &f64| horizon * per_day <= f64::from((1_u32 << 31) - 129);
    [1e6, 1e5, 1e4].into_iter().find(fits).expect("at most a century")
}

/// Rounds to multiples of one part of 1, half to even.
fn to_parts(x: f64, parts: f64) -> f64 {
    (x * parts).round_ties_even() / parts
}

/// The number of 24 significant bits that a drawn value is.
#[allow(clippy::cast_possible_truncation)]
fn short(x: f64) -> f64 {
    f64::from(x as f32)
}

/// A number, or a duration with a unit in days; not yet rounded.
fn number(value: &Value) -> f64 {
    match value {
        Value::Integer(integer) => *integer as f64,
        Value::Float(float) => *float,
        Value::String(text) => {
            let text = text.trim();
            let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
            let days = match &text[digits.len()..] {
                "d" => 1.0,
                "w" => 7.0,
                "mo" => 30.4375,
                "y" => 365.25,
                unit => panic!("`{text}` has the unknown unit `{unit}`"),
            };
            let count: f64 = digits
                .trim()
                .parse()
                .unwrap_or_else(|_| panic!("`{text}` is no duration"));
            count * days
        }
        other => panic!("`{other:?}` is no number"),
    }
}

/// Days since 1970-01-01 of a date.
fn day_number(value: &Value) -> i64 {
    let parsed;
    let datetime = match value {
        Value::Datetime(datetime) => datetime,
        Value::String(text) => {
            parsed = text
                .parse::<toml::value::Datetime>()
                .unwrap_or_else(|_| panic!("`{text}` is no date"));
            &parsed
        }
        other => panic!("`{other:?}` is no date"),
    };
    let date = datetime
        .date
        .unwrap_or_else(|| panic!("`{datetime}` has no date"));
    let leap = |year: i64| (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let lengths = |year: i64| {
        [
            31,
            if leap(year) { 29 } else { 28 },
            31,
            30,
            31,
            30,
            31,
            31,
            30,
            31,
            30,
            31,
        ]
    };
    let year = i64::from(date.year);
    let before_year: i64 = if year >= 1970 {
        (1970..year).map(|y| if leap(y) { 366 } else { 365 }).sum()
    } else {
        -(year..1970).map(|y| if leap(y) { 366 } else { 365 }).sum::<i64>()
    };
    let before_month: i64 = lengths(year)[..usize::from(date.month) - 1].iter().sum();
    before_year + before_month + i64::from(date.day) - 1
}

/// The names in a table of named things: all keys but the remarks that every table may carry.
fn names(table: Option<&Value>) -> Vec<String> {
    let Some(table) = table else {
        return Vec::new();
    };
    let table = table
        .as_table()
        .unwrap_or_else(|| panic!("`{table:?}` is no table"));
    table.keys().filter(|key| !is_remark(key)).cloned().collect()
}

fn is_remark(key: &str) -> bool {
    key == "note" || key == "source"
}

// ------------------------------------------------------------------------------------------------
// Distributions, as far as the oracle needs them.

/// The family and the parameters of a distribution, with its bounds, if any.
struct Distribution<'a> {
    family: &'a str,
    parameters: &'a Table,
    at_least: Option<f64>,
    at_most: Option<f64>,
}

impl<'a> Distribution<'a> {
    fn new(table: &'a Table) -> Self {
        let mut families = table
            .iter()
            .filter(|(key, _)| !is_remark(key) && *key != "at_least" && *key != "at_most");
        let (Some((family, parameters)), None) = (families.next(), families.next()) else {
            panic!("`{table:?}` is no distribution");
        };
        let parameters = parameters
            .as_table()
            .unwrap_or_else(|| panic!("`{family}` has no parameters"));
        let bound = |key| parameters.get(key).or_else(|| table.get(key)).map(number);
        Distribution {
            family,
            parameters,
            at_least: bound("at_least"),
            at_most: bound("at_most"),
        }
    }

    fn parameter(&self, key: &str) -> Option<f64> {
        self.parameters.get(key).map(number)
    }

    fn needs(&self, key: &str) -> f64 {
        self.parameter(key)
            .unwrap_or_else(|| panic!("`{}` lacks `{key}`", self.family))
    }

    /// Centre and spread of a normal from `mean` and `sd`, or from `p10` and `p90`, each after `f`.
    fn centre_and_spread(&self, f: impl Fn(f64) -> f64) -> (f64, f64) {
        /// The 90th percentile of the standard normal.
        const Z90: f64 = 1.281_551_565_544_600_4;
        let high = f(self.needs("p90"));
        match self.parameter("median") {
            Some(median) => (f(median), (high - f(median)) / Z90),
            None => {
                let low = f(self.needs("p10"));
                (f64::midpoint(low, high), (high - low) / (2.0 * Z90))
            }
        }
    }

    fn weibull(&self) -> (f64, f64) {
        match self.parameter("shape") {
            Some(shape) => (shape, self.needs("scale")),
            None => {
                let (ln2, ln10) = (libm::log(2.0), libm::log(10.0));
                let (median, p90) = (self.needs("median"), self.needs("p90"));
                let shape = libm::log(ln10 / ln2) / libm::log(p90 / median);
                (shape, median / libm::pow(ln2, 1.0 / shape))
            }
        }
    }

    fn exponential_mean(&self) -> f64 {
        self.parameter("mean")
            .unwrap_or_else(|| self.needs("median") / libm::log(2.0))
    }

    /// P(X ≤ x) without the bounds; `None` for a family that the oracle does not know.
    fn unbounded_cdf(&self, x: f64) -> Option<f64> {
        let normal = |z: f64| 0.5 * libm::erfc(-z / std::f64::consts::SQRT_2);
        Some(match self.family {
            "uniform" => {
                let (min, max) = (self.needs("min"), self.needs("max"));
                ((x - min) / (max - min)).clamp(0.0, 1.0)
            }
            "triangular" => {
                let (min, mode, max) = (self.needs("min"), self.needs("mode"), self.needs("max"));
                if x <= min {
                    0.0
                } else if x >= max {
                    1.0
                } else if x < mode {
                    (x - min) * (x - min) / ((max - min) * (mode - min))
                } else {
                    1.0 - (max - x) * (max - x) / ((max - min) * (max - mode))
                }
            }
            "normal" => {
                let (mean, sd) = match self.parameter("mean") {
                    Some(mean) => (mean, self.needs("sd")),
                    None => self.centre_and_spread(|x| x),
                };
                normal((x - mean) / sd)
            }
            "lognormal" => {
                let (mu, sigma) = match self.parameter("mean") {
                    Some(mean) => {
                        let variance = libm::log(1.0 + libm::pow(self.needs("sd") / mean, 2.0));
                        (libm::log(mean) - variance / 2.0, variance.sqrt())
                    }
                    None => self.centre_and_spread(libm::log),
                };
                if x <= 0.0 {
                    0.0
                } else {
                    normal((libm::log(x) - mu) / sigma)
                }
            }
            "exponential" => {
                if x <= 0.0 {
                    0.0
                } else {
                    1.0 - libm::exp(-x / self.exponential_mean())
                }
            }
            "weibull" => {
                let (shape, scale) = self.weibull();
                if x <= 0.0 {
                    0.0
                } else {
                    1.0 - libm::exp(-libm::pow(x / scale, shape))
                }
            }
            "discrete" => {
                let list = |key: &str| -> Vec<f64> {
                    let array = self.parameters.get(key).and_then(Value::as_array);
                    array
                        .unwrap_or_else(|| panic!("`discrete` lacks `{key}`"))
                        .iter()
                        .map(number)
                        .collect()
                };
                let (values, weights) = (list("values"), list("weights"));
                let below: f64 = values
                    .iter()
                    .zip(&weights)
                    .filter(|(v, _)| **v <= x)
                    .map(|(_, w)| w)
                    .sum();
                below / weights.iter().sum::<f64>()
            }
            _ => return None,
        })
    }

    /// P(X ≤ x) given the bounds.
    fn cdf(&self, x: f64) -> Option<f64> {
        let low = self
            .at_least
            .map_or(Some(0.0), |bound| self.unbounded_cdf(bound))?;
        let high = self
            .at_most
            .map_or(Some(1.0), |bound| self.unbounded_cdf(bound))?;
        Some(((self.unbounded_cdf(x)? - low) / (high - low)).clamp(0.0, 1.0))
    }

    /// The quantile: in closed form for the families that matter to hazard effects, else by bisection.
    fn quantile(&self, u: f64) -> Option<f64> {
        let low = self
            .at_least
            .map_or(Some(0.0), |bound| self.unbounded_cdf(bound))?;
        let high = self
            .at_most
            .map_or(Some(1.0), |bound| self.unbounded_cdf(bound))?;
        let p = low + u * (high - low);
        Some(match self.family {
            "uniform" => self.needs("min") + p * (self.needs("max") - self.needs("min")),
            "exponential" => -self.exponential_mean() * libm::log1p(-p),
            "weibull" => {
                let (shape, scale) = self.weibull();
                scale * libm::pow(-libm::log1p(-p), 1.0 / shape)
            }
            _ => {
                let (mut below, mut above) = (-1e12, 1e12);
                self.unbounded_cdf(0.0)?;
                for _ in 0..200 {
                    let middle = f64::midpoint(below, above);
                    if self.unbounded_cdf(middle)? < p {
                        below = middle
                    } else {
                        above = middle
                    }
                }
                above
            }
        })
    }

    /// Whether `value` is what this distribution gives for `u`, as far as the oracle can tell.
    fn could_give(&self, u: f64, value: f64) -> bool {
        let within = |slack| {
            let (low, high) = (self.cdf(value - slack)?, self.cdf(value + slack)?);
            Some(low - 1e-9 <= u && u <= high + 1e-9)
        };
        let spread = || Some(self.quantile(0.9)? - self.quantile(0.1)?);
        // Mostly, the rounding to the grid is all that is between them.
        let rounding = 2e-6 + VALUE_TOLERANCE * value.abs();
        within(rounding).is_none_or(|exact| {
            exact || spread().and_then(|x| within(rounding + QUANTILE_TOLERANCE * x)) == Some(true)
        })
    }
}

// ------------------------------------------------------------------------------------------------
// Draws.

#[derive(Clone, Copy)]
struct Draw {
    uniform: f64,
    value: f64,
}

type Draws = BTreeMap<(String, u64), Draw>;

/// The draws that the trace lists, by address and visit.
fn read_draws(trace: &Json, faults: &mut Vec<String>) -> Draws {
    let mut draws = Draws::new();
    let Some(list) = trace["draws"].as_array() else {
        faults.push("the trace has no list of draws".to_owned());
        return draws;
    };
    for entry in list {
        let (Some(address), Some(visit)) = (entry["address"].as_str(), entry["visit"].as_u64()) else {
            faults.push(format!("draw {entry} has no address or no visit"));
            continue;
        };
        let what = format!("draw {address} (visit {visit})");
        let Some(uniform) = entry["uniform"].as_f64().filter(|u| 0.0 < *u && *u < 1.0) else {
            faults.push(format!(
                "{what}: its uniform {} is not between 0 and 1",
                entry["uniform"]
            ));
            continue;
        };
        let Some(value) = entry["value"].as_f64() else {
            faults.push(format!("{what}: its value {} is no number", entry["value"]));
            continue;
        };
        if draws
            .insert((address.to_owned(), visit), Draw { uniform, value })
            .is_some()
        {
            faults.push(format!("{what} is listed twice"));
        }
    }
    draws
}

/// A quantity in this trial, before effects.
#[derive(Clone, Copy)]
struct Quantity {
    value: f64,
    /// `None` for a constant.
    uniform: Option<f64>,
}

// ------------------------------------------------------------------------------------------------
// Effects and processes as the scenario states them.

struct Effect<'a> {
    address: String,
    cause: &'a Value,
    odds: Vec<&'a str>,
    hazard: Vec<&'a str>,
    scale: Vec<&'a str>,
}

#[derive(Clone, Copy)]
enum Kind {
    Odds,
    Hazard,
    Scale,
}

impl Effect<'_> {
    fn concerns(&self, kind: Kind, address: &str) -> bool {
        let patterns = match kind {
            Kind::Odds => &self.odds,
            Kind::Hazard => &self.hazard,
            Kind::Scale => &self.scale,
        };
        patterns.iter().any(|pattern| matches(pattern, address))
    }

    /// The address of the driver that is the cause, if one is.
    fn driver(&self) -> Option<String> {
        let cause = self.cause.as_str()?;
        cause.starts_with("drivers.").then(|| format!("{cause}.value"))
    }
}

/// Whether the address is one of those that the pattern means; `*` stands for exactly one key.
fn matches(pattern: &str, address: &str) -> bool {
    let (pattern, address): (Vec<_>, Vec<_>) = (pattern.split('.').collect(), address.split('.').collect());
    pattern.len() == address.len() && pattern.iter().zip(&address).all(|(p, a)| *p == "*" || p == a)
}

/// A process. The short form has three places: off for the first time, on, and off again, so that in
/// both forms a move's visit is the number of earlier entries into the place that it leaves.
struct Process {
    /// Names of the states, from least to most.
    states: Vec<String>,
    /// The state of each place.
    level: Vec<usize>,
    start: usize,
    moves: Vec<Move>,
}

struct Move {
    from: usize,
    to: usize,
    /// Address of the chance, if there is one.
    chance: Option<String>,
    /// Address of the duration; without one, at once.
    clock: Option<String>,
    /// Address of the conditions, if there are any.
    requires: Option<String>,
}

// ------------------------------------------------------------------------------------------------
// One trial.

struct Trial<'a> {
    scenario: &'a Table,
    horizon: f64,
    /// Ticks a day.
    per_day: f64,
    start: i64,
    effects: Vec<Effect<'a>>,
    draws: Draws,
    needed: RefCell<BTreeSet<(String, u64)>>,
    faults: RefCell<Vec<String>>,
    /// Whether a draw was needed that is not listed.
    missing: Cell<bool>,
    /// By how many days each draw may be off to which a hazard factor other than 1 was applied.
    slack: RefCell<BTreeMap<(String, u64), f64>>,
    /// Signals by reference; `None` while one is being worked out.
    known: RefCell<BTreeMap<String, Option<Spells>>>,
}

impl<'a> Trial<'a> {
    fn new(scenario: &'a Table, draws: Draws) -> Self {
        let effects = scenario
            .get("effects")
            .map_or(&[][..], |list| list.as_array().expect("effects: a list"));
        let effects = effects.iter().enumerate().map(|(index, effect)| Effect {
            address: format!("effects.{index}"),
            cause: effect.get("cause").expect("an effect has a cause"),
            odds: addresses(effect.get("odds")),
            hazard: addresses(effect.get("hazard")),
            scale: addresses(effect.get("scale")),
        });
        let horizon = number(scenario.get("horizon").expect("a scenario has a horizon"));
        let per_day = ticks_a_day(horizon);
        Trial {
            scenario,
            horizon: to_parts(horizon, per_day),
            per_day,
            start: day_number(scenario.get("start").expect("a scenario has a start")),
            effects: effects.collect(),
            draws,
            needed: RefCell::default(),
            faults: RefCell::default(),
            missing: Cell::new(false),
            slack: RefCell::default(),
            known: RefCell::default(),
        }
    }

    /// What stands in the scenario at an address.
    fn get(&self, address: &str) -> Option<&'a Value> {
        let mut keys = address.split('.');
        let mut value = self.scenario.get(keys.next()?)?;
        for key in keys {
            value = match value {
                Value::Table(table) => table.get(key)?,
                Value::Array(array) => array.get(key.parse::<usize>().ok()?)?,
                _ => return None,
            };
        }
        Some(value)
    }

    /// The address, if something stands there.
    fn there(&self, address: String) -> Option<String> {
        self.get(&address).is_some().then_some(address)
    }

    fn names(&self, key: &str) -> Vec<String> {
        names(self.get(key))
    }

    fn fault(&self, fault: String) {
        let mut faults = self.faults.borrow_mut();
        if !faults.contains(&fault) {
            faults.push(fault);
        }
    }

    /// What is later than the horizon does not happen. A sum of moments is rounded to ticks, since floating point has no tenths.
    fn within_horizon(&self, moment: f64) -> f64 {
        let moment = to_parts(moment, self.per_day);
        if moment <= self.horizon { moment } else { NEVER }
    }

    // ---------------------------------------------------------------------------- quantities

    /// A draw that the trial needs; `None`, and a fault, if it is not listed.
    fn draw(&self, address: &str, visit: u64) -> Option<Draw> {
        let key = (address.to_owned(), visit);
        let draw = self.draws.get(&key).copied();
        self.needed.borrow_mut().insert(key);
        if draw.is_none() {
            self.missing.set(true);
            self.fault(format!("draw {address} (visit {visit}) is needed but not listed"));
        }
        draw
    }

    /// The listed draws that the trial did not need. The common factors of correlations may be listed
    /// whether or not all their members were needed.
    fn unneeded_draws(&self) -> Vec<String> {
        let needed = self.needed.borrow();
        let unneeded = self.draws.keys().filter(|key| !needed.contains(key));
        let unneeded = unneeded.filter(|(address, _)| !address.starts_with("correlations."));
        unneeded
            .map(|(address, visit)| format!("draw {address} (visit {visit}) is listed but not needed"))
            .collect()
    }

    /// The quantity at an address, before effects: what stands there, or what was drawn from it.
    fn quantity(&self, address: &str, visit: u64) -> Quantity {
        let value = self
            .get(address)
            .unwrap_or_else(|| panic!("nothing stands at {address}"));
        match value {
            Value::Table(table) => self.drawn(Distribution::new(table), address, visit),
            constant => Quantity {
                value: number(constant),
                uniform: None,
            },
        }
    }

    /// What was drawn from a distribution.
    fn drawn(&self, distribution: Distribution, address: &str, visit: u64) -> Quantity {
        let Some(Draw { uniform, value }) = self.draw(address, visit) else {
            // Something harmless, as the outcome will not be compared.
            let is_number = [".ratio", ".value", ".chance"]
                .iter()
                .any(|key| address.ends_with(key));
            return Quantity {
                value: if is_number { 1.0 } else { NEVER },
                uniform: Some(0.5),
            };
        };
        if value != short(value) {
            self.fault(format!(
                "draw {address} (visit {visit}): its value {value} has more than 24 bits"
            ));
        }
        if !distribution.could_give(uniform, value) {
            self.fault(format!(
                "draw {address} (visit {visit}): {value} is not the quantile of {uniform}"
            ));
        }
        Quantity {
            value,
            uniform: Some(uniform),
        }
    }

    /// Ticks a day, or steps a unit: whichever the value at an address is rounded to.
    fn parts(&self, address: &str) -> f64 {
        let is_amount = [".amount", ".initial", ".at_least"]
            .iter()
            .any(|key| address.ends_with(key));
        if is_amount { STEPS_A_UNIT } else { self.per_day }
    }

    /// A value that is no duration with a clock and has no effects: a threshold, `held`, `initial`.
    fn plain(&self, address: &str) -> f64 {
        to_parts(self.quantity(address, 0).value, self.parts(address))
    }

    /// The product of the factors of all effects of a kind on an address, read at a moment.
    fn factor(&self, kind: Kind, address: &str, moment: f64) -> f64 {
        let mut product = 1.0;
        for effect in self
            .effects
            .iter()
            .filter(|effect| effect.concerns(kind, address))
        {
            let ratio = self.quantity(&format!("{}.ratio", effect.address), 0).value;
            product *= match effect.driver() {
                Some(driver) => libm::pow(ratio, self.quantity(&driver, 0).value),
                None if holds(&self.cause(effect), moment) => ratio,
                None => 1.0,
            };
        }
        product
    }

    /// The signal that is an effect's cause.
    fn cause(&self, effect: &Effect) -> Spells {
        self.condition(&format!("{}.cause", effect.address), effect.cause)
    }

    /// A duration or an amount with its effects, read at a moment.
    fn affected(&self, address: &str, visit: u64, moment: f64) -> f64 {
        let quantity = self.quantity(address, visit);
        let mut value = quantity.value;
        let hazard = self.factor(Kind::Hazard, address, moment);
        let scale = self.factor(Kind::Scale, address, moment);
        if hazard != 1.0 {
            let uniform = quantity
                .uniform
                .unwrap_or_else(|| panic!("a hazard effect on the constant {address}"));
            let distribution = Distribution::new(self.get(address).and_then(Value::as_table).expect("drawn"));
            let uniform = 1.0 - libm::pow(1.0 - uniform, 1.0 / hazard);
            let quantile = |u| {
                distribution
                    .quantile(u)
                    .unwrap_or_else(|| panic!("a hazard effect on `{}`", distribution.family))
            };
            value = quantile(uniform);
            let spread = quantile(0.9) - quantile(0.1);
            let slack = HAZARD_TOLERANCE + scale * (QUANTILE_TOLERANCE * spread + VALUE_TOLERANCE * value);
            self.slack.borrow_mut().insert((address.to_owned(), visit), slack);
        }
        to_parts(value * scale, self.parts(address))
    }

    /// A chance before effects: at `uniform_at` lies its yes-or-no uniform, at `value_at` the chance itself.
    /// Gives the uniform and the chance.
    fn chance(&self, uniform_at: &str, visit: u64, value_at: &str) -> (f64, f64) {
        let chance = match self.get(value_at) {
            Some(Value::Table(table)) => {
                let distribution = Distribution::new(table);
                let address = format!("{value_at}.{}", distribution.family);
                self.drawn(distribution, &address, 0).value
            }
            Some(constant) => number(constant),
            None => panic!("nothing stands at {value_at}"),
        };
        let Some(Draw { uniform, value }) = self.draw(uniform_at, visit) else {
            return (0.5, chance);
        };
        if value != chance {
            self.fault(format!(
                "draw {uniform_at} (visit {visit}): its value is {value}, the chance is {chance}"
            ));
        }
        (uniform, chance)
    }

    // ---------------------------------------------------------------------------- conditions

    /// The conditions in a list, or the one that stands there instead of a list, each with its address.
    fn items(&self, address: &str) -> Vec<(String, &'a Value)> {
        match self.get(address) {
            None => Vec::new(),
            Some(Value::Array(list)) => list
                .iter()
                .enumerate()
                .map(|(index, item)| (format!("{address}.{index}"), item))
                .collect(),
            Some(single) => vec![(address.to_owned(), single)],
        }
    }

    /// The signals of all conditions at an address.
    fn signals(&self, address: &str) -> Vec<Spells> {
        self.items(address)
            .into_iter()
            .map(|(address, item)| self.condition(&address, item))
            .collect()
    }

    /// Where all conditions at an address hold; everywhere, if there are none.
    fn all_at(&self, address: &str) -> Spells {
        all_of(&self.signals(address))
    }

    /// Where a condition holds.
    fn condition(&self, address: &str, value: &Value) -> Spells {
        let table = match value {
            Value::String(reference) => return self.reference(reference),
            Value::Array(_) => return self.all_at(address),
            Value::Table(table) => table,
            other => panic!("{address}: `{other:?}` is no condition"),
        };
        let at = |key: &str| format!("{address}.{key}");
        if let Some(capability) = table.get("capability") {
            let capability = capability.as_str().expect("a capability is named by a string");
            self.total_at_least(capability, self.plain(&at("at_least")))
        } else if table.contains_key("of") {
            let enough = table["at_least"]
                .as_integer()
                .expect("`at_least` of a list is a whole number");
            where_count(&self.signals(&at("of")), |count| count as i64 >= enough)
        } else if table.contains_key("all") {
            self.all_at(&at("all"))
        } else if table.contains_key("any") {
            where_count(&self.signals(&at("any")), |count| count > 0)
        } else if table.contains_key("none") {
            where_count(&self.signals(&at("none")), |count| count == 0)
        } else if table.contains_key("held") {
            let days = self.plain(&at("held"));
            let spells = self.all_at(&at("condition")).into_iter();
            let spells = spells.map(|(on, off)| (self.within_horizon(on + days), off));
            spells.filter(|(on, off)| on < off).collect()
        } else if table.contains_key("once") {
            ever_since(first(&self.all_at(&at("once"))))
        } else if table.contains_key("from") || table.contains_key("until") {
            let day = |key| {
                table
                    .get(key)
                    .map(|date| (day_number(date) - self.start).max(0) as f64)
            };
            let from = self.within_horizon(day("from").unwrap_or(0.0));
            let until = self.within_horizon(day("until").unwrap_or(NEVER));
            if from < until {
                vec![(from, until)]
            } else {
                Vec::new()
            }
        } else {
            panic!("{address}: unknown kind of condition");
        }
    }

    /// Where the thing that a reference names is the case.
    fn reference(&self, reference: &str) -> Spells {
        match self.known.borrow().get(reference) {
            Some(Some(spells)) => return spells.clone(),
            Some(None) => panic!("{reference} depends on itself"),
            None => {}
        }
        self.known.borrow_mut().insert(reference.to_owned(), None);
        let keys: Vec<&str> = reference.split('.').collect();
        let spells = match keys[..] {
            ["ceasefire"] => self.process_signal("ceasefire", None),
            ["ceasefire", state] => self.process_signal("ceasefire", Some(state)),
            ["us_support" | "processes", _] => self.process_signal(reference, None),
            ["us_support" | "processes", name, state] => {
                self.process_signal(&format!("{}.{name}", keys[0]), Some(state))
            }
            ["contributors", name] => ever_since(self.pledge(name)),
            ["conditions", _] => {
                let condition = self
                    .get(reference)
                    .unwrap_or_else(|| panic!("there is no {reference}"));
                self.condition(reference, condition)
            }
            ["objectives", _] => self.all_at(&format!("{reference}.requires")),
            _ => panic!("unknown reference {reference}"),
        };
        self.known
            .borrow_mut()
            .insert(reference.to_owned(), Some(spells.clone()));
        spells
    }

    // ---------------------------------------------------------------------------- processes

    /// The addresses of all processes.
    fn processes(&self) -> Vec<String> {
        let mut processes: Vec<_> = self.there("ceasefire".to_owned()).into_iter().collect();
        for group in ["us_support", "processes"] {
            processes.extend(
                self.names(group)
                    .into_iter()
                    .map(|name| format!("{group}.{name}")),
            );
        }
        processes
    }

    fn process(&self, address: &str) -> Process {
        let Some(Value::Table(table)) = self.get(address) else {
            panic!("there is no process {address}")
        };
        let at = |key: &str| self.there(format!("{address}.{key}"));
        if !table.contains_key("states") {
            let requires = at("requires");
            let mut moves = vec![Move {
                from: 0,
                to: 1,
                chance: at("chance"),
                clock: at("after"),
                requires: requires.clone(),
            }];
            if let Some(lasts) = at("lasts") {
                moves.push(Move {
                    from: 1,
                    to: 2,
                    chance: None,
                    clock: Some(lasts),
                    requires: None,
                });
            }
            if let Some(again) = at("again") {
                moves.push(Move {
                    from: 2,
                    to: 1,
                    chance: None,
                    clock: Some(again),
                    requires,
                });
            }
            return Process {
                states: vec!["off".to_owned(), "on".to_owned()],
                level: vec![0, 1, 0],
                start: 0,
                moves,
            };
        }
        let states = table["states"].as_array().expect("states: a list");
        let states: Vec<String> = states
            .iter()
            .map(|state| state.as_str().expect("a name").to_owned())
            .collect();
        let place = |state: &Value| {
            let position = states
                .iter()
                .position(|name| Some(name.as_str()) == state.as_str());
            position.unwrap_or_else(|| panic!("{address} has no state {state:?}"))
        };
        let transitions =
            self.items(&format!("{address}.transitions"))
                .into_iter()
                .map(|(transition, table)| {
                    let at = |key: &str| self.there(format!("{transition}.{key}"));
                    Move {
                        from: place(&table["from"]),
                        to: place(&table["to"]),
                        chance: at("chance"),
                        clock: at("after"),
                        requires: at("requires"),
                    }
                });
        let moves = transitions.collect();
        let start = match table.get("initial") {
            None => 0,
            Some(Value::Table(weights)) => {
                self.initial_state(&format!("{address}.initial"), weights, &states)
            }
            Some(state) => place(state),
        };
        Process {
            level: (0..states.len()).collect(),
            states,
            start,
            moves,
        }
    }

    /// The state in which a process with weights starts: its uniform falls into one of the parts of
    /// (0, 1) that the states take in their order. The draw's value is the state's number, from 0.
    fn initial_state(&self, address: &str, weights: &Table, states: &[String]) -> usize {
        let Some(Draw { uniform, value }) = self.draw(address, 0) else {
            return 0;
        };
        let weights: Vec<f64> = states
            .iter()
            .map(|state| weights.get(state).map_or(0.0, number))
            .collect();
        let total: f64 = weights.iter().sum();
        let mut below = 0.0;
        let position = weights.iter().position(|weight| {
            below += weight;
            uniform * total < below
        });
        let state = position.unwrap_or(states.len() - 1);
        if value != state as f64 {
            self.fault(format!(
                "draw {address} (visit 0): its value is {value}, the state's number is {state}"
            ));
        }
        state
    }

    /// Every entry of a process into a place: when, and which state that is.
    fn journey(&self, process: &Process) -> Vec<(f64, usize)> {
        let mut entries = vec![0; process.level.len()];
        let (mut moment, mut place) = (0.0, process.start);
        let mut journey = vec![(moment, process.level[place])];
        loop {
            let visit = entries[place];
            entries[place] += 1;
            let mut next: Option<(f64, usize)> = None;
            for transition in process.moves.iter().filter(|transition| transition.from == place) {
                let fires = self.fires(transition, visit, moment);
                if fires < NEVER && next.is_none_or(|(earliest, _)| fires < earliest) {
                    next = Some((fires, transition.to));
                }
            }
            let Some(next) = next else { return journey };
            (moment, place) = next;
            journey.push((moment, process.level[place]));
            assert!(
                journey.len() <= MOST_MOVES + 1,
                "a process moves more than {MOST_MOVES} times"
            );
        }
    }

    /// When the clock of a transition runs out, if its place was entered at `entry`.
    fn fires(&self, transition: &Move, visit: u64, entry: f64) -> f64 {
        if let Some(chance) = &transition.chance {
            let (uniform, p) = self.chance(chance, visit, chance);
            if uniform >= odds_times(p, self.factor(Kind::Odds, chance, entry)) {
                return NEVER;
            }
        }
        let requires = transition
            .requires
            .as_ref()
            .map_or(ever_since(0.0), |requires| self.all_at(requires));
        self.first_held(&requires, entry, transition.clock.as_deref(), visit)
    }

    /// The first moment at which `spells` have held without a break, from `entry` on, for the days
    /// at the address `clock` (at once, if there is none). The clock starts over with each spell.
    fn first_held(&self, spells: &Spells, entry: f64, clock: Option<&str>, visit: u64) -> f64 {
        for &(on, off) in spells {
            let start = on.max(entry);
            if start < off {
                let days = clock.map_or(0.0, |clock| self.affected(clock, visit, start));
                let end = self.within_horizon(start + days);
                if end < off {
                    return end;
                }
            }
        }
        NEVER
    }

    /// Where a process is in a state or better; without a state, in the upper one of its two.
    fn process_signal(&self, address: &str, state: Option<&str>) -> Spells {
        let process = self.process(address);
        let level = match state {
            Some(state) => process.states.iter().position(|name| name == state),
            None => (process.states.len() == 2).then_some(1),
        };
        let level = level.unwrap_or_else(|| panic!("{address} as {state:?} is none of {:?}", process.states));
        let journey = self.journey(&process);
        let moments = journey.iter().map(|&(moment, _)| moment).collect();
        // Of several entries at one moment, the last one counts.
        signal_where(moments, |moment| {
            journey
                .iter()
                .rev()
                .find(|(entry, _)| *entry <= moment)
                .is_some_and(|&(_, state)| state >= level)
        })
    }

    // ---------------------------------------------------------------------------- contributors

    /// When a contributor pledges.
    fn pledge(&self, name: &str) -> f64 {
        let at = |key: &str| format!("contributors.{name}.{key}");
        let decision = self.there(at("decision"));
        let decided = self.first_held(&self.all_at(&at("requires")), 0.0, decision.as_deref(), 0);
        if decided == NEVER {
            return NEVER;
        }
        let address = at("chance");
        let stance = self
            .get(&at("stance"))
            .map(|stance| format!("stances.{}", stance.as_str().expect("a name")));
        let (uniform, chance) = match (self.there(address.clone()), &stance) {
            (Some(own), _) => self.chance(&address, 0, &own),
            (None, Some(stance)) => self.chance(&address, 0, stance),
            (None, None) => return decided,
        };
        // The chance can only change where one of its causes does.
        let mut moments = vec![decided];
        for effect in self
            .effects
            .iter()
            .filter(|effect| effect.concerns(Kind::Odds, &address))
        {
            if effect.driver().is_none() {
                moments.extend(switches([&self.cause(effect)]));
            }
        }
        moments.retain(|&moment| decided <= moment && moment < NEVER);
        moments.sort_by(f64::total_cmp);
        let says_yes =
            |moment: &f64| uniform < odds_times(chance, self.factor(Kind::Odds, &address, *moment));
        moments.into_iter().find(says_yes).unwrap_or(NEVER)
    }

    /// The addresses of all packages.
    fn packages(&self) -> Vec<String> {
        let mut packages = Vec::new();
        for name in self.names("contributors") {
            let provides = format!("contributors.{name}.provides");
            packages.extend(
                self.names(&provides)
                    .into_iter()
                    .map(|capability| format!("{provides}.{capability}")),
            );
        }
        packages
    }

    /// When a package supplies, and how much (`None` if it is never assembled).
    fn package(&self, address: &str) -> (Spells, Option<f64>) {
        let at = |key: &str| format!("{address}.{key}");
        let contributor = address
            .split('.')
            .nth(1)
            .expect("contributors.NAME.provides.CAPABILITY");
        let pledged = self.reference(&format!("contributors.{contributor}"));
        let ready = all_of(&[pledged.clone(), self.all_at(&at("requires"))]);
        let notice = self.there(at("notice_to_move"));
        let assembled = self.first_held(&ready, 0.0, notice.as_deref(), 0);
        if assembled == NEVER {
            return (Vec::new(), None);
        }
        let amount = self.affected(&at("amount"), 0, first(&pledged));
        let end = match self.there(at("sustains")) {
            Some(sustains) => self.within_horizon(assembled + self.affected(&sustains, 0, assembled)),
            None => NEVER,
        };
        let supplies = if assembled < end {
            vec![(assembled, end)]
        } else {
            Vec::new()
        };
        (all_of(&[supplies, self.all_at(&at("while"))]), Some(amount))
    }

    /// Where the total of a capability is at least a threshold.
    fn total_at_least(&self, capability: &str, threshold: f64) -> Spells {
        let initial = self.there(format!("capabilities.{capability}.initial"));
        let initial = initial.map_or(0.0, |address| self.plain(&address));
        let packages = self
            .packages()
            .into_iter()
            .filter(|package| package.split('.').nth(3) == Some(capability));
        let packages: Vec<_> = packages.map(|package| self.package(&package)).collect();
        let moments = switches(packages.iter().map(|(spells, _)| spells));
        signal_where(moments, |moment| {
            let supplied = packages.iter().filter(|(spells, _)| holds(spells, moment));
            let total = initial + supplied.map(|(_, amount)| amount.unwrap_or(0.0)).sum::<f64>();
            to_parts(total, STEPS_A_UNIT) >= threshold
        })
    }

    // ---------------------------------------------------------------------------- the whole trial

    /// What is drawn in every trial, whether or not anything comes of it.
    fn draw_what_is_always_drawn(&self) {
        for effect in &self.effects {
            self.quantity(&format!("{}.ratio", effect.address), 0);
            match effect.driver() {
                Some(driver) => {
                    self.quantity(&driver, 0);
                }
                None => self.draw_thresholds(&format!("{}.cause", effect.address)),
            }
        }
        for capability in self.names("capabilities") {
            if let Some(initial) = self.there(format!("capabilities.{capability}.initial")) {
                self.plain(&initial);
            }
        }
        for process in self.processes() {
            self.process(&process); // its `initial`
            self.draw_thresholds(&format!("{process}.requires"));
            for (transition, _) in self.items(&format!("{process}.transitions")) {
                self.draw_thresholds(&format!("{transition}.requires"));
            }
        }
        for name in self.names("contributors") {
            self.draw_thresholds(&format!("contributors.{name}.requires"));
        }
        for package in self.packages() {
            self.draw_thresholds(&format!("{package}.requires"));
            self.draw_thresholds(&format!("{package}.while"));
        }
        for name in self.names("conditions") {
            self.draw_thresholds(&format!("conditions.{name}"));
        }
        for name in self.names("objectives") {
            self.draw_thresholds(&format!("objectives.{name}.requires"));
        }
        self.draw_thresholds("mission.requires");
    }

    /// Draws every threshold and `held` of the conditions at an address.
    fn draw_thresholds(&self, address: &str) {
        for (address, item) in self.items(address) {
            let Value::Table(table) = item else {
                if item.is_array() {
                    self.draw_thresholds(&address);
                }
                continue;
            };
            if table.contains_key("capability") {
                self.plain(&format!("{address}.at_least"));
            }
            if table.contains_key("held") {
                self.plain(&format!("{address}.held"));
            }
            for key in ["all", "any", "none", "of", "condition", "once"] {
                self.draw_thresholds(&format!("{address}.{key}"));
            }
        }
    }

    fn outcome(&self) -> Json {
        self.draw_what_is_always_drawn();
        json!({
            "signals": self.all_signals(),
            "packages": self.packages().into_iter().map(|address| {
                let (spells, amount) = self.package(&address);
                (address, json!({ "spells": spells_json(&spells), "amount": amount }))
            }).collect::<Map<_, _>>(),
            "objectives": self.names("objectives").into_iter().map(|name| {
                let spells = self.reference(&format!("objectives.{name}"));
                (name, json!({ "first": time_json(first(&spells)), "spells": spells_json(&spells) }))
            }).collect::<Map<_, _>>(),
            "gates": self.gates(),
            "mission": self.mission(),
        })
    }

    fn all_signals(&self) -> Map<String, Json> {
        let mut references = Vec::new();
        for address in self.processes() {
            let states = self.process(&address).states;
            if states.len() == 2 {
                references.push(address);
            } else {
                references.extend(states[1..].iter().map(|state| format!("{address}.{state}")));
            }
        }
        for group in ["contributors", "conditions"] {
            references.extend(
                self.names(group)
                    .into_iter()
                    .map(|name| format!("{group}.{name}")),
            );
        }
        let signal = |reference: String| {
            let spells = spells_json(&self.reference(&reference));
            (reference, spells)
        };
        references.into_iter().map(signal).collect()
    }

    /// The gates of the mission, each with its address, label and spells.
    fn gate_spells(&self) -> Vec<(String, Option<&'a str>, Spells)> {
        let objectives = match self.get("mission.objectives") {
            Some(list) => addresses(Some(list)).into_iter().map(str::to_owned).collect(),
            None => self.names("objectives"),
        };
        let mut lists = vec!["mission.requires".to_owned()];
        lists.extend(
            objectives
                .into_iter()
                .map(|name| format!("objectives.{name}.requires")),
        );
        let items = lists.iter().flat_map(|list| self.items(list));
        let gate = |(address, item): (String, &'a Value)| {
            let label = item.get("label").and_then(Value::as_str);
            let spells = self.condition(&address, item);
            (address, label, spells)
        };
        items.map(gate).collect()
    }

    fn gates(&self) -> Map<String, Json> {
        let gates = self.gate_spells();
        let spells: Vec<Spells> = gates.iter().map(|(_, _, spells)| spells.clone()).collect();
        let first_ready = first(&all_of(&spells));
        // The latest of these is the bottleneck: the start of the spell that contains the first ready
        // moment, or, where the mission is never ready, whether the gate never opened.
        let lateness: Vec<f64> = spells
            .iter()
            .map(|spells| {
                if first_ready < NEVER {
                    let containing = spells
                        .iter()
                        .find(|&&(on, off)| on <= first_ready && first_ready < off);
                    containing
                        .expect("all gates are open when the mission is ready")
                        .0
                } else if spells.is_empty() {
                    NEVER
                } else {
                    -NEVER
                }
            })
            .collect();
        let latest = lateness.iter().copied().fold(-NEVER, f64::max);
        let sharing = lateness.iter().filter(|&&l| l == latest).count() as f64;
        let shares = lateness.iter().map(|&l| {
            if l == latest && l > -NEVER {
                1.0 / sharing
            } else {
                0.0
            }
        });

        let entries = gates
            .iter()
            .zip(shares)
            .enumerate()
            .map(|(index, ((address, label, open), share))| {
                let mut others = spells.clone();
                others.remove(index);
                let mut entry = json!({
                    "spells": spells_json(open),
                    "bottleneck": share,
                    "granted": time_json(first(&all_of(&others))),
                });
                // What a gate without a label is called is no part of the model.
                if let Some(label) = label {
                    entry["label"] = json!(label);
                }
                (address.clone(), entry)
            });
        entries.collect()
    }

    fn mission(&self) -> Json {
        let spells: Vec<Spells> = self
            .gate_spells()
            .into_iter()
            .map(|(_, _, spells)| spells)
            .collect();
        let ready = all_of(&spells);
        json!({
            "first_ready": time_json(first(&ready)),
            "spells": spells_json(&ready),
            "never_together": ready.is_empty() && spells.iter().all(|spells| !spells.is_empty()),
        })
    }
}

/// A chance whose odds are multiplied by a factor; 0 and 1 stay what they are.
fn odds_times(p: f64, factor: f64) -> f64 {
    if p <= 0.0 || p >= 1.0 {
        return p;
    }
    let odds = p / (1.0 - p) * factor;
    if odds == NEVER { 1.0 } else { odds / (1.0 + odds) }
}

/// One string or a list of strings.
fn addresses(value: Option<&Value>) -> Vec<&str> {
    match value {
        None => Vec::new(),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().map(|item| item.as_str().expect("a string")).collect(),
        Some(other) => panic!("`{other:?}` is no list of strings"),
    }
}

// ------------------------------------------------------------------------------------------------
// Comparison with the trace.

fn time_json(moment: f64) -> Json {
    if moment == NEVER {
        Json::Null
    } else {
        json!(moment)
    }
}

fn spells_json(spells: &Spells) -> Json {
    spells
        .iter()
        .map(|&(on, off)| json!([time_json(on), time_json(off)]))
        .collect()
}

/// All differences between what was expected and what the trace says.
fn compare(expected: &Json, trace: &Json, tolerance: f64) -> Vec<String> {
    let mut faults = Vec::new();
    for part in ["signals", "packages", "objectives", "gates"] {
        let found = match &trace[part] {
            Json::Object(map) => map.clone(),
            Json::Array(list) => by_address(part, list, &mut faults),
            other => {
                faults.push(format!("the trace's `{part}` is {other}"));
                continue;
            }
        };
        let expected = expected[part].as_object().expect("the oracle makes objects");
        for name in found.keys().filter(|name| !expected.contains_key(*name)) {
            faults.push(format!("{part}: the trace has `{name}`, which is none"));
        }
        for (name, expected) in expected {
            match found.get(name) {
                Some(found) => compare_value(
                    &format!("{part}: {name}"),
                    expected,
                    found,
                    tolerance,
                    &mut faults,
                ),
                None => faults.push(format!("{part}: the trace lacks `{name}`")),
            }
        }
    }
    compare_value(
        "mission",
        &expected["mission"],
        &trace["mission"],
        tolerance,
        &mut faults,
    );
    faults
}

/// A list of objects with addresses as one object.
fn by_address(part: &str, list: &[Json], faults: &mut Vec<String>) -> Map<String, Json> {
    let mut map = Map::new();
    for entry in list {
        match entry["address"].as_str() {
            None => faults.push(format!("{part}: {entry} has no address")),
            Some(address) => {
                if map.insert(address.to_owned(), entry.clone()).is_some() {
                    faults.push(format!("{part}: `{address}` is listed twice"));
                }
            }
        }
    }
    map
}

/// Compares one value; of objects, the fields that are expected.
fn compare_value(place: &str, expected: &Json, found: &Json, tolerance: f64, faults: &mut Vec<String>) {
    if let (Json::Object(fields), Json::Object(_)) = (expected, found) {
        for (field, expected) in fields {
            let tolerance = match field.as_str() {
                "bottleneck" => SHARE_TOLERANCE,
                "amount" => 0.0,
                _ => tolerance,
            };
            match found.get(field) {
                Some(found) => {
                    compare_value(&format!("{place}: {field}"), expected, found, tolerance, faults)
                }
                None => faults.push(format!("{place}: the trace lacks `{field}`")),
            }
        }
    } else if !equal(expected, found, tolerance) {
        faults.push(format!("{place}: should be {expected}, is {found}"));
    }
}

fn equal(expected: &Json, found: &Json, tolerance: f64) -> bool {
    match (expected, found) {
        (Json::Number(expected), Json::Number(found)) => {
            let (expected, found) = (
                expected.as_f64().expect("a number"),
                found.as_f64().expect("a number"),
            );
            expected == found || (expected - found).abs() <= tolerance
        }
        (Json::Array(expected), Json::Array(found)) => {
            expected.len() == found.len() && expected.iter().zip(found).all(|(e, f)| equal(e, f, tolerance))
        }
        _ => expected == found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trace from its parts; the parts are JSON.
    fn trace(draws: &str, rest: &str) -> Json {
        let text = format!("{{\"trial\": 0, \"draws\": {draws}, {rest}}}");
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn scenario(text: &str) -> Table {
        text.parse().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The only fault.
    fn fault(scenario: &Table, trace: &Json) -> String {
        let faults = check(scenario, trace).expect_err("should be found");
        assert_eq!(faults.len(), 1, "{faults:#?}");
        faults[0].clone()
    }

    /// A ceasefire that comes and goes, one contributor with one package, two gates.
    ///
    /// - The ceasefire: u 0.3 < 0.5, so yes; on at 20, lasts 50, off at 70; again after 30, at 100;
    ///   lasts 150 then, to beyond the horizon of 200: [20, 70) and [100, ∞).
    /// - France decides when the ceasefire has held for 10 days: T = 30; u 0.2 < 0.9, pledge at 30.
    /// - Notice to move is 45 days from 30: assembled at 75, for 60 days, to 135; 12 units. While the
    ///   ceasefire holds: [100, 135).
    /// - Gate 0 of safe_skies: initial 3 + 12 ≥ 15 on [100, 135). Gate of the mission: held 14 days: [34, 70) and
    ///   [114, ∞). Ready on [114, 135); the gate of the mission opened last. Without it: 100. Without
    ///   the other: 34.
    const HAND: &str = r#"
        format = 1
        start = 2025-04-10
        horizon = "200d"
        [ceasefire]
        chance = 0.5
        after = { uniform = { min = 0, max = 40 } }
        lasts = { exponential = { mean = 100 } }
        again = 30
        [capabilities.jets]
        initial = 3
        [contributors.france]
        chance = 0.9
        requires = ["ceasefire"]
        decision = "10d"
        [contributors.france.provides.jets]
        amount = { triangular = { min = 2, mode = 12, max = 22 } }
        notice_to_move = 45
        sustains = 60
        while = "ceasefire"
        [objectives.safe_skies]
        requires = [{ capability = "jets", at_least = 15, label = "15 jets" }]
        [mission]
        requires = { held = "2w", condition = "ceasefire" }
    "#;

    /// 1 − exp(−0.5) and 1 − exp(−1.5); the triangular's median is 12.
    const HAND_DRAWS: &str = r#"[
        {"address": "ceasefire.chance", "visit": 0, "uniform": 0.3, "value": 0.5},
        {"address": "ceasefire.after", "visit": 0, "uniform": 0.5, "value": 20.0},
        {"address": "ceasefire.lasts", "visit": 0, "uniform": 0.3934693402873666, "value": 50.0},
        {"address": "ceasefire.lasts", "visit": 1, "uniform": 0.7768698398515702, "value": 150.0},
        {"address": "contributors.france.chance", "visit": 0, "uniform": 0.2, "value": 0.9},
        {"address": "contributors.france.provides.jets.amount", "visit": 0, "uniform": 0.5, "value": 12.0}
    ]"#;

    const HAND_REST: &str = r#"
        "signals": {"ceasefire": [[20, 70], [100, null]], "contributors.france": [[30, null]]},
        "packages": [{"address": "contributors.france.provides.jets", "spells": [[100, 135]], "amount": 12}],
        "objectives": {"safe_skies": {"first": 100, "spells": [[100, 135]]}},
        "gates": [
            {"address": "mission.requires", "label": null, "spells": [[34, 70], [114, null]],
             "bottleneck": 1.0, "granted": 100.0},
            {"address": "objectives.safe_skies.requires.0", "label": "15 jets", "spells": [[100, 135]],
             "bottleneck": 0.0, "granted": 34.0}
        ],
        "mission": {"first_ready": 114, "spells": [[114, 135]], "never_together": false}
    "#;

    #[test]
    fn accepts_a_trial_worked_out_by_hand() {
        assert_eq!(check(&scenario(HAND), &trace(HAND_DRAWS, HAND_REST)), Ok(()));
    }

    #[test]
    fn finds_a_wrong_time() {
        let wrong = HAND_REST.replace("[34, 70]", "[34.5, 70]");
        let found = fault(&scenario(HAND), &trace(HAND_DRAWS, &wrong));
        assert_eq!(
            found,
            "gates: mission.requires: spells: should be [[34.0,70.0],[114.0,null]], is [[34.5,70],[114,null]]"
        );
    }

    #[test]
    fn finds_what_is_wrong_in_each_part() {
        for (right, wrong, expected) in [
            (
                r#""ceasefire": [[20, 70], [100, null]], "#,
                "",
                "signals: the trace lacks `ceasefire`",
            ),
            (
                r#""ceasefire": "#,
                r#""other": [], "ceasefire": "#,
                "signals: the trace has `other`, which is none",
            ),
            (
                r#""amount": 12"#,
                r#""amount": 12.000001"#,
                "packages: contributors.france.provides.jets: amount: should be 12.0, is 12.000001",
            ),
            (
                r#""amount": 12"#,
                r#""amount": null"#,
                "packages: contributors.france.provides.jets: amount: should be 12.0, is null",
            ),
            (
                r#""first": 100"#,
                r#""first": null"#,
                "objectives: safe_skies: first: should be 100.0, is null",
            ),
            (
                r#""label": "15 jets""#,
                r#""label": null"#,
                "gates: objectives.safe_skies.requires.0: label: should be \"15 jets\", is null",
            ),
            (
                r#""bottleneck": 0.0"#,
                r#""bottleneck": 0.1"#,
                "gates: objectives.safe_skies.requires.0: bottleneck: should be 0.0, is 0.1",
            ),
            (
                r#""granted": 34.0"#,
                r#""granted": 114.0"#,
                "gates: objectives.safe_skies.requires.0: granted: should be 34.0, is 114.0",
            ),
            (
                r#""never_together": false"#,
                r#""never_together": true"#,
                "mission: never_together: should be false, is true",
            ),
        ] {
            let rest = HAND_REST.replace(right, wrong);
            assert_ne!(rest, HAND_REST);
            assert_eq!(fault(&scenario(HAND), &trace(HAND_DRAWS, &rest)), expected);
        }
    }

    #[test]
    fn finds_a_missing_draw() {
        let draws = HAND_DRAWS.replace(
            r#""ceasefire.lasts", "visit": 1"#,
            r#""correlations.0", "visit": 1"#,
        );
        let found = fault(&scenario(HAND), &trace(&draws, HAND_REST));
        assert_eq!(found, "draw ceasefire.lasts (visit 1) is needed but not listed");
    }

    #[test]
    fn finds_draws_that_are_not_needed_listed_twice_or_wrong() {
        let more = |draw: &str| HAND_DRAWS.replacen('[', &format!("[{draw},"), 1);
        for (draws, expected) in [
            (
                more(r#"{"address": "ceasefire.again", "visit": 0, "uniform": 0.1, "value": 30}"#),
                "draw ceasefire.again (visit 0) is listed but not needed",
            ),
            (
                more(r#"{"address": "ceasefire.chance", "visit": 0, "uniform": 0.3, "value": 0.5}"#),
                "draw ceasefire.chance (visit 0) is listed twice",
            ),
            (
                HAND_DRAWS.replace(
                    r#""uniform": 0.2, "value": 0.9"#,
                    r#""uniform": 0.2, "value": 0.8"#,
                ),
                "draw contributors.france.chance (visit 0): its value is 0.8, the chance is 0.9",
            ),
            (
                HAND_DRAWS.replace(
                    r#""uniform": 0.5, "value": 12.0"#,
                    r#""uniform": 0.51, "value": 12.0"#,
                ),
                "draw contributors.france.provides.jets.amount (visit 0): 12 is not the quantile of 0.51",
            ),
        ] {
            assert_eq!(fault(&scenario(HAND), &trace(&draws, HAND_REST)), expected);
        }
        let outside = HAND_DRAWS.replace(r#""uniform": 0.2,"#, r#""uniform": 1.0,"#);
        let faults = check(&scenario(HAND), &trace(&outside, HAND_REST)).expect_err("1 is no uniform");
        assert_eq!(
            faults[0],
            "draw contributors.france.chance (visit 0): its uniform 1.0 is not between 0 and 1"
        );
        let longer = HAND_DRAWS.replace(r#""value": 20.0"#, r#""value": 20.0000001"#);
        let faults = check(&scenario(HAND), &trace(&longer, HAND_REST)).expect_err("too long");
        assert_eq!(
            faults[0],
            "draw ceasefire.after (visit 0): its value 20.0000001 has more than 24 bits"
        );
    }

    /// The full form, weights, clocks that start over, a stance, and effects of all kinds.
    ///
    /// - The ceasefire starts in "partial" (number 1), as 0.9 lies in the part of (0, 1) above 0.8.
    /// - The way to "full" is open: its chance of 0.5 has odds × 4 on the first day, that is 0.8, and u is
    ///   0.7. Its clock of 15 days runs from 5 to 20, where its gate closes at that very moment, and again
    ///   from 30, with scale × 2 as "late" holds by then: 60. The way down to "fighting" is due at 60 too,
    ///   but comes second in the file: full at 60, for good.
    /// - The UK decides after an exponential time with the hazard factor 2 ^ 1: for u = ½ and a mean of 40, that
    ///   is 20 ln 2, about 13.86. Its chance of 0.2 is not above its u of 0.3, until on day 30 "late"
    ///   doubles the odds to ½, the chance to ⅓: a pledge at 30.
    /// - Objective c is none of the mission's: its `requires` are no gates. The driver `unused` is no cause of
    ///   anything and not drawn.
    const LONG: &str = r#"
        start = 2025-04-10
        horizon = 100
        [drivers.x]
        value = { uniform = { min = 0, max = 2 } }
        [drivers.unused]
        value = { uniform = { min = 0, max = 2 } }
        [ceasefire]
        states = ["fighting", "partial", "full"]
        initial = { fighting = 0.8, partial = 0.2 }
        [[ceasefire.transitions]]
        from = "partial"
        to = "full"
        chance = 0.5
        after = 15
        requires = { any = [{ from = 2025-04-15, until = 2025-04-30 }, "conditions.late"] }
        [[ceasefire.transitions]]
        from = "partial"
        to = "fighting"
        after = 60
        [conditions.late]
        from = 2025-05-10
        [contributors.uk]
        stance = "asking"
        decision = { exponential = { mean = 40 } }
        [stances]
        asking = 0.2
        [[effects]]
        cause = { until = 2025-04-11 }
        odds = "ceasefire.transitions.*.chance"
        ratio = 4
        [[effects]]
        cause = "conditions.late"
        scale = ["ceasefire.transitions.0.after"]
        odds = ["contributors.*.chance"]
        ratio = { discrete = { values = [2, 6], weights = [1, 1] } }
        [[effects]]
        cause = "drivers.x"
        hazard = ["contributors.*.decision"]
        ratio = 2
        [objectives.a]
        requires = ["ceasefire.partial", "contributors.uk"]
        [objectives.b]
        requires = "ceasefire.full"
        [objectives.c]
        requires = { none = "conditions.late" }
        [mission]
        objectives = ["a", "b"]
    "#;

    const LONG_DRAWS: &str = r#"[
        {"address": "ceasefire.initial", "visit": 0, "uniform": 0.9, "value": 1},
        {"address": "ceasefire.transitions.0.chance", "visit": 0, "uniform": 0.7, "value": 0.5},
        {"address": "effects.1.ratio", "visit": 0, "uniform": 0.3, "value": 2},
        {"address": "drivers.x.value", "visit": 0, "uniform": 0.5, "value": 1},
        {"address": "contributors.uk.decision", "visit": 0, "uniform": 0.5, "value": 27.725887298583984},
        {"address": "contributors.uk.chance", "visit": 0, "uniform": 0.3, "value": 0.2}
    ]"#;

    const LONG_REST: &str = r#"
        "signals": {"ceasefire.partial": [[0, null]], "ceasefire.full": [[60, null]],
                    "contributors.uk": [[PLEDGE, null]], "conditions.late": [[30, null]]},
        "packages": [],
        "objectives": {"a": {"first": PLEDGE, "spells": [[PLEDGE, null]]},
                       "b": {"first": 60, "spells": [[60, null]]},
                       "c": {"first": 0, "spells": [[0, 30]]}},
        "gates": [
            {"address": "objectives.a.requires.0", "label": null, "spells": [[0, null]],
             "bottleneck": 0, "granted": 60},
            {"address": "objectives.a.requires.1", "label": null, "spells": [[PLEDGE, null]],
             "bottleneck": 0, "granted": 60},
            {"address": "objectives.b.requires", "label": null, "spells": [[60, null]],
             "bottleneck": 1, "granted": PLEDGE}
        ],
        "mission": {"first_ready": 60, "spells": [[60, null]], "never_together": false}
    "#;

    #[test]
    fn accepts_the_full_form_with_effects() {
        let pledge_at = |moment: &str| trace(LONG_DRAWS, &LONG_REST.replace("PLEDGE", moment));
        assert_eq!(check(&scenario(LONG), &pledge_at("30")), Ok(()));
        // Times have a little freedom in a trial with hazard effects, but no more than that.
        assert_eq!(check(&scenario(LONG), &pledge_at("30.000001")), Ok(()));
        assert!(check(&scenario(LONG), &pledge_at("30.001")).is_err());
    }

    /// The same with a chance of 0.4, which is above u from the start: a pledge at the decision.
    #[test]
    fn works_out_the_quantile_under_a_hazard_effect() {
        let eager = LONG.replace("asking = 0.2", "asking = 0.4");
        let draws = LONG_DRAWS.replace(r#""value": 0.2"#, r#""value": 0.4"#);
        let pledge_at = |moment: &str| trace(&draws, &LONG_REST.replace("PLEDGE", moment));
        assert_eq!(check(&scenario(&eager), &pledge_at("13.862944")), Ok(()));
        assert!(check(&scenario(&eager), &pledge_at("13.863950")).is_err());
    }

    /// Three gates: one never opens, so it is the bottleneck. Without it the other two overlap at [10, 20).
    /// And then two that open, but never together.
    #[test]
    fn shares_the_blame_when_the_mission_is_never_ready() {
        let text = r#"
            start = 2025-04-10
            horizon = 100
            [objectives.a]
            requires = [{ until = 2025-04-30 }, { from = 2025-04-20 }, { all = [{ until = 2025-04-20 }, { from = 2025-04-20 }] }]
        "#;
        let rest = r#"
            "signals": {}, "packages": [], "objectives": {"a": {"first": null, "spells": []}},
            "gates": [
                {"address": "objectives.a.requires.0", "label": null, "spells": [[0, 20]], "bottleneck": 0, "granted": null},
                {"address": "objectives.a.requires.1", "label": null, "spells": [[10, null]], "bottleneck": 0, "granted": null},
                {"address": "objectives.a.requires.2", "label": null, "spells": [], "bottleneck": 1, "granted": 10}
            ],
            "mission": {"first_ready": null, "spells": [], "never_together": false}
        "#;
        assert_eq!(check(&scenario(text), &trace("[]", rest)), Ok(()));
        let text = "start = 2025-04-10\nhorizon = 100\n[mission]\nrequires = [{ until = 2025-04-30 }, { from = 2025-04-30 }]";
        let rest = r#"
            "signals": {}, "packages": [], "objectives": {},
            "gates": [
                {"address": "mission.requires.0", "label": null, "spells": [[0, 20]], "bottleneck": 0, "granted": 20},
                {"address": "mission.requires.1", "label": null, "spells": [[20, null]], "bottleneck": 0, "granted": 0}
            ],
            "mission": {"first_ready": null, "spells": [], "never_together": true}
        "#;
        assert_eq!(check(&scenario(text), &trace("[]", rest)), Ok(()));
    }

    /// Moments at which several things happen. The process is on at 0 for 10 days, back at once: one spell
    /// to the horizon of 30, where it is entered again, for good. Every `lasts` is drawn, that at 30 too.
    /// `held` for 30 days: from the horizon on. `held` for 30.5 days: never. Both packages supply on [0, 10)
    /// and [10, 20): 5 at any time; together at no time.
    #[test]
    fn joins_spells_that_touch_and_stops_at_the_horizon() {
        let text = r#"
            start = 2025-04-10
            horizon = 30
            [ceasefire]
            lasts = { discrete = { values = [10, 40], weights = [1, 1] } }
            again = 0
            [contributors.a.provides.x]
            amount = 5
            sustains = 10
            [contributors.b.provides.x]
            amount = 5
            notice_to_move = 10
            sustains = 10
            [objectives.a]
            requires = [{ held = 30, condition = "ceasefire" }]
            [objectives.b]
            requires = [{ held = 30.5, condition = "ceasefire" }]
            [objectives.c]
            requires = [{ capability = "x", at_least = 5 }]
            [objectives.d]
            requires = [{ capability = "x", at_least = 6 }]
            [mission]
            objectives = ["c"]
        "#;
        let lasts = |visit: u64, value: u64| {
            format!(
                r#"{{"address": "ceasefire.lasts", "visit": {visit}, "uniform": {}, "value": {value}}}"#,
                if value == 10 { 0.2 } else { 0.7 }
            )
        };
        let draws = format!(
            "[{}, {}, {}, {}]",
            lasts(0, 10),
            lasts(1, 10),
            lasts(2, 10),
            lasts(3, 40)
        );
        let rest = r#"
            "signals": {"ceasefire": [[0, null]], "contributors.a": [[0, null]], "contributors.b": [[0, null]]},
            "packages": [
                {"address": "contributors.b.provides.x", "spells": [[10, 20]], "amount": 5},
                {"address": "contributors.a.provides.x", "spells": [[0, 10]], "amount": 5}
            ],
            "objectives": {
                "a": {"first": 30, "spells": [[30, null]]}, "b": {"first": null, "spells": []},
                "c": {"first": 0, "spells": [[0, 20]]}, "d": {"first": null, "spells": []}
            },
            "gates": [{"address": "objectives.c.requires.0", "label": null, "spells": [[0, 20]], "bottleneck": 1, "granted": 0}],
            "mission": {"first_ready": 0, "spells": [[0, 20]], "never_together": false}
        "#;
        assert_eq!(check(&scenario(text), &trace(&draws, rest)), Ok(()));
    }

    #[test]
    fn reads_numbers_exactly() {
        // Without serde_json's feature `float_roundtrip`, some of these come out one bit off.
        for text in [
            "0.10000000149011612",
            "363.66430377960205",
            "249.42733478546143",
            "1.7976931348623157e308",
            "2.2250738585072014e-308",
        ] {
            let read: f64 = serde_json::from_str(text).expect("a number");
            assert_eq!(
                read.to_bits(),
                text.parse::<f64>().expect("a number").to_bits(),
                "{text}"
            );
        }
    }

    #[test]
    fn counts_days_and_units() {
        let day = |text: &str| day_number(&Value::String(text.to_owned()));
        assert_eq!(day("1970-01-01"), 0);
        assert_eq!(day("2000-03-01"), 11017);
        assert_eq!(day("1969-12-31"), -1);
        assert_eq!(day("2025-04-10"), 20188);
        let days = |text: &str| number(&Value::String(text.to_owned()));
        assert_eq!(
            (days("14d"), days("1.5 w"), days("2mo"), days("1y")),
            (14.0, 10.5, 60.875, 365.25)
        );
    }

    #[test]
    fn knows_its_distributions() {
        for text in [
            "uniform = { min = 2, max = 12 }",
            "triangular = { min = 1, mode = 3, max = 10 }",
            "normal = { mean = 1, sd = 2 }",
            "normal = { p10 = -1, p90 = 2 }",
            "lognormal = { median = 20, p90 = 60 }",
            "lognormal = { mean = 20, sd = 6 }",
            "exponential = { mean = \"30d\" }",
            "exponential = { median = 30, at_most = 100 }",
            "weibull = { shape = 0.6, scale = 100 }",
            "weibull = { median = 10, p90 = 50, at_least = 2 }",
        ] {
            let table = scenario(text);
            let distribution = Distribution::new(&table);
            for u in [0.001, 0.1, 0.5, 0.9, 0.999] {
                let value = distribution.quantile(u).expect("known");
                let back = distribution.cdf(value).expect("known");
                assert!((back - u).abs() < 1e-9, "{text}: {u} gives {value} gives {back}");
            }
        }
        let quantile = |text: &str, u| Distribution::new(&scenario(text)).quantile(u).expect("known");
        assert!((quantile("lognormal = { median = 20, p90 = 60 }", 0.9) - 60.0).abs() < 1e-9);
        assert!((quantile("weibull = { median = 10, p90 = 50 }", 0.5) - 10.0).abs() < 1e-9);
        assert!((quantile("discrete = { values = [1, 5], weights = [1, 3] }", 0.3) - 5.0).abs() < 1e-9);
    }
}
