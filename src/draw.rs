//! The uniform of (seed, address, visit, trial): a keyed hash without a stream, so that any draw of any trial can be
//! made alone, in any order, on any machine.
//!
//! # Algorithm
//! Each trial has a 64-bit *state*, and each (address, visit) a 64-bit *key*, both mixed strongly when they are made and
//! kept as two halves, *a* and *b*. A draw is the 32-bit [`hash`] of the two, of which a processor does sixteen at a
//! time: three rounds of xor-shift and multiplication on half *a*, which half *b* is joined to twice. Joined before the
//! first round, a difference in *b* passes all three; joined again after it, the 64 bits are not just folded to 32. For
//! a given key, each value has exactly 2³² states.
//!
//! # Limits
//! - Keys are to come from BLAKE3 or [`Key::visit`], never from arithmetic: a few differences between two keys (bit 15
//!   of *a* with bit 31 of *b*, for one) make half of their draws equal. Two addresses share all draws only if the
//!   64-bit prefixes of their hashes collide: for a scenario of 10,000 quantities a chance of about 3·10⁻¹².
//! - A uniform has 32 bits: the smallest is 2⁻³³, and in 2³² trials about 37 % of the values do not occur and others
//!   more than once, as with true random numbers. Events rarer than that are not told from impossible.
//! - All seeds walk the same cycle of 2⁶⁴ states from different places: that two runs of 10⁹ trials overlap has a chance
//!   of about 10⁻¹⁰.

use std::convert::Infallible;

use rand::TryRng;

use crate::lanes::{Lanes, gather};
use crate::wide::compress;
use crate::wide_loop;

/// Odd constant of Weyl sequences: 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplier of the strong mixing, that of Jon Maiga's `xmxmx`.
const MULTIPLIER: u64 = 0x0e98_46af_9b1a_615d;

/// A strong bijection of 64 bits, for keys and states.
#[inline]
fn mix(value: u64) -> u64 {
    let mut x = value;
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x = (x ^ (x >> 29)).wrapping_mul(GOLDEN);
    x ^ (x >> 32)
}

/// Both halves of 64 bits: the low one, and the high one.
#[inline]
#[allow(clippy::cast_possible_truncation, reason = "the halves are wanted")]
fn halves(value: u64) -> (u32, u32) {
    (value as u32, (value >> 32) as u32)
}

/// What the address of a quantity adds to its draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    a: u32,
    b: u32,
}

impl Key {
    /// The key of an address, for visit 0.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let hash = blake3::hash(address.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash.as_bytes()[..8]);
        let (a, b) = halves(u64::from_le_bytes(bytes));
        Self { a, b }
    }

    /// The key of the same address on a later visit.
    #[inline]
    #[must_use]
    pub fn visit(self, visit: u32) -> Self {
        if visit == 0 {
            return self;
        }
        self.mixed_with(u64::from(visit))
    }

    /// Both halves together.
    #[inline]
    #[must_use]
    pub fn whole(self) -> u64 {
        u64::from(self.b) << 32 | u64::from(self.a)
    }

    /// A key of its own for each number.
    #[inline]
    fn mixed_with(self, number: u64) -> Self {
        let (a, b) = halves(mix(self.whole().wrapping_add(number.wrapping_mul(GOLDEN))));
        Self { a, b }
    }
}

/// What a trial adds to its draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    a: u32,
    b: u32,
}

impl State {
    /// The state of a trial of a seed.
    #[inline]
    #[must_use]
    pub fn of(seed: u64, trial: u64) -> Self {
        let (a, b) = halves(mix(mix(seed ^ GOLDEN).wrapping_add(trial.wrapping_mul(GOLDEN))));
        Self { a, b }
    }
}

/// The states of consecutive trials, a column a word.
#[derive(Clone, Debug, Default)]
pub struct States {
    a: Lanes<u32>,
    b: Lanes<u32>,
}

impl States {
    /// Those of the trials `first .. first + count` of a seed: at most a block.
    pub fn fill(&mut self, seed: u64, first: u64, count: usize) {
        let (a, b) = (self.a.lay_out(count), self.b.lay_out(count));
        for ((a, b), trial) in a.iter_mut().zip(b).zip(0..) {
            let state = State::of(seed, first.wrapping_add(trial));
            (*a, *b) = (state.a, state.b);
        }
    }

    /// Brings the states together whose place in `needed` is not `u32::MAX`, and keeps `count`; what lies behind those
    /// that are needed has no meaning.
    pub fn gather(&self, needed: &[u32], count: usize, into: &mut Self) {
        for (from, into) in [(&self.a, &mut into.a), (&self.b, &mut into.b)] {
            compress(from, needed, into.lay_out(self.len()));
            into.shorten(count);
        }
    }

    /// Brings some states together, by their places.
    pub fn gather_lanes(&self, lanes: &[u32], into: &mut Self) {
        for (from, into) in [(&self.a, &mut into.a), (&self.b, &mut into.b)] {
            gather(from, lanes, into.lay_out(lanes.len()));
        }
    }

    /// How many trials there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.a.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.a.is_empty()
    }

    /// The state of one trial.
    #[inline]
    #[must_use]
    pub fn at(&self, lane: usize) -> State {
        State {
            a: self.a[lane],
            b: self.b[lane],
        }
    }
}

wide_loop! {
    /// The draws of a key for all trials.
    pub fn hash_all(states: &States, key: Key, draws: &mut [u32]) {
        let (all_a, all_b) = (&*states.a, &*states.b);
        for ((draw, &a), &b) in draws.iter_mut().zip(all_a).zip(all_b) {
            *draw = hash(key, State { a, b });
        }
    }
}

