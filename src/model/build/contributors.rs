//! Contributors, their packages, and the capabilities that these add to.

use std::collections::HashMap;

use super::{Builder, Known, Thing};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::model::{Capability, ChanceId, Contributor, Package, QuantityId, Signal, Step};
use crate::scenario::address::Address;
use crate::scenario::read::{Named1, Placed};
use crate::scenario::{
    Capability as WrittenCapability, Contributor as WrittenContributor, Package as WrittenPackage, Scenario,
};

impl<'a> Builder<'a> {
    pub(super) fn contributor(&mut self, contributor: Known<'a, WrittenContributor>) -> Option<usize> {
        let (name, written) = (contributor.name, contributor.written());
        let requires = self.conditions(&written.requires);
        let decision = self.quantity_or(
            written.decision.as_ref().map(|of| &of.quantity),
            0.0,
            format_args!("contributors.{name}.decision"),
        );
        let chance = self.contributors_chance(name, written);
        let (requires, decision, chance) = (requires?, decision?, chance?);
        let id = self.model.contributors.len();
        let pledge = self.own_signal(Signal::Pledge(id));
        let contributor = Contributor {
            name: name.to_owned(),
            label: written.label.clone(),
            requires,
            decision,
            chance,
            pledge,
        };
        self.model.contributors.push(contributor);
        self.model.steps.push(Step::Pledge(id));
        Some(id)
    }

    /// The chance of a pledge, from the contributor's own key or from its stance; the outer `None` is a fault.
    #[allow(
        clippy::option_option,
        reason = "a contributor without a chance is certain, which is no fault"
    )]
    pub(super) fn contributors_chance(
        &mut self,
        name: &str,
        written: &'a WrittenContributor,
    ) -> Option<Option<ChanceId>> {
        // As effects and correlations name it: with quotes where the name has a dot.
        let own = || Address::root().key("contributors").key(name).key("chance").text();
        match (&written.chance, &written.stance) {
            (None, None) => Some(None),
            (Some(chance), None) => {
                let probability = self.probability(&chance.quantity);
                self.chance(own(), probability).map(Some)
            }
            (None, Some(stance)) => {
                let probability = self.stance(stance)?;
                self.chance(own(), probability).map(Some)
            }
            (Some(chance), Some(stance)) => {
                let message = format!("`contributors.{name}` has both a chance and a stance");
                let fault = Diagnostic::at(Rule::Contradiction, stance.span, message, "the stance");
                self.diagnostics.push(
                    fault
                        .context(chance.quantity.span, "the chance")
                        .help("keep one of them"),
                );
                None
            }
        }
    }

    /// The probability that those of a stance share.
    fn stance(&mut self, stance: &Placed<String>) -> Option<QuantityId> {
        let (scenario, name) = (self.scenario, &stance.value);
        let Some(shared) = scenario.stances.get(name) else {
            if !self.diagnostics.is_unread(&format!("stances.{name}")) {
                let message = format!("there is no stance `{name}`");
                let help = self
                    .diagnostics
                    .suggest(name, scenario.stances.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("define it: [stances] {name} = 0.3"));
                self.diagnostics
                    .push(Diagnostic::at(Rule::UnknownReference, stance.span, message, "").help(help));
            }
            return None;
        };
        Some(self.shared_probability(&shared.value.quantity))
    }

    pub(super) fn package(
        &mut self,
        contributor: Known<'a, WrittenContributor>,
        package: Known<'a, WrittenPackage>,
    ) -> Option<usize> {
        let address = Thing::Package(contributor, package).to_string();
        let written = package.written();
        let capability_id = self.known_capability(package.name, package.key());
        let owner = self.thing(Thing::Contributor(contributor), package.key());
        let requires = self.conditions(&written.requires);
        let during = self.conditions(&written.during);
        let amount = self.quantity(&written.amount.quantity);
        let notice = self.quantity_or(
            written.notice_to_move.as_ref().map(|of| &of.quantity),
            0.0,
            format_args!("{address}.notice_to_move"),
        );
        let sustains = match &written.sustains {
            Some(sustains) => Some(self.quantity(&sustains.quantity)?),
            None => None,
        };
        let (owner, requires, capability) = (owner?, requires?, capability_id?);
        let pledge = self.model.contributors[owner].pledge;
        let ready_to_start = self.all(vec![pledge, requires]);
        let id = self.model.packages.len();
        let supply = self.own_signal(Signal::Supply(id));
        let package = Package {
            address,
            contributor: owner,
            capability,
            amount: amount?,
            notice_to_move: notice?,
            ready_to_start,
            during: during?,
            sustains,
            supply,
        };
        self.model.packages.push(package);
        self.model.steps.push(Step::Package(id));
        Some(id)
    }

    /// The place that a capability has in the model, in the order of the names.
    pub(in crate::model) fn known_capability(&mut self, name: &str, span: Span) -> Option<usize> {
        let names = &self.model.capabilities;
        let position = names.binary_search_by(|known| known.name.as_str().cmp(name)).ok();
        if position.is_none() && !self.diagnostics.is_unread(&format!("capabilities.{name}")) {
            let message = format!("there is no capability `{name}`");
            let help = self
                .diagnostics
                .suggest(name, self.scenario.capabilities.keys().map(String::as_str))
                .unwrap_or_else(|| format!("define it: [capabilities.{name}]"));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").help(help));
        }
        position
    }

    pub(super) fn capability(&mut self, capability: Known<'a, WrittenCapability>) -> Option<usize> {
        let id = self.known_capability(capability.name, capability.key())?;
        let initial = match &capability.written().initial {
            Some(initial) => Some(self.quantity(&initial.quantity)?),
            None => None,
        };
        let suppliers = self.suppliers.remove(capability.name).unwrap_or_default();
        // All of them, whatever faults the first have.
        let packages: Vec<Option<usize>> = suppliers
            .into_iter()
            .map(|(contributor, package)| self.thing(Thing::Package(contributor, package), package.key()))
            .collect();
        let packages = packages.into_iter().collect::<Option<Vec<_>>>()?;
        self.model.capabilities[id].initial = initial;
        self.model.capabilities[id].packages = packages;
        self.model.steps.push(Step::Total(id));
        Some(id)
    }
}

/// The packages of each capability that somebody provides, with their contributors in the order of the names.
pub(super) type Suppliers<'a> =
    HashMap<&'a str, Vec<(Known<'a, WrittenContributor>, Known<'a, WrittenPackage>)>>;

/// Who provides which capability.
pub(super) fn suppliers(scenario: &Scenario) -> Suppliers<'_> {
    let mut suppliers = Suppliers::new();
    for contributor in Known::all(&scenario.contributors) {
        for package in Known::all(&contributor.written().provides) {
            let of_it = suppliers.entry(package.name).or_default();
            of_it.push((contributor, package));
        }
    }
    suppliers
}

/// All capabilities, in the order of their names: they have their places from the start, so that packages can name them
/// before their totals are built.
pub(super) fn capabilities(scenario: &Scenario) -> Vec<Capability> {
    let capability = |(name, written): (&String, &Named1<WrittenCapability>)| Capability {
        name: name.clone(),
        label: written.value.label.clone(),
        unit: written.value.unit.clone(),
        initial: None,
        packages: Vec::new(),
    };
    scenario.capabilities.iter().map(capability).collect()
}
