//! What can be known to be wrong before the first request.

use super::Compiler;
use crate::schema::check::Check;
use crate::schema::error::SchemaError;
use crate::schema::fill::Filler;
use crate::schema::generate::Generator;
use crate::schema::node::{Keyword, NodeId, Plan};
use crate::schema::nodes::Nodes;
use serde_json::{Map, Value};

impl Compiler<'_> {
    /// Refuses endless references and useless defaults; marks the nodes that fill.
    pub(super) fn audit(&mut self) {
        self.refuse_endless_references();
        if !self.errors.is_empty() {
            return;
        }
        if self.nodes.0.iter().all(|node| node.plan.is_none()) {
            return;
        }
        self.mark_filling_nodes();
        self.mark_implied_objects();
        for id in self.ids() {
            match &self.nodes[id].plan {
                Some(Plan::Default(value)) => {
                    let refused = self.default_fault(id, value);
                    self.errors.extend(refused);
                }
                Some(Plan::Generate(kind)) => {
                    let fault = kind.samples().iter().find_map(|sample| self.fault(id, sample));
                    if let Some(detail) = fault {
                        let pointer = self.nodes.keyword_pointer(id, "x-generate");
                        self.errors.push(SchemaError::GeneratorContradicts { pointer, detail });
                    }
                }
                None => {}
            }
        }
        if self.errors.is_empty() && self.is_recursive() {
            self.refuse_endless_growth();
        }
    }

    fn ids(&self) -> impl Iterator<Item = NodeId> + use<> {
        (0_u32..).take(self.nodes.0.len()).map(NodeId)
    }

    /// The first thing about a value that a node objects to.
    fn fault(&self, id: NodeId, value: &Value) -> Option<String> {
        let first = Check::all(&self.nodes, id, value).into_iter().next()?;
        let place =
            if first.pointer.is_empty() { String::new() } else { format!("{}: ", first.pointer) };
        Some(format!("{place}{}", first.detail))
    }

    fn default_fault(&self, id: NodeId, value: &Value) -> Option<SchemaError> {
        let mut value = value.clone();
        if !value.is_null() {
            let mut generator = Generator::sample();
            let mut filler = Filler::new(&self.nodes, &mut generator, false);
            filler.settle(id, &mut value);
            if filler.endless {
                let pointer = self.nodes.keyword_pointer(id, "default");
                return Some(SchemaError::EndlessDefault { pointer });
            }
        }
        let detail = self.fault(id, &value)?;
        let pointer = self.nodes.keyword_pointer(id, "default");
        Some(SchemaError::DefaultContradicts { pointer, detail })
    }

    /// A reference that comes back to its own node for the same value would never end.
    fn refuse_endless_references(&mut self) {
        #[derive(Clone, Copy, PartialEq)]
        enum Colour {
            New,
            Open,
            Done,
        }
        fn visit(nodes: &Nodes, id: NodeId, colours: &mut [Colour], endless: &mut Vec<NodeId>) {
            match colours[id.0 as usize] {
                Colour::Done => {}
                Colour::Open => endless.push(id),
                Colour::New => {
                    colours[id.0 as usize] = Colour::Open;
                    for keyword in &nodes[id].keywords {
                        keyword.in_place(|next| visit(nodes, next, colours, endless));
                    }
                    colours[id.0 as usize] = Colour::Done;
                }
            }
        }
        let mut colours = vec![Colour::New; self.nodes.0.len()];
        let mut endless = Vec::new();
        for id in self.ids() {
            visit(&self.nodes, id, &mut colours, &mut endless);
        }
        for id in endless {
            let pointer = self.nodes.pointer(id);
            self.errors.push(SchemaError::EndlessReference { pointer });
        }
    }

    /// A node fills if it has a plan or leads to a node that fills.
    fn mark_filling_nodes(&mut self) {
        loop {
            let mut changed = false;
            // Backwards, because children come after their parents: one round does nearly all.
            for id in self.ids().collect::<Vec<_>>().into_iter().rev() {
                let node = &self.nodes[id];
                if node.fills {
                    continue;
                }
                let mut fills = node.plan.is_some();
                for keyword in &node.keywords {
                    keyword.in_place(|next| fills |= self.nodes[next].fills);
                    keyword.deeper(|next| fills |= self.nodes[next].fills);
                }
                self.node(id).fills = fills;
                changed |= fills;
            }
            if !changed {
                return;
            }
        }
    }

    /// Decides which properties without a default may be created as objects for the sake of the
    /// defaults inside them: never those that contain themselves, or creating would not end.
    fn mark_implied_objects(&mut self) {
        let mut candidates = Vec::new();
        for node in &self.nodes.0 {
            for keyword in &node.keywords {
                if let Keyword::Members(members) = keyword {
                    let fills =
                        |id: &NodeId| self.nodes[*id].fills && self.nodes.plan(*id).is_none();
                    candidates.extend(members.named.iter().map(|(_, id)| *id).filter(fills));
                }
            }
        }
        candidates.retain(|id| self.may_be_object(*id) && !self.contains_itself(*id));
        for id in &candidates {
            self.node(*id).implied = true;
        }
        // Whether the defaults suffice is asked once; the answer is kept.
        for id in candidates {
            let mut generator = Generator::sample();
            let created = Filler::new(&self.nodes, &mut generator, false).implied(id).is_some();
            self.node(id).implied = created;
        }
    }

    fn may_be_object(&self, id: NodeId) -> bool {
        let mut named = false;
        let mut allowed = true;
        let _ = self.nodes.always(id, &mut |_, node| {
            for keyword in &node.keywords {
                match keyword {
                    Keyword::Members(members) => named |= !members.named.is_empty(),
                    Keyword::Type(types) => allowed &= types.allows_objects(),
                    Keyword::Never => allowed = false,
                    _ => {}
                }
            }
            std::ops::ControlFlow::<()>::Continue(())
        });
        named && allowed
    }

    /// Whether members made under a node can lead to the node again.
    fn contains_itself(&self, start: NodeId) -> bool {
        self.reaches_itself(start, |keyword, visit| {
            if let Keyword::Members(members) = keyword {
                members.named.iter().for_each(|(_, next)| visit(*next));
            }
        })
    }

    /// Whether any subschema leads to itself, deeper in the data.
    fn is_recursive(&self) -> bool {
        let keywords = self.nodes.0.iter().flat_map(|node| &node.keywords);
        let mut targets: Vec<NodeId> = keywords
            .filter_map(|keyword| match keyword {
                Keyword::Ref(target) => Some(*target),
                _ => None,
            })
            .collect();
        targets.sort_unstable();
        targets.dedup();
        targets
            .into_iter()
            .any(|target| self.reaches_itself(target, |keyword, visit| keyword.deeper(visit)))
    }

    /// Whether a node can be reached from itself in place and by further steps.
    fn reaches_itself(
        &self,
        start: NodeId,
        further: impl Fn(&Keyword, &mut dyn FnMut(NodeId)),
    ) -> bool {
        let mut seen = vec![false; self.nodes.0.len()];
        let mut open = vec![start];
        while let Some(id) = open.pop() {
            for keyword in &self.nodes[id].keywords {
                let mut visit = |next: NodeId| {
                    if !std::mem::replace(&mut seen[next.0 as usize], true) {
                        open.push(next);
                    }
                };
                keyword.in_place(&mut visit);
                further(keyword, &mut visit);
            }
        }
        seen[start.0 as usize]
    }

    /// Two defaults that are fine alone may feed each other, when both apply to one recursive
    /// object. An empty object of each kind shows it.
    fn refuse_endless_growth(&mut self) {
        for id in self.ids() {
            let node = &self.nodes[id];
            let members =
                node.keywords.iter().any(|keyword| matches!(keyword, Keyword::Members(_)));
            if node.fills && members {
                let mut generator = Generator::sample();
                let mut filler = Filler::new(&self.nodes, &mut generator, false);
                filler.settle(id, &mut Value::Object(Map::new()));
                if filler.endless {
                    let pointer = self.nodes.pointer(id);
                    self.errors.push(SchemaError::EndlessDefault { pointer });
                }
            }
        }
    }
}
