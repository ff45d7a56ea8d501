//! Contributors and their packages.

use super::Explainer;
use crate::scenario::{Contributor, Package};
use crate::story::conditions::remarks;
use crate::story::quantities::{Unit, is_zero};

impl Explainer<'_> {
    pub(super) fn contributors(&mut self) {
        if self.scenario.contributors.is_empty() {
            return;
        }
        self.page.heading("Contributors");
        for (name, contributor) in &self.scenario.contributors {
            self.page.gap();
            self.page.line(
                2,
                &format!("{} (contributors.{name})", self.words.contributor(name)),
            );
            self.contributor(&contributor.value);
        }
    }

    fn contributor(&mut self, contributor: &Contributor) {
        let waits = match contributor.requires.0.as_slice() {
            [] => "nothing".to_owned(),
            _ => self.words.all(&contributor.requires),
        };
        self.page.entry(4, "Waits for", &waits);
        let since = if contributor.requires.0.is_empty() {
            ""
        } else {
            ", if that holds without a break"
        };
        let decides = match contributor.decision.as_ref().map(|of| &of.quantity) {
            Some(decision) if !is_zero(decision) => {
                format!("after {}{since}", self.quantity(decision, Unit::Days))
            }
            _ => "at once".to_owned(),
        };
        self.page.entry(4, "Decides", &decides);
        let pledges = self.pledges(contributor);
        self.page.entry(4, "Pledges", &pledges);
        remarks(&mut self.page, 4, &contributor.remarks);
        for (capability, package) in &contributor.provides {
            self.package(capability, &package.value);
        }
        if contributor.provides.is_empty() {
            self.page.entry(4, "Provides", "nothing");
        }
    }

    fn pledges(&self, contributor: &Contributor) -> String {
        let moved = self.moved_by(&contributor.address.key("chance"));
        let shown = |quantity| super::in_words(quantity, Unit::Chance);
        let chance = contributor.chance.as_ref().map(|of| shown(&of.quantity));
        let stance = contributor.stance.as_ref().and_then(|stance| {
            let chance = self.scenario.stances.get(&stance.value)?;
            Some(format!(
                "{}, by its stance “{}”",
                shown(&chance.value.quantity),
                stance.value
            ))
        });
        match chance.or(stance) {
            Some(chance) => format!("with a chance of {chance}{moved}"),
            None => "with certainty".to_owned(),
        }
    }

    fn package(&mut self, capability: &str, package: &Package) {
        let written = self.scenario.capabilities.get(capability);
        let unit = written.and_then(|entry| entry.value.unit.as_deref());
        let amount = self.quantity(&package.amount.quantity, Unit::Of(unit));
        self.page.entry(
            4,
            "Provides",
            &format!("{}: {amount}", self.words.capability(capability)),
        );
        let needed = &package.requires;
        let assembled = match package.notice_to_move.as_ref().map(|of| &of.quantity) {
            Some(notice) if !is_zero(notice) => {
                let counted = match needed.0.as_slice() {
                    [] => String::new(),
                    _ => format!(
                        ", counted while {} and over again when that lapses",
                        self.words.all(needed)
                    ),
                };
                format!("{} after the pledge{counted}", self.quantity(notice, Unit::Days))
            }
            _ if needed.0.is_empty() => "at once with the pledge".to_owned(),
            _ => format!("at once after the pledge, when {}", self.words.all(needed)),
        };
        self.page.entry(6, "Assembled", &assembled);
        let sustains = package
            .sustains
            .as_ref()
            .map(|of| self.quantity(&of.quantity, Unit::Days));
        let sustains = sustains.map_or_else(|| "for good".to_owned(), |days| format!("for {days}"));
        self.page.entry(6, "Supplies", &sustains);
        if !package.during.0.is_empty() {
            let during = self.words.all(&package.during);
            self.page.entry(6, "Counts", &format!("only while {during}"));
        }
        remarks(&mut self.page, 6, &package.remarks);
    }
}
