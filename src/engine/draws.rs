//! Values of quantities and answers of chances, with everything that acts on them.

use std::cell::OnceCell;

use super::Block;
use crate::distribution::special::normal_cdf;
use crate::draw::Uniform;
use crate::lanes::Lanes;
use crate::model::{Cause, EffectId, QuantityId};
use crate::plan::{Plan, Scores, Value};
use crate::sampling::Coordinate;
use crate::time::Ticks;

/// What was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A quantity, by its index in the plan.
    Quantity(usize),
    /// A chance, by its index in the plan.
    Chance(usize),
    /// The common score of a copula, by its index in the plan.
    Common(usize),
}

/// Is shown every draw: the trace keeps them, a run does not.
pub trait Witness {
    /// Whether it wants to see anything; if not, nothing is computed for it alone.
    const LOOKS: bool;

    /// A draw: its uniform after any correlation, and its value before effects.
    fn drew(&mut self, what: What, visit: u32, lane: usize, uniform: f64, value: f64);
}

/// A witness that does not look.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Witness for Silent {
    const LOOKS: bool = false;

    #[inline]
    fn drew(&mut self, _: What, _: u32, _: usize, _: f64, _: f64) {}
}

/// Draws for one block, trial by trial: for everything that effects and copulas act on, and for a witness.
pub(super) struct Draws<'b, W> {
    plan: &'b Plan,
    block: &'b Block,
    witness: &'b mut W,
}

/// A uniform, or the normal score that a copula makes it from.
#[derive(Clone, Copy)]
enum Drawn {
    Plain(Uniform),
    /// Of a copula with a common factor: 24 bits, as the columns have it.
    Score(f32),
    /// Of a copula with a matrix.
    Sum(f64),
}

impl Drawn {
    /// The uniform as a number.
    #[inline]
    fn value(self) -> f64 {
        match self {
            Self::Plain(uniform) => uniform.value(),
            Self::Score(score) => from_score(f64::from(score)),
            Self::Sum(score) => from_score(score),
        }
    }
}

/// The uniform of a normal score. The ends themselves are no uniforms: it keeps to the outermost that there are.
fn from_score(score: f64) -> f64 {
    normal_cdf(score).clamp(Uniform(0).value(), Uniform(u32::MAX).value())
}

impl<'b, W: Witness> Draws<'b, W> {
    pub(super) fn new(plan: &'b Plan, block: &'b Block, witness: &'b mut W) -> Self {
        Self { plan, block, witness }
    }

    /// The duration of a clock that starts at `at`.
    #[inline]
    pub(super) fn duration(&mut self, quantity: QuantityId, visit: u32, lane: usize, at: Ticks) -> Ticks {
        let planned = &self.plan.quantities[quantity];
        let time = self.plan.time;
        if planned.is_plain {
            return match planned.value {
                Value::Constant(_) => planned.ticks,
                Value::Drawn(_) => time.ticks(self.raw(quantity, visit, lane, 1.0)),
            };
        }
        let power = self.factor(&planned.hazard, lane, at);
        let factor = self.factor(&planned.scale, lane, at);
        // Rounded once, and cut to the longest once, after all that acts on it: what lies beyond the horizon before its
        // effects may lie within it after them, and the other way round.
        time.ticks(self.raw(quantity, visit, lane, power) * factor)
    }

    /// An amount that is read at `at`, in the unit of its capability.
    #[inline]
    pub(super) fn amount(&mut self, quantity: QuantityId, lane: usize, at: Ticks) -> f64 {
        self.base(quantity, 0, lane) * self.factor(&self.plan.quantities[quantity].scale, lane, at)
    }

    /// The value before any effect.
    #[inline]
    pub(super) fn base(&mut self, quantity: QuantityId, visit: u32, lane: usize) -> f64 {
        match self.block.firsts[quantity].get(lane) {
            Some(&value) => value,
            None => self.raw(quantity, visit, lane, 1.0),
        }
    }

    /// The value before it is scaled, with its survival function raised to `power`.
    #[inline]
    fn raw(&mut self, quantity: QuantityId, visit: u32, lane: usize, power: f64) -> f64 {
        if !W::LOOKS
            && visit == 0
            && let Some(value) = self.block.ahead.value(quantity, lane)
        {
            return f64::from(value);
        }
        let planned = &self.plan.quantities[quantity];
        let sampler = match &planned.value {
            Value::Constant(value) => return *value,
            Value::Drawn(sampler) => sampler,
        };
        let drawn = self.drawn(planned.key, planned.copula, visit, lane);
        let before = || match drawn {
            Drawn::Plain(uniform) => sampler.value(uniform),
            Drawn::Score(_) | Drawn::Sum(_) => sampler.value_at(drawn.value()),
        };
        if W::LOOKS {
            self.witness.drew(
                What::Quantity(quantity),
                visit,
                lane,
                drawn.value(),
                f64::from(before()),
            );
        }
        #[allow(clippy::float_cmp, reason = "the factor of no effect is exactly 1")]
        let is_as_drawn = power == 1.0;
        f64::from(if is_as_drawn {
            before()
        } else {
            sampler.value_at(hastened(drawn.value(), power))
        })
    }

    /// Whether a chance says yes at a moment.
    #[inline]
    pub(super) fn is_open(&mut self, chance: usize, visit: u32, lane: usize, at: Ticks) -> bool {
        let planned = &self.plan.chances[chance];
        if let (Some(threshold), false) = (planned.score, W::LOOKS) {
            match self.drawn(planned.key, planned.copula, visit, lane) {
                Drawn::Score(own) => return own < threshold,
                Drawn::Plain(_) | Drawn::Sum(_) => {}
            }
        }
        let u = self.chance_uniform(chance, visit, lane);
        u < self.probability(chance, lane, at)
    }

