//! From a file on the command line to a model, with its faults shown.

use std::path::Path;

use super::arguments::Chosen;
use super::compared::{self, Compared};
use super::store::Manifest;
use super::{Failure, terminal};
use crate::diagnostic::{Diagnostics, Severity, Sources, render};
use crate::model::{Model, build};
use crate::scenario::Scenario;
use crate::scenario::load::{Input, Loaded, load, load_again};

/// A scenario that has a meaning.
pub struct Meant {
    /// The name that its results have: the file's, without `.toml`.
    pub name: String,
    /// As written.
    pub scenario: Scenario,
    /// As meant.
    pub model: Model,
    /// All files that it was read from, the scenario itself first.
    pub inputs: Vec<Input>,
}

/// What checking a file found.
pub struct Checked {
    /// The scenario, if it has a meaning.
    pub meant: Option<Meant>,
    /// The scenarios that its claims compare with.
    pub compared: Compared,
    /// Its texts.
    pub sources: Sources,
    /// What was found.
    pub diagnostics: Diagnostics,
}

impl Checked {
    /// Something that has no meaning.
    pub fn faulty(sources: Sources, diagnostics: Diagnostics) -> Self {
        Self {
            meant: None,
            compared: Compared::default(),
            sources,
            diagnostics,
        }
    }
}

/// Loads and checks a file, with the scenarios that its claims compare with: claims are to be judged.
pub fn check(file: &Path, set: &[String]) -> Checked {
    with_compared(meaning(load(file, set), name(file)))
}

fn with_compared(mut checked: Checked) -> Checked {
    checked.compared = compared::load(&mut checked);
    checked
}

/// Loads and checks a file by itself, its claims left aside.
pub fn check_alone(file: &Path, set: &[String]) -> Checked {
    understand(file, load(file, set))
}

/// Checks what a file was loaded to, its claims left aside.
pub fn understand(file: &Path, mut loaded: Loaded) -> Checked {
    loaded.diagnostics.leave_claims();
    meaning(loaded, name(file))
}

/// The name of a scenario: that of its file.
fn name(file: &Path) -> String {
    let stem = file.file_stem();
    stem.map_or_else(
        || "scenario".to_owned(),
        |stem| stem.to_string_lossy().into_owned(),
    )
}

/// What a scenario that was loaded means, under a name.
fn meaning(loaded: Loaded, name: String) -> Checked {
    let mut diagnostics = loaded.diagnostics;
    let meant = loaded.scenario.and_then(|scenario| {
        let model = build(&scenario, &name, &mut diagnostics)?;
        Some(Meant {
            name,
            scenario,
            model,
            inputs: loaded.inputs,
        })
    });
    Checked {
        meant,
        compared: Compared::default(),
        sources: loaded.sources,
        diagnostics,
    }
}

/// The scenario of a result, from the texts that its manifest keeps, and under the name that it had.
pub fn reopen(folder: &Path, manifest: &Manifest, quiet: bool) -> Result<Meant, Failure> {
    let checked = recall(folder, manifest);
    show(&checked, quiet);
    checked.meant.ok_or(Failure::Shown)
}

/// The same, with nothing shown.
pub fn recall(folder: &Path, manifest: &Manifest) -> Checked {
    let mut loaded = load_again(manifest.texts(folder), &manifest.set);
    loaded.diagnostics.leave_claims();
    meaning(loaded, manifest.name.clone())
}

/// Loads a file, shows its faults (and its warnings unless `quiet`) on stderr, and returns what it means. Claims that cannot be
/// judged only warn.
pub fn open(chosen: &Chosen, quiet: bool) -> Result<Meant, Failure> {
    let checked = with_compared(check_alone(&chosen.file, &chosen.set));
    show(&checked, quiet);
    checked.meant.ok_or(Failure::Shown)
}

/// Shows what was found on stderr.
pub fn show(checked: &Checked, quiet: bool) {
    let colour = terminal::stderr_has_colour();
    for diagnostic in checked.diagnostics.in_order() {
        if quiet && diagnostic.severity == Severity::Warning {
            continue;
        }
        terminal::show(&format!("{}\n", render(diagnostic, &checked.sources, colour)));
    }
    for (severity, what) in [(Severity::Error, "faults"), (Severity::Warning, "warnings")] {
        let more = checked.diagnostics.left_out(severity);
        if more > 0 && !(quiet && severity == Severity::Warning) {
            terminal::tell(&format!("and {more} more {what} that are not shown\n"));
        }
    }
}
