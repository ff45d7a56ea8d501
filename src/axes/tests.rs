//! Axes and what comes of them.

use super::*;
use crate::diagnostic::{Diagnostics, Sources};
use crate::scenario::load::{Input, open_again};
use crate::scenario::process::Form;
use crate::scenario::tree;

fn root(text: &str) -> Node {
    let mut sources = Sources::default();
    let source = sources.add("x.toml", text);
    tree::parse(&sources, source, &mut Diagnostics::default())
}

fn axes(texts: &[&str], combination: Combination) -> Axes {
    let axes = texts
        .iter()
        .map(|text| Axis::read(text).expect("sound"))
        .collect();
    Axes::new(axes, combination).expect("sound")
}

fn cells(axes: &Axes, root: &Node) -> Vec<String> {
    let point = |number| {
        let point = axes.point(number, root).expect("sound");
        let cells = point.cells.into_iter().map(|cell| cell.unwrap_or("-".to_owned()));
        cells.collect::<Vec<_>>().join(" ")
    };
    (1..=axes.len()).map(point).collect()
}

#[test]
fn values_are_steps_lists_and_logarithms() {
    let values = |text: &str| match Axis::read(text).expect("sound").values {
        Values::Each(values) => values.join(" "),
        Values::Steps(steps) => {
            let values = (0..steps.len()).map(|place| number(steps.at(place)));
            values.collect::<Vec<_>>().join(" ")
        }
        other => format!("{other:?}"),
    };
    assert_eq!(values("a.b=0:1:0.25"), "0 0.25 0.5 0.75 1");
    assert_eq!(values("a.b=0:0.3:0.1"), "0 0.1 0.2 0.3");
    assert_eq!(values("a.b=3:1:-1"), "3 2 1");
    assert_eq!(values("a.b=1:1000:log4"), "1 10 100 1000");
    assert_eq!(values("a.b=1:0:lin5"), "1 0.75 0.5 0.25 0");
    assert_eq!(values("a.b=2:2:0.5"), "2");
    assert_eq!(values("a.b=0.3:-0.3:-0.1"), "0.3 0.2 0.1 0 -0.1 -0.2 -0.3");
    assert_eq!(values("a.b*=0.5:1.5:0.5"), "Times([0.5, 1.0, 1.5])");
    assert_eq!(
        values("a.b=\"30d\", { pert = { min = 1, mode = 2, max = 3 } }, 4"),
        "\"30d\" { pert = { min = 1, mode = 2, max = 3 } } 4"
    );
    assert_eq!(values("a.b*=0.5,2"), "Times([0.5, 2.0])");
    assert_eq!(values("a.b=1..10:log"), "Spread(Logarithmic(1.0, 10.0))");
}

#[test]
fn what_is_no_axis_is_refused_with_what_was_expected() {
    for (text, words) in [
        ("a.b", "ADDRESS=VALUES"),
        ("a..b=1", "`a..b` is no address"),
        ("a.b=", "values are expected"),
        ("a.b=0:1:0", "no step"),
        ("a.b=0:1:-0.1", "never lead"),
        ("a.b=0:1:log1", "no number of steps"),
        ("a.b=0:10:log3", "above 0"),
        ("a.b=0.1:0.9:log4000000000", "at most 10000000"),
        ("a.b=0:1:1e-9", "at most 10000000"),
        ("a.b=30d", "write \"30d\""),
        ("a.b=[", "a text needs quotes"),
        ("a.b*=-1", "no factor"),
        ("a.b*=0..2", "single factors"),
        ("a.b=2..1", "rises"),
        ("a.b=0..1:log", "above 0"),
        ("a.b=0..1:lin", "`log` is the only one"),
        ("extends=\"x\"", "belongs into a file"),
        ("simulation.seed=1,2", "belongs into the options"),
        ("simulation={ trials = 10 }", "belongs into the options"),
    ] {
        let refusal = Axis::read(text).expect_err(text);
        assert!(refusal.contains(words), "{text}: {refusal}");
    }
    let range = Axis::read("a.b=0..1").expect("sound");
    let single = Axis::read("a.c=1,2,3").expect("sound");
    let two = Axis::read("a.d=1,2").expect("sound");
    assert!(Axes::new(vec![range.clone()], Combination::Grid).is_err());
    let design = Combination::Design {
        method: Method::Sobol,
        points: 8,
        seed: 1,
    };
    assert!(Axes::new(vec![range, single.clone()], design).is_err());
    assert!(Axes::new(vec![single, two], Combination::Zip).is_err());
    assert!(Axes::new(Vec::new(), Combination::Grid).is_err());
    let many = Combination::Design {
        method: Method::Sobol,
        points: u64::MAX,
        seed: 1,
    };
    let refusal = Axes::new(vec![Axis::read("a.b=0..1").expect("sound")], many).expect_err("too many");
    assert!(refusal.contains("at most"), "{refusal}");
    let long: Vec<Axis> = ["a.b", "a.c", "a.d"]
        .iter()
        .map(|address| Axis::read(&format!("{address}=0:1:1e-6")).expect("sound"))
        .collect();
    assert!(Axes::new(long, Combination::Grid).is_err());
    let twins = || ["a.*=1,2", "a.c & a.b.d=3,4"].map(|text| Axis::read(text).expect("sound"));
    for combination in [Combination::Grid, Combination::Zip] {
        let refusal = Axes::new(twins().to_vec(), combination).expect_err("twice");
        assert!(refusal.contains("`a.*` and `a.c` may be one place"), "{refusal}");
    }
    // One after the other they do not meet.
    assert!(Axes::new(twins().to_vec(), Combination::List).is_ok());
}

