//! The folder of a result: written beside its place, then put there in one step, so that it is whole or not there.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Failure;

mod checkpoint;
mod lock;
mod manifest;

pub use checkpoint::{Key, Work, pace};
use lock::Lock;
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

/// A folder that is being written.
pub struct Draft {
    place: PathBuf,
    folder: TempDir,
    hashes: RefCell<BTreeMap<String, String>>,
    // The last to be dropped: what is left of the draft goes before another may begin.
    lock: Lock,
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
        let parent = parent(place);
        fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
        let lock = Lock::acquire(place)?;
        if lock.has_waited {
            refuse_other(place, scenario, force)?;
        }
        remove_dead(place);
        let prefix = format!(".{}.", name(place));
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
            hashes: RefCell::default(),
            lock,
        })
    }

    /// Whether another process was writing to the same place, and has ended by now.
    pub fn has_waited(&self) -> bool {
        self.lock.has_waited
    }

    /// BLAKE3 hash of each file that has been written.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        self.hashes.borrow().clone()
    }

    /// Where a file of the draft is to be written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes one file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        fs::write(&path, bytes).map_err(|error| cannot("write", &self.place.join(name), &error))?;
        self.note(name, blake3::hash(bytes));
        Ok(())
    }

    /// Takes in a file that was written elsewhere, and stays there too.
    pub fn adopt(&self, name: &str, from: &Path) -> Result<(), Failure> {
        let path = self.path(name);
        let taken = fs::hard_link(from, &path).or_else(|_| fs::copy(from, &path).map(|_| ()));
        let hash = taken.and_then(|()| hash_of(&path));
        self.note(
            name,
            hash.map_err(|error| cannot("write", &self.place.join(name), &error))?,
        );
        Ok(())
    }

    /// Takes note of a file that was written at its path.
    pub fn note_file(&self, name: &str) -> Result<(), Failure> {
        let hash = hash_of(&self.path(name));
        self.note(
            name,
            hash.map_err(|error| cannot("read", &self.place.join(name), &error))?,
        );
        Ok(())
    }

    fn note(&self, name: &str, hash: blake3::Hash) {
        let hash = hash.to_hex().to_string();
        self.hashes.borrow_mut().insert(name.to_owned(), hash);
    }

    /// Writes the file that says what the result depends on, with the hashes of all others.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), Failure> {
        let manifest = Manifest {
            hashes: self.hashes(),
            ..manifest.clone()
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(|error| Failure::Io(error.to_string()))?;
        self.write(MANIFEST, format!("{text}\n").as_bytes())
    }

    /// Puts the folder in its place; what was there before is removed after that. Nobody else writes there until the lock that it
    /// returns is dropped.
    pub fn finish(self) -> Result<Lock, Failure> {
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
        let _ = fs::File::open(parent(&self.place)).and_then(|parent| parent.sync_all());
        Ok(self.lock)
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
    let Some(manifest) = Manifest::read(place) else {
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

/// Removes drafts of processes that were killed; whoever holds the lock of the place knows that none is alive.
fn remove_dead(place: &Path) {
    for (_, draft) in beside(place, "partial") {
        let _ = fs::remove_dir_all(draft);
    }
}

/// BLAKE3 hash of a file.
pub fn hash_of(path: &Path) -> io::Result<blake3::Hash> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(fs::File::open(path)?)?;
    Ok(hasher.finalize())
}

/// Makes sure that the files are on disk before the folder gets its name; all at once, since each waits for the disk.
fn sync(folder: &Path) -> io::Result<()> {
    let paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    std::thread::scope(|scope| {
        let files: Vec<_> = paths
            .iter()
            .map(|path| scope.spawn(move || fs::File::open(path)?.sync_all()))
            .collect();
        files
            .into_iter()
            .try_for_each(|file| file.join().expect("syncing does not panic"))
    })
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
