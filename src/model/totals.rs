//! Between which ends the total of a capability lies, whatever happens.

use super::{CapabilityId, Cause, EffectId, Given, Model, Quantity, QuantityId};

impl Model {
    /// The least and the most that a capability's total can be; the most is infinite where an amount has no upper end, or
    /// a driver scales it.
    #[must_use]
    pub fn range_of_total(&self, capability: CapabilityId) -> (f64, f64) {
        let capability = &self.capabilities[capability];
        let initial = capability
            .initial
            .map_or((0.0, 0.0), |initial| self.range(initial));
        let packages = capability.packages.iter();
        let most: f64 = packages
            .map(|&package| self.range(self.packages[package].amount).1)
            .sum();
        (initial.0, initial.1 + most)
    }

    /// Whether a capability's total has a variance, as far as is sure: where it has no upper end, each amount has one, and the
    /// drivers that scale it have bounds or are normal (then what they multiply by is lognormal at most).
    #[must_use]
    pub fn has_spread(&self, capability: CapabilityId) -> bool {
        let packages = self.capabilities[capability].packages.iter();
        let amounts = packages.map(|&package| self.packages[package].amount);
        let initial = self.capabilities[capability].initial;
        amounts.chain(initial).all(|amount| {
            let quantity = &self.quantities[amount];
            let scale = quantity.scale.iter();
            spread(quantity) && scale.into_iter().all(|&effect| self.is_tame(effect))
        })
    }

    /// Whether what an effect multiplies by has moments of every order.
    fn is_tame(&self, effect: EffectId) -> bool {
        let effect = &self.effects[effect];
        let is_bounded = |quantity: QuantityId| self.quantities[quantity].given.support().1.is_finite();
        match effect.cause {
            Cause::Signal(_) => is_bounded(effect.ratio),
            Cause::Driver(driver) => {
                let is_normal = match &self.quantities[driver].given {
                    Given::Uncertain(law) => law.family().name == "normal",
                    Given::Constant(_) => true,
                };
                is_bounded(effect.ratio) && (is_bounded(driver) || is_normal)
            }
        }
    }

    /// The least and the most that an amount can be, with all that scales it.
    fn range(&self, quantity: QuantityId) -> (f64, f64) {
        let quantity = &self.quantities[quantity];
        let (low, high) = quantity.given.support();
        let factors = quantity.scale.iter().map(|&effect| self.factors(effect));
        factors.fold((low, high), |(low, high), (least, most)| {
            // Nothing scaled by anything is nothing.
            let high = if high == 0.0 { 0.0 } else { high * most };
            (low * least, high)
        })
    }

    /// The least and the most that an effect multiplies by.
    fn factors(&self, effect: EffectId) -> (f64, f64) {
        let effect = &self.effects[effect];
        let (low, high) = self.quantities[effect.ratio].given.support();
        match effect.cause {
            Cause::Driver(_) => (0.0, f64::INFINITY),
            Cause::Signal(_) => (low.min(1.0), high.max(1.0)),
        }
    }
}

/// Whether an amount has a variance.
fn spread(quantity: &Quantity) -> bool {
    match &quantity.given {
        Given::Constant(_) => true,
        Given::Uncertain(law) => law.variance().is_finite(),
    }
}
