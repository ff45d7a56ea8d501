//! Distributions, read and checked: that their parameters are possible, and what they can give.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Dimension, days, is_too_large, number, percent_meant, range};
use crate::diagnostic::{Diagnostic, Rule, Span, nearest, shortened, suggest};
use crate::distribution::{
    Argument, Arguments, Distribution, FAMILIES, Family, ParameterKind, Refusal, family,
};
use crate::scenario::address::Address;
use crate::scenario::read::{Read, Reader, is_remark};
use crate::scenario::tree::{Node, Table, Value};

/// Reads a distribution and checks that it can only give possible values.
pub(super) fn uncertain<D: Dimension>(
    node: &Node,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Distribution> {
    let distribution = distribution::<D>(node, table, at, reader)?;
    let (least, most) = distribution.support();
    let is_possible = least >= D::LEAST && most <= D::MOST && (D::ZERO || distribution.cdf(0.0) <= 0.0);
    if is_possible {
        let high = distribution.quantile(0.9999);
        return (!is_too_large::<D>(high, node, at, reader)).then_some(distribution);
    }
    if refuse_parameter::<D>(distribution.family(), table, at, reader) {
        return None;
    }
    let name = distribution.family().name;
    let which = match (least < D::LEAST, most > D::MOST) {
        (true, true) => "less and more",
        (false, true) => "more",
        _ => "less",
    };
    let message = format!(
        "`{at}` is {} {}, but this distribution can give {which}",
        D::NAME,
        range::<D>()
    );
    let mut bounds = Vec::new();
    if least < D::LEAST {
        bounds.push(format!("at_least = {}", D::LEAST));
    }
    if most > D::MOST {
        bounds.push(format!("at_most = {}", D::MOST));
    }
    let help = format!("truncate it: {{ {name} = {{ …, {} }} }}", bounds.join(", "));
    let label = match (least.is_finite(), most.is_finite()) {
        (false, false) => "it can give any number".to_owned(),
        (true, false) => format!("its values lie above {least}"),
        (false, true) => format!("its values lie below {most}"),
        (true, true) => format!("its values lie between {least} and {most}"),
    };
    reader
        .diagnostics
        .push(Diagnostic::at(Rule::NegativeDraw, node.span, message, label).help(help));
    None
}

/// Reports the first parameter that is itself impossible where the distribution stands, such as a shortest duration with a minus
/// sign: that is a slip, which cutting the distribution off would hide. True if there is one.
fn refuse_parameter<D: Dimension>(
    family: &Family,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> bool {
    let Some(parameters) = table.get(family.name).and_then(|entry| entry.node.table()) else {
        return false;
    };
    let at = at.key(family.name);
    for (key, entry) in parameters {
        let is_value =
            matches!(family.parameter(key), Some(parameter) if parameter.kind == ParameterKind::Value);
        let value = match &entry.node.value {
            Value::Text(text) if D::IN_DAYS => days(text).ok(),
            _ => entry.node.number(),
        };
        let Some(value) = value.filter(|value| is_value && !(D::LEAST..=D::MOST).contains(value)) else {
            continue;
        };
        let help = if value < D::LEAST {
            Some("is the minus sign meant?".to_owned())
        } else {
            percent_meant::<D>(value)
        };
        let message = format!("`{}` must be {} {}", at.key(key), D::NAME, range::<D>());
        let label = format!("this is {value}");
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::NegativeDraw, entry.node.span, message, label).maybe_help(help));
        return true;
    }
    false
}

