//! Warnings: a scenario that can be played, but hardly means what its author wanted.

use super::build::FOUR;
use super::effects::counted;
use super::{Model, PackageId, Signal, SignalId};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span};
use crate::scenario::Scenario;
use crate::scenario::condition::Condition;
use crate::scenario::process::Form;

/// Reports all doubts about a scenario that has a meaning.
pub(super) fn warn(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    unused_and_unsupplied(scenario, model, diagnostics);
    hopeless(scenario, model, diagnostics);
    missing(scenario, diagnostics);
}

/// Capabilities that nothing counts, or that are counted and nobody supplies.
fn unused_and_unsupplied(scenario: &Scenario, model: &Model, diagnostics: &mut Diagnostics) {
    let counted = all_counted(scenario);
    for (written, capability) in scenario.capabilities.iter().zip(&model.capabilities) {
        let (name, span) = (written.0, written.1.key);
        let is_counted = counted.contains(name);
        if !is_counted {
            let message = format!("nothing asks for the capability `{name}`");
            let help = format!("an objective may require {{ capability = \"{name}\", at_least = … }}");
            diagnostics.push(Diagnostic::at(Rule::UnusedCapability, span, message, "").help(help));
        }
        if is_counted && capability.packages.is_empty() && capability.initial.is_none() {
            let message = format!("nobody supplies the capability `{name}`");
            let help = format!("a contributor may have [contributors.NAME.provides.{name}]");
            diagnostics.push(Diagnostic::at(Rule::UnsuppliedCapability, span, message, "").help(help));
        }
    }
}

/// Names of all capabilities that any condition counts.
fn all_counted(scenario: &Scenario) -> Vec<String> {
    let mut names = Vec::new();
    let mut add = |conditions: &[Condition]| counted(conditions, &mut names);
    scenario
        .objectives
        .values()
        .for_each(|objective| add(&objective.value.requires.0));
    scenario
        .mission
        .iter()
        .for_each(|mission| add(&mission.requires.0));
    scenario
        .conditions
        .values()
        .for_each(|condition| add(std::slice::from_ref(&condition.value)));
    scenario
        .effects
        .iter()
        .for_each(|effect| add(std::slice::from_ref(&effect.cause)));
    for (_, process) in super::resolve::processes(scenario) {
        match &process.form {
            Form::Short(short) => add(&short.requires.0),
            Form::Full(full) => full
                .transitions
                .iter()
                .for_each(|transition| add(&transition.requires.0)),
        }
    }
    for contributor in scenario.contributors.values() {
        add(&contributor.value.requires.0);
        for package in contributor.value.provides.values() {
            add(&package.value.requires.0);
            add(&package.value.during.0);
        }
    }
    names
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
