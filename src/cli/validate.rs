//! `ceasefire validate`: all faults of all files at once.

use std::path::Path;

use serde_json::json;

use super::arguments::Validate;
use super::scenario::{Checked, check, show};
use super::{Failure, Outcome, files, terminal};
use crate::diagnostic::{Severity, Sources, Span};

/// Checks all files; the outcome is a failure if any has a fault.
pub fn validate(options: &Validate) -> Outcome {
    let files = files::scenarios(&options.files)?;
    let checked: Vec<(&Path, Checked)> = files
        .iter()
        .map(|file| (file.as_path(), check(file, &options.set)))
        .collect();
    if options.json {
        let files: Vec<_> = checked
            .iter()
            .map(|(file, checked)| as_json(file, checked))
            .collect();
        terminal::print_json(&json!({ "format": 1, "files": files }))?;
    } else {
        for (file, checked) in &checked {
            show(checked, options.quiet);
            if checked.meant.is_some() && !options.quiet {
                terminal::say(&verdict(file, checked))?;
            }
        }
        summarise(&checked);
    }
    let is_faulty = checked.iter().any(|(_, checked)| checked.meant.is_none());
    if is_faulty { Err(Failure::Shown) } else { Ok(()) }
}

/// One line about a scenario without faults.
fn verdict(file: &Path, checked: &Checked) -> String {
    let Some(meant) = &checked.meant else {
        return String::new();
    };
    let warnings = match checked.diagnostics.warnings() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        more => format!(", {more} warnings"),
    };
    let model = &meant.model;
    format!(
        "{}: fine ({} contributors, {} packages, {} objectives, {} gates{warnings})\n",
        file.display(),
        model.contributors.len(),
        model.packages.len(),
        model.objectives.len(),
        model.gates.len(),
    )
}

/// How many faults there are, in one line on stderr.
fn summarise(checked: &[(&Path, Checked)]) {
    let faults: usize = checked
        .iter()
        .map(|(_, checked)| checked.diagnostics.errors())
        .sum();
    let files = checked
        .iter()
        .filter(|(_, checked)| checked.diagnostics.has_errors())
        .count();
    if faults > 0 {
        let plural = |count: usize| if count == 1 { "" } else { "s" };
        terminal::complain(&format!(
            "{faults} fault{} in {files} file{}",
            plural(faults),
            plural(files)
        ));
    }
}

fn as_json(file: &Path, checked: &Checked) -> serde_json::Value {
    let diagnostic = |diagnostic: &crate::diagnostic::Diagnostic| {
        let place = diagnostic
            .place
            .as_ref()
            .map(|(span, label)| place(&checked.sources, *span, label));
        let context = diagnostic
            .context
            .iter()
            .map(|(span, label)| self::place(&checked.sources, *span, label));
        json!({
            "rule": diagnostic.rule.name(),
            "severity": match diagnostic.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "message": diagnostic.message,
            "place": place,
            "context": context.collect::<Vec<_>>(),
            "help": diagnostic.help,
        })
    };
    let found: Vec<_> = checked
        .diagnostics
        .in_order()
        .into_iter()
        .map(diagnostic)
        .collect();
    let left_out =
        [Severity::Error, Severity::Warning].map(|severity| checked.diagnostics.left_out(severity));
    json!({
        "file": file.display().to_string(),
        "valid": checked.meant.is_some(),
        "diagnostics": found,
        "left_out": left_out.iter().sum::<usize>(),
    })
}

fn place(sources: &Sources, span: Span, label: &str) -> serde_json::Value {
    let (line, column) = sources.line_and_column(span);
    json!({ "file": sources.get(span).name, "line": line, "column": column, "label": label })
}