/// Reads `{ family = { parameters } }`.
fn distribution<D: Dimension>(
    node: &Node,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Distribution> {
    let mut chosen = table.iter().filter(|(key, _)| !is_remark(key));
    let Some((name, entry)) = chosen.next() else {
        let message = format!("`{at}` is a table without a distribution");
        let help = format!("write {}, or a number", FAMILIES[0].example);
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::MissingKey, node.span, message, "").help(help));
        return None;
    };
    if let Some((second, other)) = chosen.next() {
        let message = format!("`{at}` has two distributions");
        let diagnostic = Diagnostic::at(
            Rule::Contradiction,
            other.key,
            message,
            format!("`{second}` here"),
        )
        .context(entry.key, format!("`{name}` here"))
        .help("keep one, or make a `mixture` of both");
        reader.diagnostics.push(diagnostic);
        return None;
    }
    let Some(family) = family(name) else {
        let message = format!("unknown distribution `{name}`");
        let names: Vec<&str> = FAMILIES.iter().map(|family| family.name).collect();
        let near = nearest(name, names.iter().copied());
        let label = near.map_or_else(
            || "not a family of the language".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let help = near.is_none().then(|| suggest(name, names)).flatten();
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::UnknownFamily, entry.key, message, label).maybe_help(help));
        return None;
    };
    let at = &at.key(name);
    let Some(parameters) = entry.node.table() else {
        let help = format!("such as {}", family.example);
        reader.wrong_type_with(&entry.node, at, "a table of parameters", Some(help));
        return None;
    };
    let arguments = arguments::<D>(family, parameters, at, reader)?;
    let bound = |key: &str, reader: &mut Reader<'_>| match parameters.get(key) {
        None => Some(None),
        Some(bound) => number::<D>(&bound.node, &at.key(key), reader).map(Some),
    };
    let (at_least, at_most) = (bound("at_least", reader), bound("at_most", reader));
    match Distribution::new(family, &arguments, at_least?, at_most?) {
        Ok(distribution) => Some(distribution),
        Err(refusals) => {
            for refusal in refusals {
                refuse(&refusal, parameters, entry.key, at, reader);
            }
            None
        }
    }
}

/// Reports parameters that are impossible together, at the parameter that is at fault.
fn refuse(refusal: &Refusal, parameters: &Table, whole: Span, at: &Address, reader: &mut Reader<'_>) {
    let place = refusal
        .parameter
        .as_ref()
        .and_then(|key| parameters.get(key))
        .map_or(whole, |entry| entry.node.span);
    let message = format!("`{at}`: {}", refusal.message);
    reader.diagnostics.push(
        Diagnostic::at(Rule::ImpossibleParameters, place, message, "").maybe_help(refusal.help.clone()),
    );
}

/// Keys that every family takes.
const BOUNDS: [&str; 2] = ["at_least", "at_most"];

