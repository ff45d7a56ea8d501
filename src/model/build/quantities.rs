//! Quantities, chances and the effects on them.

use super::{Builder, Thing};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::model::{Cause, Chance, ChanceId, Effect, EffectId, Given, Quantity, QuantityId};
use crate::scenario::condition::Says;
use crate::scenario::quantity::{self, Quantity as Written};

impl Builder<'_> {
    /// A quantity as the model has it, with everything that acts on it built before.
    pub(in crate::model) fn quantity(&mut self, written: &Written) -> Option<QuantityId> {
        let address = written.address.to_string();
        // The conditions of an objective are met twice: in its signal and as gates.
        if let Some(&shared) = self.shared.get(&address) {
            return Some(shared);
        }
        let hazard = self.effects(&self.targets.hazard(&address))?;
        let scale = self.effects(&self.targets.scale(&address))?;
        let correlation = self.targets.correlation(&address);
        let id = self.add(Quantity {
            given: given(written),
            on_grid: written.on_grid,
            address: address.clone(),
            hazard,
            scale,
            correlation,
        });
        self.shared.insert(address, id);
        Some(id)
    }

    /// The same for a key that may be absent, with the value that stands for it then.
    pub(super) fn quantity_or(
        &mut self,
        written: Option<&Written>,
        absent: f64,
        address: &str,
    ) -> Option<QuantityId> {
        match written {
            Some(written) => self.quantity(written),
            None => Some(self.constant(absent, address)),
        }
    }

    pub(super) fn constant(&mut self, value: f64, address: &str) -> QuantityId {
        self.add(Quantity::plain(address, Given::Constant(value)))
    }

    pub(super) fn add(&mut self, quantity: Quantity) -> QuantityId {
        self.model.quantities.push(quantity);
        self.model.quantities.len() - 1
    }

    /// A yes or no at `address`, whose probability is `written`, maybe elsewhere (a stance).
    pub(super) fn chance(&mut self, address: &str, written: &Written) -> Option<ChanceId> {
        let probability = self.probability(written);
        let odds = self.effects(&self.targets.odds(address))?;
        let correlation = self.targets.correlation(address);
        self.model.chances.push(Chance {
            address: address.to_owned(),
            probability,
            odds,
            correlation,
        });
        Some(self.model.chances.len() - 1)
    }

    /// The probability of a chance; one that is a distribution is drawn at the address of the distribution.
    pub(super) fn probability(&mut self, written: &Written) -> QuantityId {
        let mut address = written.address.to_string();
        let given = match &written.given {
            quantity::Given::Constant(value) => Given::Constant(*value),
            quantity::Given::Uncertain(distribution) => {
                address = format!("{address}.{}", distribution.family().name);
                Given::Uncertain(distribution.clone())
            }
        };
        if let Some(&shared) = self.shared.get(&address) {
            return shared;
        }
        let id = self.add(Quantity::plain(&address, given));
        self.shared.insert(address, id);
        id
    }

    /// Builds effects, by their place in the file.
    pub(super) fn effects(&mut self, indices: &[usize]) -> Option<Vec<EffectId>> {
        let scenario = self.scenario;
        let mut built = Vec::with_capacity(indices.len());
        for &index in indices {
            let effect = &scenario.effects[index];
            built.push(self.thing(&Thing::Effect(index), &effect.address.to_string(), effect.span));
        }
        built.into_iter().collect()
    }

    pub(super) fn effect(&mut self, index: usize) -> Option<EffectId> {
        let written = &self.scenario.effects[index];
        let ratio = self.quantity(&written.ratio.quantity)?;
        let cause = match &written.cause.says {
            Says::Is(reference) if reference.starts_with("drivers.") => {
                self.driver(reference, written.cause.span)?
            }
            _ => Cause::Signal(self.condition(&written.cause)?),
        };
        self.model.effects.push(Effect {
            address: written.address.to_string(),
            cause,
            ratio,
        });
        Some(self.model.effects.len() - 1)
    }

    pub(super) fn driver(&mut self, reference: &str, span: Span) -> Option<Cause> {
        let name = reference.trim_start_matches("drivers.");
        let Some(driver) = self.scenario.drivers.get(name) else {
            if self.diagnostics.is_unread(reference) {
                return None;
            }
            let message = format!("there is no driver `{name}`");
            let help = crate::diagnostic::suggest(name, self.scenario.drivers.keys().map(String::as_str));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
            return None;
        };
        self.quantity(&driver.value.value.quantity).map(Cause::Driver)
    }
}

impl Quantity {
    /// A quantity that nothing acts on, off the grid.
    pub(super) fn plain(address: &str, given: Given) -> Self {
        let (hazard, scale) = (Vec::new(), Vec::new());
        Self {
            address: address.to_owned(),
            given,
            on_grid: false,
            hazard,
            scale,
            correlation: None,
        }
    }
}

/// What is written, as the model has it.
fn given(written: &Written) -> Given {
    match &written.given {
        quantity::Given::Constant(value) => Given::Constant(*value),
        quantity::Given::Uncertain(distribution) => Given::Uncertain(distribution.clone()),
    }
}
