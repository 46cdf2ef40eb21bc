//! Keywords that wait for their neighbours: `then` for `if`, `minContains` for `contains`.

use super::Compiler;
use crate::schema::error::SchemaError;
use crate::schema::generate::Kind;
use crate::schema::node::{Choice, Keyword, Members, NodeId, Plan};
use regex_lite::Regex;
use serde_json::Value;
use std::sync::Arc;

/// From this many names on, `properties` is searched by halves.
const MANY_NAMES: usize = 9;

/// The keywords of one schema object, as far as they have been read.
#[derive(Debug, Default)]
pub(super) struct Draft<'d> {
    pub(super) keywords: Vec<Keyword>,
    pub(super) named: Vec<(Arc<str>, NodeId)>,
    pub(super) patterns: Vec<(Regex, NodeId)>,
    pub(super) additional: Option<NodeId>,
    pub(super) prefix: Vec<NodeId>,
    pub(super) items: Option<NodeId>,
    pub(super) contains: Option<NodeId>,
    pub(super) min_contains: Option<u64>,
    pub(super) max_contains: Option<u64>,
    pub(super) condition: Option<NodeId>,
    pub(super) then: Option<NodeId>,
    pub(super) otherwise: Option<NodeId>,
    pub(super) any_of: Vec<NodeId>,
    pub(super) one_of: Vec<NodeId>,
    pub(super) discriminator: Option<&'d Value>,
    pub(super) default: Option<&'d Value>,
    pub(super) generate: Option<&'d Value>,
    pub(super) choices: Option<&'d [Value]>,
}

impl<'d> Compiler<'d> {
    /// Turns a draft into the keywords and the plan of its node.
    pub(super) fn finish(&mut self, id: NodeId, mut draft: Draft<'d>, resource: usize) {
        if !draft.named.is_empty() || !draft.patterns.is_empty() || draft.additional.is_some() {
            let mut sorted: Vec<u32> = Vec::new();
            if draft.named.len() >= MANY_NAMES {
                sorted = (0..).take(draft.named.len()).collect();
                sorted.sort_unstable_by(|a, b| {
                    draft.named[*a as usize].0.cmp(&draft.named[*b as usize].0)
                });
            }
            draft.keywords.push(Keyword::Members(Box::new(Members {
                named: draft.named.into(),
                sorted: sorted.into(),
                patterns: draft.patterns.into(),
                additional: draft.additional,
            })));
        }
        if !draft.prefix.is_empty() || draft.items.is_some() {
            draft
                .keywords
                .push(Keyword::Elements { prefix: draft.prefix.into(), rest: draft.items });
        }
        if let Some(node) = draft.contains {
            let (min, max) =
                (draft.min_contains.unwrap_or(1), draft.max_contains.unwrap_or(u64::MAX));
            draft.keywords.push(Keyword::Contains { node, min, max });
        }
        if let Some(condition) = draft.condition {
            let (then, otherwise) = (draft.then, draft.otherwise);
            draft.keywords.push(Keyword::If { condition, then, otherwise });
        }
        let choices = usize::from(!draft.any_of.is_empty()) + usize::from(!draft.one_of.is_empty());
        if let Some(discriminator) = draft.discriminator {
            if choices == 1 {
                self.references.discriminators.push((id, resource, discriminator));
            } else {
                let pointer = self.nodes.keyword_pointer(id, "discriminator");
                let reason = "a discriminator stands beside exactly one of `oneOf` and `anyOf`";
                self.errors.push(SchemaError::Discriminator { pointer, reason });
            }
        }
        let choice =
            |branches: Vec<NodeId>| Box::new(Choice { branches: branches.into(), tag: None });
        if !draft.any_of.is_empty() {
            draft.keywords.push(Keyword::AnyOf(choice(draft.any_of)));
        }
        if !draft.one_of.is_empty() {
            draft.keywords.push(Keyword::OneOf(choice(draft.one_of)));
        }
        draft.keywords.sort_by_key(Keyword::rank);
        let plan = self.plan(id, draft.default, draft.generate, draft.choices);
        let node = self.node(id);
        node.keywords = draft.keywords;
        node.plan = plan;
    }

    /// What a missing value gets from this node.
    fn plan(
        &mut self,
        id: NodeId,
        default: Option<&Value>,
        generate: Option<&Value>,
        choices: Option<&[Value]>,
    ) -> Option<Plan> {
        let generate = match (default, generate) {
            (Some(_), Some(_)) => {
                let pointer = self.nodes.keyword_pointer(id, "x-generate");
                self.errors.push(SchemaError::DefaultAndGenerator { pointer });
                return None;
            }
            (Some(value), None) => return Some(Plan::Default(value.clone())),
            (None, generate) => generate?,
        };
        match (generate.as_str(), choices) {
            (Some("pick"), Some(choices)) => {
                return Some(Plan::Generate(Kind::Pick(choices.into())));
            }
            (Some("pick"), None) => {
                self.malformed(id, "x-generate", "beside the `enum` it picks from");
            }
            (Some(name), _) => match Kind::parse(name) {
                Some(kind) => return Some(Plan::Generate(kind)),
                None => {
                    let pointer = self.nodes.keyword_pointer(id, "x-generate");
                    let name = name.to_owned();
                    self.errors.push(SchemaError::UnknownGenerator { pointer, name });
                }
            },
            (None, _) => self.malformed(id, "x-generate", "a string"),
        }
        None
    }
}
