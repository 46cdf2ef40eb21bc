//! All nodes of a schema, and what can be asked of them without an instance.

use super::node::{Keyword, Node, NodeId, Plan, Step};
use super::pointer::{push_index, push_name};
use serde_json::Value;
use std::ops::ControlFlow;

/// The nodes of a schema; the root is the first.
#[derive(Debug)]
pub(super) struct Nodes(pub(super) Vec<Node>);

impl std::ops::Index<NodeId> for Nodes {
    type Output = Node;

    fn index(&self, id: NodeId) -> &Node {
        &self.0[id.0 as usize]
    }
}

impl Nodes {
    pub(super) const ROOT: NodeId = NodeId(0);

    /// The JSON Pointer of a node in the schema document.
    pub(super) fn pointer(&self, id: NodeId) -> String {
        let node = &self[id];
        let mut text = match node.step {
            Step::Root => return String::new(),
            _ => self.pointer(node.parent),
        };
        match &node.step {
            Step::Root => {}
            Step::Keyword(keyword) => push_name(&mut text, keyword),
            Step::Index(keyword, index) => {
                push_name(&mut text, keyword);
                push_index(&mut text, *index);
            }
            Step::Name(keyword, name) => {
                push_name(&mut text, keyword);
                push_name(&mut text, name);
            }
        }
        text
    }

    /// The JSON Pointer of a keyword of a node.
    pub(super) fn keyword_pointer(&self, id: NodeId, keyword: &str) -> String {
        let mut text = self.pointer(id);
        push_name(&mut text, keyword);
        text
    }

    /// Visits a node and whatever always applies with it: `$ref` first, then `allOf`, in order.
    pub(super) fn always<B>(
        &self,
        id: NodeId,
        visit: &mut impl FnMut(NodeId, &Node) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let node = &self[id];
        visit(id, node)?;
        for keyword in &node.keywords {
            match keyword {
                Keyword::Ref(target) => self.always(*target, visit)?,
                Keyword::AllOf(list) => {
                    for part in list {
                        self.always(*part, visit)?;
                    }
                }
                _ => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// The node whose default or generator fills a missing value: the first that has one.
    /// A `default` of null gives way to any other, since null is "missing" still.
    pub(super) fn plan(&self, id: NodeId) -> Option<(NodeId, &Plan)> {
        let mut null = None;
        let found = self.always(id, &mut |id, node| match &node.plan {
            Some(Plan::Default(Value::Null)) => {
                null = null.or(Some(id));
                ControlFlow::Continue(())
            }
            Some(_) => ControlFlow::Break(id),
            None => ControlFlow::Continue(()),
        });
        let chosen = found.break_value().or(null)?;
        self[chosen].plan.as_ref().map(|plan| (chosen, plan))
    }

    /// Whether a missing value under this node would be filled.
    pub(super) fn creates(&self, id: NodeId) -> bool {
        self[id].fills && (self[id].implied || self.plan(id).is_some())
    }

    /// Whether a member of the value this node applies to would be created if it were missing.
    pub(super) fn creates_member(&self, id: NodeId, name: &str) -> bool {
        let search = self.always(id, &mut |_, node| {
            let creates = node.keywords.iter().any(|keyword| match keyword {
                Keyword::Members(members) => {
                    members.named(name).is_some_and(|child| self.creates(child))
                }
                _ => false,
            });
            if creates { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        search.is_break()
    }
}
