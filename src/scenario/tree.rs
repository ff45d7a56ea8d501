//! A scenario as a tree of values that know their places: what TOML says, before anything is made of it.
//!
//! Tables are kept in the order of their keys, so that nothing downstream can depend on the order of a file.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use jiff::civil::Date;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::slip;
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Sources, Span};
use crate::distribution::{Family, family};

/// A value and its place.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where the value stands; for a table with a header of its own, the header.
    pub span: Span,
    /// What it is.
    pub value: Value,
}

/// What TOML can say.
#[derive(Clone, Debug)]
pub enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a point or an exponent; may be infinite or not a number, which no key accepts.
    Float(f64),
    /// Yes or no.
    Boolean(bool),
    /// A date without a time.
    Date(Date),
    /// A time, with or without a date: nothing in a scenario takes one.
    Time(String),
    /// A list.
    List(Vec<Node>),
    /// A table, inline or with a header.
    Table(Table),
}

/// A table's entries in the order of their keys.
pub type Table = BTreeMap<String, Entry>;

/// One entry of a table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where the key stands.
    pub key: Span,
    /// The value behind it.
    pub node: Node,
}

/// A key as TOML: in quotes where it needs them.
fn in_toml(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    if !key.is_empty() && key.chars().all(is_bare) {
        return key.to_owned();
    }
    serde_json::Value::from(key).to_string()
}

impl Node {
    /// What the value is, in words, with its article.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "a yes or no",
            Value::Date(_) => "a date",
            Value::Time(_) => "a time",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
        }
    }

    /// The value as TOML, on one line.
    #[must_use]
    pub fn to_toml(&self) -> String {
        match &self.value {
            // What JSON has for a text is a text of TOML too.
            Value::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
            Value::Integer(whole) => whole.to_string(),
            Value::Float(float) => format!("{float:?}"),
            Value::Boolean(is_so) => is_so.to_string(),
            Value::Date(date) => date.to_string(),
            Value::Time(time) => time.clone(),
            Value::List(items) => {
                let items: Vec<String> = items.iter().map(Self::to_toml).collect();
                format!("[{}]", items.join(", "))
            }
            Value::Table(table) if table.is_empty() => "{}".to_owned(),
            Value::Table(table) => {
                let entries = table.iter();
                let entries: Vec<String> = entries
                    .map(|(key, entry)| format!("{} = {}", in_toml(key), entry.node.to_toml()))
                    .collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// The entries, if the value is a table.
    #[must_use]
    pub fn table(&self) -> Option<&Table> {
        match &self.value {
            Value::Table(table) => Some(table),
            _ => None,
        }
    }

    /// What `*` in an address stands for: the values behind all keys of a table but its remarks, or the items of a list.
    pub fn behind_any(&mut self) -> Vec<&mut Self> {
        match &mut self.value {
            Value::Table(table) => {
                let entries = table.iter_mut();
                let entries = entries.filter(|(name, _)| !super::read::is_remark(name));
                entries.map(|(_, entry)| &mut entry.node).collect()
            }
            Value::List(items) => items.iter_mut().collect(),
            _ => Vec::new(),
        }
    }

    /// The value as a finite number, whole or not.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self.value {
            #[allow(
                clippy::cast_precision_loss,
                reason = "a scenario's whole numbers are far below 2^53"
            )]
            Value::Integer(whole) => Some(whole as f64),
            Value::Float(number) if number.is_finite() => Some(number),
            _ => None,
        }
    }
}

/// The most faults of syntax that are told: a file with more is none of ours, and only the first is shown of it.
const MOST_SYNTAX_ERRORS: usize = 20;

/// How the parser begins when it takes a line for a key.
const NO_VALUE: &str = "key with no value";

