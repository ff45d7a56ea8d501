//! What others have put beside a result, forged manifests, special files, and limits of the system: nothing of others is read,
//! written or removed, and nothing hangs.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use crate::commands::{Ended, FILES, Place};

const RUN: &str = "run plan.toml --trials 600 --quiet --out r";

fn run(place: &Place, line: &str) -> Ended {
    place.run(&line.split_whitespace().collect::<Vec<_>>())
}

fn fine(place: &Place, line: &str) -> Ended {
    let ended = run(place, line);
    assert_eq!(ended.code, 0, "{line}: {}", ended.stderr);
    ended
}

/// Refused as wrong input, with these words.
fn refused(place: &Place, line: &str, words: &str) {
    let ended = run(place, line);
    assert_eq!(ended.code, 2, "{line}: {}", ended.stderr);
    assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
}

fn write(place: &Place, name: &str, text: &str) {
    fs::write(place.path(name), text).expect("written");
}

fn fifo(place: &Place, name: &str) {
    let made = Command::new("mkfifo").arg(place.path(name)).status();
    assert!(made.expect("there is `mkfifo`").success());
}

fn hidden(place: &Place) -> Vec<String> {
    let names = place.names(".").into_iter();
    names.filter(|name| name.starts_with('.')).collect()
}

/// Commands that write beside a place, with the name of the place.
const WRITERS: [(&str, &str); 5] = [
    (RUN, "r"),
    (
        "sweep plan.toml --axis ceasefire.chance=0:1:0.5 --trials 600 --quiet --out r",
        "r",
    ),
    ("test plan.toml --quiet --junit j.xml", "j.xml"),
    ("test plan.toml --quiet --markdown m.md", "m.md"),
    (
        "run plan.toml plan.toml other.toml --trials 600 --quiet --out b",
        "b/batch.csv",
    ),
];

/// A place with all that [`WRITERS`] need.
fn writing() -> Place {
    let place = Place::new();
    fs::copy(place.path("plan.toml"), place.path("other.toml")).expect("copied");
    fs::create_dir(place.path("b")).expect("made");
    place
}

/// The name of what stands hidden beside a place.
fn beside(name: &str, ending: &str) -> String {
    let (folder, name) = name
        .rsplit_once('/')
        .map_or(("", name), |(folder, name)| (folder, name));
    let folder = if folder.is_empty() {
        String::new()
    } else {
        format!("{folder}/")
    };
    format!("{folder}.{name}.{ending}")
}

#[test]
fn a_lock_of_others_is_neither_followed_nor_written_nor_removed() {
    for (line, name) in WRITERS {
        let lock = beside(name, "lock");
        let place = writing();
        write(&place, "precious", "mine");
        symlink(place.path("precious"), place.path(&lock)).expect("linked");
        refused(&place, line, "is no file of ceasefire");
        assert_eq!(place.text("precious"), "mine", "{line}");
        assert!(
            fs::symlink_metadata(place.path(&lock))
                .expect("there")
                .is_symlink()
        );

        fs::remove_file(place.path(&lock)).expect("removed");
        symlink(place.path("nowhere"), place.path(&lock)).expect("linked");
        refused(&place, line, "is no file of ceasefire");
        assert!(!place.path("nowhere").exists(), "{line}");

        fs::remove_file(place.path(&lock)).expect("removed");
        write(&place, &lock, "12345");
        refused(&place, line, "is no file of ceasefire");
        assert_eq!(place.text(&lock), "12345", "{line}");

        fs::remove_file(place.path(&lock)).expect("removed");
        fifo(&place, &lock);
        refused(&place, line, "is no file of ceasefire");

        // An empty file serves, and stays.
        fs::remove_file(place.path(&lock)).expect("removed");
        write(&place, &lock, "");
        fine_or_judged(&place, line);
        assert_eq!(place.text(&lock), "", "{line}");
    }
}

/// Claims of the template may fail with so few trials, which is no matter here.
fn fine_or_judged(place: &Place, line: &str) {
    let ended = run(place, line);
    assert!([0, 1, 3].contains(&ended.code), "{line}: {}", ended.stderr);
}

