//! The folder of a result: written beside its place, then put there in one step, so that it is whole or not there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::TempDir;

use super::Failure;
use super::play::Goal;
use crate::estimate::monitor::{Ended, Precision};
use crate::sampling::Method;
use crate::scenario::load::Input;
use crate::state::Origin;

/// The file that says what a result depends on.
pub const MANIFEST: &str = "manifest.json";

/// The file with a row a point.
pub const SWEEP: &str = "sweep.csv";

/// Everything that a result depends on; enough to make it again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Manifest {
    /// Version of this file's format.
    pub format: u32,
    /// The program's version.
    pub version: String,
    /// The arguments that it was started with.
    pub command: Vec<String>,
    /// The scenario's name.
    pub name: String,
    /// Where the draws start from.
    pub seed: u64,
    /// The name of the sampler.
    #[serde(default = "default_sampler")]
    pub sampler: String,
    /// Trials played.
    pub trials: u64,
    /// Confidence of the intervals.
    pub confidence: f64,
    /// The precision that was asked for, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<ManifestPrecision>,
    /// Values that were replaced on the command line.
    pub set: Vec<String>,
    /// BLAKE3 hash of all inputs and replaced values together.
    pub hash: String,
    /// The scenario, then all files that it extends or reads.
    pub inputs: Vec<ManifestInput>,
    /// The files of the result.
    pub files: Vec<String>,
    /// What was varied, if it is the result of a sweep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<ManifestSweep>,
}

/// What was varied in a sweep.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ManifestSweep {
    /// The axes, as they were written on the command line, or their names.
    pub axes: Vec<String>,
    /// The figures, as `--metric` names them.
    pub metrics: Vec<String>,
    /// How the axes were put together.
    pub combination: String,
    /// How many points there are in all.
    pub points: u64,
    /// The first point of this part.
    pub first: u64,
    /// One after its last.
    pub end: u64,
}

/// The precision that a run was to reach, and what ended it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ManifestPrecision {
    /// The figure, as `--metric` names it.
    pub metric: String,
    /// The half-width that was asked for.
    pub half_width: f64,
    /// The most trials that were allowed.
    pub max_trials: u64,
    /// The longest time that was allowed, in seconds.
    pub max_time: Option<f64>,
    /// What ended it.
    pub ended: Ended,
}

impl ManifestPrecision {
    /// What a goal asked for, if it was a precision.
    pub fn of(goal: &Goal, precision: Option<&Precision>) -> Option<Self> {
        let (Goal::Precision(until), Some(precision)) = (goal, precision) else {
            return None;
        };
        Some(Self {
            metric: precision.metric.clone(),
            half_width: precision.asked,
            max_trials: until.most,
            max_time: until.time.map(|time| time.as_secs_f64()),
            ended: precision.ended,
        })
    }
}

/// The sampler of manifests that do not name one.
fn default_sampler() -> String {
    Method::default().sampler().name.to_owned()
}

impl Manifest {
    /// What the trials of the result belong to.
    pub fn origin(&self) -> Origin {
        Origin {
            version: self.version.clone(),
            hash: self.hash.clone(),
            seed: self.seed,
            sampler: self.sampler.clone(),
        }
    }
}

/// A file that a result depends on.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ManifestInput {
    /// Where it lies, as seen from the folder of the result.
    pub path: String,
    /// BLAKE3 hash of its text.
    pub hash: String,
    /// Its text.
    pub text: String,
}

/// The inputs of a scenario as seen from a folder, and the hash over all of them and the replaced values.
pub fn inputs(inputs: &[Input], set: &[String], folder: &Path) -> (Vec<ManifestInput>, String) {
    let folder = absolute(folder);
    let mut whole = blake3::Hasher::new();
    let mut listed = Vec::new();
    for input in inputs {
        let hash = blake3::hash(input.text.as_bytes()).to_hex().to_string();
        whole.update(hash.as_bytes());
        let path = absolute(&input.path);
        let path = pathdiff::diff_paths(&path, &folder).unwrap_or(path);
        let path = path.to_string_lossy().replace('\\', "/");
        listed.push(ManifestInput {
            path,
            hash,
            text: input.text.clone(),
        });
    }
    for text in set {
        whole.update(blake3::hash(text.as_bytes()).as_bytes());
    }
    (listed, whole.finalize().to_hex().to_string())
}

/// A path from the root, with links resolved as far as it exists.
fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if let Ok(canonical) = fs::canonicalize(&full) {
        return canonical;
    }
    match (full.parent(), full.file_name()) {
        (Some(parent), Some(name)) => absolute(parent).join(name),
        _ => full,
    }
}

