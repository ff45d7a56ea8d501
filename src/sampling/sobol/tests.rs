use super::*;

/// The uniform that a draw stands for.
fn uniform(draw: u32) -> f64 {
    (f64::from(draw) + 0.5) / 4_294_967_296.0
}

/// The coordinate of a point without scrambling.
fn plain(dimension: usize, index: u64) -> u32 {
    point(&DIRECTIONS[dimension], index).reverse_bits()
}

/// `n` scrambled points from `first` on, by blocks.
fn scrambled(dimension: usize, scramble: u64, first: u64, n: usize) -> Vec<u32> {
    let mut draws = vec![0; n];
    for (start, block) in (first..).step_by(BLOCK).zip(draws.chunks_mut(BLOCK)) {
        fill(dimension, scramble, start, block);
    }
    draws
}

/// Points 1, 2, 3, 4, 5, 100 and 1023 in the order of Gray codes, times 2³², of
/// `scipy.stats.qmc.Sobol(1111, scramble=False, bits=32)` of scipy 1.17.1.
const SCIPY: [(usize, [u32; 7]); 8] = [
    (
        0,
        [
            2_147_483_648,
            3_221_225_472,
            1_073_741_824,
            1_610_612_736,
            3_758_096_384,
            1_778_384_896,
            4_194_304,
        ],
    ),
    (
        1,
        [
            2_147_483_648,
            1_073_741_824,
            3_221_225_472,
            1_610_612_736,
            3_758_096_384,
            1_107_296_256,
            3_233_808_384,
        ],
    ),
    (
        2,
        [
            2_147_483_648,
            1_073_741_824,
            3_221_225_472,
            2_684_354_560,
            536_870_912,
            3_321_888_768,
            2_629_828_608,
        ],
    ),
    (
        3,
        [
            2_147_483_648,
            1_073_741_824,
            3_221_225_472,
            3_758_096_384,
            1_610_612_736,
            3_120_562_176,
            624_951_296,
        ],
    ),
    (
        7,
        [
            2_147_483_648,
            3_221_225_472,
            1_073_741_824,
            3_758_096_384,
            1_610_612_736,
            2_046_820_352,
            2_654_994_432,
        ],
    ),
    (
        56,
        [
            2_147_483_648,
            1_073_741_824,
            3_221_225_472,
            3_758_096_384,
            1_610_612_736,
            369_098_752,
            3_426_746_368,
        ],
    ),
    (
        1023,
        [
            2_147_483_648,
            3_221_225_472,
            1_073_741_824,
            3_758_096_384,
            1_610_612_736,
            4_060_086_272,
            4_273_995_776,
        ],
    ),
    (
        1110,
        [
            2_147_483_648,
            3_221_225_472,
            1_073_741_824,
            3_758_096_384,
            1_610_612_736,
            1_979_711_488,
            2_529_165_312,
        ],
    ),
];

/// Point 123,456,789 of the same, which needs direction numbers that follow from the recurrence alone.
const SCIPY_FAR: [u32; 8] = [
    4_191_448_864,
    3_403_469_216,
    27_513_184,
    3_903_213_344,
    2_973_295_136,
    558_358_368,
    2_876_975_264,
    2_054_762_400,
];

fn gray(index: u64) -> u64 {
    index ^ (index >> 1)
}

#[test]
fn points_without_scrambling_are_those_of_scipy() {
    for ((dimension, points), far) in SCIPY.iter().zip(SCIPY_FAR) {
        for (index, &expected) in [1, 2, 3, 4, 5, 100, 1023].into_iter().zip(points) {
            assert_eq!(
                plain(*dimension, gray(index)),
                expected,
                "dimension {dimension}, point {index}"
            );
        }
        assert_eq!(plain(*dimension, gray(123_456_789)), far, "dimension {dimension}");
    }
}

