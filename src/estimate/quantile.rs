//! Quantiles from counts by bin, with intervals between order statistics.

use super::proportion::wilson;

/// Ranks, counted from 1, of a quantile and of the ends of its interval among sorted values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// Rank of the lower end; 0: below all values.
    pub low: u64,
    /// Rank of the quantile itself.
    pub middle: u64,
    /// Rank of the upper end; one more than there are values: above all.
    pub high: u64,
}

/// The ranks of a quantile: the values at the low and the high one enclose it with the confidence.
///
/// The number of values below the quantile p is binomial (n, p); the ranks are the ends of the score interval of p,
/// widened to whole ranks (Conover, Practical Nonparametric Statistics, section 3.2, with score limits).
#[must_use]
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "ranks lie between 0 and one more than the number of trials"
)]
pub fn ranks(quantile: f64, trials: u64, confidence: f64) -> Ranks {
    let n = trials as f64;
    let rank = |position: f64| (position as u64).min(trials + 1);
    let interval = wilson(quantile * n, trials, confidence);
    Ranks {
        low: rank((interval.low * n).floor()),
        middle: rank((quantile * n).ceil()).clamp(1, trials.max(1)),
        high: rank((interval.high * n).ceil() + 1.0),
    }
}

/// Where a rank lies among binned values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// The bin.
    pub bin: usize,
    /// How far into the bin, from 0 to 1, if its values are spread evenly.
    pub within: f64,
}

impl Place {
    /// The lower edge of its bin.
    #[must_use]
    pub fn start(self) -> Self {
        Self { within: 0.0, ..self }
    }

    /// The upper edge of its bin.
    #[must_use]
    pub fn end(self) -> Self {
        Self { within: 1.0, ..self }
    }
}

/// The bin that holds the value of a rank.
#[must_use]
pub fn locate(counts: &[u64], rank: u64) -> Place {
    let mut below = 0;
    for (bin, &count) in counts.iter().enumerate() {
        if below + count >= rank {
            return Place {
                bin,
                within: ((rank - below) as f64 - 0.5) / count.max(1) as f64,
            };
        }
        below += count;
    }
    Place {
        bin: counts.len().saturating_sub(1),
        within: 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_enclose_the_quantile() {
        let ranks = ranks(0.5, 1000, 0.95);
        assert_eq!(ranks.middle, 500);
        assert!(
            (467..=470).contains(&ranks.low) && (531..=533).contains(&ranks.high),
            "{ranks:?}"
        );
    }

    /// The largest of ten values lies below their 95 % quantile with a chance of 60 %: nothing seen bounds it from above.
    #[test]
    fn few_trials_leave_the_ends_open() {
        assert_eq!(ranks(0.95, 10, 0.95).high, 11);
        assert_eq!(ranks(0.05, 10, 0.95).low, 0);
        assert_eq!(
            ranks(0.5, 1, 0.95),
            Ranks {
                low: 0,
                middle: 1,
                high: 2
            }
        );
    }

    #[test]
    fn a_rank_is_found_in_its_bin() {
        let counts = [0, 4, 0, 6];
        assert_eq!(
            locate(&counts, 1),
            Place {
                bin: 1,
                within: 0.125
            }
        );
        assert_eq!(locate(&counts, 4).bin, 1);
        assert_eq!(locate(&counts, 5).bin, 3);
        assert_eq!(locate(&counts, 10).bin, 3);
    }
}
