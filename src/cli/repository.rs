//! Files by their paths in the repository: annotations find a file by that, wherever it is checked out.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::report::claims::Scenario;

/// What came of a scenario, with all files named as the repository that they lie in names them.
pub fn seen_from(outcome: &Scenario) -> Scenario {
    let workspace = std::env::var_os("GITHUB_WORKSPACE").filter(|folder| !folder.is_empty());
    let rename = |file: &mut String| *file = path(file, workspace.as_deref());
    let mut outcome = outcome.clone();
    rename(&mut outcome.file);
    outcome
        .claims
        .iter_mut()
        .for_each(|claim| rename(&mut claim.file));
    let places = outcome.faults.iter_mut().filter_map(|fault| fault.place.as_mut());
    places.for_each(|place| rename(&mut place.file));
    outcome
}

/// A path as seen from the root of its repository; from the workspace of the job where there is no repository; else from where
/// the program runs, if it lies below.
fn path(file: &str, workspace: Option<&OsStr>) -> String {
    let Ok(whole) = std::path::absolute(file) else {
        return file.to_owned();
    };
    let whole = plain(&whole);
    let is_root = |folder: &&Path| folder.join(".git").exists();
    let root = whole.ancestors().skip(1).find(is_root).map(Path::to_owned);
    let here = || std::env::current_dir().ok();
    let roots = root.into_iter().chain(workspace.map(PathBuf::from)).chain(here());
    let mut seen = roots.filter_map(|root| whole.strip_prefix(root).ok());
    let seen = seen.next().unwrap_or(&whole);
    if seen.is_absolute() {
        return seen.to_string_lossy().into_owned();
    }
    let parts = seen.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// A path without `.` and `..`.
fn plain(path: &Path) -> PathBuf {
    let mut whole = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(whole.pop()),
            other => whole.push(other),
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_from_the_root_of_their_repository() {
        let folder = tempfile::tempdir().expect("a folder");
        let root = folder.path();
        std::fs::create_dir_all(root.join("plans/.git")).expect("a folder");
        let named = |file: &str| path(&root.join(file).to_string_lossy(), Some(root.as_os_str()));
        assert_eq!(named("plans/scenarios/a.toml"), "scenarios/a.toml");
        assert_eq!(named("plans/scenarios/../a.toml"), "a.toml");
        // Without a repository it is the workspace that counts, and without that the folder that one is in.
        assert_eq!(named("others/b.toml"), "others/b.toml");
        let outside = root.join("others/b.toml").to_string_lossy().into_owned();
        assert_eq!(path(&outside, None), outside);
    }
}
