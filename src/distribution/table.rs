//! A quantile function as a table: what replaces it in the hot loop.
//!
//! With v = 2³² · min(u, 1 − u), each side of the median is cut into octaves, [2¹², 2¹³) to [2³⁰, 2³¹), and each octave
//! into 2^k equal segments, so that the table is fine where quantiles are steep. As a floating-point number of 32 bits,
//! v has the octave in its exponent, the segment in the first k bits of its mantissa, and the position in the segment
//! in the bits that remain: one shift gives the place in the table. On each segment a cubic through four exact points
//! (Chebyshev–Lobatto: 0, ¼, ¾, 1) stands for the quantile, evaluated with + and · alone. Its four coefficients are
//! one load.
//!
//! # The bound
//!
//! At most [`LARGEST_ERROR`] of the inter-decile range (Q(0.9) − Q(0.1)), or [`ROUNDING`] of the value where that is
//! more, between u = 1e-6 and 1 − 1e-6. It is checked when the table is built, against the exact quantile at points of
//! each segment near where the error of a cubic is largest, with a margin of two; k is the least, from 2 to 8, with
//! which it holds but for a 16,384th of the probability. Segments that fail at that cut (there is a kink or a jump in them) are
//! left out: [`Table::eval`] answers no number there and beyond the octaves, and the exact quantile is to be used.

use crate::distribution::Law;
use crate::wide::cubics::{BIAS, Cubic, MANTISSA_BITS, Shape, value};

/// The bound on the error, in parts of the inter-decile range.
pub const LARGEST_ERROR: f64 = 1e-6;

/// The bound on the error, in parts of the value: values have 24 significant bits.
pub const ROUNDING: f64 = 1.0 / 4_194_304.0;

/// The binary exponent of v from which the octaves begin: u = 2^−20, just below 1e-6.
const LOWEST_EXPONENT: u32 = 12;
/// Octaves a side: 2¹² to 2³¹.
const OCTAVES: usize = 19;
const COARSEST: u32 = 2;
const FINEST: u32 = 8;
/// The share of the probability that may be left out if that makes the table smaller.
const FEW: f64 = 1.0 / 16_384.0;
/// The largest share of the probability that may be left out.
const MOST_LEFT_OUT: f64 = 1.0 / 64.0;

/// 2³², by which v is more than a probability.
const WHOLE: f64 = 4_294_967_296.0;

/// Stands where no cubic meets the bound.
const LEFT_OUT: Cubic = Cubic([f32::NAN; 4]);

/// A quantile function as piecewise cubics: ten kilobytes for a smooth law, of which the middle is used most.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// The lower side, then the upper one. Each begins with what stands for everything below its octaves, and ends with
    /// the median.
    segments: Vec<Cubic>,
    /// k: the bits of the mantissa that tell the segments of an octave apart.
    bits: u32,
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
        let sides = [false, true].map(|upper| Fit { law, upper, spread });
        let coarsest = (COARSEST..FINEST).find_map(|bits| Self::cut(&sides, bits, FEW));
        coarsest.or_else(|| Self::cut(&sides, FINEST, MOST_LEFT_OUT))
    }

    /// The table of octaves cut into 2^`bits`, unless more than `most` of the probability is left out of it.
    fn cut(sides: &[Fit; 2], bits: u32, most: f64) -> Option<Self> {
        let mut rest = most;
        let mut octaves = [const { Vec::new() }; 2 * OCTAVES];
        // The octaves next to the median hold most of the probability, so a cut that is too coarse shows at once.
        for octave in (0..OCTAVES).rev() {
            for (side, fit) in sides.iter().enumerate() {
                octaves[side * OCTAVES + octave] = fit.octave(octave, bits, &mut rest)?;
            }
        }
        let mut segments = Vec::new();
        for (fit, octaves) in sides.iter().zip(octaves.chunks(OCTAVES)) {
            segments.push(LEFT_OUT);
            octaves.iter().for_each(|octave| segments.extend(octave));
            segments.push(Cubic([short(fit.law.quantile(0.5)), 0.0, 0.0, 0.0]));
        }
        Some(Self { segments, bits })
    }

    /// Where uniforms are looked up.
    #[inline]
    #[must_use]
    pub fn shape(&self) -> Shape {
        #[expect(clippy::cast_possible_truncation, reason = "a few thousand")]
        let side = (self.segments.len() / 2) as u32;
        Shape {
            shift: MANTISSA_BITS - self.bits,
            base: ((BIAS + LOWEST_EXPONENT) << self.bits) - 1,
            side,
        }
    }

    /// The segments that [`Shape::place`] points into.
    #[inline]
    #[must_use]
    pub fn segments(&self) -> &[Cubic] {
        &self.segments
    }

    /// The quantile at a [`distance`](crate::wide::cubics::distance) v from the nearer end; not a number in the far tails, and where the
    /// table has a segment left out.
    #[inline]
    #[must_use]
    pub fn eval(&self, v: f32, upper: bool) -> f32 {
        let (index, t) = self.shape().place(v, upper);
        self.segments
            .get(index as usize)
            .map_or(f32::NAN, |cubic| value(cubic, t))
    }

    /// How many segments there are, of 16 bytes each.
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

