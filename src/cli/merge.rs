//! `ceasefire merge`: puts parts of a run together; those of a sweep are put together by [`sweep::merge`](super::sweep::merge).

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::arguments::Merge;
use super::extend::{STATE, listed};
use super::play::{Goal, TRIALS};
use super::run::{Done, Setting, names, words};
use super::store::{Draft, Kind, MANIFEST, Manifest, ManifestPart, hash_of, inputs};
use super::{Failure, Outcome, place, play, scenario, sheet, terminal};
use crate::VERSION;
use crate::plan::Plan;
use crate::report;
use crate::scenario::file;
use crate::state;
use crate::tally::Tally;

/// One part, where it lies.
struct Found {
    folder: PathBuf,
    manifest: Manifest,
    part: ManifestPart,
}

/// Puts together what lies in the folders; what kind of parts they are, the manifests say.
pub fn merge(options: &Merge, command: &[OsString]) -> Outcome {
    let is_of_sweep = |folder: &PathBuf| Manifest::read(folder).is_some_and(|manifest| manifest.is_sweep());
    if options.folders.iter().any(is_of_sweep) {
        return super::sweep::merge::merge(options, command);
    }
    let mut parts: Vec<Found> = options
        .folders
        .iter()
        .map(|folder| Found::open(folder))
        .collect::<Result<_, _>>()?;
    parts.sort_by_key(|found| (found.part.first, found.part.end, found.part.number));
    let faults = faults(&parts);
    if !faults.is_empty() {
        let message = format!("cannot merge: {}", faults.join("; "));
        return Err(Failure::Usage(message));
    }
    let setting = setting(options, &parts, command)?;
    let mut tally: Option<Tally> = None;
    for part in &parts {
        let read = part.tally(&setting.plan)?;
        match &mut tally {
            Some(tally) => tally.merge(&read),
            None => tally = Some(read),
        }
    }
    let done = Done::new(tally.expect("at least one part is named"), None, true);
    let draft = Draft::begin(&setting.place, &setting.manifest, options.force)?;
    if setting.manifest.files.iter().any(|file| file == TRIALS) {
        let path = draft.path(TRIALS);
        join_rows(&parts, &path).map_err(|error| Failure::Io(format!("cannot merge `{TRIALS}`: {error}")))?;
        draft.note_file(TRIALS)?;
    }
    setting.write(&draft, &done, &play::pool(None, u64::MAX)?)?;
    draft.finish()?;
    let report = setting.report(&done);
    if options.json {
        return terminal::stream(|out| report::json::write(report, out));
    }
    if !options.quiet {
        terminal::print(&report::terminal::answer(report, terminal::style()))?;
        terminal::tell(&format!("Results are in {}", setting.place.display()));
        sheet::tell_long(&setting.place);
    }
    Ok(())
}

impl Found {
    fn open(folder: &Path) -> Result<Self, Failure> {
        let name = folder.display();
        let refuse = |what: &str| Failure::Usage(format!("`{name}` {what}"));
        let manifest = Manifest::open(folder).map_err(|error| {
            refuse(&format!(
                "has no `{MANIFEST}` that can be read, and is no part of a run: {error}"
            ))
        })?;
        let part = match (manifest.kind, &manifest.part) {
            (Kind::Part, Some(part)) => part.clone(),
            _ => return Err(refuse("is a whole result, not a part of one")),
        };
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            part,
        })
    }

    /// What its trials came to.
    fn tally(&self, plan: &Plan) -> Result<Tally, Failure> {
        let path = self.folder.join(STATE);
        let refuse = |fault: &str| Failure::Usage(format!("`{}` {fault}", path.display()));
        let bytes = self
            .manifest
            .file(&self.folder, STATE)
            .map_err(|error| match error.kind() {
                io::ErrorKind::InvalidData => refuse("is not as it was written"),
                _ => Failure::Io(format!("cannot read `{}`: {error}", path.display())),
            })?;
        let (origin, tally) = state::unpack(&bytes, plan).map_err(refuse)?;
        if origin != self.manifest.origin() || tally.trials != self.part.end - self.part.first {
            return Err(refuse("belongs to another part"));
        }
        Ok(tally)
    }
}

