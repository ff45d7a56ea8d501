//! The JSON Schema of quantities.

use serde_json::json;

use super::{Dimension, Latent, UNITS};
use crate::distribution::{FAMILIES, Family, ParameterKind};
use crate::scenario::read::{Definitions, define, described, remark_schema};

/// The schema of a number as a dimension writes it.
pub(super) fn number_schema<D: Dimension>() -> serde_json::Value {
    let mut number = json!({ "type": "number" });
    if D::LEAST.is_finite() {
        number[if D::ZERO { "minimum" } else { "exclusiveMinimum" }] = json!(D::LEAST);
    }
    if D::MOST.is_finite() {
        number["maximum"] = json!(D::MOST);
    }
    if !D::IN_DAYS {
        return number;
    }
    let units: Vec<&str> = UNITS.iter().map(|(suffix, _, _)| *suffix).collect();
    let pattern = format!("^\\s*\\+?[0-9_]*\\.?[0-9_]+\\s*({})\\s*$", units.join("|"));
    json!({ "anyOf": [number, { "type": "string", "pattern": pattern }], "description": "A number of days, or a text with a unit: d, w, mo, y." })
}

/// The schema of all families, with the parameters written in one dimension.
pub(super) fn distribution_schema<D: Dimension>(definitions: &mut Definitions) -> serde_json::Value {
    let name = format!("{}Distribution", D::SCHEMA);
    define(&name, definitions, |_| {
        let families: Vec<serde_json::Value> = FAMILIES
            .iter()
            .map(|family| family_schema::<D>(family, &name))
            .collect();
        json!({ "description": "A distribution: one family with its parameters.", "oneOf": families })
    })
}

fn family_schema<D: Dimension>(family: &Family, own_name: &str) -> serde_json::Value {
    // Parameters of a law that is truncated may lie where its values cannot, so they are not held to the range.
    let value = if D::IN_DAYS {
        number_schema::<Latent>()
    } else {
        json!({ "type": "number" })
    };
    let value = if D::IN_DAYS {
        json!({ "anyOf": [value, { "type": "string" }] })
    } else {
        value
    };
    let mut properties = remark_schema();
    let mut patterns = serde_json::Map::new();
    for parameter in family.parameters {
        let schema = match parameter.kind {
            ParameterKind::Value => value.clone(),
            ParameterKind::Number => json!({ "type": "number" }),
            ParameterKind::Count => json!({ "type": "integer", "minimum": 0 }),
            ParameterKind::Values => json!({ "type": "array", "items": value.clone(), "minItems": 1 }),
            ParameterKind::Numbers => {
                json!({ "type": "array", "items": { "type": "number" }, "minItems": 1 })
            }
            ParameterKind::Laws => {
                json!({ "type": "array", "items": { "$ref": format!("#/$defs/{own_name}") }, "minItems": 1 })
            }
            ParameterKind::Text => json!({ "type": "string" }),
        };
        let schema = described(schema, parameter.meaning);
        if parameter.key == "p*" {
            patterns.insert("^p[0-9]+([._][0-9]+)?$".to_owned(), schema);
        } else {
            properties.insert(parameter.key.to_owned(), schema);
        }
    }
    for (key, meaning) in [
        ("at_least", "The distribution given that it is at least this."),
        ("at_most", "The distribution given that it is at most this."),
    ] {
        properties.insert(key.to_owned(), described(value.clone(), meaning));
    }
    let mut parameters = json!({ "type": "object", "properties": properties, "patternProperties": patterns, "additionalProperties": false });
    if patterns_are_closed(family) {
        parameters["anyOf"] = family
            .alternatives
            .iter()
            .map(|keys| json!({ "required": keys }))
            .collect();
    }
    json!({
        "type": "object",
        "description": family.summary,
        "properties": { family.name: parameters, "note": { "type": "string" }, "source": { "type": "string" } },
        "required": [family.name],
        "additionalProperties": false,
    })
}

/// Whether a family's parameters can be listed (percentiles cannot).
fn patterns_are_closed(family: &Family) -> bool {
    family.parameters.iter().all(|parameter| parameter.key != "p*")
}
