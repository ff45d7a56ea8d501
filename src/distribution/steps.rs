//! Laws on finitely many values, whose cdf is a staircase: what `discrete`, `empirical`, `poisson`
//! and `binomial` build.
//!
//! The quantile is a binary search in the cumulated probabilities, which are kept from both ends,
//! so that both tails are precise.

use std::sync::Arc;

use crate::distribution::{Law, Refusal};

/// Finitely many values, each with its probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Steps {
    /// Increasing.
    values: Vec<f64>,
    /// P(X = value) · total, all above 0.
    weights: Vec<f64>,
    /// P(X ≤ value); the last is 1.
    below: Vec<f64>,
    /// P(X > value); the last is 0.
    above: Vec<f64>,
}

impl Steps {
    /// The law that takes each value with a probability in proportion to its weight; equal values
    /// are joined.
    ///
    /// None, if no weight is above 0, or if the sum of the weights is not finite. Values must be
    /// finite and weights not negative.
    #[must_use]
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let mut points: Vec<_> = points.into_iter().filter(|(_, weight)| *weight > 0.0).collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (mut values, mut weights) = (Vec::<f64>::new(), Vec::<f64>::new());
        for (value, weight) in points {
            match (values.last(), weights.last_mut()) {
                #[expect(clippy::float_cmp, reason = "equal values are one value")]
                (Some(last), Some(sum)) if *last == value => *sum += weight,
                _ => {
                    values.push(value);
                    weights.push(weight);
                }
            }
        }
        let total: f64 = weights.iter().sum();
        if values.is_empty() || !total.is_finite() {
            return None;
        }
        let below = cumulated(weights.iter(), total);
        let mut above = cumulated(weights.iter().skip(1).rev(), total);
        above.reverse();
        above.push(0.0);
        let mut law = Self {
            values,
            weights,
            below,
            above,
        };
        if let Some(last) = law.below.last_mut() {
            *last = 1.0;
        }
        Some(law)
    }

    /// How many different values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no values: never.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// E g(X).
    fn expectation(&self, g: impl Fn(f64) -> f64) -> f64 {
        let total: f64 = self.weights.iter().sum();
        self.values
            .iter()
            .zip(&self.weights)
            .map(|(value, weight)| g(*value) * weight)
            .sum::<f64>()
            / total
    }

    /// The probability in `cumulated` at the last of the first `count` values, or `before` if there
    /// are none.
    fn at(count: usize, cumulated: &[f64], before: f64) -> f64 {
        count.checked_sub(1).map_or(before, |index| cumulated[index])
    }
}

/// The sums of the first 1, 2, … `weights`, in parts of the `total`.
fn cumulated<'a>(weights: impl Iterator<Item = &'a f64>, total: f64) -> Vec<f64> {
    let sums = weights.scan(0.0, |sum, weight| {
        *sum += weight;
        Some(*sum / total)
    });
    sums.collect()
}

impl Law for Steps {
    fn quantile(&self, u: f64) -> f64 {
        if u > 0.5 {
            return self.upper_quantile(1.0 - u);
        }
        let index = self.below.partition_point(|below| *below < u);
        self.values[index.min(self.values.len() - 1)]
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        if q > 0.5 {
            return self.quantile(1.0 - q);
        }
        let index = self.above.partition_point(|above| *above > q);
        self.values[index.min(self.values.len() - 1)]
    }

    fn cdf(&self, x: f64) -> f64 {
        Self::at(self.values.partition_point(|value| *value <= x), &self.below, 0.0)
    }

    fn cdf_below(&self, x: f64) -> f64 {
        Self::at(self.values.partition_point(|value| *value < x), &self.below, 0.0)
    }

    fn survival(&self, x: f64) -> f64 {
        Self::at(self.values.partition_point(|value| *value <= x), &self.above, 1.0)
    }

    fn survival_from(&self, x: f64) -> f64 {
        Self::at(self.values.partition_point(|value| *value < x), &self.above, 1.0)
    }

