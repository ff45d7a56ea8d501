//! A tally as bytes, so that a later run can add to it: the file `tally.bin` of a result.
//!
//! | bytes | what |
//! | --- | --- |
//! | 16 | `ceasefire tally` and a line break |
//! | 4 | version of this format, the lowest byte first |
//! | 32 | BLAKE3 hash of what follows |
//! | the rest | what was counted, by `postcard`, compressed by DEFLATE |
//!
//! Counts are integers, so nothing is lost: a tally that was read is equal to the one that was written.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::{Deserialize, Serialize};

use crate::plan::{Histogram, Plan};
use crate::sampling::{SAMPLERS, sampler};
use crate::tally::{GateTally, SubjectTally, Tally, TotalTally};

const MARK: &[u8; 16] = b"ceasefire tally\n";

/// It changes when the bytes change their meaning.
const FORMAT: u32 = 4;

/// Bytes before what is compressed.
const HEAD: usize = MARK.len() + size_of::<u32>() + blake3::OUT_LEN;

/// What the trials belong to: only trials of the same origin may be added to them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Origin {
    /// The program's version.
    pub version: String,
    /// Hash of all inputs and replaced values.
    pub hash: String,
    /// Where the draws start from.
    pub seed: u64,
    /// The name of the sampler.
    pub sampler: String,
}

/// All that the file holds.
#[derive(Deserialize, Serialize)]
struct Stored {
    origin: Origin,
    whole: Counts,
    replicates: Vec<Counts>,
}

/// All counts, under the names that they have in [`Tally`].
#[derive(Deserialize, Serialize)]
struct Counts {
    trials: u64,
    total_trials: u64,
    never_together: u64,
    missing_together: Vec<u64>,
    decisive_together: Vec<u64>,
    subjects: Vec<Subject>,
    gates: Vec<Gate>,
    pledges: Vec<Vec<u64>>,
    totals: Vec<Total>,
}

#[derive(Deserialize, Serialize)]
struct Subject {
    first: Vec<u64>,
    changes: Vec<i64>,
    held: u128,
    held_squared: u128,
    lost: u64,
}

#[derive(Deserialize, Serialize)]
struct Gate {
    share: u128,
    granted: Vec<u64>,
    decisive: u64,
    missing: u64,
}

#[derive(Deserialize, Serialize)]
struct Total {
    changes: Sparse,
    sums: Vec<i128>,
    squares: Vec<i128>,
    endless: Vec<i64>,
}

/// Counts of which most are 0.
#[derive(Deserialize, Serialize)]
struct Sparse {
    length: u64,
    /// The others, each with the number of zeros before it.
    others: Vec<(u64, i32)>,
}

impl From<&Vec<i32>> for Sparse {
    fn from(counts: &Vec<i32>) -> Self {
        let mut next = 0;
        let others = counts.iter().enumerate().filter(|(_, count)| **count != 0);
        let others = others.map(|(place, &count)| {
            let before = (place - next) as u64;
            next = place + 1;
            (before, count)
        });
        Self {
            length: counts.len() as u64,
            others: others.collect(),
        }
    }
}

impl Sparse {
    /// All counts, if there are to be so many.
    fn into_counts(self, length: usize) -> Option<Vec<i32>> {
        let mut counts = vec![0; length];
        let mut next = 0;
        for (before, count) in self.others {
            let place = usize::try_from(before).ok()?.checked_add(next)?;
            *counts.get_mut(place)? = count;
            next = place + 1;
        }
        (self.length == length as u64).then_some(counts)
    }
}

/// The bytes of a tally.
#[must_use]
pub fn pack(origin: Origin, tally: &Tally) -> Vec<u8> {
    let stored = Stored {
        origin,
        whole: Counts::from(tally),
        replicates: tally.replicates.iter().map(Counts::from).collect(),
    };
    let plain = postcard::to_allocvec(&stored).expect("counts can be written");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    let packed = encoder.write_all(&plain).and_then(|()| encoder.finish());
    let packed = packed.expect("a vector takes every byte");
    let hash = blake3::hash(&packed);
    [MARK, &FORMAT.to_le_bytes()[..], hash.as_bytes(), &packed].concat()
}

/// The tally that bytes hold, and its origin, for a plan of the same scenario.
///
/// # Errors
/// A sentence that begins in the middle, such as "is damaged": if the bytes are not what [`pack`] wrote, or the tally is
/// of another plan.
pub fn unpack(bytes: &[u8], plan: &Plan) -> Result<(Origin, Tally), &'static str> {
    let damaged = "is damaged";
    let (head, packed) = bytes.split_at_checked(HEAD).ok_or(damaged)?;
    let (mark, head) = head.split_at(MARK.len());
    let (format, hash) = head.split_at(size_of::<u32>());
    if mark != MARK {
        return Err("is no tally");
    }
    if format != FORMAT.to_le_bytes() {
        return Err("is in the format of another version of ceasefire");
    }
    if blake3::hash(packed) != *hash {
        return Err(damaged);
    }
    let mut unpacked = Vec::new();
    DeflateDecoder::new(packed)
        .take(most_bytes(plan))
        .read_to_end(&mut unpacked)
        .map_err(|_| damaged)?;
    let stored: Stored = postcard::from_bytes(&unpacked).map_err(|_| damaged)?;
    let origin = stored.origin.clone();
    let tally = stored.into_tally(plan).ok_or("counts something else")?;
    Ok((origin, tally))
}

