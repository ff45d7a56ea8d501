//! The answer for a person at a terminal: words first, then tables, then a plot.

use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::Report;
use crate::shown;

mod plot;
mod tables;
mod words;

/// How the answer is to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether it may have colour.
    pub colour: bool,
    /// Columns of the terminal.
    pub width: usize,
}

/// Narrower terminals get lines of this length, and break them themselves.
const NARROWEST: usize = 76;

/// Lines longer than this are hard to read, however wide the terminal.
const WIDEST: usize = 110;

/// One row a scenario: what each run of a batch found out, in short; ends with a line break.
#[must_use]
pub fn batch(reports: &[Report], style: Style) -> String {
    let width = style.width.clamp(NARROWEST, WIDEST);
    let rows: Vec<_> = reports
        .iter()
        .map(|report| {
            let gate = words::main_gate(&report.results);
            (shown::line(&report.name).into_owned(), &report.results, gate)
        })
        .collect();
    format!("{}\n", tables::batch(&rows, width))
}

/// What a run found out, in words, tables and a plot; ends with a line break.
#[must_use]
pub fn answer(report: &Report, style: Style) -> String {
    let results = &report.results;
    let width = style.width.clamp(NARROWEST, WIDEST);
    let bold = if style.colour {
        anstyle::Style::new().bold()
    } else {
        anstyle::Style::new()
    };
    let bars = if style.colour {
        AnsiColor::Cyan.on_default()
    } else {
        anstyle::Style::new()
    };

    let title = if report.title.is_empty() {
        &report.name
    } else {
        &report.title
    };
    let mut text = format!("{bold}{}{bold:#}\n\n", shown::line(title));
    let headline = words::headline(results);
    for (number, line) in wrap(&words::answer(results), width).iter().enumerate() {
        // The headline comes first and is never broken.
        let line = match line.strip_prefix(&headline) {
            Some(rest) if number == 0 => format!("{bold}{headline}{bold:#}{rest}"),
            _ => line.clone(),
        };
        line_of(&mut text, &line);
    }
    text.push('\n');
    wrap(&words::foundation(report), width)
        .iter()
        .for_each(|line| line_of(&mut text, line));
    for (heading, table) in tables::all(results, width) {
        line_of(&mut text, &format!("\n{bold}{heading}{bold:#}"));
        line_of(&mut text, &table);
    }
    if let Some(plot) = plot::ready_by(results, width, bars) {
        line_of(&mut text, &format!("\n{bold}Ready by, over time{bold:#}"));
        line_of(&mut text, &plot);
    }
    text
}

fn line_of(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("memory takes every line");
}

/// What [`wrap`] takes for a space at which no line may be broken.
const NO_BREAK: char = '\u{a0}';

/// Keeps a text on one line.
fn unbroken(text: &str) -> String {
    text.replace(' ', &NO_BREAK.to_string())
}

/// Breaks a text into lines of at most `width` letters; a longer word gets a line of its own.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length > width {
            lines.push(String::new());
            used = 0;
        }
        let line = lines.last_mut().expect("there is always a line");
        if used > 0 {
            line.push(' ');
            used += 1;
        }
        line.extend(
            word.chars()
                .map(|letter| if letter == NO_BREAK { ' ' } else { letter }),
        );
        used += length;
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    const PLAIN: Style = Style {
        colour: false,
        width: 80,
    };

    /// All escape sequences out.
    fn uncoloured(text: &str) -> String {
        let mut plain = String::new();
        let mut is_escape = false;
        for letter in text.chars() {
            match letter {
                '\u{1b}' => is_escape = true,
                'm' if is_escape => is_escape = false,
                _ if is_escape => {}
                _ => plain.push(letter),
            }
        }
        plain
    }

    #[test]
    fn the_whole_answer() {
        let text = answer(&sample::report(), PLAIN);
        assert_eq!(text, include_str!("terminal/sample.txt"), "\n{text}");
    }

    #[test]
    fn colour_changes_nothing_but_colour() {
        let coloured = answer(
            &sample::report(),
            Style {
                colour: true,
                ..PLAIN
            },
        );
        assert!(
            coloured.contains("\u{1b}[1m40 % (38–42)\u{1b}[0m ready"),
            "{coloured}"
        );
        assert_eq!(uncoloured(&coloured), answer(&sample::report(), PLAIN));
    }

    #[test]
    fn a_mission_without_gates_objectives_and_days_has_an_answer() {
        let text = answer(&sample::bare(), PLAIN);
        assert!(text.contains("ready by 2025-04-10"), "{text}");
        assert!(!text.contains("Gates") && !text.contains("Ready by,"), "{text}");
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let mut report = sample::report();
        report.results.gates[0].open.label = "a very long condition in very many words ".repeat(10);
        report.results.objectives[0].label = "Donaudampfschifffahrtsgesellschaft".repeat(4);
        for width in [76, 80, 100, 200] {
            for line in answer(&report, Style { width, ..PLAIN }).lines() {
                assert!(line.chars().count() <= width, "{width}: {line}");
                assert_eq!(line, line.trim_end());
            }
        }
    }

    #[test]
    fn labels_cannot_steer_the_terminal() {
        let mut report = sample::report();
        report.title = "\u{1b}]0;owned\u{7}".to_owned();
        report.results.gates[0].open.label = "\u{1b}[2J\rgone\n\u{202e}".to_owned();
        let text = answer(&report, PLAIN);
        assert!(
            text.chars().all(|letter| letter == '\n' || !letter.is_control()),
            "{text:?}"
        );
        assert!(!text.contains('\u{202e}'));
    }

    #[test]
    fn lines_break_between_words_only() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(
            wrap(&format!("one {} three", unbroken("t w o")), 7),
            ["one", "t w o", "three"]
        );
        assert_eq!(wrap("unbreakable x", 4), ["unbreakable", "x"]);
    }
}
