//! A short battery of statistical tests of the draws: over trials, over addresses and over neighbouring seeds, 2²⁴ draws
//! each. `docs/statistics.md` has the long one, by `TestU01`, of the same streams.
//!
//! Every statistic is turned into a number that is close to standard normal for true random draws, and fails beyond
//! [`LIMIT`]. As seeds are fixed, a test either always passes or never does.

use crate::streams::{ORDERS, Order};

/// Draws of each stream.
const DRAWS: u64 = 1 << 24;

/// Standard errors: among the 250 statistics here, a right generator exceeds them with a chance of 1 in 600.
const LIMIT: f64 = 4.5;

/// The streams that the long battery was run on begin with these bytes.
#[test]
fn the_streams_are_those_of_the_long_battery() {
    for (name, digest) in FROZEN {
        let order = Order::named(name).expect("it is an order");
        let bytes: Vec<u8> = (0..1 << 18)
            .flat_map(|place| order.word(place).to_le_bytes())
            .collect();
        assert_eq!(blake3::hash(&bytes).to_hex().as_str(), *digest, "{name}");
    }
    assert!(ORDERS.iter().all(|(name, _)| Order::named(name).is_some()));
}

/// BLAKE3 of the first MiB.
pub const FROZEN: &[(&str, &str)] = &[
    (
        "trials",
        "b54b50ff82e623b6dbbb491f7de00acb3989cbdbb6444ea2b4a597d8793e5081",
    ),
    (
        "addresses",
        "861280da3da292ef4377e879c05c196fc5469ced4b197a2ccfe8499951429682",
    ),
    (
        "seeds",
        "4c1e568da664a364fb1f660e7040e12975f2b59f936cb80e71d0eebb8a689dd8",
    ),
];

#[test]
fn over_trials() {
    battery("trials");
}

#[test]
fn over_addresses() {
    battery("addresses");
}

#[test]
fn over_neighbouring_seeds() {
    battery("seeds");
}

fn battery(name: &str) {
    let order = Order::named(name).expect("it is an order");
    let draws: Vec<u32> = (0..DRAWS).map(|place| order.word(place)).collect();
    let mut found = Vec::new();
    found.extend(bytes(&draws));
    found.extend(pairs(&draws));
    found.extend(bits(&draws));
    found.push(("birthday spacings".to_owned(), birthdays(&draws)));
    let off: Vec<_> = found.iter().filter(|(_, z)| z.abs() > LIMIT).collect();
    assert!(off.is_empty(), "{name}: {off:?}");
}

/// A chi-squared statistic over equally likely bins as a normal number: Fisher's √(2χ²) − √(2ν − 1).
fn chi_squared(counts: &[u32]) -> f64 {
    let expected = counts.iter().map(|&count| f64::from(count)).sum::<f64>() / counts.len() as f64;
    let squares = counts.iter().map(|&count| (f64::from(count) - expected).powi(2));
    let degrees = counts.len() as f64 - 1.0;
    (2.0 * squares.sum::<f64>() / expected).sqrt() - (2.0 * degrees - 1.0).sqrt()
}

/// The values of each of the four bytes are equally frequent.
fn bytes(draws: &[u32]) -> Vec<(String, f64)> {
    let mut counts = [[0_u32; 256]; 4];
    for draw in draws {
        for (counts, byte) in counts.iter_mut().zip(draw.to_le_bytes()) {
            counts[usize::from(byte)] += 1;
        }
    }
    let statistics = counts.iter().enumerate();
    statistics
        .map(|(byte, counts)| (format!("byte {byte}"), chi_squared(counts)))
        .collect()
}

/// Each byte of a draw with the same byte of one behind it: all 65,536 pairs are equally frequent (the serial test), from
/// the next draw to the thousandth, which in the stream of addresses is the same address in the next trial.
fn pairs(draws: &[u32]) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    for lag in [1, 2, 1000, 1024] {
        let mut counts = vec![vec![0_u32; 65_536]; 4];
        // Each draw is in one pair only, so that pairs are independent.
        for chunk in draws.chunks_exact(2 * lag) {
            let (first, second) = chunk.split_at(lag);
            for (one, other) in first.iter().zip(second) {
                let bytes = one.to_le_bytes().into_iter().zip(other.to_le_bytes());
                for (counts, (one, other)) in counts.iter_mut().zip(bytes) {
                    counts[usize::from(one) << 8 | usize::from(other)] += 1;
                }
            }
        }
        let statistics = counts.iter().enumerate();
        found.extend(
            statistics.map(|(byte, counts)| (format!("byte {byte}, {lag} apart"), chi_squared(counts))),
        );
    }
    found
}

/// Each bit of a draw against each of the next, by how far the one is to the left of the other: as often equal as not.
fn bits(draws: &[u32]) -> Vec<(String, f64)> {
    let count = draws.len() as f64 / 2.0;
    let statistic = |turn: u32| {
        let pairs = draws.as_chunks::<2>().0;
        let unequal: u64 = pairs
            .iter()
            .map(|&[one, other]| u64::from((one ^ other.rotate_left(turn)).count_ones()))
            .sum();
        let z = (unequal as f64 - 16.0 * count) / (8.0 * count).sqrt();
        (format!("bits {turn} apart"), z)
    };
    (0..32).map(statistic).collect()
}

/// Marsaglia's birthday spacings: of 4,096 birthdays in a year of 2³² days, the number of spacings that equal another is
/// Poisson with mean 4096³ / (4 · 2³²) = 4; summed over all years.
fn birthdays(draws: &[u32]) -> f64 {
    let mut repeated = 0_usize;
    for year in draws.chunks_exact(4096) {
        let mut days = year.to_vec();
        days.sort_unstable();
        let mut spacings: Vec<u32> = days.windows(2).map(|pair| pair[1] - pair[0]).collect();
        spacings.push(days[0]);
        spacings.sort_unstable();
        repeated += spacings.windows(2).filter(|pair| pair[0] == pair[1]).count();
    }
    let expected = 4.0 * (draws.len() / 4096) as f64;
    (repeated as f64 - expected) / expected.sqrt()
}
