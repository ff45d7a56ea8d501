//! Yes/no facts over time: spells, and columns of them.

use crate::lanes::{Lanes, gather};
use crate::time::{NEVER, Ticks};
use crate::wide_loop;

/// A span of time [on, off) during which a fact holds; on < off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The first moment.
    pub on: Ticks,
    /// The first moment at which it holds no more; [`NEVER`]: for good.
    pub off: Ticks,
}

/// A moment at which one of several facts begins (`by` = 1) or ceases (−1) to hold.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// When.
    pub at: Ticks,
    /// What it adds to the number of facts that hold.
    pub by: i32,
}

/// One fact over time for each trial of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// The fact only ever switches on: the moment, or [`NEVER`].
    Rising(Lanes<Ticks>),
    /// Any spells.
    Spells(Layers),
}

/// One spell for each trial: from `on` to `off`, or none where `on` is [`NEVER`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layer {
    /// When it begins.
    pub on: Lanes<Ticks>,
    /// When it ends; without a meaning where it never begins.
    pub off: Lanes<Ticks>,
}

/// The spells of each trial, the first of all trials in the first layer, and so on: so that most of what is done to
/// spells is one loop a layer.
///
/// The spells of one trial are sorted, disjoint and not touching; a layer may have none between two that have one.
#[derive(Clone, Debug, Default)]
pub struct Layers {
    all: Vec<Layer>,
    /// How many layers are in use; the others keep their memory.
    depth: usize,
    /// How many layers each trial uses, while it is written trial by trial.
    used: Vec<u32>,
}

impl PartialEq for Layers {
    fn eq(&self, other: &Self) -> bool {
        self.layers() == other.layers()
    }
}

impl Layers {
    /// Those in use.
    #[inline]
    #[must_use]
    pub fn layers(&self) -> &[Layer] {
        &self.all[..self.depth]
    }

    /// Forgets all spells, for `count` trials.
    pub fn clear(&mut self, count: usize) {
        self.depth = 0;
        self.used.clear();
        self.used.resize(count, 0);
    }

    /// Writes when the first spell of each trial begins.
    pub(super) fn write_firsts(&self, moments: &mut [Ticks]) {
        moments.fill(NEVER);
        self.layers().iter().for_each(|layer| lower(moments, &layer.on));
    }

    /// Brings some trials together.
    fn gather(&self, lanes: &[u32], into: &mut Self) {
        into.clear(lanes.len());
        for Layer { on, off } in self.layers() {
            let layer = into.add();
            gather(on, lanes, &mut layer.on);
            gather(off, lanes, &mut layer.off);
        }
    }

    /// A new layer in which no trial has a spell.
    pub fn add(&mut self) -> &mut Layer {
        if self.depth == self.all.len() {
            self.all.push(Layer::default());
        }
        let layer = &mut self.all[self.depth];
        self.depth += 1;
        let count = self.used.len();
        for column in [&mut layer.on, &mut layer.off] {
            column.reset(count, NEVER);
        }
        layer
    }

    /// Adds a spell to a trial, after all that it has; an empty one is passed over, one that touches the last is joined
    /// to it.
    #[inline]
    pub fn push(&mut self, lane: usize, on: Ticks, off: Ticks) {
        if on >= off {
            return;
        }
        let used = self.used[lane] as usize;
        if used > 0 {
            let last = &mut self.all[used - 1].off[lane];
            if *last >= on {
                *last = (*last).max(off);
                return;
            }
        }
        if used == self.depth {
            self.add();
        }
        self.all[used].on[lane] = on;
        self.all[used].off[lane] = off;
        self.used[lane] += 1;
    }
}

/// The spells of one trial, in order.
#[derive(Clone, Debug)]
pub struct Spells<'a> {
    lane: usize,
    /// The one spell of a fact that only switches on.
    rising: Ticks,
    layers: std::slice::Iter<'a, Layer>,
}

impl Iterator for Spells<'_> {
    type Item = Spell;

    #[inline]
    fn next(&mut self) -> Option<Spell> {
        if self.rising < NEVER {
            let on = std::mem::replace(&mut self.rising, NEVER);
            return Some(Spell { on, off: NEVER });
        }
        let layer = self.layers.find(|layer| layer.on[self.lane] < NEVER)?;
        Some(Spell {
            on: layer.on[self.lane],
            off: layer.off[self.lane],
        })
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::rising()
    }
}

impl Column {
    /// An empty column of moments.
    #[must_use]
    pub fn rising() -> Self {
        Self::Rising(Lanes::new())
    }

    /// An empty column of spells.
    #[must_use]
    pub fn spells() -> Self {
        Self::Spells(Layers::default())
    }

    /// Makes it a column of moments, all of them [`NEVER`], to be written.
    #[inline]
    pub fn begin_rising(&mut self, count: usize) -> &mut [Ticks] {
        if !matches!(self, Self::Rising(_)) {
            *self = Self::rising();
        }
        match self {
            Self::Rising(moments) => moments.reset(count, NEVER),
            Self::Spells(_) => unreachable!("it was made a column of moments above"),
        }
    }

    /// Makes it a column of moments.
    #[inline]
    pub fn fill_rising(&mut self, count: usize, mut moment: impl FnMut(usize) -> Ticks) {
        let moments = self.begin_rising(count);
        for (lane, at) in moments.iter_mut().enumerate() {
            *at = moment(lane);
        }
    }

