//! Writing to the terminal: colour where it is wanted, and a closed pipe as a normal end.

use std::io::{self, Write};

use super::Failure;
use super::Outcome;
use crate::report::terminal::Style;
use crate::shown;

/// The width that is assumed where the output is no terminal.
const PLAIN_WIDTH: usize = 100;

/// Writes a text to stdout.
pub fn print(text: &str) -> Outcome {
    let mut stdout = anstream::stdout().lock();
    said(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// Writes to stdout what is long, as it comes.
pub fn stream(fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Outcome {
    let mut stdout = io::BufWriter::new(anstream::stdout().lock());
    said(fill(&mut stdout).and_then(|()| stdout.flush()))
}

/// What came of writing to stdout.
pub fn said(result: io::Result<()>) -> Outcome {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
        _ => Failure::Io(format!("cannot write to standard output: {error}")),
    })
}

/// Writes sentences to stdout that may name things from outside.
pub fn say(text: &str) -> Outcome {
    print(&shown::lines(text))
}

/// Writes a value as JSON to stdout, in several lines.
pub fn print_json(value: &serde_json::Value) -> Outcome {
    print(&shown::json(format!("{value:#}\n")))
}

/// Writes to stderr as it is: colours, and what has a form of its own. That nobody reads it is no fault.
pub fn show(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says something on stderr that may name things from outside.
pub fn tell(text: &str) {
    show(&shown::lines(text));
}

/// Says what went wrong on stderr.
pub fn complain(message: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    show(&format!("{style}error{style:#}: {}", shown::lines(message)));
}

/// Whether stdout takes colour.
pub fn stdout_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Whether stderr takes colour.
pub fn stderr_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// How an answer on stdout is to look.
pub fn style() -> Style {
    Style {
        colour: stdout_has_colour(),
        width: width(),
    }
}

/// How many columns stdout has.
fn width() -> usize {
    terminal_size::terminal_size_of(io::stdout()).map_or(PLAIN_WIDTH, |(width, _)| usize::from(width.0))
}
