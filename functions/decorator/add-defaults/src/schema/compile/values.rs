//! Values of keywords that are no schemas: read, or refused with what they should be.

use super::Compiler;
use crate::schema::error::SchemaError;
use crate::schema::format::Format;
use crate::schema::multiple::Divisor;
use crate::schema::node::{Keyword, NodeId, Types};
use crate::schema::number::as_count;
use regex_lite::Regex;
use serde_json::{Number, Value};
use std::sync::Arc;

const COUNT: &str = "a non-negative integer";

impl<'d> Compiler<'d> {
    pub(super) fn types(&mut self, id: NodeId, value: &Value) -> Option<Types> {
        let names = match value {
            Value::Array(names) if !names.is_empty() => names.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut types = Types(0);
        for name in names {
            let bit =
                name.as_str().and_then(|name| Types::NAMES.iter().position(|known| *known == name));
            let Some(bit) = bit.filter(|bit| types.0 & (1 << bit) == 0) else {
                self.malformed(id, "type", "a type name or a list of different ones (null, boolean, integer, number, string, array, object)");
                return None;
            };
            types.0 |= 1 << bit;
        }
        Some(types)
    }

    pub(super) fn number(&mut self, id: NodeId, keyword: &str, value: &Value) -> Option<Number> {
        match value {
            Value::Number(number) => Some(number.clone()),
            _ => {
                self.malformed(id, keyword, "a number");
                None
            }
        }
    }

    pub(super) fn count(&mut self, id: NodeId, keyword: &str, value: &Value) -> Option<u64> {
        let count = match value {
            Value::Number(number) => as_count(number),
            _ => None,
        };
        if count.is_none() {
            self.malformed(id, keyword, COUNT);
        }
        count
    }

    pub(super) fn multiple_of(&mut self, id: NodeId, value: &Value) -> Option<Keyword> {
        let number = self.number(id, "multipleOf", value)?;
        match Divisor::new(&number) {
            Some(divisor) => Some(Keyword::MultipleOf(divisor, number)),
            None => {
                self.malformed(id, "multipleOf", "a number above zero of at most 18 digits");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, id: NodeId, keyword: &str, value: &Value) -> bool {
        value.as_bool().unwrap_or_else(|| {
            self.malformed(id, keyword, "true or false");
            false
        })
    }

    pub(super) fn list(
        &mut self,
        id: NodeId,
        keyword: &str,
        value: &'d Value,
    ) -> Option<&'d [Value]> {
        let list = value.as_array().filter(|list| !list.is_empty());
        if list.is_none() {
            self.malformed(id, keyword, "a list with at least one element");
        }
        list.map(Vec::as_slice)
    }

    pub(super) fn names(
        &mut self,
        id: NodeId,
        keyword: &str,
        value: &Value,
    ) -> Option<Box<[Arc<str>]>> {
        let names = value.as_array().and_then(|names| {
            let name = |name: &Value| name.as_str().map(Arc::from);
            names.iter().map(name).collect::<Option<Box<[Arc<str>]>>>()
        });
        let different = |names: &[Arc<str>]| {
            names.iter().enumerate().all(|(index, name)| !names[..index].contains(name))
        };
        let names = names.filter(|names| different(names));
        if names.is_none() {
            self.malformed(id, keyword, "a list of different names");
        }
        names
    }

    pub(super) fn dependent_required(&mut self, id: NodeId, value: &Value) -> Option<Keyword> {
        let Value::Object(map) = value else {
            self.malformed(id, "dependentRequired", "an object of lists of names");
            return None;
        };
        let mut dependencies = Vec::with_capacity(map.len());
        for (name, needs) in map {
            dependencies
                .push((Arc::from(name.as_str()), self.names(id, "dependentRequired", needs)?));
        }
        Some(Keyword::DependentRequired(dependencies.into()))
    }

    pub(super) fn pattern(&mut self, id: NodeId, value: &Value) -> Option<Keyword> {
        let Some(pattern) = value.as_str() else {
            self.malformed(id, "pattern", "a string");
            return None;
        };
        match compile_pattern(pattern) {
            Ok(regex) => Some(Keyword::Pattern(Box::new(regex))),
            Err(reason) => {
                let pointer = self.nodes.keyword_pointer(id, "pattern");
                self.errors.push(SchemaError::Pattern { pointer, reason });
                None
            }
        }
    }

    pub(super) fn format(&mut self, id: NodeId, value: &Value) -> Option<Keyword> {
        let Some(name) = value.as_str() else {
            self.malformed(id, "format", "a string");
            return None;
        };
        let format = Format::parse(name);
        if format.is_none() {
            let (pointer, name) = (self.nodes.keyword_pointer(id, "format"), name.to_owned());
            self.errors.push(SchemaError::UnknownFormat { pointer, name });
        }
        format.map(Keyword::Format)
    }
}

/// Compiles a regular expression; an error says what is wrong with it.
pub(super) fn compile_pattern(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|error| error.to_string())
}
