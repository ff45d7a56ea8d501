//! Distributions: what a quantity may be, when it is not a plain number.
//!
//! A *family* is a name with parameters (`lognormal`: `median` and `p90`, or `mean` and `sd`, …).
//! Its parameters make a [`Law`], a probability law on the real line that offers its quantile
//! function: one uniform in, one value out. A [`Distribution`] is a family with its law, given the
//! bounds `at_least` and `at_most`, if there are any.
//!
//! ```text
//! Family ── build(Arguments) ─► Law ── at_least, at_most ─► Distribution ─► Sampler (the hot loop)
//! [`FAMILIES`]      │                                             │
//!                   └── Refusals, all at once                     └── describe(): mean, sd, percentiles
//! ```
//!
//! A new family is one new file beside the others and one line in [`FAMILIES`]; the tests walk the
//! registry and fail where an entry lacks its summary, its example or its tests. All mathematics
//! goes through the `libm` crate, so that the same parameters and the same uniform give the same
//! bits on every machine.

pub mod arguments;
pub mod integrate;
pub mod percentiles;
pub mod reference;
pub mod root;
pub mod sampler;
pub mod special;
pub mod steps;
pub mod table;
pub mod truncated;

pub mod beta;
pub mod binomial;
pub mod discrete;
pub mod empirical;
pub mod exponential;
pub mod gamma;
pub mod loglogistic;
pub mod lognormal;
pub mod mixture;
pub mod normal;
pub mod pert;
pub mod poisson;
pub mod quantiles;
pub mod triangular;
pub mod uniform;
pub mod weibull;

#[cfg(test)]
pub(crate) mod check;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod published;

use std::fmt::Debug;
use std::sync::Arc;

pub use crate::distribution::arguments::{Argument, Arguments, Refusal};
pub use crate::distribution::sampler::{ClosedForm, Sampler, TableCache, drawn_range};
pub use crate::distribution::table::Table;

/// Every family, in the order in which the documentation shows them.
pub static FAMILIES: &[Family] = &[
    uniform::FAMILY,
    triangular::FAMILY,
    pert::FAMILY,
    normal::FAMILY,
    lognormal::FAMILY,
    exponential::FAMILY,
    weibull::FAMILY,
    loglogistic::FAMILY,
    gamma::FAMILY,
    beta::FAMILY,
    poisson::FAMILY,
    binomial::FAMILY,
    quantiles::FAMILY,
    discrete::FAMILY,
    empirical::FAMILY,
    mixture::FAMILY,
];

/// The family of that name, as a scenario writes it: `family("pert")`.
#[must_use]
pub fn family(name: &str) -> Option<&'static Family> {
    FAMILIES.iter().find(|family| family.name == name)
}

/// A probability law on the real line: one uniform in, one value out.
///
/// Values are in the quantity's own unit (days, soldiers, …). A law is immutable and has sensible
/// parameters from its construction on; nothing here can fail. Its `Debug` text prints every
/// parameter exactly (derive it), and therefore identifies the law: laws of equal [`Identity`] share
/// one [`Table`].
pub trait Law: Debug + Send + Sync {
    /// The quantile function: the smallest x with P(X ≤ x) ≥ `u`, for 0 < `u` < 1. It never
    /// decreases in `u`.
    fn quantile(&self, u: f64) -> f64;

    /// P(X ≤ `x`), for any `x`: 0 at −∞, 1 at ∞.
    fn cdf(&self, x: f64) -> f64;

    /// P(X < `x`). Laws with atoms override it.
    fn cdf_below(&self, x: f64) -> f64 {
        self.cdf(x)
    }

    /// P(X > `x`), precise also where it is tiny if the law overrides it.
    fn survival(&self, x: f64) -> f64 {
        1.0 - self.cdf(x)
    }

    /// P(X ≥ `x`), as precise as [`survival`](Law::survival). Laws with atoms override it.
    fn survival_from(&self, x: f64) -> f64 {
        self.survival(x)
    }

    /// `quantile(1 − q)`, precise also where `q` is tiny if the law overrides it; 0 < `q` < 1.
    fn upper_quantile(&self, q: f64) -> f64 {
        self.quantile(1.0 - q)
    }

    /// The probability density at `x`, per unit of X, where the law knows it and it is smooth all over its
    /// [`support`](Law::support).
    fn density(&self, _x: f64) -> Option<f64> {
        None
    }

    /// How far the quantile at a probability `p` from the lower end, or from the upper one, lies from a value near it: one
    /// step of Newton's method for the logarithm of the tail, for laws of which that is concave in some coordinate, so that
    /// the step is off by about its own square, and never far.
    fn step_to_quantile(&self, _p: f64, _is_upper: bool, _x: f64) -> Option<f64> {
        None
    }

