//! What must hold for every scenario: what a change does not touch stays as it is, bit for bit.

use std::fs;

use ceasefire::engine::{Block, Silent};
use ceasefire::plan::{BLOCK, Plan};
use ceasefire::sampling::{Method, SAMPLERS, Source};
use ceasefire::study::run::{Order, Unwatched, run};
use ceasefire::tally::Tally;
use serde_json::Value as Json;

use crate::generator;
use crate::harness::{Scenario, Spells, Told, pool};

#[path = "../../benches/coalition/mod.rs"]
mod coalition;

/// A scenario with a little of everything, of which some trials are ready, some are not, and some lose it again.
pub const MIXED: &str = r#"
format = 1
title = "A little of everything"
start = 2025-04-10
horizon = "300d"

[drivers.engagement]
value = { normal = { mean = 0, sd = 1 } }

[stances]
asking = { beta = { alpha = 2, beta = 3 } }

[ceasefire]
chance = 0.8
after = { weibull = { shape = 1.1, scale = "60d" } }
lasts = { weibull = { shape = 0.6, scale = "500d" } }
again = { exponential = { mean = "40d" } }

[us_support.logistics]
chance = 0.5
after = { lognormal = { median = "45d", p90 = "150d" } }

[processes.mandate]
states = ["none", "draft", "adopted"]
initial = { none = 0.7, draft = 0.3 }

[[processes.mandate.transitions]]
from = "none"
to = "draft"
after = { pert = { min = "5d", mode = "20d", max = "60d" } }

[[processes.mandate.transitions]]
from = "draft"
to = "adopted"
chance = 0.6
after = { gamma = { mean = "30d", sd = "12d" } }

[[processes.mandate.transitions]]
from = "draft"
to = "none"
after = { exponential = { mean = "60d" } }

[capabilities.troops]
unit = "soldiers"
initial = { triangular = { min = 100, mode = 200, max = 400 } }

[contributors.france]
chance = 0.9
requires = ["ceasefire"]
decision = { lognormal = { median = "20d", p90 = "60d" } }

[contributors.france.provides.troops]
amount = { pert = { min = 3000, mode = 5500, max = 7500 } }
notice_to_move = { pert = { min = "10d", mode = "30d", max = "90d" } }

[contributors.poland]
stance = "asking"

[contributors.poland.provides.troops]
amount = { uniform = { min = 500, max = 3000 } }
notice_to_move = { exponential = { mean = "20d" } }
sustains = "120d"

[contributors.uk]
chance = 0.7

[contributors.uk.provides.troops]
amount = { normal = { mean = 4000, sd = 800, at_least = 0 } }
requires = ["processes.mandate.adopted"]
while = [{ none = ["conditions.crisis"] }]

[conditions.crisis]
all = [{ once = "ceasefire" }, { none = ["ceasefire"] }]

[[effects]]
cause = "drivers.engagement"
odds = ["us_support.*.chance", "contributors.*.chance"]
ratio = 1.5

[[effects]]
cause = "us_support.logistics"
odds = ["contributors.*.chance"]
hazard = ["contributors.poland.provides.troops.notice_to_move"]
ratio = { uniform = { min = 1.5, max = 4 } }

[[correlations]]
of = ["contributors.france.chance", "contributors.uk.chance", "contributors.uk.provides.troops.amount"]
rho = 0.4

[objectives.safe_seas]
requires = [{ any = ["us_support.logistics", "contributors.uk"] }]

[objectives.peace_on_land]
requires = [{ capability = "troops", at_least = { uniform = { min = 4000, max = 9000 } } }, "processes.mandate.adopted"]

[mission]
requires = [{ held = "14d", condition = "ceasefire", label = "two weeks of truce" }]
"#;

/// What a contributor that never pledges would bring.
const BYSTANDER: &str = r"
[contributors.bystander]
KEYS
[contributors.bystander.provides.troops]
amount = { uniform = { min = 1000, max = 9000 } }
";

/// A trace without what tells of the bystander.
fn without_the_bystander(mut told: Told) -> Json {
    let is_other = |entry: &Json| {
        !entry["address"]
            .as_str()
            .is_some_and(|at| at.starts_with("contributors.bystander"))
    };
    for list in ["draws", "packages"] {
        told.0[list].as_array_mut().expect("a list").retain(is_other);
    }
    told.0["signals"]
        .as_object_mut()
        .expect("an object")
        .remove("contributors.bystander");
    told.0
}

