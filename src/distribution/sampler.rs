//! What the hot loop draws with: the fastest exact way, or a table within its bound, decided once
//! when the plan is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator, IntoParallelIterator, ParallelIterator};

use crate::distribution::{Distribution, Identity, Law, Standard, Table};
use crate::draw::Uniform;
use crate::wide::cubics::distance;
use crate::wide::{Affine, look_up};
use crate::wide_loop;

/// A quantile function of +, ·, √ and comparisons, evaluated without an indirect call.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ClosedForm {
    /// See [`uniform`](crate::distribution::uniform).
    Uniform {
        /// The least value.
        min: f64,
        /// The largest value.
        max: f64,
    },
    /// See [`triangular`](crate::distribution::triangular).
    Triangular {
        /// The least value.
        min: f64,
        /// The most likely value.
        mode: f64,
        /// The largest value.
        max: f64,
    },
}

impl ClosedForm {
    /// The quantile of `u`, or of 1 − `q` where that is more precise; `u` + `q` = 1.
    #[inline]
    #[must_use]
    pub fn quantile(self, u: f64, q: f64) -> f64 {
        match self {
            Self::Uniform { min, max } => {
                let x = if u <= 0.5 {
                    min + u * (max - min)
                } else {
                    max - q * (max - min)
                };
                x.max(min).min(max)
            }
            Self::Triangular { min, mode, max } => {
                let width = max - min;
                let is_rising = u * width <= mode - min;
                let x = if is_rising {
                    min + (u * width * (mode - min)).sqrt()
                } else {
                    max - (q * width * (max - mode)).sqrt()
                };
                x.max(min).min(max)
            }
        }
    }
}

/// Tables by the identity of their law, so that equal laws, and those that differ in location and
/// scale only, share one.
#[derive(Clone, Debug, Default)]
pub struct TableCache {
    tables: BTreeMap<Identity, Option<Arc<Table>>>,
}

impl TableCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of a standard law, built when it is asked for first; none, if it has none.
    pub fn table(&mut self, standard: &Standard) -> Option<Arc<Table>> {
        if let Some(table) = self.tables.get(&standard.identity) {
            return table.clone();
        }
        let table = Table::build(&*standard.law).map(Arc::new);
        self.tables.insert(standard.identity.clone(), table.clone());
        table
    }

    /// Builds all tables that will be asked for and are not there yet, on all cores. Each is a function of its law alone,
    /// so neither their order nor the number of threads makes a difference.
    pub fn prepare<'d>(&mut self, distributions: impl IntoIterator<Item = &'d Distribution>) {
        let mut missing = BTreeMap::new();
        for standard in distributions.into_iter().filter_map(tabulated) {
            if !self.tables.contains_key(&standard.identity) {
                missing.insert(standard.identity, standard.law);
            }
        }
        let missing: Vec<_> = missing.into_iter().collect();
        let built: Vec<_> = missing
            .into_par_iter()
            .with_max_len(1)
            .map(|(identity, law)| (identity, Table::build(&*law).map(Arc::new)))
            .collect();
        self.tables.extend(built);
    }

    /// How many laws were asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tables.len()
    }

    /// Whether none was asked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tables.is_empty()
    }
}

/// Draws values of one distribution: one uniform of 32 bits in, one value of 24 significant bits out.
#[derive(Clone, Debug)]
pub struct Sampler {
    affine: Affine,
    kind: Kind,
    /// The law itself, for where the way of `kind` ends.
    law: Arc<dyn Law>,
}

#[derive(Clone, Debug)]
enum Kind {
    Closed(Short),
    /// The table of the standard law.
    Table(Arc<Table>),
    Exact,
}

/// A closed form with all that is constant worked out.
#[derive(Clone, Copy, Debug)]
enum Short {
    Uniform {
        min: f32,
        max: f32,
        width: f32,
    },
    Triangular {
        min: f32,
        max: f32,
        /// The probability of the rising side.
        rising: f32,
        /// Width times the length of each side.
        sides: [f32; 2],
    },
}

impl Short {
    fn new(form: ClosedForm) -> Self {
        match form {
            ClosedForm::Uniform { min, max } => Self::Uniform {
                min: short(min),
                max: short(max),
                width: short(max - min),
            },
            ClosedForm::Triangular { min, mode, max } => Self::Triangular {
                min: short(min),
                max: short(max),
                rising: short((mode - min) / (max - min)),
                sides: [(max - min) * (mode - min), (max - min) * (max - mode)].map(short),
            },
        }
    }

