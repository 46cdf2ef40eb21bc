//! Where a value sits, as an RFC 6901 JSON Pointer.
//!
//! While an instance is walked its path is a chain of borrowed steps on the stack. Text is made
//! of it only when there is something to report, so a valid request builds no pointer at all.

use serde_json::Value;

/// The path from the root of an instance to one of its values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Path<'p> {
    Root,
    Member(&'p Self, &'p str),
    Element(&'p Self, usize),
}

impl<'p> Path<'p> {
    pub(super) fn member(&'p self, name: &'p str) -> Self {
        Path::Member(self, name)
    }

    pub(super) fn element(&'p self, index: usize) -> Self {
        Path::Element(self, index)
    }

    pub(super) fn pointer(&self) -> String {
        let mut text = String::new();
        self.write(&mut text);
        text
    }

    /// How many steps below the root.
    pub(super) fn depth(&self) -> usize {
        match self {
            Path::Root => 0,
            Path::Member(parent, _) | Path::Element(parent, _) => 1 + parent.depth(),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Path::Root => {}
            Path::Member(parent, name) => {
                parent.write(text);
                push_name(text, name);
            }
            Path::Element(parent, index) => {
                parent.write(text);
                push_index(text, *index);
            }
        }
    }
}

/// Appends `/name`, with `~` and `/` escaped.
pub(super) fn push_name(text: &mut String, name: &str) {
    text.push('/');
    for character in name.chars() {
        match character {
            '~' => text.push_str("~0"),
            '/' => text.push_str("~1"),
            other => text.push(other),
        }
    }
}

/// Appends `/index`.
pub(super) fn push_index(text: &mut String, index: usize) {
    text.push('/');
    text.push_str(&index.to_string());
}

/// The value a pointer leads to. Unlike `Value::pointer`, a bad escape leads nowhere.
pub(super) fn find<'v>(root: &'v Value, pointer: &str) -> Option<&'v Value> {
    let mut value = root;
    let mut rest = pointer;
    while !rest.is_empty() {
        let step = rest.strip_prefix('/')?;
        let end = step.find('/').unwrap_or(step.len());
        let (name, tail) = step.split_at(end);
        rest = tail;
        value = match value {
            Value::Object(map) if !name.contains('~') => map.get(name)?,
            Value::Object(map) => map.get(&unescape(name)?)?,
            Value::Array(list) => list.get(parse_index(name)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Undoes the escapes of one step.
fn unescape(step: &str) -> Option<String> {
    let mut text = String::with_capacity(step.len());
    let mut characters = step.chars();
    while let Some(character) = characters.next() {
        text.push(match character {
            '~' => match characters.next()? {
                '0' => '~',
                '1' => '/',
                _ => return None,
            },
            other => other,
        });
    }
    Some(text)
}

/// An array index: decimal digits without a leading zero.
fn parse_index(step: &str) -> Option<usize> {
    let plain = step.bytes().all(|byte| byte.is_ascii_digit());
    if !plain || (step.len() > 1 && step.starts_with('0')) {
        return None;
    }
    step.parse().ok()
}

/// Whether a text is a JSON Pointer in its plain (not URI fragment) form.
pub(super) fn is_pointer(text: &str) -> bool {
    (text.is_empty() || text.starts_with('/')) && unescape(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn slash_and_tilde_are_escaped() {
        let a = Path::Root.member("a/b");
        let b = a.element(3);
        let c = b.member("m~n");
        assert_eq!(c.pointer(), "/a~1b/3/m~0n");
    }

    #[test]
    fn a_pointer_finds_what_its_path_wrote() {
        let document = json!({"a/b": [0, {"m~n": 7}], "": 1});
        assert_eq!(find(&document, "/a~1b/1/m~0n"), Some(&json!(7)));
        assert_eq!(find(&document, "/"), Some(&json!(1)));
        assert_eq!(find(&document, ""), Some(&document));
    }

    #[test]
    fn a_malformed_pointer_finds_nothing() {
        let document = json!({"a": [0, 1], "b~": 2});
        for pointer in ["a", "/a/01", "/a/-1", "/a/+1", "/a/9", "/b~", "/b~2", "/a/0/x"] {
            assert_eq!(find(&document, pointer), None, "{pointer}");
        }
    }
}
