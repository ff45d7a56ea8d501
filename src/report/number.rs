//! How numbers and dates look: in files for programs, on the terminal for people.

use crate::estimate::{Estimate, Results};

/// What stands for a time beyond the horizon.
pub const BEYOND: &str = "beyond";

/// What stands for an infinite amount.
pub const INFINITE: &str = "inf";

/// What stands for an infinite figure of a metric, by its name in files: an amount without end, or a time beyond the horizon.
#[must_use]
pub fn endless(metric: &str) -> &'static str {
    let name = metric.rsplit(':').next().unwrap_or(metric);
    if name.starts_with("total") {
        INFINITE
    } else {
        BEYOND
    }
}

/// Most decimals that a figure for people gets.
const MOST_DECIMALS: usize = 9;

/// Powers of ten that are exact as floating-point numbers.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
    1e19, 1e20, 1e21, 1e22,
];

/// Significant digits of a number for programs.
const DIGITS: usize = 9;

/// The power of ten of the first of nine digits before the point.
const FIRST: usize = DIGITS - 1;

/// A number for programs: 9 significant digits, a point as the decimal sign, no exponent; `beyond` if infinite.
///
/// Nine digits are far below the width of any interval, and hide the last bits of binary fractions.
#[must_use]
pub fn plain(value: f64) -> String {
    plain_of(value, BEYOND)
}

/// The same with another text for what is infinite.
#[must_use]
pub fn plain_of(value: f64, infinite: &str) -> String {
    let mut text = String::new();
    push_plain(&mut text, value, infinite);
    text
}

/// Appends a [`plain`] number, or what stands for an infinite one.
pub fn push_plain(text: &mut String, value: f64, infinite: &str) {
    if value.is_infinite() {
        text.push_str(infinite);
    } else if value == 0.0 {
        // Also for the negative zero, whose sign would only raise questions.
        text.push('0');
    } else if let Some((digits, exponent)) = nine_digits(value) {
        push_digits(text, digits, exponent);
    } else {
        let scientific = format!("{value:.8e}");
        text.push_str(&digits(&scientific).expect("a number in scientific notation is made of digits"));
    }
}

/// Reads a [`plain`] number, also an infinite one of any kind; none, if it is none.
#[must_use]
pub fn read_plain(text: &str) -> Option<f64> {
    if [BEYOND, INFINITE].contains(&text) {
        return Some(f64::INFINITY);
    }
    text.parse().ok()
}

/// Nine digits of a number from 10⁻¹⁴ to below 10⁹, as a whole number, and the power of ten of the first; none for other
/// numbers, and for those so close to the middle between two that one rounding could lead to the wrong one.
///
/// The power of ten is exact, so the product is off by its own rounding only: at most 2⁻²⁴ for products below 2³⁰.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the product lies between 0 and 2^30"
)]
fn nine_digits(value: f64) -> Option<(u32, i32)> {
    if !(1e-14..1e9).contains(&value) {
        return None;
    }
    // How often the number is to be multiplied by ten: first for numbers from 1 on, then for those below.
    let shift = if value >= 1.0 {
        FIRST
            - POWERS[1..=FIRST]
                .iter()
                .take_while(|power| value >= **power)
                .count()
    } else {
        FIRST
            + 1
            + POWERS[1..=13]
                .iter()
                .take_while(|power| value * **power < 1.0)
                .count()
    };
    let scaled = value * POWERS[shift];
    let whole = scaled as u32;
    let rest = scaled - f64::from(whole);
    if (rest - 0.5).abs() < 1e-6 {
        return None;
    }
    let digits = whole + u32::from(rest > 0.5);
    let exponent = i32::try_from(FIRST).ok()? - i32::try_from(shift).ok()?;
    // Nines may have been rounded up to a digit more.
    Some(if digits >= 1_000_000_000 {
        (digits / 10, exponent + 1)
    } else {
        (digits, exponent)
    })
}

