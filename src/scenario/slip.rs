//! Slips of the pen: values as people write them elsewhere (`10,000`, `0,8`, `80%`, `10.04.2025`, a text without quotes), and how a
//! scenario has them.
//!
//! The parser of TOML tells of each only where it gave up, in its own words.

use std::ops::Range;

use jiff::civil::Date;
use toml::de::DeTable;

use super::quantity::days;
use crate::diagnostic::shortened;

/// What is wrong with a value, and how it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// What was written, cut if it is long.
    pub written: String,
    /// Why it cannot be read, in a few words.
    pub why: &'static str,
    /// What would be right.
    pub right: String,
}

/// Signs that group digits somewhere in the world.
const GROUPING: [char; 5] = [',', '.', ' ', '\'', '’'];

/// Quotes of word processors.
const CURLY: [char; 10] = ['“', '”', '„', '‟', '«', '»', '‘', '’', '‚', '‛'];

/// What is wrong with a word that should be a value of TOML, if that can be told.
#[must_use]
pub fn slip(word: &str) -> Option<Slip> {
    let (why, right) = number(word)
        .map(|right| {
            (
                "a number has a decimal point between digits, and `_` may group them",
                right,
            )
        })
        .or_else(|| percent(word).map(|right| ("a share is a number from 0 to 1", right)))
        .or_else(|| date(word).map(|right| ("a date is year-month-day", right)))
        .or_else(|| logical(word).map(|right| ("yes and no are `true` and `false`", right)))
        .or_else(|| {
            days(word)
                .ok()
                .map(|_| ("a duration with a unit stands in quotes", quoted(word)))
        })
        .or_else(|| text(word).map(|right| ("a text stands in quotes", right)))?;
    Some(Slip {
        written: shortened(word).into_owned(),
        why,
        right,
    })
}

/// A number with commas, with groups of digits, or without a digit beside its point.
#[must_use]
pub fn number(word: &str) -> Option<String> {
    let (sign, digits) = match word.strip_prefix(['-', '+']) {
        Some(rest) => (&word[..1], rest),
        None => ("", word),
    };
    let digits = digits.trim();
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let grouped = |whole: &str| -> Option<String> {
        let sign = whole.chars().find(|letter| GROUPING.contains(letter))?;
        let parts: Vec<&str> = whole.split(sign).collect();
        let is_group = |part: &&str| part.len() == 3 && is_number(part);
        let is_whole =
            is_number(parts[0]) && parts[0].len() <= 3 && parts[0] != "0" && parts[1..].iter().all(is_group);
        is_whole.then(|| parts.join("_"))
    };
    let whole = |whole: &str| grouped(whole).or_else(|| is_number(whole).then(|| without_zeros(whole)));
    let right = match digits.rsplit_once([',', '.']) {
        // `10,000` is ten thousand, `1.000.000` a million, and `1.000` a number as it should be.
        Some((before, after)) if after.len() == 3 && (digits.contains(',') || before.contains('.')) => {
            grouped(digits).or_else(|| Some(format!("{}.{after}", whole(before)?)))
        }
        Some(("", after)) if is_number(after) => Some(format!("0.{after}")),
        Some((before, "")) if is_number(before) => Some(format!("{before}.0")),
        Some((before, after)) if is_number(after) => Some(format!("{}.{after}", whole(before)?)),
        Some(_) => None,
        None => whole(digits),
    }?;
    Some(format!("{sign}{right}"))
}

/// Digits without zeros before them.
fn without_zeros(digits: &str) -> String {
    let rest = digits.trim_start_matches('0');
    if rest.is_empty() { "0" } else { rest }.to_owned()
}

/// `80%` or `80 %`, as a share.
#[must_use]
pub fn percent(word: &str) -> Option<String> {
    let digits = word.strip_suffix('%')?.trim();
    let percent: f64 = digits.parse().ok().or_else(|| number(digits)?.parse().ok())?;
    // Twelve digits, since 7 % is 0.07 and not 0.07000000000000001.
    let share: f64 = format!("{:.11e}", percent / 100.0).parse().ok()?;
    percent.is_finite().then(|| share.to_string())
}

/// A date with the day or month first, with other signs, or with single digits. Where day and month cannot be told
/// apart, both dates.
#[must_use]
pub fn date(word: &str) -> Option<String> {
    let sign = word.chars().find(|letter| ['.', '/', '-'].contains(letter))?;
    let parts: Vec<&str> = word.split(sign).map(str::trim).collect();
    let [one, two, three] = parts[..] else { return None };
    let number = |part: &str| part.parse::<i16>().ok().filter(|_| part.len() <= 4);
    let [one, two, three] = [number(one)?, number(two)?, number(three)?];
    let date = |year: i16, month: i16, day: i16| {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(year, month, day).ok().filter(|_| year >= 1000)
    };
    let dates = if one >= 1000 {
        [date(one, two, three), None]
    } else if sign == '.' {
        [date(three, two, one), None]
    } else {
        [date(three, two, one), date(three, one, two)]
    };
    let mut dates: Vec<String> = dates.iter().flatten().map(Date::to_string).collect();
    dates.dedup();
    (!dates.is_empty()).then(|| dates.join(" or "))
}

