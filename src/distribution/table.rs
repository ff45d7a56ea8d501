//! A quantile function as a table: what replaces it in the hot loop.
//!
//! With v = min(u, 1 − u), each side of the median is cut into octaves, [2^−20, 2^−19) to [2^−2,
//! 2^−1), and each octave into 2^k equal segments (k from 2 to 8, each octave its own), so that the
//! table is fine where quantiles are steep. The octave is the exponent of v, the segment the first
//! k bits of its mantissa, and the position in the segment the bits that remain. On each segment a
//! cubic through four exact points (Chebyshev–Lobatto: 0, ¼, ¾, 1) stands for the quantile:
//! continuous across segments, never decreasing in u, evaluated with + and · alone.
//!
//! # The bound
//!
//! At most [`LARGEST_ERROR`] of the inter-decile range (Q(0.9) − Q(0.1)) between u = 1e-6 and 1 −
//! 1e-6. It is checked when the table is built, against the exact quantile at three points of each
//! segment, near where the error of a cubic is largest, with a margin of two; an octave in which it
//! fails is cut finer. A segment that fails at the finest cut (there is a kink or a jump in it) is
//! left out, and [`Table::eval`] answers none there and beyond the octaves: then the exact quantile
//! is to be used.

use crate::distribution::Law;

/// The bound on the error, in parts of the inter-decile range.
pub const LARGEST_ERROR: f64 = 1e-6;

/// 2^−20, just below 1e-6: where the table begins.
const LOWEST: f64 = 1.0 / 1_048_576.0;
/// The biased exponent of [`LOWEST`].
const LOWEST_EXPONENT: u64 = 1023 - 20;
/// Octaves a side: 2^−20 to 2^−1, and one for v = ½ alone.
const OCTAVES: usize = 20;
const COARSEST: u32 = 2;
const FINEST: u32 = 8;
/// The largest part of the probability that may be left out.
const MOST_LEFT_OUT: f64 = 1.0 / 64.0;

const MANTISSA_BITS: u32 = 52;
const MANTISSA: u64 = (1 << MANTISSA_BITS) - 1;
const ONE: u64 = 1023 << MANTISSA_BITS;

/// The coefficients of 1, t, t² and t³.
type Cubic = [f64; 4];

/// Stands where no cubic meets the bound.
const LEFT_OUT: Cubic = [f64::NAN; 4];

/// Where the segments of an octave begin, and how many bits of the mantissa tell them apart.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Octave {
    first: u32,
    bits: u32,
}

/// A quantile function as piecewise cubics. A few kilobytes for a smooth law.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Those of the lower side, then those of the upper side.
    octaves: [Octave; 2 * OCTAVES],
    /// The octaves with both numbers in one (`first` · 256 + `bits`), in a length that needs no check of bounds.
    packed: [u64; 64],
    segments: Vec<Cubic>,
}

impl Table {
    /// The table of `law`; none, if no table can be had that meets the bound, or if `law` is cheap
    /// enough without one.
    #[must_use]
    pub fn build(law: &dyn Law) -> Option<Self> {
        let spread = law.quantile(0.9) - law.quantile(0.1);
        if law.is_cheap() || spread.is_nan() || spread <= 0.0 || spread.is_infinite() {
            return None;
        }
        let mut table = Self {
            octaves: [Octave::default(); 2 * OCTAVES],
            packed: [0; 64],
            segments: Vec::new(),
        };
        let mut left_out = 0.0;
        for upper in [false, true] {
            let fit = Fit {
                law,
                upper,
                tolerance: 0.5 * LARGEST_ERROR * spread,
            };
            for octave in 0..OCTAVES - 1 {
                let (bits, segments) = fit.octave(octave);
                let width = octave_start(octave) / f64::from(1_u32 << bits);
                left_out += width
                    * segments
                        .iter()
                        .map(|segment| if segment[0].is_nan() { 1.0 } else { 0.0 })
                        .sum::<f64>();
                table.push(octave, upper, bits, &segments)?;
            }
            table.push(OCTAVES - 1, upper, 0, &[[law.quantile(0.5), 0.0, 0.0, 0.0]])?;
        }
        (left_out <= MOST_LEFT_OUT).then_some(table)
    }

