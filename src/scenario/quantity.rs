//! Quantities: a number, or a distribution, of a dimension that says which numbers are possible and how they are
//! written.

use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::path::Path;

use serde_json::json;

use super::address::Address;
use super::read::{Definitions, Read, Reader, define};
use super::tree::{Node, Table, Value};
use crate::diagnostic::{Diagnostic, Rule, Span, nearest, suggest};
use crate::distribution::{
    Argument, Arguments, Distribution, FAMILIES, Family, ParameterKind, Refusal, family,
};

/// Days in a month and in a year, as durations count them: 365.25 / 12 and 365.25.
const DAYS_PER_MONTH: f64 = 30.4375;
const DAYS_PER_YEAR: f64 = 365.25;

/// The units of a duration: suffix, days, meaning.
pub const UNITS: &[(&str, f64, &str)] = &[
    ("d", 1.0, "days"),
    ("w", 7.0, "weeks"),
    ("mo", DAYS_PER_MONTH, "months of 30.4375 days"),
    ("y", DAYS_PER_YEAR, "years of 365.25 days"),
];

/// A number or a distribution, read and checked.
#[derive(Clone, Debug)]
pub struct Quantity {
    /// Where it stands.
    pub span: Span,
    /// Its address; the stream of its draws belongs to it.
    pub address: Address,
    /// What it is.
    pub given: Given,
    /// Whether its values are rounded to the engine's grid: durations and amounts are.
    pub on_grid: bool,
}

/// What a quantity is.
#[derive(Clone, Debug)]
pub enum Given {
    /// The same in every trial.
    Constant(f64),
    /// Drawn.
    Uncertain(Distribution),
}

impl Quantity {
    /// The smallest and the largest value that can be drawn.
    #[must_use]
    pub fn support(&self) -> (f64, f64) {
        match &self.given {
            Given::Constant(value) => (*value, *value),
            Given::Uncertain(distribution) => distribution.support(),
        }
    }
}

/// What the numbers of a quantity mean.
pub trait Dimension: Clone + std::fmt::Debug {
    /// What a value is called in messages, with its article.
    const NAME: &'static str;
    /// Name of its definition in the JSON Schema.
    const SCHEMA: &'static str;
    /// The smallest possible value.
    const LEAST: f64;
    /// The largest possible value.
    const MOST: f64;
    /// Whether durations with units may be written.
    const IN_DAYS: bool = false;
    /// Whether zero itself is possible; only of interest where [`Dimension::LEAST`] is zero.
    const ZERO: bool = true;
    /// Whether values are rounded to the engine's grid.
    const ON_GRID: bool = false;
}

macro_rules! dimensions {
    ($($(#[doc = $doc:literal])+ $name:ident: $noun:literal in $least:expr, $most:expr $(, $key:ident = $value:expr)*;)+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug)]
            pub struct $name;
            impl Dimension for $name {
                const NAME: &'static str = $noun;
                const SCHEMA: &'static str = stringify!($name);
                const LEAST: f64 = $least;
                const MOST: f64 = $most;
                $(const $key: bool = $value;)*
            }
        )+
    };
}

dimensions! {
    /// A length of time in days, at least 0.
    Duration: "a duration" in 0.0, f64::INFINITY, IN_DAYS = true, ON_GRID = true;
    /// An amount in the unit of its capability, at least 0.
    Amount: "an amount" in 0.0, f64::INFINITY, ON_GRID = true;
    /// A probability, 0 to 1.
    Chance: "a chance" in 0.0, 1.0;
    /// The value of a driver: any number.
    Latent: "a number" in f64::NEG_INFINITY, f64::INFINITY;
    /// A factor, above 0.
    Ratio: "a ratio" in 0.0, f64::INFINITY, ZERO = false;
}

/// A quantity of one dimension.
#[derive(Clone, Debug)]
pub struct Of<D> {
    /// The quantity itself.
    pub quantity: Quantity,
    dimension: PhantomData<D>,
}

impl<D: Dimension> Read for Of<D> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let given = match &node.value {
            Value::Table(table) => Given::Uncertain(uncertain::<D>(node, table, at, reader)?),
            _ => Given::Constant(constant::<D>(node, at, reader)?),
        };
        let quantity = Quantity {
            span: node.span,
            address: at.clone(),
            given,
            on_grid: D::ON_GRID,
        };
        Some(Self {
            quantity,
            dimension: PhantomData,
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let families = distribution_schema::<D>(definitions);
        define(
            D::SCHEMA,
            definitions,
            |_| json!({ "anyOf": [number_schema::<D>(), families] }),
        )
    }
}

/// The shortest horizon: about a second, a few steps of the engine's grid.
const SHORTEST: f64 = 0.000_01;

/// A duration without uncertainty, such as the horizon; at least about a second.
#[derive(Clone, Copy, Debug)]
pub struct Days(pub f64);

impl Read for Days {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        if node.table().is_some() {
            reader.wrong_type_with(
                node,
                at,
                "a fixed duration",
                Some("this one cannot be uncertain: write \"540d\"".into()),
            );
            return None;
        }
        let days = constant::<Duration>(node, at, reader)?;
        if days >= SHORTEST {
            return Some(Self(days));
        }
        let message = format!("`{at}` must be at least {SHORTEST} days long");
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, node.span, message, ""));
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        number_schema::<Duration>()
    }
}

