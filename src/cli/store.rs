//! Where results lie: what is written there is written beside its place, then put there in one step, so that it is whole or not
//! there.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::Failure;
use crate::scenario::file;

mod checkpoint;
mod draft;
mod lock;
mod manifest;
mod owned;
mod single;

pub use checkpoint::{Key, Work, pace};
pub use draft::Draft;
pub use manifest::{
    FORMAT, Kind, MANIFEST, Manifest, ManifestInput, ManifestPart, ManifestPrecision, ManifestSweep, SWEEP,
    inputs, is_plain_name,
};
pub use single::save;

/// The most bytes that are read of a file that must be read whole.
const MOST_BYTES: u64 = 1 << 30;

/// A path from the root, with links resolved as far as it exists, and without `..`.
fn absolute(path: &Path) -> PathBuf {
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut found = PathBuf::new();
    for part in full.components() {
        match part {
            // What is before it is resolved by now, if it is there.
            Component::ParentDir => {
                found.pop();
            }
            part => {
                found.push(part);
                found = fs::canonicalize(&found).unwrap_or(found);
            }
        }
    }
    found
}

/// A place that is to be written, without `..`: to follow it, folders would have to be made that nobody wants.
pub fn without_parents(place: PathBuf) -> PathBuf {
    if place.components().any(|part| part == Component::ParentDir) {
        absolute(&place)
    } else {
        place
    }
}

/// The same without links, as far as it is there.
fn settled(place: &Path) -> PathBuf {
    fs::canonicalize(place).unwrap_or_else(|_| place.to_owned())
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

/// BLAKE3 hash of a file.
pub fn hash_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file::open(path)?)?;
    Ok(hasher.finalize())
}

/// Creates a file of ours anew; a link in its place is not followed.
pub fn create(path: &Path) -> io::Result<fs::File> {
    file::own_options()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::Io(format!("cannot {what} `{}`: {error}", path.display()))
}
