//! The earlier result that `run --extend` adds to.

use std::io;
use std::path::{Path, PathBuf};

use super::play::TRIALS;
use super::store::{MANIFEST, Manifest};
use super::trials::TrialsFile;
use super::{Failure, Outcome};
use crate::plan::Plan;
use crate::scenario::file;
use crate::state;
use crate::tally::Tally;

/// The file with all that was counted.
pub const STATE: &str = "tally.bin";

/// A result to which trials can be added.
pub struct Earlier {
    place: PathBuf,
    manifest: Manifest,
    /// What its trials came to.
    pub tally: Tally,
}

impl Earlier {
    /// Opens the result in a folder, for a run that is to have this manifest but for its trials.
    ///
    /// Refused, with all reasons at once, if there is none, or if its trials are not the first ones of that very run: of
    /// another scenario, seed, version, or with other values set.
    pub fn open(place: &Path, manifest: &Manifest, plan: &Plan) -> Result<Self, Failure> {
        let refuse = |reason: String| {
            let name = place.display();
            Failure::Usage(format!("cannot extend the result in `{name}`: {reason}"))
        };
        let old = Manifest::open(place).map_err(|error| {
            refuse(if error.kind() == io::ErrorKind::NotFound {
                "there is none; run without --extend first".to_owned()
            } else {
                format!("its `{MANIFEST}` cannot be read: {error}")
            })
        })?;
        let reasons = differences(&old, manifest);
        if !reasons.is_empty() {
            return Err(refuse(reasons.join("; ")));
        }
        let bytes = old.file(place, STATE).map_err(|error| {
            refuse(format!(
                "its `{STATE}` cannot be read: {error}; run without --extend"
            ))
        })?;
        let (origin, tally) = state::unpack(&bytes, plan)
            .map_err(|fault| refuse(format!("its `{STATE}` {fault}; run without --extend")))?;
        if origin != manifest.origin() || tally.trials != old.trials {
            return Err(refuse(format!("its `{STATE}` belongs to another result")));
        }
        Ok(Self {
            place: place.to_owned(),
            manifest: old,
            tally,
        })
    }

    /// Refuses to add so many trials that their numbers would not fit.
    pub fn refuse_more_than_fit(&self, trials: u64) -> Outcome {
        match self.tally.trials.checked_add(trials) {
            Some(_) => Ok(()),
            None => Err(Failure::Usage(format!(
                "there can be no {trials} trials after the first {}",
                self.tally.trials
            ))),
        }
    }

    /// Copies its rows of trials into the file that is to have them first, if they are those that were written.
    pub fn copy_trials(&self, rows: &mut TrialsFile) -> Result<(), Failure> {
        let path = self.place.join(TRIALS);
        let copied = file::open(&path).and_then(|old| {
            let hash = rows.copy(old, self.tally.trials)?;
            self.manifest.check(TRIALS, hash)
        });
        copied.map_err(|error| {
            let message = format!("cannot extend `{}`: {error}", path.display());
            match error.kind() {
                io::ErrorKind::InvalidData | io::ErrorKind::NotFound => Failure::Usage(message),
                _ => Failure::Io(message),
            }
        })
    }
}

/// What keeps the trials of an old manifest from being the first ones of a new one.
fn differences(old: &Manifest, new: &Manifest) -> Vec<String> {
    let mut reasons = Vec::new();
    if old.version != new.version {
        reasons.push(format!("it is of version {}, not {}", old.version, new.version));
    }
    let texts = |manifest: &Manifest| -> Vec<String> {
        manifest.inputs.iter().map(|input| input.hash.clone()).collect()
    };
    let has_other_texts = texts(old) != texts(new);
    if has_other_texts {
        reasons.push("the scenario, or a file that it reads, has another text now".to_owned());
    }
    if old.set != new.set {
        reasons.push(format!(
            "its --set is {}, not {}",
            listed(&old.set),
            listed(&new.set)
        ));
    } else if !has_other_texts && old.hash != new.hash {
        reasons.push("its inputs have another hash".to_owned());
    }
    if old.seed != new.seed {
        reasons.push(format!("its seed is {}, not {}", old.seed, new.seed));
    }
    if old.sampler != new.sampler {
        reasons.push(format!("its sampler is `{}`, not `{}`", old.sampler, new.sampler));
    }
    let has_rows = |manifest: &Manifest| manifest.files.iter().any(|file| file == TRIALS);
    match (has_rows(old), has_rows(new)) {
        (true, false) => reasons.push(format!(
            "it has a `{TRIALS}`, which --trials-csv would extend too"
        )),
        (false, true) => {
            let reason =
                format!("it has no `{TRIALS}` to extend; leave --trials-csv out, or run without --extend");
            reasons.push(reason);
        }
        _ => {}
    }
    reasons
}

/// Values that were replaced, in words.
pub fn listed(set: &[String]) -> String {
    if set.is_empty() {
        return "empty".to_owned();
    }
    let quoted: Vec<String> = set.iter().map(|text| format!("`{text}`")).collect();
    quoted.join(", ")
}
