use super::*;
use crate::sampling::{BLOCK, Method, latin_hypercube, numbered, sobol};

/// Student's t at 97.5 %, 95 % and 99.5 %, as printed in tables (Fisher and Yates, table III).
#[test]
fn quantiles_of_t_are_those_of_the_tables() {
    for (degrees, at_90, at_95, at_99) in [
        (1, 6.314, 12.706, 63.657),
        (2, 2.920, 4.303, 9.925),
        (5, 2.015, 2.571, 4.032),
        (15, 1.753, 2.131, 2.947),
        (30, 1.697, 2.042, 2.750),
        (120, 1.658, 1.980, 2.617),
    ] {
        for (confidence, expected) in [(0.90, at_90), (0.95, at_95), (0.99, at_99)] {
            let t = student(confidence, degrees);
            assert!((t - expected).abs() < 5.1e-4, "{degrees} {confidence}: {t}");
        }
    }
    // One degree is Cauchy's law, whose quartiles are ±1; many are the normal law.
    assert!((student(0.5, 1) - 1.0).abs() < 1e-12);
    assert!((student(0.95, 400_000) - 1.959_964).abs() < 1e-5);
}

fn replicates(sums: &[f64], trials: u64) -> Vec<Replicate> {
    sums.iter().map(|&sum| Replicate { sum, trials }).collect()
}

/// Four means 0.4, 0.5, 0.5, 0.6: their mean is 0.5, its standard error 0.0408, t of 3 degrees 3.182.
#[test]
fn the_interval_is_that_of_the_means_of_equal_replicates() {
    let interval = bounded(&replicates(&[400.0, 500.0, 500.0, 600.0], 1000), 1.0, 0.95);
    let half = 3.182_446 * (0.02_f64 / 3.0 / 4.0).sqrt();
    assert_eq!((interval.estimate, interval.trials), (0.5, 4000));
    assert!((interval.low - 0.5 + half).abs() < 1e-6 && (interval.high - 0.5 - half).abs() < 1e-6);
    let days = bounded(&replicates(&[4000.0, 5000.0, 5000.0, 6000.0], 1000), 10.0, 0.95);
    assert!((days.high - 10.0 * interval.high).abs() < 1e-9);
}

#[test]
fn agreement_never_makes_it_certain() {
    for successes in [0.0, 1.0, 256.0, 511.0, 512.0] {
        let interval = bounded(&replicates(&[successes; 16], 512), 1.0, 0.95);
        assert!(interval.high - interval.low > 0.2 / 512.0, "{interval:?}");
        assert!(0.0 <= interval.low && interval.low <= interval.estimate);
        assert!(interval.estimate <= interval.high && interval.high <= 1.0);
    }
    let none = bounded(&replicates(&[0.0; 16], 512), 1.0, 0.95);
    let alone = wilson(0.0, 8192, 0.95);
    assert_eq!((none.low, none.high), (0.0, alone.high));
    // The resolution: 1 − 0.025^(1/16) = 0.206 of one of 512.
    let half = bounded(&replicates(&[256.0; 16], 512), 1.0, 0.95);
    assert!((half.high - 0.5 - 0.205_9 / 512.0).abs() < 1e-6, "{half:?}");
}

#[test]
fn short_runs_take_wilsons_interval() {
    let mut one = replicates(&[0.0; 16], 0);
    one[0] = Replicate {
        sum: 30.0,
        trials: 100,
    };
    assert_eq!(bounded(&one, 1.0, 0.95), wilson(30.0, 100, 0.95));
    let none = bounded(&[], 1.0, 0.95);
    assert_eq!((none.low, none.high), (0.0, 1.0));
    let nothing = bounded(&replicates(&[0.0; 16], 512), 0.0, 0.95);
    assert_eq!((nothing.low, nothing.high), (0.0, 0.0));
}

/// Plays a run of one of the methods: `f` of the uniforms of each trial, by replicate.
fn play<const D: usize>(
    method: Method,
    seed: u64,
    blocks: u64,
    f: impl Fn([f64; D]) -> f64,
) -> Vec<Vec<f64>> {
    let mut values = vec![Vec::new(); 16];
    let mut columns = [[0_u32; BLOCK]; D];
    for block in 0..blocks {
        let place = Method::Sobol.replicates().place(block);
        for (dimension, column) in columns.iter_mut().enumerate() {
            let key = numbered(seed, dimension as u64);
            for (lane, draw) in (0..).zip(&mut *column) {
                *draw = (numbered(key, block * BLOCK as u64 + lane) >> 32) as u32;
            }
            match method {
                Method::Random => {}
                Method::Sobol => {
                    sobol::fill(dimension, numbered(key, place.replicate), place.first, column);
                }
                Method::LatinHypercube => latin_hypercube::stratify(numbered(!key, block), column),
            }
        }
        let uniform = |draw: u32| (f64::from(draw) + 0.5) / 4_294_967_296.0;
        let lanes = (0..BLOCK).map(|lane| f(columns.each_ref().map(|column| uniform(column[lane]))));
        values[usize::try_from(place.replicate).expect("below 16")].extend(lanes);
    }
    values
}

