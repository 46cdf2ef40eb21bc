//! Every keyword of the dialect, and nothing else: a keyword not named here is a typing error.

use super::Compiler;
use super::draft::Draft;
use super::values::compile_pattern;
use crate::schema::error::SchemaError;
use crate::schema::node::{Keyword, NodeId, Step};
use regex_lite::Regex;
use serde_json::{Map, Value};
use std::sync::Arc;

impl<'d> Compiler<'d> {
    /// Reads the members of a schema object.
    pub(super) fn object(&mut self, id: NodeId, map: &'d Map<String, Value>, resource: usize) {
        let resource = self.identify(id, map, resource);
        // Every keyword comes from at least one member, so this never grows.
        let mut draft = Draft { keywords: Vec::with_capacity(map.len()), ..Draft::default() };
        for (name, value) in map {
            self.keyword(id, name, value, resource, &mut draft);
        }
        self.finish(id, draft, resource);
    }

    fn keyword(
        &mut self,
        id: NodeId,
        name: &'d str,
        value: &'d Value,
        resource: usize,
        draft: &mut Draft<'d>,
    ) {
        let keyword = match name {
            "type" => self.types(id, value).map(Keyword::Type),
            "const" => Some(Keyword::Const(value.clone())),
            "enum" => {
                draft.choices = self.list(id, "enum", value);
                draft.choices.map(|choices| Keyword::Enum(choices.into()))
            }
            "minimum" => self.number(id, "minimum", value).map(Keyword::Minimum),
            "maximum" => self.number(id, "maximum", value).map(Keyword::Maximum),
            "exclusiveMinimum" => {
                self.number(id, "exclusiveMinimum", value).map(Keyword::ExclusiveMinimum)
            }
            "exclusiveMaximum" => {
                self.number(id, "exclusiveMaximum", value).map(Keyword::ExclusiveMaximum)
            }
            "multipleOf" => self.multiple_of(id, value),
            "minLength" => self.count(id, "minLength", value).map(Keyword::MinLength),
            "maxLength" => self.count(id, "maxLength", value).map(Keyword::MaxLength),
            "minItems" => self.count(id, "minItems", value).map(Keyword::MinItems),
            "maxItems" => self.count(id, "maxItems", value).map(Keyword::MaxItems),
            "minProperties" => self.count(id, "minProperties", value).map(Keyword::MinProperties),
            "maxProperties" => self.count(id, "maxProperties", value).map(Keyword::MaxProperties),
            "minContains" => {
                draft.min_contains = self.count(id, "minContains", value);
                None
            }
            "maxContains" => {
                draft.max_contains = self.count(id, "maxContains", value);
                None
            }
            "uniqueItems" => self.flag(id, "uniqueItems", value).then_some(Keyword::UniqueItems),
            "pattern" => self.pattern(id, value),
            "format" => self.format(id, value),
            "required" => self.names(id, "required", value).map(Keyword::Required),
            "dependentRequired" => self.dependent_required(id, value),
            "properties" => {
                draft.named = self.named(id, "properties", value, resource);
                None
            }
            "patternProperties" => {
                draft.patterns = self.patterns(id, value, resource);
                None
            }
            "additionalProperties" => {
                draft.additional = Some(self.child(id, "additionalProperties", value, resource));
                None
            }
            "propertyNames" => {
                Some(Keyword::PropertyNames(self.child(id, "propertyNames", value, resource)))
            }
            "dependentSchemas" => Some(Keyword::DependentSchemas(
                self.named(id, "dependentSchemas", value, resource).into(),
            )),
            "prefixItems" => {
                draft.prefix = self.children(id, "prefixItems", value, resource);
                None
            }
            "items" => {
                draft.items = Some(self.child(id, "items", value, resource));
                None
            }
            "contains" => {
                draft.contains = Some(self.child(id, "contains", value, resource));
                None
            }
            "allOf" => Some(Keyword::AllOf(self.children(id, "allOf", value, resource).into())),
            "anyOf" => {
                draft.any_of = self.children(id, "anyOf", value, resource);
                None
            }
            "oneOf" => {
                draft.one_of = self.children(id, "oneOf", value, resource);
                None
            }
            "not" => Some(Keyword::Not(self.child(id, "not", value, resource))),
            "if" => {
                draft.condition = Some(self.child(id, "if", value, resource));
                None
            }
            "then" => {
                draft.then = Some(self.child(id, "then", value, resource));
                None
            }
            "else" => {
                draft.otherwise = Some(self.child(id, "else", value, resource));
                None
            }
            "unevaluatedItems" => {
                Some(Keyword::UnevaluatedItems(self.child(id, "unevaluatedItems", value, resource)))
            }
            "unevaluatedProperties" => Some(Keyword::UnevaluatedProperties(self.child(
                id,
                "unevaluatedProperties",
                value,
                resource,
            ))),
            "$ref" => self.reference(id, value, resource),
            "$defs" => {
                self.named(id, "$defs", value, resource);
                None
            }
            "discriminator" => {
                draft.discriminator = Some(value);
                None
            }
            "default" => {
                draft.default = Some(value);
                None
            }
            "x-generate" => {
                draft.generate = Some(value);
                None
            }
            // Read by `identify`.
            "$id" | "$anchor" | "$schema" => None,
            "title" | "description" | "examples" | "deprecated" | "readOnly" | "writeOnly"
            | "$comment" | "contentEncoding" | "contentMediaType" | "contentSchema" => None,
            "$dynamicRef" | "$dynamicAnchor" | "$recursiveRef" | "$recursiveAnchor"
            | "$vocabulary" => {
                let pointer = self.nodes.keyword_pointer(id, name);
                self.errors.push(SchemaError::Unsupported { pointer, what: "this keyword" });
                None
            }
            other if other.starts_with("x-") => None,
            other => {
                let (pointer, hint) = (self.nodes.keyword_pointer(id, other), hint(other));
                self.errors.push(SchemaError::UnknownKeyword { pointer, hint });
                None
            }
        };
        draft.keywords.extend(keyword);
    }

