//! Where results lie if nobody says where: the names of their folders.

use super::arguments::Shard;

/// The longest ending that tells what was set, in bytes; a longer one is cut.
const LONGEST: usize = 100;

/// How many digits of a hash stand behind an ending that does not tell all that was set.
const DIGITS: usize = 8;

/// The name of the folder of a result: the scenario's, what was set in it, and which part it is.
#[must_use]
pub fn folder(name: &str, set: &[String], shard: Option<Shard>) -> String {
    let part = shard.map_or_else(String::new, |Shard { number, of }| {
        format!(".part-{number}-of-{of}")
    });
    format!("{name}{}{part}", what_if(set))
}

/// What the names of a what-if have behind that of the scenario, so that it never takes the place of the scenario as it
/// stands: `+ADDRESS=VALUE` for each value that was set; nothing, if none was.
///
/// Quotes and spaces are left out, and signs that file systems or shells take amiss become `_`. Where that happened, or where it
/// is cut, a short hash keeps two what-ifs apart.
#[must_use]
pub fn what_if(set: &[String]) -> String {
    let mut ending = String::new();
    let mut is_whole = true;
    for text in set {
        ending.push('+');
        for letter in text.chars() {
            if letter.is_alphanumeric() || "._-=,".contains(letter) {
                ending.push(letter);
            } else if !"\"' ".contains(letter) {
                ending.push('_');
                is_whole = false;
            }
        }
    }
    if ending.len() > LONGEST {
        is_whole = false;
        let mut end = LONGEST;
        while !ending.is_char_boundary(end) {
            end -= 1;
        }
        ending.truncate(end);
    }
    if !is_whole {
        let mut hasher = blake3::Hasher::new();
        for text in set {
            hasher.update(blake3::hash(text.as_bytes()).as_bytes());
        }
        ending.push('~');
        ending.push_str(&hasher.finalize().to_hex()[..DIGITS]);
    }
    ending
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(set: &[&str]) -> String {
        what_if(&set.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_what_if_has_what_was_set_in_its_name() {
        assert_eq!(ending(&[]), "");
        assert_eq!(
            ending(&["us_support.logistics.chance=1"]),
            "+us_support.logistics.chance=1"
        );
        assert_eq!(ending(&["horizon = \"360d\"", "seed=2"]), "+horizon=360d+seed=2");
        let shard = Shard { number: 3, of: 10 };
        assert_eq!(
            folder("mine", &["a=1".to_owned()], Some(shard)),
            "mine+a=1.part-3-of-10"
        );
    }

    #[test]
    fn what_a_name_cannot_have_is_told_apart_by_a_hash() {
        let any = ending(&["us_support.*.chance=1"]);
        assert!(
            any.starts_with("+us_support._.chance=1~")
                && any.len() == "+us_support._.chance=1~".len() + DIGITS
        );
        assert_ne!(any, ending(&["us_support./.chance=1"]));
        let up = ending(&["title=\"../../x\""]);
        assert!(!up.contains('/'), "{up}");
        let long = "é".repeat(500);
        let long = ending(&[&format!("title=\"{long}\"")]);
        assert!(
            long.len() <= LONGEST + 1 + DIGITS && long.starts_with("+title=é"),
            "{long}"
        );
        assert_ne!(long, ending(&[&format!("title=\"{}\"", "é".repeat(501))]));
    }
}
