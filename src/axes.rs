//! What a sweep varies: axes, how they are combined, and the scenarios that come of it as lists of replaced values.
//!
//! An axis is one or several addresses that move together, with the values that they take or the factors by which what stands
//! there is multiplied. Points are numbered from 1 and made one at a time from their numbers, so that a million of them take no
//! room.

pub mod file;
mod read;
mod scale;
mod steps;

use crate::distribution::Distribution;
use crate::draw::Key;
use crate::sampling::{Coordinate, Method, Points, Source};
use crate::scenario::address::Address;
use crate::scenario::quantity::days;
use crate::scenario::tree::Node;
use scale::Scaled;
use steps::Steps;

/// One axis.
#[derive(Clone, Debug)]
pub struct Axis {
    /// How it is called in files: its addresses as written, with `*` behind them if they are multiplied.
    pub name: String,
    /// What moves together.
    pub addresses: Vec<Address>,
    /// What it takes.
    pub values: Values,
    /// Whether its steps or its range are days, written with their unit.
    pub is_in_days: bool,
}

/// A number as an end of a range, or a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// The number, or the days.
    pub value: f64,
    /// Whether it was written with a unit of time.
    pub is_in_days: bool,
}

impl Measure {
    /// Reads a finite number, or a duration with or without quotes.
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        let plain = number.map(|value| Self {
            value,
            is_in_days: false,
        });
        plain.or_else(|| {
            let bare = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let value = days(bare.unwrap_or(text)).ok()?;
            Some(Self {
                value,
                is_in_days: true,
            })
        })
    }
}

/// What an axis takes.
#[derive(Clone, Debug)]
pub enum Values {
    /// Each of these, TOML as it would stand in the file.
    Each(Vec<String>),
    /// Numbers from one to another.
    Steps(Steps),
    /// What stands in the file, times each of these.
    Times(Vec<f64>),
    /// Anything between two ends, or of a distribution: for designs.
    Spread(Spread),
}

/// Where the values of a design lie.
#[derive(Clone, Debug)]
pub enum Spread {
    /// Evenly between two numbers.
    Even(f64, f64),
    /// Evenly between the logarithms of two numbers above 0.
    Logarithmic(f64, f64),
    /// As a distribution has it, which is written like this.
    Law(Distribution, String),
}

/// How the values of several axes are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Combination {
    /// Every value of one with every value of all others; the last axis changes fastest.
    #[default]
    Grid,
    /// The first values of all, then the second ones, and so on.
    Zip,
    /// Each axis by itself, one after the other, with all else as it stands.
    List,
    /// So many points, spread evenly over all axes together.
    Design {
        /// How they are spread.
        method: Method,
        /// How many.
        points: u64,
        /// Where their spreading starts from.
        seed: u64,
    },
}

/// The most points of a sweep: far more than anybody can play, and far fewer than would make numbers overflow.
pub const MOST_POINTS: u64 = 1_000_000_000_000;

/// The axes of a sweep, put together.
#[derive(Clone, Debug)]
pub struct Axes {
    all: Vec<Axis>,
    combination: Combination,
    points: u64,
}

/// One point: for each axis its value as files show it, and what is replaced. An axis without a value stands as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Point {
    /// One cell an axis.
    pub cells: Vec<Option<String>>,
    /// Texts `ADDRESS=VALUE`.
    pub overrides: Vec<String>,
    /// For each of them the axis that it comes from, by number.
    pub origins: Vec<usize>,
    /// Where chances stand that would have come out above 1 and are 1.
    pub cut: Vec<Address>,
}

impl Axes {
    /// Puts axes together.
    ///
    /// # Errors
    /// A sentence, if there is no axis, a design meets one without a spread or the other way round, axes of a zip differ in
    /// length, two axes set the same at one point, or there would be more than [`MOST_POINTS`].
    pub fn new(axes: Vec<Axis>, combination: Combination) -> Result<Self, String> {
        if axes.is_empty() {
            return Err(
                "a sweep needs an axis, such as --axis us_support.logistics.chance=0:1:0.1".to_owned(),
            );
        }
        let points = match combination {
            Combination::Design { points, .. } => {
                if let Some(axis) = axes.iter().find(|axis| axis.len().is_some()) {
                    let name = &axis.name;
                    return Err(format!(
                        "a design spreads its points over ranges, and `{name}` has single values; write it as FROM..TO"
                    ));
                }
                points
            }
            _ => count(&axes, combination)?,
        };
        if points == 0 {
            return Err("a design has at least one point".to_owned());
        }
        if points > MOST_POINTS {
            return Err(format!("a sweep has at most {MOST_POINTS} points"));
        }
        if combination != Combination::List {
            refuse_twins(&axes)?;
        }
        Ok(Self {
            all: axes,
            combination,
            points,
        })
    }

