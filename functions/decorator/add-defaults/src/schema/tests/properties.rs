//! What holds for any schema and any instance, with the `jsonschema` crate as the judge.

use super::generator;
use crate::schema::{Schema, pointer};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use serde_json::{Map, Value, json};

const NAMES: [&str; 4] = ["a", "b", "c", "kind"];

fn name() -> impl Strategy<Value = String> {
    select(&NAMES[..]).prop_map(str::to_owned)
}

fn scalar() -> impl Strategy<Value = Value> {
    let number = select(vec!["0", "1", "2", "3", "-1", "1.0", "0.5", "1e1", "2.50", "10"]);
    prop_oneof![
        2 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::from),
        4 => number.prop_map(|text| serde_json::from_str(text).expect("a number")),
        3 => select(vec!["", "x", "xy", "é", "kind"]).prop_map(Value::from),
    ]
}

fn instance() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            1 => vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => vec((name(), inner), 0..4).prop_map(object),
        ]
    })
}

fn object(members: Vec<(String, Value)>) -> Value {
    Value::Object(members.into_iter().collect())
}

fn assertion() -> impl Strategy<Value = (String, Value)> {
    let types = subsequence(
        vec!["null", "boolean", "integer", "number", "string", "array", "object"],
        1..5,
    );
    let count = |keywords: Vec<&'static str>| {
        (select(keywords), 0_u8..4).prop_map(|(keyword, count)| (keyword.to_owned(), json!(count)))
    };
    let limit = select(vec!["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
    prop_oneof![
        types.prop_map(|types| ("type".to_owned(), json!(types))),
        instance().prop_map(|value| ("const".to_owned(), value)),
        vec(instance(), 1..4).prop_map(|list| ("enum".to_owned(), json!(list))),
        (limit, -1_i8..4).prop_map(|(keyword, limit)| (keyword.to_owned(), json!(limit))),
        select(vec!["1", "2", "0.5", "0.25"]).prop_map(|text| (
            "multipleOf".to_owned(),
            serde_json::from_str(text).expect("a number")
        )),
        count(vec![
            "minLength",
            "maxLength",
            "minItems",
            "maxItems",
            "minProperties",
            "maxProperties"
        ]),
        select(vec!["^x", "y$", "^[a-z]*$"])
            .prop_map(|pattern| ("pattern".to_owned(), json!(pattern))),
        Just(("uniqueItems".to_owned(), json!(true))),
        subsequence(NAMES.to_vec(), 0..3).prop_map(|names| ("required".to_owned(), json!(names))),
        (name(), subsequence(NAMES.to_vec(), 0..3))
            .prop_map(|(name, names)| ("dependentRequired".to_owned(), json!({ name: names }))),
    ]
}

fn applicator(inner: BoxedStrategy<Value>) -> impl Strategy<Value = Vec<(String, Value)>> {
    let one = |keyword: &'static str, value| vec![(keyword.to_owned(), value)];
    let list = vec(inner.clone(), 1..4);
    let pair = |inner: &BoxedStrategy<Value>| (name(), inner.clone());
    prop_oneof![
        4 => vec(pair(&inner), 1..4).prop_map(move |members| one("properties", object(members))),
        1 => inner.clone().prop_map(move |part| one("additionalProperties", part)),
        1 => inner.clone().prop_map(move |part| one("patternProperties", json!({"^[ab]$": part}))),
        1 => inner.clone().prop_map(move |part| one("propertyNames", part)),
        1 => inner.clone().prop_map(move |part| one("items", part)),
        1 => list.clone().prop_map(move |parts| one("prefixItems", json!(parts))),
        1 => (inner.clone(), 0_u8..3, 1_u8..4).prop_map(|(part, min, max)| vec![
            ("contains".to_owned(), part), ("minContains".to_owned(), json!(min)), ("maxContains".to_owned(), json!(max))]),
        1 => list.clone().prop_map(move |parts| one("allOf", json!(parts))),
        2 => list.clone().prop_map(move |parts| one("anyOf", json!(parts))),
        2 => list.prop_map(move |parts| one("oneOf", json!(parts))),
        1 => inner.clone().prop_map(move |part| one("not", part)),
        2 => (inner.clone(), inner.clone(), inner.clone()).prop_map(|(condition, then, otherwise)| vec![
            ("if".to_owned(), condition), ("then".to_owned(), then), ("else".to_owned(), otherwise)]),
        1 => pair(&inner).prop_map(move |(name, part)| one("dependentSchemas", json!({ name: part }))),
        1 => inner.clone().prop_map(move |part| one("unevaluatedProperties", part)),
        1 => inner.prop_map(move |part| one("unevaluatedItems", part)),
        2 => select(vec!["#/$defs/one", "#/$defs/two", "#"]).prop_map(move |target| one("$ref", json!(target))),
    ]
}

/// A schema; with `defaults`, one that fills.
fn schema(defaults: bool) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Value::from),
        6 => vec(assertion(), 0..2).prop_map(object),
    ];
    let part = leaf.prop_recursive(4, 32, 4, move |inner| {
        let inner = inner.boxed();
        let default = match defaults {
            true => prop_oneof![2 => Just(None), 2 => instance().prop_map(Some), 1 => Just(Some(json!({})))].boxed(),
            false => Just(None).boxed(),
        };
        (vec(assertion(), 0..2), vec(applicator(inner), 0..3), default).prop_map(|(assertions, applicators, default)| {
            // A default rarely suits assertions made up at random; most such schemas are refused.
            let assertions = assertions.into_iter().take(if default.is_some() { 0 } else { 2 });
            let default = default.map(|value| ("default".to_owned(), value));
            object(assertions.chain(applicators.into_iter().flatten()).chain(default).collect())
        })
    });
    let part = part.boxed();
    let members = vec((name(), part.clone()), 0..4).prop_map(object);
    (part.clone(), part.clone(), part, members).prop_map(|(root, one, two, members)| {
        let mut root: Map<String, Value> = match root {
            Value::Object(map) => map,
            other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
        };
        root.entry("properties").or_insert(members);
        root.insert("$defs".to_owned(), json!({"one": one, "two": two}));
        Value::Object(root)
    })
}

