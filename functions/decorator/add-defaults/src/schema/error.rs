//! What can be wrong with a schema.

use std::fmt;
use thiserror::Error;

/// One reason why a schema is refused. `pointer` is the JSON Pointer of the fault in the schema.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the messages say it; the fields are a place and its detail")]
pub enum SchemaError {
    #[error("{pointer}: a schema is an object or a boolean")]
    NotASchema { pointer: String },
    #[error("{pointer}: unknown keyword{hint}")]
    UnknownKeyword { pointer: String, hint: String },
    #[error("{pointer}: {what} is not supported")]
    Unsupported { pointer: String, what: &'static str },
    #[error("{pointer}: must be {expected}")]
    Malformed { pointer: String, expected: &'static str },
    #[error(
        "{pointer}: only the dialect https://json-schema.org/draft/2020-12/schema is understood"
    )]
    Dialect { pointer: String },
    #[error("{pointer}: `{target}` is outside this document; nothing is fetched")]
    RemoteReference { pointer: String, target: String },
    #[error("{pointer}: `{target}` leads to no schema of this document")]
    UnresolvedReference { pointer: String, target: String },
    #[error("{pointer}: `{name}` is already taken")]
    DuplicateIdentifier { pointer: String, name: String },
    #[error("{pointer}: refers to itself without going deeper into the data")]
    EndlessReference { pointer: String },
    #[error("{pointer}: not a regular expression understood here: {reason}")]
    Pattern { pointer: String, reason: String },
    #[error("{pointer}: unknown format `{name}`")]
    UnknownFormat { pointer: String, name: String },
    #[error("{pointer}: unknown generator `{name}`; there are name, uuid, now, sequence and pick")]
    UnknownGenerator { pointer: String, name: String },
    #[error("{pointer}: `default` and `x-generate` exclude each other")]
    DefaultAndGenerator { pointer: String },
    #[error("{pointer}: the default contradicts its own schema: {detail}")]
    DefaultContradicts { pointer: String, detail: String },
    #[error("{pointer}: filling in defaults here would never end")]
    EndlessDefault { pointer: String },
    #[error("{pointer}: the generator contradicts its own schema: {detail}")]
    GeneratorContradicts { pointer: String, detail: String },
    #[error("{pointer}: {reason}")]
    Discriminator { pointer: String, reason: &'static str },
}

/// Everything that is wrong with a schema, in document order as far as possible; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaErrors(pub(super) Vec<SchemaError>);

impl SchemaErrors {
    /// The errors, one by one.
    pub fn iter(&self) -> std::slice::Iter<'_, SchemaError> {
        self.0.iter()
    }
}

impl<'e> IntoIterator for &'e SchemaErrors {
    type Item = &'e SchemaError;
    type IntoIter = std::slice::Iter<'e, SchemaError>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for SchemaErrors {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, error) in self.0.iter().enumerate() {
            if index > 0 {
                formatter.write_str("; ")?;
            }
            error.fmt(formatter)?;
        }
        Ok(())
    }
}

impl std::error::Error for SchemaErrors {}
