//! Processes: states, transitions and the chances and clocks of these.

use super::Builder;
use crate::distribution::{Argument, Arguments, Distribution, family};
use crate::model::{ALWAYS, Given, Initial, Process, Quantity, Signal, SignalId, Step, Transition, Visits};
use crate::scenario::process::{self as written, Form};

impl<'a> Builder<'a> {
    pub(super) fn process(&mut self, written: &'a written::Process) -> Option<usize> {
        let address = written.address.text();
        let (states, initial, transitions) = match &written.form {
            Form::Short(short) => self.short(&address, short)?,
            Form::Full(full) => self.full(full)?,
        };
        let id = self.model.processes.len();
        let levels: Vec<SignalId> = (1..states.len())
            .map(|state| self.own_signal(Signal::Level { process: id, state }))
            .collect();
        self.model.processes.push(Process {
            address,
            label: written.label.clone(),
            states,
            initial,
            transitions,
            levels,
        });
        self.model.steps.push(Step::Process(id));
        Some(id)
    }

    pub(super) fn short(
        &mut self,
        address: &str,
        short: &'a written::Short,
    ) -> Option<(Vec<String>, Initial, Vec<Transition>)> {
        let requires = self.conditions(&short.requires)?;
        let chance = match &short.chance {
            Some(chance) => {
                let probability = self.probability(chance);
                Some(self.chance(format!("{address}.chance"), probability)?)
            }
            None => None,
        };
        let after = self.quantity_or(short.after.as_ref(), 0.0, format_args!("{address}.after"))?;
        let mut transitions = vec![Transition {
            from: 0,
            to: 1,
            chance,
            after,
            requires,
            visits: Visits::First,
        }];
        if let Some(again) = &short.again {
            let after = self.quantity(again)?;
            transitions.push(Transition {
                from: 0,
                to: 1,
                chance: None,
                after,
                requires,
                visits: Visits::Later,
            });
        }
        if let Some(lasts) = &short.lasts {
            let after = self.quantity(lasts)?;
            transitions.push(Transition {
                from: 1,
                to: 0,
                chance: None,
                after,
                requires: ALWAYS,
                visits: Visits::Each,
            });
        }
        Some((
            vec!["off".to_owned(), "on".to_owned()],
            Initial::State(0),
            transitions,
        ))
    }

    pub(super) fn full(
        &mut self,
        full: &'a written::Full,
    ) -> Option<(Vec<String>, Initial, Vec<Transition>)> {
        let transitions: Vec<Option<Transition>> = full
            .transitions
            .iter()
            .map(|transition| self.transition(transition))
            .collect();
        let initial = match &full.initial {
            written::Initial::State(state) => Initial::State(*state),
            written::Initial::Drawn { address, weights } => {
                let distribution = states_by_weight(weights)?;
                Initial::Drawn(self.add(Quantity::plain(address.text(), Given::Uncertain(distribution))))
            }
        };
        let states = full.states.iter().map(|state| state.value.clone()).collect();
        Some((
            states,
            initial,
            transitions.into_iter().collect::<Option<Vec<_>>>()?,
        ))
    }

    pub(super) fn transition(&mut self, written: &'a written::Transition) -> Option<Transition> {
        let requires = self.conditions(&written.requires);
        let chance = match &written.chance {
            Some(chance) => {
                let probability = self.probability(chance);
                Some(self.chance(format!("{}.chance", written.address), probability)?)
            }
            None => None,
        };
        let after = self.quantity_or(
            written.after.as_ref(),
            0.0,
            format_args!("{}.after", written.address),
        )?;
        let visits = Visits::Each;
        Some(Transition {
            from: written.from,
            to: written.to,
            chance,
            after,
            requires: requires?,
            visits,
        })
    }
}

/// The distribution of a process' first state: its values are the states' indices.
fn states_by_weight(weights: &[f64]) -> Option<Distribution> {
    #[allow(clippy::cast_precision_loss, reason = "a process has few states")]
    let values = (0..weights.len()).map(|state| state as f64).collect();
    let arguments = [
        ("values", Argument::Numbers(values)),
        ("weights", Argument::Numbers(weights.to_vec())),
    ];
    let arguments = Arguments(
        arguments
            .into_iter()
            .map(|(key, argument)| (key.to_owned(), argument))
            .collect(),
    );
    Distribution::new(family("discrete")?, &arguments, None, None).ok()
}