    /// Makes it an empty column of spells, to be written.
    pub fn begin_spells(&mut self, count: usize) -> &mut Layers {
        if !matches!(self, Self::Spells(_)) {
            *self = Self::spells();
        }
        match self {
            Self::Spells(spells) => {
                spells.clear(count);
                spells
            }
            Self::Rising(_) => unreachable!("it was made a column of spells above"),
        }
    }

    /// Brings some trials together.
    pub(super) fn gather(&self, lanes: &[u32], into: &mut Self) {
        match self {
            // No step has written it.
            Self::Rising(moments) if moments.is_empty() => _ = into.begin_rising(0),
            Self::Rising(moments) => gather(moments, lanes, into.begin_rising(lanes.len())),
            Self::Spells(spells) => spells.gather(lanes, into.begin_spells(lanes.len())),
        }
    }

    /// Whether it holds moments only.
    #[must_use]
    pub fn is_rising(&self) -> bool {
        matches!(self, Self::Rising(_))
    }

    /// The moments of a fact that only switches on.
    #[inline]
    #[must_use]
    pub fn moments(&self) -> Option<&[Ticks]> {
        match self {
            Self::Rising(moments) => Some(moments),
            Self::Spells(_) => None,
        }
    }

    /// The spells of a trial.
    #[inline]
    #[must_use]
    pub fn of(&self, lane: usize) -> Spells<'_> {
        let (rising, layers) = match self {
            Self::Rising(moments) => (moments[lane], [].iter()),
            Self::Spells(spells) => (NEVER, spells.layers().iter()),
        };
        Spells { lane, rising, layers }
    }

    /// The first moment at which it holds in each trial; `room` is where they stand if they have to be looked for.
    #[must_use]
    pub fn firsts<'a>(&'a self, room: &'a mut Lanes<Ticks>, count: usize) -> &'a [Ticks] {
        match self {
            Self::Rising(moments) => moments,
            Self::Spells(spells) => {
                let room = room.lay_out(count);
                spells.write_firsts(room);
                room
            }
        }
    }

    /// The first moment at which it holds.
    #[inline]
    #[must_use]
    pub fn first(&self, lane: usize) -> Ticks {
        match self {
            Self::Rising(moments) => moments[lane],
            Self::Spells(_) => self.of(lane).next().map_or(NEVER, |spell| spell.on),
        }
    }

    /// Whether it holds at a moment.
    #[inline]
    #[must_use]
    pub fn holds(&self, lane: usize, at: Ticks) -> bool {
        match self {
            Self::Rising(moments) => moments[lane] <= at,
            Self::Spells(_) => self.of(lane).any(|spell| spell.on <= at && at < spell.off),
        }
    }
}

wide_loop! {
    /// Lowers moments to those of another column.
    pub(super) fn lower(moments: &mut [Ticks], to: &[Ticks]) {
        for (at, &to) in moments.iter_mut().zip(to) {
            *at = (*at).min(to);
        }
    }
}

/// Sorts a short list by its moments, keeping the order of equal ones: insertion sort, which beats the general sort on
/// the dozen of elements that a trial has.
#[inline]
pub fn sort_by_moment<T: Copy>(list: &mut [T], moment: impl Fn(&T) -> Ticks) {
    if list.len() > 64 {
        list.sort_by_key(moment);
        return;
    }
    for end in 1..list.len() {
        let item = list[end];
        let at = moment(&item);
        let mut place = end;
        while place > 0 && moment(&list[place - 1]) > at {
            list[place] = list[place - 1];
            place -= 1;
        }
        list[place] = item;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(column: &Column, lane: usize) -> Vec<(Ticks, Ticks)> {
        column.of(lane).map(|spell| (spell.on, spell.off)).collect()
    }

    #[test]
    fn touching_spells_join_and_empty_ones_vanish() {
        let mut column = Column::spells();
        let spells = column.begin_spells(2);
        for (on, off) in [(1, 2), (2, 3), (5, 5), (6, 7)] {
            spells.push(0, on, off);
        }
        spells.push(1, 0, NEVER);
        assert_eq!(list(&column, 0), [(1, 3), (6, 7)]);
        assert_eq!(list(&column, 1), [(0, NEVER)]);
    }

    #[test]
    fn a_layer_without_a_spell_is_passed_over() {
        let mut column = Column::spells();
        let spells = column.begin_spells(1);
        spells.add();
        spells.add().on[0] = 4;
        assert_eq!(list(&column, 0), [(4, NEVER)]);
        assert_eq!(column.first(0), 4);
    }

    #[test]
    fn a_spell_holds_at_its_start_and_not_at_its_end() {
        let mut column = Column::spells();
        column.begin_spells(1).push(0, 10, 20);
        assert!(!column.holds(0, 9) && column.holds(0, 10) && column.holds(0, 19) && !column.holds(0, 20));
    }

    #[test]
    fn sorting_keeps_the_order_of_equal_moments() {
        let mut list = [(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        sort_by_moment(&mut list, |item| item.0);
        assert_eq!(list.map(|item| item.1), ['b', 'd', 'a', 'c']);
    }
}
