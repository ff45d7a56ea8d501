//! What moves chances, durations and amounts, and what hangs together.

use super::Explainer;
use crate::distribution::describe;
use crate::model::names;
use crate::scenario::address::Address;
use crate::scenario::condition::Says;
use crate::scenario::process::Form;
use crate::scenario::quantity::{Given, Quantity};
use crate::scenario::read::Placed;
use crate::scenario::{Correlation, Effect};
use crate::story::conditions::remarks;
use crate::story::quantities::{Unit, in_words};
use crate::story::text::{counted, exact, listed, percent, rounded};

impl Explainer<'_> {
    pub(super) fn effects(&mut self) {
        if self.scenario.effects.is_empty() {
            return;
        }
        self.page.heading("Effects");
        self.page.line(
            2,
            "Several on one target multiply. A condition is read when the clock of a duration starts, at the pledge for an amount, on entering the state for the chance of a move, and at all times for the chance of a pledge.",
        );
        for effect in &self.scenario.effects {
            self.page.gap();
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: &Effect) {
        let address = effect.address.to_string();
        let cause = self.cause(effect);
        self.page.line(2, &format!("{address}, {cause}:"));
        let ratio = match &effect.ratio.quantity.given {
            Given::Constant(ratio) => exact(*ratio),
            Given::Uncertain(_) => in_words(&effect.ratio.quantity, Unit::Of(None)),
        };
        self.odds_points(effect, &ratio);
        for pattern in &effect.hazard.0 {
            let what = self.measure(&pattern.value);
            let covered = self.covered(pattern, &address, "duration");
            self.page.point(
                4,
                &format!("the hazard of {what} × {ratio}: above 1 is sooner ({covered})"),
            );
        }
        for pattern in &effect.scale.0 {
            let what = self.measure(&pattern.value);
            let covered = self.covered(pattern, &address, "value");
            self.page.point(4, &format!("{what} × {ratio} ({covered})"));
        }
        remarks(&mut self.page, 4, &effect.remarks);
    }

    /// The chances whose odds an effect multiplies; those of single contributors together.
    fn odds_points(&mut self, effect: &Effect, ratio: &str) {
        let example = match &effect.ratio.quantity.given {
            Given::Constant(ratio) => format!(
                "; a chance of 50\u{a0}% becomes {}",
                percent(ratio / (1.0 + ratio))
            ),
            Given::Uncertain(_) => String::new(),
        };
        let (single, others): (Vec<_>, Vec<_>) = effect
            .odds
            .0
            .iter()
            .partition(|pattern| pledger(&pattern.value).is_some());
        let names: Vec<String> = single
            .iter()
            .filter_map(|pattern| pledger(&pattern.value))
            .map(|name| self.who(name))
            .collect();
        if !names.is_empty() {
            let each = if names.len() == 1 { "" } else { "each of " };
            let chances = match single.as_slice() {
                [only] => only.value.to_string(),
                several => counted(&several.len().to_string(), "chance"),
            };
            let names = listed(&names, "and");
            self.page.point(
                4,
                &format!("the odds that {each}{names} pledges × {ratio} ({chances}{example})"),
            );
        }
        for pattern in others {
            let what = self.odds(&pattern.value);
            let covered = self.covered(pattern, &effect.address.to_string(), "chance");
            self.page
                .point(4, &format!("the odds {what} × {ratio} ({covered}{example})"));
        }
    }

    /// When or how far an effect acts.
    fn cause(&self, effect: &Effect) -> String {
        let driver = match &effect.cause.says {
            Says::Is(reference) => reference.strip_prefix("drivers."),
            _ => None,
        };
        let Some(name) = driver else {
            return format!("while {}", self.words.sentence(&effect.cause));
        };
        let value = self
            .scenario
            .drivers
            .get(name)
            .map(|driver| &driver.value.value.quantity);
        let reach = value
            .and_then(|value| reach(value, &effect.ratio.quantity))
            .unwrap_or_default();
        format!("for each unit of {}{reach}", names::words(name))
    }

    /// A pattern, with the number of addresses that it covers.
    fn covered(&self, pattern: &Placed<Address>, effect: &str, noun: &str) -> String {
        let pattern = &pattern.value;
        if !pattern.is_pattern() {
            return pattern.to_string();
        }
        let is_covered = |(address, effects): &(&String, &Vec<&str>)| {
            effects.contains(&effect)
                && Address::parse(address).is_ok_and(|address| pattern.matches(&address))
        };
        let count = self.moved.iter().filter(is_covered).count();
        format!("{pattern}, {}", counted(&count.to_string(), noun))
    }

    /// What the chances of a pattern are chances of: the end of "the odds …".
    fn odds(&self, pattern: &Address) -> String {
        let keys: Vec<&str> = pattern.keys().iter().map(AsRef::as_ref).collect();
        match keys.as_slice() {
            ["contributors", name, "chance"] => format!("that {} pledges", self.who(name)),
            [.., "transitions", number, "chance"] => {
                format!("that {}", self.way(&keys[..keys.len() - 3], number, "can move"))
            }
            [process @ .., "chance"] => format!("that {} ever switches on", self.process_of(process)),
            _ => format!("of {pattern}"),
        }
    }

    /// What the durations and amounts of a pattern measure.
    fn measure(&self, pattern: &Address) -> String {
        let keys: Vec<&str> = pattern.keys().iter().map(AsRef::as_ref).collect();
        match keys.as_slice() {
            ["contributors", name, "decision"] => format!("the time that {} takes to decide", self.who(name)),
            ["contributors", name, "provides", of, what] => {
                let (of, who) = (self.what(of), self.who(name));
                match *what {
                    "amount" => format!("the amount of {of} from {who}"),
                    "notice_to_move" => format!("the notice to move of {of} from {who}"),
                    _ => format!("the time that {who} sustains {of}"),
                }
            }
            ["capabilities", name, "initial"] => format!("the initial amount of {}", self.what(name)),
            ["drivers", name, "value"] => format!("the driver {}", names::words(name)),
            [.., "transitions", number, "after"] => {
                format!(
                    "the time until {}",
                    self.way(&keys[..keys.len() - 3], number, "moves")
                )
            }
            [process @ .., "after"] => {
                format!("the time until {} first switches on", self.process_of(process))
            }
            [process @ .., "lasts"] => format!("the time that {} stays on", self.process_of(process)),
            [process @ .., "again"] => format!("the time until {} is on again", self.process_of(process)),
            _ => format!("the value of {pattern}"),
        }
    }

    fn who(&self, name: &str) -> String {
        if name == "*" {
            "each contributor".to_owned()
        } else {
            self.words.contributor(name)
        }
    }

    fn what(&self, capability: &str) -> String {
        if capability == "*" {
            "each capability".to_owned()
        } else {
            self.words.capability(capability)
        }
    }

    fn process_of(&self, keys: &[&str]) -> String {
        let address = keys.join(".");
        match keys {
            ["us_support", "*"] => "each kind of U.S. support".to_owned(),
            ["processes", "*"] => "each other process".to_owned(),
            _ => {
                let label = self
                    .words
                    .process(&address)
                    .and_then(|process| process.label.as_deref());
                names::process(&address, label)
            }
        }
    }

    /// A transition of a process: "the ceasefire moves from fighting to full".
    fn way(&self, process: &[&str], number: &str, verb: &str) -> String {
        let name = self.process_of(process);
        let found = self.words.process(&process.join("."));
        let transition = found.and_then(|process| match &process.form {
            Form::Full(full) => {
                let transition = full.transitions.get(number.parse::<usize>().ok()?)?;
                let state = |index: usize| names::words(&full.states[index].value);
                Some(format!(
                    " from {} to {}",
                    state(transition.from),
                    state(transition.to)
                ))
            }
            Form::Short(_) => None,
        });
        format!("{name} {verb}{}", transition.unwrap_or_default())
    }

    pub(super) fn correlations(&mut self) {
        if self.scenario.correlations.is_empty() {
            return;
        }
        self.page.heading("Correlations (Gaussian copulas)");
        for (written, correlation) in self.scenario.correlations.iter().zip(&self.model.correlations) {
            self.page.gap();
            let count = correlation.members.len();
            let how = match &written.rho {
                Some(rho) => format!("{} between each two of {count}", exact(rho.value)),
                None => format!("a matrix of {count}"),
            };
            self.page.line(2, &format!("{}: {how}", written.address));
            self.members(written, &correlation.members);
            remarks(&mut self.page, 4, &written.remarks);
        }
    }

    /// What hangs together; of a matrix each member with its row.
    fn members(&mut self, written: &Correlation, members: &[String]) {
        if let Some(matrix) = &written.matrix {
            for (member, row) in members.iter().zip(&matrix.value) {
                let row: Vec<String> = row.iter().map(|entry| exact(*entry)).collect();
                let what =
                    Address::parse(member).map_or_else(|_| member.clone(), |member| self.uniform(&member));
                self.page
                    .point(4, &format!("{what} ({member}): {}", row.join(" / ")));
            }
            return;
        }
        for pattern in &written.of.0 {
            let what = self.uniform(&pattern.value);
            self.page.point(4, &format!("{what} ({})", pattern.value));
        }
    }

    /// What the draws of a pattern decide.
    fn uniform(&self, pattern: &Address) -> String {
        match pattern.keys().last().map(AsRef::as_ref) {
            Some("chance") => format!("the chance {}", self.odds(pattern)),
            _ => self.measure(pattern),
        }
    }
}

/// The one contributor whose pledge an address is the chance of.
fn pledger(address: &Address) -> Option<&str> {
    match address.keys() {
        [contributors, name, chance]
            if &**contributors == "contributors" && &**chance == "chance" && &**name != "*" =>
        {
            Some(name)
        }
        _ => None,
    }
}

/// How far a driver's factor reaches over the driver's own values.
fn reach(value: &Quantity, ratio: &Quantity) -> Option<String> {
    let Given::Constant(ratio) = ratio.given else {
        return None;
    };
    let factor = |value: f64| rounded(libm::pow(ratio, value));
    Some(match &value.given {
        Given::Constant(value) => {
            format!(
                " (it is {} in each future, so the factor is {})",
                exact(*value),
                factor(*value)
            )
        }
        Given::Uncertain(distribution) => {
            let summary = describe(distribution);
            let factors = [summary.p5, summary.p50, summary.p95].map(factor);
            format!(" (over its 5–50–95 % the factor is {})", factors.join(" / "))
        }
    })
}
