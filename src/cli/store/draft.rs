//! The folder of a result, while it is being written.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use super::lock::Lock;
use super::manifest::MOST_MANIFEST;
use super::owned::{Partial, remove_dead};
use super::{Kind, MANIFEST, Manifest, ManifestInput, SWEEP, cannot, hash_of, name, names, parent, settled};
use crate::cli::{Failure, Outcome, interrupt, terminal};
use crate::study::run::unpoisoned;

/// A folder that is being written.
pub struct Draft {
    place: PathBuf,
    /// What the folder will hold, and of which scenario: its first input as the manifest names it.
    kind: Kind,
    scenario: ManifestInput,
    /// Whether the result of another scenario may be replaced.
    is_forced: bool,
    partial: Partial,
    hashes: Mutex<BTreeMap<String, String>>,
    // The last to be dropped: what is left of the draft goes before another may begin.
    lock: Lock,
}

impl Draft {
    /// Begins the folder of a result, which will have a manifest like this.
    ///
    /// A folder that is there is replaced if it holds a result of the same kind and scenario (the same file, or the same
    /// text), or of any if `force` says so; never if it holds anything that is not part of a result.
    pub fn begin(place: &Path, manifest: &Manifest, force: bool) -> Result<Self, Failure> {
        let (kind, scenario) = (manifest.kind, &manifest.inputs[0]);
        // A link stays a link: what it leads to is replaced.
        let place = &settled(place);
        refuse(place, kind, scenario, force)?;
        let parent = parent(place);
        fs::create_dir_all(parent).map_err(|error| cannot("create", parent, &error))?;
        let lock = Lock::acquire(place)?;
        if lock.has_waited {
            refuse(place, kind, scenario, force)?;
        }
        remove_dead(place, holds_stranger);
        let partial = Partial::beside(place).and_then(|partial| {
            fs::create_dir(partial.inside())?;
            Ok(partial)
        });
        let partial = partial.map_err(|error| cannot("write in", parent, &error))?;
        Ok(Self {
            place: place.to_owned(),
            kind,
            scenario: scenario.clone(),
            is_forced: force,
            partial,
            hashes: Mutex::default(),
            lock,
        })
    }

    /// Whether another process was writing to the same place, and has ended by now.
    pub fn has_waited(&self) -> bool {
        self.lock.has_waited
    }

    /// BLAKE3 hash of each file that has been written.
    pub fn hashes(&self) -> BTreeMap<String, String> {
        unpoisoned(self.hashes.lock()).clone()
    }

    /// Where a file of the draft is to be written.
    pub fn path(&self, name: &str) -> PathBuf {
        self.partial.inside().join(name)
    }

