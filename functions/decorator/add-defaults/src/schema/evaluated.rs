//! Which members and elements have been looked at, for `unevaluatedProperties` and `…Items`.
//!
//! Evaluation is not recorded while checking: almost no schema asks for it. A node that does walks
//! its neighbours again and marks what they cover.

use super::check::{Check, Mode, Scope};
use super::node::{Keyword, NodeId};
use super::pointer::Path;
use serde_json::Value;

/// A set of positions; up to 128 need no memory of their own.
#[derive(Debug, Default)]
pub(super) struct Marks {
    low: u128,
    high: Vec<bool>,
}

impl Marks {
    fn sized(length: usize) -> Self {
        Self { low: 0, high: vec![false; length.saturating_sub(128)] }
    }

    pub(super) fn has(&self, index: usize) -> bool {
        match index.checked_sub(128) {
            None => self.low >> index & 1 == 1,
            Some(high) => self.high.get(high).copied().unwrap_or(false),
        }
    }

    fn add(&mut self, index: usize) {
        match index.checked_sub(128) {
            None => self.low |= 1 << index,
            Some(high) => {
                if let Some(mark) = self.high.get_mut(high) {
                    *mark = true;
                }
            }
        }
    }

    fn add_all(&mut self) {
        self.low = u128::MAX;
        self.high.fill(true);
    }
}

impl Check<'_> {
    /// What the other keywords beside `unevaluated…` cover of an object or an array.
    pub(super) fn evaluated(
        &mut self,
        id: NodeId,
        value: &Value,
        length: usize,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> Marks {
        let mut marks = Marks::sized(length);
        let mode = self.branch_mode();
        let before = std::mem::replace(&mut self.mode, mode);
        self.mark(id, value, path, scope, true, &mut marks);
        self.mode = before;
        marks
    }

    fn mark(
        &mut self,
        id: NodeId,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
        own: bool,
        marks: &mut Marks,
    ) {
        let nodes = self.nodes;
        for keyword in &nodes[id].keywords {
            match (keyword, value) {
                (Keyword::Members(members), Value::Object(map)) => {
                    for (index, name) in map.keys().enumerate() {
                        members.each(name, |_| marks.add(index));
                    }
                }
                (Keyword::Elements { prefix, rest }, Value::Array(list)) => match rest {
                    Some(_) => marks.add_all(),
                    None => (0..prefix.len().min(list.len())).for_each(|index| marks.add(index)),
                },
                (Keyword::Contains { node, .. }, Value::Array(list)) => {
                    for (index, element) in list.iter().enumerate() {
                        if self.matches(*node, element, &path.element(index)) {
                            marks.add(index);
                        }
                    }
                }
                // A nested one has dealt with everything; one's own is what we are preparing.
                (Keyword::UnevaluatedProperties(_), Value::Object(_))
                | (Keyword::UnevaluatedItems(_), Value::Array(_))
                    if !own =>
                {
                    marks.add_all();
                }
                (Keyword::Ref(target), _) => self.mark(*target, value, path, scope, false, marks),
                (Keyword::AllOf(parts), _) => {
                    for part in parts {
                        self.mark(*part, value, path, scope, false, marks);
                    }
                }
                (Keyword::AnyOf(choice) | Keyword::OneOf(choice), _) => {
                    for branch in &choice.branches {
                        self.mark_if_valid(*branch, value, path, scope, marks);
                    }
                }
                (Keyword::DependentSchemas(list), Value::Object(map)) => {
                    for (name, node) in list {
                        if map.contains_key(&**name) {
                            self.mark(*node, value, path, scope, false, marks);
                        }
                    }
                }
                (Keyword::If { condition, then, otherwise }, _) => {
                    let holds = self.ask(Mode::Strict, *condition, value, path, scope);
                    if holds {
                        self.mark(*condition, value, path, scope, false, marks);
                    }
                    if let Some(node) = if holds { then } else { otherwise } {
                        self.mark(*node, value, path, scope, false, marks);
                    }
                }
                _ => {}
            }
        }
    }

    fn mark_if_valid(
        &mut self,
        id: NodeId,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
        marks: &mut Marks,
    ) {
        if self.ask(self.mode, id, value, path, scope) {
            self.mark(id, value, path, scope, false, marks);
        }
    }
}