/// Appends nine digits, the first of which stands for 10^`exponent`, without zeros at the end; `exponent` is at most 9.
fn push_digits(text: &mut String, mut digits: u32, exponent: i32) {
    let mut letters = [b'0'; DIGITS];
    for letter in letters.iter_mut().rev() {
        *letter += u8::try_from(digits % 10).expect("a digit");
        digits /= 10;
    }
    let used = letters
        .iter()
        .rposition(|letter| *letter != b'0')
        .map_or(0, |last| last + 1);
    let letters = std::str::from_utf8(&letters).expect("digits are ASCII");
    let Ok(exponent) = usize::try_from(exponent) else {
        text.push_str("0.");
        (exponent..-1).for_each(|_| text.push('0'));
        text.push_str(&letters[..used]);
        return;
    };
    let whole = exponent + 1;
    text.push_str(&letters[..whole.min(DIGITS)]);
    (DIGITS..whole).for_each(|_| text.push('0'));
    if whole < used {
        text.push('.');
        text.push_str(&letters[whole..used]);
    }
}

/// A number in scientific notation, without its exponent and without zeros at the end.
fn digits(scientific: &str) -> Option<String> {
    let (sign, scientific) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let (mantissa, exponent) = scientific.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let (first, others) = mantissa.split_once('.')?;
    let others = others.trim_end_matches('0');
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = "0".repeat(usize::try_from(-exponent - 1).ok()?);
        return Some(format!("{sign}0.{zeros}{first}{others}"));
    };
    if let Some((whole, fraction)) = others
        .split_at_checked(whole)
        .filter(|(_, rest)| !rest.is_empty())
    {
        return Some(format!("{sign}{first}{whole}.{fraction}"));
    }
    Some(format!("{sign}{first}{others:0<whole$}"))
}

/// The date of a moment as in 2025-04-10; empty if it lies beyond the horizon.
#[must_use]
pub fn date(results: &Results, day: f64) -> String {
    results.date(day).map(|date| date.to_string()).unwrap_or_default()
}

/// A moment for people: its date; its day where the calendar has no date for it; or `beyond`.
#[must_use]
pub fn moment(results: &Results, day: f64) -> String {
    match results.date(day) {
        Some(date) => date.to_string(),
        None if day.is_infinite() => BEYOND.to_owned(),
        None => format!("day {}", thousands(day, 0)),
    }
}

/// A probability with its interval, as in `34.1 % (33.9–34.3)`, to the digits that the interval supports.
#[must_use]
pub fn percent(figure: &Estimate) -> String {
    let decimals = percent_decimals(figure);
    let [estimate, low, high] = [figure.estimate, figure.low, figure.high].map(|value| 100.0 * value);
    format!("{estimate:.decimals$} % ({low:.decimals$}–{high:.decimals$})")
}

/// A probability without its interval, as in `34.1 %`, to the digits that the interval supports.
#[must_use]
pub fn percent_alone(figure: &Estimate) -> String {
    let decimals = percent_decimals(figure);
    format!("{:.decimals$} %", 100.0 * figure.estimate)
}

fn percent_decimals(figure: &Estimate) -> usize {
    decimals(100.0 * (figure.high - figure.low) / 2.0)
}

/// An amount without its interval, as in `24,500` or `31.4`, to the digits that the interval supports.
#[must_use]
pub fn amount(figure: &Estimate) -> String {
    if figure.estimate.is_infinite() {
        return "infinite".to_owned();
    }
    thousands(figure.estimate, decimals((figure.high - figure.low) / 2.0))
}

/// As [`amount`], without zeros at the end of the decimals: totals are often whole although they need not be.
#[must_use]
pub fn total(figure: &Estimate) -> String {
    let amount = amount(figure);
    if amount.contains('.') {
        amount.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        amount
    }
}

/// How many decimals an interval of this half-width supports: its first digit is the last that is shown.
pub(super) fn decimals(half_width: f64) -> usize {
    let mut decimals = 0;
    let mut unit = 1.0;
    while half_width < unit && decimals < MOST_DECIMALS {
        decimals += 1;
        unit /= 10.0;
    }
    decimals
}

