//! A point of a sweep as the scenario that was played there, from what its manifest keeps.

use std::path::Path;

use crate::axes::file::COMBINATIONS;
use crate::axes::{Axes, Axis, Combination};
use crate::cli::Failure;
use crate::cli::scenario::{Checked, Meant, show, understand};
use crate::cli::store::{Manifest, ManifestSweep};
use crate::sampling::sampler;
use crate::scenario::load::{Loaded, open_again};

/// The scenario at a point, counted from 1.
pub fn point(
    folder: &Path,
    manifest: &Manifest,
    sweep: &ManifestSweep,
    number: u64,
) -> Result<Meant, Failure> {
    if number > sweep.points {
        let (name, points) = (folder.display(), sweep.points);
        return Err(Failure::Usage(format!("`{name}` has the points 1 to {points}")));
    }
    let faulty = |loaded: Loaded| {
        show(&Checked::faulty(loaded.sources, loaded.diagnostics), false);
        Failure::Shown
    };
    let mut opened = open_again(manifest.texts(folder)).map_err(faulty)?;
    opened.replace("--set", &manifest.set);
    let axes = axes(sweep).map_err(|message| {
        let name = folder.display();
        Failure::Usage(format!("the axes of `{name}` cannot be read again: {message}"))
    })?;
    let point = axes.point(number, opened.root());
    let point = point.map_err(|(_, message)| Failure::Usage(message))?;
    let named = Path::new(&manifest.name).with_extension("toml");
    let overrides = point.overrides.iter().map(|text| ("--axis", text.as_str()));
    let checked = understand(&named, opened.vary(overrides));
    show(&checked, true);
    checked.meant.ok_or(Failure::Shown)
}

/// The axes of a sweep, put together as they were.
fn axes(sweep: &ManifestSweep) -> Result<Axes, String> {
    let axes: Result<Vec<Axis>, String> = sweep.axes.iter().map(|text| Axis::read(text)).collect();
    let known = COMBINATIONS.iter().find(|(name, _)| *name == sweep.combination);
    let combination = match (known, sampler(&sweep.combination)) {
        (Some((_, combination)), _) => *combination,
        (None, Some(design)) => Combination::Design {
            method: design.method,
            points: sweep.points,
            seed: sweep.design_seed.unwrap_or(1),
        },
        (None, None) => return Err(format!("there is no combination `{}`", sweep.combination)),
    };
    Axes::new(axes?, combination)
}
