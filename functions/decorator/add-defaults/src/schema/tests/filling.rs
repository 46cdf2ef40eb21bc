use super::{explained, filled, generator, schema};
use crate::schema::{Filled, Generator, NoEntropy, Sequence, Source, TooMuch};
use serde_json::{Value, json};
use std::time::UNIX_EPOCH;

fn person() -> Value {
    json!({"properties": {
        "name": {"type": "string", "default": "nobody"},
        "age": {"type": "integer"},
        "flags": {"properties": {"beta": {"type": "boolean", "default": true}}}
    }})
}

#[test]
fn an_absent_member_gets_its_default() {
    assert_eq!(filled(&person(), json!({"flags": 1}))["name"], "nobody");
}

#[test]
fn explicit_null_counts_as_missing() {
    assert_eq!(filled(&person(), json!({"name": null}))["name"], "nobody");
}

#[test]
fn null_without_a_default_stays_null() {
    assert_eq!(filled(&person(), json!({"age": null}))["age"], Value::Null);
}

#[test]
fn false_zero_and_empty_are_values() {
    let document = json!({"properties": {"a": {"default": 1}}});
    for value in [json!(false), json!(0), json!(""), json!([]), json!({}), json!(0.0)] {
        assert_eq!(filled(&document, json!({"a": value})), json!({"a": value}));
    }
}

#[test]
fn a_missing_parent_is_made_for_its_defaults() {
    assert_eq!(filled(&person(), json!({}))["flags"], json!({"beta": true}));
    let deep =
        json!({"properties": {"a": {"properties": {"b": {"properties": {"c": {"default": 1}}}}}}});
    assert_eq!(filled(&deep, json!({})), json!({"a": {"b": {"c": 1}}}));
    assert_eq!(filled(&deep, json!({"a": {"b": null}})), json!({"a": {"b": {"c": 1}}}));
}

#[test]
fn a_parent_that_needs_more_than_defaults_stays_absent() {
    let document = json!({"properties": {"address": {
        "type": "object",
        "properties": {"street": {"type": "string"}, "country": {"default": "NL"}},
        "required": ["street"]
    }}});
    let (value, filled_in) = explained(&document, json!({}));
    assert_eq!((value, filled_in), (json!({}), vec![]));
    assert_eq!(
        filled(&document, json!({"address": {"street": "x"}})),
        json!({"address": {"street": "x", "country": "NL"}})
    );
}

#[test]
fn a_parent_that_may_not_be_an_object_stays_absent() {
    let document =
        json!({"properties": {"a": {"type": "array", "properties": {"b": {"default": 1}}}}});
    assert_eq!(filled(&document, json!({})), json!({}));
}

#[test]
fn a_recursive_parent_is_not_made_but_is_filled_where_it_is() {
    let document = json!({
        "properties": {"child": {"$ref": "#"}, "name": {"default": "x"}}
    });
    assert_eq!(filled(&document, json!({})), json!({"name": "x"}));
    assert_eq!(
        filled(&document, json!({"child": {}})),
        json!({"child": {"name": "x"}, "name": "x"})
    );
}

#[test]
fn parents_that_contain_each_other_are_not_made() {
    let document = json!({
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"properties": {"b": {"$ref": "#/$defs/b"}, "n": {"default": 1}}},
            "b": {"properties": {"a": {"$ref": "#/$defs/a"}, "m": {"default": 2}}}
        }
    });
    assert_eq!(filled(&document, json!({})), json!({"n": 1}));
    assert_eq!(filled(&document, json!({"b": {}})), json!({"b": {"m": 2}, "n": 1}));
}

#[test]
fn elements_are_filled_by_their_place() {
    let document = json!({
        "prefixItems": [{"properties": {"first": {"default": 1}}}],
        "items": {"properties": {"rest": {"default": 2}}}
    });
    assert_eq!(
        filled(&document, json!([{}, {}, {"rest": 9}])),
        json!([{"first": 1}, {"rest": 2}, {"rest": 9}])
    );
    assert_eq!(filled(&document, json!([])), json!([]));
    assert_eq!(filled(&json!({"items": {"default": 3}}), json!([null, 1])), json!([3, 1]));
}

