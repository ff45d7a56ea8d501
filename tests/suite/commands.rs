//! The program from outside: what it prints, what it writes, and how it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A folder with a small scenario, in which the program is run.
pub struct Place(TempDir);

/// What a run of the program came to.
pub struct Ended {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Place {
    pub fn new() -> Self {
        let place = Self(TempDir::new().expect("a temporary folder can be had"));
        let written = place.run(&["new", "plan.toml"]);
        assert_eq!(written.code, 0, "{}", written.stderr);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_ceasefire"));
        command
            .args(arguments)
            .current_dir(self.0.path())
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        let Output {
            status,
            stdout,
            stderr,
        } = self
            .command(arguments)
            .output()
            .expect("the program can be started");
        Ended {
            code: status.code().unwrap_or(-1),
            stdout: String::from_utf8(stdout).expect("it writes UTF-8"),
            stderr: String::from_utf8(stderr).expect("it writes UTF-8"),
        }
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Names in a folder, hidden ones too.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("the folder is there");
        let mut names: Vec<String> = entries
            .map(|entry| {
                entry
                    .expect("it can be listed")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }
}

/// The files of every result.
pub const FILES: [&str; 8] = [
    "capabilities.csv",
    "contributors.csv",
    "gates.csv",
    "manifest.json",
    "readiness.csv",
    "result.json",
    "summary.csv",
    "tally.bin",
];

#[test]
fn a_run_answers_in_words_and_writes_a_whole_result() {
    let place = Place::new();
    let ended = place.run(&["run", "plan.toml", "--trials", "3_000"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("3,000 futures"), "{}", ended.stdout);
    assert!(ended.stdout.contains("95 %"), "{}", ended.stdout);
    assert!(ended.stderr.contains("Results are in"), "{}", ended.stderr);
    assert_eq!(place.names("results/plan"), FILES);
    assert_eq!(
        place.names("results"),
        ["plan"],
        "nothing is left beside the result"
    );
    assert!(
        !ended.stdout.contains('\u{1b}'),
        "no colour where the output is no terminal"
    );
}

#[test]
fn quiet_says_nothing_and_json_says_all() {
    let place = Place::new();
    let quiet = place.run(&["run", "plan.toml", "--trials", "1000", "--quiet"]);
    assert_eq!(
        (quiet.code, quiet.stdout.as_str(), quiet.stderr.as_str()),
        (0, "", "")
    );
    let json = place.run(&["run", "plan.toml", "--trials", "1000", "--json", "--quiet"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(value["format"], 1);
    assert_eq!(json.stdout, place.text("results/plan/result.json"));
}

#[test]
fn the_number_of_threads_changes_no_byte_of_the_result() {
    let place = Place::new();
    for threads in ["1", "2", "7"] {
        let out = format!("with-{threads}");
        let run = [
            "run",
            "plan.toml",
            "--trials",
            "5000",
            "--trials-csv",
            "--quiet",
            "--threads",
            threads,
            "--out",
            &out,
        ];
        assert_eq!(place.run(&run).code, 0);
    }
    for file in FILES
        .into_iter()
        .chain(["trials.csv"])
        .filter(|file| *file != "manifest.json")
    {
        let one = place.bytes(&format!("with-1/{file}"));
        assert!(
            one == place.bytes(&format!("with-2/{file}")),
            "{file} differs for 2 threads"
        );
        assert!(
            one == place.bytes(&format!("with-7/{file}")),
            "{file} differs for 7 threads"
        );
    }
}

#[test]
fn trials_csv_has_a_row_a_trial_in_order() {
    let place = Place::new();
    assert_eq!(
        place
            .run(&["run", "plan.toml", "--trials", "1500", "--trials-csv", "--quiet"])
            .code,
        0
    );
    let text = place.text("results/plan/trials.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let numbers: Vec<u64> = reader
        .records()
        .map(|row| row.expect("a row")[0].parse().expect("a number"))
        .collect();
    assert_eq!(numbers, (0..1500).collect::<Vec<u64>>());
}

#[test]
fn the_manifest_is_enough_to_make_the_result_again() {
    let place = Place::new();
    fs::write(
        place.path("child.toml"),
        "format = 1\nextends = \"plan.toml\"\ntitle = \"a child\"\n",
    )
    .expect("written");
    let set = "us_support.logistics.chance=0.9";
    assert_eq!(
        place
            .run(&[
                "run",
                "child.toml",
                "--trials",
                "700",
                "--seed",
                "5",
                "--set",
                set,
                "--quiet"
            ])
            .code,
        0
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&place.text("results/child+us_support.logistics.chance=0.9/manifest.json"))
            .expect("JSON");
    assert_eq!((&manifest["seed"], &manifest["trials"]), (&5.into(), &700.into()));
    assert_eq!(manifest["set"][0], set);
    let inputs = manifest["inputs"].as_array().expect("a list");
    let paths: Vec<&str> = inputs
        .iter()
        .map(|input| input["path"].as_str().expect("a path"))
        .collect();
    assert_eq!(paths, ["../../child.toml", "../../plan.toml"]);
    assert_eq!(inputs[1]["text"].as_str(), Some(place.text("plan.toml").as_str()));
    assert_eq!(manifest["hash"].as_str().map(str::len), Some(64));
}

#[test]
fn a_result_is_replaced_only_by_its_own_scenario_or_by_force() {
    let place = Place::new();
    let run = |arguments: &[&str]| place.run(&[&["run", "--trials", "500", "--quiet"], arguments].concat());
    assert_eq!(run(&["plan.toml"]).code, 0);
    assert_eq!(run(&["plan.toml", "--seed", "2"]).code, 0, "its own scenario");
    let text = place.text("plan.toml");
    fs::write(place.path("plan.toml"), format!("{text}\n# changed\n")).expect("written");
    assert_eq!(run(&["plan.toml"]).code, 0, "the same file, changed");
    fs::create_dir(place.path("other")).expect("created");
    fs::write(place.path("other/plan.toml"), text).expect("written");
    let refused = run(&["other/plan.toml"]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("another scenario"), "{}", refused.stderr);
    assert_eq!(run(&["other/plan.toml", "--force"]).code, 0);
    fs::write(place.path("results/plan/notes.txt"), "mine").expect("written");
    let stranger = run(&["plan.toml", "--force"]);
    assert_eq!(stranger.code, 2, "a file of the user's in the folder");
    assert!(stranger.stderr.contains("notes.txt"), "{}", stranger.stderr);
    assert_eq!(place.text("results/plan/notes.txt"), "mine");
    assert_eq!(
        run(&["plan.toml", "--out", ".", "--force"]).code,
        2,
        "the folder of the scenario itself"
    );
    fs::create_dir(place.path("mine")).expect("created");
    fs::write(place.path("mine/diary.txt"), "dear diary").expect("written");
    assert_eq!(run(&["plan.toml", "--out", "mine"]).code, 2, "no result of ours");
    assert_eq!(place.text("mine/diary.txt"), "dear diary");
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_the_mask_is_heeded() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::new();
    fs::create_dir(place.path("disk")).expect("created");
    symlink(place.path("disk"), place.path("link")).expect("linked");
    let run = ["run", "plan.toml", "--trials", "500", "--quiet", "--out", "link"];
    assert_eq!(place.run(&run).code, 0);
    assert_eq!(place.run(&run).code, 0, "and again");
    assert!(
        fs::symlink_metadata(place.path("link"))
            .expect("there")
            .is_symlink()
    );
    assert_eq!(place.names("disk"), FILES);
    let mode = |name: &str| {
        fs::metadata(place.path(name))
            .expect("there")
            .permissions()
            .mode()
            & 0o777
    };
    fs::create_dir(place.path("plain")).expect("created");
    assert_eq!(mode("disk"), mode("plain"), "as any folder that is made here");
    symlink(place.path("nowhere"), place.path("dangling")).expect("linked");
    assert_eq!(
        place
            .run(&["run", "plan.toml", "--quiet", "--out", "dangling"])
            .code,
        2
    );
}

#[test]
fn a_folder_that_cannot_be_made_is_an_input_output_failure() {
    let place = Place::new();
    fs::write(place.path("results"), "a file").expect("written");
    let ended = place.run(&["run", "plan.toml", "--trials", "500", "--quiet"]);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("results"), "{}", ended.stderr);
}

#[test]
fn faults_of_all_files_are_shown_at_once_with_their_places() {
    let place = Place::new();
    fs::write(
        place.path("one.toml"),
        "format = 1\nstart = 2025-01-01\nhorizon = \"6m\"\ntitel = \"x\"\n",
    )
    .expect("written");
    fs::write(place.path("two.toml"), "format = 2\n").expect("written");
    let ended = place.run(&["validate", "one.toml", "two.toml", "plan.toml", "missing.toml"]);
    assert_eq!(ended.code, 2);
    for expected in [
        "one.toml:3:11",
        "one.toml:4:1",
        "did you mean `title`?",
        "\"6mo\"",
        "two.toml:1:10",
        "missing.toml",
    ] {
        assert!(
            ended.stderr.contains(expected),
            "{expected} is missing in:\n{}",
            ended.stderr
        );
    }
    assert!(ended.stdout.contains("plan.toml: fine"), "{}", ended.stdout);
    let json = place.run(&["validate", "one.toml", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).expect("it is JSON");
    assert_eq!(value["files"][0]["diagnostics"][0]["place"]["line"], 3);
}

#[test]
fn verbs_of_other_programs_lead_to_those_of_this() {
    let place = Place::new();
    for (verb, meant) in [
        ("check", "`ceasefire validate`"),
        ("Compare", "`ceasefire test --baseline FOLDER`"),
        ("simulate", "`ceasefire run`"),
        ("valdate", "'validate'"),
    ] {
        let ended = place.run(&[verb, "plan.toml"]);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains(meant), "{}", ended.stderr);
    }
}

#[test]
fn the_words_of_the_command_line_are_checked() {
    let place = Place::new();
    for wrong in [
        vec!["run"],
        vec!["fly"],
        vec!["run", "plan.toml", "--trials", "0"],
        vec!["run", "plan.toml", "--confidence", "95"],
        vec!["trace", "plan.toml"],
        vec!["trace", "plan.toml", "--trials", "9..3"],
        vec!["run", "plan.toml", "--set", "us_support.logistic.chance=0.9"],
        vec!["run", "plan.toml", "--set", "nonsense"],
    ] {
        let ended = place.run(&wrong);
        assert_eq!(ended.code, 2, "{wrong:?}");
        assert!(!ended.stderr.is_empty(), "{wrong:?}");
    }
    assert_eq!(place.run(&["--help"]).code, 0);
    assert_eq!(
        place.run(&["--version"]).stdout,
        format!("ceasefire {}\n", ceasefire::VERSION)
    );
}

#[test]
fn traces_are_one_json_object_a_line_and_agree_with_the_run() {
    let place = Place::new();
    let ended = place.run(&["trace", "plan.toml", "--trials", "0..300", "--json"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let ready = ended
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let ready: Vec<String> = ready
        .map(|trace| trace["mission"]["first_ready"].to_string())
        .collect();
    assert_eq!(ready.len(), 300);
    assert_eq!(
        place
            .run(&["run", "plan.toml", "--trials", "300", "--trials-csv", "--quiet"])
            .code,
        0
    );
    let text = place.text("results/plan/trials.csv");
    let mut rows = csv::Reader::from_reader(text.as_bytes());
    let by_run = rows.records().map(|row| row.expect("a row")[1].to_owned());
    let by_run: Vec<String> = by_run
        .map(|cell| if cell == "beyond" { "null".to_owned() } else { cell })
        .collect();
    let number = |text: &String| text.parse::<f64>().ok();
    assert_eq!(
        ready.iter().map(number).collect::<Vec<_>>(),
        by_run.iter().map(number).collect::<Vec<_>>()
    );
}

#[test]
fn a_reader_that_stops_early_is_no_fault() {
    let place = Place::new();
    let mut child = place
        .command(&["trace", "plan.toml", "--trials", "0..2000", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program can be started");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn new_does_not_overwrite_and_completions_are_there() {
    let place = Place::new();
    let again = place.run(&["new", "plan.toml"]);
    assert_eq!(again.code, 2);
    assert!(again.stderr.contains("--force"), "{}", again.stderr);
    assert_eq!(place.run(&["new", "plan.toml", "--force"]).code, 0);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = place.run(&["completions", shell]);
        assert!(script.code == 0 && script.stdout.contains("ceasefire"), "{shell}");
    }
}

#[test]
fn colour_is_there_when_asked_for_and_gone_with_no_color() {
    let place = Place::new();
    fs::write(place.path("bad.toml"), "format = 3\n").expect("written");
    let coloured = place.run(&["validate", "bad.toml", "--color", "always"]);
    assert!(coloured.stderr.contains('\u{1b}'));
    let plain = place
        .command(&["validate", "bad.toml"])
        .env("NO_COLOR", "1")
        .output()
        .expect("it runs");
    assert!(!String::from_utf8_lossy(&plain.stderr).contains('\u{1b}'));
}

#[test]
fn a_process_that_never_rests_is_named_with_its_loop() {
    let place = Place::new();
    let text = "format = 1\nstart = 2025-01-01\nhorizon = 100\n[ceasefire]\nlasts = 0\nagain = 0\n\
                [mission]\nrequires = [\"ceasefire\"]\n";
    fs::write(place.path("loop.toml"), text).expect("written");
    let ended = place.run(&["run", "loop.toml", "--trials", "10", "--quiet"]);
    assert_eq!(ended.code, 2);
    for expected in ["`ceasefire`", "10000", "off → on", "on → off"] {
        assert!(ended.stderr.contains(expected), "{}", ended.stderr);
    }
    assert!(
        !place.path("results/loop").exists(),
        "no result of a run that failed"
    );
}

#[test]
fn every_shipped_scenario_runs_without_warnings() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let place = Place::new();
    let files: Vec<PathBuf> = fs::read_dir(root.join("scenarios"))
        .expect("there are scenarios")
        .map(|entry| entry.expect("it can be listed").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    assert!(files.len() >= 7, "{files:?}");
    for file in files {
        let ended = place.run(&["run", &file.to_string_lossy(), "--trials", "2000"]);
        assert_eq!(ended.code, 0, "{}: {}", file.display(), ended.stderr);
        assert!(!ended.stderr.contains("warning"), "{}", ended.stderr);
    }
}

/// The reference page names every column of `trials.csv` and every key of the manifest.
#[test]
fn the_reference_names_every_column_of_trials_and_every_key_of_the_manifest() {
    let place = Place::new();
    assert_eq!(
        place
            .run(&["run", "plan.toml", "--trials", "300", "--trials-csv", "--quiet"])
            .code,
        0
    );
    let page = include_str!("../../docs/outputs.md");
    let text = place.text("results/plan/trials.csv");
    let header = text.lines().next().expect("a header");
    for column in header.split(',').filter(|column| !column.contains('.')) {
        assert!(page.contains(&format!("| `{column}` |")), "{column}");
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&place.text("results/plan/manifest.json")).expect("JSON");
    for key in manifest.as_object().expect("an object").keys() {
        assert!(page.contains(&format!("`{key}`")), "{key}");
    }
}

/// The README shows what the main command prints, to the letter.
#[test]
fn the_transcript_of_the_readme_is_real() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = include_str!("../../README.md");
    let command = "$ cargo run --release -- run scenarios/baseline.toml\n";
    let shown = readme
        .split(command)
        .nth(1)
        .and_then(|rest| rest.split("\nResults are in").next());
    let place = Place::new();
    let ended = place.run(&["run", &root.join("scenarios/baseline.toml").to_string_lossy()]);
    assert_eq!(
        shown,
        Some(ended.stdout.trim_end()),
        "put this into the README:\n{}",
        ended.stdout
    );
}
