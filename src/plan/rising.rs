//! Which signals can ever switch off: what only switches on is played as one moment a trial.

use crate::model::{ALWAYS, Model, ProcessId, Signal, SignalId, Step, Transition};

/// Which signals only ever switch on; follows the order of computation, so that each looks only at earlier ones.
pub(super) fn rising(model: &Model) -> Vec<bool> {
    let mut is_rising = vec![false; model.signals.len()];
    is_rising[ALWAYS] = true;
    for step in &model.steps {
        match *step {
            Step::Process(process) => rising_levels(model, process, &mut is_rising),
            Step::Pledge(contributor) => is_rising[model.contributors[contributor].pledge] = true,
            Step::Package(package) => {
                let package = &model.packages[package];
                is_rising[package.supply] = package.sustains.is_none() && is_rising[package.during];
            }
            Step::Total(_) => {}
            Step::Signal(signal) => is_rising[signal] = is_condition_rising(model, signal, &is_rising),
        }
    }
    is_rising
}

/// A level is only ever entered if no transition leads from it or above to below it.
fn rising_levels(model: &Model, process: ProcessId, is_rising: &mut [bool]) {
    let process = &model.processes[process];
    for (below, &signal) in process.levels.iter().enumerate() {
        let falls = |transition: &Transition| transition.from > below && transition.to <= below;
        is_rising[signal] = !process.transitions.iter().any(falls);
    }
}

fn is_condition_rising(model: &Model, signal: SignalId, is_rising: &[bool]) -> bool {
    match &model.signals[signal] {
        Signal::Window { until, .. } => until.is_none(),
        Signal::Threshold { capability, .. } => {
            let packages = &model.capabilities[*capability].packages;
            packages
                .iter()
                .all(|&package| is_rising[model.packages[package].supply])
        }
        Signal::Count { of, .. } => of.iter().all(|&of| is_rising[of]),
        Signal::None(of) => of.is_empty(),
        Signal::Held { of, .. } => is_rising[*of],
        Signal::Always | Signal::Once(_) => true,
        Signal::Level { .. } | Signal::Pledge(_) | Signal::Supply(_) => is_rising[signal],
    }
}
