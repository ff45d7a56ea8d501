//! The uniforms of a block of trials, one column a coordinate, by whichever method.
//!
//! A coordinate is a visit of an address. Most have a key alone; those of the few quantities that everything hangs on
//! also have a dimension of a Sobol sequence. Whole columns are for the hot loops, single lanes for all else and for
//! the trace: both give the same bits, since a Sobol column is made once a block and read by both, and the others are
//! the same function of the lane.

use super::{BLOCK, Method, latin_hypercube, numbered, sobol};
use crate::draw::{Key, States, Uniform, hash_all};
use crate::lanes::{Lanes, gather};

/// Where all draws of a run come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where they start from.
    pub seed: u64,
    /// How they are spread.
    pub method: Method,
}

impl Source {
    /// Independent draws.
    #[must_use]
    pub fn random(seed: u64) -> Self {
        Self {
            seed,
            method: Method::Random,
        }
    }

    /// The key of an address that belongs to a replicate, or to a block.
    fn key(self, key: Key, number: u64) -> u64 {
        numbered(numbered(self.seed, key.whole()), number)
    }
}

/// One visit of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coordinate {
    key: Key,
    /// Its dimension, if it has one and this is the first visit.
    dimension: Option<u16>,
}

impl Coordinate {
    /// The first visit of an address, which has a dimension if it is among those of [`Points::fill`].
    #[must_use]
    pub fn of(key: Key, dimensions: &[Key]) -> Self {
        let found = dimensions.iter().position(|&known| known == key);
        Self {
            key,
            dimension: found.and_then(|dimension| u16::try_from(dimension).ok()),
        }
    }

    /// The same address on another visit; called on the first.
    #[inline]
    #[must_use]
    pub fn visit(self, visit: u32) -> Self {
        if visit == 0 {
            return self;
        }
        Self {
            key: self.key.visit(visit),
            dimension: None,
        }
    }
}

/// What the trials of a block draw from.
#[derive(Clone, Debug, Default)]
pub struct Points {
    source: Source,
    /// The number of the first trial.
    first: u64,
    /// One state a trial.
    states: States,
    /// For each dimension its column, where the method is that of Sobol sequences.
    columns: Vec<Lanes<u32>>,
}

impl Points {
    /// Those of the trials `first .. first + count` of a source: at most a block. `dimensions` are the keys of the
    /// quantities that have a dimension of a Sobol sequence, in order.
    ///
    /// Any trials will do; those of one block, from its first on, are made fastest.
    pub fn fill(&mut self, source: Source, dimensions: &[Key], first: u64, count: usize) {
        self.source = source;
        self.first = first;
        self.states.fill(source.seed, first, count);
        let columns = match source.method {
            Method::Sobol => dimensions.len().min(sobol::DIMENSIONS),
            Method::Random | Method::LatinHypercube => 0,
        };
        self.columns.resize_with(columns, Lanes::new);
        for ((dimension, &key), column) in dimensions.iter().enumerate().zip(&mut self.columns) {
            net(source, key, dimension, first, column.lay_out(count));
        }
    }

    /// Whether some of the trials can be brought together: not where draws belong to places in the block.
    #[inline]
    #[must_use]
    pub fn can_gather(&self) -> bool {
        self.source.method != Method::LatinHypercube
    }

    /// Brings the trials together whose place in `needed` is not `u32::MAX`, and keeps `count`, for coordinates without
    /// a dimension; what lies behind those that are needed has no meaning.
    pub fn gather(&self, needed: &[u32], count: usize, into: &mut Self) {
        into.source = self.source;
        into.columns.clear();
        self.states.gather(needed, count, &mut into.states);
    }

    /// Brings some trials together, by their places, for all coordinates; not where draws belong to places in the block.
    pub fn gather_lanes(&self, lanes: &[u32], into: &mut Self) {
        into.source = self.source;
        into.first = self.first;
        self.states.gather_lanes(lanes, &mut into.states);
        into.columns.resize_with(self.columns.len(), Lanes::new);
        for (column, into) in self.columns.iter().zip(&mut into.columns) {
            gather(column, lanes, into.lay_out(lanes.len()));
        }
    }

    /// How many trials there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.states.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.states.is_empty()
    }

    /// Draws a coordinate for all trials.
    pub fn draw(&self, coordinate: Coordinate, draws: &mut [u32]) {
        if let Some(column) = self.column(coordinate) {
            draws.copy_from_slice(column);
            return;
        }
        hash_all(&self.states, coordinate.key, draws);
        if self.source.method != Method::LatinHypercube {
            return;
        }
        let (block, lane) = place(self.first);
        if lane == 0 && draws.len() <= BLOCK {
            latin_hypercube::stratify(self.source.key(coordinate.key, block), draws);
            return;
        }
        for (draw, lane) in draws.iter_mut().zip(0..) {
            *draw = self.stratified(coordinate, lane, *draw);
        }
    }

    /// Draws a coordinate for one trial.
    #[inline]
    #[must_use]
    pub fn at(&self, coordinate: Coordinate, lane: usize) -> Uniform {
        let hashed = || Uniform::of(coordinate.key, self.states.at(lane));
        match self.source.method {
            Method::Random => hashed(),
            Method::Sobol => match self.column(coordinate) {
                Some(column) => Uniform(column[lane]),
                None => hashed(),
            },
            Method::LatinHypercube => Uniform(self.stratified(coordinate, lane, hashed().0)),
        }
    }

    /// The column of a coordinate with a dimension.
    #[inline]
    fn column(&self, coordinate: Coordinate) -> Option<&[u32]> {
        let column = self.columns.get(usize::from(coordinate.dimension?))?;
        Some(column)
    }

    /// A hash moved into the stratum of its trial.
    fn stratified(&self, coordinate: Coordinate, lane: usize, draw: u32) -> u32 {
        let (block, lane) = place(self.first.wrapping_add(lane as u64));
        latin_hypercube::stratified(self.source.key(coordinate.key, block), lane, draw)
    }
}

