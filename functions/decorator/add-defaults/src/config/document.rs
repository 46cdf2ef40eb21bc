//! The routes file as it is written. Unknown members are refused: they are typing errors.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::rules::BodyRulesDocument;

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// APIs that may be called, by name. No others can be.
    pub(super) upstreams: BTreeMap<String, UpstreamDocument>,
    /// What is decorated.
    pub(super) routes: Vec<RouteDocument>,
    /// Makes generated values repeat from start to start. For tests only.
    pub(super) seed: Option<u64>,
}

/// An API behind the decorator.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct UpstreamDocument {
    /// Where it is: `http` or `https`, with an optional path that all routes are below.
    pub(super) url: Setting,
    /// Longest time for an answer, all attempts together.
    #[serde(default = "default_timeout")]
    pub(super) timeout_ms: u64,
    /// How often a request is sent at most, where repeating is safe.
    #[serde(default = "default_attempts")]
    pub(super) attempts: u32,
}

const fn default_timeout() -> u64 {
    10_000
}

const fn default_attempts() -> u32 {
    3
}

/// A value that is written here, or the name of the environment variable that has it.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Setting {
    Literal(String),
    Environment(Variable),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Variable {
    pub(super) env: String,
}

/// One decorated route.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RouteDocument {
    /// Method, or `ANY`, and path template.
    #[serde(rename = "match")]
    pub(super) matches: String,
    /// Name of the upstream.
    pub(super) to: String,
    /// Path template at the upstream.
    pub(super) path: String,
    #[serde(default)]
    pub(super) request: MessageDocument,
    /// Tried in order; the first whose status fits is applied.
    #[serde(default)]
    pub(super) response: Vec<ResponseDocument>,
}

/// What is done to a message.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub(super) struct MessageDocument {
    /// JSON Schema 2020-12 of the body: fills and validates.
    pub(super) schema: Option<Value>,
    /// Longest body, in bytes.
    pub(super) max_body_bytes: Option<usize>,
    /// What becomes of a body that is not JSON.
    pub(super) non_json: Option<NonJson>,
    pub(super) body: BodyRulesDocument,
    pub(super) query: FieldRulesDocument,
    pub(super) headers: FieldRulesDocument,
}

/// What is done to an answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct ResponseDocument {
    /// `404`, `4xx` or `any`.
    pub(super) status: String,
    #[serde(default)]
    pub(super) schema: Option<Value>,
    #[serde(default)]
    pub(super) non_json: Option<NonJson>,
    #[serde(default)]
    pub(super) body: BodyRulesDocument,
    #[serde(default)]
    pub(super) headers: FieldRulesDocument,
}

/// What becomes of a body that is not JSON where JSON is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NonJson {
    /// It is refused: 415 for a request, 502 for an answer.
    Refuse,
    /// It goes through untouched.
    Pass,
}

/// Rules for headers or for a query.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FieldRulesDocument {
    pub(super) remove: Vec<String>,
    pub(super) rename: BTreeMap<String, String>,
    pub(super) replace: BTreeMap<String, Setting>,
    pub(super) add: BTreeMap<String, Setting>,
    pub(super) append: BTreeMap<String, Setting>,
}
