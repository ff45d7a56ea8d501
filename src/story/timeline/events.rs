//! Everything that happened in a trial, in order of time.

use std::collections::{BTreeMap, BTreeSet};

use super::{Tale, edges, first, holds};
use crate::model::names::{capitalised, thing, words};
use crate::model::{ALWAYS, Initial, Signal, Transition, Visits};
use crate::story::amounts::amount;
use crate::story::text::{about_days, first_of, rounded};
use crate::study::trace::Spells;

/// The most names of a list in one line.
const MOST_NAMES: usize = 8;

/// Something that happened.
#[derive(Clone, Debug)]
pub(super) struct Event {
    /// When, in days.
    pub(super) at: f64,
    /// Its place among what happened at the same moment: causes before consequences.
    rank: Rank,
    /// What.
    pub(super) text: String,
}

/// Causes before consequences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Process,
    Decision,
    Package,
    Total,
    Condition,
    Clock,
    Gate,
    Objective,
    Mission,
}

impl Tale<'_> {
    /// All events of the trial.
    pub(super) fn events(&self) -> Vec<Event> {
        let mut events = Vec::new();
        for process in 0..self.model.processes.len() {
            self.moves(process, &mut events);
        }
        for contributor in 0..self.model.contributors.len() {
            self.decision(contributor, &mut events);
        }
        for package in 0..self.model.packages.len() {
            self.supply(package, &mut events);
        }
        self.totals(&mut events);
        self.watched(&mut events);
        self.deciding(&mut events);
        self.assembling(&mut events);
        self.openings(&mut events);
        self.achievements(&mut events);
        events.sort_by(|one, other| one.at.total_cmp(&other.at).then(one.rank.cmp(&other.rank)));
        events
    }

    /// The moves of a process.
    fn moves(&self, process: usize, events: &mut Vec<Event>) {
        let model = &self.model.processes[process];
        let name = self.process(process);
        let mut push = |at, text| {
            events.push(Event {
                at,
                rank: Rank::Process,
                text,
            });
        };
        let path = self.path(process);
        let state = |state: usize| words(&model.states[state]);
        let (_, started) = path[0];
        if started > 0 || matches!(model.initial, Initial::Drawn(_)) {
            push(0.0, format!("{name}: {} from the start", state(started)));
        }
        for (index, pair) in path.windows(2).enumerate() {
            let ((since, from), (at, to)) = (pair[0], pair[1]);
            let taken = |transition: &&Transition| {
                index == 0
                    && transition.visits != Visits::Later
                    && (transition.from, transition.to) == (from, to)
            };
            let chance = model.transitions.iter().find(taken);
            let chance = chance.and_then(|transition| self.draws.luck(transition.chance?, 0, since));
            let chance = chance.map_or_else(String::new, |chance| format!(" ({chance})"));
            let (from, to, days) = (state(from), state(to), about_days(at - since));
            push(at, format!("{name}: {from} → {to}, after {days}{chance}"));
        }
    }

    /// The states of a process with the moments at which they are entered; the first at 0.
    pub(super) fn path(&self, process: usize) -> Vec<(f64, usize)> {
        let levels: Vec<&Spells> = self.model.processes[process]
            .levels
            .iter()
            .map(|&level| &self.trace.facts[level])
            .collect();
        let state = |at: f64| levels.iter().filter(|spells| holds(spells, at)).count();
        let mut moments: Vec<f64> = levels
            .iter()
            .flat_map(|spells| edges(spells))
            .map(|(at, _)| at)
            .collect();
        moments.sort_by(f64::total_cmp);
        let mut path = vec![(0.0, state(0.0))];
        for at in moments {
            if path.last().is_some_and(|(_, earlier)| *earlier != state(at)) {
                path.push((at, state(at)));
            }
        }
        path
    }

    /// When a contributor's decision falls, if it does.
    pub(super) fn decided(&self, contributor: usize) -> Option<f64> {
        let contributor = &self.model.contributors[contributor];
        self.draws.completed(
            contributor.decision,
            0,
            &self.trace.facts[contributor.requires],
            0.0,
        )
    }

    /// A contributor's pledge, or its refusal.
    fn decision(&self, contributor: usize, events: &mut Vec<Event>) {
        let name = self.contributor(contributor);
        let model = &self.model.contributors[contributor];
        let luck = |at: f64| model.chance.and_then(|chance| self.draws.luck(chance, 0, at));
        let said = |at: f64| luck(at).map_or_else(String::new, |luck| format!(" ({luck})"));
        let mut push = |at, text| {
            events.push(Event {
                at,
                rank: Rank::Decision,
                text,
            });
        };
        let pledged = first(&self.trace.facts[model.pledge]);
        let decided = self.decided(contributor);
        // It said no first if its chance, as it stood then, was not enough.
        let refused = decided.filter(|&at| {
            model
                .chance
                .is_some_and(|chance| self.draws.is_yes(chance, 0, at) == Some(false))
        });
        if let Some(at) = refused.filter(|&at| pledged.is_none_or(|pledged| at < pledged)) {
            push(at, format!("{name} decides: no{}", said(at)));
        }
        if let Some(at) = pledged {
            let after_all = if refused.is_some_and(|refused| refused < at) {
                " after all"
            } else {
                ""
            };
            push(at, format!("{name} pledges{after_all}{}", said(at)));
        }
    }

    /// When a package counts, and when no more.
    fn supply(&self, package: usize, events: &mut Vec<Event>) {
        let trace = &self.trace.packages[package];
        let Some(size) = trace.amount else { return };
        let model = &self.model.packages[package];
        let name = self.package(package);
        let unit = self.model.capabilities[model.capability].unit.as_deref();
        let size = amount(&rounded(size), unit);
        let mut push = |at, text| {
            events.push(Event {
                at,
                rank: Rank::Package,
                text,
            });
        };
        let during = &self.trace.facts[model.during];
        for (number, &(on, off)) in trace.spells.iter().enumerate() {
            let text = match (number, model.during == ALWAYS) {
                (0, true) => format!("{name}: assembled, {size}"),
                (0, false) => format!("{name}: there and counted, {size}"),
                _ => format!("{name}: counted again, {size}"),
            };
            push(on, text);
            if let Some(off) = off {
                let text = if holds(during, off) {
                    format!("{name}: sustained no longer, {size} less")
                } else {
                    format!("{name}: counted no longer, what they need has lapsed, {size} less")
                };
                push(off, text);
            }
        }
    }

    /// When a capability reaches or falls below an amount that somebody asks for.
    fn totals(&self, events: &mut Vec<Event>) {
        for (signal, meaning) in self.model.signals.iter().enumerate() {
            let Signal::Threshold { capability, at_least } = *meaning else {
                continue;
            };
            let Some(asked) = self.draws.value(at_least, 0, 0.0) else {
                continue;
            };
            let unit = self.model.capabilities[capability].unit.as_deref();
            let name = capitalised(&self.capability(capability));
            for (at, is_reached) in edges(&self.trace.facts[signal]).filter(|(at, _)| *at > 0.0) {
                let total = self.trace.totals[capability]
                    .iter()
                    .rev()
                    .find(|step| step.0 <= at);
                let total = total.map_or(0.0, |step| step.1);
                let way = if is_reached {
                    "reached"
                } else {
                    "no longer reached"
                };
                let (asked, total) = (amount(&rounded(asked), unit), rounded(total));
                let text = format!("{name}: {asked} {way}, {total} in total");
                events.push(Event {
                    at,
                    rank: Rank::Total,
                    text,
                });
            }
        }
    }

    /// Conditions with a name or a label.
    fn watched(&self, events: &mut Vec<Event>) {
        for watched in &self.model.watched {
            for (at, holds) in edges(&self.trace.facts[watched.signal]) {
                let now = if holds { "now holds" } else { "no longer holds" };
                let text = format!("Condition “{}” {now}", watched.label);
                events.push(Event {
                    at,
                    rank: Rank::Condition,
                    text,
                });
            }
        }
    }

    /// Who can begin to decide, and who has to wait again.
    fn deciding(&self, events: &mut Vec<Event>) {
        let all = self.model.contributors.iter().enumerate();
        let waiting = all.filter(|(_, model)| model.requires != ALWAYS);
        let clocks = waiting.map(|(index, model)| Clock {
            index,
            runs: &self.trace.facts[model.requires],
            until: self.decided(index).unwrap_or(f64::INFINITY),
        });
        let names = |indices: &[usize]| indices.iter().map(|&index| self.contributor(index)).collect();
        let heads = [
            "What they wait for is there; deciding",
            "What they wait for has lapsed; waiting again",
        ];
        tell_clocks(&clocks.collect::<Vec<_>>(), heads, &names, events);
    }

    /// Which packages begin to be assembled, and which have to wait again.
    fn assembling(&self, events: &mut Vec<Event>) {
        let clocks = self.model.packages.iter().enumerate().map(|(index, model)| {
            let runs = &self.trace.facts[model.ready_to_start];
            let until = self.draws.completed(model.notice_to_move, 0, runs, 0.0);
            Clock {
                index,
                runs,
                until: until.unwrap_or(f64::INFINITY),
            }
        });
        let names = |indices: &[usize]| self.packages(indices);
        let heads = [
            "Notice to move runs",
            "Notice to move is stopped, what they need has lapsed",
        ];
        tell_clocks(&clocks.collect::<Vec<_>>(), heads, &names, events);
    }

    /// Gates that open and close, and how many are open.
    fn openings(&self, events: &mut Vec<Event>) {
        let mut moments = BTreeSet::new();
        for gate in 0..self.model.gates.len() {
            for (at, opens) in edges(&self.trace.gates[gate].spells) {
                let verb = if opens { "opens" } else { "closes" };
                let text = format!("Gate {verb}: {}", self.gate(gate));
                events.push(Event {
                    at,
                    rank: Rank::Gate,
                    text,
                });
                moments.insert(at.to_bits());
            }
        }
        let gates = &self.trace.gates;
        for at in moments.into_iter().map(f64::from_bits) {
            let open = gates.iter().filter(|gate| holds(&gate.spells, at)).count();
            let text = format!("Gates open now: {open} of {}", gates.len());
            events.push(Event {
                at,
                rank: Rank::Objective,
                text,
            });
        }
    }

    /// Objectives and the mission.
    fn achievements(&self, events: &mut Vec<Event>) {
        for (objective, (_, trace)) in self.model.objectives.iter().zip(&self.trace.objectives) {
            let name = thing(&objective.name, objective.label.as_deref());
            for (at, is_met) in edges(&trace.spells) {
                let text = format!("Objective {}: {name}", if is_met { "met" } else { "lost" });
                events.push(Event {
                    at,
                    rank: Rank::Objective,
                    text,
                });
            }
        }
        for (at, is_ready) in edges(&self.trace.mission.spells) {
            let text = if is_ready {
                "THE MISSION IS READY"
            } else {
                "THE MISSION IS NO LONGER READY"
            };
            events.push(Event {
                at,
                rank: Rank::Mission,
                text: text.to_owned(),
            });
        }
    }
}

/// A clock of a contributor or package that runs during spells until it is done.
struct Clock<'a> {
    index: usize,
    runs: &'a Spells,
    until: f64,
}

/// Tells when clocks start and when they are stopped before they are done, those of one moment together.
fn tell_clocks(
    clocks: &[Clock<'_>],
    heads: [&str; 2],
    names: &dyn Fn(&[usize]) -> Vec<String>,
    events: &mut Vec<Event>,
) {
    for (starts, head) in [true, false].into_iter().zip(heads) {
        // Moments are at least 0, so that their bits sort as they do.
        let mut moved: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for clock in clocks {
            let counts = |&(at, is_start): &(f64, bool)| is_start == starts && at < clock.until;
            for (at, _) in edges(clock.runs).filter(counts) {
                moved.entry(at.to_bits()).or_default().push(clock.index);
            }
        }
        for (at, indices) in moved {
            let text = format!("{head}: {}", first_of(&names(&indices), MOST_NAMES));
            events.push(Event {
                at: f64::from_bits(at),
                rank: Rank::Clock,
                text,
            });
        }
    }
}
