//! Orders in which the draws are put into a stream. Batteries of tests compare neighbours in a stream, so each order
//! shows another weakness: of one address over its trials, of addresses in one trial, of neighbouring seeds.

use ceasefire::draw::{Key, State, hash};

/// The seed, where an order does not walk over seeds.
const SEED: u64 = 1;

/// Every order, with what it is.
pub const ORDERS: &[(&str, &str)] = &[
    ("trials", "trials 0, 1, 2, … of one address"),
    ("addresses", "the addresses a0 … a999 of trial 0, of trial 1, …"),
    ("addresses-first", "2^20 addresses of trial 0, of trial 1, …"),
    ("few", "four addresses of trial 0, of trial 1, …"),
    ("seeds", "seeds 0 … 1023 of trial 0, of trial 1, …"),
    (
        "visits",
        "visits 0 … 2^24 − 1 of one address in trial 0, in trial 1, …",
    ),
];

/// The draws of the generator in one order.
pub enum Order {
    /// Trials of one address.
    Trials(Key),
    /// Addresses within a trial.
    Addresses(Vec<Key>),
    /// So many seeds within a trial.
    Seeds(Key, u64),
    /// So many visits within a trial.
    Visits(Key, u64),
}

impl Order {
    /// The order of a name.
    pub fn named(name: &str) -> Option<Self> {
        let key = Key::of("a0");
        let addresses = |count: u32| (0..count).map(|index| Key::of(&format!("a{index}"))).collect();
        Some(match name {
            "trials" => Self::Trials(key),
            "addresses" => Self::Addresses(addresses(1000)),
            "addresses-first" => Self::Addresses(addresses(1 << 20)),
            "few" => Self::Addresses(addresses(4)),
            "seeds" => Self::Seeds(key, 1024),
            "visits" => Self::Visits(key, 1 << 24),
            _ => return None,
        })
    }

    /// The word at a place of the stream, from 0.
    #[allow(clippy::cast_possible_truncation, reason = "remainders are small")]
    pub fn word(&self, place: u64) -> u32 {
        match self {
            Self::Trials(key) => hash(*key, State::of(SEED, place)),
            Self::Addresses(keys) => {
                let count = keys.len() as u64;
                hash(keys[(place % count) as usize], State::of(SEED, place / count))
            }
            Self::Seeds(key, count) => hash(*key, State::of(place % count, place / count)),
            Self::Visits(key, count) => {
                let visit = (place % count) as u32;
                hash(key.visit(visit), State::of(SEED, place / count))
            }
        }
    }
}
