//! Random small scenarios, to play the engine against the oracle.
//!
//! [`scenario`] writes a valid scenario that is rich in features and poor in size. Everything is written in
//! layers (processes, named conditions, contributors and their packages, more conditions, objectives,
//! the mission), and refers to earlier things only, so nothing can depend on itself; the effects
//! are written last, each with a cause that is earlier than all that it affects.

use std::fmt::Write as _;

/// Writes a random scenario; the same text for the same seed.
#[must_use]
pub fn scenario(seed: u64) -> String {
    let mut writer = Writer::new(seed);
    writer.head();
    writer.drivers();
    writer.stances();
    writer.processes();
    writer.named_conditions(&["calm", "talks"]);
    writer.contributors();
    writer.named_conditions(&["mature", "late"]);
    writer.objectives();
    writer.mission();
    writer.effects();
    writer.correlations();
    writer.text
}

/// The splitmix64 generator.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// Yes in so many of a hundred cases.
    fn percent(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.next() as usize % items.len()]
    }
}

/// What kind of quantity stands at an address.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Chance,
    Duration,
    Amount,
}

/// How a quantity is written.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Constant,
    /// Continuous, and of a family that the oracle can use with hazard effects.
    Hazard,
    Drawn,
}

/// A quantity that effects and correlations can name.
struct Target {
    address: String,
    kind: Kind,
    shape: Shape,
    layer: usize,
    /// Whether a key stands at the address: the chance of a contributor with a stance has none.
    written: bool,
}

/// Something that a condition can refer to.
struct Atom {
    reference: String,
    layer: usize,
}

struct Capability {
    name: &'static str,
    supplied: bool,
    /// From which layer on conditions can ask for it; nobody supplies it from then on.
    closed: Option<usize>,
}

struct Writer {
    random: Random,
    /// Whether many things are to happen at the same moments.
    ties: bool,
    text: String,
    /// The layer that is being written: one for each process, contributor, condition and objective.
    layer: usize,
    /// Conditions refer to things up to this layer.
    visible: usize,
    atoms: Vec<Atom>,
    capabilities: Vec<Capability>,
    targets: Vec<Target>,
    drivers: Vec<&'static str>,
    stances: Vec<&'static str>,
    labels: usize,
}

impl Writer {
    fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        random.next();
        let ties = random.percent(30);
        Writer {
            random,
            ties,
            text: String::new(),
            layer: 0,
            visible: usize::MAX,
            atoms: Vec::new(),
            capabilities: Vec::new(),
            targets: Vec::new(),
            drivers: Vec::new(),
            stances: Vec::new(),
            labels: 0,
        }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Opens a table, sometimes with a remark.
    fn table(&mut self, name: &str) {
        self.line(&format!("\n[{name}]"));
        if self.random.percent(8) {
            self.line("note = \"invented\"");
        }
    }

    /// Makes a quantity known to effects and correlations.
    fn target(&mut self, address: &str, kind: Kind, shape: Shape) {
        let (address, layer) = (address.to_owned(), self.layer);
        self.targets.push(Target {
            address,
            kind,
            shape,
            layer,
            written: true,
        });
    }

    /// Makes something known to later conditions.
    fn atom(&mut self, reference: String) {
        self.atoms.push(Atom {
            reference,
            layer: self.layer,
        });
    }

    // ------------------------------------------------------------------------------ quantities

    /// A number of days as the file may write it.
    fn days(&mut self, days: u64) -> String {
        match self.random.between(0, 5) {
            0 => days.to_string(),
            1 => format!("{days}.0"),
            2 if days.is_multiple_of(7) => format!("\"{}w\"", days / 7),
            _ => format!("\"{days}d\""),
        }
    }

