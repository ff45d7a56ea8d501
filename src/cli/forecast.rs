//! `--dry-run`: how long a command would take, and how much it would write, from a short trial.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

use rayon::ThreadPool;
use rayon::prelude::*;
use serde::Serialize;

use super::arguments::Run;
use super::extend::Earlier;
use super::freshness::{Standing, standing};
use super::play::{Goal, TRIALS};
use super::progress::Progress;
use super::run::{Done, Setting};
use super::trials::TrialsFile;
use super::{Failure, Outcome, play, terminal};
use crate::estimate::monitor::Evidence;
use crate::report;
use crate::report::number::thousands;
use crate::sampling::Source;
use crate::scenario::file;
use crate::state;
use crate::study::run::{Order, run, unpoisoned};
use crate::tally::Tally;

/// Futures of the shorter of two trials by which the time for many is told.
const FEW: u64 = 1_024;

/// How many times as many the longer one has.
const MORE: u64 = 5;

/// A trial of so many seconds tells enough by itself.
const ENOUGH: f64 = 0.5;

/// How long playing takes: what does not grow with the trials, and what each of them adds, in seconds.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    once: f64,
    each: f64,
}

impl Pace {
    /// Times two numbers of trials, by which what grows is told from what does not: `few`, and some more. The second is left out if
    /// the first takes long, and none is larger than `wanted`.
    pub fn measure(few: u64, wanted: u64, mut play: impl FnMut(u64) -> Outcome) -> Result<Self, Failure> {
        let mut time = |trials: u64| -> Result<f64, Failure> {
            let begun = Instant::now();
            play(trials)?;
            Ok(begun.elapsed().as_secs_f64())
        };
        let few = few.min(wanted).max(1);
        let many = few.saturating_mul(MORE).min(wanted);
        let short = time(few)?;
        if short > ENOUGH || many <= few {
            let each = short / few as f64;
            return Ok(Self { once: 0.0, each });
        }
        let long = time(many)?;
        let each = (long - short).max(0.0) / (many - few) as f64;
        Ok(Self {
            once: (short - each * few as f64).max(0.0),
            each,
        })
    }

    /// Seconds for so many trials.
    pub fn seconds(self, trials: u64) -> f64 {
        self.once + self.each * trials as f64
    }
}

/// What a scenario would take.
#[derive(Debug, Serialize)]
struct Forecast {
    /// Its name.
    name: String,
    /// The folder that would be written.
    folder: String,
    /// Whether its result is there already, so that nothing would be played.
    is_up_to_date: bool,
    /// Futures that would be played; with a precision about so many.
    trials: u64,
    /// The most that may be played.
    max_trials: u64,
    /// How long that takes, about.
    seconds: f64,
    /// How many bytes the result has, about.
    bytes: f64,
    /// The most memory in bytes that the process takes by then, about; none where the system does not tell.
    memory: Option<f64>,
}

/// Says what running the settings would take, and writes nothing.
pub fn tell(options: &Run, settings: &[Setting], pool: &ThreadPool) -> Outcome {
    let forecasts: Vec<Forecast> = settings
        .iter()
        .map(|setting| forecast(options, setting, pool))
        .collect::<Result<_, _>>()?;
    if options.json {
        return terminal::print_json(&serde_json::json!(forecasts));
    }
    let mut text: String = forecasts.iter().map(Forecast::words).collect();
    if forecasts.len() > 1 {
        let sum = |of: fn(&Forecast) -> f64| forecasts.iter().map(of).sum();
        let (seconds, bytes) = (sum(|one| one.seconds), sum(|one| one.bytes));
        let memory = in_memory(memory());
        let _ = writeln!(text, "in all: {}, {memory}and {}", time(seconds), disk(bytes));
    }
    terminal::say(&text)
}

/// What a scenario would take.
fn forecast(options: &Run, setting: &Setting, pool: &ThreadPool) -> Result<Forecast, Failure> {
    let mut forecast = Forecast {
        name: setting.meant.name.clone(),
        folder: setting.place.display().to_string(),
        is_up_to_date: false,
        trials: 0,
        max_trials: setting.goal.most(),
        seconds: 0.0,
        bytes: 0.0,
        memory: None,
    };
    let is_looked_for = !options.force && !options.extend;
    if is_looked_for && matches!(standing(setting), Standing::Current(_)) {
        forecast.is_up_to_date = true;
        return Ok(forecast);
    }
    let earlier = options
        .extend
        .then(|| Earlier::open(&setting.place, &setting.manifest, &setting.plan))
        .transpose()?;
    let mut tried = None;
    let pace = Pace::measure(FEW, forecast.max_trials, |trials| {
        tried = Some(try_out(options.trials_csv, setting, trials, pool)?);
        Ok(())
    })?;
    let (tally, rows) = tried.expect("two numbers of trials have been played");
    forecast.trials = match &setting.goal {
        Goal::Trials(trials) => *trials,
        Goal::Precision(until) => {
            let evidence: Evidence = until.target.monitored.evidence(&tally);
            let expected = until.target.expected_trials(&until.target.interval(evidence));
            expected.clamp(1, until.most)
        }
    };
    let whole = forecast.trials + earlier.map_or(0, |earlier| earlier.tally.trials);
    let row = rows / tally.trials.max(1) as f64;
    let begun = Instant::now();
    let written = bytes(setting, &Done::new(tally, None, true), pool);
    forecast.seconds = pace.seconds(forecast.trials) + begun.elapsed().as_secs_f64();
    forecast.bytes = written + whole as f64 * row;
    forecast.memory = memory();
    Ok(forecast)
}