/// An instance that schemas have something to fill in.
fn request() -> impl Strategy<Value = Value> {
    vec((name(), instance()), 0..4).prop_map(object)
}

/// Whether `after` still holds everything of `before` that is not null.
fn keeps(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Null, _) => true,
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .all(|(name, value)| after.get(name).is_some_and(|other| keeps(value, other))),
        (Value::Array(before), Value::Array(after)) => {
            before.len() == after.len() && before.iter().zip(after).all(|(a, b)| keeps(a, b))
        }
        _ => before == after,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn validity_is_what_the_judge_says(document in schema(false), instances in vec(instance(), 1..6)) {
        let Ok(schema) = Schema::compile(&document) else { return Ok(()) };
        let judge = jsonschema::draft202012::new(&document).expect("the judge accepts what we accept");
        for instance in instances {
            prop_assert_eq!(schema.is_valid(&instance), judge.is_valid(&instance), "{} for {}", document, instance);
            prop_assert_eq!(schema.is_valid(&instance), schema.validate(&instance).is_empty());
        }
    }

    #[test]
    fn filling_twice_is_filling_once(document in schema(true), instance in request()) {
        let Ok(schema) = Schema::compile(&document) else { return Ok(()) };
        let mut once = instance.clone();
        schema.fill(&mut once, &mut generator()).unwrap();
        let mut twice = once.clone();
        let filled = schema.fill(&mut twice, &mut generator()).unwrap();
        prop_assert_eq!(&once, &twice, "{} for {}", document, instance);
        prop_assert_eq!(filled, vec![], "{} for {}", document, instance);
    }

    #[test]
    fn filling_keeps_whatever_is_there(document in schema(true), instance in request()) {
        let Ok(schema) = Schema::compile(&document) else { return Ok(()) };
        let mut after = instance.clone();
        schema.fill(&mut after, &mut generator()).unwrap();
        prop_assert!(keeps(&instance, &after), "{} for {} gave {}", document, instance, after);
    }

    #[test]
    fn what_is_said_to_be_filled_was_missing_and_is_there(document in schema(true), instance in request()) {
        let Ok(schema) = Schema::compile(&document) else { return Ok(()) };
        let (mut after, mut quiet) = (instance.clone(), instance.clone());
        let filled = schema.fill(&mut after, &mut generator()).unwrap();
        prop_assert_eq!(schema.fill_quietly(&mut quiet, &mut generator()).unwrap(), filled.len());
        prop_assert_eq!(&quiet, &after);
        prop_assert_eq!(filled.is_empty(), instance == after);
        for one in filled {
            let before = pointer::find(&instance, &one.pointer);
            prop_assert!(before.is_none_or(Value::is_null), "{:?}", one);
            prop_assert!(pointer::find(&after, &one.pointer).is_some(), "{:?}", one);
            prop_assert!(pointer::find(&document, &one.schema_pointer).is_some(), "{:?}", one);
        }
    }

    #[test]
    fn no_document_makes_the_compiler_panic(document in schema(true), at in name(), odd in instance()) {
        let mut document = document;
        document["properties"][at] = json!({"$ref": odd, "type": odd, "enum": odd, "x-generate": odd, "pattern": odd});
        prop_assert!(Schema::compile(&document).is_err());
    }
}
