//! `ceasefire run`: plays a scenario, writes its results, and answers.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::arguments::Run;
use super::progress::Progress;
use super::scenario::Meant;
use super::store::{Draft, MANIFEST, Manifest, inputs};
use super::trials::TrialsFile;
use super::{Failure, Outcome, scenario, terminal};
use crate::engine::Runaway;
use crate::estimate::Results;
use crate::model::Model;
use crate::plan::{BLOCK, Plan};
use crate::report::{self, Report};
use crate::study::run::{Order, run as play};
use crate::tally::Tally;

/// The file with everything.
const RESULT: &str = "result.json";
/// The file with a row a trial.
const TRIALS: &str = "trials.csv";

/// Runs the command.
pub fn run(options: &Run, command: &[OsString]) -> Outcome {
    let meant = scenario::open(&options.chosen, options.quiet)?;
    let place = options
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("results").join(&meant.name));
    let manifest = manifest(options, &meant, &place, command);
    let draft = Draft::begin(&place, &manifest.inputs[0], options.force)?;
    let plan = Plan::new(&meant.model);
    let tally = simulate(options, &meant.model, &plan, &manifest, &draft)?;
    refuse_runaway(&meant.model, tally.runaway)?;
    let report = Report {
        name: meant.name.clone(),
        title: meant.model.title.clone(),
        seed: manifest.seed,
        version: env!("CARGO_PKG_VERSION"),
        scenario_hash: manifest.hash.clone(),
        results: Results::new(&meant.model, &plan, &tally, manifest.confidence),
    };
    write(options, &draft, &manifest, &report)?;
    draft.finish()?;
    answer(options, &report, &place)
}

/// What the result will depend on.
fn manifest(options: &Run, meant: &Meant, place: &Path, command: &[OsString]) -> Manifest {
    let simulation = meant.model.simulation;
    let (inputs, hash) = inputs(&meant.inputs, &options.chosen.set, place);
    let mut files: Vec<String> = report::FILES.iter().map(|file| file.name.to_owned()).collect();
    files.push(RESULT.to_owned());
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
        trials: options.trials.unwrap_or(simulation.trials()),
        confidence: options.confidence.unwrap_or(simulation.confidence()),
        set: options.chosen.set.clone(),
        hash,
        inputs,
        files,
    }
}

/// Plays all trials, with progress, and writes the file of trials if it was asked for.
fn simulate(
    options: &Run,
    model: &Model,
    plan: &Plan,
    manifest: &Manifest,
    draft: &Draft,
) -> Result<Tally, Failure> {
    // No more threads than there are blocks to play; 0 lets the pool choose.
    let threads = options
        .threads
        .map_or(0, |threads| threads.min(manifest.trials.div_ceil(BLOCK as u64)));
    let threads = usize::try_from(threads).unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))?;
    let cannot = |error: std::io::Error| Failure::Io(format!("cannot write `{TRIALS}`: {error}"));
    let mark: &[u8] = if options.excel {
        report::BYTE_ORDER_MARK
    } else {
        &[]
    };
    let create = || {
        TrialsFile::create(&draft.path(TRIALS), model, mark)
            .map(Mutex::new)
            .map_err(cannot)
    };
    let trials = options.trials_csv.then(create).transpose()?;
    let progress = Progress::new(manifest.trials, options.quiet, trials.as_ref());
    let order = Order {
        seed: manifest.seed,
        first: 0,
        trials: manifest.trials,
    };
    let tally = play(plan, order, &pool, &progress);
    progress.finish();
    if let Some(file) = trials {
        file.into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .finish()
            .map_err(cannot)?;
    }
    tally.ok_or(Failure::Shown)
}

/// A process that never comes to rest is a fault of the scenario, found only by playing it.
pub fn refuse_runaway(model: &Model, runaway: Option<Runaway>) -> Outcome {
    let Some(Runaway { trial, process }) = runaway else {
        return Ok(());
    };
    let process = &model.processes[process];
    let moves: Vec<String> = process
        .transitions
        .iter()
        .map(|transition| {
            format!(
                "{} → {}",
                process.states[transition.from], process.states[transition.to]
            )
        })
        .collect();
    Err(Failure::Usage(format!(
        "in trial {trial} the process `{}` moves more than {} times: {}; give one of these transitions a longer `after`",
        process.address,
        crate::engine::MOST_MOVES,
        moves.join(", "),
    )))
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
    let text = serde_json::to_string_pretty(manifest).map_err(|error| Failure::Io(error.to_string()))?;
    draft.write(MANIFEST, format!("{text}\n").as_bytes())
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
