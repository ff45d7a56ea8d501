//! Special functions: the normal law, and the incomplete gamma and beta functions with their
//! inverses.
//!
//! Only `libm` is used, so that the bits are the same on every machine. Probabilities come in
//! pairs, of the lower and of the upper tail, so that both are precise where they are tiny; the
//! inverses solve for the logarithm (gamma) or the log-odds (beta) of the value, for the same
//! reason.
//!
//! # Sources
//!
//! - Wichura (1988), Algorithm AS 241: The percentage points of the normal distribution, Applied
//!   Statistics 37, 477–484.
//! - NIST Digital Library of Mathematical Functions, 8.7.1 and 8.9.2 (gamma), 8.17.22 (beta),
//!   5.11.1 (Stirling's series).
//! - Loader (2000), Fast and accurate computation of binomial probabilities: densities by their
//!   deviance, without the cancellation of large logarithms of gamma functions.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

/// ln √(2π).
const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;
/// Where a series or a continued fraction has converged.
const CONVERGED: f64 = 1e-16;
/// More terms than any shape up to [`LARGEST_SHAPE`] needs.
const MOST_TERMS: u32 = 1_000_000;
/// The largest shape for which the incomplete functions are meant: beyond, a gamma or beta law is
/// normal to all purposes.
pub const LARGEST_SHAPE: f64 = 1e6;

/// The standard normal's 90th percentile.
pub const NORMAL_P90: f64 = 1.281_551_565_544_600_4;

/// P(Z ≤ `z`) of the standard normal.
#[must_use]
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z * FRAC_1_SQRT_2)
}

/// The density of the standard normal at `z`.
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    libm::exp(-0.5 * z * z - LN_SQRT_TAU)
}

/// The standard normal's quantile, by Wichura's PPND16: relative error about 1e-16, for 0 < `p` <
/// 1. The ends give ∓∞.
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * ratio(r, &CENTRE.0, &CENTRE.1);
    }
    let tail = if q < 0.0 { p } else { 1.0 - p };
    if tail <= 0.0 {
        return if q < 0.0 { f64::NEG_INFINITY } else { f64::INFINITY };
    }
    let r = (-libm::log(tail)).sqrt();
    let z = if r <= 5.0 {
        ratio(r - 1.6, &SHOULDER.0, &SHOULDER.1)
    } else {
        ratio(r - 5.0, &TAIL.0, &TAIL.1)
    };
    if q < 0.0 { -z } else { z }
}

/// Numerator and denominator of a rational approximation, constant term first.
type Rational = ([f64; 8], [f64; 8]);

fn ratio(x: f64, numerator: &[f64; 8], denominator: &[f64; 8]) -> f64 {
    polynomial(numerator, x) / polynomial(denominator, x)
}

/// Σ `coefficients[k]` · `x`^k.
#[must_use]
pub fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

const CENTRE: Rational = (
    [
        3.387_132_872_796_366_6,
        1.331_416_678_917_843_8e2,
        1.971_590_950_306_551_4e3,
        1.373_169_376_550_946e4,
        4.592_195_393_154_987e4,
        6.726_577_092_700_87e4,
        3.343_057_558_358_813e4,
        2.509_080_928_730_122_7e3,
    ],
    [
        1.0,
        4.231_333_070_160_091e1,
        6.871_870_074_920_579e2,
        5.394_196_021_424_751e3,
        2.121_379_430_158_659_7e4,
        3.930_789_580_009_271e4,
        2.872_908_573_572_194_3e4,
        5.226_495_278_852_854e3,
    ],
);

const SHOULDER: Rational = (
    [
        1.423_437_110_749_683_5,
        4.630_337_846_156_546,
        5.769_497_221_460_691,
        3.647_848_324_763_204_5,
        1.270_458_252_452_368_4,
        2.417_807_251_774_506e-1,
        2.272_384_498_926_918_4e-2,
        7.745_450_142_783_414e-4,
    ],
    [
        1.0,
        2.053_191_626_637_759,
        1.676_384_830_183_803_8,
        6.897_673_349_851e-1,
        1.481_039_764_274_800_8e-1,
        1.519_866_656_361_645_7e-2,
        5.475_938_084_995_345e-4,
        1.050_750_071_644_416_9e-9,
    ],
);

