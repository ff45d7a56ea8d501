//! From the tree to typed values: one trait, and one macro that makes a record's reader and its schema from the same
//! lines, so that neither can forget a key.
//!
//! Reading never stops at a fault: a value that cannot be read is reported and left out, its neighbours are read on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde_json::json;

use super::address::Address;
use super::tree::{Entry, Node, Table, Value};
use super::{Scenario, slip};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, Span, nearest, shortened, suggest};

/// What reading needs beside the tree: where faults go, and how a file beside the scenario is opened.
pub struct Reader<'a> {
    /// The faults found so far.
    pub diagnostics: &'a mut Diagnostics,
    /// Opens a file that a scenario names; the second argument is the index of the source that names it.
    pub open: &'a mut dyn FnMut(&Path, usize) -> Result<String, String>,
    /// Files that were opened, with their text, for the manifest.
    pub opened: Vec<(PathBuf, String)>,
    /// What the whole tree is, for messages.
    pub whole: &'static str,
}

impl Reader<'_> {
    /// Reports that a value is no number, with the number that a text will have meant.
    pub fn no_number(&mut self, node: &Node, at: &Address, expected: &str) {
        let help = match &node.value {
            Value::Text(text) if text.trim().parse::<f64>().is_ok() => {
                Some(format!("numbers stand without quotes: {}", text.trim()))
            }
            Value::Text(text) => slip::number(text.trim())
                .or_else(|| slip::percent(text.trim()))
                .map(|right| format!("write {right}, without quotes")),
            _ => None,
        };
        self.wrong_type_with(node, at, expected, help);
    }

    /// Reports that a value is not of the type that its key asks for.
    pub fn wrong_type(&mut self, node: &Node, at: &Address, expected: &str) {
        self.wrong_type_with(node, at, expected, None);
    }

    /// The same, with a line of help.
    pub fn wrong_type_with(&mut self, node: &Node, at: &Address, expected: &str, help: Option<String>) {
        let found = match &node.value {
            Value::Float(number) if !number.is_finite() => "this is not a finite number".to_owned(),
            Value::Time(_) => "this is a time of day; days start at midnight UTC".to_owned(),
            _ => format!("this is {}", node.kind()),
        };
        let message = format!("`{at}` must be {expected}");
        self.diagnostics
            .push(Diagnostic::at(Rule::WrongType, node.span, message, found).maybe_help(help));
    }
}

/// A type that can be read from a tree, and that knows its JSON Schema.
pub trait Read: Sized {
    /// Reads the value at an address; `None` where it has a fault, which is then reported.
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self>;

    /// The JSON Schema of what [`Read::read`] accepts. Records are put under `$defs` and referred to by name.
    fn schema(definitions: &mut Definitions) -> serde_json::Value;

    /// The value where the key is absent; `None` if the key is required.
    #[must_use]
    fn absent() -> Option<Self> {
        None
    }
}

/// The `$defs` of a JSON Schema, by name.
pub type Definitions = BTreeMap<String, serde_json::Value>;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T: Read> Read for Placed<T> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let value = T::read(node, at, reader)?;
        Some(Self {
            value,
            span: node.span,
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }
}

impl<T: Read> Read for Option<T> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        T::read(node, at, reader).map(Some)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        T::schema(definitions)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

impl Read for String {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Text(text) = &node.value {
            return Some(text.clone());
        }
        reader.wrong_type(node, at, "a text in quotes");
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": "string" })
    }
}

impl Read for Date {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        if let Value::Date(date) = node.value {
            return Some(date);
        }
        let help = match &node.value {
            Value::Text(text) if text.trim().parse::<Self>().is_ok() => {
                format!("dates stand without quotes: {}", text.trim())
            }
            Value::Text(text) => match slip::date(text.trim()) {
                Some(right) => format!("write {right}, without quotes"),
                None => "dates stand without quotes: 2025-04-10".to_owned(),
            },
            _ => "such as 2025-04-10".to_owned(),
        };
        reader.wrong_type_with(node, at, "a date", Some(help));
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        // A TOML date has no counterpart in JSON: editors and validators see it as text.
        json!({ "type": "string", "format": "date", "description": "A date without quotes, such as 2025-04-10; the day starts at midnight UTC." })
    }
}

/// A whole number of at least 0.
impl Read for u64 {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        match node.value {
            Value::Integer(whole) => Self::try_from(whole).ok().or_else(|| {
                let message = format!("`{at}` must be a whole number of at least 0");
                reader.diagnostics.push(Diagnostic::at(
                    Rule::OutOfRange,
                    node.span,
                    message,
                    "this is below 0",
                ));
                None
            }),
            _ => {
                reader.no_number(node, at, "a whole number");
                None
            }
        }
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": "integer", "minimum": 0 })
    }
}

/// A finite number.
impl Read for f64 {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let number = node.number();
        if number.is_none() {
            reader.no_number(node, at, "a number");
        }
        number
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": "number" })
    }
}