    /// A duration of the order of `typical` days; `positive` ones are never 0.
    fn duration(&mut self, typical: u64, positive: bool) -> (String, Shape) {
        let low = u64::from(positive) * 5;
        if self.ties && self.random.percent(70) {
            let least = u64::from(positive);
            let tens = |random: &mut Random| 10 * random.between(least, 4);
            return if self.random.percent(65) {
                let days = tens(&mut self.random);
                (self.days(days), Shape::Constant)
            } else {
                let (a, b) = (tens(&mut self.random), tens(&mut self.random) + 10);
                let values = if a < b {
                    format!("[{a}, {b}]")
                } else {
                    format!("[{b}, {}]", a + 10)
                };
                (
                    format!("{{ discrete = {{ values = {values}, weights = [1, 1] }} }}"),
                    Shape::Drawn,
                )
            };
        }
        let a = self.random.between(low, typical);
        let b = a + self.random.between(1, typical);
        let c = b + self.random.between(1, typical);
        match self.random.between(0, 9) {
            0 if self.random.percent(15) => ("\"1mo\"".to_owned(), Shape::Constant),
            0 => (self.days(a), Shape::Constant),
            1..=2 => {
                let (min, max) = (self.days(a), self.days(b));
                (
                    format!("{{ uniform = {{ min = {min}, max = {max} }} }}"),
                    Shape::Hazard,
                )
            }
            3..=4 => {
                let mean = self.days(b);
                (format!("{{ exponential = {{ mean = {mean} }} }}"), Shape::Hazard)
            }
            5..=6 => {
                let (shape, scale) = (*self.random.pick(&["0.7", "1.1", "2", "3.5"]), self.days(b));
                (
                    format!("{{ weibull = {{ shape = {shape}, scale = {scale} }} }}"),
                    Shape::Hazard,
                )
            }
            7 => {
                let (min, mode, max) = (self.days(a), self.days(b), self.days(c));
                (
                    format!("{{ triangular = {{ min = {min}, mode = {mode}, max = {max} }} }}"),
                    Shape::Drawn,
                )
            }
            8 => {
                let (median, p90) = (self.days(b), self.days(c));
                (
                    format!("{{ lognormal = {{ median = {median}, p90 = {p90} }} }}"),
                    Shape::Drawn,
                )
            }
            _ => {
                let weights = self.random.pick(&["[1, 1, 1]", "[0.5, 0.3, 0.2]", "[3, 1, 2]"]);
                (
                    format!("{{ discrete = {{ values = [{a}, {b}.5, {c}], weights = {weights} }} }}"),
                    Shape::Drawn,
                )
            }
        }
    }

    /// An amount of some tens of units.
    fn amount(&mut self) -> (String, Shape) {
        if self.ties && self.random.percent(60) {
            let tens = 10 * self.random.between(0, 5);
            return match self.random.between(0, 2) {
                0 => {
                    let values = format!("[{tens}, {}, {}]", tens + 10, tens + 20);
                    (
                        format!("{{ discrete = {{ values = {values}, weights = [1, 2, 1] }} }}"),
                        Shape::Drawn,
                    )
                }
                _ => (tens.to_string(), Shape::Constant),
            };
        }
        let a = self.random.between(1, 30);
        let b = a + self.random.between(1, 30);
        let c = b + self.random.between(1, 30);
        match self.random.between(0, 4) {
            0 => (format!("{b}.3"), Shape::Constant),
            1 => (
                format!("{{ uniform = {{ min = {a}, max = {c} }} }}"),
                Shape::Drawn,
            ),
            2 => (
                format!("{{ triangular = {{ min = {a}, mode = {b}, max = {c}.5 }} }}"),
                Shape::Drawn,
            ),
            3 => (
                format!("{{ lognormal = {{ median = {a}, p90 = {c} }} }}"),
                Shape::Drawn,
            ),
            _ => (
                format!("{{ discrete = {{ values = [{a}, {b}, {c}], weights = [2, 1, 0.5] }} }}"),
                Shape::Drawn,
            ),
        }
    }

