//! Addresses: the keys that lead to a value, joined by dots; list items by their index from 0.
//!
//! One grammar serves effects, correlations, `--set`, sweeps, claims and messages. `*` stands for any one key, and for any
//! item of a list. A key that itself holds a dot is written in quotes, as in TOML.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The key of a pattern that stands for any one key.
const ANY: &str = "*";

/// The way from the root of a scenario to one of its values.
///
/// Each value of a scenario knows its address, so there are thousands that differ in their last keys only: an address
/// shares its keys with those above and below it, and a clone is no copy.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Arc<[Arc<str>]>);

impl Address {
    /// The address of the whole scenario.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The address of what stands behind `key`.
    #[must_use]
    pub fn key(&self, key: impl AsRef<str>) -> Self {
        let last = Arc::from(key.as_ref());
        Self(self.0.iter().cloned().chain([last]).collect())
    }

    /// The address of an item of the list that stands here.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        self.key(index.to_string())
    }

    /// The keys from the root on.
    #[must_use]
    pub fn keys(&self) -> &[Arc<str>] {
        &self.0
    }

    /// The address as it is written.
    #[must_use]
    pub fn text(&self) -> String {
        self.quoted(b".\"")
    }

    /// The address as a text from the command line may have it, before `=` and the like: keys that hold one of these signs
    /// are in quotes too.
    #[must_use]
    pub fn on_command_line(&self) -> String {
        self.quoted(b".\"=~&")
    }

    /// The address, with those of its keys in quotes that are empty or hold one of some signs.
    fn quoted(&self, signs: &[u8]) -> String {
        let letters: usize = self.0.iter().map(|key| key.len() + 1).sum();
        let mut text = String::with_capacity(letters);
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                text.push('.');
            }
            let is_bare = !key.is_empty() && !key.bytes().any(|byte| signs.contains(&byte));
            let quote = if is_bare { "" } else { "\"" };
            text.extend([quote, key, quote]);
        }
        text
    }

    /// Reads an address or a pattern as a user writes it.
    ///
    /// # Errors
    /// Says what is wrong where a key is empty or a quote is not closed.
    pub fn parse(written: &str) -> Result<Self, String> {
        let mut keys = Vec::new();
        let mut rest = written.trim();
        loop {
            let (key, after) = first_key(rest)?;
            keys.push(Arc::from(key));
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => return Ok(Self(keys.into())),
                None => return Err(format!("a dot is expected before `{after}`")),
            }
        }
    }

    /// Whether this pattern, in which `*` stands for any one key, covers an address.
    #[must_use]
    pub fn matches(&self, address: &Self) -> bool {
        self.0.len() == address.0.len()
            && self
                .0
                .iter()
                .zip(&*address.0)
                .all(|(pattern, key)| &**pattern == ANY || pattern == key)
    }

    /// Whether something may stand at this address or pattern, or below it, that also stands at or below another.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&*other.0);
        pairs.all(|(one, other)| one == other || &**one == ANY || &**other == ANY)
    }

    /// Whether any key is a wildcard.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.fixed().len() < self.0.len()
    }

    /// The keys before the first wildcard: whatever this pattern covers begins with them.
    #[must_use]
    pub fn fixed(&self) -> &[Arc<str>] {
        let fixed = self.0.iter().take_while(|key| &***key != ANY).count();
        &self.0[..fixed]
    }
}

/// The name that an address leads to, as tables have it: its keys joined by dots, without the quotes around those that hold
/// one. What is no address is returned as it is.
#[must_use]
pub fn unquoted(written: &str) -> Cow<'_, str> {
    match written.contains('"').then(|| Address::parse(written)) {
        Some(Ok(address)) => address.keys().join(".").into(),
        _ => written.into(),
    }
}

/// Splits a text at the first of some signs that stands outside quotes: what is before it, the sign, and what is after it.
#[must_use]
pub fn split_at_sign<'t>(text: &'t str, signs: &[char]) -> Option<(&'t str, char, &'t str)> {
    let mut is_quoted = false;
    let (place, sign) = text.char_indices().find(|(_, letter)| {
        is_quoted ^= *letter == '"';
        !is_quoted && signs.contains(letter)
    })?;
    Some((&text[..place], sign, &text[place + sign.len_utf8()..]))
}

/// The first key of `text`, and what follows it.
fn first_key(text: &str) -> Result<(&str, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').ok_or("a quote is not closed")?;
        return Ok((&quoted[..end], &quoted[end + 1..]));
    }
    let end = text.find('.').unwrap_or(text.len());
    if end == 0 {
        return Err("a key is empty".to_owned());
    }
    Ok(text.split_at(end))
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_is_written() {
        for written in [
            "ceasefire.after",
            "a.0.b",
            "quantiles.\"p2.5\"",
            "us_support.*.chance",
        ] {
            assert_eq!(
                Address::parse(written).map(|address| address.to_string()),
                Ok(written.to_owned())
            );
        }
    }

    #[test]
    fn signs_in_quotes_are_a_part_of_a_key() {
        let split = |text| split_at_sign(text, &['=', '~']);
        assert_eq!(split("a.\"b=c\".d=1=2"), Some(("a.\"b=c\".d", '=', "1=2")));
        assert_eq!(split("a~{ x = 1 }"), Some(("a", '~', "{ x = 1 }")));
        assert_eq!(split("a.\"b=c"), None);
        let address = Address::root().key("a").key("b=c").key("d.e");
        assert_eq!(address.text(), "a.b=c.\"d.e\"");
        assert_eq!(address.on_command_line(), "a.\"b=c\".\"d.e\"");
        assert_eq!(Address::parse(&address.on_command_line()), Ok(address));
    }

    #[test]
    fn quotes_are_no_part_of_a_name() {
        assert_eq!(unquoted("conditions.\"a.b\""), "conditions.a.b");
        assert_eq!(unquoted("conditions.a.b"), "conditions.a.b");
        assert_eq!(unquoted("\"odd"), "\"odd");
    }

    #[test]
    fn a_wildcard_stands_for_one_key() {
        let pattern = Address::parse("contributors.*.chance").unwrap();
        assert!(pattern.matches(&Address::parse("contributors.france.chance").unwrap()));
        assert!(!pattern.matches(&Address::parse("contributors.chance").unwrap()));
        assert!(!pattern.matches(&Address::parse("contributors.france.provides.chance").unwrap()));
    }

    #[test]
    fn what_may_be_one_place_overlaps() {
        let overlap = |one: &str, other: &str| {
            let [one, other] = [one, other].map(|text| Address::parse(text).unwrap());
            assert_eq!(one.overlaps(&other), other.overlaps(&one));
            one.overlaps(&other)
        };
        assert!(
            overlap("a.b", "a.b") && overlap("a.b", "a.*") && overlap("a", "a.b.c") && overlap("*.b", "a.*")
        );
        assert!(!overlap("a.b", "a.c") && !overlap("a.*.c", "a.b.d") && !overlap("a.b", "b.b"));
    }

    #[test]
    fn what_a_pattern_covers_begins_with_its_fixed_keys() {
        let fixed = |written: &str| Address::parse(written).unwrap().fixed().join(".");
        assert_eq!(fixed("contributors.*.provides.*.amount"), "contributors");
        assert_eq!(fixed("*.chance"), "");
        assert_eq!(fixed("ceasefire.after"), "ceasefire.after");
    }

    #[test]
    fn faults_are_named() {
        assert!(Address::parse("a..b").is_err());
        assert!(Address::parse("a.\"b").is_err());
        assert!(Address::parse("").is_err());
    }
}
