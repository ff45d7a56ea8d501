//! Moments of a trial, in whole ticks of 32 bits: half the memory of a floating-point column and twice the lanes, with
//! sums that are exact in any order and moments that are equal when they should be.
//!
//! Ticks are decimal, as the numbers are that people write: ten clocks of 0.1 d end with one of 1 d, and 10.1 + 9.6 +
//! 10.3 d are 30 d.
//!
//! # Limits
//! A tick is 10⁻⁶ of a day (0.09 s) for horizons up to 2,147 days, and ten times, a hundred times, … as long for longer
//! ones, so that every moment within the horizon stays below 2³¹ and the sum of any two values below 2³². A month, a quarter
//! and a year are whole ticks within every horizon that the language allows.

/// A moment, or a duration, in ticks.
pub type Ticks = u32;

/// The moment of what does not happen within the horizon.
pub const NEVER: Ticks = Ticks::MAX;

/// The longest duration: beyond every horizon.
pub const LONGEST: Ticks = (1 << 31) - 128;

/// The most ticks a day.
pub const FINEST: Ticks = 1_000_000;

/// How days become ticks, and the horizon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timescale {
    per_day: Ticks,
    horizon: Ticks,
}

impl Timescale {
    /// The time scale of a horizon in days, of at least 0; one of over 2·10⁹ days is not told from that.
    #[must_use]
    pub fn new(horizon: f64) -> Self {
        let mut per_day = FINEST;
        while horizon * f64::from(per_day) > f64::from(LONGEST - 1) && per_day > 1 {
            per_day /= 10;
        }
        let mut scale = Self {
            per_day,
            horizon: LONGEST - 1,
        };
        scale.horizon = scale.ticks(horizon).min(LONGEST - 1);
        scale
    }

    /// Ticks a day: a power of ten.
    #[inline]
    #[must_use]
    pub fn per_day(self) -> Ticks {
        self.per_day
    }

    /// The last moment that is followed.
    #[inline]
    #[must_use]
    pub fn horizon(self) -> Ticks {
        self.horizon
    }

    /// A duration in ticks, rounded half to even; at least 0 and at most [`LONGEST`].
    #[inline(always)]
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, and casts saturate"
    )]
    pub fn ticks(self, days: f64) -> Ticks {
        // The sum with 2⁵² leaves the nearest whole number, half to even, in the low bits: a call of `rint` costs more, and
        // the compiler makes no wide loop of a cast.
        const UNITS: f64 = 4_503_599_627_370_496.0;
        let ticks = (days * f64::from(self.per_day)).min(f64::from(LONGEST)).max(0.0);
        (ticks + UNITS).to_bits() as Ticks
    }

    /// A moment in days; infinite for [`NEVER`].
    #[inline]
    #[must_use]
    pub fn days(self, at: Ticks) -> f64 {
        if at == NEVER {
            f64::INFINITY
        } else {
            f64::from(at) / f64::from(self.per_day)
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
        assert_eq!(scale.ticks(1.0), 1_000_000);
        assert_eq!(scale.days(scale.ticks(12.345_67)), 12.345_67);
        assert_eq!(scale.days(scale.ticks(12.345_678_9)), 12.345_679);
        assert_eq!((scale.ticks(f64::INFINITY), scale.ticks(-3.0)), (LONGEST, 0));
        assert!(scale.days(NEVER).is_infinite());
    }

    #[test]
    fn sums_of_decimals_are_what_they_are_on_paper() {
        for horizon in [30.0, 3_650.0, 36_525.0] {
            let scale = Timescale::new(horizon);
            let sum = |days: &[f64]| days.iter().map(|&days| scale.ticks(days)).sum::<Ticks>();
            assert_eq!(sum(&[0.1; 10]), scale.ticks(1.0), "{horizon}");
            assert_eq!(sum(&[10.1, 9.6, 10.3]), scale.ticks(30.0), "{horizon}");
            assert_eq!(sum(&[30.4375; 12]), scale.ticks(365.25), "{horizon}");
            assert_eq!(sum(&[91.3125; 4]), scale.ticks(365.25), "{horizon}");
        }
    }

    #[test]
    fn every_horizon_leaves_room_for_one_more_duration() {
        for days in [0.0, 1.0, 540.0, 2147.0, 2148.0, 36_525.0, 1e9] {
            let scale = Timescale::new(days);
            assert!(scale.horizon() < LONGEST, "{days}");
            assert!(
                scale
                    .horizon()
                    .checked_add(LONGEST)
                    .is_some_and(|sum| sum < NEVER)
            );
            assert!((scale.days(scale.horizon()) - days).abs() <= 0.5 / f64::from(scale.per_day()));
        }
        assert_eq!(Timescale::new(2147.0).per_day(), FINEST);
        assert_eq!(Timescale::new(2148.0).per_day(), FINEST / 10);
        assert_eq!(Timescale::new(36_525.0).per_day(), FINEST / 100);
    }

    #[test]
    fn what_lies_beyond_the_horizon_never_happens() {
        let scale = Timescale::new(10.0);
        assert_eq!(scale.within(scale.horizon()), scale.horizon());
        assert_eq!(scale.within(scale.horizon() + 1), NEVER);
    }
}
