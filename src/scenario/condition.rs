//! Conditions as written: references, thresholds, Boolean combinations, and time.

use jiff::civil::Date;
use serde_json::json;

use super::address::{Address, unquoted};
use super::quantity::{Amount, Duration, Of, Quantity};
use super::read::{
    Definitions, Read, Reader, Remarks, define, field, refuse_unknown_keys, remark_schema, remarks,
};
use super::tree::{Node, Table, Value};
use crate::diagnostic::{Diagnostic, Rule, Span};

/// A condition with its place, label and remarks.
#[derive(Clone, Debug)]
pub struct Condition {
    /// Where it stands.
    pub span: Span,
    /// Its address.
    pub address: Address,
    /// The name that reports give it; labelled conditions are reported on.
    pub label: Option<String>,
    /// Its note and source.
    pub remarks: Remarks,
    /// What it says.
    pub says: Says,
}

/// What a condition says.
#[derive(Clone, Debug)]
pub enum Says {
    /// A reference: a process' state, a pledge, an objective, a named condition; without quotes around names with a dot.
    Is(String),
    /// A capability's total is at least an amount.
    Capability {
        /// The capability's name.
        name: String,
        /// Where the name stands.
        place: Span,
        /// The amount.
        at_least: Quantity,
    },
    /// All of them hold; none at all: always.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// Not one holds.
    None(Vec<Condition>),
    /// At least `count` of them hold.
    Count {
        /// How many.
        count: u64,
        /// Of these.
        of: Vec<Condition>,
    },
    /// It has held without a break for a time.
    Held {
        /// How long.
        days: Quantity,
        /// What.
        condition: Box<Condition>,
    },
    /// It has held at some time so far.
    Once(Box<Condition>),
    /// From the first midnight up to, not including, the second.
    Window {
        /// The first midnight; absent: from the start.
        from: Option<Date>,
        /// The second midnight; absent: for good.
        until: Option<Date>,
    },
}

/// A list of conditions that must all hold; a single one may stand without the list.
#[derive(Clone, Debug, Default)]
pub struct Conditions(pub Vec<Condition>);

impl Read for Conditions {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        match &node.value {
            Value::List(_) => Vec::read(node, at, reader).map(Self),
            _ => Condition::read(node, at, reader).map(|condition| Self(vec![condition])),
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let condition = Condition::schema(definitions);
        json!({ "anyOf": [{ "type": "array", "items": condition.clone() }, condition] })
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl Read for Condition {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let bare = |says| Self {
            span: node.span,
            address: at.clone(),
            label: None,
            remarks: Remarks::default(),
            says,
        };
        match &node.value {
            Value::Text(reference) => Some(bare(Says::Is(unquoted(reference).into_owned()))),
            Value::List(_) => Some(bare(Says::All(Vec::read(node, at, reader)?))),
            Value::Table(table) => {
                let label = field(node, table, "label", at, reader)?;
                let remarks = remarks(table, at, reader);
                let says = says(node, table, at, reader)?;
                Some(Self {
                    span: node.span,
                    address: at.clone(),
                    label,
                    remarks,
                    says,
                })
            }
            _ => {
                reader.wrong_type(node, at, "a condition: a reference in quotes, a table or a list");
                None
            }
        }
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        let days = Of::<Duration>::schema(definitions);
        let amount = Of::<Amount>::schema(definitions);
        define("Condition", definitions, |definitions| {
            condition_schema(&days, &amount, definitions)
        })
    }
}

/// The forms of a condition: the key that tells it, the other keys that it takes, an example.
const FORMS: &[(&str, &[&str], &str)] = &[
    (
        "capability",
        &["at_least"],
        "{ capability = \"troops\", at_least = 20_000 }",
    ),
    ("all", &[], "{ all = [\"ceasefire\", \"processes.planning\"] }"),
    (
        "any",
        &[],
        "{ any = [\"us_support.logistics\", \"conditions.substitute\"] }",
    ),
    ("none", &[], "{ none = [\"conditions.crisis\"] }"),
    (
        "of",
        &["at_least"],
        "{ at_least = 3, of = [\"contributors.france\", …] }",
    ),
    (
        "held",
        &["condition"],
        "{ held = \"14d\", condition = \"ceasefire\" }",
    ),
    ("once", &[], "{ once = \"ceasefire\" }"),
    ("from", &["until"], "{ from = 2025-06-01, until = 2025-12-31 }"),
    ("until", &["from"], "{ until = 2025-12-31 }"),
];

/// Reads the part of a condition that says what must hold.
fn says(node: &Node, table: &Table, at: &Address, reader: &mut Reader<'_>) -> Option<Says> {
    let Some((key, others, _)) = FORMS.iter().find(|(key, _, _)| table.contains_key(*key)) else {
        return no_form(node, table, at, reader);
    };
    let known: Vec<&str> = [*key, "label"]
        .into_iter()
        .chain(others.iter().copied())
        .collect();
    refuse_unknown_keys(table, at, &format!("a condition with `{key}`"), &known, reader);
    match *key {
        "capability" => {
            let name = field(node, table, "capability", at, reader);
            let at_least: Option<Of<Amount>> = field(node, table, "at_least", at, reader);
            Some(Says::Capability {
                name: name?,
                place: table["capability"].node.span,
                at_least: at_least?.quantity,
            })
        }
        "all" => list(node, table, "all", at, reader).map(Says::All),
        "any" => list(node, table, "any", at, reader).map(Says::Any),
        "none" => list(node, table, "none", at, reader).map(Says::None),
        "of" => count(node, table, at, reader),
        "held" => {
            let days: Option<Of<Duration>> = field(node, table, "held", at, reader);
            let condition: Option<Condition> = field(node, table, "condition", at, reader);
            Some(Says::Held {
                days: days?.quantity,
                condition: Box::new(condition?),
            })
        }
        "once" => field(node, table, "once", at, reader).map(|condition| Says::Once(Box::new(condition))),
        _ => window(node, table, at, reader),
    }
}

/// Reports a table that is no condition.
fn no_form(node: &Node, table: &Table, at: &Address, reader: &mut Reader<'_>) -> Option<Says> {
    let known: Vec<&str> = FORMS
        .iter()
        .map(|(key, _, _)| *key)
        .chain(["label", "at_least", "condition"])
        .collect();
    let has_unknown = table
        .keys()
        .any(|key| !known.contains(&key.as_str()) && !super::read::is_remark(key));
    if has_unknown {
        refuse_unknown_keys(table, at, "a condition", &known, reader);
    } else {
        let examples: Vec<&str> = FORMS.iter().map(|(_, _, example)| *example).collect();
        let message = format!("`{at}` does not say what must hold");
        let help = format!("a condition is one of {}", examples.join(", "));
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::MissingKey, node.span, message, "").help(help));
    }
    None
}

