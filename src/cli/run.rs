//! `ceasefire run`: plays scenarios, writes their results, and answers.

use std::cell::OnceCell;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use rayon::ThreadPool;
use rayon::prelude::*;

use super::arguments::{Chosen, Run, Shard};
use super::extend::{Earlier, STATE};
use super::freshness::{Standing, refuse_fewer, standing, tell_stale};
use super::play::{Game, Goal, TRIALS, pool};
use super::scenario::Meant;
use super::store::{Draft, FORMAT, Key, Kind, Manifest, ManifestPart, ManifestPrecision, Work, inputs};
use super::{Failure, Outcome, batch, files, forecast, interrupt, place, play, scenario, sheet, terminal};
use crate::VERSION;
use crate::estimate::Results;
use crate::estimate::monitor::Precision;
use crate::plan::{BLOCK, Plan};
use crate::report::{self, Report};
use crate::sampling::{Method, Source, sampler};
use crate::state;
use crate::tally::Tally;

/// The folder of all results, if no other is named.
pub const RESULTS: &str = "results";

/// The file with everything.
const RESULT: &str = "result.json";

/// Runs the command.
pub fn run(options: &Run, command: &[OsString]) -> Outcome {
    interrupt::heed();
    play::heed_threads(options.threads);
    let files = files::scenarios(&options.files)?;
    let [file] = files.as_slice() else {
        return batch::run(options, &files, command);
    };
    // A folder or a pattern may mean more than one scenario tomorrow: its results always have folders of their own.
    if options.files.iter().any(|word| word != file) {
        return batch::run(options, &files, command);
    }
    let setting = Setting::new(options, file, options.out.clone(), command)?;
    let pool = pool(options.threads, setting.goal.most())?;
    if options.is_dry {
        return forecast::tell(options, &[setting], &pool);
    }
    let done = setting.done(options, &pool)?;
    if done.is_new && !options.quiet {
        batch::tell_stale(&setting);
    }
    match &setting.manifest.part {
        Some(part) => {
            tell_part(options, part, &setting.place);
            Ok(())
        }
        None => answer(options, setting.report(&done), &setting.place, done.is_new),
    }
}

/// One scenario, and all that its result depends on.
pub struct Setting {
    pub meant: Meant,
    pub plan: Plan,
    /// The manifest that the result will have, but for the number of trials and the hashes of its files.
    pub manifest: Manifest,
    pub goal: Goal,
    /// The folder of the result.
    pub place: PathBuf,
}

/// What came of a scenario.
pub struct Done {
    pub tally: Tally,
    pub precision: Option<Precision>,
    /// Whether it was played, and not found up to date.
    pub is_new: bool,
    /// What is told of it, once that has been worked out.
    report: OnceCell<Report>,
}

impl Done {
    /// Trials that were counted, and how well the figure that was watched is known.
    pub fn new(tally: Tally, precision: Option<Precision>, is_new: bool) -> Self {
        Self {
            tally,
            precision,
            is_new,
            report: OnceCell::new(),
        }
    }
}

impl Setting {
    /// Opens a scenario, whose result is to go to a place.
    pub fn new(
        options: &Run,
        file: &Path,
        place: Option<PathBuf>,
        command: &[OsString],
    ) -> Result<Self, Failure> {
        let chosen = Chosen {
            file: file.to_owned(),
            set: options.set.clone(),
        };
        let meant = scenario::open(&chosen, options.quiet)?;
        let place = place.unwrap_or_else(|| {
            let folder = place::folder(&meant.name, &options.set, options.shard);
            Path::new(RESULTS).join(folder)
        });
        let mut manifest = manifest(options, &meant, &place, command);
        let plan = Plan::new(&meant.model);
        let method = method(options, &meant);
        let mut goal = Goal::of(options, &meant.model, &plan, manifest.confidence, method)?;
        if let (Some(shard), Goal::Trials(whole)) = (options.shard, &goal) {
            let part = part(shard, *whole);
            goal = Goal::Trials(part.end - part.first);
            manifest.kind = Kind::Part;
            manifest.part = Some(part);
        }
        Ok(Self {
            meant,
            plan,
            manifest,
            goal,
            place,
        })
    }

    /// Sees that the result is there: plays what is not up to date.
    ///
    /// # Errors
    /// If that fails, or more trials of the same are there, which only `--force` replaces.
    pub fn done(&self, options: &Run, pool: &ThreadPool) -> Result<Done, Failure> {
        self.refuse_fewer(options)?;
        if let Some(done) = self.found(options) {
            Work::of(&self.place, &self.key(options, None)).tidy(&self.manifest);
            return Ok(done);
        }
        let open = || Earlier::open(&self.place, &self.manifest, &self.plan);
        let mut earlier = options.extend.then(open).transpose()?;
        if let (Some(earlier), Goal::Trials(trials)) = (&earlier, &self.goal) {
            earlier.refuse_more_than_fit(*trials)?;
        }
        if !options.quiet {
            advise(self.method(), &self.goal, earlier.as_ref());
        }
        let draft = Draft::begin(&self.place, &self.manifest, options.force)?;
        if draft.has_waited() {
            // The other process may have written what this one was to write.
            if let Some(done) = self.found(options) {
                return Ok(done);
            }
            self.refuse_fewer(options)?;
            earlier = options.extend.then(open).transpose()?;
        }
        self.play(options, pool, draft, earlier.as_ref())
    }