/// A contributor with a chance of 0, or that asks for what never holds, changes no draw, no moment and no figure.
#[test]
fn who_never_pledges_changes_nothing() {
    for keys in [
        "chance = 0",
        "requires = { from = 2030-01-01 }\nchance = 0.9\ndecision = { exponential = { mean = 9 } }",
    ] {
        let bystander = BYSTANDER.replace("KEYS", keys);
        let mut compared = 0;
        for seed in 0..60 {
            let text = generator::scenario(seed);
            let (before, after) = (
                Scenario::text(&text),
                Scenario::text(format!("{text}{bystander}")),
            );
            // An effect of what hangs on the capability on all contributors makes a circle.
            if after
                .broken_rules()
                .iter()
                .any(|rule| ["cycle", "hazard-on-constant"].contains(rule))
            {
                continue;
            }
            compared += 1;
            let (before, after) = (before.build(), after.build());
            for trial in 0..10 {
                let after = without_the_bystander(after.trace(seed, trial));
                assert_eq!(
                    before.trace(seed, trial).0,
                    after,
                    "scenario {seed}, trial {trial}"
                );
            }
        }
        assert!(compared >= 40, "{compared} of 60 scenarios were compared");

        let before = Scenario::text(MIXED).results();
        let after = Scenario::text(format!("{MIXED}{bystander}")).results();
        assert_eq!(json(&before.mission), json(&after.mission));
        assert_eq!(json(&before.never_together), json(&after.never_together));
        assert_eq!(json(&before.objectives), json(&after.objectives));
        assert_eq!(json(&before.gates), json(&after.gates));
        assert_eq!(json(&before.conditions), json(&after.conditions));
        for contributor in &before.contributors {
            let same = after
                .contributors
                .iter()
                .find(|other| other.subject == contributor.subject);
            assert_eq!(json(contributor), json(same.expect("still there")));
        }
        // Means of totals are exact. Their quantiles are known to a resolution, which follows from what all together
        // could bring, so they may move by one step.
        for (one, other) in before.capabilities.iter().zip(&after.capabilities) {
            let means = |capability: &ceasefire::estimate::Capability| -> Vec<f64> {
                capability.mean.iter().map(|mean| mean.estimate).collect()
            };
            assert_eq!(means(one), means(other));
            let step = one.resolution.max(other.resolution);
            for (one, other) in one
                .quantiles
                .iter()
                .flatten()
                .zip(other.quantiles.iter().flatten())
            {
                assert!((one.value.estimate - other.value.estimate).abs() <= step);
            }
        }
    }
}

/// Figures as JSON, which holds each number to the last bit.
fn json(figures: &impl serde::Serialize) -> Json {
    serde_json::to_value(figures).expect("figures are plain data")
}

/// The tables of a scenario in the opposite order; those of one list keep theirs, which has a meaning.
fn turned_round(text: &str) -> String {
    let mut chunks: Vec<String> = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            chunks.push(String::new());
        }
        let chunk = chunks.last_mut().expect("there is always one");
        chunk.push_str(line);
        chunk.push('\n');
    }
    let head = chunks.remove(0);
    let (lists, mut tables): (Vec<_>, Vec<_>) = chunks.into_iter().partition(|chunk| chunk.starts_with("[["));
    tables.reverse();
    format!("{head}{}{}", lists.concat(), tables.concat())
}

#[test]
fn the_order_of_tables_changes_nothing() {
    for seed in 0..60 {
        let text = generator::scenario(seed);
        let (one, other) = (
            Scenario::text(&text).build(),
            Scenario::text(turned_round(&text)).build(),
        );
        for trial in 0..10 {
            assert_eq!(
                one.trace(seed, trial),
                other.trace(seed, trial),
                "scenario {seed}, trial {trial}"
            );
        }
    }
    let turned = turned_round(MIXED);
    assert_ne!(turned, MIXED);
    assert_eq!(Scenario::text(MIXED).tally(), Scenario::text(turned).tally());
}

