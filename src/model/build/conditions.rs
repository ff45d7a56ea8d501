//! Conditions, each a signal: those of one meaning are one signal.

use jiff::civil::Date;

use super::{Builder, Known, Mention, Thing};
use crate::model::{ALWAYS, Signal, SignalId, Step, Watched, names};
use crate::scenario::address::Address;
use crate::scenario::condition::{Condition, Conditions, Says};

impl<'a> Builder<'a> {
    /// The signal that all of a list hold.
    pub(in crate::model) fn conditions(&mut self, conditions: &'a Conditions) -> Option<SignalId> {
        let signals = self.each(&conditions.0)?;
        Some(self.all(signals))
    }

    pub(super) fn each(&mut self, conditions: &'a [Condition]) -> Option<Vec<SignalId>> {
        let signals: Vec<Option<SignalId>> = conditions
            .iter()
            .map(|condition| self.condition(condition))
            .collect();
        signals.into_iter().collect()
    }

    /// The signal of a condition; one with a label is reported on.
    pub(in crate::model) fn condition(&mut self, condition: &'a Condition) -> Option<SignalId> {
        let signal = self.says(condition)?;
        if let Some(label) = &condition.label
            && !is_named(&condition.address)
            && self.labelled.insert(&condition.address)
        {
            self.model.watched.push(Watched {
                address: condition.address.text(),
                label: label.clone(),
                is_named: false,
                signal,
            });
        }
        Some(signal)
    }

    /// The signal of a condition that stands under `[conditions]`, which is reported on.
    pub(super) fn named_condition(&mut self, condition: Known<'a, Condition>) -> Option<SignalId> {
        let signal = self.condition(condition.written())?;
        let label = condition.written().label.clone();
        self.model.watched.push(Watched {
            address: Thing::Condition(condition).to_string(),
            label: names::thing(condition.name, label.as_deref()),
            is_named: true,
            signal,
        });
        Some(signal)
    }

    pub(super) fn says(&mut self, condition: &'a Condition) -> Option<SignalId> {
        match &condition.says {
            Says::Is(reference) => self.reference(reference, condition.span),
            Says::Capability {
                name,
                place,
                at_least,
            } => {
                let capability = self.known_capability(name, *place);
                let at_least = self.shared_quantity(at_least);
                self.mentioned(Mention {
                    thing: Thing::Capability(Known::find(&self.scenario.capabilities, name)?),
                    by: Some(&condition.address),
                    span: *place,
                })?;
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
                let days = self.shared_quantity(days);
                let of = self.condition(condition)?;
                days.map(|days| self.signal(Signal::Held { days, of }))
            }
            Says::Once(condition) => self.condition(condition).map(|of| self.signal(Signal::Once(of))),
            Says::Window { from, until } => {
                let from = from.map_or(0, |date| self.day(date));
                let until = until.map(|date| self.day(date));
                Some(self.signal(Signal::Window { from, until }))
            }
        }
    }

    /// Days from the start to a date; 0 before it.
    fn day(&self, date: Date) -> u32 {
        let days = (date - self.scenario.start).get_days();
        u32::try_from(days).unwrap_or(0)
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
        if let Some(&id) = self.meanings.get(&signal) {
            return id;
        }
        let id = self.own_signal(signal.clone());
        self.meanings.insert(signal, id);
        self.model.steps.push(Step::Signal(id));
        id
    }

    /// A new signal that the step of its owner computes.
    pub(super) fn own_signal(&mut self, signal: Signal) -> SignalId {
        self.model.signals.push(signal);
        self.model.signals.len() - 1
    }
}

/// Whether a condition stands under `[conditions]`, and not within another.
fn is_named(address: &Address) -> bool {
    matches!(address.keys(), [table, _] if &**table == "conditions")
}