    fn push(&mut self, octave: usize, upper: bool, bits: u32, segments: &[Cubic]) -> Option<()> {
        let first = u32::try_from(self.segments.len()).ok()?;
        let index = octave + if upper { OCTAVES } else { 0 };
        self.octaves[index] = Octave { first, bits };
        self.packed[index] = u64::from(first) << 8 | u64::from(bits);
        self.segments.extend_from_slice(segments);
        Some(())
    }

    /// The quantile of `u`, 0 < `u` < 1; none in the far tails, and where the table has a segment
    /// left out.
    #[inline]
    #[must_use]
    pub fn eval(&self, u: f64) -> Option<f64> {
        let v = u.min(1.0 - u);
        if v < LOWEST || v.is_nan() {
            return None;
        }
        let bits = v.to_bits();
        let mantissa = bits & MANTISSA;
        let side = usize::from(u > 0.5) * OCTAVES;
        #[expect(clippy::cast_possible_truncation, reason = "at most 19")]
        let index = ((bits >> MANTISSA_BITS) - LOWEST_EXPONENT) as usize + side;
        let octave = self.octaves[index];
        let index = octave.first as usize + (mantissa >> (MANTISSA_BITS - octave.bits)) as usize;
        let t = f64::from_bits(ONE | ((mantissa << octave.bits) & MANTISSA)) - 1.0;
        let x = value(&self.segments[index], t);
        if x.is_nan() { None } else { Some(x) }
    }

    /// [`eval`](Self::eval) of each of `uniforms`, which is replaced by its value; not a number where there is none.
    ///
    /// The same arithmetic without branches, so that it can run in as many lanes as the processor has.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "it is to be compiled for the vectors of its caller"
    )]
    pub fn eval_all(&self, uniforms: &mut [f64]) {
        let segments = self.segments.as_slice();
        let Some(last) = segments.len().checked_sub(1) else {
            return;
        };
        for u in uniforms {
            let v = u.min(1.0 - *u);
            let bits = v.to_bits();
            let mantissa = bits & MANTISSA;
            let side = if *u > 0.5 { OCTAVES as u64 } else { 0 };
            let index = (bits >> MANTISSA_BITS).saturating_sub(LOWEST_EXPONENT) + side;
            let packed = self.packed[(index & 63) as usize];
            let bits_of_segment = packed & 0xff;
            let index = (packed >> 8) + (mantissa >> (u64::from(MANTISSA_BITS) - bits_of_segment));
            let t = f64::from_bits(ONE | ((mantissa << bits_of_segment) & MANTISSA)) - 1.0;
            #[expect(clippy::cast_possible_truncation, reason = "a few hundred")]
            let x = value(&segments[(index as usize).min(last)], t);
            *u = if v < LOWEST { f64::NAN } else { x };
        }
    }

    /// How many segments there are, of 32 bytes each.
    #[must_use]
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there are no segments: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }
}

/// The least v of an octave, which is also its width.
fn octave_start(octave: usize) -> f64 {
    (0..octave).fold(LOWEST, |start, _| 2.0 * start)
}

/// What the cubics of one side are fitted to.
struct Fit<'a> {
    law: &'a dyn Law,
    upper: bool,
    tolerance: f64,
}

