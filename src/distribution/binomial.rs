//! `binomial`: how many of `n` independent tries succeed.
//!
//! Meaning: a count with an upper limit: how many of twelve ships are fit for sea. Formula:
//! P(k+1)/P(k) = (n − k)/(k + 1) · p/(1 − p), cumulated from the mode both ways; probabilities
//! below 1e-30 of the mode's are left out. Limits: 1 ≤ n ≤ 1e8, 0 ≤ p ≤ 1.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::steps::from_recurrence;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "binomial",
    summary: "A count of successes among a number of independent tries of equal chance.",
    parameters: &[
        Parameter {
            key: "n",
            kind: ParameterKind::Count,
            meaning: "the number of tries, 1 or more",
        },
        Parameter {
            key: "p",
            kind: ParameterKind::Number,
            meaning: "the chance of each, from 0 to 1",
        },
    ],
    alternatives: &[&["n", "p"]],
    optional: &[],
    example: "{ binomial = { n = 12, p = 0.7 } }",
    build,
};

const LARGEST_N: f64 = 1e8;

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some([n, p]) = arguments.all(["n", "p"]) else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.require(n >= 1.0, "n", format_args!("`n` is {n}"), "`n` must be 1 or more");
    faults.require(
        n <= LARGEST_N,
        "n",
        format_args!("`n` is {n}; at most {LARGEST_N} is supported"),
        "write `normal` or `poisson` instead",
    );
    faults.require(
        (0.0..=1.0).contains(&p),
        "p",
        format_args!("`p` is {p}, which is no probability"),
        "`p` must be from 0 to 1",
    );
    faults.finish()?;
    let odds = p / (1.0 - p);
    let mode = ((n + 1.0) * p).floor().min(n);
    match from_recurrence(mode, n, |k| (n - k) / (k + 1.0) * odds) {
        Some(law) => Ok(Arc::new(law)),
        None => arguments.unfit(&FAMILY),
    }
}

#[cfg(test)]
mod tests {
    use statrs::distribution::{Binomial, DiscreteCDF};

    use crate::distribution::check::{assert_close, build, faults};

    #[test]
    fn agrees_with_statrs() {
        for (n, p) in [(20_u32, 0.3), (1, 0.5), (500, 0.99)] {
            let law = build("binomial", &[("n", f64::from(n)), ("p", p)]);
            let other = Binomial::new(p, u64::from(n)).expect("valid");
            for k in (0..n).step_by(7) {
                assert!((law.cdf(f64::from(k)) - other.cdf(u64::from(k))).abs() < 1e-10);
            }
            assert_close(law.mean(), f64::from(n) * p, 1e-13);
            assert_close(law.variance(), f64::from(n) * p * (1.0 - p), 1e-11);
        }
    }

    #[test]
    fn certain_tries_are_certain() {
        assert_eq!(build("binomial", &[("n", 7.0), ("p", 1.0)]).support(), (7.0, 7.0));
        assert_eq!(build("binomial", &[("n", 7.0), ("p", 0.0)]).support(), (0.0, 0.0));
    }

    #[test]
    fn refusals_name_the_key() {
        assert_eq!(faults("binomial", &[("n", 0.0), ("p", 1.5)]), ["n", "p"]);
        assert_eq!(faults("binomial", &[("n", 2.5), ("p", 0.5)]), ["n"]);
        assert_eq!(faults("binomial", &[("n", 1e9), ("p", 0.5)]), ["n"]);
    }
}
