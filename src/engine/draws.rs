//! Values of quantities and answers of chances, with everything that acts on them.

use super::Block;
use crate::distribution::special::normal_cdf;
use crate::draw::{Key, snap, uniform};
use crate::model::{Cause, EffectId, QuantityId};
use crate::plan::{BLOCK, Plan, Scores, Value};
use crate::wide::wide;

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

/// Draws for one block.
pub(super) struct Draws<'b, W> {
    plan: &'b Plan,
    block: &'b Block,
    witness: &'b mut W,
}

/// A uniform, or the normal score that a copula makes it from.
#[derive(Clone, Copy)]
enum Uniform {
    Plain(f64),
    Score(f64),
}

impl Uniform {
    #[inline]
    fn value(self) -> f64 {
        match self {
            Self::Plain(uniform) => uniform,
            // The ends themselves are no uniforms: keep to the outermost that a hash can give.
            Self::Score(score) => normal_cdf(score).clamp(f64::EPSILON / 2.0, 1.0 - f64::EPSILON / 2.0),
        }
    }
}

impl<'b, W: Witness> Draws<'b, W> {
    pub(super) fn new(plan: &'b Plan, block: &'b Block, witness: &'b mut W) -> Self {
        Self { plan, block, witness }
    }

    /// The value of a quantity whose clock starts, or which is read, at `at`.
    #[inline]
    pub(super) fn value(&mut self, quantity: QuantityId, visit: u32, lane: usize, at: f64) -> f64 {
        let planned = &self.plan.quantities[quantity];
        if planned.is_plain {
            return match &planned.value {
                Value::Constant(value) => *value,
                Value::Drawn(_) => self.base(quantity, visit, lane, 1.0),
            };
        }
        let power = self.factor(&planned.hazard, lane, at);
        let base = self.base(quantity, visit, lane, power);
        if planned.scale.is_empty() {
            return base;
        }
        let value = base * self.factor(&planned.scale, lane, at);
        if planned.on_grid { snap(value) } else { value }
    }

    /// The value before it is scaled, with its survival function raised to `power`.
    #[inline]
    pub(super) fn base(&mut self, quantity: QuantityId, visit: u32, lane: usize, power: f64) -> f64 {
        let planned = &self.plan.quantities[quantity];
        let sampler = match &planned.value {
            Value::Constant(value) => return *value,
            Value::Drawn(sampler) => sampler,
        };
        if let Some(&value) = self.block.firsts[quantity].get(lane) {
            return value;
        }
        let on_grid = |value| if planned.on_grid { snap(value) } else { value };
        let u = self.uniform(planned.key, planned.copula, visit, lane).value();
        #[allow(clippy::float_cmp, reason = "the factor of no effect is exactly 1")]
        let is_as_drawn = power == 1.0;
        if W::LOOKS {
            self.witness.drew(
                What::Quantity(quantity),
                visit,
                lane,
                u,
                on_grid(sampler.value(u)),
            );
        }
        if is_as_drawn {
            on_grid(sampler.value(u))
        } else {
            on_grid(sampler.value(hastened(u, power)))
        }
    }

    /// The values of a plain quantity on its first visit, for the trials listed.
    ///
    /// The same bits as [`Self::value`] gives one by one, in two tight loops: all hashes, then all quantiles.
    pub(super) fn plain_column(&self, quantity: QuantityId, lanes: &[u32], column: &mut Vec<f64>) {
        let planned = &self.plan.quantities[quantity];
        column.clear();
        column.resize(lanes.len(), 0.0);
        match &planned.value {
            Value::Constant(value) => column.fill(*value),
            Value::Drawn(sampler) => {
                self.uniform_column(planned.key, lanes, column);
                sampler.fill(column);
                if planned.on_grid {
                    column.iter_mut().for_each(|value| *value = snap(*value));
                }
            }
        }
    }