impl Fit<'_> {
    /// The exact quantile at v from the end of this side.
    fn exact(&self, v: f64) -> f64 {
        if self.upper {
            self.law.upper_quantile(v)
        } else {
            self.law.quantile(v)
        }
    }

    /// The coarsest cut of an octave that meets the bound everywhere, or the finest, with what
    /// fails left out.
    fn octave(&self, octave: usize) -> (u32, Vec<Cubic>) {
        let start = octave_start(octave);
        for bits in COARSEST..FINEST {
            if let Some(segments) = self.cut(start, bits).collect() {
                return (bits, segments);
            }
        }
        (
            FINEST,
            self.cut(start, FINEST)
                .map(|segment| segment.unwrap_or(LEFT_OUT))
                .collect(),
        )
    }

    /// The segments of the octave from `start`, cut into 2^`bits`: none for each that fails.
    fn cut(&self, start: f64, bits: u32) -> impl Iterator<Item = Option<Cubic>> {
        let count = 1_u32 << bits;
        let width = start / f64::from(count);
        let mut at_end = self.exact(start);
        (0..count).map(move |index| {
            let from = start + width * f64::from(index);
            let at_start = at_end;
            at_end = self.exact(from + width);
            self.segment(from, width, at_start, at_end)
        })
    }

    /// The cubic on [from, from + width], if it meets the bound.
    fn segment(&self, from: f64, width: f64, at_start: f64, at_end: f64) -> Option<Cubic> {
        let rise = at_end - at_start;
        let quarter = self.exact(from + 0.25 * width) - at_start;
        let three_quarters = self.exact(from + 0.75 * width) - at_start;
        let cubic = interpolate(at_start, quarter, three_quarters, rise);
        let chord = [at_start, rise, 0.0, 0.0];
        let candidate = if self.is_monotone(&cubic) { cubic } else { chord };
        let checked = [
            (0.1, None),
            (0.5, None),
            (0.9, None),
            (0.25, Some(quarter)),
            (0.75, Some(three_quarters)),
        ];
        let meets = |(t, known): (f64, Option<f64>)| {
            let exact = known.map_or_else(|| self.exact(from + t * width), |known| at_start + known);
            (value(&candidate, t) - exact).abs() <= self.tolerance
        };
        checked.into_iter().all(meets).then_some(candidate)
    }

    /// Whether the cubic never goes the wrong way on [0, 1]: up in v on the lower side, down on the
    /// upper.
    fn is_monotone(&self, cubic: &Cubic) -> bool {
        let direction = if self.upper { -1.0 } else { 1.0 };
        let slope = |t: f64| direction * (cubic[1] + t * (2.0 * cubic[2] + t * 3.0 * cubic[3]));
        let turn = -cubic[2] / (3.0 * cubic[3]);
        let turn = if turn > 0.0 && turn < 1.0 { turn } else { 0.0 };
        slope(0.0) >= 0.0 && slope(1.0) >= 0.0 && slope(turn) >= 0.0
    }
}

#[inline]
fn value(cubic: &Cubic, t: f64) -> f64 {
    cubic[0] + t * (cubic[1] + t * (cubic[2] + t * cubic[3]))
}

/// The cubic with `start` at 0, and more than that by `quarter` at ¼, `three_quarters` at ¾ and
/// `rise` at 1 (divided differences).
fn interpolate(start: f64, quarter: f64, three_quarters: f64, rise: f64) -> Cubic {
    let (first, second, third) = (4.0 * quarter, three_quarters * 4.0 / 3.0, rise);
    let (lower, upper) = (2.0 * (second - first), 4.0 * (third - second));
    let cubic = (upper - lower) * 4.0 / 3.0;
    [start, first - 0.25 * lower + 0.1875 * cubic, lower - cubic, cubic]
}

#[cfg(test)]
mod tests {
    use super::{LARGEST_ERROR, Table};
    use crate::distribution::check::{arguments, build, example_arguments};
    use crate::distribution::{Arguments, Distribution, FAMILIES, Law, family};

    /// The largest error at many points that are not those of the fit, in parts of the inter-decile
    /// range; also checks the order.
    fn largest_error(law: &dyn Law, table: &Table) -> f64 {
        let spread = law.quantile(0.9) - law.quantile(0.1);
        let mut largest = 0.0_f64;
        let mut last = f64::NEG_INFINITY;
        for index in 0..=4000 {
            let log_odds = -13.815 + 27.63 * f64::from(index) / 4000.0;
            let u = 1.0 / (1.0 + libm::exp(-log_odds));
            if let Some(x) = table.eval(u) {
                assert!(x >= last - 1e-14 * spread, "{law:?} decreases at {u}");
                last = x;
                largest = largest.max((x - law.quantile(u)).abs() / spread);
            }
        }
        largest
    }

