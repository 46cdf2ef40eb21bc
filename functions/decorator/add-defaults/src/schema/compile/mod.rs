//! From a JSON document to nodes.
//!
//! Three passes: [`keywords`] walks the document and makes a node of every subschema,
//! [`references`] ties `$ref`s to nodes, and [`audit`] refuses what can never work (endless
//! references, defaults that contradict their schema). Nothing is loaded, fetched or cached, so
//! the cost is a few hundred instructions a keyword.

mod address;
mod audit;
mod discriminator;
mod draft;
mod keywords;
mod references;
mod values;

use super::error::{SchemaError, SchemaErrors};
use super::node::{Keyword, Node, NodeId, Step};
use super::nodes::Nodes;
use references::References;
use serde_json::Value;

/// A schema under construction.
#[derive(Debug)]
struct Compiler<'d> {
    nodes: Nodes,
    /// What each node was made from. A reference is resolved to a value, then to its node.
    sources: Vec<&'d Value>,
    references: References<'d>,
    errors: Vec<SchemaError>,
}

/// Compiles a document, or says everything that is wrong with it.
pub(super) fn compile(document: &Value) -> Result<Nodes, SchemaErrors> {
    let mut compiler = Compiler {
        nodes: Nodes(Vec::with_capacity(64)),
        sources: Vec::with_capacity(64),
        references: References::new(document),
        errors: Vec::new(),
    };
    compiler.subschema(document, Nodes::ROOT, Step::Root, 0);
    compiler.resolve();
    // The audit follows references, so they have to be sound before it starts.
    if compiler.errors.is_empty() {
        compiler.audit();
    }
    match compiler.errors.is_empty() {
        true => Ok(compiler.nodes),
        false => Err(SchemaErrors(compiler.errors)),
    }
}

impl<'d> Compiler<'d> {
    /// Makes the node of a subschema, and of everything below it.
    fn subschema(
        &mut self,
        source: &'d Value,
        parent: NodeId,
        step: Step,
        resource: usize,
    ) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.0.len()).unwrap_or(u32::MAX));
        self.nodes.0.push(Node {
            parent,
            step,
            keywords: Vec::new(),
            plan: None,
            fills: false,
            implied: false,
        });
        self.sources.push(source);
        match source {
            Value::Bool(true) => {}
            Value::Bool(false) => self.node(id).keywords.push(Keyword::Never),
            Value::Object(map) => self.object(id, map, resource),
            _ => {
                let pointer = self.nodes.pointer(id);
                self.errors.push(SchemaError::NotASchema { pointer });
            }
        }
        id
    }

    fn node(&mut self, id: NodeId) -> &mut Node {
        &mut self.nodes.0[id.0 as usize]
    }

    fn malformed(&mut self, id: NodeId, keyword: &str, expected: &'static str) {
        let pointer = self.nodes.keyword_pointer(id, keyword);
        self.errors.push(SchemaError::Malformed { pointer, expected });
    }
}
