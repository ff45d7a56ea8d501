//! The answer in words. It tells what happens in the futures that were played, never what will happen.

use super::super::Report;
use super::super::number::{moment, percent, plain, thousands};
use super::unbroken;
use crate::estimate::monitor::{Ended, Precision};
use crate::estimate::{Estimate, Gate, Quantile, Results};
use crate::shown;

/// Longer names of gates are cut.
const LONGEST_NAME: usize = 72;

/// How the chance to be ready lies.
enum Chance {
    Never,
    Sometimes,
    Always,
}

/// The chance to be ready within the horizon, with its interval: what the answer begins with.
pub fn headline(results: &Results) -> String {
    percent(ready(results))
}

/// The short answer: how likely, when, what holds it back, and what would help.
pub fn answer(results: &Results) -> String {
    let day = super::tables::last_day(results);
    let all = match chance(results) {
        Chance::Never => format!(" None of the {} is ever ready.", futures(results.trials)),
        Chance::Always => format!(" Each of the {} is ready at some time.", futures(results.trials)),
        Chance::Sometimes => String::new(),
    };
    let mut sentences = vec![format!(
        "{} ready by {}: {}.{all}",
        unbroken(&headline(results)),
        moment(results, day),
        dates(results),
    )];
    sentences.extend(absence(results));
    sentences.extend(bottleneck(results));
    sentences.extend(help(results));
    sentences.join(" ")
}

/// What ended a run that had a precision to reach, and what that means for its intervals.
fn ending(precision: &Precision) -> String {
    let Precision {
        metric,
        asked,
        half_width,
        ended,
        interval,
    } = precision;
    let trials = thousands(interval.trials as f64, 0);
    let half_width = plain(format!("{half_width:.2e}").parse().unwrap_or(*half_width));
    let asked = plain(*asked);
    let metric = shown::line(metric);
    let what = match ended {
        Ended::Reached => format!(
            "Precision reached after {trials} trials: the half-width of `{metric}` is {half_width}, at most the {asked} asked for."
        ),
        Ended::MaxTrials => format!(
            "Stopped by --max-trials before the precision, after {trials} trials: the half-width of `{metric}` is {half_width}, not the {asked} asked for."
        ),
        Ended::MaxTime => format!(
            "Stopped by --max-time before the precision, after {trials} trials: the half-width of `{metric}` is {half_width}, not the {asked} asked for."
        ),
    };
    format!(
        "{what} Its interval holds whenever one stops; all others are ordinary ones, as for a number of trials that was settled before."
    )
}

/// What the figures rest on, and what they are not.
pub fn foundation(report: &Report) -> String {
    let results = &report.results;
    let ending = report
        .precision
        .as_ref()
        .map(|precision| format!("{} ", ending(precision)));
    format!("{}{}", ending.unwrap_or_default(), sources(report, results))
}

fn sources(report: &Report, results: &Results) -> String {
    // Independent draws go without saying.
    let sampler = match report.sampler {
        "random" => String::new(),
        name => format!(", sampler {name}"),
    };
    format!(
        "From {} (seed {}{sampler}), with {} intervals. All of it follows from the scenario's assumptions; it is no prediction.",
        futures(results.trials),
        report.seed,
        unbroken(&format!("{} %", plain(100.0 * results.confidence))),
    )
}

fn ready(results: &Results) -> &Estimate {
    last(&results.mission.ready_by)
}

fn chance(results: &Results) -> Chance {
    match ready(results).estimate {
        estimate if estimate <= 0.0 => Chance::Never,
        estimate if estimate >= 1.0 => Chance::Always,
        _ => Chance::Sometimes,
    }
}

fn futures(trials: u64) -> String {
    match trials {
        1 => "1 future".to_owned(),
        trials => format!("{} futures", thousands(trials as f64, 0)),
    }
}

/// The parts of the futures whose dates the answer begins with.
const PARTS: [f64; 3] = [0.1, 0.25, 0.5];

/// By when a tenth, a quarter and half of the futures are ready, and which of these lie beyond the horizon.
fn dates(results: &Results) -> String {
    let parts: Vec<&Quantile> = results
        .mission
        .times
        .iter()
        .filter(|time| is_told(time))
        .collect();
    let (reached, beyond): (Vec<&Quantile>, Vec<&Quantile>) = parts
        .into_iter()
        .partition(|part| part.value.estimate.is_finite());
    let reached: Vec<String> = reached.iter().map(|part| reached_by(results, part)).collect();
    let (days, names) = (plain(results.horizon), beyond.iter().map(|part| part_name(part)));
    let names = listed(&names.collect::<Vec<_>>());
    let hair = beyond.first().and_then(|part| hair(results, part));
    let beyond = match (beyond.len(), hair) {
        (0, _) => None,
        (1, hair) => Some(format!(
            "{names} lies beyond the horizon of {days} days{}",
            hair.map_or_else(String::new, |hair| format!(", {hair}"))
        )),
        (_, hair) => Some(format!(
            "{names} lie beyond the horizon of {days} days{}",
            hair.map_or_else(String::new, |hair| format!(", {} {hair}", part_name(beyond[0])))
        )),
    };
    let reached = (!reached.is_empty()).then(|| listed(&reached));
    let told: Vec<String> = reached.into_iter().chain(beyond).collect();
    told.join("; ")
}