    #[test]
    fn every_family_meets_the_bound() {
        for family in FAMILIES {
            for arguments in example_arguments(family.name) {
                let distribution = Distribution::new(family, &arguments, None, None).expect("valid");
                let law = distribution.law();
                if let Some(table) = Table::build(&**law) {
                    let error = largest_error(&**law, &table);
                    assert!(error <= LARGEST_ERROR, "{}: {error:e}", family.name);
                    assert!(table.len() < 1000, "{}: {} segments", family.name, table.len());
                } else {
                    assert!(law.is_cheap(), "{} has no table", family.name);
                }
            }
        }
    }

    #[test]
    fn hard_shapes_meet_the_bound() {
        let hard = [
            ("lognormal", vec![("median", 1.0), ("p90", 20.0)]),
            ("weibull", vec![("shape", 0.3), ("scale", 5.0)]),
            ("weibull", vec![("shape", 40.0), ("scale", 5.0)]),
            ("gamma", vec![("shape", 0.05), ("scale", 1.0)]),
            ("gamma", vec![("shape", 1e5), ("scale", 1.0)]),
            ("beta", vec![("alpha", 0.2), ("beta", 0.1)]),
            ("beta", vec![("alpha", 3000.0), ("beta", 2.0)]),
        ];
        for (name, given) in hard {
            let distribution = build(name, &given);
            let table = Table::build(&**distribution.law())
                .unwrap_or_else(|| panic!("{name} {given:?} has no table"));
            let error = largest_error(&**distribution.law(), &table);
            assert!(error <= LARGEST_ERROR, "{name} {given:?}: {error:e}");
        }
    }

    fn left_out(table: &Table) -> usize {
        table
            .segments
            .iter()
            .filter(|segment| segment[0].is_nan())
            .count()
    }

    #[test]
    fn a_kink_of_the_density_is_no_obstacle() {
        let triangular = family("triangular").expect("registered");
        let given = arguments(&[("min", 0.0), ("mode", 3.0), ("max", 10.0)]);
        let distribution = Distribution::new(triangular, &given, Some(1.0), None).expect("probable");
        let table = Table::build(&**distribution.law()).expect("smooth enough");
        assert_eq!(left_out(&table), 0);
        assert!(largest_error(&**distribution.law(), &table) <= LARGEST_ERROR);
    }

    #[test]
    fn a_gap_between_the_values_leaves_out_a_few_segments_only() {
        let parts = vec![
            build("uniform", &[("min", 0.0), ("max", 1.0)]),
            build("normal", &[("mean", 50.0), ("sd", 1.0)]),
        ];
        let given = Arguments::from([("weights", vec![0.3, 0.7].into()), ("of", parts.into())]);
        let mixture = family("mixture").expect("registered");
        let distribution = Distribution::new(mixture, &given, None, None).expect("valid");
        let table = Table::build(&**distribution.law()).expect("one jump is no obstacle");
        assert!((1..=4).contains(&left_out(&table)), "{}", left_out(&table));
        assert!(largest_error(&**distribution.law(), &table) <= LARGEST_ERROR);
    }

    #[test]
    fn none_in_the_far_tails_and_where_u_is_no_number() {
        let table = Table::build(&**build("normal", &[("mean", 0.0), ("sd", 1.0)]).law()).expect("smooth");
        for u in [0.0, 1e-9, 9e-7, 1.0 - 9e-7, 1.0, f64::NAN] {
            assert_eq!(table.eval(u), None);
        }
        assert!(table.eval(1e-6).is_some() && table.eval(1.0 - 1e-6).is_some());
        assert_eq!(table.eval(0.5), Some(0.0));
        assert!(table.len() < 500);
    }
}
