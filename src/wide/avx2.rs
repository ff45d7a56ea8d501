//! The loops of [`wide`](super) that are written for AVX2 by hand. Whoever calls them has detected it.
//!
//! AVX2 has half the lanes of AVX-512, no instruction that brings lanes together, and none for the least of two 64-bit
//! integers. Lanes are brought together by a permutation from a table, and keys are sorted as floating-point numbers, whose
//! order is that of their bits as long as they are numbers.

use std::arch::x86_64::{
    __m128i, __m256, __m256d, __m256i, _CMP_EQ_OQ, _CMP_UNORD_Q, _mm_cvtsi32_si128, _mm_load_ps,
    _mm256_add_ps, _mm256_and_si256, _mm256_blendv_epi8, _mm256_blendv_pd, _mm256_castpd_ps,
    _mm256_castps_pd, _mm256_castps_si256, _mm256_castps128_ps256, _mm256_castsi256_pd, _mm256_castsi256_ps,
    _mm256_castsi256_si128, _mm256_cmp_pd, _mm256_cmp_ps, _mm256_cmpeq_epi32, _mm256_cvtepi32_epi64,
    _mm256_cvtepi32_ps, _mm256_extracti128_si256, _mm256_insertf128_ps, _mm256_load_pd, _mm256_loadu_si256,
    _mm256_max_epu32, _mm256_max_pd, _mm256_max_ps, _mm256_min_epu32, _mm256_min_pd, _mm256_min_ps,
    _mm256_movemask_pd, _mm256_movemask_ps, _mm256_mul_ps, _mm256_or_pd, _mm256_or_si256,
    _mm256_permutevar8x32_epi32, _mm256_set1_epi32, _mm256_set1_epi64x, _mm256_set1_ps, _mm256_setzero_pd,
    _mm256_setzero_si256, _mm256_sll_epi32, _mm256_srai_epi32, _mm256_srl_epi32, _mm256_store_pd,
    _mm256_store_si256, _mm256_storeu_ps, _mm256_storeu_si256, _mm256_sub_epi32, _mm256_sub_ps,
    _mm256_unpackhi_pd, _mm256_unpackhi_ps, _mm256_unpacklo_pd, _mm256_unpacklo_ps, _mm256_xor_si256,
};

use super::cubics::{MANTISSA_BITS, ONE};
use super::{
    Affine, Cubic, GROUP, LANES, Row, Shape, compress_plainly, expand_plainly, look_up_plainly,
    sort_rows_plainly,
};

/// Values of 32 bits in a register.
const EIGHT: usize = 8;

/// Keys of 64 bits in a register.
const FOUR: usize = 4;

/// Places of a chunk.
#[repr(align(32))]
struct Places([u32; EIGHT]);

/// See [`super::look_up`].
#[target_feature(enable = "avx2")]
pub fn look_up(
    segments: &[Cubic],
    shape: Shape,
    affine: Affine,
    uniforms: &[u32],
    values: &mut [f32],
) -> bool {
    let Some(last) = segments.len().checked_sub(1) else {
        return look_up_plainly(segments, shape, affine, uniforms, values);
    };
    #[allow(clippy::cast_possible_truncation, reason = "a few thousand")]
    let last = last as u32;
    let count = values.len().min(uniforms.len());
    let mut chunks = values[..count].chunks_exact_mut(EIGHT);
    let mut sources = uniforms[..count].chunks_exact(EIGHT);
    let mut missing = 0;
    for (out, of) in (&mut chunks).zip(&mut sources) {
        // SAFETY: the chunk is as long as the register.
        let h = unsafe { _mm256_loadu_si256(of.as_ptr().cast()) };
        let (places, t) = place(h, shape, last);
        // SAFETY: every place is at most `last`, which is below the number of segments.
        let [c0, c1, c2, c3] = unsafe { columns(segments, &places) };
        let x = _mm256_add_ps(c2, _mm256_mul_ps(t, c3));
        let x = _mm256_add_ps(c1, _mm256_mul_ps(t, x));
        let x = _mm256_add_ps(c0, _mm256_mul_ps(t, x));
        let x = apply(affine, x);
        missing |= _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_UNORD_Q>(x, x));
        // SAFETY: the chunk is as long as the register.
        unsafe { _mm256_storeu_ps(out.as_mut_ptr(), x) };
    }
    let (rest, of) = (chunks.into_remainder(), sources.remainder());
    look_up_plainly(segments, shape, affine, of, rest) || missing != 0
}

