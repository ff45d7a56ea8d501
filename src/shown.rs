//! Text from outside, made fit for the place where it is shown.
//!
//! Labels, names, units, notes, titles and paths come from files that others have written. Shown as they are, they could
//! clear a screen, forge a line of a log, end a table, or be run by a spreadsheet. There is one function for each
//! format, and whatever is shown goes through the one of its format.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The longest text that Markdown and annotations hold, in characters: pages of continuous integration cut longer ones, or
/// refuse them.
const LONGEST: usize = 1000;

/// Whether a character is not shown itself but acts on what is: controls, marks of the direction of writing, invisible
/// formats, and what is no character at all. The two joiners (U+200C, U+200D) are left, since words of some languages need
/// them.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}'
                | '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{fffe}'
                | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// What stands for a character that acts, among people.
const REPLACED: char = '\u{fffd}';

/// A text in one line, with nothing in it that acts.
fn tame(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let tamed = |letter: char| match letter {
        '\n' | '\r' | '\t' => ' ',
        letter if acts(letter) => REPLACED,
        letter => letter,
    };
    text.chars().map(tamed).collect()
}

/// For people, in plain text or on a terminal: one line. Logs of GitHub take `::` at the beginning of a line, and `##[`
/// anywhere, for the beginning of a command, so both are broken up.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    let text = tame(text);
    if text.contains("::") || text.contains("##[") {
        return text
            .replace("::", ": :")
            .replace("::", ": :")
            .replace("##[", "## [")
            .into();
    }
    text
}

/// The same for a text of several lines, which stay apart.
#[must_use]
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// The same as [`line()`], of at most so many characters, cut with an ellipsis.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
    let text = line(text.trim());
    if text.chars().count() <= most {
        return text.into_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// Lines of the program's own that quote text from outside, where what was quoted has no escape character any more: only
/// the colours of the program are left of all that acts.
#[must_use]
pub fn coloured(text: &str) -> String {
    let tamed = |letter: char| match letter {
        '\n' | '\u{1b}' => letter,
        letter if acts(letter) => REPLACED,
        letter => letter,
    };
    let text: String = text.chars().map(tamed).collect();
    text.replace("##[", "## [")
}

/// For Markdown: as code, in which nothing has a meaning; empty, if there is nothing.
#[must_use]
pub fn markdown(text: &str) -> String {
    code(&cut(text, LONGEST))
}

/// The same for a cell of a table. Tables split their rows before they read them, so a `|` within code is written `\|` too; one
/// behind a backslash would not be taken for that.
#[must_use]
pub fn markdown_cell(text: &str) -> String {
    markdown(text).replace("\\|", "\\ |").replace('|', "\\|")
}

fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text
        .split(|letter| letter != '`')
        .map(str::len)
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    // A blank sets backticks of the text apart from those around it; readers of Markdown take it away again.
    let blank = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// For XML: lines stay apart, and nothing is left that XML cannot hold. What has a meaning there is escaped by what writes
/// it.
#[must_use]
pub fn xml(text: &str) -> String {
    text.split('\n')
        .map(|line| tame(line.trim_end_matches('\r')))
        .collect::<Vec<_>>()
        .join("\n")
}

/// For the message of an annotation of GitHub Actions: lines stay apart.
#[must_use]
pub fn annotation(text: &str) -> String {
    let mut text = xml(text);
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
    text.replace('%', "%25").replace('\n', "%0A")
}

/// For a property of such an annotation, such as its title or file.
#[must_use]
pub fn property(text: &str) -> String {
    annotation(&tame(text)).replace(':', "%3A").replace(',', "%2C")
}

/// For a cell of CSV, on one line, with its characters told apart so that names stay keys: what acts is written as its number,
/// `\u{1b}`. An apostrophe goes before what a spreadsheet would take for the beginning of a formula; the letters are those that OWASP
/// names under "CSV injection", with their full-width twins.
#[must_use]
pub fn cell(text: &str) -> Cow<'_, str> {
    let begins_formula = |letter: char| matches!(letter, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠');
    let text = numbered(text);
    if text.starts_with(begins_formula) {
        return format!("'{text}").into();
    }
    text
}

fn numbered(text: &str) -> Cow<'_, str> {
    if !text.contains(acts) {
        return Cow::Borrowed(text);
    }
    let mut numbered = String::new();
    for letter in text.chars() {
        push_numbered(&mut numbered, letter, "\\");
    }
    numbered.into()
}

/// Appends a character; as its number, behind a backslash, if it acts.
fn push_numbered(text: &mut String, letter: char, backslash: &str) {
    if acts(letter) {
        let _ = write!(text, "{backslash}u{{{:x}}}", u32::from(letter));
    } else {
        text.push(letter);
    }
}

/// For JSON, a whole text of it: what acts is written in its strings as in [`cell`], but for line breaks and tabs, which stay.
#[must_use]
pub fn json(text: String) -> String {
    let acts_in_it = |letter: char| letter == '\\' || (letter != '\n' && acts(letter));
    if !text.contains(acts_in_it) {
        return text;
    }
    let mut shown = String::with_capacity(text.len());
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => escaped(&mut shown, &mut letters),
            // Between strings, lines are those of the form.
            '\n' => shown.push('\n'),
            letter => push_numbered(&mut shown, letter, "\\\\"),
        }
    }
    shown
}