/// Three files in two folders, each extending the next, mean what one file with everything merged means: tables merge
/// key by key, lists and numbers and distributions of another family are replaced.
#[test]
fn extends_equals_the_merged_file() {
    let folder = tempfile::tempdir().expect("a folder for a moment");
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("shared")).expect("a folder");
    fs::write(at("shared/delays.csv"), "days,weight\n10,1\n20,1\n40,2\n").expect("a file");
    let base = MIXED.replace(
        "after = { lognormal = { median = \"45d\", p90 = \"150d\" } }",
        "after = { empirical = { file = \"delays.csv\", column = \"days\" } }",
    );
    assert_ne!(base, MIXED);
    let middle = "extends = \"shared/base.toml\"
        title = \"middle\"
        [us_support.logistics]
        chance = 0.9
        [contributors.spain.provides.troops]
        amount = 900
        [objectives.safe_seas]
        requires = [\"contributors.uk\"]
        ";
    let top = "extends = \"middle.toml\"
        horizon = \"250d\"
        title = \"top\"
        [us_support.logistics]
        chance = 0.65
        [contributors.spain]
        chance = 0.5
        ";
    let merged = base
        .replace("\"300d\"", "\"250d\"")
        .replace("A little of everything", "top")
        .replace(
            "[us_support.logistics]\nchance = 0.5",
            "[us_support.logistics]\nchance = 0.65",
        )
        .replace(
            "{ any = [\"us_support.logistics\", \"contributors.uk\"] }",
            "\"contributors.uk\"",
        )
        .replace("delays.csv", "shared/delays.csv")
        + "[contributors.spain]\nchance = 0.5\n[contributors.spain.provides.troops]\namount = 900\n";
    for (name, text) in [
        ("shared/base.toml", base.as_str()),
        ("middle.toml", middle),
        ("top.toml", top),
        ("merged.toml", &merged),
    ] {
        fs::write(at(name), text).expect("a file");
    }
    let (extending, whole) = (Scenario::file(at("top.toml")), Scenario::file(at("merged.toml")));
    assert_eq!(extending.tally(), whole.tally());
    let (extending, whole) = (extending.build(), whole.build());
    assert_eq!(
        (extending.model.title.as_str(), extending.model.horizon),
        ("top", 250.0)
    );
    for trial in 0..50 {
        assert_eq!(extending.trace(1, trial), whole.trace(1, trial));
    }
}

#[test]
fn threads_change_nothing() {
    let scenario = Scenario::text(MIXED).trials(20_000);
    let one = scenario.clone().threads(1).tally();
    for threads in [2, 7] {
        assert_eq!(
            one,
            scenario.clone().threads(threads).tally(),
            "{threads} threads"
        );
    }
    // A number of trials that fills no whole block.
    let odd = scenario.trials(1_001);
    assert_eq!(odd.clone().threads(1).tally(), odd.threads(7).tally());
}

/// The seed alone decides: the same one gives the same futures, another one others.
#[test]
fn the_seed_decides() {
    let of = |seed| Scenario::text(MIXED).trials(1_000).seed(seed).tally();
    assert_eq!(of(7), of(7));
    assert_ne!(of(7), of(8));
}

/// Blocks have 256 trials. Pieces of whole blocks, merged in any order, are the whole.
#[test]
fn pieces_merge_in_any_order() {
    const WHOLE: u64 = BLOCK as u64;
    let played = Scenario::text(MIXED).build();
    let pool = pool(2);
    let piece = |first: u64, trials: u64| {
        run(
            &played.plan,
            Order {
                source: Source::random(1),
                first,
                trials,
            },
            &pool,
            &Unwatched,
        )
        .expect("nobody stops it")
    };
    // 24,633 trials in 49 blocks, the last of 57 trials.
    let whole = piece(0, 24_633);
    let cuts = [0, 1, 2, 9, 10, 30, 48].map(|blocks| blocks * WHOLE);
    let ends = cuts[1..].iter().copied().chain([24_633]);
    let pieces: Vec<Tally> = cuts
        .iter()
        .zip(ends)
        .map(|(&first, end)| piece(first, end - first))
        .collect();
    for order in [
        [0, 1, 2, 3, 4, 5, 6],
        [6, 5, 4, 3, 2, 1, 0],
        [3, 6, 0, 5, 1, 4, 2],
    ] {
        let mut merged = Tally::new(&played.plan, Method::Random);
        order.iter().for_each(|&index| merged.merge(&pieces[index]));
        assert_eq!(merged, whole, "{order:?}");
    }
    // Merging two that are merged already, too.
    let mut left = Tally::new(&played.plan, Method::Random);
    let mut right = Tally::new(&played.plan, Method::Random);
    pieces[..3].iter().for_each(|piece| left.merge(piece));
    pieces[3..].iter().for_each(|piece| right.merge(piece));
    right.merge(&left);
    assert_eq!(right, whole);
}