    /// A chance; a distribution now and then.
    fn chance(&mut self) -> (String, Shape) {
        match self.random.between(0, 15) {
            0 => ("1.0".to_owned(), Shape::Constant),
            1 => ("{ uniform = { min = 0.2, max = 0.9 } }".to_owned(), Shape::Drawn),
            2 => (
                "{ triangular = { min = 0.1, mode = 0.6, max = 1 } }".to_owned(),
                Shape::Drawn,
            ),
            _ => (format!("0.{}", self.random.between(35, 99)), Shape::Constant),
        }
    }

    fn write_duration(&mut self, table: &str, key: &str, typical: u64, positive: bool) {
        let (text, shape) = self.duration(typical, positive);
        self.line(&format!("{key} = {text}"));
        self.target(&format!("{table}.{key}"), Kind::Duration, shape);
    }

    fn write_chance(&mut self, table: &str) {
        let (text, shape) = self.chance();
        self.line(&format!("chance = {text}"));
        self.target(&format!("{table}.chance"), Kind::Chance, shape);
    }

    // ------------------------------------------------------------------------------ conditions

    /// A date from shortly before the start to shortly after the horizon.
    fn date(&mut self, from: u64, to: u64) -> String {
        const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        /// Days of 2025 before the start, 2025-04-10.
        const START: u64 = 99;
        let mut days = self.random.between(from, to);
        if self.ties {
            days = days / 10 * 10;
        }
        let mut day = START + days - 10;
        let mut month = 0;
        while day >= LENGTHS[month] {
            day -= LENGTHS[month];
            month += 1;
        }
        format!("2025-{:02}-{:02}", month + 1, day + 1)
    }

    /// A list of conditions, or one condition in its place.
    fn list(&mut self, least: u64, most: u64, depth: u64) -> String {
        if least <= 1 && self.random.percent(15) {
            return self.condition(depth);
        }
        let count = self.random.between(least, most);
        let items: Vec<_> = (0..count).map(|_| self.condition(depth)).collect();
        format!("[{}]", items.join(", "))
    }

    /// A condition: a reference or an inline table.
    fn condition(&mut self, depth: u64) -> String {
        let visible: Vec<_> = self
            .atoms
            .iter()
            .filter(|atom| atom.layer <= self.visible)
            .collect();
        if !visible.is_empty() && self.random.percent(if depth == 0 { 75 } else { 35 }) {
            return format!("\"{}\"", self.random.pick(&visible).reference);
        }
        let mut keys = self.condition_keys(depth);
        if self.random.percent(25) {
            self.labels += 1;
            keys.push(format!("label = \"label {}\"", self.labels));
        }
        format!("{{ {} }}", keys.join(", "))
    }

    /// The keys of a condition that is a table.
    fn condition_keys(&mut self, depth: u64) -> Vec<String> {
        let visible = |capability: &&Capability| capability.closed.is_some_and(|layer| layer <= self.visible);
        let asked: Vec<_> = self
            .capabilities
            .iter()
            .filter(visible)
            .map(|capability| capability.name)
            .collect();
        if !asked.is_empty() && self.random.percent(45) {
            let name = *self.random.pick(&asked);
            let (at_least, _) = self.threshold();
            return vec![
                format!("capability = \"{name}\""),
                format!("at_least = {at_least}"),
            ];
        }
        if depth == 0 {
            return self.window();
        }
        match self.random.between(0, 13) {
            0..=1 => vec![format!("all = {}", self.list(1, 3, depth - 1))],
            2..=5 => vec![format!("any = {}", self.list(1, 3, depth - 1))],
            6 => vec![format!("none = {}", self.list(1, 2, depth - 1))],
            7 => {
                let count = self.random.between(2, 4);
                let items: Vec<_> = (0..count).map(|_| self.condition(depth - 1)).collect();
                let at_least = self.random.between(1, count);
                vec![
                    format!("at_least = {at_least}"),
                    format!("of = [{}]", items.join(", ")),
                ]
            }
            8..=9 => {
                let (held, _) = self.duration(20, false);
                vec![
                    format!("held = {held}"),
                    format!("condition = {}", self.condition(depth - 1)),
                ]
            }
            10..=12 => vec![format!("once = {}", self.condition(depth - 1))],
            _ => self.window(),
        }
    }

