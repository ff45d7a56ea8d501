//! The numbers of trials at which a run looks at what it has found.

/// The first look.
const FIRST: u64 = 8_192;

/// Looks lie at multiples of this: whole blocks, so that no round ends in the middle of one.
const GRAIN: u64 = 1_024;

const _: () = assert!(
    GRAIN.is_multiple_of(crate::plan::BLOCK as u64) && FIRST.is_multiple_of(GRAIN),
    "looks lie at the ends of blocks"
);

/// The look after so many trials: each has a tenth more trials than the one before, rounded up to a multiple of 1,024; the last has
/// `most`.
///
/// They depend on neither threads nor clock, so a run that stops at one comes to the same bits everywhere, and misses its
/// earliest possible end by a tenth at most.
#[must_use]
pub fn next(trials: u64, most: u64) -> u64 {
    let grown = trials.saturating_add(trials / 10).max(trials.saturating_add(1));
    grown
        .max(FIRST)
        .checked_next_multiple_of(GRAIN)
        .map_or(most, |look| look.min(most))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_grow_by_a_tenth_in_whole_blocks_up_to_the_most() {
        let looks: Vec<u64> = std::iter::successors(Some(next(0, 100_000)), |&look| {
            (look < 100_000).then(|| next(look, 100_000))
        })
        .collect();
        assert_eq!(&looks[..4], [8_192, 9_216, 10_240, 11_264]);
        assert_eq!(looks.last(), Some(&100_000));
        for pair in looks.windows(2) {
            assert!(
                pair[0] < pair[1] && pair[1] <= pair[0] + pair[0] / 10 + GRAIN,
                "{pair:?}"
            );
            assert!(pair[1] == 100_000 || pair[1] % GRAIN == 0);
        }
        assert_eq!(next(0, 10), 10);
        assert_eq!(next(u64::MAX - 5, u64::MAX), u64::MAX);
    }
}
