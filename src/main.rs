//! The `ceasefire` program: arguments in, exit code out.

use std::process::ExitCode;
use std::thread;

/// Room for what is nested: conditions within conditions, along a chain of things that wait for each other. It is only taken
/// where it is needed.
const STACK: usize = 512 << 20;

/// The exit code of a program of Rust that has met a fault of its own.
const PANICKED: u8 = 101;

fn main() -> ExitCode {
    let program = || ceasefire::cli::main(std::env::args_os());
    match thread::Builder::new().stack_size(STACK).spawn(program) {
        Ok(thread) => thread.join().unwrap_or(ExitCode::from(PANICKED)),
        // Where memory is short, the usual stack is enough for all but the deepest scenarios.
        Err(_) => program(),
    }
}
