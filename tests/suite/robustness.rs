//! Runs and sweeps that are killed, stopped, left without disk, or started twice: nothing is lost, and no half result looks whole.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

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

/// Moments at which commands are killed, so many milliseconds after their start at most, as a simple generator picks them.
struct Moments {
    state: u64,
    most: u64,
}

impl Moments {
    fn within(most: u64) -> Self {
        Self {
            state: 88_172_645_463_325_252,
            most,
        }
    }

    /// Within what something takes that is not killed: all that is before the first trial takes its time, more on a busy machine.
    fn within_time_of(whole: impl FnOnce()) -> Self {
        let begun = Instant::now();
        whole();
        Self::within(u64::try_from(begun.elapsed().as_millis()).expect("not so long"))
    }

    fn next(&mut self) -> Duration {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        Duration::from_millis(5 + self.state % self.most)
    }
}

/// How often a command was killed before it had come to its end, and how often it took up what it had kept.
#[derive(Default)]
struct Killed {
    times: usize,
    taken_up: usize,
}

/// Kills a command that writes to `got` again and again, sees that what is there is whole each time, and then lets it come to
/// its end. `got` is not there when it starts, or it is as the folder `old` if that is named.
///
/// How often a kill comes after something has been kept is a matter of chance: it goes on until that was so `taken_up` times,
/// but not for ever.
fn kill_until_done(
    place: &Place,
    line: &str,
    [kills, taken_up]: [usize; 2],
    mut moments: Moments,
    old: Option<&str>,
) -> Killed {
    let mut killed = Killed::default();
    prepare(place, old);
    let mut tries = 0;
    while killed.times < kills || (killed.taken_up < taken_up && tries < 8 * kills) {
        tries += 1;
        let mut child = start(place, line);
        sleep(moments.next());
        child.kill().expect("it can be killed, or has ended");
        let output = child.wait_with_output().expect("it has ended");
        let stderr = String::from_utf8_lossy(&output.stderr);
        killed.taken_up += usize::from(stderr.contains("goes on after"));
        killed.times += usize::from(!output.status.success());
        assert_whole(&place.path("got"));
        let is_old = |old| place.bytes("got/manifest.json") == place.bytes(&format!("{old}/manifest.json"));
        if !old.is_some_and(is_old) {
            prepare(place, old);
        }
    }
    let ended = place.run(&words(line));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    killed
}

/// Makes `got` a copy of an older result, or removes it.
fn prepare(place: &Place, old: Option<&str>) {
    let got = place.path("got");
    if got.exists() {
        fs::remove_dir_all(&got).expect("removed");
    }
    if let Some(old) = old {
        fs::create_dir(&got).expect("made");
        for name in place.names(old) {
            fs::copy(place.path(old).join(&name), got.join(&name)).expect("copied");
        }
    }
}

/// Sees that a folder, and each in it, is a whole result, or holds nothing that looks like a part of one.
fn assert_whole(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let seen: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| {
            !path
                .file_name()
                .expect("a name")
                .to_string_lossy()
                .starts_with('.')
        })
        .collect();
    for inside in seen.iter().filter(|path| path.is_dir()) {
        assert_whole(inside);
    }
    let manifest = folder.join("manifest.json");
    if seen
        .iter()
        .all(|path| path.is_dir() || path.ends_with("batch.csv"))
    {
        return;
    }
    let text = fs::read_to_string(&manifest).expect("a result has a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&text).expect("a whole one");
    for (file, hash) in manifest["hashes"].as_object().expect("hashes") {
        let bytes = fs::read(folder.join(file)).expect("it is there");
        let found = blake3::hash(&bytes);
        assert_eq!(found.to_hex().as_str(), hash.as_str().expect("text"), "{file}");
    }
}

#[test]
fn a_run_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let files = [&FILES[..], &["trials.csv"]].concat();
    let mut killed = Killed::default();
    for (options, files) in [
        ("--trials 60000 --trials-csv", &files[..]),
        ("--trials 200000", &FILES[..]),
        ("--precision 0.004", &FILES[..]),
    ] {
        let place = Place::new();
        let line = |out: &str| format!("run plan.toml {options} --out {out}");
        let moments = Moments::within_time_of(|| assert_eq!(place.run(&words(&line("whole"))).code, 0));
        let again = kill_until_done(&place, &line("got"), [20, 5], moments, None);
        killed.times += again.times;
        killed.taken_up += again.taken_up;
        assert_same(&place, "whole", "got", files);
        assert_eq!(hidden(&place), [""; 0], "{options}");
    }
    assert!(killed.times >= 50, "{}", killed.times);
    assert!(killed.taken_up >= 15, "only {} were taken up", killed.taken_up);
}

/// Whatever the moment, there is the old result or the new one, and no third.
#[test]
fn what_is_killed_while_it_replaces_a_result_leaves_the_old_one_or_the_new_one() {
    let place = Place::new();
    let run = |line: &str| assert_eq!(place.run(&words(line)).code, 0, "{line}");
    run("run plan.toml --trials 8000 --out old");
    run("run plan.toml --trials 8000 --seed 9 --out of-9");
    run("run plan.toml --trials 28000 --out longer");
    for part in 1..=3 {
        run(&format!(
            "run plan.toml --trials 8000 --seed 9 --shard {part}/3 --out part-{part}"
        ));
    }
    for (line, whole) in [
        ("run plan.toml --trials 8000 --seed 9 --out got", "of-9"),
        ("run plan.toml --trials 20000 --extend --out got", "longer"),
        ("merge part-1 part-2 part-3 --out got", "of-9"),
    ] {
        let killed = kill_until_done(&place, line, [15, 0], Moments::within(100), Some("old"));
        assert_eq!(killed.times, 15);
        assert_same(&place, whole, "got", &FILES);
        assert_eq!(hidden(&place), [""; 0], "{line}");
    }
}

