//! Sorting networks: exchanges that sort any list of a length, whatever is in it.

use crate::wide::GROUP;

/// The longest list that is sorted by a network: its exchanges grow like n (log n)².
const LONGEST: usize = 64;

/// What sorts a list of groups that are sorted each by itself: exchanges that put the smaller of two first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    rows: usize,
    exchanges: Vec<[u16; 2]>,
}

impl Network {
    /// The network of lists of a length; none, where it is too long to be of use.
    ///
    /// The merges of Batcher's odd-even merge sort (1968) of the next power of two, from [`GROUP`] on, without the
    /// exchanges behind the end of the list: what would stand there is never smaller.
    #[must_use]
    pub fn of(length: usize) -> Option<Self> {
        if length > LONGEST {
            return None;
        }
        let whole = length.next_power_of_two();
        let mut exchanges = Vec::new();
        let mut half = GROUP;
        while half < whole {
            let mut distance = half;
            while distance >= 1 {
                merge(length, half, distance, &mut exchanges);
                distance /= 2;
            }
            half *= 2;
        }
        Some(Self {
            rows: length.next_multiple_of(GROUP),
            exchanges,
        })
    }

    /// The length of the list in whole groups.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The pairs of places, in order.
    #[must_use]
    pub fn exchanges(&self) -> &[[u16; 2]] {
        &self.exchanges
    }
}

/// One step of merging sorted lists of `half`: exchanges over a distance within each pair of lists.
#[allow(clippy::cast_possible_truncation, reason = "at most 64")]
fn merge(length: usize, half: usize, distance: usize, exchanges: &mut Vec<[u16; 2]>) {
    let mut start = distance % half;
    while start + distance < length {
        for upper in start..(start + distance).min(length - distance) {
            if upper / (2 * half) == (upper + distance) / (2 * half) {
                exchanges.push([upper as u16, (upper + distance) as u16]);
            }
        }
        start += 2 * distance;
    }
}

#[cfg(test)]
#[allow(clippy::cast_possible_truncation, reason = "small numbers")]
mod tests {
    use super::*;

    /// The zero-one principle (Knuth): a network that sorts all lists of zeros and ones sorts every list. Groups that
    /// are sorted leave few of them: the number of ones in each.
    #[test]
    fn every_list_of_zeros_and_ones_is_merged() {
        for length in [30, 32, 33, 48, 64] {
            let network = Network::of(length).expect("short");
            let groups = network.rows() / GROUP;
            for number in 0..17_usize.pow(u32::try_from(groups).expect("few")) {
                let ones = |group: u32| number / 17_usize.pow(group) % 17;
                let mut list: Vec<bool> = (0..network.rows())
                    .map(|place| place % GROUP >= GROUP - ones((place / GROUP) as u32) || place >= length)
                    .collect();
                for &[upper, lower] in network.exchanges() {
                    let (upper, lower) = (usize::from(upper), usize::from(lower));
                    if list[upper] & !list[lower] {
                        list.swap(upper, lower);
                    }
                }
                assert!(list.is_sorted(), "{length}: {number}");
            }
        }
    }

    #[test]
    fn short_lists_need_no_merge_and_long_ones_have_no_network() {
        assert!(Network::of(16).is_some_and(|network| network.exchanges().is_empty()));
        assert_eq!(
            (Network::of(0).map(|network| network.rows()), Network::of(65)),
            (Some(0), None)
        );
    }
}