/// The most bytes that a tally of a plan has before it is compressed: a few bytes may stand for very many.
fn most_bytes(plan: &Plan) -> u64 {
    /// Those of the longest number.
    const NUMBER: usize = 19;
    /// Those of all that is not counted.
    const REST: usize = 1 << 20;
    let counts = |method| {
        let tally = Tally::new(plan, method);
        let replicates = tally
            .replicates
            .iter()
            .map(|replicate| Shape::of(replicate).counts());
        Shape::of(&tally).counts() + replicates.sum::<usize>()
    };
    let most = SAMPLERS.iter().map(|sampler| counts(sampler.method)).max();
    (REST + NUMBER * most.unwrap_or(0)) as u64
}

impl Stored {
    /// The tally, if it has the shape of those of the plan.
    fn into_tally(self, plan: &Plan) -> Option<Tally> {
        let mut tally = Tally::new(plan, sampler(&self.origin.sampler)?.method);
        if tally.replicates.len() != self.replicates.len() {
            return None;
        }
        for (tally, counts) in tally.replicates.iter_mut().zip(self.replicates) {
            counts.fill(tally)?;
        }
        self.whole.fill(&mut tally)?;
        Some(tally)
    }
}

impl From<&Tally> for Counts {
    fn from(tally: &Tally) -> Self {
        Self {
            trials: tally.trials,
            total_trials: tally.total_trials,
            never_together: tally.never_together,
            missing_together: tally.missing_together.counts().to_vec(),
            decisive_together: tally.decisive_together.counts().to_vec(),
            subjects: tally.subjects.iter().map(Subject::from).collect(),
            gates: tally.gates.iter().map(Gate::from).collect(),
            pledges: tally.pledges.iter().map(|pledges| pledges.to_vec()).collect(),
            totals: tally.totals.iter().map(Total::from).collect(),
        }
    }
}

impl Counts {
    /// Fills an empty tally, if it has the same shape.
    fn fill(self, tally: &mut Tally) -> Option<()> {
        let empty = Shape::of(tally);
        tally.trials = self.trials;
        tally.total_trials = self.total_trials;
        tally.never_together = self.never_together;
        for (pairs, counts) in [
            (&mut tally.missing_together, self.missing_together),
            (&mut tally.decisive_together, self.decisive_together),
        ] {
            *pairs = pairs.clone().with(counts)?;
        }
        tally.subjects = self.subjects.into_iter().map(SubjectTally::from).collect();
        tally.gates = self.gates.into_iter().map(GateTally::from).collect();
        tally.pledges = self.pledges.into_iter().map(Histogram::from).collect();
        let totals = self.totals.into_iter().zip(&empty.totals);
        tally.totals = totals
            .map(|(total, shape)| total.into_tally(shape[0]))
            .collect::<Option<_>>()?;
        (Shape::of(tally) == empty).then_some(())
    }
}

/// How many counts of each kind a tally has.
#[derive(Eq, PartialEq)]
struct Shape {
    subjects: Vec<[usize; 2]>,
    gates: Vec<usize>,
    pledges: Vec<usize>,
    totals: Vec<[usize; 4]>,
}

impl Shape {
    fn of(tally: &Tally) -> Self {
        let subject = |subject: &SubjectTally| [subject.first.len(), subject.changes.len()];
        let total = |total: &TotalTally| {
            [
                total.changes.len(),
                total.sums.len(),
                total.squares.len(),
                total.endless.len(),
            ]
        };
        Self {
            subjects: tally.subjects.iter().map(subject).collect(),
            gates: tally.gates.iter().map(|gate| gate.granted.len()).collect(),
            pledges: tally.pledges.iter().map(|pledges| pledges.len()).collect(),
            totals: tally.totals.iter().map(total).collect(),
        }
    }

    /// How many numbers that is in all, with those that stand beside the lists.
    fn counts(&self) -> usize {
        let lists = [
            self.subjects.as_flattened(),
            self.totals.as_flattened(),
            &self.gates,
            &self.pledges,
        ];
        lists
            .iter()
            .map(|lengths| lengths.iter().sum::<usize>() + 4 * lengths.len())
            .sum()
    }
}

impl From<&SubjectTally> for Subject {
    fn from(tally: &SubjectTally) -> Self {
        Self {
            first: tally.first.to_vec(),
            changes: tally.changes.clone(),
            held: tally.held,
            held_squared: tally.held_squared,
            lost: tally.lost,
        }
    }
}

impl From<Subject> for SubjectTally {
    fn from(stored: Subject) -> Self {
        Self {
            first: stored.first.into(),
            changes: stored.changes,
            held: stored.held,
            held_squared: stored.held_squared,
            lost: stored.lost,
        }
    }
}

impl From<&GateTally> for Gate {
    fn from(tally: &GateTally) -> Self {
        Self {
            share: tally.share,
            granted: tally.granted.to_vec(),
            decisive: tally.decisive,
            missing: tally.missing,
        }
    }
}

impl From<Gate> for GateTally {
    fn from(stored: Gate) -> Self {
        Self {
            share: stored.share,
            granted: stored.granted.into(),
            decisive: stored.decisive,
            missing: stored.missing,
        }
    }
}

impl From<&TotalTally> for Total {
    fn from(tally: &TotalTally) -> Self {
        Self {
            changes: Sparse::from(&tally.changes),
            sums: tally.sums.clone(),
            squares: tally.squares.clone(),
            endless: tally.endless.clone(),
        }
    }
}

impl Total {
    /// The tally, if it is to have so many changes.
    fn into_tally(self, changes: usize) -> Option<TotalTally> {
        Some(TotalTally {
            changes: self.changes.into_counts(changes)?,
            sums: self.sums,
            squares: self.squares,
            endless: self.endless,
        })
    }
}
