//! Folders beside a result that are ours for a while. Each has a file in it that says so; what has none is never removed.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::{beside, create, lock, name, parent};
use crate::scenario::file::own_options;

/// The file that says whose a folder is.
const MARK: &str = ".ceasefire";

/// What it says.
const SIGNATURE: &str =
    "This folder was made by ceasefire. It may be removed when no ceasefire is running.\n";

/// The ending of what is being written beside its place.
const PARTIAL: &str = "partial";

/// Letters between the name of a place and that ending.
pub const LETTERS: usize = 6;

/// What a folder that is being written holds beside its mark.
const INSIDE: &str = "new";

/// Makes a folder that bears our mark, unless there is one already.
///
/// # Errors
/// Those of the file system; `AlreadyExists` if something else has the name.
pub fn make(folder: &Path) -> io::Result<()> {
    if is_ours(folder) {
        return Ok(());
    }
    match fs::create_dir(folder) {
        // A kill may have come between the folder and its mark.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && is_empty(folder) => {}
        made => made?,
    }
    mark(folder)
}

/// Marks a folder in which nothing is; where that fails, it goes.
fn mark(folder: &Path) -> io::Result<()> {
    let marked = create(&folder.join(MARK)).and_then(|mut file| file.write_all(SIGNATURE.as_bytes()));
    marked.inspect_err(|_| {
        let _ = fs::remove_file(folder.join(MARK));
        let _ = fs::remove_dir(folder);
    })
}

/// Whether a folder bears our mark.
pub fn is_ours(folder: &Path) -> bool {
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = own_options().read(true).open(folder.join(MARK))?;
        file.take(SIGNATURE.len() as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    is_folder && read().is_ok_and(|found| found == SIGNATURE.as_bytes())
}

/// Whether nothing is in a folder, which is no link; or a mark that was not written before a kill came.
fn is_empty(folder: &Path) -> bool {
    let is_begun = |entry: fs::DirEntry| {
        let is_empty = entry
            .metadata()
            .is_ok_and(|found| found.is_file() && found.len() == 0);
        entry.file_name() == MARK && is_empty
    };
    let is_folder = fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    is_folder && fs::read_dir(folder).is_ok_and(|mut entries| entries.all(|entry| entry.is_ok_and(is_begun)))
}

/// Removes a folder with all in it, if it bears our mark.
pub fn remove(folder: &Path) {
    if !is_ours(folder) {
        return;
    }
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    // The mark is the last to go: one who is killed here leaves a folder that can still be told from others.
    for entry in entries.filter(|entry| entry.file_name() != MARK) {
        let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let _ = if is_folder {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
    }
    if fs::remove_file(folder.join(MARK)).is_ok() {
        let _ = fs::remove_dir(folder);
    }
}

/// How the name of what is being written beside its place begins, and how it ends.
pub fn partial(place: &Path) -> [String; 2] {
    [format!(".{}.", name(place)), format!(".{PARTIAL}")]
}

/// A folder beside a place in which something is written that is to get there in one step. It goes with its owner.
pub struct Partial(PathBuf);

impl Partial {
    /// Makes one.
    ///
    /// # Errors
    /// Those of the file system.
    pub fn beside(place: &Path) -> io::Result<Self> {
        let [prefix, suffix] = partial(place);
        let mut builder = tempfile::Builder::new();
        builder.prefix(&prefix).suffix(&suffix).rand_bytes(LETTERS);
        let folder = builder.tempdir_in(parent(place))?.keep();
        mark(&folder)?;
        Ok(Self(folder))
    }

    /// Where that is to be written which will get to the place.
    pub fn inside(&self) -> PathBuf {
        self.0.join(INSIDE)
    }

    /// Leaves the folder where it is, for good.
    pub fn keep(self) {
        let _ = fs::remove_file(self.0.join(MARK));
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removes what processes that were killed have left of their writing to a place; whoever holds its lock knows that none is alive.
/// What `is_needed` of what they have written stays.
pub fn remove_dead(place: &Path, is_needed: impl Fn(&Path) -> bool) {
    for (middle, folder) in beside(place, PARTIAL) {
        if is_ours(&folder) {
            if !is_needed(&folder.join(INSIDE)) {
                remove(&folder);
            }
        } else if middle.len() == LETTERS && is_empty(&folder) {
            let _ = fs::remove_file(folder.join(MARK));
            let _ = fs::remove_dir(&folder);
        } else if middle.len() == LETTERS && lock::is_begun(&folder) {
            let _ = fs::remove_file(&folder);
        }
    }
}
