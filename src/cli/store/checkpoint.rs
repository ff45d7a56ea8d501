//! What a run or a sweep keeps while it plays, so that one that is stopped or killed can be taken up.
//!
//! It lies beside the place of the result, in the folder `.NAME.KEY.work`, with the key of everything that the bytes of the
//! result depend on. So it is found by the next run of the very same thing, and by no other.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Draft, MOST_BYTES, Manifest, beside, cannot, create, name, owned, parent, settled};
use crate::cli::Failure;
use crate::scenario::file;

/// How long a run plays between two checkpoints.
const PACE: Duration = Duration::from_secs(5);

/// The same in milliseconds, for tests that kill runs.
const PACE_VARIABLE: &str = "CEASEFIRE_CHECKPOINT_MS";

/// How long what a run has kept waits to be taken up, once another run to the same place has come to its end.
const LONGEST_KEPT: Duration = Duration::from_hours(30 * 24);

/// The file with what was counted.
const CHECKPOINT: &str = "checkpoint.bin";

/// The rows of the file that is written while it plays, as far as they are there.
const ROWS: &str = "rows.csv";

/// Bytes that tell how long the file of rows is.
const LENGTH: usize = size_of::<u64>();

/// What a run's result depends on, as a number in hexadecimal digits.
pub struct Key(pub String);

impl Key {
    /// The key of these texts together.
    pub fn of(parts: &[String]) -> Self {
        let mut whole = blake3::Hasher::new();
        for part in parts {
            whole.update(blake3::hash(part.as_bytes()).as_bytes());
        }
        Self(whole.finalize().to_hex()[..16].to_owned())
    }
}

/// How long a run plays between two checkpoints.
pub fn pace() -> Duration {
    let wanted = std::env::var(PACE_VARIABLE).ok();
    let wanted = wanted.and_then(|text| text.parse().ok());
    wanted.map_or(PACE, Duration::from_millis)
}

/// The folder of a run that is under way. It goes with its owner, unless there is a checkpoint in it.
pub struct Work {
    folder: PathBuf,
    place: PathBuf,
}

impl Work {
    /// That of a run whose result goes to a place. Only who holds the lock of the place may use it.
    pub fn of(place: &Path, key: &Key) -> Self {
        let place = settled(place);
        let folder = parent(&place).join(format!(".{}.{}.work", name(&place), key.0));
        Self { folder, place }
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Where rows are to be written.
    pub fn rows(&self) -> Result<PathBuf, Failure> {
        self.create()?;
        Ok(self.folder.join(ROWS))
    }

    fn create(&self) -> Result<(), Failure> {
        owned::make(&self.folder).map_err(|error| cannot("create", &self.folder, &error))
    }

    /// What an earlier run of the same has left: what it had counted, and how many bytes of rows belong to that.
    pub fn take_up(&self) -> Option<(Vec<u8>, u64)> {
        if !owned::is_ours(&self.folder) {
            return None;
        }
        let bytes = file::read(&self.folder.join(CHECKPOINT), MOST_BYTES).ok()?;
        let (hash, bytes) = bytes.split_at_checked(blake3::OUT_LEN)?;
        if blake3::hash(bytes) != *hash {
            return None;
        }
        let (length, counted) = bytes.split_at_checked(LENGTH)?;
        let length = u64::from_le_bytes(length.try_into().ok()?);
        if length > 0 && self.own_rows(length).is_err() {
            return None;
        }
        Some((counted.to_owned(), length))
    }

    /// Sees that there are so many bytes of rows, in a file that is no part of a result by now.
    fn own_rows(&self, length: u64) -> io::Result<()> {
        let rows = self.folder.join(ROWS);
        let metadata = fs::symlink_metadata(&rows)?;
        if !metadata.is_file() || metadata.len() < length {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if is_shared(&metadata) {
            let copy = self.folder.join("rows.new");
            fs::copy(&rows, &copy)?;
            fs::rename(&copy, &rows)?;
        }
        Ok(())
    }

    /// Keeps what has been counted, and how many bytes of rows belong to it; whole, or the one before stays.
    pub fn save(&self, counted: &[u8], rows: u64) -> Result<(), Failure> {
        self.create()?;
        let bytes = [&rows.to_le_bytes()[..], counted].concat();
        let path = self.folder.join(CHECKPOINT);
        let new = self.folder.join("checkpoint.new");
        let written = create(&new).and_then(|mut file| {
            file.write_all(blake3::hash(&bytes).as_bytes())?;
            file.write_all(&bytes)?;
            file.sync_data()
        });
        written
            .and_then(|()| fs::rename(&new, &path))
            .map_err(|error| cannot("write", &path, &error))
    }

    /// Removes what cannot be taken up.
    pub fn restart(&self) {
        owned::remove(&self.folder);
    }

    /// Removes what this run has left, and what others to the same place have left so long ago that nobody will go on with it.
    pub fn discard(&self) {
        self.restart();
        for (_, folder) in beside(&self.place, "work") {
            if age(&folder).is_some_and(|age| age > LONGEST_KEPT) {
                owned::remove(&folder);
            }
        }
    }

    /// Removes what a run has left that was killed when its result was in place already, which has this manifest.
    pub fn tidy(&self, manifest: &Manifest) {
        if !self.folder.exists() {
            return;
        }
        // The draft holds the lock; it goes without having been anything.
        if let Ok(draft) = Draft::begin(&self.place, manifest, false) {
            self.restart();
            drop(draft);
        }
    }
}

impl Drop for Work {
    fn drop(&mut self) {
        if !self.folder.join(CHECKPOINT).exists() {
            owned::remove(&self.folder);
        }
    }
}

/// How long ago a run last kept something in its folder.
fn age(folder: &Path) -> Option<Duration> {
    fs::metadata(folder).ok()?.modified().ok()?.elapsed().ok()
}

/// Whether a file has another name beside this one.
#[cfg(unix)]
fn is_shared(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.nlink() > 1
}

/// Elsewhere one cannot tell.
#[cfg(not(unix))]
fn is_shared(_: &fs::Metadata) -> bool {
    true
}
