//! Which gates are ahead of all others, and which only seem to be behind them.

use super::{Replicates, paired};
use crate::model::GateId;
use crate::tally::{Pairs, Tally, WHOLE_SHARE};

/// For each of three figures, the gate with the highest one, followed by those that cannot be told from it: the difference between
/// the two, on the same trials, may be none. Empty where the figure is 0 for all gates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leaders {
    /// It never opens.
    pub missing: Vec<GateId>,
    /// Its share of the bottleneck.
    pub bottleneck: Vec<GateId>,
    /// The mission is ready within the horizon if it is granted.
    pub granted: Vec<GateId>,
}

impl Leaders {
    /// Those of a tally.
    pub(super) fn of(tally: &Tally, replicates: Option<&Replicates<'_>>, confidence: f64) -> Self {
        let gates = tally.gates.len();
        let of_pairs = |count: &dyn Fn(&Tally, GateId) -> u64, pairs: &Pairs| {
            leaders(
                gates,
                |gate| count(tally, gate) as f64,
                |one, other| {
                    let value = |tally: &Tally, gate| count(tally, gate) as f64;
                    if let Some(replicates) = replicates {
                        return replicates.can_be_equal(|tally| value(tally, one) - value(tally, other));
                    }
                    let both = pairs.both(one, other);
                    let [one, other] = [one, other].map(|gate| count(tally, gate) - both);
                    paired::proportion(one, other, tally.trials, confidence).low <= 0.0
                },
            )
        };
        let missing = |tally: &Tally, gate: GateId| tally.gates[gate].missing;
        let decisive = |tally: &Tally, gate: GateId| tally.gates[gate].decisive;
        let share = |tally: &Tally, gate: GateId| tally.gates[gate].share as f64 / f64::from(WHOLE_SHARE);
        let bottleneck = leaders(
            gates,
            |gate| share(tally, gate),
            |one, other| {
                if let Some(replicates) = replicates {
                    return replicates.can_be_equal(|tally| share(tally, one) - share(tally, other));
                }
                // Shares lie between 0 and 1, so the square of their difference is at most their sum.
                let [one, other] = [one, other].map(|gate| share(tally, gate));
                paired::mean(one - other, one + other, tally.trials, 1.0, confidence).low <= 0.0
            },
        );
        Self {
            missing: of_pairs(&missing, &tally.missing_together),
            bottleneck,
            granted: of_pairs(&decisive, &tally.decisive_together),
        }
    }
}

/// The gate with the highest value, the first of equal ones, and those that may be equal to it, the higher before the lower.
fn leaders(
    gates: usize,
    value: impl Fn(GateId) -> f64,
    can_be_equal: impl Fn(GateId, GateId) -> bool,
) -> Vec<GateId> {
    let mut all: Vec<GateId> = (0..gates).filter(|&gate| value(gate) > 0.0).collect();
    all.sort_by(|&one, &other| value(other).total_cmp(&value(one)));
    let Some(&first) = all.first() else {
        return all;
    };
    all.retain(|&gate| gate == first || can_be_equal(first, gate));
    all
}

#[cfg(test)]
mod tests {
    use super::leaders;

    #[test]
    fn the_highest_comes_first_and_only_those_near_it_follow() {
        let values = [0.0, 3.0, 7.0, 6.5, 7.0, 0.0];
        let near = |one: usize, other: usize| values[one] - values[other] < 1.0;
        assert_eq!(leaders(6, |gate| values[gate], near), [2, 4, 3]);
        assert!(leaders(6, |_| 0.0, near).is_empty());
    }
}
