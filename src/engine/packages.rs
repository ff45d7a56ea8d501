//! Packages: when each is assembled, how much it is, and when it supplies.

use super::draws::{Silent, Witness};
use super::pledges::{first_completed, lanes_that_start, scatter};
use super::{Block, Scratch, within};
use crate::model::{ALWAYS, PackageId};
use crate::plan::Plan;

impl Block {
    /// Computes one package for all trials.
    pub(super) fn package<W: Witness>(&mut self, plan: &Plan, package: PackageId, witness: &mut W) {
        let planned = plan.packages[package];
        if !W::LOOKS && self.package_by_columns(plan, package) {
            return;
        }
        let mut supply = self.take(planned.supply);
        let mut amounts = std::mem::take(&mut self.amounts[package]);
        let count = self.len();
        amounts.clear();
        let ready_to_start = &self.signals[planned.ready_to_start];
        let pledge = &self.signals[planned.pledge];
        let during = &self.signals[planned.during];
        let mut draws = self.draws(plan, witness);
        let mut assemble = |lane: usize| {
            let spells = ready_to_start.of(lane);
            let assembled = first_completed(&mut draws, planned.notice_to_move, 0, lane, &spells, 0.0);
            let assembled = within(assembled, plan.horizon);
            if assembled.is_infinite() {
                amounts.push(f64::NAN);
                return (assembled, assembled);
            }
            amounts.push(draws.value(planned.amount, 0, lane, pledge.first(lane)));
            let end = planned.sustains.map_or(f64::INFINITY, |sustains| {
                assembled + draws.value(sustains, 0, lane, assembled)
            });
            (assembled, within(end, plan.horizon))
        };
        if supply.is_rising() && planned.during == ALWAYS {
            supply.fill_rising(count, |lane| assemble(lane).0);
        } else if supply.is_rising() {
            supply.fill_rising(count, |lane| assemble(lane).0.max(during.first(lane)));
        } else {
            let spells = supply.begin_spells();
            for lane in 0..count {
                let (from, until) = assemble(lane);
                for spell in during.of(lane).iter() {
                    spells.push(spell.on.max(from), spell.off.min(until));
                }
                spells.end();
            }
        }
        self.amounts[package] = amounts;
        self.signals[planned.supply] = supply;
    }

    /// The same for a package that only ever starts to supply and whose notice and amount no effect touches, with one
    /// loop a quantity; false, and nothing done, for any other.
    fn package_by_columns(&mut self, plan: &Plan, package: PackageId) -> bool {
        let planned = plan.packages[package];
        let is_plain = |quantity: usize| plan.quantities[quantity].is_plain;
        let is_simple = planned.during == ALWAYS
            && planned.sustains.is_none()
            && is_plain(planned.notice_to_move)
            && is_plain(planned.amount)
            && self.signals[planned.ready_to_start].is_rising();
        if !is_simple {
            return false;
        }
        let mut scratch = std::mem::take(&mut self.scratch);
        let mut amounts = std::mem::take(&mut self.amounts[package]);
        let mut supply = self.take(planned.supply);
        let count = self.len();
        let Scratch {
            lanes,
            starts,
            values,
            ..
        } = &mut scratch;
        lanes_that_start(&self.signals[planned.ready_to_start], count, lanes, starts);
        let mut silent = Silent;
        let draws = self.draws(plan, &mut silent);
        draws.keep_completed(planned.notice_to_move, lanes, starts, values);
        draws.plain_column(planned.amount, lanes, values);
        scatter(&mut supply, count, lanes, starts);
        amounts.clear();
        amounts.resize(count, f64::NAN);
        for (&lane, &amount) in lanes.iter().zip(&*values) {
            amounts[lane as usize] = amount;
        }
        self.scratch = scratch;
        self.amounts[package] = amounts;
        self.signals[planned.supply] = supply;
        true
    }
}