/// How often intervals of 95 % hold the truth, and how long they are in units of Wilson's, over 600 runs.
fn coverage<const D: usize>(
    method: Method,
    blocks: u64,
    truth: f64,
    is_met: impl Fn([f64; D]) -> bool,
) -> (f64, f64) {
    let (mut held, mut length) = (0.0, 0.0);
    for run in 0..600 {
        let values = play(method, run, blocks, |u| if is_met(u) { 1.0 } else { 0.0 });
        let replicates: Vec<Replicate> = values
            .iter()
            .map(|values| Replicate {
                sum: values.iter().sum(),
                trials: values.len() as u64,
            })
            .collect();
        let interval = bounded(&replicates, 1.0, 0.95);
        if interval.low <= truth && truth <= interval.high {
            held += 1.0 / 600.0;
        }
        let trials = interval.trials;
        let alone = wilson(interval.estimate * trials as f64, trials, 0.95);
        length += (interval.high - interval.low) / (alone.high - alone.low) / 600.0;
    }
    (held, length)
}

/// The standard error of a coverage over 600 runs is 0.9 %.
const LEAST: f64 = 0.92;

#[test]
fn intervals_of_chances_hold_the_truth_as_often_as_they_say() {
    // x + y + z < s has the chance s³/6 − (s − 1)³/2 for s between 1 and 2.
    let sum = |[x, y, z]: [f64; 3]| x + y + z < 1.3;
    let truth = 1.3_f64.powi(3) / 6.0 - 0.3_f64.powi(3) / 2.0;
    for (method, shortest, longest) in [
        (Method::Random, 1.0, 1.15),
        (Method::Sobol, 0.1, 0.6),
        (Method::LatinHypercube, 0.3, 0.8),
    ] {
        let (held, length) = coverage(method, 16, truth, sum);
        assert!((LEAST..0.98).contains(&held), "{method:?} {held} {length}");
        assert!(
            (shortest..longest).contains(&length),
            "{method:?} {held} {length}"
        );
    }
}

#[test]
fn intervals_of_small_chances_and_of_steps_hold_the_truth_too() {
    for method in [Method::Random, Method::Sobol, Method::LatinHypercube] {
        for chance in [0.0002, 0.002, 0.011, 0.3] {
            let (held, _) = coverage(method, 16, chance, |[x]: [f64; 1]| x < chance);
            assert!(held > LEAST, "{method:?} {chance}: {held}");
        }
        // x y > c has the chance 1 − c + c ln c.
        let rare = 1.0 - 0.97 + 0.97 * libm::log(0.97);
        let (held, _) = coverage(method, 16, rare, |[x, y]: [f64; 2]| x * y > 0.97);
        assert!(held > LEAST, "{method:?} rare: {held}");
    }
}

/// Runs that leave replicates of different sizes, or few of them.
#[test]
fn unequal_replicates_hold_the_truth_too() {
    for blocks in [2, 5, 19] {
        for method in [Method::Sobol, Method::LatinHypercube] {
            let (held, _) = coverage(method, blocks, 0.5, |[x, y]: [f64; 2]| x + y < 1.0);
            assert!(held > LEAST, "{method:?} {blocks}: {held}");
        }
    }
}

const BINS: usize = 1024;

/// Counts by bin of sums between 0 and 2.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bins are few and positive"
)]
fn histogram(values: &[f64]) -> Vec<u64> {
    let mut counts = vec![0; BINS];
    for value in values {
        counts[(value / 2.0 * BINS as f64) as usize] += 1;
    }
    counts
}

#[test]
fn intervals_of_quantiles_hold_the_truth_as_often_as_they_say() {
    // x + y is below t with the chance t²/2 for t up to 1.
    let quantiles = [0.05_f64, 0.25, 0.5];
    for (method, longest) in [
        (Method::Random, 0.035),
        (Method::Sobol, 0.012),
        (Method::LatinHypercube, 0.03),
    ] {
        let (mut held, mut length) = ([0.0; 3], 0.0);
        for run in 0..200 {
            let values = play(method, run, 16, |[x, y]: [f64; 2]| x + y);
            let histograms: Vec<Vec<u64>> = values.iter().map(|values| histogram(values)).collect();
            let bands = Bands::new(&histograms.iter().map(Vec::as_slice).collect::<Vec<_>>(), 0.95);
            for (held, quantile) in held.iter_mut().zip(quantiles) {
                let truth = (2.0 * quantile).sqrt();
                let ends = bands.quantile(quantile);
                let low = ends.low.bin as f64 * 2.0 / BINS as f64;
                let high = (ends.high.bin + 1) as f64 * 2.0 / BINS as f64;
                if low <= truth && truth <= high {
                    *held += 1.0 / 200.0;
                }
                if quantile == 0.25 {
                    length += (high - low) / 200.0;
                }
            }
        }
        assert!(held.iter().all(|&held| held > 0.91), "{method:?} {held:?}");
        assert!(length < longest, "{method:?} {length}");
    }
}

#[test]
fn atoms_are_met_exactly_and_open_ends_stay_open() {
    let certain: Vec<u64> = [0, 512, 0, 0].into();
    let bands = Bands::new(&[certain.as_slice(); 16], 0.95);
    let ends = bands.quantile(0.5);
    assert_eq!((ends.low.bin, ends.low.within), (1, 0.0));
    assert_eq!((ends.high.bin, ends.high.within), (1, 1.0));
    // Three in five never: the median lies beyond, whatever the error.
    let beyond: Vec<u64> = [0, 205, 0, 307].into();
    let ends = Bands::new(&[beyond.as_slice(); 16], 0.95).quantile(0.5);
    assert_eq!((ends.low.bin, ends.high.bin), (3, 3));
    // Ten trials say nothing about where their 95 % quantile ends.
    let few: Vec<u64> = [0, 10, 0, 0].into();
    let ends = Bands::new(&[few.as_slice()], 0.95).quantile(0.95);
    assert_eq!((ends.low.bin, ends.high.bin), (1, 3));
}
