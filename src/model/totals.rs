//! What is known of the total of a capability, whatever happens: its ends, its mean, its variance.

use super::{CapabilityId, Cause, EffectId, Given, Model, QuantityId};
use crate::distribution::Distribution;

impl Model {
    /// The least and the most that a capability's total can be, in its unit; the most is infinite where an amount has no upper end,
    /// or a driver without one scales it.
    #[must_use]
    pub fn range_of_total(&self, capability: CapabilityId) -> (f64, f64) {
        let capability = &self.capabilities[capability];
        let initial = capability
            .initial
            .map_or([0.0; 2], |initial| self.range_of_amount(initial));
        let packages = capability.packages.iter();
        let most: f64 = packages
            .map(|&package| self.range_of_amount(self.packages[package].amount)[1])
            .sum();
        (initial[0], initial[1] + most)
    }

    /// Whether a capability's total has a variance, as far as is sure: where it has no upper end, each amount has one, and the
    /// drivers that scale it have bounds or are normal (then what they multiply by is lognormal at most).
    #[must_use]
    pub fn has_spread(&self, capability: CapabilityId) -> bool {
        self.amounts(capability).all(|amount| {
            let spreads = |law: &Distribution| law.variance().is_finite();
            self.is_tame(amount, 2.0, &spreads)
        })
    }

    /// Whether a capability's total has a mean: no amount that may be part of it has an infinite one.
    #[must_use]
    pub fn has_mean_total(&self, capability: CapabilityId) -> bool {
        self.amounts(capability).all(|amount| self.has_mean(amount))
    }

    /// Whether an amount, with all that scales it, has a finite mean.
    #[must_use]
    pub fn has_mean(&self, amount: QuantityId) -> bool {
        self.is_tame(amount, 1.0, &|law: &Distribution| law.mean().is_finite())
    }

    /// What a capability's total may be made of.
    fn amounts(&self, capability: CapabilityId) -> impl Iterator<Item = QuantityId> {
        let capability = &self.capabilities[capability];
        let packages = capability.packages.iter();
        let amounts = packages.map(|&package| self.packages[package].amount);
        amounts.chain(capability.initial)
    }

    /// Whether an amount has a moment of an order, `has` of distributions, with all that scales it.
    fn is_tame(&self, amount: QuantityId, order: f64, has: &dyn Fn(&Distribution) -> bool) -> bool {
        let has = |quantity: QuantityId| match &self.quantities[quantity].given {
            Given::Constant(_) => true,
            Given::Uncertain(law) => has(law),
        };
        let mut scale = self.quantities[amount].scale.iter();
        has(amount)
            && scale.all(|&effect| {
                let effect = &self.effects[effect];
                match effect.cause {
                    Cause::Signal(_) => has(effect.ratio),
                    Cause::Driver(driver) => self.has_power(effect.ratio, driver, order),
                }
            })
    }
}

impl Model {
    /// Whether what an effect of a driver multiplies by, ratio ^ value, has a moment of an order: E e^(order · value · ln ratio) is
    /// finite.
    ///
    /// Either value and ratio both have ends on the side on which they grow, or one has, and the tail of the other falls fast enough.
    fn has_power(&self, ratio: QuantityId, driver: QuantityId, order: f64) -> bool {
        let [ratio, driver] = [ratio, driver].map(|quantity| &self.quantities[quantity].given);
        [Side::Upper, Side::Lower].into_iter().all(|side| {
            let value = Tail::of(driver, side, |value| value);
            let log = Tail::of(ratio, side, libm::log);
            let (one, other) = (value.end.max(0.0), log.end.max(0.0));
            one * other == 0.0
                || one.is_finite() && (other.is_finite() || order * one * log.growth < 1.0)
                || other.is_finite() && order * other * value.growth < 1.0
        })
    }

    /// The least and the most that an amount is, in its unit: as drawn, with all that scales it.
    #[must_use]
    pub fn range_of_amount(&self, quantity: QuantityId) -> [f64; 2] {
        let quantity = &self.quantities[quantity];
        let factors = quantity.scale.iter().map(|&effect| self.factors(effect));
        factors.fold(quantity.given.drawn(), |[low, high], [least, most]| {
            // Nothing scaled by anything is nothing.
            let high = if high == 0.0 { 0.0 } else { high * most };
            [low * least, high]
        })
    }

    /// The least and the most that an effect multiplies by.
    fn factors(&self, effect: EffectId) -> [f64; 2] {
        let effect = &self.effects[effect];
        let ratios = self.quantities[effect.ratio].given.drawn();
        match effect.cause {
            Cause::Signal(_) => [ratios[0].min(1.0), ratios[1].max(1.0)],
            Cause::Driver(driver) => {
                let values = self.quantities[driver].given.drawn();
                let powers = ratios.map(|ratio| values.map(|value| libm::pow(ratio, value)));
                let powers = powers.concat().into_iter();
                [
                    powers.clone().fold(f64::INFINITY, f64::min),
                    powers.fold(0.0, f64::max),
                ]
            }
        }
    }
}

/// An end of a distribution.
#[derive(Clone, Copy)]
enum Side {
    Upper,
    Lower,
}

/// One tail of a quantity, turned so that it grows.
struct Tail {
    /// Where it ends; may be infinite.
    end: f64,
    /// How much the quantile grows for each factor e by which the probability beyond it falls: 0 for one that has an end, a constant
    /// for an exponential one, and without limit for a heavier one.
    growth: f64,
}

impl Tail {
    /// That of f(quantity), with f rising.
    fn of(given: &Given, side: Side, f: impl Fn(f64) -> f64) -> Self {
        let [low, high] = given.drawn().map(&f);
        let end = match side {
            Side::Upper => high,
            Side::Lower => -low,
        };
        let growth = match given {
            Given::Uncertain(law) if end.is_infinite() => {
                let quantile = |p: f64| match side {
                    Side::Upper => f(law.upper_quantile(p)),
                    Side::Lower => -f(law.quantile(p)),
                };
                // So far out that the tail has its final form, and yet a probability that floating point has.
                (quantile(1e-200) - quantile(1e-100)) / (100.0 * std::f64::consts::LN_10)
            }
            _ => 0.0,
        };
        Self { end, growth }
    }
}
