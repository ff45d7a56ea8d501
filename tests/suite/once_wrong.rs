//! Figures that once were wrong, each with its right value, and what holds for all of their kind.

use ceasefire::estimate::{Estimate, Results};
use ceasefire::sampling::Source;
use ceasefire::sampling::sampler;
use ceasefire::verdict::{Answer, Court, questions};

use crate::generator;
use crate::harness::{NEVER, Scenario, pool};

/// A hundred years, cut to a thousandth by an effect: 36.525 d. Before its effect each clock lies far beyond the longest duration that
/// the engine has, and must not be cut to that first.
const SHORTENED: &str = "
    [processes.engaged]
    [[effects]]
    cause = \"processes.engaged\"
    scale = [\"processes.*.after\", \"ceasefire.*\", \"contributors.*.decision\", \"contributors.*.provides.*.*\"]
    ratio = 0.001
    [processes.accession]
    after = \"100y\"
    [ceasefire]
    lasts = \"100y\"
    again = \"100y\"
    [capabilities.troops]
    [contributors.uk]
    decision = \"100y\"
    [contributors.france.provides.troops]
    amount = 5
    notice_to_move = \"100y\"
    sustains = \"100y\"
    [conditions]
    troops = { capability = \"troops\", at_least = 0.005 }
    [mission]
    requires = \"processes.accession\"";

#[test]
fn a_duration_beyond_the_horizon_may_be_scaled_into_it() {
    let day = 36.525;
    for law in [
        "\"100y\"",
        "{ discrete = { values = [\"100y\"], weights = [1] } }",
    ] {
        let text = SHORTENED.replace("= \"100y\"\n", &format!("= {law}\n"));
        let told = Scenario::days(100, &text).trace(0);
        let close = |spells: &[(f64, f64)], expected: &[(f64, f64)]| {
            assert_eq!(spells.len(), expected.len(), "{law}: {spells:?}");
            for (spell, expected) in spells.iter().zip(expected) {
                let is_close = |one: f64, other: f64| one == other || (one - other).abs() < 1e-4;
                let is_same = is_close(spell.0, expected.0) && is_close(spell.1, expected.1);
                assert!(is_same, "{law}: {spells:?} for {expected:?}");
            }
        };
        close(&told.ready(), &[(day, NEVER)]);
        close(&told.signal("ceasefire"), &[(0.0, day), (2.0 * day, NEVER)]);
        close(&told.signal("contributors.uk"), &[(day, NEVER)]);
        close(&told.package("france", "troops").0, &[(day, 2.0 * day)]);
        close(&told.signal("conditions.troops"), &[(day, 2.0 * day)]);
    }
}

/// Ten years less 15 % are 3,104.6 d, and a lognormal of median 600 d and p90 3,000 d less 15 % is at most 1,800 d with a probability of
/// Φ(ln(1800 / 510) / (ln 5 / 1.2816)) = 0.8424.
#[test]
fn long_durations_that_are_scaled_keep_their_tail() {
    let scenario = |after: &str| {
        let text = format!(
            "[processes.engaged]
             [processes.accession]
             after = {after}
             [[effects]]
             cause = \"processes.engaged\"
             scale = \"processes.accession.after\"
             ratio = 0.85
             [mission]
             requires = \"processes.accession\""
        );
        Scenario::days(1_825, &text)
    };
    let years = scenario("\"10y\"").trials(1_000).results();
    assert_eq!(years.mission.ready_by[1_825].estimate, 0.0);
    let lognormal = scenario("{ lognormal = { median = \"600d\", p90 = \"3000d\" } }")
        .trials(100_000)
        .results();
    let found = lognormal.mission.ready_by[1_800];
    assert!(found.low < 0.842_4 && 0.842_4 < found.high, "{found:?}");
}

/// 0 to 100 soldiers, ten times as many while something holds that always holds: uniform up to 1,000.
#[test]
fn totals_are_binned_as_far_as_effects_lift_them() {
    let text = |ratio: &str| {
        format!(
            "[processes.lift]
             [drivers.size]
             value = {{ normal = {{ mean = 1, sd = 0.1 }} }}
             [capabilities.troops]
             [contributors.a.provides.troops]
             amount = {{ uniform = {{ min = 0, max = 100 }} }}
             [[effects]]
             cause = \"processes.lift\"
             scale = \"contributors.a.provides.troops.amount\"
             ratio = {ratio}
             [mission]
             requires = {{ capability = \"troops\", at_least = 5 }}"
        )
    };
    for (ratio, most) in [("10", 1_000.0), ("1000", 100_000.0)] {
        let results = Scenario::days(100, &text(ratio)).trials(4_096).results();
        let troops = &results.capabilities[0];
        assert!(troops.resolution <= most / 200.0, "{}", troops.resolution);
        for quantile in &troops.quantiles[100] {
            let (p, exact) = (quantile.quantile, quantile.quantile * most);
            let error = 4.5 * most * (p * (1.0 - p) / 4_096.0).sqrt() + troops.resolution;
            let Estimate {
                estimate, low, high, ..
            } = quantile.value;
            assert!((estimate - exact).abs() < error, "{quantile:?}");
            assert!(
                low < estimate && estimate < high && high - low < 0.1 * most,
                "{quantile:?}"
            );
        }
        let mean = troops.mean[100];
        let error = 2.0 * (mean.high - mean.low);
        assert!((mean.estimate - most / 2.0).abs() < error, "{mean:?}");
    }
}

/// What nobody has seen bounds nothing: of few trials, the interval of a high quantile reaches to what is possible.
#[test]
fn an_interval_that_nothing_bounds_reaches_to_what_is_possible() {
    let p95 = |amount: &str| {
        let text = format!(
            "[capabilities.troops]
             [contributors.a.provides.troops]
             amount = {amount}
             [mission]
             requires = {{ capability = \"troops\", at_least = 5 }}"
        );
        let results = Scenario::days(10, &text).trials(10).results();
        results.capabilities[0].quantiles[10][4].value
    };
    assert_eq!(p95("{ uniform = { min = 0, max = 70 } }").high, 70.0);
    assert_eq!(
        p95("{ lognormal = { median = 50, p90 = 100 } }").high,
        f64::INFINITY
    );
}

/// P(X > t) = 1 / (1 + (t / 1000)^0.9) has no finite mean, but quantiles.
const HEAVY: &str = "
    [capabilities.troops]
    [contributors.a]
    decision = \"10d\"
    [contributors.a.provides.troops]
    amount = { loglogistic = { median = 1000, shape = 0.9 } }
    [mission]
    requires = { capability = \"troops\", at_least = 5 }";

#[test]
fn an_infinite_mean_is_said_to_be_infinite() {
    let scenario = Scenario::days(100, HEAVY).trials(2_000);
    let results = scenario.results();
    let troops = &results.capabilities[0];
    // Nobody supplies anything before the tenth day.
    assert_eq!(
        (troops.mean[9].estimate, troops.mean[9].high.is_finite()),
        (0.0, true)
    );
    assert_eq!(troops.mean[10], Estimate::certain(f64::INFINITY, 2_000));
    let json = serde_json::to_value(&results).expect("results are JSON");
    let mean = &json["capabilities"][0]["mean"][10];
    assert_eq!(
        (&mean["estimate"], &mean["low"], &mean["high"]),
        (&"infinite".into(), &"infinite".into(), &"infinite".into())
    );
    let median = troops.quantiles[100][2].value;
    assert!(median.low <= 1_000.0 && 1_000.0 <= median.high, "{median:?}");
    // Nine tenths of the draws keep seven digits.
    assert!(troops.resolution <= 1_000.0, "{}", troops.resolution);
    assert_eq!(
        scenario
            .broken_rules()
            .iter()
            .filter(|rule| **rule == "infinite-mean")
            .count(),
        1
    );
}

/// A driver with an exponential tail: E r^X of a mean of m is 1 / (1 − m ln r), and infinite from m ln r = 1 on.
#[test]
fn a_driver_may_make_a_mean_infinite() {
    let is_infinite = |driver: &str, ratio: &str| {
        let text = format!(
            "[drivers.x]
             value = {driver}
             [capabilities.troops]
             [contributors.a.provides.troops]
             amount = 10
             [[effects]]
             cause = \"drivers.x\"
             scale = \"contributors.a.provides.troops.amount\"
             ratio = {ratio}
             [mission]
             requires = {{ capability = \"troops\", at_least = 5 }}"
        );
        let rules = Scenario::days(10, &text).broken_rules();
        rules.contains(&"infinite-mean")
    };
    for (driver, ratio, expected) in [
        ("{ exponential = { mean = 1 } }", "2.71", false),
        ("{ exponential = { mean = 1 } }", "2.72", true),
        ("{ exponential = { mean = 1 } }", "0.1", false),
        ("{ gamma = { shape = 3, scale = 2 } }", "1.6", false),
        ("{ gamma = { shape = 3, scale = 2 } }", "1.7", true),
        ("{ normal = { mean = 0, sd = 1 } }", "10", false),
        ("{ lognormal = { median = 1, p90 = 3 } }", "1.5", true),
        (
            "{ lognormal = { median = 1, p90 = 3, at_most = 10 } }",
            "1.5",
            false,
        ),
        ("{ poisson = { mean = 3 } }", "1.5", false),
        ("{ quantiles = { p10 = -1, p90 = 1 } }", "5", false),
        ("{ quantiles = { p10 = -1, p90 = 1 } }", "0.15", false),
        ("{ quantiles = { p10 = -1, p90 = 1 } }", "100", true),
        ("{ quantiles = { p10 = -1, p90 = 1 } }", "0.01", true),
        ("2", "{ lognormal = { median = 1, p90 = 3 } }", false),
        ("2", "{ loglogistic = { median = 1, shape = 3 } }", false),
        ("2", "{ loglogistic = { median = 1, shape = 1.5 } }", true),
    ] {
        assert_eq!(is_infinite(driver, ratio), expected, "{ratio} ^ {driver}");
    }
}

/// Ten clocks of a tenth of a day are over when one of a day is; both are the last to be, and share the bottleneck.
#[test]
fn ten_tenths_are_one() {
    let chain = (0..10).map(|place| {
        let before = match place {
            0 => String::new(),
            _ => format!("requires = \"processes.p{}\"", place - 1),
        };
        format!("[processes.p{place}]\nafter = 0.1\n{before}\n")
    });
    let text = chain.collect::<String>()
        + "[processes.one]
           after = \"1d\"
           [mission]
           requires = [\"processes.p9\", \"processes.one\"]";
    for horizon in [10, 3_650, 36_525] {
        let results = Scenario::days(horizon, &text).trials(10).results();
        assert_eq!(results.mission.ready_by[1].estimate, 1.0, "{horizon}");
        for gate in &results.gates {
            assert_eq!(gate.bottleneck.estimate, 0.5, "{horizon}");
        }
    }
}

/// 10.1 + 9.6 + 10.3 d end at a horizon of 30 d, which still happens; so do twelve months in a year.
#[test]
fn sums_of_durations_meet_the_horizon() {
    let is_ready = |horizon: &str, clocks: &[&str]| {
        let chain = clocks.iter().enumerate().map(|(place, clock)| {
            let before = match place {
                0 => String::new(),
                _ => format!("requires = \"processes.p{}\"", place - 1),
            };
            format!("[processes.p{place}]\nafter = {clock}\n{before}\n")
        });
        let (chain, last) = (chain.collect::<String>(), clocks.len() - 1);
        let text = format!(
            "format = 1\nstart = 2025-04-10\nhorizon = {horizon}\n{chain}[mission]\nrequires = \"processes.p{last}\""
        );
        Scenario::text(text).trials(1).results().mission.times[0]
            .value
            .estimate
            .is_finite()
    };
    assert!(is_ready("30", &["10.1", "9.6", "10.3"]));
    assert!(!is_ready("30", &["10.1", "9.6", "10.300001"]));
    assert!(is_ready("\"1y\"", &["\"1mo\""; 12]));
    assert!(is_ready("\"10y\"", &["\"3mo\""; 40]));
    assert!(is_ready("\"100y\"", &["\"1mo\""; 60]));
}

/// Amounts are decimal too, each capability's in a step that holds its constants, and in any of the two ways of adding up.
#[test]
fn amounts_that_are_equal_on_paper_are_equal() {
    let reaches = |amounts: &[&str], asked: &str, sustains: &str| {
        let packages = amounts.iter().enumerate().map(|(place, amount)| {
            format!("[contributors.c{place}.provides.troops]\namount = {amount}\n{sustains}\n")
        });
        let text = format!(
            "[capabilities.troops]\n{}[mission]\nrequires = {{ capability = \"troops\", at_least = {asked} }}",
            packages.collect::<String>()
        );
        Scenario::days(10, &text).trials(1).results().mission.ready_by[10].estimate == 1.0
    };
    for sustains in ["", "sustains = 20"] {
        assert!(reaches(&["0.1"; 10], "1", sustains));
        assert!(reaches(&["0.1", "0.2"], "0.3", sustains));
        assert!(reaches(&["16_777_217", "0.1"], "16_777_217.1", sustains));
        assert!(reaches(&["0.0000001"; 3], "0.0000003", sustains));
        assert!(reaches(
            &["{ discrete = { values = [0.7], weights = [1] } }", "0.1"],
            "0.8",
            sustains
        ));
        assert!(!reaches(&["0.1", "0.2"], "0.300001", sustains));
    }
}

/// A thousand small packages and a large one: neither the large one nor what is asked of all is cut.
#[test]
fn large_amounts_among_many_are_counted_whole() {
    let packages = (0..1_000).map(|place| format!("[contributors.c{place}.provides.troops]\namount = 1\n"));
    let text = |asked: u32| {
        format!(
            "[capabilities.troops]\ninitial = 1_000_000_000\n{}[mission]\nrequires = {{ capability = \"troops\", at_least = {asked} }}",
            packages.clone().collect::<String>()
        )
    };
    for (asked, is_ready) in [(1_000_001_000, 1.0), (1_000_001_001, 0.0)] {
        let results = Scenario::days(2, &text(asked)).trials(1).results();
        assert_eq!(results.mission.ready_by[2].estimate, is_ready, "{asked}");
        assert_eq!(results.capabilities[0].mean[2].estimate, 1_000_001_000.0);
    }
}

/// The median of an exponential of mean 100 d is 69.3 d.
#[test]
fn what_lies_beyond_the_horizon_is_not_judged() {
    let judge = |horizon: u32, bounds: &str| {
        let text = format!(
            "[ceasefire]
             after = {{ exponential = {{ mean = \"100d\" }} }}
             [mission]
             requires = \"ceasefire\"
             [[expect]]
             metric = \"time_p50\"
             {bounds}"
        );
        let played = Scenario::days(horizon, &text).build();
        let pool = pool(2);
        let mut court = Court::new(vec![&played.plan], Source::random(1), &pool);
        let claim = &played.model.claims[0];
        let asked = questions(claim, (&played.model, &played.plan), None).expect("it can be judged");
        court.add(asked, 0, 0.95);
        while !court.is_decided() && court.played() < 100_000 {
            court.hear(100_000);
        }
        let judgement = court.judgements().remove(0);
        (judgement.answer, judgement.is_beyond)
    };
    let beyond = (Answer::Undecided, true);
    assert_eq!(judge(50, "at_least = 100"), beyond);
    assert_eq!(judge(50, "at_most = 100"), beyond);
    assert_eq!(judge(50, "between = [60, 80]"), beyond);
    assert_eq!(judge(1_000, "at_least = 100"), (Answer::Fails, false));
    assert_eq!(judge(1_000, "at_most = 100"), (Answer::Holds, false));
    // What lies within the horizon is known, and what is seen there may be enough.
    assert_eq!(judge(50, "at_least = 40"), (Answer::Holds, false));
    assert_eq!(judge(50, "at_most = 40"), (Answer::Fails, false));
    assert_eq!(judge(50, "between = [20, 40]"), (Answer::Fails, false));
    assert_eq!(judge(80, "at_least = 100"), (Answer::Fails, false));
    assert_eq!(judge(80, "at_most = 100"), (Answer::Holds, false));
}

/// Two waits that are alike help alike; one that is longer helps more.
#[test]
fn a_gate_is_ahead_only_of_those_that_it_can_be_told_from() {
    let leaders = |means: [u32; 3], method: &str| {
        let waits = means.iter().enumerate().map(|(place, mean)| {
            format!("[processes.p{place}]\nafter = {{ exponential = {{ mean = {mean} }} }}\n")
        });
        let text = waits.collect::<String>()
            + "[mission]\nrequires = [\"processes.p0\", \"processes.p1\", \"processes.p2\"]";
        let method = sampler(method).expect("a sampler").method;
        let mut leaders = Scenario::days(60, &text)
            .method(method)
            .trials(40_000)
            .results()
            .leaders;
        for gates in [
            &mut leaders.missing,
            &mut leaders.bottleneck,
            &mut leaders.granted,
        ] {
            gates.sort_unstable();
        }
        [leaders.missing, leaders.bottleneck, leaders.granted]
    };
    for method in ["random", "sobol"] {
        assert_eq!(leaders([100, 100, 30], method), [[0, 1]; 3], "{method}");
        assert_eq!(leaders([100, 130, 30], method), [[1]; 3], "{method}");
    }
}

fn all_figures(results: &Results) -> Vec<(String, Estimate)> {
    let mut all = vec![("never_together".to_owned(), results.never_together)];
    let mut add = |name: &str, figures: &[Estimate]| {
        all.extend(figures.iter().map(|figure| (name.to_owned(), *figure)));
    };
    for subject in results.subjects() {
        add(&format!("{} ready_by", subject.subject), &subject.ready_by);
        add(&format!("{} ready_at", subject.subject), &subject.ready_at);
        let times: Vec<Estimate> = subject.times.iter().map(|time| time.value).collect();
        add(&format!("{} times", subject.subject), &times);
        add(
            &format!("{} days", subject.subject),
            &[subject.days_ready, subject.lost],
        );
    }
    for gate in &results.gates {
        add(&format!("{} granted", gate.address), &gate.ready_if_granted);
        add(
            &format!("{} shares", gate.address),
            &[gate.bottleneck, gate.decisive],
        );
    }
    for capability in &results.capabilities {
        add(&format!("{} mean", capability.subject), &capability.mean);
        for day in &capability.quantiles {
            let day: Vec<Estimate> = day.iter().map(|quantile| quantile.value).collect();
            add(&format!("{} quantiles", capability.subject), &day);
        }
    }
    for contributor in &results.contributors {
        add(&contributor.subject, &contributor.pledged_by);
    }
    all
}

/// Every figure lies within its interval, and the shares of the bottleneck add up to one.
fn assert_sound(results: &Results, what: &str) {
    for (
        name,
        Estimate {
            estimate, low, high, ..
        },
    ) in all_figures(results)
    {
        assert!(
            low <= estimate && estimate <= high,
            "{what}, {name}: {low} {estimate} {high}"
        );
    }
    if !results.gates.is_empty() {
        let shares = results.gates.iter().map(|gate| gate.bottleneck.estimate);
        let sum = results.never_together.estimate + shares.sum::<f64>();
        assert!((sum - 1.0).abs() < 1e-12, "{what}: shares come to {sum}");
    }
}

#[test]
fn every_figure_lies_within_its_interval() {
    for seed in 0..60 {
        let scenario = Scenario::text(generator::scenario(seed)).seed(seed);
        for trials in [1, 7, 600] {
            assert_sound(
                &scenario.clone().trials(trials).results(),
                &format!("scenario {seed} of {trials}"),
            );
        }
        let sobol = sampler("sobol").expect("a sampler").method;
        assert_sound(
            &scenario.method(sobol).trials(8_192).results(),
            &format!("scenario {seed}, sobol"),
        );
    }
}

/// What is drawn has 24 bits, and the ends of what can be drawn must have them too.
#[test]
fn amounts_that_24_bits_do_not_hold_lie_within_their_intervals() {
    for initial in [
        "{ discrete = { values = [20_000_001], weights = [1] } }",
        "{ discrete = { values = [20_000_001, 30_000_001], weights = [1, 2] } }",
        "{ uniform = { min = 20_000_001, max = 20_000_002 } }",
        "{ uniform = { min = 0.1, max = 0.10000001 } }",
        "20_000_001",
        "0.1",
    ] {
        let text = format!(
            "[capabilities.troops]
             initial = {initial}
             [mission]
             requires = {{ capability = \"troops\", at_least = 5 }}"
        );
        let results = Scenario::days(2, &text).trials(100).results();
        assert_sound(&results, initial);
    }
}

/// Of 25 gates that all open at once, none gets more than its part, and together they have all.
#[test]
fn more_than_twenty_gates_share_all_of_a_bottleneck() {
    let gates: Vec<String> = (0..25).map(|_| "{ from = 2025-04-12 }".to_owned()).collect();
    let text = format!("[mission]\nrequires = [{}]", gates.join(", "));
    let results = Scenario::days(10, &text).trials(100).results();
    assert_sound(&results, "25 gates");
    for gate in &results.gates {
        assert!((gate.bottleneck.estimate - 0.04).abs() < 1e-8);
    }
}
