//! Keywords that look at one value and at no subschema.

use super::equal::{all_different, equal};
use super::node::Keyword;
use super::number::compare;
use serde_json::Value;

/// How many allowed values a message lists.
const LISTED: usize = 10;

impl Keyword {
    /// Whether a value satisfies an assertion. A keyword for another type is satisfied.
    pub(super) fn holds(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Never, _) => false,
            (Self::Type(types), _) => types.allows(value),
            (Self::Const(constant), _) => equal(constant, value),
            (Self::Enum(list), _) => list.iter().any(|allowed| equal(allowed, value)),
            (Self::Minimum(limit), Value::Number(number)) => compare(number, limit).is_ge(),
            (Self::ExclusiveMinimum(limit), Value::Number(number)) => {
                compare(number, limit).is_gt()
            }
            (Self::Maximum(limit), Value::Number(number)) => compare(number, limit).is_le(),
            (Self::ExclusiveMaximum(limit), Value::Number(number)) => {
                compare(number, limit).is_lt()
            }
            (Self::MultipleOf(divisor, _), Value::Number(number)) => divisor.divides(number),
            // A character takes one to four bytes, so counting is often unnecessary.
            (Self::MinLength(min), Value::String(text)) => {
                size(text.len()) >= *min
                    && (size(text.len()) / 4 >= *min || characters(text) >= *min)
            }
            (Self::MaxLength(max), Value::String(text)) => {
                size(text.len()) <= *max || characters(text) <= *max
            }
            (Self::Pattern(regex), Value::String(text)) => regex.is_match(text),
            (Self::Format(format), Value::String(text)) => format.accepts(text),
            (Self::MinItems(min), Value::Array(list)) => size(list.len()) >= *min,
            (Self::MaxItems(max), Value::Array(list)) => size(list.len()) <= *max,
            (Self::UniqueItems, Value::Array(list)) => all_different(list),
            (Self::MinProperties(min), Value::Object(map)) => size(map.len()) >= *min,
            (Self::MaxProperties(max), Value::Object(map)) => size(map.len()) <= *max,
            _ => true,
        }
    }

    /// What an assertion demands. Quotes the schema, never the instance.
    pub(super) fn demand(&self) -> String {
        match self {
            Self::Type(types) => format!("must be {}", types.names()),
            Self::Const(value) => format!("must be {value}"),
            Self::Enum(list) if list.len() <= LISTED => {
                let values: Vec<String> = list.iter().map(Value::to_string).collect();
                format!("must be one of {}", values.join(", "))
            }
            Self::Enum(list) => format!("must be one of {} allowed values", list.len()),
            Self::Minimum(limit) => format!("must be at least {limit}"),
            Self::ExclusiveMinimum(limit) => format!("must be above {limit}"),
            Self::Maximum(limit) => format!("must be at most {limit}"),
            Self::ExclusiveMaximum(limit) => format!("must be below {limit}"),
            Self::MultipleOf(_, number) => format!("must be a multiple of {number}"),
            Self::MinLength(min) => format!("must have at least {min} characters"),
            Self::MaxLength(max) => format!("must have at most {max} characters"),
            Self::Pattern(regex) => format!("must match {}", regex.as_str()),
            Self::Format(format) => format!("must be in the format {}", format.name()),
            Self::MinItems(min) => format!("must have at least {min} elements"),
            Self::MaxItems(max) => format!("must have at most {max} elements"),
            Self::UniqueItems => "must not repeat an element".to_owned(),
            Self::MinProperties(min) => format!("must have at least {min} members"),
            Self::MaxProperties(max) => format!("must have at most {max} members"),
            _ => "is not allowed".to_owned(),
        }
    }

    /// The name of a keyword, for violations.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Never => "false",
            Self::Type(_) => "type",
            Self::Const(_) => "const",
            Self::Enum(_) => "enum",
            Self::Minimum(_) => "minimum",
            Self::ExclusiveMinimum(_) => "exclusiveMinimum",
            Self::Maximum(_) => "maximum",
            Self::ExclusiveMaximum(_) => "exclusiveMaximum",
            Self::MultipleOf(..) => "multipleOf",
            Self::MinLength(_) => "minLength",
            Self::MaxLength(_) => "maxLength",
            Self::Pattern(_) => "pattern",
            Self::Format(_) => "format",
            Self::MinItems(_) => "minItems",
            Self::MaxItems(_) => "maxItems",
            Self::UniqueItems => "uniqueItems",
            Self::MinProperties(_) => "minProperties",
            Self::MaxProperties(_) => "maxProperties",
            Self::Required(_) => "required",
            Self::DependentRequired(_) => "dependentRequired",
            Self::Members(_) => "properties",
            Self::PropertyNames(_) => "propertyNames",
            Self::Elements { .. } => "items",
            Self::Contains { .. } => "contains",
            Self::Ref(_) => "$ref",
            Self::AllOf(_) => "allOf",
            Self::DependentSchemas(_) => "dependentSchemas",
            Self::AnyOf(_) => "anyOf",
            Self::OneOf(_) => "oneOf",
            Self::Not(_) => "not",
            Self::If { .. } => "if",
            Self::UnevaluatedItems(_) => "unevaluatedItems",
            Self::UnevaluatedProperties(_) => "unevaluatedProperties",
        }
    }
}

fn size(length: usize) -> u64 {
    length as u64
}

/// The length of a string as JSON Schema counts it: in code points.
fn characters(text: &str) -> u64 {
    size(text.chars().count())
}
