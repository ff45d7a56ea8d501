//! The manifest: what a result depends on.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::absolute;
use crate::cli::play::Goal;
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
        let text = fs::read_to_string(folder.join(MANIFEST)).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// Whether it is that of a sweep, or of a part of one.
    pub fn is_sweep(&self) -> bool {
        self.kind == Kind::Sweep
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
