//! The loops of [`wide`](super) that are written for AVX-512 by hand. Whoever calls them has detected it.

use std::arch::x86_64::{
    __m128i, __m512, __m512i, _CMP_UNORD_Q, _mm_cvtsi32_si128, _mm_load_ps, _mm512_add_ps, _mm512_and_si512,
    _mm512_castpd_ps, _mm512_castps_pd, _mm512_castps_si512, _mm512_castps128_ps512, _mm512_castsi512_ps,
    _mm512_cmp_ps_mask, _mm512_cmpneq_epi32_mask, _mm512_cvtepi32_ps, _mm512_insertf32x4, _mm512_load_si512,
    _mm512_loadu_si512, _mm512_mask_expand_epi32, _mm512_mask_expand_epi64, _mm512_maskz_compress_epi32,
    _mm512_max_epu32, _mm512_max_epu64, _mm512_max_ps, _mm512_min_epu32, _mm512_min_epu64, _mm512_min_ps,
    _mm512_mul_ps, _mm512_or_si512, _mm512_set1_epi32, _mm512_set1_epi64, _mm512_set1_ps,
    _mm512_setzero_si512, _mm512_sll_epi32, _mm512_srai_epi32, _mm512_srl_epi32, _mm512_store_si512,
    _mm512_storeu_ps, _mm512_storeu_si512, _mm512_sub_epi32, _mm512_sub_ps, _mm512_unpackhi_pd,
    _mm512_unpackhi_ps, _mm512_unpacklo_pd, _mm512_unpacklo_ps, _mm512_xor_si512,
};

use super::cubics::{MANTISSA_BITS, ONE};
use super::{Affine, Cubic, GROUP, LANES, Row, Shape, compress_plainly, expand_plainly, look_up_plainly};

/// Places of a chunk, in one cache line.
#[repr(align(64))]
struct Places([u32; LANES]);

/// See [`super::look_up`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
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
    let mut chunks = values[..count].chunks_exact_mut(LANES);
    let mut sources = uniforms[..count].chunks_exact(LANES);
    let mut missing = 0;
    for (out, of) in (&mut chunks).zip(&mut sources) {
        // SAFETY: the chunk is as long as the register.
        let h = unsafe { _mm512_loadu_si512(of.as_ptr().cast()) };
        let (places, t) = place(h, shape, last);
        // SAFETY: every place is at most `last`, which is below the number of segments.
        let [c0, c1, c2, c3] = unsafe { columns(segments, &places) };
        let x = _mm512_add_ps(c2, _mm512_mul_ps(t, c3));
        let x = _mm512_add_ps(c1, _mm512_mul_ps(t, x));
        let x = _mm512_add_ps(c0, _mm512_mul_ps(t, x));
        let x = apply(affine, x);
        missing |= _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(x, x);
        // SAFETY: the chunk is as long as the register.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), x) };
    }
    let (rest, of) = (chunks.into_remainder(), sources.remainder());
    look_up_plainly(segments, shape, affine, of, rest) || missing != 0
}

/// See [`super::cubics::distance`] and [`Shape::place`]: the same operations, on sixteen lanes.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
#[inline]
#[allow(clippy::cast_possible_wrap, reason = "bits are bits")]
fn place(h: __m512i, shape: Shape, last: u32) -> (Places, __m512) {
    let all = |value: u32| _mm512_set1_epi32(value as i32);
    let by = |bits: u32| -> __m128i { _mm_cvtsi32_si128(bits as i32) };
    let upper = _mm512_srai_epi32::<31>(h);
    let v = _mm512_add_ps(
        _mm512_cvtepi32_ps(_mm512_xor_si512(h, upper)),
        _mm512_set1_ps(0.5),
    );
    let bits = _mm512_castps_si512(v);
    let base = all(shape.base);
    let index = _mm512_sub_epi32(
        _mm512_max_epu32(_mm512_srl_epi32(bits, by(shape.shift)), base),
        base,
    );
    // Added as −1 is taken away: `upper` has all bits set.
    let index = _mm512_sub_epi32(
        index,
        _mm512_and_si512(upper, _mm512_sub_epi32(_mm512_setzero_si512(), all(shape.side))),
    );
    let mut places = Places([0; LANES]);
    // SAFETY: the places are as long as the register, and aligned to it.
    unsafe { _mm512_store_si512(places.0.as_mut_ptr().cast(), _mm512_min_epu32(index, all(last))) };
    let within = _mm512_sll_epi32(bits, by(MANTISSA_BITS - shape.shift));
    let within = _mm512_or_si512(_mm512_and_si512(within, all((1 << MANTISSA_BITS) - 1)), all(ONE));
    (
        places,
        _mm512_sub_ps(_mm512_castsi512_ps(within), _mm512_set1_ps(1.0)),
    )
}