/// Parses one text into a tree; every syntax error becomes a diagnostic, and what could be read is returned.
pub fn parse(sources: &Sources, source: usize, diagnostics: &mut Diagnostics) -> Node {
    let text = &sources.all()[source].text;
    let (root, errors) = DeTable::parse_recoverable(text);
    let span = |range: Range<usize>| Span {
        source,
        start: range.start,
        end: range.end,
    };
    let mut slipped = HashSet::new();
    let (mut all, mut faults) = (0, Vec::new());
    for error in errors {
        if all > MOST_SYNTAX_ERRORS {
            all += 1;
            continue;
        }
        let range = error.span().unwrap_or(0..0);
        let line = line_around(text, range.start);
        // All that the parser says of a line with a slip comes of the slip.
        if slipped.contains(&line.start) {
            continue;
        }
        all += 1;
        if all > MOST_SYNTAX_ERRORS {
            continue;
        }
        // A line that is no value at all, as those of a table of commas, has no slips.
        let slips = match error.message() {
            message if message.starts_with(NO_VALUE) => Vec::new(),
            _ => slip::slips(&text[line.clone()]),
        };
        for (place, slip) in &slips {
            let place = span(line.start + place.start..line.start + place.end);
            let message = format!("`{}` cannot be read", slip.written);
            let fault = Diagnostic::at(Rule::Syntax, place, message, slip.why);
            faults.push(fault.help(format!("write {}", slip.right)));
        }
        if slips.is_empty() {
            let label = in_plain_words(error.message());
            let fault = Diagnostic::at(Rule::Syntax, span(range), "this is not valid TOML", label);
            faults.push(fault);
        } else {
            slipped.insert(line.start);
        }
    }
    if all > MOST_SYNTAX_ERRORS {
        faults.truncate(1);
        let message = format!(
            "`{}` is no TOML at all, as it seems: {all} faults, of which this is the first",
            sources.all()[source].name
        );
        faults.push(Diagnostic::without_place(Rule::Syntax, message));
    }
    faults.into_iter().for_each(|fault| diagnostics.push(fault));
    Node {
        span: span(0..0),
        value: Value::Table(table(root.into_inner(), source, diagnostics)),
    }
}

/// The line around a place in a text, without its end.
fn line_around(text: &str, place: usize) -> Range<usize> {
    let place = place.min(text.len());
    let bytes = text.as_bytes();
    let start = bytes[..place].iter().rposition(|&byte| byte == b'\n');
    let end = bytes[place..].iter().position(|&byte| byte == b'\n');
    start.map_or(0, |start| start + 1)..end.map_or(text.len(), |end| place + end)
}

/// What the parser says, in words for somebody who does not know its own.
fn in_plain_words(message: &str) -> &str {
    match message {
        "unexpected key or value, expected newline, `#`" => {
            "a line has one key and its value, and this is left over"
        }
        "string values must be quoted, expected literal string" => "a value is expected here",
        "invalid literal string, expected `'`" | "invalid basic string, expected `\"`" => {
            "a quote is not closed, or a value is missing"
        }
        other => other,
    }
}

fn table(table: DeTable<'_>, source: usize, diagnostics: &mut Diagnostics) -> Table {
    let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'_>>)| {
        let place = place(&key, source);
        let name: std::borrow::Cow<'_, str> = key.into_inner();
        let node = node(value, source, diagnostics);
        (name.into_owned(), Entry { key: place, node })
    };
    table.into_iter().map(entry).collect()
}

fn node(value: Spanned<DeValue<'_>>, source: usize, diagnostics: &mut Diagnostics) -> Node {
    let span = place(&value, source);
    let value = match value.into_inner() {
        DeValue::String(text) => Value::Text(text.into_owned()),
        DeValue::Integer(whole) => match i64::from_str_radix(whole.as_str(), whole.radix()) {
            Ok(whole) => Value::Integer(whole),
            Err(_) => Value::Float(whole.as_str().parse().unwrap_or(f64::INFINITY)),
        },
        DeValue::Float(number) => Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(yes) => Value::Boolean(yes),
        DeValue::Datetime(moment) => date(moment),
        DeValue::Array(items) => Value::List(
            items
                .into_iter()
                .map(|item| node(item, source, diagnostics))
                .collect(),
        ),
        DeValue::Table(entries) => Value::Table(table(entries, source, diagnostics)),
    };
    Node { span, value }
}

