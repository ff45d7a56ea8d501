//! `ceasefire trace`: single futures, told or as JSON.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::arguments::Trace;
use super::play::refuse_runaway;
use super::scenario::Meant;
use super::store::{MANIFEST, Manifest, inputs};
use super::{Failure, Outcome, row, scenario, terminal};
use crate::VERSION;
use crate::plan::Plan;
use crate::sampling::{Source, sampler};
use crate::shown;
use crate::study::trace;

/// Replays the trials that were asked for.
pub fn trace(options: &Trace) -> Outcome {
    let Origin { played, trial } = origin(options)?;
    let (meant, source) = played;
    let plan = Plan::new(&meant.model);
    let trials = match (options.trial.or(trial), &options.trials) {
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
            let text = serde_json::to_string(&trace).map_err(|error| Failure::Io(error.to_string()))?;
            shown::json(text)
        } else {
            crate::story::timeline(&meant.model, &trace)
        };
        terminal::said(writeln!(stdout, "{text}"))?;
    }
    terminal::said(stdout.flush())
}

/// What is replayed.
struct Origin {
    /// The scenario, and its draws.
    played: (Meant, Source),
    /// The trial, where a row names one.
    trial: Option<u64>,
}

/// Finds what is replayed: a scenario, a result, or what a row came of.
fn origin(options: &Trace) -> Result<Origin, Failure> {
    let path = &options.chosen.file;
    let found = result(path);
    if let Some(number) = options.row {
        let row = row::origin(path, number, found)?;
        if let (Some(_), Some(point)) = (options.point, row.point) {
            let message = format!("row {number} is that of point {point}; leave --point out");
            return Err(Failure::Usage(message));
        }
        let point = options.point.or(row.point);
        return Ok(Origin {
            played: of_result(options, &row.folder, &row.manifest, point)?,
            trial: row.trial,
        });
    }
    let played = match found {
        Some((folder, manifest)) => of_result(options, &folder, &manifest, options.point)?,
        None => {
            refuse_many(path)?;
            of_scenario(options)?
        }
    };
    Ok(Origin { played, trial: None })
}

/// Refuses what holds several results.
fn refuse_many(path: &Path) -> Outcome {
    let name = path.display();
    if row::is_batch(path) {
        let message =
            format!("`{name}` has the rows of several results: name one by --row, where 1 is the header");
        return Err(Failure::Usage(message));
    }
    let inside = std::fs::read_dir(path).into_iter().flatten().flatten();
    let is_result = |folder: &PathBuf| Manifest::read(folder).is_some();
    let results = inside.map(|entry| entry.path()).filter(is_result);
    let mut results: Vec<String> = results.map(|folder| format!("`{}`", folder.display())).collect();
    if results.is_empty() {
        return Ok(());
    }
    results.sort();
    let message = format!(
        "`{name}` holds several results; name one of {}",
        results.join(", ")
    );
    Err(Failure::Usage(message))
}

/// A scenario, with the draws that a run of it would have.
fn of_scenario(options: &Trace) -> Result<(Meant, Source), Failure> {
    if options.point.is_some() {
        let message = "--point is for the results of a sweep; --set changes a scenario".to_owned();
        return Err(Failure::Usage(message));
    }
    let meant = scenario::open(&options.chosen, options.json)?;
    let simulation = meant.model.simulation;
    let source = Source {
        seed: options.seed.unwrap_or(simulation.seed()),
        method: options.sampler.unwrap_or(simulation.sampler()),
    };
    Ok((meant, source))
}

/// The result that a path leads to, if it is the folder of one or one of its files.
fn result(path: &Path) -> Option<(PathBuf, Manifest)> {
    let folder = if path.is_dir() { path } else { path.parent()? };
    let manifest = Manifest::read(folder)?;
    let name = path.file_name()?.to_string_lossy();
    let is_part = path.is_dir() || name == MANIFEST || manifest.files.iter().any(|file| *file == name);
    is_part.then(|| (folder.to_owned(), manifest))
}

/// The scenario of a result as it was when it was played, and its draws.
fn of_result(
    options: &Trace,
    folder: &Path,
    manifest: &Manifest,
    point: Option<u64>,
) -> Result<(Meant, Source), Failure> {
    let name = folder.display();
    let own = VERSION;
    if manifest.version != own {
        return Err(Failure::Usage(format!(
            "`{name}` was played by version {} of ceasefire, and this is {own}: its trials may be other ones here",
            manifest.version
        )));
    }
    let has_options = !options.chosen.set.is_empty() || options.seed.is_some() || options.sampler.is_some();
    if has_options {
        let message =
            format!("`{name}` is replayed as it was played; --set, --seed and --sampler are for scenarios");
        return Err(Failure::Usage(message));
    }
    let method = sampler(&manifest.sampler)
        .ok_or_else(|| Failure::Usage(format!("`{name}` has an unknown sampler, `{}`", manifest.sampler)))?
        .method;
    if manifest.is_sweep() != point.is_some() {
        let message = match point {
            Some(_) => format!("`{name}` is no sweep, and has no points"),
            None => format!(
                "`{name}` is a sweep: name one of its points, such as --point 3; 0 is the scenario as it stands"
            ),
        };
        return Err(Failure::Usage(message));
    }
    let point = point.unwrap_or(0);
    let meant = match &manifest.sweep {
        Some(sweep) if point > 0 => super::sweep::traced::point(folder, manifest, sweep, point)?,
        _ => scenario::reopen(folder, manifest, options.json)?,
    };
    if inputs(&meant.inputs, &manifest.set, folder).1 != manifest.hash {
        let message = format!("the texts in the manifest of `{name}` are not those that were played");
        return Err(Failure::Usage(message));
    }
    let source = Source {
        seed: manifest.seed,
        method,
    };
    Ok((meant, source))
}
