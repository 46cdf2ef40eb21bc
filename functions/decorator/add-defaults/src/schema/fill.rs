//! Putting in what is missing.
//!
//! *Missing* is absent or null. One pass goes top-down: a node's own members, then `$ref`, then
//! `allOf` in order, then what depends on the data. If something was filled and the schema looks at
//! the data at all, another pass follows, until nothing is missing any more. A pass only ever adds,
//! so this ends, and filling twice is filling once.

use super::check::{Check, Mode};
use super::choose;
use super::generate::Generator;
use super::node::{Keyword, Members, NodeId, Plan};
use super::nodes::Nodes;
use super::pointer::Path;
use super::{Filled, Source};
use serde_json::{Map, Value};

/// Nothing is made deeper than a JSON parser would read it again.
const DEEPEST: usize = 120;

/// Visits allowed for each value of an instance, and for any instance. Only a hostile instance of
/// a recursive schema needs more, and is left as it is.
const PATIENCE: (u64, u64) = (1000, 100_000);

/// Visits allowed for any instance at all.
const MOST_VISITS: u64 = 2_000_000;

/// Values that are put in at most: a small body must not grow without bounds.
const MOST_FILLED: usize = 10_000;

/// Passes after which a schema whose conditions undo each other is left as it is.
const MOST_PASSES: u32 = 32;

/// One filling of one instance.
#[derive(Debug)]
pub(super) struct Filler<'s, 'g, 'r> {
    nodes: &'s Nodes,
    generator: &'g mut Generator<'r>,
    explain: bool,
    pub(super) filled: Vec<Filled>,
    pub(super) count: usize,
    visits: u64,
    patience: u64,
    steps: u32,
    /// Set when defaults turned out to contain themselves, or filling took too much. Nothing more
    /// is filled then.
    pub(super) endless: bool,
}

impl<'s, 'g, 'r> Filler<'s, 'g, 'r> {
    pub(super) fn new(nodes: &'s Nodes, generator: &'g mut Generator<'r>, explain: bool) -> Self {
        Self {
            nodes,
            generator,
            explain,
            filled: Vec::new(),
            count: 0,
            visits: 0,
            patience: PATIENCE.1,
            steps: 0,
            endless: false,
        }
    }

    /// Fills a value until nothing is missing.
    pub(super) fn settle(&mut self, id: NodeId, value: &mut Value) {
        let patience = PATIENCE.1.saturating_add(PATIENCE.0.saturating_mul(size(value)));
        self.patience = patience.min(MOST_VISITS);
        for _ in 0..MOST_PASSES {
            let before = self.count;
            self.slot(id, value, &Path::Root);
            if self.count == before || self.endless {
                return;
            }
        }
        self.endless = true;
    }

    /// Fills a place that exists: replaces null, or goes into the value.
    fn slot(&mut self, id: NodeId, slot: &mut Value, path: &Path<'_>) {
        if !slot.is_null() {
            self.value(id, slot, path);
            return;
        }
        // A default of null leaves null as it is.
        let nothing = matches!(self.nodes.plan(id), Some((_, Plan::Default(Value::Null))));
        if !nothing && let Some(value) = self.create(id, path) {
            *slot = value;
        }
    }

