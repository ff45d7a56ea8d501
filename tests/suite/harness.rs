//! The one harness of all integration tests: from the text of a scenario to everything that comes of it.
//!
//! ```ignore
//! let results = Scenario::text("…").trials(1_000_000).seed(1).results();
//! let told = Scenario::days(100, "[ceasefire]\nafter = \"10d\"").trace(0);
//! assert_eq!(told.signal("ceasefire"), [(10.0, NEVER)]);
//! ```
//!
//! Everything here panics with the rendered diagnostics where a scenario has a fault: a test that expects faults asks
//! for [`Scenario::diagnosis`].

use std::path::Path;
use std::sync::Mutex;

use ceasefire::diagnostic::{self, Diagnostics, Sources};
use ceasefire::engine::Block;
use ceasefire::estimate::Results;
use ceasefire::model::{self, Model};
use ceasefire::plan::Plan;
use ceasefire::sampling::{Method, Source};
use ceasefire::scenario::load::{Loaded, load, parse};
use ceasefire::study::run::{Order, Unwatched, Watch, run};
use ceasefire::study::trace::trace;
use ceasefire::tally::Tally;
use ceasefire::time::Timescale;
use rayon::{ThreadPool, ThreadPoolBuilder};
use serde_json::Value as Json;

/// A moment that never comes.
pub const NEVER: f64 = f64::INFINITY;

/// A scenario, and how it is to be played.
#[derive(Clone, Debug)]
pub struct Scenario {
    written: Written,
    trials: u64,
    seed: u64,
    method: Method,
    threads: usize,
}

/// Where a scenario stands.
#[derive(Clone, Debug)]
enum Written {
    Text(String),
    File(String),
}

/// A scenario that has been understood.
pub struct Played {
    /// What it means.
    pub model: Model,
    /// The same, ready to run.
    pub plan: Plan,
}

impl Scenario {
    fn new(written: Written) -> Self {
        Self {
            written,
            trials: 10_000,
            seed: 1,
            method: Method::Random,
            threads: 2,
        }
    }

    /// The scenario that a whole text describes.
    pub fn text(text: impl Into<String>) -> Self {
        Self::new(Written::Text(text.into()))
    }

    /// A scenario that starts on 2025-04-10 and is followed for so many days; `body` is the rest of its text.
    pub fn days(horizon: u32, body: &str) -> Self {
        Self::text(format!(
            "format = 1\nstart = 2025-04-10\nhorizon = \"{horizon}d\"\n{body}"
        ))
    }

    /// The scenario in a file.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::new(Written::File(path.as_ref().display().to_string()))
    }

    /// How many trials are played; 10,000 if not said.
    pub fn trials(mut self, trials: u64) -> Self {
        self.trials = trials;
        self
    }

    /// The seed; 1 if not said.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// How draws are spread; `random` if not said.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    fn source(&self) -> Source {
        Source {
            seed: self.seed,
            method: self.method,
        }
    }

    /// How many threads play; 2 if not said.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    fn load(&self) -> Loaded {
        match &self.written {
            Written::Text(text) => parse("scenario.toml", text),
            Written::File(path) => load(Path::new(path), &[]),
        }
    }

    /// Everything that is found at fault or in doubt, as the command prints it, without colour: in the order of the
    /// text, with an empty line between each two.
    pub fn diagnosis(&self) -> String {
        let mut loaded = self.load();
        if let Some(scenario) = &loaded.scenario {
            model::build(scenario, "scenario", &mut loaded.diagnostics);
        }
        rendered(&loaded.diagnostics, &loaded.sources)
    }

    /// The names of the rules that are broken, in the order of the text.
    pub fn broken_rules(&self) -> Vec<&'static str> {
        let mut loaded = self.load();
        if let Some(scenario) = &loaded.scenario {
            model::build(scenario, "scenario", &mut loaded.diagnostics);
        }
        let found = loaded.diagnostics.in_order();
        found.iter().map(|diagnostic| diagnostic.rule.name()).collect()
    }

    /// The scenario understood.
    pub fn build(&self) -> Played {
        let mut loaded = self.load();
        let model = loaded
            .scenario
            .as_ref()
            .and_then(|scenario| model::build(scenario, "scenario", &mut loaded.diagnostics));
        let Some(model) = model else {
            panic!(
                "this scenario has faults:\n{}\n{}",
                rendered(&loaded.diagnostics, &loaded.sources),
                loaded.sources.all()[0].text
            );
        };
        let plan = Plan::new(&model);
        Played { model, plan }
    }

    /// What all its trials are counted to.
    pub fn tally(&self) -> Tally {
        self.tally_of(&self.build())
    }

    /// The moment at which the mission is first ready in each of its trials.
    pub fn first_moments(&self) -> Vec<f64> {
        let played = self.build();
        let trials = usize::try_from(self.trials).expect("they fit into memory");
        let moments = Moments(played.plan.time, Mutex::new(vec![NEVER; trials]));
        run(&played.plan, self.order(), &pool(self.threads), &moments).expect("nobody stops it");
        moments.1.into_inner().expect("no thread has panicked")
    }

    fn order(&self) -> Order {
        Order {
            source: self.source(),
            first: 0,
            trials: self.trials,
        }
    }

    fn tally_of(&self, played: &Played) -> Tally {
        run(&played.plan, self.order(), &pool(self.threads), &Unwatched).expect("nobody stops it")
    }

    /// All figures of all its trials, with intervals of 95 %.
    pub fn results(&self) -> Results {
        let played = self.build();
        Results::new(&played.model, &played.plan, &self.tally_of(&played), 0.95)
    }

    /// One trial, told in full.
    pub fn trace(&self, trial: u64) -> Told {
        self.build().trace_of(self.source(), trial)
    }
}

