//! Runs and sweeps that are killed, stopped, left without disk, or started twice: nothing is lost, and no half result looks whole.
#![cfg(unix)]

use std::fs;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::commands::{FILES, Place};

/// Makes a run write a checkpoint after so many milliseconds.
const PACE: &str = "CEASEFIRE_CHECKPOINT_MS";

fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

fn start(place: &Place, line: &str) -> Child {
    let mut command = place.command(&words(line));
    command
        .env(PACE, "1")
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command.spawn().expect("the program can be started")
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.expect("there is a `kill`").success());
}

/// Waits until a run has kept something, so that a signal finds it at play.
fn wait_for_checkpoint(place: &Place) {
    for _ in 0..2_000 {
        let works = hidden(place)
            .into_iter()
            .filter(|name| name.strip_suffix(".work").is_some());
        if works
            .into_iter()
            .any(|name| place.path(&name).join("checkpoint.bin").exists())
        {
            return;
        }
        sleep(Duration::from_millis(5));
    }
    panic!("no checkpoint was written");
}

/// Everything in a place that is hidden: locks, drafts, and what runs keep.
fn hidden(place: &Place) -> Vec<String> {
    let names = place.names(".").into_iter();
    names.filter(|name| name.starts_with('.')).collect()
}

fn assert_same(place: &Place, one: &str, other: &str, files: &[&str]) {
    for file in files.iter().filter(|file| **file != "manifest.json") {
        assert!(
            place.bytes(&format!("{one}/{file}")) == place.bytes(&format!("{other}/{file}")),
            "{file} of {one} is not that of {other}"
        );
    }
}

/// Kills a run at moments that a simple generator picks, each time takes it up, and returns how often it was killed before it
/// had come to its end.
fn kill_until_done(place: &Place, command: &str, kills: usize) -> usize {
    let line = format!("{command} --quiet --out got");
    let mut state = 88_172_645_463_325_252_u64;
    let mut killed = 0;
    while killed < kills {
        let mut child = start(place, &line);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        sleep(Duration::from_millis(5 + state % 60));
        child.kill().expect("it can be killed, or has ended");
        let status = child.wait().expect("it has ended");
        // Whatever the moment: a folder is a whole result or not there.
        if place.path("got").exists() {
            let manifest = place.text("got/manifest.json");
            let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("whole");
            for (file, hash) in manifest["hashes"].as_object().expect("hashes") {
                let bytes = place.bytes(&format!("got/{file}"));
                assert_eq!(
                    blake3::hash(&bytes).to_hex().as_str(),
                    hash.as_str().expect("text"),
                    "{file}"
                );
            }
            fs::remove_dir_all(place.path("got")).expect("removed");
        }
        killed += usize::from(!status.success());
    }
    let ended = place.run(&words(&line));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    killed
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let files = [&FILES[..], &["trials.csv"]].concat();
    let mut killed = 0;
    for (options, files) in [
        ("--trials 60000 --trials-csv", &files[..]),
        ("--trials 200000", &FILES[..]),
        ("--precision 0.004", &FILES[..]),
    ] {
        let place = Place::new();
        let whole = format!("run plan.toml {options} --quiet --out whole");
        assert_eq!(place.run(&words(&whole)).code, 0);
        killed += kill_until_done(&place, &format!("run plan.toml {options}"), 20);
        assert_same(&place, "whole", "got", files);
        assert_eq!(hidden(&place), [""; 0], "{options}");
    }
    assert!(killed >= 50, "{killed}");
}

/// Many small points, so that there are batches to be killed between.
const SWEEP: &str = "sweep plan.toml --axis ceasefire.chance=0:1:0.001 --trials 600";

#[test]
fn a_sweep_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let place = Place::new();
    let ended = place.run(&words(&format!("{SWEEP} --quiet --out whole")));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let killed = kill_until_done(&place, SWEEP, 15);
    assert_eq!(killed, 15);
    assert_same(&place, "whole", "got", &["sweep.csv"]);
    assert_eq!(hidden(&place), [""; 0]);
    let rows = place.text("got/sweep.csv").lines().count();
    assert_eq!(rows, 1 + 1 + 1001, "a header, the base and all points");
}

#[test]
fn a_signal_stops_a_sweep_which_is_taken_up_where_it_stood() {
    let place = Place::new();
    let line = format!("{SWEEP} --out got");
    let child = start(&place, &line);
    wait_for_checkpoint(&place);
    send("-INT", &child);
    let output = child.wait_with_output().expect("it has ended");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(130), "{stderr}");
    assert!(stderr.contains("points are kept in `"), "{stderr}");
    assert!(!place.path("got").exists());
    // Other trials are another sweep, which takes nothing from this one and leaves it where it is.
    let other = format!("{line}-other").replace("--trials 600", "--trials 500");
    assert!(!place.run(&words(&other)).stderr.contains("goes on after"));
    let ended = place.run(&words(&line));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("goes on after"), "{}", ended.stderr);
    assert_eq!(place.run(&words(&line.replace("got", "whole"))).code, 0);
    assert_same(&place, "whole", "got", &["sweep.csv"]);
    assert_eq!(hidden(&place), [""; 0]);
    let again = place.run(&words(&line));
    assert!(again.stderr.contains("nothing was played"), "{}", again.stderr);
    let ended = place.run(&words(&line.replace("0.001", "0.25")));
    let named = "the axes are ceasefire.chance=0,0.25,0.5,0.75,1, and were ceasefire.chance=0,0.001,";
    assert!(ended.stderr.contains(named), "{}", ended.stderr);
}

