//! Conditions over other signals: counting, negation, holding for a time.

use super::Scratch;
use super::signal::{Column, Edge, Layer, Layers, lower, sort_by_moment};
use crate::lanes::Lanes;
use crate::model::SignalId;
use crate::time::{NEVER, Ticks, within};
use crate::wide_loop;

/// Holds in [from, until).
pub(super) fn window(from: Ticks, until: Ticks, count: usize, column: &mut Column) {
    if until == NEVER && column.is_rising() {
        column.begin_rising(count).fill(from);
        return;
    }
    let spells = column.begin_spells(count);
    if from < until {
        let layer = spells.add();
        layer.on.fill(from);
        layer.off.fill(until);
    }
}

/// At least `least` of several hold: all of them, any, or a number between.
///
/// Where all of them only switch on, this is an order statistic of their moments; where all of them must hold and only
/// one can cease to, it is that one's spells, cut off in front; otherwise the edges of all spells are sorted and
/// counted.
pub(super) fn count(
    signals: &[Column],
    least: usize,
    of: &[SignalId],
    count: usize,
    scratch: &mut Scratch,
    column: &mut Column,
) {
    if column.is_rising() {
        return count_rising(
            signals,
            least,
            of,
            column.begin_rising(count),
            &mut scratch.moments,
        );
    }
    let mut falling = of.iter().filter_map(|&signal| match &signals[signal] {
        Column::Spells(spells) => Some(spells),
        Column::Rising(_) => None,
    });
    if let (true, Some(spells), None) = (least == of.len(), falling.next(), falling.next()) {
        latest(signals, of, count, &mut scratch.column);
        return cut(spells, &scratch.column, column.begin_spells(count));
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        reason = "a condition has few parts"
    )]
    let least = least as i32;
    let spells = column.begin_spells(count);
    for lane in 0..count {
        collect_edges(signals, of, lane, &mut scratch.edges);
        sweep(&scratch.edges, lane, |holding| holding >= least, spells);
    }
}

/// The moment from which `least` of several facts that only switch on hold.
fn count_rising(
    signals: &[Column],
    least: usize,
    of: &[SignalId],
    moments: &mut [Ticks],
    list: &mut Vec<Ticks>,
) {
    let columns = of.iter().filter_map(|&signal| signals[signal].moments());
    if least == of.len() {
        moments.fill(0);
        return columns.for_each(|column| raise(moments, column));
    }
    if least == 1 {
        moments.fill(NEVER);
        return columns.for_each(|column| lower(moments, column));
    }
    for (lane, at) in moments.iter_mut().enumerate() {
        list.clear();
        list.extend(of.iter().map(|&signal| signals[signal].first(lane)));
        list.sort_unstable();
        *at = list[least - 1];
    }
}

/// The moment from which all of those hold that only switch on.
pub(super) fn latest(signals: &[Column], of: &[SignalId], count: usize, moments: &mut Lanes<Ticks>) {
    let moments = moments.reset(count, 0);
    for from in of.iter().filter_map(|&signal| signals[signal].moments()) {
        raise(moments, from);
    }
}

wide_loop! {
    /// Raises moments to those of another column.
    fn raise(moments: &mut [Ticks], to: &[Ticks]) {
        for (at, &to) in moments.iter_mut().zip(to) {
            *at = (*at).max(to);
        }
    }

    /// Delays moments, each by its duration.
    fn delay(moments: &mut [Ticks], from: &[Ticks], days: &[Ticks], horizon: Ticks) {
        for ((at, &from), &days) in moments.iter_mut().zip(from).zip(days) {
            *at = within(from.saturating_add(days), horizon);
        }
    }

    /// Takes out the beginnings that do not lie before their ends.
    fn drop_empty(on: &mut [Ticks], off: &[Ticks]) {
        for (on, &off) in on.iter_mut().zip(off) {
            *on = if *on < off { *on } else { NEVER };
        }
    }
}

/// The parts of spells that lie at or after a moment.
fn cut(spells: &Layers, from: &[Ticks], into: &mut Layers) {
    for Layer { on, off } in spells.layers() {
        let layer = into.add();
        layer.off.copy_from_slice(off);
        layer.on.copy_from_slice(on);
        raise(&mut layer.on, from);
        drop_empty(&mut layer.on, off);
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
        column.begin_rising(count).fill(0);
        return;
    }
    let spells = column.begin_spells(count);
    for lane in 0..count {
        collect_edges(signals, of, lane, &mut scratch.edges);
        sweep(&scratch.edges, lane, |holding| holding == 0, spells);
    }
}

/// The edges of all spells of several signals in one trial, in order of time.
fn collect_edges(signals: &[Column], of: &[SignalId], lane: usize, edges: &mut Vec<Edge>) {
    edges.clear();
    for &signal in of {
        for spell in signals[signal].of(lane) {
            edges.push(Edge { at: spell.on, by: 1 });
            if spell.off < NEVER {
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
fn sweep(edges: &[Edge], lane: usize, holds: impl Fn(i32) -> bool, spells: &mut Layers) {
    let mut holding = 0;
    let mut on = holds(0).then_some(0);
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
                spells.push(lane, from, at);
                on = None;
            }
            _ => {}
        }
    }
    if let Some(from) = on {
        spells.push(lane, from, NEVER);
    }
}

/// It has held without a break for a time: each spell starts that much later, if that comes before its end.
pub(super) fn held(of: &Column, days: &[Ticks], horizon: Ticks, column: &mut Column) {
    match of {
        Column::Rising(from) => {
            let moments = column.begin_rising(days.len());
            delay(moments, from, days, horizon);
        }
        Column::Spells(spells) => {
            let into = column.begin_spells(days.len());
            for Layer { on, off } in spells.layers() {
                let layer = into.add();
                layer.off.copy_from_slice(off);
                delay(&mut layer.on, on, days, horizon);
                drop_empty(&mut layer.on, off);
            }
        }
    }
}

/// The first moment at which it holds.
pub(super) fn once(of: &Column, moments: &mut [Ticks]) {
    match of {
        Column::Rising(from) => moments.copy_from_slice(from),
        Column::Spells(spells) => spells.write_firsts(moments),
    }
}
