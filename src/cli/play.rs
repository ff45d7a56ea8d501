//! Plays what a run was asked for: a number of trials, or as many as it takes to know a figure well enough.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

use super::arguments::Run;
use super::extend::Earlier;
use super::progress::Progress;
use super::store::Work;
use super::trials::TrialsFile;
use super::{Failure, interrupt, terminal};
use crate::engine::Runaway;
use crate::estimate::monitor::{Ended, Evidence, Monitored, Precision, Target};
use crate::model::Model;
use crate::plan::{BLOCK, Plan};
use crate::report;
use crate::sampling::{Method, Source};
use crate::state::{self, Origin};
use crate::study::looks;
use crate::study::run::{Team, unpoisoned};
use crate::tally::Tally;

/// The file with a row a trial.
pub const TRIALS: &str = "trials.csv";

/// The figure that a precision is of, if nothing else is said: the mission's, at the end of the horizon.
const MAIN_METRIC: &str = "ready_by";

/// The most trials that a precision may take, if nothing else is said.
const MOST_TRIALS: u64 = 1_000_000_000;

/// The most threads: each has a tally of its own.
pub const MOST_THREADS: u64 = 256;

/// The variable that says how many threads to use where no option does.
const THREADS_VARIABLE: &str = "RAYON_NUM_THREADS";

/// When a run is done.
pub enum Goal {
    /// After so many trials.
    Trials(u64),
    /// When a figure is known well enough.
    Precision(Until),
}

/// How well a figure is to be known, and what ends the run if that does not.
pub struct Until {
    /// The figure and its half-width.
    pub target: Target,
    /// The most trials.
    pub most: u64,
    /// The longest time, counted from the first trial; it is heeded at looks.
    pub time: Option<Duration>,
}

impl Goal {
    /// What the options ask for.
    pub fn of(
        options: &Run,
        model: &Model,
        plan: &Plan,
        confidence: f64,
        method: Method,
    ) -> Result<Self, Failure> {
        let Some(half_width) = options.precision else {
            let trials = options.trials.unwrap_or(model.simulation.trials());
            return Ok(Self::Trials(trials));
        };
        if method != Method::Random {
            let message = format!(
                "--precision looks at its figure again and again, and only draws that are independent have intervals that hold then: use --sampler {} with it, not {}",
                Method::Random.sampler().name,
                method.sampler().name,
            );
            return Err(Failure::Usage(message));
        }
        let name = options.metric.as_deref().unwrap_or(MAIN_METRIC);
        let monitored = Monitored::find(name, model, plan)
            .map_err(|message| Failure::Usage(format!("in `--metric {name}`: {message}")))?;
        Ok(Self::Precision(Until {
            target: Target::new(monitored, half_width, confidence),
            most: options.max_trials.unwrap_or(MOST_TRIALS),
            time: options.max_time,
        }))
    }

    /// How many trials are sure not to be exceeded.
    pub fn most(&self) -> u64 {
        match self {
            Self::Trials(trials) => *trials,
            Self::Precision(until) => until.most,
        }
    }
}

/// What playing needs to know, beside its goal.
pub struct Game<'g> {
    /// The options of the command.
    pub options: &'g Run,
    /// Where the draws come from.
    pub source: Source,
    /// The first trial of all.
    pub first: u64,
    /// The scenario as meant.
    pub model: &'g Model,
    /// The same as run.
    pub plan: &'g Plan,
    /// What its trials belong to.
    pub origin: Origin,
    /// What has been played before, in a run that is extended.
    pub earlier: Option<&'g Earlier>,
    /// Where it keeps what it has, and the rows of trials.
    pub work: &'g Work,
    /// Who plays.
    pub pool: &'g ThreadPool,
}

