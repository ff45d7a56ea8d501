//! Scenarios of constants whose outcome can be worked out by hand, compared exactly.
//!
//! Most of them use one of two facts. `conditions.calm` holds on [10, 20) and from 30 on. The ceasefire of
//! [`TRUCES`] holds on [10, 30), [35, 55), [60, 80) and from 85 to beyond the horizon of 100.

use crate::harness::{NEVER, Scenario, Spells, Told};

/// Holds on [10, 20), lapses, and returns for good on day 30.
const CALM: &str = "
    [conditions.calm]
    any = [{ from = 2025-04-20, until = 2025-04-30 }, { from = 2025-05-10 }]
";

/// After 10 days for 20, and again after 5 each time: on [10, 30), [35, 55), [60, 80), [85, never).
const TRUCES: &str = "
    [ceasefire]
    after = 10
    lasts = 20
    again = 5
";

/// The outcome of a scenario of constants, followed for 100 days.
fn told(body: &str) -> Told {
    let told = Scenario::days(100, body).trace(0);
    assert_eq!(told.drawn(), Vec::<String>::new(), "constants are not drawn");
    told
}

/// When a condition holds, with [`CALM`] and [`TRUCES`] around it.
fn when(condition: &str) -> Spells {
    told(&format!("{TRUCES}{CALM}[objectives.a]\nrequires = [{condition}]")).objective("a")
}

/// From a moment on, for good.
fn from(moment: f64) -> Spells {
    vec![(moment, NEVER)]
}

const NO_SPELL: Spells = Vec::new();

// Conditions

/// Each truce of 20 days has held for 12 days on its last 8; the last begins on day 85, and 85 + 12 = 97.
#[test]
fn held_starts_later_and_ends_with_the_spell() {
    let spells = when("{ held = 12, condition = \"ceasefire\" }");
    assert_eq!(spells, [(22.0, 30.0), (47.0, 55.0), (72.0, 80.0), (97.0, NEVER)]);
}

/// What ends on the very day on which it would have held for 20 days has not; the last would have on day 105, beyond
/// the horizon. Held for 15 days, the last one is due on day 100, the horizon itself, which counts.
#[test]
fn held_must_be_over_before_the_end() {
    assert_eq!(when("{ held = 20, condition = \"ceasefire\" }"), NO_SPELL);
    assert_eq!(
        when("{ held = 15, condition = \"ceasefire\" }").last(),
        Some(&(100.0, NEVER))
    );
    assert_eq!(
        when("{ held = 15.5, condition = \"ceasefire\" }").last(),
        Some(&(75.5, 80.0))
    );
    assert_eq!(
        when("{ held = 0, condition = \"ceasefire\" }"),
        when("\"ceasefire\"")
    );
}

#[test]
fn once_never_ends() {
    assert_eq!(when("{ once = \"ceasefire\" }"), from(10.0));
    assert_eq!(
        when("{ once = { held = 12, condition = \"ceasefire\" } }"),
        from(22.0)
    );
    assert_eq!(
        when("{ once = { held = 20, condition = \"ceasefire\" } }"),
        NO_SPELL
    );
}

/// The gaps of the truces; and where neither the truce nor the calm holds: [0, 10), and [30, 35) is calm.
#[test]
fn none_holds_in_the_gaps() {
    let gaps = [(0.0, 10.0), (30.0, 35.0), (55.0, 60.0), (80.0, 85.0)];
    assert_eq!(when("{ none = [\"ceasefire\"] }"), gaps);
    assert_eq!(when("{ none = \"ceasefire\" }"), gaps);
    assert_eq!(
        when("{ none = [\"ceasefire\", \"conditions.calm\"] }"),
        [(0.0, 10.0)]
    );
    assert_eq!(when("{ none = [] }"), from(0.0));
    assert_eq!(
        when("{ none = [{ none = [\"ceasefire\"] }] }"),
        when("\"ceasefire\"")
    );
}

/// Truce and calm: [10, 20), then the truces from day 35 on. Truce or calm: [10, 30) touches [30, ∞) and is one spell.
#[test]
fn all_and_any_join_and_cut() {
    let both = [(10.0, 20.0), (35.0, 55.0), (60.0, 80.0), (85.0, NEVER)];
    assert_eq!(when("{ all = [\"ceasefire\", \"conditions.calm\"] }"), both);
    assert_eq!(when("[\"ceasefire\", \"conditions.calm\"]"), both);
    assert_eq!(when("\"ceasefire\", \"conditions.calm\""), both);
    assert_eq!(when("{ any = [\"ceasefire\", \"conditions.calm\"] }"), from(10.0));
    assert_eq!(when("{ all = [] }"), from(0.0));
    assert_eq!(when("{ any = [] }"), NO_SPELL);
    assert_eq!(when(""), from(0.0));
}

