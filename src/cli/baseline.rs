//! `ceasefire test --baseline`: what has changed since an earlier result.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rayon::ThreadPool;

use super::arguments::Test;
use super::progress::Progress;
use super::scenario::{Meant, recall};
use super::store::{Kind, Manifest, inputs};
use super::{Failure, files, play};
use crate::VERSION;
use crate::changes::{Paired, Told, Unpaired, between, replay};
use crate::distribution::TableCache;
use crate::estimate::Results;
use crate::report::changes::{Changes, Key, Since};
use crate::report::{self, Report};
use crate::sampling::{Source, sampler};
use crate::scenario::differences;
use crate::scenario::load::{Input, open_again};
use crate::study::run::{Order, run};
use crate::sweep::Variant;

/// The file that is compared.
const SUMMARY: &str = "summary.csv";

/// Earlier results.
pub struct Baseline {
    /// Where they were looked for.
    place: PathBuf,
    results: Vec<(PathBuf, Manifest)>,
    /// Whether the place is a result itself, and only one scenario is compared with it, under whatever name.
    is_for_any: bool,
}

impl Baseline {
    /// The results in a folder: the folder itself if it is one, or else those in it, by name.
    ///
    /// # Errors
    /// If there is none.
    pub fn open(place: &Path, scenarios: usize) -> Result<Self, Failure> {
        let is_result = |manifest: &Manifest| manifest.kind == Kind::Result;
        let mut folders = vec![place.to_owned()];
        let own = Manifest::read(place).filter(is_result);
        let is_for_any = own.is_some() && scenarios == 1;
        if own.is_none() {
            let inside = fs::read_dir(place).into_iter().flatten().flatten();
            folders = inside.map(|entry| entry.path()).collect();
            folders.sort();
        }
        let results: Vec<_> = folders
            .into_iter()
            .filter_map(|folder| {
                Manifest::read(&folder)
                    .filter(is_result)
                    .map(|found| (folder, found))
            })
            .collect();
        if results.is_empty() {
            return Err(Failure::Usage(format!(
                "there is no result of `ceasefire run` in `{}`; name its folder, or one that holds several",
                place.display()
            )));
        }
        Ok(Self {
            place: place.to_owned(),
            results,
            is_for_any,
        })
    }

    /// How a scenario stands to its earlier result.
    ///
    /// # Errors
    /// If there is one that cannot be read, or is not as it was written; and if the user asks to stop.
    pub fn since(&self, meant: &Meant, options: &Test, pool: &ThreadPool) -> Result<Since, Failure> {
        let (folder, manifest) = match self.of(&meant.name) {
            Ok(found) => found,
            Err(reason) => return Ok(Since::Nothing { reason }),
        };
        let changes = compare(folder, manifest, meant, options, pool)?;
        Ok(Since::Compared(Box::new(changes)))
    }

    /// The earlier result of a scenario, by its name; of several, the one whose folder has that name too.
    fn of(&self, name: &str) -> Result<(&Path, &Manifest), String> {
        let found: Vec<_> = self
            .results
            .iter()
            .filter(|(_, manifest)| self.is_for_any || manifest.name == name)
            .map(|(folder, manifest)| (folder.as_path(), manifest))
            .collect();
        let is_namesake =
            |(folder, _): &&(&Path, &Manifest)| folder.file_name().is_some_and(|last| last == name);
        let place = self.place.display();
        match found.as_slice() {
            [one] => Ok(*one),
            [] => Err(format!("there is no result of `{name}` in `{place}`")),
            several => several.iter().find(is_namesake).copied().ok_or_else(|| {
                format!(
                    "`{place}` holds {} results of `{name}`; name one of them",
                    several.len()
                )
            }),
        }
    }
}