/// The largest amount: sums of amounts stay exact on the grid of the engine, and their tallies within their integers.
pub const LARGEST_AMOUNT: f64 = 1_073_741_824.0;

/// Reports an amount that is larger than the engine can add up exactly; true if it is.
fn is_too_large<D: Dimension>(value: f64, node: &Node, at: &Address, reader: &mut Reader<'_>) -> bool {
    let is_too_large = D::ON_GRID && !D::IN_DAYS && value > LARGEST_AMOUNT;
    if is_too_large {
        let message = format!("`{at}` must be {} of at most {LARGEST_AMOUNT}", D::NAME);
        let fault = Diagnostic::at(
            Rule::OutOfRange,
            node.span,
            message,
            format!("this goes up to {value:.0}"),
        );
        reader
            .diagnostics
            .push(fault.help("count in a larger unit, such as thousands or millions"));
    }
    is_too_large
}

/// Reads a number of a dimension and checks its range.
fn constant<D: Dimension>(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<f64> {
    let value = number::<D>(node, at, reader)?;
    let is_possible = value >= D::LEAST && value <= D::MOST && (D::ZERO || value != 0.0);
    if !is_possible {
        let message = format!("`{at}` must be {} {}", D::NAME, range::<D>());
        let label = format!("this is {value}");
        let percent = (D::MOST == 1.0 && value > 1.0 && value <= 100.0)
            .then(|| format!("{value} % is written {}", value / 100.0));
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, node.span, message, label).maybe_help(percent));
        return None;
    }
    (!is_too_large::<D>(value, node, at, reader)).then_some(value)
}

/// The range of a dimension, in words.
fn range<D: Dimension>() -> String {
    match (D::LEAST, D::MOST) {
        (least, most) if most.is_finite() => format!("from {least} to {most}"),
        (least, _) if least.is_finite() && D::ZERO => format!("of at least {least}"),
        (least, _) if least.is_finite() => format!("above {least}"),
        _ => "that is finite".to_owned(),
    }
}