/// Where only thresholds are asked for, the arrivals of many packages are not sorted; where totals are, they are.
#[test]
fn thresholds_on_many_packages_do_not_depend_on_whether_totals_are_kept() {
    for contributors in [60, 140, 600] {
        let played = Scenario::text(coalition::scenario(contributors)).build();
        let signals = |keeps_totals, first, count| {
            let mut block = Block::new(&played.plan);
            block.keeps_totals = keeps_totals;
            block.play(&played.plan, Source::random(3), first, count, &mut Silent);
            block.signals
        };
        for (first, count) in [(9 * BLOCK as u64, BLOCK), (10 * BLOCK as u64 + 100, 77)] {
            assert!(!played.plan.tallies_totals(first));
            let [kept, selected] = [true, false].map(|keeps| signals(keeps, first, count));
            assert_eq!(kept, selected, "{contributors}");
        }
    }
}

/// A run plays whole blocks by ways that the trace does not take: many trials at a time, and nothing that only a witness
/// needs. Trial by trial, both come to the same: each gate, what it would grant, each pledge and each package.
#[test]
fn a_block_holds_what_each_of_its_trials_tells() {
    for seed in 0..210 {
        let played = Scenario::text(generator::scenario(seed)).build();
        let mut block = Block::new(&played.plan);
        let method = SAMPLERS[usize::try_from(seed % 3).expect("small")].method;
        let source = Source { seed, method };
        // Whole blocks, and what none plays but must hold all the same: one that begins in the middle of another.
        let begin = if seed % 2 == 0 { 3 * BLOCK as u64 } else { 1_000 };
        block.play(&played.plan, source, begin, BLOCK, &mut Silent);
        let time = played.plan.time;
        let spells = |signal: usize, lane: usize| -> Spells {
            let spells = block.signals[signal].of(lane);
            spells
                .map(|spell| (time.days(spell.on), time.days(spell.off)))
                .collect()
        };
        for lane in [
            0, 1, 2, 3, 7, 8, 15, 16, 31, 64, 100, 127, 128, 255, 256, 300, 510, 511,
        ] {
            let told = played.trace_of(source, begin + lane as u64);
            let what = format!("scenario {seed}, {method:?}, trial {}", begin + lane as u64);
            assert_eq!(spells(played.plan.mission, lane), told.ready(), "{what}");
            for (index, gate) in played.model.gates.iter().enumerate() {
                assert_eq!(
                    spells(gate.open, lane),
                    told.gate(&gate.address),
                    "{what}: {}",
                    gate.address
                );
                assert_eq!(
                    time.days(block.outcome.granted[index][lane]),
                    told.granted(&gate.address),
                    "{what}"
                );
            }
            for contributor in &played.model.contributors {
                let name = format!("contributors.{}", contributor.name);
                assert_eq!(
                    spells(contributor.pledge, lane),
                    told.signal(&name),
                    "{what}: {name}"
                );
            }
            for (index, package) in played.model.packages.iter().enumerate() {
                let keys: Vec<&str> = package.address.split('.').collect();
                let (supplies, amount) = told.package(keys[1], keys[3]);
                let own = block.supplies(&played.plan, index, lane);
                let own: Spells = own
                    .iter()
                    .map(|spell| (time.days(spell.on), time.days(spell.off)))
                    .collect();
                assert_eq!(own, supplies, "{what}: {}", package.address);
                if !amount.is_nan() {
                    let capability = played.model.packages[index].capability;
                    let measure = played.plan.capabilities[capability].measure;
                    let own = measure.rounded(block.amount(index, lane));
                    assert_eq!(own, amount, "{what}: {}", package.address);
                }
            }
        }
    }
}

/// What is counted in blocks is what the trials, told one by one, come to.
#[test]
fn blocks_count_what_single_trials_tell() {
    const TRIALS: u64 = 2_000;
    let texts = [MIXED.to_owned()]
        .into_iter()
        .chain((0..20).map(generator::scenario));
    for text in texts {
        let scenario = Scenario::text(text).trials(TRIALS);
        let played = scenario.build();
        let tally = scenario.tally();
        let horizon = played.plan.horizon;
        let (mut ready, mut lost, mut together, mut held) = (0, 0, 0, 0.0);
        for trial in 0..TRIALS {
            let told = played.trace(1, trial);
            let spells = told.ready();
            ready += u64::from(!spells.is_empty());
            lost += u64::from(spells.iter().any(|spell| spell.1 <= horizon));
            together += u64::from(told.is_never_together());
            held += spells.iter().map(|(on, off)| off.min(horizon) - on).sum::<f64>();
        }
        let mission = &tally.subjects[0];
        let beyond = *mission.first.last().expect("there are bins");
        assert_eq!(
            (tally.trials - beyond, mission.lost, tally.never_together),
            (ready, lost, together)
        );
        // Moments are millionths of a day, so that their sum is exact but for that of floating point here.
        assert_eq!(
            mission.held as f64,
            (held * f64::from(ceasefire::time::FINEST)).round()
        );
    }
}

