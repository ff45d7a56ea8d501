//! `empirical`: one of the values seen, each as likely as the others.
//!
//! Meaning: past cases stand for the future one. Formula: the inverse of the empirical distribution
//! function (Hyndman and Fan 1996, Sample Quantiles in Statistical Packages, type 1): the smallest
//! value such that a share of at least u is not above it; nothing is interpolated. Limits: at least
//! one value. `file` and `column` are read by the caller, who hands over `values`.

use std::sync::Arc;

use crate::distribution::arguments::Faults;
use crate::distribution::steps::Steps;
use crate::distribution::{Arguments, Bounds, Family, Law, Parameter, ParameterKind, Refusal};

/// The registry's entry.
pub const FAMILY: Family = Family {
    name: "empirical",
    summary: "One of the values seen so far, each as likely as the others.",
    parameters: &[
        Parameter {
            key: "values",
            kind: ParameterKind::Values,
            meaning: "the values seen",
        },
        Parameter {
            key: "file",
            kind: ParameterKind::Text,
            meaning: "a CSV file beside the scenario",
        },
        Parameter {
            key: "column",
            kind: ParameterKind::Text,
            meaning: "the column of that file with the values",
        },
    ],
    alternatives: &[&["values"], &["file", "column"]],
    optional: &[],
    example: "{ empirical = { values = [12, 31, 44, 90] } }",
    build,
};

fn build(arguments: &Arguments, _: Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>> {
    let Some(values) = arguments.numbers("values") else {
        let file = arguments.text("file").unwrap_or_default();
        return Err(vec![Refusal::new(
            "file",
            format!("no values were read from `{file}`"),
            "give `values`",
        )]);
    };
    let mut faults = Faults::default();
    faults.require(
        !values.is_empty(),
        "values",
        "`values` is empty",
        "give at least one value",
    );
    faults.finish()?;
    match Steps::new(values.iter().map(|value| (*value, 1.0))) {
        Some(law) => Ok(Arc::new(law)),
        None => arguments.unfit(&FAMILY),
    }
}

#[cfg(test)]
mod tests {
    use crate::distribution::check::assert_close;
    use crate::distribution::{Arguments, Distribution, family};

    #[test]
    fn the_median_is_a_value_seen() {
        let arguments = Arguments::from([("values", vec![44.0, 12.0, 31.0, 90.0].into())]);
        let law = Distribution::new(family("empirical").expect("registered"), &arguments, None, None)
            .expect("valid");
        assert_eq!(
            [0.25, 0.26, 0.5, 0.51, 0.76].map(|u| law.quantile(u)),
            [12.0, 31.0, 31.0, 44.0, 90.0]
        );
        assert_close(law.mean(), 44.25, 1e-15);
    }

    #[test]
    fn nothing_seen_is_refused() {
        let empirical = family("empirical").expect("registered");
        let none = Arguments::from([("values", Vec::<f64>::new().into())]);
        assert_eq!(
            Distribution::new(empirical, &none, None, None).expect_err("empty")[0].message,
            "`values` is empty"
        );
        let unread = Arguments::from([("file", "wars.csv".into()), ("column", "days".into())]);
        let refusal = &Distribution::new(empirical, &unread, None, None).expect_err("unread")[0];
        assert_eq!(refusal.message, "no values were read from `wars.csv`");
    }
}