/// The least probability of an octave, which is also its width.
fn octave_start(octave: usize) -> f64 {
    (0..octave).fold(f64::from(1_u32 << LOWEST_EXPONENT) / WHOLE, |start, _| {
        2.0 * start
    })
}

/// What the cubics of one side are fitted to.
#[derive(Clone, Copy)]
struct Fit<'a> {
    law: &'a dyn Law,
    upper: bool,
    /// The inter-decile range.
    spread: f64,
}

impl Fit<'_> {
    /// The exact quantile at a probability from the end of this side.
    fn exact(&self, p: f64) -> f64 {
        if self.upper {
            self.law.upper_quantile(p)
        } else {
            self.law.quantile(p)
        }
    }

    /// The segments of an octave, cut into 2^`bits`. What is left out is taken from `rest`; none, once that is used up.
    fn octave(&self, octave: usize, bits: u32, rest: &mut f64) -> Option<Vec<Cubic>> {
        let start = octave_start(octave);
        let count = 1_u32 << bits;
        let mut trail = Trail {
            fit: self,
            start,
            width: start / f64::from(count),
            points: Vec::with_capacity(3 * count as usize + 1),
        };
        let mut at_end = trail.exact(0.0);
        let mut segments = Vec::with_capacity(count as usize);
        for index in 0..count {
            let at_start = at_end;
            at_end = trail.exact(f64::from(index + 1));
            let segment = trail.segment(f64::from(index), at_start, at_end);
            if segment.is_none() {
                *rest -= trail.width;
            }
            if *rest < 0.0 {
                return None;
            }
            segments.push(segment.unwrap_or(LEFT_OUT));
        }
        Some(segments)
    }

    /// The exact quantile at a probability from the end of this side, from a guess that is off by much less than `scale`, over
    /// which the density hardly changes: a step or two of Newton's method, if the law can take them.
    fn exact_near(&self, p: f64, guess: f64, scale: f64) -> f64 {
        const MOST_STEPS: u32 = 4;
        // What is left after a step this short is about its square: 10⁻⁷ of the scale, far below the bound.
        const LAST: f64 = 3e-4;
        if self.law.is_explicit() {
            return self.exact(p);
        }
        let mut x = guess;
        for _ in 0..MOST_STEPS {
            let Some(step) = self.step(p, x) else {
                break;
            };
            x += step;
            if step.abs() <= LAST * scale {
                return x;
            }
        }
        self.exact(p)
    }

    /// A step of Newton's method from a value to the quantile at a probability from the end of this side.
    fn step(&self, p: f64, x: f64) -> Option<f64> {
        let by_density = || {
            let missing = if self.upper {
                self.law.survival(x) - p
            } else {
                p - self.law.cdf(x)
            };
            Some(missing / self.law.density(x)?)
        };
        let own = self.law.step_to_quantile(p, self.upper, x);
        own.or_else(by_density)
    }

    /// How far off a value may be: half of the bound.
    fn tolerance(&self, exact: f64) -> f64 {
        0.5 * (LARGEST_ERROR * self.spread).max(ROUNDING * exact.abs())
    }

    /// Whether a value is the quantile at a probability from the end of this side, within the tolerance.
    ///
    /// That is what the law's own step of Newton's method tells. Where it has none, a quantile of a continuous law lies between two values if
    /// the probability lies between theirs, which is mostly quicker to find out than the quantile.
    fn is_near(&self, p: f64, value: f32) -> bool {
        let value = f64::from(value);
        let tolerance = self.tolerance(value);
        if self.law.is_explicit() || !self.law.is_continuous() {
            return (value - self.exact(p)).abs() <= tolerance;
        }
        let step = self.law.step_to_quantile(p, self.upper, value);
        if let Some(step) = step.filter(|step| step.is_finite()) {
            return step.abs() <= tolerance;
        }
        let (least, most) = (value - tolerance, value + tolerance);
        if self.upper {
            self.law.survival(least) >= p && p >= self.law.survival(most)
        } else {
            self.law.cdf(least) <= p && p <= self.law.cdf(most)
        }
    }

    /// Whether the cubic never goes the wrong way on [0, 1]: up in v on the lower side, down on the
    /// upper.
    fn is_monotone(&self, cubic: &[f64; 4]) -> bool {
        let direction = if self.upper { -1.0 } else { 1.0 };
        let slope = |t: f64| direction * (cubic[1] + t * (2.0 * cubic[2] + t * 3.0 * cubic[3]));
        let turn = -cubic[2] / (3.0 * cubic[3]);
        let turn = if turn > 0.0 && turn < 1.0 { turn } else { 0.0 };
        slope(0.0) >= 0.0 && slope(1.0) >= 0.0 && slope(turn) >= 0.0
    }
}

