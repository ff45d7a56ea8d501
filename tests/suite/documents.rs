//! What the documents promise: their commands run, their scenarios are right, and nothing that the program knows is
//! missing from them.
//!
//! Blocks of code are told apart by the words after the backticks:
//!
//! * `sh`: every line is a command; `console`: the lines that begin with `$ ` are. They run one after the other, for each
//!   document in a folder of its own that holds a copy of `scenarios/`. A comment `# exit 2` at the end of a line names
//!   the exit code that is expected instead of 0. What follows the last command of a `console` is what it must answer, to
//!   the letter, unless fewer trials are run here than the line says.
//! * `toml scenario`: a whole scenario. It must be sound, and its comments `# => NAME: [on, off) …` must be the spells of
//!   its first trial.
//! * `toml breaks`: breaks the rule under whose heading it stands; the three required keys are added if it has no `format`.
//! * `toml`: a fragment; it must be valid TOML.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ceasefire::diagnostic::{Diagnostics, Rule, Severity, Sources};
use ceasefire::distribution::{FAMILIES, ParameterKind};
use ceasefire::metric::METRICS;
use ceasefire::scenario::{process, quantity, tree};
use serde_json::Value as Json;
use tempfile::TempDir;

use crate::harness::{NEVER, Scenario, Spells, Told};

const LANGUAGE: &str = include_str!("../../docs/language.md");
const COMMANDS: &str = include_str!("../../docs/commands.md");
const DIAGNOSTICS: &str = include_str!("../../docs/diagnostics.md");

/// Commands of other programs, which need the network, a fresh clone or much time: they are not run here.
const SKIPPED: &[&str] = &[
    "apt-get",
    "cargo bench",
    "cargo build",
    "cargo clippy",
    "cargo doc",
    "cargo fmt",
    "cargo install",
    "cargo run --release --example",
    "cargo test",
    "cd",
    "gcc",
    "git",
    "rustup",
    ".ci/run",
];

/// Programs that commands may use beside `ceasefire`.
const RUN: &[&str] = &["ceasefire", "mkdir"];

/// How a document that is read from a clone starts the program.
const BY_CARGO: &str = "cargo run --release -- ";

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The documents for users, with their paths from the root of the repository.
fn documents() -> Vec<(PathBuf, String)> {
    let mut paths = vec![PathBuf::from("README.md")];
    let docs = fs::read_dir(root().join("docs")).expect("there are documents");
    let names = docs.map(|entry| Path::new("docs").join(entry.expect("readable").file_name()));
    paths.extend(names.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(root().join(&path));
        let text = text.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, text)
    };
    paths.into_iter().map(read).collect()
}

/// A block of code in a document.
struct Block {
    /// The words after the backticks.
    kind: String,
    /// The nearest heading above it.
    heading: String,
    text: String,
}

/// The blocks of code of a document.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let (mut heading, mut is_inside) = (String::new(), false);
    for line in document.lines() {
        if let Some(kind) = line.trim_start().strip_prefix("```") {
            is_inside = !is_inside;
            if is_inside {
                blocks.push(Block {
                    kind: kind.trim().to_owned(),
                    heading: heading.clone(),
                    text: String::new(),
                });
            }
        } else if is_inside {
            let block = blocks.last_mut().expect("a block has been opened");
            writeln!(block.text, "{line}").expect("a string takes every text");
        } else if let Some(title) = line.strip_prefix('#') {
            title.trim_start_matches('#').trim().clone_into(&mut heading);
        }
    }
    assert!(!is_inside, "a block of code is not closed under `{heading}`");
    blocks
}

/// A document without its blocks of code.
fn prose(document: &str) -> String {
    let mut is_inside = false;
    let is_prose = |line: &&str| {
        let is_fence = line.trim_start().starts_with("```");
        is_inside ^= is_fence;
        !is_inside && !is_fence
    };
    document.lines().filter(is_prose).collect::<Vec<_>>().join("\n")
}

