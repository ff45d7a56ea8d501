//! A fault in the user's text: which rule it breaks, where it stands, what was expected, and what would be right.
//!
//! The checker never stops at the first fault: every stage writes into [`Diagnostics`] and goes on with what is
//! left, so that one look at the list mends a file. Each [`Rule`] keeps a faulty scenario and its exact message in
//! `tests/rejected/`; a test walks [`Rule::ALL`] and fails where one is missing.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

mod render;

pub use render::render;

/// A place in one of the texts that a scenario was read from: a range of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Index into [`Sources`].
    pub source: usize,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One text that a scenario was read from: a file, or a value given on the command line.
#[derive(Clone, Debug)]
pub struct Source {
    /// The name as the user wrote it.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether it was given on the command line: it is one line then, its own name, and has no lines to count.
    pub is_option: bool,
}

/// All texts behind one scenario; a [`Span`] points into them.
#[derive(Clone, Debug, Default)]
pub struct Sources(Vec<Source>);

impl Sources {
    /// Adds a text and returns its index.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.0.push(Source {
            name: name.into(),
            text: text.into(),
            is_option: false,
        });
        self.0.len() - 1
    }

    /// Adds what was written behind an option, which is shown with the option and a space before it, and returns its index.
    pub fn add_option(&mut self, option: &str, text: &str) -> usize {
        let text = format!("{option} {text}");
        self.0.push(Source {
            name: text.clone(),
            text,
            is_option: true,
        });
        self.0.len() - 1
    }

    /// The texts in the order in which they were added.
    #[must_use]
    pub fn all(&self) -> &[Source] {
        &self.0
    }

    /// The text that a span points into.
    #[must_use]
    pub fn get(&self, span: Span) -> &Source {
        &self.0[span.source]
    }

    /// Line and column of the start of a span, both counted from 1, the column in characters.
    #[must_use]
    pub fn line_and_column(&self, span: Span) -> (usize, usize) {
        let text = &self.get(span).text;
        let before = &text.as_bytes()[..span.start.min(text.len())];
        let line_start = before
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |at| at + 1);
        let line = 1 + before.iter().filter(|&&byte| byte == b'\n').count();
        let column = 1 + String::from_utf8_lossy(&before[line_start..]).chars().count();
        (line, column)
    }
}

/// Whether a diagnostic stops the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario has no meaning until this is mended.
    Error,
    /// The scenario can be played, but hardly means what its author wanted.
    Warning,
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $rule:ident = $name:literal, $severity:ident;)+) => {
        /// Every rule that the checker knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Rule { $($(#[doc = $doc])+ $rule,)+ }

        impl Rule {
            /// All rules, in the order of the reference page.
            pub const ALL: &[Self] = &[$(Self::$rule),+];

            /// The stable name, shown in brackets: `error[unknown-key]`.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$rule => $name),+ }
            }

            /// What the rule asks for, in one sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$rule => concat!($($doc),+)),+ }
            }

            /// Whether breaking it stops the work.
            #[must_use]
            pub fn severity(self) -> Severity {
                match self { $(Self::$rule => Severity::$severity),+ }
            }
        }
    };
}

