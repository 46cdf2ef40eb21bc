use super::schema;
use crate::schema::Violation;
use serde_json::{Value, json};

fn keywords(document: &Value, instance: &Value) -> Vec<(String, &'static str)> {
    let found = schema(document).validate(instance);
    found.into_iter().map(|violation| (violation.pointer, violation.keyword)).collect()
}

#[test]
fn every_violation_is_told_with_its_places() {
    let document = json!({
        "type": "object",
        "required": ["name"],
        "properties": {"tags": {"items": {"$ref": "#/$defs/tag"}}},
        "additionalProperties": false,
        "$defs": {"tag": {"type": "string", "maxLength": 3}}
    });
    let found = schema(&document).validate(&json!({"tags": ["a", "long", 5], "x/y": 1}));
    let violation = |pointer: &str, keyword, detail: &str, schema_pointer: &str| Violation {
        pointer: pointer.into(),
        keyword,
        detail: detail.into(),
        schema_pointer: schema_pointer.into(),
    };
    assert_eq!(
        found,
        [
            violation("", "required", "must have the member `name`", "/required"),
            violation(
                "/tags/1",
                "maxLength",
                "must have at most 3 characters",
                "/$defs/tag/maxLength"
            ),
            violation("/tags/2", "type", "must be string", "/$defs/tag/type"),
            violation("/x~1y", "additionalProperties", "is not allowed", "/additionalProperties"),
        ]
    );
}

#[test]
fn details_never_repeat_the_instance() {
    let document = json!({
        "properties": {
            "a": {"type": "integer"}, "b": {"pattern": "^x"}, "c": {"enum": ["y"]}, "d": {"format": "email"},
            "e": {"not": {}}, "f": {"oneOf": [{"const": 1}, {"const": 2}]}, "g": {"uniqueItems": true},
            "h": {"multipleOf": 2}, "i": {"contains": {"const": 1}}
        },
        "propertyNames": {"maxLength": 1}
    });
    let instance = json!({
        "a": "s3cret", "b": "s3cret", "c": "s3cret", "d": "s3cret", "e": "s3cret", "f": "s3cret",
        "g": ["s3cret", "s3cret"], "h": 77777, "i": ["s3cret"]
    });
    let found = schema(&document).validate(&instance);
    assert_eq!(found.len(), 9);
    for violation in found {
        assert!(
            !violation.detail.contains("s3cret") && !violation.detail.contains("77777"),
            "{violation:?}"
        );
    }
}

#[test]
fn at_most_a_hundred_violations_are_told() {
    let list: Vec<Value> = (0..1000).map(Value::from).collect();
    assert_eq!(schema(&json!({"items": {"type": "string"}})).validate(&json!(list)).len(), 100);
}

#[test]
fn lengths_are_counted_in_code_points() {
    let document = json!({"minLength": 2, "maxLength": 2});
    for (text, valid) in
        [("é💩", true), ("💩", false), ("a", false), ("abc", false), ("💩💩💩", false), ("", false)]
    {
        assert_eq!(schema(&document).is_valid(&json!(text)), valid, "{text}");
    }
}

#[test]
fn what_other_keywords_evaluated_is_not_unevaluated() {
    let document = json!({
        "properties": {"a": {}},
        "anyOf": [{"properties": {"b": {"const": 1}}, "required": ["b"]}, {"required": ["c"]}],
        "unevaluatedProperties": false
    });
    assert_eq!(keywords(&document, &json!({"a": 1, "b": 1})), []);
    assert_eq!(keywords(&document, &json!({"c": 1})), [("/c".into(), "unevaluatedProperties")]);
}

#[test]
fn more_elements_than_fit_a_word_are_tracked() {
    let mut list: Vec<Value> = vec![json!(1); 300];
    let document = json!({"contains": {"const": 1}, "unevaluatedItems": false});
    assert!(schema(&document).is_valid(&json!(list)));
    list[299] = json!(2);
    assert_eq!(keywords(&document, &json!(list)), [("/299".into(), "unevaluatedItems")]);
}

#[test]
fn many_properties_are_found_by_name() {
    let mut document = json!({"properties": {}, "additionalProperties": false});
    for n in 0..50 {
        document["properties"][format!("p{}", n * 7 % 50)] = json!({"const": n});
    }
    let schema = schema(&document);
    for n in 0..50 {
        let name = format!("p{}", n * 7 % 50);
        assert!(
            schema.is_valid(&json!({ &name: n })) && !schema.is_valid(&json!({ &name: n + 1 })),
            "{name}"
        );
    }
    assert!(!schema.is_valid(&json!({"p50": 1})));
}

#[test]
fn branches_inside_branches_cost_no_power_of_their_depth() {
    let document = json!({"oneOf": [
        {"type": "integer"},
        {"properties": {"a": {"$ref": "#"}}, "required": ["a"]},
        {"properties": {"a": {"$ref": "#"}}, "required": ["a", "b"]}
    ]});
    let mut value = json!(1);
    for _ in 0..100 {
        value = json!({ "a": value, "b": 1 });
    }
    assert!(!schema(&document).validate(&value).is_empty());
}

#[test]
fn a_condition_that_holds_has_evaluated_what_it_names() {
    let document = json!({
        "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
        "then": {"properties": {"b": {}}},
        "unevaluatedProperties": false
    });
    assert_eq!(keywords(&document, &json!({"a": 1, "b": 2})), []);
    assert_eq!(keywords(&document, &json!({"a": 2})), [("/a".into(), "unevaluatedProperties")]);
}
