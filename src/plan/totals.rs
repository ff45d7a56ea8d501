//! How the total of a capability is counted: in which steps, between which ends, and in which bins.

use super::{Network, Package, Threshold};
use crate::amount::Measure;
use crate::model::{CapabilityId, Cause, EffectId, Given, Model, PackageId, QuantityId, Signal};

/// A capability as run. Amounts are in its unit, and its totals in steps of its measure.
#[derive(Clone, Debug)]
pub struct Capability {
    /// What is there without anybody.
    pub initial: Option<QuantityId>,
    /// What adds to it.
    pub packages: Vec<PackageId>,
    /// What conditions ask of its total.
    pub thresholds: Vec<Threshold>,
    /// Whether all its packages are played by columns.
    pub is_plain: bool,
    /// Sorts its packages, if they are few enough.
    pub network: Option<Network>,
    /// How amounts become steps.
    pub measure: Measure,
    /// How its total is binned.
    pub bins: Bins,
    /// The packages whose amounts have no finite mean: while one of them supplies, nor has the total.
    pub endless: Vec<PackageId>,
}

/// How many bins a total is tallied in.
pub const TOTAL_BINS: usize = 512;

/// Where a total may be much larger than it hardly ever is, so many of its bins grow with it.
const TAIL_BINS: usize = 64;

/// The bins of a total, in steps.
///
/// From the least total on they have one width, and the middle of each is a multiple of it above the least, so that round amounts
/// are reported as they are. Where totals can be much larger than they hardly ever are, the last 64 grow geometrically;
/// the very last reaches to all that is possible.
#[derive(Clone, Debug, PartialEq)]
pub struct Bins {
    /// The least that it can be, and the most, which may be infinite.
    range: [f64; 2],
    /// Width of each bin but those of the tail.
    width: f64,
    /// The lower edges of the bins behind those of one width.
    tail: Vec<f64>,
}

impl Bins {
    /// Bins of totals from `range[0]` to `range[1]`, which hardly ever exceed `usual` and never come to more than `greatest`.
    ///
    /// Widths are 1, 2 or 5 times a power of ten of units, of which each has `per_unit` steps.
    fn new(range: [f64; 2], [usual, greatest]: [f64; 2], per_unit: f64) -> Self {
        let width = |span: f64, bins: usize| (round_up(span / per_unit / bins as f64) * per_unit).max(1.0);
        let [usual, greatest] = [usual, greatest].map(|end| (end - range[0]).max(0.0));
        let even = width(greatest, TOTAL_BINS - 2);
        let uneven = width(usual, TOTAL_BINS - TAIL_BINS - 2);
        if even <= uneven {
            return Self {
                range,
                width: even,
                tail: Vec::new(),
            };
        }
        let first = ((TOTAL_BINS - TAIL_BINS) as f64 - 0.5) * uneven;
        let growth = (greatest / first).max(2.0);
        let edge = |bin: usize| range[0] + first * libm::pow(growth, bin as f64 / TAIL_BINS as f64);
        Self {
            range,
            width: uneven,
            tail: (0..TAIL_BINS).map(edge).collect(),
        }
    }

    /// The bin of a total.
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "totals are at least 0, and casts saturate"
    )]
    pub fn place(&self, total: f64) -> usize {
        let place = ((total - self.range[0]) / self.width + 0.5) as usize;
        let even = TOTAL_BINS - self.tail.len();
        if place < even {
            return place;
        }
        let beyond = self.tail.partition_point(|&edge| edge <= total);
        (even + beyond).saturating_sub(1).min(TOTAL_BINS - 1)
    }

    /// The least and the most that a total can be, in steps; the most may be infinite.
    #[must_use]
    pub fn range(&self) -> [f64; 2] {
        self.range
    }

    /// The least that a total can be, in steps.
    #[must_use]
    pub fn least(&self) -> f64 {
        self.range[0]
    }

    /// The width of the bins in which totals mostly are, in steps.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.width
    }

    /// What stands for the totals in a bin, in steps.
    #[must_use]
    pub fn middle(&self, bin: usize) -> f64 {
        match self.in_tail(bin) {
            None => self.range[0] + bin as f64 * self.width,
            Some(place) => match self.tail.get(place + 1) {
                Some(&next) => f64::midpoint(self.tail[place], next),
                None => self.tail[place],
            },
        }
    }

    /// Between which totals a bin lies, in steps; the end of the last one is the most that a total can be.
    #[must_use]
    pub fn edges(&self, bin: usize) -> [f64; 2] {
        let [least, most] = self.range;
        let low = match self.in_tail(bin) {
            None => self.middle(bin) - self.width / 2.0,
            Some(place) => self.tail[place],
        };
        let high = match self.in_tail(bin + 1) {
            _ if bin + 1 >= TOTAL_BINS => most,
            None => self.middle(bin) + self.width / 2.0,
            Some(place) => self.tail[place],
        };
        [low.clamp(least, most), high.clamp(least, most)]
    }

    /// Which bin of the tail it is.
    fn in_tail(&self, bin: usize) -> Option<usize> {
        let even = TOTAL_BINS - self.tail.len();
        bin.checked_sub(even).filter(|&place| place < self.tail.len())
    }
}

