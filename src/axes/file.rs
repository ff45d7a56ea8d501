//! Sweeps as they are written in files.

use super::steps::{By, Steps};
use super::{Axes, Axis, Combination, Measure, Spread, Values, refuse_settings, short};
use crate::diagnostic::{Diagnostic, Diagnostics, Rule, Span, suggest};
use crate::sampling::{Method, SAMPLERS, sampler};
use crate::scenario::Format;
use crate::scenario::address::Address;
use crate::scenario::quantity::{Given, Latent, Of};
use crate::scenario::read::{Definitions, Placed, Read, Reader, record};
use crate::scenario::tree::{Node, Value};

record! {
    /// A sweep: a scenario, and what is varied in it.
    SweepFile ("a sweep") {
        /// Version of the language; 1.
        format ("format"): Format,
        /// What the sweep is about, in a line.
        title ("title"): Option<String>,
        /// The scenario, a path from this file.
        scenario ("scenario"): Placed<String>,
        /// How the axes are put together: `grid` (if absent), `zip` or `list`.
        combine ("combine"): Option<Placed<String>>,
        /// Points that are spread evenly over all axes, in place of single values.
        design ("design"): Option<WrittenDesign>,
        /// The figures that are wanted, as `--metric` names them.
        metrics ("metrics"): Vec<Placed<String>>,
        /// What is varied.
        axes ("axes"): Vec<WrittenAxis>,
    }
}

record! {
    /// Points that are spread evenly over all axes.
    WrittenDesign ("a design") {
        /// How they are spread: the name of a sampler.
        method ("method"): Placed<String>,
        /// How many.
        points ("points"): Placed<u64>,
        /// Where the spreading starts from; 1 if absent.
        seed ("seed"): Option<u64>,
    }
}

record! {
    /// An axis of a sweep.
    WrittenAxis ("an axis") {
        /// What is varied.
        one ("address"): Option<Address>,
        /// Several that move together.
        several ("addresses"): Vec<Address>,
        /// The values that it takes.
        values ("values"): Option<Texts>,
        /// What stands in the file, times each of these.
        multiply ("multiply"): Vec<f64>,
        /// The first of equal steps, or the lower end of a range.
        from ("from"): Option<Measure>,
        /// The last of them, or the upper end.
        to ("to"): Option<Measure>,
        /// How many values from the first to the last.
        steps ("steps"): Option<Placed<u64>>,
        /// `linear` (if absent) or `log`.
        scale ("scale"): Option<Placed<String>>,
        /// The distribution that a design draws from.
        distribution ("distribution"): Option<Drawn>,
    }
}

impl Read for Measure {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let measure = match &node.value {
            Value::Text(text) => Self::read(text).filter(|measure| measure.is_in_days),
            _ => node.number().map(|value| Self {
                value,
                is_in_days: false,
            }),
        };
        if measure.is_none() {
            reader.no_number(node, at, "a number, or a duration with its unit");
        }
        measure
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "type": ["number", "string"] })
    }
}

/// A distribution that a design draws from.
#[derive(Clone, Debug)]
pub struct Drawn {
    quantity: Of<Latent>,
    /// It as TOML.
    text: String,
}

impl Read for Drawn {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        Some(Self {
            quantity: Of::read(node, at, reader)?,
            text: node.to_toml(),
        })
    }

    fn schema(definitions: &mut Definitions) -> serde_json::Value {
        Of::<Latent>::schema(definitions)
    }
}

impl Drawn {
    /// What a design draws from.
    ///
    /// # Errors
    /// A sentence, if it is a number.
    pub(super) fn spread(&self) -> Result<Spread, String> {
        match &self.quantity.quantity.given {
            Given::Uncertain(law) => Ok(Spread::Law(law.clone(), self.text.clone())),
            Given::Constant(_) => Err("a number is no distribution".to_owned()),
        }
    }
}

/// Values as TOML.
#[derive(Clone, Debug)]
pub struct Texts(Vec<String>);

impl Read for Texts {
    fn read(node: &Node, at: &Address, reader: &mut Reader<'_>) -> Option<Self> {
        let Value::List(items) = &node.value else {
            reader.wrong_type(node, at, "a list of values");
            return None;
        };
        Some(Self(items.iter().map(Node::to_toml).collect()))
    }

    fn schema(_: &mut Definitions) -> serde_json::Value {
        serde_json::json!({ "type": "array", "minItems": 1 })
    }
}

impl SweepFile {
    /// Its axes, put together; faults are reported.
    #[must_use]
    pub fn axes(&self, diagnostics: &mut Diagnostics) -> Option<Axes> {
        let axes: Vec<Option<Axis>> = self.axes.iter().map(|axis| axis.meant(diagnostics)).collect();
        let combination = self.combination(diagnostics)?;
        let axes = axes.into_iter().collect::<Option<Vec<Axis>>>()?;
        match Axes::new(axes, combination) {
            Ok(axes) => Some(axes),
            Err(message) => {
                refuse(diagnostics, self.joint(), message, None);
                None
            }
        }
    }

    /// Where it says how axes are put together: a design, a combination, or else the last axis, which the others do not go with.
    fn joint(&self) -> Span {
        let design = self.design.as_ref().map(|design| design.method.span);
        let combine = self.combine.as_ref().map(|combine| combine.span);
        let axis = self.axes.last().map(|axis| axis.span);
        design.or(combine).or(axis).unwrap_or(self.scenario.span)
    }

