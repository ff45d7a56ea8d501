//! Pairs of percentiles of equal tails, from which laws of two parameters are had, and `pert` with its mode.

use crate::distribution::arguments::Faults;
use crate::distribution::special::NORMAL_P90;
use crate::distribution::{Arguments, Parameter, ParameterKind};

const fn percentile(key: &'static str, meaning: &'static str) -> Parameter {
    Parameter {
        key,
        kind: ParameterKind::Value,
        meaning,
    }
}

/// `p5`, as a parameter of a family; the others likewise.
pub const P5: Parameter = percentile("p5", "the 5th percentile");
/// See [`P5`].
pub const P10: Parameter = percentile("p10", "the 10th percentile");
/// See [`P5`].
pub const P25: Parameter = percentile("p25", "the 25th percentile");
/// See [`P5`].
pub const P75: Parameter = percentile("p75", "the 75th percentile");
/// See [`P5`].
pub const P90: Parameter = percentile("p90", "the 90th percentile");
/// See [`P5`].
pub const P95: Parameter = percentile("p95", "the 95th percentile");

/// The keys of a pair, the probability beyond each of the two, and how many standard deviations each of a normal law lies from
/// the mean.
type Known = ([&'static str; 2], f64, f64);

const KNOWN: [Known; 3] = [
    (["p5", "p95"], 0.05, 1.644_853_626_951_472_7),
    (["p10", "p90"], 0.1, NORMAL_P90),
    (["p25", "p75"], 0.25, 0.674_489_750_196_081_7),
];

/// Two percentiles with as much probability below the one as above the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pair {
    /// Their keys.
    pub(crate) keys: [&'static str; 2],
    /// The lower value, in the unit of the quantity.
    pub(crate) low: f64,
    /// The higher value.
    pub(crate) high: f64,
    /// The probability below `low`, and above `high`.
    pub(crate) tail: f64,
    /// How many standard deviations of a normal law lie between its mean and either.
    pub(crate) deviations: f64,
}

impl Pair {
    /// The pair among the arguments, if there is one.
    pub(crate) fn given(arguments: &Arguments) -> Option<Self> {
        KNOWN.iter().find_map(|&(keys, tail, deviations)| {
            let [low, high] = arguments.all(keys)?;
            Some(Self {
                keys,
                low,
                high,
                tail,
                deviations,
            })
        })
    }

    /// Requires that the values rise.
    pub(crate) fn check_order(&self, faults: &mut Faults) {
        faults.increasing((self.keys[0], self.low), (self.keys[1], self.high));
    }

    /// Requires that the values are above 0 and rise.
    pub(crate) fn check_positive(&self, faults: &mut Faults) {
        faults.positive(self.keys[0], self.low);
        self.check_order(faults);
    }

    /// ln(`high` / `low`).
    pub(crate) fn ln_ratio(&self) -> f64 {
        libm::log(self.high / self.low)
    }

    /// √(`low` · `high`): the median of a law that is symmetric in ln x.
    pub(crate) fn geometric_mean(&self) -> f64 {
        self.low.sqrt() * self.high.sqrt()
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{ContinuousCDF, Gamma, LogNormal, Normal, Weibull};

    use super::KNOWN;
    use crate::distribution::check::{assert_close, build, consistent, faults};
    use crate::distribution::special::normal_quantile;

    #[test]
    fn deviations_are_those_of_the_normal_law() {
        for (_, tail, deviations) in KNOWN {
            assert_close(-normal_quantile(tail), deviations, 1e-15);
        }
    }

    /// A law of `statrs`, by its percentiles, is that law again, and the percentiles are met.
    fn found_again(name: &str, law: &impl ContinuousCDF<f64, f64>) {
        for (keys, tail, _) in KNOWN {
            let values = [law.inverse_cdf(tail), law.inverse_cdf(1.0 - tail)];
            let found = build(name, &[(keys[0], values[0]), (keys[1], values[1])]);
            assert_close(found.quantile(tail), values[0], 1e-12);
            assert_close(found.quantile(1.0 - tail), values[1], 1e-12);
            for p in [0.01, 0.3, 0.5, 0.8, 0.99] {
                assert_close(found.cdf(law.inverse_cdf(p)), p, 1e-6);
            }
            consistent(&**found.law());
        }
    }

    #[test]
    fn laws_of_others_are_found_again_by_each_pair() {
        found_again("normal", &Normal::new(-3.0, 2.0).expect("valid"));
        found_again("lognormal", &LogNormal::new(3.0, 0.8).expect("valid"));
        found_again("weibull", &Weibull::new(0.7, 260.0).expect("valid"));
        found_again("weibull", &Weibull::new(3.5, 20.0).expect("valid"));
        found_again("gamma", &Gamma::new(6.25, 0.2).expect("valid"));
        found_again("gamma", &Gamma::new(0.4, 0.01).expect("valid"));
    }

    /// Of the log-logistic law of median 30 and shape 2, the odds of being below x are (x / 30)²: Johnson, Kotz and
    /// Balakrishnan (1995), 23.11.
    #[test]
    fn the_loglogistic_is_found_again_by_its_odds() {
        for (keys, tail, _) in KNOWN {
            let root = ((1.0 - tail) / tail).sqrt();
            let law = build("loglogistic", &[(keys[0], 30.0 / root), (keys[1], 30.0 * root)]);
            assert_close(law.cdf(60.0), 0.8, 1e-12);
            assert_close(law.quantile(0.1), 10.0, 1e-12);
        }
    }

    #[test]
    fn refusals_name_the_key() {
        for name in ["normal", "lognormal", "weibull", "loglogistic", "gamma"] {
            for (keys, ..) in KNOWN {
                assert_eq!(faults(name, &[(keys[0], 9.0), (keys[1], 9.0)]), [keys[1]]);
                let negative = faults(name, &[(keys[0], -1.0), (keys[1], 9.0)]);
                assert_eq!(negative.is_empty(), name == "normal");
            }
        }
        // Two keys of different pairs are no pair.
        assert_eq!(faults("gamma", &[("p5", 1.0), ("p90", 9.0)]), [""]);
        // Too near each other, and too far apart, for any shape.
        assert_eq!(faults("gamma", &[("p10", 1.0), ("p90", 1.000_1)]), ["p90"]);
        assert_eq!(faults("gamma", &[("p10", 1e-300), ("p90", 1.0)]), ["p10"]);
    }
}
