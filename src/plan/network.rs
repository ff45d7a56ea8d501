//! Sorting networks: exchanges that sort any list of a length, whatever is in it.

/// The longest list that is sorted by a network: its exchanges grow like n (log n)².
const LONGEST: usize = 64;

/// The exchanges that sort a list: each puts the smaller of two first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Network {
    exchanges: Vec<[u16; 2]>,
}

impl Network {
    /// The network of lists of a length; none, where it is too long to be of use.
    ///
    /// Batcher's odd-even merge sort (1968) of the next power of two, without the exchanges behind the end of the list:
    /// what would stand there is never smaller.
    #[must_use]
    pub fn of(length: usize) -> Option<Self> {
        if length > LONGEST {
            return None;
        }
        let whole = length.next_power_of_two();
        let mut exchanges = Vec::new();
        let mut half = 1;
        while half < whole {
            let mut distance = half;
            while distance >= 1 {
                merge(length, half, distance, &mut exchanges);
                distance /= 2;
            }
            half *= 2;
        }
        Some(Self { exchanges })
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
mod tests {
    use super::*;

    /// The zero-one principle (Knuth): a network that sorts all lists of zeros and ones sorts every list.
    #[test]
    fn every_list_of_zeros_and_ones_is_sorted() {
        for length in 0..=14 {
            let network = Network::of(length).expect("short");
            for bits in 0..1_u32 << length {
                let mut list: Vec<u32> = (0..length).map(|place| bits >> place & 1).collect();
                for &[upper, lower] in network.exchanges() {
                    let (upper, lower) = (usize::from(upper), usize::from(lower));
                    if list[upper] > list[lower] {
                        list.swap(upper, lower);
                    }
                }
                assert!(list.is_sorted(), "{length}: {bits:b}");
            }
        }
    }

    #[test]
    fn long_lists_are_sorted_too() {
        for length in [30, 33, 63, 64] {
            let network = Network::of(length).expect("short enough");
            for start in 0..500_u64 {
                let next = |place: u64| (start * 64 + place).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
                let mut list: Vec<u64> = (0..length as u64).map(next).collect();
                for &[upper, lower] in network.exchanges() {
                    let (upper, lower) = (usize::from(upper), usize::from(lower));
                    if list[upper] > list[lower] {
                        list.swap(upper, lower);
                    }
                }
                assert!(list.is_sorted(), "{length}");
            }
        }
        assert_eq!(Network::of(65), None);
    }
}
