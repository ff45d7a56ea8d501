//! What is built, and what it is called: all is borrowed from the scenario, and addresses are written where a message
//! needs them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ptr;

use crate::diagnostic::Span;
use crate::model::resolve::ProcessName;
use crate::scenario::address::Address;
use crate::scenario::condition::Condition;
use crate::scenario::read::{Named, Named1};
use crate::scenario::{Capability, Contributor, Objective, Package};

/// An entry of one of the scenario's tables, with its name.
///
/// Entries are told apart by their place in the scenario: a name would have to be read letter by letter, each of the many
/// times that a thing is asked for.
#[derive(Debug)]
pub(in crate::model) struct Known<'a, T> {
    pub(in crate::model) name: &'a str,
    pub(in crate::model) entry: &'a Named1<T>,
}

impl<'a, T> Known<'a, T> {
    /// The entry of a name.
    pub(in crate::model) fn find(table: &'a Named<T>, name: &str) -> Option<Self> {
        let (name, entry) = table.get_key_value(name)?;
        Some(Self { name, entry })
    }

    /// All entries, in the order of their names.
    pub(super) fn all(table: &'a Named<T>) -> impl Iterator<Item = Self> {
        table.iter().map(|(name, entry)| Self { name, entry })
    }

    /// Where the name stands.
    pub(super) fn key(self) -> Span {
        self.entry.key
    }

    /// What is written.
    pub(super) fn written(self) -> &'a T {
        &self.entry.value
    }
}

// Derived, these would ask for the same of what is written.
impl<T> Copy for Known<'_, T> {}

impl<T> Clone for Known<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> PartialEq for Known<'_, T> {
    fn eq(&self, other: &Self) -> bool {
        ptr::eq(self.entry, other.entry)
    }
}

impl<T> Eq for Known<'_, T> {}

impl<T> Hash for Known<'_, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        ptr::hash(self.entry, state);
    }
}

/// Something that others can depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::model) enum Thing<'a> {
    Process(ProcessName<'a>),
    /// By its place in the list of effects.
    Effect(usize),
    Contributor(Known<'a, Contributor>),
    /// What a contributor provides, under the name of the capability.
    Package(Known<'a, Contributor>, Known<'a, Package>),
    Capability(Known<'a, Capability>),
    Condition(Known<'a, Condition>),
    Objective(Known<'a, Objective>),
}

impl fmt::Display for Thing<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Process(name) => name.fmt(formatter),
            Self::Effect(index) => write!(formatter, "effects.{index}"),
            Self::Contributor(of) => write!(formatter, "contributors.{}", of.name),
            Self::Package(of, package) => {
                write!(formatter, "contributors.{}.provides.{}", of.name, package.name)
            }
            Self::Capability(of) => write!(formatter, "capabilities.{}", of.name),
            Self::Condition(of) => write!(formatter, "conditions.{}", of.name),
            Self::Objective(of) => write!(formatter, "objectives.{}", of.name),
        }
    }
}

/// How far a thing has been built.
#[derive(Clone, Copy, Debug)]
pub(super) enum Progress {
    UnderWay,
    Done {
        /// That of what came of it.
        index: usize,
        /// How many things wait for each other from it down.
        height: usize,
    },
    Faulty,
}

/// What led to a thing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mention<'a> {
    /// The thing.
    pub(super) thing: Thing<'a>,
    /// What messages call it by, if that is not its own address.
    pub(super) by: Option<&'a Address>,
    /// Where it is named.
    pub(super) span: Span,
}

impl Mention<'_> {
    /// What messages call the thing.
    pub(super) fn address(&self) -> String {
        self.by.map_or_else(|| self.thing.to_string(), Address::text)
    }
}
