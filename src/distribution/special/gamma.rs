//! The incomplete gamma functions and their inverses.

use super::{
    CONVERGED, LN_SQRT_TAU, LONGEST_STEP, LogTails, MOST_TERMS, ln_gamma, ln_ratio, longest_step, newton,
    nonzero, normal_quantile, stirling_error,
};

/// The regularised incomplete gamma functions of one shape, 0 < `shape` ≤ [`LARGEST_SHAPE`](super::LARGEST_SHAPE).
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
        } else if x.is_infinite() {
            1.0
        } else {
            libm::exp(self.tails(x, libm::log(x)).tail(false))
        }
    }

    /// Q(shape, `x`): the probability above `x`.
    #[must_use]
    pub fn upper(&self, x: f64) -> f64 {
        if x <= 0.0 {
            1.0
        } else if x.is_infinite() {
            0.0
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
        if x <= 0.0 || x.is_infinite() {
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
