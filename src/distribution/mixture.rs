//! `mixture`: one of several distributions, chosen by weight.
//!
//! Meaning: distinct regimes, such as a quick deal or a long war of attrition. Formula: F(x) = Σ wᵢ
//! Fᵢ(x); the quantile is where F reaches u, between the least and the largest of the parts'
//! quantiles of u ([`crossing`]). Moments: Σ wᵢ mᵢ, Σ wᵢ (vᵢ + (mᵢ − m)²). Given bounds, each part
//! is given them, and its weight is multiplied by its probability between them. Limits: weights as
//! in `discrete`.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::root::crossing;
use crate::distribution::truncated::Weighted;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal, truncated};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "mixture",
    summary: "One of several distributions, chosen by weight: distinct regimes.",
    parameters: &[
        Parameter {
            key: "weights",
            kind: ParameterKind::Numbers,
            meaning: "the weight of each part, 0 or more",
        },
        Parameter {
            key: "of",
            kind: ParameterKind::Laws,
            meaning: "the distributions",
        },
    ],
    alternatives: &[&["weights", "of"]],
    optional: &[],
    example: "{ mixture = { weights = [1, 3], of = [{ uniform = { min = 5, max = 9 } }, { exponential = { mean = 60 } }] } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let (Some(weights), Some(parts)) = (arguments.numbers("weights"), arguments.laws("of")) else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.weights(weights, "of", parts.len());
    faults.finish()?;
    Ok(Arc::new(Mixture::new(
        weights
            .iter()
            .copied()
            .zip(parts.iter().map(|part| Arc::clone(part.law()))),
    )))
}

/// Laws with their weights, which are above 0 and sum to 1.
#[derive(Clone, Debug)]
struct Mixture {
    parts: Vec<Weighted>,
}

impl Mixture {
    /// Of these parts; at least one weight is above 0, and none is negative.
    fn new(parts: impl Iterator<Item = Weighted>) -> Self {
        let mut parts: Vec<_> = parts.filter(|(weight, _)| *weight > 0.0).collect();
        let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
        for (weight, _) in &mut parts {
            *weight /= total;
        }
        Self { parts }
    }

    /// Σ wᵢ f(part i).
    fn sum(&self, f: impl Fn(&dyn Law) -> f64) -> f64 {
        self.parts.iter().map(|(weight, law)| weight * f(&**law)).sum()
    }

    /// The least and the largest of f(part i).
    fn range(&self, f: impl Fn(&dyn Law) -> f64) -> (f64, f64) {
        let values = self.parts.iter().map(|(_, law)| f(&**law));
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(value), high.max(value))
        })
    }
}

impl Law for Mixture {
    fn quantile(&self, u: f64) -> f64 {
        if u > 0.5 {
            return self.upper_quantile(1.0 - u);
        }
        let (low, high) = self.range(|law| law.quantile(u));
        crossing(low, high, self.is_continuous(), |x| self.cdf(x) - u)
    }

    fn upper_quantile(&self, q: f64) -> f64 {
        if q > 0.5 {
            return self.quantile(1.0 - q);
        }
        let (low, high) = self.range(|law| law.upper_quantile(q));
        crossing(low, high, self.is_continuous(), |x| q - self.survival(x))
    }

    fn cdf(&self, x: f64) -> f64 {
        self.sum(|law| law.cdf(x)).min(1.0)
    }

    fn cdf_below(&self, x: f64) -> f64 {
        self.sum(|law| law.cdf_below(x)).min(1.0)
    }

    fn survival(&self, x: f64) -> f64 {
        self.sum(|law| law.survival(x)).min(1.0)
    }

    fn survival_from(&self, x: f64) -> f64 {
        self.sum(|law| law.survival_from(x)).min(1.0)
    }

    fn density(&self, x: f64) -> Option<f64> {
        // Where one part ends and another goes on, the density jumps.
        let support = self.parts.first()?.1.support();
        self.parts
            .iter()
            .map(|(weight, law)| {
                let density = law.density(x).filter(|_| law.support() == support)?;
                Some(weight * density)
            })
            .sum()
    }

    fn support(&self) -> (f64, f64) {
        (
            self.range(|law| law.support().0).0,
            self.range(|law| law.support().1).1,
        )
    }

    fn mean(&self) -> f64 {
        self.sum(|law| law.mean())
    }

    fn variance(&self) -> f64 {
        let mean = self.mean();
        if mean.is_infinite() {
            return f64::INFINITY;
        }
        self.sum(|law| law.variance() + (law.mean() - mean) * (law.mean() - mean))
    }

    fn is_continuous(&self) -> bool {
        self.parts.iter().all(|(_, law)| law.is_continuous())
    }