    /// The keys of a condition on the date.
    fn window(&mut self) -> Vec<String> {
        match self.random.between(0, 2) {
            0 => vec![format!("from = {}", self.date(0, 80))],
            1 => vec![format!("until = {}", self.date(60, 230))],
            _ => vec![
                format!("from = {}", self.date(0, 60)),
                format!("until = {}", self.date(110, 230)),
            ],
        }
    }

    /// How much of a capability is asked for.
    fn threshold(&mut self) -> (String, Shape) {
        if self.random.percent(70) {
            let tens = 10 * self.random.between(0, 5);
            (tens.to_string(), Shape::Constant)
        } else {
            self.amount()
        }
    }

    // ------------------------------------------------------------------------------ the layers

    fn head(&mut self) {
        self.line("format = 1\ntitle = \"Random\"\nstart = 2025-04-10");
        let horizon = *self
            .random
            .pick(&["\"200d\"", "180", "\"6mo\"", "\"26w\"", "\"0.5y\"", "\"200d\""]);
        self.line(&format!("horizon = {horizon}"));
    }

    fn drivers(&mut self) {
        for name in ["engagement", "pressure"] {
            if !self.random.percent(60) {
                continue;
            }
            self.table(&format!("drivers.{name}"));
            let values = [
                "{ normal = { mean = 0, sd = 0.5 } }",
                "{ uniform = { min = -1, max = 1 } }",
                "{ discrete = { values = [-1, 0, 1], weights = [1, 2, 1] } }",
            ];
            let value = *self.random.pick(&values);
            self.line(&format!("value = {value}"));
            self.drivers.push(name);
        }
    }

    fn stances(&mut self) {
        if self.random.percent(50) {
            self.table("stances");
            for name in ["asking", "willing"] {
                let (chance, _) = self.chance();
                self.line(&format!("{name} = {chance}"));
                self.stances.push(name);
            }
        }
    }

    fn processes(&mut self) {
        let names = [
            "ceasefire",
            "us_support.logistics",
            "us_support.air_defence",
            "processes.planning",
        ];
        let count = self.random.between(1, 3);
        let mut written = 0;
        for (index, name) in names.into_iter().enumerate() {
            let left = names.len() - index;
            let wanted = (count - written) as usize;
            if wanted > 0 && (wanted == left || self.random.percent(60)) {
                written += 1;
                match self.random.between(0, 9) {
                    0..=5 => self.short_process(name),
                    6..=8 => self.three_state_process(name),
                    _ => self.two_state_process(name),
                }
                self.layer += 1;
            }
        }
    }

    fn short_process(&mut self, name: &str) {
        self.table(name);
        if self.random.percent(65) {
            self.write_chance(name);
        }
        if self.random.percent(85) {
            self.write_duration(name, "after", 20, false);
        }
        if self.random.percent(65) {
            self.write_duration(name, "lasts", 60, true);
            if self.random.percent(75) {
                self.write_duration(name, "again", 20, false);
            }
        }
        if self.random.percent(40) {
            let requires = self.list(1, 2, 1);
            self.line(&format!("requires = {requires}"));
        }
        self.atom(name.to_owned());
    }

