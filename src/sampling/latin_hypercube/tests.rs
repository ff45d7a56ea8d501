use super::*;
use crate::sampling::mix;

/// Draws like those of the trials.
fn hashes(seed: u64, n: usize) -> Vec<u32> {
    (0..n as u64)
        .map(|lane| (numbered(seed, lane) >> 32) as u32)
        .collect()
}

fn stratified_block(key: u64) -> Vec<u32> {
    let mut draws = hashes(mix(key), BLOCK);
    stratify(key, &mut draws);
    draws
}

/// The permutation of a key, as numbers around 0 with the variance 1.
fn scores(key: u64) -> Vec<f64> {
    let keys = keys(key);
    let n = BLOCK as f64;
    let deviation = ((n * n - 1.0) / 12.0).sqrt();
    (0..512)
        .map(|lane| (f64::from(permuted(&keys, lane)) - (n - 1.0) / 2.0) / deviation)
        .collect()
}

fn uniform(draw: u32) -> f64 {
    (f64::from(draw) + 0.5) / 4_294_967_296.0
}

/// Changing these numbers changes results: that belongs into the changelog.
#[test]
fn draws_are_frozen() {
    assert_eq!(
        [
            stratified(1, 0, 0),
            stratified(2, 511, u32::MAX),
            stratified(u64::MAX, 100, 1 << 31)
        ],
        FROZEN
    );
}

const FROZEN: [u32; 3] = [3_741_319_168, 285_212_671, 2_411_724_800];

#[test]
fn every_stratum_of_a_block_is_drawn_from_once() {
    for key in 0..2000 {
        let mut strata: Vec<u32> = stratified_block(key).iter().map(|draw| draw >> 23).collect();
        strata.sort_unstable();
        assert!(strata.into_iter().eq(0..512), "key {key}");
    }
}

#[test]
fn a_lane_drawn_alone_and_a_block_that_is_not_full_agree_with_the_full_one() {
    let full = stratified_block(9);
    let mut part = hashes(mix(9), 100);
    stratify(9, &mut part);
    assert_eq!(part, full[..100]);
    for (lane, (&hash, &draw)) in hashes(mix(9), BLOCK).iter().zip(&full).enumerate() {
        assert_eq!(stratified(9, lane, hash), draw);
    }
    stratify(9, &mut []);
}

/// χ² of counts that should be equal, in standard deviations from its mean.
fn excess(counts: &[u32]) -> f64 {
    let degrees = counts.len() as f64 - 1.0;
    let expected = f64::from(counts.iter().sum::<u32>()) / counts.len() as f64;
    let terms = counts
        .iter()
        .map(|&count| (f64::from(count) - expected).powi(2) / expected);
    (terms.sum::<f64>() - degrees) / (2.0 * degrees).sqrt()
}

#[test]
fn each_lane_is_uniform_over_keys() {
    for lane in [0, 1, 255, 256, 511] {
        let mut counts = vec![0; 512];
        for key in 0..50_000 {
            counts[usize::from(permuted(&keys(key), lane))] += 1;
        }
        assert!(excess(&counts).abs() < 4.5, "lane {lane}: {}", excess(&counts));
    }
}

/// Two lanes never meet, and are otherwise as if independent: their difference and their exclusive or are uniform over
/// all values but 0.
#[test]
fn pairs_of_lanes_are_independent_but_for_the_strata() {
    for (one, other) in [(0, 1), (0, 256), (17, 273), (1, 2), (100, 400), (0, 511)] {
        let (mut differences, mut ors) = (vec![0; 512], vec![0; 512]);
        for key in 0..50_000 {
            let keys = keys(key);
            let [one, other] = [one, other].map(|lane| permuted(&keys, lane));
            differences[usize::from(one.wrapping_sub(other) & MASK)] += 1;
            ors[usize::from(one ^ other)] += 1;
        }
        assert_eq!((differences[0], ors[0]), (0, 0));
        for counts in [&differences[1..], &ors[1..]] {
            assert!(
                excess(counts).abs() < 4.5,
                "lanes {one}, {other}: {}",
                excess(counts)
            );
        }
    }
}

/// The correlation of two true shuffles has the variance 1/(n − 1) and nearly a normal's fourth moment.
#[test]
fn permutations_of_different_keys_are_as_independent_as_shuffles() {
    let count = 20_000;
    let (mut squares, mut fourths) = (0.0, 0.0);
    for key in 0..count {
        let (one, other) = (scores(2 * key), scores(2 * key + 1));
        let sum: f64 = one.iter().zip(&other).map(|(one, other)| one * other).sum();
        let correlation = sum / 512.0 * f64::sqrt(511.0);
        squares += correlation.powi(2);
        fourths += correlation.powi(4);
    }
    let variance = squares / count as f64;
    let kurtosis = fourths / count as f64 / variance.powi(2);
    // Standard errors: 0.01 and 0.035.
    assert!(
        (variance - 1.0).abs() < 0.045 && (kurtosis - 3.0).abs() < 0.16,
        "{variance} {kurtosis}"
    );
}

/// Mean and variance, over 500 keys, of the mean over a block of a function of two quantities.
fn moments(f: impl Fn(f64, f64) -> f64) -> (f64, f64) {
    let mean = |key: u64| {
        let (x, y) = (stratified_block(2 * key), stratified_block(2 * key + 1));
        let values = x.iter().zip(&y).map(|(&x, &y)| f(uniform(x), uniform(y)));
        values.sum::<f64>() / BLOCK as f64
    };
    let means: Vec<f64> = (0..500).map(mean).collect();
    let centre = means.iter().sum::<f64>() / 500.0;
    let squares = means.iter().map(|mean| (mean - centre).powi(2));
    (centre, squares.sum::<f64>() / 499.0)
}

/// Stein (1987): only the part of a function that is not a sum of functions of one quantity each keeps its variance.
#[test]
fn sums_are_integrated_almost_exactly_and_products_as_ever() {
    let (mean, variance) = moments(|x, y| x * x + libm::exp(y));
    assert!(
        (mean - 1.0 / 3.0 - (std::f64::consts::E - 1.0)).abs() < 1e-4,
        "{mean}"
    );
    // Independent draws: 4/45 and (e² − 1)/2 − (e − 1)² = 0.2420, over 512.
    assert!(variance < 0.331 / 512.0 / 50_000.0, "{variance}");
    // An interaction without main effects: (1/12)² / 512.
    let (_, variance) = moments(|x, y| (x - 0.5) * (y - 0.5));
    let ratio = variance * 512.0 * 144.0;
    assert!((0.75..1.3).contains(&ratio), "{ratio}");
}
