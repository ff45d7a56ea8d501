//! Lines, numbers and dates as people read them.

use jiff::civil::Date;

use crate::shown;

/// The most columns of a line.
pub const WIDTH: usize = 100;

/// Columns of the words that begin the lines of a list, such as `Decides`.
const KEY: usize = 14;

/// A space at which no line is broken; it is written as a plain one.
const FIXED_SPACE: char = '\u{a0}';

/// A text that grows line by line.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// Whether the last line is a heading, after which no gap is wanted.
    is_headed: bool,
}

impl Page {
    /// The text.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless it would be the first, the second in a row, or just below a heading.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.is_headed && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A heading, after an empty line.
    pub(super) fn heading(&mut self, title: &str) {
        self.gap();
        self.end(&title.to_uppercase());
        self.is_headed = true;
    }

    /// A paragraph.
    pub(super) fn line(&mut self, indent: usize, text: &str) {
        self.hanging("", indent, 0, text);
    }

    /// A point of a list.
    pub(super) fn point(&mut self, indent: usize, text: &str) {
        self.hanging("-", indent, 2, text);
    }

    /// A word or two, and what is to be said of it, in two columns.
    pub(super) fn entry(&mut self, indent: usize, key: &str, text: &str) {
        self.hanging(key, indent, KEY, text);
    }

    /// `key` at `indent`, then `text` wrapped at `indent + column`; where the key is too long for its column, the
    /// text follows it and only its further lines keep the column.
    pub(super) fn hanging(&mut self, key: &str, indent: usize, column: usize, text: &str) {
        let (key, text) = (&*shown::line(key), shown::line(text));
        let mut line = " ".repeat(indent);
        line.push_str(key);
        let mut length = indent + key.chars().count();
        let start = indent + column;
        if length < start {
            line.push_str(&" ".repeat(start - length));
            length = start;
        } else if !key.is_empty() {
            line.push(' ');
            length += 1;
        }
        let mut is_fresh = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let word_length = word.chars().count();
            if !is_fresh && length + 1 + word_length > WIDTH {
                self.end(&line);
                line = " ".repeat(start);
                length = start;
                is_fresh = true;
            }
            if !is_fresh {
                line.push(' ');
                length += 1;
            }
            line.push_str(word);
            length += word_length;
            is_fresh = false;
        }
        self.end(&line);
    }

    fn end(&mut self, line: &str) {
        self.text.push_str(&line.trim_end().replace(FIXED_SPACE, " "));
        self.text.push('\n');
        self.is_headed = false;
    }
}

/// A number as it stands: all its digits, thousands set apart.
pub(super) fn exact(number: f64) -> String {
    grouped(&format!("{number}"))
}

/// A number to three significant digits, whole above a hundred, thousands set apart.
pub(super) fn rounded(number: f64) -> String {
    if !number.is_finite() {
        return if number > 0.0 { "∞" } else { "-∞" }.to_owned();
    }
    let size = number.abs();
    if size == 0.0 || size >= 99.95 {
        return without_sign_of_zero(grouped(&format!("{number:.0}")));
    }
    #[allow(
        clippy::cast_possible_truncation,
        reason = "the exponent of a number below a hundred"
    )]
    let exponent = libm::floor(libm::log10(size)).clamp(-9.0, 2.0) as i32;
    let decimals = usize::try_from(2 - exponent).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.')
    } else {
        &text
    };
    without_sign_of_zero(grouped(text))
}

fn without_sign_of_zero(text: String) -> String {
    if text == "-0" { "0".to_owned() } else { text }
}