#[test]
fn folders_of_others_beside_a_result_are_not_removed() {
    for (line, name) in WRITERS {
        let place = writing();
        let old = SystemTime::now() - Duration::from_hours(60 * 24);
        let mut folders = Vec::new();
        for ending in [
            "mine.partial",
            "abcdef.partial",
            "mine.work",
            "0123456789abcdef.work",
        ] {
            let folder = beside(name, ending);
            fs::create_dir(place.path(&folder)).expect("made");
            write(&place, &format!("{folder}/notes.txt"), "mine");
            let opened = fs::File::open(place.path(&folder)).expect("there");
            opened.set_modified(old).expect("changed");
            folders.push(folder);
        }
        fine_or_judged(&place, line);
        for folder in folders {
            assert_eq!(place.text(&format!("{folder}/notes.txt")), "mine", "{line}");
        }
    }
}

/// What a process that was killed has left is ours, and goes with the next one.
#[test]
fn what_bears_our_mark_is_removed() {
    let place = Place::new();
    let mark = "This folder was made by ceasefire. It may be removed when no ceasefire is running.\n";
    fs::create_dir_all(place.path(".r.abcdef.partial/new")).expect("made");
    write(&place, ".r.abcdef.partial/.ceasefire", mark);
    write(&place, ".r.abcdef.partial/new/tally.bin", "half");
    fs::create_dir(place.path(".r.ghijkl.partial")).expect("made");
    write(
        &place,
        ".r.lock",
        "ceasefire writes beside this file, in process 1",
    );
    fine(&place, RUN);
    assert_eq!(hidden(&place), [""; 0]);
    // A mark that is a link is none.
    fs::create_dir_all(place.path(".r.abcdef.partial")).expect("made");
    write(&place, "mark", mark);
    symlink(place.path("mark"), place.path(".r.abcdef.partial/.ceasefire")).expect("linked");
    write(&place, ".r.abcdef.partial/notes.txt", "mine");
    fine(&place, &format!("{RUN} --seed 2"));
    assert_eq!(place.text(".r.abcdef.partial/notes.txt"), "mine");
}

#[test]
fn a_folder_of_work_that_is_none_of_ours_is_left() {
    let place = Place::new();
    let line = "run plan.toml --trials 600 --trials-csv --quiet --out r";
    // The key of the run, as a run that cannot write tells it.
    fs::create_dir(place.path("target")).expect("made");
    let key = work_of(&place, line);
    symlink(place.path("target"), place.path(&key)).expect("linked");
    let ended = run(&place, line);
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("cannot create"), "{}", ended.stderr);
    assert_eq!(place.names("target"), [""; 0]);
    fs::remove_file(place.path(&key)).expect("removed");
    fs::create_dir(place.path(&key)).expect("made");
    write(&place, &format!("{key}/rows.csv"), "mine");
    assert_eq!(run(&place, line).code, 4);
    assert_eq!(place.text(&format!("{key}/rows.csv")), "mine");
}

/// The name of the folder in which a command keeps what it has: seen while it plays, as often as that takes.
fn work_of(place: &Place, line: &str) -> String {
    let words: Vec<&str> = line.split_whitespace().collect();
    loop {
        let mut child = place.command(&words).spawn().expect("started");
        let mut found = None;
        while child.try_wait().expect("a child").is_none() {
            let name = hidden(place)
                .into_iter()
                .find(|name| name.strip_suffix(".work").is_some());
            found = found.or(name);
        }
        fs::remove_dir_all(place.path("r")).expect("it has played");
        if let Some(name) = found {
            return name;
        }
    }
}

#[test]
fn no_folder_is_made_by_a_path_that_leads_back() {
    for line in [
        "run plan.toml --trials 600 --quiet --out stray/../r",
        "run plan.toml plan.toml --trials 600 --quiet --out stray/../r",
        "sweep plan.toml --axis ceasefire.chance=0:1:0.5 --trials 600 --quiet --out stray/../r",
    ] {
        let place = Place::new();
        fine(&place, line);
        assert_eq!(place.names("."), ["plan.toml", "r"], "{line}");
    }
    let place = Place::new();
    fine_or_judged(&place, "test plan.toml --quiet --junit stray/../j.xml");
    assert_eq!(place.names("."), ["j.xml", "plan.toml"]);
}

#[test]
fn only_regular_files_are_replaced() {
    let place = Place::new();
    fifo(&place, "pipe");
    refused(
        &place,
        "test plan.toml --quiet --junit pipe",
        "is not a regular file",
    );
    refused(&place, "new pipe --force", "is not a regular file");
    refused(
        &place,
        "test plan.toml --quiet --junit /dev/full",
        "is not a regular file",
    );
}