/// The part of a document under a heading of the second level, up to the next.
fn section<'d>(document: &'d str, heading: &str) -> &'d str {
    let title = format!("## {heading}\n");
    let found = document.split("\n## ").find(|part| part.starts_with(&title[3..]));
    found.unwrap_or_else(|| panic!("there is no section `{heading}`"))
}

// Commands

/// A command line, and what is said to be its answer.
struct Line {
    text: String,
    answer: Option<String>,
}

/// The command lines of a document.
fn command_lines(document: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    for block in blocks(document) {
        let text = block.text.replace("\\\n", " ");
        match block.kind.as_str() {
            "sh" => lines.extend(text.lines().filter(|line| is_command(line)).map(without_answer)),
            "console" => {
                let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
                lines.extend(commands.map(without_answer));
                let last = text.rsplit_once("$ ").and_then(|(_, last)| last.split_once('\n'));
                if let (Some(line), Some((_, answer))) = (lines.last_mut(), last) {
                    line.answer = Some(answer.to_owned());
                }
            }
            _ => {}
        }
    }
    lines
}

fn is_command(line: &str) -> bool {
    !line.trim().is_empty() && !line.trim_start().starts_with('#')
}

fn without_answer(line: &str) -> Line {
    Line {
        text: line.to_owned(),
        answer: None,
    }
}

/// The exit code that a line is to have.
fn expected_exit(line: &str) -> i32 {
    let noted = line
        .rsplit_once("# exit ")
        .and_then(|(_, code)| code.trim().parse().ok());
    noted.unwrap_or(0)
}

/// A command line as it is run here: the program by its name, and few trials where the line does not say how many, or says
/// very many.
fn as_run(line: &str) -> String {
    let line = line.replace(BY_CARGO, "ceasefire ");
    let mut commands: Vec<String> = line.split(" && ").map(str::to_owned).collect();
    for command in &mut commands {
        let says_when = |word: &str| ["--trials", "--precision"].contains(&word);
        if command.contains("ceasefire run ") && !command.split_whitespace().any(says_when) {
            *command = command.replacen("ceasefire run ", "ceasefire run --trials 2000 ", 1);
        }
        for many in command
            .split_whitespace()
            .filter(|word| is_many(word))
            .map(str::to_owned)
            .collect::<Vec<_>>()
        {
            *command = command.replacen(&many, "20000", 1);
        }
    }
    commands.join(" && ")
}

/// Whether a word is a number of trials that would take long here.
fn is_many(word: &str) -> bool {
    word.contains('_')
        && word
            .replace('_', "")
            .parse()
            .is_ok_and(|count: u64| count > 100_000)
}

/// Whether a line belongs to another program that is not run here.
fn is_skipped(line: &str) -> bool {
    let is_program = |program: &&str| line == *program || line.starts_with(&format!("{program} "));
    !line.starts_with(BY_CARGO) && SKIPPED.iter().any(is_program)
}

/// The first word of a command that is no assignment of a variable.
fn program(command: &str) -> &str {
    let is_assignment = |word: &&str| word.contains('=') && !word.starts_with('=');
    command
        .split_whitespace()
        .find(|word| !is_assignment(word))
        .unwrap_or("")
}

/// A folder with the shipped scenarios, and with the program in `bin`.
fn playground() -> TempDir {
    let folder = TempDir::new().expect("a folder can be made");
    copy(&root().join("scenarios"), &folder.path().join("scenarios"));
    folder
}

/// Copies a folder with all that is in it.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("there are scenarios") {
        let entry = entry.expect("readable");
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).expect("writable");
        }
    }
}

#[cfg(unix)]
#[test]
fn every_command_line_runs() {
    let bin = TempDir::new().expect("a folder can be made");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_ceasefire"), bin.path().join("ceasefire"))
        .expect("writable");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", bin.path().display());
    // Each document has a folder of its own, so they need not wait for each other.
    let counts = std::thread::scope(|scope| {
        let documents = documents().into_iter();
        let running: Vec<_> = documents
            .map(|(name, document)| {
                let path = &path;
                scope.spawn(move || run_lines(&name, &document, path))
            })
            .collect();
        let counts = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        counts.collect::<Result<Vec<usize>, _>>()
    });
    let count: usize = counts.expect("all lines do what is said").into_iter().sum();
    assert!(count > 20, "only {count} command lines were found");
}