/// The exact points of an octave, found one after the other: each from a guess by those before it.
struct Trail<'f> {
    fit: &'f Fit<'f>,
    /// The least probability of the octave.
    start: f64,
    /// How much probability a segment has.
    width: f64,
    /// Places, counted in segments, and quantiles.
    points: Vec<(f64, f64)>,
}

impl Trail<'_> {
    fn probability(&self, place: f64) -> f64 {
        self.start + self.width * place
    }

    /// The exact quantile at a place.
    fn exact(&mut self, place: f64) -> f64 {
        // The points of two segments, which span the place or end just before it.
        const FEWEST: usize = 4;
        const MOST: usize = 6;
        let p = self.probability(place);
        let near = &self.points[self.points.len().saturating_sub(MOST)..];
        let value = match near {
            [.., (_, last)] if near.len() >= FEWEST => {
                let guess = extrapolate(near, place);
                self.fit.exact_near(p, guess, (guess - last).abs())
            }
            _ => self.fit.exact(p),
        };
        self.points.push((place, value));
        value
    }

    /// The cubic on the segment from a place to the next, if it meets the bound.
    fn segment(&mut self, place: f64, at_start: f64, at_end: f64) -> Option<Cubic> {
        let rise = at_end - at_start;
        let quarter = self.exact(place + 0.25) - at_start;
        let three_quarters = self.exact(place + 0.75) - at_start;
        let fit = self.fit;
        let cubic = interpolate(at_start, quarter, three_quarters, rise);
        let chord = [at_start, rise, 0.0, 0.0];
        let candidate = if fit.is_monotone(&cubic) { cubic } else { chord };
        let candidate = Cubic(candidate.map(short));
        let [below, above] = [(0.25, quarter), (0.75, three_quarters)].map(|(t, rise)| {
            let exact = at_start + rise;
            (f64::from(value(&candidate, t)) - exact).abs() <= fit.tolerance(exact)
        });
        let is_near = |t: f32| {
            let p = self.probability(place + f64::from(t));
            fit.is_near(p, value(&candidate, t))
        };
        (below && above && is_near(0.5) && is_near(0.1) && is_near(0.9)).then_some(candidate)
    }
}

