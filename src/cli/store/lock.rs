//! One process at a time writes to a place.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::owned::{LETTERS, partial};
use super::{cannot, name, parent};
use crate::cli::{Failure, interrupt, terminal};
use crate::scenario::file::own_options;

/// How often a process that waits looks whether it may go on.
const PAUSE: Duration = Duration::from_millis(50);

/// What the file of a lock begins with; the number of the process follows.
const SIGNATURE: &str = "ceasefire writes beside this file, in process ";

/// The right to write to a place, by a lock on the file `.NAME.lock` beside it; the file goes with it, if it is ours.
///
/// The system takes the lock from a process that ends, however it ends.
pub struct Lock {
    path: PathBuf,
    file: File,
    /// Whether this program made the file. One of the user that is empty serves too, and stays as it is.
    is_ours: bool,
    /// Whether another process had it before.
    pub has_waited: bool,
}

impl Lock {
    /// Waits until no other process writes to the place, and says so if that takes time.
    ///
    /// # Errors
    /// If something else stands where the lock is to be, or it cannot be written.
    pub fn acquire(place: &Path) -> Result<Self, Failure> {
        let path = parent(place).join(format!(".{}.lock", name(place)));
        let fail = |error: io::Error| cannot("lock", &path, &error);
        let mut has_waited = false;
        loop {
            let Some(file) = open(place, &path)? else {
                continue;
            };
            let mut lock = Self {
                path: path.clone(),
                file,
                is_ours: false,
                has_waited,
            };
            match lock.file.try_lock() {
                Ok(()) if is_at(&lock.file, &path) => {
                    lock.sign()?;
                    return Ok(lock);
                }
                // The one who had it has removed the file in the meantime.
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
            if !has_waited {
                has_waited = true;
                tell_of_holder(place, &mut lock.file);
            }
            if interrupt::is_asked() {
                return Err(Failure::Interrupted);
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Finds out whose the file is, and writes into it who has it now, if it is ours.
    fn sign(&mut self) -> Result<(), Failure> {
        let fail = |error: io::Error| cannot("lock", &self.path, &error);
        let found = content(&mut self.file).map_err(fail)?;
        if !found.starts_with(SIGNATURE) {
            return if found.is_empty() {
                Ok(())
            } else {
                Err(refused(&self.path))
            };
        }
        self.is_ours = true;
        // It is cut last: a kill at any moment leaves a file that is seen to be ours.
        let signature = signature();
        self.file
            .rewind()
            .and_then(|()| self.file.write_all(signature.as_bytes()))
            .and_then(|()| self.file.set_len(signature.len() as u64))
            .map_err(fail)
    }
}

fn signature() -> String {
    format!("{SIGNATURE}{}", std::process::id())
}

/// Opens the file of a lock, or makes it; none, if another process has just removed it, or made it first.
fn open(place: &Path, path: &Path) -> Result<Option<File>, Failure> {
    let fail = |error: io::Error| cannot("lock", path, &error);
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(refused(path)),
        Ok(_) => {}
        Err(_) => return make(place, path).map_err(fail),
    }
    match own_options().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(fail(error)),
    }
}

/// Makes the file of a lock in one step, signed, so that no kill leaves one that nobody knows.
fn make(place: &Path, path: &Path) -> io::Result<Option<File>> {
    let [prefix, suffix] = partial(place);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(&suffix).rand_bytes(LETTERS);
    let mut file = builder.tempfile_in(parent(place))?;
    file.write_all(signature().as_bytes())?;
    match file.persist_noclobber(path) {
        Ok(file) => Ok(Some(file)),
        // Another process was first, or has tidied up what is not locked yet.
        Err(error)
            if matches!(
                error.error.kind(),
                io::ErrorKind::AlreadyExists | io::ErrorKind::NotFound
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error.error),
    }
}

/// Whether a file is one that was to be a lock.
pub fn is_begun(path: &Path) -> bool {
    let read = || content(&mut own_options().read(true).open(path)?);
    let is_file = fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    is_file && read().is_ok_and(|found| found.is_empty() || found.starts_with(SIGNATURE))
}

/// What stands in the file of a lock, as far as it can tell whose it is.
fn content(file: &mut File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(SIGNATURE.len() as u64 + 20).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn refused(path: &Path) -> Failure {
    Failure::Usage(format!(
        "`{}` is needed for a moment, and is no file of ceasefire; move it elsewhere, or write to another place",
        path.display()
    ))
}

/// Says who writes to a place.
fn tell_of_holder(place: &Path, file: &mut File) {
    let found = content(file).unwrap_or_default();
    let number = found.strip_prefix(SIGNATURE).unwrap_or_default();
    let is_number = !number.is_empty() && number.chars().all(|digit| digit.is_ascii_digit());
    let holder = if is_number {
        format!(" (number {number})")
    } else {
        String::new()
    };
    terminal::tell(&format!(
        "note: `{}` is being written by another process{holder}; waiting for it",
        place.display()
    ));
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.is_ours && is_at(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether an open file is the one at a path, and not one that has been removed from there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::symlink_metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
