//! What the user wrote: plain data with its places in the text, read from TOML and checked value by value.
//!
//! Here each value is of the right type, in its range, and every distribution is possible. Whether names refer to
//! anything, and what the whole means, is the business of [`crate::model`].

use jiff::civil::Date;
use serde_json::json;

use crate::diagnostic::{Diagnostic, Rule, suggest};
use crate::sampling::{Method, SAMPLERS, sampler};

pub mod address;
pub mod condition;
pub mod differences;
pub mod file;
pub mod load;
pub mod process;
pub mod quantity;
pub mod read;
pub mod slip;
pub mod template;
pub mod tree;

use condition::{Condition, Conditions};
use process::Process;
use quantity::{Amount, Chance, Days, Duration, Latent, Of, Ratio};
use read::{Definitions, Named, Placed, Read, record};

record! {
    /// A scenario: one possible world with its uncertainty.
    Scenario ("the scenario") {
        /// Version of the language; 1.
        format ("format"): Format,
        /// What the scenario is about, in a line.
        title ("title"): Option<String>,
        /// The first day; time 0 is its midnight UTC.
        start ("start"): Date,
        /// How long each future is followed.
        horizon ("horizon"): Placed<Days>,
        /// A file beside this one that it builds on: tables merge key by key, everything else is replaced.
        extends ("extends"): Option<String>,
        /// Defaults of the simulation; each has a command-line flag that wins over it.
        simulation ("simulation"): Option<Simulation>,
        /// Latent factors, each drawn once a trial.
        drivers ("drivers"): Named<Driver>,
        /// The ceasefire.
        ceasefire ("ceasefire"): Option<Process>,
        /// What the United States supports, each a process.
        us_support ("us_support"): Named<Process>,
        /// Any other processes: a mandate, a status-of-forces agreement, a plan.
        processes ("processes"): Named<Process>,
        /// What contributors provide and conditions count.
        capabilities ("capabilities"): Named<Capability>,
        /// Chances that contributors share by their stance.
        stances ("stances"): Named<Of<Chance>>,
        /// Who may contribute.
        contributors ("contributors"): Named<Contributor>,
        /// What moves chances, durations and amounts.
        effects ("effects"): Vec<Effect>,
        /// Gaussian copulas between uniforms.
        correlations ("correlations"): Vec<Correlation>,
        /// Conditions with a name.
        conditions ("conditions"): Named<Condition>,
        /// What the mission must achieve.
        objectives ("objectives"): Named<Objective>,
        /// When the mission is ready.
        mission ("mission"): Option<Mission>,
        /// Claims about the results, for CI.
        expect ("expect"): Vec<Expect>,
    }
}

/// The version of the language; only 1 exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format;

impl Read for Format {
    fn read(node: &tree::Node, at: &address::Address, reader: &mut read::Reader<'_>) -> Option<Self> {
        if matches!(node.value, tree::Value::Integer(1)) {
            return Some(Self);
        }
        let message = format!("`{at}` must be 1");
        let fault = Diagnostic::at(Rule::Format, node.span, message, "")
            .help("this version of ceasefire reads format = 1");
        reader.diagnostics.push(fault);
        None
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "const": 1 })
    }
}

impl Read for Method {
    fn read(node: &tree::Node, at: &address::Address, reader: &mut read::Reader<'_>) -> Option<Self> {
        let text = String::read(node, at, reader)?;
        let known = sampler(&text);
        if known.is_none() {
            let message = format!("`{at}` must be the name of a sampler");
            let help = suggest(&text, SAMPLERS.iter().map(|sampler| sampler.name));
            let fault = Diagnostic::at(Rule::OutOfRange, node.span, message, "");
            reader.diagnostics.push(fault.maybe_help(help));
        }
        known.map(|sampler| sampler.method)
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let names: Vec<&str> = SAMPLERS.iter().map(|sampler| sampler.name).collect();
        json!({ "enum": names })
    }
}

