//! Packages: when each is assembled, how much it is, and when it supplies.

use super::draws::Witness;
use super::pledges::first_completed;
use super::signal::Spell;
use super::{Block, arrivals, columns};
use crate::model::{ALWAYS, PackageId};
use crate::plan::Plan;
use crate::time::NEVER;

impl Block {
    /// Computes one package for all trials.
    pub(super) fn package<W: Witness>(&mut self, plan: &Plan, package: PackageId, witness: &mut W) {
        let planned = plan.packages[package];
        if planned.is_plain && !W::LOOKS {
            if !planned.is_brought {
                self.package_by_columns(plan, package);
            }
            return;
        }
        if !W::LOOKS {
            let quantities = [planned.notice_to_move, planned.amount].into_iter();
            self.draw_ahead(plan, quantities.chain(planned.sustains), planned.ready_to_start);
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
            let assembled = first_completed(&mut draws, planned.notice_to_move, 0, lane, spells, 0);
            let assembled = plan.time.within(assembled);
            if assembled == NEVER {
                amounts.push(f64::NAN);
                return (NEVER, NEVER);
            }
            amounts.push(draws.amount(planned.amount, lane, pledge.first(lane)));
            let end = planned.sustains.map_or(NEVER, |sustains| {
                assembled.saturating_add(draws.duration(sustains, 0, lane, assembled))
            });
            (assembled, plan.time.within(end))
        };
        if supply.is_rising() && planned.during == ALWAYS {
            supply.fill_rising(count, |lane| assemble(lane).0);
        } else if supply.is_rising() {
            supply.fill_rising(count, |lane| assemble(lane).0.max(during.first(lane)));
        } else {
            let spells = supply.begin_spells(count);
            for lane in 0..count {
                let (from, until) = assemble(lane);
                for spell in during.of(lane) {
                    spells.push(lane, spell.on.max(from), spell.off.min(until));
                }
            }
        }
        self.amounts[package] = amounts;
        self.signals[planned.supply] = supply;
        self.ahead.clear();
    }

    /// The same for a package that only ever starts to supply and whose notice and amount no effect touches.
    fn package_by_columns(&mut self, plan: &Plan, package: PackageId) {
        let planned = plan.packages[package];
        let mut supply = self.take(planned.supply);
        let mut arriving = std::mem::take(&mut self.arrivals[package]);
        let mut desk = std::mem::take(&mut self.scratch.desk);
        self.amounts[package].clear();
        let moments = supply.begin_rising(self.len());
        self.copy_moments(planned.ready_to_start, moments);
        columns::run_clock(&self.points, plan, planned.notice_to_move, 0, moments, &mut desk);
        columns::arrivals(
            &self.points,
            plan,
            planned.amount,
            moments,
            &mut arriving,
            &mut desk,
        );
        self.scratch.desk = desk;
        self.arrivals[package] = arriving;
        self.signals[planned.supply] = supply;
    }

    /// How much a package is in a trial; without a meaning where it is not assembled within the horizon.
    #[must_use]
    pub fn amount(&self, package: PackageId, lane: usize) -> f64 {
        match self.amounts[package].get(lane) {
            Some(&amount) => amount,
            None => arrivals::amount(self.arrivals[package][lane]),
        }
    }

    /// When a package supplies in a trial.
    #[must_use]
    pub fn supplies(&self, plan: &Plan, package: PackageId, lane: usize) -> Vec<Spell> {
        match self.arrivals[package].get(lane) {
            Some(&arrival) if arrival == arrivals::NONE => Vec::new(),
            Some(&arrival) => vec![Spell {
                on: arrivals::moment(arrival),
                off: NEVER,
            }],
            None => self.signals[plan.packages[package].supply].of(lane).collect(),
        }
    }
}