/// What all trials came to, with those of an earlier run, and how well the figure that was watched is known.
pub fn play(game: &Game<'_>, goal: &Goal) -> Result<(Tally, Option<Precision>), Failure> {
    let earlier = game.earlier.map(|earlier| &earlier.tally);
    let whole = earlier.map_or(0, |tally| tally.trials) + goal.most();
    let (before, rows) = match take_up(game) {
        Some((tally, rows)) => (Some(tally), Some(rows)),
        None => (earlier.cloned(), None),
    };
    let count = before.as_ref().map_or(0, |tally| tally.trials);
    if rows.is_none() {
        game.work.restart();
    } else if !game.options.quiet {
        terminal::tell(&format!(
            "note: goes on after {count} trials that a run of the same kept when it was stopped"
        ));
    }
    let file = game
        .options
        .trials_csv
        .then(|| open_rows(game, rows))
        .transpose()?;
    let progress = Progress::new(whole - count, game.options.quiet, file.as_ref());
    let mut stage = Stage {
        team: Team::new(game.plan, game.source, game.first + count, game.pool),
        game,
        before,
        file: file.as_ref(),
        progress: &progress,
    };
    let played = match goal {
        Goal::Trials(_) => stage.play(whole - count).map(|()| None),
        Goal::Precision(until) => rounds(&mut stage, until).map(Some),
    };
    let tally = stage.finish();
    progress.finish();
    // A file that cannot be written stops a run; closing it says why.
    if let Some(file) = file {
        unpoisoned(file.into_inner())
            .finish()
            .map_err(|error| cannot(&error))?;
    }
    let precision = played?;
    refuse_runaway(game.model, tally.runaway)?;
    Ok((tally, precision))
}

/// What an earlier run of the same has left: its tally, and how many bytes of rows belong to it.
fn take_up(game: &Game<'_>) -> Option<(Tally, u64)> {
    let (counted, rows) = game.work.take_up()?;
    let (origin, tally) = state::unpack(&counted, game.plan).ok()?;
    (origin == game.origin).then_some((tally, rows))
}

/// A run that is under way.
struct Stage<'s> {
    team: Team<'s>,
    game: &'s Game<'s>,
    /// What was played before by other runs.
    before: Option<Tally>,
    file: Option<&'s Mutex<TrialsFile>>,
    progress: &'s Progress<'s>,
}

impl Stage<'_> {
    /// Plays so many more trials, with checkpoints; an error if it had to stop before.
    fn play(&mut self, trials: u64) -> Result<(), Failure> {
        let end = self.team.next().saturating_add(trials);
        loop {
            self.progress.begin();
            // A process that never rests ends it too; the tally says so.
            if self.team.play(end - self.team.next(), self.progress) {
                return Ok(());
            }
            let tally = self.whole();
            if tally.runaway.is_some() {
                return Ok(());
            }
            self.save(&tally)?;
            if interrupt::is_asked() {
                terminal::tell(&format!(
                    "stopped: {} trials are kept in `{}`; the same command goes on from there",
                    tally.trials,
                    self.game.work.folder().display()
                ));
                return Err(Failure::Interrupted);
            }
        }
    }

    /// What all trials so far came to.
    fn whole(&mut self) -> Tally {
        with(self.team.so_far(), self.before.as_ref())
    }

    /// The same, at the end.
    fn finish(self) -> Tally {
        with(self.team.finish(), self.before.as_ref())
    }

    /// Writes a checkpoint.
    fn save(&self, tally: &Tally) -> Result<(), Failure> {
        let keep = |file: &Mutex<TrialsFile>| unpoisoned(file.lock()).keep();
        let rows = self.file.map_or(Ok(0), keep).map_err(|error| cannot(&error))?;
        let counted = state::pack(self.game.origin.clone(), tally);
        self.game.work.save(&counted, rows)
    }
}

/// A tally with what was counted before.
fn with(mut tally: Tally, before: Option<&Tally>) -> Tally {
    if let Some(before) = before {
        tally.merge(before);
    }
    tally
}

/// The most that a thread's stack may take; it is only taken where it is needed.
const STACK: usize = 64 << 20;

/// From now on, what is done side by side without a pool of its own (tables, points that are checked) has so many threads too.
/// Points are understood there, which may take as much of the stack as on the main thread.
pub fn heed_threads(threads: Option<u64>) {
    // There is one for the process: where it is there already, it stays.
    let _ = builder(threads.unwrap_or(0)).stack_size(STACK).build_global();
}