    /// Writes one file.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Failure> {
        let path = self.path(name);
        fs::write(&path, bytes).map_err(|error| cannot("write", &self.place.join(name), &error))?;
        self.note(name, blake3::hash(bytes));
        Ok(())
    }

    /// Writes one file as it is worked out; it ends when somebody asks to stop.
    pub fn stream(&self, name: &str, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Outcome {
        let written = fs::File::create(self.path(name)).and_then(|file| {
            let hashed = Hashed {
                file,
                hasher: blake3::Hasher::new(),
            };
            let mut out = BufWriter::with_capacity(BUFFER, hashed);
            fill(&mut out)?;
            Ok(out.into_inner()?.hasher.finalize())
        });
        match written {
            Ok(hash) => {
                self.note(name, hash);
                Ok(())
            }
            Err(_) if interrupt::is_asked() => {
                interrupt::tell_unfinished();
                Err(Failure::Interrupted)
            }
            Err(error) => Err(cannot("write", &self.place.join(name), &error)),
        }
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
        unpoisoned(self.hashes.lock()).insert(name.to_owned(), hash);
    }

    /// Writes the file that says what the result depends on, with the hashes of all others.
    pub fn write_manifest(&self, manifest: &Manifest) -> Result<(), Failure> {
        let manifest = Manifest {
            hashes: self.hashes(),
            ..manifest.clone()
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(|error| Failure::Io(error.to_string()))?;
        if text.len() as u64 >= MOST_MANIFEST {
            let message = format!(
                "all texts of the scenario make a `{MANIFEST}` of {} bytes, and at most {MOST_MANIFEST} are possible",
                text.len()
            );
            return Err(Failure::Usage(message));
        }
        self.write(MANIFEST, format!("{text}\n").as_bytes())
    }

    /// Puts the folder in its place; what was there before is removed after that. Nobody else writes there until the lock that it
    /// returns is dropped.
    ///
    /// Much may have come to the place since the draft was begun. What is no part of a result is never removed: a file in the
    /// folder stays there, and if there is something else now, the result stays beside it.
    pub fn finish(self) -> Result<Lock, Failure> {
        let fail = |error: io::Error| cannot("write", &self.place, &error);
        let folder = &self.partial.inside();
        sync(folder).map_err(fail)?;
        if let Err(refusal) = refuse_other(&self.place, self.kind, &self.scenario, self.is_forced) {
            return Err(self.stay_beside(refusal));
        }
        if self.place.exists() {
            // The old result ends up where the draft was, and goes with it.
            exchange(folder, &self.place).map_err(fail)?;
            if let Err(error) = self.give_back() {
                let message = format!("{error}; what was there before is in `{}`", folder.display());
                self.partial.keep();
                return Err(Failure::Io(message));
            }
        } else {
            fs::rename(folder, &self.place).map_err(fail)?;
        }
        let _ = fs::File::open(parent(&self.place)).and_then(|parent| parent.sync_all());
        Ok(self.lock)
    }

    /// Moves what was put into the folder of the old result, and is no part of it, to the new one.
    fn give_back(&self) -> Result<(), String> {
        let old = &self.partial.inside();
        let known = Manifest::read(old).map_or_else(Vec::new, |manifest| manifest.files);
        for stranger in strangers(old, &known) {
            let place = self.place.display();
            fs::rename(old.join(&stranger), self.place.join(&stranger))
                .map_err(|error| format!("cannot move `{stranger}` back to `{place}`: {error}"))?;
            terminal::tell(&format!(
                "note: `{stranger}` was put into `{place}` while it was being written, and stays there; it is no part of the result"
            ));
        }
        Ok(())
    }

    /// Keeps the result under another name, as its place is taken; says so with what keeps it from its place.
    fn stay_beside(self, refusal: Failure) -> Failure {
        let (Failure::Usage(reason) | Failure::Io(reason)) = refusal else {
            return refusal;
        };
        let free = (2..=u64::MAX)
            .map(|number| {
                self.place
                    .with_file_name(format!("{}-{number}", name(&self.place)))
            })
            .find(|path| fs::symlink_metadata(path).is_err());
        let free = free.expect("there are fewer folders than numbers");
        match fs::rename(self.partial.inside(), &free) {
            Ok(()) => Failure::Io(format!("{reason}; the result is kept in `{}`", free.display())),
            Err(error) => cannot("write", &free, &error),
        }
    }
}

/// How many bytes of a file are written at a time.
const BUFFER: usize = 1 << 16;

/// A file, with the hash of what has been written to it.
struct Hashed {
    file: fs::File,
    hasher: blake3::Hasher,
}

impl Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if interrupt::is_asked() {
            return Err(io::Error::other("stopped"));
        }
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Refuses a place that holds anything but a result of the scenario, or of another if `force`.
fn refuse(place: &Path, kind: Kind, scenario: &ManifestInput, force: bool) -> Outcome {
    refuse_other(place, kind, scenario, force)?;
    let Some(manifest) = Manifest::read(place) else {
        return Ok(());
    };
    let Some(stranger) = strangers(place, &manifest.files).into_iter().next() else {
        return Ok(());
    };
    let name = place.display();
    let message = format!(
        "`{name}` holds `{stranger}`, which is no part of the result; move it elsewhere, or name another folder with --out"
    );
    Err(Failure::Usage(message))
}

/// The names in the folder of a result that are none of its files: those that its manifest names, as far as a result can have them.
/// What a manifest says alone makes no file ours.
fn strangers(folder: &Path, files: &[String]) -> Vec<String> {
    let is_part = |name: &String| {
        let is_named = name == MANIFEST || files.contains(name) && is_file_of_result(name);
        is_named && fs::symlink_metadata(folder.join(name)).is_ok_and(|found| found.is_file())
    };
    let mut names = names(folder);
    names.retain(|name| !is_part(name));
    names
}

/// Whether a result can have a file of this name.
fn is_file_of_result(name: &str) -> bool {
    name == SWEEP || crate::cli::run::names(true, true).iter().any(|file| file == name)
}

/// Whether the earlier result in a draft, which was replaced by a process that was killed then, holds what is no part of it.
fn holds_stranger(old: &Path) -> bool {
    let Ok(manifest) = Manifest::open(old) else {
        return false;
    };
    let stranger = strangers(old, &manifest.files).into_iter().next();
    if let Some(stranger) = &stranger {
        let old = old.display();
        terminal::tell(&format!(
            "note: `{stranger}` in `{old}` is no part of the result that was replaced there; move it elsewhere"
        ));
    }
    stranger.is_some()
}

/// Refuses a place where a file stands: what it holds is not ours to replace.
fn refuse_file(place: &Path) -> Outcome {
    let is_dangling = fs::symlink_metadata(place).is_ok() && fs::metadata(place).is_err();
    if is_dangling || fs::metadata(place).is_ok_and(|metadata| !metadata.is_dir()) {
        let name = place.display();
        let message = format!("`{name}` is a file, not a folder for results; name another with --out");
        return Err(Failure::Usage(message));
    }
    Ok(())
}

/// Refuses a place that is no folder, or one with something else than a result, or with that of another kind or scenario unless
/// `force`.
fn refuse_other(place: &Path, kind: Kind, scenario: &ManifestInput, force: bool) -> Outcome {
    refuse_file(place)?;
    if names(place).is_empty() {
        return Ok(());
    }
    let name = place.display();
    let manifest = match Manifest::open(place) {
        Ok(manifest) => manifest,
        Err(error) => {
            let what = if error.kind() == io::ErrorKind::NotFound {
                "something that is no result;".to_owned()
            } else {
                format!("a `{MANIFEST}` that cannot be read ({error}): move the folder elsewhere, or")
            };
            let message = format!("`{name}` holds {what} name another folder with --out");
            return Err(Failure::Usage(message));
        }
    };
    let is_own = manifest
        .inputs
        .first()
        .is_some_and(|first| first.path == scenario.path || first.hash == scenario.hash);
    if force || is_own && manifest.kind == kind {
        return Ok(());
    }
    if is_own {
        let message = format!(
            "`{name}` holds {}, and this is {}; name another folder with --out, or replace it with --force",
            manifest.kind.in_words(),
            kind.in_words()
        );
        return Err(Failure::Usage(message));
    }
    let other = manifest.inputs.first().map_or("?", |first| first.path.as_str());
    let message = format!(
        "`{name}` holds the result of another scenario, `{other}`; name another folder with --out, or replace it with --force"
    );
    Err(Failure::Usage(message))
}

/// Makes sure that the files are on disk before the folder gets its name; all at once, since each waits for the disk.
fn sync(folder: &Path) -> io::Result<()> {
    let paths: Vec<PathBuf> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<_>>()?;
    // The names in the folder are a part of it.
    fs::File::open(folder)?.sync_all()?;
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
    // Not in the folder of the draft, which the next process removes.
    let aside = parent(new).with_extension("old");
    fs::rename(old, &aside)?;
    if let Err(error) = fs::rename(new, old) {
        let _ = fs::rename(&aside, old);
        return Err(error);
    }
    fs::rename(&aside, new)
}