/// Runs the lines of a document, one after the other; how many there are.
#[cfg(unix)]
fn run_lines(name: &Path, document: &str, path: &str) -> usize {
    let name = name.display();
    let folder = playground();
    let lines = command_lines(document);
    let lines = lines.iter().filter(|line| !is_skipped(&line.text));
    let mut count = 0;
    for Line { text: line, answer } in lines {
        let script = as_run(line);
        for command in script.split(" && ") {
            let program = program(command);
            let is_known = RUN.contains(&program);
            assert!(is_known, "{name}: `{program}` is not known to this test: {line}");
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]).current_dir(folder.path());
        shell.env("PATH", path).env("HOME", folder.path());
        let output = shell.output().expect("there is a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        let code = output.status.code();
        assert_eq!(code, Some(expected_exit(line)), "{name}: {line}\n{stderr}");
        if let Some(answer) = answer.as_ref().filter(|_| script == *line) {
            let found = String::from_utf8_lossy(&output.stdout);
            assert_eq!(found.trim_end(), answer.trim_end(), "{name}: {line}");
        }
        count += 1;
    }
    count
}

#[test]
fn lines_are_told_apart() {
    assert_eq!(
        as_run("cargo run --release -- run a.toml > b"),
        "ceasefire run --trials 2000 a.toml > b"
    );
    assert_eq!(
        as_run("ceasefire run a.toml --trials 7"),
        "ceasefire run a.toml --trials 7"
    );
    assert_eq!(
        as_run("ceasefire run a.toml --trials-csv"),
        "ceasefire run --trials 2000 a.toml --trials-csv"
    );
    assert_eq!(
        as_run("ceasefire run a.toml --precision 0.1"),
        "ceasefire run a.toml --precision 0.1"
    );
    assert_eq!(
        as_run("ceasefire run a.toml --trials 1_000_000"),
        "ceasefire run a.toml --trials 20000"
    );
    assert_eq!(expected_exit("ceasefire new a.toml   # exit 2"), 2);
    assert!(
        is_skipped("cargo test") && is_skipped("git clone x") && !is_skipped("cargo run --release -- schema")
    );
    assert_eq!(program("NO_COLOR=1 ceasefire run"), "ceasefire");
    let document = "```console\n$ one \\\n  two\nanswer\n```\n\n```sh\n# a comment\nthree\n```\n";
    let lines = command_lines(document);
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.text.as_str(), line.answer.as_deref()))
        .collect();
    assert_eq!(told, [("one    two", Some("answer\n")), ("three", None)]);
}

// Scenarios

#[test]
fn every_scenario_shown_is_sound_and_does_what_is_said() {
    let mut facts = 0;
    for (name, document) in documents() {
        for block in blocks(&document)
            .iter()
            .filter(|block| block.kind == "toml scenario")
        {
            let played = Scenario::text(block.text.as_str()).build();
            let told = played.trace(1, 0);
            for fact in block
                .text
                .lines()
                .filter_map(|line| line.trim().strip_prefix("# => "))
            {
                let (subject, expected) = fact.split_once(": ").expect("`NAME: spells`");
                assert_eq!(
                    spells_in(expected),
                    spells_of(&told, subject),
                    "{}: {fact}",
                    name.display()
                );
                facts += 1;
            }
        }
    }
    assert!(facts > 10, "only {facts} facts were found");
}

/// Spells as documents write them: `[10, 30) [35, never)`, or `never`.
fn spells_in(text: &str) -> Spells {
    let moment = |text: &str| match text.trim() {
        "never" => NEVER,
        number => number
            .parse()
            .unwrap_or_else(|_| panic!("`{number}` is no moment")),
    };
    let spell = |spell: &str| {
        let (on, off) = spell.split_once(',').expect("`on, off`");
        (moment(on), moment(off))
    };
    let inside = text.split('[').skip(1);
    inside
        .map(|rest| spell(rest.split(')').next().unwrap_or("")))
        .collect()
}