// Manifests

/// What is changed in a manifest.
type Change = fn(&mut serde_json::Value);

/// A result whose manifest says something else.
fn forged(place: &Place, folder: &str, change: Change) {
    let name = format!("{folder}/manifest.json");
    let mut manifest: serde_json::Value = serde_json::from_str(&place.text(&name)).expect("it is JSON");
    change(&mut manifest);
    write(place, &name, &manifest.to_string());
}

#[test]
fn a_manifest_leads_nowhere_else_and_counts_within_bounds() {
    let place = Place::new();
    fine(&place, "run plan.toml --trials 1200 --shard 1/1 --quiet --out p");
    fine(&place, RUN);
    let sweep = "sweep plan.toml --axis ceasefire.chance=0:1:0.5 --trials 600 --quiet --out s";
    fine(&place, sweep);
    let [part, result, swept] = ["p", "r", "s"].map(|name| place.text(&format!("{name}/manifest.json")));
    let commands = [
        "merge p",
        "merge s",
        "run plan.toml --trials 10 --quiet --extend --out r",
        "test plan.toml --quiet --baseline r --max-trials 1000",
        "trace s --point 1 --trial 1",
    ];
    let changes: [(&str, Change); 8] = [
        ("name", |manifest| manifest["name"] = "../escaped".into()),
        ("absolute", |manifest| manifest["name"] = "/escaped".into()),
        ("files", |manifest| manifest["files"][0] = "../secret".into()),
        ("hashes", |manifest| manifest["hashes"]["/dev/zero"] = "00".into()),
        ("inputs", |manifest| manifest["inputs"] = serde_json::json!([])),
        ("confidence", |manifest| manifest["confidence"] = 2.0.into()),
        ("part", |manifest| {
            if !manifest["part"].is_null() {
                manifest["part"]["first"] = u64::MAX.into();
            }
        }),
        ("sweep", |manifest| {
            if !manifest["sweep"].is_null() {
                manifest["sweep"]["points"] = u64::MAX.into();
            }
        }),
    ];
    for (what, change) in changes {
        for folder in ["p", "r", "s"] {
            forged(&place, folder, change);
        }
        let before = place.names(".");
        for command in commands {
            // Only the manifests of their own kind say which part they are.
            let is_of_kind = match what {
                "part" => command == "merge p",
                "sweep" => command.ends_with('s') || command.starts_with("trace s"),
                _ => true,
            };
            if !is_of_kind {
                continue;
            }
            let ended = run(&place, command);
            assert_eq!(ended.code, 2, "{what}, {command}: {}", ended.stderr);
            assert_eq!(place.names("."), before, "{what}, {command}");
        }
        for (folder, text) in [("p", &part), ("r", &result), ("s", &swept)] {
            write(&place, &format!("{folder}/manifest.json"), text);
        }
    }
    // A manifest alone makes no file a part of the result.
    write(&place, "r/notes.txt", "mine");
    forged(&place, "r", |manifest| manifest["files"][0] = "notes.txt".into());
    refused(
        &place,
        &format!("{RUN} --seed 3"),
        "which is no part of the result",
    );
    assert_eq!(place.text("r/notes.txt"), "mine");
}

#[test]
fn a_row_of_a_batch_leads_to_a_result_beside_it_only() {
    let place = writing();
    fine(&place, "run plan.toml other.toml --trials 600 --quiet --out b");
    let table = place.text("b/batch.csv").replace("\nother,", "\n../other,");
    write(&place, "b/batch.csv", &table);
    let row = table.lines().count();
    refused(
        &place,
        &format!("trace b/batch.csv --row {row} --trial 1"),
        "`../other` is no name of a scenario",
    );
}

