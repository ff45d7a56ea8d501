//! What is written differently in two scenarios, address by address.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Address;
use super::read::is_remark;
use super::tree::{Node, Value};

/// A value that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where it stands.
    pub address: Address,
    /// How it is written in the first; none if it is not.
    pub old: Option<String>,
    /// How it is written in the second.
    pub new: Option<String>,
}

/// All differences between two trees, in the order of their addresses. Remarks (`note`, `source`) are left out, since nothing
/// depends on them.
#[must_use]
pub fn between(old: &Node, new: &Node) -> Vec<Difference> {
    let [old, new] = [old, new].map(|root| {
        let mut leaves = BTreeMap::new();
        collect(root, &Address::root(), &mut leaves);
        leaves
    });
    let addresses: BTreeSet<&Address> = old.keys().chain(new.keys()).collect();
    let differs = addresses
        .into_iter()
        .filter(|address| old.get(address) != new.get(address));
    differs
        .map(|address| Difference {
            address: address.clone(),
            old: old.get(address).cloned(),
            new: new.get(address).cloned(),
        })
        .collect()
}

/// Every value that holds no other, as it is written; a list or a table is one if it is empty.
fn collect(node: &Node, at: &Address, leaves: &mut BTreeMap<Address, String>) {
    let written = match &node.value {
        Value::Table(table) if !table.is_empty() => {
            for (key, entry) in table.iter().filter(|(key, _)| !is_remark(key)) {
                collect(&entry.node, &at.key(key), leaves);
            }
            return;
        }
        Value::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &at.item(index), leaves);
            }
            return;
        }
        // A whole number is the same with a point and without.
        Value::Float(number) => number.to_string(),
        _ => node.to_toml(),
    };
    leaves.insert(at.clone(), written);
}

#[cfg(test)]
mod tests {
    use super::super::tree::parse;
    use super::*;
    use crate::diagnostic::{Diagnostics, Sources};

    fn differences(old: &str, new: &str) -> Vec<String> {
        let [old, new] = [old, new].map(|text| {
            let mut sources = Sources::default();
            let source = sources.add("x", text);
            parse(&sources, source, &mut Diagnostics::default())
        });
        let told = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
        between(&old, &new)
            .into_iter()
            .map(|found| format!("{}: {} {}", found.address, told(found.old), told(found.new)))
            .collect()
    }

    #[test]
    fn values_are_told_by_their_addresses() {
        let old = "a.chance = 0.35\na.after = \"45d\"\nlist = [1, { x = 2 }]\nsame = true";
        let new = "a.chance = 0.4\na.after = \"45d\"\nlist = [1, { x = 3 }, 4]\nsame = true\nb = 2025-04-10";
        let expected = [
            "a.chance: 0.35 0.4",
            "b: - 2025-04-10",
            "list.1.x: 2 3",
            "list.2: - 4",
        ];
        assert_eq!(differences(old, new), expected);
    }

    #[test]
    fn another_family_is_another_address_and_remarks_are_none() {
        let old = "after = { exponential = { mean = 3 } }\nnote = \"x\"";
        let new = "after = \"3d\"\nsource = \"y\"\nlist = []";
        let expected = ["after: - \"3d\"", "after.exponential.mean: 3 -", "list: - []"];
        assert_eq!(differences(old, new), expected);
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        assert_eq!(differences("x = 1_000", "x = 1000"), [""; 0]);
        assert_eq!(differences("x = 1.50", "x = 1.5"), [""; 0]);
    }
}
