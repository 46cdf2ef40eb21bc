//! `$ref`, `$id` and `$anchor`, within one document.
//!
//! A reference is followed in the document itself; the value found there is then looked up among
//! the values that became nodes. So no table of all pointers is ever built.

use super::Compiler;
use super::address::{join, percent_decode};
use crate::schema::error::SchemaError;
use crate::schema::node::{Keyword, NodeId};
use crate::schema::nodes::Nodes;
use crate::schema::pointer;
use serde_json::{Map, Value};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A part of the document with an address of its own: the root, and every schema with `$id`.
#[derive(Debug)]
struct Resource<'d> {
    base: String,
    root: &'d Value,
}

/// What has been seen of references and their targets.
#[derive(Debug)]
pub(super) struct References<'d> {
    resources: Vec<Resource<'d>>,
    anchors: Vec<(usize, &'d str, NodeId)>,
    pending: Vec<(NodeId, usize, &'d str)>,
    pub(super) discriminators: Vec<(NodeId, usize, &'d Value)>,
}

impl<'d> References<'d> {
    pub(super) fn new(document: &'d Value) -> Self {
        Self {
            resources: vec![Resource { base: String::new(), root: document }],
            anchors: Vec::new(),
            pending: Vec::new(),
            discriminators: Vec::new(),
        }
    }
}

impl<'d> Compiler<'d> {
    /// Reads `$schema`, `$id` and `$anchor`; returns the resource that the schema belongs to.
    pub(super) fn identify(
        &mut self,
        id: NodeId,
        map: &'d Map<String, Value>,
        resource: usize,
    ) -> usize {
        if !map.keys().any(|name| matches!(name.as_str(), "$schema" | "$id" | "$anchor")) {
            return resource;
        }
        if let Some(dialect) = map.get("$schema")
            && dialect.as_str().map(|dialect| dialect.trim_end_matches('#')) != Some(DIALECT)
        {
            let pointer = self.nodes.keyword_pointer(id, "$schema");
            self.errors.push(SchemaError::Dialect { pointer });
        }
        let mut resource = resource;
        if let Some(address) = map.get("$id") {
            let address =
                address.as_str().map(|address| address.strip_suffix('#').unwrap_or(address));
            match address {
                Some(address) if !address.contains('#') => {
                    resource = self.add_resource(id, address, resource)
                }
                _ => self.malformed(id, "$id", "an address without a fragment"),
            }
        }
        if let Some(anchor) = map.get("$anchor") {
            match anchor.as_str().filter(|anchor| is_anchor(anchor)) {
                Some(anchor) if self.anchor(resource, anchor).is_some() => {
                    self.duplicate(id, "$anchor", anchor);
                }
                Some(anchor) => self.references.anchors.push((resource, anchor, id)),
                None => {
                    self.malformed(id, "$anchor", "a name of letters, digits, `-`, `_` and `.`")
                }
            }
        }
        resource
    }

    fn add_resource(&mut self, id: NodeId, address: &str, outer: usize) -> usize {
        let base = join(&self.references.resources[outer].base, address);
        if id == Nodes::ROOT {
            self.references.resources[0].base = base;
            return 0;
        }
        if self.references.resources.iter().any(|known| known.base == base) {
            self.duplicate(id, "$id", &base);
            return outer;
        }
        let root = self.sources[id.0 as usize];
        self.references.resources.push(Resource { base, root });
        self.references.resources.len() - 1
    }

    fn duplicate(&mut self, id: NodeId, keyword: &str, name: &str) {
        let (pointer, name) = (self.nodes.keyword_pointer(id, keyword), name.to_owned());
        self.errors.push(SchemaError::DuplicateIdentifier { pointer, name });
    }

    fn anchor(&self, resource: usize, anchor: &str) -> Option<NodeId> {
        let same = |known: &&(usize, &str, NodeId)| known.0 == resource && known.1 == anchor;
        self.references.anchors.iter().find(same).map(|(_, _, node)| *node)
    }

    /// Notes a `$ref`; its target is put in once the whole document has been walked.
    pub(super) fn reference(
        &mut self,
        id: NodeId,
        value: &'d Value,
        resource: usize,
    ) -> Option<Keyword> {
        match value.as_str() {
            Some(target) => {
                self.references.pending.push((id, resource, target));
                Some(Keyword::Ref(id))
            }
            None => {
                self.malformed(id, "$ref", "a string");
                None
            }
        }
    }

    /// Ties references and discriminators to the nodes they mean.
    pub(super) fn resolve(&mut self) {
        let pending = std::mem::take(&mut self.references.pending);
        let discriminators = std::mem::take(&mut self.references.discriminators);
        if pending.is_empty() && discriminators.is_empty() {
            return;
        }
        let address = |value: &Value| std::ptr::from_ref(value) as usize;
        let each = self.sources.iter().zip(0_u32..);
        let mut index: Vec<(usize, u32)> = each.map(|(source, id)| (address(source), id)).collect();
        index.sort_unstable();
        let lookup = |value: &Value| {
            let at = index.binary_search_by_key(&address(value), |entry| entry.0).ok()?;
            Some(NodeId(index[at].1))
        };
        for (id, resource, target) in pending {
            match self.target(resource, target, &lookup) {
                Ok(found) => {
                    for keyword in &mut self.node(id).keywords {
                        if let Keyword::Ref(node) = keyword {
                            *node = found;
                        }
                    }
                }
                Err(remote) => {
                    let (pointer, target) =
                        (self.nodes.keyword_pointer(id, "$ref"), target.to_owned());
                    self.errors.push(match remote {
                        true => SchemaError::RemoteReference { pointer, target },
                        false => SchemaError::UnresolvedReference { pointer, target },
                    });
                }
            }
        }
        if !self.errors.is_empty() {
            return;
        }
        for (id, resource, source) in discriminators {
            if let Err(reason) = self.discriminate(id, resource, source, &lookup) {
                let pointer = self.nodes.keyword_pointer(id, "discriminator");
                self.errors.push(SchemaError::Discriminator { pointer, reason });
            }
        }
    }

    /// The node a reference means. An error says whether it lies outside the document.
    pub(super) fn target(
        &self,
        resource: usize,
        target: &str,
        lookup: &impl Fn(&Value) -> Option<NodeId>,
    ) -> Result<NodeId, bool> {
        let (address, fragment) = target.split_once('#').unwrap_or((target, ""));
        let resources = &self.references.resources;
        let resource = match address {
            "" => resource,
            _ => {
                let address = join(&resources[resource].base, address);
                resources.iter().position(|known| known.base == address).ok_or(true)?
            }
        };
        let fragment = percent_decode(fragment).ok_or(false)?;
        let found = match fragment.is_empty() || fragment.starts_with('/') {
            true => pointer::find(resources[resource].root, &fragment).and_then(lookup),
            false => self.anchor(resource, &fragment),
        };
        found.ok_or(false)
    }
}

fn is_anchor(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}
