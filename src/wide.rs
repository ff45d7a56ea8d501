//! Hot loops for whatever vectors the processor has, chosen at run time, with the same bits on each.
//!
//! [`wide_loop!`](crate::wide_loop) defines a function that is compiled for AVX-512, for AVX2 and for any processor, and
//! runs as the widest of these. The compiler then makes wide loops of the plain ones inside; no operation changes its
//! result, since each lane is rounded as a scalar would be, sums are not reordered, and multiplications and additions
//! are never fused.
//!
//! Some loops the compiler does not make well; for these two processors they are written by hand. [`look_up`] takes sixteen places in a table at a time, each with four
//! coefficients in one load of 16 bytes, turned into columns in registers. [`sort_rows`] sorts the rows of a tile by a
//! network, as far as possible in registers. [`compress`] and [`expand`] bring together what is needed of a column, and
//! back to its places.
//!
//! # Why `unsafe` is here, and only here
//! Calling a function that is compiled for a processor feature is undefined behaviour on a processor without it: such
//! calls are made only after the feature has been detected. Loads and stores by pointer need their places to be within
//! the slices: places in the table are brought below its length before they are used, and columns are cut into whole
//! chunks. Every path is tested against the plain one.
#![allow(unsafe_code)]

#[cfg(target_arch = "x86_64")]
use std::sync::OnceLock;

pub mod cubics;

use cubics::{Cubic, Shape, distance, value};

/// Keys that are sorted side by side.
pub const LANES: usize = 16;

/// Values of 32 bits that the widest vectors hold.
pub const VECTOR: usize = 16;

/// Keys of so many lanes, from the start of a cache line on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(align(64))]
pub struct Row(pub [u64; LANES]);

/// A loop with what it needs; made by [`wide_loop!`](crate::wide_loop).
pub trait Loop {
    /// What it comes to.
    type Output;

    /// Runs it. Always inlined, which no closure and no function passed as a value is: only so is it compiled for the
    /// vectors of its caller.
    fn run(self) -> Self::Output;
}

/// Runs a loop compiled for the widest vectors that the processor has.
#[inline]
pub fn wide<L: Loop>(of: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { with_avx512(of) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { with_avx2(of) };
        }
    }
    of.run()
}

/// Defines functions whose loops run over as many lanes as the processor has. What they call is to be inlined always.
#[macro_export]
macro_rules! wide_loop {
    (@result) => { () };
    (@result $result:ty) => { $result };
    ($($(#[$meta:meta])* $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {
        $($(#[$meta])* $visibility fn $name($($argument: $type),*) $(-> $result)? {
            struct Arguments<A>(A);
            impl $crate::wide::Loop for Arguments<($($type,)*)> {
                type Output = $crate::wide_loop!(@result $($result)?);

                #[inline(always)]
                fn run(self) -> Self::Output {
                    let Self(($($argument,)*)) = self;
                    $body
                }
            }
            $crate::wide::wide(Arguments(($($argument,)*)))
        })*
    };
}

/// What is done with a value of a table: `location + scale · x`, kept between two ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Affine {
    /// What is added.
    pub location: f32,
    /// What it is multiplied by.
    pub scale: f32,
    /// No value is below.
    pub lowest: f32,
    /// No value is above.
    pub highest: f32,
}

impl Affine {
    /// The value that `x` becomes; not a number, if it is none.
    #[inline(always)]
    #[must_use]
    pub fn of(self, x: f32) -> f32 {
        self.within(self.location + self.scale * x)
    }

    /// A value kept between the ends.
    #[inline(always)]
    #[must_use]
    pub fn within(self, value: f32) -> f32 {
        let value = if value < self.lowest { self.lowest } else { value };
        if value > self.highest { self.highest } else { value }
    }
}

/// The values of a table at uniforms of 32 bits, each not a number where the table has none; whether one is.
pub fn look_up(
    segments: &[Cubic],
    shape: Shape,
    affine: Affine,
    uniforms: &[u32],
    values: &mut [f32],
) -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::look_up(segments, shape, affine, uniforms, values) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { avx2::look_up(segments, shape, affine, uniforms, values) };
        }
    }
    look_up_plainly(segments, shape, affine, uniforms, values)
}

