//! What stands in a scenario, multiplied: numbers, durations, and distributions by all that has their unit.

use std::sync::Arc;

use super::number;
use crate::diagnostic::suggest;
use crate::distribution::{Family, ParameterKind, family};
use crate::scenario::address::Address;
use crate::scenario::quantity::days;
use crate::scenario::read::is_remark;
use crate::scenario::tree::{Node, Value};

/// Keys that any family takes.
const BOUNDS: [&str; 2] = ["at_least", "at_most"];

/// Families whose values have a range or a grid of their own, and so no other scale.
const WITHOUT_SCALE: [&str; 2] = ["poisson", "binomial"];

/// A value multiplied.
pub(super) struct Scaled {
    /// It as an override, `ADDRESS=VALUE`.
    pub text: String,
    /// Where it stands, if it is a chance that would have come out above 1: it is 1 then.
    pub cut: Option<Address>,
}

/// All that an address, maybe with wildcards, leads to, multiplied.
///
/// # Errors
/// A sentence, if it leads nowhere, or to something that has no size.
pub(super) fn scaled(root: &Node, pattern: &Address, factor: f64) -> Result<Vec<Scaled>, String> {
    let mut found = Vec::new();
    find(root, pattern.keys(), &Address::root(), &mut found);
    if found.is_empty() {
        let help = nearest(root, pattern).map_or_else(String::new, |near| format!("; {near}"));
        return Err(format!("nothing stands at `{pattern}`{help}"));
    }
    let scaled = |(address, node): (Address, &Node)| {
        let is_cut = is_chance(&address)
            && node
                .number()
                .is_some_and(|chance| chance <= 1.0 && chance * factor > 1.0);
        let value = if is_cut {
            Ok("1".to_owned())
        } else {
            value(node, factor)
        };
        let value = value.map_err(|reason| format!("`{address}` cannot be multiplied: {reason}"))?;
        Ok(Scaled {
            text: format!("{}={value}", address.on_command_line()),
            cut: is_cut.then_some(address),
        })
    };
    found.into_iter().map(scaled).collect()
}

/// Whether a chance stands at an address: nothing is more likely than certain, so it ends at 1.
fn is_chance(address: &Address) -> bool {
    match address.keys() {
        [first, _] if &**first == "stances" => true,
        keys => keys.last().is_some_and(|last| &**last == "chance"),
    }
}

/// The nearest key where a pattern leads nowhere.
fn nearest(root: &Node, pattern: &Address) -> Option<String> {
    let mut node = root;
    for key in pattern.keys() {
        let table = node.table()?;
        match table.get(&**key) {
            Some(entry) => node = &entry.node,
            None if &**key == "*" => node = &table.values().next()?.node,
            None => return suggest(key, table.keys().map(String::as_str)),
        }
    }
    None
}

/// All that a pattern leads to, with its address.
fn find<'n>(node: &'n Node, keys: &[Arc<str>], at: &Address, found: &mut Vec<(Address, &'n Node)>) {
    let Some((key, rest)) = keys.split_first() else {
        found.push((at.clone(), node));
        return;
    };
    match &node.value {
        Value::Table(table) => {
            for (name, entry) in table {
                if name == &**key || &**key == "*" && !is_remark(name) {
                    find(&entry.node, rest, &at.key(name), found);
                }
            }
        }
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                if **key == *index.to_string() || &**key == "*" {
                    find(item, rest, &at.item(index), found);
                }
            }
        }
        _ => {}
    }
}

/// A value multiplied, as TOML.
fn value(node: &Node, factor: f64) -> Result<String, String> {
    if let Some(value) = node.number() {
        return Ok(number(value * factor));
    }
    match &node.value {
        Value::Text(text) => match days(text) {
            Ok(days) => Ok(number(days * factor)),
            Err(_) => Err(format!("\"{text}\" is neither a number nor a duration")),
        },
        Value::Table(table) => {
            let families = table
                .iter()
                .filter_map(|(key, entry)| Some((family(key)?, &entry.node)));
            let mut families = families.clone();
            match (families.next(), families.next()) {
                (Some((family, arguments)), None) => law(family, arguments, factor),
                _ => Err("it is neither a number, nor a duration, nor a distribution".to_owned()),
            }
        }
        _ => Err(format!("it is {}", node.kind())),
    }
}

/// A distribution of all values times a factor.
fn law(family: &'static Family, arguments: &Node, factor: f64) -> Result<String, String> {
    let name = family.name;
    let Some(table) = arguments.table() else {
        return Err(format!("the parameters of `{name}` are no table"));
    };
    let is_of_a_range = name == "beta" && !(table.contains_key("min") && table.contains_key("max"));
    if WITHOUT_SCALE.contains(&name) || is_of_a_range || table.contains_key("file") {
        return Err(format!("a `{name}` like this has no scale"));
    }
    if factor == 0.0 {
        // No family has a law that is certain; what is nothing is a number.
        return Ok("0".to_owned());
    }
    let mut parts = Vec::new();
    for (key, entry) in table.iter().filter(|(key, _)| !is_remark(key)) {
        let kind = family.parameter(key).map(|parameter| parameter.kind);
        let is_value = BOUNDS.contains(&key.as_str())
            || matches!(
                kind,
                Some(ParameterKind::Value | ParameterKind::Values | ParameterKind::Laws)
            );
        let text = if is_value {
            each(&entry.node, factor)?
        } else {
            plain(&entry.node)?
        };
        parts.push(format!("\"{key}\" = {text}"));
    }
    Ok(format!("{{ {name} = {{ {} }} }}", parts.join(", ")))
}

/// A value, or each of a list, multiplied.
fn each(node: &Node, factor: f64) -> Result<String, String> {
    match &node.value {
        Value::List(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(|item| value(item, factor)).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        _ => value(node, factor),
    }
}

/// A number, or a list of numbers, as it stands.
fn plain(node: &Node) -> Result<String, String> {
    if let Some(value) = node.number() {
        return Ok(format!("{value:?}"));
    }
    match &node.value {
        Value::List(items) => {
            let items: Result<Vec<String>, String> = items.iter().map(plain).collect();
            Ok(format!("[{}]", items?.join(", ")))
        }
        _ => Err(format!("a parameter of it is {}", node.kind())),
    }
}
