//! How times are tallied.

use crate::lanes::Lanes;
use crate::time::{NEVER, Ticks, Timescale};
use crate::wide_loop;

/// How times are tallied: each day in as many bins as the horizon allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grid {
    /// Whole days of the horizon; midnights 0 to this one are rows of the results.
    pub days: usize,
    /// Bins a day for first moments: 1, 2 or 4.
    pub per_day: usize,
    /// Ticks a day.
    day: Divisor,
    /// Ticks a bin.
    step: Divisor,
}

/// About the most bins that first moments are tallied in.
const MOST_BINS: usize = 8_192;

/// The most bins a day.
const FINEST: usize = 4;

impl Grid {
    /// The grid of a time scale and its horizon.
    #[must_use]
    pub fn new(time: Timescale) -> Self {
        let day = time.per_day();
        let days = (time.horizon() / day) as usize;
        let (mut per_day, mut step) = (1, day);
        while per_day < FINEST && step.is_multiple_of(2) && (days + 1) * per_day * 4 <= MOST_BINS {
            per_day *= 2;
            step /= 2;
        }
        Self {
            days,
            per_day,
            day: Divisor::new(day),
            step: Divisor::new(step),
        }
    }

    /// How many bins first moments have, the last for those beyond the horizon. Bin `2k` holds the moment k / `per_day`
    /// alone, bin `2k + 1` those between it and the next: so "by day d" is a sum of whole bins, and a moment that is
    /// certain is reported exactly.
    #[must_use]
    pub fn bins(&self) -> usize {
        2 * (self.days + 1) * self.per_day + 2
    }

    /// How many rows there are by midnight: 0 to `days`, then what lies between the last midnight and the horizon, then
    /// never.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.days + 3
    }

    /// The first midnight at or after a moment; `days + 1` if it lies behind the last, `days + 2` if it never comes.
    #[inline]
    #[must_use]
    pub fn midnight(&self, at: Ticks) -> usize {
        if at == NEVER {
            self.rows() - 1
        } else {
            (self.day.up(at) as usize).min(self.rows() - 1)
        }
    }

    /// The bin of each first moment of a block, for [`Histogram::count`].
    pub fn first_bins(&self, moments: &[Ticks], places: &mut Places) {
        #[allow(clippy::cast_possible_truncation, reason = "bins are far fewer than 2^32")]
        half_steps(
            moments,
            self.step,
            self.bins() as u32 - 1,
            places.all.lay_out(moments.len()),
        );
    }

    /// [`Self::midnight`] of each moment of a block, for [`Histogram::count`].
    pub fn midnights(&self, moments: &[Ticks], places: &mut Places) {
        #[allow(clippy::cast_possible_truncation, reason = "bins are far fewer than 2^32")]
        steps(
            moments,
            self.day,
            self.rows() as u32 - 1,
            places.all.lay_out(moments.len()),
        );
    }
}

/// Divides moments within a horizon by one number, with a multiplication and a shift: processors have no division for their
/// vectors.
///
/// With l = ⌈log₂ d⌉ and m = ⌈2³¹⁺ˡ / d⌉, the quotient of x < 2³¹ is ⌊x m / 2³¹⁺ˡ⌋ (Granlund and Montgomery 1994, theorem 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Divisor {
    by: Ticks,
    multiplier: u32,
    shift: u32,
}

impl Divisor {
    /// Of a number from 1 to 2³¹.
    #[allow(
        clippy::cast_possible_truncation,
        reason = "at most 2^32 - 1, since 2^l < 2 d"
    )]
    fn new(divisor: Ticks) -> Self {
        let shift = 31 + divisor.next_power_of_two().trailing_zeros();
        Self {
            by: divisor,
            multiplier: (1_u64 << shift).div_ceil(u64::from(divisor)) as u32,
            shift,
        }
    }

    /// How often the divisor goes into a moment below 2³¹, and whether nothing is left.
    #[inline(always)]
    #[allow(clippy::cast_possible_truncation, reason = "a quotient of 31 bits")]
    fn divide(self, at: Ticks) -> (u32, bool) {
        let quotient = ((u64::from(at) * u64::from(self.multiplier)) >> self.shift) as u32;
        (quotient, quotient.wrapping_mul(self.by) == at)
    }

    /// The quotient, rounded up.
    #[inline(always)]
    fn up(self, at: Ticks) -> u32 {
        let (quotient, is_whole) = self.divide(at);
        quotient + u32::from(!is_whole)
    }
}

wide_loop! {
    /// For each moment, how many steps it is, rounded up; at and behind `last`, the places in turns.
    fn steps(moments: &[Ticks], step: Divisor, last: u32, places: &mut [u32]) {
        for ((place, &at), lane) in places.iter_mut().zip(moments).zip(0_u32..) {
            let up = step.up(at);
            *place = in_turns(if at < NEVER { up } else { last }, last, lane);
        }
    }

    /// The same for half steps: even ones are exact, and odd ones all that lies between.
    fn half_steps(moments: &[Ticks], step: Divisor, last: u32, places: &mut [u32]) {
        for ((place, &at), lane) in places.iter_mut().zip(moments).zip(0_u32..) {
            let (quotient, is_whole) = step.divide(at);
            let half = 2 * quotient + u32::from(!is_whole);
            *place = in_turns(if at < NEVER { half } else { last }, last, lane);
        }
    }
}

