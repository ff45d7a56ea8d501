//! Where results lie: what is written there is written beside its place, then put there in one step, so that it is whole or not
//! there.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::Failure;

mod checkpoint;
mod draft;
mod file;
mod lock;
mod manifest;

pub use checkpoint::{Key, Work, pace};
pub use draft::Draft;
pub use file::save;
pub use manifest::{
    Kind, MANIFEST, Manifest, ManifestInput, ManifestPart, ManifestPrecision, ManifestSweep, SWEEP, inputs,
};

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

/// Names of what a folder holds; none, if it is not there.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect()
}

/// The folder above a place.
fn parent(place: &Path) -> &Path {
    let parent = place.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or(Path::new("."))
}

/// The last part of a place.
fn name(place: &Path) -> String {
    place
        .file_name()
        .map_or_else(|| "result".to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What stands hidden beside a place, between its name and an ending: `.NAME.MIDDLE.ENDING`.
fn beside(place: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let prefix = format!(".{}.", name(place));
    let suffix = format!(".{ending}");
    let middle = |name: &str| -> Option<String> {
        let middle = name.strip_prefix(&prefix)?.strip_suffix(&suffix)?;
        middle
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric())
            .then(|| middle.to_owned())
    };
    names(parent(place))
        .into_iter()
        .filter_map(|name| Some((middle(&name)?, parent(place).join(&name))))
        .collect()
}

/// The ending of what is being written beside its place.
const PARTIAL: &str = "partial";

/// How the name of what is being written beside its place begins, and how it ends.
fn partial(place: &Path) -> [String; 2] {
    [format!(".{}.", name(place)), format!(".{PARTIAL}")]
}

/// Removes drafts of processes that were killed; whoever holds the lock of the place knows that none is alive.
fn remove_dead(place: &Path) {
    for (_, draft) in beside(place, PARTIAL) {
        let _ = fs::remove_dir_all(&draft).or_else(|_| fs::remove_file(&draft));
    }
}

/// BLAKE3 hash of a file.
pub fn hash_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot {what} `{}`: {error}", path.display()))
}