record! {
    /// Defaults of the simulation.
    Simulation ("[simulation]") {
        /// How many futures are played.
        trials ("trials"): Option<Placed<u64>>,
        /// Where the draws start from; the same seed gives the same futures.
        seed ("seed"): Option<u64>,
        /// Confidence of the intervals, between 0 and 1; 0.95 if absent.
        confidence ("confidence"): Option<Placed<f64>>,
        /// How the draws of the futures are spread; `random` if absent.
        sampler ("sampler"): Option<Method>,
    }
}

record! {
    /// A latent factor, drawn once a trial; effects say what it moves.
    Driver ("a driver") {
        /// Its value.
        value ("value"): Of<Latent>,
    }
}

record! {
    /// Something that contributors provide and conditions count.
    Capability ("a capability") {
        /// What its amounts count, such as soldiers.
        unit ("unit"): Option<String>,
        /// What is there without any contributor; 0 if absent.
        initial ("initial"): Option<Of<Amount>>,
        /// A name for reports.
        label ("label"): Option<String>,
    }
}

record! {
    /// Somebody who may contribute: decides, then makes packages ready.
    Contributor ("a contributor") {
        /// Chance of a pledge, once decided; 1 if absent.
        chance ("chance"): Option<Of<Chance>>,
        /// A name from `[stances]`, whose chance it takes.
        stance ("stance"): Option<Placed<String>>,
        /// Political conditions of the decision.
        requires ("requires"): Conditions,
        /// How long they must hold without a break until the decision; 0 if absent.
        decision ("decision"): Option<Of<Duration>>,
        /// The packages, by capability.
        provides ("provides"): Named<Package>,
        /// A name for reports.
        label ("label"): Option<String>,
    }
}

record! {
    /// What a contributor provides of one capability.
    Package ("a package") {
        /// How much.
        amount ("amount"): Of<Amount>,
        /// How long pledge and `requires` must hold without a break until it is assembled; 0 if absent.
        notice_to_move ("notice_to_move"): Option<Of<Duration>>,
        /// What else it needs before it is assembled.
        requires ("requires"): Conditions,
        /// It counts only while these hold.
        during ("while"): Conditions,
        /// How long it supplies; for good if absent.
        sustains ("sustains"): Option<Of<Duration>>,
    }
}

record! {
    /// What a cause does to chances, durations and amounts.
    Effect ("an effect") {
        /// A driver (the factor is `ratio ^ value`) or a condition (the factor is `ratio` while it holds).
        cause ("cause"): Condition,
        /// Addresses of chances whose odds are multiplied.
        odds ("odds"): Patterns,
        /// Addresses of continuous durations whose survival function is raised to the factor.
        hazard ("hazard"): Patterns,
        /// Addresses of durations and amounts that are multiplied.
        scale ("scale"): Patterns,
        /// The factor.
        ratio ("ratio"): Of<Ratio>,
    }
}

/// Addresses with wildcards; a single one may stand without the list.
#[derive(Clone, Debug, Default)]
pub struct Patterns(pub Vec<Placed<address::Address>>);