/// The first points of the second dimension, by hand: 1 + x is its polynomial, Pascal's triangle modulo 2 its matrix.
#[test]
fn the_first_points_are_those_of_the_books() {
    let eighths = |dimension| [0, 1, 2, 3, 4, 5, 6, 7].map(|index| plain(dimension, index) >> 29);
    assert_eq!(eighths(0), [0, 4, 2, 6, 1, 5, 3, 7]);
    assert_eq!(eighths(1), [0, 4, 6, 2, 5, 1, 3, 7]);
}

#[test]
fn the_table_has_every_dimension_with_regular_matrices() {
    assert_eq!(DIRECTIONS.len(), DIMENSIONS);
    for directions in DIRECTIONS.iter() {
        for (digit, direction) in directions.iter().enumerate() {
            // Reversed: digit k is the highest that direction number k has.
            assert_eq!(direction.checked_ilog2().map(|bit| bit as usize), Some(digit));
        }
    }
}

#[test]
fn a_block_holds_the_points_that_are_drawn_alone() {
    for (dimension, first, n) in [
        (0, 0, 512),
        (5, 512, 512),
        (1110, 512 * 9_999, 100),
        (3, POINTS - 512, 512),
        (3, 0, 1),
        (3, 0, 0),
    ] {
        let draws = scrambled(dimension, 42, first, n);
        for (index, &block) in (first..).zip(&draws) {
            assert_eq!(draw(dimension, 42, index), block);
        }
    }
}

/// Changing these numbers changes results: that belongs into the changelog.
#[test]
fn scrambled_draws_are_frozen() {
    assert_eq!(
        [draw(0, 1, 0), draw(1, 2, 3), draw(1110, u64::MAX, 1 << 31)],
        FROZEN
    );
}

const FROZEN: [u32; 3] = [4_199_729_727, 646_693_396, 1_027_243_132];

/// (0, m, 1): every aligned block of 2^m points has one in each interval of length 2^-m, in every dimension.
#[test]
fn blocks_are_nets_in_every_dimension() {
    for dimension in 0..DIMENSIONS {
        for (first, bits) in [(0, 9), (512 * 77, 9), (0, 11)] {
            let draws = scrambled(dimension, 7 + dimension as u64, first, 1 << bits);
            let mut strata: Vec<u32> = draws.iter().map(|draw| draw >> (32 - bits)).collect();
            strata.sort_unstable();
            assert!(
                strata.into_iter().eq(0..1 << bits),
                "dimension {dimension} from {first}"
            );
        }
    }
}

/// (0, m, 2) for the first two dimensions: one point in every elementary rectangle of area 2^-m.
#[test]
fn the_first_two_dimensions_are_a_net() {
    for (scramble, first, bits) in [(1, 0, 9), (2, 512 * 33, 9), (3, 4096, 12), (4, 0, 14)] {
        let [x, y] = [0, 1]
            .map(|dimension| scrambled(dimension, scramble + (dimension as u64) * 1000, first, 1 << bits));
        for wide in 0..=bits {
            let mut is_hit = vec![false; 1 << bits];
            for (&x, &y) in x.iter().zip(&y) {
                let column = u64::from(x) >> (32 - wide);
                let row = u64::from(y) >> (32 - (bits - wide));
                let cell = usize::try_from(column << (bits - wide) | row).expect("small");
                assert!(
                    !is_hit[cell],
                    "two points in one of 2^{wide} columns of 2^{bits} points"
                );
                is_hit[cell] = true;
            }
        }
    }
}

/// Kolmogorov and Smirnov: the greatest distance of the distribution from the uniform one, times √n.
fn distance(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let n = values.len() as f64;
    let gaps = values
        .iter()
        .zip(0_u32..)
        .map(|(value, rank)| (value - (f64::from(rank) + 0.5) / n).abs() + 0.5 / n);
    gaps.fold(0.0, f64::max) * n.sqrt()
}