/// A number with commas between groups of three digits.
#[must_use]
pub fn thousands(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text.as_str(), None),
    };
    let mut grouped = String::new();
    for (index, letter) in whole.chars().enumerate() {
        let is_border = index > 0 && (whole.len() - index).is_multiple_of(3);
        if is_border && !grouped.ends_with('-') {
            grouped.push(',');
        }
        grouped.push(letter);
    }
    match fraction {
        Some(fraction) => format!("{grouped}.{fraction}"),
        None => grouped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure(estimate: f64, low: f64, high: f64) -> Estimate {
        Estimate {
            estimate,
            low,
            high,
            trials: 1000,
        }
    }

    #[test]
    fn plain_numbers_are_short_and_have_no_exponent() {
        for (value, text) in [
            (0.341_234_567_891, "0.341234568"),
            (0.1 + 0.2, "0.3"),
            (540.0, "540"),
            (1e-9, "0.000000001"),
            (1e12, "1000000000000"),
            (-0.0, "0"),
            (-0.000_012_5, "-0.0000125"),
            (9.999_999_999, "10"),
            (123_456_789.0, "123456789"),
            (123_456_789.6, "123456790"),
            (-1234.5, "-1234.5"),
            (1e15, "1000000000000000"),
            (f64::INFINITY, "beyond"),
        ] {
            assert_eq!(plain(value), text);
        }
    }

    /// The digits as the standard library rounds them.
    fn by_format(value: f64) -> String {
        digits(&format!("{value:.8e}")).unwrap()
    }

    #[test]
    fn the_short_way_rounds_as_the_standard_library_does() {
        let mut values = vec![1.0, 0.1, 1e-14, 9.999_999_995, 999_999_999.5, 0.999_999_999_5];
        // Powers of ten, ties between nine digits, and the numbers next to them.
        for exponent in -16..12 {
            let power = 10_f64.powi(exponent);
            values.extend([power, 1.234_567_885 * power, 9.999_999_995 * power]);
        }
        values.extend((0..1000).map(|index| f64::from(1_000_000_000 + 2 * index + 1) / 1024.0));
        values.extend((0..=1000).map(|successes| f64::from(successes) / 1000.0));
        let near = values
            .iter()
            .flat_map(|value| [value.next_down(), *value, value.next_up()]);
        let mut count = 0;
        for value in near {
            assert_eq!(plain(value), by_format(value), "{value:e}");
            count += usize::from(nine_digits(value).is_some());
        }
        assert!(count > 3000, "the short way is for most numbers, not for {count}");
    }

    proptest::proptest! {
        #[test]
        fn any_number_is_rounded_as_the_standard_library_does(mantissa in 1.0..10.0_f64, exponent in -18..14_i32) {
            let value = mantissa * 10_f64.powi(exponent);
            assert_eq!(plain(value), by_format(value));
        }
    }

    #[test]
    fn percentages_have_the_digits_that_their_interval_supports() {
        for (estimate, low, high, text) in [
            (0.341_12, 0.339, 0.343, "34.1 % (33.9–34.3)"),
            (0.341_12, 0.32, 0.36, "34 % (32–36)"),
            (0.0, 0.0, 0.000_019, "0.0000 % (0.0000–0.0019)"),
            (1.0, 0.962, 1.0, "100 % (96–100)"),
        ] {
            assert_eq!(percent(&figure(estimate, low, high)), text);
        }
        assert_eq!(percent_alone(&figure(0.05, 0.03, 0.08)), "5 %");
        assert_eq!(amount(&figure(24_512.0, 24_490.0, 24_530.0)), "24,512");
        assert_eq!(total(&figure(2.0, 1.9975, 2.0025)), "2");
        assert_eq!(total(&figure(20.0, 19.0, 21.0)), "20");
    }

    #[test]
    fn an_interval_of_no_length_ends() {
        assert_eq!(decimals(0.0), MOST_DECIMALS);
    }

    #[test]
    fn groups_of_three_digits() {
        for (value, decimals, text) in [
            (0.0, 0, "0"),
            (999.0, 0, "999"),
            (1000.0, 0, "1,000"),
            (200_000.0, 0, "200,000"),
            (1_234_567.25, 2, "1,234,567.25"),
            (-100_000.0, 0, "-100,000"),
        ] {
            assert_eq!(thousands(value, decimals), text);
        }
    }
}