/// See [`super::cubics::distance`] and [`Shape::place`]: the same operations, on eight lanes.
#[target_feature(enable = "avx2")]
#[inline]
#[allow(clippy::cast_possible_wrap, reason = "bits are bits")]
fn place(h: __m256i, shape: Shape, last: u32) -> (Places, __m256) {
    let all = |value: u32| _mm256_set1_epi32(value as i32);
    let by = |bits: u32| -> __m128i { _mm_cvtsi32_si128(bits as i32) };
    let upper = _mm256_srai_epi32::<31>(h);
    let v = _mm256_add_ps(
        _mm256_cvtepi32_ps(_mm256_xor_si256(h, upper)),
        _mm256_set1_ps(0.5),
    );
    let bits = _mm256_castps_si256(v);
    let base = all(shape.base);
    let index = _mm256_sub_epi32(
        _mm256_max_epu32(_mm256_srl_epi32(bits, by(shape.shift)), base),
        base,
    );
    // Added as −1 is taken away: `upper` has all bits set.
    let index = _mm256_sub_epi32(
        index,
        _mm256_and_si256(upper, _mm256_sub_epi32(_mm256_setzero_si256(), all(shape.side))),
    );
    let mut places = Places([0; EIGHT]);
    // SAFETY: the places are as long as the register, and aligned to it.
    unsafe { _mm256_store_si256(places.0.as_mut_ptr().cast(), _mm256_min_epu32(index, all(last))) };
    let within = _mm256_sll_epi32(bits, by(MANTISSA_BITS - shape.shift));
    let within = _mm256_or_si256(_mm256_and_si256(within, all((1 << MANTISSA_BITS) - 1)), all(ONE));
    (
        places,
        _mm256_sub_ps(_mm256_castsi256_ps(within), _mm256_set1_ps(1.0)),
    )
}

/// The coefficients at eight places, a column each.
///
/// # Safety
/// Every place is below the number of segments.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn columns(segments: &[Cubic], places: &Places) -> [__m256; 4] {
    // SAFETY: the caller keeps places below the length; a segment is 16 bytes, aligned to 16.
    let load = |lane: usize| unsafe { _mm_load_ps(segments.as_ptr().add(places.0[lane] as usize).cast()) };
    // Four registers, each with every fourth place, so that the transposition leaves the lanes in order.
    let every_fourth = |first: usize| -> __m256 {
        _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(load(first)), load(first + 4))
    };
    let [a, b, c, d] = [every_fourth(0), every_fourth(1), every_fourth(2), every_fourth(3)];
    let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
    let low = |x, y| _mm256_castpd_ps(_mm256_unpacklo_pd(_mm256_castps_pd(x), _mm256_castps_pd(y)));
    let high = |x, y| _mm256_castpd_ps(_mm256_unpackhi_pd(_mm256_castps_pd(x), _mm256_castps_pd(y)));
    [
        low(ab, cd),
        high(ab, cd),
        low(ab_high, cd_high),
        high(ab_high, cd_high),
    ]
}

/// See [`Affine::of`]. The instructions for the least and the most return their second operand where the first is
/// no number or both are equal, which is what the comparisons there come to.
#[target_feature(enable = "avx2")]
#[inline]
fn apply(affine: Affine, x: __m256) -> __m256 {
    let x = _mm256_add_ps(
        _mm256_set1_ps(affine.location),
        _mm256_mul_ps(_mm256_set1_ps(affine.scale), x),
    );
    let x = _mm256_max_ps(_mm256_set1_ps(affine.lowest), x);
    _mm256_min_ps(_mm256_set1_ps(affine.highest), x)
}

/// For each set of eight lanes, the lanes in it, in order: what brings them to the front.
static TOGETHER: [Lanes; 256] = lanes(false);

/// For each set, where each lane of it stands among them: what brings them back.
static APART: [Lanes; 256] = lanes(true);

/// Lanes to be taken, one for each place.
#[derive(Clone, Copy)]
#[repr(align(32))]
struct Lanes([u32; EIGHT]);

/// The lanes of every set.
const fn lanes(is_apart: bool) -> [Lanes; 256] {
    let mut all = [Lanes([0; EIGHT]); 256];
    let mut set = 0;
    while set < 256 {
        let (mut lane, mut rank) = (0, 0);
        while lane < EIGHT {
            if set >> lane & 1 == 1 {
                #[allow(clippy::cast_possible_truncation, reason = "below eight")]
                if is_apart {
                    all[set].0[lane] = rank as u32;
                } else {
                    all[set].0[rank] = lane as u32;
                }
                rank += 1;
            }
            lane += 1;
        }
        set += 1;
    }
    all
}

