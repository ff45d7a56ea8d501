//! `ceasefire trace`: single futures, told or as JSON.

use std::io::Write;

use super::arguments::Trace;
use super::play::refuse_runaway;
use super::{Failure, Outcome, scenario, terminal};
use crate::plan::Plan;
use crate::sampling::Source;
use crate::study::trace;

/// Replays the trials that were asked for.
pub fn trace(options: &Trace) -> Outcome {
    let meant = scenario::open(&options.chosen, options.json)?;
    let plan = Plan::new(&meant.model);
    let simulation = meant.model.simulation;
    let source = Source {
        seed: options.seed.unwrap_or(simulation.seed()),
        method: options.sampler.unwrap_or(simulation.sampler()),
    };
    let trials = match (options.trial, &options.trials) {
        (_, Some(range)) => range.clone(),
        (Some(trial), None) => trial..trial.saturating_add(1),
        (None, None) => {
            return Err(Failure::Usage(
                "name a trial: --trial 7, or --trials 0..100".to_owned(),
            ));
        }
    };
    let mut stdout = anstream::stdout().lock();
    for trial in trials {
        let trace = trace::trace(&meant.model, &plan, source, trial);
        refuse_runaway(&meant.model, trace.runaway)?;
        let text = if options.json {
            serde_json::to_string(&trace).map_err(|error| Failure::Io(error.to_string()))?
        } else {
            crate::story::timeline(&meant.model, &trace)
        };
        terminal::said(writeln!(stdout, "{text}"))?;
    }
    terminal::said(stdout.flush())
}