/// The coefficients at sixteen places, a column each.
///
/// # Safety
/// Every place is below the number of segments.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
#[inline]
unsafe fn columns(segments: &[Cubic], places: &Places) -> [__m512; 4] {
    // SAFETY: the caller keeps places below the length; a segment is 16 bytes, aligned to 16.
    let load = |lane: usize| unsafe { _mm_load_ps(segments.as_ptr().add(places.0[lane] as usize).cast()) };
    // Four registers, each with every fourth place, so that the transposition leaves the lanes in order.
    let every_fourth = |first: usize| -> __m512 {
        let r = _mm512_castps128_ps512(load(first));
        let r = _mm512_insertf32x4::<1>(r, load(first + 4));
        let r = _mm512_insertf32x4::<2>(r, load(first + 8));
        _mm512_insertf32x4::<3>(r, load(first + 12))
    };
    let [a, b, c, d] = [every_fourth(0), every_fourth(1), every_fourth(2), every_fourth(3)];
    let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
    let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
    let low = |x, y| _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(x), _mm512_castps_pd(y)));
    let high = |x, y| _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(x), _mm512_castps_pd(y)));
    [
        low(ab, cd),
        high(ab, cd),
        low(ab_high, cd_high),
        high(ab_high, cd_high),
    ]
}

/// See [`Affine::of`]. The instructions for the least and the most return their second operand where the first is
/// no number or both are equal, which is what the comparisons there come to.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
#[inline]
fn apply(affine: Affine, x: __m512) -> __m512 {
    let x = _mm512_add_ps(
        _mm512_set1_ps(affine.location),
        _mm512_mul_ps(_mm512_set1_ps(affine.scale), x),
    );
    let x = _mm512_max_ps(_mm512_set1_ps(affine.lowest), x);
    _mm512_min_ps(_mm512_set1_ps(affine.highest), x)
}

/// See [`super::compress`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
pub fn compress(values: &[u32], needed: &[u32], front: &mut [u32]) -> usize {
    let whole = values.len().min(needed.len()).min(front.len()) / LANES;
    let never = _mm512_set1_epi32(-1);
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been moved to the front before it.
        unsafe {
            let from = chunk * LANES;
            let is_needed = _mm512_cmpneq_epi32_mask(load(needed, from), never);
            let values = _mm512_maskz_compress_epi32(is_needed, load(values, from));
            _mm512_storeu_si512(front.as_mut_ptr().add(next).cast(), values);
            next += is_needed.count_ones() as usize;
        }
    }
    let rest = whole * LANES;
    next + compress_plainly(&values[rest..], &needed[rest..], &mut front[next..])
}

/// See [`super::expand`]: values of 32 bits of any kind.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
pub fn expand<T: Copy>(front: &[T], needed: &[u32], none: T, values: &mut [T]) {
    const { assert!(size_of::<T>() == size_of::<u32>()) };
    let whole = values.len().min(needed.len()).min(front.len()) / LANES;
    let never = _mm512_set1_epi32(-1);
    let nothing = [none; LANES];
    // SAFETY: it is as long as the register.
    let nothing = unsafe { _mm512_loadu_si512(nothing.as_ptr().cast()) };
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been taken from the front before it.
        unsafe {
            let from = chunk * LANES;
            let is_needed = _mm512_cmpneq_epi32_mask(load(needed, from), never);
            let taken = _mm512_loadu_si512(front.as_ptr().add(next).cast());
            let spread = _mm512_mask_expand_epi32(nothing, is_needed, taken);
            _mm512_storeu_si512(values.as_mut_ptr().add(from).cast(), spread);
            next += is_needed.count_ones() as usize;
        }
    }
    let rest = whole * LANES;
    expand_plainly(&front[next..], &needed[rest..], none, &mut values[rest..]);
}

