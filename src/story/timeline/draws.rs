//! What a trial drew, and what effects made of it: as in the engine, but for single values and from the trace alone.
//!
//! Quantiles are exact here and from tables there, so moments that are worked out with these values can differ from
//! the engine's by seconds; nothing that is told turns on that.

use std::collections::HashMap;

use super::holds;
use crate::model::{Cause, ChanceId, EffectId, Given, Model, QuantityId};
use crate::story::text::rounded;
use crate::study::trace::{Draw, Spells, Trace};

/// The draws of one trial by address and visit.
pub(super) struct Draws<'a> {
    model: &'a Model,
    trace: &'a Trace,
    drawn: HashMap<(&'a str, u32), &'a Draw>,
}

impl<'a> Draws<'a> {
    pub(super) fn new(model: &'a Model, trace: &'a Trace) -> Self {
        let drawn = trace
            .draws
            .iter()
            .map(|draw| ((draw.address.as_str(), draw.visit), draw))
            .collect();
        Self { model, trace, drawn }
    }

    /// A quantity before effects and its uniform; `None` if the trial did not need it.
    fn base(&self, quantity: QuantityId, visit: u32) -> Option<(f64, Option<f64>)> {
        let quantity = &self.model.quantities[quantity];
        match quantity.given {
            Given::Constant(value) => Some((value, None)),
            Given::Uncertain(_) => {
                let draw = self.drawn.get(&(quantity.address.as_str(), visit))?;
                Some((draw.value, Some(draw.uniform)))
            }
        }
    }

    /// A quantity as read at a moment, after effects; `None` if the trial did not need it.
    pub(super) fn value(&self, quantity: QuantityId, visit: u32, at: f64) -> Option<f64> {
        let (mut value, uniform) = self.base(quantity, visit)?;
        let quantity = &self.model.quantities[quantity];
        if let (Some(uniform), Given::Uncertain(distribution)) = (uniform, &quantity.given)
            && !quantity.hazard.is_empty()
        {
            let survival = libm::pow(1.0 - uniform, 1.0 / self.factor(&quantity.hazard, at));
            if survival > 0.0 && survival < 1.0 {
                value = distribution.upper_quantile(survival);
            }
        }
        Some(value * self.factor(&quantity.scale, at))
    }

    /// The probability of a chance at a moment, after effects.
    fn probability(&self, chance: ChanceId, at: f64) -> Option<f64> {
        let chance = &self.model.chances[chance];
        let (probability, _) = self.base(chance.probability, 0)?;
        if chance.odds.is_empty() || probability <= 0.0 || probability >= 1.0 {
            return Some(probability);
        }
        let odds = probability / (1.0 - probability) * self.factor(&chance.odds, at);
        Some(odds / (1.0 + odds))
    }

    fn factor(&self, effects: &[EffectId], at: f64) -> f64 {
        effects.iter().map(|&effect| self.factor_of(effect, at)).product()
    }

    fn factor_of(&self, effect: EffectId, at: f64) -> f64 {
        let effect = &self.model.effects[effect];
        let base = |quantity| self.base(quantity, 0).map_or(1.0, |(value, _)| value);
        match effect.cause {
            Cause::Driver(driver) => libm::pow(base(effect.ratio), base(driver)),
            Cause::Signal(signal) if holds(&self.trace.facts[signal], at) => base(effect.ratio),
            Cause::Signal(_) => 1.0,
        }
    }

    /// Whether the trial drew for a chance on a visit, and if so whether it said yes at that moment.
    pub(super) fn is_yes(&self, chance: ChanceId, visit: u32, at: f64) -> Option<bool> {
        let uniform = self
            .drawn
            .get(&(self.model.chances[chance].address.as_str(), visit))?
            .uniform;
        Some(uniform < self.probability(chance, at)?)
    }

    /// What a chance drew, against what: "drew 0.31 against a chance of 0.55".
    pub(super) fn luck(&self, chance: ChanceId, visit: u32, at: f64) -> Option<String> {
        let uniform = self
            .drawn
            .get(&(self.model.chances[chance].address.as_str(), visit))?
            .uniform;
        Some(format!(
            "drew {} against a chance of {}",
            rounded(uniform),
            rounded(self.probability(chance, at)?)
        ))
    }

    /// When a clock that runs during `spells`, from `from` on, completes within the horizon.
    pub(super) fn completed(&self, clock: QuantityId, visit: u32, spells: &Spells, from: f64) -> Option<f64> {
        let done = spells
            .iter()
            .filter(|(_, off)| off.is_none_or(|off| off > from))
            .find_map(|&(on, off)| {
                let on = on.max(from);
                let done = on + self.value(clock, visit, on)?;
                off.is_none_or(|off| done < off).then_some(done)
            })?;
        (done <= self.model.horizon).then_some(done)
    }
}