    /// Runs a plain clock that starts at `starts` in the trials listed, and keeps those in which it completes within the
    /// horizon, with `starts` moved to the moments at which it does.
    pub(super) fn keep_completed(
        &self,
        clock: QuantityId,
        lanes: &mut Vec<u32>,
        starts: &mut Vec<f64>,
        values: &mut Vec<f64>,
    ) {
        self.plain_column(clock, lanes, values);
        starts
            .iter_mut()
            .zip(&*values)
            .for_each(|(start, value)| *start += value);
        values.copy_from_slice(starts);
        keep_where(lanes, starts, |index| values[index] <= self.plan.horizon);
    }

    /// The uniforms of a key, for the trials listed; `column` is as long as that list.
    ///
    /// Where most trials are listed, all are hashed along the column of states, which the processor does several at a
    /// time, and those listed are picked out.
    fn uniform_column(&self, key: Key, lanes: &[u32], column: &mut [f64]) {
        let states = &self.block.states;
        if lanes.len() * 3 < states.len() {
            for (value, &lane) in column.iter_mut().zip(lanes) {
                *value = uniform(key, states[lane as usize]);
            }
            return;
        }
        let mut all = [0.0; BLOCK];
        wide(|| {
            for (value, &state) in all.iter_mut().zip(states) {
                *value = uniform(key, state);
            }
        });
        for (value, &lane) in column.iter_mut().zip(lanes) {
            *value = all[lane as usize];
        }
    }

    /// The scores of a chance in a copula with a common factor, for the trials listed.
    fn score_column(
        &self,
        chance: usize,
        common: f64,
        own: f64,
        copula: usize,
        lanes: &[u32],
        column: &mut Vec<f64>,
    ) {
        column.clear();
        column.resize(lanes.len(), 0.0);
        self.uniform_column(self.plan.chances[chance].key, lanes, column);
        self.plan.normal.fill(column);
        for (score, &lane) in column.iter_mut().zip(lanes) {
            *score = common * self.block.commons[copula][lane as usize] + own * *score;
        }
    }

    /// Keeps the trials in which a chance without effects says yes on its first visit; false if it has no such form.
    ///
    /// `lanes` and `kept` lose the same entries.
    pub(super) fn keep_open(
        &self,
        chance: usize,
        lanes: &mut Vec<u32>,
        kept: &mut Vec<f64>,
        column: &mut Vec<f64>,
    ) -> bool {
        let planned = &self.plan.chances[chance];
        let threshold = match (
            planned.copula,
            planned.score,
            &self.plan.quantities[planned.probability].value,
        ) {
            (Some((copula, _)), Some(score), _) => match self.plan.copulas[copula].structure {
                Scores::CommonFactor { common, own } => {
                    self.score_column(chance, common, own, copula, lanes, column);
                    score
                }
                Scores::Cholesky(_) => return false,
            },
            (None, _, Value::Constant(probability)) if planned.odds.is_empty() => {
                column.clear();
                column.resize(lanes.len(), 0.0);
                self.uniform_column(planned.key, lanes, column);
                *probability
            }
            _ => return false,
        };
        keep_where(lanes, kept, |index| column[index] < threshold);
        true
    }

    /// Whether a chance says yes at a moment.
    #[inline]
    pub(super) fn is_open(&mut self, chance: usize, visit: u32, lane: usize, at: f64) -> bool {
        let planned = &self.plan.chances[chance];
        if let (Some(score), false) = (planned.score, W::LOOKS) {
            let drawn = self.uniform(planned.key, planned.copula, visit, lane);
            return match drawn {
                Uniform::Score(own) => own < score,
                Uniform::Plain(u) => u < self.probability(chance, lane, at),
            };
        }
        let u = self.chance_uniform(chance, visit, lane);
        u < self.probability(chance, lane, at)
    }