    fn three_state_process(&mut self, name: &str) {
        let states = if name == "ceasefire" {
            ["fighting", "partial", "full"]
        } else {
            ["none", "draft", "signed"]
        };
        self.table(name);
        self.line(&format!(
            "states = [\"{}\", \"{}\", \"{}\"]",
            states[0], states[1], states[2]
        ));
        // The way back to the lowest state is always there if another one is the first.
        let starts_higher = self.random.percent(25);
        if starts_higher {
            self.line(&format!("initial = \"{}\"", states[1]));
        } else if self.random.percent(50) {
            let weights = if self.random.percent(50) {
                format!("{{ {} = 0.6, {} = 0.4 }}", states[0], states[1])
            } else {
                let [low, middle, high] = states;
                format!("{{ {high} = 1, {low} = 3, {middle} = 2 }}")
            };
            self.line(&format!("initial = {weights}"));
        } else {
            self.line(&format!("initial = \"{}\"", states[0]));
        }
        let mut arrows = vec![(0, 1, true), (1, 2, true)];
        for (from, to, percent) in [(0, 2, 30), (1, 0, 50), (2, 1, 50), (2, 0, 40), (0, 1, 25)] {
            let needed = starts_higher && (from, to) == (1, 0);
            arrows.push((from, to, needed || self.random.percent(percent)));
        }
        arrows.retain(|&(_, _, there)| there);
        if self.random.percent(30) {
            arrows.rotate_left(1);
        }
        for (index, (from, to, _)) in arrows.into_iter().enumerate() {
            self.transition(name, index, (states[from], states[to]), from > to);
        }
        self.atom(format!("{name}.{}", states[1]));
        self.atom(format!("{name}.{}", states[2]));
    }

    fn two_state_process(&mut self, name: &str) {
        self.table(name);
        self.line("states = [\"closed\", \"open\"]");
        self.line("initial = \"closed\"");
        self.transition(name, 0, ("closed", "open"), false);
        if self.random.percent(70) {
            self.transition(name, 1, ("open", "closed"), true);
        }
        self.atom(name.to_owned());
    }

    /// A transition; the ways down take their time, so that no process turns in circles.
    fn transition(&mut self, process: &str, index: usize, (from, to): (&str, &str), down: bool) {
        self.line(&format!(
            "\n[[{process}.transitions]]\nfrom = \"{from}\"\nto = \"{to}\""
        ));
        let table = format!("{process}.transitions.{index}");
        if self.random.percent(45) {
            self.write_chance(&table);
        }
        self.write_duration(&table, "after", 25, down);
        if self.random.percent(30) {
            let requires = self.list(1, 2, 1);
            self.line(&format!("requires = {requires}"));
        }
    }

    fn named_conditions(&mut self, names: &[&str]) {
        for name in names {
            if self.random.percent(50) {
                self.table(&format!("conditions.{name}"));
                let mut keys = self.condition_keys(2);
                if self.random.percent(25) {
                    keys.push(format!("label = \"{name}\""));
                }
                self.line(&keys.join("\n"));
                self.atom(format!("conditions.{name}"));
                self.layer += 1;
            }
        }
    }

    fn contributors(&mut self) {
        let count = self.random.between(1, 3) as usize;
        for name in ["troops", "combat_aircraft", "ships"].into_iter().take(count) {
            self.table(&format!("capabilities.{name}"));
            self.line("unit = \"units\"");
            if self.random.percent(30) {
                let initial = *self.random.pick(&["10", "25.5", "40"]);
                self.line(&format!("initial = {initial}"));
            }
            self.capabilities.push(Capability {
                name,
                supplied: false,
                closed: None,
            });
        }
        let count = self.random.between(1, 6) as usize;
        for name in ["france", "uk", "germany", "poland", "italy", "spain"]
            .into_iter()
            .take(count)
        {
            self.contributor(name);
            self.layer += 1;
            // Now and then a capability closes early, so that the next contributors can ask for it.
            let mut open = self
                .capabilities
                .iter_mut()
                .filter(|capability| capability.closed.is_none());
            if let (Some(first), Some(_)) = (open.next(), open.next())
                && first.supplied
                && self.random.percent(35)
            {
                first.closed = Some(self.layer);
                self.layer += 1;
            }
        }
        for capability in &mut self.capabilities {
            capability.closed.get_or_insert(self.layer);
        }
        self.layer += 1;
    }

