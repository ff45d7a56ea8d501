//! `discrete`: one of a few values, each with its weight.
//!
//! Meaning: distinct cases, such as three sizes of a force. Formula: the smallest value at which
//! the cumulated weight reaches u. Limits: as many weights as values, none negative, not all zero;
//! they need not sum to 1.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::steps::Steps;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "discrete",
    summary: "One of a few values, each with its own weight.",
    parameters: &[
        Parameter {
            key: "values",
            kind: ParameterKind::Values,
            meaning: "the possible values",
        },
        Parameter {
            key: "weights",
            kind: ParameterKind::Numbers,
            meaning: "the weight of each value, 0 or more",
        },
    ],
    alternatives: &[&["values", "weights"]],
    optional: &[],
    example: "{ discrete = { values = [0, 30, 90], weights = [0.2, 0.5, 0.3] } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let (Some(values), Some(weights)) = (arguments.numbers("values"), arguments.numbers("weights")) else {
        return arguments.unfit(&FAMILY);
    };
    let mut faults = Faults::default();
    faults.weights(weights, "values", values.len());
    faults.finish()?;
    match Steps::new(values.iter().copied().zip(weights.iter().copied())) {
        Some(law) => Ok(Arc::new(law)),
        None => arguments.unfit(&FAMILY),
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::assert_close;
    use crate::distribution::{Arguments, Distribution, Refusal, family};

    fn discrete(values: &[f64], weights: &[f64]) -> Result<Distribution, Vec<Refusal>> {
        let arguments = Arguments::from([
            ("values", values.to_vec().into()),
            ("weights", weights.to_vec().into()),
        ]);
        Distribution::new(family("discrete").expect("registered"), &arguments, None, None)
    }

    #[test]
    fn values_come_in_order_of_size() {
        let law = discrete(&[90.0, 0.0, 30.0], &[3.0, 2.0, 5.0]).expect("valid");
        assert_eq!(
            [0.2, 0.200_001, 0.7, 0.71].map(|u| law.quantile(u)),
            [0.0, 30.0, 30.0, 90.0]
        );
        assert_close(law.mean(), 42.0, 1e-15);
        assert!(!law.is_continuous());
    }

    #[test]
    fn refusals_name_the_numbers() {
        let message = |values: &[f64], weights: &[f64]| {
            discrete(values, weights).expect_err("impossible")[0]
                .message
                .clone()
        };
        assert_eq!(message(&[1.0, 2.0], &[1.0]), "there are 1 weights for 2 `values`");
        assert_eq!(message(&[1.0, 2.0], &[1.0, -0.5]), "one of `weights` is -0.5");
        assert_eq!(message(&[1.0, 2.0], &[0.0, 0.0]), "`weights` sum to 0");
        assert_eq!(message(&[], &[]), "`values` is empty");
    }
}
