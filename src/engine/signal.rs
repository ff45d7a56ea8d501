//! Yes/no facts over time: spells, and columns of them.

/// A span of time [on, off) during which a fact holds; on < off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spell {
    /// The first moment, in days.
    pub on: f64,
    /// The first moment at which it holds no more; infinite: for good.
    pub off: f64,
}

/// A moment at which one of several facts begins (`by` = 1) or ceases (−1) to hold.
#[derive(Clone, Copy, Debug)]
pub struct Edge {
    /// When.
    pub at: f64,
    /// What it adds to the number of facts that hold.
    pub by: i32,
}

/// One fact over time for each trial of a block.
#[derive(Clone, Debug, PartialEq)]
pub enum Column {
    /// The fact only ever switches on: the moment, infinite if never.
    Rising(Vec<f64>),
    /// Any spells.
    Spells(SpellColumn),
}

/// Lists of spells, one a trial: sorted, disjoint and not touching.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpellColumn {
    spells: Vec<Spell>,
    /// Where each trial's list ends.
    ends: Vec<u32>,
}

impl SpellColumn {
    /// Forgets all trials.
    pub fn clear(&mut self) {
        self.spells.clear();
        self.ends.clear();
    }

    /// Adds a spell to the trial that is being written; an empty one is passed over, one that touches the last is
    /// joined to it.
    #[inline]
    pub fn push(&mut self, on: f64, off: f64) {
        if on >= off {
            return;
        }
        let own = self.ends.last().map_or(0, |end| *end as usize);
        if let Some(last) = self.spells[own..].last_mut()
            && last.off >= on
        {
            last.off = last.off.max(off);
            return;
        }
        self.spells.push(Spell { on, off });
    }

    /// Ends the list of the trial that is being written.
    #[inline]
    pub fn end(&mut self) {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "a block has far fewer than 2^32 spells"
        )]
        self.ends.push(self.spells.len() as u32);
    }

    /// The spells of a trial.
    #[inline]
    #[must_use]
    pub fn of(&self, lane: usize) -> &[Spell] {
        let start = if lane == 0 {
            0
        } else {
            self.ends[lane - 1] as usize
        };
        &self.spells[start..self.ends[lane] as usize]
    }
}

/// The spells of one trial, wherever they are kept.
#[derive(Clone, Copy, Debug)]
pub enum Spells<'a> {
    /// From a moment on, if it is finite.
    From([Spell; 1]),
    /// A list.
    List(&'a [Spell]),
}

impl std::ops::Deref for Spells<'_> {
    type Target = [Spell];

    #[inline]
    fn deref(&self) -> &[Spell] {
        match self {
            Self::From(spell) if spell[0].on < f64::INFINITY => spell,
            Self::From(_) => &[],
            Self::List(spells) => spells,
        }
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
        Self::Rising(Vec::new())
    }

    /// An empty column of spells.
    #[must_use]
    pub fn spells() -> Self {
        Self::Spells(SpellColumn::default())
    }

    /// Makes it a column of moments.
    #[inline]
    pub fn fill_rising(&mut self, count: usize, moment: impl FnMut(usize) -> f64) {
        if !matches!(self, Self::Rising(_)) {
            *self = Self::rising();
        }
        if let Self::Rising(moments) = self {
            moments.clear();
            moments.extend((0..count).map(moment));
        }
    }

    /// Makes it an empty column of spells, to be written trial by trial.
    pub fn begin_spells(&mut self) -> &mut SpellColumn {
        if !matches!(self, Self::Spells(_)) {
            *self = Self::spells();
        }
        match self {
            Self::Spells(spells) => {
                spells.clear();
                spells
            }
            Self::Rising(_) => unreachable!("it was made a column of spells above"),
        }
    }

    /// Whether it holds moments only.
    #[must_use]
    pub fn is_rising(&self) -> bool {
        matches!(self, Self::Rising(_))
    }

    /// The spells of a trial.
    #[inline]
    #[must_use]
    pub fn of(&self, lane: usize) -> Spells<'_> {
        match self {
            Self::Rising(moments) => Spells::From([Spell {
                on: moments[lane],
                off: f64::INFINITY,
            }]),
            Self::Spells(spells) => Spells::List(spells.of(lane)),
        }
    }

    /// The first moment at which it holds; infinite if never.
    #[inline]
    #[must_use]
    pub fn first(&self, lane: usize) -> f64 {
        match self {
            Self::Rising(moments) => moments[lane],
            Self::Spells(spells) => spells.of(lane).first().map_or(f64::INFINITY, |spell| spell.on),
        }
    }

    /// Whether it holds at a moment.
    #[inline]
    #[must_use]
    pub fn holds(&self, lane: usize, at: f64) -> bool {
        match self {
            Self::Rising(moments) => moments[lane] <= at,
            Self::Spells(spells) => spells
                .of(lane)
                .iter()
                .any(|spell| spell.on <= at && at < spell.off),
        }
    }
}

/// Sorts a short list by its moments, keeping the order of equal ones: insertion sort, which beats the general sort on
/// the dozen of elements that a trial has.
#[inline]
pub fn sort_by_moment<T: Copy>(list: &mut [T], moment: impl Fn(&T) -> f64) {
    if list.len() > 64 {
        list.sort_by(|one, other| moment(one).total_cmp(&moment(other)));
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

    #[test]
    fn touching_spells_join_and_empty_ones_vanish() {
        let mut column = SpellColumn::default();
        column.push(1.0, 2.0);
        column.push(2.0, 3.0);
        column.push(5.0, 5.0);
        column.push(6.0, 7.0);
        column.end();
        column.push(0.0, 1.0);
        column.end();
        assert_eq!(
            column.of(0),
            [Spell { on: 1.0, off: 3.0 }, Spell { on: 6.0, off: 7.0 }]
        );
        assert_eq!(column.of(1), [Spell { on: 0.0, off: 1.0 }]);
    }

    #[test]
    fn a_spell_holds_at_its_start_and_not_at_its_end() {
        let mut column = Column::spells();
        let spells = column.begin_spells();
        spells.push(1.0, 2.0);
        spells.end();
        assert!(
            !column.holds(0, 0.9) && column.holds(0, 1.0) && column.holds(0, 1.9) && !column.holds(0, 2.0)
        );
    }

    #[test]
    fn sorting_keeps_the_order_of_equal_moments() {
        let mut list = [(2.0, 'a'), (1.0, 'b'), (2.0, 'c'), (1.0, 'd')];
        sort_by_moment(&mut list, |item| item.0);
        assert_eq!(list.map(|item| item.1), ['b', 'd', 'a', 'c']);
    }
}
