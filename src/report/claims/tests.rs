//! Every form, on a scenario whose claims have every answer.

use super::*;

/// Texts with everything that a form might trip over.
fn scenarios() -> Vec<Scenario> {
    let claim = |answer, words: &str| Claim {
        address: "expect.0".to_owned(),
        file: "plans/a,b.toml".to_owned(),
        line: 7,
        words: words.to_owned(),
        note: Some("why".to_owned()),
        answer,
        confidence: 0.95,
        found: "26.51 % (26.10 to 26.92)".to_owned(),
        means: vec![Estimate {
            estimate: 0.2651,
            low: 0.2610,
            high: 0.2692,
            trials: 92_160,
        }],
        took: Duration::from_millis(250),
    };
    let judged = Scenario {
        file: "plans/a,b.toml".to_owned(),
        faults: Vec::new(),
        trials: 92_160,
        seed: 1,
        claims: vec![
            claim(Answer::Holds, "mission: ready_by on day 540 is at least 20 %"),
            claim(Answer::Fails, "gates.x|y: bottleneck is at most 1 % & <less>"),
            claim(Answer::Undecided, "mission: lost is at most 27 %"),
        ],
        took: Duration::from_millis(500),
        since: None,
    };
    let faulty = Scenario {
        file: "broken.toml".to_owned(),
        faults: vec![Fault {
            place: Some(Place {
                file: "broken.toml".to_owned(),
                line: 3,
                column: 1,
            }),
            message: "unknown key\nhelp: x".to_owned(),
        }],
        claims: Vec::new(),
        ..judged.clone()
    };
    vec![judged, faulty]
}

#[test]
fn counts_are_those_of_the_claims() {
    let counts = Counts {
        hold: 1,
        fail: 1,
        undecided: 1,
        faulty: 1,
        without_claims: 0,
    };
    assert_eq!(Counts::of(&scenarios()), counts);
    let words = "1 of 3 claims hold, 1 fail, 1 undecided, 1 faulty scenario not judged in 2 scenarios\n";
    assert_eq!(summary(&scenarios()), words);
}

#[test]
fn every_form_tells_of_every_claim_that_does_not_hold() {
    for form in FORMATS {
        let text = String::from_utf8((form.write)(&scenarios())).expect("text");
        assert!(text.contains("26.51 %"), "{}: {text}", form.name);
        assert!(text.contains("broken.toml"), "{}: {text}", form.name);
        assert!(form.meaning.ends_with('.'));
    }
}

#[test]
fn annotations_name_file_and_line_and_end_nowhere_else() {
    let text = String::from_utf8((format("github").write)(&scenarios())).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        lines[0],
        "::error file=plans/a%2Cb.toml,line=7,title=claim fails::gates.x|y: bottleneck is at most 1 %25 & <less>: 26.51 %25 (26.10 to 26.92)%0Awhy"
    );
    assert!(lines[1].starts_with("::warning file=plans/a%2Cb.toml,line=7,title=claim undecided::"));
    assert_eq!(
        lines[2],
        "::error file=broken.toml,line=3,col=1,title=faulty scenario::unknown key%0Ahelp: x"
    );
    assert_eq!(lines.len(), 3);
}

#[test]
fn junit_escapes_and_counts() {
    let text = String::from_utf8((format("junit").write)(&scenarios())).expect("text");
    assert!(text.contains("&amp; &lt;less&gt;"), "{text}");
    assert!(
        text.contains(r#"tests="4" skipped="0" failures="1" errors="2""#),
        "{text}"
    );
}

#[test]
fn tables_end_no_cell_early() {
    let text = String::from_utf8((format("markdown").write)(&scenarios())).expect("text");
    let rows = text.lines().filter(|line| line.starts_with("| `"));
    assert!(
        rows.clone().count() == 3
            && rows
                .clone()
                .all(|row| row.replace("\\|", "").matches('|').count() == 7)
    );
}

#[test]
fn claims_are_told_in_words() {
    let said = Said {
        metric: "ready_by",
        subject: "mission",
        day: Some(540.0),
        quantile: None,
        compared_with: Some("baseline.toml"),
        bounds: (Some(0.1), None),
        start: jiff::civil::date(2025, 4, 10),
    };
    assert_eq!(
        said.words(),
        "mission: ready_by on day 540 (2026-10-02), less that of baseline.toml, is at least 10 %"
    );
    let quantile = Said {
        metric: "time",
        day: None,
        quantile: Some(0.5),
        compared_with: None,
        bounds: (Some(100.0), Some(250.5)),
        ..said
    };
    assert_eq!(quantile.words(), "mission: time p50 lies between 100 and 250.5");
    let mean = Estimate {
        estimate: 0.25,
        low: 0.2468,
        high: 0.2532,
        trials: 1,
    };
    assert_eq!(
        quantile.found(&[mean, mean]),
        "below 100 in 25.00 % (24.68 to 25.32), at most 250.5 in 25.00 % (24.68 to 25.32)"
    );
}
