//! Which scenarios are meant by what is written on the command line: files, folders, and patterns such as `plans/*.toml`.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, glob_with};

use super::Failure;

/// The scenarios that some words mean, each once, in the order of the words: a file is itself, a folder the `.toml` files
/// in it by name, and a pattern with `*`, `?` or `[…]` the files and folders that it matches by name. Hidden files are meant
/// only by their own names: systems put files such as `._plan.toml` beside a scenario.
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
    // The crate passes over hidden files even where the pattern writes their dot.
    let is_for_hidden = |part: &str| part.starts_with('.') && part.contains(['*', '?', '[']);
    let how = MatchOptions {
        require_literal_leading_dot: !text.split(['/', '\\']).any(is_for_hidden),
        ..MatchOptions::new()
    };
    let paths = glob_with(&of_any_case(text), how)
        .map_err(|error| Failure::Usage(format!("`{text}` is no pattern: {error}")))?;
    let found: Vec<PathBuf> = paths
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::Io(format!("cannot look for `{text}`: {error}")))?;
    if found.is_empty() {
        return Err(Failure::Usage(format!("nothing matches `{text}`")));
    }
    Ok(found)
}

/// A pattern whose ending `.toml` stands for `.TOML` too, as in folders.
fn of_any_case(pattern: &str) -> String {
    let ending = pattern.len().checked_sub(".toml".len());
    let split = ending.and_then(|place| pattern.split_at_checked(place));
    match split {
        Some((stem, ending)) if ending.eq_ignore_ascii_case(".toml") => format!("{stem}.[tT][oO][mM][lL]"),
        _ => pattern.to_owned(),
    }
}

/// Whether a file has the name of a scenario.
pub fn is_scenario(path: &Path) -> bool {
    let extension = path.extension();
    extension.is_some_and(|extension| extension.eq_ignore_ascii_case("toml"))
}

/// Whether a file is hidden, as far as its name tells.
fn is_hidden(path: &Path) -> bool {
    let name = path.file_name();
    name.is_some_and(|name| name.to_string_lossy().starts_with('.'))
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
        .filter(|path| path.is_file() && is_scenario(path) && !is_hidden(path))
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
    #[test]
    fn hidden_files_are_passed_over_and_endings_have_any_case() {
        let folder = tempfile::tempdir().expect("a folder for a moment");
        for name in [
            "._plan.toml",
            ".hidden.TOML",
            "A.TOML",
            "b.toml",
            "c.Toml",
            "notes.txt",
        ] {
            std::fs::write(folder.path().join(name), "").expect("it can be written");
        }
        let meant = |word: &str| -> Vec<String> {
            let found = scenarios(&[folder.path().join(word)]).expect("there are scenarios");
            let name = |path: &PathBuf| {
                path.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned()
            };
            found.iter().map(name).collect()
        };
        assert_eq!(meant(""), ["A.TOML", "b.toml", "c.Toml"]);
        assert_eq!(meant("*.toml"), ["A.TOML", "b.toml", "c.Toml"]);
        assert_eq!(meant("?.tom[l]"), ["b.toml"]);
        assert_eq!(meant("._*.toml"), ["._plan.toml"]);
        assert_eq!(meant("._plan.toml"), ["._plan.toml"]);
    }
}