/// How the capabilities of a model are measured.
pub(super) fn measures(model: &Model) -> Vec<Measure> {
    let all = 0..model.capabilities.len();
    all.map(|id| measure(id, model)).collect()
}

fn measure(id: CapabilityId, model: &Model) -> Measure {
    let capability = &model.capabilities[id];
    let asked = model.signals.iter().filter_map(|signal| match *signal {
        Signal::Threshold { capability, at_least } if capability == id => Some(at_least),
        _ => None,
    });
    let amounts = amounts(id, model);
    let written = amounts.iter().copied().chain(asked);
    let constants = written.filter_map(|quantity| match model.quantities[quantity].given {
        Given::Constant(value) => Some(value),
        Given::Uncertain(_) => None,
    });
    let usual = amounts.iter().map(|&amount| usual(model, amount)).sum();
    let greatest = amounts.iter().map(|&amount| greatest(model, amount)).sum();
    Measure::fit(constants, [usual, greatest], capability.packages.len() + 1)
}

/// Makes a capability ready.
pub(super) fn capability(
    id: CapabilityId,
    model: &Model,
    measure: Measure,
    thresholds: Vec<Threshold>,
    planned: &[Package],
) -> Capability {
    let capability = &model.capabilities[id];
    let steps = |end: f64| if end.is_finite() { measure.steps(end) } else { end };
    let of_initial = capability
        .initial
        .map_or([0.0; 2], |initial| model.range_of_amount(initial));
    let sum = |end: &dyn Fn(QuantityId) -> f64| -> f64 {
        amounts(id, model)
            .into_iter()
            .map(|amount| steps(end(amount)))
            .sum()
    };
    let range = [
        steps(of_initial[0]),
        sum(&|amount| model.range_of_amount(amount)[1]),
    ];
    let usual = sum(&|amount| usual(model, amount));
    let greatest = sum(&|amount| greatest(model, amount));
    let packages = capability.packages.iter().copied();
    Capability {
        initial: capability.initial,
        packages: capability.packages.clone(),
        thresholds,
        is_plain: packages.clone().all(|package| planned[package].is_plain),
        network: Network::of(capability.packages.len()),
        measure,
        bins: Bins::new(range, [usual, greatest], measure.per_unit()),
        endless: packages
            .filter(|&package| !model.has_mean(model.packages[package].amount))
            .collect(),
    }
}

/// The amounts that a capability may be made of: who never pledges must change no result, and so not the width of a bin either.
fn amounts(id: CapabilityId, model: &Model) -> Vec<QuantityId> {
    let capability = &model.capabilities[id];
    let can_pledge = |package: &&PackageId| {
        let contributor = &model.contributors[model.packages[**package].contributor];
        contributor.chance.is_none_or(|chance| {
            let probability = &model.quantities[model.chances[chance].probability];
            probability.given.support().1 > 0.0
        })
    };
    let packages = capability.packages.iter().filter(can_pledge);
    let amounts = packages.map(|&package| model.packages[package].amount);
    amounts.chain(capability.initial).collect()
}

/// One of a hundred amounts is larger than this, by its own distribution.
const SELDOM: f64 = 0.01;

/// No amount that is drawn is larger than this, but for rounding: half the step of uniforms.
const NEVER_DRAWN: f64 = 1.0 / 8_589_934_592.0;

/// The most that effects make of a usual amount; with more, bins would be too wide for all other trials.
const USUAL_FACTOR: f64 = 64.0;

/// The largest number that counts as one.
const FINITE: f64 = 1e300;

/// An amount that is hardly ever exceeded, with all that scales it: for the width of bins, not for results.
fn usual(model: &Model, amount: QuantityId) -> f64 {
    upper(model, amount, SELDOM, USUAL_FACTOR)
}