/// [`look_up`] without vectors.
fn look_up_plainly(
    segments: &[Cubic],
    shape: Shape,
    affine: Affine,
    uniforms: &[u32],
    values: &mut [f32],
) -> bool {
    let Some(last) = segments.len().checked_sub(1) else {
        values.fill(f32::NAN);
        return true;
    };
    let mut is_missing = false;
    for (x, &h) in values.iter_mut().zip(uniforms) {
        let (v, upper) = distance(h);
        let (index, t) = shape.place(v, upper);
        *x = affine.of(value(&segments[(index as usize).min(last)], t));
        is_missing |= x.is_nan();
    }
    is_missing
}

/// Whether [`compress`] and [`expand`] cost so little that it pays to look up only what is needed.
#[must_use]
pub fn compresses() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        has_avx512() || has_avx2()
    }
    #[cfg(not(target_arch = "x86_64"))]
    {
        false
    }
}

/// Moves the values whose place in `needed` is not `u32::MAX` to the front, in their order; how many there are. All
/// three columns are equally long.
pub fn compress(values: &[u32], needed: &[u32], front: &mut [u32]) -> usize {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::compress(values, needed, front) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { avx2::compress(values, needed, front) };
        }
    }
    compress_plainly(values, needed, front)
}

/// [`compress`] without vectors.
fn compress_plainly(values: &[u32], needed: &[u32], front: &mut [u32]) -> usize {
    let mut next = 0;
    for (&value, &needed) in values.iter().zip(needed) {
        front[next] = value;
        next += usize::from(needed != u32::MAX);
        if next == front.len() {
            break;
        }
    }
    next
}

/// Moves values of 32 bits from the front to the places that are not `u32::MAX` in `needed`, and makes all others `none`.
/// All three columns are equally long.
pub fn expand<T: Copy>(front: &[T], needed: &[u32], none: T, values: &mut [T]) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::expand(front, needed, none, values) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { avx2::expand(front, needed, none, values) };
        }
    }
    expand_plainly(front, needed, none, values);
}

/// The same for keys of 64 bits.
pub fn expand_keys(front: &[u64], needed: &[u32], none: u64, keys: &mut [u64]) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::expand_keys(front, needed, none, keys) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { avx2::expand_keys(front, needed, none, keys) };
        }
    }
    expand_plainly(front, needed, none, keys);
}

/// [`expand`] and [`expand_keys`] without vectors.
fn expand_plainly<T: Copy>(front: &[T], needed: &[u32], none: T, values: &mut [T]) {
    let mut next = 0;
    for (value, &needed) in values.iter_mut().zip(needed) {
        *value = none;
        if needed != u32::MAX {
            *value = front[next];
            next += 1;
        }
    }
}

/// Rows that are sorted in registers.
pub const GROUP: usize = 16;

/// Hands the exchanges of Green's network for sixteen keys (Knuth 1998, 5.3.4) to a macro.
macro_rules! sixteen {
    ($with:ident) => {
        $with!(
            0 1, 2 3, 4 5, 6 7, 8 9, 10 11, 12 13, 14 15, 0 2, 1 3, 4 6, 5 7,
            8 10, 9 11, 12 14, 13 15, 0 4, 1 5, 2 6, 3 7, 8 12, 9 13, 10 14, 11 15,
            0 8, 1 9, 2 10, 3 11, 4 12, 5 13, 6 14, 7 15, 5 10, 6 9, 3 12, 13 14,
            4 8, 7 11, 1 2, 1 4, 7 13, 2 8, 11 14, 2 4, 5 6, 9 10, 11 13, 3 8,
            7 12, 6 8, 10 12, 3 5, 7 9, 3 4, 5 6, 7 8, 9 10, 11 12, 6 7, 8 9
        )
    };
}

/// Sorts the rows of each whole group of [`GROUP`], lane by lane, then puts the smaller key of each two places first:
/// `pairs` are places in `rows`, below their number.
pub fn sort_rows(rows: &mut [Row], pairs: &[[u16; 2]]) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx512() {
            // SAFETY: the processor has every feature that the function is compiled for.
            return unsafe { avx512::sort_rows(rows, pairs) };
        }
        if has_avx2() {
            // SAFETY: as above.
            return unsafe { avx2::sort_rows(rows, pairs) };
        }
    }
    sort_rows_plainly(rows, pairs);
}