/// Which of eight places are needed, as bits and as lanes.
///
/// # Safety
/// They are within the column.
#[target_feature(enable = "avx2")]
#[inline]
#[allow(clippy::cast_sign_loss, reason = "eight bits")]
unsafe fn needs(needed: &[u32], from: usize) -> (usize, __m256i) {
    // SAFETY: the caller keeps them within the column.
    let needed = unsafe { _mm256_loadu_si256(needed.as_ptr().add(from).cast()) };
    let is_not = _mm256_cmpeq_epi32(needed, _mm256_set1_epi32(-1));
    let set = !_mm256_movemask_ps(_mm256_castsi256_ps(is_not)) as usize & 0xff;
    (set, is_not)
}

/// See [`super::compress`].
#[target_feature(enable = "avx2")]
pub fn compress(values: &[u32], needed: &[u32], front: &mut [u32]) -> usize {
    let whole = values.len().min(needed.len()).min(front.len()) / EIGHT;
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been moved to the front before it.
        unsafe {
            let from = chunk * EIGHT;
            let (set, _) = needs(needed, from);
            let values = _mm256_loadu_si256(values.as_ptr().add(from).cast());
            let together = _mm256_loadu_si256(TOGETHER[set].0.as_ptr().cast());
            let values = _mm256_permutevar8x32_epi32(values, together);
            _mm256_storeu_si256(front.as_mut_ptr().add(next).cast(), values);
            next += set.count_ones() as usize;
        }
    }
    let rest = whole * EIGHT;
    next + compress_plainly(&values[rest..], &needed[rest..], &mut front[next..])
}

/// See [`super::expand`]: values of 32 bits of any kind.
#[target_feature(enable = "avx2")]
pub fn expand<T: Copy>(front: &[T], needed: &[u32], none: T, values: &mut [T]) {
    const { assert!(size_of::<T>() == size_of::<u32>()) };
    let whole = values.len().min(needed.len()).min(front.len()) / EIGHT;
    let nothing = [none; EIGHT];
    // SAFETY: it is as long as the register.
    let nothing = unsafe { _mm256_loadu_si256(nothing.as_ptr().cast()) };
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been taken from the front before it.
        unsafe {
            let from = chunk * EIGHT;
            let (set, is_not) = needs(needed, from);
            let taken = _mm256_loadu_si256(front.as_ptr().add(next).cast());
            let apart = _mm256_loadu_si256(APART[set].0.as_ptr().cast());
            let spread = _mm256_permutevar8x32_epi32(taken, apart);
            let spread = _mm256_blendv_epi8(spread, nothing, is_not);
            _mm256_storeu_si256(values.as_mut_ptr().add(from).cast(), spread);
            next += set.count_ones() as usize;
        }
    }
    let rest = whole * EIGHT;
    expand_plainly(&front[next..], &needed[rest..], none, &mut values[rest..]);
}

/// For each set of four lanes of 64 bits, where each lane of it stands among them, in lanes of 32 bits.
static WIDE_APART: [Lanes; 16] = {
    let mut all = [Lanes([0; EIGHT]); 16];
    let mut set = 0;
    while set < 16 {
        let (mut lane, mut rank) = (0, 0);
        while lane < FOUR {
            if set >> lane & 1 == 1 {
                all[set].0[2 * lane] = 2 * rank;
                all[set].0[2 * lane + 1] = 2 * rank + 1;
                rank += 1;
            }
            lane += 1;
        }
        set += 1;
    }
    all
};

/// See [`super::expand_keys`].
#[target_feature(enable = "avx2")]
#[allow(clippy::cast_possible_wrap, reason = "bits are bits")]
pub fn expand_keys(front: &[u64], needed: &[u32], none: u64, keys: &mut [u64]) {
    let whole = keys.len().min(needed.len()).min(front.len()) / EIGHT;
    let nothing = _mm256_set1_epi64x(none as i64);
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been taken from the front before it.
        unsafe {
            let from = chunk * EIGHT;
            let (set, is_not) = needs(needed, from);
            let halves = [
                _mm256_castsi256_si128(is_not),
                _mm256_extracti128_si256::<1>(is_not),
            ];
            for (half, is_not) in [0, FOUR].into_iter().zip(halves) {
                let set = set >> half & 0xf;
                let taken = _mm256_loadu_si256(front.as_ptr().add(next).cast());
                let apart = _mm256_loadu_si256(WIDE_APART[set].0.as_ptr().cast());
                let spread = _mm256_permutevar8x32_epi32(taken, apart);
                let spread = _mm256_blendv_epi8(spread, nothing, _mm256_cvtepi32_epi64(is_not));
                _mm256_storeu_si256(keys.as_mut_ptr().add(from + half).cast(), spread);
                next += set.count_ones() as usize;
            }
        }
    }
    let rest = whole * EIGHT;
    expand_plainly(&front[next..], &needed[rest..], none, &mut keys[rest..]);
}

