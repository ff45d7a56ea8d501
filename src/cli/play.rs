//! Plays what a run was asked for: a number of trials, or as many as it takes to know a figure well enough.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Failure;
use super::arguments::Run;
use super::extend::Earlier;
use super::progress::Progress;
use super::store::Draft;
use super::trials::TrialsFile;
use crate::engine::Runaway;
use crate::estimate::monitor::{Ended, Evidence, Monitored, Precision, Target};
use crate::model::Model;
use crate::plan::{BLOCK, Plan};
use crate::report;
use crate::sampling::{Method, Source};
use crate::study::looks;
use crate::study::run::Team;
use crate::tally::Tally;

/// The file with a row a trial.
pub const TRIALS: &str = "trials.csv";

/// The figure that a precision is of, if nothing else is said: the mission's, at the end of the horizon.
const MAIN_METRIC: &str = "ready_by";

/// The most trials that a precision may take, if nothing else is said.
const MOST_TRIALS: u64 = 1_000_000_000;

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
    fn most(&self) -> u64 {
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
    /// The scenario as meant.
    pub model: &'g Model,
    /// The same as run.
    pub plan: &'g Plan,
    /// Where the file of trials goes, if there is to be one.
    pub draft: &'g Draft,
    /// What has been played before.
    pub earlier: Option<&'g Earlier>,
}

/// What all trials came to, with those of an earlier run, and how well the figure that was watched is known.
pub fn play(game: &Game<'_>, goal: &Goal) -> Result<(Tally, Option<Precision>), Failure> {
    let pool = pool(game.options.threads, goal.most())?;
    let file = game.options.trials_csv.then(|| create(game)).transpose()?;
    let progress = Progress::new(goal.most(), game.options.quiet, file.as_ref());
    let first = game.earlier.map_or(0, |earlier| earlier.tally.trials);
    let mut team = Team::new(game.plan, game.source, first, &pool);
    let precision = match goal {
        // What stops a run early is a file that cannot be written; closing it below says why.
        Goal::Trials(trials) => team.play(*trials, &progress).then_some(None),
        Goal::Precision(until) => rounds(&mut team, until, &progress, game.model)?.map(Some),
    };
    progress.finish();
    if let Some(file) = file {
        let file = file
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        file.finish().map_err(|error| cannot(&error))?;
    }
    let precision = precision.ok_or(Failure::Shown)?;
    let mut tally = team.finish();
    if let Some(earlier) = game.earlier {
        tally.merge(&earlier.tally);
    }
    refuse_runaway(game.model, tally.runaway)?;
    Ok((tally, precision))
}

/// No more threads than there are blocks to play; without a number the pool chooses.
pub fn pool(threads: Option<u64>, most: u64) -> Result<rayon::ThreadPool, Failure> {
    let threads = threads.map_or(0, |threads| threads.min(most.div_ceil(BLOCK as u64)));
    let threads = usize::try_from(threads).unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| Failure::Usage(format!("cannot start {threads} threads: {error}")))
}

/// Begins the file of trials, with the rows of the earlier run.
fn create(game: &Game<'_>) -> Result<Mutex<TrialsFile>, Failure> {
    let mark: &[u8] = if game.options.excel {
        report::BYTE_ORDER_MARK
    } else {
        &[]
    };
    let path = game.draft.path(TRIALS);
    let mut file = TrialsFile::create(&path, game.model, mark).map_err(|error| cannot(&error))?;
    if let Some(earlier) = game.earlier {
        earlier.copy_trials(&mut file)?;
    }
    Ok(Mutex::new(file))
}

fn cannot(error: &std::io::Error) -> Failure {
    Failure::Io(format!("cannot write `{TRIALS}`: {error}"))
}

/// Plays from look to look until the target is met, or as long as it may take; `None` if a file could not be written.
fn rounds(
    team: &mut Team<'_>,
    until: &Until,
    progress: &Progress<'_>,
    model: &Model,
) -> Result<Option<Precision>, Failure> {
    let begun = Instant::now();
    let mut played = 0;
    progress.expect(looks::next(played, until.most));
    loop {
        let look = looks::next(played, until.most);
        if !team.play(look - played, progress) {
            return Ok(None);
        }
        played = look;
        let (mut evidence, mut runaway) = (Evidence::default(), None);
        team.look(|tally| {
            evidence += until.target.monitored.evidence(tally);
            runaway = runaway.into_iter().chain(tally.runaway).min();
        });
        refuse_runaway(model, runaway)?;
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
            return Ok(Some(Precision::new(&until.target, interval, ended)));
        }
        progress.expect(until.target.expected_trials(&interval).clamp(played, until.most));
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
