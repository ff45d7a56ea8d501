//! Confidence sequences: intervals that hold at all times at once, so that one may look, and stop, whenever one likes.
//!
//! An ordinary interval misses the truth with the chance α at one number of trials that is fixed before. Who looks again
//! and again, and stops when the interval pleases, misses it more often. The intervals here miss it with a chance of at
//! most α at *any* number of trials, from the first on. The price is width: at the half-width that it is tuned to, a 95 %
//! interval of a [`Proportion`] is 1.6 times as wide as Wilson's, one of a [`Mean`] 1.7 to 2 times as wide as the ordinary
//! one (the tests hold them to that).
//!
//! Both kinds are built alike. For each value that the figure could have, there is a gambler who would grow rich, were
//! it not the true one: a non-negative process of the trials that begins at 1 and, for the true value, does not grow on
//! the average. By Ville's inequality (1939) it then ever reaches 1/α with a chance of at most α. The interval is made of
//! the values whose gamblers have not reached it. It depends on nothing but the sums at the moment of looking.
//!
//! # Sources
//!
//! - Robbins (1970), Statistical methods related to the law of the iterated logarithm, Annals of Mathematical Statistics
//!   41: mixtures of likelihood ratios.
//! - Howard, Ramdas, `McAuliffe`, Sekhon (2021), Time-uniform, nonparametric, nonasymptotic confidence sequences, Annals of
//!   Statistics 49: the beta-binomial mixture, tuned to the number of trials that matters.
//! - Fan, Grama, Liu (2015), Exponential inequalities for martingales with applications, Electronic Journal of Probability
//!   20, proposition 4.1: the step of [`Mean`].
//! - Waudby-Smith, Ramdas (2024), Estimating means of bounded random variables by betting, JRSS B 86: the gamblers.
//! - Loader (2000), Fast and accurate computation of binomial probabilities.

use super::Estimate;
use crate::distribution::special::stirling_error;

/// What part of the first stake goes on alternatives near the value that is doubted; the rest goes on all alike.
const NEAR: f64 = 0.9;

/// Where half-widths are asked for, probabilities with about this variance p (1 − p) get the narrowest sequence: 0.05
/// and 0.95. Those in the middle lose 4 % in width by it, and rarer ones gain much more.
const TYPICAL_VARIANCE: f64 = 0.05;

/// The largest bet of [`Mean`]. Up to here the gambler's gain grows with the distance between the doubted mean and the
/// one that was seen, for every distance up to 1: λ ≥ 2 ψ(λ). So the values that are not refuted are an interval.
const LARGEST_BET: f64 = 0.5;

/// Ends of intervals are known to this part of their distance from the estimate, to the outer side.
const TOLERANCE: f64 = 1e-9;

/// A confidence sequence of a probability, or of a share between 0 and 1.
///
/// The gambler of the value p bets on likelihood ratios of yes and no, (q/p)^k ((1−q)/(1−p))^(n−k), averaged over q by a
/// mixture of two beta distributions: most of it Beta(p·m, (1−p)·m), which lies around p, the rest uniform. The first
/// makes the sequence narrow where it is tuned to by m, the second keeps it sound for rare events. Both are exact for
/// yes-or-no trials. For shares the ratio is convex in the share, hence at most its chord: the sequence holds as well,
/// and is a little wider than it need be.
///
/// The logarithm of the mixture is convex in p (each of its factors (p·m + i)/p is log-convex), and at most 0 at k/n,
/// so the interval is what lies between two roots.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Proportion {
    /// m, in trials: how much the beta around p knows. The sequence is narrowest after about 8 m trials.
    prior: f64,
    /// ln(1/α).
    threshold: f64,
}

impl Proportion {
    /// The sequence that reaches a half-width (above 0) with as few trials as can be, at a confidence between 0 and 1.
    ///
    /// Near the best, z = w·p(1−p)/h² trials are needed and m = z/(w−1) is the best prior, where w − ln w = 1 + 2 ln(1/α)
    /// (Howard et al., proposition 3, for the normal mixture that this one tends to); w/(w−1) is 1.1 for all that matter.
    #[must_use]
    pub fn for_half_width(half_width: f64, confidence: f64) -> Self {
        Self {
            prior: (TYPICAL_VARIANCE / (half_width * half_width)).max(1.0),
            threshold: threshold(confidence),
        }
    }

    /// The interval after so many trials; `successes` may hold fractions if shares were summed.
    #[must_use]
    pub fn interval(&self, successes: f64, trials: u64) -> Estimate {
        let n = trials as f64;
        let estimate = if trials == 0 { 0.0 } else { successes / n };
        // The lower end rises with the successes, and so does the upper: whole numbers beside them lie outside.
        let (fewest, most) = (successes.floor(), successes.ceil().min(n));
        let low = if fewest <= 0.0 {
            0.0
        } else {
            let is_refuted = |p| self.is_refuted(fewest, n, p);
            end(fewest / n, 0.0, is_refuted)
        };
        let high = if most >= n {
            1.0
        } else {
            let is_refuted = |p| self.is_refuted(most, n, p);
            end(most / n, 1.0, is_refuted)
        };
        Estimate {
            estimate,
            low,
            high,
            trials,
        }
    }

