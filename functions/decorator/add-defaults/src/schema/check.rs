//! Does an instance satisfy the schema, and if not, why?
//!
//! One walk serves three questions, told apart by [`Mode`]: collecting all violations, a plain yes
//! or no, and "could it, once its defaults are filled in?", which selects branches for filling.

use super::Violation;
use super::node::{Keyword, NodeId, Step};
use super::nodes::Nodes;
use super::pointer::Path;
use serde_json::Value;
use std::collections::HashMap;

/// More violations than this help nobody.
const MOST_VIOLATIONS: usize = 100;

/// From this many steps on, results are remembered. Requests never get there; a hostile instance
/// of a recursive schema does, and then costs a product of sizes instead of a power.
const PATIENCE: u32 = 1_000_000;

/// The question asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// Find everything that is wrong.
    Collect,
    /// Yes or no.
    Strict,
    /// Yes or no, where a missing value that would be filled counts as there and right.
    Possible,
}

/// The subschemas that could fill the object at hand, innermost first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope<'p> {
    node: NodeId,
    outer: Option<&'p Self>,
}

impl<'p> Scope<'p> {
    pub(super) fn of(node: NodeId) -> Self {
        Self { node, outer: None }
    }

    pub(super) fn branch(&'p self, node: NodeId) -> Self {
        Self { node, outer: Some(self) }
    }

    pub(super) fn creates(&self, nodes: &Nodes, name: &str) -> bool {
        nodes.creates_member(self.node, name)
            || self.outer.is_some_and(|outer| outer.creates(nodes, name))
    }
}

/// One walk over an instance.
#[derive(Debug)]
pub(super) struct Check<'s> {
    pub(super) nodes: &'s Nodes,
    pub(super) mode: Mode,
    pub(super) steps: u32,
    memo: HashMap<(NodeId, usize, Mode), bool>,
    violations: Vec<Violation>,
}

impl<'s> Check<'s> {
    pub(super) fn new(nodes: &'s Nodes, mode: Mode, steps: u32) -> Self {
        Self { nodes, mode, steps, memo: HashMap::new(), violations: Vec::new() }
    }

    /// All violations of a node.
    pub(super) fn all(nodes: &'s Nodes, id: NodeId, value: &Value) -> Vec<Violation> {
        let mut check = Self::new(nodes, Mode::Collect, 0);
        check.root(id, value);
        check.violations
    }

    /// Asks the question about one value.
    pub(super) fn root(&mut self, id: NodeId, value: &Value) -> bool {
        self.node(id, value, &Path::Root, &Scope::of(id))
    }

    /// Applies every keyword of a node.
    pub(super) fn node(
        &mut self,
        id: NodeId,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        self.steps = self.steps.saturating_add(1);
        let nodes = self.nodes;
        let mut valid = true;
        for keyword in &nodes[id].keywords {
            if !self.keyword(id, keyword, value, path, scope) {
                valid = false;
                if self.mode != Mode::Collect || self.violations.len() >= MOST_VIOLATIONS {
                    break;
                }
            }
        }
        valid
    }

    /// Applies a node to a member or an element.
    pub(super) fn deeper(&mut self, id: NodeId, value: &Value, path: &Path<'_>) -> bool {
        if self.mode == Mode::Possible && value.is_null() && self.nodes.creates(id) {
            return true;
        }
        let scope = Scope::of(id);
        if self.steps < PATIENCE || !(value.is_object() || value.is_array()) {
            return self.node(id, value, path, &scope);
        }
        let key = (id, std::ptr::from_ref(value) as usize, self.mode);
        if let Some(known) = self.memo.get(&key) {
            return *known;
        }
        let valid = self.node(id, value, path, &scope);
        self.memo.insert(key, valid);
        valid
    }

    /// Applies a node to the same value, asking another question.
    pub(super) fn ask(
        &mut self,
        mode: Mode,
        id: NodeId,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        let before = std::mem::replace(&mut self.mode, mode);
        let valid = self.node(id, value, path, &scope.branch(id));
        self.mode = before;
        valid
    }

    /// Whether an element is one that `contains` looks for.
    pub(super) fn matches(&mut self, id: NodeId, value: &Value, path: &Path<'_>) -> bool {
        let mode = self.branch_mode();
        let before = std::mem::replace(&mut self.mode, mode);
        let valid = self.deeper(id, value, path);
        self.mode = before;
        valid
    }

    /// The question to ask of one alternative among several.
    pub(super) fn branch_mode(&self) -> Mode {
        if self.mode == Mode::Possible { Mode::Possible } else { Mode::Strict }
    }

