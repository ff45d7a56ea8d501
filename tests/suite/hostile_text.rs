//! Names, labels, units, notes, sources and titles that mean harm: nothing that is printed or written acts on a terminal, a log, a
//! page, a table or a program that reads it.

use std::fs;

use crate::commands::{Ended, Place};

/// What each text holds, as TOML writes it.
const PAYLOADS: [&str; 4] = [
    r"e\u001b[2J\u001b]0;owned\u0007 n\u0000 c\u009b31m\u007f\u0085",
    r"b\u202e\u2066\u200f l\u2028\u2029\ufeff t\U000E0041 x\r\ny\nz\tq",
    r"p | \\| `code` ``two`` <script>alert(1)</script> [x](http://example.com) @all ]]> &amp;",
    r"::error::forged\n::error::forged ##[error]forged\n- =1+1",
];

/// A scenario with a text in every place that takes one.
fn scenario(text: &str) -> String {
    format!(
        r#"
format = 1
title = "T{text}"
start = 2025-04-10
horizon = "60d"
note = "N{text}"
source = "S{text}"

[drivers."d{text}"]
value = {{ normal = {{ mean = 0, sd = 1 }} }}
note = "N{text}"

[ceasefire]
label = "L{text}"
chance = 0.5
note = "N{text}"

[processes."p{text}"]
after = {{ pert = {{ min = 1, mode = 10, max = 90 }} }}
source = "S{text}"

[capabilities."c{text}"]
label = "L{text}"
unit = "U{text}"

[capabilities."k{text}"]

[stances]
"s{text}" = 0.5

[contributors."a{text}"]
stance = "s{text}"
note = "N{text}"

[contributors."a{text}".provides."c{text}"]
amount = {{ pert = {{ min = 1, mode = 2, max = 3 }} }}

[contributors.b]
label = "L{text}"

[contributors.b.provides."k{text}"]
amount = 5
notice_to_move = "3d"

[conditions."n{text}"]
held = "5d"
condition = "ceasefire"
label = "L{text}"
note = "N{text}"

[[effects]]
cause = "ceasefire"
odds = ["contributors.*.chance"]
ratio = 2
note = "N{text}"

[objectives."o{text}"]
label = "L{text}"
requires = [
  {{ capability = "c{text}", at_least = 1, label = "L{text}" }},
  {{ capability = "k{text}", at_least = 5 }},
  {{ any = ["ceasefire", {{ from = 2025-05-01 }}] }},
]

[mission]
requires = ["ceasefire"]

[[expect]]
metric = "ready_by"
day = 60
at_most = 0
note = "N{text}"

[[expect]]
metric = "total_mean"
subject = "capabilities.c{text}"
day = 30
at_least = 0.5
note = "N{text}"
"#
    )
}