    /// The uniform of a chance, for one whose probability changes over time.
    pub(super) fn chance_uniform(&mut self, chance: usize, visit: u32, lane: usize) -> f64 {
        let planned = &self.plan.chances[chance];
        let before = self.base(planned.probability, 0, lane, 1.0);
        let u = self.uniform(planned.key, planned.copula, visit, lane).value();
        if W::LOOKS {
            self.witness.drew(What::Chance(chance), visit, lane, u, before);
        }
        u
    }

    /// The probability of a chance at a moment, with all effects.
    pub(super) fn probability(&mut self, chance: usize, lane: usize, at: f64) -> f64 {
        let planned = &self.plan.chances[chance];
        let before = self.base(planned.probability, 0, lane, 1.0);
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

    /// The product of effects at a moment.
    #[inline]
    fn factor(&mut self, effects: &[EffectId], lane: usize, at: f64) -> f64 {
        let mut product = 1.0;
        for &effect in effects {
            match self.plan.effects[effect].cause {
                Cause::Driver(_) => product *= self.block.factors[effect][lane],
                Cause::Signal(signal) => {
                    if self.block.signals[signal].holds(lane, at) {
                        product *= self.base(self.plan.effects[effect].ratio, 0, lane, 1.0);
                    }
                }
            }
        }
        product
    }

    /// The uniform of a draw, after its copula.
    #[inline]
    fn uniform(&mut self, key: Key, copula: Option<(usize, usize)>, visit: u32, lane: usize) -> Uniform {
        let state = self.block.states[lane];
        let Some((copula, member)) = copula else {
            return Uniform::Plain(uniform(key.visit(visit), state));
        };
        let score = |key: Key| self.plan.normal.value(uniform(key.visit(visit), state));
        let planned = &self.plan.copulas[copula];
        match &planned.structure {
            Scores::CommonFactor { common, own } => {
                let own = own * score(key);
                Uniform::Score(common * self.common(copula, visit, lane) + own)
            }
            Scores::Cholesky(rows) => {
                let weighted = rows[member].iter().zip(&planned.members);
                Uniform::Score(weighted.map(|(weight, key)| weight * score(*key)).sum())
            }
        }
    }

    /// The common score of a copula.
    #[inline]
    fn common(&mut self, copula: usize, visit: u32, lane: usize) -> f64 {
        if visit == 0
            && let Some(&score) = self.block.commons[copula].get(lane)
        {
            return score;
        }
        let u = uniform(
            self.plan.copulas[copula].key.visit(visit),
            self.block.states[lane],
        );
        let score = self.plan.normal.value(u);
        self.witness.drew(What::Common(copula), visit, lane, u, score);
        score
    }

    /// The common scores of a copula on visit 0, for all trials.
    pub(super) fn common_scores(&mut self, copula: usize, column: &mut Vec<f64>) {
        column.clear();
        if matches!(self.plan.copulas[copula].structure, Scores::CommonFactor { .. }) {
            column.extend((0..self.block.len()).map(|lane| self.common(copula, 0, lane)));
        }
    }

    /// The factors of an effect of a driver, for all trials: ratio ^ value.
    pub(super) fn driver_factors(&mut self, effect: EffectId, column: &mut Vec<f64>) {
        column.clear();
        let planned = self.plan.effects[effect];
        if let Cause::Driver(driver) = planned.cause {
            for lane in 0..self.block.len() {
                let ratio = self.base(planned.ratio, 0, lane, 1.0);
                column.push(libm::pow(ratio, self.base(driver, 0, lane, 1.0)));
            }
        }
    }
}

/// Keeps the entries of two lists whose index satisfies a condition, in their order.
fn keep_where(lanes: &mut Vec<u32>, values: &mut Vec<f64>, keep: impl Fn(usize) -> bool) {
    let mut kept = 0;
    for index in 0..lanes.len() {
        lanes[kept] = lanes[index];
        values[kept] = values[index];
        kept += usize::from(keep(index));
    }
    lanes.truncate(kept);
    values.truncate(kept);
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