#[test]
fn references_and_their_neighbours_both_fill() {
    let document = json!({
        "properties": {"a": {"$ref": "#thing", "properties": {"y": {"default": 2}}}},
        "$defs": {"thing": {"$anchor": "thing", "properties": {"x": {"default": 1}}}}
    });
    assert_eq!(filled(&document, json!({"a": {}})), json!({"a": {"x": 1, "y": 2}}));
}

#[test]
fn the_first_default_of_all_of_wins() {
    let document = json!({"allOf": [
        {"properties": {"a": {"default": 1}}},
        {"properties": {"a": {"default": 2}, "b": {"default": 3}}}
    ]});
    assert_eq!(filled(&document, json!({})), json!({"a": 1, "b": 3}));
}

#[test]
fn a_default_beside_a_reference_beats_the_one_referred_to() {
    let document = json!({
        "properties": {"a": {"$ref": "#/$defs/n", "default": 2}, "b": {"$ref": "#/$defs/n"}},
        "$defs": {"n": {"default": 1}}
    });
    assert_eq!(filled(&document, json!({})), json!({"a": 2, "b": 1}));
}

#[test]
fn a_default_of_null_gives_way_to_any_other() {
    let document = json!({"properties": {
        "a": {"default": null, "allOf": [{"default": 1}]},
        "b": {"default": null}
    }});
    let (value, filled_in) = explained(&document, json!({}));
    assert_eq!(value, json!({"a": 1, "b": null}));
    assert_eq!(filled_in.len(), 2);
    assert_eq!(explained(&document, value).1, vec![]);
}

#[test]
fn defaults_are_filled_in_turn() {
    let document = json!({"properties": {"a": {
        "default": {"given": 1},
        "properties": {"given": {"default": 8}, "more": {"default": 2}}
    }}});
    assert_eq!(filled(&document, json!({})), json!({"a": {"given": 1, "more": 2}}));
}

#[test]
fn existing_members_are_filled_by_pattern_and_by_exclusion() {
    let document = json!({
        "properties": {"p1": true},
        "patternProperties": {"^p": {"properties": {"p": {"default": 1}}}},
        "additionalProperties": {"properties": {"q": {"default": 2}}}
    });
    assert_eq!(
        filled(&document, json!({"p1": {}, "z": {}, "n": null})),
        json!({"p1": {"p": 1}, "z": {"q": 2}, "n": null})
    );
}

#[test]
fn a_root_default_fills_null() {
    assert_eq!(filled(&json!({"default": {"a": 1}}), json!(null)), json!({"a": 1}));
}