    /// How many of some plans, by rising probability, have a chance say no at the start of a trial, on its first visit: it is drawn
    /// once for all of them.
    pub(super) fn refusals(&mut self, plans: &[&Plan], chance: usize, lane: usize) -> usize {
        let planned = &self.plan.chances[chance];
        let drawn = self.drawn(planned.key, planned.copula, 0, lane);
        let u = OnceCell::new();
        plans.partition_point(|plan| {
            if let (Some(threshold), Drawn::Score(own)) = (plan.chances[chance].score, drawn) {
                return own >= threshold;
            }
            let probability = Draws::new(plan, self.block, &mut Silent).probability(chance, lane, 0);
            *u.get_or_init(|| drawn.value()) >= probability
        })
    }

    /// The uniform of a chance, for one whose probability changes over time.
    pub(super) fn chance_uniform(&mut self, chance: usize, visit: u32, lane: usize) -> f64 {
        let planned = &self.plan.chances[chance];
        let before = self.base(planned.probability, 0, lane);
        let u = self.drawn(planned.key, planned.copula, visit, lane).value();
        if W::LOOKS {
            self.witness.drew(What::Chance(chance), visit, lane, u, before);
        }
        u
    }

    /// The probability of a chance at a moment, with all effects.
    pub(super) fn probability(&mut self, chance: usize, lane: usize, at: Ticks) -> f64 {
        let planned = &self.plan.chances[chance];
        let before = self.base(planned.probability, 0, lane);
        if planned.odds.is_empty() || before <= 0.0 || before >= 1.0 {
            return before;
        }
        let odds = before / (1.0 - before) * self.factor(&planned.odds, lane, at);
        if odds.is_infinite() {
            1.0
        } else {
            odds / (1.0 + odds)
        }
    }

    /// The product of effects at a moment; finite, so that nothing scaled by anything is nothing.
    #[inline]
    fn factor(&mut self, effects: &[EffectId], lane: usize, at: Ticks) -> f64 {
        let mut product = 1.0;
        for &effect in effects {
            match self.plan.effects[effect].cause {
                Cause::Driver(_) => product *= self.block.factors[effect][lane],
                Cause::Signal(signal) => {
                    if self.block.signals[signal].holds(lane, at) {
                        product *= self.base(self.plan.effects[effect].ratio, 0, lane);
                    }
                }
            }
        }
        product.min(f64::MAX)
    }

    /// The uniform of a draw, after its copula.
    #[inline]
    fn drawn(&mut self, key: Coordinate, copula: Option<(usize, usize)>, visit: u32, lane: usize) -> Drawn {
        let points = &self.block.points;
        let Some((copula, member)) = copula else {
            return Drawn::Plain(points.at(key.visit(visit), lane));
        };
        let score = |key: Coordinate| self.plan.normal.value(points.at(key.visit(visit), lane));
        let planned = &self.plan.copulas[copula];
        match &planned.structure {
            Scores::CommonFactor { common, own } => {
                let own = own * score(key);
                Drawn::Score(common * self.common(copula, visit, lane) + own)
            }
            Scores::Cholesky(rows) => {
                let weighted = rows[member].iter().zip(&planned.members);
                Drawn::Sum(
                    weighted
                        .map(|(weight, key)| weight * f64::from(score(*key)))
                        .sum(),
                )
            }
        }
    }

    /// The common score of a copula.
    #[inline]
    fn common(&mut self, copula: usize, visit: u32, lane: usize) -> f32 {
        if visit == 0
            && let Some(&score) = self.block.commons[copula].get(lane)
        {
            return score;
        }
        let key = self.plan.copulas[copula].key.visit(visit);
        let uniform = self.block.points.at(key, lane);
        let score = self.plan.normal.value(uniform);
        self.witness.drew(
            What::Common(copula),
            visit,
            lane,
            uniform.value(),
            f64::from(score),
        );
        score
    }

    /// The common scores of a copula on visit 0, for all trials.
    pub(super) fn common_scores(&mut self, copula: usize, column: &mut Lanes<f32>) {
        column.clear();
        if matches!(self.plan.copulas[copula].structure, Scores::CommonFactor { .. }) {
            let scores = column.lay_out(self.block.len());
            for (lane, score) in scores.iter_mut().enumerate() {
                *score = self.common(copula, 0, lane);
            }
        }
    }

    /// The factors of an effect of a driver, for all trials: ratio ^ value.
    pub(super) fn driver_factors(&mut self, effect: EffectId, column: &mut Vec<f64>) {
        column.clear();
        let planned = self.plan.effects[effect];
        if let Cause::Driver(driver) = planned.cause {
            for lane in 0..self.block.len() {
                let ratio = self.base(planned.ratio, 0, lane);
                column.push(libm::pow(ratio, self.base(driver, 0, lane)));
            }
        }
    }
}

/// The uniform whose quantile has the survival function S(t)^power: 1 − (1 − u)^(1 / power).
///
/// Proportional hazards (Cox 1972): S(t)^f = 1 − u where S(t) = (1 − u)^(1/f).
fn hastened(u: f64, power: f64) -> f64 {
    let moved = -libm::expm1(libm::log1p(-u) / power);
    moved.clamp(f64::MIN_POSITIVE, 1.0 - f64::EPSILON / 2.0)
}

#[cfg(test)]
mod tests {
    use super::hastened;

    #[test]
    fn a_hazard_of_two_halves_the_logarithm_of_survival() {
        assert!((hastened(0.75, 2.0) - 0.5).abs() < 1e-15);
        assert!((hastened(0.5, 0.5) - 0.75).abs() < 1e-15);
    }
}
