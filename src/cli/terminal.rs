//! Writing to the terminal: colour where it is wanted, and a closed pipe as a normal end.

use std::io::{self, Write};

use super::Failure;
use super::Outcome;
use crate::report::terminal::Style;

/// The width that is assumed where the output is no terminal.
const PLAIN_WIDTH: usize = 100;

/// Writes a text to stdout.
pub fn print(text: &str) -> Outcome {
    let mut stdout = anstream::stdout().lock();
    said(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// What came of writing to stdout.
pub fn said(result: io::Result<()>) -> Outcome {
    result.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::BrokenPipe,
        _ => Failure::Io(format!("cannot write to standard output: {error}")),
    })
}

/// Says something on stderr; that nobody reads it is no fault.
pub fn tell(text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{text}");
}

/// Says what went wrong on stderr.
pub fn complain(message: &str) {
    let style = anstyle::AnsiColor::Red.on_default().bold();
    tell(&format!("{style}error{style:#}: {message}"));
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
