//! Amounts with what they count.

/// An amount with its unit: `5,000 soldiers`, `1 hub`.
pub(super) fn amount(number: &str, unit: Option<&str>) -> String {
    unit.map_or_else(
        || number.to_owned(),
        |unit| format!("{number} {}", number_of(number, unit)),
    )
}

/// A noun in the plural, or in the singular after a 1.
fn number_of(number: &str, noun: &str) -> String {
    match (number, noun.strip_suffix("ies"), noun.strip_suffix('s')) {
        ("1", Some(stem), _) => format!("{stem}y"),
        ("1", None, Some(stem)) if !stem.ends_with('s') => stem.to_owned(),
        _ => noun.to_owned(),
    }
}

/// An amount of a capability: `20,000 soldiers (troops)`, `48 combat aircraft`.
pub(super) fn amount_of(number: &str, unit: Option<&str>, capability: &str) -> String {
    match unit {
        // "48 aircraft (combat aircraft)" says it twice.
        Some(unit) if !capability.ends_with(unit) => format!("{} ({capability})", amount(number, Some(unit))),
        _ => format!("{number} {}", number_of(number, capability)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_say_each_thing_once() {
        assert_eq!(
            amount_of("20,000", Some("soldiers"), "troops"),
            "20,000 soldiers (troops)"
        );
        assert_eq!(
            amount_of("48", Some("aircraft"), "combat aircraft"),
            "48 combat aircraft"
        );
        assert_eq!(amount_of("6", None, "batteries"), "6 batteries");
        assert_eq!(amount("1", Some("batteries")), "1 battery");
        assert_eq!(amount("1", Some("soldiers a year")), "1 soldiers a year");
    }
}