    /// The value at a probability `p` from the end of a side.
    #[inline(always)]
    fn value(self, p: f32, upper: bool) -> f32 {
        match self {
            Self::Uniform { min, max, width } => {
                if upper {
                    max - p * width
                } else {
                    min + p * width
                }
            }
            Self::Triangular {
                min,
                max,
                rising,
                sides,
            } => {
                let (u, q) = if upper { (1.0 - p, p) } else { (p, 1.0 - p) };
                let is_rising = u <= rising;
                let root = if is_rising { u * sides[0] } else { q * sides[1] }.sqrt();
                if is_rising { min + root } else { max - root }
            }
        }
    }
}

/// A number in 24 significant bits.
#[allow(clippy::cast_possible_truncation, reason = "24 bits are wanted")]
fn short(value: f64) -> f32 {
    value as f32
}

/// The law whose table a distribution is drawn from; none, if it is drawn without one.
fn tabulated(distribution: &Distribution) -> Option<Standard> {
    let law = distribution.law();
    if law.is_cheap() || law.closed_form().is_some() {
        return None;
    }
    let itself = || Standard::itself(Arc::clone(law));
    Some(law.standard().unwrap_or_else(itself))
}

/// The part of 1 that a step of the uniforms is.
const STEP: f32 = 1.0 / 4_294_967_296.0;

impl Sampler {
    /// The fastest way to draw from `distribution`; a table comes from `cache`.
    pub fn new(distribution: &Distribution, cache: &mut TableCache) -> Self {
        let law = distribution.law();
        let [lowest, highest] = drawn_range(&**law);
        let mut sampler = Self {
            affine: Affine {
                location: 0.0,
                scale: 1.0,
                lowest,
                highest,
            },
            kind: Kind::Exact,
            law: Arc::clone(law),
        };
        if let Some(form) = law.closed_form() {
            sampler.kind = Kind::Closed(Short::new(form));
        } else if let Some(standard) = tabulated(distribution)
            && let Some(table) = cache.table(&standard)
        {
            sampler.affine.location = short(standard.location);
            sampler.affine.scale = short(standard.scale);
            sampler.kind = Kind::Table(table);
        }
        sampler
    }

    /// The value of a uniform: the quantile, within the bound of [`Table`] and never outside the support.
    #[inline]
    #[must_use]
    pub fn value(&self, uniform: Uniform) -> f32 {
        let (v, upper) = distance(uniform.0);
        self.at(v, upper, || uniform.value())
    }

    /// The value of a uniform that is no multiple of the step of [`Uniform`]; 0 < `u` < 1.
    #[inline]
    #[must_use]
    pub fn value_at(&self, u: f64) -> f32 {
        let upper = u > 0.5;
        let p = if upper { 1.0 - u } else { u };
        self.at(short(p * 4_294_967_296.0), upper, || u)
    }

    /// The value at a distance from the nearer end, in steps; `u` is the same as a probability.
    #[inline]
    fn at(&self, v: f32, upper: bool, u: impl Fn() -> f64) -> f32 {
        let value = match &self.kind {
            Kind::Closed(form) => self.affine.within(form.value(v * STEP, upper)),
            Kind::Table(table) => self.affine.of(table.eval(v, upper)),
            Kind::Exact => f32::NAN,
        };
        if value.is_nan() { self.exact(u()) } else { value }
    }

    /// The exact quantile, in 24 bits.
    fn exact(&self, u: f64) -> f32 {
        self.affine.within(short(self.law.quantile(u)))
    }

    /// The [`value`](Self::value) of each uniform, with the choice of the way made once.
    pub fn fill(&self, uniforms: &[u32], values: &mut [f32]) {
        match &self.kind {
            Kind::Closed(form) => {
                fill_closed(*form, self.affine, uniforms, values);
            }
            Kind::Table(table) => self.fill_from_table(table, uniforms, values),
            Kind::Exact => {
                for (value, &h) in values.iter_mut().zip(uniforms) {
                    *value = self.exact(Uniform(h).value());
                }
            }
        }
    }

    /// All that the table has in wide loops, then the few that it has not, one by one.
    fn fill_from_table(&self, table: &Table, uniforms: &[u32], values: &mut [f32]) {
        if look_up(table.segments(), table.shape(), self.affine, uniforms, values) {
            for (value, &h) in values.iter_mut().zip(uniforms) {
                if value.is_nan() {
                    *value = self.exact(Uniform(h).value());
                }
            }
        }
    }

    /// Whether it draws from a table, and not exactly.
    #[must_use]
    pub fn is_tabulated(&self) -> bool {
        matches!(self.kind, Kind::Table(..))
    }
}

