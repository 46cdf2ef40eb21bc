use super::{refused, schema};
use crate::schema::{Schema, SchemaError};
use serde_json::{Value, json};

/// The pointers of all errors.
fn places(document: &Value) -> Vec<String> {
    refused(document)
        .iter()
        .map(|error| error.to_string().split(": ").next().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn all_errors_are_told_each_with_its_place() {
    let document = json!({
        "tpye": "object",
        "required": "a",
        "properties": {"a": {"type": "text"}, "b": 3, "c": {"pattern": "("}},
        "$ref": "#/$defs/nowhere"
    });
    let mut places = places(&document);
    places.sort();
    assert_eq!(
        places,
        [
            "/$ref",
            "/properties/a/type",
            "/properties/b",
            "/properties/c/pattern",
            "/required",
            "/tpye"
        ]
    );
}

#[test]
fn an_unknown_keyword_is_refused_unless_it_says_it_is_ones_own() {
    assert!(matches!(
        refused(&json!({"requred": []})).iter().next(),
        Some(SchemaError::UnknownKeyword { .. })
    ));
    assert!(refused(&json!({"definitions": {}})).to_string().contains("$defs"));
    schema(&json!({"x-internal": {"anything": 1}, "title": "t", "$comment": "c", "examples": [1]}));
}

#[test]
fn malformed_keywords_are_refused() {
    for document in [
        json!({"minLength": -1}),
        json!({"minLength": 1.5}),
        json!({"maximum": "1"}),
        json!({"multipleOf": 0}),
        json!({"enum": []}),
        json!({"type": []}),
        json!({"type": ["string", "string"]}),
        json!({"allOf": []}),
        json!({"required": ["a", "a"]}),
        json!({"uniqueItems": 1}),
        json!({"properties": []}),
        json!({"format": "fone"}),
        json!({"dependentRequired": {"a": "b"}}),
        json!({"items": []}),
        json!({"$ref": 1}),
        json!({"$anchor": "1a"}),
        json!({"patternProperties": {"[": true}}),
        json!({"x-generate": 1}),
        json!({"x-generate": "guid"}),
        json!({"x-generate": "pick"}),
        json!([]),
        json!(null),
        json!({"$defs": {"a": 1}}),
    ] {
        assert_eq!(refused(&document).iter().count(), 1, "{document}");
    }
}

#[test]
fn only_the_2020_12_dialect_is_accepted() {
    schema(&json!({"$schema": "https://json-schema.org/draft/2020-12/schema"}));
    refused(&json!({"$schema": "http://json-schema.org/draft-07/schema#"}));
    for keyword in ["$dynamicRef", "$dynamicAnchor", "$vocabulary"] {
        let mut document = json!({});
        document[keyword] = json!("#a");
        assert!(matches!(refused(&document).iter().next(), Some(SchemaError::Unsupported { .. })));
    }
}

#[test]
fn nothing_outside_the_document_is_fetched() {
    let errors = refused(&json!({"$ref": "https://example.com/a.json"}));
    assert!(matches!(errors.iter().next(), Some(SchemaError::RemoteReference { .. })));
}

#[test]
fn an_address_inside_the_document_is_found() {
    let schema = schema(&json!({
        "$id": "https://example.com/root.json",
        "properties": {
            "a": {"$ref": "item.json"},
            "b": {"$ref": "https://example.com/root.json#/$defs/n"},
            "c": {"$ref": "item.json#part"}
        },
        "$defs": {
            "n": {"type": "number"},
            "item": {"$id": "item.json", "type": "string", "$defs": {"part": {"$anchor": "part", "type": "null"}}}
        }
    }));
    assert!(schema.is_valid(&json!({"a": "x", "b": 1, "c": null})));
    for wrong in [json!({"a": 1}), json!({"b": "x"}), json!({"c": 1})] {
        assert!(!schema.is_valid(&wrong));
    }
}

#[test]
fn a_reference_that_goes_in_circles_is_refused() {
    for document in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}),
        json!({"properties": {"a": {"if": {"$ref": "#/properties/a"}, "default": 1}}}),
    ] {
        assert!(
            matches!(refused(&document).iter().next(), Some(SchemaError::EndlessReference { .. })),
            "{document}"
        );
    }
    schema(&json!({"properties": {"a": {"$ref": "#"}}, "items": {"$ref": "#"}}));
}

#[test]
fn a_default_that_contradicts_its_schema_is_refused() {
    for document in [
        json!({"properties": {"a": {"type": "integer", "default": "1"}}}),
        json!({"properties": {"a": {"$ref": "#/$defs/a", "default": 3}}, "$defs": {"a": {"maximum": 2}}}),
        json!({"properties": {"a": {"default": {}, "required": ["b"]}}}),
        json!({"properties": {"a": {"default": null, "type": "string"}}}),
    ] {
        let errors = refused(&document);
        assert!(
            matches!(errors.iter().next(), Some(SchemaError::DefaultContradicts { .. })),
            "{document}"
        );
        assert!(errors.to_string().starts_with("/properties/a/default: "));
    }
}

#[test]
fn a_default_is_judged_after_its_own_filling() {
    schema(
        &json!({"properties": {"a": {"default": {}, "required": ["b"], "properties": {"b": {"default": 1}}}}}),
    );
}

#[test]
fn a_default_that_contains_itself_is_refused() {
    for document in [
        json!({"properties": {"a": {"$ref": "#", "default": {}}}}),
        json!({"properties": {"l": {"$ref": "#", "default": {}}, "r": {"$ref": "#", "default": {}}}}),
        // Each default is fine alone, but the second schema sends the first back to the same place.
        json!({"additionalProperties": {"$ref": "#", "properties": {"a": {"default": {}}}}}),
    ] {
        assert!(
            matches!(refused(&document).iter().next(), Some(SchemaError::EndlessDefault { .. })),
            "{document}"
        );
    }
    schema(
        &json!({"properties": {"a": {"anyOf": [{"$ref": "#"}, {"type": "boolean"}], "default": {"a": false}}}}),
    );
}

#[test]
fn a_generator_that_cannot_suit_its_schema_is_refused() {
    for rest in [
        json!({"type": "integer", "x-generate": "uuid"}),
        json!({"format": "uuid", "x-generate": "name"}),
        json!({"maxLength": 16, "x-generate": "name"}),
        json!({"format": "date", "x-generate": "now"}),
        json!({"type": "string", "x-generate": "sequence"}),
        json!({"enum": [1, "a"], "type": "string", "x-generate": "pick"}),
    ] {
        let document = json!({"properties": {"a": rest}});
        assert!(
            matches!(
                refused(&document).iter().next(),
                Some(SchemaError::GeneratorContradicts { .. })
            ),
            "{document}"
        );
    }
}

#[test]
fn default_and_generator_exclude_each_other() {
    let errors = refused(&json!({"default": "a", "x-generate": "name"}));
    assert_eq!(
        errors.iter().next(),
        Some(&SchemaError::DefaultAndGenerator { pointer: "/x-generate".into() })
    );
}

#[test]
fn patterns_beyond_the_engine_are_refused() {
    for pattern in ["(?=a)b", "(a)\\1", "\\p{L}", "[a"] {
        let errors = refused(&json!({"pattern": pattern}));
        assert!(matches!(errors.iter().next(), Some(SchemaError::Pattern { .. })), "{pattern}");
    }
}

#[test]
fn a_schema_can_be_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>() {}
    shared::<Schema>();
}
