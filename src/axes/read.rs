//! Axes as they are written on the command line.

use std::path::Path;

use super::file::Drawn;
use super::steps::{By, Steps};
use super::{Axis, Measure, Spread, Values, number, refuse_settings, short};
use crate::diagnostic::{Diagnostics, Sources};
use crate::scenario::address::{Address, split_at_sign};
use crate::scenario::read::{Read, Reader};
use crate::scenario::tree::{self, Node, Value};

impl Axis {
    /// Reads `ADDRESS=VALUES` or `ADDRESS*=FACTORS`; several addresses that move together are joined by `&`. Values are a list
    /// `A,B,C` of TOML values, steps `FROM:TO:STEP`, so many equal or logarithmic steps `FROM:TO:lin5` and `FROM:TO:log5`, or for designs a range
    /// `FROM..TO` or `FROM..TO:log`. `ADDRESS~DISTRIBUTION` draws from a distribution, for designs too.
    ///
    /// # Errors
    /// A sentence about what is wrong, with what was expected.
    pub fn read(text: &str) -> Result<Self, String> {
        let (left, sign, right) = split_at_sign(text, &['=', '~']).ok_or_else(|| {
            "an axis is ADDRESS=VALUES, such as us_support.logistics.chance=0:1:0.1".to_owned()
        })?;
        let left = left.trim();
        // `stances.*` is a pattern, `stances.**` a pattern that is multiplied.
        let multiplied = left
            .strip_suffix('*')
            .filter(|rest| !rest.ends_with('.') && !rest.is_empty());
        let addresses = addresses(multiplied.unwrap_or(left))?;
        refuse_settings(&addresses)?;
        let (values, is_in_days) = match sign {
            '~' => (Values::Spread(distribution(right.trim())?), false),
            _ => values(right.trim())?,
        };
        let values = match (multiplied, values) {
            (None, values) => values,
            (Some(_), _) if is_in_days => {
                return Err("what stands in the file is multiplied by factors, not by durations".to_owned());
            }
            (Some(_), Values::Each(factors)) => Values::Times(self::factors(&factors)?),
            (Some(_), Values::Steps(steps)) => {
                let texts: Vec<String> = (0..steps.len()).map(|place| number(steps.at(place))).collect();
                Values::Times(factors(&texts)?)
            }
            (Some(_), _) => {
                return Err(
                    "what stands in the file is multiplied by single factors, not by a range".to_owned(),
                );
            }
        };
        Ok(Self {
            name: left.to_owned(),
            addresses,
            values,
            is_in_days,
        })
    }
}

/// Addresses between `&`.
fn addresses(text: &str) -> Result<Vec<Address>, String> {
    let (first, rest) = match split_at_sign(text, &['&']) {
        Some((first, _, rest)) => (first, Some(rest)),
        None => (text, None),
    };
    let address = Address::parse(first).map_err(|message| format!("`{first}` is no address: {message}"))?;
    let others = rest.map_or(Ok(Vec::new()), addresses)?;
    Ok([vec![address], others].concat())
}

/// A distribution, as a file would have it.
fn distribution(text: &str) -> Result<Spread, String> {
    let mut sources = Sources::default();
    let source = sources.add("axis", format!("_ = {text}"));
    let mut diagnostics = Diagnostics::default();
    let root = tree::parse(&sources, source, &mut diagnostics);
    let mut open = |_: &Path, _: usize| Err("an axis reads no files".to_owned());
    let mut reader = Reader {
        diagnostics: &mut diagnostics,
        open: &mut open,
        opened: Vec::new(),
        whole: "the axis",
    };
    let node = root.table().and_then(|table| table.get("_"));
    let drawn = node.and_then(|entry| Drawn::read(&entry.node, &Address::root(), &mut reader));
    match (drawn, diagnostics.in_order().first()) {
        (Some(drawn), None) => drawn.spread(),
        (_, fault) => {
            let fault = fault.map_or_else(String::new, |fault| format!(": {}", fault.message));
            Err(format!(
                "`{text}` is no distribution{fault}; such as {{ triangular = {{ min = 0.2, mode = 0.4, max = 0.8 }} }}"
            ))
        }
    }
}

