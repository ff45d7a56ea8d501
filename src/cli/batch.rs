//! `ceasefire run` with several scenarios: one after the other, each by all cores, and one table of all.

use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use rayon::ThreadPool;

use super::arguments::Run;
use super::play::pool;
use super::run::{RESULTS, Setting, marked};
use super::store::{MANIFEST, save};
use super::{Failure, Outcome, forecast, place, sheet, terminal};
use crate::report::{self, Report};
use crate::shown;

/// The file with the figures of all scenarios, before what was set in them and its ending.
const BATCH: &str = "batch";

/// The name of the file with the figures of all scenarios: a what-if has one of its own.
fn table(set: &[String]) -> String {
    format!("{BATCH}{}.csv", place::what_if(set))
}

/// What the folders of a batch have behind the names of their scenarios, by the name of its table; none, if it is no table.
pub fn ending(table: &str) -> Option<&str> {
    let ending = table.strip_prefix(BATCH)?.strip_suffix(".csv")?;
    (ending.is_empty() || ending.starts_with('+')).then_some(ending)
}

/// Says if a table of several scenarios beside a new result has the figures that it had before.
pub fn tell_stale(setting: &Setting) {
    let table = setting.place.with_file_name(table(&setting.manifest.set));
    let Ok(mut reader) = csv::Reader::from_path(&table) else {
        return;
    };
    let has_it =
        |row: csv::Result<csv::StringRecord>| row.is_ok_and(|row| row.get(0) == Some(&setting.meant.name));
    if setting.manifest.part.is_none() && reader.records().any(has_it) {
        terminal::tell(&format!(
            "note: `{}` has the figures of `{}` as they were; run the scenarios together to renew it",
            table.display(),
            setting.meant.name
        ));
    }
}

/// Runs all scenarios, and says what came of them; a fault in one does not keep the others from being run.
pub fn run(options: &Run, files: &[PathBuf], command: &[OsString]) -> Outcome {
    if options.shard.is_some() {
        let message = "--shard plays a part of one scenario; name one";
        return Err(Failure::Usage(message.to_owned()));
    }
    refuse_twins(files)?;
    let parent = options.out.clone().unwrap_or_else(|| PathBuf::from(RESULTS));
    if parent.join(MANIFEST).exists() {
        let name = parent.display();
        return Err(Failure::Usage(format!(
            "`{name}` is the result of one scenario; name another folder with --out for those of several"
        )));
    }
    let pool = pool(options.threads, u64::MAX)?;
    if options.is_dry {
        return foresee(options, files, &parent, command, &pool);
    }
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        let place = parent.join(place::folder(&name(file), &options.set, None));
        let played = Setting::new(options, file, Some(place), command)
            .and_then(|setting| setting.done(options, &pool).map(|done| (setting, done)));
        match played {
            Ok((setting, done)) => {
                if !options.quiet {
                    let place = setting.place.display();
                    let what = if done.is_new {
                        "results are in"
                    } else {
                        "up to date in"
                    };
                    terminal::tell(&format!("{}: {what} {place}", setting.meant.name));
                    if done.is_new {
                        sheet::tell_long(&setting.place);
                    }
                }
                reports.push(setting.take_report(done));
            }
            // Nobody who asks to stop means the one scenario only.
            Err(stop @ (Failure::Interrupted | Failure::BrokenPipe)) => {
                tell_stopped(&parent.join(table(&options.set)), reports.len(), files.len());
                return Err(stop);
            }
            Err(failure) => failures.push(told(file, failure)),
        }
    }
    write(&parent.join(table(&options.set)), options.excel, &reports)?;
    if !options.quiet {
        sheet::tell_long(&parent);
    }
    answer(options, &reports)?;
    outcome(failures, files.len())
}

/// Says what a batch that is stopped has kept.
fn tell_stopped(table: &Path, done: usize, all: usize) {
    let mut said =
        format!("stopped: {done} of {all} scenarios are done; the same command plays the others only");
    if table.exists() {
        let _ = write!(said, ". `{}` is that of an earlier batch", table.display());
    }
    terminal::tell(&said);
}

/// Says what all scenarios would take that can be run; a fault in one is told.
fn foresee(
    options: &Run,
    files: &[PathBuf],
    parent: &Path,
    command: &[OsString],
    pool: &ThreadPool,
) -> Outcome {
    let (mut settings, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        match Setting::new(
            options,
            file,
            Some(parent.join(place::folder(&name(file), &options.set, None))),
            command,
        ) {
            Ok(setting) => settings.push(setting),
            Err(failure) => failures.push(told(file, failure)),
        }
    }
    forecast::tell(options, &settings, pool)?;
    outcome(failures, files.len())
}

/// The worst of what kept scenarios from being run.
fn outcome(failures: Vec<Failure>, all: usize) -> Outcome {
    if !failures.is_empty() {
        let failed = failures.len();
        terminal::complain(&format!("{failed} of {all} scenarios could not be run"));
    }
    let worst = failures
        .into_iter()
        .max_by_key(|failure| matches!(failure, Failure::ShownIo));
    worst.map_or(Ok(()), Err)
}

/// The name of a scenario, by its file.
fn name(file: &Path) -> String {
    file.file_stem()
        .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
}

/// Refuses two scenarios whose results would have one name.
fn refuse_twins(files: &[PathBuf]) -> Outcome {
    for (index, file) in files.iter().enumerate() {
        if let Some(twin) = files[..index].iter().find(|other| name(other) == name(file)) {
            let (twin, file) = (twin.display(), file.display());
            return Err(Failure::Usage(format!(
                "`{twin}` and `{file}` have one name, and so would their results; run them by themselves, each with its own --out"
            )));
        }
    }
    Ok(())
}

/// Says what is wrong with one scenario.
fn told(file: &Path, failure: Failure) -> Failure {
    let file = file.display();
    match failure {
        Failure::Usage(message) => {
            terminal::complain(&format!("{file}: {message}"));
            Failure::Shown
        }
        Failure::Io(message) => {
            terminal::complain(&format!("{file}: {message}"));
            Failure::ShownIo
        }
        other => other,
    }
}

/// Writes the figures of all into one file, whole or not at all.
fn write(table: &Path, is_for_excel: bool, reports: &[Report]) -> Outcome {
    // Where nothing could be run there is nothing to write, but an earlier table is not left as if it were this batch's.
    if reports.is_empty() && !table.exists() {
        return Ok(());
    }
    let bytes = marked(is_for_excel, report::csv::batch(reports));
    save(table, &bytes)
}

/// One row a scenario, or everything as JSON by name.
fn answer(options: &Run, reports: &[Report]) -> Outcome {
    if options.json {
        let result = |report: &Report| {
            let result = String::from_utf8_lossy(&report::json::result(report)).into_owned();
            let name = serde_json::json!(report.name).to_string();
            format!("{}:{}", shown::json(name), result.trim_end())
        };
        let results: Vec<String> = reports.iter().map(result).collect();
        return terminal::print(&format!("{{{}}}\n", results.join(",")));
    }
    if options.quiet || reports.is_empty() {
        return Ok(());
    }
    terminal::print(&report::terminal::batch(reports, terminal::style()))
}