    /// Plays it, and puts its result in place.
    fn play(
        &self,
        options: &Run,
        pool: &ThreadPool,
        draft: Draft,
        earlier: Option<&Earlier>,
    ) -> Result<Done, Failure> {
        let work = Work::of(&self.place, &self.key(options, earlier));
        if options.force {
            work.restart();
        }
        let game = Game {
            options,
            source: Source {
                seed: self.manifest.seed,
                method: self.method(),
            },
            first: self.manifest.part.as_ref().map_or(0, |part| part.first),
            model: &self.meant.model,
            plan: &self.plan,
            origin: self.manifest.origin(),
            earlier,
            work: &work,
            pool,
        };
        let (tally, precision) = play::play(&game, &self.goal)?;
        let done = Done::new(tally, precision, true);
        if options.trials_csv {
            draft.adopt(TRIALS, &work.rows()?)?;
        }
        self.write(&draft, &done, pool)?;
        let lock = draft.finish()?;
        work.discard();
        drop(lock);
        Ok(done)
    }

    /// Refuses to replace more trials of the same by fewer. How many a precision takes is not known before.
    fn refuse_fewer(&self, options: &Run) -> Outcome {
        match self.goal {
            Goal::Trials(trials) if !options.force && !options.extend => {
                refuse_fewer(&self.place, &self.manifest, trials)
            }
            _ => Ok(()),
        }
    }

    /// The result that is there, if it is up to date; else says what has changed.
    fn found(&self, options: &Run) -> Option<Done> {
        if options.force || options.extend {
            return None;
        }
        match standing(self) {
            Standing::Current(done) => Some(*done),
            Standing::Absent => None,
            Standing::Stale(reasons) => {
                if !options.quiet {
                    tell_stale(&self.meant.name, &reasons);
                }
                None
            }
        }
    }

    /// How the draws are spread.
    pub fn method(&self) -> Method {
        sampler(&self.manifest.sampler).map_or_else(Method::default, |sampler| sampler.method)
    }

    /// The key of all that the bytes of the result depend on.
    fn key(&self, options: &Run, earlier: Option<&Earlier>) -> Key {
        let manifest = &self.manifest;
        let goal = (
            self.goal.most(),
            options.precision,
            &options.metric,
            options.max_time,
        );
        let earlier = earlier.map(|earlier| earlier.tally.trials);
        Key::of(&[
            format!("{:?}", manifest.origin()),
            format!("{} {}", manifest.confidence, manifest.excel),
            format!("{goal:?} {earlier:?} {:?}", manifest.part),
            manifest.files.join(" "),
        ])
    }

    /// All that is told of it.
    pub fn report<'d>(&self, done: &'d Done) -> &'d Report {
        done.report.get_or_init(|| self.told(done))
    }

    /// The same, where nothing else is needed of it.
    pub fn take_report(&self, mut done: Done) -> Report {
        done.report.take().unwrap_or_else(|| self.told(&done))
    }

    fn told(&self, done: &Done) -> Report {
        Report {
            name: self.meant.name.clone(),
            title: self.meant.model.title.clone(),
            seed: self.manifest.seed,
            sampler: self.method().sampler().name,
            version: VERSION,
            scenario_hash: self.manifest.hash.clone(),
            results: self.results(done),
            precision: done.precision.clone(),
        }
    }

    /// All figures; the one that was watched has the interval that was watched, as stopping early spoils an ordinary one.
    fn results(&self, done: &Done) -> Results {
        let confidence = self.manifest.confidence;
        let mut results = Results::new(&self.meant.model, &self.plan, &done.tally, confidence);
        if let (Goal::Precision(until), Some(precision)) = (&self.goal, &done.precision) {
            *until.target.monitored.figure(&mut results) = precision.interval;
        }
        results
    }

    /// Writes all files of the result into the draft, side by side and as they are worked out.
    pub fn write(&self, draft: &Draft, done: &Done, pool: &ThreadPool) -> Outcome {
        let report = self.manifest.part.is_none().then(|| self.report(done));
        let tally = &done.tally;
        pool.install(|| {
            let files = report::FILES
                .par_iter()
                .try_for_each(|file| self.table(draft, report, *file));
            files?;
            let result = || {
                report.map_or(Ok(()), |report| {
                    draft.stream(RESULT, |out| report::json::write(report, out))
                })
            };
            let state = || draft.write(STATE, &state::pack(self.manifest.origin(), tally));
            let (result, state) = rayon::join(result, state);
            result.and(state)
        })?;
        let manifest = Manifest {
            trials: done.tally.trials,
            precision: ManifestPrecision::of(&self.goal, done.precision.as_ref()),
            ..self.manifest.clone()
        };
        draft.write_manifest(&manifest)
    }

    /// Writes a table, if the result has tables.
    fn table(&self, draft: &Draft, report: Option<&Report>, file: report::File) -> Outcome {
        let Some(report) = report else {
            return Ok(());
        };
        draft.stream(file.name, |out| {
            if self.manifest.excel {
                out.write_all(report::BYTE_ORDER_MARK)?;
            }
            (file.write)(report, out)
        })
    }
}

