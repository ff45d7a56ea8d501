//! One process at a time writes to a place.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{cannot, name, parent};
use crate::cli::{Failure, interrupt, terminal};

/// How often a process that waits looks whether it may go on.
const PAUSE: Duration = Duration::from_millis(50);

/// The right to write to a place, by a lock on the file `.NAME.lock` beside it; the file goes with it.
///
/// The system takes the lock from a process that ends, however it ends.
pub struct Lock {
    path: PathBuf,
    _file: File,
    /// Whether another process had it before.
    pub has_waited: bool,
}

impl Lock {
    /// Waits until no other process writes to the place, and says so if that takes time.
    pub fn acquire(place: &Path) -> Result<Self, Failure> {
        let path = parent(place).join(format!(".{}.lock", name(place)));
        let fail = |error: io::Error| cannot("lock", &path, &error);
        let mut has_waited = false;
        loop {
            let mut options = File::options();
            let file = options.read(true).write(true).create(true).truncate(false);
            let mut file = file.open(&path).map_err(fail)?;
            match file.try_lock() {
                Ok(()) if is_at(&file, &path) => {
                    // Only for those who wait; the lock holds without it.
                    let _ = file
                        .set_len(0)
                        .and_then(|()| write!(file, "{}", std::process::id()));
                    return Ok(Self {
                        path,
                        _file: file,
                        has_waited,
                    });
                }
                // The one who had it has removed the file in the meantime.
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(error)) => return Err(fail(error)),
            }
            if !has_waited {
                has_waited = true;
                tell_of_holder(place, &path);
            }
            if interrupt::is_asked() {
                return Err(Failure::Interrupted);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// Says who writes to a place.
fn tell_of_holder(place: &Path, lock: &Path) {
    let holder = fs::read_to_string(lock).unwrap_or_default();
    terminal::tell(&format!(
        "note: `{}` is being written by another process (number {holder}); waiting for it",
        place.display()
    ));
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether an open file is the one at a path, and not one that has been removed from there.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), fs::metadata(path)) {
        (Ok(open), Ok(there)) => identity(open) == identity(there),
        _ => false,
    }
}

/// Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}