    /// Whether k of n trials refute the probability p, between 0 and 1.
    fn is_refuted(&self, k: f64, n: f64, p: f64) -> bool {
        let near = libm::log(NEAR) + near(self.prior, k, n, p);
        let anywhere = libm::log(1.0 - NEAR) + anywhere(k, n, p);
        ln_sum(&[near, anywhere]) >= self.threshold
    }
}

/// Logarithm of the likelihood ratio of k in n against p, averaged over Beta(p·m, (1−p)·m).
fn near(m: f64, k: f64, n: f64, p: f64) -> f64 {
    // The powers of p, 1 − p and m in B(pm + k, (1−p)m + n − k) / B(pm, (1−p)m) / p^k / (1−p)^(n−k) cancel.
    ln_rising(p * m, k) + ln_rising((1.0 - p) * m, n - k) - ln_rising(m, n)
}

/// Logarithm of the same, averaged over the uniform distribution: 1 / ((n + 1) · P(k successes in n)).
fn anywhere(k: f64, n: f64, p: f64) -> f64 {
    let no = n - k;
    let density = if k <= 0.0 {
        n * libm::log1p(-p)
    } else if no <= 0.0 {
        n * libm::log(p)
    } else {
        let deviance = k * libm::log(k / (n * p)) + no * libm::log(no / (n * (1.0 - p)));
        let spread = 0.5 * libm::log(n / (std::f64::consts::TAU * k * no));
        spread - deviance + stirling_error(n) - stirling_error(k) - stirling_error(no)
    };
    -libm::log1p(n) - density
}

/// ln(Γ(x + k) / (Γ(x) x^k)) for x > 0 and k ≥ 0, without the cancellation of two large logarithms of gamma functions.
fn ln_rising(x: f64, k: f64) -> f64 {
    if k <= 0.0 {
        return 0.0;
    }
    let grown = if k < x {
        libm::log1p(k / x)
    } else {
        libm::log(x + k) - libm::log(x)
    };
    (x + k - 0.5) * grown - k + stirling_error(x + k) - stirling_error(x)
}

/// A confidence sequence of the mean of independent values between two bounds, from their sum and sum of squares.
///
/// The gambler of the mean μ multiplies, for each value x (scaled so that the bounds are 1 apart) and with y = x − μ,
/// exp(λ y − ψ(λ) y²), where ψ(λ) = −λ − ln(1 − λ): at most 1 + λ y for y ≥ −1 (Fan et al.), so 1 on the average if μ is
/// the mean. The stake is spread over several λ; half of it bets on a mean above μ, the other half on one below. As Σ y²
/// is S₂ − 2 μ S₁ + n μ², the sums at the moment of looking are all that is needed: no look before it matters. Where
/// the values vary little, the interval is as short as they allow.
#[derive(Clone, Debug, PartialEq)]
pub struct Mean {
    low: f64,
    high: f64,
    /// λ and ψ(λ) of each bet.
    bets: Vec<(f64, f64)>,
    /// ln(2/α), for two sides.
    threshold: f64,
}

impl Mean {
    /// The sequence for values from `low` to `high`, with bets for a half-width above 0 (in their unit), at a confidence
    /// between 0 and 1.
    ///
    /// A bet is best at half-width over variance (both in units of the range): bets halve from 1/2 down to the
    /// one for the largest variance that there can be, 1/4.
    #[must_use]
    pub fn for_half_width(low: f64, high: f64, half_width: f64, confidence: f64) -> Self {
        let smallest = 4.0 * half_width / (high - low) / std::f64::consts::SQRT_2;
        let halved = std::iter::successors(Some(LARGEST_BET), |bet| Some(bet / 2.0));
        let bets = halved.take_while(|&bet| bet == LARGEST_BET || bet >= smallest.max(1e-12));
        Self {
            low,
            high,
            bets: bets.map(|bet| (bet, -bet - libm::log1p(-bet))).collect(),
            threshold: threshold(confidence) + std::f64::consts::LN_2,
        }
    }

    /// The interval after so many trials, from the sum of the values and the sum of their squares.
    ///
    /// A sum of squares that is too large makes it wider and leaves it valid.
    #[must_use]
    pub fn interval(&self, sum: f64, squares: f64, trials: u64) -> Estimate {
        let range = self.high - self.low;
        if trials == 0 {
            return Estimate {
                estimate: self.low,
                low: self.low,
                high: self.high,
                trials,
            };
        }
        let n = trials as f64;
        let estimate = sum / n;
        let variance = (squares / n - estimate * estimate).max(0.0) / (range * range);
        let half = range * self.half_width(variance, n);
        Estimate {
            estimate,
            low: (estimate - half).max(self.low.min(estimate)),
            high: (estimate + half).min(self.high.max(estimate)),
            trials,
        }
    }