/// Cuts the number of threads that the variable asks for to what is possible, and says so.
pub fn limit_threads() {
    if let Some(asked) = asked_threads().filter(|&asked| asked > MOST_THREADS) {
        terminal::tell(&format!(
            "note: {THREADS_VARIABLE} asks for {asked} threads; {MOST_THREADS} are used, the most that are possible"
        ));
        heed_threads(Some(MOST_THREADS));
    }
}

/// The number of threads that the variable asks for.
fn asked_threads() -> Option<u64> {
    let asked = std::env::var(THREADS_VARIABLE).ok()?;
    asked.parse().ok().filter(|&threads| threads > 0)
}

/// No more threads than there are blocks to play; without a number as many as the variable says, or one for each core.
pub fn pool(threads: Option<u64>, most: u64) -> Result<ThreadPool, Failure> {
    let usual = || std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64);
    let threads = match threads {
        Some(threads) => threads.min(most.div_ceil(BLOCK as u64)).max(1),
        None => asked_threads().unwrap_or_else(usual).min(MOST_THREADS),
    };
    let pool = builder(threads).build();
    pool.map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))
}

fn builder(threads: u64) -> rayon::ThreadPoolBuilder {
    rayon::ThreadPoolBuilder::new().num_threads(usize::try_from(threads).unwrap_or(1))
}

/// The file of trials: the one that was kept up to so many bytes, or a new one with the rows of the earlier run.
fn open_rows(game: &Game<'_>, kept: Option<u64>) -> Result<Mutex<TrialsFile>, Failure> {
    let path = game.work.rows()?;
    if let Some(length) = kept {
        let file = TrialsFile::go_on(&path, length, game.model);
        return file.map(Mutex::new).map_err(|error| cannot(&error));
    }
    let mark: &[u8] = if game.options.excel {
        report::BYTE_ORDER_MARK
    } else {
        &[]
    };
    let mut file = TrialsFile::create(&path, game.model, mark).map_err(|error| cannot(&error))?;
    if let Some(earlier) = game.earlier {
        earlier.copy_trials(&mut file)?;
    }
    Ok(Mutex::new(file))
}

fn cannot(error: &std::io::Error) -> Failure {
    Failure::Io(format!("cannot write `{TRIALS}`: {error}"))
}

/// Plays from look to look until the target is met, or as long as it may take.
fn rounds(stage: &mut Stage<'_>, until: &Until) -> Result<Precision, Failure> {
    let begun = Instant::now();
    let mut played = stage.before.as_ref().map_or(0, |tally| tally.trials);
    // The looks are those of a run that was never stopped: one that it had come to is looked at again.
    let mut look = looks::next(0, until.most);
    while look < played {
        look = looks::next(look, until.most);
    }
    stage.progress.expect(look - played);
    let before = played;
    loop {
        stage.play(look - played)?;
        played = look;
        let (mut evidence, mut runaway) = (Evidence::default(), None);
        if let Some(before) = &stage.before {
            evidence += until.target.monitored.evidence(before);
        }
        stage.team.look(|tally| {
            evidence += until.target.monitored.evidence(tally);
            runaway = runaway.into_iter().chain(tally.runaway).min();
        });
        refuse_runaway(stage.game.model, runaway)?;
        let interval = until.target.interval(evidence);
        let ended = if until.target.is_met(&interval) {
            Some(Ended::Reached)
        } else if played >= until.most {
            Some(Ended::MaxTrials)
        } else {
            let is_over = until.time.is_some_and(|time| begun.elapsed() >= time);
            is_over.then_some(Ended::MaxTime)
        };
        if let Some(ended) = ended {
            return Ok(Precision::new(&until.target, interval, ended));
        }
        look = looks::next(played, until.most);
        let expected = until.target.expected_trials(&interval);
        stage.progress.expect(expected.clamp(played, until.most) - before);
    }
}

/// A process that never comes to rest is a fault of the scenario, found only by playing it.
pub fn refuse_runaway(model: &Model, runaway: Option<Runaway>) -> super::Outcome {
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