/// The spells of whatever a trace tells of, by its address.
fn spells_of(told: &Told, subject: &str) -> Spells {
    match subject.split_once('.') {
        None if subject == "mission" => told.ready(),
        Some(("gates", address)) => told.gate(address),
        Some(("objectives", name)) => told.objective(name),
        Some(("contributors", rest)) if rest.contains(".provides.") => {
            let (contributor, capability) = rest.split_once(".provides.").expect("checked");
            told.package(contributor, capability).0
        }
        _ => told.signal(subject),
    }
}

#[test]
fn every_fragment_is_toml() {
    for (name, document) in documents() {
        for block in blocks(&document).iter().filter(|block| block.kind == "toml") {
            let mut sources = Sources::default();
            // One line may show several ways to write the same key.
            let text = block.text.clone();
            let lines: Vec<&str> = text.lines().collect();
            let mut keys = BTreeSet::new();
            let is_repeated = lines.iter().any(|line| {
                let key = line.split('=').next().unwrap_or("").trim();
                line.contains('=') && !line.starts_with(' ') && !keys.insert(key)
            });
            let texts = if is_repeated { lines } else { vec![text.as_str()] };
            for text in texts {
                let source = sources.add(name.display().to_string(), text);
                let mut diagnostics = Diagnostics::default();
                tree::parse(&sources, source, &mut diagnostics);
                assert!(!diagnostics.has_errors(), "{}: no TOML: {text}", name.display());
            }
        }
    }
}

#[test]
fn every_faulty_example_breaks_its_rule() {
    let mut shown = BTreeSet::new();
    for block in blocks(DIAGNOSTICS)
        .iter()
        .filter(|block| block.kind == "toml breaks")
    {
        let head = if block.text.starts_with("format") {
            ""
        } else {
            "format = 1\nstart = 2025-04-10\nhorizon = \"540d\"\n"
        };
        let broken = Scenario::text(format!("{head}{}", block.text)).broken_rules();
        let rule = Rule::ALL.iter().find(|rule| rule.name() == block.heading);
        let rule = rule.unwrap_or_else(|| panic!("`{}` is no rule", block.heading));
        assert!(
            broken.contains(&rule.name()),
            "{}: breaks {broken:?}",
            block.heading
        );
        let is_other_error = |name: &&str| {
            *name != rule.name()
                && Rule::ALL
                    .iter()
                    .any(|rule| rule.name() == *name && rule.severity() == Severity::Error)
        };
        assert!(
            !broken.iter().any(is_other_error),
            "{}: breaks {broken:?}",
            block.heading
        );
        shown.insert(rule.name());
    }
    // Those that need more than one file, or no file at all, are shown in words.
    let in_words = [
        "directory",
        "too-large",
        "not-utf8",
        "empty",
        "extends-cycle",
        "extends-depth",
        "unknown-address",
        "compared-scenario",
        "impossible-axis",
    ];
    for rule in Rule::ALL
        .iter()
        .map(|rule| rule.name())
        .filter(|name| !in_words.contains(name))
    {
        assert!(
            shown.contains(rule),
            "docs/diagnostics.md has no example of `{rule}`"
        );
    }
}

// Completeness

#[test]
fn every_family_and_parameter_is_told() {
    let section = section(LANGUAGE, "Distribution families");
    for family in FAMILIES {
        let optional: Vec<String> = family.optional.iter().map(|key| format!("`{key}`")).collect();
        let optional = if optional.is_empty() {
            String::new()
        } else {
            format!("; optional: {}", optional.join(", "))
        };
        let row = format!(
            "| `{}` | {}{optional} | {} |",
            family.name,
            family.alternatives_in_words(),
            family.summary
        );
        assert!(section.contains(&row), "docs/language.md: {row}");
        for parameter in family.parameters {
            let kind = match parameter.kind {
                ParameterKind::Value => "value",
                ParameterKind::Number => "number",
                ParameterKind::Count => "whole number",
                ParameterKind::Values => "list of values",
                ParameterKind::Numbers => "list of numbers",
                ParameterKind::Laws => "list of distributions",
                ParameterKind::Text => "text",
            };
            let row = format!(
                "| `{}` | `{}` | {kind} | {} |",
                family.name, parameter.key, parameter.meaning
            );
            assert!(section.contains(&row), "docs/language.md: {row}");
        }
    }
}

