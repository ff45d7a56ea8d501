//! The manifest of a sweep: what its rows depend on.

use std::ffi::OsString;
use std::path::Path;

use super::game::Game;
use super::{Options, Wanted};
use crate::VERSION;
use crate::axes::file::COMBINATIONS;
use crate::axes::{Axis, Combination};
use crate::cli::run::words;
use crate::cli::scenario::Meant;
use crate::cli::store::{FORMAT, Kind, Manifest, ManifestSweep, SWEEP, inputs};

/// What the result depends on.
pub fn manifest(
    options: &Options,
    wanted: &Wanted,
    meant: &Meant,
    game: &Game<'_>,
    place: &Path,
    command: &[OsString],
) -> Manifest {
    let (inputs, hash) = inputs(&meant.inputs, &options.set, place);
    let numbers = options.numbers(&wanted.axes);
    let (combination, design_seed) = described(wanted.axes.combination());
    let axes = wanted.axes.axes().iter();
    Manifest {
        format: FORMAT,
        kind: Kind::Sweep,
        version: VERSION.to_owned(),
        command: words(command),
        name: meant.name.clone(),
        seed: game.order.source.seed,
        sampler: game.order.source.method.sampler().name.to_owned(),
        trials: game.order.trials,
        confidence: game.confidence,
        precision: None,
        set: options.set.clone(),
        hash,
        inputs,
        excel: false,
        part: None,
        files: vec![SWEEP.to_owned()],
        hashes: std::collections::BTreeMap::new(),
        sweep: Some(ManifestSweep {
            axes: axes.map(Axis::written).collect(),
            metrics: game.sought.iter().map(|sought| sought.0.clone()).collect(),
            combination,
            design_seed,
            points: wanted.axes.len(),
            first: numbers.start,
            end: numbers.end,
        }),
    }
}

/// How axes are put together, as the manifest has it, with the seed of a design.
fn described(combination: Combination) -> (String, Option<u64>) {
    match combination {
        Combination::Design { method, seed, .. } => (method.sampler().name.to_owned(), Some(seed)),
        single => {
            let known = COMBINATIONS.iter().find(|(_, known)| *known == single);
            (known.map_or("grid", |(name, _)| name).to_owned(), None)
        }
    }
}
