//! Point sets: how the uniforms of many trials are spread over the unit cube.
//!
//! A uniform is a `u32` h that stands for u = (h + ½) / 2³². `random` takes the hash of (seed, address, visit, trial) as
//! it is; [`sobol`] and [`latin_hypercube`] spread the trials more evenly, so that fewer give the same precision. Both
//! are made by the block of [`BLOCK`] trials, and any block, or any trial of it, can be made alone.
//!
//! Points that are spread evenly depend on each other, so their scatter says nothing about the error of a mean. Its
//! interval comes from [`Replicates`]: groups of trials whose points are independent of the other groups'.

pub mod latin_hypercube;
pub mod points;
pub mod sobol;

pub use crate::lanes::BLOCK;
pub use points::{Coordinate, Points, Source};

const _: () = assert!(
    BLOCK.is_power_of_two(),
    "a block of a Sobol sequence is a net in every dimension"
);

/// How points are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Method {
    /// Every uniform independent of all others.
    #[default]
    Random,
    /// Scrambled Sobol sequences.
    Sobol,
    /// A Latin hypercube in each block.
    LatinHypercube,
}

/// A method as users see it.
#[derive(Clone, Copy, Debug)]
pub struct Sampler {
    /// Its name on the command line and in files.
    pub name: &'static str,
    /// What it does, in a sentence, for help and documentation.
    pub summary: &'static str,
    /// Where its intervals come from, for documentation.
    pub interval: &'static str,
    /// The method.
    pub method: Method,
    /// Into how many independent groups its trials divide; 1 where the trials themselves are independent.
    pub replicates: u64,
}

/// Independent groups of trials of a method whose trials are not independent.
///
/// More groups estimate the error better: Student's t of 15 degrees of freedom makes 95 % intervals 1.09 times as long
/// as a known error would, of 7 degrees 1.21, of 31 degrees 1.04. Fewer groups leave more points to each: where the
/// variance within a group of n falls like n⁻ᵃ, that of a mean over N trials in R groups is proportional to Rᵃ⁻¹ N⁻ᵃ,
/// with a between 1 and 3. Sixteen is a power of two, so that a run of a power of two leaves whole nets to each group,
/// and a run of the usual size leaves each some thousands of points. Plain t intervals over few groups cover more
/// reliably than bootstrap intervals do: L'Ecuyer, Nakayama, Owen and Tuffin (2023), Confidence intervals for
/// randomized quasi-Monte Carlo estimators, Winter Simulation Conference.
const REPLICATES: u64 = 16;

/// All methods, in the order of [`Method`].
pub static SAMPLERS: &[Sampler] = &[
    Sampler {
        name: "random",
        summary: "Every draw is independent of all others.",
        interval: "Wilson's score interval; order statistics for quantiles",
        method: Method::Random,
        replicates: 1,
    },
    Sampler {
        name: "sobol",
        summary: "Scrambled Sobol sequences spread the trials evenly over all drawn quantities together; best with 8,192 trials or that times a power of two.",
        interval: "Student's t over 16 independently scrambled replicates",
        method: Method::Sobol,
        replicates: REPLICATES,
    },
    Sampler {
        name: "latin_hypercube",
        summary: "Every 512 trials spread evenly over each drawn quantity by itself; best with a multiple of 8,192 trials.",
        interval: "Student's t over 16 groups of independent Latin hypercubes",
        method: Method::LatinHypercube,
        replicates: REPLICATES,
    },
];

/// The sampler of a name.
#[must_use]
pub fn sampler(name: &str) -> Option<&'static Sampler> {
    SAMPLERS.iter().find(|sampler| sampler.name == name)
}

impl Method {
    /// Its entry in the registry.
    #[must_use]
    pub fn sampler(self) -> &'static Sampler {
        &SAMPLERS[self as usize]
    }

    /// How its trials divide.
    #[must_use]
    pub fn replicates(self) -> Replicates {
        Replicates {
            count: self.sampler().replicates,
        }
    }
}

/// How trials divide into independent replicates.
///
/// Blocks are dealt out in turn: block b belongs to replicate b mod R, of which it is block ⌊b / R⌋. This depends on
/// the trial's number alone and not on the length of the run, so a run that is extended, sharded or replayed meets the
/// same points. The price is that a run may leave replicates of different sizes: any number of trials is possible, and
/// one of [`balanced`](Self::balanced) is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replicates {
    /// How many there are; at least 1.
    count: u64,
}

/// Where a block of trials belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Its replicate, from 0.
    pub replicate: u64,
    /// The index within the replicate of its first trial: a multiple of [`BLOCK`].
    pub first: u64,
}

impl Replicates {
    /// How many replicates there are.
    #[must_use]
    pub fn count(self) -> u64 {
        self.count
    }

