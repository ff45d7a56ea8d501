//! Which scenarios are meant by what is written on the command line: files, folders, and patterns such as `plans/*.toml`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Failure;

/// The scenarios that some words mean, each once, in the order of the words: a file is itself, a folder the `.toml` files
/// in it by name, and a pattern with `*`, `?` or `[…]` the files and folders that it matches by name.
///
/// # Errors
/// If a pattern matches nothing or is none, or a folder holds no scenario. Whether a file is there its reader tells.
pub fn scenarios(words: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut found: Vec<PathBuf> = Vec::new();
    let mut known = HashSet::new();
    for word in words {
        let mut meant = Vec::new();
        for path in matching(word)? {
            meant.extend(if path.is_dir() { inside(&path)? } else { vec![path] });
        }
        for path in meant {
            // One file may be named in several ways; one that is not there is its name.
            let whole = std::fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            if known.insert(whole) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// The paths that a word matches; itself, if something stands there or it is no pattern.
fn matching(word: &Path) -> Result<Vec<PathBuf>, Failure> {
    let Some(text) = word.to_str() else {
        return Ok(vec![word.to_owned()]);
    };
    if word.exists() || !text.contains(['*', '?', '[']) {
        return Ok(vec![word.to_owned()]);
    }
    let paths =
        glob::glob(text).map_err(|error| Failure::Usage(format!("`{text}` is no pattern: {error}")))?;
    let found: Vec<PathBuf> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Io(format!("cannot look for `{text}`: {error}")))?;
    if found.is_empty() {
        return Err(Failure::Usage(format!("nothing matches `{text}`")));
    }
    Ok(found)
}

/// The scenarios in a folder, by name; not those in folders of it.
fn inside(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let name = folder.display();
    let cannot = |error: std::io::Error| Failure::Io(format!("cannot read the folder `{name}`: {error}"));
    let entries = std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>);
    let mut found: Vec<PathBuf> = entries
        .map_err(cannot)?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    found.sort();
    if found.is_empty() {
        return Err(Failure::Usage(format!(
            "there is no scenario (*.toml) in `{name}`"
        )));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_and_patterns_stand_for_their_scenarios_each_once() {
        let words = [
            "scenarios/b*.toml",
            "scenarios",
            "scenarios/baseline.toml",
            "absent.toml",
        ];
        let found = scenarios(&words.map(PathBuf::from)).expect("there are scenarios");
        assert_eq!(found[0], Path::new("scenarios/baseline.toml"));
        assert_eq!(found.last(), Some(&PathBuf::from("absent.toml")));
        let folder = std::fs::read_dir("scenarios").expect("it is there").flatten();
        let files = folder.filter(|entry| entry.path().is_file()).count();
        assert_eq!(found.len(), files + 1);
        assert!(matches!(scenarios(&["no/*.toml".into()]), Err(Failure::Usage(_))));
        assert!(matches!(scenarios(&["src/cli".into()]), Err(Failure::Usage(_))));
    }
}