/// Copies what follows the backslash of an escape in a string of JSON. `u` is used by the writer for controls only.
fn escaped(shown: &mut String, letters: &mut std::str::Chars<'_>) {
    let number = match letters.next() {
        Some('b') => 8,
        Some('f') => 12,
        Some('u') => {
            let digits: String = letters.take(4).collect();
            u32::from_str_radix(&digits, 16).unwrap_or(0)
        }
        other => {
            shown.push('\\');
            shown.extend(other);
            return;
        }
    };
    push_numbered(shown, char::from_u32(number).unwrap_or(REPLACED), "\\\\");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts that mean harm somewhere.
    pub const PAYLOADS: &[&str] = &[
        "\u{1b}[2J\u{1b}]0;owned\u{7}",
        "nul\0nul",
        "one\r\ntwo\nthree\rfour\tfive",
        "\u{202e}txt.exe\u{2066}\u{200f}\u{61c}",
        "\u{9b}31m\u{85}\u{7f}",
        "line\u{2028}paragraph\u{2029}",
        "\u{feff}\u{200b}\u{e0041}\u{ad}\u{ffff}",
        "a | b \\| c",
        "`code` ``more``",
        "<script>alert(1)</script>&amp;",
        "[x](http://example.com) ![y](z) @somebody #1",
        "]]> <!-- <![CDATA[",
        "::error::forged ##[error]forged :::",
        "=1+1",
        "'\"",
        "",
    ];

    fn payloads() -> impl Iterator<Item = String> {
        let long = ["x".repeat(100_000), "`|".repeat(3_000)];
        PAYLOADS.iter().map(|text| (*text).to_owned()).chain(long)
    }

    #[test]
    fn lines_for_people_hold_nothing_that_acts() {
        for text in payloads() {
            for shown in [line(&text).into_owned(), cut(&text, 40)] {
                assert!(!shown.contains(acts), "{shown:?}");
                assert!(!shown.contains("::") && !shown.contains("##["), "{shown:?}");
            }
            assert!(cut(&text, 40).chars().count() <= 40);
            assert_eq!(line(&line(&text)), line(&text));
            assert!(!lines(&text).contains(|letter| letter != '\n' && acts(letter)));
        }
        assert_eq!(line("a\u{1b}[2Jb\nc"), "a\u{fffd}[2Jb c");
        assert_eq!(line("::: a::b"), ": : : a: :b");
        assert_eq!(cut(" a long name ", 7), "a long…");
        assert_eq!(lines("a\n::b"), "a\n: :b");
    }

    #[test]
    fn code_of_markdown_ends_where_it_should() {
        assert_eq!(markdown("a"), "`a`");
        assert_eq!(markdown("`a` ``b"), "``` `a` ``b ```");
        assert_eq!(markdown_cell("a|b"), "`a\\|b`");
        assert_eq!(markdown(""), "");
        for text in payloads().filter(|text| !text.is_empty()) {
            let shown = markdown(&text);
            let fence = shown.len() - shown.trim_start_matches('`').len();
            let inner = &shown[fence..shown.len() - fence];
            let runs = inner.split(|letter| letter != '`').map(str::len);
            assert!(
                fence > 0 && runs.into_iter().all(|run| run < fence) && !inner.contains(acts),
                "{shown:?}"
            );
            assert!(shown.chars().count() < 2 * LONGEST + 10);
            assert!(!markdown_cell(&text).replace("\\|", "").contains('|'));
        }
    }

    #[test]
    fn annotations_are_one_line_each() {
        for text in payloads() {
            assert!(!annotation(&text).contains(acts) && !property(&text).contains([':', ',']));
            assert!(annotation(&text).chars().count() < 4 * LONGEST);
        }
        assert_eq!(annotation("a%\r\nb::c"), "a%25%0Ab::c");
        assert_eq!(property("a:b,c\n"), "a%3Ab%2Cc ");
    }

    #[test]
    fn cells_stay_keys() {
        for text in payloads() {
            assert!(!cell(&text).contains(acts) && !cell(&text).starts_with(['=', '+', '-', '@']));
            assert_eq!(cell(&cell(&text)), cell(&text));
        }
        for (text, shown) in [
            ("a\u{1b}b", "a\\u{1b}b"),
            ("a\nb", "a\\u{a}b"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "\\u{9}x"),
            ("＝1", "'＝1"),
            ("a=b", "a=b"),
        ] {
            assert_eq!(cell(text), shown);
        }
    }

    #[test]
    fn json_stays_json_and_its_strings_hold_nothing_that_acts() {
        for text in payloads() {
            for form in [
                serde_json::json!({ &text: [&text, 1] }).to_string(),
                format!("{:#}", serde_json::json!([{ &text: &text }])),
            ] {
                let shown = json(form);
                let value: serde_json::Value = serde_json::from_str(&shown).expect("it is JSON");
                let text = format!("{value:?}");
                assert!(
                    !shown.contains(|letter| letter != '\n' && acts(letter)),
                    "{shown:?}"
                );
                assert!(!text.contains(acts) && !text.contains("\\u{1b}\\\\") && !shown.contains("\\u00"));
            }
        }
        let shown = json(serde_json::json!("a\u{1b}\u{8}\n\t\"\\u{9b}\u{9b}").to_string());
        let back: String = serde_json::from_str(&shown).expect("it is JSON");
        assert_eq!(back, "a\\u{1b}\\u{8}\n\t\"\\u{9b}\\u{9b}");
    }
}
