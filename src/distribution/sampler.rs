//! What the hot loop draws with: the fastest exact way, or a table within its bound, decided once
//! when the plan is made.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::distribution::{Distribution, Law, Standard, Table};
use crate::wide::wide;

/// Uniforms that are looked up together.
const CHUNK: usize = 64;

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
#[derive(Debug, Default)]
pub struct TableCache {
    tables: BTreeMap<String, Option<Arc<Table>>>,
}

impl TableCache {
    /// An empty cache.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The table of a standard law, built when it is asked for first; none, if it has none.
    pub fn table(&mut self, standard: &Standard) -> Option<Arc<Table>> {
        let build = || Table::build(&*standard.law).map(Arc::new);
        self.tables
            .entry(standard.key.clone())
            .or_insert_with(build)
            .clone()
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

/// Draws values of one distribution: one uniform in, one value out.
#[derive(Clone, Debug)]
pub struct Sampler {
    location: f64,
    scale: f64,
    lowest: f64,
    highest: f64,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Closed(ClosedForm),
    /// The table of the standard law, and the law itself for where the table ends.
    Table(Arc<Table>, Arc<dyn Law>),
    Exact(Arc<dyn Law>),
}

impl Sampler {
    /// The fastest way to draw from `distribution`; a table comes from `cache`.
    pub fn new(distribution: &Distribution, cache: &mut TableCache) -> Self {
        let law = distribution.law();
        let (lowest, highest) = law.support();
        let plain = |kind| Self {
            location: 0.0,
            scale: 1.0,
            lowest,
            highest,
            kind,
        };
        if let Some(form) = law.closed_form() {
            return plain(Kind::Closed(form));
        }
        if law.is_cheap() {
            return plain(Kind::Exact(Arc::clone(law)));
        }
        let standard = law
            .standard()
            .unwrap_or_else(|| Standard::new(0.0, 1.0, Arc::clone(law)));
        match cache.table(&standard) {
            Some(table) => {
                let kind = Kind::Table(table, Arc::clone(law));
                Self {
                    location: standard.location,
                    scale: standard.scale,
                    lowest,
                    highest,
                    kind,
                }
            }
            None => plain(Kind::Exact(Arc::clone(law))),
        }
    }

    /// The value of the uniform `u`, 0 < `u` < 1: the quantile, within the bound of [`Table`] and
    /// never outside the support.
    #[inline]
    #[must_use]
    pub fn value(&self, u: f64) -> f64 {
        match &self.kind {
            Kind::Closed(form) => form.quantile(u, 1.0 - u),
            Kind::Table(table, law) => match table.eval(u) {
                Some(x) => (self.location + self.scale * x)
                    .max(self.lowest)
                    .min(self.highest),
                None => law.quantile(u),
            },
            Kind::Exact(law) => law.quantile(u),
        }
    }

    /// Replaces each uniform of `column` by its [`value`](Self::value), with the choice of the way made once.
    pub fn fill(&self, column: &mut [f64]) {
        match &self.kind {
            Kind::Closed(form) => {
                let form = *form;
                wide(|| column.iter_mut().for_each(|u| *u = form.quantile(*u, 1.0 - *u)));
            }
            Kind::Exact(law) => column.iter_mut().for_each(|u| *u = law.quantile(*u)),
            Kind::Table(table, law) => column
                .chunks_mut(CHUNK)
                .for_each(|chunk| self.fill_from_table(table, &**law, chunk)),
        }
    }

    /// All that the table has in one wide loop, then the few that it has not, one by one.
    fn fill_from_table(&self, table: &Table, law: &dyn Law, chunk: &mut [f64]) {
        let mut uniforms = [0.5; CHUNK];
        let uniforms = &mut uniforms[..chunk.len()];
        uniforms.copy_from_slice(chunk);
        let (location, scale, lowest, highest) = (self.location, self.scale, self.lowest, self.highest);
        let is_whole = wide(|| {
            table.eval_all(chunk);
            let mut is_whole = true;
            for x in chunk.iter_mut() {
                is_whole &= !x.is_nan();
                let value = location + scale * *x;
                let value = if value < lowest { lowest } else { value };
                *x = if value > highest { highest } else { value };
            }
            is_whole
        });
        if !is_whole {
            for (x, &u) in chunk.iter_mut().zip(&*uniforms) {
                if x.is_nan() {
                    *x = law.quantile(u);
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

#[cfg(test)]
mod tests {
    use super::{Sampler, TableCache};
    use crate::distribution::check::{build, example_arguments, probabilities};
    use crate::distribution::table::LARGEST_ERROR;
    use crate::distribution::{Distribution, FAMILIES};

    #[test]
    fn every_family_is_sampled_within_the_bound() {
        let mut cache = TableCache::new();
        for family in FAMILIES {
            for arguments in example_arguments(family.name) {
                let distribution = Distribution::new(family, &arguments, None, None).expect("valid");
                let sampler = Sampler::new(&distribution, &mut cache);
                let bound = LARGEST_ERROR * (distribution.quantile(0.9) - distribution.quantile(0.1));
                let mut column = probabilities();
                sampler.fill(&mut column);
                for (u, x) in probabilities().into_iter().zip(column) {
                    assert!(x.to_bits() == sampler.value(u).to_bits());
                    let error = (x - distribution.quantile(u)).abs();
                    assert!(error <= bound, "{}: {error:e} at {u}", family.name);
                }
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
