//! In how many trials the same is true of two gates: what tells whether one is ahead of the other or only seems so.

use crate::lanes::BLOCK;

/// Counts for each pair of gates; none where there are more than 256 gates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pairs {
    gates: usize,
    /// Of gates 0 and 1, 0 and 2, …, 1 and 2, ….
    counts: Vec<u64>,
}

/// The most gates that are compared with each other: their pairs then take less room than all else that is counted.
const MOST: usize = 256;

/// Of which trials of a block something is true, a bit each.
pub(super) type Bits = [u64; BLOCK / 64];

impl Pairs {
    /// No counts of so many gates.
    #[must_use]
    pub fn new(gates: usize) -> Self {
        let pairs = if gates > MOST {
            0
        } else {
            gates * gates.saturating_sub(1) / 2
        };
        Self {
            gates,
            counts: vec![0; pairs],
        }
    }

    /// Counts those trials of a block of which something is true of both gates.
    pub(super) fn add(&mut self, gates: &[Bits]) {
        if self.counts.is_empty() {
            return;
        }
        let pairs = (0..gates.len()).flat_map(|one| (one + 1..gates.len()).map(move |other| (one, other)));
        for (count, (one, other)) in self.counts.iter_mut().zip(pairs) {
            let both = gates[one].iter().zip(&gates[other]);
            *count += both
                .map(|(one, other)| u64::from((one & other).count_ones()))
                .sum::<u64>();
        }
    }

    /// Adds what another counted.
    pub(super) fn merge(&mut self, other: &Self) {
        super::add_all(&mut self.counts, &other.counts);
    }

    /// In how many trials it is true of two different gates; 0, which is the least, where they are not compared.
    #[must_use]
    pub fn both(&self, one: usize, other: usize) -> u64 {
        let (low, high) = (one.min(other), one.max(other));
        let before = low * self.gates - low * (low + 1) / 2;
        self.counts.get(before + high - low - 1).copied().unwrap_or(0)
    }

    /// All counts, for keeping.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// These counts in their places, if there are as many.
    #[must_use]
    pub fn with(self, counts: Vec<u64>) -> Option<Self> {
        (counts.len() == self.counts.len()).then_some(Self { counts, ..self })
    }
}

/// The bits of a column of yes and no.
pub(super) fn bits(is_so: impl Iterator<Item = bool>) -> Bits {
    let mut bits = [0; BLOCK / 64];
    for (lane, is_so) in is_so.enumerate() {
        bits[lane / 64] |= u64::from(is_so) << (lane % 64);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_counted_as_they_are() {
        for count in [0, 1, 2, 3, 7] {
            let is_so = |gate: usize, lane: usize| (lane * (gate + 3)) % 7 < 3;
            let gates: Vec<Bits> = (0..count)
                .map(|gate| bits((0..500).map(|lane| is_so(gate, lane))))
                .collect();
            let mut pairs = Pairs::new(count);
            pairs.add(&gates);
            pairs.add(&gates);
            for one in 0..count {
                for other in (0..count).filter(|&other| other != one) {
                    let both = (0..500).filter(|&lane| is_so(one, lane) && is_so(other, lane));
                    assert_eq!(pairs.both(one, other), 2 * both.count() as u64);
                }
            }
        }
        assert_eq!(Pairs::new(1_000).both(3, 998), 0);
    }
}