#[test]
fn parts_name_the_input_that_changed() {
    let place = Place::new();
    write(&place, "more.toml", "extends = \"plan.toml\"\n");
    for (command, suffix) in [
        ("run more.toml --trials 1200", ""),
        (
            "sweep more.toml --axis ceasefire.chance=0:1:0.5 --trials 600",
            "-s",
        ),
    ] {
        fine(&place, &format!("{command} --shard 1/2 --quiet --out p1{suffix}"));
        let text = place.text("plan.toml");
        write(&place, "plan.toml", &format!("{text}\n# changed\n"));
        fine(&place, &format!("{command} --shard 2/2 --quiet --out p2{suffix}"));
        let words = format!("the text of `plan.toml` is another in `p2{suffix}` than in `p1{suffix}`");
        refused(&place, &format!("merge p1{suffix} p2{suffix}"), &words);
    }
    let set = "run plan.toml --trials 1200 --set us_support.logistics.chance=0.3";
    fine(&place, "run plan.toml --trials 1200 --shard 1/2 --quiet --out q1");
    fine(&place, &format!("{set} --shard 2/2 --quiet --out q2"));
    refused(
        &place,
        "merge q1 q2",
        "the --set of `q2` is `us_support.logistics.chance=0.3`",
    );
}

// Special files

/// Sees that a command does not wait for what never comes.
fn in_time(place: &Place, line: &str) -> Ended {
    let begun = Instant::now();
    let ended = run(place, line);
    assert!(begun.elapsed() < Duration::from_secs(30), "{line}");
    ended
}

#[test]
fn a_pipe_where_a_file_should_be_is_an_error_and_no_wait() {
    let place = Place::new();
    fine(&place, RUN);
    fifo(&place, "pipe");
    for line in [
        "run pipe",
        "validate pipe",
        "sweep pipe --axis horizon=\"1d\"",
        "trace pipe --trial 1",
    ] {
        let ended = in_time(&place, line);
        assert_eq!(ended.code, 2, "{line}: {}", ended.stderr);
        let words = "it is not a regular file; save what it gives to a file, and name that";
        assert!(ended.stderr.contains(words), "{line}: {}", ended.stderr);
    }
    write(&place, "reads.toml", "extends = \"pipe\"\n");
    assert_eq!(in_time(&place, "validate reads.toml").code, 2);
    for name in FILES {
        let whole = place.bytes(&format!("r/{name}"));
        fs::remove_file(place.path("r").join(name)).expect("removed");
        fifo(&place, &format!("r/{name}"));
        for line in [
            RUN,
            "merge r",
            "trace r --trial 1",
            "test plan.toml --quiet --baseline r --max-trials 600",
        ] {
            in_time(&place, line);
        }
        let line = format!("{} --extend", RUN.replace("600", "10"));
        in_time(&place, &line);
        let _ = fs::remove_dir_all(place.path("r"));
        fine(&place, RUN);
        assert_eq!(place.bytes(&format!("r/{name}")).len(), whole.len(), "{name}");
    }
}

#[test]
fn what_is_no_scenario_is_not_shown() {
    let place = Place::new();
    let long = "secret ".repeat(400);
    write(&place, "long.toml", &format!("{long}\n"));
    write(&place, "binary.toml", "password = \"secret\"\0\n");
    write(&place, "table.toml", &"name: secret\n".repeat(100));
    let told = |name: &str| {
        let ended = run(&place, &format!("validate {name}"));
        assert_eq!(ended.code, 2, "{}", ended.stderr);
        ended.stderr
    };
    let found = told("long.toml");
    assert!(found.lines().all(|line| line.len() < 200), "{found}");
    let found = told("binary.toml");
    assert!(
        !found.contains("secret") && found.contains("line 1 holds the byte 0x00"),
        "{found}"
    );
    let found = told("table.toml");
    assert_eq!(found.matches("secret").count(), 1, "{found}");
    if Path::new("/proc/self/environ").exists() {
        let mut command = place.command(&["validate", "/proc/self/environ"]);
        let output = command
            .env("CEASEFIRE_PROBE", "secret")
            .output()
            .expect("started");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2));
        assert!(!stderr.contains("secret"), "{stderr}");
        // They say that they have no bytes.
        for name in ["/proc/self/pagemap", "/proc/kmsg"] {
            assert_eq!(in_time(&place, &format!("validate {name}")).code, 2, "{name}");
        }
    }
}

#[test]
fn a_manifest_without_end_is_not_read() {
    let place = Place::new();
    fine(&place, RUN);
    let file = fs::File::create(place.path("r/manifest.json")).expect("created");
    file.set_len(1 << 40).expect("a file with a hole");
    refused(&place, RUN, "it has more than 268435456 bytes");
}

// Limits of the system