    /// Where a block belongs; trial t is lane t mod [`BLOCK`] of block ⌊t / [`BLOCK`]⌋.
    #[inline]
    #[must_use]
    pub fn place(self, block: u64) -> Place {
        Place {
            replicate: block % self.count,
            first: block / self.count * BLOCK as u64,
        }
    }

    /// How many of the first `trials` trials belong to a replicate.
    #[must_use]
    pub fn trials(self, replicate: u64, trials: u64) -> u64 {
        let block = BLOCK as u64;
        let round = block * self.count;
        let left = (trials % round).saturating_sub(replicate * block).min(block);
        trials / round * block + left
    }

    /// The least number of trials, `trials` or more, that leaves to each replicate the same number of points: for
    /// Sobol sequences one that is a power of two, without which much of their advantage is lost.
    #[must_use]
    pub fn balanced(self, method: Method, trials: u64) -> u64 {
        let round = BLOCK as u64 * self.count;
        match method {
            Method::Random => trials,
            Method::Sobol => round * trials.div_ceil(round).next_power_of_two(),
            Method::LatinHypercube => trials.div_ceil(round) * round,
        }
    }
}

/// The key of the `number`th of many, under a key: of a replicate, or of a block.
///
/// The keys that [`sobol`] and [`latin_hypercube`] ask for are made of the seed and the address of the quantity, and of
/// the replicate or the block by this function.
#[inline]
#[must_use]
pub fn numbered(key: u64, number: u64) -> u64 {
    mix(mix(key).wrapping_add(number.wrapping_mul(GOLDEN)))
}

/// Odd constant of Weyl sequences: 2⁶⁴ divided by the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A strong bijection of 64 bits: the finaliser of `SplitMix64` (Steele, Lea and Flood 2014, with Stafford's thirteenth
/// set of constants).
#[inline]
const fn mix(value: u64) -> u64 {
    let mut x = value.wrapping_add(GOLDEN);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registry_is_in_the_order_of_the_methods() {
        for method in [Method::Random, Method::Sobol, Method::LatinHypercube] {
            assert_eq!(method.sampler().method, method);
            assert_eq!(
                sampler(method.sampler().name).map(|found| found.method),
                Some(method)
            );
        }
        assert_eq!(SAMPLERS.len(), 3);
        assert!(sampler("halton").is_none());
    }

    /// The summaries name the block, the replicates and their product.
    #[test]
    fn summaries_name_the_numbers_that_hold() {
        assert_eq!((BLOCK, REPLICATES, BLOCK as u64 * REPLICATES), (512, 16, 8192));
    }

    #[test]
    fn places_are_dealt_in_turn_and_cover_each_replicate_without_a_gap() {
        let replicates = Method::Sobol.replicates();
        let mut next = [0; 16];
        for block in 0..1000 {
            let place = replicates.place(block);
            assert_eq!(place.replicate, block % 16);
            let expected = &mut next[usize::try_from(place.replicate).expect("small")];
            assert_eq!(place.first, *expected);
            *expected += BLOCK as u64;
        }
        let random = Method::Random.replicates();
        assert_eq!(
            random.place(77),
            Place {
                replicate: 0,
                first: 77 * BLOCK as u64
            }
        );
    }

    #[test]
    fn sizes_of_replicates_follow_from_their_places() {
        let replicates = Method::Sobol.replicates();
        for trials in [0, 1, 511, 512, 513, 8191, 8192, 8193, 100_000] {
            let mut counted = [0; 16];
            for trial in 0..trials {
                let place = replicates.place(trial / BLOCK as u64);
                counted[usize::try_from(place.replicate).expect("small")] += 1;
            }
            for (replicate, &count) in (0..).zip(&counted) {
                assert_eq!(
                    replicates.trials(replicate, trials),
                    count,
                    "{replicate} of {trials}"
                );
            }
        }
        assert_eq!(Method::Random.replicates().trials(0, 1234), 1234);
    }

    #[test]
    fn balanced_runs_leave_equal_replicates() {
        let balanced = |method: Method, trials| method.replicates().balanced(method, trials);
        assert_eq!(balanced(Method::Random, 1000), 1000);
        assert_eq!(balanced(Method::Sobol, 1), 8192);
        assert_eq!(balanced(Method::Sobol, 100_000), 131_072);
        assert_eq!(balanced(Method::Sobol, 131_072), 131_072);
        assert_eq!(balanced(Method::LatinHypercube, 100_000), 106_496);
    }

    /// A draw is frozen once it is released: these keys are part of it.
    #[test]
    fn keys_are_frozen() {
        assert_eq!(numbered(0, 0), 12_035_550_249_420_947_055);
    }
}