    fn contributor(&mut self, name: &str) {
        let table = format!("contributors.{name}");
        self.table(&table);
        match self.random.between(0, 9) {
            0..=5 => self.write_chance(&table),
            6..=7 if !self.stances.is_empty() => {
                let stance = *self.random.pick(&self.stances);
                self.line(&format!("stance = \"{stance}\""));
                self.target(&format!("{table}.chance"), Kind::Chance, Shape::Constant);
                self.targets.last_mut().expect("just written").written = false;
            }
            _ => {}
        }
        if self.random.percent(60) {
            let requires = self.list(1, 2, 1);
            self.line(&format!("requires = {requires}"));
        }
        if self.random.percent(75) {
            self.write_duration(&table, "decision", 12, false);
        }
        let open = self
            .capabilities
            .iter()
            .enumerate()
            .filter(|(_, capability)| capability.closed.is_none());
        let mut open: Vec<usize> = open.map(|(index, _)| index).collect();
        for _ in 0..self.random.between(1, 2).min(open.len() as u64) {
            let index = open.remove(self.random.next() as usize % open.len());
            self.package(&table, index);
        }
        self.atom(table);
    }

    fn package(&mut self, contributor: &str, capability: usize) {
        let capability = &mut self.capabilities[capability];
        capability.supplied = true;
        let table = format!("{contributor}.provides.{}", capability.name);
        self.table(&table);
        let (amount, shape) = self.amount();
        self.line(&format!("amount = {amount}"));
        self.target(&format!("{table}.amount"), Kind::Amount, shape);
        if self.random.percent(80) {
            self.write_duration(&table, "notice_to_move", 15, false);
        }
        if self.random.percent(40) {
            self.write_duration(&table, "sustains", 80, false);
        }
        for (key, percent) in [("requires", 35), ("while", 30)] {
            if self.random.percent(percent) {
                let conditions = self.list(1, 2, 1);
                self.line(&format!("{key} = {conditions}"));
            }
        }
    }

    fn objectives(&mut self) {
        let count = self.random.between(1, 4) as usize;
        let names = [
            "safe_skies",
            "safe_seas",
            "peace_on_land",
            "strong_ukrainian_military",
        ];
        for name in names.into_iter().take(count) {
            self.table(&format!("objectives.{name}"));
            let requires = if self.random.percent(5) {
                "[]".to_owned()
            } else {
                let most = self.random.between(1, 3);
                self.list(1, most, 2)
            };
            self.line(&format!("requires = {requires}"));
            self.atom(format!("objectives.{name}"));
            self.layer += 1;
        }
    }

    fn mission(&mut self) {
        self.table("mission");
        if self.random.percent(25) {
            let objectives: Vec<_> = self
                .atoms
                .iter()
                .filter_map(|atom| atom.reference.strip_prefix("objectives."))
                .collect();
            let objective = (*self.random.pick(&objectives)).to_owned();
            self.line(&format!("objectives = [\"{objective}\"]"));
        }
        if self.random.percent(75) {
            let requires = self.list(1, 2, 2);
            self.line(&format!("requires = {requires}"));
        }
    }

    // ------------------------------------------------------------------------------ effects

    fn effects(&mut self) {
        for _ in 0..self.random.between(0, 4) {
            self.effect();
        }
        self.visible = usize::MAX;
    }

