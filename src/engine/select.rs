//! When the totals of many arrivals reach an amount, without sorting all of them.
//!
//! # Algorithm
//! The horizon is cut into [`MOST`] buckets or fewer. What arrives in each is added up, trial by trial; the running sum over
//! the buckets tells in which of them an amount is reached, and only the arrivals of that one are sorted. That is two
//! passes over the arrivals, where a sort takes as many as their number has bits.
//!
//! # Limits
//! Totals are whole steps, so that sums are exact in any order, and none is negative, so that totals only grow.

use super::arrivals::{Arrival, amount, moment};
use crate::amount::Measure;
use crate::time::{NEVER, Ticks};
use crate::wide::{LANES, Row};
use crate::wide_loop;

/// The most buckets: their sums, 128 bytes each, share the first-level cache with the arrivals that go by.
const MOST: usize = 64;

/// What arrives in each bucket, and behind them a place for what never comes.
type Sums = [[f64; LANES]; MOST + 1];

/// Where amounts are looked for.
#[derive(Debug)]
pub(super) struct Buckets {
    sums: Box<Sums>,
    /// For each trial of a tile, the arrivals of the bucket in which the amount is reached.
    few: [Vec<Arrival>; LANES],
}

/// In which bucket an amount is reached, for each trial of a tile.
struct Place {
    /// How many buckets lie before; all of them, if it is not reached.
    bucket: [u64; LANES],
    /// The total up to there.
    before: [f64; LANES],
}

impl Default for Buckets {
    fn default() -> Self {
        Self {
            sums: Box::new([[0.0; LANES]; MOST + 1]),
            few: Default::default(),
        }
    }
}

impl Buckets {
    /// When each amount asked for is reached, from arrivals in any order.
    pub(super) fn cross(
        &mut self,
        rows: &[Row],
        measure: Measure,
        start: [f64; LANES],
        asked: &[[f64; LANES]],
        reached: &mut [[Ticks; LANES]],
        horizon: Ticks,
    ) {
        let power = power(horizon);
        let count = (horizon >> power) as usize + 1;
        self.sums.fill([0.0; LANES]);
        add_up(rows, measure, power, &mut self.sums);
        for (asked, reached) in asked.iter().zip(reached) {
            let place = locate(&self.sums[..count], start, asked);
            self.collect(rows, power, &place.bucket);
            for (lane, few) in self.few.iter_mut().enumerate() {
                reached[lane] = if start[lane] >= asked[lane] {
                    0
                } else {
                    first(few, measure, place.before[lane], asked[lane])
                };
            }
        }
    }

    /// Collects the arrivals of one bucket in each trial.
    fn collect(&mut self, rows: &[Row], power: u32, buckets: &[u64; LANES]) {
        self.few.iter_mut().for_each(Vec::clear);
        let mut rest = rows;
        while let Some(next) = next_of(rest, power, buckets) {
            for (lane, few) in self.few.iter_mut().enumerate() {
                let arrival = rest[next].0[lane];
                if bucket(arrival, power) == buckets[lane] {
                    few.push(arrival);
                }
            }
            rest = &rest[next + 1..];
        }
    }
}

/// Buckets as a power of two of ticks, such that there are at most [`MOST`].
fn power(horizon: Ticks) -> u32 {
    let most = MOST.trailing_zeros();
    (Ticks::BITS - horizon.leading_zeros()).saturating_sub(most)
}

/// The bucket of an arrival; what never comes lies behind all buckets.
#[inline(always)]
fn bucket(arrival: Arrival, power: u32) -> u64 {
    arrival >> (Ticks::BITS + power)
}

/// When the amount is reached, from the arrivals of a bucket and the total before; [`NEVER`], if not by any of them.
fn first(few: &mut [Arrival], measure: Measure, before: f64, asked: f64) -> Ticks {
    few.sort_unstable();
    let mut sum = before;
    let found = few.iter().find(|&&arrival| {
        sum += measure.steps(amount(arrival));
        sum >= asked
    });
    found.map_or(NEVER, |&arrival| moment(arrival))
}

wide_loop! {
    /// Adds up what arrives in each bucket.
    fn add_up(rows: &[Row], measure: Measure, power: u32, sums: &mut Sums) {
        for row in rows {
            for lane in 0..LANES {
                #[allow(clippy::cast_possible_truncation, reason = "at most 2^32")]
                let bucket = (bucket(row.0[lane], power) as usize).min(MOST);
                sums[bucket][lane] += measure.steps(amount(row.0[lane]));
            }
        }
    }

    /// The bucket in which an amount is reached.
    fn locate(sums: &[[f64; LANES]], start: [f64; LANES], asked: &[f64; LANES]) -> Place {
        let (mut sum, mut before, mut bucket) = (start, start, [0; LANES]);
        for sums in sums {
            for lane in 0..LANES {
                sum[lane] += sums[lane];
                let is_before = sum[lane] < asked[lane];
                before[lane] = if is_before { sum[lane] } else { before[lane] };
                bucket[lane] += u64::from(is_before);
            }
        }
        Place { bucket, before }
    }

    /// The next row in which any arrival lies in the bucket of its trial.
    fn next_of(rows: &[Row], power: u32, buckets: &[u64; LANES]) -> Option<usize> {
        rows.iter().position(|row| {
            let mut is_any = false;
            for lane in 0..LANES {
                is_any |= bucket(row.0[lane], power) == buckets[lane];
            }
            is_any
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Key, State, hash};
    use crate::engine::arrivals::{NONE, arrival, cross, sort_lane};

    /// Some arrivals, a third of which never come.
    fn rows(count: usize, horizon: Ticks) -> Vec<Row> {
        let draw = |number| hash(Key::of("x"), State::of(1, number as u64));
        let of = |number: usize| match draw(number) {
            draw if draw % 3 == 0 => NONE,
            draw => arrival(draw % (horizon + 1), (draw % 1000) as f32),
        };
        let row = |row: usize| Row(std::array::from_fn(|lane| of(row * LANES + lane)));
        (0..count).map(row).collect()
    }

    #[test]
    fn amounts_are_reached_when_sorted_arrivals_reach_them() {
        for (count, horizon) in [(65, 0), (65, 40), (200, 365 << 20), (3000, (1 << 31) - 129)] {
            let all = rows(count, horizon);
            let share = |part: f64| std::array::from_fn(|lane| part * 1e6 * (count * (lane + 1)) as f64);
            let asked = [
                share(0.0),
                share(1.0),
                share(20.0),
                share(300.0),
                [f64::INFINITY; LANES],
            ];
            let start = std::array::from_fn(|lane| 50e6 * lane as f64);
            let measure = Measure::fit([].into_iter(), [1e6, 1e6], count);
            let (mut found, mut expected) = ([[0; LANES]; 5], [[0; LANES]; 5]);
            let mut buckets = Buckets::default();
            buckets.cross(&all, measure, start, &asked, &mut found, horizon);
            let mut sorted = all;
            for lane in 0..LANES {
                sort_lane(&mut sorted, lane, &mut Vec::new());
            }
            cross(&sorted, measure, start, &asked, &mut expected);
            assert_eq!(found, expected, "{count} until {horizon}");
        }
    }
}
