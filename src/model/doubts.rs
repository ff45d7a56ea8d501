//! Warnings: a scenario that can be played, but hardly means what its author wanted.

use std::collections::BTreeSet;

use super::build::FOUR;
use super::{CapabilityId, Cause, Model, PackageId, Signal, SignalId, unreferenced};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::scenario::Scenario;

/// Reports all doubts about a scenario that has a meaning.
pub(super) fn warn(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    unused_and_unsupplied(scenario, model, diagnostics);
    endless(scenario, model, diagnostics);
    hopeless(scenario, model, diagnostics);
    missing(scenario, diagnostics);
}

/// Capabilities that no objective depends on, or that one does and nobody supplies.
fn unused_and_unsupplied(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    let asked_for = asked_for(model);
    for (id, (name, written)) in scenario.capabilities.iter().enumerate() {
        if !asked_for.contains(&id) {
            let message = format!("no objective asks for the capability `{name}`");
            let help = format!("an objective may require {{ capability = \"{name}\", at_least = … }}");
            let mut doubt = Diagnostic::at(Rule::UnusedCapability, written.key, message, "");
            let may_compare = diagnostics.may_compare(scenario.capabilities.len());
            let near = may_compare.then(|| unreferenced::near(name, written.key, &scenario.capabilities));
            let near = near.flatten();
            if let Some((near, place)) = near.filter(|(_, place)| place.source != written.key.source) {
                doubt = doubt.help(format!("did you mean `{near}`?"));
                doubt = doubt.context(place, format!("`{near}` stands here"));
            }
            diagnostics.push(doubt.help(help));
        }
        let capability = &model.capabilities[id];
        if asked_for.contains(&id) && capability.packages.is_empty() && capability.initial.is_none() {
            let message = format!("nobody supplies the capability `{name}`");
            let help = format!("a contributor may have [contributors.NAME.provides.{name}]");
            diagnostics.push(Diagnostic::at(Rule::UnsuppliedCapability, written.key, message, "").help(help));
        }
    }
}

/// Amounts without a finite mean: nor has the total of their capability one.
fn endless(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    let packages = model.packages.iter().map(|package| package.amount);
    let amounts = packages.chain(
        model
            .capabilities
            .iter()
            .filter_map(|capability| capability.initial),
    );
    let endless: BTreeSet<&str> = amounts
        .filter(|&amount| !model.has_mean(amount))
        .map(|amount| model.quantities[amount].address.as_str())
        .collect();
    if endless.is_empty() {
        return;
    }
    let initial = scenario.capabilities.iter().filter_map(|(name, written)| {
        let initial = &written.value.initial.as_ref()?.quantity;
        Some((name, initial))
    });
    let contributors = scenario.contributors.values();
    let provided = contributors.flat_map(|contributor| contributor.value.provides.iter());
    let provided = provided.map(|(name, package)| (name, &package.value.amount.quantity));
    for (capability, amount) in initial.chain(provided) {
        if endless.contains(amount.address.text().as_str()) {
            let message = format!(
                "`{}` has an infinite mean, and so has the total of `{capability}`",
                amount.address
            );
            let help = "give it an `at_most`; without one, its quantiles tell more than its mean".to_owned();
            diagnostics.push(Diagnostic::at(Rule::InfiniteMean, amount.span, message, "").help(help));
        }
    }
}

/// The capabilities that an objective, the mission or the cause of an effect depends on: those that it counts, and
/// those that anything counts that it waits for.
fn asked_for(model: &Model) -> BTreeSet<CapabilityId> {
    let objectives = model.objectives.iter().map(|objective| objective.met);
    let causes = model.effects.iter().filter_map(|effect| match effect.cause {
        Cause::Signal(signal) => Some(signal),
        Cause::Driver(_) => None,
    });
    let mut open: Vec<SignalId> = objectives.chain([model.mission]).chain(causes).collect();
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(signal) = open.pop() {
        if seen.insert(signal) {
            if let Signal::Threshold { capability, .. } = model.signals[signal] {
                found.insert(capability);
            }
            open.extend(waits_for(model, signal));
        }
    }
    found
}