/// An amount that is never exceeded, with all that scales it.
fn greatest(model: &Model, amount: QuantityId) -> f64 {
    upper(model, amount, NEVER_DRAWN, FINITE)
}

/// An amount whose parts are each exceeded with a small probability, times at most so much.
fn upper(model: &Model, amount: QuantityId, seldom: f64, most: f64) -> f64 {
    let factors = model.quantities[amount].scale.iter();
    let factor = factors.fold(1.0, |product, &effect| product * factor(model, effect, seldom));
    (ends(model, amount, seldom)[1] * factor.min(most)).min(FINITE)
}

/// The largest factor of an effect, but for the ends of its ratio and its driver.
fn factor(model: &Model, effect: EffectId, seldom: f64) -> f64 {
    let effect = &model.effects[effect];
    let ratios = ends(model, effect.ratio, seldom);
    match effect.cause {
        Cause::Signal(_) => ratios[1].max(1.0),
        Cause::Driver(driver) => {
            let values = ends(model, driver, seldom);
            let powers = ratios.map(|ratio| values.map(|value| libm::pow(ratio, value)));
            powers.concat().into_iter().fold(0.0, f64::max).min(FINITE)
        }
    }
}

/// The values of a quantity below and above which it is with a small probability.
fn ends(model: &Model, quantity: QuantityId, seldom: f64) -> [f64; 2] {
    match &model.quantities[quantity].given {
        Given::Constant(value) => [*value; 2],
        Given::Uncertain(distribution) => [
            distribution.quantile(seldom),
            distribution.law().upper_quantile(seldom),
        ],
    }
}

/// The least of 1, 2, 5, 10, … (and of their tenths and so on) that is at least `width`.
fn round_up(width: f64) -> f64 {
    if !(width > 0.0 && width.is_finite()) {
        return 1.0;
    }
    let mut unit = 1.0;
    while unit < width {
        unit *= 10.0;
    }
    while unit / 10.0 >= width {
        unit /= 10.0;
    }
    [unit / 5.0, unit / 2.0]
        .into_iter()
        .find(|rounded| *rounded >= width)
        .unwrap_or(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bins() -> [Bins; 4] {
        [
            Bins::new([0.0, 1_000e6], [1_000e6, 1_000e6], 1e6),
            Bins::new([0.0, f64::INFINITY], [1e9, 1e15], 1e6),
            Bins::new([500e6, 7_000e6], [900e6, 7_000e6], 1e6),
            Bins::new([48e6, 48e6], [48e6, 48e6], 1e6),
        ]
    }

    #[test]
    fn bins_join_and_every_total_lies_in_its_own() {
        for bins in bins() {
            for bin in 1..TOTAL_BINS {
                let ([_, before], [low, high]) = (bins.edges(bin - 1), bins.edges(bin));
                let ends = bins.range[1].min(before);
                assert!(ends <= low.max(ends) && low <= high, "{bins:?} {bin}");
                let middle = bins.middle(bin);
                assert!(
                    middle > bins.range[1] || (low..=high).contains(&middle),
                    "{bins:?} {bin}"
                );
            }
            for total in (0..40).map(|power| bins.range[0] + libm::pow(3.0, f64::from(power))) {
                if total <= bins.range[1] {
                    let [low, high] = bins.edges(bins.place(total));
                    assert!(low <= total && total <= high, "{total} in {bins:?}");
                }
            }
        }
    }

    #[test]
    fn round_amounts_are_reported_as_they_are() {
        for bins in bins() {
            for total in [500e6, 600e6, 900e6] {
                if bins.range[0] <= total && total <= bins.range[1] {
                    assert_eq!(bins.middle(bins.place(total)), total, "{bins:?}");
                }
            }
        }
    }

    #[test]
    fn the_last_bin_reaches_to_what_is_possible() {
        let ends = bins().map(|bins| bins.edges(TOTAL_BINS - 1)[1]);
        assert_eq!(ends[1], f64::INFINITY);
        assert_eq!(ends[2], 7_000e6);
    }

    #[test]
    fn widths_are_round() {
        let rounded = [0.0, 0.03, 1.0, 1.1, 3.0, 7.0, 70.0].map(round_up);
        assert_eq!(rounded, [1.0, 0.05, 1.0, 2.0, 5.0, 10.0, 100.0]);
    }
}