/// Nothing but lines of what is shown.
fn is_harmless(letter: char) -> bool {
    let marks = [
        '\u{ad}',
        '\u{61c}',
        '\u{200b}',
        '\u{200e}',
        '\u{200f}',
        '\u{feff}',
        '\u{e0041}',
    ];
    let is_mark =
        marks.contains(&letter) || matches!(letter, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    letter == '\n' || !(letter.is_control() || is_mark)
}

fn assert_harmless(what: &str, text: &str) {
    let found = text.char_indices().find(|(_, letter)| !is_harmless(*letter));
    if let Some((at, letter)) = found {
        let around: String = text[..at]
            .chars()
            .rev()
            .take(60)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        panic!("{what} holds {letter:?} behind {around:?}");
    }
}

/// The program with colours: those are all that may act.
fn run(place: &Place, arguments: &[&str]) -> Ended {
    let ended = place.run(&[&["--color", "always"], arguments].concat());
    for text in [&ended.stdout, &ended.stderr] {
        let mut plain = String::new();
        for (number, part) in text.split("\u{1b}[").enumerate() {
            let colour = part.split_once('m').filter(|(code, _)| {
                code.chars()
                    .all(|letter| letter.is_ascii_digit() || letter == ';')
            });
            match (number, colour) {
                (0, _) => plain.push_str(part),
                (_, Some((_, rest))) => plain.push_str(rest),
                (_, None) => panic!("{arguments:?} prints an escape sequence before {part:?}"),
            }
        }
        assert_harmless(&format!("{arguments:?}"), &plain);
        if !arguments.contains(&"--github") {
            let forged = |line: &str| line.trim_start().starts_with("::");
            assert!(
                !plain.lines().any(forged),
                "{arguments:?} forges a command: {plain}"
            );
            assert!(
                arguments.contains(&"--json") || !plain.contains("##["),
                "{arguments:?}: {plain}"
            );
        }
    }
    ended
}

fn place(payload: &str) -> Place {
    let place = Place::new();
    fs::write(place.path("h.toml"), scenario(payload)).expect("it can be written");
    place
}

#[test]
fn nothing_that_is_printed_acts() {
    for payload in PAYLOADS {
        let place = place(payload);
        for arguments in [
            &["validate", "h.toml"][..],
            &["validate", "h.toml", "--json"],
            &["explain", "h.toml"],
            &["trace", "h.toml", "--trial", "1"],
            &["trace", "h.toml", "--trial", "1", "--json"],
            &["run", "h.toml", "--trials", "2000", "--trials-csv"],
            &["run", "h.toml", "--trials", "2000", "--json", "--force"],
            &["run", "h.toml", "--trials", "2000", "--dry-run"],
            &[
                "sweep",
                "h.toml",
                "--axis",
                "ceasefire.chance=0:1:3",
                "--trials",
                "1000",
            ],
            &[
                "sweep",
                "h.toml",
                "--axis",
                "ceasefire.chance=0:1:3",
                "--trials",
                "1000",
                "--json",
            ],
        ] {
            let ended = run(&place, arguments);
            assert_eq!(ended.code, 0, "{arguments:?}: {}", ended.stderr);
        }
        for (verb, options) in [("test", &["--github"][..]), ("test", &["--json"]), ("test", &[])] {
            let ended = run(
                &place,
                &[&[verb, "h.toml", "--max-trials", "20000"], options].concat(),
            );
            assert_eq!(ended.code, 1, "{}", ended.stderr);
        }
        // What is wrong is told with the line that it stands on.
        let faulty = scenario(payload).replace(
            "chance = 0.5",
            &format!("chance = 0.5\n\"u{payload}\" = \"{payload}\""),
        );
        fs::write(place.path("f.toml"), faulty).expect("it can be written");
        assert_eq!(run(&place, &["validate", "f.toml"]).code, 2);
        assert_eq!(
            run(
                &place,
                &["run", "h.toml", "--set", "ceasefire.chance=\u{9b}\u{202e}"]
            )
            .code,
            2
        );
    }
}

#[test]
fn nothing_that_is_written_acts() {
    for payload in PAYLOADS {
        let place = place(payload);
        let ended = place.run(&["run", "h.toml", "--trials", "2000", "--trials-csv", "--quiet"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let axes = ["--axis", "ceasefire.chance=0:1:3"];
        let ended = place.run(&[&["sweep", "h.toml", "--trials", "1000", "--quiet"][..], &axes].concat());
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        for folder in ["results/h", "results/h-sweep"] {
            for name in place.names(folder) {
                let path = format!("{folder}/{name}");
                if let Some((_, "csv")) = name.rsplit_once('.') {
                    let text = place.text(&path).replace("\r\n", "\n");
                    assert_harmless(&path, &text);
                    let mut reader = csv::Reader::from_reader(text.as_bytes());
                    let rows: Result<Vec<_>, _> = reader.records().collect();
                    let rows = rows.expect("rows of one length").len();
                    assert_eq!(rows + 1, text.lines().count(), "{path} has a row a line");
                } else if name == "result.json" {
                    assert_harmless(&path, &place.text(&path));
                    assert!(!place.text(&path).contains("\\u00"), "{path}");
                    let value: serde_json::Value = serde_json::from_str(&place.text(&path)).expect("JSON");
                    assert!(value["results"]["objectives"][0]["subject"].is_string());
                }
            }
        }
    }
}

#[test]
fn claims_with_hostile_text_keep_their_form() {
    for payload in PAYLOADS {
        let place = place(payload);
        let words =
            "test h.toml --max-trials 20000 --quiet --junit c.xml --markdown c.md --baseline results/h";
        let ended = place.run(&["run", "h.toml", "--trials", "2000", "--quiet"]);
        assert_eq!(ended.code, 0, "{}", ended.stderr);
        let ended = place.run(&words.split(' ').collect::<Vec<_>>());
        assert_eq!(ended.code, 1, "{}", ended.stderr);
        let (xml, markdown) = (place.text("c.xml"), place.text("c.md"));
        assert_harmless("c.xml", &xml);
        assert_harmless("c.md", &markdown);
        let report = quick_junit::Report::deserialize_from_str(&xml).expect("well-formed");
        let suite = &report.test_suites[0];
        assert_eq!((suite.test_cases.len(), suite.failures), (2, 1), "{xml}");
        let is_timed = suite.test_cases.iter().all(|case| case.time.is_some());
        assert!(is_timed && suite.time.is_some() && report.time.is_some(), "{xml}");
        // Outside code there are the words of the program, and nothing else.
        let rows: Vec<&str> = markdown
            .lines()
            .filter(|line| line.starts_with("| `h.toml`"))
            .collect();
        assert_eq!(rows.len(), 2, "{markdown}");
        for row in rows {
            assert_eq!(row.replace("\\|", "").matches('|').count(), 7, "{row}");
            for harm in ["<script>", "[x](", "@all"] {
                let at = row.find(harm);
                assert!(at.is_none_or(|at| row[..at].contains('`')), "{row}");
            }
        }
    }
}