#[test]
fn present_members_keep_their_place_and_their_digits() {
    let schema = schema(&json!({"properties": {"z": {"default": 1}, "a": {"type": "integer"}}}));
    // Whether they do depends on features of `serde_json`, not on this module.
    let text = r#"{"b":1.10,"a":12345678901234567890123}"#;
    let mut value: Value = serde_json::from_str(text).expect("JSON");
    if serde_json::to_string(&value).is_ok_and(|written| written == text) {
        schema.fill(&mut value, &mut generator()).unwrap();
        assert_eq!(value.to_string(), text.replace('}', r#","z":1}"#));
        assert!(schema.is_valid(&value));
    }
}

#[test]
fn every_filling_is_explained() {
    let document = json!({
        "properties": {"list": {"items": {"$ref": "#/$defs/item"}}, "made": {"x-generate": "uuid"}},
        "$defs": {"item": {"properties": {"a/b": {"default": 1}}}}
    });
    let (_, filled_in) = explained(&document, json!({"list": [{"a/b": 0}, {}]}));
    let expected = |pointer: &str, source, schema_pointer: &str| Filled {
        pointer: pointer.into(),
        source,
        schema_pointer: schema_pointer.into(),
    };
    assert_eq!(
        filled_in,
        [
            expected("/list/1/a~1b", Source::Default, "/$defs/item/properties/a~1b/default"),
            expected("/made", Source::Generated("uuid"), "/properties/made/x-generate"),
        ]
    );
}

#[test]
fn quiet_filling_does_the_same() {
    let (mut quiet, schema) = (json!({"age": 3}), schema(&person()));
    assert_eq!(schema.fill_quietly(&mut quiet, &mut generator()).unwrap(), 2);
    assert_eq!(quiet, filled(&person(), json!({"age": 3})));
}

#[test]
fn generated_values_suit_their_schema() {
    let document = json!({"properties": {
        "id": {"type": "string", "format": "uuid", "x-generate": "uuid"},
        "name": {"type": "string", "pattern": "^[a-z]+-[a-z]+-[0-9]{4}$", "x-generate": "name"},
        "at": {"type": "string", "format": "date-time", "x-generate": "now"},
        "n": {"type": "integer", "x-generate": "sequence"},
        "colour": {"enum": ["red", "blue"], "x-generate": "pick"}
    }});
    let schema = schema(&document);
    let mut generator = generator();
    for round in 1..50 {
        let mut value = json!({});
        schema.fill(&mut value, &mut generator).unwrap();
        assert_eq!(schema.validate(&value), []);
        assert_eq!(
            (&value["at"], &value["n"]),
            (&json!("2023-11-14T22:13:20.000Z"), &json!(round))
        );
    }
}

#[test]
fn nothing_is_drawn_for_values_that_are_there() {
    let document = json!({"properties": {"id": {"x-generate": "uuid"}}});
    let mut draws = 0;
    let mut random = |bytes: &mut [u8]| {
        draws += bytes.len();
        Ok::<_, NoEntropy>(())
    };
    let sequence = Sequence::new();
    let mut generator = Generator::new(&mut random, UNIX_EPOCH, &sequence);
    schema(&document).fill(&mut json!({"id": "x"}), &mut generator).unwrap();
    schema(&document).fill(&mut json!({}), &mut generator).unwrap();
    assert_eq!(draws, 16);
}

#[test]
fn two_requests_never_share_a_default() {
    let schema = schema(&json!({"properties": {"list": {"default": []}}}));
    let (mut first, mut second) = (json!({}), json!({}));
    schema.fill(&mut first, &mut generator()).unwrap();
    first["list"].as_array_mut().expect("a list").push(json!(1));
    schema.fill(&mut second, &mut generator()).unwrap();
    assert_eq!(second, json!({"list": []}));
}

#[test]
fn a_hostile_recursive_instance_is_refused_in_finite_time() {
    let document = json!({"allOf": [
        {"properties": {"a": {"$ref": "#"}, "x": {"default": 1}}},
        {"properties": {"a": {"$ref": "#"}}},
        {"anyOf": [{"properties": {"a": {"$ref": "#"}}}, {"properties": {"a": {"$ref": "#"}}, "required": ["b"]}]}
    ]});
    let mut value = json!({"x": 1});
    for _ in 0..100 {
        value = json!({"a": value, "x": 1});
    }
    let schema = schema(&document);
    assert!(schema.is_valid(&value));
    assert_eq!(schema.fill_quietly(&mut value, &mut generator()), Err(TooMuch));
    assert_eq!(schema.validate(&value), []);
}

#[test]
fn a_small_body_does_not_grow_without_bounds() {
    let member = json!({"properties": {"a": {"default": "x"}}});
    let schema = schema(&json!({"items": member}));
    let mut few = Value::Array(vec![json!({}); 10_000]);
    assert!(schema.fill_quietly(&mut few, &mut generator()).is_ok());
    let mut many = Value::Array(vec![json!({}); 10_001]);
    assert_eq!(schema.fill_quietly(&mut many, &mut generator()), Err(TooMuch));
}