    fn combination(&self, diagnostics: &mut Diagnostics) -> Option<Combination> {
        if let (Some(_), Some(combine)) = (&self.design, &self.combine) {
            let message =
                "a design spreads points over all axes together, and leaves nothing to combine".to_owned();
            refuse(
                diagnostics,
                combine.span,
                message,
                Some("leave out one of `combine` and `design`".to_owned()),
            );
            return None;
        }
        if let Some(design) = &self.design {
            let Some(known) = sampler(&design.method.value).filter(|known| known.method != Method::Random)
            else {
                let names = SAMPLERS.iter().filter(|known| known.method != Method::Random);
                let help = suggest(&design.method.value, names.map(|known| known.name));
                let message = format!("there is no design `{}`", design.method.value);
                refuse(diagnostics, design.method.span, message, help);
                return None;
            };
            return Some(Combination::Design {
                method: known.method,
                points: design.points.value,
                seed: design.seed.unwrap_or(1),
            });
        }
        let Some(combine) = &self.combine else {
            return Some(Combination::Grid);
        };
        let found = COMBINATIONS.iter().find(|(name, _)| *name == combine.value);
        if found.is_none() {
            let help = suggest(&combine.value, COMBINATIONS.iter().map(|(name, _)| *name));
            let message = format!("axes cannot be combined as `{}`", combine.value);
            refuse(diagnostics, combine.span, message, help);
        }
        found.map(|(_, combination)| *combination)
    }
}

/// The combinations of single values, by name.
pub const COMBINATIONS: [(&str, Combination); 3] = [
    ("grid", Combination::Grid),
    ("zip", Combination::Zip),
    ("list", Combination::List),
];

fn refuse(diagnostics: &mut Diagnostics, span: Span, message: String, help: Option<String>) {
    diagnostics.push(Diagnostic::at(Rule::ImpossibleAxis, span, message, "").maybe_help(help));
}

impl WrittenAxis {
    /// What it means; faults are reported.
    fn meant(&self, diagnostics: &mut Diagnostics) -> Option<Axis> {
        let mut fault = |message: &str, help: &str| {
            refuse(diagnostics, self.span, message.to_owned(), Some(help.to_owned()));
        };
        let addresses: Vec<Address> = self.one.iter().chain(&self.several).cloned().collect();
        if addresses.is_empty() {
            fault(
                "an axis needs an address",
                "address = \"us_support.logistics.chance\"",
            );
            return None;
        }
        if let Err(message) = refuse_settings(&addresses) {
            fault(&message, "vary something that the scenario says of the world");
            return None;
        }
        if self.one.is_some() && !self.several.is_empty() {
            fault(
                "an axis has one address or several",
                "give it one of `address` and `addresses`",
            );
            return None;
        }
        let given = [
            self.values.is_some(),
            !self.multiply.is_empty(),
            self.from.is_some() || self.to.is_some(),
            self.distribution.is_some(),
        ];
        if given.into_iter().filter(|is_given| *is_given).count() != 1 {
            fault(
                "an axis takes its values in one way",
                "give it one of `values`, `multiply`, `from` and `to`, and `distribution`",
            );
            return None;
        }
        let name: Vec<String> = addresses.iter().map(Address::on_command_line).collect();
        let mut name = name.join(" & ");
        if !self.multiply.is_empty() {
            name.push('*');
        }
        let values = match self.taken() {
            Ok(values) => values,
            Err(message) => {
                fault(&message, "such as from = 0, to = 1, steps = 11");
                return None;
            }
        };
        Some(Axis {
            name,
            addresses,
            values,
            is_in_days: [self.from, self.to]
                .into_iter()
                .flatten()
                .any(|end| end.is_in_days),
        })
    }

    /// The values that it takes.
    fn taken(&self) -> Result<Values, String> {
        if let Some(values) = &self.values {
            return if values.0.is_empty() {
                Err("an axis needs a value".to_owned())
            } else {
                Ok(Values::Each(values.0.clone()))
            };
        }
        if !self.multiply.is_empty() {
            return match self.multiply.iter().find(|factor| **factor < 0.0) {
                Some(factor) => Err(format!(
                    "{factor} is no factor: a number of at least 0 is expected"
                )),
                None => Ok(Values::Times(self.multiply.iter().copied().map(short).collect())),
            };
        }
        if let Some(distribution) = &self.distribution {
            return distribution.spread().map(Values::Spread);
        }
        let [from, to] = [self.from, self.to].map(|end| end.map(|end| end.value));
        let (Some(from), Some(to)) = (from, to) else {
            return Err("a range has both ends, `from` and `to`".to_owned());
        };
        let is_log = match self.scale.as_ref().map(|scale| scale.value.as_str()) {
            None | Some("linear") => false,
            Some("log") if from > 0.0 && to > 0.0 => true,
            Some("log") => return Err("a logarithmic range lies above 0".to_owned()),
            Some(other) => return Err(format!("`{other}` is no scale: `linear` and `log` are")),
        };
        match &self.steps {
            None if from >= to => Err(format!("a range rises: {from} is not below {to}")),
            None if is_log => Ok(Values::Spread(Spread::Logarithmic(short(from), short(to)))),
            None => Ok(Values::Spread(Spread::Even(short(from), short(to)))),
            Some(steps) => {
                let count = u32::try_from(steps.value).unwrap_or(u32::MAX);
                let by = if is_log { By::Ratios } else { By::Differences };
                Steps::new(from, to, by(count)).map(Values::Steps)
            }
        }
    }
}
