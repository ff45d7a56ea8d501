//! Chains of things that wait for each other: those that are too long, and those that close.
//!
//! The walk goes down one chain at a time and takes a part of the stack for each link, so it leaves off after a fixed number
//! of them. What it was on its way to is walked on its own later, and the links of all that was left off are put together in
//! the end: a circle shows as one, however long it is.

use std::collections::{HashMap, HashSet};

use super::things::{Mention, Thing};
use crate::diagnostic::{Diagnostic, Rule};

/// The longest chain of things that wait for each other.
pub(super) const DEEPEST: usize = 1_000;

/// How many things of a circle are named from its beginning, and from its end.
const NAMED: usize = 6;

/// Links of chains that were too long to be walked at once.
#[derive(Default)]
pub(super) struct CutOff<'a> {
    /// What each thing was on its way to.
    next: HashMap<Thing<'a>, Mention<'a>>,
    /// The things, in the order in which they were met.
    order: Vec<Thing<'a>>,
    /// What the walk was on its way to when it first left off.
    first: Option<Mention<'a>>,
}

impl<'a> CutOff<'a> {
    /// Whether a thing belongs to a chain that was left off.
    pub(super) fn has(&self, thing: Thing<'a>) -> bool {
        self.next.contains_key(&thing)
    }

    /// Takes note of the chain that leads to a thing, outermost first.
    pub(super) fn note(&mut self, chain: &[Mention<'a>], to: Mention<'a>) {
        let following = chain.iter().skip(1).chain([&to]);
        for (from, to) in chain.iter().zip(following) {
            if self.next.insert(from.thing, *to).is_none() {
                self.order.push(from.thing);
            }
        }
        self.first.get_or_insert(to);
    }

    /// The faults of all chains that were left off: circles, or else the first that is too long.
    pub(super) fn faults(&self) -> Vec<Diagnostic> {
        let circular = |circle: &Vec<Mention<'_>>| circle.last().map(|start| circular(start, circle));
        let circles: Vec<Diagnostic> = self.circles().iter().filter_map(circular).collect();
        if circles.is_empty() {
            self.first.iter().map(too_long).collect()
        } else {
            circles
        }
    }

    /// The circles among the links, each once: what leads from each of its things to the next.
    fn circles(&self) -> Vec<Vec<Mention<'a>>> {
        let mut circles = Vec::new();
        let mut seen = HashSet::new();
        for start in &self.order {
            let mut path: Vec<Mention<'a>> = Vec::new();
            let mut places = HashMap::new();
            let mut at = *start;
            while let Some(next) = self.next.get(&at) {
                if let Some(&place) = places.get(&at) {
                    circles.push(path.split_off(place));
                    break;
                }
                if !seen.insert(at) {
                    break;
                }
                places.insert(at, path.len());
                path.push(*next);
                at = next.thing;
            }
        }
        circles
    }
}

/// The fault of a thing at the end of too long a chain.
pub(super) fn too_long(mention: &Mention<'_>) -> Diagnostic {
    let message = format!(
        "`{}` stands at the end of a chain of more than {DEEPEST} things that wait for each other",
        mention.address()
    );
    Diagnostic::at(Rule::OutOfRange, mention.span, message, "")
}

/// The fault of a circle, address by address; of a long one, its beginning and its end. Each mention after the start leads to
/// the next, and the last to the start again.
pub(super) fn circular(start: &Mention<'_>, circle: &[Mention<'_>]) -> Diagnostic {
    let (closing, on_the_way) = circle.split_last().unwrap_or((start, &[]));
    let start = start.address();
    let mut addresses: Vec<String> = vec![start.clone()];
    let is_named = |place: usize| place < NAMED || place + NAMED >= on_the_way.len();
    for (place, mention) in on_the_way.iter().enumerate() {
        if is_named(place) {
            addresses.push(mention.address());
        } else if place == NAMED {
            addresses.push(format!("({} more)", on_the_way.len() - 2 * NAMED));
        }
    }
    addresses.push(start.clone());
    let message = format!("`{start}` depends on itself: {}", addresses.join(" → "));
    let label = format!("`{}` closes the circle", closing.address());
    let mut fault = Diagnostic::at(Rule::Cycle, closing.span, message, label);
    for (_, by_way) in on_the_way
        .iter()
        .enumerate()
        .filter(|(place, _)| is_named(*place))
    {
        fault = fault.context(by_way.span, format!("by way of `{}`", by_way.address()));
    }
    fault.help("break the circle at one of these places; `once` does not break it")
}