/// Compares a scenario with an earlier result, by playing as many futures with the same draws.
fn compare(
    folder: &Path,
    manifest: &Manifest,
    meant: &Meant,
    options: &Test,
    pool: &ThreadPool,
) -> Result<Changes, Failure> {
    let path = folder.join(SUMMARY);
    let damaged = |reason: &str| {
        let path = path.display();
        Failure::Usage(format!("`{path}` is not as it was written{reason}"))
    };
    let bytes = manifest
        .file(folder, SUMMARY)
        .map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => damaged(""),
            _ => Failure::Io(format!("cannot read `{}`: {error}", path.display())),
        })?;
    let old = report::csv::read_summary(&bytes).map_err(|reason| damaged(&format!(": {reason}")))?;
    let Some(sampler) = sampler(&manifest.sampler) else {
        let message = format!("this program has no sampler `{}`", manifest.sampler);
        return Err(Failure::Usage(message));
    };
    let order = Order {
        source: Source {
            seed: manifest.seed,
            method: sampler.method,
        },
        first: 0,
        trials: manifest.trials,
    };
    let new = Variant::new(meant.model.clone(), &mut TableCache::new());
    let progress = Progress::new(order.trials.saturating_mul(2), options.quiet, None);
    let told = present(&new, meant, manifest, order, pool, &progress)?;
    let paired = pair(folder, manifest, &new, &old, order, pool, &progress)?;
    progress.finish();
    let (paired, unpaired) = match paired {
        Ok(paired) => (paired, None),
        Err(reason) => (Paired::new(), Some(reason)),
    };
    let texts = manifest.texts(folder);
    Ok(Changes {
        folder: folder.display().to_string(),
        version: manifest.version.clone(),
        trials: manifest.trials,
        seed: manifest.seed,
        sampler: manifest.sampler.clone(),
        confidence: manifest.confidence,
        files: files(&texts, &meant.inputs),
        keys: keys((texts, &manifest.set), (meant.inputs.clone(), &options.set)),
        unpaired,
        figures: between(&old, &told, &paired),
    })
}

/// What the scenario comes to now, as its `summary.csv` would tell it.
fn present(
    new: &Variant,
    meant: &Meant,
    manifest: &Manifest,
    order: Order,
    pool: &ThreadPool,
    progress: &Progress<'_>,
) -> Result<Vec<Told>, Failure> {
    let tally = run(&new.plan, order, pool, progress).ok_or(Failure::Interrupted)?;
    play::refuse_runaway(&meant.model, tally.runaway)?;
    let report = Report {
        name: meant.name.clone(),
        title: meant.model.title.clone(),
        seed: manifest.seed,
        sampler: order.source.method.sampler().name,
        version: VERSION,
        scenario_hash: inputs(&meant.inputs, &[], Path::new(".")).1,
        results: Results::new(&new.model, &new.plan, &tally, manifest.confidence),
        precision: None,
    };
    let told = report::csv::read_summary(&report::csv::bytes_of(report::csv::summary, &report));
    Ok(told.expect("what was written can be read"))
}

/// The differences future by future, or why there are none.
fn pair(
    folder: &Path,
    manifest: &Manifest,
    new: &Variant,
    told: &[Told],
    order: Order,
    pool: &ThreadPool,
    progress: &Progress<'_>,
) -> Result<Result<Paired, String>, Failure> {
    let (then, now) = (&manifest.version, VERSION);
    let Some(earlier) = recall(folder, manifest).meant else {
        let reason = format!("ceasefire {now} does not understand the earlier scenario, which {then} played");
        return Ok(Err(reason));
    };
    let old = Variant::new(earlier.model, &mut TableCache::new());
    let paired = replay([&old, new], told, order, manifest.confidence, pool, progress);
    Ok(paired
        .ok_or(Failure::Interrupted)?
        .map_err(|unpaired| match unpaired {
            Unpaired::Other => {
                format!("ceasefire {now} plays the earlier scenario to other figures than {then} did")
            }
            Unpaired::Runaway => "a process of the earlier scenario never rests".to_owned(),
        }))
}

/// Which values are written differently, with all that `--set` has replaced.
fn keys((old, old_set): (Vec<Input>, &[String]), (new, new_set): (Vec<Input>, &[String])) -> Vec<Key> {
    let tree = |inputs: Vec<Input>, set: &[String]| {
        let mut opened = open_again(inputs).ok()?;
        opened.replace("--set", set);
        Some(opened)
    };
    let (Some(old), Some(new)) = (tree(old, old_set), tree(new, new_set)) else {
        return Vec::new();
    };
    let found = differences::between(old.root(), new.root());
    let key = |found: differences::Difference| Key {
        address: found.address.to_string(),
        old: found.old,
        new: found.new,
    };
    found.into_iter().map(key).collect()
}

/// The files beside the scenario itself and what it extends (which [`keys`] looks into) whose texts are others, or that only one
/// of both reads.
fn files(old: &[Input], new: &[Input]) -> Vec<String> {
    let is_data = |input: &&Input| !files::is_scenario(&input.path);
    let name = |input: &Input| {
        let name = input.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    let [old, new] = [old, new].map(|inputs| {
        let data = inputs.iter().filter(is_data);
        data.map(|input| (name(input), input.text.as_str()))
            .collect::<Vec<_>>()
    });
    // A scenario may have been moved with its files since, so that they are told apart by name and text alone.
    let only = |one: &[(String, &str)], other: &[(String, &str)]| -> Vec<String> {
        let missing = one.iter().filter(|input| !other.contains(input));
        missing.map(|(name, _)| name.clone()).collect()
    };
    let mut found = only(&new, &old);
    found.extend(only(&old, &new));
    found.sort();
    found.dedup();
    found
}
