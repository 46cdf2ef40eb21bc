//! Versions of functions: a version keeps the configuration it was published with, so a changed
//! parameter must publish a new one. Its description, made of the parameters, sees to that.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::template::{Function, functions, read_yaml};

/// What Lambda allows.
const LONGEST_DESCRIPTION: usize = 256;

/// Names between `${` and `}`.
fn placeholders(text: &str) -> Vec<&str> {
    text.split("${").skip(1).map(|rest| rest.split('}').next().unwrap()).collect()
}

/// Everything that a value refers to, and what decides between its alternatives.
fn references(value: &Value, conditions: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                match (name.as_str(), inner) {
                    ("Ref", Value::String(name)) => {
                        found.insert(name.clone());
                    }
                    ("Fn::Sub", Value::String(text)) => {
                        found.extend(placeholders(text).into_iter().map(str::to_owned));
                    }
                    ("Fn::If", Value::Array(parts)) => {
                        let condition = parts[0].as_str().unwrap();
                        references(&conditions[condition], conditions, found);
                        references(inner, conditions, found);
                    }
                    _ => references(inner, conditions, found),
                }
            }
        }
        Value::Array(items) => {
            items.iter().for_each(|item| references(item, conditions, found));
        }
        _ => {}
    }
}

fn description(function: &Function) -> &Value {
    let description = &function.properties["VersionDescription"];
    assert!(!description.is_null(), "{} has no VersionDescription", function.id);
    description
}

#[test]
fn a_changed_parameter_publishes_a_new_version() {
    let template = read_yaml("infra/template.yaml");
    let parameters = template["Parameters"].as_object().unwrap();
    for function in functions() {
        let mut used = BTreeSet::new();
        for part in ["Environment", "LoggingConfig"] {
            references(&function.properties[part], &template["Conditions"], &mut used);
        }
        references(&template["Globals"]["Function"]["Architectures"], &Value::Null, &mut used);
        used.retain(|name| parameters.contains_key(name));
        let mut described = BTreeSet::new();
        references(description(&function), &template["Conditions"], &mut described);
        assert_eq!(described, used, "{}: described = used", function.id);
    }
}

/// The most characters that a value of a parameter has.
fn longest(name: &str, parameters: &Value) -> usize {
    let parameter = &parameters[name];
    if let Some(values) = parameter["AllowedValues"].as_array() {
        return values.iter().map(|value| value.as_str().unwrap().len()).max().unwrap();
    }
    if let Some(greatest) = parameter["MaxValue"].as_i64() {
        return greatest.to_string().len();
    }
    let length = parameter["MaxLength"].as_u64();
    usize::try_from(length.unwrap_or_else(|| panic!("{name} has no MaxLength"))).unwrap()
}

/// The most characters that a value of the template comes to.
fn longest_of(value: &Value, parameters: &Value) -> usize {
    if let Some(text) = value.as_str() {
        return text.len();
    }
    let (function, argument) = value.as_object().unwrap().iter().next().unwrap();
    match function.as_str() {
        "Ref" => longest(argument.as_str().unwrap(), parameters),
        "Fn::Sub" => {
            let text = argument.as_str().unwrap();
            placeholders(text).into_iter().fold(text.len(), |length, name| {
                length - "${}".len() - name.len() + longest(name, parameters)
            })
        }
        "Fn::If" => (1..=2).map(|at| longest_of(&argument[at], parameters)).max().unwrap(),
        "Fn::Join" => {
            let parts = argument[1].as_array().unwrap();
            let between = argument[0].as_str().unwrap().len() * (parts.len() - 1);
            between + parts.iter().map(|part| longest_of(part, parameters)).sum::<usize>()
        }
        other => panic!("{other} in a VersionDescription"),
    }
}

#[test]
fn no_values_make_a_description_too_long() {
    let parameters = read_yaml("infra/template.yaml")["Parameters"].clone();
    for function in functions() {
        let longest = longest_of(description(&function), &parameters);
        assert!(longest <= LONGEST_DESCRIPTION, "{}: up to {longest} characters", function.id);
    }
}
