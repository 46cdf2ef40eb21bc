use super::{filled, refused, schema};
use serde_json::{Value, json};

fn shapes() -> Value {
    json!({"oneOf": [
        {"properties": {"kind": {"const": "circle"}, "radius": {"default": 1}}, "required": ["kind", "radius"]},
        {"properties": {"kind": {"const": "square"}, "side": {"default": 2}}, "required": ["kind", "side"]}
    ]})
}

#[test]
fn a_constant_member_selects_its_branch() {
    assert_eq!(
        filled(&shapes(), json!({"kind": "circle"})),
        json!({"kind": "circle", "radius": 1})
    );
    assert_eq!(filled(&shapes(), json!({"kind": "square"})), json!({"kind": "square", "side": 2}));
}

#[test]
fn without_a_telling_member_nothing_is_filled() {
    assert_eq!(filled(&shapes(), json!({})), json!({}));
    assert_eq!(filled(&shapes(), json!({"kind": "line"})), json!({"kind": "line"}));
}

#[test]
fn two_possible_branches_fill_nothing() {
    let document = json!({"anyOf": [
        {"properties": {"a": {"default": 1}}},
        {"properties": {"b": {"default": 2}}}
    ]});
    assert_eq!(filled(&document, json!({"c": 1})), json!({"c": 1}));
}

#[test]
fn a_default_beside_the_branches_may_select_one() {
    let mut document = shapes();
    document["properties"] = json!({"kind": {"default": "square"}});
    assert_eq!(filled(&document, json!({})), json!({"kind": "square", "side": 2}));
}

#[test]
fn a_branch_that_requires_what_nobody_gives_is_not_possible() {
    let document = json!({"oneOf": [
        {"properties": {"a": {}, "x": {"default": 1}}, "required": ["a"]},
        {"properties": {"b": {}, "y": {"default": 2}}, "required": ["b"]}
    ]});
    assert_eq!(filled(&document, json!({"b": 0})), json!({"b": 0, "y": 2}));
}

#[test]
fn a_branch_may_require_what_it_fills_through_references() {
    let document = json!({
        "oneOf": [
            {"type": "object", "allOf": [{"$ref": "#/$defs/base"}], "required": ["base"]},
            {"type": "string"}
        ],
        "$defs": {"base": {"properties": {"base": {"default": 1}}}}
    });
    assert_eq!(filled(&document, json!({})), json!({"base": 1}));
}

#[test]
fn null_that_will_be_filled_does_not_contradict_a_branch() {
    let document = json!({"oneOf": [
        {"properties": {"kind": {"const": "a"}, "n": {"type": "integer", "default": 1}}, "required": ["kind"]},
        {"properties": {"kind": {"const": "b"}}, "required": ["kind"]}
    ]});
    assert_eq!(filled(&document, json!({"kind": "a", "n": null})), json!({"kind": "a", "n": 1}));
}

#[test]
fn a_discriminator_selects_by_name_constant_or_mapping() {
    let document = json!({
        "oneOf": [{"$ref": "#/$defs/Cat"}, {"$ref": "#/$defs/Dog"}, {"properties": {"type": {"const": "fish"}, "fins": {"default": 2}}}],
        "discriminator": {"propertyName": "type", "mapping": {"hound": "#/$defs/Dog", "tom": "Cat"}},
        "$defs": {
            "Cat": {"properties": {"lives": {"default": 9}}},
            "Dog": {"properties": {"legs": {"default": 4}}}
        }
    });
    for (kind, member) in
        [("Cat", "lives"), ("tom", "lives"), ("Dog", "legs"), ("hound", "legs"), ("fish", "fins")]
    {
        let value = filled(&document, json!({"type": kind}));
        assert!(
            value.get(member).is_some() && value.as_object().is_some_and(|map| map.len() == 2),
            "{kind}: {value}"
        );
    }
    assert_eq!(filled(&document, json!({"type": "cow"})), json!({"type": "cow"}));
    assert_eq!(filled(&document, json!({})), json!({}));
}

#[test]
fn a_discriminator_that_tells_nothing_is_refused() {
    for document in [
        json!({"discriminator": {"propertyName": "a"}}),
        json!({"oneOf": [true], "anyOf": [true], "discriminator": {"propertyName": "a"}}),
        json!({"oneOf": [true], "discriminator": {"propertyName": "a"}}),
        json!({"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {}}, "discriminator": {}}),
        json!({"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {}}, "discriminator": {"propertyName": "k", "maping": {}}}),
        json!({"oneOf": [{"$ref": "#/$defs/a"}], "$defs": {"a": {}, "b": {}}, "discriminator": {"propertyName": "k", "mapping": {"x": "b"}}}),
    ] {
        assert!(refused(&document).to_string().starts_with("/discriminator: "), "{document}");
    }
}

#[test]
fn conditions_see_what_was_filled_before() {
    let document = json!({
        "properties": {"country": {"default": "NL"}},
        "if": {"properties": {"country": {"const": "NL"}}},
        "then": {"properties": {"currency": {"default": "EUR"}}},
        "else": {"properties": {"currency": {"default": "USD"}}}
    });
    assert_eq!(filled(&document, json!({}))["currency"], "EUR");
    assert_eq!(filled(&document, json!({"country": "US"}))["currency"], "USD");
}

#[test]
fn what_one_condition_fills_another_sees() {
    // The second condition stands first: only another round finds it true.
    let document = json!({"allOf": [
        {"if": {"required": ["b"]}, "then": {"properties": {"c": {"default": 3}}}},
        {"if": {"required": ["a"]}, "then": {"properties": {"b": {"default": 2}}}}
    ]});
    assert_eq!(filled(&document, json!({"a": 1})), json!({"a": 1, "b": 2, "c": 3}));
}

#[test]
fn a_dependent_schema_fills_when_its_member_is_there() {
    let document =
        json!({"dependentSchemas": {"card": {"properties": {"currency": {"default": "EUR"}}}}});
    assert_eq!(filled(&document, json!({})), json!({}));
    assert_eq!(filled(&document, json!({"card": 1})), json!({"card": 1, "currency": "EUR"}));
}

#[test]
fn not_and_contains_fill_nothing() {
    let document = json!({
        "not": {"properties": {"a": {"default": 1}}, "required": ["z"]},
        "properties": {"list": {"contains": {"properties": {"a": {"default": 1}}}}}
    });
    assert_eq!(filled(&document, json!({"list": [{}]})), json!({"list": [{}]}));
}

#[test]
fn violations_are_those_of_the_branch_the_data_names() {
    let found = schema(&shapes()).validate(&json!({"kind": "circle"}));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].keyword, found[0].schema_pointer.as_str()),
        ("required", "/oneOf/0/required")
    );
    let found = schema(&shapes()).validate(&json!({"kind": "line"}));
    assert_eq!((found.len(), found[0].keyword), (1, "oneOf"));
}

#[test]
fn a_branch_is_possible_though_it_cannot_choose_within_itself() {
    let document = json!({"anyOf": [
        {
            "type": "object",
            "properties": {"n": {"default": 1}},
            "oneOf": [
                {"properties": {"x": {"default": 1}}, "required": ["x"]},
                {"properties": {"y": {"default": 2}}, "required": ["y"]}
            ]
        },
        {"type": "string"}
    ]});
    assert_eq!(filled(&document, json!({})), json!({"n": 1}));
    assert_eq!(filled(&document, json!({"x": 3})), json!({"x": 3, "n": 1}));
}