/// Bytes of a CSV file, with the mark that Excel looks for if that was asked for.
pub fn marked(is_for_excel: bool, bytes: Vec<u8>) -> Vec<u8> {
    if is_for_excel {
        [report::BYTE_ORDER_MARK, &bytes].concat()
    } else {
        bytes
    }
}

/// How the draws are spread.
fn method(options: &Run, meant: &Meant) -> Method {
    options.sampler.unwrap_or(meant.model.simulation.sampler())
}

/// Which trials a part has: whole blocks, as evenly as that goes.
fn part(Shard { number, of }: Shard, whole: u64) -> ManifestPart {
    let block = BLOCK as u64;
    let blocks = u128::from(whole.div_ceil(block));
    let start = |number: u64| {
        #[allow(clippy::cast_possible_truncation, reason = "at most the number of blocks")]
        let before = (blocks * u128::from(number) / u128::from(of)) as u64;
        before.saturating_mul(block).min(whole)
    };
    ManifestPart {
        number,
        of,
        first: start(number - 1),
        end: start(number),
        whole,
    }
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

/// What the result will depend on; how many trials it has is known at its end.
fn manifest(options: &Run, meant: &Meant, place: &Path, command: &[OsString]) -> Manifest {
    let simulation = meant.model.simulation;
    let (inputs, hash) = inputs(&meant.inputs, &options.set, place);
    Manifest {
        format: FORMAT,
        kind: Kind::Result,
        version: VERSION.to_owned(),
        command: words(command),
        name: meant.name.clone(),
        seed: options.seed.unwrap_or(simulation.seed()),
        sampler: method(options, meant).sampler().name.to_owned(),
        trials: 0,
        confidence: options.confidence.unwrap_or(simulation.confidence()),
        precision: None,
        set: options.set.clone(),
        hash,
        inputs,
        excel: options.excel,
        part: None,
        sweep: None,
        files: names(options.shard.is_none(), options.trials_csv),
        hashes: std::collections::BTreeMap::new(),
    }
}

/// A command line as text.
pub fn words(command: &[OsString]) -> Vec<String> {
    command
        .iter()
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The files of a result, or of a part of one.
pub fn names(is_whole: bool, has_trials: bool) -> Vec<String> {
    let tables = report::FILES.iter().map(|file| file.name).chain([RESULT]);
    let tables = tables.filter(|_| is_whole).chain([STATE]);
    let trials = has_trials.then_some(TRIALS);
    tables.chain(trials).map(str::to_owned).collect()
}

/// Says which part of the trials has been played, and where it lies.
fn tell_part(options: &Run, part: &ManifestPart, place: &Path) {
    if !options.quiet {
        let ManifestPart {
            number,
            of,
            first,
            end,
            whole,
        } = part;
        terminal::tell(&format!(
            "Part {number} of {of}, trials {first}..{end} of {whole}, is in {}; `ceasefire merge` puts parts together",
            place.display()
        ));
    }
}

/// Says what came of it, and where it lies.
fn answer(options: &Run, report: &Report, folder: &Path, is_new: bool) -> Outcome {
    if options.json {
        terminal::stream(|out| report::json::write(report, out))?;
    } else if !options.quiet {
        terminal::print(&report::terminal::answer(report, terminal::style()))?;
    }
    if options.quiet || (options.json && is_new) {
        return Ok(());
    }
    let place = folder.display();
    if is_new {
        terminal::tell(&format!("Results are in {place}"));
        sheet::tell_long(folder);
    } else {
        terminal::tell(&format!(
            "Results in {place} are up to date, nothing was played; --force plays again"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_whole_blocks_that_follow_each_other() {
        for (whole, of) in [(1, 1), (1, 3), (5_000, 4), (200_000, 7), (u64::MAX, 10)] {
            let mut next = 0;
            for number in 1..=of {
                let part = part(Shard { number, of }, whole);
                assert_eq!(part.first, next);
                assert!(part.first.is_multiple_of(BLOCK as u64) || part.first == whole);
                next = part.end;
            }
            assert_eq!(next, whole);
        }
    }
}
