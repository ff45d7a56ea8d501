//! `ceasefire new`: a scenario to start from.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write};

use super::arguments::New;
use super::{Failure, Outcome, terminal};
use crate::scenario::template::TEMPLATE;

/// Writes the template; an existing file is replaced only if that was asked for.
pub fn new(options: &New) -> Outcome {
    let name = options.file.display();
    let mut open = OpenOptions::new();
    open.write(true)
        .create(true)
        .truncate(options.force)
        .create_new(!options.force);
    let mut file = open.open(&options.file).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => Failure::Usage(format!("`{name}` exists; --force replaces it")),
        _ => Failure::Io(format!("cannot write `{name}`: {error}")),
    })?;
    file.write_all(TEMPLATE.as_bytes())
        .map_err(|error| Failure::Io(format!("cannot write `{name}`: {error}")))?;
    terminal::say(&format!(
        "{name} is written; play it with: ceasefire run {name}\n"
    ))
}