/// Reads a number as it is written in a dimension, without a check of its range.
fn number<D: Dimension>(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<f64> {
    if let Some(number) = node.number() {
        return Some(number);
    }
    match &node.value {
        Value::Text(text) if D::IN_DAYS => days(text)
            .map_err(|(message, help)| {
                let diagnostic = Diagnostic::at(Rule::WrongUnit, node.span, format!("`{at}`: {message}"), "");
                reader.diagnostics.push(diagnostic.help(help));
            })
            .ok(),
        Value::Text(text) => {
            let help = text
                .trim()
                .parse::<f64>()
                .is_ok()
                .then(|| format!("numbers stand without quotes: {}", text.trim()));
            reader.wrong_type_with(node, at, D::NAME, help);
            None
        }
        _ => {
            let expected = if D::IN_DAYS {
                "a duration: a number of days, or a text such as \"6w\""
            } else {
                D::NAME
            };
            reader.wrong_type(node, at, expected);
            None
        }
    }
}

/// Days of a duration that is written with a unit.
///
/// # Errors
/// What is wrong, and what would be right.
pub fn days(text: &str) -> Result<f64, (String, String)> {
    let text = text.trim();
    let split = text
        .find(|letter: char| !(letter.is_ascii_digit() || ".-+_".contains(letter)))
        .unwrap_or(text.len());
    let (digits, unit) = (text[..split].replace('_', ""), text[split..].trim());
    let all = || {
        let units: Vec<_> = UNITS
            .iter()
            .map(|(suffix, _, meaning)| format!("`{suffix}` ({meaning})"))
            .collect();
        format!("a duration is a number and a unit: {}", units.join(", "))
    };
    let Ok(count) = digits.parse::<f64>() else {
        return Err((format!("`{text}` is no duration"), all()));
    };
    match UNITS.iter().find(|(suffix, _, _)| *suffix == unit) {
        Some((_, length, _)) => Ok(count * length),
        None if unit.is_empty() => Err((
            format!("`{text}` lacks a unit"),
            format!("write \"{text}d\" for days; {}", all()),
        )),
        None => Err((
            format!("`{unit}` is no unit of time"),
            unit_meant(&digits, unit).unwrap_or_else(all),
        )),
    }
}

/// What somebody who wrote another word for a unit will have meant.
fn unit_meant(digits: &str, unit: &str) -> Option<String> {
    let suffix = match unit.to_ascii_lowercase().as_str() {
        "day" | "days" => "d",
        "week" | "weeks" | "wk" => "w",
        "m" | "month" | "months" | "mon" => "mo",
        "a" | "yr" | "year" | "years" => "y",
        "h" | "hour" | "hours" => return Some("days are the finest unit: an hour is \"0.0417d\"".to_owned()),
        _ => return None,
    };
    Some(format!("did you mean \"{digits}{suffix}\"?"))
}

/// Reads a distribution and checks that it can only give possible values.
fn uncertain<D: Dimension>(
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

/// Reads `{ family = { parameters } }`.
fn distribution<D: Dimension>(
    node: &Node,
    table: &Table,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Distribution> {
    let mut chosen = table.iter().filter(|(key, _)| !super::read::is_remark(key));
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
    let Some(parameters) = entry.node.table() else {
        let help = format!("such as {}", family.example);
        reader.wrong_type_with(&entry.node, &at.key(name), "a table of parameters", Some(help));
        return None;
    };
    let arguments = arguments::<D>(family, parameters, &at.key(name), reader)?;
    let bound = |key: &str, reader: &mut Reader<'_>| match parameters.get(key) {
        None => Some(None),
        Some(bound) => number::<D>(&bound.node, &at.key(name).key(key), reader).map(Some),
    };
    let (at_least, at_most) = (bound("at_least", reader), bound("at_most", reader));
    match Distribution::new(family, &arguments, at_least?, at_most?) {
        Ok(distribution) => Some(distribution),
        Err(refusals) => {
            for refusal in refusals {
                refuse(&refusal, parameters, entry.key, &at.key(name), reader);
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
        if BOUNDS.contains(&key.as_str()) || super::read::is_remark(key) {
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
                ParameterKind::Values => number::<D>(item, &at.key(index), reader),
                _ => f64::read(item, &at.key(index), reader),
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
                Some(table) => distribution::<D>(item, table, &at.key(index), reader),
                None => {
                    reader.wrong_type(item, &at.key(index), "a distribution");
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
        .map_err(|error| ("file", format!("`{file}` is no CSV: {error}")))?
        .clone();
    let index = headers
        .iter()
        .position(|header| header == column)
        .ok_or_else(|| {
            let there = suggest(column, headers.iter()).unwrap_or_default();
            ("column", format!("`{file}` has no column `{column}`; {there}"))
        })?;
    let mut values = Vec::new();
    for (row, record) in records.records().enumerate() {
        let record = record.map_err(|error| ("file", format!("`{file}` is no CSV: {error}")))?;
        let cell = record.get(index).unwrap_or("");
        if cell.is_empty() {
            continue;
        }
        let value = cell.parse::<f64>().ok().filter(|value| value.is_finite());
        let value = value.or_else(|| if D::IN_DAYS { days(cell).ok() } else { None });
        values.push(value.ok_or_else(|| {
            (
                "column",
                format!("`{cell}` in row {} of `{file}` is no number", row + 2),
            )
        })?);
    }
    reader.opened.push((file.into(), text));
    Ok(values)
}

/// The schema of a number as a dimension writes it.
fn number_schema<D: Dimension>() -> serde_json::Value {
    let mut number = json!({ "type": "number" });
    if D::LEAST.is_finite() {
        number[if D::ZERO { "minimum" } else { "exclusiveMinimum" }] = json!(D::LEAST);
    }
    if D::MOST.is_finite() {
        number["maximum"] = json!(D::MOST);
    }
    if !D::IN_DAYS {
        return number;
    }
    let units: Vec<&str> = UNITS.iter().map(|(suffix, _, _)| *suffix).collect();
    let pattern = format!("^\\s*\\+?[0-9_]*\\.?[0-9_]+\\s*({})\\s*$", units.join("|"));
    json!({ "anyOf": [number, { "type": "string", "pattern": pattern }], "description": "A number of days, or a text with a unit: d, w, mo, y." })
}

/// The schema of all families, with the parameters written in one dimension.
fn distribution_schema<D: Dimension>(definitions: &mut Definitions) -> serde_json::Value {
    let name = format!("{}Distribution", D::SCHEMA);
    define(&name, definitions, |_| {
        let families: Vec<serde_json::Value> = FAMILIES
            .iter()
            .map(|family| family_schema::<D>(family, &name))
            .collect();
        json!({ "description": "A distribution: one family with its parameters.", "oneOf": families })
    })
}

fn family_schema<D: Dimension>(family: &Family, own_name: &str) -> serde_json::Value {
    // Parameters of a law that is truncated may lie where its values cannot, so they are not held to the range.
    let value = if D::IN_DAYS {
        number_schema::<Latent>()
    } else {
        json!({ "type": "number" })
    };
    let value = if D::IN_DAYS {
        json!({ "anyOf": [value, { "type": "string" }] })
    } else {
        value
    };
    let mut properties = super::read::remark_schema();
    let mut patterns = serde_json::Map::new();
    for parameter in family.parameters {
        let schema = match parameter.kind {
            ParameterKind::Value => value.clone(),
            ParameterKind::Number => json!({ "type": "number" }),
            ParameterKind::Count => json!({ "type": "integer", "minimum": 0 }),
            ParameterKind::Values => json!({ "type": "array", "items": value.clone(), "minItems": 1 }),
            ParameterKind::Numbers => {
                json!({ "type": "array", "items": { "type": "number" }, "minItems": 1 })
            }
            ParameterKind::Laws => {
                json!({ "type": "array", "items": { "$ref": format!("#/$defs/{own_name}") }, "minItems": 1 })
            }
            ParameterKind::Text => json!({ "type": "string" }),
        };
        let schema = super::read::described(schema, parameter.meaning);
        if parameter.key == "p*" {
            patterns.insert("^p[0-9]+([._][0-9]+)?$".to_owned(), schema);
        } else {
            properties.insert(parameter.key.to_owned(), schema);
        }
    }
    for (key, meaning) in [
        ("at_least", "The distribution given that it is at least this."),
        ("at_most", "The distribution given that it is at most this."),
    ] {
        properties.insert(key.to_owned(), super::read::described(value.clone(), meaning));
    }
    let mut parameters = json!({ "type": "object", "properties": properties, "patternProperties": patterns, "additionalProperties": false });
    if patterns_are_closed(family) {
        parameters["anyOf"] = family
            .alternatives
            .iter()
            .map(|keys| json!({ "required": keys }))
            .collect();
    }
    json!({
        "type": "object",
        "description": family.summary,
        "properties": { family.name: parameters, "note": { "type": "string" }, "source": { "type": "string" } },
        "required": [family.name],
        "additionalProperties": false,
    })
}

/// Whether a family's parameters can be listed (percentiles cannot).
fn patterns_are_closed(family: &Family) -> bool {
    family.parameters.iter().all(|parameter| parameter.key != "p*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_time() {
        assert_eq!(days("14d"), Ok(14.0));
        assert_eq!(days(" 1_000 d "), Ok(1000.0));
        assert_eq!(days("2w"), Ok(14.0));
        assert_eq!(days("1.5mo"), Ok(45.656_25));
        assert_eq!(days("1y"), Ok(365.25));
        assert!(days("14").is_err());
        assert!(days("6m").unwrap_err().1.contains("6mo"));
        assert!(days("soon").is_err());
    }
}