fn is_told(time: &Quantile) -> bool {
    PARTS.iter().any(|part| (part - time.quantile).abs() < 1e-9)
}

/// `25 %`.
fn part_name(part: &Quantile) -> String {
    unbroken(&format!("{} %", plain(100.0 * part.quantile)))
}

/// `25 % by 2025-06-18 (2025-06-17 to 2025-06-19)`.
fn reached_by(results: &Results, part: &Quantile) -> String {
    let ends = [part.value.estimate, part.value.low, part.value.high];
    let [estimate, low, high] = ends.map(|day| moment(results, day));
    let interval = if low == high {
        String::new()
    } else {
        format!(" ({low} to {high})")
    };
    format!("{} by {estimate}{interval}", part_name(part))
}

/// Says of a part that lies beyond the horizon that this may be by chance.
fn hair(results: &Results, part: &Quantile) -> Option<String> {
    let low = part.value.low;
    low.is_finite()
        .then(|| format!("by a hair: its interval begins on {}", moment(results, low)))
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: &[String]) -> String {
    match items {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        items => items.concat(),
    }
}

/// The gate that most often never opens, and in how many futures; none if each opens in every one.
fn most_missing(results: &Results) -> Option<(&Gate, Estimate)> {
    let gate = leader(results, &results.leaders.missing)?;
    Some((gate, missing(gate)))
}

/// It never opens: the counterpart of its opening at some time.
fn missing(gate: &Gate) -> Estimate {
    let opens = last(&gate.open.ready_by);
    Estimate {
        estimate: 1.0 - opens.estimate,
        low: 1.0 - opens.high,
        high: 1.0 - opens.low,
        trials: opens.trials,
    }
}

fn absence(results: &Results) -> Option<String> {
    let (gate, share) = most_missing(results)?;
    let others = others(results, &results.leaders.missing, gate);
    let as_often = others.map_or_else(String::new, |others| format!(", and {others} about as often"));
    Some(format!(
        "In {}, {} is missing throughout{as_often}.",
        unbroken(&percent(&share)),
        quoted(gate)
    ))
}

/// What makes up the largest part of the bottleneck. Gates share it, so that no single future need belong to one.
fn bottleneck(results: &Results) -> Option<String> {
    let Some(main) = main_gate(results) else {
        return (!results.gates.is_empty()).then(|| {
            let share = unbroken(&percent(&results.never_together));
            format!("In {share}, every gate opens at some time, but never all of them together.")
        });
    };
    let what = match chance(results) {
        Chance::Never => "is missing",
        Chance::Sometimes => "is missing or comes last",
        Chance::Always => "comes last",
    };
    let is_named = most_missing(results).is_some_and(|(gate, _)| gate.address == main.address);
    let name = if is_named { "it".to_owned() } else { quoted(main) };
    let share = unbroken(&percent(&main.bottleneck));
    let others = others(results, &results.leaders.bottleneck, main);
    let as_much = others.map_or_else(String::new, |others| format!(", and {others} about as much"));
    Some(format!(
        "Of all that {what}, {name} makes up the largest part: {share}{as_much}."
    ))
}

/// The gate with the largest share of the bottleneck, unless more futures have all gates open, but never together.
pub fn main_gate(results: &Results) -> Option<&Gate> {
    leader(results, &results.leaders.bottleneck)
        .filter(|gate| gate.bottleneck.estimate >= results.never_together.estimate)
}

/// What granting one gate alone would change.
fn help(results: &Results) -> Option<String> {
    if matches!(chance(results), Chance::Always) {
        return None;
    }
    let ahead = &results.leaders.granted;
    let Some(first) = leader(results, ahead) else {
        return (!results.gates.is_empty()).then(|| "No gate, granted alone, would change that.".to_owned());
    };
    // Of those that help as much as one can tell, the one that has been spoken of.
    let main = main_gate(results);
    let mut all = ahead.iter().map(|&gate| &results.gates[gate]);
    let spoken_of = all.find(|gate| main.is_some_and(|main| main.address == gate.address));
    let best = spoken_of.unwrap_or(first);
    let share = unbroken(&percent(granted(best)));
    let others = others(results, ahead, best);
    let as_much = others.map_or_else(String::new, |others| {
        format!("; granting {others} would help about as much")
    });
    Some(if spoken_of.is_some() {
        format!("Were it granted, all else the same, {share} would be ready{as_much}.")
    } else {
        let best = quoted(best);
        format!("Granting {best} would help most: {share} would then be ready, all else the same{as_much}.")
    })
}

