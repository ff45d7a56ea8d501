//! A scenario as understood: in plain words, in the order in which a planner thinks, with every default filled in and
//! every distribution as its mean and 5–50–95 %.
//!
//! The structure and the labels come from the scenario as written, what was resolved (which addresses a pattern
//! covers, which objectives the mission needs, the day of a claim) from the model that was made of it.

use std::collections::BTreeMap;

use super::amounts;
use super::conditions::{Words, remarks};
use super::quantities::{self, Unit, in_words};
use super::text::{Page, counted, date, days, exact, first_of, listed, moment, percent, rounded};
use crate::metric::metric;
use crate::model::{Claim, EffectId, Model, names};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::scenario::quantity::Quantity;

mod contributors;
mod effects;
mod processes;

/// The most suppliers of a capability that are named.
const MOST_NAMES: usize = 30;

/// A scenario in plain words.
#[must_use]
pub fn explain(model: &Model, scenario: &Scenario) -> String {
    let mut explainer = Explainer {
        model,
        scenario,
        words: Words(scenario),
        moved: moved(model),
        page: Page::default(),
    };
    explainer.title();
    explainer.simulation();
    explainer.drivers();
    explainer.processes();
    explainer.conditions();
    explainer.capabilities();
    explainer.stances();
    explainer.contributors();
    explainer.effects();
    explainer.correlations();
    explainer.objectives();
    explainer.mission();
    explainer.claims();
    explainer.page.into_text()
}

/// What writes the sections, one after the other.
struct Explainer<'a> {
    model: &'a Model,
    scenario: &'a Scenario,
    words: Words<'a>,
    /// For each address that effects act on, the addresses of those effects.
    moved: BTreeMap<String, Vec<&'a str>>,
    page: Page,
}

/// For each address that effects act on, the addresses of those effects.
fn moved(model: &Model) -> BTreeMap<String, Vec<&str>> {
    let mut moved: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut add = |address: &str, effects: &[EffectId]| {
        for &effect in effects {
            let effect = model.effects[effect].address.as_str();
            moved.entry(address.to_owned()).or_default().push(effect);
        }
    };
    for quantity in &model.quantities {
        add(&quantity.address, &quantity.hazard);
        add(&quantity.address, &quantity.scale);
    }
    for chance in &model.chances {
        add(&chance.address, &chance.odds);
    }
    moved
}

