//! A single file that is whole or not there.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use super::lock::Lock;
use super::owned::{Partial, remove_dead};
use super::{cannot, parent};
use crate::cli::{Failure, Outcome};

/// Writes a file beside its place, and puts it there in one step, over what is there. One process at a time does so.
///
/// # Errors
/// If it cannot be written, or a device or the like stands there; what was there before is as it was.
pub fn save(place: &Path, bytes: &[u8]) -> Outcome {
    if fs::metadata(place).is_ok_and(|metadata| !metadata.is_file()) {
        let message = format!("`{}` is not a regular file; name another", place.display());
        return Err(Failure::Usage(message));
    }
    let _lock = Lock::acquire(place)?;
    remove_dead(place, |_| false);
    put(place, bytes).map_err(|error| cannot("write", place, &error))
}

fn put(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = Partial::beside(place)?;
    let path = partial.inside();
    let mut file = File::create(&path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&path, place)?;
    let _ = File::open(parent(place)).and_then(|parent| parent.sync_all());
    Ok(())
}