impl Default for Source {
    /// Independent draws from the seed 0.
    fn default() -> Self {
        Self::random(0)
    }
}

/// The block of a trial, and the lane in it.
fn place(trial: u64) -> (u64, usize) {
    let block = BLOCK as u64;
    #[allow(clippy::cast_possible_truncation, reason = "below the size of a block")]
    let lane = (trial % block) as usize;
    (trial / block, lane)
}

/// Fills the column of a dimension. Trials behind the last point of their replicate's sequence, of which each has 2³², get
/// the first ones again under another scramble.
fn net(source: Source, key: Key, dimension: usize, first: u64, draws: &mut [u32]) {
    let replicates = source.method.replicates();
    let of_block = |block: u64| {
        let place = replicates.place(block);
        let round = place.first / sobol::POINTS;
        let number = place.replicate + round * replicates.count();
        (source.key(key, number), place.first % sobol::POINTS)
    };
    let (block, lane) = place(first);
    if lane == 0 {
        let (scramble, point) = of_block(block);
        sobol::fill(dimension, scramble, point, draws);
        return;
    }
    for (draw, trial) in draws.iter_mut().zip(0..) {
        let (block, lane) = place(first.wrapping_add(trial));
        let (scramble, point) = of_block(block);
        *draw = sobol::draw(dimension, scramble, point + lane as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const METHODS: [Method; 3] = [Method::Random, Method::Sobol, Method::LatinHypercube];

    fn points(method: Method, dimensions: &[Key], first: u64, count: usize) -> Points {
        let mut points = Points::default();
        points.fill(Source { seed: 5, method }, dimensions, first, count);
        points
    }

    fn column(points: &Points, coordinate: Coordinate) -> Vec<u32> {
        let mut draws = vec![0; points.len()];
        points.draw(coordinate, &mut draws);
        draws
    }

    #[test]
    fn columns_lanes_and_single_trials_are_the_same_bits() {
        let keys = ["a", "b", "c"].map(Key::of);
        let dimensions = &keys[..2];
        for method in METHODS {
            for (first, count) in [(0, 512), (512 * 77, 512), (512 * 5, 100), (1000, 512), (7, 3)] {
                let all = points(method, dimensions, first, count);
                for key in keys {
                    for visit in [0, 1, 9] {
                        let coordinate = Coordinate::of(key, dimensions).visit(visit);
                        for (lane, &draw) in column(&all, coordinate).iter().enumerate() {
                            assert_eq!(all.at(coordinate, lane), Uniform(draw));
                            let one = points(method, dimensions, first + lane as u64, 1);
                            assert_eq!(one.at(coordinate, 0), Uniform(draw), "{method:?} {first}+{lane}");
                        }
                    }
                }
            }
        }
    }

    /// Which quantities a block spreads evenly: one draw in each of its 512 intervals.
    #[test]
    fn every_block_spreads_what_its_method_says() {
        let keys = ["a", "b"].map(Key::of);
        let is_spread = |method, key, visit| {
            let points = points(method, &keys[..1], 512 * 33, 512);
            let mut strata: Vec<u32> = column(&points, Coordinate::of(key, &keys[..1]).visit(visit))
                .iter()
                .map(|draw| draw >> 23)
                .collect();
            strata.sort_unstable();
            strata.iter().copied().eq(0..512)
        };
        let spread = |method| {
            [(keys[0], 0), (keys[0], 1), (keys[1], 0)].map(|(key, visit)| is_spread(method, key, visit))
        };
        assert_eq!(spread(Method::Random), [false, false, false]);
        assert_eq!(spread(Method::Sobol), [true, false, false]);
        assert_eq!(spread(Method::LatinHypercube), [true, true, true]);
    }

    /// Any number of trials: a sequence that is used up begins anew under another scramble.
    #[test]
    fn there_is_no_last_trial() {
        let dimensions = [Key::of("a")];
        let last = u64::MAX - 511;
        for first in [0, (1 << 36) - 512, 1 << 36, (1 << 40) + 7, last] {
            let draws = column(
                &points(Method::Sobol, &dimensions, first, 100),
                Coordinate::of(dimensions[0], &dimensions),
            );
            assert!(draws.iter().any(|draw| draw != &draws[0]));
        }
        let at = |first| {
            points(Method::Sobol, &dimensions, first, 1).at(Coordinate::of(dimensions[0], &dimensions), 0)
        };
        assert_ne!(at(0), at(1 << 36));
    }

    /// Frozen: a change of these numbers changes the results of its method and belongs into the changelog.
    #[test]
    fn the_draws_are_frozen() {
        let dimensions = [Key::of("ceasefire.after")];
        let coordinate = Coordinate::of(dimensions[0], &dimensions);
        let drawn = METHODS.map(|method| points(method, &dimensions, 8_200, 1).at(coordinate, 0).0);
        assert_eq!(drawn, FROZEN);
    }

    const FROZEN: [u32; 3] = [1_963_295_739, 4_153_201_295, 4_105_863_873];
}