/// All that keeps parts, in the order of their trials, from being those of one run.
fn faults(parts: &[Found]) -> Vec<String> {
    let first = &parts[0];
    let mut faults = Vec::new();
    for other in &parts[1..] {
        let [one, two] = [first, other].map(|found| (found.folder.as_path(), &found.manifest));
        faults.extend(other_inputs(one, two));
        faults.extend(misfits(first, other));
    }
    if !faults.is_empty() {
        return faults;
    }
    let mut next = 0;
    for found in parts {
        let ManifestPart { first, end, .. } = found.part;
        if first > next {
            faults.push(format!("trials {next}..{first} are missing"));
        } else if first < next && end > first {
            let name = found.folder.display();
            faults.push(format!("trials {first}.. of `{name}` are in another part too"));
        }
        next = next.max(end);
    }
    if next < first.part.whole {
        faults.push(format!("trials {next}..{} are missing", first.part.whole));
    }
    for found in parts {
        let path = found.folder.join(TRIALS);
        let has_rows = found.manifest.hashes.contains_key(TRIALS);
        let check = |hash| found.manifest.check(TRIALS, hash);
        if has_rows && hash_of(&path).and_then(check).is_err() {
            faults.push(format!(
                "`{}` is missing or not as it was written",
                path.display()
            ));
        }
    }
    faults
}

/// What two parts were played from that must be the same: the files whose texts differ, by name, or the values that were set.
pub fn other_inputs((folder, one): (&Path, &Manifest), (other, two): (&Path, &Manifest)) -> Vec<String> {
    let (folder, other) = (folder.display(), other.display());
    let misfit = |what: &str, values: [&str; 2]| {
        let [one, two] = values;
        format!("the {what} of `{other}` is {two}, and that of `{folder}` {one}")
    };
    let texts: Vec<String> = one
        .other_texts(two)
        .iter()
        .map(|name| format!("the text of `{name}` is another in `{other}` than in `{folder}`"))
        .collect();
    if !texts.is_empty() {
        return texts;
    }
    if one.set != two.set {
        return vec![misfit("--set", [&listed(&one.set), &listed(&two.set)])];
    }
    let is_other = one.hash != two.hash;
    let hashes = is_other.then(|| misfit("hash of all texts", [&one.hash, &two.hash]));
    hashes.into_iter().collect()
}

/// In what else two parts differ that must be the same.
fn misfits(one: &Found, other: &Found) -> Vec<String> {
    let has_rows = |found: &Found| found.manifest.hashes.contains_key(TRIALS).to_string();
    let values = |found: &Found| {
        let manifest = &found.manifest;
        [
            ("scenario", manifest.name.clone()),
            ("version", manifest.version.clone()),
            ("seed", manifest.seed.to_string()),
            ("sampler", manifest.sampler.clone()),
            ("confidence", manifest.confidence.to_string()),
            ("number of trials in all", found.part.whole.to_string()),
            ("byte-order mark", manifest.excel.to_string()),
            ("file of trials", has_rows(found)),
        ]
    };
    let pairs = values(one).into_iter().zip(values(other));
    let (folder, other) = (one.folder.display(), other.folder.display());
    pairs
        .filter(|((_, one), (_, other))| one != other)
        .map(|((what, one), (_, two))| {
            format!("the {what} of `{other}` is {two}, and that of `{folder}` {one}")
        })
        .collect()
}

/// The run whose parts they are, from the texts that it kept.
fn setting(options: &Merge, parts: &[Found], command: &[OsString]) -> Result<Setting, Failure> {
    let Found {
        folder,
        manifest: old,
        part,
    } = &parts[0];
    let beside = || {
        folder
            .parent()
            .unwrap_or(Path::new(""))
            .join(place::folder(&old.name, &old.set, None))
    };
    let place = options.out.clone().unwrap_or_else(beside);
    let meant = scenario::reopen(folder, old, options.quiet)?;
    let (inputs, hash) = inputs(&meant.inputs, &old.set, &place);
    if hash != old.hash || old.version != VERSION {
        let message = format!(
            "`{}` was made by version {} of other texts than it keeps; this is version {}",
            folder.display(),
            old.version,
            VERSION
        );
        return Err(Failure::Usage(message));
    }
    let manifest = Manifest {
        kind: Kind::Result,
        command: words(command),
        part: None,
        inputs,
        files: names(true, old.hashes.contains_key(TRIALS)),
        ..old.clone()
    };
    Ok(Setting {
        plan: Plan::new(&meant.model),
        meant,
        manifest,
        goal: Goal::Trials(part.whole),
        place,
    })
}

/// The rows of all parts, under one header.
fn join_rows(parts: &[Found], path: &Path) -> io::Result<()> {
    let mut whole = BufWriter::new(File::create(path)?);
    for (index, part) in parts.iter().enumerate() {
        let mut rows = BufReader::new(file::open(&part.folder.join(TRIALS))?);
        let mut header = Vec::new();
        rows.read_until(b'\n', &mut header)?;
        if index == 0 {
            whole.write_all(&header)?;
        }
        io::copy(&mut rows, &mut whole)?;
    }
    whole.flush()
}