#[test]
fn no_more_threads_are_started_than_are_possible() {
    let place = Place::new();
    for line in [
        RUN,
        "validate plan.toml",
        "sweep plan.toml --axis ceasefire.chance=0:1:0.5 --trials 600 --out s",
    ] {
        let mut command = place.command(&line.split_whitespace().collect::<Vec<_>>());
        let output = command
            .env("RAYON_NUM_THREADS", "100000")
            .output()
            .expect("started");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{line}: {stderr}");
        let note =
            "note: RAYON_NUM_THREADS asks for 100000 threads; 256 are used, the most that are possible";
        assert_eq!(stderr.matches(note).count(), 1, "{line}: {stderr}");
    }
}

/// A limit on the size of files fails as a full disk does.
#[test]
fn a_limit_on_files_is_told_in_a_sentence() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_ceasefire");
    for line in [
        "run plan.toml --trials 20000 --trials-csv --out r",
        "run plan.toml --trials 1000 --out r",
        "sweep plan.toml --axis ceasefire.chance=0:1:0.002 --trials 100 --out r",
        "new fresh.toml",
        "test plan.toml --quiet --max-trials 1000 --junit r",
    ] {
        let blocks = if line.starts_with("new") || line.starts_with("test") {
            0
        } else {
            8
        };
        let shell = format!("ulimit -f {blocks}; exec {program} {line}");
        let mut command = Command::new("sh");
        let output = command.args(["-c", &shell]).current_dir(place.path(".")).output();
        let output = output.expect("there is a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{line}: {stderr}");
        assert_eq!(stderr.matches("error:").count(), 1, "{line}: {stderr}");
        let mut left = place.names(".");
        left.retain(|name| name.strip_suffix(".work").is_none());
        assert_eq!(left, ["plan.toml"], "{line}");
    }
}

/// A run of many capabilities over a century takes its time to write what came of it.
#[test]
fn a_signal_ends_a_program_that_is_writing() {
    for signal in ["-INT", "-TERM"] {
        let place = Place::new();
        write(&place, "long.toml", &century(40));
        let words = ["run", "long.toml", "--trials", "512", "--out", "r"];
        let mut child = place
            .command(&words)
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("started");
        let is_writing = || {
            let drafts = hidden(&place)
                .into_iter()
                .filter(|name| name.ends_with(".partial"));
            drafts
                .into_iter()
                .any(|name| place.path(&name).join("new/capabilities.csv").exists())
        };
        while !is_writing() {
            assert!(child.try_wait().expect("a child").is_none(), "it ended too soon");
            sleep(Duration::from_millis(5));
        }
        let sent = Command::new("kill")
            .args([signal, &child.id().to_string()])
            .status();
        assert!(sent.expect("there is `kill`").success());
        let begun = Instant::now();
        let status = child.wait().expect("it ends");
        assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
        assert_eq!(status.code(), Some(130), "{status}");
        assert!(!place.path("r").exists());
    }
}

/// Figures of a century are written as they are worked out, and the forecast counts that.
#[test]
fn what_is_written_is_not_held_and_takes_its_time() {
    let place = Place::new();
    write(&place, "long.toml", &century(10));
    let line = "run long.toml --trials 512 --quiet --out r";
    let ended = fine(&place, &format!("{line} --dry-run --json"));
    let told: serde_json::Value = serde_json::from_str(&ended.stdout).expect("it is JSON");
    let number = |name: &str| told[0][name].as_f64();
    let begun = Instant::now();
    fine(&place, line);
    let seconds = begun.elapsed().as_secs_f64();
    assert!(
        number("seconds").expect("a number") > seconds / 20.0,
        "{told} but {seconds} s"
    );
    if let Some(memory) = number("memory") {
        assert!(memory < number("bytes").expect("a number"), "{told}");
    }
}

/// A scenario of many capabilities, followed for a hundred years.
fn century(capabilities: usize) -> String {
    use std::fmt::Write;
    let mut text = "format = 1\nstart = 2025-04-10\nhorizon = \"36500d\"\n".to_owned();
    let wait = "notice_to_move = { uniform = { min = \"10d\", max = \"30000d\" } }";
    let mut provides = String::new();
    for number in 0..capabilities {
        let _ = write!(text, "[capabilities.c{number}]\nunit = \"men\"\n");
        let _ = write!(
            provides,
            "[contributors.a.provides.c{number}]\namount = {}\n{wait}\n",
            number + 1
        );
    }
    let _ = write!(
        text,
        "[contributors.a]\nchance = 0.9\n{provides}[mission]\nrequires = [\"contributors.a\"]\n"
    );
    text
}
