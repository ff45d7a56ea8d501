//! What things are called, wherever people read of them: by their label, or by their key in words.

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
#[must_use]
pub fn words(key: &str) -> String {
    let word = |word: &str| {
        let proper = PROPER.iter().find(|(plain, _)| *plain == word);
        proper.map_or_else(|| word.to_owned(), |(_, proper)| (*proper).to_owned())
    };
    key.split(['_', '-', ' ']).map(word).collect::<Vec<_>>().join(" ")
}

/// A country or organisation: `united_kingdom` is "United Kingdom".
#[must_use]
pub fn contributor(name: &str, label: Option<&str>) -> String {
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

/// A capability, an objective or a condition.
#[must_use]
pub fn thing(name: &str, label: Option<&str>) -> String {
    label.map_or_else(|| words(name), str::to_owned)
}

/// A process by its address: `us_support.air_defence` is "U.S. air defence".
#[must_use]
pub fn process(address: &str, label: Option<&str>) -> String {
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

/// A text with its first letter in upper case.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
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
}
