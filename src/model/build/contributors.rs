//! Contributors, their packages, and the capabilities that these add to.

use super::{Builder, Thing};
use crate::diagnostic::{Diagnostic, Rule, Span};
use crate::model::{Capability, ChanceId, Contributor, Package, Signal, Step};
use crate::scenario::{Contributor as WrittenContributor, Package as WrittenPackage};

impl Builder<'_> {
    pub(super) fn contributor(&mut self, name: &str, written: &WrittenContributor) -> Option<usize> {
        let address = format!("contributors.{name}");
        let requires = self.conditions(&written.requires);
        let decision = self.quantity_or(
            written.decision.as_ref().map(|of| &of.quantity),
            0.0,
            &format!("{address}.decision"),
        );
        let chance = self.contributors_chance(&address, written);
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
        address: &str,
        written: &WrittenContributor,
    ) -> Option<Option<ChanceId>> {
        let own = format!("{address}.chance");
        match (&written.chance, &written.stance) {
            (None, None) => Some(None),
            (Some(chance), None) => self.chance(&own, &chance.quantity).map(Some),
            (None, Some(stance)) => {
                let Some(shared) = self.scenario.stances.get(&stance.value) else {
                    if self.diagnostics.is_unread(&format!("stances.{}", stance.value)) {
                        return None;
                    }
                    let message = format!("there is no stance `{}`", stance.value);
                    let help = crate::diagnostic::suggest(
                        &stance.value,
                        self.scenario.stances.keys().map(String::as_str),
                    )
                    .unwrap_or_else(|| format!("define it: [stances] {} = 0.3", stance.value));
                    self.diagnostics
                        .push(Diagnostic::at(Rule::UnknownReference, stance.span, message, "").help(help));
                    return None;
                };
                self.chance(&own, &shared.value.quantity).map(Some)
            }
            (Some(chance), Some(stance)) => {
                let message = format!("`{address}` has both a chance and a stance");
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

    pub(super) fn package(
        &mut self,
        contributor: &str,
        capability: &str,
        written: &WrittenPackage,
        key: Span,
    ) -> Option<usize> {
        let address = format!("contributors.{contributor}.provides.{capability}");
        let capability_id = self.known_capability(capability, key);
        let owner = self.thing(
            &Thing::Contributor(contributor.to_owned()),
            &format!("contributors.{contributor}"),
            key,
        );
        let requires = self.conditions(&written.requires);
        let during = self.conditions(&written.during);
        let amount = self.quantity(&written.amount.quantity);
        let notice = self.quantity_or(
            written.notice_to_move.as_ref().map(|of| &of.quantity),
            0.0,
            &format!("{address}.notice_to_move"),
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
        let position = self.scenario.capabilities.keys().position(|key| key == name);
        if position.is_none() && !self.diagnostics.is_unread(&format!("capabilities.{name}")) {
            let message = format!("there is no capability `{name}`");
            let help =
                crate::diagnostic::suggest(name, self.scenario.capabilities.keys().map(String::as_str))
                    .unwrap_or_else(|| format!("define it: [capabilities.{name}]"));
            self.diagnostics
                .push(Diagnostic::at(Rule::UnknownReference, span, message, "").help(help));
        }
        self.reserve_capabilities();
        position
    }

    /// Capabilities have their places from the start, so that packages can name them before their totals are built.
    pub(super) fn reserve_capabilities(&mut self) {
        if !self.model.capabilities.is_empty() {
            return;
        }
        let capability = |(name, written): (
            &String,
            &crate::scenario::read::Named1<crate::scenario::Capability>,
        )| Capability {
            name: name.clone(),
            label: written.value.label.clone(),
            unit: written.value.unit.clone(),
            initial: None,
            packages: Vec::new(),
        };
        self.model.capabilities = self.scenario.capabilities.iter().map(capability).collect();
    }

    pub(super) fn capability(&mut self, name: &str) -> Option<usize> {
        let written = self.scenario.capabilities.get(name)?;
        let id = self.known_capability(name, written.key)?;
        let initial = match &written.value.initial {
            Some(initial) => Some(self.quantity(&initial.quantity)?),
            None => None,
        };
        let mut packages = Vec::new();
        for (contributor, written) in &self.scenario.contributors {
            if let Some(package) = written.value.provides.get(name) {
                let thing = Thing::Package(contributor.clone(), name.to_owned());
                packages.push(self.thing(
                    &thing,
                    &format!("contributors.{contributor}.provides.{name}"),
                    package.key,
                ));
            }
        }
        let packages = packages.into_iter().collect::<Option<Vec<_>>>()?;
        self.model.capabilities[id].initial = initial;
        self.model.capabilities[id].packages = packages;
        self.model.steps.push(Step::Total(id));
        Some(id)
    }
}
