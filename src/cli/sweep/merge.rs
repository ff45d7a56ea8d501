//! Parts of a sweep put together: the rows of all, under one header.

use std::ffi::OsString;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::cli::arguments::Merge;
use crate::cli::merge::other_inputs;
use crate::cli::run::words;
use crate::cli::store::{Draft, Manifest, ManifestSweep, SWEEP, hash_of, inputs};
use crate::cli::{Failure, Outcome, place, sheet, terminal};
use crate::scenario::file;

/// One part, where it lies.
struct Found {
    folder: PathBuf,
    manifest: Manifest,
    sweep: ManifestSweep,
}

/// Puts the parts of a sweep together that lie in the folders.
pub fn merge(options: &Merge, command: &[OsString]) -> Outcome {
    let mut parts: Vec<Found> = options
        .folders
        .iter()
        .map(|folder| Found::open(folder))
        .collect::<Result<_, _>>()?;
    parts.sort_by_key(|found| (found.sweep.first, found.sweep.end));
    let faults = faults(&parts);
    if !faults.is_empty() {
        let message = format!("cannot merge: {}", faults.join("; "));
        return Err(Failure::Usage(message));
    }
    let first = &parts[0];
    let beside = || {
        let parent = first.folder.parent().unwrap_or(Path::new(""));
        parent.join(place::folder(
            &format!("{}-sweep", first.manifest.name),
            &first.manifest.set,
            None,
        ))
    };
    let place = options.out.clone().unwrap_or_else(beside);
    let (inputs, hash) = inputs(&first.manifest.texts(&first.folder), &first.manifest.set, &place);
    if hash != first.manifest.hash {
        let folder = first.folder.display();
        let message = format!("the texts that `{folder}` keeps are not those that were played");
        return Err(Failure::Usage(message));
    }
    let manifest = Manifest {
        command: words(command),
        inputs,
        sweep: Some(ManifestSweep {
            first: 1,
            end: first.sweep.points + 1,
            ..first.sweep.clone()
        }),
        ..first.manifest.clone()
    };
    let draft = Draft::begin(&place, &manifest, options.force)?;
    join(&parts, &draft.path(SWEEP))
        .map_err(|error| Failure::Io(format!("cannot merge `{SWEEP}`: {error}")))?;
    draft.note_file(SWEEP)?;
    draft.write_manifest(&manifest)?;
    draft.finish()?;
    if !options.quiet {
        terminal::tell(&format!("Results are in {}", place.display()));
        sheet::tell_long(&place);
    }
    Ok(())
}

impl Found {
    fn open(folder: &Path) -> Result<Self, Failure> {
        let manifest = Manifest::read(folder);
        let found = manifest.and_then(|manifest| Some((manifest.sweep.clone()?, manifest)));
        let (sweep, manifest) =
            found.ok_or_else(|| Failure::Usage(format!("`{}` is no part of a sweep", folder.display())))?;
        Ok(Self {
            folder: folder.to_owned(),
            manifest,
            sweep,
        })
    }

    /// What all parts of a sweep have in common, each with its name.
    fn common(&self) -> [(&'static str, String); 9] {
        let (manifest, sweep) = (&self.manifest, &self.sweep);
        [
            ("scenario", manifest.name.clone()),
            ("version", manifest.version.clone()),
            ("seed", manifest.seed.to_string()),
            ("sampler", manifest.sampler.clone()),
            ("number of trials", manifest.trials.to_string()),
            ("confidence", manifest.confidence.to_string()),
            ("axes", sweep.axes.join("; ")),
            (
                "combination",
                format!(
                    "{} {:?} of {} points",
                    sweep.combination, sweep.design_seed, sweep.points
                ),
            ),
            ("metrics", sweep.metrics.join(", ")),
        ]
    }
}

/// All that keeps parts, in the order of their points, from being those of one sweep.
fn faults(parts: &[Found]) -> Vec<String> {
    let first = &parts[0];
    let mut faults = Vec::new();
    for part in &parts[1..] {
        let [one, two] = [first, part].map(|found| (found.folder.as_path(), &found.manifest));
        faults.extend(other_inputs(one, two));
        let (folder, other) = (first.folder.display(), part.folder.display());
        for ((what, one), (_, two)) in first.common().into_iter().zip(part.common()) {
            if one != two {
                faults.push(format!(
                    "the {what} of `{other}` is {two}, and that of `{folder}` {one}"
                ));
            }
        }
    }
    if !faults.is_empty() {
        return faults;
    }
    let mut next = 1;
    for part in parts {
        let (from, end) = (part.sweep.first, part.sweep.end);
        if from > next {
            faults.push(format!("points {next} to {} are missing", from - 1));
        } else if from < next && end > from {
            let name = part.folder.display();
            faults.push(format!(
                "points from {from} on of `{name}` are in another part too"
            ));
        }
        next = next.max(end);
    }
    let all = first.sweep.points + 1;
    if next < all {
        faults.push(format!("points {next} to {} are missing", all - 1));
    }
    faults.extend(parts.iter().filter_map(damage));
    faults
}

/// Whether the rows of a part are not those that were written.
fn damage(part: &Found) -> Option<String> {
    let path = part.folder.join(SWEEP);
    let checked = hash_of(&path).and_then(|hash| part.manifest.check(SWEEP, hash));
    checked
        .err()
        .map(|_| format!("`{}` is missing or not as it was written", path.display()))
}

/// The rows of all parts, under one header.
fn join(parts: &[Found], path: &Path) -> std::io::Result<()> {
    let mut whole = BufWriter::new(File::create(path)?);
    for (index, part) in parts.iter().enumerate() {
        let mut rows = BufReader::new(file::open(&part.folder.join(SWEEP))?);
        let mut header = Vec::new();
        rows.read_until(b'\n', &mut header)?;
        if index == 0 {
            whole.write_all(&header)?;
        }
        std::io::copy(&mut rows, &mut whole)?;
    }
    whole.flush()
}