    /// Whether [`quantile`](Law::quantile) is a formula, and takes no search.
    fn is_explicit(&self) -> bool {
        false
    }

    /// The smallest closed interval that holds all values; its ends may be infinite.
    fn support(&self) -> (f64, f64);

    /// The expected value; may be infinite.
    fn mean(&self) -> f64;

    /// The variance, in the square of the unit; may be infinite.
    fn variance(&self) -> f64;

    /// Whether no single value has a positive probability.
    fn is_continuous(&self) -> bool {
        true
    }

    /// Which law of its family it is, in a few words after the name of the family, where a family has several.
    fn variant(&self) -> Option<&'static str> {
        None
    }

    /// The law as location + scale · (a standard law), if other laws may share that standard law
    /// and its table.
    fn standard(&self) -> Option<Standard> {
        None
    }

    /// The quantile in terms of +, ·, √ and comparisons alone, if it has one.
    fn closed_form(&self) -> Option<ClosedForm> {
        None
    }

    /// Whether [`quantile`](Law::quantile) is so cheap (a closed form, a search in a sorted list)
    /// that no table is wanted.
    fn is_cheap(&self) -> bool {
        self.closed_form().is_some()
    }

    /// The law given `at_least` ≤ X ≤ `at_most`, where the family knows it better than
    /// [`truncated`] does; a fault, if it cannot be computed.
    ///
    /// The caller has made sure that the interval has a positive probability.
    fn within(&self, _at_least: f64, _at_most: f64) -> Option<Result<Arc<dyn Law>, Refusal>> {
        None
    }
}

/// A law taken apart: X = `location` + `scale` · Y, where Y follows `law`.
#[derive(Clone, Debug)]
pub struct Standard {
    /// What is added, in the unit of the quantity.
    pub location: f64,
    /// What Y is multiplied by, in the unit of the quantity; above 0.
    pub scale: f64,
    /// The law of Y.
    pub law: Arc<dyn Law>,
    /// What tells `law` from all others.
    pub identity: Identity,
}

impl Standard {
    /// `location` + `scale` · (a value of `law`, the one of its kind with these shapes).
    #[must_use]
    pub fn new<const N: usize>(
        (location, scale): (f64, f64),
        law: Arc<dyn Law>,
        kind: &'static str,
        shapes: [f64; N],
    ) -> Self {
        let mut bits = [0; MOST_SHAPES];
        bits[..N].copy_from_slice(&shapes.map(f64::to_bits));
        Self {
            location,
            scale,
            law,
            identity: Identity::Shapes(kind, bits),
        }
    }

    /// A law that is its own standard.
    #[must_use]
    pub fn itself(law: Arc<dyn Law>) -> Self {
        let identity = Identity::Text(format!("{law:?}"));
        Self {
            location: 0.0,
            scale: 1.0,
            law,
            identity,
        }
    }
}

/// The most shapes that a law has beside location and scale.
const MOST_SHAPES: usize = 2;

/// What tells a standard law from all others. Thousands of quantities ask for the tables of a few laws, and to write out
/// each of them would take longer than all else that becomes of a quantity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Identity {
    /// Its kind and the bits of its shapes.
    Shapes(&'static str, [u64; MOST_SHAPES]),
    /// Its `Debug` text, in which every parameter is exact.
    Text(String),
}

/// What a parameter is made of, which tells the reader of a scenario how to read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// One value in the quantity's own unit: a number, or a duration such as `"30d"`.
    Value,
    /// A number without a unit.
    Number,
    /// A whole number, 0 or more.
    Count,
    /// A list of values in the quantity's own unit.
    Values,
    /// A list of numbers without a unit, such as weights.
    Numbers,
    /// A list of distributions.
    Laws,
    /// A text, such as the name of a file.
    Text,
}

/// One parameter of a family.
#[derive(Clone, Copy, Debug)]
pub struct Parameter {
    /// Its key in the scenario. `p*` stands for every key of the form `p10`, `p50`, `p2.5` or
    /// `p2_5`.
    pub key: &'static str,
    /// What it is made of.
    pub kind: ParameterKind,
    /// What it means: the end of the sentence "`key` is …".
    pub meaning: &'static str,
}

/// The bounds that a distribution is given, in the unit of the quantity; none is no bound.
#[derive(Clone, Copy, Debug, Default)]
pub struct Bounds {
    /// No value is below.
    pub at_least: Option<f64>,
    /// No value is above.
    pub at_most: Option<f64>,
}

/// Makes the law of a family from its arguments, or says all that is wrong with them. The bounds are what the law is given
/// afterwards; a family may look at them where it has several laws to choose from.
pub type Build = fn(&Arguments, Bounds) -> Result<Arc<dyn Law>, Vec<Refusal>>;

