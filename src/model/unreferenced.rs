//! Warnings about what nothing refers to: a misspelt name in a file that builds on another defines something new, which
//! changes nothing.

use std::collections::{HashMap, HashSet};

use super::build::{Known, Thing};
use super::resolve::ProcessName;
use super::{Model, QuantityId};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Severity, Span, nearest};
use crate::scenario::Scenario;
use crate::scenario::address::Address;
use crate::scenario::read::{Named, Named1};

/// What something changes that nothing refers to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Changes {
    /// Nothing that results tell.
    Nothing,
    /// The figures that results tell of it, which may be all that is wanted: there is a doubt only where a text that
    /// was read from elsewhere has nearly the same name.
    ItsOwn,
}

/// Reports all that nothing refers to and that can change no figure. `referred` is what conditions refer to, `shared` has
/// the addresses of all drivers and stances that something uses.
pub(super) fn warn<'a>(
    scenario: &'a Scenario,
    model: &Model,
    referred: &HashSet<Thing<'a>>,
    shared: &HashMap<&Address, QuantityId>,
    diagnostics: &mut Diagnostics,
) {
    let mut check = Check { diagnostics };
    let is_referred = |thing: Thing<'a>| referred.contains(&thing);
    if let Some(process) = &scenario.ceasefire
        && !is_referred(Thing::Process(ProcessName::Ceasefire))
    {
        check.tell(
            "ceasefire",
            process.span,
            None,
            Changes::Nothing,
            "no condition refers to it",
        );
    }
    let no_condition = (Changes::Nothing, "no condition refers to it");
    check.table("us_support", &scenario.us_support, no_condition, |name, _| {
        is_referred(Thing::Process(ProcessName::Support(name)))
    });
    check.table("processes", &scenario.processes, no_condition, |name, _| {
        is_referred(Thing::Process(ProcessName::Other(name)))
    });
    let no_effect = (Changes::Nothing, "it is the cause of no effect");
    check.table("drivers", &scenario.drivers, no_effect, |_, entry| {
        shared.contains_key(&entry.value.value.quantity.address)
    });
    let nobody = (Changes::Nothing, "no contributor takes it");
    check.table("stances", &scenario.stances, nobody, |_, entry| {
        shared.contains_key(&entry.value.quantity.address)
    });
    let claimed: HashSet<&str> = model.claims.iter().map(|claim| claim.subject.as_str()).collect();
    let is_wanted = |thing: Thing<'a>| is_referred(thing) || claimed.contains(thing.to_string().as_str());
    let alone = (Changes::ItsOwn, "it provides nothing and nothing refers to it");
    check.table("contributors", &scenario.contributors, alone, |name, entry| {
        !entry.value.provides.is_empty() || is_wanted(Thing::Contributor(Known { name, entry }))
    });
    let nothing = (Changes::ItsOwn, "nothing refers to it");
    check.table("conditions", &scenario.conditions, nothing, |name, entry| {
        is_wanted(Thing::Condition(Known { name, entry }))
    });
    let others: HashSet<&str> = model
        .objectives
        .iter()
        .filter(|objective| !objective.is_of_mission)
        .map(|objective| objective.name.as_str())
        .collect();
    check.table("objectives", &scenario.objectives, nothing, |name, entry| {
        !others.contains(name) || is_wanted(Thing::Objective(Known { name, entry }))
    });
}

struct Check<'d> {
    diagnostics: &'d mut Diagnostics,
}

impl Check<'_> {
    /// Reports each entry of a table that is not used.
    fn table<'a, T>(
        &mut self,
        table: &str,
        entries: &'a Named<T>,
        (changes, why): (Changes, &str),
        is_used: impl Fn(&'a str, &'a Named1<T>) -> bool,
    ) {
        for (name, entry) in entries {
            if self.diagnostics.is_full(Severity::Warning) {
                break;
            }
            if is_used(name, entry) {
                continue;
            }
            let may_compare = self.diagnostics.may_compare(entries.len());
            let near = may_compare.then(|| near(name, entry.key, entries)).flatten();
            let is_from_elsewhere = near.is_some_and(|(_, key)| key.source != entry.key.source);
            if changes == Changes::Nothing || is_from_elsewhere {
                let address = Address::root().key(table).key(name);
                self.tell(&address.text(), entry.key, near, changes, why);
            }
        }
    }

    fn tell(&mut self, address: &str, key: Span, near: Option<(&str, Span)>, changes: Changes, why: &str) {
        let figure = match changes {
            Changes::Nothing => "no figure",
            Changes::ItsOwn => "no figure but its own",
        };
        let message = format!("`{address}` changes {figure}: {why}");
        let mut doubt = Diagnostic::at(Rule::Unreferenced, key, message, "");
        if let Some((near, place)) = near {
            doubt = doubt.help(format!("did you mean `{near}`?"));
            if place.source != key.source {
                doubt = doubt.context(place, format!("`{near}` stands here"));
            }
        }
        self.diagnostics.push(doubt);
    }
}

/// The other entry whose name is nearest, if one is near: one of another text first, since what is misspelt there is meant
/// to change it.
pub(super) fn near<'a, T>(name: &str, key: Span, entries: &'a Named<T>) -> Option<(&'a str, Span)> {
    let others = |is_from_elsewhere: bool| {
        let is_one = move |(other, entry): &(&'a String, &'a Named1<T>)| {
            other.as_str() != name && (entry.key.source != key.source) == is_from_elsewhere
        };
        entries.iter().filter(is_one).map(|(other, _)| other.as_str())
    };
    let near = nearest(name, others(true)).or_else(|| nearest(name, others(false)))?;
    Some((near, entries[near].key))
}