/// A list of conditions, or a single one in its place.
fn list(
    node: &Node,
    table: &Table,
    key: &str,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<Vec<Condition>> {
    field(node, table, key, at, reader).map(|Conditions(conditions)| conditions)
}

fn count(node: &Node, table: &Table, at: &Address, reader: &mut Reader<'_>) -> Option<Says> {
    let count: Option<u64> = field(node, table, "at_least", at, reader);
    let of = list(node, table, "of", at, reader);
    let (count, of) = (count?, of?);
    // Those that could not be read count too.
    let written = match &table["of"].node.value {
        Value::List(items) => items.len(),
        _ => 1,
    };
    if count > written as u64 {
        let message = format!("`{at}` asks for {count} of {written}: it can never hold");
        let span = table["at_least"].node.span;
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, span, message, ""));
        return None;
    }
    Some(Says::Count { count, of })
}

fn window(node: &Node, table: &Table, at: &Address, reader: &mut Reader<'_>) -> Option<Says> {
    let from: Option<Option<Date>> = field(node, table, "from", at, reader);
    let until: Option<Option<Date>> = field(node, table, "until", at, reader);
    let (from, until) = (from?, until?);
    if let (Some(from), Some(until)) = (from, until)
        && until <= from
    {
        let message = format!("`{at}` ends on {until}, before it begins on {from}");
        let span = table["until"].node.span;
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::OutOfRange, span, message, ""));
        return None;
    }
    Some(Says::Window { from, until })
}

fn condition_schema(
    days: &serde_json::Value,
    amount: &serde_json::Value,
    definitions: &mut Definitions,
) -> serde_json::Value {
    let own = json!({ "$ref": "#/$defs/Condition" });
    let items = json!({ "type": "array", "items": own });
    let list = json!({ "anyOf": [items, own] });
    let date = Date::schema(definitions);
    let form = |description: &str, required: &[&str], keys: &[(&str, serde_json::Value)]| {
        let mut properties = remark_schema();
        properties.insert(
            "label".into(),
            json!({ "type": "string", "description": "A name; labelled conditions are reported on." }),
        );
        properties.extend(
            keys.iter()
                .map(|(key, schema)| ((*key).to_owned(), schema.clone())),
        );
        json!({ "type": "object", "description": description, "properties": properties, "required": required, "additionalProperties": false })
    };
    json!({
        "description": "Something that holds or does not hold at each moment.",
        "anyOf": [
            { "type": "string", "description": "A reference: \"ceasefire\", \"ceasefire.partial\", \"us_support.NAME\", \"processes.NAME\", \"contributors.NAME\", \"objectives.NAME\", \"conditions.NAME\"." },
            items,
            form("A capability's total is at least an amount.", &["capability", "at_least"], &[("capability", json!({ "type": "string" })), ("at_least", amount.clone())]),
            form("All hold.", &["all"], &[("all", list.clone())]),
            form("At least one holds.", &["any"], &[("any", list.clone())]),
            form("Not one holds.", &["none"], &[("none", list.clone())]),
            form("At least so many of them hold.", &["at_least", "of"], &[("at_least", json!({ "type": "integer", "minimum": 0 })), ("of", list.clone())]),
            form("It has held without a break for so long.", &["held", "condition"], &[("held", days.clone()), ("condition", own.clone())]),
            form("It has held at some time so far.", &["once"], &[("once", own.clone())]),
            form("From the first midnight up to the second.", &["from"], &[("from", date.clone()), ("until", date.clone())]),
            form("Up to a midnight.", &["until"], &[("until", date)]),
        ],
    })
}
