//! A single file that is whole or not there.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::lock::Lock;
use super::{cannot, parent, partial, remove_dead};
use crate::cli::Outcome;

/// Writes a file beside its place, and puts it there in one step, over what is there. One process at a time does so.
///
/// # Errors
/// If it cannot be written; what was there before is as it was.
pub fn save(place: &Path, bytes: &[u8]) -> Outcome {
    let _lock = Lock::acquire(place)?;
    remove_dead(place);
    put(place, bytes).map_err(|error| cannot("write", place, &error))
}

fn put(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let [prefix, ending] = partial(place);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(&ending);
    // A temporary file is its maker's alone; this one is for whom the mask of the process lets in.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(parent(place))?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(place).map_err(|error| error.error)?;
    let _ = fs::File::open(parent(place)).and_then(|parent| parent.sync_all());
    Ok(())
}
