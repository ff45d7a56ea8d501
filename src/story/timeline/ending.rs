//! What it came to: each gate with what granting it alone would have bought, and the trial in one paragraph.

use super::{Tale, day_of};
use crate::story::text::{about_days, listed};
use crate::study::trace::GateTrace;

impl Tale<'_> {
    /// Every gate: when it was open, its part in the bottleneck, and what it alone would have bought.
    pub(super) fn gates(&mut self) {
        if self.model.gates.is_empty() {
            return;
        }
        self.page.heading("The gates");
        for gate in 0..self.model.gates.len() {
            let trace = &self.trace.gates[gate];
            let open = match (trace.spells.as_slice(), trace.bottleneck > 0.0) {
                ([], _) => "never opens within the horizon".to_owned(),
                (_, false) => format!("open {}", self.spells(&trace.spells)),
                (_, true) => format!("the last to open, open {}", self.spells(&trace.spells)),
            };
            let line = format!(
                "{}: {open}. If it alone had been granted: {}.",
                self.gate(gate),
                self.bought(trace)
            );
            self.page.point(0, &line);
        }
    }

    /// What granting one gate would have bought.
    fn bought(&self, gate: &GateTrace) -> String {
        match (gate.granted, self.trace.mission.first_ready) {
            (None, _) => "still beyond the horizon".to_owned(),
            (Some(granted), None) => format!("ready on {} instead of beyond the horizon", self.on(granted)),
            (Some(granted), Some(ready)) if granted < ready => {
                format!(
                    "ready on {}, {} sooner",
                    self.on(granted),
                    about_days(ready - granted)
                )
            }
            (Some(_), Some(_)) => "ready no sooner".to_owned(),
        }
    }

    /// The trial in one paragraph.
    pub(super) fn summary(&mut self) {
        let text = match self.trace.mission.first_ready {
            Some(ready) => self.ready(ready),
            None => self.never_ready(),
        };
        self.page.heading("In short");
        self.page.line(0, &text);
    }

    fn ready(&self, ready: f64) -> String {
        let mission = &self.trace.mission;
        let whole: f64 = mission
            .spells
            .iter()
            .map(|(on, off)| off.unwrap_or(self.model.horizon) - on)
            .sum();
        let ending = match mission.spells.as_slice() {
            [.., (_, None)] if mission.spells.len() == 1 => "It stays ready to the horizon".to_owned(),
            [(_, Some(off)), ..] => {
                let closing = self.closing(*off);
                let again = match mission.spells.len() {
                    1 => "and is not ready again within the horizon".to_owned(),
                    2 => "but is ready again later".to_owned(),
                    more => format!("but is ready again {} times", more - 1),
                };
                format!("It is lost on {}, when {closing}, {again}", self.on(*off))
            }
            _ => String::new(),
        };
        let bottleneck = self.named(|gate| gate.bottleneck > 0.0);
        let last = match bottleneck.len() {
            0 => "Nothing held it back".to_owned(),
            1 => format!("The last gate to open was {}", bottleneck[0]),
            _ => format!(
                "The last gates to open, at one moment, were {}",
                listed(&bottleneck, "and")
            ),
        };
        format!(
            "The mission is first ready on {}. {last}. {ending}: {} of readiness in all. {}.",
            self.on(ready),
            about_days(whole),
            self.lever()
        )
    }

    fn never_ready(&self) -> String {
        let why = if self.trace.mission.never_together {
            let most = "Every gate opened at some time, but never all together".to_owned();
            let closest = self
                .trace
                .gates
                .iter()
                .filter_map(|gate| gate.granted)
                .min_by(f64::total_cmp);
            closest.map_or(most.clone(), |at| {
                format!("{most}; on {} only one was missing", day_of(at))
            })
        } else {
            let closed = self.named(|gate| gate.spells.is_empty());
            let verb = if closed.len() == 1 {
                "Its gate"
            } else {
                "These gates"
            };
            format!("{verb} never opened: {}", listed(&closed, "and"))
        };
        let lever = self.lever();
        format!(
            "The mission is not ready in this trial: if ever, that lies beyond the horizon. {why}. {lever}."
        )
    }

    /// The gate that alone would have bought most.
    fn lever(&self) -> String {
        let ready = self.trace.mission.first_ready.unwrap_or(f64::INFINITY);
        let best = self
            .trace
            .gates
            .iter()
            .filter_map(|gate| gate.granted)
            .min_by(f64::total_cmp);
        let Some(best) = best.filter(|best| *best < ready) else {
            return "No gate granted alone would have changed that".to_owned();
        };
        let best_gates = self.named(|gate| gate.granted == Some(best));
        let gates = listed(&best_gates, "or");
        format!(
            "Most would have been bought by granting {gates}: ready on {}",
            self.on(best)
        )
    }

    /// Which gates close at a moment, in words.
    fn closing(&self, at: f64) -> String {
        let closing = self.named(|gate| gate.spells.iter().any(|(_, off)| *off == Some(at)));
        let verb = if closing.len() == 1 { "closes" } else { "close" };
        format!("{} {verb}", listed(&closing, "and"))
    }

    /// The gates that a test picks, by name.
    fn named(&self, is_meant: impl Fn(&GateTrace) -> bool) -> Vec<String> {
        let gates = self
            .trace
            .gates
            .iter()
            .enumerate()
            .filter(|(_, gate)| is_meant(gate));
        gates.map(|(gate, _)| self.gate(gate)).collect()
    }
}
