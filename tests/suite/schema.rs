//! The JSON Schema of the language, held against scenarios with an independent validator.

use std::fs;
use std::path::{Path, PathBuf};

use ceasefire::diagnostic::Rule;
use ceasefire::scenario;
use jsonschema::Validator;
use serde_json::Value as Json;

use crate::generator;
use crate::properties::MIXED;
use crate::rejected::{files, rule_of};

/// Rules about the form of a file, which the schema knows as well as the checker does. What needs more than the place
/// of a value, such as what a name refers to or which numbers are possible together, it cannot know.
const OF_FORM: [Rule; 5] = [
    Rule::Format,
    Rule::UnknownKey,
    Rule::MissingKey,
    Rule::WrongType,
    Rule::UnknownFamily,
];

/// A fault of form that lies in what is missing altogether: an effect without any kind of target.
const BEYOND_FORM: &str = "missing-key-effect-without-target";

fn validator() -> Validator {
    jsonschema::validator_for(&scenario::schema()).expect("the schema is one")
}

/// TOML as an editor shows it to a JSON Schema: dates are texts.
fn json(value: &toml::Value) -> Json {
    match value {
        toml::Value::String(text) => Json::from(text.as_str()),
        toml::Value::Integer(whole) => Json::from(*whole),
        toml::Value::Float(number) => Json::from(*number),
        toml::Value::Boolean(yes) => Json::from(*yes),
        toml::Value::Datetime(moment) => Json::from(moment.to_string()),
        toml::Value::Array(items) => items.iter().map(json).collect(),
        toml::Value::Table(table) => table
            .iter()
            .map(|(key, value)| (key.clone(), json(value)))
            .collect(),
    }
}

/// All that the validator finds wrong with a text.
fn faults(validator: &Validator, text: &str) -> Vec<String> {
    let table: toml::Table = text.parse().expect("it is TOML");
    let instance = json(&toml::Value::Table(table));
    validator
        .iter_errors(&instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(&scenario::schema()));
}

#[test]
fn every_shipped_scenario_is_valid() {
    let validator = validator();
    let entries = fs::read_dir("scenarios").expect("the folder is there");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("it can be listed").path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "toml"));
    assert!(paths.len() >= 7, "{paths:?}");
    paths.push(Path::new("src/scenario/template.toml").to_owned());
    for path in paths {
        let text = fs::read_to_string(&path).expect("it can be read");
        assert_eq!(
            faults(&validator, &text),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
}

/// Whatever the checker accepts, the schema accepts: random scenarios, and one with a little of everything.
#[test]
fn what_the_checker_accepts_is_valid() {
    let validator = validator();
    for text in [MIXED.to_owned()]
        .into_iter()
        .chain((0..200).map(generator::scenario))
    {
        assert_eq!(faults(&validator, &text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn what_is_faulty_in_form_is_not_valid() {
    let validator = validator();
    let is_of_form =
        |path: &PathBuf| OF_FORM.contains(&rule_of(path)) && path.file_stem() != Some(BEYOND_FORM.as_ref());
    for path in files().into_iter().filter(is_of_form) {
        let text = fs::read_to_string(&path).expect("it can be read");
        assert!(!faults(&validator, &text).is_empty(), "{} passes", path.display());
    }
}

/// Every key has a description, for the editor to show.
#[test]
fn every_key_is_described() {
    let schema = scenario::schema();
    let mut missing = Vec::new();
    let definitions = schema["$defs"].as_object().expect("there are definitions");
    for (name, definition) in definitions.iter().chain([(&"the scenario".to_owned(), &schema)]) {
        for (key, property) in definition["properties"].as_object().into_iter().flatten() {
            if !property["description"].is_string() && key != "$schema" {
                missing.push(format!("{key} of {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:?}");
}