#[test]
fn a_full_disk_under_a_sweep_leaves_nothing_half() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_ceasefire");
    let line = format!("trap '' XFSZ; ulimit -f 100; exec {program} {SWEEP} --out got");
    let mut command = Command::new("sh");
    command.args(["-c", &line]).current_dir(place.path("."));
    let output = command.output().expect("there is a shell");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(stderr.contains("cannot write `sweep.csv`"), "{stderr}");
    assert!(!place.path("got").exists());
}

#[test]
fn a_signal_stops_a_run_which_is_taken_up_where_it_stood() {
    for (signal, options) in [
        ("-INT", "--trials 100000 --trials-csv"),
        ("-TERM", "--precision 0.004 --trials-csv"),
    ] {
        let place = Place::new();
        let line = format!("run plan.toml {options} --out got");
        // Every block is a stretch of its own with this pace, so the run takes long enough to be stopped.
        let child = start(&place, &line);
        wait_for_checkpoint(&place);
        send(signal, &child);
        let output = child.wait_with_output().expect("it has ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{stderr}");
        assert!(stderr.contains("the same command goes on from there"), "{stderr}");
        assert!(!place.path("got").exists());
        let ended = place.run(&words(&line));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert!(ended.stderr.contains("goes on after"), "{}", ended.stderr);
        assert_eq!(place.run(&words(&line.replace("got", "whole"))).code, 0);
        let files = [&FILES[..], &["trials.csv"]].concat();
        assert_same(&place, "whole", "got", &files);
        assert_eq!(hidden(&place), [""; 0]);
    }
}

#[test]
fn an_extension_that_is_stopped_leaves_the_result_and_is_taken_up() {
    let place = Place::new();
    assert_eq!(
        place
            .run(&words("run plan.toml --trials 1000 --trials-csv --out got"))
            .code,
        0
    );
    let before = place.bytes("got/result.json");
    let line = "run plan.toml --trials 99000 --trials-csv --extend --out got";
    let child = start(&place, line);
    wait_for_checkpoint(&place);
    send("-INT", &child);
    assert_eq!(child.wait_with_output().expect("ended").status.code(), Some(130));
    assert_eq!(place.bytes("got/result.json"), before);
    let ended = place.run(&words(line));
    assert!(ended.stderr.contains("goes on after"), "{}", ended.stderr);
    assert_eq!(
        place
            .run(&words("run plan.toml --trials 100000 --trials-csv --out whole"))
            .code,
        0
    );
    assert_same(&place, "whole", "got", &[&FILES[..], &["trials.csv"]].concat());
}

#[test]
fn of_two_processes_for_one_folder_one_waits() {
    let place = Place::new();
    let line = "run plan.toml --trials 40000 --out got";
    let one = start(&place, line);
    let other = start(&place, line);
    let ended = [one, other].map(|child| child.wait_with_output().expect("it has ended"));
    for output in &ended {
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(place.names("got"), FILES);
    assert_eq!(hidden(&place), [""; 0]);
    let stderr = ended.map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
    assert!(
        stderr.iter().any(|text| text.contains("nothing was played")),
        "{stderr:?}"
    );
}

#[test]
fn a_full_disk_is_told_and_leaves_nothing_half() {
    let place = Place::new();
    let program = env!("CARGO_BIN_EXE_ceasefire");
    for (blocks, options) in [(100, "--trials 20000 --trials-csv"), (4, "--trials 1000")] {
        // A limit on the size of files fails as a full disk does, once its signal is ignored.
        let line =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec {program} run plan.toml {options} --out got");
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(place.path("."));
        let output = command.output().expect("there is a shell");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{stderr}");
        assert!(stderr.contains("cannot write"), "{stderr}");
        assert!(!place.path("got").exists());
        let ended = place.run(&words(&format!("run plan.toml {options} --out got")));
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        assert_eq!(hidden(&place), [""; 0]);
        fs::remove_dir_all(place.path("got")).expect("removed");
    }
}

#[test]
fn a_place_that_cannot_be_written_is_told() {
    let place = Place::new();
    fs::write(place.path("file"), "").expect("written");
    let ended = place.run(&words("run plan.toml --trials 1000 --out file/below"));
    assert_eq!(ended.code, 4, "{}", ended.stderr);
    assert!(ended.stderr.contains("`file`"), "{}", ended.stderr);
    // In a system's own folder nobody makes files, not even its owner.
    if fs::metadata("/proc/self").is_ok() {
        let ended = place.run(&words("run plan.toml --trials 1000 --out /proc/result"));
        assert_eq!(ended.code, 4, "{}", ended.stderr);
    }
}

#[test]
fn a_folder_that_vanishes_under_a_run_is_told() {
    let place = Place::new();
    let child = start(
        &place,
        "run plan.toml --trials 200000 --trials-csv --out below/got",
    );
    sleep(Duration::from_millis(200));
    // Its checkpoints and rows go with the folder above; a run that writes at the same moment may win a file or two.
    while place.path("below").exists() && fs::remove_dir_all(place.path("below")).is_err() {}
    fs::write(place.path("below"), "").ok();
    let output = child.wait_with_output().expect("it has ended");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(4), "{stderr}");
    assert!(!place.path("below/got").exists());
}