#[test]
fn axes_are_combined_as_grid_zip_and_list() {
    let root = root("");
    let two = ["a=1,2", "b=3,4"];
    assert_eq!(
        cells(&axes(&two, Combination::Grid), &root),
        ["1 3", "1 4", "2 3", "2 4"]
    );
    assert_eq!(cells(&axes(&two, Combination::Zip), &root), ["1 3", "2 4"]);
    assert_eq!(
        cells(&axes(&two, Combination::List), &root),
        ["1 -", "2 -", "- 3", "- 4"]
    );
}

#[test]
fn an_axis_reads_back_as_it_is_written() {
    for text in [
        "a.b=0,0.25,0.5",
        "a.b & a.c=\"30d\",\"60d\"",
        "contributors.*.chance*=0.5,1",
        "a.b=0..1",
        "a.b=1..100:log",
        "a.b~{ triangular = { max = 4, min = 0, mode = 1 } }",
    ] {
        let axis = Axis::read(text).expect("sound");
        assert_eq!(axis.written(), text);
    }
}

#[test]
fn designs_draw_from_distributions() {
    let design = Combination::Design {
        method: Method::Sobol,
        points: 1024,
        seed: 1,
    };
    let axes = axes(
        &[
            "a~{ uniform = { min = 2, max = 6 } }",
            "b ~ { exponential = { mean = 3 } }",
        ],
        design,
    );
    let means = [0, 1].map(|axis| {
        let cell = |number| axes.point(number, &root("")).expect("sound").cells[axis].clone();
        let values = (1..=1024)
            .filter_map(cell)
            .map(|cell| cell.parse::<f64>().expect("a number"));
        values.sum::<f64>() / 1024.0
    });
    assert!(
        (means[0] - 4.0).abs() < 0.01 && (means[1] - 3.0).abs() < 0.05,
        "{means:?}"
    );
    for (text, expected) in [
        ("a~0.5", "a number is no distribution"),
        ("a~{ uniform = { min = 2 } }", "`max`"),
        ("a~{ uniforn = { min = 2, max = 3 } }", "uniforn"),
        ("a~{", "no distribution"),
        (
            "a~{ empirical = { file = \"x.csv\", column = \"x\" } }",
            "no files",
        ),
    ] {
        let message = Axis::read(text).expect_err(text);
        assert!(message.contains(expected), "{text}: {message}");
    }
}

#[test]
fn several_addresses_move_together() {
    let point = axes(&["a.x & b.x=7"], Combination::Grid)
        .point(1, &root(""))
        .expect("sound");
    assert_eq!(point.overrides, ["a.x=7", "b.x=7"]);
    assert_eq!(point.cells, [Some("7".to_owned())]);
}

