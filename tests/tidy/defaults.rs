//! Defaults: what a function takes for a variable that is not set is what the template sets.

use serde_json::Value;

use crate::template::{functions, read_yaml, sources};

/// The value that an expression stands for: a text, or a product of numbers and of constants of the
/// same sources. None for anything else.
fn value(expression: &str, source: &str) -> Option<String> {
    let expression = expression.trim();
    if let Some(text) = expression.strip_prefix('"') {
        return Some(text.split('"').next()?.to_owned());
    }
    let factors = expression.split('*').map(|factor| number(factor.trim(), source));
    let product = factors.reduce(|a, b| a?.checked_mul(b?))??;
    Some(product.to_string())
}

/// A number as Rust writes it, or a constant that is one.
fn number(text: &str, source: &str) -> Option<u64> {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        let digits: String = text.chars().filter(|c| *c != '_').collect();
        return digits.split(['u', 'i']).next()?.parse().ok();
    }
    let (_, rest) = source.split_once(&format!("const {text}:"))?;
    let (_, expression) = rest.split(';').next()?.split_once('=')?;
    value(expression, source)?.parse().ok()
}

/// How the code reads a variable that need not be set: its default, and the range of its values.
fn read_in<'a>(source: &'a str, variable: &str) -> Option<(&'a str, Option<&'a str>)> {
    let arguments = |call: &str| {
        let (_, rest) = source.split_once(&format!("{call}(\"{variable}\","))?;
        let mut open = 0;
        let mut quoted = false;
        let end = rest.char_indices().find(|(_, c)| {
            match c {
                '"' => quoted = !quoted,
                '(' if !quoted => open += 1,
                ')' if !quoted => open -= 1,
                _ => {}
            }
            open < 0
        });
        Some(rest[..end?.0].trim().trim_end_matches(','))
    };
    match arguments("bounded") {
        Some(both) => both.split_once(',').map(|(default, range)| (default, Some(range.trim()))),
        None => arguments("optional").map(|default| (default, None)),
    }
}

/// What the template sets a variable to, if nobody says otherwise.
fn default_of(setting: &Value, parameters: &Value) -> Option<String> {
    let value = match setting["Ref"].as_str() {
        Some(parameter) => &parameters[parameter]["Default"],
        None => setting,
    };
    match value {
        // An empty variable counts as one that is not set.
        Value::String(text) => (!text.is_empty()).then(|| text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Calls with every variable of every function, what the template sets it to, and the sources.
fn for_each_variable(mut check: impl FnMut(&str, &Value, &str)) {
    for function in functions() {
        let source = sources(&function.folder.join("src"));
        let variables = function.properties["Environment"]["Variables"].as_object();
        for (variable, setting) in variables.into_iter().flatten() {
            check(variable, setting, &source);
        }
    }
}

#[test]
fn the_defaults_of_the_template_are_those_of_the_code() {
    let parameters = read_yaml("infra/template.yaml")["Parameters"].clone();
    let mut compared = 0;
    for_each_variable(|variable, setting, source| {
        let in_code = read_in(source, variable).and_then(|(text, _)| value(text, source));
        let in_template = default_of(setting, &parameters);
        if let (Some(in_code), Some(in_template)) = (in_code, in_template) {
            assert_eq!(in_code, in_template, "{variable}: code = template");
            compared += 1;
        }
    });
    assert!(compared >= 10, "only {compared} defaults are compared");
}

/// A deployment must not succeed with a value that keeps the function from starting.
#[test]
fn what_the_template_allows_the_code_allows() {
    let parameters = read_yaml("infra/template.yaml")["Parameters"].clone();
    let mut compared = 0;
    for_each_variable(|variable, setting, source| {
        let range = read_in(source, variable).and_then(|(_, range)| range);
        let Some((least, most)) = range.and_then(|range| range.split_once("..=")) else { return };
        let number = |text: &str| value(text, source).unwrap().parse::<u64>().unwrap();
        let (least, most) = (number(least), number(most));
        let Some(parameter) = setting["Ref"].as_str() else { return };
        let bound = |name: &str| parameters[parameter][name].as_u64().unwrap();
        assert!(bound("MinValue") >= least, "{parameter}: the code wants {least} at least");
        assert!(bound("MaxValue") <= most, "{parameter}: the code wants {most} at most");
        compared += 1;
    });
    assert!(compared >= 10, "only {compared} ranges are compared");
}

#[test]
fn values_are_read_off_expressions() {
    let source = "const DAY: u64 = 24 * HOUR; const HOUR: u64 = 3_600; const HOST: &str = \"h\";";
    for (expression, expected) in [
        ("30", Some("30")),
        ("1_000_u32", Some("1000")),
        ("5 * 60", Some("300")),
        ("2 * DAY", Some("172800")),
        ("\"1,44,49\".to_owned()", Some("1,44,49")),
        ("DAY", Some("86400")),
        ("Limits::default()", None),
        ("UNKNOWN", None),
        ("HOST", None),
    ] {
        assert_eq!(value(expression, source).as_deref(), expected, "{expression}");
    }
    let source = "v.optional(\"A\", \"1,2\".to_owned()); v.optional(\"B\", f(1, 2)),
        v.bounded(\"C\", 3, 1..=DAY)";
    assert_eq!(read_in(source, "A"), Some(("\"1,2\".to_owned()", None)));
    assert_eq!(read_in(source, "B"), Some(("f(1, 2)", None)));
    assert_eq!(read_in(source, "C"), Some(("3", Some("1..=DAY"))));
    assert_eq!(read_in(source, "D"), None);
}
