//! The compiled form: one node a subschema, in one vector, pointing at each other by index.
//!
//! An index instead of a box is what lets a recursive schema be a plain, `Send + Sync` value that
//! is dropped in one go.

use super::format::Format;
use super::generate::Kind;
use super::multiple::Divisor;
use regex_lite::Regex;
use serde_json::{Number, Value};
use std::sync::Arc;

/// The index of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct NodeId(pub(super) u32);

/// Names of members.
pub(super) type Names = Box<[Arc<str>]>;

/// One compiled subschema.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) parent: NodeId,
    pub(super) step: Step,
    /// Sorted by [`Keyword::rank`].
    pub(super) keywords: Vec<Keyword>,
    /// What this very node gives to a missing value.
    pub(super) plan: Option<Plan>,
    /// Whether anything at or below this node can fill: if not, filling skips it.
    pub(super) fills: bool,
    /// Whether a missing object may be made for the sake of the defaults inside it.
    pub(super) implied: bool,
}

/// How a node is reached from its parent in the schema document.
#[derive(Debug, Clone)]
pub(super) enum Step {
    Root,
    Keyword(&'static str),
    Index(&'static str, usize),
    Name(&'static str, Arc<str>),
}

/// Where a missing value comes from.
#[derive(Debug)]
pub(super) enum Plan {
    Default(Value),
    Generate(Kind),
}

/// A keyword, or a group of keywords that only make sense together.
#[derive(Debug)]
pub(super) enum Keyword {
    Never,
    Type(Types),
    Const(Value),
    Enum(Box<[Value]>),
    Minimum(Number),
    ExclusiveMinimum(Number),
    Maximum(Number),
    ExclusiveMaximum(Number),
    MultipleOf(Divisor, Number),
    MinLength(u64),
    MaxLength(u64),
    Pattern(Box<Regex>),
    Format(Format),
    MinItems(u64),
    MaxItems(u64),
    UniqueItems,
    MinProperties(u64),
    MaxProperties(u64),
    Required(Names),
    DependentRequired(Box<[(Arc<str>, Names)]>),
    Members(Box<Members>),
    PropertyNames(NodeId),
    Elements { prefix: Box<[NodeId]>, rest: Option<NodeId> },
    Contains { node: NodeId, min: u64, max: u64 },
    Ref(NodeId),
    AllOf(Box<[NodeId]>),
    DependentSchemas(Box<[(Arc<str>, NodeId)]>),
    AnyOf(Box<Choice>),
    OneOf(Box<Choice>),
    Not(NodeId),
    If { condition: NodeId, then: Option<NodeId>, otherwise: Option<NodeId> },
    UnevaluatedItems(NodeId),
    UnevaluatedProperties(NodeId),
}

/// `properties`, `patternProperties` and `additionalProperties`.
#[derive(Debug, Default)]
pub(super) struct Members {
    /// In document order, which is the order of filling.
    pub(super) named: Box<[(Arc<str>, NodeId)]>,
    /// Indices into `named`, sorted by name, when there are enough names to be worth it.
    pub(super) sorted: Box<[u32]>,
    pub(super) patterns: Box<[(Regex, NodeId)]>,
    pub(super) additional: Option<NodeId>,
}

impl Members {
    /// The subschema `properties` has for a name.
    pub(super) fn named(&self, name: &str) -> Option<NodeId> {
        if self.sorted.is_empty() {
            return self.named.iter().find(|(known, _)| **known == *name).map(|(_, node)| *node);
        }
        let key = |index: &u32| &*self.named[*index as usize].0;
        let at = self.sorted.binary_search_by(|index| key(index).cmp(name)).ok()?;
        Some(self.named[self.sorted[at] as usize].1)
    }

    /// Calls back with every subschema that applies to a member, `additionalProperties` included.
    pub(super) fn each(&self, name: &str, mut apply: impl FnMut(NodeId)) {
        let mut known = false;
        if let Some(node) = self.named(name) {
            known = true;
            apply(node);
        }
        for (pattern, node) in &self.patterns {
            if pattern.is_match(name) {
                known = true;
                apply(*node);
            }
        }
        if let (false, Some(node)) = (known, self.additional) {
            apply(node);
        }
    }

    /// Every subschema, with its name where it has one.
    pub(super) fn children(&self) -> impl Iterator<Item = NodeId> {
        let named = self.named.iter().map(|(_, node)| *node);
        named.chain(self.patterns.iter().map(|(_, node)| *node)).chain(self.additional)
    }
}

/// The branches of `anyOf` or `oneOf`, and the `discriminator` beside them.
#[derive(Debug)]
pub(super) struct Choice {
    pub(super) branches: Box<[NodeId]>,
    pub(super) tag: Option<Tag>,
}

/// A compiled `discriminator`.
#[derive(Debug)]
pub(super) struct Tag {
    pub(super) property: Box<str>,
    /// Which branch a value of the property stands for.
    pub(super) branches: Box<[(Box<str>, NodeId)]>,
}

/// A set of JSON types, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Types(pub(super) u8);

impl Types {
    pub(super) const NAMES: [&'static str; 7] =
        ["null", "boolean", "integer", "number", "string", "array", "object"];
    const INTEGER: u8 = 1 << 2;
    const NUMBER: u8 = 1 << 3;

    pub(super) fn allows(self, value: &Value) -> bool {
        let bit = match value {
            Value::Null => 1,
            Value::Bool(_) => 1 << 1,
            Value::Number(number) => {
                return self.0 & Self::NUMBER != 0
                    || (self.0 & Self::INTEGER != 0 && super::number::is_integer(number));
            }
            Value::String(_) => 1 << 4,
            Value::Array(_) => 1 << 5,
            Value::Object(_) => 1 << 6,
        };
        self.0 & bit != 0
    }

    pub(super) fn allows_objects(self) -> bool {
        self.0 & (1 << 6) != 0
    }

    /// The names of the types in the set, for people.
    pub(super) fn names(self) -> String {
        let chosen = Self::NAMES.iter().enumerate().filter(|(bit, _)| self.0 & (1 << bit) != 0);
        chosen.map(|(_, name)| *name).collect::<Vec<_>>().join(" or ")
    }
}

impl Keyword {
    /// The order of evaluation: cheap checks first, `unevaluated…` last, and before them, for
    /// filling: own members, then references, `allOf`, and only then whatever looks at the data.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Never | Self::Type(_) => 0,
            Self::Const(_) | Self::Enum(_) => 1,
            Self::Required(_) => 3,
            Self::Members(_) => 5,
            Self::Elements { .. } => 6,
            Self::PropertyNames(_) | Self::Contains { .. } => 7,
            Self::Ref(_) => 8,
            Self::AllOf(_) => 9,
            Self::DependentSchemas(_) => 10,
            Self::If { .. } => 11,
            Self::AnyOf(_) | Self::OneOf(_) => 12,
            Self::Not(_) => 13,
            Self::UnevaluatedItems(_) | Self::UnevaluatedProperties(_) => 14,
            _ => 2,
        }
    }

    /// Subschemas that apply to the same value as this one.
    pub(super) fn in_place(&self, mut visit: impl FnMut(NodeId)) {
        match self {
            Self::Ref(node) | Self::Not(node) => visit(*node),
            Self::AllOf(list) => list.iter().copied().for_each(visit),
            Self::AnyOf(choice) | Self::OneOf(choice) => {
                choice.branches.iter().copied().for_each(visit);
            }
            Self::DependentSchemas(list) => list.iter().for_each(|(_, node)| visit(*node)),
            Self::If { condition, then, otherwise } => {
                [Some(*condition), *then, *otherwise].into_iter().flatten().for_each(visit);
            }
            _ => {}
        }
    }

    /// Subschemas that apply to a member or an element of the value.
    pub(super) fn deeper(&self, mut visit: impl FnMut(NodeId)) {
        match self {
            Self::Members(members) => members.children().for_each(visit),
            Self::Elements { prefix, rest } => {
                prefix.iter().copied().chain(*rest).for_each(visit);
            }
            Self::PropertyNames(node)
            | Self::Contains { node, .. }
            | Self::UnevaluatedItems(node)
            | Self::UnevaluatedProperties(node) => visit(*node),
            _ => {}
        }
    }
}