    /// An effect, if there is anything for its cause to affect.
    fn effect(&mut self) {
        // The first layer that may be affected: all, if the cause is a driver.
        let by_driver = !self.drivers.is_empty() && self.random.percent(50);
        let after = if by_driver {
            0
        } else {
            self.random.between(1, self.layer as u64) as usize
        };
        let mut lists = String::new();
        let kinds: &[&str] = match self.random.between(0, 7) {
            0..=2 => &["odds"],
            3..=4 => &["hazard"],
            5..=6 => &["scale"],
            _ => &["odds", "scale"],
        };
        for kind in kinds {
            let mut patterns: Vec<String> = Vec::new();
            for _ in 0..self.random.between(1, 2) {
                // No quantity is named twice by one effect.
                let pattern = self.pattern(kind, after);
                patterns.extend(pattern.filter(|pattern| !self.overlap(pattern, &patterns)));
            }
            if !patterns.is_empty() {
                writeln!(lists, "{kind} = {patterns:?}").expect("a string takes all");
            }
        }
        if lists.is_empty() {
            return;
        }
        let (cause, ratios) = if by_driver {
            let driver = format!("\"drivers.{}\"", self.random.pick(&self.drivers));
            (
                driver,
                ["0.7", "1.5", "2", "{ uniform = { min = 0.7, max = 1.6 } }"],
            )
        } else {
            self.visible = after - 1;
            (
                self.condition(1),
                [
                    "0.3",
                    "1.8",
                    "4",
                    "{ triangular = { min = 0.5, mode = 1, max = 2.5 } }",
                ],
            )
        };
        let ratio = *self.random.pick(&ratios);
        self.line(&format!(
            "\n[[effects]]\ncause = {cause}\n{}ratio = {ratio}",
            lists
        ));
    }

    /// An address, or a pattern, of quantities from a layer on that an effect of this kind may affect.
    fn pattern(&mut self, kind: &str, after: usize) -> Option<String> {
        let fits = |target: &Target| {
            target.layer >= after
                && match kind {
                    "odds" => target.kind == Kind::Chance,
                    "hazard" => target.kind == Kind::Duration && target.shape == Shape::Hazard,
                    _ => target.kind != Kind::Chance,
                }
        };
        let targets: Vec<_> = self
            .targets
            .iter()
            .filter(|target| target.written && fits(target))
            .collect();
        if targets.is_empty() {
            return None;
        }
        let address = self.random.pick(&targets).address.clone();
        if self.random.percent(40) {
            // A wildcard in place of one or more names, if it means nothing that it must not.
            let mut keys: Vec<&str> = address.split('.').collect();
            for index in 1..keys.len() - 1 {
                if !["provides", "transitions"].contains(&keys[index]) && self.random.percent(70) {
                    keys[index] = "*";
                }
            }
            let pattern = keys.join(".");
            let mut meant = self
                .targets
                .iter()
                .filter(|target| means(&pattern, &target.address));
            if meant.all(fits) {
                return Some(pattern);
            }
        }
        Some(address)
    }

    /// Whether there is a quantity that both `pattern` and one of `others` mean.
    fn overlap(&self, pattern: &str, others: &[String]) -> bool {
        let mut meant = self
            .targets
            .iter()
            .filter(|target| means(pattern, &target.address));
        meant.any(|target| others.iter().any(|other| means(other, &target.address)))
    }

    fn correlations(&mut self) {
        if !self.random.percent(35) {
            return;
        }
        let drawn = |target: &&Target| {
            target.written && (target.kind == Kind::Chance) == (target.shape == Shape::Constant)
        };
        let mut members: Vec<String> = self
            .targets
            .iter()
            .filter(drawn)
            .map(|target| target.address.clone())
            .collect();
        members.extend(self.drivers.iter().map(|name| format!("drivers.{name}.value")));
        let mut of = Vec::new();
        while !members.is_empty() && of.len() < 3 {
            of.push(members.remove(self.random.next() as usize % members.len()));
        }
        if of.len() < 2 {
            return;
        }
        let how = match self.random.between(0, 3) {
            0 if of.len() == 2 => "matrix = [[1, 0.4], [0.4, 1]]",
            0 => "matrix = [[1, 0.5, 0.2], [0.5, 1, -0.3], [0.2, -0.3, 1]]",
            1 => "rho = -0.4",
            _ => "rho = 0.6",
        };
        self.line(&format!("\n[[correlations]]\nof = {of:?}\n{how}"));
    }
}

/// Whether a pattern means an address; `*` stands for one key.
fn means(pattern: &str, address: &str) -> bool {
    let (pattern, address) = (pattern.split('.'), address.split('.'));
    pattern.clone().count() == address.clone().count()
        && pattern.zip(address).all(|(key, name)| key == "*" || key == name)
}