const TAIL: Rational = (
    [
        6.657_904_643_501_103,
        5.463_784_911_164_114,
        1.784_826_539_917_291_3,
        2.965_605_718_285_048_7e-1,
        2.653_218_952_657_612_4e-2,
        1.242_660_947_388_078_4e-3,
        2.711_555_568_743_487_6e-5,
        2.010_334_399_292_288_1e-7,
    ],
    [
        1.0,
        5.998_322_065_558_88e-1,
        1.369_298_809_227_358e-1,
        1.487_536_129_085_061_5e-2,
        7.868_691_311_456_133e-4,
        1.846_318_317_510_054_8e-5,
        1.421_511_758_316_446e-7,
        2.044_263_103_389_939_8e-15,
    ],
);

/// ln Γ(`a`), for `a` > 0.
#[must_use]
pub fn ln_gamma(a: f64) -> f64 {
    libm::lgamma(a)
}

/// Stirling's series in 1/a², times a.
const STIRLING_SERIES: [f64; 6] = [
    1.0 / 12.0,
    -1.0 / 360.0,
    1.0 / 1260.0,
    -1.0 / 1680.0,
    1.0 / 1188.0,
    -691.0 / 360_360.0,
];

/// What Stirling's formula lacks: ln Γ(a) − (a − ½) ln a + a − ln √(2π). It stays small where ln Γ
/// is large.
pub(crate) fn stirling_error(a: f64) -> f64 {
    if a < 10.0 {
        return ln_gamma(a) - (a - 0.5) * libm::log(a) + a - LN_SQRT_TAU;
    }
    polynomial(&STIRLING_SERIES, 1.0 / (a * a)) / a
}

/// ln(x/`x0`), precise also where they are close, from their `difference` and the logarithm of x.
fn ln_ratio(difference: f64, ln_x: f64, x0: f64) -> f64 {
    let relative = difference / x0;
    if relative.abs() < 0.5 {
        libm::log1p(relative)
    } else {
        ln_x - libm::log(x0)
    }
}

/// The logarithms of the one tail that was computed, and of the density in the coordinate that is solved for.
#[derive(Clone, Copy, Debug)]
struct LogTails {
    known: f64,
    /// Which tail that is.
    is_upper: bool,
    density: f64,
}

impl LogTails {
    fn from_lower(lower: f64, density: f64) -> Self {
        Self {
            known: lower,
            is_upper: false,
            density,
        }
    }

    fn from_upper(upper: f64, density: f64) -> Self {
        Self {
            known: upper,
            is_upper: true,
            density,
        }
    }

    /// The logarithm of the lower tail, or of the upper one.
    fn tail(self, is_upper: bool) -> f64 {
        if is_upper == self.is_upper {
            self.known.min(0.0)
        } else {
            ln_complement(self.known)
        }
    }

    /// A step of Newton's method, in the coordinate that is solved for, to where the logarithm of a tail is `ln_p`.
    fn step(self, ln_p: f64, is_upper: bool) -> f64 {
        let tail = self.tail(is_upper);
        let missing = if is_upper { tail - ln_p } else { ln_p - tail };
        missing * libm::exp(tail - self.density)
    }
}

/// ln(1 − e^`ln_p`).
fn ln_complement(ln_p: f64) -> f64 {
    if ln_p >= 0.0 {
        f64::NEG_INFINITY
    } else if ln_p > -0.7 {
        libm::log(-libm::expm1(ln_p))
    } else {
        libm::log1p(-libm::exp(ln_p))
    }
}

/// As far as one step may go in ln x or in the log-odds.
const LONGEST_STEP: f64 = 8.0;

/// The longest step in a lower tail, which stretches as 1/`shape` for shapes below 1.
fn longest_step(shape: f64) -> f64 {
    LONGEST_STEP / shape.min(1.0)
}

/// Newton's method for a concave function of z, for which it converges from everywhere; `step`
/// gives the next step from z.
///
/// The logarithms of both tails are concave here, since the densities (in ln x or in the log-odds)
/// are log-concave.
fn newton(mut z: f64, longest: f64, step: impl Fn(f64) -> f64) -> f64 {
    const MOST_STEPS: u32 = 500;
    // Steps this short shrink, unless rounding is all that they consist of.
    const NEAR: f64 = 1e-6;
    // The step after one this short would be about its square.
    const LAST: f64 = 1e-9;
    let mut last = f64::INFINITY;
    for _ in 0..MOST_STEPS {
        let change = step(z).clamp(-longest, longest);
        if change.is_nan() {
            break;
        }
        z += change;
        let is_noise = change.abs() < NEAR && change.abs() >= last;
        if is_noise || change.abs() <= LAST {
            break;
        }
        last = change.abs();
    }
    z
}

