//! Addresses: the keys that lead to a value, joined by dots; list items by their index from 0.
//!
//! One grammar serves effects, correlations, `--set`, sweeps and messages. `*` stands for any one key. A key that
//! itself holds a dot or a quote is written in quotes, as in TOML.

use std::fmt;

/// The way from the root of a scenario to one of its values.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(Vec<String>);

impl Address {
    /// The address of the whole scenario.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// The address of what stands behind `key`.
    #[must_use]
    pub fn key(&self, key: impl fmt::Display) -> Self {
        let mut keys = self.0.clone();
        keys.push(key.to_string());
        Self(keys)
    }

    /// The keys from the root on.
    #[must_use]
    pub fn keys(&self) -> &[String] {
        &self.0
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
            keys.push(key);
            match after.strip_prefix('.') {
                Some(more) => rest = more,
                None if after.is_empty() => return Ok(Self(keys)),
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
                .zip(&address.0)
                .all(|(pattern, key)| pattern == "*" || pattern == key)
    }

    /// Whether something may stand at this address or pattern, or below it, that also stands at or below another.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let mut pairs = self.0.iter().zip(&other.0);
        pairs.all(|(one, other)| one == other || one == "*" || other == "*")
    }

    /// Whether any key is a wildcard.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        self.0.iter().any(|key| key == "*")
    }
}

/// The first key of `text`, and what follows it.
fn first_key(text: &str) -> Result<(String, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').ok_or("a quote is not closed")?;
        return Ok((quoted[..end].to_owned(), &quoted[end + 1..]));
    }
    let end = text.find('.').unwrap_or(text.len());
    if end == 0 {
        return Err("a key is empty".to_owned());
    }
    Ok((text[..end].to_owned(), &text[end..]))
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, key) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str(".")?;
            }
            if key.is_empty() || key.contains(['.', '"']) {
                write!(formatter, "\"{key}\"")?;
            } else {
                formatter.write_str(key)?;
            }
        }
        Ok(())
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
    fn faults_are_named() {
        assert!(Address::parse("a..b").is_err());
        assert!(Address::parse("a.\"b").is_err());
        assert!(Address::parse("").is_err());
    }
}