/// A folder that is being written.
pub struct Draft {
    place: PathBuf,
    folder: TempDir,
}

impl Draft {
    /// Begins the folder of a result. `scenario` is the first input as the manifest names it.
    ///
    /// A folder that is there is replaced if it holds a result of the same scenario (the same file, or the same
    /// text), or of any if `force` says so; never if it holds anything that is not part of a result.
    pub fn begin(place: &Path, scenario: &ManifestInput, force: bool) -> Result<Self, Failure> {
        // A link stays a link: what it leads to is replaced.
        let place = &fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        refuse_file(place)?;
        refuse_other(place, scenario, force)?;
        let parent = place
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty())
            .unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
        let name = place
            .file_name()
            .map_or_else(|| "result".to_owned(), |name| name.to_string_lossy().into_owned());
        let prefix = format!(".{name}.");
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(".partial");
        // A temporary folder is its maker's alone; a result is for whom the mask of the process lets in.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let folder = builder.tempdir_in(parent);
        let folder = folder.map_err(|error| cannot("write in", parent, &error))?;
        Ok(Self {
            place: place.to_owned(),
            folder,
        })
    }

    /// Where a file of the draft is to be written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes one file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        fs::write(&path, bytes).map_err(|error| cannot("write", &self.place.join(name), &error))
    }

    /// Writes the file that says what the result depends on.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(manifest).map_err(|error| Failure::Io(error.to_string()))?;
        self.write(MANIFEST, format!("{text}\n").as_bytes())
    }

    /// Puts the folder in its place; what was there before is removed after that.
    pub fn finish(self) -> Result<(), Failure> {
        let fail = |error: io::Error| cannot("write", &self.place, &error);
        let folder = self.folder.path();
        sync(folder).map_err(fail)?;
        if self.place.exists() {
            // The old result ends up where the draft was, and goes with it.
            exchange(folder, &self.place).map_err(fail)?;
        } else {
            fs::rename(folder, &self.place).map_err(fail)?;
            let _ = self.folder.keep();
        }
        Ok(())
    }
}

/// Refuses a place where a file stands: what it holds is not ours to replace.
fn refuse_file(place: &Path) -> Result<(), Failure> {
    let is_dangling = fs::symlink_metadata(place).is_ok() && fs::metadata(place).is_err();
    if is_dangling || fs::metadata(place).is_ok_and(|metadata| !metadata.is_dir()) {
        let name = place.display();
        let message = format!("`{name}` is a file, not a folder for results; name another with --out");
        return Err(Failure::Usage(message));
    }
    Ok(())
}

/// Refuses a folder that holds anything but a result, and one of another scenario unless `force`.
fn refuse_other(place: &Path, scenario: &ManifestInput, force: bool) -> Result<(), Failure> {
    let name = place.display();
    let names = names(place);
    if names.is_empty() {
        return Ok(());
    }
    let manifest = fs::read_to_string(place.join(MANIFEST)).ok();
    let Some(manifest) = manifest.and_then(|text| serde_json::from_str::<Manifest>(&text).ok()) else {
        let message = format!("`{name}` holds something that is no result; name another folder with --out");
        return Err(Failure::Usage(message));
    };
    if let Some(stranger) = names
        .iter()
        .find(|name| *name != MANIFEST && !manifest.files.contains(name))
    {
        let message = format!(
            "`{name}` holds `{stranger}`, which is no part of the result; move it elsewhere, or name another folder with --out"
        );
        return Err(Failure::Usage(message));
    }
    let is_own = manifest
        .inputs
        .first()
        .is_some_and(|first| first.path == scenario.path || first.hash == scenario.hash);
    if is_own || force {
        return Ok(());
    }
    let other = manifest.inputs.first().map_or("?", |first| first.path.as_str());
    let message = format!(
        "`{name}` holds the result of another scenario, `{other}`; name another folder with --out, or replace it with --force"
    );
    Err(Failure::Usage(message))
}

/// Names of what a folder holds; none, if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// Makes sure that the files are on disk before the folder gets its name.
fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        fs::File::open(entry?.path())?.sync_all()?;
    }
    Ok(())
}

/// Exchanges two folders in one step.
#[cfg(target_os = "linux")]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        Err(_) => exchange_in_two_steps(new, old),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    exchange_in_two_steps(new, old)
}

/// Where the file system has no exchange: a kill between the two steps leaves the old result beside, whole.
fn exchange_in_two_steps(new: &Path, old: &Path) -> io::Result<()> {
    let aside = new.with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        let _ = fs::rename(&aside, old);
        return Err(error);
    }
    fs::rename(&aside, new)
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot {what} `{}`: {error}", path.display()))
}