    fn support(&self) -> (f64, f64) {
        (self.values[0], self.values[self.values.len() - 1])
    }

    fn mean(&self) -> f64 {
        self.expectation(|value| value)
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        self.expectation(|value| (value - mean) * (value - mean))
    }

    fn is_continuous(&self) -> bool {
        false
    }

    fn is_cheap(&self) -> bool {
        true
    }

    fn within(&self, at_least: f64, at_most: f64) -> Option<Result<Arc<dyn Law>, Refusal>> {
        let points = self.values.iter().copied().zip(self.weights.iter().copied());
        let kept = points.filter(|(value, _)| (at_least..=at_most).contains(value));
        Steps::new(kept).map(|law| Ok(Arc::new(law) as Arc<dyn Law>))
    }
}

/// The law on whole numbers whose probabilities follow a recurrence: `up(k)` is P(k+1) / P(k).
///
/// Started at the `mode` and followed both ways until the probability is less than 1e-30 of the
/// mode's, or until `last`.
#[must_use]
pub fn from_recurrence(mode: f64, last: f64, up: impl Fn(f64) -> f64) -> Option<Steps> {
    const NEGLIGIBLE: f64 = 1e-30;
    let mut points = vec![(mode, 1.0)];
    let (mut k, mut weight) = (mode, 1.0);
    while k < last && weight > NEGLIGIBLE {
        weight *= up(k);
        k += 1.0;
        points.push((k, weight));
    }
    (k, weight) = (mode, 1.0);
    while k > 0.0 && weight > NEGLIGIBLE {
        k -= 1.0;
        weight /= up(k);
        points.push((k, weight));
    }
    Steps::new(points)
}

#[cfg(test)]
mod tests {
    use super::Steps;
    use crate::distribution::Law;
    use crate::distribution::check::assert_close;

    fn dice() -> Steps {
        Steps::new((1..=6).map(|face| (f64::from(face), 1.0))).expect("weights above 0")
    }

    #[test]
    fn the_quantile_is_the_smallest_value_that_reaches_u() {
        let dice = dice();
        for (u, face) in [
            (1e-9, 1.0),
            (0.16, 1.0),
            (0.17, 2.0),
            (0.5, 3.0),
            (0.500_001, 4.0),
            (0.83, 5.0),
            (0.84, 6.0),
            (1.0 - 1e-16, 6.0),
        ] {
            assert_close(dice.quantile(u), face, 0.0);
        }
    }

    #[test]
    fn probabilities_at_and_below_an_atom() {
        let dice = dice();
        assert_close(dice.cdf(3.0), 0.5, 1e-15);
        assert_close(dice.cdf_below(3.0), 2.0 / 6.0, 1e-15);
        assert_close(dice.survival(3.0), 0.5, 1e-15);
        assert_eq!(
            (
                dice.cdf(0.9),
                dice.cdf(6.0),
                dice.survival(0.0),
                dice.survival(6.0)
            ),
            (0.0, 1.0, 1.0, 0.0)
        );
    }

    #[test]
    fn equal_values_are_joined_and_those_without_weight_left_out() {
        let law = Steps::new([(2.0, 1.0), (1.0, 0.0), (2.0, 3.0), (5.0, 4.0)]).expect("weights above 0");
        assert_eq!((law.len(), law.support()), (2, (2.0, 5.0)));
        assert_close(law.cdf(2.0), 0.5, 0.0);
        assert!(Steps::new([(1.0, 0.0)]).is_none());
    }

    #[test]
    fn given_bounds_the_other_values_are_gone() {
        let law = dice().within(2.5, 5.0).expect("known").expect("some are left");
        assert_eq!(law.support(), (3.0, 5.0));
        assert_close(law.mean(), 4.0, 1e-15);
        assert_close(law.variance(), 2.0 / 3.0, 1e-15);
    }
}
