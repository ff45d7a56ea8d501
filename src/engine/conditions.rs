//! Conditions over other signals: counting, negation, holding for a time.

use super::signal::{Column, Edge, SpellColumn, sort_by_moment};
use super::{Scratch, within};
use crate::model::SignalId;

/// Holds in [from, until).
pub(super) fn window(from: f64, until: f64, horizon: f64, count: usize, column: &mut Column) {
    let (from, until) = (within(from, horizon), within(until, horizon));
    if until.is_infinite() && column.is_rising() {
        column.fill_rising(count, |_| from);
        return;
    }
    let spells = column.begin_spells();
    for _ in 0..count {
        spells.push(from, until);
        spells.end();
    }
}

/// At least `least` of several hold: all of them, any, or a number between.
///
/// Where all of them only switch on, this is an order statistic of their moments; otherwise the edges of all spells
/// are sorted and counted.
pub(super) fn count(
    signals: &[Column],
    least: usize,
    of: &[SignalId],
    count: usize,
    scratch: &mut Scratch,
    column: &mut Column,
) {
    if column.is_rising() {
        if least == of.len() {
            column.fill_rising(count, |lane| {
                of.iter()
                    .map(|&signal| signals[signal].first(lane))
                    .fold(0.0, f64::max)
            });
        } else if least == 1 {
            column.fill_rising(count, |lane| {
                of.iter()
                    .map(|&signal| signals[signal].first(lane))
                    .fold(f64::INFINITY, f64::min)
            });
        } else {
            let moments = &mut scratch.moments;
            column.fill_rising(count, |lane| {
                moments.clear();
                moments.extend(of.iter().map(|&signal| signals[signal].first(lane)));
                sort_by_moment(moments, |moment| *moment);
                moments[least - 1]
            });
        }
        return;
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "a condition has few parts"
    )]
    let least = least as i32;
    let spells = column.begin_spells();
    for lane in 0..count {
        collect_edges(signals, of, lane, &mut scratch.edges);
        sweep(&scratch.edges, |holding| holding >= least, spells);
    }
}

/// Not one of several holds.
pub(super) fn none(
    signals: &[Column],
    of: &[SignalId],
    count: usize,
    scratch: &mut Scratch,
    column: &mut Column,
) {
    if of.is_empty() {
        column.fill_rising(count, |_| 0.0);
        return;
    }
    let spells = column.begin_spells();
    for lane in 0..count {
        collect_edges(signals, of, lane, &mut scratch.edges);
        sweep(&scratch.edges, |holding| holding == 0, spells);
    }
}

/// The edges of all spells of several signals in one trial, in order of time.
fn collect_edges(signals: &[Column], of: &[SignalId], lane: usize, edges: &mut Vec<Edge>) {
    edges.clear();
    for &signal in of {
        for spell in signals[signal].of(lane).iter() {
            edges.push(Edge { at: spell.on, by: 1 });
            if spell.off < f64::INFINITY {
                edges.push(Edge {
                    at: spell.off,
                    by: -1,
                });
            }
        }
    }
    sort_by_moment(edges, |edge| edge.at);
}

/// Writes the spells during which the number of facts that hold satisfies `holds`. Edges at one moment count together.
fn sweep(edges: &[Edge], holds: impl Fn(i32) -> bool, spells: &mut SpellColumn) {
    let mut holding = 0;
    let mut on = holds(0).then_some(0.0);
    let mut next = 0;
    while next < edges.len() {
        let at = edges[next].at;
        while next < edges.len() && edges[next].at <= at {
            holding += edges[next].by;
            next += 1;
        }
        match (on, holds(holding)) {
            (None, true) => on = Some(at),
            (Some(from), false) => {
                spells.push(from, at);
                on = None;
            }
            _ => {}
        }
    }
    if let Some(from) = on {
        spells.push(from, f64::INFINITY);
    }
    spells.end();
}

/// It has held without a break for a time: each spell starts that much later, if that comes before its end.
pub(super) fn held(
    of: &Column,
    days: impl Fn(usize) -> f64,
    horizon: f64,
    count: usize,
    column: &mut Column,
) {
    if column.is_rising() {
        column.fill_rising(count, |lane| within(of.first(lane) + days(lane), horizon));
        return;
    }
    let spells = column.begin_spells();
    for lane in 0..count {
        let days = days(lane);
        for spell in of.of(lane).iter() {
            spells.push(within(spell.on + days, horizon), spell.off);
        }
        spells.end();
    }
}