/// A date alone is a date; with a time of day it stays text, for the message that refuses it.
fn date(moment: toml::value::Datetime) -> Value {
    let civil = moment.date.filter(|_| moment.time.is_none()).and_then(|date| {
        let year = i16::try_from(date.year).ok()?;
        Date::new(year, i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?).ok()
    });
    civil.map_or_else(|| Value::Time(moment.to_string()), Value::Date)
}

fn place<T>(spanned: &Spanned<T>, source: usize) -> Span {
    let range = spanned.span();
    Span {
        source,
        start: range.start,
        end: range.end,
    }
}

/// Puts `over` on top of `base`: tables merge key by key, everything else is replaced.
///
/// A distribution of another family, or with a complete set of parameters of its own, replaces the one below as a
/// whole: merged, the two could only contradict each other. One that names some parameters of the same family changes
/// those.
pub fn merge(base: &mut Node, over: Node) {
    if replaces_distribution(base, &over) {
        *base = over;
        return;
    }
    match (&mut base.value, over.value) {
        (Value::Table(below), Value::Table(above)) => {
            for (key, entry) in above {
                match below.get_mut(&key) {
                    Some(existing) => {
                        existing.key = entry.key;
                        merge(&mut existing.node, entry.node);
                    }
                    None => {
                        below.insert(key, entry);
                    }
                }
            }
            if over.span.start != over.span.end {
                base.span = over.span;
            }
        }
        (_, value) => {
            *base = Node {
                span: over.span,
                value,
            };
        }
    }
}

/// Whether both are distributions, and the one above stands on its own.
fn replaces_distribution(base: &Node, over: &Node) -> bool {
    let (Some((below, _)), Some((above, parameters))) = (distribution(base), distribution(over)) else {
        return false;
    };
    let is_given = |key: &&&str| parameters.contains_key(**key);
    below.name != above.name
        || above
            .alternatives
            .iter()
            .any(|keys| keys.iter().filter(is_given).count() == keys.len())
        || above.name == "quantiles"
}

/// The family and the parameters of a node that is written as a distribution.
fn distribution(node: &Node) -> Option<(&'static Family, &Table)> {
    let mut entries = node
        .table()?
        .iter()
        .filter(|(key, _)| !super::read::is_remark(key));
    let (name, entry) = entries.next()?;
    let family = family(name)?;
    (entries.next().is_none()).then_some((family, entry.node.table()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(base: &str, over: &str) -> String {
        let mut sources = Sources::default();
        let mut read = |text: &str| {
            let source = sources.add("x", text);
            parse(&sources, source, &mut Diagnostics::default())
        };
        let (mut base, over) = (read(base), read(over));
        merge(&mut base, over);
        in_words(&base)
    }

    fn in_words(node: &Node) -> String {
        match &node.value {
            Value::Table(table) => {
                let entries: Vec<String> = table
                    .iter()
                    .map(|(key, entry)| format!("{key}: {}", in_words(&entry.node)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            Value::Integer(whole) => whole.to_string(),
            Value::Text(text) => text.clone(),
            _ => "?".to_owned(),
        }
    }

    #[test]
    fn tables_merge_key_by_key() {
        assert_eq!(
            merged("[a]\nx = 1\ny = 2", "[a]\ny = 3\nz = 4"),
            "{a: {x: 1, y: 3, z: 4}}"
        );
    }

    #[test]
    fn another_distribution_replaces_the_one_below() {
        let base = "after = { weibull = { shape = 1, scale = 2 } }";
        assert_eq!(
            merged(base, "after = { exponential = { mean = 3 } }"),
            "{after: {exponential: {mean: 3}}}"
        );
        assert_eq!(
            merged(base, "after = { weibull = { median = 3, p90 = 4 } }"),
            "{after: {weibull: {median: 3, p90: 4}}}"
        );
        assert_eq!(
            merged(base, "[after.weibull]\nscale = 5"),
            "{after: {weibull: {scale: 5, shape: 1}}}"
        );
    }
}