#[test]
fn every_key_of_the_language_is_told() {
    use ceasefire::scenario as written;
    let records: &[(&str, &[&str])] = &[
        ("The file", written::Scenario::KEYS),
        ("The file", written::Simulation::KEYS),
        ("Drivers and effects", written::Driver::KEYS),
        ("Drivers and effects", written::Effect::KEYS),
        ("Correlations", written::Correlation::KEYS),
        ("Processes", process::Keys::KEYS),
        ("Processes", process::WrittenTransition::KEYS),
        ("Contributors and packages", written::Contributor::KEYS),
        ("Contributors and packages", written::Package::KEYS),
        ("Capabilities", written::Capability::KEYS),
        ("Objectives, gates and the mission", written::Objective::KEYS),
        ("Objectives, gates and the mission", written::Mission::KEYS),
        ("Claims", written::Expect::KEYS),
    ];
    for (heading, keys) in records {
        let section = section(LANGUAGE, heading);
        for key in *keys {
            let is_told = [
                format!("`{key}`"),
                format!("`{key}."),
                format!("`[{key}]`"),
                format!("`[{key}."),
                format!("`[[{key}]]`"),
                format!(".{key}]]`"),
            ];
            assert!(
                is_told.iter().any(|form| section.contains(form)),
                "docs/language.md, {heading}: `{key}`"
            );
        }
    }
}

#[test]
fn every_unit_and_metric_is_told() {
    for (unit, _, meaning) in quantity::UNITS {
        assert!(
            LANGUAGE.contains(&format!("| `{unit}` | {meaning} |")),
            "docs/language.md: {unit}"
        );
    }
    let section = section(LANGUAGE, "Claims");
    for metric in METRICS {
        assert!(
            section.contains(&format!("| `{}` | ", metric.name)),
            "docs/language.md: {}",
            metric.name
        );
    }
}

#[test]
fn every_rule_is_told() {
    for rule in Rule::ALL {
        let severity = match rule.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
        };
        let (name, meaning) = (rule.name(), rule.meaning().trim());
        let row = format!("| [`{name}`](#{name}) | {severity} | {meaning} |");
        assert!(DIAGNOSTICS.contains(&row), "docs/diagnostics.md: {row}");
        assert!(
            section(DIAGNOSTICS, name).contains(meaning),
            "docs/diagnostics.md: ## {name}"
        );
    }
}

/// What the program prints when it is called with these arguments.
fn printed(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ceasefire"))
        .args(arguments)
        .output();
    String::from_utf8(output.expect("the program starts").stdout).expect("help is UTF-8")
}

/// The options that a help text lists: `--trials`, also where a short form stands before it.
fn options(help: &str) -> BTreeSet<String> {
    let definition = |line: &str| {
        let line = line.trim_start();
        let long = match line.split_once(", --") {
            Some((short, long)) if short.len() == 2 && short.starts_with('-') => format!("--{long}"),
            _ if line.starts_with("--") => line.to_owned(),
            _ => return None,
        };
        long.split_whitespace().next().map(str::to_owned)
    };
    help.lines().filter_map(definition).collect()
}

/// The options in the first column of the tables of a document.
fn options_in_tables(text: &str) -> BTreeSet<String> {
    let first_cells = text
        .lines()
        .filter(|line| line.starts_with("| `-"))
        .filter_map(|line| line.split('|').nth(1));
    let words = first_cells.flat_map(|cell| cell.split(['`', ' ', ',']));
    words
        .filter(|word| word.starts_with("--"))
        .map(str::to_owned)
        .collect()
}