/// Keeps the first moment of each trial.
struct Moments(Timescale, Mutex<Vec<f64>>);

impl Watch for Moments {
    fn played(&self, _: u64) -> bool {
        true
    }

    fn block(&self, number: u64, block: &Block) {
        let first = usize::try_from(number).expect("they fit into memory") * ceasefire::plan::BLOCK;
        let mut moments = self.1.lock().expect("no thread has panicked");
        for lane in 0..block.len() {
            moments[first + lane] = self.0.days(block.outcome.first_ready[lane]);
        }
    }
}

impl Played {
    /// One trial, told in full, by way of its JSON text.
    pub fn trace(&self, seed: u64, trial: u64) -> Told {
        self.trace_of(Source::random(seed), trial)
    }

    /// The same, however draws are spread.
    pub fn trace_of(&self, source: Source, trial: u64) -> Told {
        let text = serde_json::to_string(&trace(&self.model, &self.plan, source, trial));
        let text = text.expect("a trace is plain data");
        Told(serde_json::from_str(&text).expect("a trace is JSON"))
    }
}

/// The trace of a trial, as a program that reads it sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told(pub Json);

/// Spells as pairs of moments, [`NEVER`] for no end.
pub type Spells = Vec<(f64, f64)>;

impl Told {
    /// When a process is in a state, a contributor has pledged, or a named condition holds.
    pub fn signal(&self, name: &str) -> Spells {
        let signals = self.0["signals"].as_object().expect("signals are an object");
        let names: Vec<_> = signals.keys().collect();
        spells(
            signals
                .get(name)
                .unwrap_or_else(|| panic!("no `{name}` among {names:?}")),
        )
    }

    /// When an objective is met.
    pub fn objective(&self, name: &str) -> Spells {
        let objective = &self.0["objectives"][name];
        let spells = spells(&objective["spells"]);
        assert_eq!(moment(&objective["first"]), first(&spells), "first of {name}");
        spells
    }

    /// When a package supplies, and how much; NaN if it is never assembled.
    pub fn package(&self, contributor: &str, capability: &str) -> (Spells, f64) {
        let package = self.listed(
            "packages",
            &format!("contributors.{contributor}.provides.{capability}"),
        );
        (
            spells(&package["spells"]),
            package["amount"].as_f64().unwrap_or(f64::NAN),
        )
    }

    /// When a gate is open.
    pub fn gate(&self, address: &str) -> Spells {
        spells(&self.listed("gates", address)["spells"])
    }

    /// A gate's share of the bottleneck.
    pub fn bottleneck(&self, address: &str) -> f64 {
        self.listed("gates", address)["bottleneck"]
            .as_f64()
            .expect("a share is a number")
    }

    /// When the mission would first be ready if a gate were always open.
    pub fn granted(&self, address: &str) -> f64 {
        moment(&self.listed("gates", address)["granted"])
    }

    /// When the mission is ready.
    pub fn ready(&self) -> Spells {
        let mission = &self.0["mission"];
        let spells = spells(&mission["spells"]);
        assert_eq!(moment(&mission["first_ready"]), first(&spells), "first ready");
        spells
    }

    /// Whether each gate opened, but never all at one time.
    pub fn is_never_together(&self) -> bool {
        self.0["mission"]["never_together"].as_bool().expect("yes or no")
    }

    /// The draws as text: `address visit`, in the order in which they were made.
    pub fn drawn(&self) -> Vec<String> {
        let draws = self.0["draws"].as_array().expect("draws are a list");
        draws
            .iter()
            .map(|draw| format!("{} {}", draw["address"].as_str().unwrap_or("?"), draw["visit"]))
            .collect()
    }

    /// Uniform and value of a draw, if it was made.
    pub fn draw(&self, address: &str, visit: u64) -> Option<(f64, f64)> {
        let draws = self.0["draws"].as_array().expect("draws are a list");
        let draw = draws
            .iter()
            .find(|draw| draw["address"] == address && draw["visit"] == visit)?;
        Some((draw["uniform"].as_f64()?, draw["value"].as_f64()?))
    }

    fn listed(&self, list: &str, address: &str) -> &Json {
        let list = self.0[list].as_array().expect("a list");
        let found = list.iter().find(|item| item["address"] == address);
        found.unwrap_or_else(|| panic!("nothing at `{address}` in {list:?}"))
    }
}

fn spells(list: &Json) -> Spells {
    let list = list.as_array().expect("spells are a list");
    list.iter()
        .map(|spell| (moment(&spell[0]), moment(&spell[1])))
        .collect()
}

fn moment(value: &Json) -> f64 {
    if value.is_null() {
        NEVER
    } else {
        value.as_f64().expect("a moment is a number or null")
    }
}

fn first(spells: &Spells) -> f64 {
    spells.first().map_or(NEVER, |&(on, _)| on)
}

/// So many threads.
pub fn pool(threads: usize) -> ThreadPool {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads can be started")
}

/// Diagnostics as the command prints them, without colour.
pub fn rendered(diagnostics: &Diagnostics, sources: &Sources) -> String {
    let found = diagnostics.in_order();
    let texts: Vec<String> = found
        .iter()
        .map(|one| diagnostic::render(one, sources, false))
        .collect();
    texts.join("\n\n") + "\n"
}
