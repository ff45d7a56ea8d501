//! What can be played for all trials together, a column at a time: that which neither effects nor spells act on.

use super::{Chance, Copula, Quantity, Scores, Value};
use crate::amount::Measure;
use crate::draw::uniforms_below;
use crate::model::{
    ALWAYS, Contributor, Initial, Package, Process, QuantityId, SignalId, Transition, Visits,
};

/// How a chance is tossed that is the same in all trials.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Toss {
    /// It always says no.
    Never,
    /// It always says yes.
    Always,
    /// It says yes up to this uniform.
    UpTo(u32),
    /// It says yes below this score, in a copula with a common factor.
    Below {
        /// The least score that says no.
        score: f32,
        /// Which copula.
        copula: usize,
    },
}

/// A process that goes on and off, and only then on again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Alternation {
    /// What must hold while the clocks of going on run; it only switches on.
    pub requires: SignalId,
    /// The chance of going on at all.
    pub chance: Option<(usize, Toss)>,
    /// How long until it is on first.
    pub after: QuantityId,
    /// How long it is on; for good, if absent.
    pub lasts: Option<QuantityId>,
    /// How long until it is on again; never, if absent.
    pub again: Option<QuantityId>,
}

/// Decides what can be played by columns.
pub(super) struct Columns<'a> {
    pub(super) quantities: &'a [Quantity],
    pub(super) chances: &'a [Chance],
    pub(super) copulas: &'a [Copula],
    pub(super) is_rising: &'a [bool],
}

impl Columns<'_> {
    fn is_plain(&self, quantity: QuantityId) -> bool {
        self.quantities[quantity].is_plain
    }

    /// Whether 24 significant bits of an amount are enough, as arrivals have them.
    fn is_short(&self, amount: QuantityId, measure: Measure) -> bool {
        match self.quantities[amount].value {
            Value::Constant(value) => measure.is_short(value),
            Value::Drawn(_) => true,
        }
    }

    /// How a chance is tossed, if it is the same in all trials.
    pub(super) fn toss(&self, chance: usize) -> Option<Toss> {
        let chance = &self.chances[chance];
        let Value::Constant(probability) = self.quantities[chance.probability].value else {
            return None;
        };
        if !chance.odds.is_empty() {
            return None;
        }
        if let Some((copula, _)) = chance.copula {
            let has_common_factor = matches!(self.copulas[copula].structure, Scores::CommonFactor { .. });
            let below = |score| Toss::Below { score, copula };
            return chance.score.filter(|_| has_common_factor).map(below);
        }
        let yes = uniforms_below(probability);
        Some(match yes.checked_sub(1) {
            None => Toss::Never,
            Some(last) => u32::try_from(last)
                .ok()
                .filter(|&last| last < u32::MAX)
                .map_or(Toss::Always, Toss::UpTo),
        })
    }

    /// Whether a contributor is played by columns.
    pub(super) fn is_plain_contributor(&self, contributor: &Contributor) -> bool {
        self.is_rising[contributor.requires]
            && self.is_plain(contributor.decision)
            && contributor
                .chance
                .is_none_or(|chance| self.toss(chance).is_some())
    }

    /// Whether a package is played by columns.
    pub(super) fn is_plain_package(&self, package: &Package, measure: Measure) -> bool {
        package.during == ALWAYS
            && package.sustains.is_none()
            && self.is_rising[package.ready_to_start]
            && self.is_plain(package.notice_to_move)
            && self.is_plain(package.amount)
            && self.is_short(package.amount, measure)
    }

    /// How a process is played by columns, if it can be.
    pub(super) fn alternation(&self, process: &Process) -> Option<Alternation> {
        if process.states.len() != 2 || !matches!(process.initial, Initial::State(0)) {
            return None;
        }
        let only = |is_it: &dyn Fn(&Transition) -> bool| {
            let mut found = process.transitions.iter().filter(|transition| is_it(transition));
            (found.next(), found.next().is_none())
        };
        let (first, one) = only(&|transition| transition.visits == Visits::First);
        let (later, two) = only(&|transition| transition.visits == Visits::Later);
        let (back, three) = only(&|transition| transition.visits == Visits::Each && transition.from == 1);
        let first = first?;
        let known = 1 + usize::from(later.is_some()) + usize::from(back.is_some());
        let is_simple = one && two && three && known == process.transitions.len();
        let chance = match first.chance {
            None => None,
            Some(chance) => Some((chance, self.toss(chance)?)),
        };
        let clocks = [Some(first), later, back].into_iter().flatten();
        let is_plain = clocks.clone().all(|transition| self.is_plain(transition.after));
        let is_unconditional = later
            .is_none_or(|later| later.requires == first.requires && later.chance.is_none())
            && back.is_none_or(|back| back.requires == ALWAYS && back.chance.is_none());
        (is_simple && is_plain && is_unconditional && self.is_rising[first.requires]).then(|| Alternation {
            requires: first.requires,
            chance,
            after: first.after,
            lasts: back.map(|back| back.after),
            again: later.map(|later| later.after),
        })
    }
}
