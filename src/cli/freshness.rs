//! Whether the result that is there is the one that a run would write.

use std::io;
use std::path::Path;

use super::extend::{STATE, listed};
use super::play::Goal;
use super::run::{Done, Setting};
use super::store::{Manifest, ManifestPrecision, ManifestSweep, hash_of};
use super::{Failure, Outcome, terminal};
use crate::diagnostic::shortened;
use crate::estimate::monitor::Precision;
use crate::state;

/// How a result stands to what it depends on.
pub enum Standing {
    /// There is none.
    Absent,
    /// It is what would be written, to the byte, but for the command line in its manifest.
    Current(Box<Done>),
    /// It is not, for these reasons.
    Stale(Vec<String>),
}

/// Looks at the folder of a result. A result is up to date if its manifest fits, and each of its files is there with the bytes
/// that were written.
pub fn standing(setting: &Setting) -> Standing {
    let Some(old) = Manifest::read(&setting.place) else {
        return Standing::Absent;
    };
    let mut reasons = changes(&old, &setting.manifest);
    if let Goal::Trials(trials) = setting.goal
        && (old.trials != trials || old.precision.is_some())
    {
        reasons.push(format!("it has {} trials, not {trials}", old.trials));
    }
    if reasons.is_empty() {
        reasons = damages(&setting.place, &old);
    }
    if !reasons.is_empty() {
        return Standing::Stale(reasons);
    }
    match read(setting, &old) {
        Ok(done) => Standing::Current(Box::new(done)),
        Err(reason) => Standing::Stale(vec![reason]),
    }
}

/// Says what has changed since a result was written that is played again.
pub fn tell_stale(name: &str, reasons: &[String]) {
    terminal::tell(&format!("note: {name}: {}; run again", reasons.join("; ")));
}

/// Refuses to replace a result by one of fewer trials, if that is all that they differ in: the same texts, values and axes, and so
/// the same futures or others of the same kind.
pub fn refuse_fewer(place: &Path, new: &Manifest, trials: u64) -> Outcome {
    let is_same = |old: &Manifest| old.kind == new.kind && old.hash == new.hash && old.sweep == new.sweep;
    match Manifest::read(place).filter(is_same) {
        Some(old) if old.trials > trials => Err(Failure::Usage(format!(
            "the result in `{}` has {} trials, more than {trials}; name another folder with --out, or --force to replace it",
            place.display(),
            old.trials
        ))),
        _ => Ok(()),
    }
}

/// Why what is in a folder is not what would be written there with a manifest, if there are reasons.
pub fn reasons(place: &Path, old: &Manifest, new: &Manifest) -> Vec<String> {
    let mut reasons = changes(old, new);
    if old.trials != new.trials {
        reasons.push(format!("it has {} trials, not {}", old.trials, new.trials));
    }
    if reasons.is_empty() {
        reasons = damages(place, old);
    }
    reasons
}

/// What of all that a result depends on has changed, but for the number of trials.
fn changes(old: &Manifest, new: &Manifest) -> Vec<String> {
    if old.kind != new.kind {
        return vec![format!("what is there is {}", old.kind.in_words())];
    }
    let mut changes = texts(old, new);
    if old.set != new.set {
        let (old, new) = (listed(&old.set), listed(&new.set));
        changes.push(format!("--set is {new}, and was {old}"));
    }
    let values = [
        ("the name of the scenario", &old.name, &new.name),
        ("the version of ceasefire", &old.version, &new.version),
        ("the sampler", &old.sampler, &new.sampler),
        ("the seed", &old.seed.to_string(), &new.seed.to_string()),
        (
            "the confidence",
            &old.confidence.to_string(),
            &new.confidence.to_string(),
        ),
    ]
    .map(|(what, old, new)| (old != new).then(|| format!("{what} is {new}, and was {old}")));
    changes.extend(values.into_iter().flatten());
    if changes.is_empty() && old.hash != new.hash {
        changes.push("the scenario has another hash".to_owned());
    }
    if old.part != new.part {
        changes.push("it is another part of the trials".to_owned());
    }
    if old.sweep != new.sweep {
        changes.push(swept(old.sweep.as_ref(), new.sweep.as_ref()));
    }
    if old.excel != new.excel || old.files != new.files {
        changes.push("other files are asked for".to_owned());
    }
    changes
}

