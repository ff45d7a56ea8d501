//! Sobol sequences with Owen's scrambling: points that fill the unit cube far more evenly than independent ones.
//!
//! # Sequence
//! Coordinate j of point i is the exclusive or of the direction numbers of dimension j that the binary digits of i
//! select, so that every aligned block of 2ᵐ points has one in each interval [k/2ᵐ, (k+1)/2ᵐ) of each dimension. The
//! order is the plain one of i, not that of Gray codes; aligned blocks hold the same points in both.
//!
//! The direction numbers are those of Joe and Kuo's `new-joe-kuo-6.21201` (2008, Constructing Sobol sequences with
//! better two-dimensional projections, SIAM J. Sci. Comput. 30, 2635–2654), whose low dimensions are the best spread in
//! pairs: give them to the quantities that matter most.
//!
//! # Scrambling
//! Nested uniform scrambling (Owen 1995, Randomly permuted (t,m,s)-nets and (t,s)-sequences) flips each digit of a
//! coordinate by a coin that all the digits before it choose. Every point becomes uniform, the net stays a net, the mean
//! of a function is unbiased, and the variance falls faster than 1/n for every square-integrable function, like n⁻³ up
//! to logarithms for smooth ones (Owen 1997, Scrambled net variance for integrals of smooth functions).
//!
//! The coins come from a hash in which each bit depends only on itself and those below it, applied to the reversed
//! digits: Laine and Karras (2011, Stratified sampling for stochastic transparency), with the constants of Vegdahl, in
//! the way of Burley (2020, Practical hash-based Owen scrambling, JCGT 9(4)). Here its two keyed steps take 32 bits of
//! key each, where the original derives both from the same 32.
//!
//! # Limits
//! 63 bits of key choose the coins, far fewer than there are coins: the coins of the first digits are not independent
//! all together. Measured over 600 to 4,000 scrambles of 2⁶, 2⁹ and 2¹² points, the variance of nine smooth and
//! discontinuous means in up to six dimensions was that of coins hashed one by one, within the error of the measure. There
//! are [`DIMENSIONS`] dimensions of [`POINTS`] points; what needs more takes independent draws.

use std::array;
use std::sync::LazyLock;

use super::{BLOCK, mix};
use crate::wide_loop;

/// Dimensions that there are direction numbers for: all with polynomials of degree 13 at most.
pub const DIMENSIONS: usize = 1111;

/// Points of a sequence before it would begin anew.
pub const POINTS: u64 = 1 << 32;

/// Direction numbers as published, with their licence.
const PUBLISHED: &str = include_str!("joe_kuo.txt");

/// Direction numbers of a dimension, with the *last* bit for the first binary digit: what the scrambling needs.
type Reversed = [u32; 32];

/// Made once, in less than a millisecond: 142 kB.
static DIRECTIONS: LazyLock<Vec<Reversed>> = LazyLock::new(|| {
    let rows = PUBLISHED.lines().filter(|line| !line.starts_with('#'));
    std::iter::once(van_der_corput())
        .chain(rows.map(directions))
        .map(|directions| directions.map(u32::reverse_bits))
        .collect()
});

/// Dimension 0: the digits of the index, mirrored at the point.
fn van_der_corput() -> [u32; 32] {
    array::from_fn(|digit| 1 << (31 - digit))
}

/// Direction numbers, first binary digit first, from a row `d s a m_1 … m_s`: degree s, inner coefficients a of the
/// primitive polynomial, initial numbers m. Bratley and Fox (1988), Algorithm 659, ACM TOMS 14, with the recurrence
/// `v[i] = a[1] v[i−1] ⊕ … ⊕ a[s−1] v[i−s+1] ⊕ v[i−s] ⊕ (v[i−s] >> s)`.
fn directions(row: &str) -> [u32; 32] {
    let numbers: Vec<u32> = row
        .split(' ')
        .map(|number| number.parse().expect("the table holds numbers"))
        .collect();
    let (coefficients, initial) = (numbers[2], &numbers[3..]);
    let degree = initial.len();
    let mut v = [0; 32];
    for i in 0..v.len() {
        if i < degree {
            v[i] = initial[i] << (31 - i);
            continue;
        }
        v[i] = v[i - degree] ^ (v[i - degree] >> degree);
        for back in 1..degree {
            if coefficients >> (degree - 1 - back) & 1 == 1 {
                v[i] ^= v[i - back];
            }
        }
    }
    v
}

