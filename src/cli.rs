//! The command line: the only module that knows arguments, the terminal, where results lie, and exit codes.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};

mod arguments;
mod baseline;
mod batch;
mod compared;
mod completions;
mod explain;
mod extend;
mod files;
mod forecast;
mod freshness;
mod interrupt;
mod merge;
mod new;
mod place;
mod play;
mod progress;
mod repository;
mod row;
mod run;
mod scenario;
mod schema;
mod selftest;
mod sheet;
mod store;
mod sweep;
mod terminal;
mod test;
mod trace;
mod trials;
mod validate;

use arguments::{Arguments, Verb};

/// Why a command ends without what it was asked for.
#[derive(Debug)]
enum Failure {
    /// The command line or a scenario is wrong; what is wrong has been shown already.
    Shown,
    /// The command line is wrong, in words.
    Usage(String),
    /// Reading or writing failed, in words that name the file.
    Io(String),
    /// A check of the program itself, or a claim, failed; which, has been shown already.
    Off,
    /// A claim is undecided; which, has been shown already.
    Undecided,
    /// Reading or writing failed; what, has been shown already.
    ShownIo,
    /// Somebody asked to stop; what was kept has been told already.
    Interrupted,
    /// The other end of a pipe has heard enough, which is no fault.
    BrokenPipe,
}

/// What the process answers, by the pages of the user's reference.
mod exit {
    /// All is well.
    pub const FINE: u8 = 0;
    /// A check or a claim failed.
    pub const OFF: u8 = 1;
    /// The command line or a scenario is wrong.
    pub const WRONG_INPUT: u8 = 2;
    /// A claim is undecided.
    pub const UNDECIDED: u8 = 3;
    /// Reading or writing failed.
    pub const INPUT_OUTPUT: u8 = 4;
    /// Somebody asked to stop: what shells say of a program that Ctrl-C has ended.
    pub const INTERRUPTED: u8 = 130;
}

type Outcome = Result<(), Failure>;

/// Runs the program with the arguments of its process.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = match Arguments::try_parse_from(&arguments) {
        Ok(parsed) => parsed,
        Err(mut error) => {
            suggest_verb(&mut error);
            // Help and version come this way too; a pipe that is closed early is no fault.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(exit::WRONG_INPUT));
        }
    };
    parsed.colour.write_global();
    interrupt::heed_file_limit();
    play::limit_threads();
    let outcome = match &parsed.verb {
        Verb::Run(options) => run::run(options, &arguments),
        Verb::Merge(options) => merge::merge(options, &arguments),
        Verb::Validate(options) => validate::validate(options),
        Verb::Explain(options) => explain::explain(options),
        Verb::Trace(options) => trace::trace(options),
        Verb::Sweep(options) => sweep::sweep(options, &arguments),
        Verb::Test(options) => test::test(options),
        Verb::New(options) => new::new(options),
        Verb::Schema => schema::schema(),
        Verb::Selftest(options) => selftest::selftest(options),
        Verb::Completions(options) => completions::completions(options),
    };
    ExitCode::from(code(outcome))
}

/// What verbs of other programs are called here.
const OTHER_VERBS: [(&[&str], &str); 7] = [
    (
        &["check", "lint", "verify"],
        "`ceasefire validate` reports the faults of scenarios",
    ),
    (
        &["play", "simulate", "sim", "start"],
        "`ceasefire run` plays scenarios",
    ),
    (
        &["init", "create", "template"],
        "`ceasefire new` writes a scenario to start from",
    ),
    (
        &["describe", "show", "print"],
        "`ceasefire explain` tells a scenario in words",
    ),
    (&["replay", "story"], "`ceasefire trace` replays single futures"),
    (
        &["judge", "assert", "ci"],
        "`ceasefire test` judges the claims of scenarios",
    ),
    (
        &["compare", "diff", "versus"],
        "`ceasefire sweep` plays several values on the same futures, a claim with `compared_with` compares two scenarios, and `ceasefire test --baseline FOLDER` tells what has changed since a result",
    ),
];

/// Adds to the refusal of a verb what it will have meant.
fn suggest_verb(error: &mut clap::Error) {
    let Some(ContextValue::String(written)) = error.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let written = written.to_lowercase();
    let meant = OTHER_VERBS
        .iter()
        .find(|(verbs, _)| verbs.contains(&written.as_str()));
    if let Some((_, tip)) = meant {
        // A verb that is only spelt alike is not what was meant.
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![(*tip).into()]),
        );
    }
}

/// The exit code of an outcome; says on stderr what has not been said yet.
fn code(outcome: Outcome) -> u8 {
    match outcome {
        Ok(()) | Err(Failure::BrokenPipe) => exit::FINE,
        Err(Failure::Off) => exit::OFF,
        Err(Failure::Undecided) => exit::UNDECIDED,
        Err(Failure::Shown) => exit::WRONG_INPUT,
        Err(Failure::ShownIo) => exit::INPUT_OUTPUT,
        Err(Failure::Interrupted) => exit::INTERRUPTED,
        Err(Failure::Usage(message)) => {
            terminal::complain(&message);
            exit::WRONG_INPUT
        }
        Err(Failure::Io(message)) => {
            terminal::complain(&message);
            exit::INPUT_OUTPUT
        }
    }
}