#[test]
fn a_batch_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    let place = Place::new();
    let other = place
        .text("plan.toml")
        .replace("title = \"", "title = \"Another: ");
    fs::write(place.path("other.toml"), other).expect("written");
    let line = |out: &str| format!("run plan.toml other.toml --trials 30000 --out {out}");
    assert_eq!(place.run(&words(&line("whole"))).code, 0);
    let mut moments = Moments::within(100);
    for _ in 0..20 {
        let mut child = start(&place, &line("got"));
        sleep(moments.next());
        child.kill().expect("it can be killed, or has ended");
        child.wait().expect("it has ended");
        assert_whole(&place.path("got"));
        if place.path("got/batch.csv").exists() {
            assert_same(&place, "whole", "got", &["batch.csv"]);
        }
    }
    assert_eq!(place.run(&words(&line("got"))).code, 0);
    for scenario in ["plan", "other"] {
        let [whole, got] = ["whole", "got"].map(|out| format!("{out}/{scenario}"));
        assert_same(&place, &whole, &got, &FILES);
    }
    assert_eq!(place.names("got"), ["batch.csv", "other", "plan"]);
}

/// Many small points, so that there are batches to be killed between.
const SWEEP: &str = "sweep plan.toml --axis ceasefire.chance=0:1:0.002 --trials 600";

/// Few points with many trials: all are played together.
const FEW: &str = "sweep plan.toml --axis horizon=\"400d\",\"500d\" --trials 60000 --sampler sobol";

#[test]
fn a_sweep_that_is_killed_again_and_again_comes_to_the_same_bytes() {
    for (command, rows) in [(SWEEP, 1 + 1 + 501), (FEW, 1 + 1 + 2)] {
        let place = Place::new();
        let line = |out: &str| format!("{command} --out {out}");
        let moments = Moments::within_time_of(|| {
            let ended = place.run(&words(&line("whole")));
            assert_eq!(ended.code, 0, "{}", ended.stderr);
        });
        let killed = kill_until_done(&place, &line("got"), [15, 5], moments, None);
        assert!(killed.taken_up >= 5, "only {} were taken up", killed.taken_up);
        assert_same(&place, "whole", "got", &["sweep.csv"]);
        assert_eq!(hidden(&place), [""; 0]);
        let found = place.text("got/sweep.csv").lines().count();
        assert_eq!(found, rows, "a header, the base and all points");
    }
}

/// What a user puts into the folder while the new result is being written is not removed with the old one.
#[test]
fn what_comes_to_a_place_during_a_run_stays_there() {
    let place = Place::new();
    let line = "run plan.toml --trials 60000 --seed 2 --out got";
    let started = |line: &str| {
        let child = start(&place, line);
        wait_for_checkpoint(&place);
        child
    };
    let ended = |child: Child| {
        let output = child.wait_with_output().expect("it has ended");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), stderr)
    };
    assert_eq!(place.run(&words("run plan.toml --trials 1000 --out got")).code, 0);
    let child = started(line);
    fs::write(place.path("got/notes.txt"), "mine").expect("written");
    let (code, stderr) = ended(child);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stderr.contains("`notes.txt` was put into"), "{stderr}");
    assert_eq!(place.text("got/notes.txt"), "mine");
    assert!(place.text("got/manifest.json").contains("\"seed\": 2"));
    // A folder that is no result is not replaced at all: the result stays beside it.
    let child = started("run plan.toml --trials 60000 --out taken");
    fs::create_dir(place.path("taken")).expect("made");
    fs::write(place.path("taken/notes.txt"), "mine").expect("written");
    let (code, stderr) = ended(child);
    assert_eq!(code, Some(4), "{stderr}");
    assert!(
        stderr.contains("the result is kept in `") && stderr.contains("taken-2`"),
        "{stderr}"
    );
    assert_eq!(place.names("taken"), ["notes.txt"]);
    assert_eq!(place.names("taken-2"), FILES);
    assert_whole(&place.path("taken-2"));
}

/// A run leaves what another to the same place has kept: that one may still be gone on with.
#[test]
fn a_run_leaves_what_another_to_the_same_place_has_kept() {
    let place = Place::new();
    let line = "run plan.toml --trials 60000 --out got";
    let child = start(&place, line);
    wait_for_checkpoint(&place);
    send("-INT", &child);
    assert_eq!(child.wait_with_output().expect("ended").status.code(), Some(130));
    let other = "run plan.toml --trials 1000 --out got";
    assert_eq!(place.run(&words(other)).code, 0);
    let ended = place.run(&words(line));
    assert!(ended.stderr.contains("goes on after"), "{}", ended.stderr);
    assert_eq!(hidden(&place), [""; 0]);
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
    assert!(stderr.contains("of the next ones are kept in `"), "{stderr}");
    assert!(!place.path("got").exists());
    // Other trials are another sweep, which takes nothing from this one and leaves it where it is.
    let other = line.replace("--trials 600", "--trials 500");
    assert!(!place.run(&words(&other)).stderr.contains("goes on after"));
    let ended = place.run(&words(&line));
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stderr.contains("goes on after"), "{}", ended.stderr);
    assert_eq!(place.run(&words(&line.replace("got", "whole"))).code, 0);
    assert_same(&place, "whole", "got", &["sweep.csv"]);
    assert_eq!(hidden(&place), [""; 0]);
    let again = place.run(&words(&line));
    assert!(again.stderr.contains("nothing was played"), "{}", again.stderr);
    let ended = place.run(&words(&line.replace("0.002", "0.25")));
    let named = "the axes are ceasefire.chance=0:1:0.25, and were ceasefire.chance=0:1:0.002";
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
