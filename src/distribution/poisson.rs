//! `poisson`: how many events happen when they come at a constant rate.
//!
//! Meaning: a count without an upper limit. Formula: P(k+1)/P(k) = mean/(k+1), cumulated from the
//! mode both ways ([`steps`]); probabilities below 1e-30 of the mode's are left out. Limits: 0 <
//! mean ≤ 1e7; above, it is normal to all purposes.
//!
//! [`steps`]: crate::distribution::steps

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::steps::from_recurrence;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "poisson",
    summary: "A count of events that come independently at a constant rate.",
    parameters: &[Parameter {
        key: "mean",
        kind: ParameterKind::Value,
        meaning: "the mean count, above 0",
    }],
    alternatives: &[&["mean"]],
    optional: &[],
    example: "{ poisson = { mean = 6.5 } }",
    build,
};

const LARGEST_MEAN: f64 = 1e7;

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some(mean) = arguments.number("mean") else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.positive("mean", mean);
    let message = format_args!("`mean` is {mean}; at most {LARGEST_MEAN} is supported");
    let normal = format_args!(
        "write {{ normal = {{ mean = {mean}, sd = {} }} }}, which is the same at this size",
        mean.max(0.0).sqrt()
    );
    faults.require(mean <= LARGEST_MEAN, "mean", message, normal);
    faults.finish()?;
    match from_recurrence(mean.floor(), f64::INFINITY, |k| mean / (k + 1.0)) {
        Some(law) => Ok(Arc::new(law)),
        None => arguments.unfit(&FAMILY),
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{DiscreteCDF, Poisson};

    use crate::distribution::check::{assert_close, build, faults, refusals};

    #[test]
    fn agrees_with_statrs() {
        for mean in [0.02, 6.5, 300.0] {
            let law = build("poisson", &[("mean", mean)]);
            let other = Poisson::new(mean).expect("valid");
            for k in [0_u32, 3, 6, 290, 330] {
                assert!((law.cdf(f64::from(k)) - other.cdf(u64::from(k))).abs() < 1e-10);
            }
            assert_close(law.mean(), mean, 1e-13);
            assert_close(law.variance(), mean, 1e-12);
        }
    }

    #[test]
    fn large_means_have_their_moments() {
        let law = build("poisson", &[("mean", 1e7)]);
        assert_close(law.mean(), 1e7, 1e-12);
        assert_close(law.variance(), 1e7, 1e-9);
    }

    #[test]
    fn refusals_offer_the_normal() {
        assert_eq!(faults("poisson", &[("mean", 0.0)]), ["mean"]);
        assert!(
            refusals("poisson", &[("mean", 1e8)])[0]
                .help
                .as_deref()
                .is_some_and(|help| help.contains("sd = 10000"))
        );
    }
}