    /// The axes.
    #[must_use]
    pub fn axes(&self) -> &[Axis] {
        &self.all
    }

    /// How they are put together.
    #[must_use]
    pub fn combination(&self) -> Combination {
        self.combination
    }

    /// How many points there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.points
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.points == 0
    }

    /// Numbers of points that have all values of all axes between them, in order; every point, but for a grid, which has those
    /// in which all axes but one have their first value.
    #[must_use]
    pub fn representatives(&self) -> Vec<Representatives> {
        if self.combination != Combination::Grid {
            return vec![Representatives {
                count: self.points,
                stride: 1,
            }];
        }
        let mut stride = self.points;
        let lengths = self.all.iter().map(|axis| axis.len().unwrap_or(1));
        lengths
            .map(|count| {
                stride /= count;
                Representatives { count, stride }
            })
            .collect()
    }

    /// A point by its number, from 1 to their number, over what stands in a scenario.
    ///
    /// # Errors
    /// A sentence, if something is to be multiplied that has no size, or an address leads nowhere, and the number of the axis.
    pub fn point(&self, number: u64, root: &Node) -> Result<Point, (usize, String)> {
        let index = number - 1;
        let mut point = Point::default();
        let mut rest = index;
        let mut before = 0;
        let places: Vec<Option<u64>> = match self.combination {
            Combination::Grid => {
                let mut places: Vec<Option<u64>> = self
                    .all
                    .iter()
                    .rev()
                    .map(|axis| {
                        let length = axis.len().unwrap_or(1);
                        let place = rest % length;
                        rest /= length;
                        Some(place)
                    })
                    .collect();
                places.reverse();
                places
            }
            Combination::Zip => vec![Some(index); self.all.len()],
            Combination::List => {
                let place = |axis: &Axis| {
                    let first = before;
                    before += axis.len().unwrap_or(1);
                    (first..before).contains(&index).then(|| index - first)
                };
                self.all.iter().map(place).collect()
            }
            Combination::Design { method, seed, .. } => return Ok(self.design(index, method, seed)),
        };
        for (index, (axis, place)) in self.all.iter().zip(places).enumerate() {
            match place {
                Some(place) => axis
                    .take(place, root, &mut point)
                    .map_err(|message| (index, message))?,
                None => point.cells.push(None),
            }
            point.origins.resize(point.overrides.len(), index);
        }
        Ok(point)
    }

    /// A point of a design: its coordinates are draws of addresses of their own, as trials have them.
    fn design(&self, index: u64, method: Method, seed: u64) -> Point {
        let keys: Vec<Key> = self
            .all
            .iter()
            .map(|axis| Key::of(&format!("sweep.{}", axis.name)))
            .collect();
        let mut points = Points::default();
        points.fill(Source { seed, method }, &keys, index, 1);
        let mut point = Point::default();
        for (index, (axis, &key)) in self.all.iter().zip(&keys).enumerate() {
            let u = points.at(Coordinate::of(key, &keys), 0).value();
            if let Values::Spread(spread) = &axis.values {
                axis.set(&axis.text(spread.at(u)), &mut point);
            }
            point.origins.resize(point.overrides.len(), index);
        }
        point
    }
}

/// Points of a sweep with equal distances, of which the first is the sweep's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Representatives {
    /// How many there are.
    count: u64,
    /// From one to the next.
    stride: u64,
}

impl Representatives {
    /// Their numbers; of more than `most`, so many, spread evenly from the first to the last.
    pub fn numbers(self, most: u64) -> impl Iterator<Item = u64> {
        let shown = self.count.min(most);
        (0..shown).map(move |index| {
            let last = u128::from(self.count - 1) * u128::from(index);
            #[allow(clippy::cast_possible_truncation, reason = "below the number of points")]
            let place = (last / u128::from(shown - 1).max(1)) as u64;
            1 + place * self.stride
        })
    }
}

/// Refuses to vary what is no quantity of a scenario but the way in which it is read or played: all points live through the same
/// futures.
fn refuse_settings(addresses: &[Address]) -> Result<(), String> {
    for (key, option) in [
        ("extends", "a file"),
        ("simulation", "the options of the whole sweep, such as --trials"),
    ] {
        let root = Address::root().key(key);
        let is_setting = |address: &&Address| address.overlaps(&root) && &*address.keys()[0] != "*";
        if let Some(address) = addresses.iter().find(is_setting) {
            return Err(format!("`{address}` cannot be swept: it belongs into {option}"));
        }
    }
    Ok(())
}

