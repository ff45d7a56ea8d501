//! Quantities, chances and the effects on them.

use std::fmt::Arguments;

use super::{Builder, Mention, Thing};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::model::{Cause, Chance, ChanceId, Effect, EffectId, Given, Quantity, QuantityId};
use crate::scenario::condition::Says;
use crate::scenario::quantity::{self, Quantity as Written};

impl<'a> Builder<'a> {
    /// A quantity of a thing of its own as the model has it, with everything that acts on it built before.
    pub(in crate::model) fn quantity(&mut self, written: &Written) -> Option<QuantityId> {
        let address = written.address.text();
        let acting = self.targets.on(&address);
        let hazard = self.effects(&acting.hazard)?;
        let scale = self.effects(&acting.scale)?;
        Some(self.add(Quantity {
            given: given(written),
            address,
            hazard,
            scale,
            correlation: acting.correlation,
        }))
    }

    /// The same for a key that may be absent, with the value that stands for it then.
    pub(super) fn quantity_or(
        &mut self,
        written: Option<&Written>,
        absent: f64,
        address: Arguments<'_>,
    ) -> Option<QuantityId> {
        match written {
            Some(written) => self.quantity(written),
            None => Some(self.add(Quantity::plain(address.to_string(), Given::Constant(absent)))),
        }
    }

    /// A quantity that may be met again: a driver has many effects, and the conditions of an objective are built twice, for
    /// its signal and as gates.
    pub(super) fn shared_quantity(&mut self, written: &'a Written) -> Option<QuantityId> {
        if let Some(&shared) = self.shared.get(&written.address) {
            return Some(shared);
        }
        let id = self.quantity(written)?;
        self.shared.insert(&written.address, id);
        Some(id)
    }

    pub(super) fn add(&mut self, quantity: Quantity) -> QuantityId {
        self.model.quantities.push(quantity);
        self.model.quantities.len() - 1
    }

    /// A yes or no at `address`.
    pub(super) fn chance(&mut self, address: String, probability: QuantityId) -> Option<ChanceId> {
        let acting = self.targets.on(&address);
        let odds = self.effects(&acting.odds)?;
        self.model.chances.push(Chance {
            address,
            probability,
            odds,
            correlation: acting.correlation,
        });
        Some(self.model.chances.len() - 1)
    }

    /// The probability of a chance; one that is a distribution is drawn at the address of the distribution.
    pub(super) fn probability(&mut self, written: &Written) -> QuantityId {
        let mut address = written.address.text();
        if let quantity::Given::Uncertain(distribution) = &written.given {
            address = format!("{address}.{}", distribution.family().name);
        }
        self.add(Quantity::plain(address, given(written)))
    }

    /// The probability of chances that share it.
    pub(super) fn shared_probability(&mut self, written: &'a Written) -> QuantityId {
        if let Some(&shared) = self.shared.get(&written.address) {
            return shared;
        }
        let id = self.probability(written);
        self.shared.insert(&written.address, id);
        id
    }

    /// Builds effects, by their place in the file.
    pub(super) fn effects(&mut self, indices: &[usize]) -> Option<Vec<EffectId>> {
        // All of them, whatever faults the first have.
        let built: Vec<Option<EffectId>> = indices.iter().map(|&index| self.acting(index)).collect();
        built.into_iter().collect()
    }

    /// Builds an effect if that has not been done.
    pub(super) fn acting(&mut self, index: usize) -> Option<EffectId> {
        let effect = &self.scenario.effects[index];
        self.mentioned(Mention {
            thing: Thing::Effect(index),
            // Where one could not be read, the others have moved up: only the text tells their own places.
            by: Some(&effect.address),
            span: effect.span,
        })
    }

    pub(super) fn effect(&mut self, index: usize) -> Option<EffectId> {
        let scenario = self.scenario;
        let written = &scenario.effects[index];
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
        let scenario = self.scenario;
        let name = reference.trim_start_matches("drivers.");
        let Some(driver) = scenario.drivers.get(name) else {
            if self.diagnostics.is_unread(reference) {
                return None;
            }
            let message = format!("there is no driver `{name}`");
            let help = self
                .diagnostics
                .suggest(name, scenario.drivers.keys().map(String::as_str));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").maybe_help(help));
            return None;
        };
        self.shared_quantity(&driver.value.value.quantity)
            .map(Cause::Driver)
    }
}

impl Quantity {
    /// A quantity that nothing acts on.
    pub(super) fn plain(address: String, given: Given) -> Self {
        let (hazard, scale) = (Vec::new(), Vec::new());
        Self {
            address,
            given,
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
