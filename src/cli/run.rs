//! `ceasefire run`: plays a scenario, writes its results, and answers.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::arguments::Run;
use super::extend::{Earlier, STATE};
use super::play::{Game, Goal, TRIALS, play};
use super::scenario::Meant;
use super::store::{Draft, Manifest, ManifestPrecision, inputs};
use super::{Outcome, scenario, terminal};
use crate::estimate::Results;
use crate::estimate::monitor::Precision;
use crate::plan::Plan;
use crate::report::{self, Report};
use crate::sampling::{Method, Source};
use crate::state;
use crate::tally::Tally;

/// The file with everything.
const RESULT: &str = "result.json";

/// Runs the command.
pub fn run(options: &Run, command: &[OsString]) -> Outcome {
    let meant = scenario::open(&options.chosen, options.quiet)?;
    let place = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("results").join(&meant.name));
    let mut manifest = manifest(options, &meant, &place, command);
    let plan = Plan::new(&meant.model);
    let method = method(options, &meant);
    let goal = Goal::of(options, &meant.model, &plan, manifest.confidence, method)?;
    let open = || Earlier::open(&place, &manifest, &plan);
    let earlier = options.extend.then(open).transpose()?;
    if let (Some(earlier), Goal::Trials(trials)) = (&earlier, &goal) {
        earlier.refuse_more_than_fit(*trials)?;
    }
    if !options.quiet {
        advise(method, &goal, earlier.as_ref());
    }
    let draft = Draft::begin(&place, &manifest.inputs[0], options.force)?;
    let game = Game {
        options,
        source: Source {
            seed: manifest.seed,
            method,
        },
        model: &meant.model,
        plan: &plan,
        draft: &draft,
        earlier: earlier.as_ref(),
    };
    let (tally, precision) = play(&game, &goal)?;
    manifest.trials = tally.trials;
    manifest.precision = ManifestPrecision::of(&goal, precision.as_ref());
    let report = Report {
        name: meant.name.clone(),
        title: meant.model.title.clone(),
        seed: manifest.seed,
        sampler: method.sampler().name,
        version: env!("CARGO_PKG_VERSION"),
        scenario_hash: manifest.hash.clone(),
        results: results(
            &meant,
            &plan,
            &tally,
            &goal,
            manifest.confidence,
            precision.as_ref(),
        ),
        precision,
    };
    write(options, &draft, &manifest, &report)?;
    draft.write(STATE, &state::pack(manifest.origin(), &tally))?;
    draft.finish()?;
    answer(options, &report, &place)
}

/// How the draws are spread.
fn method(options: &Run, meant: &Meant) -> Method {
    options.sampler.unwrap_or(meant.model.simulation.sampler())
}

/// Names a better number of trials, where the one that was asked for leaves replicates of different sizes.
fn advise(method: Method, goal: &Goal, earlier: Option<&Earlier>) {
    let Goal::Trials(trials) = goal else {
        return;
    };
    let trials = earlier.map_or(0, |earlier| earlier.tally.trials) + trials;
    let better = method.replicates().balanced(method, trials);
    if better != trials {
        terminal::tell(&format!(
            "note: {} spreads {trials} trials unevenly; {better} would be the next better number",
            method.sampler().name
        ));
    }
}

/// All figures; the one that was watched has the interval that was watched, as stopping early spoils an ordinary one.
fn results(
    meant: &Meant,
    plan: &Plan,
    tally: &Tally,
    goal: &Goal,
    confidence: f64,
    precision: Option<&Precision>,
) -> Results {
    let mut results = Results::new(&meant.model, plan, tally, confidence);
    if let (Goal::Precision(until), Some(precision)) = (goal, precision) {
        *until.target.monitored.figure(&mut results) = precision.interval;
    }
    results
}

/// What the result will depend on; how many trials it has is known at its end.
fn manifest(options: &Run, meant: &Meant, place: &Path, command: &[OsString]) -> Manifest {
    let simulation = meant.model.simulation;
    let (inputs, hash) = inputs(&meant.inputs, &options.chosen.set, place);
    let mut files: Vec<String> = report::FILES.iter().map(|file| file.name.to_owned()).collect();
    files.extend([RESULT, STATE].map(str::to_owned));
    files.extend(options.trials_csv.then(|| TRIALS.to_owned()));
    Manifest {
        format: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command
            .iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect(),
        name: meant.name.clone(),
        seed: options.seed.unwrap_or(simulation.seed()),
        sampler: method(options, meant).sampler().name.to_owned(),
        trials: 0,
        confidence: options.confidence.unwrap_or(simulation.confidence()),
        precision: None,
        set: options.chosen.set.clone(),
        hash,
        inputs,
        files,
        sweep: None,
    }
}

/// Writes all files of the result into the draft.
fn write(options: &Run, draft: &Draft, manifest: &Manifest, report: &Report) -> Outcome {
    for file in report::FILES {
        let mut bytes = if options.excel {
            report::BYTE_ORDER_MARK.to_vec()
        } else {
            Vec::new()
        };
        bytes.extend((file.write)(report));
        draft.write(file.name, &bytes)?;
    }
    draft.write(RESULT, &report::json::result(report))?;
    draft.write_manifest(manifest)
}

/// Says what came of it, and where it lies.
fn answer(options: &Run, report: &Report, place: &Path) -> Outcome {
    if options.json {
        return terminal::print(&String::from_utf8_lossy(&report::json::result(report)));
    }
    if options.quiet {
        return Ok(());
    }
    let style = report::terminal::Style {
        colour: terminal::stdout_has_colour(),
        width: terminal::width(),
    };
    terminal::print(&report::terminal::answer(report, style))?;
    terminal::tell(&format!("Results are in {}", place.display()));
    Ok(())
}