/// Sets the thousands of a number's whole part apart.
fn grouped(number: &str) -> String {
    let (sign, digits) = match number.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", number),
    };
    let whole = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    let mut text = sign.to_owned();
    for (index, digit) in digits[..whole].char_indices() {
        if index > 0 && (whole - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text + &digits[whole..]
}

/// A probability as a percentage.
pub(super) fn percent(probability: f64) -> String {
    format!("{}{FIXED_SPACE}%", rounded(100.0 * probability))
}

/// A number of days that is exact: `1 day`, `14 days`.
pub(super) fn days(count: f64) -> String {
    counted(&exact(count), "day")
}

/// A number of days to a tenth.
pub(super) fn about_days(count: f64) -> String {
    let text = grouped(&format!("{count:.1}"));
    counted(text.strip_suffix(".0").unwrap_or(&text), "day")
}

/// A number and its noun, which gets an s unless the number is 1.
pub(super) fn counted(number: &str, noun: &str) -> String {
    let ending = if number == "1" { "" } else { "s" };
    format!("{number}{FIXED_SPACE}{noun}{ending}")
}

/// The date of a moment, or `None` beyond the calendar.
pub(super) fn date(start: Date, moment: f64) -> Option<Date> {
    #[allow(
        clippy::cast_possible_truncation,
        reason = "jiff refuses what lies beyond the calendar"
    )]
    let span = jiff::Span::new().try_days(libm::floor(moment) as i64).ok()?;
    start.checked_add(span).ok()
}

/// A moment as its date and its day: `2025-06-02 (day 53.4)`.
pub(super) fn moment(start: Date, moment: f64) -> String {
    match date(start, moment) {
        Some(date) => format!("{date} (day {})", day(moment)),
        None => format!("day {}", day(moment)),
    }
}

/// The number of a day, to a tenth where it is not whole.
pub(super) fn day(moment: f64) -> String {
    if moment.fract() == 0.0 {
        format!("{moment}")
    } else {
        format!("{moment:.1}")
    }
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String], joint: &str) -> String {
    match items {
        [] => String::new(),
        [single] => single.clone(),
        [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
    }
}

/// A list of which only the first few are named.
pub(super) fn first_of(items: &[String], most: usize) -> String {
    if items.len() <= most + 1 {
        return listed(items, "and");
    }
    format!("{} and {} more", items[..most].join(", "), items.len() - most)
}

/// A text in one line, cut after a word where it is long.
pub(super) fn short(text: &str, most: usize) -> String {
    let mut kept = String::new();
    for word in text.split_whitespace() {
        if kept.chars().count() + word.chars().count() > most {
            return kept + " …";
        }
        if !kept.is_empty() {
            kept.push(' ');
        }
        kept.push_str(word);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers() {
        assert_eq!(exact(20_000.0), "20,000");
        assert_eq!(exact(-1_234_567.25), "-1,234,567.25");
        assert_eq!(rounded(5416.66), "5,417");
        assert_eq!(rounded(25.04), "25");
        assert_eq!(rounded(8.456), "8.46");
        assert_eq!(rounded(0.055), "0.055");
        assert_eq!(rounded(-1e-17), "0");
        assert_eq!(rounded(99.96), "100");
        assert_eq!(rounded(f64::INFINITY), "∞");
        assert_eq!(percent(0.55), "55\u{a0}%");
        assert_eq!(
            [days(1.0), days(14.0), about_days(12.34)],
            ["1\u{a0}day", "14\u{a0}days", "12.3\u{a0}days"]
        );
    }

    #[test]
    fn moments_beyond_the_calendar_have_no_date() {
        let start = jiff::civil::date(2025, 4, 10);
        assert_eq!(moment(start, 84.2), "2025-07-03 (day 84.2)");
        assert_eq!(moment(start, 1e9), "day 1000000000");
    }

    #[test]
    fn lists() {
        let names: Vec<String> = ["a", "b", "c", "d"].map(String::from).to_vec();
        assert_eq!(listed(&names[..2], "or"), "a or b");
        assert_eq!(first_of(&names, 3), "a, b, c and d");
        assert_eq!(first_of(&names, 2), "a, b and 2 more");
        assert_eq!(short("one two three", 8), "one two …");
    }

    #[test]
    fn long_lines_hang() {
        let mut page = Page::default();
        page.entry(2, "Decides", &"word ".repeat(30));
        let text = page.into_text();
        assert!(text.lines().all(|line| line.len() <= WIDTH), "{text}");
        assert!(
            text.lines()
                .nth(1)
                .is_some_and(|line| line.starts_with("                word")),
            "{text}"
        );
    }
}
