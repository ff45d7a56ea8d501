//! `ceasefire completions`: completion scripts.

use clap::CommandFactory;

use super::arguments::{Arguments, Completions};
use super::{Outcome, terminal};

/// Prints the script of a shell.
pub fn completions(options: &Completions) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut Arguments::command(), "ceasefire", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))
}