/// Plays some trials as the run would, with rows if it writes some; returns what they came to, and how many bytes the rows have.
fn try_out(
    has_rows: bool,
    setting: &Setting,
    trials: u64,
    pool: &ThreadPool,
) -> Result<(Tally, f64), Failure> {
    let cannot = |error: io::Error| Failure::Io(format!("cannot write a temporary file: {error}"));
    let order = Order {
        source: Source {
            seed: setting.manifest.seed,
            method: setting.method(),
        },
        first: 0,
        trials,
    };
    let folder = tempfile::tempdir().map_err(cannot)?;
    let path = folder.path().join(TRIALS);
    let rows = has_rows.then(|| TrialsFile::create(&path, &setting.meant.model, &[]).map(Mutex::new));
    let rows = rows.transpose().map_err(cannot)?;
    let progress = Progress::new(trials, true, rows.as_ref());
    let tally = run(&setting.plan, order, pool, &progress).ok_or(Failure::Interrupted)?;
    drop(progress);
    play::refuse_runaway(&setting.meant.model, tally.runaway)?;
    let Some(rows) = rows else {
        return Ok((tally, 0.0));
    };
    unpoisoned(rows.into_inner()).finish().map_err(cannot)?;
    Ok((tally, fs::metadata(&path).map_err(cannot)?.len() as f64))
}

/// The most memory that this process has had, in bytes. It depends on the scenario and not on the number of trials, so a run takes as
/// much as the short trial did. None where the system does not tell.
pub fn memory() -> Option<f64> {
    let status = file::read(Path::new("/proc/self/status"), 1 << 16).ok()?;
    let status = String::from_utf8_lossy(&status).into_owned();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: f64 = peak.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(1024.0 * kilobytes)
}

/// How many bytes a result takes that has counted this: hardly more if it has counted more. They are worked out as if they were
/// written.
fn bytes(setting: &Setting, done: &Done, pool: &ThreadPool) -> f64 {
    let texts: usize = setting.meant.inputs.iter().map(|input| input.text.len()).sum();
    let state = state::pack(setting.manifest.origin(), &done.tally).len();
    let rest = (state + texts) as f64;
    if setting.manifest.part.is_some() {
        return rest;
    }
    let report = setting.report(done);
    let tables = || {
        report::FILES
            .par_iter()
            .map(|file| length(|out| (file.write)(report, out)))
    };
    let tables: u64 = pool.install(|| tables().sum());
    rest + (tables + length(|out| report::json::write(report, out))) as f64
}

/// How many bytes something writes.
fn length(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> u64 {
    struct Counted(u64);
    impl Write for Counted {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut counted = Counted(0);
    fill(&mut counted).expect("nothing is written");
    counted.0
}

impl Forecast {
    /// A line for people.
    fn words(&self) -> String {
        let Self { name, folder, .. } = self;
        if self.is_up_to_date {
            return format!("{name}: up to date in {folder}, nothing would be played\n");
        }
        let futures = |count: u64| thousands(count as f64, 0);
        let many = if self.trials == self.max_trials {
            format!("{} futures", futures(self.trials))
        } else {
            let most = futures(self.max_trials);
            format!("about {} futures (at most {most})", futures(self.trials))
        };
        let (time, memory, disk) = (time(self.seconds), in_memory(self.memory), disk(self.bytes));
        format!("{name}: {many}: {time}, {memory}and {disk} in {folder}\n")
    }
}

/// A time in words.
pub fn time(seconds: f64) -> String {
    match seconds {
        ..0.95 => "less than a second".to_owned(),
        ..90.0 => format!("about {seconds:.0} s"),
        ..5400.0 => format!("about {:.0} min", seconds / 60.0),
        _ => format!("about {:.1} h", seconds / 3600.0),
    }
}

/// An amount of disk in words.
pub fn disk(bytes: f64) -> String {
    format!("{} on disk", amount(bytes))
}

/// An amount of memory in words, with a comma behind it; nothing if it is not known.
pub fn in_memory(bytes: Option<f64>) -> String {
    bytes.map_or_else(String::new, |bytes| {
        format!("about {} of memory, ", amount(bytes))
    })
}

fn amount(bytes: f64) -> String {
    match bytes {
        ..1e5 => format!("{:.0} kB", (bytes / 1e3).ceil()),
        ..1e9 => format!("{:.1} MB", bytes / 1e6),
        _ => format!("{:.1} GB", bytes / 1e9),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_amounts_are_told_in_fitting_units() {
        let times = [0.2, 3.0, 600.0, 9000.0].map(time);
        assert_eq!(
            times,
            ["less than a second", "about 3 s", "about 10 min", "about 2.5 h"]
        );
        assert_eq!(
            [800.0, 2.5e6, 3e9].map(disk),
            ["1 kB on disk", "2.5 MB on disk", "3.0 GB on disk"]
        );
    }

    #[test]
    fn what_grows_is_told_from_what_does_not() {
        let pace = Pace { once: 2.0, each: 0.5 };
        assert_eq!(pace.seconds(10), 7.0);
        // Nothing takes less than no time, however noisy the machine.
        let pace = Pace::measure(FEW, u64::MAX, |_| Ok(())).expect("nothing fails");
        assert!(pace.seconds(0) >= 0.0 && pace.seconds(u64::MAX) >= 0.0);
    }
}
