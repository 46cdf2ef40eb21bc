//! Events between functions: CloudEvents envelope and W3C trace context.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An event in the JSON format of CloudEvents 1.0, in structured mode.
///
/// `source` and `id` together name the event: a consumer that has seen the pair has seen the
/// event (CloudEvents 1.0, "id").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent<T> {
    /// Always `1.0`.
    pub specversion: SpecVersion,
    /// Unique within `source`.
    pub id: String,
    /// Where it happened, as a URI reference.
    pub source: String,
    /// What happened, such as `com.example.widget.created`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened, in RFC 3339.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// What it is about, within `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The trace it belongs to (CloudEvents extension "Distributed Tracing").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<TraceParent>,
    /// What the event says.
    pub data: T,
}

/// The only version of CloudEvents there is; any other is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SpecVersion {
    /// Version 1.0.
    #[default]
    #[serde(rename = "1.0")]
    V1,
}

/// A position in a trace: the `traceparent` header of W3C Trace Context.
///
/// ```
/// use common::event::TraceParent;
///
/// let incoming: TraceParent =
///     "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".parse()?;
/// let outgoing = incoming.child([7; 8]);
/// assert_eq!(outgoing.to_string(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0707070707070707-01");
/// # Ok::<(), common::event::TraceParentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TraceParent {
    trace_id: u128,
    parent_id: u64,
    flags: u8,
}

/// A `traceparent` that the specification says to ignore.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a traceparent of W3C Trace Context")]
pub struct TraceParentError;

impl TraceParent {
    /// Starts a trace of our own, not sampled. An all-zero id is invalid, so it is made 1.
    #[must_use]
    pub fn start(trace_id: [u8; 16], parent_id: [u8; 8]) -> Self {
        Self {
            trace_id: u128::from_be_bytes(trace_id).max(1),
            parent_id: u64::from_be_bytes(parent_id).max(1),
            flags: 0,
        }
    }

    /// The same trace, one step on.
    #[must_use]
    pub fn child(self, parent_id: [u8; 8]) -> Self {
        Self { parent_id: u64::from_be_bytes(parent_id).max(1), ..self }
    }
}

impl FromStr for TraceParent {
    type Err = TraceParentError;

    /// Reads version 00, and the first four fields of any later version (W3C Trace Context,
    /// "Versioning of traceparent").
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut fields = text.split('-');
        let mut field = |length: usize| {
            let field = fields.next().ok_or(TraceParentError)?;
            let is_lower_hex = field.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            (field.len() == length && is_lower_hex).then_some(field).ok_or(TraceParentError)
        };
        let version = field(2)?;
        let trace_id = u128::from_str_radix(field(32)?, 16).map_err(|_| TraceParentError)?;
        let parent_id = u64::from_str_radix(field(16)?, 16).map_err(|_| TraceParentError)?;
        let flags = u8::from_str_radix(field(2)?, 16).map_err(|_| TraceParentError)?;
        let has_more = fields.next().is_some();
        if version == "ff" || (version == "00" && has_more) || trace_id == 0 || parent_id == 0 {
            return Err(TraceParentError);
        }
        Ok(Self { trace_id, parent_id, flags: flags & 1 })
    }
}

impl fmt::Display for TraceParent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, self.flags)
    }
}

impl TryFrom<String> for TraceParent {
    type Error = TraceParentError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<TraceParent> for String {
    fn from(trace: TraceParent) -> Self {
        trace.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn an_event_has_the_attribute_names_of_cloudevents() {
        let event = CloudEvent {
            specversion: SpecVersion::V1,
            id: "1".into(),
            source: "/widgets".into(),
            kind: "com.example.widget.created".into(),
            time: Some("2026-03-01T09:30:00.000Z".into()),
            subject: None,
            traceparent: Some(TraceParent::start([1; 16], [2; 8])),
            data: json!({ "name": "foo" }),
        };
        let text = json!({
            "specversion": "1.0", "id": "1", "source": "/widgets",
            "type": "com.example.widget.created", "time": "2026-03-01T09:30:00.000Z",
            "traceparent": "00-01010101010101010101010101010101-0202020202020202-00",
            "data": { "name": "foo" }
        });
        assert_eq!(serde_json::to_value(&event).unwrap(), text);
        assert_eq!(serde_json::from_value::<CloudEvent<_>>(text).unwrap(), event);
    }

    #[test]
    fn another_specversion_is_refused() {
        let text =
            json!({ "specversion": "0.3", "id": "1", "source": "/", "type": "t", "data": 1 });
        assert!(serde_json::from_value::<CloudEvent<u8>>(text).is_err());
    }

    #[test]
    fn malformed_trace_parents_are_refused() {
        for text in [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-extra",
            "00-+bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ] {
            assert_eq!(text.parse::<TraceParent>(), Err(TraceParentError), "{text}");
        }
    }

    #[test]
    fn a_later_version_is_read_by_its_first_four_fields() {
        let later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes";
        assert_eq!(
            later.parse::<TraceParent>().unwrap().to_string(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(trace: [u8; 16], parent: [u8; 8]) {
            let written = TraceParent::start(trace, parent);
            prop_assert_eq!(written.to_string().parse(), Ok(written));
        }

        #[test]
        fn any_text_is_read_or_refused_without_panic(text in ".{0,80}") {
            let _ = text.parse::<TraceParent>();
        }
    }
}