rules! {
    /// A file exists and can be read.
    UnreadableFile = "unreadable-file", Error;
    /// A scenario is a file, not a directory.
    Directory = "directory", Error;
    /// A scenario holds at most 16 MiB of text.
    TooLarge = "too-large", Error;
    /// A scenario is UTF-8 text.
    NotUtf8 = "not-utf8", Error;
    /// A scenario is not empty.
    Empty = "empty", Error;
    /// A scenario is valid TOML.
    Syntax = "syntax", Error;
    /// The format is one that this version knows.
    Format = "format", Error;
    /// No scenario extends itself, directly or through others.
    ExtendsCycle = "extends-cycle", Error;
    /// A scenario builds on at most 64 files, one below the other.
    ExtendsDepth = "extends-depth", Error;
    /// Every key is one that the language knows.
    UnknownKey = "unknown-key", Error;
    /// Every required key is there.
    MissingKey = "missing-key", Error;
    /// A value has the type that its key asks for.
    WrongType = "wrong-type", Error;
    /// A duration has a unit that the language knows.
    WrongUnit = "wrong-unit", Error;
    /// A value lies in the range that its key asks for.
    OutOfRange = "out-of-range", Error;
    /// Keys that exclude each other do not stand together.
    Contradiction = "contradiction", Error;
    /// A distribution family is one that the language knows.
    UnknownFamily = "unknown-family", Error;
    /// A distribution has parameters that are possible together.
    ImpossibleParameters = "impossible-parameters", Error;
    /// No draw of a duration or an amount can be negative, and none of a chance outside 0 to 1.
    NegativeDraw = "negative-draw", Error;
    /// A reference names something that the scenario defines.
    UnknownReference = "unknown-reference", Error;
    /// A reference to a process of more than two states names the state.
    AmbiguousState = "ambiguous-state", Error;
    /// Every state of a process can be reached from its initial one.
    UnreachableState = "unreachable-state", Error;
    /// Nothing depends on itself.
    Cycle = "cycle", Error;
    /// A correlation matrix is symmetric, has a unit diagonal and is positive semi-definite.
    CorrelationMatrix = "correlation-matrix", Error;
    /// A quantity belongs to one correlation at most.
    CorrelatedTwice = "correlated-twice", Error;
    /// A hazard effect acts on a continuous distribution.
    HazardOnConstant = "hazard-on-constant", Error;
    /// An effect or a correlation names something that it can act on.
    WrongTarget = "wrong-target", Error;
    /// A wildcard matches something.
    NothingMatches = "nothing-matches", Error;
    /// A claim names a metric, a subject and a time that the results have.
    ImpossibleClaim = "impossible-claim", Error;
    /// A claim that compares two scenarios names one without faults, of the same start and horizon, that has the figure too.
    ComparedScenario = "compared-scenario", Error;
    /// An axis of a sweep has an address, and values that can be taken there.
    ImpossibleAxis = "impossible-axis", Error;
    /// An address given on the command line leads to a value.
    UnknownAddress = "unknown-address", Error;
    /// What a scenario defines is referred to, or changes a figure by itself.
    Unreferenced = "unreferenced", Warning;
    /// Every capability is asked for by an objective or by something that one depends on.
    UnusedCapability = "unused-capability", Warning;
    /// Every capability that is asked for is supplied by somebody.
    UnsuppliedCapability = "unsupplied-capability", Warning;
    /// Every amount has a finite mean.
    InfiniteMean = "infinite-mean", Warning;
    /// Every objective can be met if everybody contributes everything.
    HopelessObjective = "hopeless-objective", Warning;
    /// The mission has its four objectives.
    MissingObjective = "missing-objective", Warning;
    /// Every claim could fail.
    CertainClaim = "certain-claim", Warning;
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One fault, with everything that its reader needs to mend it.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// The rule that is broken.
    pub rule: Rule,
    /// Whether it stops the work: as its rule says, unless claims are left aside.
    pub severity: Severity,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// The place, and what to say right under it; `None` for faults without a place in a text.
    pub place: Option<(Span, String)>,
    /// Other places that explain the fault, in the order in which they are to be read.
    pub context: Vec<(Span, String)>,
    /// What would be right; each a line of its own.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A fault at a place. An empty `label` marks the place without words.
    pub fn at(rule: Rule, span: Span, message: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            message: message.into(),
            place: Some((span, label.into())),
            context: Vec::new(),
            help: Vec::new(),
        }
    }

    /// A fault that has no place in a text.
    pub fn without_place(rule: Rule, message: impl Into<String>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            message: message.into(),
            place: None,
            context: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The same with texts that can be read: long names, lists and matrices are cut.
    fn cut(mut self) -> Self {
        let places = self.place.iter_mut().chain(&mut self.context);
        let texts = places.map(|(_, label)| label).chain(&mut self.help);
        for text in texts.chain([&mut self.message]) {
            if let Some((end, _)) = text.char_indices().nth(LONGEST_TEXT) {
                text.truncate(end);
                text.push('…');
            }
        }
        self
    }

    /// Adds a line that says what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Adds a line of help where there is one to give.
    #[must_use]
    pub fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }

    /// Adds another place that explains the fault.
    #[must_use]
    pub fn context(mut self, span: Span, label: impl Into<String>) -> Self {
        self.context.push((span, label.into()));
        self
    }
}

/// The faults and warnings of one scenario, gathered while it is read and checked.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
    /// How many errors and warnings there were in all.
    found: [usize; 2],
    /// Where keys stand that were refused as unknown.
    unknown_keys: HashSet<Span>,
    /// The keys that lead to each value that could not be read.
    unread: Vec<Vec<Arc<str>>>,
    /// The same as addresses without quotes, and all that stand above one.
    unread_addresses: HashSet<String>,
    above_unread: HashSet<String>,
    /// How many names have been compared to suggest one.
    compared: usize,
    /// Whether the work has no use for claims.
    leaves_claims: bool,
}

/// The most names that are compared to suggest some: less than a second's work.
const MOST_COMPARED: usize = 100_000;