/// A family of laws: what help, schema, documentation and the reader of scenarios know about it.
pub struct Family {
    /// Its name in the scenario.
    pub name: &'static str,
    /// One sentence: what it is for.
    pub summary: &'static str,
    /// Every key it knows.
    pub parameters: &'static [Parameter],
    /// Each a complete set of keys that must be given together; exactly one set is given.
    pub alternatives: &'static [&'static [&'static str]],
    /// Keys that may be added to any of the alternatives.
    pub optional: &'static [&'static str],
    /// A valid value in TOML.
    pub example: &'static str,
    /// The law of these arguments. [`Distribution::new`] has checked that one alternative is
    /// complete and every number finite; what remains to be refused is what is impossible for this
    /// family.
    pub build: Build,
}

impl Debug for Family {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Family {
    /// The parameter that `key` names, also where the family's keys are open (`p37.5`).
    #[must_use]
    pub fn parameter(&self, key: &str) -> Option<&Parameter> {
        self.parameters.iter().find(|parameter| {
            parameter.key == key
                || (parameter.key == quantiles::OPEN_KEY && quantiles::probability(key).is_some())
        })
    }

    /// The alternatives in words: "`mean` and `sd`, or `p10` and `p90`".
    #[must_use]
    pub fn alternatives_in_words(&self) -> String {
        let sets = self.alternatives.iter().map(|keys| {
            keys.iter()
                .map(|key| format!("`{key}`"))
                .collect::<Vec<_>>()
                .join(" and ")
        });
        sets.collect::<Vec<_>>().join(", or ")
    }
}

/// A family with its law, given the bounds, if there are any: what a quantity of a scenario
/// follows.
#[derive(Clone, Debug)]
pub struct Distribution {
    family: &'static Family,
    law: Arc<dyn Law>,
}

impl Distribution {
    /// The law of `family` with these `arguments`, given that the value is `at_least` and `at_most`
    /// these bounds.
    ///
    /// Values, bounds and results are in the quantity's own unit.
    ///
    /// # Errors
    ///
    /// Every reason at once why there is no such law: unknown, missing, contradictory or impossible
    /// parameters, or bounds between which the law has no probability.
    pub fn new(
        family: &'static Family,
        arguments: &Arguments,
        at_least: Option<f64>,
        at_most: Option<f64>,
    ) -> Result<Self, Vec<Refusal>> {
        arguments.check(family)?;
        let law = (family.build)(arguments, Bounds { at_least, at_most })?;
        check_magnitude(&*law)?;
        let law = truncated::given(law, at_least, at_most)?;
        Ok(Self { family, law })
    }

    /// The family it was written as.
    #[must_use]
    pub fn family(&self) -> &'static Family {
        self.family
    }

    /// Its law, given its bounds.
    #[must_use]
    pub fn law(&self) -> &Arc<dyn Law> {
        &self.law
    }

    /// See [`Law::quantile`].
    #[must_use]
    pub fn quantile(&self, u: f64) -> f64 {
        self.law.quantile(u)
    }

    /// See [`Law::upper_quantile`].
    #[must_use]
    pub fn upper_quantile(&self, q: f64) -> f64 {
        self.law.upper_quantile(q)
    }

    /// See [`Law::cdf`].
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.law.cdf(x)
    }

    /// See [`Law::mean`].
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.law.mean()
    }

    /// See [`Law::variance`].
    #[must_use]
    pub fn variance(&self) -> f64 {
        self.law.variance()
    }

    /// See [`Law::support`].
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        self.law.support()
    }

    /// The name of the family, and which law of it that is, where it has several: "quantiles with a lower end".
    #[must_use]
    pub fn name(&self) -> String {
        let variant = self.law.variant().map(|variant| format!(" {variant}"));
        format!("{}{}", self.family.name, variant.unwrap_or_default())
    }

    /// See [`Law::is_continuous`].
    #[must_use]
    pub fn is_continuous(&self) -> bool {
        self.law.is_continuous()
    }
}

/// Refuses a law that floating-point numbers cannot hold, such as a scale of 1e308 with a heavy
/// tail.
fn check_magnitude(law: &dyn Law) -> Result<(), Vec<Refusal>> {
    let (low, high) = (law.quantile(1e-9), law.upper_quantile(1e-9));
    let too_narrow = law.is_continuous() && law.quantile(0.1) >= law.quantile(0.9);
    if low.is_finite() && high.is_finite() && !too_narrow {
        return Ok(());
    }
    let message =
        format!("these parameters are beyond what can be computed: values would reach from {low} to {high}");
    Err(vec![Refusal::of_the_whole(
        message,
        "choose less extreme parameters, or write a plain number if it hardly varies",
    )])
}

