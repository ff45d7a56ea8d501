//! What things are called: by their label, or by their key in words.

use super::text::capitalised;

/// Words that keep their own spelling in the name of a thing.
const PROPER: &[(&str, &str)] = &[
    ("us", "U.S."),
    ("uk", "UK"),
    ("un", "UN"),
    ("eu", "EU"),
    ("nato", "NATO"),
    ("ukraine", "Ukraine"),
    ("ukrainian", "Ukrainian"),
    ("russia", "Russia"),
    ("russian", "Russian"),
    ("american", "American"),
    ("european", "European"),
    ("german", "German"),
    ("spanish", "Spanish"),
    ("bundestag", "Bundestag"),
];

/// The words of a key: `combat_aircraft` is "combat aircraft".
pub(super) fn words(key: &str) -> String {
    let word = |word: &str| {
        let proper = PROPER.iter().find(|(plain, _)| *plain == word);
        proper.map_or_else(|| word.to_owned(), |(_, proper)| (*proper).to_owned())
    };
    key.split(['_', '-', ' ']).map(word).collect::<Vec<_>>().join(" ")
}

/// A country or organisation: `united_kingdom` is "United Kingdom".
pub(super) fn contributor(name: &str, label: Option<&str>) -> String {
    // Small words stay small, as in "Republic of Moldova".
    let word = |word: &str| match word {
        "of" | "and" | "the" => word.to_owned(),
        _ => capitalised(word),
    };
    let own = || {
        words(name)
            .split_whitespace()
            .map(word)
            .collect::<Vec<_>>()
            .join(" ")
    };
    label.map_or_else(own, str::to_owned)
}

/// A capability or objective.
pub(super) fn thing(name: &str, label: Option<&str>) -> String {
    label.map_or_else(|| words(name), str::to_owned)
}

/// A process by its address.
pub(super) fn process(address: &str, label: Option<&str>) -> String {
    if let Some(label) = label {
        return label.to_owned();
    }
    match address.split_once('.') {
        Some(("us_support", name)) => format!("U.S. {}", words(name)),
        Some((_, name)) => words(name),
        None if address == "ceasefire" => "the ceasefire".to_owned(),
        None => words(address),
    }
}

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
    fn keys_become_names() {
        assert_eq!(contributor("united_kingdom", None), "United Kingdom");
        assert_eq!(contributor("turkiye", Some("Türkiye")), "Türkiye");
        assert_eq!(process("us_support.air_defence", None), "U.S. air defence");
        assert_eq!(process("ceasefire", None), "the ceasefire");
        assert_eq!(
            thing("strong_ukrainian_military", None),
            "strong Ukrainian military"
        );
        assert_eq!(process("processes.status_of_forces", None), "status of forces");
    }

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