    fn child(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        value: &'d Value,
        resource: usize,
    ) -> NodeId {
        self.subschema(value, id, Step::Keyword(keyword), resource)
    }

    fn children(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        value: &'d Value,
        resource: usize,
    ) -> Vec<NodeId> {
        let list = self.list(id, keyword, value).unwrap_or_default();
        let each = list.iter().enumerate();
        each.map(|(index, part)| self.subschema(part, id, Step::Index(keyword, index), resource))
            .collect()
    }

    fn named(
        &mut self,
        id: NodeId,
        keyword: &'static str,
        value: &'d Value,
        resource: usize,
    ) -> Vec<(Arc<str>, NodeId)> {
        let Value::Object(map) = value else {
            self.malformed(id, keyword, "an object of schemas");
            return Vec::new();
        };
        let mut children = Vec::with_capacity(map.len());
        for (name, part) in map {
            let name: Arc<str> = Arc::from(name.as_str());
            let child = self.subschema(part, id, Step::Name(keyword, Arc::clone(&name)), resource);
            children.push((name, child));
        }
        children
    }

    fn patterns(&mut self, id: NodeId, value: &'d Value, resource: usize) -> Vec<(Regex, NodeId)> {
        let mut patterns = Vec::new();
        for (pattern, node) in self.named(id, "patternProperties", value, resource) {
            let pointer = || self.nodes.pointer(node);
            match compile_pattern(&pattern) {
                Ok(regex) => patterns.push((regex, node)),
                Err(reason) => {
                    let pointer = pointer();
                    self.errors.push(SchemaError::Pattern { pointer, reason });
                }
            }
        }
        patterns
    }
}

/// What the author of an unknown keyword may have meant.
fn hint(name: &str) -> String {
    match name {
        "definitions" => "; 2020-12 says `$defs`".to_owned(),
        "dependencies" => "; 2020-12 says `dependentRequired` or `dependentSchemas`".to_owned(),
        "additionalItems" => "; 2020-12 says `items` beside `prefixItems`".to_owned(),
        "nullable" => "; 2020-12 says `\"type\": [\"null\", …]`".to_owned(),
        "example" => "; 2020-12 says `examples`".to_owned(),
        _ => "; keywords of one's own start with `x-`".to_owned(),
    }
}