/// Of truce, calm and [15, 40), two hold on [10, 30): first truce and calm, from day 15 all three, from day 20 truce
/// and window; then on [30, 40) calm and window, from day 35 all three; after day 40, calm and the truces.
#[test]
fn so_many_of_several() {
    let of = "\"ceasefire\", \"conditions.calm\", { from = 2025-04-25, until = 2025-05-20 }";
    let two = when(&format!("{{ at_least = 2, of = [{of}] }}"));
    assert_eq!(two, [(10.0, 55.0), (60.0, 80.0), (85.0, NEVER)]);
    let three = when(&format!("{{ at_least = 3, of = [{of}] }}"));
    assert_eq!(three, [(15.0, 20.0), (35.0, 40.0)]);
    assert_eq!(when(&format!("{{ at_least = 0, of = [{of}] }}")), from(0.0));
    // One and the same thing counts as often as it is listed.
    assert_eq!(
        when("{ at_least = 2, of = [\"ceasefire\", \"ceasefire\"] }"),
        when("\"ceasefire\"")
    );
}

/// The third of five processes that are on from day 10, 20, 30, 40 and 50 makes three of five.
#[test]
fn the_third_of_five() {
    let days = [40, 20, 50, 10, 30];
    let tables = days
        .iter()
        .map(|day| format!("[processes.p{day}]\nafter = {day}\n"))
        .collect::<Vec<_>>()
        .concat();
    let of: Vec<String> = days.iter().map(|day| format!("\"processes.p{day}\"")).collect();
    for (least, first) in [(1, 10.0), (2, 20.0), (3, 30.0), (4, 40.0), (5, 50.0)] {
        let condition = format!("{{ at_least = {least}, of = [{}] }}", of.join(", "));
        let told = told(&format!("{tables}[objectives.a]\nrequires = [{condition}]"));
        assert_eq!(told.objective("a"), from(first));
    }
}

/// The start is 2025-04-10, day 0; the horizon day 100 is 2025-07-19.
#[test]
fn dates_are_midnights() {
    assert_eq!(when("{ from = 2025-04-20, until = 2025-05-10 }"), [(10.0, 30.0)]);
    assert_eq!(when("{ from = 2025-04-01, until = 2025-05-10 }"), [(0.0, 30.0)]);
    assert_eq!(when("{ from = 2025-04-10 }"), from(0.0));
    assert_eq!(when("{ until = 2025-04-11 }"), [(0.0, 1.0)]);
    assert_eq!(when("{ until = 2025-04-10 }"), NO_SPELL);
    assert_eq!(when("{ from = 2025-03-01, until = 2025-04-01 }"), NO_SPELL);
    assert_eq!(when("{ from = 2025-07-19 }"), from(100.0));
    assert_eq!(when("{ from = 2025-07-20 }"), NO_SPELL);
    assert_eq!(when("{ from = 2025-07-01, until = 2025-07-19 }"), [(82.0, 100.0)]);
    assert_eq!(when("{ from = 2025-07-01, until = 2025-07-20 }"), from(82.0));
}

// Processes

/// Each entry counts by its day: what is due at the horizon happens, what is due later does not.
#[test]
fn the_horizon_is_the_last_moment() {
    let ceasefire = |body: &str| told(&format!("[ceasefire]\n{body}")).signal("ceasefire");
    assert_eq!(ceasefire("after = 100"), from(100.0));
    assert_eq!(ceasefire("after = 100.5"), NO_SPELL);
    assert_eq!(ceasefire("after = 40\nlasts = 60"), [(40.0, 100.0)]);
    assert_eq!(ceasefire("after = 40\nlasts = 60.5"), from(40.0));
    assert_eq!(ceasefire(""), from(0.0));
    assert_eq!(ceasefire("lasts = 30"), [(0.0, 30.0)]);
}

#[test]
fn durations_have_units() {
    let ceasefire = |after: &str| told(&format!("[ceasefire]\nafter = {after}")).signal("ceasefire");
    assert_eq!(ceasefire("\"14d\""), from(14.0));
    assert_eq!(ceasefire("\"2w\""), from(14.0));
    assert_eq!(ceasefire("\"1mo\""), from(30.4375));
    assert_eq!(ceasefire("\"0.25y\""), from(91.3125));
    assert_eq!(ceasefire("12.5"), from(12.5));
}