/// The regularised incomplete gamma functions of one shape, 0 < `shape` ≤ [`LARGEST_SHAPE`].
#[derive(Clone, Copy, Debug)]
pub struct IncompleteGamma {
    shape: f64,
    stirling_error: f64,
}

impl IncompleteGamma {
    /// For the gamma law of that shape and scale 1.
    #[must_use]
    pub fn new(shape: f64) -> Self {
        Self {
            shape,
            stirling_error: stirling_error(shape),
        }
    }

    /// P(shape, `x`): the probability below `x`.
    #[must_use]
    pub fn lower(&self, x: f64) -> f64 {
        if x <= 0.0 {
            0.0
        } else {
            libm::exp(self.tails(x, libm::log(x)).tail(false))
        }
    }

    /// Q(shape, `x`): the probability above `x`.
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        if x <= 0.0 {
            1.0
        } else {
            libm::exp(self.tails(x, libm::log(x)).tail(true))
        }
    }

    /// The x with [`lower`](Self::lower) = `p`, for 0 < `p` < 1.
    #[must_use]
    pub fn lower_inverse(&self, p: f64) -> f64 {
        if p > 0.5 {
            return self.upper_inverse(1.0 - p);
        }
        let ln_p = libm::log(p);
        let z = newton(self.guess(p, 1.0 - p), longest_step(self.shape), |z| {
            self.tails(libm::exp(z), z).step(ln_p, false)
        });
        libm::exp(z)
    }

    /// The x with [`upper`](Self::upper) = `q`, for 0 < `q` < 1.
    #[must_use]
    pub fn upper_inverse(&self, q: f64) -> f64 {
        if q > 0.5 {
            return self.lower_inverse(1.0 - q);
        }
        let ln_q = libm::log(q);
        let z = newton(self.guess(1.0 - q, q), LONGEST_STEP, |z| {
            self.tails(libm::exp(z), z).step(ln_q, true)
        });
        libm::exp(z)
    }

    /// The density at `x`.
    #[must_use]
    pub fn density(&self, x: f64) -> f64 {
        if x <= 0.0 {
            0.0
        } else {
            libm::exp(self.tails(x, libm::log(x)).density) / x
        }
    }

    /// How far from `x` the value with the lower, or the upper, tail `p` lies, by one step of Newton's method for the logarithm
    /// of the tail; not a number unless 0 < `x`.
    #[must_use]
    pub fn step_to_inverse(&self, p: f64, is_upper: bool, x: f64) -> f64 {
        // Outside, the series and fractions would never come to an end.
        if x <= 0.0 || !x.is_finite() {
            return f64::NAN;
        }
        x * self.tails(x, libm::log(x)).step(libm::log(p), is_upper)
    }

    /// ln x, roughly, for the lower tail `p` and the upper tail `q`: Wilson and Hilferty's cube, or
    /// what the tails look like.
    fn guess(&self, p: f64, q: f64) -> f64 {
        let a = self.shape;
        let normal = if p <= q {
            normal_quantile(p)
        } else {
            -normal_quantile(q)
        };
        let cube_root = 1.0 - 1.0 / (9.0 * a) + normal / (3.0 * a.sqrt());
        if a >= 1.0 && cube_root > 0.2 {
            return libm::log(a) + 3.0 * libm::log(cube_root);
        }
        let far = -libm::log(q) - ln_gamma(a);
        if far > 1.0 && p > q {
            libm::log(far)
        } else {
            (libm::log(p) + ln_gamma(a + 1.0)) / a
        }
    }

    /// The tails at `x`, and the density of ln x: x^a e^−x / Γ(a).
    fn tails(&self, x: f64, ln_x: f64) -> LogTails {
        let a = self.shape;
        let deviance = a * ln_ratio(x - a, ln_x, a) - (x - a);
        let density = deviance + 0.5 * libm::log(a) - LN_SQRT_TAU - self.stirling_error;
        if x < a + 1.0 {
            LogTails::from_lower(density + libm::log(self.series(x)), density)
        } else {
            LogTails::from_upper(density + libm::log(self.fraction(x)), density)
        }
    }

    /// P(a, x) Γ(a) e^x x^−a = Σ x^n / (a (a+1) … (a+n)).
    fn series(&self, x: f64) -> f64 {
        let mut term = 1.0 / self.shape;
        let mut sum = term;
        let mut n = self.shape;
        for _ in 0..MOST_TERMS {
            n += 1.0;
            term *= x / n;
            sum += term;
            if term <= sum * CONVERGED {
                break;
            }
        }
        sum
    }

    /// Q(a, x) Γ(a) e^x x^−a as a continued fraction, by Lentz's method.
    #[expect(clippy::many_single_char_names, reason = "the names of the literature")]
    fn fraction(&self, x: f64) -> f64 {
        let mut b = x + 1.0 - self.shape;
        let mut c = f64::INFINITY;
        let mut d = 1.0 / b;
        let mut value = d;
        let mut n = 0.0;
        for _ in 0..MOST_TERMS {
            n += 1.0;
            let a = -n * (n - self.shape);
            b += 2.0;
            d = 1.0 / nonzero(b + a * d);
            c = nonzero(b + a / c);
            let factor = c * d;
            value *= factor;
            if (factor - 1.0).abs() <= 2.0 * f64::EPSILON {
                break;
            }
        }
        value
    }
}

