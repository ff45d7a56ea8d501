//! Moments of a trial, in whole ticks of 32 bits: half the memory of a floating-point column and twice the lanes, with
//! sums that are exact in any order and moments that are equal when they should be.
//!
//! # Limits
//! A tick is 2⁻²⁰ of a day (0.08 s) for horizons up to 2,047 days, and twice, four times, … as long for longer ones, so
//! that every moment within the horizon stays below 2³¹ and the sum of any two values below 2³².

/// A moment, or a duration, in ticks.
pub type Ticks = u32;

/// The moment of what does not happen within the horizon.
pub const NEVER: Ticks = Ticks::MAX;

/// The longest duration: beyond every horizon, and a number that 32-bit floating point has too.
pub const LONGEST: Ticks = (1 << 31) - 128;

/// The most ticks a day.
pub const FINEST: f64 = 1_048_576.0;

/// How days become ticks, and the horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timescale {
    per_day: f64,
    horizon: Ticks,
}

impl Timescale {
    /// The time scale of a horizon in days, of at least 0; one of over 10¹³ days is not told from that.
    #[must_use]
    pub fn new(horizon: f64) -> Self {
        let mut per_day = FINEST;
        while horizon * per_day > f64::from(LONGEST - 1) && per_day > f64::EPSILON {
            per_day *= 0.5;
        }
        let mut scale = Self {
            per_day,
            horizon: LONGEST,
        };
        scale.horizon = scale.ticks(horizon);
        scale
    }

    /// Ticks a day: a power of two.
    #[inline]
    #[must_use]
    pub fn per_day(self) -> f64 {
        self.per_day
    }

    /// The last moment that is followed.
    #[inline]
    #[must_use]
    pub fn horizon(self) -> Ticks {
        self.horizon
    }

    /// A duration in ticks, rounded half to even; at least 0 and at most [`LONGEST`].
    #[inline]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, and casts saturate"
    )]
    pub fn ticks(self, days: f64) -> Ticks {
        // The sum with 2⁵² leaves the nearest whole number, half to even, in the low bits: a call of `rint` costs more.
        const UNITS: f64 = 4_503_599_627_370_496.0;
        let ticks = (days * self.per_day).min(f64::from(LONGEST)).max(0.0);
        (ticks + UNITS).to_bits() as Ticks
    }

    /// A moment in days; infinite for [`NEVER`].
    #[inline]
    #[must_use]
    pub fn days(self, at: Ticks) -> f64 {
        if at == NEVER {
            f64::INFINITY
        } else {
            f64::from(at) / self.per_day
        }
    }

    /// A moment, if it lies within the horizon; else [`NEVER`].
    #[inline]
    #[must_use]
    pub fn within(self, at: Ticks) -> Ticks {
        within(at, self.horizon)
    }
}

/// A moment, if it lies within the horizon; else [`NEVER`].
#[inline]
#[must_use]
pub fn within(at: Ticks, horizon: Ticks) -> Ticks {
    if at > horizon { NEVER } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_ticks_turn_into_each_other() {
        let scale = Timescale::new(540.0);
        assert_eq!(scale.ticks(1.0), 1 << 20);
        assert_eq!(
            scale.days(scale.ticks(12.345_67)),
            (12.345_67 * FINEST).round() / FINEST
        );
        assert_eq!((scale.ticks(f64::INFINITY), scale.ticks(-3.0)), (LONGEST, 0));
        assert!(scale.days(NEVER).is_infinite());
    }

    #[test]
    fn every_horizon_leaves_room_for_one_more_duration() {
        for days in [0.0, 1.0, 540.0, 2047.0, 2048.0, 36_525.0, 1e9] {
            let scale = Timescale::new(days);
            assert!(scale.horizon() < LONGEST, "{days}");
            assert!(
                scale
                    .horizon()
                    .checked_add(LONGEST)
                    .is_some_and(|sum| sum < NEVER)
            );
            assert!((scale.days(scale.horizon()) - days).abs() <= 0.5 / scale.per_day());
        }
        assert_eq!(Timescale::new(2047.0).per_day(), FINEST);
        assert_eq!(Timescale::new(2048.0).per_day(), FINEST / 2.0);
    }

    #[test]
    fn what_lies_beyond_the_horizon_never_happens() {
        let scale = Timescale::new(10.0);
        assert_eq!(scale.within(scale.horizon()), scale.horizon());
        assert_eq!(scale.within(scale.horizon() + 1), NEVER);
    }
}
