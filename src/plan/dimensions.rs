//! Which quantities get a dimension of a Sobol sequence: those that everything hangs on.
//!
//! # Which, and in which order
//! Processes first, in the order of their addresses, each with where it begins, its chances and its clocks; then drivers;
//! then the common factors of correlations; then what else every trial draws before anything happens. All of them only on
//! their first visit. The first dimensions of a sequence are spread best together, so what matters most comes first, and a
//! contributor or a package that is added moves nobody to another dimension: its own draws are hashed.
//!
//! Contributors' own draws are many, each of little weight, and most of the gain comes from the few; see
//! `docs/sampling.md` for what was measured.

use super::{Key, drawn_first};
use crate::model::{Cause, Dependence, Given, Initial, Model, QuantityId};
use crate::sampling::sobol;

/// The keys of the quantities with a dimension, in the order of the dimensions.
pub(super) fn dimensions(model: &Model) -> Vec<Key> {
    let mut addresses = Addresses {
        model,
        listed: Vec::new(),
    };
    let mut processes: Vec<_> = model.processes.iter().collect();
    processes.sort_by_key(|process| &process.address);
    for process in processes {
        if let Initial::Drawn(initial) = process.initial {
            addresses.quantity(initial);
        }
        for transition in &process.transitions {
            if let Some(chance) = transition.chance {
                addresses.quantity(model.chances[chance].probability);
                addresses.add(&model.chances[chance].address);
            }
            addresses.quantity(transition.after);
        }
    }
    addresses.sorted(model.effects.iter().filter_map(|effect| match effect.cause {
        Cause::Driver(driver) => Some(driver),
        Cause::Signal(_) => None,
    }));
    for correlation in &model.correlations {
        if matches!(correlation.structure, Dependence::CommonFactor { .. }) {
            addresses.add(&correlation.address);
        }
    }
    addresses.sorted(drawn_first(model).into_iter());
    let kept = addresses.listed.into_iter().take(sobol::DIMENSIONS);
    kept.map(Key::of).collect()
}

/// Addresses in the order of their dimensions, each once.
struct Addresses<'m> {
    model: &'m Model,
    listed: Vec<&'m str>,
}

impl<'m> Addresses<'m> {
    fn add(&mut self, address: &'m str) {
        if !self.listed.contains(&address) {
            self.listed.push(address);
        }
    }

    /// A quantity, unless it is the same in every trial.
    fn quantity(&mut self, quantity: QuantityId) {
        let quantity = &self.model.quantities[quantity];
        if matches!(quantity.given, Given::Uncertain(_)) {
            self.add(&quantity.address);
        }
    }

    /// Quantities in the order of their addresses, so that the order in which the model was built plays no part.
    fn sorted(&mut self, quantities: impl Iterator<Item = QuantityId>) {
        let mut quantities: Vec<_> = quantities.collect();
        quantities.sort_by_key(|&quantity| &self.model.quantities[quantity].address);
        quantities
            .into_iter()
            .for_each(|quantity| self.quantity(quantity));
    }
}