/// A place, or for the last one of those that take turns.
#[inline(always)]
fn in_turns(place: u32, last: u32, lane: u32) -> u32 {
    #[allow(clippy::cast_possible_truncation, reason = "a few")]
    let turn = lane % TURNS as u32;
    if place < last { place } else { last + turn }
}

/// How many places the last bin is counted at, in turns.
const TURNS: usize = 8;

/// Where the trials of a block are counted: their bins, and behind the last bin some places more.
///
/// Most trials of a column often fall into the last bin, where each addition would wait for the one before: they take
/// turns at several places, which are added up at the end.
#[derive(Clone, Debug, Default)]
pub struct Places {
    all: Lanes<u32>,
}

impl Places {
    /// The places of the trials.
    #[must_use]
    pub fn all(&self) -> &[u32] {
        &self.all
    }
}

/// Counts in bins, the last of them for what never comes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Histogram {
    /// The bins, and the places behind the last, which are 0 except while it counts.
    counts: Vec<u64>,
}

impl Histogram {
    /// No counts in so many bins, at least one.
    #[must_use]
    pub fn new(bins: usize) -> Self {
        Self {
            counts: vec![0; bins.max(1) + TURNS - 1],
        }
    }

    /// Adds one for each trial.
    pub fn count(&mut self, places: &Places) {
        let last = self.len() - 1;
        for &place in places.all() {
            self.counts[place as usize] += 1;
        }
        for turn in 1..TURNS {
            self.counts[last] += std::mem::take(&mut self.counts[last + turn]);
        }
    }

    /// Adds the counts of another of as many bins.
    pub fn merge(&mut self, other: &Self) {
        for (own, other) in self.counts.iter_mut().zip(&other.counts) {
            *own += other;
        }
    }
}

impl From<Vec<u64>> for Histogram {
    /// The counts of all bins, of which there is at least one.
    fn from(mut counts: Vec<u64>) -> Self {
        let bins = counts.len().max(1);
        counts.resize(bins + TURNS - 1, 0);
        Self { counts }
    }
}

impl std::ops::Deref for Histogram {
    type Target = [u64];

    fn deref(&self) -> &[u64] {
        &self.counts[..=self.counts.len() - TURNS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::{FINEST, LONGEST};

    #[test]
    fn multiplication_divides_every_moment() {
        for divisor in [
            1, 2, 2_500, 5_000, 10_000, 25_000, 100_000, 250_000, 500_000, FINEST,
        ] {
            let by = Divisor::new(divisor);
            let near = |at: Ticks| [at.saturating_sub(1), at, at + 1].into_iter();
            let whole = (0..2_000).map(|k| k * divisor.min(LONGEST / 2_000));
            let spread = (0..2_000).map(|k| k * 1_073_741);
            for at in whole.chain(spread).chain([LONGEST]).flat_map(near) {
                assert_eq!(
                    by.divide(at),
                    (at / divisor, at % divisor == 0),
                    "{at} / {divisor}"
                );
                assert_eq!(by.up(at), at.div_ceil(divisor), "{at} / {divisor}");
            }
        }
    }

    #[test]
    fn moments_fall_into_their_bins() {
        let time = Timescale::new(10.5);
        let grid = Grid::new(time);
        let moments = [0.0, 0.1, 0.25, 1.0, 1.01, 10.0, 10.2].map(|day| time.ticks(day));
        let mut places = Places::default();
        grid.first_bins(&moments, &mut places);
        assert_eq!(places.all(), [0, 1, 2, 8, 9, 80, 81]);
        grid.midnights(&moments, &mut places);
        assert_eq!(places.all(), [0, 1, 1, 1, 2, 10, 11]);
        assert_eq!(grid.midnight(time.ticks(10.2)), 11);
    }

    #[test]
    fn what_never_comes_has_the_last_bin() {
        for horizon in [0.5, 10.0, 540.0, 2047.0, 2147.4, 36_525.0] {
            let grid = Grid::new(Timescale::new(horizon));
            let (mut first, mut by_midnight) = (Histogram::new(grid.bins()), Histogram::new(grid.rows()));
            let (mut places, never) = (Places::default(), [NEVER; 100]);
            grid.first_bins(&never, &mut places);
            first.count(&places);
            grid.midnights(&never, &mut places);
            by_midnight.count(&places);
            assert_eq!((first.len(), by_midnight.len()), (grid.bins(), grid.rows()));
            assert_eq!(
                (first.last(), by_midnight.last()),
                (Some(&100), Some(&100)),
                "{horizon}"
            );
            assert_eq!(first.iter().sum::<u64>() + by_midnight.iter().sum::<u64>(), 200);
        }
    }
}