/// A list; absent, it is empty.
impl<T: Read> Read for Vec<T> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reader.wrong_type(node, at, "a list");
            return None;
        };
        let items = items.iter().enumerate();
        Some(
            items
                .filter_map(|(index, item)| read_at(item, &at.item(index), reader))
                .collect(),
        )
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        json!({ "type": "array", "items": T::schema(definitions) })
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// A table whose keys the user chooses; absent, it is empty.
///
/// `note` and `source` may stand beside the chosen names and are not entries.
pub type Named<T> = BTreeMap<String, Named1<T>>;

/// An entry of a [`Named`] table.
#[derive(Clone, Debug)]
pub struct Named1<T> {
    /// Where the name stands.
    pub key: Span,
    /// What stands behind it.
    pub value: T,
}

impl<T: Read> Read for Named<T> {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let Some(table) = node.table() else {
            reader.wrong_type(node, at, "a table of names");
            return None;
        };
        let mut named = Self::new();
        for (name, entry) in table {
            if is_remark(name) && matches!(entry.node.value, Value::Text(_)) {
                continue;
            }
            if name == "*" || name.is_empty() {
                let message = format!("`{name}` cannot be a name: `*` stands for any key in an address");
                reader.diagnostics.push(Diagnostic::at(
                    Rule::UnknownKey,
                    entry.key,
                    message,
                    "choose another name",
                ));
                continue;
            }
            if let Some(value) = read_at(&entry.node, &at.key(name), reader) {
                named.insert(
                    name.clone(),
                    Named1 {
                        key: entry.key,
                        value,
                    },
                );
            }
        }
        Some(named)
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        json!({
            "type": "object",
            "properties": remark_schema(),
            "propertyNames": { "minLength": 1, "not": { "const": "*" } },
            "additionalProperties": T::schema(definitions),
        })
    }

    fn absent() -> Option<Self> {
        Some(Self::new())
    }
}

/// Why a value is as it is, and where its numbers come from; every table may say so.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// Why.
    pub note: Option<String>,
    /// Where the numbers come from.
    pub source: Option<String>,
}

/// The keys that every table takes.
pub const REMARKS: [&str; 2] = ["note", "source"];

/// Whether a key is one that every table takes.
#[must_use]
pub fn is_remark(key: &str) -> bool {
    REMARKS.contains(&key)
}

/// Reads `note` and `source` of a table.
pub fn remarks(table: &Table, at: &Address, reader: &mut Reader<'_>) -> Remarks {
    let mut remark = |key: &str| {
        let entry = table.get(key)?;
        String::read(&entry.node, &at.key(key), reader)
    };
    Remarks {
        note: remark("note"),
        source: remark("source"),
    }
}

/// The schema of the keys that every table takes.
#[must_use]
pub fn remark_schema() -> serde_json::Map<String, serde_json::Value> {
    let mut map = serde_json::Map::new();
    map.insert(
        "note".into(),
        json!({ "type": "string", "description": "Why this is as it is; kept and shown in reports." }),
    );
    map.insert(
        "source".into(),
        json!({ "type": "string", "description": "Where the numbers come from; kept and shown in reports." }),
    );
    map
}

/// What a [`Reader`] calls a scenario as a whole.
pub const WHOLE_SCENARIO: &str = "the scenario";