/// What Lentz's method divides by: never zero.
fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// A point of (0, 1) by its log-odds, with all that is needed near both ends.
#[derive(Clone, Copy, Debug)]
struct Odds {
    x: f64,
    ln_x: f64,
    y: f64,
    ln_y: f64,
}

impl Odds {
    fn of_log_odds(z: f64) -> Self {
        let e = libm::exp(-z.abs());
        let (ln_large, ln_small) = (-libm::log1p(e), -z.abs() - libm::log1p(e));
        let (large, small) = (1.0 / (1.0 + e), e / (1.0 + e));
        let high = Self {
            x: large,
            ln_x: ln_large,
            y: small,
            ln_y: ln_small,
        };
        if z >= 0.0 { high } else { high.mirrored() }
    }

    fn of_value(x: f64) -> Self {
        Self {
            x,
            ln_x: libm::log(x),
            y: 1.0 - x,
            ln_y: libm::log1p(-x),
        }
    }

    fn mirrored(self) -> Self {
        Self {
            x: self.y,
            ln_x: self.ln_y,
            y: self.x,
            ln_y: self.ln_x,
        }
    }
}

/// The regularised incomplete beta function of one pair of shapes, both above 0, their sum at most
/// [`LARGEST_SHAPE`].
#[derive(Clone, Copy, Debug)]
pub struct IncompleteBeta {
    a: f64,
    b: f64,
    /// ln of √(ab / (2π(a+b))) with the errors of Stirling's formula: the density of the log-odds
    /// at a/(a+b).
    ln_peak: f64,
}

impl IncompleteBeta {
    /// For the beta law with these shapes.
    #[must_use]
    pub fn new(a: f64, b: f64) -> Self {
        let ln_root = 0.5 * (libm::log(a) + libm::log(b) - libm::log(a + b) - libm::log(2.0 * PI));
        let ln_peak = ln_root + stirling_error(a + b) - stirling_error(a) - stirling_error(b);
        Self { a, b, ln_peak }
    }

    /// I(a, b, `x`): the probability below `x`.
    #[must_use]
    pub fn lower(&self, x: f64) -> f64 {
        if x <= 0.0 {
            0.0
        } else if x >= 1.0 {
            1.0
        } else {
            libm::exp(self.tails(Odds::of_value(x)).tail(false))
        }
    }

