//! When two JSON values are the same, and whether a list repeats one.

use super::number;
use serde_json::Value;
use std::cmp::Ordering;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};

/// Up to this length comparing every pair is cheaper than hashing.
const FEW: usize = 12;

/// JSON equality: numbers by value, objects whatever the order of their members.
pub(super) fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => number::compare(a, b) == Ordering::Equal,
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let same = |(name, value)| b.get(name).is_some_and(|other| equal(value, other));
            a.len() == b.len() && a.iter().all(same)
        }
        _ => a == b,
    }
}

/// Whether no two elements are equal. Long lists are hashed, so a hostile one costs no square.
pub(super) fn all_different(list: &[Value]) -> bool {
    if list.len() <= FEW {
        return list
            .iter()
            .enumerate()
            .all(|(index, value)| list[..index].iter().all(|earlier| !equal(value, earlier)));
    }
    // Keyed at random: nobody outside can prepare values that collide.
    let keys = RandomState::new();
    let mut hashes: Vec<(u64, usize)> =
        list.iter().enumerate().map(|(index, value)| (hash(value, &keys), index)).collect();
    hashes.sort_unstable();
    hashes.chunk_by(|a, b| a.0 == b.0).all(|alike| {
        alike.iter().enumerate().all(|(place, (_, index))| {
            alike[..place].iter().all(|(_, earlier)| !equal(&list[*index], &list[*earlier]))
        })
    })
}

/// A hash that agrees with [`equal`].
fn hash(value: &Value, keys: &RandomState) -> u64 {
    let mut hasher = keys.build_hasher();
    match value {
        Value::Null => 0_u8.hash(&mut hasher),
        Value::Bool(flag) => (1_u8, flag).hash(&mut hasher),
        Value::Number(number) => {
            2_u8.hash(&mut hasher);
            number::hash(number, &mut hasher);
        }
        Value::String(text) => (3_u8, text).hash(&mut hasher),
        Value::Array(list) => {
            (4_u8, list.len()).hash(&mut hasher);
            for element in list {
                hash(element, keys).hash(&mut hasher);
            }
        }
        Value::Object(map) => {
            // A sum does not depend on the order of the members.
            let members = map
                .iter()
                .map(|(name, member)| keys.hash_one((name, hash(member, keys))))
                .fold(0, u64::wrapping_add);
            (5_u8, map.len(), members).hash(&mut hasher);
        }
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(text: &str) -> Value {
        serde_json::from_str(text).expect("JSON")
    }

    #[test]
    fn order_of_members_and_spelling_of_numbers_do_not_matter() {
        assert!(equal(&parse(r#"{"a":1,"b":[2.0]}"#), &parse(r#"{"b":[2],"a":1e0}"#)));
        assert!(!equal(&json!({"a": 1}), &json!({"a": 1, "b": null})));
        assert!(!equal(&json!(0), &json!(false)));
        assert!(!equal(&json!("1"), &json!(1)));
    }

    #[test]
    fn a_repeated_element_is_found_in_short_and_long_lists() {
        let mut list: Vec<Value> = (0..1000).map(|n| json!({"n": n})).collect();
        assert!(all_different(&list) && all_different(&list[..5]));
        list.push(parse(r#"{"n": 7.0}"#));
        assert!(!all_different(&list));
        assert!(!all_different(&[json!([1]), json!([2]), parse("[1.0]")]));
    }
}