/// The longest message, label or help, in letters.
const LONGEST_TEXT: usize = 1_000;

/// The most errors and the most warnings that are kept: nobody reads more of them, and each is drawn with its line.
const MOST: usize = 100;

impl Diagnostics {
    /// Takes note of a fault; the work goes on. Of more than a hundred errors or a hundred warnings, the first are kept and
    /// the others counted.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        if self.leaves_claims && matches!(diagnostic.rule, Rule::ImpossibleClaim | Rule::ComparedScenario) {
            diagnostic.severity = Severity::Warning;
            let help = "the claim is left out here; `ceasefire test` and `validate` take this for a fault";
            diagnostic = diagnostic.help(help);
        }
        if let (Rule::UnknownKey, Some((place, _))) = (diagnostic.rule, &diagnostic.place) {
            self.unknown_keys.insert(*place);
        }
        let severity = diagnostic.severity;
        if !self.is_full(severity) {
            self.all.push(diagnostic.cut());
        }
        self.found[severity as usize] += 1;
    }

    /// Whether no more errors, or warnings, are kept: it is no use to work out what would help.
    #[must_use]
    pub fn is_full(&self, severity: Severity) -> bool {
        self.count(severity) >= MOST
    }

    /// How many errors, or warnings, were found beyond those that are kept.
    #[must_use]
    pub fn left_out(&self, severity: Severity) -> usize {
        self.count(severity).saturating_sub(MOST)
    }

    /// The sentence of [`suggest`] for an error, if that will be kept, and not too many names have been compared already.
    pub fn suggest<'a>(
        &mut self,
        written: &str,
        candidates: impl IntoIterator<Item = &'a str> + Clone,
    ) -> Option<String> {
        if self.is_full(Severity::Error) || !self.may_compare(candidates.clone().into_iter().count()) {
            return None;
        }
        suggest(written, candidates)
    }

    /// Whether a name may be compared with so many others: in a large scenario with many faults, that would take minutes.
    pub fn may_compare(&mut self, count: usize) -> bool {
        self.compared = self.compared.saturating_add(count);
        self.compared <= MOST_COMPARED
    }

    /// From now on, claims that cannot be judged only warn: the work has no use for them.
    pub fn leave_claims(&mut self) {
        self.leaves_claims = true;
    }

    /// How many there are.
    #[must_use]
    pub fn found(&self) -> usize {
        self.found.iter().sum()
    }

    /// Takes note of the keys to a value that could not be read, so that nobody misses what should stand there.
    pub fn unread(&mut self, keys: &[Arc<str>]) {
        for length in 0..keys.len() {
            self.above_unread.insert(keys[..length].join("."));
        }
        self.unread_addresses.insert(keys.join("."));
        self.unread.push(keys.to_vec());
    }

    /// Whether something at, above or below an address could not be read; `*` stands for any one key.
    #[must_use]
    pub fn is_unread(&self, address: &str) -> bool {
        if !address.split('.').any(|key| key == "*") {
            let mut ends = address
                .match_indices('.')
                .map(|(end, _)| end)
                .chain([address.len()]);
            return self.above_unread.contains(address)
                || ends.any(|end| self.unread_addresses.contains(&address[..end]));
        }
        let is_same = |(own, other): (&Arc<str>, &str)| [&**own, other].contains(&"*") || &**own == other;
        self.unread
            .iter()
            .any(|keys| keys.iter().zip(address.split('.')).all(is_same))
    }

    /// Whether a key of this place has been refused as unknown.
    #[must_use]
    pub fn is_unknown_key(&self, place: Span) -> bool {
        self.unknown_keys.contains(&place)
    }

    /// Whether anything found stops the work.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many of them stop the work.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// How many of them only warn.
    #[must_use]
    pub fn warnings(&self) -> usize {
        self.count(Severity::Warning)
    }

    fn count(&self, severity: Severity) -> usize {
        self.found[severity as usize]
    }

    /// All that are kept, in the order of the text, those without a place first.
    #[must_use]
    pub fn in_order(&self) -> Vec<&Diagnostic> {
        let mut ordered: Vec<_> = self.all.iter().collect();
        ordered.sort_by_key(|diagnostic| diagnostic.place.as_ref().map(|(span, _)| *span));
        ordered
    }
}

