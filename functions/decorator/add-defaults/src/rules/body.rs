//! Rules for a JSON body, whose places are JSON Pointers (RFC 6901).

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A place in a JSON document; never its root, which cannot be renamed or removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer {
    parents: Vec<String>,
    member: String,
}

/// Why a pointer is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PointerError {
    /// No leading slash, or a `~` that escapes nothing.
    #[error("not a JSON Pointer")]
    Malformed,
    /// The empty pointer.
    #[error("the whole body cannot be the place of a rule")]
    Root,
}

impl FromStr for Pointer {
    type Err = PointerError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(PointerError::Root);
        }
        let rest = text.strip_prefix('/').ok_or(PointerError::Malformed)?;
        let mut tokens: Vec<String> = rest.split('/').map(unescape).collect::<Result<_, _>>()?;
        let member = tokens.pop().ok_or(PointerError::Root)?;
        Ok(Self { parents: tokens, member })
    }
}

fn unescape(token: &str) -> Result<String, PointerError> {
    let mut text = String::with_capacity(token.len());
    let mut characters = token.chars();
    while let Some(c) = characters.next() {
        text.push(match c {
            '~' => match characters.next() {
                Some('0') => '~',
                Some('1') => '/',
                _ => return Err(PointerError::Malformed),
            },
            other => other,
        });
    }
    Ok(text)
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for token in self.parents.iter().chain([&self.member]) {
            write!(f, "/{}", token.replace('~', "~0").replace('/', "~1"))?;
        }
        Ok(())
    }
}

/// One element or member deeper. An index is digits without a leading zero.
fn child<'v>(value: &'v mut Value, token: &str) -> Option<&'v mut Value> {
    match value {
        Value::Object(members) => members.get_mut(token),
        Value::Array(elements) => elements.get_mut(index(token)?),
        _ => None,
    }
}

fn index(token: &str) -> Option<usize> {
    let is_index = token == "0" || (!token.starts_with('0') && !token.starts_with('+'));
    is_index.then(|| token.parse().ok())?
}

impl Pointer {
    fn parent<'v>(&self, body: &'v mut Value) -> Option<&'v mut Value> {
        self.parents.iter().try_fold(body, |value, token| child(value, token))
    }

    fn get<'v>(&self, body: &'v mut Value) -> Option<&'v mut Value> {
        child(self.parent(body)?, &self.member)
    }

    fn take(&self, body: &mut Value) -> Option<Value> {
        match self.parent(body)? {
            // Not the swapping removal: the other members keep their order.
            Value::Object(members) => members.shift_remove(&self.member),
            Value::Array(elements) => {
                let at = index(&self.member).filter(|at| *at < elements.len())?;
                Some(elements.remove(at))
            }
            _ => None,
        }
    }

    /// Puts a value, making objects on the way where there is nothing or null. Gives the value back
    /// where something else is in the way.
    fn put(&self, body: &mut Value, value: Value) -> Result<(), Value> {
        let mut at = body;
        for token in &self.parents {
            if at.is_null() {
                *at = Value::Object(Map::new());
            }
            at = match at {
                Value::Object(members) => members.entry(token.clone()).or_insert(Value::Null),
                other => match child(other, token) {
                    Some(element) => element,
                    None => return Err(value),
                },
            };
        }
        if at.is_null() {
            *at = Value::Object(Map::new());
        }
        match at {
            Value::Object(members) => {
                members.insert(self.member.clone(), value);
            }
            Value::Array(elements) if self.member == "-" => elements.push(value),
            other => match child(other, &self.member) {
                Some(element) => *element = value,
                None => return Err(value),
            },
        }
        Ok(())
    }
}

/// Rules for a body.
#[derive(Debug, Clone, Default)]
pub struct BodyRules {
    remove: Vec<Pointer>,
    rename: Vec<(Pointer, Pointer)>,
    replace: Vec<(Pointer, Value)>,
    add: Vec<(Pointer, Value)>,
    append: Vec<(Pointer, Value)>,
}

/// Rules for a body, as they are configured: pointers and, for most, values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct BodyRulesDocument {
    remove: Vec<String>,
    rename: Map<String, Value>,
    replace: Map<String, Value>,
    add: Map<String, Value>,
    append: Map<String, Value>,
}

impl BodyRules {
    /// Reads configured rules.
    ///
    /// # Errors
    /// All faults, each with the rule and the pointer it is in.
    pub fn parse(document: &BodyRulesDocument) -> Result<Self, Vec<String>> {
        let mut faults = Vec::new();
        let mut pointer = |rule: &str, text: &str| {
            text.parse::<Pointer>()
                .map_err(|error| faults.push(format!("{rule} `{text}`: {error}")))
                .ok()
        };
        let mut pairs = |rule: &str, members: &Map<String, Value>| {
            members
                .iter()
                .filter_map(|(text, value)| Some((pointer(rule, text)?, value.clone())))
                .collect::<Vec<_>>()
        };
        let (replace, add) = (pairs("replace", &document.replace), pairs("add", &document.add));
        let append = pairs("append", &document.append);
        let renamed = pairs("rename", &document.rename);
        let remove = document.remove.iter().filter_map(|text| pointer("remove", text)).collect();
        let mut rename = Vec::new();
        for (old, new) in renamed {
            match new.as_str().map(str::parse) {
                Some(Ok(new)) => rename.push((old, new)),
                _ => faults.push(format!("rename `{old}`: the new place is not a JSON Pointer")),
            }
        }
        if faults.is_empty() {
            Ok(Self { remove, rename, replace, add, append })
        } else {
            Err(faults)
        }
    }