    pub(super) fn fail(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        path: &Path<'_>,
        detail: impl FnOnce() -> String,
    ) -> bool {
        if self.mode == Mode::Collect && self.violations.len() < MOST_VIOLATIONS {
            let nodes = self.nodes;
            // A `false` schema has no keyword of its own: its place says what it forbids.
            let (keyword, schema_pointer) = match (&nodes[id].step, keyword) {
                (Step::Keyword(place) | Step::Index(place, _) | Step::Name(place, _), "false") => {
                    (*place, nodes.pointer(id))
                }
                (Step::Root, "false") => (keyword, String::new()),
                _ => (keyword, nodes.keyword_pointer(id, keyword)),
            };
            let (pointer, detail) = (path.pointer(), detail());
            self.violations.push(Violation { pointer, keyword, detail, schema_pointer });
        }
        false
    }

    fn keyword(
        &mut self,
        id: NodeId,
        keyword: &Keyword,
        value: &Value,
        path: &Path<'_>,
        scope: &Scope<'_>,
    ) -> bool {
        match (keyword, value) {
            (Keyword::Required(names), Value::Object(map)) => {
                self.required(id, "required", names, map, path, scope)
            }
            (Keyword::DependentRequired(list), Value::Object(map)) => list
                .iter()
                .filter(|(name, _)| map.contains_key(&**name))
                .fold(true, |valid, (_, names)| {
                    self.required(id, "dependentRequired", names, map, path, scope) && valid
                }),
            (Keyword::Members(members), Value::Object(map)) => self.members(members, map, path),
            (Keyword::PropertyNames(node), Value::Object(map)) => self.names(*node, map, path),
            (Keyword::Elements { prefix, rest }, Value::Array(list)) => {
                self.elements(prefix, *rest, list, path)
            }
            (Keyword::Contains { node, min, max }, Value::Array(list)) => {
                let elements = list.iter().enumerate();
                let matching = elements
                    .filter(|(index, value)| self.matches(*node, value, &path.element(*index)));
                let count = matching.count() as u64;
                match (count < *min, count > *max) {
                    (true, _) if *min == 1 => self.fail(id, "contains", path, || {
                        "must contain a matching element".to_owned()
                    }),
                    (true, _) => self.fail(id, "minContains", path, || {
                        format!("must contain at least {min} matching elements")
                    }),
                    (_, true) => self.fail(id, "maxContains", path, || {
                        format!("must contain at most {max} matching elements")
                    }),
                    _ => true,
                }
            }
            (Keyword::Ref(target), _) => self.node(*target, value, path, scope),
            (Keyword::AllOf(parts), _) => {
                let mut valid = true;
                for part in parts {
                    valid &= self.node(*part, value, path, scope);
                    if !valid && self.mode != Mode::Collect {
                        break;
                    }
                }
                valid
            }
            (Keyword::DependentSchemas(list), Value::Object(map)) => list
                .iter()
                .filter(|(name, _)| map.contains_key(&**name))
                .fold(true, |valid, (_, node)| {
                    self.node(*node, value, path, &scope.branch(*node)) && valid
                }),
            (Keyword::AnyOf(choice), _) => self.any_of(id, choice, value, path, scope),
            (Keyword::OneOf(choice), _) => self.one_of(id, choice, value, path, scope),
            (Keyword::Not(node), _) => {
                !self.ask(Mode::Strict, *node, value, path, scope)
                    || self.fail(id, "not", path, || "must not be what `not` describes".to_owned())
            }
            (Keyword::If { condition, then, otherwise }, _) => {
                if then.is_none() && otherwise.is_none() {
                    return true;
                }
                let holds = self.ask(Mode::Strict, *condition, value, path, scope);
                match if holds { then } else { otherwise } {
                    Some(node) => self.node(*node, value, path, &scope.branch(*node)),
                    None => true,
                }
            }
            (Keyword::UnevaluatedItems(node), Value::Array(list)) => {
                let marks = self.evaluated(id, value, list.len(), path, scope);
                let rest = list.iter().enumerate().filter(|(index, _)| !marks.has(*index));
                rest.fold(true, |valid, (index, value)| {
                    self.deeper(*node, value, &path.element(index)) && valid
                })
            }
            (Keyword::UnevaluatedProperties(node), Value::Object(map)) => {
                let marks = self.evaluated(id, value, map.len(), path, scope);
                let rest = map.iter().enumerate().filter(|(index, _)| !marks.has(*index));
                rest.fold(true, |valid, (_, (name, value))| {
                    self.deeper(*node, value, &path.member(name)) && valid
                })
            }
            // What filling may add cannot be held against an object yet.
            (Keyword::MinProperties(_), _) if self.mode == Mode::Possible => true,
            (assertion, _) => {
                assertion.holds(value)
                    || self.fail(id, assertion.name(), path, || assertion.demand())
            }
        }
    }
}
