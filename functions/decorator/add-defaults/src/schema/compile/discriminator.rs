//! `discriminator`: a member that names the branch.

use super::Compiler;
use crate::schema::node::{Choice, Keyword, NodeId, Tag};
use serde_json::Value;
use std::ops::ControlFlow;

impl Compiler<'_> {
    /// Compiles a `discriminator`: by its mapping, by the name a branch is referred to, and by the
    /// `const` or `enum` a branch has for the property.
    pub(super) fn discriminate(
        &mut self,
        id: NodeId,
        resource: usize,
        source: &Value,
        lookup: &impl Fn(&Value) -> Option<NodeId>,
    ) -> Result<(), &'static str> {
        let Value::Object(map) = source else {
            return Err("must be an object with `propertyName`");
        };
        if map.keys().any(|name| {
            !matches!(name.as_str(), "propertyName" | "mapping") && !name.starts_with("x-")
        }) {
            return Err("knows only `propertyName` and `mapping`");
        }
        let property = map
            .get("propertyName")
            .and_then(Value::as_str)
            .ok_or("`propertyName` must be a string")?;
        let branches: Vec<NodeId> = choice(&mut self.node(id).keywords)
            .map(|choice| choice.branches.to_vec())
            .unwrap_or_default();
        let mut table: Vec<(Box<str>, NodeId)> = Vec::new();
        if let Some(mapping) = map.get("mapping") {
            let mapping = mapping.as_object().ok_or("`mapping` must be an object")?;
            for (value, target) in mapping {
                let target = target.as_str().ok_or("`mapping` must map to strings")?;
                let defined = format!("#/$defs/{target}");
                let node = self
                    .target(resource, target, lookup)
                    .or_else(|_| self.target(resource, &defined, lookup));
                let node = node.map_err(|_| "`mapping` leads to no schema of this document")?;
                let branch = branches
                    .iter()
                    .find(|branch| **branch == node || self.refers_to(**branch, node));
                table.push((
                    value.as_str().into(),
                    *branch.ok_or("`mapping` leads to a schema that is no branch")?,
                ));
            }
        }
        for branch in branches {
            for value in self.tags(branch, property) {
                if table.iter().all(|(known, _)| **known != *value) {
                    table.push((value, branch));
                }
            }
        }
        if table.is_empty() {
            return Err(
                "no branch can be told by this property: give them a `$ref`, a `const` or a `mapping`",
            );
        }
        if let Some(choice) = choice(&mut self.node(id).keywords) {
            choice.tag = Some(Tag { property: property.into(), branches: table.into() });
        }
        Ok(())
    }

    fn refers_to(&self, branch: NodeId, node: NodeId) -> bool {
        self.nodes[branch]
            .keywords
            .iter()
            .any(|keyword| matches!(keyword, Keyword::Ref(target) if *target == node))
    }

    /// The values of a property that stand for a branch, where no mapping says so.
    fn tags(&self, branch: NodeId, property: &str) -> Vec<Box<str>> {
        let mut values = Vec::new();
        let source = self.sources[branch.0 as usize];
        if let Some(name) = source
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|target| target.rsplit(['/', '#']).next())
        {
            values.push(name.into());
        }
        // Depth is bounded here, because endless references are only looked for later.
        let mut seen = Vec::new();
        self.constants(branch, property, &mut seen, &mut values);
        values
    }

    fn constants(
        &self,
        id: NodeId,
        property: &str,
        seen: &mut Vec<NodeId>,
        values: &mut Vec<Box<str>>,
    ) {
        if seen.contains(&id) {
            return;
        }
        seen.push(id);
        for keyword in &self.nodes[id].keywords {
            match keyword {
                Keyword::Members(members) => {
                    for keyword in
                        members.named(property).map_or(&[][..], |child| &self.nodes[child].keywords)
                    {
                        match keyword {
                            Keyword::Const(Value::String(text)) => {
                                values.push(text.as_str().into())
                            }
                            Keyword::Enum(list) => {
                                values.extend(list.iter().filter_map(Value::as_str).map(Box::from))
                            }
                            _ => {}
                        }
                    }
                }
                Keyword::Ref(target) => self.constants(*target, property, seen, values),
                Keyword::AllOf(parts) => {
                    parts.iter().for_each(|part| self.constants(*part, property, seen, values))
                }
                _ => {}
            }
        }
    }
}

/// The one `anyOf` or `oneOf` of a node.
fn choice(keywords: &mut [Keyword]) -> Option<&mut Choice> {
    let found = keywords.iter_mut().try_for_each(|keyword| match keyword {
        Keyword::AnyOf(choice) | Keyword::OneOf(choice) => ControlFlow::Break(&mut **choice),
        _ => ControlFlow::Continue(()),
    });
    found.break_value()
}