/// Multipliers of the rounds: the first of Chris Wellons' `triple32`, then both of his `lowbias32`, whose shifts the
/// last two rounds have as well, because he searched for the two rounds with the least bias.
const ROUNDS: [u32; 3] = [0xed5a_d4bb, 0x7feb_352d, 0x846c_a68b];

/// The 32 bits of one draw.
#[inline(always)]
#[must_use]
pub fn hash(key: Key, state: State) -> u32 {
    let b = state.b ^ key.b;
    let mut x = state.a.wrapping_add(key.a) ^ b;
    x = (x ^ (x >> 16)).wrapping_mul(ROUNDS[0]) ^ b;
    x = (x ^ (x >> 16)).wrapping_mul(ROUNDS[1]);
    x = (x ^ (x >> 15)).wrapping_mul(ROUNDS[2]);
    x ^ (x >> 16)
}

/// The draw of an address in a trial, as a number strictly between 0 and 1: (h + ½) / 2³².
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Uniform(pub u32);

impl Uniform {
    /// The draw of a key in a trial.
    #[inline]
    #[must_use]
    pub fn of(key: Key, state: State) -> Self {
        Self(hash(key, state))
    }

    /// The uniform nearest to a number from 0 to 1.
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the cast saturates at both ends"
    )]
    pub fn nearest(value: f64) -> Self {
        Self((value * 4_294_967_296.0) as u32)
    }

    /// The number, exactly.
    #[inline]
    #[must_use]
    pub fn value(self) -> f64 {
        (f64::from(self.0) + 0.5) / 4_294_967_296.0
    }
}

/// How many of the 2³² uniforms lie below a probability: a chance says yes where h is below this.
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the cast saturates at both ends"
)]
pub fn uniforms_below(probability: f64) -> u64 {
    ((probability * 4_294_967_296.0 - 0.5).ceil() as u64).min(1 << 32)
}

/// The draws of one address over visits, as a generator of the `rand` crates: for what needs more than one uniform.
///
/// Two streams of different (seed, address, trial) are independent; the same three give the same numbers.
#[derive(Clone, Debug)]
pub struct Stream {
    key: Key,
    state: State,
    next: u64,
}

impl Stream {
    /// The stream of an address in one trial of a seed.
    #[must_use]
    pub fn new(seed: u64, address: &str, trial: u64) -> Self {
        Self {
            key: Key::of(address),
            state: State::of(seed, trial),
            next: 0,
        }
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let key = self.key.mixed_with(self.next);
        self.next += 1;
        Ok(hash(key, self.state))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = self.try_next_u32()?;
        let high = self.try_next_u32()?;
        Ok(u64::from(high) << 32 | u64::from(low))
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), Infallible> {
        for chunk in destination.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small positive numbers"
)]
mod tests {
    use rand::RngExt;

    use super::*;

    /// Frozen: a change of these numbers changes every result and belongs into the changelog.
    #[test]
    fn the_draws_are_frozen() {
        let state = State::of(1, 7);
        assert_eq!(hash(Key::of("ceasefire.after"), state), FROZEN[0]);
        assert_eq!(hash(Key::of("ceasefire.after").visit(1), state), FROZEN[1]);
        assert_eq!(hash(Key::of("ceasefire.after"), State::of(2, 7)), FROZEN[2]);
    }

    const FROZEN: [u32; 3] = [3_928_518, 2_621_625_653, 2_635_807_300];

    #[test]
    fn uniforms_lie_inside_and_fill_the_unit_interval_evenly() {
        let key = Key::of("x");
        let mut bins = [0_u32; 64];
        for trial in 0..64_000 {
            let u = Uniform::of(key, State::of(3, trial)).value();
            assert!(u > 0.0 && u < 1.0);
            bins[(u * 64.0) as usize] += 1;
        }
        let chi: f64 = bins
            .iter()
            .map(|&count| (f64::from(count) - 1000.0).powi(2) / 1000.0)
            .sum();
        // 63 degrees of freedom: 0.9999 quantile 113.5, 0.0001 quantile 29.7.
        assert!(chi > 29.0 && chi < 114.0, "{chi}");
    }

    #[test]
    fn neighbours_are_uncorrelated() {
        let pairs = [
            (Key::of("a"), Key::of("b"), 0, 0),
            (Key::of("a"), Key::of("a").visit(1), 0, 0),
            (Key::of("a"), Key::of("a"), 0, 1),
            (Key::of("a"), Key::of("a"), 1, 0),
        ];
        for (one, other, later, seeds) in pairs {
            let count = 100_000;
            let product = |trial| {
                let first = Uniform::of(one, State::of(5, trial)).value() - 0.5;
                let second = Uniform::of(other, State::of(5 + seeds, trial + later)).value() - 0.5;
                first * second
            };
            let correlation = 12.0 * (0..count).map(product).sum::<f64>() / count as f64;
            assert!(correlation.abs() < 4.0 / (count as f64).sqrt(), "{correlation}");
        }
    }

    #[test]
    fn one_bit_of_the_trial_turns_half_the_bits_of_the_draw() {
        let key = Key::of("x");
        let turned: u32 = (0..1000)
            .map(|trial| (hash(key, State::of(1, trial)) ^ hash(key, State::of(1, trial ^ 1))).count_ones())
            .sum();
        assert!((f64::from(turned) / 32_000.0 - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_stream_serves_rand_distr() {
        let mut stream = Stream::new(1, "bootstrap", 0);
        let mean = (0..10_000)
            .map(|_| stream.sample::<f64, _>(rand_distr::StandardNormal))
            .sum::<f64>()
            / 10_000.0;
        assert!(mean.abs() < 0.05);
    }
}