/// Factors: numbers, of which none is below 0.
fn factors(texts: &[String]) -> Result<Vec<f64>, String> {
    let factor = |text: &String| match text.parse::<f64>() {
        Ok(factor) if factor.is_finite() && factor >= 0.0 => Ok(short(factor)),
        _ => Err(format!(
            "`{text}` is no factor: a number of at least 0 is expected"
        )),
    };
    texts.iter().map(factor).collect()
}

/// The values on the right side, and whether they are days.
fn values(text: &str) -> Result<(Values, bool), String> {
    if text.is_empty() {
        return Err("values are expected behind `=`, such as 0:1:0.1 or 0.2,0.5".to_owned());
    }
    if let Some((from, rest)) = text.split_once("..") {
        let (to, scale) = rest.split_once(':').unwrap_or((rest, ""));
        if let (Some(from), Some(to)) = (Measure::read(from), Measure::read(to)) {
            let spread = spread(from.value, to.value, scale)?;
            return Ok((Values::Spread(spread), from.is_in_days || to.is_in_days));
        }
    }
    let parts: Vec<&str> = text.split(':').collect();
    let ends = (
        Measure::read(parts[0]),
        parts.get(1).and_then(|to| Measure::read(to)),
    );
    match (&parts[..], ends) {
        ([_, _, step], (Some(from), Some(to))) => {
            let steps = steps(from.value, to.value, step)?;
            Ok((Values::Steps(steps), from.is_in_days || to.is_in_days))
        }
        ([_, _], (Some(_), Some(_))) => Err(format!(
            "`{text}` has two ends and no step; write {text}:STEP, or {text}:lin5 for five equal steps"
        )),
        _ => list(text).map(|values| (Values::Each(values), false)),
    }
}

/// A range for a design.
fn spread(from: f64, to: f64, scale: &str) -> Result<Spread, String> {
    match scale.trim() {
        _ if from >= to => Err(format!("a range rises: {from} is not below {to}")),
        "" => Ok(Spread::Even(short(from), short(to))),
        "log" if from > 0.0 => Ok(Spread::Logarithmic(short(from), short(to))),
        "log" => Err(format!("a logarithmic range begins above 0, not at {from}")),
        other => Err(format!("`{other}` is no scale of a range: `log` is the only one")),
    }
}

/// `FROM:TO:STEP`, or `FROM:TO:linN` or `FROM:TO:logN` with N values in equal differences or ratios.
fn steps(from: f64, to: f64, step: &str) -> Result<Steps, String> {
    let step = step.trim();
    let count = |text: &str| {
        let refuse = |_| format!("`{step}` is no number of steps: lin5 and log5 make five values");
        text.parse().map_err(refuse)
    };
    if let Some(text) = step.strip_prefix("lin") {
        return Steps::new(from, to, By::Differences(count(text)?));
    }
    if let Some(text) = step.strip_prefix("log") {
        return Steps::new(from, to, By::Ratios(count(text)?));
    }
    let size = Measure::read(step).map(|step| step.value);
    let size = size.filter(|&size| size != 0.0).ok_or_else(|| {
        format!(
            "`{step}` is no step: a number other than 0, or lin5 or log5 for five equal or logarithmic steps, is expected"
        )
    })?;
    Steps::new(from, to, By::Step(size))
}

/// TOML values between commas.
fn list(text: &str) -> Result<Vec<String>, String> {
    let prefix = "_ = [";
    let mut sources = Sources::default();
    let source = sources.add("axis", format!("{prefix}{text}]"));
    let mut diagnostics = Diagnostics::default();
    let root = tree::parse(&sources, source, &mut diagnostics);
    if let Some(fault) = diagnostics.in_order().first() {
        let label = fault.place.as_ref().map_or("", |(_, label)| label.as_str());
        let help = fault.help.first().map_or(
            "a text needs quotes, as in a file: '\"30d\",\"60d\"'",
            String::as_str,
        );
        return Err(format!("`{text}` is no list of values: {label}; {help}"));
    }
    let items = root.table().and_then(|table| match &table.get("_")?.node.value {
        Value::List(items) => Some(items),
        _ => None,
    });
    let whole = &sources.all()[source].text;
    let text_of = |node: &Node| whole[node.span.start..node.span.end].to_owned();
    let values: Vec<String> = items.into_iter().flatten().map(text_of).collect();
    if values.is_empty() {
        return Err("values are expected behind `=`, such as 0:1:0.1 or 0.2,0.5".to_owned());
    }
    Ok(values)
}
