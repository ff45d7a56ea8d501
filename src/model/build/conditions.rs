//! Conditions, each a signal: those of one meaning are one signal.

use jiff::civil::Date;

use super::{Builder, Thing};
use crate::model::{ALWAYS, Signal, SignalId, Step, Watched};
use crate::scenario::condition::{Condition, Conditions, Says};

impl Builder<'_> {
    /// The signal that all of a list hold.
    pub(in crate::model) fn conditions(&mut self, conditions: &Conditions) -> Option<SignalId> {
        let signals = self.each(&conditions.0)?;
        Some(self.all(signals))
    }

    pub(super) fn each(&mut self, conditions: &[Condition]) -> Option<Vec<SignalId>> {
        let signals: Vec<Option<SignalId>> = conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        signals.into_iter().collect()
    }

    /// The signal of a condition; one with a label is reported on.
    pub(in crate::model) fn condition(&mut self, condition: &Condition) -> Option<SignalId> {
        let signal = self.says(condition)?;
        let address = condition.address.to_string();
        let is_named = address.starts_with("conditions.") && condition.address.keys().len() == 2;
        if let Some(label) = condition.label.clone().filter(|_| !is_named)
            && self.labelled.insert(address.clone())
        {
            self.model.watched.push(Watched {
                address,
                label,
                is_named: false,
                signal,
            });
        }
        Some(signal)
    }

    pub(super) fn says(&mut self, condition: &Condition) -> Option<SignalId> {
        match &condition.says {
            Says::Is(reference) => self.reference(reference, condition.span),
            Says::Capability {
                name,
                place,
                at_least,
            } => {
                let capability = self.known_capability(name, *place);
                let at_least = self.quantity(at_least);
                self.thing(
                    &Thing::Capability(name.clone()),
                    &condition.address.to_string(),
                    *place,
                )?;
                Some(self.signal(Signal::Threshold {
                    capability: capability?,
                    at_least: at_least?,
                }))
            }
            Says::All(of) => self.each(of).map(|of| self.all(of)),
            Says::Any(of) => self.each(of).map(|of| self.count(1, of)),
            Says::None(of) => self.each(of).map(|of| self.signal(Signal::None(of))),
            Says::Count { count, of } => {
                let of = self.each(of)?;
                Some(self.count(usize::try_from(*count).unwrap_or(usize::MAX), of))
            }
            Says::Held { days, condition } => {
                let days = self.quantity(days);
                let of = self.condition(condition)?;
                days.map(|days| self.signal(Signal::Held { days, of }))
            }
            Says::Once(condition) => self.condition(condition).map(|of| self.signal(Signal::Once(of))),
            Says::Window { from, until } => {
                let from = from.map_or(0.0, |date| self.day(date).max(0.0));
                let until = until.map_or(f64::INFINITY, |date| self.day(date).max(0.0));
                Some(self.signal(Signal::Window { from, until }))
            }
        }
    }

    /// Days from the start to a date; negative before it.
    pub(super) fn day(&self, date: Date) -> f64 {
        f64::from((date - self.scenario.start).get_days())
    }

    /// The signal that all of these hold.
    pub(super) fn all(&mut self, mut of: Vec<SignalId>) -> SignalId {
        of.retain(|&signal| signal != ALWAYS);
        self.count(of.len(), of)
    }

    pub(super) fn count(&mut self, least: usize, of: Vec<SignalId>) -> SignalId {
        match (least, of.as_slice()) {
            (0, _) => ALWAYS,
            (1, [single]) => *single,
            _ => self.signal(Signal::Count { least, of }),
        }
    }

    /// A signal of this meaning: the one that there is, or a new one with its step.
    pub(in crate::model) fn signal(&mut self, signal: Signal) -> SignalId {
        let meaning = format!("{signal:?}");
        if let Some(&id) = self.meanings.get(&meaning) {
            return id;
        }
        let id = self.own_signal(signal);
        self.meanings.insert(meaning, id);
        self.model.steps.push(Step::Signal(id));
        id
    }

    /// A new signal that the step of its owner computes.
    pub(super) fn own_signal(&mut self, signal: Signal) -> SignalId {
        self.model.signals.push(signal);
        self.model.signals.len() - 1
    }
}