/// What an arrival that never comes is sorted as: above all others.
#[allow(clippy::cast_possible_wrap, reason = "bits are bits")]
const INFINITE: i64 = f64::INFINITY.to_bits() as i64;

/// See [`super::sort_rows`].
///
/// Keys are sorted as floating-point numbers of their bits. Those that never come have the uppermost bit set and become
/// infinite for that time. Keys whose bits are no number, which only moments from 2³¹ − 2²⁰ ticks on have, are sorted plainly.
#[target_feature(enable = "avx2")]
pub fn sort_rows(rows: &mut [Row], pairs: &[[u16; 2]]) {
    if !make_numbers(rows) {
        make_keys(rows);
        return sort_rows_plainly(rows, pairs);
    }
    for group in rows.chunks_exact_mut(GROUP) {
        for quarter in (0..LANES).step_by(FOUR) {
            sort_group(group, quarter);
        }
    }
    let all: *mut f64 = rows.as_mut_ptr().cast();
    for &[upper, lower] in pairs {
        let (upper, lower) = (usize::from(upper), usize::from(lower));
        assert!(upper < rows.len() && lower < rows.len());
        for quarter in (0..LANES).step_by(FOUR) {
            // SAFETY: both rows are there, and a quarter of a row is as long as a register and aligned to it.
            unsafe {
                let (one, other) = (all.add(upper * LANES + quarter), all.add(lower * LANES + quarter));
                let (a, b) = (_mm256_load_pd(one), _mm256_load_pd(other));
                _mm256_store_pd(one, _mm256_min_pd(a, b));
                _mm256_store_pd(other, _mm256_max_pd(a, b));
            }
        }
    }
    make_keys(rows);
}

/// Makes what never comes infinite; whether all keys are numbers then.
#[target_feature(enable = "avx2")]
fn make_numbers(rows: &mut [Row]) -> bool {
    let infinite = _mm256_castsi256_pd(_mm256_set1_epi64x(INFINITE));
    let mut is_none = _mm256_setzero_pd();
    for row in rows {
        for quarter in row.0.chunks_exact_mut(FOUR) {
            let place: *mut f64 = quarter.as_mut_ptr().cast();
            // SAFETY: a quarter of a row is as long as a register and aligned to it.
            unsafe {
                let key = _mm256_load_pd(place);
                // The uppermost bit chooses.
                let key = _mm256_blendv_pd(key, infinite, key);
                is_none = _mm256_or_pd(is_none, _mm256_cmp_pd::<_CMP_UNORD_Q>(key, key));
                _mm256_store_pd(place, key);
            }
        }
    }
    _mm256_movemask_pd(is_none) == 0
}

/// Undoes [`make_numbers`].
#[target_feature(enable = "avx2")]
fn make_keys(rows: &mut [Row]) {
    let infinite = _mm256_castsi256_pd(_mm256_set1_epi64x(INFINITE));
    let never = _mm256_castsi256_pd(_mm256_set1_epi64x(-1 << 32));
    for row in rows {
        for quarter in row.0.chunks_exact_mut(FOUR) {
            let place: *mut f64 = quarter.as_mut_ptr().cast();
            // SAFETY: as in `make_numbers`.
            unsafe {
                let key = _mm256_load_pd(place);
                let is_infinite = _mm256_cmp_pd::<_CMP_EQ_OQ>(key, infinite);
                _mm256_store_pd(place, _mm256_blendv_pd(key, never, is_infinite));
            }
        }
    }
}

/// Sorts a quarter of the lanes of a group in registers.
#[target_feature(enable = "avx2")]
fn sort_group(group: &mut [Row], quarter: usize) {
    macro_rules! exchange {
        ($($upper:literal $lower:literal),*) => {
            |mut r: [__m256d; GROUP]| {
                $((r[$upper], r[$lower]) = (_mm256_min_pd(r[$upper], r[$lower]), _mm256_max_pd(r[$upper], r[$lower]));)*
                r
            }
        };
    }
    assert!(group.len() == GROUP && quarter + FOUR <= LANES);
    let first: *mut f64 = group.as_mut_ptr().cast();
    let mut registers = [_mm256_setzero_pd(); GROUP];
    for (place, register) in registers.iter_mut().enumerate() {
        // SAFETY: the row is there, and a quarter of a row is as long as a register and aligned to it.
        *register = unsafe { _mm256_load_pd(first.add(place * LANES + quarter)) };
    }
    let sorted = sixteen!(exchange)(registers);
    for (place, register) in sorted.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe { _mm256_store_pd(first.add(place * LANES + quarter), register) };
    }
}
