//! Values that are drawn for all trials together, although the step that needs them is played trial by trial.
//!
//! What effects and spells do to a clock or an amount has to be worked out trial by trial, but its value before them is a column
//! like any other: hashes and tables in wide loops cost a tenth of what they cost one by one. It is drawn for those trials only
//! that may need it: in which the step can begin at all.

use super::Block;
use crate::lanes::Lanes;
use crate::model::{QuantityId, SignalId};
use crate::plan::{Plan, Value};

/// As many quantities as one step needs: a notice, an amount, and how long it is sustained.
pub(super) const MOST: usize = 3;

/// The values of one step, on visit 0 and before effects.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    columns: [Lanes<f32>; MOST],
    /// Whose values stand in each column.
    quantities: [Option<QuantityId>; MOST],
}

impl Ahead {
    /// The value of a quantity in a trial, if it was drawn ahead.
    #[inline]
    pub(super) fn value(&self, quantity: QuantityId, lane: usize) -> Option<f32> {
        let slot = self
            .quantities
            .iter()
            .position(|known| *known == Some(quantity))?;
        Some(self.columns[slot][lane])
    }

    /// Forgets all of them.
    pub(super) fn clear(&mut self) {
        self.quantities = [None; MOST];
    }
}

impl Block {
    /// Draws some quantities ahead, for the trials in which a fact ever holds; at most [`MOST`].
    ///
    /// Copulas and effects on the hazard act before the quantile: what they act on is left to be drawn trial by trial.
    pub(super) fn draw_ahead(
        &mut self,
        plan: &Plan,
        quantities: impl IntoIterator<Item = QuantityId>,
        from: SignalId,
    ) {
        let mut first = std::mem::take(&mut self.scratch.column);
        let moments = self.signals[from].firsts(&mut first, self.points.len());
        let drawn = quantities.into_iter().filter(|&quantity| {
            let planned = &plan.quantities[quantity];
            planned.copula.is_none() && planned.hazard.is_empty()
        });
        let mut desk = std::mem::take(&mut self.scratch.desk);
        for (slot, quantity) in drawn.take(MOST).enumerate() {
            let planned = &plan.quantities[quantity];
            let Value::Drawn(sampler) = &planned.value else {
                continue;
            };
            if let Some(values) = desk.values(&self.points, planned.key.visit(0), sampler, moments) {
                self.ahead.columns[slot]
                    .lay_out(values.len())
                    .copy_from_slice(values);
                self.ahead.quantities[slot] = Some(quantity);
            }
        }
        self.scratch.desk = desk;
        self.scratch.column = first;
    }
}