/// What some trials of a plan come to, in a few numbers.
fn in_brief(plan: &Plan, tally: &Tally) -> String {
    let ready = |subject: &ceasefire::tally::SubjectTally| {
        tally.trials - subject.first.last().expect("there are bins")
    };
    let ready: Vec<u64> = tally.subjects.iter().map(ready).collect();
    let shares: Vec<u128> = tally.gates.iter().map(|gate| gate.share).collect();
    let decisive: Vec<u64> = tally.gates.iter().map(|gate| gate.decisive).collect();
    let pledged: Vec<u64> = tally
        .pledges
        .iter()
        .map(|by| by[..=plan.grid.days].iter().sum())
        .collect();
    let mission = &tally.subjects[0];
    format!(
        "ready {ready:?}, lost {}, held {}, together {}, shares {shares:?}, decisive {decisive:?}, pledged {pledged:?}",
        mission.lost, mission.held, tally.never_together
    )
}

/// A name with a dot stands in quotes wherever it is named: what is swayed is the contributor's own chance.
#[test]
fn a_contributor_with_a_dot_in_its_name_is_swayed() {
    let text = |name: &str| {
        format!(
            "[processes.push]
             after = \"1d\"
             [contributors.{name}]
             requires = [\"processes.push\"]
             decision = \"10d\"
             chance = 0.001
             [[effects]]
             cause = \"processes.push\"
             odds = ['contributors.{name}.chance']
             ratio = 1e6
             [mission]
             requires = []"
        )
    };
    for name in ["pq", "\"p.q\""] {
        let scenario = Scenario::days(100, &text(name)).trials(10_000);
        let pledged: u64 = scenario.tally().pledges[0][..=100].iter().sum();
        assert!((9_900..=10_000).contains(&pledged), "{name}: {pledged}");
    }
}

/// Frozen: a change of these numbers changes every result that anybody has ever got, and belongs into the changelog.
#[test]
fn results_are_frozen() {
    let delays = "[processes.plan]
         after = { exponential = { mean = \"30d\" } }
         [ceasefire]
         chance = 0.7
         after = { lognormal = { median = 20, p90 = 60 } }
         lasts = { weibull = { shape = 0.6, scale = 40 } }
         again = { uniform = { min = 5, max = 25 } }
         [mission]
         requires = [\"processes.plan\", { held = \"7d\", condition = \"ceasefire\" }]";
    let cases = [
        (Scenario::days(100, delays), DELAYS),
        (Scenario::text(MIXED), EVERYTHING),
    ];
    for (scenario, frozen) in cases {
        let scenario = scenario.trials(10_000);
        assert_eq!(in_brief(&scenario.build().plan, &scenario.tally()), frozen);
    }
}

/// Results are addressed by the engine's number: other frozen values need a higher one (`VERSION` in `src/lib.rs`), and then
/// their digest here.
#[test]
fn the_engine_has_a_number_for_its_frozen_values() {
    let frozen = format!("{DELAYS} {EVERYTHING} {:?}", crate::draws::FROZEN);
    let digest = &blake3::hash(frozen.as_bytes()).to_hex()[..16];
    let (_, engine) = ceasefire::VERSION.split_once('+').expect("it has a number");
    assert_eq!((engine, digest), ("engine.3", "ee1be914d38910c1"));
}

const DELAYS: &str = "ready [6343, 9616, 6685], lost 3601, held 247680282640, together 74, shares [424148044320, 1886550906240], decisive [342, 3273], pledged []";

const EVERYTHING: &str = "ready [4818, 8358, 5411, 8358, 5937, 8515, 8002, 3788], lost 1423, held 635198789864, together 58, shares [223636052640, 1185379715520, 501978356880, 403429506480], decisive [321, 844, 456, 265], pledged [7260, 4974, 7679]";