    fn within(&self, at_least: f64, at_most: f64) -> Option<Result<Arc<dyn Law>, Refusal>> {
        // A part is dropped where it has nothing between the bounds, and for no other reason.
        let part = |(weight, law): &Weighted| {
            let left = truncated::between(law, at_least, at_most).transpose()?;
            Some(left.map(|(probability, law)| (weight * probability, law)))
        };
        let parts: Result<Vec<_>, Refusal> = self.parts.iter().filter_map(part).collect();
        Some(parts.map(|parts| Arc::new(Mixture::new(parts.into_iter())) as Arc<dyn Law>))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Mixture;
    use crate::distribution::check::{arguments, assert_close, build, consistent};
    use crate::distribution::{
        Arguments, Distribution, Law, Refusal, Sampler, TableCache, family, truncated,
    };
    use crate::draw::Uniform;

    fn mixture(
        weights: &[f64],
        of: &[Distribution],
        at_least: Option<f64>,
    ) -> Result<Distribution, Vec<Refusal>> {
        let arguments = Arguments::from([("weights", weights.to_vec().into()), ("of", of.to_vec().into())]);
        Distribution::new(family("mixture").expect("registered"), &arguments, at_least, None)
    }

    fn atom(value: f64) -> Distribution {
        let arguments = Arguments::from([("values", vec![value].into()), ("weights", vec![1.0].into())]);
        Distribution::new(family("discrete").expect("registered"), &arguments, None, None).expect("valid")
    }

    #[test]
    fn of_two_normals() {
        let parts = [
            build("normal", &[("mean", -2.0), ("sd", 1.0)]),
            build("normal", &[("mean", 4.0), ("sd", 0.5)]),
        ];
        let law = mixture(&[1.0, 3.0], &parts, None).expect("valid");
        consistent(&**law.law());
        assert_close(law.mean(), 2.5, 1e-15);
        assert_close(
            law.variance(),
            0.25 + 0.75 * 0.25 + 0.25 * 4.5 * 4.5 + 0.75 * 1.5 * 1.5,
            1e-14,
        );
    }

    #[test]
    fn of_one_kind_it_is_that_kind() {
        let part = build("exponential", &[("mean", 60.0)]);
        let law = mixture(&[2.0, 5.0], &[part.clone(), part.clone()], None).expect("valid");
        for u in [1e-6, 0.2, 0.5, 0.999_999] {
            assert_close(law.quantile(u), part.quantile(u), 1e-13);
        }
    }

    #[test]
    fn an_atom_is_met_exactly_even_through_a_table() {
        let law = mixture(
            &[1.0, 1.0],
            &[atom(10.0), build("uniform", &[("min", 0.0), ("max", 20.0)])],
            None,
        )
        .expect("valid");
        assert!(!law.is_continuous());
        let sampler = Sampler::new(&law, &mut TableCache::new());
        for u in [0.26, 0.4, 0.5, 0.6, 0.74] {
            assert_eq!(
                (law.quantile(u), sampler.value(Uniform::nearest(u))),
                (10.0, 10.0)
            );
        }
        assert_close(law.cdf(10.0) - law.law().cdf_below(10.0), 0.5, 1e-15);
        assert_close(f64::from(sampler.value(Uniform::nearest(0.1))), 4.0, 1e-5);
    }

    #[test]
    fn given_a_bound_the_weights_follow_the_evidence() {
        let parts = [
            build("uniform", &[("min", 0.0), ("max", 10.0)]),
            build("uniform", &[("min", 0.0), ("max", 20.0)]),
        ];
        let law = mixture(&[1.0, 1.0], &parts, Some(5.0)).expect("probable");
        // ½ of the first and ¾ of the second are left: weights 0.4 and 0.6, means 7.5 and 12.5.
        assert_close(law.mean(), 0.4 * 7.5 + 0.6 * 12.5, 1e-14);
        assert_eq!(law.support(), (5.0, 20.0));
        consistent(&**law.law());
        assert_close(
            mixture(&[1.0, 1.0], &parts, Some(15.0)).expect("probable").mean(),
            17.5,
            1e-14,
        );
    }

    /// A law whose distribution function is no number beyond its median, 0.
    #[derive(Debug)]
    struct Broken;

    impl Law for Broken {
        fn quantile(&self, u: f64) -> f64 {
            u - 0.5
        }

        fn cdf(&self, x: f64) -> f64 {
            if x > 0.0 {
                f64::NAN
            } else {
                (x + 0.5).clamp(0.0, 1.0)
            }
        }

        fn support(&self) -> (f64, f64) {
            (-0.5, f64::INFINITY)
        }

        fn mean(&self) -> f64 {
            0.0
        }

        fn variance(&self) -> f64 {
            1.0 / 12.0
        }
    }

    #[test]
    fn a_part_is_dropped_only_if_nothing_of_it_is_left() {
        let uniform = || Arc::clone(build("uniform", &[("min", 1.0), ("max", 2.0)]).law());
        let given = |parts: Vec<Arc<dyn Law>>, at_least| {
            let mixture = Mixture::new(parts.into_iter().map(|law| (1.0, law)));
            truncated::given(Arc::new(mixture), Some(at_least), None)
        };
        let refusal = &given(vec![uniform(), Arc::new(Broken)], -0.1).expect_err("no number")[0];
        assert_eq!(
            refusal.message,
            "how likely it is between -0.1 and inf cannot be computed"
        );
        let left = given(vec![atom(0.0).law().clone(), uniform()], 0.5).expect("one is left");
        assert_eq!(left.support(), (1.0, 2.0));
    }

    #[test]
    fn refusals_are_those_of_weights() {
        assert!(
            mixture(&[1.0], &[], None).expect_err("none")[0]
                .message
                .contains("`of` is empty")
        );
        let refused = mixture(&[-1.0, 0.0], &[atom(1.0), atom(2.0)], None).expect_err("negative");
        assert_eq!(refused[0].message, "one of `weights` is -1");
        let uniform = family("uniform").expect("registered");
        assert!(Distribution::new(uniform, &arguments(&[("min", 0.0)]), None, None).is_err());
    }
}
