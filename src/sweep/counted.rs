//! What trials have shown of all points: integers, which merge in any order.

use serde::{Deserialize, Serialize};

use super::Sweep;
use super::groups::Group;
use super::sums::Count;
use crate::sampling::Method;

/// Rises with every change of what is packed.
const FORMAT: u32 = 2;

/// All that has been counted of a sweep's trials.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Counted {
    /// Trials of each replicate.
    pub(super) trials: Vec<u64>,
    /// Those in which totals are counted.
    pub(super) total_trials: u64,
    /// For the base, then for each point: nothing for those that are played by the answers of a chance.
    pub(super) counts: Vec<Vec<Count>>,
    /// For each chance whose answers are played.
    pub(super) groups: Vec<Ranked>,
    /// What was counted of all points that use the base's columns at once: trials that are the same in each of them.
    pub(super) alike: Vec<Count>,
}

/// What trials showed of points that are played by the answers of a chance.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(super) struct Ranked {
    /// With the answer no.
    pub no: Vec<Count>,
    /// For each rank, what the answer yes changes from that point on: the last rank is for those that never get it.
    pub changes: Vec<Vec<Count>>,
}

impl Ranked {
    fn new(observed: usize, points: usize, replicates: usize) -> Self {
        let counts = vec![Count::new(replicates); observed];
        Self {
            changes: vec![counts.clone(); points + 1],
            no: counts,
        }
    }

    fn merge(&mut self, other: &Self) {
        merge(&mut self.no, &other.no);
        for (changes, other) in self.changes.iter_mut().zip(&other.changes) {
            merge(changes, other);
        }
    }

    /// Writes the counts of each point: running sums over ranks.
    fn spread(&self, group: &Group, counts: &mut [Vec<Count>]) {
        let mut sum = self.no.clone();
        for (&point, changes) in group.points.iter().zip(&self.changes) {
            merge(&mut sum, changes);
            counts[point + 1].clone_from(&sum);
        }
    }
}

fn merge(counts: &mut [Count], others: &[Count]) {
    for (count, other) in counts.iter_mut().zip(others) {
        count.merge(other);
    }
}

impl Counted {
    /// Nothing.
    pub(super) fn new(sweep: &Sweep<'_>, method: Method) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a few")]
        let replicates = method.replicates().count() as usize;
        let counts = |observed: usize| vec![Count::new(replicates); observed];
        let observed = sweep.observed[0].len();
        let groups = sweep.ways.groups.iter();
        Self {
            trials: vec![0; replicates],
            total_trials: 0,
            counts: sweep.observed.iter().map(|all| counts(all.len())).collect(),
            groups: groups
                .map(|group| Ranked::new(observed, group.points.len(), replicates))
                .collect(),
            alike: counts(observed),
        }
    }

    /// Adds what another has counted.
    pub(super) fn merge(&mut self, other: &Self) {
        for (counts, others) in self.counts.iter_mut().zip(&other.counts) {
            merge(counts, others);
        }
        for (group, other) in self.groups.iter_mut().zip(&other.groups) {
            group.merge(other);
        }
        merge(&mut self.alike, &other.alike);
        for (sum, trials) in self.trials.iter_mut().zip(&other.trials) {
            *sum += trials;
        }
        self.total_trials += other.total_trials;
    }

    /// How many trials.
    #[must_use]
    pub fn trials(&self) -> u64 {
        self.trials.iter().sum()
    }

    /// The counts of the base, then of each point.
    pub(super) fn of_points(&self, sweep: &Sweep<'_>) -> Vec<Vec<Count>> {
        let mut counts = self.counts.clone();
        for (group, ranked) in sweep.ways.groups.iter().zip(&self.groups) {
            ranked.spread(group, &mut counts);
        }
        for point in sweep.ways.near() {
            merge(&mut counts[point + 1], &self.alike);
        }
        counts
    }

    /// It as bytes, for a run that is taken up.
    ///
    /// # Panics
    /// Never: whole numbers can be written.
    #[must_use]
    pub fn pack(&self) -> Vec<u8> {
        postcard::to_allocvec(&(FORMAT, self)).expect("counts can be written")
    }

    /// What was packed; `None` if it is not of that sweep.
    #[must_use]
    pub fn unpack(bytes: &[u8], sweep: &Sweep<'_>, method: Method) -> Option<Self> {
        let (format, rest) = postcard::take_from_bytes::<u32>(bytes).ok()?;
        if format != FORMAT {
            return None;
        }
        let counted: Self = postcard::from_bytes(rest).ok()?;
        let empty = Self::new(sweep, method);
        (counted.shape() == empty.shape()).then_some(counted)
    }

    /// How many there are of all that is counted.
    fn shape(&self) -> Vec<usize> {
        let groups = self.groups.iter();
        let ranks = groups.flat_map(|group| [group.no.len(), group.changes.len()]);
        [self.trials.len(), self.alike.len()]
            .into_iter()
            .chain(self.counts.iter().map(Vec::len))
            .chain(ranks)
            .collect()
    }
}
