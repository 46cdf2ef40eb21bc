//! JSON Schema 2020-12 that fills in defaults, then validates.
//!
//! A schema is compiled once, when the function starts, and used for every request. Compiling reads
//! the document and nothing else; filling and validating are pure functions of their arguments.
//!
//! # Filling
//!
//! A value is *missing* if it is absent or null. `false`, `0`, `""` and `[]` are values. Filling
//! changes nothing that is there, removes nothing, and done twice gives what it gives once.
//!
//! - A missing member gets the `default` of its schema, or what `x-generate` makes: `name`, `uuid`,
//!   `now`, `sequence`, or `pick` (one of the `enum` beside it). The schema's own comes first, then
//!   the one found through `$ref`, then through `allOf`, in order. A default of null counts last.
//! - What was put in is filled in turn. So are present members, and present elements by `items` and
//!   `prefixItems`; no element is ever added.
//! - A missing object without a default is made if the defaults inside it alone make it valid. One
//!   that may contain itself is not made.
//! - `if`, `dependentSchemas`, `oneOf` and `anyOf` fill after their surroundings, since those may
//!   decide. This is repeated until nothing changes. The rule for choosing a branch is in `choose`.
//! - A default *for the value itself* inside a branch of `oneOf`, `anyOf` or `if` is not used, for
//!   there is no data yet to choose the branch. Put it beside the branches.
//!
//! # What is understood
//!
//! Every keyword of the core, applicator, unevaluated, validation and format vocabularies, except
//! `$dynamicRef` and `$vocabulary`. `format` is asserted. `discriminator` is `OpenAPI`'s; names that
//! start with `x-` are ignored. **Anything else is refused** when the schema is compiled: an unknown
//! keyword or format, a reference that leaves the document, and a default or generator that
//! contradicts its own schema.
//!
//! `pattern` is matched by `regex-lite`, in time linear in the text. It differs from ECMA-262:
//! look-around, back-references, `\p{…}`, `\cX` and `[^]` are refused; `\d`, `\w`, `\b` and also
//! `\s` are ASCII only; `(?i)`, `\A`, `\z` and `\a` mean what they mean in Rust. As everywhere in
//! JSON Schema, a pattern may match any part of the text unless anchored by `^` and `$`.
//!
//! Numbers are compared by value in exact decimals, whatever their length, if `serde_json` is built
//! with `arbitrary_precision`; without it, `serde_json` has rounded them before they get here.
//!
//! # Example
//!
//! ```
//! use add_defaults::schema::{Generator, Schema};
//! use serde_json::json;
//! use std::time::UNIX_EPOCH;
//!
//! let schema = Schema::compile(&json!({
//!     "type": "object",
//!     "required": ["name"],
//!     "properties": {
//!         "name": { "type": "string" },
//!         "size": { "enum": ["small", "large"], "default": "small" }
//!     }
//! }))?;
//!
//! let mut widget = json!({ "name": "bolt", "size": null });
//! let filled = schema.fill(&mut widget, &mut Generator::seeded(1, UNIX_EPOCH)).unwrap();
//! assert_eq!(widget, json!({ "name": "bolt", "size": "small" }));
//! assert_eq!(filled[0].pointer, "/size");
//!
//! let violations = schema.validate(&json!({ "size": "huge" }));
//! assert_eq!(violations[0].keyword, "required");
//! assert_eq!(violations[1].pointer, "/size");
//! # Ok::<(), add_defaults::schema::SchemaErrors>(())
//! ```

mod alternatives;
mod assertion;
mod calendar;
mod check;
mod choose;
mod compile;
mod equal;
mod error;
mod evaluated;
mod fill;
mod format;
mod generate;
mod multiple;
mod node;
mod nodes;
mod number;
mod pointer;
mod stamp;
mod structure;
mod uri;
mod words;

#[cfg(test)]
mod tests;

pub use error::{SchemaError, SchemaErrors};
pub use generate::{Generator, NoEntropy, Sequence};

use check::{Check, Mode};
use fill::Filler;
use nodes::Nodes;
use serde_json::Value;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    nodes: Nodes,
}

/// The instance nests too deeply or lacks too much to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too much would have to be filled in")]
pub struct TooMuch;

/// One thing that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Where, as a JSON Pointer into the instance.
    pub pointer: String,
    /// From what.
    pub source: Source,
    /// The `default` or `x-generate`, as a JSON Pointer into the schema.
    pub schema_pointer: String,
}

/// Where a filled value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A `default`.
    Default,
    /// The named generator.
    Generated(&'static str),
}

/// One way in which an instance fails its schema.
///
/// No field repeats a value of the instance, which may be personal. `pointer` does name its members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The offending value, as a JSON Pointer into the instance.
    pub pointer: String,
    /// The keyword that is violated.
    pub keyword: &'static str,
    /// What the keyword demands, for people.
    pub detail: String,
    /// The keyword, as a JSON Pointer into the schema.
    pub schema_pointer: String,
}

impl Schema {
    /// Compiles a schema document.
    ///
    /// # Errors
    ///
    /// Everything found wrong with the document, each fault with its place. Defaults are judged
    /// only once the rest is sound.
    pub fn compile(document: &Value) -> Result<Self, SchemaErrors> {
        Ok(Self { nodes: compile::compile(document)? })
    }

    /// Fills in what is missing, and says what was filled, in the order of filling.
    ///
    /// The result need not be valid: call [`validate`](Self::validate) afterwards.
    ///
    /// # Errors
    ///
    /// When filling takes too much; the instance is half filled then.
    pub fn fill(
        &self,
        instance: &mut Value,
        generator: &mut Generator<'_>,
    ) -> Result<Vec<Filled>, TooMuch> {
        let mut filler = Filler::new(&self.nodes, generator, true);
        filler.settle(Nodes::ROOT, instance);
        if filler.endless { Err(TooMuch) } else { Ok(filler.filled) }
    }

    /// Fills in what is missing, and says only how much: cheaper than [`fill`](Self::fill).
    ///
    /// # Errors
    ///
    /// As [`fill`](Self::fill).
    pub fn fill_quietly(
        &self,
        instance: &mut Value,
        generator: &mut Generator<'_>,
    ) -> Result<usize, TooMuch> {
        let mut filler = Filler::new(&self.nodes, generator, false);
        filler.settle(Nodes::ROOT, instance);
        if filler.endless { Err(TooMuch) } else { Ok(filler.count) }
    }

    /// Everything that is wrong with an instance, up to 100 violations; none if it is valid.
    #[must_use]
    pub fn validate(&self, instance: &Value) -> Vec<Violation> {
        if self.is_valid(instance) {
            return Vec::new();
        }
        Check::all(&self.nodes, Nodes::ROOT, instance)
    }

    /// Whether an instance satisfies the schema.
    #[must_use]
    pub fn is_valid(&self, instance: &Value) -> bool {
        Check::new(&self.nodes, Mode::Strict, 0).root(Nodes::ROOT, instance)
    }
}