    /// 1 − I(a, b, `x`): the probability above `x`.
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        if x <= 0.0 {
            1.0
        } else if x >= 1.0 {
            0.0
        } else {
            libm::exp(self.tails(Odds::of_value(x)).tail(true))
        }
    }

    /// The x with [`lower`](Self::lower) = `p`, for 0 < `p` < 1.
    #[must_use]
    pub fn lower_inverse(&self, p: f64) -> f64 {
        if p <= 0.5 {
            Odds::of_log_odds(self.log_odds(p)).x
        } else {
            self.upper_inverse(1.0 - p)
        }
    }

    /// The x with [`upper`](Self::upper) = `q`, for 0 < `q` < 1.
    #[must_use]
    pub fn upper_inverse(&self, q: f64) -> f64 {
        if q <= 0.5 {
            Odds::of_log_odds(self.mirrored().log_odds(q)).y
        } else {
            self.lower_inverse(1.0 - q)
        }
    }

    /// The density at `x`.
    #[must_use]
    pub fn density(&self, x: f64) -> f64 {
        if x <= 0.0 || x >= 1.0 {
            return 0.0;
        }
        libm::exp(self.tails(Odds::of_value(x)).density) / (x * (1.0 - x))
    }

    /// How far from `x` the value with the lower, or the upper, tail `p` lies, by one step of Newton's method for the logarithm
    /// of the tail; not a number unless 0 < `x` < 1.
    #[must_use]
    pub fn step_to_inverse(&self, p: f64, is_upper: bool, x: f64) -> f64 {
        // Outside, the fractions would never come to an end.
        if x.is_nan() || x <= 0.0 || x >= 1.0 {
            return f64::NAN;
        }
        x * (1.0 - x) * self.tails(Odds::of_value(x)).step(libm::log(p), is_upper)
    }

    /// The law of 1 − X.
    fn mirrored(&self) -> Self {
        Self {
            a: self.b,
            b: self.a,
            ln_peak: self.ln_peak,
        }
    }

    /// The log-odds of the value with the lower tail `p` ≤ ½.
    fn log_odds(&self, p: f64) -> f64 {
        let ln_p = libm::log(p);
        newton(self.guess(p, ln_p), longest_step(self.a), |z| {
            self.tails(Odds::of_log_odds(z)).step(ln_p, false)
        })
    }

    /// The log-odds, roughly: what the lower tail, x^a / (a B(a, b)), looks like; that lies too low for b ≥ 1, and where
    /// it is far too low, what a normal law comes to.
    fn guess(&self, p: f64, ln_p: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        let n = a + b;
        let ln_beta = a * libm::log(a / n) + b * libm::log(b / n) - self.ln_peak;
        let tail = (ln_p + libm::log(a) + ln_beta) / a;
        if a.min(b) >= 1.0 {
            tail.max(self.guess_by_normal(p))
        } else {
            tail
        }
    }

    /// The log-odds from the normal quantile, for shapes of at least 1: Carter's approximation (1947, Approximation to
    /// percentage points of the z-distribution, Biometrika 34), as in Abramowitz and Stegun 26.5.22.
    #[expect(clippy::many_single_char_names, reason = "the names of the literature")]
    fn guess_by_normal(&self, p: f64) -> f64 {
        let (a, b) = (self.a, self.b);
        let y = normal_quantile(p);
        let lambda = (y * y - 3.0) / 6.0;
        let (of_a, of_b) = (1.0 / (2.0 * a - 1.0), 1.0 / (2.0 * b - 1.0));
        let h = 2.0 / (of_a + of_b);
        let spread = y * (h + lambda).sqrt() / h;
        let shift = (of_b - of_a) * (lambda + 5.0 / 6.0 - 2.0 / (3.0 * h));
        libm::log(a / b) + 2.0 * (spread + shift)
    }

    /// The tails at a point, and the density of its log-odds: x^a (1−x)^b / B(a, b).
    fn tails(&self, at: Odds) -> LogTails {
        let (a, b) = (self.a, self.b);
        let n = a + b;
        let (mean, rest) = (a / n, b / n);
        // From the smaller side, where the difference is precise.
        let difference = if at.x < at.y { at.x - mean } else { rest - at.y };
        let deviance = a * ln_ratio(difference, at.ln_x, mean) + b * ln_ratio(-difference, at.ln_y, rest);
        let density = self.ln_peak + deviance;
        if at.x < (a + 1.0) / (n + 2.0) {
            LogTails::from_lower(density + libm::log(fraction(a, b, at.x) / a), density)
        } else {
            LogTails::from_upper(density + libm::log(fraction(b, a, at.y) / b), density)
        }
    }
}

