//! What trials have shown of a question, and the interval that holds at every look.

use std::ops::AddAssign;

use super::Question;
use crate::estimate::Estimate;
use crate::estimate::sequence::{Mean, Proportion, Unbounded};
use crate::probe::Scale;

/// Sums over trials, in whole units: those of two sets of trials add up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// How many trials.
    pub trials: u64,
    sum: i128,
    squares: u128,
}

impl Evidence {
    /// Takes in what some trials say.
    pub fn add(&mut self, said: &[i64]) {
        self.trials += said.len() as u64;
        for &value in said {
            self.sum += i128::from(value);
            self.squares += u128::from(value.unsigned_abs()).pow(2);
        }
    }
}

impl AddAssign for Evidence {
    fn add_assign(&mut self, other: Self) {
        self.trials += other.trials;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

/// Half-widths that confidence sequences are tuned to. How near to its bound a figure lies is not known beforehand, so
/// several share the chance of being wrong, and what each of them allows is allowed: the price is a few per cent of width.
const HALF_WIDTHS: [f64; 3] = [0.03, 0.003, 0.0003];

/// Trials after which a mean without bounds is known best: most claims are decided in some ten thousand.
const TYPICAL_TRIALS: f64 = 30_000.0;

/// The confidence sequence of a question.
#[derive(Clone, Debug)]
pub(super) enum Sequence {
    /// Of a chance or a share.
    Proportion([Proportion; HALF_WIDTHS.len()]),
    /// Of anything else that has bounds.
    Mean(Mean),
    /// Of what has none above, with the least that it can be.
    Unbounded(Unbounded, f64),
    /// Of what is the same in all trials.
    Constant(f64),
}

impl Sequence {
    /// That of a question whose probe is read on a scale, at a confidence between 0 and 1.
    pub(super) fn new(question: &Question, scale: Scale, confidence: f64) -> Self {
        let is_part = scale.low == 0.0 && scale.high == 1.0;
        if question.minus.is_none() && is_part {
            let each = 1.0 - (1.0 - confidence) / HALF_WIDTHS.len() as f64;
            return Self::Proportion(
                HALF_WIDTHS.map(|half_width| Proportion::for_half_width(half_width, each)),
            );
        }
        let range = scale.high - scale.low;
        if range <= 0.0 {
            return Self::Constant(scale.low);
        }
        if range.is_infinite() {
            let least = question.minus.map_or(scale.low, |_| f64::NEG_INFINITY);
            return Self::Unbounded(Unbounded::for_trials(TYPICAL_TRIALS, confidence), least);
        }
        let (low, high) = match question.minus {
            Some(_) => (-range, range),
            None => (scale.low, scale.high),
        };
        let finest = HALF_WIDTHS[HALF_WIDTHS.len() - 1];
        Self::Mean(Mean::for_half_width(low, high, finest * range, confidence))
    }

    /// The figure with its interval after what trials have shown.
    pub(super) fn interval(&self, evidence: &Evidence, scale: Scale) -> Estimate {
        let (trials, sum) = (evidence.trials, evidence.sum as f64 / scale.unit);
        match self {
            Self::Proportion(sequences) => {
                let mut intervals = sequences.iter().map(|sequence| sequence.interval(sum, trials));
                let first = intervals
                    .next()
                    .expect("there are some half-widths that sequences are tuned to");
                intervals.fold(first, |both, other| Estimate {
                    low: both.low.max(other.low),
                    high: both.high.min(other.high),
                    ..both
                })
            }
            Self::Mean(mean) => {
                let squares = evidence.squares as f64 / (scale.unit * scale.unit);
                mean.interval(sum, squares, trials)
            }
            Self::Unbounded(mean, least) => {
                let squares = evidence.squares as f64 / (scale.unit * scale.unit);
                let interval = mean.interval(sum, squares, trials);
                Estimate {
                    low: interval.low.max(*least),
                    ..interval
                }
            }
            Self::Constant(value) => Estimate {
                estimate: *value,
                low: *value,
                high: *value,
                trials,
            },
        }
    }
}
