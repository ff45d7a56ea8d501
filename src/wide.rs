//! Hot loops for whatever vectors the processor has, chosen at run time, with the same bits on each.
//!
//! [`wide`] runs a closure compiled for AVX-512 or AVX2 where the processor has them. The compiler then makes wide
//! loops of the plain ones inside; no operation changes its result, since each lane is rounded as a scalar would be,
//! sums are not reordered, and multiplications and additions are never fused.
//!
//! Two loops the compiler does not make well. [`look_up`] takes sixteen places in a table at a time, each with four
//! coefficients in one load of 16 bytes, turned into columns in registers. [`exchange`] runs a sorting network over the
//! rows of a tile.
//!
//! # Why `unsafe` is here, and only here
//! Calling a function that is compiled for a processor feature is undefined behaviour on a processor without it: such
//! calls are made only after the feature has been detected. Loads and stores by pointer need their places to be within
//! the slices: places in the table are brought below its length before they are used, and columns are cut into whole
//! chunks. Every path is tested against the plain one.
#![allow(unsafe_code)]

pub mod cubics;

use cubics::{Cubic, Shape, distance, value};

/// Keys that are sorted side by side.
pub const LANES: usize = 16;

/// Keys of so many lanes, from the start of a cache line on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Row(pub [u64; LANES]);

/// Runs `f` compiled for the widest vectors that the processor has. `f` must be inlined to profit, so it is to hold
/// loops over slices, and not calls of large functions.
#[inline]
pub fn wide<R>(f: impl FnOnce() -> R) -> R {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { with_avx512(f) };
        }
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: as above.
            return unsafe { with_avx2(f) };
        }
    }
    f()
}

/// The values of a table at uniforms of 32 bits; not a number where the table has none.
pub fn look_up(segments: &[Cubic], shape: Shape, uniforms: &[u32], values: &mut [f32]) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::look_up(segments, shape, uniforms, values) };
        }
    }
    look_up_plainly(segments, shape, uniforms, values);
}

/// [`look_up`] without vectors.
fn look_up_plainly(segments: &[Cubic], shape: Shape, uniforms: &[u32], values: &mut [f32]) {
    let Some(last) = segments.len().checked_sub(1) else {
        return;
    };
    for (x, &h) in values.iter_mut().zip(uniforms) {
        let (v, upper) = distance(h);
        let (index, t) = shape.place(v, upper);
        *x = value(&segments[(index as usize).min(last)], t);
    }
}

/// Puts the smaller key of each two places first, for all lanes: `pairs` are places in `rows`, below their number.
pub fn exchange(rows: &mut [Row], pairs: &[[u16; 2]]) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::exchange(rows, pairs) };
        }
    }
    exchange_plainly(rows, pairs);
}