/// Refuses axes of which one would undo what the other sets.
fn refuse_twins(axes: &[Axis]) -> Result<(), String> {
    let mut seen: Vec<&Address> = Vec::new();
    for address in axes.iter().flat_map(|axis| &axis.addresses) {
        if let Some(other) = seen.iter().find(|seen| seen.overlaps(address)) {
            return Err(format!(
                "`{other}` and `{address}` may be one place, which would be varied twice; values that are tried one after the other belong to one axis"
            ));
        }
        seen.push(address);
    }
    Ok(())
}

/// How many points axes of single values come to.
fn count(axes: &[Axis], combination: Combination) -> Result<u64, String> {
    let mut lengths = Vec::new();
    for axis in axes {
        let length = axis.len().ok_or_else(|| {
            let name = &axis.name;
            format!("`{name}` is a range, which only a design can spread points over; write FROM:TO:STEP, or name a --design")
        })?;
        lengths.push(length);
    }
    match combination {
        Combination::Zip => {
            let first = lengths[0];
            if let Some(place) = lengths.iter().position(|&length| length != first) {
                return Err(format!(
                    "axes that are zipped have as many values each, but `{}` has {first} and `{}` {}",
                    axes[0].name, axes[place].name, lengths[place]
                ));
            }
            Ok(first)
        }
        Combination::List => Ok(lengths.iter().sum()),
        _ => Ok(lengths
            .iter()
            .fold(1_u64, |product, &length| product.saturating_mul(length))),
    }
}

impl Axis {
    /// How many values it has; none if it is a range.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match &self.values {
            Values::Each(values) => Some(values.len() as u64),
            Values::Steps(steps) => Some(steps.len()),
            Values::Times(factors) => Some(factors.len() as u64),
            Values::Spread(_) => None,
        }
    }

    /// Whether it has no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }

    /// It as the command line takes it.
    #[must_use]
    pub fn written(&self) -> String {
        let name = &self.name;
        let unit = if self.is_in_days { "d" } else { "" };
        match &self.values {
            Values::Each(values) => format!("{name}={}", values.join(",")),
            Values::Steps(steps) => format!("{name}={}", steps.written(unit)),
            Values::Times(factors) => {
                let factors: Vec<String> = factors.iter().map(|&factor| number(factor)).collect();
                format!("{name}={}", factors.join(","))
            }
            Values::Spread(Spread::Even(from, to)) => {
                format!("{name}={}{unit}..{}{unit}", number(*from), number(*to))
            }
            Values::Spread(Spread::Logarithmic(from, to)) => {
                format!("{name}={}{unit}..{}{unit}:log", number(*from), number(*to))
            }
            Values::Spread(Spread::Law(_, text)) => format!("{name}~{text}"),
        }
    }

    /// Adds its value at a place to a point.
    fn take(&self, place: u64, root: &Node, point: &mut Point) -> Result<(), String> {
        let index = usize::try_from(place).unwrap_or(usize::MAX);
        match &self.values {
            Values::Each(values) => self.set(&values[index], point),
            Values::Steps(steps) => self.set(&self.text(steps.at(place)), point),
            Values::Times(factors) => {
                for address in &self.addresses {
                    for Scaled { text, cut } in scale::scaled(root, address, factors[index])? {
                        point.overrides.push(text);
                        point.cut.extend(cut);
                    }
                }
                point.cells.push(Some(number(factors[index])));
            }
            Values::Spread(_) => {}
        }
        Ok(())
    }

    /// One of its numbers as TOML.
    fn text(&self, value: f64) -> String {
        let number = number(value);
        if self.is_in_days {
            format!("\"{number}d\"")
        } else {
            number
        }
    }

    /// Sets a value at all its addresses.
    fn set(&self, value: &str, point: &mut Point) {
        for address in &self.addresses {
            let address = address.on_command_line();
            point.overrides.push(format!("{address}={value}"));
        }
        // A text shows without its quotes.
        point.cells.push(Some(value.trim_matches('"').to_owned()));
    }
}

impl Spread {
    /// The value at a uniform.
    #[must_use]
    pub fn at(&self, u: f64) -> f64 {
        match self {
            Self::Even(from, to) => from + u * (to - from),
            Self::Logarithmic(from, to) => {
                libm::exp(libm::log(*from) + u * (libm::log(*to) - libm::log(*from)))
            }
            Self::Law(law, _) => law.quantile(u),
        }
    }
}

/// A number to twelve digits: what is played is what is written, and read again for a trace.
#[must_use]
pub fn short(value: f64) -> f64 {
    format!("{value:.11e}").parse().unwrap_or(value)
}

/// A number as a file would have it, to twelve digits: sums of steps such as 0.1 are not exact.
#[must_use]
pub fn number(value: f64) -> String {
    let short = short(value);
    if short != 0.0 && !(1e-6..1e15).contains(&short.abs()) {
        format!("{short:?}")
    } else {
        format!("{short}")
    }
}

#[cfg(test)]
mod tests;