    /// True when there is nothing to do.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.remove.is_empty()
            && self.rename.is_empty()
            && self.replace.is_empty()
            && self.add.is_empty()
            && self.append.is_empty()
    }

    /// Applies the rules. Null counts as missing.
    pub fn apply(&self, body: &mut Value) {
        for pointer in &self.remove {
            pointer.take(body);
        }
        for (old, new) in &self.rename {
            // What cannot be put in its new place stays in its old one.
            let Some(value) = old.get(body).cloned() else { continue };
            let mut moved = body.clone();
            old.take(&mut moved);
            if new.put(&mut moved, value).is_ok() {
                *body = moved;
            }
        }
        for (pointer, value) in &self.replace {
            if let Some(place) = pointer.get(body) {
                place.clone_from(value);
            }
        }
        for (pointer, value) in &self.add {
            if pointer.get(body).is_none_or(|place| place.is_null()) {
                // Where something else is in the way there is nothing to add to.
                let _ = pointer.put(body, value.clone());
            }
        }
        for (pointer, value) in &self.append {
            match pointer.get(body) {
                Some(Value::Array(elements)) => elements.push(value.clone()),
                Some(place) if !place.is_null() => {
                    *place = Value::Array(vec![place.take(), value.clone()]);
                }
                _ => {
                    let _ = pointer.put(body, Value::Array(vec![value.clone()]));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn rules(document: Value) -> BodyRules {
        BodyRules::parse(&serde_json::from_value(document).unwrap()).unwrap()
    }

    fn applied(document: Value, mut body: Value) -> Value {
        rules(document).apply(&mut body);
        body
    }

    #[test]
    fn rules_apply_in_their_order() {
        let document = json!({
            "remove": ["/debug"],
            "rename": { "/colour": "/style/color" },
            "replace": { "/style/color": "red", "/absent": 1 },
            "add": { "/style/size": 3, "/name": "unnamed" },
            "append": { "/tags": "new", "/name": "second" }
        });
        let body = json!({ "debug": true, "colour": "blue", "name": "first", "tags": ["old"] });
        assert_eq!(
            applied(document, body),
            json!({
                "name": ["first", "second"],
                "tags": ["old", "new"],
                "style": { "color": "red", "size": 3 }
            })
        );
    }

    #[test]
    fn null_counts_as_missing_when_adding() {
        let document = json!({ "add": { "/a": 1 }, "append": { "/b": 2 } });
        assert_eq!(applied(document, json!({ "a": null, "b": null })), json!({ "a": 1, "b": [2] }));
        let deeper = json!({ "add": { "/a/b": 1 } });
        assert_eq!(applied(deeper, json!({ "a": null })), json!({ "a": { "b": 1 } }));
    }

    #[test]
    fn elements_of_arrays_are_places_too() {
        let document = json!({ "remove": ["/list/0"], "replace": { "/list/1/a": 9 } });
        let body = json!({ "list": [1, 2, { "a": 3 }] });
        assert_eq!(applied(document, body), json!({ "list": [2, { "a": 9 }] }));
        let body = applied(json!({ "add": { "/list/-": 4 } }), json!({ "list": [1] }));
        assert_eq!(body, json!({ "list": [1, 4] }));
    }

    #[test]
    fn what_is_in_the_way_stays() {
        let body = json!({ "style": "plain", "colour": "blue" });
        let document =
            json!({ "add": { "/style/size": 3 }, "rename": { "/colour": "/style/color" } });
        assert_eq!(applied(document, body.clone()), body);
    }

    #[test]
    fn every_faulty_pointer_is_named() {
        let document = json!({ "remove": ["a", ""], "rename": { "/a": 7 }, "add": { "/~2": 1 } });
        let faults = BodyRules::parse(&serde_json::from_value(document).unwrap()).unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
    }

    proptest! {
        #[test]
        fn pointers_are_written_as_they_were_read(text in "(/[a-z~/]{0,4}){1,3}") {
            if let Ok(pointer) = text.parse::<Pointer>() {
                prop_assert_eq!(pointer.to_string(), text);
            }
        }

        #[test]
        fn any_rule_on_any_body_is_applied_without_panic(
            place in "(/[a-c0-2-]{0,1}){1,3}", other in "(/[a-c0-2-]{0,1}){1,3}"
        ) {
            let document = json!({
                "remove": [place], "rename": { &place: other }, "replace": { &other: 1 },
                "add": { &place: 2 }, "append": { &other: 3 }
            });
            let body = json!({ "a": [{ "b": 1 }, [2]], "b": { "0": null }, "": 1, "c": "x" });
            applied(document, body.clone());
            applied(json!({ "append": { &place: 3 } }), json!([body]));
        }
    }
}
