//! Numbers from one to another, made when they are wanted: a million of them take no room.

use super::{number, short};

/// The most values of one axis.
pub const MOST_VALUES: u32 = 10_000_000;

/// Numbers from one to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Steps {
    from: f64,
    to: f64,
    by: By,
}

/// How they follow each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum By {
    /// Each is so much above the one before; the last one is the last that does not go beyond the end.
    Step(f64),
    /// So many, with equal differences.
    Differences(u32),
    /// So many, with equal ratios.
    Ratios(u32),
}

impl Steps {
    /// Numbers from `from` to `to`, all to twelve digits.
    ///
    /// # Errors
    /// A sentence, if there is no such sequence, or it is longer than [`MOST_VALUES`].
    pub fn new(from: f64, to: f64, by: By) -> Result<Self, String> {
        let by = match by {
            By::Step(step) => By::Step(short(step)),
            other => other,
        };
        let steps = Self {
            from: short(from),
            to: short(to),
            by,
        };
        match by {
            By::Step(step)
                if step == 0.0
                    || steps.to < steps.from && step > 0.0
                    || steps.to > steps.from && step < 0.0 =>
            {
                Err(format!("steps of {step} never lead from {from} to {to}"))
            }
            By::Step(_) if steps.count() >= f64::from(MOST_VALUES) => Err(too_many()),
            By::Differences(count) | By::Ratios(count) if count > MOST_VALUES => Err(too_many()),
            By::Differences(count) | By::Ratios(count) if count < 2 => Err(format!(
                "{count} is no number of steps: from 2 to {MOST_VALUES} lead from one end to the other"
            )),
            By::Ratios(_) if from <= 0.0 || to <= 0.0 => Err("logarithmic steps lie above 0".to_owned()),
            _ => Ok(steps),
        }
    }

    /// How many steps of one size there are; one that misses the end by rounding alone reaches it.
    fn count(self) -> f64 {
        match self.by {
            By::Step(step) => ((self.to - self.from) / step + 1e-9).floor(),
            By::Differences(count) | By::Ratios(count) => f64::from(count - 1),
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn len(self) -> u64 {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the most values"
        )]
        let count = self.count() as u64;
        count + 1
    }

    /// The number at a place, from 0.
    #[must_use]
    pub fn at(self, place: u64) -> f64 {
        let part = place as f64 / self.count().max(1.0);
        let (value, step) = match self.by {
            By::Step(step) => (self.from + step * place as f64, step),
            By::Differences(_) => {
                let whole = self.to - self.from;
                (self.from + whole * part, whole / self.count().max(1.0))
            }
            By::Ratios(_) => return self.from * libm::exp(libm::log(self.to / self.from) * part),
        };
        // Where steps pass through zero, rounding leaves a trace of it that twelve digits would show.
        if value.abs() < step.abs() * 1e-9 {
            0.0
        } else {
            value
        }
    }

    /// As the command line takes it, with a unit behind each number.
    #[must_use]
    pub fn written(self, unit: &str) -> String {
        let (from, to) = (number(self.from) + unit, number(self.to) + unit);
        match self.by {
            By::Step(step) => format!("{from}:{to}:{}{unit}", number(step)),
            By::Differences(count) => format!("{from}:{to}:lin{count}"),
            By::Ratios(count) => format!("{from}:{to}:log{count}"),
        }
    }
}

fn too_many() -> String {
    format!("an axis has at most {MOST_VALUES} values")
}
