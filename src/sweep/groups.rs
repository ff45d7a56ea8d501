//! Which points differ in one chance only, and so are played by its two answers.

use super::Variant;
use crate::distribution::TableCache;
use crate::model::{Given, Initial, Model, QuantityId, Visits};
use crate::plan::Plan;
use crate::plan::touched::differences;

/// Points that differ from each other in one chance.
#[derive(Debug)]
pub(super) struct Group {
    /// The chance, as an index into the plan's.
    pub chance: usize,
    /// The scenario with a chance of one.
    pub yes: Plan,
    /// And with none.
    pub no: Plan,
    /// The points, by rising chance.
    pub points: Vec<usize>,
    /// Whether the base differs from them in the chance only.
    pub is_of_base: bool,
}

/// How points are played.
#[derive(Debug, Default)]
pub(super) struct Ways {
    /// By the answers of a chance.
    pub groups: Vec<Group>,
    /// Each by itself, on the base's columns.
    pub singles: Vec<usize>,
    /// Each by itself, on columns of its own.
    pub apart: Vec<usize>,
    /// The quantities in which some point that uses the base's columns differs from it.
    pub changed: Vec<QuantityId>,
}

/// Fewer points than this are played one by one: two answers cost as much.
const FEWEST: usize = 3;

impl Ways {
    /// The ways of some points.
    pub(super) fn of(base: &Variant, points: &[Variant]) -> Self {
        let mut ways = Self::default();
        let mut near = Vec::new();
        for (index, point) in points.iter().enumerate() {
            match differences((&base.model, &base.plan), (&point.model, &point.plan)) {
                Some(changed) => {
                    let new = changed.iter().filter(|quantity| !ways.changed.contains(quantity));
                    let new: Vec<QuantityId> = new.copied().collect();
                    ways.changed.extend(new);
                    near.push(index);
                }
                None => ways.apart.push(index),
            }
        }
        match widest_chance(base, points, &near, &ways.changed) {
            Some((quantity, chance)) => ways.group(base, points, &near, quantity, chance),
            None => ways.singles = near,
        }
        ways
    }

    /// The points that use the base's columns.
    pub(super) fn near(&self) -> impl Iterator<Item = usize> {
        let grouped = self.groups.iter().flat_map(|group| &group.points);
        self.singles.iter().chain(grouped).copied()
    }

    /// How often a block is played again for them.
    pub(super) fn replays(&self) -> usize {
        self.singles.len() + 2 * self.groups.len()
    }

    /// Puts points together that agree in all but the quantity of a chance.
    fn group(
        &mut self,
        base: &Variant,
        points: &[Variant],
        near: &[usize],
        quantity: QuantityId,
        chance: usize,
    ) {
        let others: Vec<QuantityId> = self
            .changed
            .iter()
            .copied()
            .filter(|&changed| changed != quantity)
            .collect();
        let mut sets: Vec<(String, Vec<usize>)> = Vec::new();
        for &point in near {
            let rest = points[point].rest(&others);
            match sets.iter_mut().find(|(known, _)| *known == rest) {
                Some((_, set)) => set.push(point),
                None => sets.push((rest, vec![point])),
            }
        }
        let mut tables = TableCache::new();
        let of_base = base.rest(&others);
        for (rest, mut set) in sets {
            if set.len() < FEWEST {
                self.singles.extend(set);
                continue;
            }
            set.sort_by(|&one, &other| {
                let chance = |point: usize| probability(&points[point].model, quantity).unwrap_or(0.0);
                chance(one).total_cmp(&chance(other))
            });
            let model = &points[set[0]].model;
            self.groups.push(Group {
                chance,
                yes: answered(model, quantity, 1.0, &mut tables),
                no: answered(model, quantity, 0.0, &mut tables),
                points: set,
                is_of_base: rest == of_base,
            });
        }
    }
}

impl Variant {
    /// All that points must agree in to be played by the answers of a chance: some quantities, and the bins in which totals are
    /// counted, which follow from the packages that can come.
    fn rest(&self, quantities: &[QuantityId]) -> String {
        let quantities = quantities
            .iter()
            .map(|&quantity| &self.model.quantities[quantity].given);
        let quantities: Vec<&Given> = quantities.collect();
        let capabilities = self.plan.capabilities.iter();
        let bins: Vec<_> = capabilities
            .map(|capability| (capability.measure, &capability.bins))
            .collect();
        format!("{quantities:?} {bins:?}")
    }
}

/// A scenario in which a chance has one answer.
fn answered(model: &Model, quantity: QuantityId, probability: f64, tables: &mut TableCache) -> Plan {
    let mut model = model.clone();
    model.quantities[quantity].given = Given::Constant(probability);
    Plan::with_tables(&model, tables)
}

/// The probability of a chance that is the same in all trials.
fn probability(model: &Model, quantity: QuantityId) -> Option<f64> {
    match model.quantities[quantity].given {
        Given::Constant(probability) => Some(probability),
        Given::Uncertain(_) => None,
    }
}

/// Of the chances that are tossed once a trial, and are a number in all points, the one with the most values; with its
/// quantity.
fn widest_chance(
    base: &Variant,
    points: &[Variant],
    near: &[usize],
    changed: &[QuantityId],
) -> Option<(QuantityId, usize)> {
    let candidates = changed
        .iter()
        .filter_map(|&quantity| Some((quantity, tossed_once(base, quantity)?)));
    let values = |quantity: QuantityId| -> Option<usize> {
        let values = near
            .iter()
            .map(|&point| probability(&points[point].model, quantity));
        let mut values: Vec<u64> = values
            .map(|value| value.map(f64::to_bits))
            .collect::<Option<_>>()?;
        values.sort_unstable();
        values.dedup();
        Some(values.len())
    };
    candidates
        .filter_map(|(quantity, chance)| Some((values(quantity)?, quantity, chance)))
        .max_by_key(|&(values, quantity, _)| (values, std::cmp::Reverse(quantity)))
        .map(|(_, quantity, chance)| (quantity, chance))
}

/// The chance whose probability a quantity is, if it is tossed once a trial at the most, and its answer depends on nothing
/// that happens before: that of a contributor whom no condition sways, or of a way out of a process' first state that is
/// open on the first visit only.
fn tossed_once(base: &Variant, quantity: QuantityId) -> Option<usize> {
    let (model, plan) = (&base.model, &base.plan);
    let mut chances =
        (0..model.chances.len()).filter(|&chance| model.chances[chance].probability == quantity);
    let (chance, None) = (chances.next()?, chances.next()) else {
        return None;
    };
    let has_it = |found: Option<usize>| found == Some(chance);
    let contributor = model
        .contributors
        .iter()
        .any(|contributor| has_it(contributor.chance));
    let exits = model.processes.iter().flat_map(|process| {
        let first = match process.initial {
            Initial::State(state) => Some(state),
            Initial::Drawn(_) => None,
        };
        process.transitions.iter().map(move |exit| (first, exit))
    });
    let mut exits = exits.filter(|(_, exit)| has_it(exit.chance));
    let is_tossed_once = match (exits.next(), exits.next()) {
        (None, _) => contributor && !plan.chances[chance].varies,
        (Some((first, exit)), None) => {
            !contributor && exit.visits == Visits::First && first == Some(exit.from)
        }
        _ => false,
    };
    is_tossed_once.then_some(chance)
}