/// [`sort_rows`] without vectors.
fn sort_rows_plainly(rows: &mut [Row], pairs: &[[u16; 2]]) {
    macro_rules! list {
        ($($upper:literal $lower:literal),*) => { [$([$upper, $lower]),*] };
    }
    const SIXTEEN: [[u16; 2]; 60] = sixteen!(list);
    for group in rows.chunks_exact_mut(GROUP) {
        SIXTEEN.iter().for_each(|pair| exchange(group, *pair));
    }
    pairs.iter().for_each(|pair| exchange(rows, *pair));
}

/// Puts the smaller keys of two places first.
fn exchange(rows: &mut [Row], [upper, lower]: [u16; 2]) {
    let (upper, lower) = (usize::from(upper), usize::from(lower));
    for lane in 0..LANES {
        let (one, other) = (rows[upper].0[lane], rows[lower].0[lane]);
        rows[upper].0[lane] = one.min(other);
        rows[lower].0[lane] = one.max(other);
    }
}

// After the macro that they use.
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;

/// Whether the processor has AVX2; asked once.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx2() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| std::arch::is_x86_feature_detected!("avx2"))
}

/// Whether the processor has all of AVX-512 that is used here; asked once.
#[cfg(target_arch = "x86_64")]
#[inline]
fn has_avx512() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        std::arch::is_x86_feature_detected!("avx512f")
            && std::arch::is_x86_feature_detected!("avx512dq")
            && std::arch::is_x86_feature_detected!("avx512vl")
            && std::arch::is_x86_feature_detected!("avx512bw")
            && std::arch::is_x86_feature_detected!("avx512cd")
    })
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512dq,avx512vl,avx512bw,avx512cd")]
fn with_avx512<L: Loop>(of: L) -> L::Output {
    of.run()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2<L: Loop>(of: L) -> L::Output {
    of.run()
}

#[cfg(test)]
mod tests {
    use super::{Affine, LANES, Loop, Row, wide};
    use super::{compress, compress_plainly, expand, expand_keys, expand_plainly};
    use super::{look_up, look_up_plainly, sort_rows, sort_rows_plainly};
    use crate::distribution::Table;
    use crate::distribution::check::build;
    use crate::draw::{Key, State, States, hash, hash_all};

    fn draws(count: usize) -> Vec<u32> {
        (0..count as u64)
            .map(|trial| hash(Key::of("x"), State::of(1, trial)))
            .collect()
    }

    /// Draws of some trials, times three and a little more.
    struct Draws<'a>(&'a States);

    impl Loop for Draws<'_> {
        type Output = Vec<f32>;

        #[inline(always)]
        fn run(self) -> Vec<f32> {
            let draw = |lane| hash(Key::of("x"), self.0.at(lane)) as f32;
            (0..self.0.len()).map(|lane| draw(lane) * 3.0 + 0.1).collect()
        }
    }

    /// The wide loop against the plain one, on every path that the processor of the test has.
    #[test]
    fn every_path_gives_the_same_bits() {
        let mut states = States::default();
        states.fill(1, 0, 503);
        let plain = Draws(&states).run();
        assert_eq!(wide(Draws(&states)), plain);
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            // SAFETY: the feature has been detected.
            assert_eq!(unsafe { super::with_avx2(Draws(&states)) }, plain);
        }
        let mut draws = vec![0; 503];
        hash_all(&states, Key::of("x"), &mut draws);
        assert!((0..503).all(|lane| draws[lane] == hash(Key::of("x"), states.at(lane))));
    }

    #[test]
    fn keys_are_sorted_alike_on_every_path() {
        for length in [1, 10, 16, 30, 33, 64] {
            let network = crate::plan::Network::of(length).expect("short enough");
            let draws = draws(length * LANES);
            // A third never comes.
            let row = |place: usize| {
                Row(std::array::from_fn(|lane| match draws[place * LANES + lane] {
                    draw if draw % 3 == 0 => u64::from(u32::MAX) << 32,
                    draw => u64::from(draw) << 17,
                }))
            };
            let mut rows: Vec<Row> = (0..length).map(row).collect();
            rows.resize(network.rows(), Row([u64::from(u32::MAX) << 32; LANES]));
            let (mut quick, mut plain) = (rows.clone(), rows);
            sort_rows(&mut quick, network.exchanges());
            sort_rows_plainly(&mut plain, network.exchanges());
            assert_eq!(quick, plain);
            assert!(
                (0..LANES).all(|lane| plain.iter().map(|row| row.0[lane]).is_sorted()),
                "{length}"
            );
        }
    }

    /// Moments beyond 2,046 days have the bits of what is no floating-point number.
    #[test]
    fn late_keys_are_sorted_too() {
        let network = crate::plan::Network::of(20).expect("short enough");
        let row = |place: u64| {
            Row(std::array::from_fn(|lane| {
                ((0x7fff_0000 - 7 * place) << 32) + lane as u64
            }))
        };
        let mut rows: Vec<Row> = (0..20).map(row).collect();
        rows.resize(network.rows(), Row([u64::from(u32::MAX) << 32; LANES]));
        let (mut quick, mut plain) = (rows.clone(), rows);
        sort_rows(&mut quick, network.exchanges());
        sort_rows_plainly(&mut plain, network.exchanges());
        assert_eq!(quick, plain);
    }

    #[test]
    fn what_is_needed_is_found_again_on_every_path() {
        for count in [0, 1, 15, 16, 17, 500, 512] {
            let needed: Vec<u32> = draws(count)
                .iter()
                .map(|&draw| if draw % 3 == 0 { u32::MAX } else { draw / 2 })
                .collect();
            let (mut quick, mut plain) = (vec![0; count], vec![0; count]);
            let taken = compress(&needed, &needed, &mut quick);
            assert_eq!(taken, compress_plainly(&needed, &needed, &mut plain));
            assert_eq!(quick[..taken], plain[..taken]);
            assert!(
                plain[..taken]
                    .iter()
                    .eq(needed.iter().filter(|&&needed| needed != u32::MAX))
            );
            let front: Vec<f32> = plain.iter().map(|&value| value as f32).collect();
            let (mut quick, mut plain) = (vec![0.0; count], vec![0.0; count]);
            expand(&front, &needed, 0.0, &mut quick);
            expand_plainly(&front, &needed, 0.0, &mut plain);
            let of = |values: Vec<f32>| -> Vec<f32> {
                let pairs = values
                    .into_iter()
                    .zip(&needed)
                    .filter(|(_, needed)| **needed != u32::MAX);
                pairs.map(|(value, _)| value).collect()
            };
            assert_eq!(of(quick), front[..taken]);
            assert_eq!(of(plain), front[..taken]);
            let front: Vec<u32> = needed
                .iter()
                .copied()
                .filter(|&needed| needed != u32::MAX)
                .collect();
            let front: Vec<u32> = front.iter().chain(&needed).copied().take(count).collect();
            let mut moments = vec![0; count];
            expand(&front, &needed, u32::MAX, &mut moments);
            assert_eq!(moments, needed);
            let wide = |all: &[u32]| -> Vec<u64> { all.iter().map(|&one| u64::from(one) << 20).collect() };
            let mut keys = vec![0; count];
            expand_keys(&wide(&front), &needed, u64::from(u32::MAX) << 20, &mut keys);
            assert_eq!(keys, wide(&needed));
        }
    }

    #[test]
    fn tables_are_looked_up_to_the_same_bits_on_every_path() {
        let table = Table::build(&**build("lognormal", &[("median", 20.0), ("p90", 60.0)]).law());
        let table = table.expect("smooth");
        let mut uniforms = draws(100_003);
        uniforms.extend([0, 1, u32::MAX, u32::MAX - 1, 1 << 31, (1 << 31) - 1, 4095, 4096]);
        let affine = Affine {
            location: 1.5,
            scale: 0.75,
            lowest: 2.0,
            highest: 90.0,
        };
        let (mut quick, mut plain) = (vec![0.0; uniforms.len()], vec![0.0; uniforms.len()]);
        let missing = look_up(table.segments(), table.shape(), affine, &uniforms, &mut quick);
        let (segments, shape) = (table.segments(), table.shape());
        assert!(missing && look_up_plainly(segments, shape, affine, &uniforms, &mut plain));
        for (quick, plain) in quick.iter().zip(&plain) {
            assert!(quick.to_bits() == plain.to_bits() || quick.is_nan() && plain.is_nan());
        }
    }
}