/// [`exchange`] without vectors.
fn exchange_plainly(rows: &mut [Row], pairs: &[[u16; 2]]) {
    for &[upper, lower] in pairs {
        let (upper, lower) = (usize::from(upper), usize::from(lower));
        for lane in 0..LANES {
            let (one, other) = (rows[upper].0[lane], rows[lower].0[lane]);
            rows[upper].0[lane] = one.min(other);
            rows[lower].0[lane] = one.max(other);
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx512() -> bool {
    std::arch::is_x86_feature_detected!("avx512f")
        && std::arch::is_x86_feature_detected!("avx512dq")
        && std::arch::is_x86_feature_detected!("avx512vl")
        && std::arch::is_x86_feature_detected!("avx512bw")
        && std::arch::is_x86_feature_detected!("avx512cd")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
fn with_avx512<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<R>(f: impl FnOnce() -> R) -> R {
    f()
}

#[cfg(target_arch = "x86_64")]
mod avx512 {
    use std::arch::x86_64::{
        __m128, __m512, _mm_load_ps, _mm512_castps128_ps512, _mm512_insertf32x4,
        _mm512_loadu_epi64, _mm512_max_epu64, _mm512_min_epu64, _mm512_storeu_epi64, _mm512_storeu_ps,
        _mm512_unpackhi_ps, _mm512_unpacklo_ps,
    };
    use std::arch::x86_64::{_mm512_castpd_ps, _mm512_castps_pd, _mm512_unpackhi_pd, _mm512_unpacklo_pd};

    use super::{Cubic, LANES, Row, Shape, distance, look_up_plainly};

    /// See [`super::exchange`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
    pub fn exchange(rows: &mut [Row], pairs: &[[u16; 2]]) {
        const HALF: usize = LANES / 2;
        for &[upper, lower] in pairs {
            let (upper, lower) = (usize::from(upper), usize::from(lower));
            for half in [0, HALF] {
                let one: *mut i64 = rows[upper].0[half..][..HALF].as_mut_ptr().cast();
                let other: *mut i64 = rows[lower].0[half..][..HALF].as_mut_ptr().cast();
                // SAFETY: both point at as many keys as a register holds, and nothing else refers to them.
                unsafe {
                    let (a, b) = (_mm512_loadu_epi64(one), _mm512_loadu_epi64(other));
                    _mm512_storeu_epi64(one, _mm512_min_epu64(a, b));
                    _mm512_storeu_epi64(other, _mm512_max_epu64(a, b));
                }
            }
        }
    }

    /// See [`super::look_up`].
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
    pub fn look_up(segments: &[Cubic], shape: Shape, uniforms: &[u32], values: &mut [f32]) {
        let Some(last) = segments.len().checked_sub(1) else {
            return;
        };
        #[allow(clippy::cast_possible_truncation, reason = "a few thousand")]
        let last = last as u32;
        let mut chunks = values.chunks_exact_mut(LANES);
        let mut sources = uniforms.chunks_exact(LANES);
        for (out, of) in (&mut chunks).zip(&mut sources) {
            let mut places = [0_u32; LANES];
            let mut t = [0.0_f32; LANES];
            for lane in 0..LANES {
                let (v, upper) = distance(of[lane]);
                let (index, within) = shape.place(v, upper);
                places[lane] = index.min(last);
                t[lane] = within;
            }
            let [c0, c1, c2, c3] = columns(segments, &places);
            for lane in 0..LANES {
                out[lane] = c0[lane] + t[lane] * (c1[lane] + t[lane] * (c2[lane] + t[lane] * c3[lane]));
            }
        }
        look_up_plainly(segments, shape, sources.remainder(), chunks.into_remainder());
    }

    /// The coefficients at sixteen places, a column each. Every place is below the number of segments.
    #[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
    #[inline]
    fn columns(segments: &[Cubic], places: &[u32; LANES]) -> [[f32; LANES]; 4] {
        // SAFETY: the caller keeps places below the length; a segment is 16 bytes, aligned to 16.
        let load = |lane: usize| unsafe { _mm_load_ps(segments.as_ptr().add(places[lane] as usize).cast()) };
        // Four registers, each with every fourth place, so that the transposition leaves the lanes in order.
        let every_fourth = |first: usize| -> __m512 {
            let quarter = |index: usize| -> __m128 { load(first + 4 * index) };
            let r = _mm512_castps128_ps512(quarter(0));
            let r = _mm512_insertf32x4::<1>(r, quarter(1));
            let r = _mm512_insertf32x4::<2>(r, quarter(2));
            _mm512_insertf32x4::<3>(r, quarter(3))
        };
        let [a, b, c, d] = [0, 1, 2, 3].map(every_fourth);
        let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
        let (ab_high, cd_high) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
        let low = |x, y| _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(x), _mm512_castps_pd(y)));
        let high = |x, y| _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(x), _mm512_castps_pd(y)));
        let store = |register: __m512| {
            let mut column = [0.0; LANES];
            // SAFETY: the column is as long as the register.
            unsafe { _mm512_storeu_ps(column.as_mut_ptr(), register) };
            column
        };
        [low(ab, cd), high(ab, cd), low(ab_high, cd_high), high(ab_high, cd_high)].map(store)
    }
}

#[cfg(test)]
mod tests {
    use super::{LANES, Row, exchange, exchange_plainly, look_up, look_up_plainly, wide};
    use crate::distribution::Table;
    use crate::distribution::check::build;
    use crate::draw::{Key, States};

    fn draws(count: usize) -> Vec<u32> {
        let mut states = States::default();
        states.fill(1, 0, count);
        let mut draws = vec![0; count];
        wide(|| states.hash_all(Key::of("x"), &mut draws));
        draws
    }

    /// The wide loop against the plain one, on every path that the processor of the test has.
    #[test]
    fn every_path_gives_the_same_bits() {
        let mut states = States::default();
        states.fill(1, 0, 1003);
        let draw = || {
            let mut draws = vec![0; 1003];
            states.hash_all(Key::of("x"), &mut draws);
            draws
        };
        let plain = draw();
        assert_eq!(wide(draw), plain);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature has been detected.
            assert_eq!(unsafe { super::with_avx2(draw) }, plain);
        }
    }

    #[test]
    fn keys_are_exchanged_alike_on_every_path() {
        let network = crate::plan::Network::of(30).expect("short enough");
        let draws = draws(30 * LANES);
        let row = |place: usize| Row(std::array::from_fn(|lane| u64::from(draws[place * LANES + lane]) << 17));
        let rows: Vec<Row> = (0..30).map(row).collect();
        let (mut quick, mut plain) = (rows.clone(), rows);
        exchange(&mut quick, network.exchanges());
        exchange_plainly(&mut plain, network.exchanges());
        assert_eq!(quick, plain);
        assert!((0..LANES).all(|lane| plain.iter().map(|row| row.0[lane]).is_sorted()));
    }

    #[test]
    fn tables_are_looked_up_to_the_same_bits_on_every_path() {
        let table = Table::build(&**build("lognormal", &[("median", 20.0), ("p90", 60.0)]).law());
        let table = table.expect("smooth");
        let mut uniforms = draws(100_003);
        uniforms.extend([0, 1, u32::MAX, u32::MAX - 1, 1 << 31, (1 << 31) - 1, 4095, 4096]);
        let (mut quick, mut plain) = (vec![0.0; uniforms.len()], vec![0.0; uniforms.len()]);
        look_up(table.segments(), table.shape(), &uniforms, &mut quick);
        look_up_plainly(table.segments(), table.shape(), &uniforms, &mut plain);
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&quick), bits(&plain));
    }
}