/// The candidate nearest to what was written, if one is near enough to be meant.
///
/// Nearness is the Damerau–Levenshtein distance, small and capital letters being the same; at most a third of the longer
/// word, and at least one letter, may differ.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let small = written.to_lowercase();
    let length = small.chars().count();
    let distance = |candidate: &'a str| {
        let other = candidate.to_lowercase();
        let others = other.chars().count();
        let most = (length.max(others) / 3).max(1);
        // The distance takes time and room by the product of both lengths.
        if length.max(others) > LONGEST_WORD || length.abs_diff(others) > most {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&small, &other);
        (distance <= most).then_some((distance, candidate))
    };
    let near = candidates.into_iter().filter_map(distance).min();
    near.map(|(_, candidate)| candidate)
}

/// The longest word for which a nearest one is looked for, in letters.
const LONGEST_WORD: usize = 200;

/// A text that is not too long to be read in passing: of a longer one, the beginning.
#[must_use]
pub fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

/// The sentence that suggests the nearest candidate, or else lists what there is.
pub fn suggest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
    // Who leaves out the table writes the end of an address.
    let dots = written.matches('.').count();
    let end = |candidate: &'a str| {
        let start = candidate.rmatch_indices('.').nth(dots);
        Some((&candidate[start?.0 + 1..], candidate))
    };
    let near = nearest(written, candidates.clone()).or_else(|| {
        let near = nearest(
            written,
            candidates.clone().into_iter().filter_map(end).map(|(end, _)| end),
        )?;
        let mut ends = candidates.clone().into_iter().filter_map(end);
        ends.find(|(end, _)| *end == near).map(|(_, candidate)| candidate)
    });
    if let Some(near) = near {
        return Some(format!("did you mean `{near}`?"));
    }
    let all: Vec<String> = candidates
        .into_iter()
        .map(|name| format!("`{}`", shortened(name)))
        .collect();
    match all.len() {
        0 => None,
        1..=24 => Some(format!("there is {}", all.join(", "))),
        more => Some(format!(
            "there is {} and {} more",
            all[..20].join(", "),
            more - 20
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_far_ones_are_not() {
        let names = ["chance", "decision", "requires"];
        assert_eq!(nearest("chanse", names), Some("chance"));
        assert_eq!(nearest("desicion", names), Some("decision"));
        assert_eq!(nearest("colour", names), None);
        assert_eq!(nearest("CHANCE", names), Some("chance"));
        assert_eq!(nearest(&"chance".repeat(1_000_000), names), None);
    }

    #[test]
    fn the_end_of_an_address_is_enough_to_be_meant() {
        let names = [
            "processes.parliament",
            "us_support.logistics",
            "us_support.intelligence",
        ];
        let suggested = |written| suggest(written, names);
        let logistics = Some("did you mean `us_support.logistics`?".to_owned());
        assert_eq!(suggested("logistics"), logistics);
        assert_eq!(suggested("logistcs"), logistics);
        assert!(suggested("weather").unwrap().starts_with("there is "));
    }

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let mut sources = Sources::default();
        let source = sources.add("x", "a\nöö = 1\n");
        let span = Span {
            source,
            start: 7,
            end: 8,
        };
        assert_eq!(sources.line_and_column(span), (2, 4));
    }

    #[test]
    fn the_names_of_rules_are_unique() {
        let mut names: Vec<_> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Rule::ALL.len());
    }

    #[test]
    fn a_hundred_errors_and_a_hundred_warnings_are_kept() {
        let mut diagnostics = Diagnostics::default();
        for _ in 0..30_000 {
            let message = "x".repeat(1_001);
            diagnostics.push(Diagnostic::without_place(Rule::UnknownKey, message));
        }
        diagnostics.push(Diagnostic::without_place(Rule::Unreferenced, ""));
        assert_eq!((diagnostics.errors(), diagnostics.warnings()), (30_000, 1));
        assert_eq!(diagnostics.left_out(Severity::Error), 29_900);
        assert_eq!(diagnostics.left_out(Severity::Warning), 0);
        let kept = diagnostics.in_order();
        assert_eq!(kept.len(), 101);
        assert_eq!(kept[0].message.chars().count(), 1_001);
        assert_eq!(diagnostics.suggest("chanse", ["chance"]), None);
    }

    #[test]
    fn what_stands_at_above_or_below_an_unread_value_is_unread() {
        let mut diagnostics = Diagnostics::default();
        diagnostics.unread(&["contributors", "france", "chance"].map(Arc::from));
        let unread = [
            "contributors",
            "contributors.france",
            "contributors.*.chance",
            "contributors.france.chance",
            "contributors.france.chance.beta",
        ];
        for address in unread {
            assert!(diagnostics.is_unread(address), "{address}");
        }
        for address in ["contributors.italy", "contributors.*.decision", "stances"] {
            assert!(!diagnostics.is_unread(address), "{address}");
        }
    }
}