/// The polynomial through some points, at another place, by Neville's scheme. At most as many points as a [`Trail`] looks
/// back at.
fn extrapolate(points: &[(f64, f64)], place: f64) -> f64 {
    let mut values = [0.0; 8];
    let values = &mut values[..points.len()];
    for (value, point) in values.iter_mut().zip(points) {
        *value = point.1;
    }
    for distance in 1..points.len() {
        for index in 0..points.len() - distance {
            let (from, to) = (points[index].0, points[index + distance].0);
            let part = (place - from) / (to - from);
            values[index] += part * (values[index + 1] - values[index]);
        }
    }
    values[0]
}

/// A number in 24 significant bits.
#[allow(clippy::cast_possible_truncation, reason = "24 bits are wanted")]
fn short(value: f64) -> f32 {
    value as f32
}

/// The cubic with `start` at 0, and more than that by `quarter` at ¼, `three_quarters` at ¾ and
/// `rise` at 1 (divided differences).
fn interpolate(start: f64, quarter: f64, three_quarters: f64, rise: f64) -> [f64; 4] {
    let (first, second, third) = (4.0 * quarter, three_quarters * 4.0 / 3.0, rise);
    let (lower, upper) = (2.0 * (second - first), 4.0 * (third - second));
    let cubic = (upper - lower) * 4.0 / 3.0;
    [start, first - 0.25 * lower + 0.1875 * cubic, lower - cubic, cubic]
}

#[cfg(test)]
mod tests {
    use super::{LARGEST_ERROR, ROUNDING, Table, WHOLE};
    use crate::distribution::check::{arguments, build, example_arguments};
    use crate::distribution::{Arguments, Distribution, FAMILIES, Law, family};

    /// The quantile of u from the table, if it has one.
    #[allow(clippy::cast_possible_truncation, reason = "as the engine does")]
    fn eval(table: &Table, u: f64) -> Option<f64> {
        let x = table.eval((u.min(1.0 - u) * WHOLE) as f32, u > 0.5);
        (!x.is_nan()).then(|| f64::from(x))
    }

    /// The largest error at many points that are not those of the fit, in parts of the inter-decile range, with what
    /// rounding may add taken off; also checks the order.
    fn largest_error(law: &dyn Law, table: &Table) -> f64 {
        let spread = law.quantile(0.9) - law.quantile(0.1);
        let mut largest = 0.0_f64;
        let mut last = f64::NEG_INFINITY;
        for index in 0..=4000 {
            let log_odds = -13.815 + 27.63 * f64::from(index) / 4000.0;
            let u = 1.0 / (1.0 + libm::exp(-log_odds));
            if let Some(x) = eval(table, u) {
                assert!(x >= last - ROUNDING * x.abs(), "{law:?} decreases at {u}");
                last = x;
                let exact = law.quantile(u);
                let error = (x - exact).abs();
                largest = largest.max(if error <= ROUNDING * exact.abs() {
                    0.0
                } else {
                    error / spread
                });
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
                    assert!(table.len() < 2000, "{}: {} segments", family.name, table.len());
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
            .filter(|segment| segment.0[0].is_nan())
            .count()
            - 2
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
            assert_eq!(eval(&table, u), None);
        }
        assert!(eval(&table, 1e-6).is_some() && eval(&table, 1.0 - 1e-6).is_some());
        assert_eq!(eval(&table, 0.5), Some(0.0));
        assert!(table.len() < 1000);
    }
}