/// What of a sweep is another.
fn swept(old: Option<&ManifestSweep>, new: Option<&ManifestSweep>) -> String {
    let (Some(old), Some(new)) = (old, new) else {
        return "one is a sweep, the other is none".to_owned();
    };
    if old.axes != new.axes {
        let [new, old] = [new, old].map(|sweep| shortened(&sweep.axes.join("; ")).into_owned());
        return format!("the axes are {new}, and were {old}");
    }
    if old.metrics != new.metrics {
        let (new, old) = (new.metrics.join(", "), old.metrics.join(", "));
        return format!("the metrics are {new}, and were {old}");
    }
    "other points of the same axes are asked for".to_owned()
}

/// Which texts have changed.
fn texts(old: &Manifest, new: &Manifest) -> Vec<String> {
    let at = |manifest: &Manifest, path: &str| -> Option<String> {
        let found = manifest.inputs.iter().find(|input| input.path == path)?;
        Some(found.hash.clone())
    };
    let hashes = |manifest: &Manifest| -> Vec<String> {
        manifest.inputs.iter().map(|input| input.hash.clone()).collect()
    };
    if hashes(old) == hashes(new) {
        return Vec::new();
    }
    let now = new.inputs.iter().filter_map(|input| match at(old, &input.path) {
        None => Some(format!("`{}` is read now", input.name())),
        Some(hash) => (hash != input.hash).then(|| format!("the text of `{}` changed", input.name())),
    });
    let before = old.inputs.iter().filter(|input| at(new, &input.path).is_none());
    now.chain(before.map(|input| format!("`{}` is read no more", input.name())))
        .collect()
}

/// Which files are not as they were written.
fn damages(place: &Path, manifest: &Manifest) -> Vec<String> {
    let damage = |name: &String| {
        let checked = hash_of(&place.join(name)).and_then(|hash| manifest.check(name, hash));
        let error = checked.err()?;
        Some(format!("its `{name}` {}", unread(&error)))
    };
    manifest.files.iter().filter_map(damage).collect()
}

/// Why a file of a result cannot be used.
fn unread(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound => "is missing",
        io::ErrorKind::InvalidData => "is not as it was written",
        _ => "cannot be read",
    }
}

/// The counts of a result whose manifest fits, if it came of the same goal.
fn read(setting: &Setting, old: &Manifest) -> Result<Done, String> {
    let fault = |fault: &str| format!("its `{STATE}` {fault}");
    let bytes = old
        .file(&setting.place, STATE)
        .map_err(|error| fault(unread(&error)))?;
    let (origin, tally) = state::unpack(&bytes, &setting.plan).map_err(fault)?;
    if origin != setting.manifest.origin() || tally.trials != old.trials {
        return Err(fault("belongs to another result"));
    }
    let precision = match (&setting.goal, &old.precision) {
        (Goal::Trials(_), _) => None,
        (Goal::Precision(_), None) => return Err("it came of a number of trials".to_owned()),
        (Goal::Precision(until), Some(reached)) => {
            let evidence = until.target.monitored.evidence(&tally);
            let interval = until.target.interval(evidence);
            let precision = Precision::new(&until.target, interval, reached.ended);
            if ManifestPrecision::of(&setting.goal, Some(&precision)).as_ref() != Some(reached) {
                return Err("it came of another precision".to_owned());
            }
            Some(precision)
        }
    };
    Ok(Done::new(tally, precision, false))
}
