//! The import directions of `ARCHITECTURE.md`, so that they stay true.

use std::fs;
use std::path::{Path, PathBuf};

/// For each room, the rooms that it may use beside itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("shown", &[]),
    ("diagnostic", &["shown"]),
    ("amount", &[]),
    ("lanes", &[]),
    ("time", &[]),
    ("draw", &["lanes", "wide"]),
    ("wide", &[]),
    ("metric", &["diagnostic"]),
    ("distribution", &["wide", "draw"]),
    ("sampling", &["draw", "lanes", "wide"]),
    (
        "scenario",
        &["diagnostic", "distribution", "model", "plan", "sampling", "study"],
    ),
    (
        "model",
        &[
            "diagnostic",
            "distribution",
            "draw",
            "metric",
            "sampling",
            "scenario",
            "time",
        ],
    ),
    (
        "plan",
        &[
            "amount",
            "distribution",
            "draw",
            "lanes",
            "model",
            "sampling",
            "time",
            "wide",
        ],
    ),
    (
        "engine",
        &[
            "amount",
            "distribution",
            "draw",
            "lanes",
            "model",
            "plan",
            "sampling",
            "time",
            "wide",
        ],
    ),
    (
        "tally",
        &["engine", "lanes", "model", "plan", "sampling", "time", "wide"],
    ),
    ("state", &["plan", "sampling", "tally"]),
    (
        "estimate",
        &[
            "diagnostic",
            "draw",
            "distribution",
            "metric",
            "model",
            "plan",
            "sampling",
            "tally",
            "time",
        ],
    ),
    ("study", &["engine", "model", "plan", "sampling", "tally", "time"]),
    ("changes", &["estimate", "study", "sweep"]),
    (
        "report",
        &["changes", "estimate", "metric", "plan", "shown", "verdict"],
    ),
    (
        "probe",
        &["engine", "lanes", "model", "plan", "tally", "time", "wide"],
    ),
    (
        "axes",
        &["diagnostic", "distribution", "draw", "sampling", "scenario"],
    ),
    (
        "sweep",
        &[
            "distribution",
            "engine",
            "estimate",
            "lanes",
            "metric",
            "model",
            "plan",
            "probe",
            "sampling",
            "study",
            "tally",
            "time",
            "wide",
        ],
    ),
    (
        "verdict",
        &[
            "probe", "draw", "engine", "estimate", "lanes", "metric", "model", "plan", "sampling", "study",
            "tally", "time",
        ],
    ),
    (
        "selftest",
        &[
            "distribution",
            "draw",
            "estimate",
            "lanes",
            "model",
            "plan",
            "sampling",
            "scenario",
            "study",
        ],
    ),
    (
        "story",
        &[
            "distribution",
            "draw",
            "engine",
            "metric",
            "model",
            "plan",
            "sampling",
            "scenario",
            "shown",
            "study",
            "diagnostic",
        ],
    ),
];

#[test]
fn every_room_uses_only_what_it_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, may_use) in MAY_USE {
        for file in files(&root, room) {
            let text = fs::read_to_string(&file).expect("it can be read");
            for used in uses(code(&text)) {
                // A macro stands at the root, wherever it is defined.
                let used = if used == "wide_loop" {
                    "wide".to_owned()
                } else {
                    used
                };
                let is_allowed = used == *room || may_use.contains(&used.as_str());
                assert!(
                    is_allowed,
                    "{} uses `crate::{used}`, which `{room}` may not",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn only_the_edges_open_files_and_only_one_room_is_unsafe() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for (room, _) in MAY_USE {
        for file in files(&root, room) {
            let text = fs::read_to_string(&file).expect("it can be read");
            let text = code(&text);
            let is_edge = ["scenario/load.rs", "scenario/file.rs"]
                .iter()
                .any(|edge| file.ends_with(edge));
            assert!(
                is_edge || !text.contains("std::fs"),
                "{} opens files",
                file.display()
            );
            assert!(
                *room == "wide" || !text.contains("unsafe {"),
                "{} is unsafe",
                file.display()
            );
        }
    }
}

#[test]
fn the_table_knows_every_room() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(&root).expect("there is a source folder") {
        let path = entry.expect("it can be listed").path();
        let name = path
            .file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let is_known =
            ["main", "lib", "cli"].contains(&name.as_str()) || MAY_USE.iter().any(|(room, _)| *room == name);
        assert!(is_known, "{} is in no room of the table", path.display());
    }
}

/// The file of a room and all files in its folder.
fn files(source: &Path, room: &str) -> Vec<PathBuf> {
    let mut found = vec![source.join(format!("{room}.rs"))];
    let mut folders = vec![source.join(room)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// The text before its tests, which may use anything.
fn code(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod").next().unwrap_or(text)
}

/// Rooms that a text names after `crate::`.
fn uses(text: &str) -> Vec<String> {
    let names = text.split("crate::").skip(1).map(|rest| {
        rest.chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect::<String>()
    });
    names.filter(|name| !name.is_empty()).collect()
}