fn logical(word: &str) -> Option<String> {
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("true".to_owned()),
        "false" | "no" | "off" => Some("false".to_owned()),
        _ => None,
    }
}

/// A text without quotes, or with those of word processors.
fn text(word: &str) -> Option<String> {
    let bare = word.trim_matches(CURLY).trim();
    let is_text = bare.chars().any(char::is_alphabetic) || bare.len() < word.len();
    (is_text && !word.contains(['"', '=', '{', '['])).then(|| quoted(bare))
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(&*shortened(text)).to_string()
}

/// The longest line in which slips are looked for, in bytes: nobody writes a longer one by hand.
const LONGEST_LINE: usize = 2_000;

/// All slips in a line that could not be parsed, each with its place in the line.
#[must_use]
pub fn slips(line: &str) -> Vec<(Range<usize>, Slip)> {
    let mut found = Vec::new();
    if line.len() > LONGEST_LINE {
        return found;
    }
    for place in values(line) {
        let word = &line[place.clone()];
        let is_sound = DeTable::parse(&format!("_ = {word}")).is_ok();
        if let Some(slip) = (!is_sound).then(|| slip(word)).flatten() {
            found.push((place, slip));
        }
    }
    found
}

/// Where values stand in a line that are neither in quotes nor lists nor tables.
fn values(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut open: Vec<char> = Vec::new();
    // A line without `=` is the header of a table, or some items of a list.
    let mut is_expected = !line.contains('=');
    if is_expected {
        if line.trim_start().starts_with('[') {
            return found;
        }
        open.push('[');
    }
    let mut end = 0;
    for (start, letter) in line.char_indices() {
        if start < end || (is_expected && letter.is_whitespace()) {
            continue;
        }
        if let Some(closing) = quote {
            quote = (letter != closing).then_some(closing);
            continue;
        }
        let was_expected = std::mem::take(&mut is_expected);
        match letter {
            '#' => break,
            '"' | '\'' => quote = Some(letter),
            '=' => is_expected = true,
            '[' | '{' => {
                open.push(letter);
                is_expected = letter == '[';
            }
            ']' | '}' => {
                open.pop();
            }
            ',' => is_expected = open.last() == Some(&'['),
            _ if was_expected => {
                let word = word(&line[start..], open.last().copied());
                end = start + word.len();
                found.push(start..end);
            }
            _ => {}
        }
    }
    found
}

/// The word at the beginning of a text: up to what ends a value there. A comma between digits belongs to it, but in a list,
/// whose items it parts.
fn word(text: &str, within: Option<char>) -> &str {
    let mut end = text.len();
    for (place, letter) in text.char_indices() {
        let is_end = match (letter, within) {
            ('#', _) | (']' | '}', Some(_)) | (',', Some('[')) => true,
            (',', Some(_)) => {
                let digits = text[place + 1..].split([',', '}', ' ']).next().unwrap_or("");
                digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        };
        if is_end {
            end = place;
            break;
        }
    }
    text[..end].trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(line: &str) -> Vec<(String, String)> {
        let found = slips(line).into_iter();
        found
            .map(|(place, slip)| (line[place].to_owned(), slip.right))
            .collect()
    }

    #[test]
    fn values_as_people_write_them_elsewhere() {
        for (word, expected) in [
            ("10,000", "10_000"),
            ("1.000.000", "1_000_000"),
            ("10 000", "10_000"),
            ("1.000,5", "1_000.5"),
            ("1,234.5", "1_234.5"),
            ("0,8", "0.8"),
            ("0,800", "0.800"),
            ("-0,8", "-0.8"),
            (".5", "0.5"),
            ("5.", "5.0"),
            ("007", "7"),
            ("80%", "0.8"),
            ("7 %", "0.07"),
            ("2,5%", "0.025"),
            ("10.04.2025", "2025-04-10"),
            ("2025-4-1", "2025-04-01"),
            ("2025/04/10", "2025-04-10"),
            ("25/12/2025", "2025-12-25"),
            ("10/04/2025", "2025-04-10 or 2025-10-04"),
            ("30d", "\"30d\""),
            ("True", "true"),
            ("hello world", "\"hello world\""),
            ("“plan”", "\"plan\""),
            ("us_support.logistics", "\"us_support.logistics\""),
        ] {
            let line = format!("key = {word} # why");
            assert_eq!(right(&line), [(word.to_owned(), expected.to_owned())], "{word}");
        }
    }

    #[test]
    fn slips_are_found_in_lists_and_tables() {
        let pair = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(right("a = { mean = 0,8, sd = 2 }"), [pair("0,8", "0.8")]);
        assert_eq!(right("a = { mean = 10,000 }"), [pair("10,000", "10_000")]);
        assert_eq!(
            right("a = [1, .5, 30d]"),
            [pair(".5", "0.5"), pair("30d", "\"30d\"")]
        );
        assert_eq!(right("  80%,"), [pair("80%", "0.8")]);
        for sound in [
            "a = 1",
            "a = { b = [1, 2], c = 'x, y' }",
            "[a.b]",
            "[[a.b]] # c",
            "a = \"10,000\"",
            "a =",
        ] {
            assert_eq!(right(sound), [], "{sound}");
        }
    }
}