    /// How far from the mean that was seen lies the nearest that is refuted, for a variance in units of the range; at most
    /// 1. It is the same to both sides.
    fn half_width(&self, variance: f64, n: f64) -> f64 {
        let is_refuted = |distance: f64| {
            let gain =
                |&(bet, cost): &(f64, f64)| n * (bet * distance - cost * (variance + distance * distance));
            let gains: Vec<f64> = self.bets.iter().map(gain).collect();
            ln_sum(&gains) - libm::log(gains.len() as f64) >= self.threshold
        };
        if is_refuted(1.0) {
            end(0.0, 1.0, is_refuted)
        } else {
            1.0
        }
    }
}

/// A confidence sequence of the mean of independent values without bounds, from their sum and sum of squares.
///
/// Nothing holds for every number of trials of values of which one could be anything. This one is *asymptotic*: the
/// values only need a variance, and it holds at all looks from the first on, the better the later that is
/// (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024, Time-uniform central limit theory and asymptotic confidence
/// sequences, Annals of Statistics 52, theorem 2.2: the normal mixture with the variance that was seen). Claims look first after
/// thousands of trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unbounded {
    /// ρ²: the sequence is narrowest around the number of trials that it comes from.
    mixture: f64,
    /// ln(1/α).
    threshold: f64,
}

impl Unbounded {
    /// The sequence that is narrowest after about so many trials, at a confidence between 0 and 1.
    ///
    /// ρ² = (2 ln(1/α) + ln(1 + 2 ln(1/α))) / n, in the appendix of the same.
    #[must_use]
    pub fn for_trials(trials: f64, confidence: f64) -> Self {
        let threshold = threshold(confidence);
        Self {
            mixture: (2.0 * threshold + libm::log1p(2.0 * threshold)) / trials,
            threshold,
        }
    }

    /// The interval after so many trials, from the sum of the values and the sum of their squares. It has no ends where all
    /// values were the same: the next could be anything.
    #[must_use]
    pub fn interval(&self, sum: f64, squares: f64, trials: u64) -> Estimate {
        let n = trials as f64;
        let estimate = sum / n.max(1.0);
        let variance = squares / n.max(1.0) - estimate * estimate;
        // What is left of equal squares is rounding.
        if variance <= 1e-12 * estimate * estimate {
            return Estimate {
                estimate,
                low: f64::NEG_INFINITY,
                high: f64::INFINITY,
                trials,
            };
        }
        let grown = n * self.mixture + 1.0;
        let half = (variance * 2.0 * grown / (n * n * self.mixture)
            * (0.5 * libm::log(grown) + self.threshold))
            .sqrt();
        Estimate {
            estimate,
            low: estimate - half,
            high: estimate + half,
            trials,
        }
    }
}

/// A confidence sequence of a difference of two probabilities on the same trials: of the mean of +1 where the second is
/// yes and the first is no, −1 the other way round, and 0 where they agree.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference(Mean);

impl Difference {
    /// The sequence with bets for a half-width above 0, at a confidence between 0 and 1.
    #[must_use]
    pub fn for_half_width(half_width: f64, confidence: f64) -> Self {
        Self(Mean::for_half_width(-1.0, 1.0, half_width, confidence))
    }

    /// The interval after so many trials, of which some are `gained` (+1), some `lost` (−1), and all others 0.
    #[must_use]
    pub fn interval(&self, gained: u64, lost: u64, trials: u64) -> Estimate {
        let (gained, lost) = (gained as f64, lost as f64);
        self.0.interval(gained - lost, gained + lost, trials)
    }
}

/// ln(1/α) of a confidence 1 − α.
fn threshold(confidence: f64) -> f64 {
    -libm::log1p(-confidence)
}

/// The end of an interval between a value inside and the bound of all values, known to [`TOLERANCE`] to the outer side:
/// the bound itself if nothing before it is refuted.
fn end(inside: f64, bound: f64, is_refuted: impl Fn(f64) -> bool) -> f64 {
    let (mut kept, mut refuted) = (inside, bound);
    while (refuted - kept).abs() > TOLERANCE * (refuted - inside).abs() {
        let middle = 0.5 * (kept + refuted);
        if middle == kept || middle == refuted {
            break;
        }
        if is_refuted(middle) {
            refuted = middle;
        } else {
            kept = middle;
        }
    }
    refuted
}

/// ln Σ exp of logarithms, of which there is one at least.
fn ln_sum(logarithms: &[f64]) -> f64 {
    let most = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = logarithms.iter().map(|ln| libm::exp(ln - most)).sum();
    most + libm::log(sum)
}

#[cfg(test)]
mod tests;