/// Reads the parameters of a family; `None` where one of them has a fault.
fn arguments<D: Dimension>(
    family: &Family,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Arguments> {
    let known: Vec<&str> = family
        .parameters
        .iter()
        .map(|parameter| parameter.key)
        .chain(BOUNDS)
        .collect();
    let mut arguments = BTreeMap::new();
    let mut is_whole = true;
    for (key, entry) in table {
        if BOUNDS.contains(&key.as_str()) || is_remark(key) {
            continue;
        }
        let open = || {
            family
                .parameters
                .iter()
                .find(|parameter| parameter.key == "p*" && is_percentile(key))
        };
        let Some(parameter) = family
            .parameters
            .iter()
            .find(|parameter| parameter.key == key)
            .or_else(open)
        else {
            let message = format!("`{}` has no parameter `{key}`", family.name);
            let near = nearest(key, known.iter().copied());
            let label = near.map_or_else(String::new, |near| format!("did you mean `{near}`?"));
            let help = near.is_none().then(|| parameters_of(family));
            reader
                .diagnostics
                .push(Diagnostic::at(Rule::UnknownKey, entry.key, message, label).maybe_help(help));
            is_whole = false;
            continue;
        };
        match argument::<D>(parameter.kind, &entry.node, &at.key(key), reader) {
            Some(argument) => {
                arguments.insert(key.clone(), argument);
            }
            None => is_whole = false,
        }
    }
    let is_whole = is_whole && read_column::<D>(&mut arguments, table, at, reader);
    is_whole.then_some(Arguments(arguments))
}

/// The alternatives of a family, in words.
fn parameters_of(family: &Family) -> String {
    let alternatives: Vec<String> = family
        .alternatives
        .iter()
        .map(|keys| format!("`{}`", keys.join("`, `")))
        .collect();
    format!("`{}` takes {}", family.name, alternatives.join(", or "))
}

/// Whether a key names a percentile, such as `p10`, `p2.5` or `p2_5`.
fn is_percentile(key: &str) -> bool {
    key.strip_prefix('p')
        .is_some_and(|number| number.replace('_', ".").parse::<f64>().is_ok())
}

/// Reads one parameter.
fn argument<D: Dimension>(
    kind: ParameterKind,
    node: &Node,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Argument> {
    let list = |reader: &mut Reader<'_>| match &node.value {
        Value::List(items) => Some(items),
        _ => {
            reader.wrong_type(node, at, "a list");
            None
        }
    };
    match kind {
        ParameterKind::Value => number::<D>(node, at, reader).map(Argument::Number),
        ParameterKind::Number | ParameterKind::Count => f64::read(node, at, reader).map(Argument::Number),
        ParameterKind::Text => String::read(node, at, reader).map(Argument::Text),
        ParameterKind::Values | ParameterKind::Numbers => {
            let items = list(reader)?.iter().enumerate();
            let read = |(index, item)| match kind {
                ParameterKind::Values => number::<D>(item, &at.item(index), reader),
                _ => f64::read(item, &at.item(index), reader),
            };
            let numbers: Vec<Option<f64>> = items.map(read).collect();
            numbers
                .into_iter()
                .collect::<Option<Vec<f64>>>()
                .map(Argument::Numbers)
        }
        ParameterKind::Laws => {
            let items = list(reader)?.iter().enumerate();
            let read = |(index, item): (usize, &Node)| match item.table() {
                Some(table) => distribution::<D>(item, table, &at.item(index), reader),
                None => {
                    reader.wrong_type(item, &at.item(index), "a distribution");
                    None
                }
            };
            let laws: Vec<Option<Distribution>> = items.map(read).collect();
            laws.into_iter()
                .collect::<Option<Vec<Distribution>>>()
                .map(Argument::Laws)
        }
    }
}

/// Replaces `file` and `column` by the values that stand there; false where that fails.
fn read_column<D: Dimension>(
    arguments: &mut BTreeMap<String, Argument>,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> bool {
    let (Some(Argument::Text(file)), Some(Argument::Text(column))) =
        (arguments.get("file"), arguments.get("column"))
    else {
        return true;
    };
    let (file, column) = (file.clone(), column.clone());
    match column_values::<D>(&file, &column, &table["file"].node, reader) {
        Ok(values) => {
            arguments.remove("file");
            arguments.remove("column");
            arguments.insert("values".to_owned(), Argument::Numbers(values));
            true
        }
        Err((key, message)) => {
            let message = format!("`{at}`: {message}");
            let rule = if key == "file" {
                Rule::UnreadableFile
            } else {
                Rule::ImpossibleParameters
            };
            reader
                .diagnostics
                .push(Diagnostic::at(rule, table[key].node.span, message, ""));
            false
        }
    }
}

/// The numbers of one column of a CSV file beside the scenario; empty cells are passed over.
fn column_values<D: Dimension>(
    file: &str,
    column: &str,
    node: &Node,
    reader: &mut Reader<'_>,
) -> Result<Vec<f64>, (&'static str, String)> {
    let text = (reader.open)(Path::new(file), node.span.source).map_err(|message| ("file", message))?;
    let mut records = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let headers = records
        .headers()
        .map_err(|error| ("file", no_csv(file, &text, &error)))?;
    let mut places = headers.iter().enumerate().filter(|(_, header)| *header == column);
    let (index, _) = places.next().ok_or_else(|| {
        let there = suggest(column, headers.iter()).unwrap_or_default();
        ("column", format!("`{file}` has no column `{column}`; {there}"))
    })?;
    if let Some((second, _)) = places.next() {
        let [first, second] = [index, second].map(|place| place + 1);
        let message =
            format!("`{file}` has two columns called `{column}`, columns {first} and {second}; rename one");
        return Err(("column", message));
    }
    let mut values = Vec::new();
    for record in records.records() {
        let record = record.map_err(|error| ("file", no_csv(file, &text, &error)))?;
        let cell = record.get(index).unwrap_or("");
        if cell.is_empty() {
            continue;
        }
        let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.or_else(|| if D::IN_DAYS { days(cell).ok() } else { None });
        values.push(value.ok_or_else(|| {
            let (line, cell) = (line_of(record.position(), &text), shortened(cell));
            (
                "column",
                format!("`{cell}` in line {line} of `{file}` is no number"),
            )
        })?);
    }
    reader.opened.push((file.into(), text));
    Ok(values)
}

/// The line in which a row of a CSV file begins, from 1: empty lines and cells of several lines count, as in an editor.
fn line_of(position: Option<&csv::Position>, text: &str) -> usize {
    let start = position.map_or(0, csv::Position::byte);
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(text.len());
    // The reader takes empty lines for the beginning of the row behind them.
    let rest = text[start..].trim_start_matches(['\r', '\n']);
    1 + text[..text.len() - rest.len()].matches('\n').count()
}

/// Why a file cannot be read as CSV.
fn no_csv(file: &str, text: &str, error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths {
            pos,
            expected_len,
            len,
        } => {
            let line = line_of(pos.as_ref(), text);
            format!(
                "line {line} of `{file}` has not as many cells as the first line: {len}, not {expected_len}"
            )
        }
        _ => format!("`{file}` is no CSV: {error}"),
    }
}