#[test]
fn designs_spread_their_points_evenly() {
    for method in [Method::Sobol, Method::LatinHypercube] {
        let design = Combination::Design {
            method,
            points: 512,
            seed: 3,
        };
        let axes = axes(&["a=0..1", "b=1..100:log"], design);
        let mut strata = vec![false; 512];
        let mut above_ten = 0;
        for number in 1..=512 {
            let point = axes.point(number, &root("")).expect("sound");
            let value = |axis: usize| -> f64 {
                let cell = point.cells[axis].as_ref().expect("it has a value");
                cell.parse().expect("a number")
            };
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 511")]
            let stratum = (value(0) * 512.0) as usize;
            strata[stratum] = true;
            above_ten += u32::from(value(1) > 10.0);
        }
        assert!(strata.iter().all(|&is_met| is_met), "{method:?}");
        assert_eq!(above_ten, 256, "{method:?}");
    }
}

#[test]
fn what_stands_in_a_file_is_multiplied_by_what_has_its_unit() {
    let root = root(
        r#"
        [a]
        number = 0.4
        duration = "2w"
        law = { lognormal = { median = "20d", p90 = 60, at_most = 100 } }
        shape = { weibull = { shape = 1.2, scale = 200 } }
        list = { discrete = { values = [1, 2], weights = [1, 3] } }
        both = { mixture = { weights = [1, 2], of = [{ exponential = { mean = 3 } }, { uniform = { min = 1, max = 2 } }] } }
        count = { poisson = { mean = 3 } }
        chance = { beta = { alpha = 2, beta = 3 } }
        text = "soon"
        "#,
    );
    let texts = |address: &str, factor: f64| {
        let scaled = scale::scaled(&root, &Address::parse(address).expect("sound"), factor)?;
        Ok(scaled.into_iter().map(|scaled| scaled.text).collect())
    };
    let scaled = |address: &str| -> Result<Vec<String>, String> { texts(address, 0.5) };
    let one = |address: &str| scaled(address).expect("it has a size").remove(0);
    assert_eq!(one("a.number"), "a.number=0.2");
    assert_eq!(one("a.duration"), "a.duration=7");
    assert_eq!(
        one("a.law"),
        "a.law={ lognormal = { \"at_most\" = 50, \"median\" = 10, \"p90\" = 30 } }"
    );
    assert_eq!(
        one("a.shape"),
        "a.shape={ weibull = { \"scale\" = 100, \"shape\" = 1.2 } }"
    );
    assert_eq!(
        one("a.list"),
        "a.list={ discrete = { \"values\" = [0.5, 1], \"weights\" = [1.0, 3.0] } }"
    );
    assert_eq!(
        one("a.both"),
        "a.both={ mixture = { \"of\" = [{ exponential = { \"mean\" = 1.5 } }, { uniform = { \"max\" = 1, \"min\" = 0.5 } }], \"weights\" = [1.0, 2.0] } }"
    );
    for address in ["a.count", "a.chance", "a.text", "a"] {
        assert!(
            scaled(address)
                .expect_err(address)
                .contains("cannot be multiplied")
        );
    }
    assert!(
        scaled("a.numbr")
            .expect_err("absent")
            .contains("did you mean `number`?")
    );
    assert_eq!(
        texts("*.number", 2.0),
        Ok::<_, String>(vec!["a.number=0.8".to_owned()])
    );
}

/// The points that are checked before a sweep have every value between them.
#[test]
fn representatives_have_every_value_of_every_axis() {
    let root = root("[a]\nb = 1\nc = 1\nd = 1\n");
    let texts = ["a.b=1,2,3", "a.c=4,5", "a.d=6,7,8,9"];
    for combination in [Combination::Grid, Combination::List] {
        let axes = axes(&texts, combination);
        let sets = axes.representatives();
        let numbers: Vec<u64> = sets.iter().flat_map(|set| set.numbers(100)).collect();
        assert!(numbers.iter().all(|number| (1..=axes.len()).contains(number)));
        let seen: Vec<String> = numbers
            .iter()
            .flat_map(|&number| axes.point(number, &root).expect("sound").overrides)
            .collect();
        for value in 1..=9 {
            let is_seen = seen.iter().any(|seen| seen.ends_with(&format!("={value}")));
            assert!(is_seen, "{combination:?}: {value} in {seen:?}");
        }
    }
    let long = Representatives {
        count: 1_000_001,
        stride: 3,
    };
    let numbers: Vec<u64> = long.numbers(5).collect();
    assert_eq!(numbers, [1, 750_001, 1_500_001, 2_250_001, 3_000_001]);
    assert_eq!(long.numbers(1).collect::<Vec<u64>>(), [1]);
    let none = Representatives { count: 0, stride: 1 };
    assert_eq!(none.numbers(5).count(), 0);
}