#[test]
fn one_point_is_uniform_over_scrambles() {
    for (dimension, index) in [(0, 0), (0, 1), (1, 511), (17, 12_345), (1110, POINTS - 1)] {
        let values = (0..20_000)
            .map(|scramble| uniform(draw(dimension, scramble, index)))
            .collect();
        // Exceeded with a chance of 1 in 20,000.
        assert!(distance(values) < 2.3, "dimension {dimension}, point {index}");
    }
}

/// One point and its neighbour share the digits that they share without scrambling, differ in the next, and are
/// independent behind it.
#[test]
fn behind_their_common_digits_two_points_are_independent() {
    let (count, common) = (40_000, 3);
    // Points 0 and 8 of the first dimension are 0.000 and 0.0001 in binary.
    let mut sum = 0.0;
    for scramble in 0..count {
        let [one, other] = [0, 8].map(|index| draw(0, scramble, index));
        assert_eq!((one ^ other).leading_zeros(), common);
        let rest = |draw: u32| uniform(draw << (common + 1)) - 0.5;
        sum += rest(one) * rest(other);
    }
    let correlation = 12.0 * sum / count as f64;
    assert!(correlation.abs() < 4.0 / (count as f64).sqrt(), "{correlation}");
}

#[test]
fn two_dimensions_and_two_scrambles_are_uncorrelated() {
    let count = 40_000;
    for (one, other, later) in [(0, 1, 0), (3, 900, 0), (5, 5, 1)] {
        let product = |scramble: u64| {
            let first = uniform(draw(one, 2 * scramble, 5)) - 0.5;
            let second = uniform(draw(other, 2 * scramble + 1, 5 + later)) - 0.5;
            first * second
        };
        let correlation = 12.0 * (0..count).map(product).sum::<f64>() / count as f64;
        assert!(correlation.abs() < 4.0 / (count as f64).sqrt(), "{correlation}");
    }
}

/// Variance of the mean of `f` over `n` points in the dimensions 0 to `D` − 1, over 300 scrambles.
fn variance<const D: usize>(n: usize, f: impl Fn([f64; D]) -> f64) -> f64 {
    let scrambles = 300;
    let mean = |scramble: u64| {
        let columns: [Vec<u32>; D] =
            array::from_fn(|dimension| scrambled(dimension, scramble * 64 + dimension as u64, 0, n));
        let values = (0..n).map(|lane| f(array::from_fn(|dimension| uniform(columns[dimension][lane]))));
        values.sum::<f64>() / n as f64
    };
    let means: Vec<f64> = (0..scrambles).map(mean).collect();
    let centre = means.iter().sum::<f64>() / means.len() as f64;
    let squares = means.iter().map(|mean| (mean - centre).powi(2));
    squares.sum::<f64>() / (means.len() - 1) as f64
}

/// Owen (1997): n⁻³ for smooth functions of one variable, so 8⁻³ ≈ 1/512 from one n to eight times that.
#[test]
fn the_variance_of_a_smooth_mean_falls_like_the_cube() {
    let smooth = |[x]: [f64; 1]| x * libm::exp(x);
    let [few, more, most] = [64, 512, 4096].map(|n| variance(n, smooth));
    assert!(few / more > 300.0 && more / most > 300.0, "{few} {more} {most}");
    // The variance of one value is ∫ x² e^2x − (∫ x e^x)² = (e² − 1)/4 − 1.
    let independent = (libm::exp(2.0) - 1.0) / 4.0 - 1.0;
    assert!(more < independent / 512.0 / 50_000.0, "{more}");
}

/// For discontinuous functions of several variables it still falls faster than 1/n.
#[test]
fn the_variance_of_a_chance_falls_faster_than_its_inverse() {
    let is_below = |[x, y, z]: [f64; 3]| if x + y + z < 1.3 { 1.0 } else { 0.0 };
    let [few, more] = [512, 4096].map(|n| variance(n, is_below));
    assert!(few / more > 10.0, "{few} {more}");
    assert!(few < 0.24 / 512.0 / 3.0, "{few}");
}
