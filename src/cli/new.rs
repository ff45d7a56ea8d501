//! `ceasefire new`: a scenario to start from.

use super::arguments::New;
use super::store::save;
use super::{Failure, Outcome, terminal};
use crate::scenario::template::TEMPLATE;

/// Writes the template; an existing file is replaced only if that was asked for.
pub fn new(options: &New) -> Outcome {
    let name = options.file.display();
    if !options.force && options.file.symlink_metadata().is_ok() {
        return Err(Failure::Usage(format!("`{name}` exists; --force replaces it")));
    }
    save(&options.file, TEMPLATE.as_bytes())?;
    terminal::say(&format!(
        "{name} is written; play it with: ceasefire run {name}\n"
    ))
}