impl Read for Patterns {
    fn read(node: &tree::Node, at: &address::Address, reader: &mut read::Reader<'_>) -> Option<Self> {
        match &node.value {
            tree::Value::List(_) => Vec::read(node, at, reader).map(Self),
            _ => Placed::read(node, at, reader).map(|pattern| Self(vec![pattern])),
        }
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        let one = json!({ "type": "string" });
        json!({ "anyOf": [{ "type": "array", "items": one, "minItems": 1 }, one] })
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

impl Read for address::Address {
    fn read(node: &tree::Node, at: &address::Address, reader: &mut read::Reader<'_>) -> Option<Self> {
        let written = String::read(node, at, reader)?;
        Self::parse(&written)
            .map_err(|message| {
                let message = format!("`{written}` is no address: {message}");
                let fault = Diagnostic::at(Rule::UnknownReference, node.span, message, "");
                reader
                    .diagnostics
                    .push(fault.help("such as contributors.*.chance"));
            })
            .ok()
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        json!({ "type": "string" })
    }
}

record! {
    /// A Gaussian copula of the uniforms of some quantities and chances.
    Correlation ("a correlation") {
        /// Addresses of what is correlated.
        of ("of"): Patterns,
        /// One correlation between each two of them, between -1 and 1.
        rho ("rho"): Option<Placed<f64>>,
        /// The whole matrix, in the order of `of`.
        matrix ("matrix"): Option<Placed<Vec<Vec<f64>>>>,
    }
}

record! {
    /// One of the things that the mission must achieve.
    Objective ("an objective") {
        /// It is met while these hold; each is a gate.
        requires ("requires"): Conditions,
        /// A name for reports.
        label ("label"): Option<String>,
    }
}

record! {
    /// When the mission is ready: all its objectives are met and its own conditions hold.
    Mission ("[mission]") {
        /// Names of its objectives; all of them if absent.
        objectives ("objectives"): Option<Vec<Placed<String>>>,
        /// Its own conditions; each is a gate.
        requires ("requires"): Conditions,
    }
}

record! {
    /// A claim about the results.
    Expect ("a claim") {
        /// Which figure.
        metric ("metric"): Placed<String>,
        /// Of what: mission (if absent), objectives.NAME, gates.ADDRESS, capabilities.NAME, contributors.NAME, conditions.NAME.
        subject ("subject"): Option<Placed<String>>,
        /// On which day.
        day ("day"): Option<Placed<f64>>,
        /// On which date.
        date ("date"): Option<Placed<Date>>,
        /// Which quantile, between 0 and 1.
        quantile ("quantile"): Option<Placed<f64>>,
        /// It is at least this.
        at_least ("at_least"): Option<Placed<f64>>,
        /// It is at most this.
        at_most ("at_most"): Option<Placed<f64>>,
        /// It lies between these two.
        between ("between"): Option<Placed<Vec<f64>>>,
        /// Confidence with which it is judged, between 0 and 1; 0.95 if absent.
        confidence ("confidence"): Option<Placed<f64>>,
        /// A scenario beside this one: the claim is then about the figure here less that there, on the same futures.
        compared_with ("compared_with"): Option<Placed<String>>,
    }
}

/// The JSON Schema of the language, for editors and validators.
///
/// A file that extends another need not repeat what stands there, in any of its tables. So each definition is there
/// twice, as it is and as part of such a file; a file that extends nothing must fulfil the first, all must the second.
#[must_use]
pub fn schema() -> serde_json::Value {
    let mut definitions = Definitions::new();
    Scenario::schema(&mut definitions);
    let parts: Vec<_> = definitions
        .iter()
        .map(|(name, definition)| (part(name), in_part(definition)))
        .collect();
    definitions.extend(parts);
    let mut schema = definitions.remove(&part("Scenario")).unwrap_or_default();
    if let Some(properties) = schema["properties"].as_object_mut() {
        properties.insert("$schema".to_owned(), json!({ "type": "string" }));
    }
    // The root knows all keys; the whole adds what must be there.
    if let Some(whole) = definitions
        .get_mut("Scenario")
        .and_then(serde_json::Value::as_object_mut)
    {
        whole.remove("additionalProperties");
    }
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!("ceasefire scenario, format 1");
    schema["if"] = json!({ "required": ["extends"] });
    schema["else"] = json!({ "$ref": "#/$defs/Scenario" });
    schema["$defs"] = json!(definitions);
    schema
}

/// The name of a definition as part of a file that extends another.
fn part(name: &str) -> String {
    format!("{name}InPart")
}

/// A schema that asks for no key: what is missing stands in the file below. Lists are replaced as a whole, so their
/// items stay as they are.
fn in_part(schema: &serde_json::Value) -> serde_json::Value {
    match schema {
        serde_json::Value::Object(keys) => {
            let keys = keys.iter().filter(|(key, _)| *key != "required");
            let changed = keys.map(|(key, value)| match (key.as_str(), value.as_str()) {
                ("items", _) => (key.clone(), value.clone()),
                ("$ref", Some(reference)) => (key.clone(), json!(part(reference))),
                // Without required keys, a table may be part of several forms.
                ("oneOf", _) => ("anyOf".to_owned(), in_part(value)),
                _ => (key.clone(), in_part(value)),
            });
            serde_json::Value::Object(changed.collect())
        }
        serde_json::Value::Array(items) => items.iter().map(in_part).collect(),
        other => other.clone(),
    }
}