fn granted(gate: &Gate) -> &Estimate {
    last(&gate.ready_if_granted)
}

/// The figure at the end of the horizon.
fn last(figures: &[Estimate]) -> &Estimate {
    figures.last().expect("results have midnight 0 at least")
}

/// The first of some gates.
fn leader<'r>(results: &'r Results, leaders: &[usize]) -> Option<&'r Gate> {
    leaders.first().map(|&gate| &results.gates[gate])
}

/// So many gates are named that cannot be told from another.
const MOST_NAMED: usize = 2;

/// Those of some gates that are not the one that has been named: a few by name.
fn others(results: &Results, leaders: &[usize], but: &Gate) -> Option<String> {
    let others = leaders.iter().map(|&gate| &results.gates[gate]);
    let names: Vec<String> = others
        .filter(|gate| gate.address != but.address)
        .map(quoted)
        .collect();
    match names.as_slice() {
        [] => None,
        [one] => Some(one.clone()),
        [one, other] => Some(format!("{one} and {other}")),
        more => {
            let rest = more.len() - MOST_NAMED;
            let s = if rest == 1 { "" } else { "s" };
            Some(format!(
                "{} and {rest} other gate{s}",
                more[..MOST_NAMED].join(", ")
            ))
        }
    }
}

fn quoted(gate: &Gate) -> String {
    format!("“{}”", shown::cut(&gate.open.label, LONGEST_NAME))
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{figure, report, rising, share};
    use super::*;
    use crate::estimate::leaders::Leaders;

    fn told(change: impl FnOnce(&mut Results)) -> String {
        let mut results = report().results;
        change(&mut results);
        answer(&results).replace('\u{a0}', " ")
    }

    fn set_median(results: &mut Results, estimate: f64, low: f64, high: f64) {
        results.mission.times[3].value = figure(estimate, low, high);
    }

    #[test]
    fn sometimes_ready() {
        assert_eq!(
            told(|_| {}),
            "40 % (38–42) ready by 2025-08-08: 10 % by 2025-05-08 (2025-05-07 to 2025-05-09) and 25 % by 2025-06-18 \
             (2025-06-17 to 2025-06-19); 50 % lies beyond the horizon of 120 days. \
             In 52 % (50–54), “a ceasefire that holds” is missing throughout. \
             Of all that is missing or comes last, it makes up the largest part: 68 % (66–70). \
             Were it granted, all else the same, 62 % (60–64) would be ready."
        );
    }

    #[test]
    fn parts_have_dates_and_intervals_or_lie_beyond() {
        let text = told(|results| set_median(results, 30.5, 29.25, 33.0));
        assert!(
            text.contains("2025-06-19) and 50 % by 2025-05-10 (2025-05-09 to 2025-05-13). In"),
            "{text}"
        );
        let text = told(|results| set_median(results, 30.5, 30.25, 30.75));
        assert!(text.contains(" and 50 % by 2025-05-10. In"), "{text}");
        let text = told(|results| set_median(results, 118.5, 116.0, f64::INFINITY));
        assert!(
            text.contains("50 % by 2025-08-06 (2025-08-04 to beyond)."),
            "{text}"
        );
        let text = told(|results| set_median(results, f64::INFINITY, 119.5, f64::INFINITY));
        assert!(
            text.contains(
                "; 50 % lies beyond the horizon of 120 days, by a hair: its interval begins on 2025-08-07."
            ),
            "{text}"
        );
        let text = told(|results| {
            let never = figure(f64::INFINITY, f64::INFINITY, f64::INFINITY);
            results
                .mission
                .times
                .iter_mut()
                .for_each(|time| time.value = never);
        });
        assert!(
            text.starts_with(
                "40 % (38–42) ready by 2025-08-08: 10 %, 25 % and 50 % lie beyond the horizon of 120 days. In"
            ),
            "{text}"
        );
    }

    #[test]
    fn never_ready() {
        let text = told(|results| {
            results.mission.ready_by = rising(0.0);
            results.leaders.granted.clear();
            let never = figure(f64::INFINITY, f64::INFINITY, f64::INFINITY);
            results
                .mission
                .times
                .iter_mut()
                .for_each(|time| time.value = never);
            results
                .gates
                .iter_mut()
                .for_each(|gate| gate.ready_if_granted = rising(0.0));
        });
        assert_eq!(
            text,
            "0 % (0–2) ready by 2025-08-08: 10 %, 25 % and 50 % lie beyond the horizon of 120 days. None of the 1,000 \
             futures is ever ready. \
             In 52 % (50–54), “a ceasefire that holds” is missing throughout. \
             Of all that is missing, it makes up the largest part: 68 % (66–70). \
             No gate, granted alone, would change that."
        );
    }

    #[test]
    fn always_ready() {
        let text = told(|results| {
            results.mission.ready_by = rising(1.0);
            results.leaders.missing.clear();
            results
                .gates
                .iter_mut()
                .for_each(|gate| gate.open.ready_by = rising(1.0));
            let at_once = figure(0.0, 0.0, 0.0);
            results
                .mission
                .times
                .iter_mut()
                .for_each(|time| time.value = at_once);
        });
        assert_eq!(
            text,
            "100 % (98–100) ready by 2025-08-08: 10 % by 2025-04-10, 25 % by 2025-04-10 and 50 % by 2025-04-10. Each \
             of the 1,000 futures is ready at some time. Of all that comes last, “a ceasefire that holds” makes up the \
             largest part: 68 % (66–70)."
        );
    }

    #[test]
    fn another_gate_may_help_more_than_the_main_bottleneck() {
        let text = told(|results| {
            results.gates[1].open.label = "safe skies".to_owned();
            results.gates[1].ready_if_granted = rising(0.7);
            results.leaders.granted = vec![1];
        });
        assert!(
            text.ends_with(
                "Granting “safe skies” would help most: 70 % (68–72) would then be ready, all else the same."
            ),
            "{text}"
        );
    }

    #[test]
    fn gates_that_cannot_be_told_apart_are_all_named() {
        let text = told(|results| {
            results.gates[1].open.label = "safe skies".to_owned();
            results.leaders.missing = vec![0, 1];
            results.leaders.bottleneck = vec![0, 1];
            results.leaders.granted = vec![1, 0];
        });
        assert!(
            text.ends_with(
                "In 52 % (50–54), “a ceasefire that holds” is missing throughout, and “safe skies” about as often. \
                 Of all that is missing or comes last, it makes up the largest part: 68 % (66–70), and “safe skies” about \
                 as much. Were it granted, all else the same, 62 % (60–64) would be ready; granting “safe skies” would \
                 help about as much."
            ),
            "{text}"
        );
        let several = told(|results| {
            let gate = results.gates[0].clone();
            for (number, label) in ["seas", "skies", "land", "army"].into_iter().enumerate() {
                let mut gate = gate.clone();
                gate.address = format!("mission.requires.{}", number + 2);
                gate.open.label = label.to_owned();
                results.gates.push(gate);
            }
            results.leaders.granted = vec![2, 3, 4, 5];
        });
        assert!(
            several.ends_with(
                "Granting “seas” would help most: 62 % (60–64) would then be ready, all else the same; granting \
                 “skies”, “land” and 1 other gate would help about as much."
            ),
            "{several}"
        );
    }

    #[test]
    fn gates_may_open_without_ever_being_open_together() {
        let text = told(|results| results.never_together = share(0.8));
        assert!(text.contains(
            "In 80 % (78–82), every gate opens at some time, but never all of them together. \
             Granting “a ceasefire that holds” would help most: "
        ));
    }

    #[test]
    fn what_ended_the_run_is_told() {
        let told = |ended| {
            let mut report = report();
            report.precision = Some(Precision {
                metric: "ready_by@120".to_owned(),
                asked: 0.002,
                half_width: 0.001_987_654,
                ended,
                interval: figure(0.4, 0.398, 0.402),
            });
            foundation(&report)
        };
        assert!(
            told(Ended::Reached).starts_with(
                "Precision reached after 1,000 trials: the half-width of `ready_by@120` is 0.00199, at most the 0.002 \
                 asked for. Its interval holds whenever one stops"
            ),
            "{}",
            told(Ended::Reached)
        );
        assert!(told(Ended::MaxTrials).starts_with("Stopped by --max-trials before the precision"));
        assert!(told(Ended::MaxTime).starts_with("Stopped by --max-time before the precision"));
        assert!(!foundation(&report()).contains("recision"));
    }

    #[test]
    fn no_gates() {
        let text = told(|results| {
            results.gates.clear();
            results.leaders = Leaders::default();
        });
        assert!(
            text.ends_with("50 % lies beyond the horizon of 120 days."),
            "{text}"
        );
    }
}