/// The clock runs while it is calm. 8 days: done on day 18. 10 days: due on day 20, when the calm ends; so it starts
/// over on day 30. 15 days: starts over too.
#[test]
fn a_process_starts_over_when_its_requirement_returns() {
    for (after, on) in [(8, 18.0), (10, 40.0), (15, 45.0)] {
        let told = told(&format!(
            "{CALM}[processes.plan]\nafter = {after}\nrequires = \"conditions.calm\""
        ));
        assert_eq!(told.signal("processes.plan"), from(on));
    }
}

/// The requirement is asked for when the process would switch on again too: it is off from day 19 (11 + 8), and its
/// clock of 5 days towards on cannot run before day 30.
#[test]
fn the_requirement_gates_the_return() {
    let told = told(&format!(
        "{CALM}[processes.plan]\nafter = 1\nlasts = 8\nagain = 5\nrequires = \"conditions.calm\""
    ));
    let expected = [
        (11.0, 19.0),
        (35.0, 43.0),
        (48.0, 56.0),
        (61.0, 69.0),
        (74.0, 82.0),
        (87.0, 95.0),
        (100.0, NEVER),
    ];
    assert_eq!(told.signal("processes.plan"), expected);
}

/// A process of three states that goes up on days 10 and 25, down one on day 60, and down to the lowest on day 90.
#[test]
fn a_reference_to_a_state_means_that_one_or_better() {
    let told = told(
        "[ceasefire]
         states = [\"fighting\", \"partial\", \"full\"]
         initial = \"fighting\"
         [[ceasefire.transitions]]
         from = \"fighting\"
         to = \"partial\"
         after = 10
         [[ceasefire.transitions]]
         from = \"partial\"
         to = \"full\"
         after = 15
         requires = { until = 2025-06-01 }
         [[ceasefire.transitions]]
         from = \"full\"
         to = \"partial\"
         after = 35
         [[ceasefire.transitions]]
         from = \"partial\"
         to = \"fighting\"
         after = 30
         [objectives.a]
         requires = \"ceasefire.fighting\"",
    );
    assert_eq!(told.signal("ceasefire.partial"), [(10.0, 90.0), (100.0, NEVER)]);
    assert_eq!(told.signal("ceasefire.full"), [(25.0, 60.0)]);
    assert_eq!(told.objective("a"), from(0.0));
}

/// Both transitions are due on day 10: the first in the file moves.
#[test]
fn ties_go_to_the_first_transition_in_the_file() {
    let process = |order: [&str; 2]| {
        let transitions = order.map(|to| {
            format!("[[processes.vote.transitions]]\nfrom = \"open\"\nto = \"{to}\"\nafter = 10\n")
        });
        let head = "[processes.vote]\nstates = [\"open\", \"no\", \"yes\"]\ninitial = \"open\"\n";
        told(&format!("{head}{}", transitions.concat())).signal("processes.vote.yes")
    };
    assert_eq!(process(["no", "yes"]), NO_SPELL);
    assert_eq!(process(["yes", "no"]), from(10.0));
}

/// Two moves at one moment: the state between them is held for no time, so it never held.
#[test]
fn a_state_held_for_no_time_is_no_spell() {
    let told = told(
        "[processes.vote]
         states = [\"open\", \"debated\", \"passed\"]
         initial = \"open\"
         [[processes.vote.transitions]]
         from = \"open\"
         to = \"passed\"
         after = 10
         [[processes.vote.transitions]]
         from = \"passed\"
         to = \"debated\"
         [objectives.a]
         requires = \"processes.vote.passed\"
         [objectives.b]
         requires = { once = \"processes.vote.passed\" }",
    );
    assert_eq!(told.signal("processes.vote.debated"), from(10.0));
    assert_eq!(told.signal("processes.vote.passed"), NO_SPELL);
    assert_eq!((told.objective("a"), told.objective("b")), (NO_SPELL, NO_SPELL));
}

/// A loop without any time is stopped, and the tally names the process and the first trial.
#[test]
fn a_loop_is_stopped() {
    let tally = Scenario::days(
        100,
        "[processes.good]
         after = 1
         [processes.loop]
         lasts = 0
         again = 0",
    )
    .trials(3)
    .tally();
    let runaway = tally.runaway.expect("it was stopped");
    assert_eq!((runaway.trial, runaway.process), (0, 1));
}

// Contributors and packages

/// A decision of 12 days does not fit into the first calm of 10 days, and starts over with the second.
#[test]
fn a_decision_starts_over() {
    for (decision, pledge) in [
        ("decision = 9", 19.0),
        ("decision = 10", 40.0),
        ("decision = 12", 42.0),
        ("", 10.0),
    ] {
        let told = told(&format!(
            "{CALM}[contributors.france]\n{decision}\nrequires = [\"conditions.calm\"]"
        ));
        // The pledge stands once made, though the calm ends on day 20.
        assert_eq!(told.signal("contributors.france"), from(pledge));
    }
}

/// Pledged on day 0, the package waits for calm: 12 days of notice do not fit before day 20, and start over on day 30.
#[test]
fn a_notice_starts_over() {
    for (notice, assembled) in [(9, 19.0), (10, 40.0), (12, 42.0), (70, 100.0)] {
        let told = told(&format!(
            "{CALM}[capabilities.troops]\n[contributors.france.provides.troops]\namount = 7\nnotice_to_move = {notice}\nrequires = [\"conditions.calm\"]"
        ));
        assert_eq!(told.package("france", "troops"), (from(assembled), 7.0));
    }
}

/// Assembled on day 5. `while` lets the package count only during the truces; `sustains` ends it 30 days after it was
/// assembled, whether it counted or not.
#[test]
fn packages_count_while_and_as_long_as() {
    let package = |keys: &str| {
        told(&format!(
            "{TRUCES}[capabilities.troops]\n[contributors.france.provides.troops]\namount = 7\nnotice_to_move = 5\n{keys}"
        ))
        .package("france", "troops")
    };
    assert_eq!(package("").0, from(5.0));
    let truces = [(10.0, 30.0), (35.0, 55.0), (60.0, 80.0), (85.0, NEVER)];
    assert_eq!(package("while = \"ceasefire\"").0, truces);
    assert_eq!(
        package("while = { none = \"ceasefire\" }").0,
        [(5.0, 10.0), (30.0, 35.0), (55.0, 60.0), (80.0, 85.0)]
    );
    assert_eq!(package("sustains = 30").0, [(5.0, 35.0)]);
    assert_eq!(package("sustains = 95").0, [(5.0, 100.0)]);
    assert_eq!(package("sustains = 96").0, from(5.0));
    assert_eq!(
        package("sustains = 35\nwhile = [\"ceasefire\"]").0,
        [(10.0, 30.0), (35.0, 40.0)]
    );
    // Assembled, so there is an amount; gone at the same moment, so there is no spell.
    assert_eq!(package("sustains = 0"), (NO_SPELL, 7.0));
    let never = package("requires = \"conditions.never\"\n[conditions.never]\nany = []");
    assert!(never.0.is_empty() && never.1.is_nan());
}

/// France brings 10 on [5, 25), the UK 10 from day 20 on, and 4 are there from the start.
#[test]
fn totals_add_up_what_supplies() {
    let total = |at_least: &str| {
        told(&format!(
            "[capabilities.troops]
             initial = 4
             [contributors.france.provides.troops]
             amount = 10
             notice_to_move = 5
             sustains = 20
             [contributors.uk.provides.troops]
             amount = 10
             notice_to_move = 20
             [objectives.a]
             requires = [{{ capability = \"troops\", at_least = {at_least} }}]"
        ))
        .objective("a")
    };
    assert_eq!(total("4"), from(0.0));
    assert_eq!(total("14"), from(5.0));
    assert_eq!(total("24"), [(20.0, 25.0)]);
    assert_eq!(total("24.5"), NO_SPELL);
    assert_eq!(total("0"), from(0.0));
}

/// One package leaves on the day on which another of the same size comes: the total never falls.
#[test]
fn a_relief_leaves_no_gap() {
    let told = told(
        "[capabilities.troops]
         [contributors.france.provides.troops]
         amount = 10
         sustains = 30
         [contributors.uk.provides.troops]
         amount = 10
         notice_to_move = 30
         [mission]
         requires = { capability = \"troops\", at_least = 10 }",
    );
    assert_eq!(told.ready(), from(0.0));
}

/// In floating point 0.1 + 0.2 is not 0.3. In steps of 10⁻⁶ it is.
#[test]
fn amounts_that_should_reach_a_threshold_do() {
    let told = told(
        "[capabilities.troops]
         [contributors.france.provides.troops]
         amount = 0.1
         [contributors.uk.provides.troops]
         amount = 0.2
         [mission]
         requires = [{ capability = \"troops\", at_least = 0.3 }]",
    );
    assert_eq!(told.ready(), from(0.0));
}

/// Chances of 1 and 0 need no luck; the uniform stays the contributor's own.
#[test]
fn a_stance_is_a_chance() {
    let told = Scenario::days(
        100,
        "[stances]
         willing = 1
         opposed = 0
         [contributors.france]
         stance = \"willing\"
         decision = 8
         [contributors.uk]
         stance = \"opposed\"",
    )
    .trace(0);
    assert_eq!(told.signal("contributors.france"), from(8.0));
    assert_eq!(told.signal("contributors.uk"), NO_SPELL);
    assert_eq!(
        told.drawn(),
        ["contributors.france.chance 0", "contributors.uk.chance 0"]
    );
    let (france, uk) = (
        told.draw("contributors.france.chance", 0),
        told.draw("contributors.uk.chance", 0),
    );
    assert_eq!(
        (france.map(|draw| draw.1), uk.map(|draw| draw.1)),
        (Some(1.0), Some(0.0))
    );
    assert_ne!(france.map(|draw| draw.0), uk.map(|draw| draw.0));
}

// Effects

/// While the calm holds, clocks take twice as long; they are read when the clock starts. The plan starts on day 0, when
/// it is not calm yet: 25 days. The ceasefire starts on day 10, in the calm: 2 · 25. The mandate starts on day 20, when
/// the calm is just over: 25 days.
#[test]
fn a_duration_is_scaled_by_what_holds_when_its_clock_starts() {
    let told = told(&format!(
        "{CALM}
         [processes.plan]
         after = 25
         [processes.accord]
         after = 25
         requires = [{{ from = 2025-04-20 }}]
         [processes.mandate]
         after = 25
         requires = [{{ from = 2025-04-30 }}]
         [[effects]]
         cause = \"conditions.calm\"
         scale = [\"processes.*.after\"]
         ratio = 2"
    ));
    assert_eq!(told.signal("processes.plan"), from(25.0));
    assert_eq!(told.signal("processes.accord"), from(60.0));
    assert_eq!(told.signal("processes.mandate"), from(45.0));
}

/// The factor of a driver is ratio ^ value: 2³ = 8 on amounts. A second effect multiplies it by 3.
#[test]
fn effects_multiply() {
    let told = told(
        "[drivers.engagement]
         value = 3
         [capabilities.troops]
         [contributors.france.provides.troops]
         amount = 5
         notice_to_move = 1
         [[effects]]
         cause = \"drivers.engagement\"
         scale = \"contributors.*.provides.*.amount\"
         ratio = 2
         [[effects]]
         cause = { from = 2025-04-10 }
         scale = [\"contributors.france.provides.troops.amount\", \"contributors.france.provides.troops.notice_to_move\"]
         ratio = 3",
    );
    assert_eq!(told.package("france", "troops"), (from(3.0), 5.0 * 8.0 * 3.0));
}

/// France pledges on day 15, in the calm, and is assembled on day 25, out of it: its amount is read at the pledge (twice
/// 7), how long it sustains at the assembly (20 days). The UK pledges on day 5 and is assembled on day 15: 7 units for
/// twice 20 days.
#[test]
fn amounts_are_read_at_the_pledge_and_sustains_at_the_assembly() {
    let told = told(&format!(
        "{CALM}
         [capabilities.troops]
         [contributors.france]
         decision = 15
         [contributors.france.provides.troops]
         amount = 7
         notice_to_move = 10
         sustains = 20
         [contributors.uk]
         decision = 5
         [contributors.uk.provides.troops]
         amount = 7
         notice_to_move = 10
         sustains = 20
         [[effects]]
         cause = \"conditions.calm\"
         scale = [\"contributors.*.provides.*.amount\", \"contributors.*.provides.*.sustains\"]
         ratio = 2"
    ));
    assert_eq!(told.package("france", "troops"), (vec![(25.0, 45.0)], 14.0));
    assert_eq!(told.package("uk", "troops"), (vec![(15.0, 55.0)], 7.0));
}

/// The factor is read anew for each spell. A decision of 6 days takes 12 in the first calm, which is scaled, and does
/// not fit; in the second, which is not, it takes 6.
#[test]
fn a_factor_is_read_anew_when_a_clock_starts_over() {
    let effect = "[[effects]]\ncause = { until = 2025-04-30 }\nratio = 2\nscale = ";
    let decision = told(&format!(
        "{CALM}[contributors.france]\nrequires = \"conditions.calm\"\ndecision = 6\n{effect}\"contributors.france.decision\""
    ));
    assert_eq!(decision.signal("contributors.france"), from(36.0));
    let notice = told(&format!(
        "{CALM}[capabilities.troops]\n[contributors.france.provides.troops]\namount = 1\nrequires = \"conditions.calm\"\nnotice_to_move = 6\n{effect}\"contributors.*.provides.*.notice_to_move\""
    ));
    assert_eq!(notice.package("france", "troops").0, from(36.0));
    let process = told(&format!(
        "{CALM}[processes.plan]\nrequires = \"conditions.calm\"\nafter = 6\n{effect}\"processes.plan.after\""
    ));
    assert_eq!(process.signal("processes.plan"), from(36.0));
}

/// The odds of 0.5 are 1; while the plan holds, from day 40 on, they are 3: a chance of 0.75. France decides on day 10
/// with the uniform u: it pledges at once if u < 0.5, on day 40 if u < 0.75, else never.
#[test]
fn a_chance_that_rises_turns_a_contributor() {
    let played = Scenario::days(
        100,
        "[processes.plan]
         after = 40
         [contributors.france]
         chance = 0.5
         decision = 10
         [[effects]]
         cause = \"processes.plan\"
         odds = \"contributors.*.chance\"
         ratio = 3",
    )
    .build();
    let mut seen = [0; 3];
    for trial in 0..100 {
        let told = played.trace(1, trial);
        let (uniform, value) = told
            .draw("contributors.france.chance", 0)
            .expect("drawn on day 10");
        assert_eq!(value, 0.5, "the value is the chance before effects");
        let (kind, expected) = match uniform {
            u if u < 0.5 => (0, from(10.0)),
            u if u < 0.75 => (1, from(40.0)),
            _ => (2, NO_SPELL),
        };
        seen[kind] += 1;
        assert_eq!(told.signal("contributors.france"), expected, "u = {uniform}");
    }
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}

/// A transition's chance is read when its state is entered: on day 10, before the plan, the odds of 0.5 are 1; on its
/// return on day 60, they are 3. A short process has one chance for the whole trial.
#[test]
fn a_chance_of_a_transition_is_read_on_entering_the_state() {
    let played = Scenario::days(
        100,
        "[processes.plan]
         after = 40
         [processes.talks]
         states = [\"apart\", \"talking\", \"agreed\"]
         initial = \"apart\"
         [[processes.talks.transitions]]
         from = \"apart\"
         to = \"talking\"
         after = 10
         [[processes.talks.transitions]]
         from = \"talking\"
         to = \"agreed\"
         chance = 0.5
         after = 5
         [[processes.talks.transitions]]
         from = \"talking\"
         to = \"apart\"
         after = 40
         [[effects]]
         cause = \"processes.plan\"
         odds = \"processes.talks.transitions.1.chance\"
         ratio = 3",
    )
    .build();
    let mut seen = [0; 3];
    for trial in 0..100 {
        let told = played.trace(1, trial);
        let at = "processes.talks.transitions.1.chance";
        let first = told.draw(at, 0).expect("entered on day 10").0;
        let second = told.draw(at, 1);
        let (kind, expected) = if first < 0.5 {
            assert!(second.is_none());
            (0, from(15.0))
        } else if second.expect("entered again on day 60").0 < 0.75 {
            (1, from(65.0))
        } else {
            (2, NO_SPELL)
        };
        seen[kind] += 1;
        assert_eq!(told.signal("processes.talks.agreed"), expected);
    }
    assert!(seen.iter().all(|&count| count > 0), "{seen:?}");
}

/// Chances of 0 and 1 stay what they are, whatever the odds are multiplied by.
#[test]
fn certainties_stay() {
    let told = Scenario::days(
        100,
        "[ceasefire]
         chance = 0
         [processes.plan]
         chance = 1
         [[effects]]
         cause = { from = 2025-04-10 }
         odds = [\"ceasefire.chance\", \"processes.*.chance\"]
         ratio = 1e300",
    )
    .trace(0);
    assert_eq!(
        (told.signal("ceasefire"), told.signal("processes.plan")),
        (NO_SPELL, from(0.0))
    );
}

// The mission

/// A mission of three gates, as processes that switch on after these days.
fn three_gates(days: [u32; 3]) -> Told {
    let tables = days
        .iter()
        .enumerate()
        .map(|(index, day)| format!("[processes.p{index}]\nafter = {day}\n"))
        .collect::<Vec<_>>()
        .concat();
    told(&format!(
        "{tables}
         [objectives.safe_skies]
         requires = [\"processes.p0\"]
         [objectives.safe_seas]
         requires = \"processes.p1\"
         [mission]
         requires = [{{ all = \"processes.p2\", label = \"third\" }}]"
    ))
}

const GATES: [&str; 3] = [
    "objectives.safe_skies.requires.0",
    "objectives.safe_seas.requires",
    "mission.requires.0",
];

/// Two gates open on day 20, one on day 10: the two share. Granting any one leaves the other of the two.
#[test]
fn gates_that_open_last_together_share() {
    let told = three_gates([20, 10, 20]);
    assert_eq!(told.ready(), from(20.0));
    assert_eq!(GATES.map(|gate| told.bottleneck(gate)), [0.5, 0.0, 0.5]);
    assert_eq!(GATES.map(|gate| told.granted(gate)), [20.0, 20.0, 20.0]);
    assert!(!told.is_never_together());
}

/// Days 10, 20 and 30: the last is the bottleneck, and granting it gains ten days.
#[test]
fn the_last_gate_to_open_is_the_bottleneck() {
    let told = three_gates([30, 10, 20]);
    assert_eq!(told.ready(), from(30.0));
    assert_eq!(GATES.map(|gate| told.bottleneck(gate)), [1.0, 0.0, 0.0]);
    assert_eq!(GATES.map(|gate| told.granted(gate)), [20.0, 30.0, 30.0]);
}

/// One gate never opens: it is the bottleneck, and granting it makes the mission ready on day 20. Two that never open
/// share, and granting one of them is not enough.
#[test]
fn gates_that_never_open_are_the_bottleneck() {
    let told = three_gates([10, 200, 20]);
    assert_eq!(told.ready(), NO_SPELL);
    assert_eq!(GATES.map(|gate| told.bottleneck(gate)), [0.0, 1.0, 0.0]);
    assert_eq!(GATES.map(|gate| told.granted(gate)), [NEVER, 20.0, NEVER]);
    let told = three_gates([10, 200, 300]);
    assert_eq!(GATES.map(|gate| told.bottleneck(gate)), [0.0, 0.5, 0.5]);
    assert_eq!(GATES.map(|gate| told.granted(gate)), [NEVER, NEVER, NEVER]);
    assert!(!told.is_never_together());
}

/// One gate is open on [0, 20), the other from day 20 on: each opens, never both. Either would do.
#[test]
fn gates_may_never_open_together() {
    let told = told("[mission]\nrequires = [{ until = 2025-04-30 }, { from = 2025-04-30 }]");
    assert_eq!(told.ready(), NO_SPELL);
    assert!(told.is_never_together());
    let gates = ["mission.requires.0", "mission.requires.1"];
    assert_eq!(gates.map(|gate| told.bottleneck(gate)), [0.0, 0.0]);
    assert_eq!(gates.map(|gate| told.granted(gate)), [20.0, 0.0]);
}

/// The truce opens on day 10, too early, and again on day 35; the plan is ready on day 32. Of the spells that contain
/// day 35, that of the truce starts last. Were there always a truce, the mission would be ready on day 32; were the
/// plan always ready, on day 10.
#[test]
fn the_spell_that_counts_is_the_one_that_contains_the_ready_moment() {
    let told = told(&format!(
        "{TRUCES}[processes.plan]\nafter = 32\n[mission]\nrequires = [\"ceasefire\", \"processes.plan\"]"
    ));
    assert_eq!(told.ready(), [(35.0, 55.0), (60.0, 80.0), (85.0, NEVER)]);
    assert_eq!(
        (
            told.bottleneck("mission.requires.0"),
            told.bottleneck("mission.requires.1")
        ),
        (1.0, 0.0)
    );
    assert_eq!(
        (
            told.granted("mission.requires.0"),
            told.granted("mission.requires.1")
        ),
        (32.0, 10.0)
    );
    let truces = [(10.0, 30.0), (35.0, 55.0), (60.0, 80.0), (85.0, NEVER)];
    assert_eq!(told.gate("mission.requires.0"), truces);
    assert_eq!(told.gate("mission.requires.1"), from(32.0));
}

/// The mission is ready while its own objectives are met and its own conditions hold; other objectives are told of, but
/// are no gates.
#[test]
fn the_mission_has_the_objectives_that_it_lists() {
    let told = told(
        "[processes.plan]
         after = 30
         [objectives.safe_skies]
         requires = [{ from = 2025-04-20 }]
         [objectives.safe_seas]
         requires = [{ from = 2026-01-01 }]
         [mission]
         objectives = [\"safe_skies\"]
         requires = [\"processes.plan\"]",
    );
    assert_eq!(told.ready(), from(30.0));
    assert_eq!(told.objective("safe_seas"), NO_SPELL);
    let gates = told.0["gates"].as_array().expect("a list");
    let addresses: Vec<_> = gates
        .iter()
        .map(|gate| gate["address"].as_str().expect("a text"))
        .collect();
    assert_eq!(
        addresses,
        ["objectives.safe_skies.requires.0", "mission.requires.0"]
    );
}

/// Without any gate, the mission is ready from the start; a label names a gate.
#[test]
fn a_mission_without_gates_is_ready() {
    let none = told("[processes.plan]\nafter = 30");
    assert_eq!(none.ready(), from(0.0));
    assert!(!none.is_never_together());
    assert_eq!(three_gates([1, 2, 3]).0["gates"][2]["label"], "third");
}

/// All trials of a scenario of constants are the same: the figures are those of one trial. Ready on [35, 55), [60, 80)
/// and [85, 100]: 55 days, lost again.
#[test]
fn figures_of_constants_are_exact() {
    let results = Scenario::days(
        100,
        &format!(
            "{TRUCES}[processes.plan]\nafter = 32\n[mission]\nrequires = [\"ceasefire\", \"processes.plan\"]"
        ),
    )
    .trials(1_000)
    .results();
    let mission = &results.mission;
    let ready_by = |day: usize| mission.ready_by[day].estimate;
    assert_eq!((ready_by(34), ready_by(35), ready_by(100)), (0.0, 1.0, 1.0));
    let ready_at = [34, 35, 54, 55, 59, 60, 80, 84, 85, 100].map(|day: usize| mission.ready_at[day].estimate);
    assert_eq!(ready_at, [0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!((mission.days_ready.estimate, mission.lost.estimate), (55.0, 1.0));
    for time in &mission.times {
        assert_eq!(time.value.estimate, 35.0, "{time:?}");
    }
    let [truce, plan] = &results.gates[..] else {
        panic!("two gates")
    };
    assert_eq!((truce.bottleneck.estimate, plan.bottleneck.estimate), (1.0, 0.0));
    assert_eq!((truce.decisive.estimate, plan.decisive.estimate), (0.0, 0.0));
    let granted = |day: usize| {
        (
            truce.ready_if_granted[day].estimate,
            plan.ready_if_granted[day].estimate,
        )
    };
    assert_eq!(
        (granted(9), granted(10), granted(31), granted(32)),
        ((0.0, 0.0), (0.0, 1.0), (0.0, 1.0), (1.0, 1.0))
    );
}

/// A gate that alone keeps the mission from being ready is decisive in every trial; two that do are not.
#[test]
fn a_gate_is_decisive_if_the_mission_is_ready_only_with_it() {
    let decisive = |requires: &str| {
        let results = Scenario::days(100, &format!("{TRUCES}[mission]\nrequires = [{requires}]"))
            .trials(100)
            .results();
        let gates = results.gates.iter();
        (
            gates.map(|gate| gate.decisive.estimate).collect::<Vec<_>>(),
            results.never_together.estimate,
        )
    };
    let never = "{ from = 2026-01-01 }";
    assert_eq!(
        decisive(&format!("\"ceasefire\", {never}")),
        (vec![0.0, 1.0], 0.0)
    );
    assert_eq!(
        decisive(&format!("\"ceasefire\", {never}, {never}")),
        (vec![0.0, 0.0, 0.0], 0.0)
    );
    assert_eq!(
        decisive("\"ceasefire\", { none = \"ceasefire\" }"),
        (vec![1.0, 1.0], 1.0)
    );
}

/// A horizon of 45.65625 days ends between two midnights: what happens after the last one still happens within the
/// horizon, and the last row of each figure holds it.
#[test]
fn what_happens_after_the_last_midnight_counts() {
    let results = Scenario::text(
        "format = 1
         start = 2025-04-10
         horizon = \"1.5mo\"
         [contributors.france]
         decision = 45.5
         [mission]
         requires = [\"contributors.france\", { from = 2025-04-10 }]",
    )
    .trials(100)
    .results();
    assert_eq!(results.mission.ready_by.len(), 46);
    assert_eq!(results.mission.ready_by[45].estimate, 1.0);
    assert_eq!(results.gates[1].ready_if_granted[45].estimate, 1.0);
    assert_eq!(results.contributors[0].pledged_by[45].estimate, 1.0);
}

/// The last midnight is not the horizon: what rises between them is ready by the end, but not at that midnight.
#[test]
fn a_horizon_within_a_day_has_a_last_midnight_before_it() {
    let scenario = Scenario::text(
        "format = 1\nstart = 2025-01-01\nhorizon = \"10.5d\"\n[processes.late]\nafter = \"10.2d\"\n[processes.early]\nafter = \"10d\"\n[mission]\nrequires = [\"processes.late\", { any = [\"processes.early\"], label = \"early\" }]",
    );
    let results = scenario.trials(10).results();
    let (mission, early) = (&results.mission, &results.gates[1].open);
    assert_eq!(
        (mission.ready_at[10].estimate, mission.ready_by[10].estimate),
        (0.0, 1.0)
    );
    assert_eq!(
        (early.ready_at[10].estimate, early.ready_by[9].estimate),
        (1.0, 0.0)
    );
}
