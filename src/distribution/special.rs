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

mod beta;
mod gamma;
mod normal;

pub use beta::IncompleteBeta;
pub use gamma::IncompleteGamma;
pub use normal::{NORMAL_P90, normal_cdf, normal_density, normal_quantile};

/// ln √(2π).
const LN_SQRT_TAU: f64 = 0.918_938_533_204_672_8;
/// Where a series or a continued fraction has converged.
const CONVERGED: f64 = 1e-16;
/// More terms than any shape up to [`LARGEST_SHAPE`] needs.
const MOST_TERMS: u32 = 1_000_000;
/// The largest shape for which the incomplete functions are meant: beyond, a gamma or beta law is
/// normal to all purposes.
pub const LARGEST_SHAPE: f64 = 1e6;

/// Σ `coefficients[k]` · `x`^k.
#[must_use]
pub fn polynomial(coefficients: &[f64], x: f64) -> f64 {
    coefficients
        .iter()
        .rev()
        .fold(0.0, |sum, coefficient| sum * x + coefficient)
}

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

/// What Lentz's method divides by: never zero.
fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
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