/// Every verb, with the options that are its own.
fn verbs() -> Vec<String> {
    let help = printed(&["--help"]);
    let list = help.split("\nCommands:\n").nth(1).expect("verbs are listed");
    let names = list
        .lines()
        .take_while(|line| line.starts_with(' '))
        .filter(|line| !line.starts_with("   "));
    let names = names
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

#[test]
fn every_verb_and_option_is_told_and_no_other() {
    let everywhere = options_in_tables(section(COMMANDS, "Options of every verb"));
    let verbs = verbs();
    assert!(verbs.len() > 5, "{verbs:?}");
    for option in options(&printed(&["--help"])) {
        assert!(everywhere.contains(&option), "docs/commands.md: {option}");
    }
    for verb in verbs {
        let told = options_in_tables(section(COMMANDS, &format!("ceasefire {verb}")));
        let known = options(&printed(&[verb.as_str(), "--help"]));
        let own: BTreeSet<_> = known.difference(&everywhere).cloned().collect();
        assert_eq!(told, own, "docs/commands.md: options of {verb}");
    }
}

/// Every field of a trace stands in the table of its fields.
#[test]
fn every_field_of_a_trace_is_told() {
    let told = Scenario::file(root().join("scenarios/baseline.toml")).trace(0).0;
    let section = section(COMMANDS, "ceasefire trace");
    let has = |field: &str| {
        let is_told = section.contains(&format!("| `{field}` |"));
        assert!(is_told, "docs/commands.md: `{field}`");
    };
    for (field, value) in told.as_object().expect("a trace is an object") {
        has(field);
        let item = match value {
            Json::Array(items) => items.first().map(|item| (format!("{field}[]"), item)),
            Json::Object(_) if field == "objectives" => value
                .as_object()
                .and_then(|all| all.values().next())
                .map(|item| (format!("{field}[\"NAME\"]"), item)),
            Json::Object(_) if field == "mission" => Some((field.clone(), value)),
            _ => None,
        };
        let Some((prefix, item)) = item else { continue };
        for part in item.as_object().expect("an object").keys() {
            has(&format!("{prefix}.{part}"));
        }
    }
}

#[test]
fn every_exit_code_is_told() {
    let codes = section(COMMANDS, "Exit codes");
    for code in ["| 0 |", "| 1 |", "| 2 |", "| 4 |"] {
        assert!(codes.contains(code), "docs/commands.md: exit code {code}");
    }
}

// Links

/// The anchor that a heading has on a page.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(['`', '*'], "");
    let kept = kept
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().trim().replace(' ', "-")
}

/// The targets of all links of a document that do not lead to another site.
fn links(document: &str) -> Vec<String> {
    let prose = prose(document);
    let targets = prose
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let is_internal = |target: &&str| !target.contains("://") && !target.starts_with("mailto:");
    targets.filter(is_internal).map(str::to_owned).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut all = documents();
    for name in ["ARCHITECTURE.md", "CHANGELOG.md", "results/README.md"] {
        if let Ok(text) = fs::read_to_string(root().join(name)) {
            all.push((PathBuf::from(name), text));
        }
    }
    for (name, document) in &all {
        for link in links(document) {
            let (path, fragment) = link.split_once('#').unwrap_or((&link, ""));
            let folder = root()
                .join(name)
                .parent()
                .expect("a file has a folder")
                .to_owned();
            let target = if path.is_empty() {
                root().join(name)
            } else {
                folder.join(path)
            };
            assert!(target.exists(), "{}: `{link}` leads nowhere", name.display());
            if fragment.is_empty() {
                continue;
            }
            let text = fs::read_to_string(&target).expect("a link with an anchor leads to a text");
            let prose = prose(&text);
            let headings = prose.lines().filter(|line| line.starts_with('#'));
            let mut anchors = headings.map(|line| anchor(line.trim_start_matches('#').trim()));
            assert!(
                anchors.any(|anchor| anchor == fragment),
                "{}: `{link}` has no such heading",
                name.display()
            );
        }
    }
}
