//! Faulty scenarios, each with the exact text that the checker prints for it.
//!
//! `tests/rejected` holds a file for every fault: its name begins with the name of the rule that it breaks, and the
//! `.txt` beside it is what is printed. `CEASEFIRE_BLESS=1 cargo test --test suite rejected` writes these anew; read
//! them before they are committed: they are what somebody who made the mistake will see.
//!
//! What cannot be kept in a repository (a huge file, one that is not UTF-8) is made for the moment.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use ceasefire::diagnostic::{Rule, Severity};
use ceasefire::model;
use ceasefire::scenario::load::load;

use crate::commands::Place;
use crate::harness::{Scenario, rendered};

/// Rules of what is not one text in a file of the repository; the tests below, and those of claims and sweeps, break them.
const MADE_FOR_THE_MOMENT: [Rule; 6] = [
    Rule::ExtendsDepth,
    Rule::TooLarge,
    Rule::NotUtf8,
    Rule::UnknownAddress,
    Rule::ComparedScenario,
    Rule::ImpossibleAxis,
];

/// The faulty scenarios by name, as paths from the root of the package, where tests run.
pub fn files() -> Vec<PathBuf> {
    let entries = fs::read_dir("tests/rejected").expect("the folder is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    files.sort();
    files
}

/// The rule that a file is named after: the longest one that its name begins with.
pub fn rule_of(path: &Path) -> Rule {
    let stem = path.file_stem().expect("it has a name").to_string_lossy();
    let named = Rule::ALL.iter().filter(|rule| {
        stem.strip_prefix(rule.name())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    });
    let longest = named.max_by_key(|rule| rule.name().len());
    *longest.unwrap_or_else(|| panic!("{} begins with the name of no rule", path.display()))
}

#[test]
fn every_faulty_scenario_is_told_what_is_wrong() {
    let is_blessed = std::env::var("CEASEFIRE_BLESS").is_ok_and(|value| value == "1");
    let mut faults = Vec::new();
    for path in files() {
        let scenario = Scenario::file(&path);
        let rule = rule_of(&path);
        if !scenario.broken_rules().contains(&rule.name()) {
            faults.push(format!("{} does not break its rule", path.display()));
        }
        let found = scenario.diagnosis();
        let beside = path.with_extension("txt");
        if is_blessed {
            fs::write(&beside, &found).expect("it can be written");
        }
        let expected = fs::read_to_string(&beside).unwrap_or_default();
        if found != expected {
            faults.push(format!(
                "{}:\n{found}\n--- but {}:\n{expected}",
                path.display(),
                beside.display()
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

#[test]
fn every_rule_has_a_scenario_that_breaks_it() {
    let rules: Vec<Rule> = files()
        .iter()
        .map(|path| rule_of(path))
        .chain(MADE_FOR_THE_MOMENT)
        .collect();
    let missing: Vec<&str> = Rule::ALL
        .iter()
        .filter(|rule| !rules.contains(rule))
        .map(|rule| rule.name())
        .collect();
    assert!(missing.is_empty(), "no file breaks {missing:?}");
}

/// An expected text without a scenario is a leftover.
#[test]
fn every_text_has_its_scenario() {
    for entry in fs::read_dir("tests/rejected").expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.extension().is_some_and(|extension| extension == "txt") {
            assert!(
                path.with_extension("toml").exists(),
                "{} belongs to no scenario",
                path.display()
            );
        }
    }
}

/// Whatever is found has a place, a line and a column, but for what has no text: a file, or what is missing from it.
#[test]
fn faults_have_places() {
    for path in files() {
        let loaded = load(&path, &[]);
        for diagnostic in loaded.diagnostics.in_order() {
            let is_of_a_file =
                [Rule::Empty, Rule::UnreadableFile, Rule::Directory].contains(&diagnostic.rule);
            let is_warning = diagnostic.rule.severity() == Severity::Warning;
            assert!(
                diagnostic.place.is_some() || is_of_a_file || is_warning,
                "{}: {diagnostic:?}",
                path.display()
            );
            if let Some((span, _)) = &diagnostic.place {
                let (line, column) = loaded.sources.line_and_column(*span);
                assert!(line >= 1 && column >= 1 && span.start <= loaded.sources.get(*span).text.len());
            }
        }
    }
}

/// What the checker prints for a file of these bytes, with the folder's name taken out.
fn diagnosis_of(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder for a moment");
    let path = folder.path().join("scenario.toml");
    fs::write(&path, bytes).expect("it can be written");
    let folder = format!("{}{}", folder.path().display(), std::path::MAIN_SEPARATOR);
    Scenario::file(&path).diagnosis().replace(&folder, "")
}

#[test]
fn a_huge_file_is_refused() {
    let mut text = b"format = 1\n# ".to_vec();
    text.resize((16 << 20) + 1, b'x');
    assert_eq!(
        diagnosis_of(&text),
        "error[too-large]: `scenario.toml` has more bytes than a scenario may have, 16777216\n"
    );
}

#[test]
fn what_is_not_utf8_is_refused() {
    let found = diagnosis_of(b"format = 1\ntitle = \"Gef\xfchlte Sicherheit\"\n");
    assert!(
        found.starts_with("error[not-utf8]: `scenario.toml` is not UTF-8 text: line 2"),
        "{found}"
    );
    assert!(
        found.contains("0xfc") && found.contains("save it as UTF-8"),
        "{found}"
    );
}

#[test]
fn missing_files_and_folders_are_refused() {
    let diagnosis = |path: &str| Scenario::file(path).diagnosis();
    let missing = diagnosis("tests/rejected/unknwon-key.toml");
    assert!(
        missing.contains("cannot read `tests/rejected/unknwon-key.toml`: there is no such file"),
        "{missing}"
    );
    assert!(
        missing.contains("did you mean `tests/rejected/unknown-key.toml`?"),
        "{missing}"
    );
    let folder = diagnosis("tests/rejected");
    assert!(
        folder.starts_with("error[directory]: `tests/rejected` is a directory, not a scenario"),
        "{folder}"
    );
}

/// An override is checked as the file is, and its place is shown in what was written on the command line.
#[test]
fn overrides_are_checked() {
    let found = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder for a moment");
        let path = folder.path().join("scenario.toml");
        let scenario =
            "format = 1\nstart = 2025-04-10\nhorizon = 100\n[us_support.logistics]\nchance = 0.4\n";
        fs::write(&path, scenario).expect("it can be written");
        let loaded = load(&path, &[text.to_owned()]);
        rendered(&loaded.diagnostics, &loaded.sources)
    };
    assert_eq!(found("us_support.logistics.chance=0.6"), "\n");
    assert_eq!(found("us_support.*.chance=0.6"), "\n");
    for (text, expected) in [
        ("us_support.logistic.chance=0.6", "did you mean `logistics`?"),
        ("us_support.logistics.chance", "an override is ADDRESS=VALUE"),
        ("processes.*.chance=0.6", "there is no `processes`"),
        ("us_support.logistics.chance=much", "is no TOML value"),
        ("us_support.logistics.chance=0,8", "write 0.8"),
        ("us_support.logistics.chance=0:1", "`sweep --axis` takes ranges"),
    ] {
        let found = found(text);
        assert!(found.starts_with("error[unknown-address]"), "{found}");
        assert!(found.contains(expected) && found.contains(text), "{found}");
    }
    let range = found("us_support.logistics.chance=60");
    assert!(
        range.starts_with("error[out-of-range]")
            && range.contains(
                "\n  | --set us_support.logistics.chance=60\n  |                                   ^^ this is 60\n"
            ),
        "{range}"
    );
    // The first `=` outside quotes ends the address, and `*` stands for any item of a list too.
    assert_eq!(found("processes={\"a=b\"={}}"), "\n");
    assert!(found("processes.\"a=b\".chance=0.5").contains("there is no `processes`"));
    assert!(found("objectives={x={requires=[]}}").trim().is_empty());
    let key = found("us_support.logistics.chanse=0.6");
    assert!(
        key.starts_with("error[unknown-key]") && key.contains("did you mean `chance`?"),
        "{key}"
    );
}

/// The beginning of a scenario whose objective always holds.
const SOUND: &str = "format = 1\nstart = 2025-04-10\nhorizon = 100\n[objectives.safe_skies]\n";

#[test]
fn of_many_faults_a_hundred_are_told() {
    let keys: Vec<String> = (0..30_000).map(|key| format!("chanse{key} = 1\n")).collect();
    let keys = keys.concat();
    let place = Place::new();
    fs::write(place.path("many.toml"), format!("{SOUND}[ceasefire]\n{keys}")).expect("written");
    let ended = place.run(&["validate", "many.toml"]);
    assert_eq!(ended.code, 2);
    assert_eq!(ended.stderr.matches("error[unknown-key]").count(), 100);
    assert!(
        ended.stderr.contains("and 29900 more faults that are not shown"),
        "{}",
        ended.stderr
    );
    assert!(
        ended.stderr.contains("30000 faults in 1 file"),
        "{}",
        ended.stderr
    );
}

/// Of a long line, what stands around the place is shown, with the column that it has in the whole line.
#[test]
fn long_lines_are_cut() {
    let text = format!("{SOUND}requires = []\n[contributors]\n");
    let line = format!(
        "x = {{ note = \"{}\", chance = -2 }}",
        "a long note ".repeat(30_000)
    );
    let column = line.find("-2").expect("it is there") + 1;
    let found = Scenario::text(format!("{text}{line}\n")).diagnosis();
    assert!(found.contains(&format!("scenario.toml:7:{column}\n")), "{column}");
    assert!(found.contains("chance = -2 }"));
    assert!(found.lines().all(|line| line.chars().count() < 400));
}

#[test]
fn a_chain_of_files_ends_at_64() {
    let folder = tempfile::tempdir().expect("a folder for a moment");
    for file in 0..100 {
        let path = folder.path().join(format!("{file}.toml"));
        let text = match file {
            99 => SOUND.to_owned(),
            _ => format!("extends = \"{}.toml\"\n", file + 1),
        };
        fs::write(path, text).expect("it can be written");
    }
    let broken = |file: &str| Scenario::file(folder.path().join(file)).broken_rules();
    assert_eq!(broken("34.toml"), ["extends-depth"]);
    assert_eq!(broken("35.toml"), ["missing-objective"]);
}

/// Chains and circles of any length have one fault, in whatever order the things stand.
#[test]
fn long_chains_and_circles_are_told_once() {
    let chain = |length: usize, name: &dyn Fn(usize) -> String, end: &str| {
        let mut text = SOUND.to_owned();
        for place in 0..length {
            let next = match place + 1 {
                next if next == length => end.to_owned(),
                next => format!("\"conditions.{}\"", name(next)),
            };
            let _ = writeln!(text, "[conditions.{}]\nonce = {next}", name(place));
        }
        let place = Place::new();
        fs::write(place.path("chain.toml"), text).expect("written");
        place.run(&["validate", "chain.toml"])
    };
    let down = |place: usize| format!("c{place:05}");
    let up = |place: usize| format!("c{:05}", 50_000 - place);
    let end = "{ all = [] }";
    for name in [&down as &dyn Fn(usize) -> String, &up] {
        assert_eq!(chain(1_000, name, end).code, 0);
        let long = chain(3_000, name, end);
        assert!(
            long.stderr.contains("a chain of more than 1000 things"),
            "{}",
            long.stderr
        );
        assert!(long.stderr.contains("1 fault in 1 file"), "{}", long.stderr);
        let circle = chain(10_000, name, &format!("\"conditions.{}\"", name(0)));
        assert!(circle.stderr.contains("error[cycle]"), "{}", circle.stderr);
        assert!(circle.stderr.contains("(9987 more)"), "{}", circle.stderr);
        assert!(circle.stderr.contains("1 fault in 1 file"), "{}", circle.stderr);
        assert!(circle.stderr.lines().count() < 100, "{}", circle.stderr);
    }
}

/// Two places on the command line, one of them with a file between.
#[test]
fn places_in_options_have_no_line() {
    let overrides = [
        "contributors.france.chance=0.2",
        "contributors.france.stance=\"none\"",
    ];
    let mut loaded = load(
        Path::new("tests/rejected/unreferenced-base.toml"),
        &overrides.map(str::to_owned),
    );
    let scenario = loaded.scenario.expect("it can be read");
    model::build(&scenario, "scenario", &mut loaded.diagnostics);
    let expected = "error[contradiction]: `contributors.france` has both a chance and a stance
  |
  | --set contributors.france.stance=\"none\"
  |                                  ^^^^^^ the stance
  |
  | --set contributors.france.chance=0.2
  |                                  --- the chance
  |
  = help: keep one of them
";
    assert_eq!(rendered(&loaded.diagnostics, &loaded.sources), expected);
}

/// A name that is misspelt in `--set` defines something new, which is told beside the name that was meant.
#[test]
fn a_misspelt_name_in_an_override_is_told() {
    let base = Path::new("tests/rejected/unreferenced-base.toml");
    let doubts = |text: &str| {
        let mut loaded = load(base, &[text.to_owned()]);
        let scenario = loaded.scenario.expect("it can be read");
        model::build(&scenario, "scenario", &mut loaded.diagnostics).expect("it can be played");
        rendered(&loaded.diagnostics, &loaded.sources)
    };
    let found = doubts("us_support.logistcs={chance=1}");
    let expected = "`us_support.logistcs` changes no figure: no condition refers to it";
    assert!(
        found.contains(expected) && found.contains("did you mean `logistics`?"),
        "{found}"
    );
    assert!(doubts("contributors.FRANCE={}").contains("did you mean `france`?"));
    // What is as it should be is no doubt, nor is something of another name that has figures of its own.
    let rest = doubts("us_support.logistics.chance=1");
    for text in [
        "contributors.japan={}",
        "conditions.frost={all=[]}",
        "stances.willing=0.1",
    ] {
        assert_eq!(doubts(text), rest, "{text}");
    }
}
