//! The `ceasefire` program: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ceasefire::cli::main(std::env::args_os())
}
