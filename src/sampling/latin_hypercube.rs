//! Latin hypercubes: in every block of n = [`BLOCK`] trials, each of n equal strata of each quantity is drawn from once.
//!
//! # Algorithm
//! The trial's own uniform falls into the stratum π(lane), where π is a permutation of the lanes that is keyed by
//! (seed, address, block): h ↦ π(lane) · 2³²/n + ⌊h/n⌋. So every uniform stays uniform, any lane is drawn alone, and
//! what a quantity adds to a mean on its own is integrated almost without error; interactions of quantities are as
//! with independent draws. `McKay`, Beckman and Conover (1979), A comparison of three methods for selecting values of
//! input variables, Technometrics 21; Stein (1987), Large sample properties of simulations using Latin hypercube
//! sampling, Technometrics 29.
//!
//! π is made of `ROUNDS` rounds of bijections of 9 bits, x ↦ (m x + a) mod n with m odd, then x ↦ x ⊕ (x >> s), as
//! in Kensler's permutations (2013, Correlated multi-jittered sampling, Pixar memo 13-01), but with m and a keyed.
//!
//! # Limits
//! The keys of the rounds choose among 2⁹⁶ permutations at most, far fewer than all 512!. Over many keys, four rounds
//! still show in the exclusive or of two lanes; from five on, pairs of lanes, correlations between two permutations and
//! of one with itself shifted, and counts in cells of two permutations are those of true shuffles. One more is a margin.

use super::{BLOCK, numbered};
use crate::wide_loop;

/// Rounds of the permutation.
const ROUNDS: usize = 6;

/// Bits of a lane.
const BITS: u32 = BLOCK.trailing_zeros();

/// The bits that are a lane.
#[allow(clippy::cast_possible_truncation, reason = "a block has 512 lanes")]
const MASK: u16 = (BLOCK - 1) as u16;

/// By how much odd and even rounds shift: half of the bits, up and down, so that every bit moves.
const SHIFTS: [u32; 2] = [BITS.div_ceil(2), BITS / 2];

/// Multiplier and summand of each round.
type Keys = [(u16, u16); ROUNDS];

/// Moves the draws of the first lanes of a block into their strata.
///
/// `key` is that of (seed, address, block), see [`numbered`]: different keys give independent permutations. `draws` are
/// the hashes of the block's first lanes, at most [`BLOCK`]; a block that is not full gets the first of the full one's.
pub fn stratify(key: u64, draws: &mut [u32]) {
    assert!(draws.len() <= BLOCK, "a block has {BLOCK} trials");
    permute(&keys(key), draws);
}

wide_loop! {
    /// Moves the draws of the first lanes into the strata of a permutation.
    fn permute(keys: &Keys, draws: &mut [u32]) {
        let mut strata = [0; BLOCK];
        // In a loop by itself, which runs in vectors of 16-bit lanes.
        for (lane, stratum) in (0..).zip(&mut strata) {
            *stratum = permuted(keys, lane);
        }
        for (draw, &stratum) in draws.iter_mut().zip(&strata) {
            *draw = within(stratum, *draw);
        }
    }
}

/// What [`stratify`] makes of the draw of one lane, which is below [`BLOCK`].
#[must_use]
pub fn stratified(key: u64, lane: usize, draw: u32) -> u32 {
    assert!(lane < BLOCK, "a block has {BLOCK} trials");
    #[allow(clippy::cast_possible_truncation, reason = "a lane is below 512")]
    let lane = lane as u16;
    within(permuted(&keys(key), lane), draw)
}

/// The draw moved into a stratum: its own leading bits decide where in it.
#[inline(always)]
fn within(stratum: u16, draw: u32) -> u32 {
    u32::from(stratum) << (u32::BITS - BITS) | draw >> BITS
}

/// The image of a lane.
#[inline(always)]
fn permuted(keys: &Keys, lane: u16) -> u16 {
    let mut x = lane;
    for (round, &(multiplier, summand)) in keys.iter().enumerate() {
        x = x.wrapping_mul(multiplier).wrapping_add(summand) & MASK;
        x ^= x >> SHIFTS[round % 2];
    }
    x
}

/// Two rounds from each 64 bits.
#[allow(clippy::cast_possible_truncation, reason = "pieces of a hash")]
fn keys(key: u64) -> Keys {
    let mut keys = [(0, 0); ROUNDS];
    for (number, pair) in (0..).zip(keys.chunks_mut(2)) {
        let mut bits = numbered(key, number);
        for (multiplier, summand) in pair {
            (*multiplier, *summand) = (bits as u16 | 1, (bits >> 16) as u16);
            bits >>= 32;
        }
    }
    keys
}

#[cfg(test)]
mod tests;