/// Fills `out` with the draws of points `first`, `first` + 1, … of a dimension under a scramble.
///
/// `dimension` is below [`DIMENSIONS`]; `scramble` is any key, one for each (seed, address, replicate), see
/// [`numbered`](super::numbered); `first` is a multiple of [`BLOCK`], `out` holds at most [`BLOCK`] draws, and all
/// points are below [`POINTS`].
///
/// Since the block is aligned, point `first` + k is the exclusive or of point `first` and of point k: each digit of k
/// doubles what is done.
pub fn fill(dimension: usize, scramble: u64, first: u64, out: &mut [u32]) {
    assert!(
        first.is_multiple_of(BLOCK as u64) && out.len() <= BLOCK,
        "blocks are whole and aligned"
    );
    spread(&DIRECTIONS[dimension], first, out);
    flip_all(&Coins::new(scramble), out);
}

wide_loop! {
    /// Scrambles points whose digits are reversed, and turns these round.
    fn flip_all(coins: &Coins, out: &mut [u32]) {
        for draw in out {
            *draw = coins.flip(*draw).reverse_bits();
        }
    }
}

/// Fills `out` with points from `first` on without scrambling, in reversed digits.
fn spread(directions: &Reversed, first: u64, out: &mut [u32]) {
    if let Some(draw) = out.first_mut() {
        *draw = point(directions, first);
    }
    let mut done = 1;
    for direction in &directions[..BLOCK.trailing_zeros() as usize] {
        let (made, rest) = out.split_at_mut(done.min(out.len()));
        for (draw, &made) in rest.iter_mut().zip(&*made) {
            *draw = made ^ direction;
        }
        done *= 2;
    }
}

/// The draw of one point: what [`fill`] gives for it.
#[must_use]
pub fn draw(dimension: usize, scramble: u64, index: u64) -> u32 {
    Coins::new(scramble)
        .flip(point(&DIRECTIONS[dimension], index))
        .reverse_bits()
}

/// A coordinate of a point without scrambling, in reversed digits.
fn point(directions: &Reversed, index: u64) -> u32 {
    assert!(index < POINTS, "a Sobol sequence has 2^32 points");
    let mut sum = 0;
    for (digit, direction) in directions.iter().enumerate() {
        // All ones where the digit of the index is one.
        let mask = 0_u32.wrapping_sub((index >> digit & 1) as u32);
        sum ^= direction & mask;
    }
    sum
}

/// What flips the digits of one dimension in one replicate.
#[derive(Clone, Copy, Debug)]
struct Coins {
    summand: u32,
    multiplier: u32,
}

impl Coins {
    #[allow(clippy::cast_possible_truncation, reason = "the two halves of a hash")]
    fn new(scramble: u64) -> Self {
        let bits = mix(scramble);
        Self {
            summand: bits as u32,
            multiplier: (bits >> 32) as u32 | 1,
        }
    }

    /// Flips reversed digits. Each step is a bijection that takes no bit to a lower place; the multipliers of the first
    /// kind of step are even, and that of the other is odd.
    #[inline(always)]
    fn flip(self, reversed: u32) -> u32 {
        let mut x = reversed;
        x ^= x.wrapping_mul(0x3d20_adea);
        x = x.wrapping_add(self.summand);
        x = x.wrapping_mul(self.multiplier);
        x ^= x.wrapping_mul(0x0552_6c56);
        x ^ x.wrapping_mul(0x53a2_2864)
    }
}

#[cfg(test)]
mod tests;
