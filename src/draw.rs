//! The uniform of (seed, address, visit, trial): a keyed hash without a stream, so that any draw of any trial can be
//! made alone, in any order, on any machine.
//!
//! # Algorithm
//! Each trial has a 64-bit *state*, and each (address, visit) a 64-bit *key*, both mixed strongly when they are made.
//! One draw is the finaliser [`hash`] of `state ^ key`: three rounds of xor-shift with two multiplications, as in Jon
//! Maiga's `xmxmx`, which has the avalanche that the two inputs, being well mixed already, need.
//!
//! # Limits
//! Two addresses share a stream only if the 64-bit prefixes of their BLAKE3 hashes collide, which for a scenario of
//! 10,000 quantities has a chance of about 3·10⁻¹².

use std::convert::Infallible;

use rand::TryRng;

/// Odd constant of Weyl sequences: 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplier of the finaliser.
const MULTIPLIER: u64 = 0x0e98_46af_9b1a_615d;

/// Ticks a day, or a unit of an amount: the steps of the grid of [`snap`].
pub const TICKS: f64 = 1_048_576.0;

/// Rounds to the grid of 2⁻²⁰ (0.08 s of a day), half to even, for magnitudes below 2³¹.
///
/// All durations and amounts lie on this grid, so that their sums and differences are exact in any order and two
/// moments that should be equal are. The sum with 1.5·2³² leaves just that many bits behind the point.
#[inline]
#[must_use]
pub fn snap(value: f64) -> f64 {
    const GRID: f64 = 1.5 * 4_294_967_296.0;
    (value + GRID) - GRID
}

/// A strong bijection of 64 bits, for keys and states.
#[inline]
fn mix(value: u64) -> u64 {
    let mut x = value;
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x = (x ^ (x >> 29)).wrapping_mul(GOLDEN);
    x ^ (x >> 32)
}

/// What the address of a quantity adds to its draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of an address, for visit 0.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let hash = blake3::hash(address.as_bytes());
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&hash.as_bytes()[..8]);
        Self(u64::from_le_bytes(bytes))
    }

    /// The key of the same address on a later visit.
    #[inline]
    #[must_use]
    pub fn visit(self, visit: u32) -> Self {
        if visit == 0 {
            return self;
        }
        Self(mix(self.0.wrapping_add(u64::from(visit).wrapping_mul(GOLDEN))))
    }
}

/// What a trial adds to its draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State(u64);

impl State {
    /// The state of a trial of a seed.
    #[inline]
    #[must_use]
    pub fn of(seed: u64, trial: u64) -> Self {
        Self(mix(mix(seed ^ GOLDEN).wrapping_add(trial.wrapping_mul(GOLDEN))))
    }
}

/// The 64 bits of one draw.
#[inline]
#[must_use]
pub fn hash(key: Key, state: State) -> u64 {
    let mut x = key.0 ^ state.0;
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x = (x ^ (x >> 32)).wrapping_mul(MULTIPLIER);
    x ^ (x >> 28)
}

/// The uniform of one draw, strictly between 0 and 1: an odd multiple of 2⁻⁵³, so that 1 − u is exact too.
#[inline]
#[must_use]
pub fn uniform(key: Key, state: State) -> f64 {
    const UNIT: f64 = 1.0 / 4_503_599_627_370_496.0;
    #[allow(clippy::cast_precision_loss, reason = "52 bits fit")]
    let high = (hash(key, state) >> 12) as f64;
    (high + 0.5) * UNIT
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
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let key = Key(mix(self.key.0.wrapping_add(self.next.wrapping_mul(GOLDEN))));
        self.next += 1;
        Ok(hash(key, self.state))
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

    const FROZEN: [u64; 3] = [
        13_414_696_760_093_034_603,
        8_514_760_014_822_361_368,
        11_984_824_502_988_016_082,
    ];

    #[test]
    fn uniforms_lie_inside_and_fill_the_unit_interval_evenly() {
        let key = Key::of("x");
        let mut bins = [0_u32; 64];
        for trial in 0..64_000 {
            let u = uniform(key, State::of(3, trial));
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
                let first = uniform(one, State::of(5, trial)) - 0.5;
                let second = uniform(other, State::of(5 + seeds, trial + later)) - 0.5;
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
        assert!((f64::from(turned) / 64_000.0 - 0.5).abs() < 0.01);
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

    #[test]
    fn the_grid_makes_sums_exact() {
        assert_eq!(snap(0.1) + snap(0.2), snap(0.2) + snap(0.1));
        assert_eq!(snap(snap(12.345)), snap(12.345));
        assert!((snap(12.345) - 12.345).abs() <= 0.5 / 1_048_576.0);
        assert_eq!(snap(f64::INFINITY), f64::INFINITY);
    }
}
