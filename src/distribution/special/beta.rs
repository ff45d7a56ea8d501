//! The incomplete beta function and its inverse.

use std::f64::consts::PI;

use super::{LogTails, MOST_TERMS, ln_ratio, longest_step, newton, nonzero, normal_quantile, stirling_error};

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
/// [`LARGEST_SHAPE`](super::LARGEST_SHAPE).
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