/// The continued fraction of I(a, b, x) a B(a, b) x^−a (1−x)^−b, by Lentz's method; quick for x <
/// (a+1)/(a+b+2).
#[expect(clippy::many_single_char_names, reason = "the names of the literature")]
fn fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    let mut m = 0.0;
    for _ in 0..MOST_TERMS {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        value *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        let factor = c * d;
        value *= factor;
        if (factor - 1.0).abs() <= 2.0 * f64::EPSILON {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use statrs::function::{beta::beta_reg, gamma::gamma_lr};

    use super::{IncompleteBeta, IncompleteGamma, normal_cdf, normal_quantile};
    use crate::distribution::check::{assert_close, probabilities};

    const SHAPES: [f64; 8] = [0.01, 0.3, 1.0, 1.7, 12.0, 250.0, 1e4, 1e6];

    #[test]
    fn normal_quantile_meets_published_values() {
        // Wichura (1988), section "Test"; the last from R's qnorm.
        assert_close(normal_quantile(0.25), -0.674_489_750_196_081_7, 1e-15);
        assert_close(normal_quantile(0.001), -3.090_232_306_167_813_5, 1e-15);
        assert_close(normal_quantile(1e-20), -9.262_340_089_798_408, 1e-15);
        assert_close(normal_quantile(0.975), 1.959_963_984_540_054, 1e-15);
        assert_eq!(
            (normal_quantile(0.0), normal_quantile(1.0)),
            (f64::NEG_INFINITY, f64::INFINITY)
        );
    }

    #[test]
    fn normal_quantile_inverts_the_cdf() {
        for p in probabilities() {
            assert_close(normal_cdf(normal_quantile(p)), p, 1e-13);
        }
        assert_close(normal_cdf(normal_quantile(1e-300)), 1e-300, 1e-12);
    }

    #[test]
    fn incomplete_gamma_agrees_with_statrs_and_with_published_values() {
        for (shape, x) in [(0.3, 0.05), (1.0, 2.0), (1.7, 0.4), (12.0, 9.0), (250.0, 260.0)] {
            assert_close(IncompleteGamma::new(shape).lower(x), gamma_lr(shape, x), 1e-11);
        }
        // erf(1) = P(1/2, 1); Q(1, x) = e^−x.
        assert_close(
            IncompleteGamma::new(0.5).lower(1.0),
            0.842_700_792_949_714_9,
            1e-14,
        );
        assert_close(IncompleteGamma::new(1.0).upper(100.0), libm::exp(-100.0), 1e-13);
    }

    #[test]
    fn incomplete_gamma_inverses_are_inverses_in_both_tails() {
        for shape in SHAPES {
            let gamma = IncompleteGamma::new(shape);
            for p in probabilities() {
                let x = gamma.lower_inverse(p);
                if x > 1e-300 {
                    assert_close(gamma.lower(x), p, 1e-9);
                }
                let x = gamma.upper_inverse(p);
                if x > 1e-300 {
                    assert_close(gamma.upper(x), p, 1e-9);
                }
            }
        }
    }

    #[test]
    fn incomplete_beta_agrees_with_statrs_and_with_closed_forms() {
        for (a, b, x) in [
            (0.5, 0.5, 0.2),
            (2.0, 3.0, 0.4),
            (5.0, 1.0, 0.9),
            (80.0, 30.0, 0.7),
            (1e3, 2e3, 0.34),
        ] {
            assert_close(IncompleteBeta::new(a, b).lower(x), beta_reg(a, b, x), 1e-10);
        }
        // I(a, 1, x) = x^a; I(1, b, x) = 1 − (1−x)^b.
        assert_close(
            IncompleteBeta::new(3.5, 1.0).lower(1e-5),
            libm::pow(1e-5, 3.5),
            1e-13,
        );
        assert_close(
            IncompleteBeta::new(1.0, 7.0).upper(0.99),
            libm::pow(1.0 - 0.99, 7.0),
            1e-13,
        );
    }

    #[test]
    fn incomplete_beta_inverses_are_inverses_in_both_tails() {
        for a in SHAPES {
            for b in SHAPES.into_iter().filter(|b| a + b <= 1.1e6) {
                let beta = IncompleteBeta::new(a, b);
                for p in probabilities() {
                    let x = beta.lower_inverse(p);
                    if x > 1e-300 && x < 0.5 {
                        assert_close(beta.lower(x), p, 1e-9);
                    }
                    let x = beta.upper_inverse(p);
                    if x > 1e-300 && x < 0.5 {
                        assert_close(beta.upper(x), p, 1e-9);
                    }
                }
            }
        }
    }
}