/// The signals that a signal is computed from.
fn waits_for(model: &Model, signal: SignalId) -> Vec<SignalId> {
    let package = |id: &PackageId| [model.packages[*id].ready_to_start, model.packages[*id].during];
    match &model.signals[signal] {
        Signal::Always | Signal::Window { .. } => Vec::new(),
        Signal::Level { process, .. } => {
            let transitions = &model.processes[*process].transitions;
            transitions.iter().map(|transition| transition.requires).collect()
        }
        Signal::Pledge(contributor) => vec![model.contributors[*contributor].requires],
        Signal::Supply(id) => package(id).to_vec(),
        Signal::Threshold { capability, .. } => model.capabilities[*capability]
            .packages
            .iter()
            .flat_map(package)
            .collect(),
        Signal::Count { of, .. } | Signal::None(of) => of.clone(),
        Signal::Held { of, .. } | Signal::Once(of) => vec![*of],
    }
}

/// Objectives that could not be met even if everybody contributed everything.
fn hopeless(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    for objective in &model.objectives {
        if can_hold(model, objective.met) {
            continue;
        }
        let span: Span = scenario.objectives[&objective.name].key;
        let message = format!(
            "the objective `{}` cannot be met even if everybody contributes everything",
            objective.name
        );
        let mut fault = Diagnostic::at(Rule::HopelessObjective, span, message, "");
        let mut thresholds = Vec::new();
        short_of(model, objective.met, &mut thresholds);
        for (name, most, asked) in thresholds {
            fault = fault.help(format!(
                "`{name}`: all together bring at most {most}, and {asked} are asked for"
            ));
        }
        diagnostics.push(fault);
    }
}

/// The most that a capability can have, effects that scale amounts up aside.
fn most(model: &Model, capability: usize) -> f64 {
    let capability = &model.capabilities[capability];
    let amount = |package: &PackageId| {
        let amount = &model.quantities[model.packages[*package].amount];
        if amount.scale.is_empty() {
            amount.given.support().1
        } else {
            f64::INFINITY
        }
    };
    let initial = capability
        .initial
        .map_or(0.0, |initial| model.quantities[initial].given.support().1);
    initial + capability.packages.iter().map(amount).sum::<f64>()
}

fn least_asked(model: &Model, at_least: usize) -> f64 {
    let asked = &model.quantities[at_least];
    if asked.scale.is_empty() {
        asked.given.support().0
    } else {
        0.0
    }
}

/// Whether a signal can hold at all, as far as amounts tell.
fn can_hold(model: &Model, signal: SignalId) -> bool {
    match &model.signals[signal] {
        Signal::Threshold { capability, at_least } => {
            most(model, *capability) >= least_asked(model, *at_least)
        }
        Signal::Count { least, of } => of.iter().filter(|signal| can_hold(model, **signal)).count() >= *least,
        Signal::Held { of, .. } | Signal::Once(of) => can_hold(model, *of),
        _ => true,
    }
}

/// The thresholds below a signal that cannot be reached: capability, the most there can be, the least that is asked.
fn short_of(model: &Model, signal: SignalId, into: &mut Vec<(String, f64, f64)>) {
    match &model.signals[signal] {
        Signal::Threshold { capability, at_least } => {
            let (most, asked) = (most(model, *capability), least_asked(model, *at_least));
            if most < asked {
                into.push((model.capabilities[*capability].name.clone(), most, asked));
            }
        }
        Signal::Count { of, .. } => of.iter().for_each(|signal| short_of(model, *signal, into)),
        Signal::Held { of, .. } | Signal::Once(of) => short_of(model, *of, into),
        _ => {}
    }
}

/// Objectives of the four that are missing.
fn missing(scenario: &Scenario, diagnostics: &mut Diagnostics) {
    let missing: Vec<String> = FOUR
        .iter()
        .filter(|name| !scenario.objectives.contains_key(**name))
        .map(|name| format!("`{name}`"))
        .collect();
    if !missing.is_empty() {
        let message = format!(
            "the mission lacks {} of its four objectives: {}",
            missing.len(),
            missing.join(", ")
        );
        let help = "the four are safe_skies, safe_seas, peace_on_land and strong_ukrainian_military";
        diagnostics.push(Diagnostic::without_place(Rule::MissingObjective, message).help(help));
    }
}