impl Explainer<'_> {
    fn title(&mut self) {
        let model = self.model;
        self.page.line(0, &model.title);
        self.page
            .line(0, &"=".repeat(model.title.chars().count().min(super::WIDTH)));
        self.page.gap();
        let end = date(model.start, model.horizon).map_or_else(String::new, |date| format!(", to {date}"));
        let span = format!(
            "Starts on {} (day 0, midnight UTC) and follows each future for {}{end}. What would happen later lies beyond the horizon and does not happen.",
            model.start,
            days(model.horizon)
        );
        self.page.line(0, &span);
        self.page.line(
            0,
            "Averages are means; 5–50–95 % are percentiles, so 50 % is the median.",
        );
        remarks(&mut self.page, 0, &self.scenario.remarks);
    }

    fn simulation(&mut self) {
        let said = self.model.simulation;
        let default = |is_said: bool| if is_said { "" } else { " (default)" };
        #[allow(clippy::cast_precision_loss, reason = "shown, not computed with")]
        let trials = exact(said.trials() as f64);
        let seed = said.seed();
        let confidence = percent(said.confidence());
        self.page.heading("Simulation");
        self.page.entry(
            2,
            "Trials",
            &format!("{trials}{}", default(said.trials.is_some())),
        );
        self.page
            .entry(2, "Seed", &format!("{seed}{}", default(said.seed.is_some())));
        self.page.entry(
            2,
            "Confidence",
            &format!("{confidence}{}", default(said.confidence.is_some())),
        );
        let sampler = said.sampler().sampler().name;
        self.page.entry(
            2,
            "Sampler",
            &format!("{sampler}{}", default(said.sampler.is_some())),
        );
        if let Some(simulation) = &self.scenario.simulation {
            remarks(&mut self.page, 2, &simulation.remarks);
        }
    }

    fn drivers(&mut self) {
        if self.scenario.drivers.is_empty() {
            return;
        }
        self.page.heading("Drivers, each drawn once in a future");
        for (name, driver) in &self.scenario.drivers {
            let value = in_words(&driver.value.value.quantity, Unit::Of(None));
            self.page
                .line(2, &format!("{} (drivers.{name}): {value}", names::words(name)));
            remarks(&mut self.page, 4, &driver.value.remarks);
        }
    }

    fn conditions(&mut self) {
        if self.scenario.conditions.is_empty() {
            return;
        }
        self.page.heading("Conditions with a name");
        for (name, condition) in &self.scenario.conditions {
            let label = condition.value.label.as_deref();
            self.page.gap();
            self.page.line(
                2,
                &format!("{} (conditions.{name}) holds while", names::thing(name, label)),
            );
            let mut bare = condition.value.clone();
            bare.label = None;
            self.words.point(&mut self.page, 4, &bare);
        }
    }

    fn capabilities(&mut self) {
        if self.scenario.capabilities.is_empty() {
            return;
        }
        self.page.heading("Capabilities");
        for (name, capability) in &self.scenario.capabilities {
            let unit = capability.value.unit.as_deref();
            let counts = unit.map_or_else(|| "a bare number".to_owned(), |unit| format!("in {unit}"));
            self.page.gap();
            self.page.line(
                2,
                &format!("{} (capabilities.{name}), {counts}", self.words.capability(name)),
            );
            let initial = capability.value.initial.as_ref().map(|of| &of.quantity);
            let initial = initial.map_or_else(
                || amounts::amount("0", unit),
                |initial| self.quantity(initial, Unit::Of(unit)),
            );
            self.page.entry(4, "Initially", &initial);
            let suppliers = self.suppliers(name, unit);
            self.page.entry(4, "Supplied by", &suppliers);
            remarks(&mut self.page, 4, &capability.value.remarks);
        }
    }

    /// Who may supply a capability, and what that comes to if all do.
    fn suppliers(&self, capability: &str, unit: Option<&str>) -> String {
        let mut suppliers = Vec::new();
        let mut sum = 0.0;
        for (name, contributor) in &self.scenario.contributors {
            if let Some(package) = contributor.value.provides.get(capability) {
                suppliers.push(self.words.contributor(name));
                sum += quantities::mean(&package.value.amount.quantity);
            }
        }
        match suppliers.as_slice() {
            [] => "nobody".to_owned(),
            [single] => format!("{single}: {} on average", amounts::amount(&rounded(sum), unit)),
            several => {
                let all = if several.len() == 2 {
                    "both".to_owned()
                } else {
                    format!("all {}", several.len())
                };
                let (who, sum) = (
                    first_of(several, MOST_NAMES),
                    amounts::amount(&rounded(sum), unit),
                );
                format!("{who}; if {all} do, {sum} on average, effects aside")
            }
        }
    }

    fn stances(&mut self) {
        if self.scenario.stances.is_empty() {
            return;
        }
        self.page
            .heading("Stances: the chance of a pledge of those who share one");
        for (name, chance) in &self.scenario.stances {
            let chance = in_words(&chance.value.quantity, Unit::Chance);
            let stance = |contributor: &&crate::scenario::Contributor| {
                contributor
                    .stance
                    .as_ref()
                    .is_some_and(|stance| stance.value == *name)
            };
            let who = self
                .scenario
                .contributors
                .values()
                .map(|entry| &entry.value)
                .filter(stance)
                .count();
            let who = counted(&who.to_string(), "contributor");
            self.page.line(
                2,
                &format!("{} (stances.{name}): {chance}; {who}", names::words(name)),
            );
        }
    }

    fn objectives(&mut self) {
        if self.model.objectives.is_empty() {
            return;
        }
        self.page.heading("Objectives, and the gates of the mission");
        for objective in &self.model.objectives {
            let written = &self.scenario.objectives[&objective.name].value;
            let name = names::thing(&objective.name, objective.label.as_deref());
            let aside = if objective.is_of_mission {
                ""
            } else {
                "; the mission does not ask for it"
            };
            let is = if written.requires.0.is_empty() {
                "is always met"
            } else {
                "is met while all of these hold"
            };
            self.page.gap();
            self.page
                .line(2, &format!("{name} (objectives.{}) {is}{aside}", objective.name));
            self.words.points(&mut self.page, 4, &written.requires);
            remarks(&mut self.page, 4, &written.remarks);
        }
    }

    fn mission(&mut self) {
        self.page.heading("Mission");
        let needed = self
            .model
            .objectives
            .iter()
            .filter(|objective| objective.is_of_mission);
        let needed: Vec<String> = needed
            .map(|objective| names::thing(&objective.name, objective.label.as_deref()))
            .collect();
        let is_listed = self
            .scenario
            .mission
            .as_ref()
            .is_some_and(|mission| mission.objectives.is_some());
        let which = match (needed.as_slice(), is_listed) {
            ([], _) => "It asks for no objective".to_owned(),
            (several, true) => format!(
                "It is ready while these objectives are met: {}",
                listed(several, "and")
            ),
            (several, false) => {
                format!(
                    "It is ready while all objectives are met (default): {}",
                    listed(several, "and")
                )
            }
        };
        let own = self.scenario.mission.as_ref().map(|mission| &mission.requires);
        match own.filter(|own| !own.0.is_empty()) {
            None => self
                .page
                .line(2, &format!("{which}; it has no conditions of its own.")),
            Some(own) => {
                self.page
                    .line(2, &format!("{which}; and while all of these hold:"));
                self.words.points(&mut self.page, 4, own);
            }
        }
        if let Some(mission) = &self.scenario.mission {
            remarks(&mut self.page, 2, &mission.remarks);
        }
    }

    fn claims(&mut self) {
        if self.model.claims.is_empty() {
            return;
        }
        self.page.heading("Claims about the results");
        for claim in &self.model.claims {
            let sentence = self.claim(claim);
            self.page.point(2, &sentence);
            let written = self
                .scenario
                .expect
                .iter()
                .find(|written| written.address.to_string() == claim.address);
            if let Some(written) = written {
                remarks(&mut self.page, 4, &written.remarks);
            }
        }
    }

    fn claim(&self, claim: &Claim) -> String {
        let subject = match claim.subject.as_str() {
            "mission" => "the mission",
            other => other,
        };
        let day = claim
            .day
            .map(|day| format!(" on {}", moment(self.model.start, day)))
            .unwrap_or_default();
        let quantile = claim
            .quantile
            .map(|quantile| format!(" at its {} quantile", percent(quantile)));
        let unit = metric(&claim.metric).map_or("", |(metric, _)| metric.unit);
        let value = |value: f64| match unit {
            "probability" | "share" => percent(value),
            "days" => days(value),
            _ => exact(value),
        };
        let bounds = match (claim.at_least, claim.at_most) {
            (Some(low), Some(high)) => format!("between {} and {}", value(low), value(high)),
            (Some(low), None) => format!("at least {}", value(low)),
            (None, Some(high)) => format!("at most {}", value(high)),
            (None, None) => "anything".to_owned(),
        };
        let default = || format!("{} (default)", percent(self.model.simulation.confidence()));
        let confidence = claim.confidence.map_or_else(default, percent);
        format!(
            "{} of {subject}{day}{} is {bounds}, to be shown with a confidence of {confidence}",
            claim.metric,
            quantile.unwrap_or_default()
        )
    }

    /// A quantity in words, with the effects that act on it.
    fn quantity(&self, quantity: &Quantity, unit: Unit<'_>) -> String {
        in_words(quantity, unit) + &self.moved_by(&quantity.address)
    }

    /// Which effects act on an address, as the end of a sentence.
    fn moved_by(&self, address: &Address) -> String {
        let Some(effects) = self.moved.get(&address.to_string()) else {
            return String::new();
        };
        let effects: Vec<String> = effects.iter().map(|effect| (*effect).to_owned()).collect();
        format!(" [moved by {}]", listed(&effects, "and"))
    }
}

#[cfg(test)]
mod tests;