wide_loop! {
    /// The values of a closed form.
    fn fill_closed(form: Short, affine: Affine, uniforms: &[u32], values: &mut [f32]) {
        for (value, &h) in values.iter_mut().zip(uniforms) {
            let (v, upper) = distance(h);
            *value = affine.within(form.value(v * STEP, upper));
        }
    }
}

/// The least and the largest value of 24 bits that is drawn of a law: within its support, or next to it where no number of 24 bits
/// lies within.
#[must_use]
pub fn drawn_range(law: &dyn Law) -> [f32; 2] {
    let (lowest, highest) = law.support();
    let within = [at_least(lowest), at_most(highest)];
    if within[0] <= within[1] {
        within
    } else {
        [short(f64::midpoint(lowest, highest)); 2]
    }
}

/// The least number of 24 bits that is not below a value.
fn at_least(value: f64) -> f32 {
    let near = short(value);
    if f64::from(near) < value {
        near.next_up()
    } else {
        near
    }
}

/// The largest number of 24 bits that is not above a value.
fn at_most(value: f64) -> f32 {
    let near = short(value);
    if f64::from(near) > value {
        near.next_down()
    } else {
        near
    }
}

#[cfg(test)]
mod tests {
    use super::{Sampler, TableCache, tabulated};
    use crate::distribution::check::{build, example_arguments, probabilities};
    use crate::distribution::table::{LARGEST_ERROR, ROUNDING};
    use crate::distribution::{Distribution, FAMILIES};
    use crate::draw::Uniform;

    #[test]
    fn every_family_is_sampled_within_the_bound() {
        let mut cache = TableCache::new();
        for family in FAMILIES {
            for arguments in example_arguments(family.name) {
                let distribution = Distribution::new(family, &arguments, None, None).expect("valid");
                let sampler = Sampler::new(&distribution, &mut cache);
                let bound = LARGEST_ERROR * (distribution.quantile(0.9) - distribution.quantile(0.1));
                let uniforms: Vec<u32> = probabilities()
                    .into_iter()
                    .map(|u| Uniform::nearest(u).0)
                    .collect();
                let mut column = vec![0.0; uniforms.len()];
                sampler.fill(&uniforms, &mut column);
                for (&h, x) in uniforms.iter().zip(column) {
                    assert!(x.to_bits() == sampler.value(Uniform(h)).to_bits());
                    let (u, x) = (Uniform(h).value(), f64::from(x));
                    let exact = distribution.quantile(u);
                    let error = (x - exact).abs();
                    assert!(
                        error <= bound.max(ROUNDING * exact.abs()),
                        "{}: {error:e} at {u}",
                        family.name
                    );
                    assert!(
                        (f64::from(sampler.value_at(u)) - x).abs() <= bound.max(ROUNDING * exact.abs()),
                        "{} at {u}",
                        family.name
                    );
                }
            }
        }
    }

    #[test]
    fn standard_laws_have_one_identity_just_if_they_have_one_text() {
        let laws = FAMILIES.iter().flat_map(|family| {
            let laws = example_arguments(family.name).into_iter();
            laws.map(|arguments| Distribution::new(family, &arguments, None, None).expect("valid"))
        });
        let standards: Vec<_> = laws
            .filter_map(|law| tabulated(&law))
            .map(|standard| (format!("{:?}", standard.law), standard.identity))
            .collect();
        for (text, identity) in &standards {
            for (other_text, other_identity) in &standards {
                assert_eq!(
                    text == other_text,
                    identity == other_identity,
                    "{text} {other_text}"
                );
            }
        }
    }

    #[test]
    fn laws_that_differ_in_location_and_scale_share_one_table() {
        let mut cache = TableCache::new();
        let laws = [
            build("normal", &[("mean", 0.0), ("sd", 1.0)]),
            build("normal", &[("mean", 7.0), ("sd", 3.0)]),
            build("exponential", &[("mean", 7.0)]),
            build("exponential", &[("median", 1.0)]),
            build("pert", &[("min", 10.0), ("mode", 30.0), ("max", 90.0)]),
            build("pert", &[("min", 1.0), ("mode", 3.0), ("max", 9.0)]),
        ];
        for law in &laws {
            assert!(Sampler::new(law, &mut cache).is_tabulated());
        }
        assert_eq!(cache.len(), 3);
        let uniform = build("uniform", &[("min", 0.0), ("max", 1.0)]);
        assert!(!Sampler::new(&uniform, &mut cache).is_tabulated());
        assert_eq!(cache.len(), 3);
    }
}
