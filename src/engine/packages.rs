//! Packages: when each is assembled, how much it is, and when it supplies.

use super::draws::Witness;
use super::pledges::first_completed;
use super::{Block, within};
use crate::model::{ALWAYS, PackageId};
use crate::plan::Plan;

impl Block {
    /// Computes one package for all trials.
    pub(super) fn package<W: Witness>(&mut self, plan: &Plan, package: PackageId, witness: &mut W) {
        let planned = plan.packages[package];
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
}