    /// Fills what is missing inside a value.
    fn value(&mut self, id: NodeId, value: &mut Value, path: &Path<'_>) {
        let nodes = self.nodes;
        if !nodes[id].fills || self.endless {
            return;
        }
        self.visits += 1;
        if self.visits > self.patience {
            self.endless = true;
            return;
        }
        for keyword in &nodes[id].keywords {
            match (keyword, &mut *value) {
                (Keyword::Members(members), Value::Object(map)) => self.members(members, map, path),
                (Keyword::Elements { prefix, rest }, Value::Array(list)) => {
                    for (index, element) in list.iter_mut().enumerate() {
                        let Some(node) = prefix.get(index).copied().or(*rest) else { break };
                        self.slot(node, element, &path.element(index));
                    }
                }
                (Keyword::Ref(target), value) => self.value(*target, value, path),
                (Keyword::AllOf(parts), value) => {
                    for part in parts {
                        self.value(*part, value, path);
                    }
                }
                (Keyword::DependentSchemas(list), value) => {
                    for (name, node) in list {
                        if value.get(&**name).is_some() {
                            self.value(*node, value, path);
                        }
                    }
                }
                (Keyword::If { condition, then, otherwise }, value) => {
                    let fills = |node: &Option<NodeId>| node.is_some_and(|node| nodes[node].fills);
                    if fills(then) || fills(otherwise) {
                        let holds = self.holds(*condition, value);
                        if let Some(node) = if holds { then } else { otherwise } {
                            self.value(*node, value, path);
                        }
                    }
                }
                (Keyword::AnyOf(choice) | Keyword::OneOf(choice), value) => {
                    if let Some(branch) = choose::fillable(nodes, choice, value, &mut self.steps) {
                        self.value(branch, value, path);
                    }
                }
                _ => {}
            }
        }
    }

    fn members(&mut self, members: &Members, map: &mut Map<String, Value>, path: &Path<'_>) {
        for (name, node) in &members.named {
            if !self.nodes[*node].fills {
                continue;
            }
            match map.get_mut(&**name) {
                Some(slot) => self.slot(*node, slot, &path.member(name)),
                None => {
                    if let Some(value) = self.create(*node, &path.member(name)) {
                        map.insert(String::from(&**name), value);
                    }
                }
            }
        }
        let others = members.patterns.iter().map(|(_, node)| *node).chain(members.additional);
        if others.into_iter().any(|node| self.nodes[node].fills) {
            for (name, slot) in map {
                let named = members.named(name);
                members.each(name, |node| {
                    if Some(node) != named {
                        self.slot(node, slot, &path.member(name));
                    }
                });
            }
        }
    }

    /// Makes a missing value, filled in turn, if the schema says how.
    fn create(&mut self, id: NodeId, path: &Path<'_>) -> Option<Value> {
        if self.endless || !self.nodes[id].fills {
            return None;
        }
        if path.depth() > DEEPEST {
            self.endless = true;
            return None;
        }
        let Some((owner, plan)) = self.nodes.plan(id) else {
            return if self.nodes[id].implied { self.implied_at(id, path) } else { None };
        };
        let (mut value, source) = match plan {
            Plan::Default(value) => (value.clone(), Source::Default),
            Plan::Generate(kind) => (self.generator.make(kind)?, Source::Generated(kind.name())),
        };
        self.record(path, source, owner);
        self.value(id, &mut value, path);
        Some(value)
    }

    /// Makes an object nobody gave for the sake of the defaults in it, if they make it valid.
    pub(super) fn implied(&mut self, id: NodeId) -> Option<Value> {
        self.implied_at(id, &Path::Root)
    }

    fn implied_at(&mut self, id: NodeId, path: &Path<'_>) -> Option<Value> {
        let (filled, count) = (self.filled.len(), self.count);
        let mut value = Value::Object(Map::new());
        loop {
            let before = self.count;
            self.value(id, &mut value, path);
            if self.count == before || self.endless {
                break;
            }
        }
        if self.count > count && self.holds(id, &value) {
            return Some(value);
        }
        self.filled.truncate(filled);
        self.count = count;
        None
    }

    fn holds(&mut self, id: NodeId, value: &Value) -> bool {
        let mut check = Check::new(self.nodes, Mode::Strict, self.steps);
        let holds = check.root(id, value);
        self.steps = check.steps;
        holds
    }

    fn record(&mut self, path: &Path<'_>, source: Source, owner: NodeId) {
        self.count += 1;
        self.endless |= self.count > MOST_FILLED;
        if self.explain {
            let keyword = match source {
                Source::Default => "default",
                Source::Generated(_) => "x-generate",
            };
            let schema_pointer = self.nodes.keyword_pointer(owner, keyword);
            self.filled.push(Filled { pointer: path.pointer(), source, schema_pointer });
        }
    }
}

/// How many values there are in a value, itself included.
fn size(value: &Value) -> u64 {
    1 + match value {
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(map) => map.values().map(size).sum(),
        _ => 0,
    }
}
