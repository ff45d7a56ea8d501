//! The manifest: what a result depends on.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};

use super::{MOST_BYTES, absolute};
use crate::cli::play::Goal;
use crate::estimate::monitor::{Ended, Precision};
use crate::sampling::Method;
use crate::scenario::file;
use crate::scenario::load::Input;
use crate::state::Origin;

/// The file that says what a result depends on.
pub const MANIFEST: &str = "manifest.json";

/// The version of its format.
pub const FORMAT: u32 = 1;

/// The most bytes that it may have.
pub const MOST_MANIFEST: u64 = 256 << 20;

/// The file with a row a point.
pub const SWEEP: &str = "sweep.csv";

/// Everything that a result depends on; enough to make it again.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Manifest {
    /// Version of this file's format.
    pub format: u32,
    /// What the folder holds.
    #[serde(default)]
    pub kind: Kind,
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
    /// Whether its CSV files begin with a byte-order mark.
    #[serde(default)]
    pub excel: bool,
    /// Which of the trials these are, if they are a part of those of a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<ManifestPart>,
    /// What was varied, if it is the result of a sweep, or a part of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sweep: Option<ManifestSweep>,
    /// The files of the result.
    pub files: Vec<String>,
    /// BLAKE3 hash of each of them.
    #[serde(default)]
    pub hashes: BTreeMap<String, String>,
}

/// What kinds of folders have a manifest.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The result of a run.
    #[default]
    Result,
    /// A part of its trials, for `merge`.
    Part,
    /// The result of a sweep, or a part of its points.
    Sweep,
}

impl Kind {
    /// What it is, with its article.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Result => "the result of a run",
            Self::Part => "a part of a run",
            Self::Sweep => "the result of a sweep",
        }
    }
}

/// What was varied in a sweep.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ManifestSweep {
    /// The axes, as the command line takes them.
    pub axes: Vec<String>,
    /// The figures, as `--metric` names them.
    pub metrics: Vec<String>,
    /// How the axes were put together: `grid`, `zip`, `list`, or the sampler that spread the points.
    pub combination: String,
    /// Where the spreading of a design started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub design_seed: Option<u64>,
    /// How many points there are in all.
    pub points: u64,
    /// The first point of this part.
    pub first: u64,
    /// One after its last.
    pub end: u64,
}

/// A part of the trials of a run.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct ManifestPart {
    /// Its number, from 1.
    pub number: u64,
    /// How many parts there are.
    pub of: u64,
    /// Its first trial.
    pub first: u64,
    /// One after its last trial.
    pub end: u64,
    /// How many trials all parts have together.
    pub whole: u64,
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
    /// The manifest in a folder; `None` if there is none that can be read.
    pub fn read(folder: &Path) -> Option<Self> {
        Self::open(folder).ok()
    }

    /// The manifest in a folder.
    ///
    /// # Errors
    /// Those of the file system; `InvalidData` if it is none, or says what none can say.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let invalid = |reason: String| io::Error::new(io::ErrorKind::InvalidData, reason);
        let bytes = file::read(&folder.join(MANIFEST), MOST_MANIFEST)?;
        let manifest: Self = serde_json::from_slice(&bytes).map_err(|error| invalid(error.to_string()))?;
        match manifest.fault() {
            None => Ok(manifest),
            Some(fault) => Err(invalid(fault)),
        }
    }

    /// What it says that no manifest can say: it is input like any other. Names that lead to other folders above all.
    fn fault(&self) -> Option<String> {
        let names = self.files.iter().chain(self.hashes.keys());
        if let Some(name) = names.chain([&self.name]).find(|name| !is_plain_name(name)) {
            return Some(format!("`{name}` is no name of a file"));
        }
        if self.format != FORMAT {
            return Some(format!("it has format {}, and this is {FORMAT}", self.format));
        }
        let has_range = |part: &ManifestPart| {
            (1..=part.of).contains(&part.number) && part.first <= part.end && part.end <= part.whole
        };
        let has_points = |sweep: &ManifestSweep| {
            let end = sweep.points.checked_add(1);
            1 <= sweep.first && sweep.first <= sweep.end && end.is_some_and(|end| sweep.end <= end)
        };
        let is_whole = self.part.as_ref().is_none_or(has_range) && self.sweep.as_ref().is_none_or(has_points);
        let faults = [
            (self.inputs.is_empty(), "it names no scenario"),
            (
                !(self.confidence > 0.0 && self.confidence < 1.0),
                "its confidence is none",
            ),
            (!is_whole, "the part that it names is none"),
        ];
        let found = faults.into_iter().find(|(is_so, _)| *is_so);
        found.map(|(_, fault)| fault.to_owned())
    }

    /// The bytes of one of its files in a folder, as they were written.
    ///
    /// # Errors
    /// Those of the file system; `InvalidData` if they are others by now.
    pub fn file(&self, folder: &Path, name: &str) -> io::Result<Vec<u8>> {
        let bytes = file::read(&folder.join(name), MOST_BYTES)?;
        self.check(name, blake3::hash(&bytes))?;
        Ok(bytes)
    }

    /// Sees that one of its files has the bytes that were written, by their hash.
    ///
    /// # Errors
    /// `InvalidData` if it has not.
    pub fn check(&self, name: &str, hash: blake3::Hash) -> io::Result<()> {
        match self.hashes.get(name) {
            Some(written) if hash.to_hex().as_str() == written => Ok(()),
            _ => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "it is not as it was written",
            )),
        }
    }

    /// Whether it is that of a sweep, or of a part of one.
    pub fn is_sweep(&self) -> bool {
        self.kind == Kind::Sweep
    }

    /// The files, by name, that have other texts in another manifest, or that only one of both has.
    pub fn other_texts(&self, other: &Self) -> BTreeSet<String> {
        let key = |input: &ManifestInput| (input.name(), input.hash.clone());
        let [one, two] =
            [self, other].map(|manifest| -> BTreeSet<_> { manifest.inputs.iter().map(key).collect() });
        let changed = one.symmetric_difference(&two);
        changed.map(|(name, _)| name.clone()).collect()
    }

    /// The texts that the scenario was read from, with their places as the folder of the manifest sees them.
    pub fn texts(&self, folder: &Path) -> Vec<Input> {
        let input = |input: &ManifestInput| Input {
            path: folder.join(&input.path),
            text: input.text.clone(),
        };
        self.inputs.iter().map(input).collect()
    }

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

/// Whether a text is the name of something in a folder, and leads nowhere else.
pub fn is_plain_name(text: &str) -> bool {
    let mut parts = Path::new(text).components();
    matches!((parts.next(), parts.next()), (Some(Component::Normal(only)), None) if only == text)
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

impl ManifestInput {
    /// The file's name.
    pub fn name(&self) -> String {
        let name = Path::new(&self.path).file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
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