/// A manifest keeps axes as they are written; what is read from there has the same values, to the bit.
#[test]
fn what_a_manifest_keeps_reads_back_to_the_bit() {
    for text in [
        "a.b=0:1:0.1",
        "a.b=0.1:0.7:lin7",
        "a.b=3:700:log13",
        "a.b*=0.3333333333333333,2",
        "a.b=1e-7..0.1234567890123456:log",
        "a.b=\"30d\",{ pert = { min = 1, mode = 2, max = 3 } }",
    ] {
        let axis = Axis::read(text).expect("sound");
        let again = Axis::read(&axis.written()).expect("what is written can be read");
        assert_eq!(
            format!("{:?}", again.values),
            format!("{:?}", axis.values),
            "{text}"
        );
    }
}

#[test]
fn a_wildcard_stands_for_items_of_lists_and_signs_in_quotes_for_themselves() {
    let scenario = r#"
format = 1
start = 2025-01-01
horizon = "100d"
[ceasefire]
states = ["war", "part", "full"]
initial = "war"
[[ceasefire.transitions]]
from = "war"
to = "part"
chance = 0.5
[[ceasefire.transitions]]
from = "part"
to = "full"
chance = 0.5
[processes."a=b&c".after.exponential]
mean = 20
[processes.x]
"#;
    let input = Input {
        path: "scenario.toml".into(),
        text: scenario.to_owned(),
    };
    let opened = open_again(vec![input]).unwrap();
    let played = |text: &str| {
        let axes = Axes::new(vec![Axis::read(text).unwrap()], Combination::Grid).unwrap();
        let point = axes.point(1, opened.root()).unwrap();
        let loaded = opened.vary(point.overrides.iter().map(|text| ("--axis", text.as_str())));
        assert!(!loaded.diagnostics.has_errors(), "{:?}", loaded.diagnostics);
        loaded.scenario.unwrap()
    };
    for text in [
        "ceasefire.transitions.*.chance=0.9",
        "ceasefire.transitions.*.chance*=1.8",
    ] {
        let Form::Full(full) = played(text).ceasefire.unwrap().form else {
            panic!("it has states");
        };
        for transition in &full.transitions {
            assert_eq!(
                transition.chance.as_ref().unwrap().support(),
                (0.9, 0.9),
                "{text}"
            );
        }
    }
    for text in [
        "processes.\"a=b&c\".after & processes.x.after=7",
        "processes.\"a=b&c\".after.exponential.mean*=2",
    ] {
        played(text);
    }
}

#[test]
fn durations_with_units_have_ranges() {
    let root = root("horizon = 10");
    for text in [
        r#"horizon="40d":"400d":"90d""#,
        "horizon=40d:400d:90d",
        "horizon=40d:400d:90",
        "horizon=40d:400d:lin5",
    ] {
        let axes = axes(&[text], Combination::Grid);
        let overrides = |number| axes.point(number, &root).unwrap().overrides;
        assert_eq!(axes.len(), 5, "{text}");
        assert_eq!(overrides(2), ["horizon=\"130d\""]);
        assert_eq!(axes.point(5, &root).unwrap().cells, [Some("400d".to_owned())]);
        // A manifest keeps an axis as the command line takes it.
        let again = Axis::read(&axes.axes()[0].written()).unwrap();
        assert_eq!(again.written(), axes.axes()[0].written());
        assert!(again.is_in_days);
    }
    assert_eq!(Axis::read("horizon=1w..2w").unwrap().written(), "horizon=7d..14d");
    assert!(
        Axis::read("horizon*=1d:2d:1d")
            .unwrap_err()
            .contains("by factors")
    );
    let refusal = Axis::read("us_support.logistics.chance=0:1").unwrap_err();
    assert!(refusal.contains("write 0:1:STEP"), "{refusal}");
    assert!(Axis::read("x=0,8,.5").unwrap_err().contains("write 0.5"));
}