/// What a reader wants to know about a distribution at a glance, in the quantity's own unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// The expected value; may be infinite.
    pub mean: f64,
    /// The standard deviation; may be infinite.
    pub sd: f64,
    /// The 5th percentile.
    pub p5: f64,
    /// The median.
    pub p50: f64,
    /// The 95th percentile.
    pub p95: f64,
}

/// The mean, the standard deviation and three percentiles of `distribution`.
#[must_use]
pub fn describe(distribution: &Distribution) -> Summary {
    Summary {
        mean: distribution.mean(),
        sd: distribution.variance().sqrt(),
        p5: distribution.quantile(0.05),
        p50: distribution.quantile(0.5),
        p95: distribution.quantile(0.95),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Distribution, FAMILIES, describe, family};
    use crate::distribution::check::{build, example_arguments, refusals};
    use crate::distribution::{Argument, Arguments};

    #[test]
    fn every_family_is_documented_and_complete() {
        let mut names = BTreeSet::new();
        for family in FAMILIES {
            let name = family.name;
            assert!(names.insert(name), "{name} is registered twice");
            assert!(
                family.summary.ends_with('.') && family.summary.len() > 20,
                "{name} lacks a summary"
            );
            assert!(
                family.example.starts_with(&format!("{{ {name} = {{ ")),
                "{name} lacks an example"
            );
            assert!(!family.alternatives.is_empty(), "{name} has no alternatives");
            let known: BTreeSet<_> = family.parameters.iter().map(|parameter| parameter.key).collect();
            let used: BTreeSet<_> = family
                .alternatives
                .iter()
                .copied()
                .flatten()
                .chain(family.optional)
                .copied()
                .collect();
            assert_eq!(
                known, used,
                "{name}: the parameters and the keys of its alternatives differ"
            );
            assert!(
                family
                    .parameters
                    .iter()
                    .all(|parameter| !parameter.meaning.is_empty()),
                "{name}: a meaning is missing"
            );
        }
    }

    #[test]
    fn every_alternative_builds_and_describes_itself() {
        for family in FAMILIES {
            for arguments in example_arguments(family.name) {
                let distribution = Distribution::new(family, &arguments, None, None)
                    .unwrap_or_else(|refusals| panic!("{}: {arguments:?}: {refusals:?}", family.name));
                let summary = describe(&distribution);
                assert!(
                    summary.p5 <= summary.p50 && summary.p50 <= summary.p95,
                    "{}: {summary:?}",
                    family.name
                );
                assert!(
                    summary.mean.is_finite() && summary.sd > 0.0,
                    "{}: {summary:?}",
                    family.name
                );
                assert_eq!(distribution.family().name, family.name);
            }
        }
    }

    #[test]
    fn faults_common_to_all_families_are_refused_all_at_once() {
        let refused = refusals("normal", &[("mean", 1.0), ("sigma", 2.0), ("tau", 3.0)]);
        let at: Vec<_> = refused
            .iter()
            .filter_map(|refusal| refusal.parameter.as_deref())
            .collect();
        assert_eq!(at, ["sigma", "tau"]);
        let refused = refusals("normal", &[("mean", 1.0)]);
        assert_eq!(
            refused[0].message,
            "`normal` needs `mean` and `sd`, or `p5` and `p95`, or `p10` and `p90`, or `p25` and `p75`; given: `mean`"
        );
        let refused = refusals("normal", &[("mean", 1.0), ("sd", 1.0), ("p10", 0.0)]);
        assert!(
            refused[0].message.contains("given: `mean`, `p10` and `sd`"),
            "{refused:?}"
        );
        assert!(
            refusals("normal", &[("mean", f64::NAN), ("sd", 1.0)])[0]
                .message
                .contains("finite")
        );
        let text = Arguments::from([("mean", Argument::from("soon")), ("sd", Argument::from(1.0))]);
        let refused =
            Distribution::new(family("normal").expect("registered"), &text, None, None).expect_err("a text");
        assert_eq!(refused[0].parameter.as_deref(), Some("mean"));
    }

    #[test]
    fn what_floating_point_cannot_hold_is_refused() {
        assert!(refusals("lognormal", &[("median", 1e200), ("p90", 1e201)]).is_empty());
        assert!(!refusals("lognormal", &[("median", 1e300), ("p90", 1e308)]).is_empty());
        assert!(!refusals("normal", &[("mean", 1e300), ("sd", 1.0)]).is_empty());
    }

    #[test]
    fn a_summary_of_the_standard_normal() {
        let summary = describe(&build("normal", &[("mean", 0.0), ("sd", 1.0)]));
        assert!((summary.p95 - 1.644_853_626_951_472_2).abs() < 1e-14);
        assert_eq!((summary.mean, summary.sd, summary.p50), (0.0, 1.0, 0.0));
    }
}