/// See [`super::expand_keys`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
#[allow(
    clippy::cast_possible_wrap,
    clippy::cast_possible_truncation,
    reason = "bits are bits, and halves of them"
)]
pub fn expand_keys(front: &[u64], needed: &[u32], none: u64, keys: &mut [u64]) {
    const HALF: usize = LANES / 2;
    let whole = keys.len().min(needed.len()).min(front.len()) / LANES;
    let never = _mm512_set1_epi32(-1);
    let nothing = _mm512_set1_epi64(none as i64);
    let mut next = 0;
    for chunk in 0..whole {
        // SAFETY: the chunk is within all three columns; and no more than it has been taken from the front before it.
        unsafe {
            let from = chunk * LANES;
            let is_needed = _mm512_cmpneq_epi32_mask(load(needed, from), never);
            for (half, mask) in [(0, is_needed as u8), (HALF, (is_needed >> HALF) as u8)] {
                let taken = _mm512_loadu_si512(front.as_ptr().add(next).cast());
                let spread = _mm512_mask_expand_epi64(nothing, mask, taken);
                _mm512_storeu_si512(keys.as_mut_ptr().add(from + half).cast(), spread);
                next += mask.count_ones() as usize;
            }
        }
    }
    let rest = whole * LANES;
    expand_plainly(&front[next..], &needed[rest..], none, &mut keys[rest..]);
}

/// Sixteen values from a place on.
///
/// # Safety
/// They are within the column.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
#[inline]
unsafe fn load(column: &[u32], from: usize) -> __m512i {
    // SAFETY: the caller keeps them within the column.
    unsafe { _mm512_loadu_si512(column.as_ptr().add(from).cast()) }
}

/// See [`super::sort_rows`].
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
pub fn sort_rows(rows: &mut [Row], pairs: &[[u16; 2]]) {
    const HALF: usize = LANES / 2;
    for group in rows.chunks_exact_mut(GROUP) {
        for half in [0, HALF] {
            sort_group(group, half);
        }
    }
    let all = rows.as_mut_ptr();
    for &[upper, lower] in pairs {
        let (upper, lower) = (usize::from(upper), usize::from(lower));
        assert!(upper < rows.len() && lower < rows.len());
        for half in [0, HALF] {
            // SAFETY: both rows are there, and half a row is as long as a register and aligned to it.
            unsafe {
                let one: *mut __m512i = all.add(upper).cast::<u64>().add(half).cast();
                let other: *mut __m512i = all.add(lower).cast::<u64>().add(half).cast();
                let (a, b) = (_mm512_load_si512(one), _mm512_load_si512(other));
                _mm512_store_si512(one, _mm512_min_epu64(a, b));
                _mm512_store_si512(other, _mm512_max_epu64(a, b));
            }
        }
    }
}

/// Sorts half the lanes of a group in registers.
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
fn sort_group(group: &mut [Row], half: usize) {
    macro_rules! exchange {
        ($($upper:literal $lower:literal),*) => {
            |mut r: [__m512i; GROUP]| {
                $((r[$upper], r[$lower]) = (_mm512_min_epu64(r[$upper], r[$lower]), _mm512_max_epu64(r[$upper], r[$lower]));)*
                r
            }
        };
    }
    assert!(group.len() == GROUP && half + LANES / 2 <= LANES);
    let first: *mut u64 = group.as_mut_ptr().cast();
    let mut registers = [_mm512_setzero_si512(); GROUP];
    for (place, register) in registers.iter_mut().enumerate() {
        // SAFETY: the row is there, and half a row is as long as a register and aligned to it.
        *register = unsafe { _mm512_load_si512(first.add(place * LANES + half).cast()) };
    }
    let sorted = sixteen!(exchange)(registers);
    for (place, register) in sorted.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe { _mm512_store_si512(first.add(place * LANES + half).cast(), register) };
    }
}
