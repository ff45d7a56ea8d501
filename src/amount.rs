//! Amounts of a capability as whole numbers of a decimal step, so that their sums are exact in any order, and those that are
//! equal on paper are equal.
//!
//! # Limits
//! Totals stay below 2⁵¹ steps, which 64-bit floating point holds exactly. A step is 10⁻⁶ of a unit where nothing asks for
//! another ([`Measure::fit`]).

/// Decimals of a step where nothing asks for another number of them.
const USUAL: u32 = 6;

/// The most decimals of a step.
const MOST: u32 = 12;

/// The most steps that a total may come to.
const LONGEST: f64 = (1_u64 << 51) as f64;

/// How amounts of a capability become whole steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    per_unit: f64,
    /// The most steps that one amount may have, so that all of them together stay exact.
    most: f64,
}

impl Measure {
    /// The measure of totals that have up to `parts` amounts in them, and come to at most `greatest` units.
    ///
    /// Its step holds each of `constants` exactly, unless one has more than twelve decimals. Where the greatest total would not
    /// fit, steps are coarser: down to a ten millionth of `usual`, what totals hardly ever exceed. What is still too
    /// large then is cut to as much as fits, about 2·10⁸ / `parts` times what is usual.
    #[must_use]
    pub fn fit(constants: impl Iterator<Item = f64>, [usual, greatest]: [f64; 2], parts: usize) -> Self {
        let exact = constants.map(decimals).filter(|&decimals| decimals <= MOST);
        let mut decimals = exact.fold(USUAL, u32::max);
        let is_fine_enough = |decimals: u32| usual * power(decimals) >= 1e7;
        while decimals > 0 && greatest * power(decimals) > LONGEST && is_fine_enough(decimals - 1) {
            decimals -= 1;
        }
        let fits = greatest * power(decimals) <= LONGEST;
        Self {
            per_unit: power(decimals),
            most: if fits {
                LONGEST
            } else {
                (LONGEST / (parts + 1) as f64).floor()
            },
        }
    }

    /// Steps a unit: a power of ten.
    #[inline]
    #[must_use]
    pub fn per_unit(self) -> f64 {
        self.per_unit
    }

    /// An amount in whole steps, rounded half to even.
    #[inline(always)]
    #[must_use]
    pub fn steps(self, amount: f64) -> f64 {
        whole((amount * self.per_unit).min(self.most))
    }

    /// What is asked of a total, in whole steps; more than any total comes to stays more.
    #[inline]
    #[must_use]
    pub fn asked(self, amount: f64) -> f64 {
        whole((amount * self.per_unit).min(2.0 * LONGEST))
    }

    /// Steps in units.
    #[inline]
    #[must_use]
    pub fn units(self, steps: f64) -> f64 {
        steps / self.per_unit
    }

    /// An amount rounded to whole steps, in units.
    #[must_use]
    pub fn rounded(self, amount: f64) -> f64 {
        self.units(self.steps(amount))
    }

    /// Whether 24 significant bits of an amount come to the same steps as all of them.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "whether anything is lost is the question"
    )]
    pub fn is_short(self, amount: f64) -> bool {
        self.steps(f64::from(amount as f32)) == self.steps(amount)
    }
}

/// The nearest whole number of one of at most 2⁵², half to even: the sum with 1.5 · 2⁵² leaves no bit behind the point.
#[inline(always)]
fn whole(number: f64) -> f64 {
    const WHOLE: f64 = 6_755_399_441_055_744.0;
    (number + WHOLE) - WHOLE
}

/// 10 to a power of at most 22, exactly.
fn power(decimals: u32) -> f64 {
    (0..decimals).fold(1.0, |power, _| power * 10.0)
}

/// How many decimals a number has where it is written as short as can be.
fn decimals(number: f64) -> u32 {
    let text = number.to_string();
    let count = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measure(constants: &[f64], greatest: f64) -> Measure {
        Measure::fit(constants.iter().copied(), [greatest, greatest], 10)
    }

    #[test]
    fn sums_of_decimals_are_what_they_are_on_paper() {
        let measure = measure(&[0.1, 0.2, 0.3], 100.0);
        let steps = |amount| measure.steps(amount);
        assert_eq!(steps(0.1) + steps(0.2), steps(0.3));
        assert_eq!((0..10).map(|_| steps(0.1)).sum::<f64>(), steps(1.0));
        assert_eq!(measure.units(steps(0.1)), 0.1);
    }

    #[test]
    fn steps_hold_constants_and_totals() {
        assert_eq!(measure(&[5_500.0, 0.25], 1e5).per_unit(), 1e6);
        assert_eq!(measure(&[0.000_000_1], 1.0).per_unit(), 1e7);
        assert_eq!(measure(&[1.0 / 3.0], 1.0).per_unit(), 1e6);
        assert_eq!(measure(&[1.0], 1e10).per_unit(), 1e5);
        assert_eq!(measure(&[1.0], 1e15).per_unit(), 1.0);
        // Half of all draws of about 1,000 keep seven digits, although one may be 10¹⁰⁰.
        let heavy = Measure::fit([].into_iter(), [1e3, 1e100], 1);
        assert_eq!(heavy.per_unit(), 1e4);
        assert_eq!(heavy.steps(1e100) * 2.0, LONGEST);
    }

    /// One amount may be nearly all of a total, and more may be asked than any one brings.
    #[test]
    fn nothing_that_fits_is_cut() {
        let many = Measure::fit([1e9].into_iter(), [1e9, 1e9], 1_000);
        assert_eq!((many.steps(1e9), many.asked(1e9)), (1e15, 1e15));
        let heavy = Measure::fit([].into_iter(), [1e3, 1e100], 1_000);
        assert!(heavy.asked(1e9) == 1e13 && heavy.steps(1e9) < 1e13);
        assert!(heavy.asked(1e100) > LONGEST);
    }

    #[test]
    fn amounts_of_24_bits_are_told_from_others() {
        let measure = measure(&[0.1], 1e3);
        assert!(
            [0.0, 0.1, 5.5, 12.345, 1_000.0]
                .into_iter()
                .all(|amount| measure.is_short(amount))
        );
        assert!(!measure.is_short(16_777_217.0) && !measure.is_short(1_234.567_89));
    }
}