/// Reports every key of a table that is not among `known`, with the nearest that is.
pub fn refuse_unknown_keys(table: &Table, at: &Address, what: &str, known: &[&str], reader: &mut Reader<'_>) {
    for (key, entry) in table {
        if known.contains(&key.as_str()) || is_remark(key) {
            continue;
        }
        let place = if at.keys().is_empty() {
            what.to_owned()
        } else {
            format!("`{at}` ({what})")
        };
        let message = format!("unknown key `{}` in {place}", shortened(key));
        // Of faults that are only counted, nobody reads what would help.
        let is_kept = !reader.diagnostics.is_full(Severity::Error);
        let near = is_kept
            .then(|| nearest(key, known.iter().copied().chain(REMARKS)))
            .flatten();
        // What belongs to the whole scenario is meant as it stands, but came behind the header of a table.
        let is_of_the_whole = reader.whole == WHOLE_SCENARIO && Scenario::KEYS.contains(&key.as_str());
        if is_of_the_whole && near.is_none() {
            let fault = Diagnostic::at(Rule::UnknownKey, entry.key, message, "a key of the scenario");
            let help = format!(
                "what stands below the header of a table belongs to it: put `{key}` above all headers, or begin a table with `[{key}]` or `[{key}.NAME]`"
            );
            reader.diagnostics.push(fault.help(help));
            continue;
        }
        if let Some(near) = near {
            reader.diagnostics.unread(at.key(near).keys());
        }
        let label = near.map_or_else(
            || "not a key of the language".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        let list = (is_kept && near.is_none())
            .then(|| suggest(key, known.iter().copied()))
            .flatten();
        reader
            .diagnostics
            .push(Diagnostic::at(Rule::UnknownKey, entry.key, message, label).maybe_help(list));
    }
}

/// Reads what stands at an address, and takes note where it has a fault.
fn read_at<T: Read>(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<T> {
    let value = T::read(node, at, reader);
    if value.is_none() {
        reader.diagnostics.unread(at.keys());
    }
    value
}

/// Reads one field of a record. A required one that is missing is not reported beside a misspelt key that is meant for
/// it.
pub fn field<T: Read>(
    node: &Node,
    table: &Table,
    key: &str,
    at: &Address,
    reader: &mut Reader<'_>,
) -> Option<T> {
    match table.get(key) {
        Some(entry) => read_at(&entry.node, &at.key(key), reader),
        None => T::absent().or_else(|| {
            let is_meant = |(written, entry): (&String, &Entry)| {
                nearest(written, [key]).is_some() && reader.diagnostics.is_unknown_key(entry.key)
            };
            if table.iter().any(is_meant) {
                return None;
            }
            let whole = if at.keys().is_empty() {
                reader.whole.to_owned()
            } else {
                format!("`{at}`")
            };
            let message = format!("{whole} lacks the key `{key}`");
            reader
                .diagnostics
                .push(Diagnostic::at(Rule::MissingKey, node.span, message, ""));
            None
        }),
    }
}

/// Makes a record: the struct, its reader and its JSON Schema, from one list of fields. The documentation of a field
/// is its description in the schema.
macro_rules! record {
    (
        $(#[doc = $doc:literal])+
        $name:ident ($what:literal) {
            $($(#[doc = $field_doc:literal])+ $field:ident ($key:literal): $type:ty,)*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub struct $name {
            /// Where it stands.
            pub span: $crate::diagnostic::Span,
            /// Its address.
            pub address: $crate::scenario::address::Address,
            /// Its note and source.
            pub remarks: $crate::scenario::read::Remarks,
            $($(#[doc = $field_doc])+ pub $field: $type,)*
        }

        impl $name {
            /// The keys that it takes, beside `note` and `source`.
            pub const KEYS: &'static [&'static str] = &[$($key),*];
        }

        impl $crate::scenario::read::Read for $name {
            fn read(
                node: &$crate::scenario::tree::Node,
                at: &$crate::scenario::address::Address,
                reader: &mut $crate::scenario::read::Reader<'_>,
            ) -> Option<Self> {
                let Some(table) = node.table() else {
                    reader.wrong_type(node, at, concat!("a table: ", $what));
                    return None;
                };
                $crate::scenario::read::refuse_unknown_keys(table, at, $what, Self::KEYS, reader);
                let remarks = $crate::scenario::read::remarks(table, at, reader);
                $(let $field: Option<$type> = $crate::scenario::read::field(node, table, $key, at, reader);)*
                // Where an optional value has a fault, all else is still worth checking.
                Some(Self {
                    span: node.span,
                    address: at.clone(),
                    remarks,
                    $($field: $field.or_else(<$type as $crate::scenario::read::Read>::absent)?,)*
                })
            }

            fn schema(definitions: &mut $crate::scenario::read::Definitions) -> serde_json::Value {
                $crate::scenario::read::define(stringify!($name), definitions, |definitions| {
                    let mut properties = $crate::scenario::read::remark_schema();
                    let mut required: Vec<&str> = Vec::new();
                    $(
                        let schema = <$type as $crate::scenario::read::Read>::schema(definitions);
                        let described = $crate::scenario::read::described(schema, concat!($($field_doc),+));
                        properties.insert($key.to_owned(), described);
                        if <$type as $crate::scenario::read::Read>::absent().is_none() {
                            required.push($key);
                        }
                    )*
                    serde_json::json!({
                        "type": "object",
                        "description": concat!($($doc),+).trim(),
                        "properties": properties,
                        "required": required,
                        "additionalProperties": false,
                    })
                })
            }
        }
    };
}
pub(crate) use record;

/// Puts a schema under `$defs` once and returns a reference to it.
pub fn define(
    name: &str,
    definitions: &mut Definitions,
    make: impl FnOnce(&mut Definitions) -> serde_json::Value,
) -> serde_json::Value {
    if !definitions.contains_key(name) {
        definitions.insert(name.to_owned(), serde_json::Value::Null);
        let schema = make(definitions);
        definitions.insert(name.to_owned(), schema);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// A schema with a description of the place where it is used.
#[must_use]
pub fn described(schema: serde_json::Value, description: &str) -> serde_json::Value {
    let mut schema = match schema {
        serde_json::Value::Object(map) => map,
        other => return other,
    };
    schema.insert("description".into(), json!(description.trim()));
    serde_json::Value::Object(schema)
}
