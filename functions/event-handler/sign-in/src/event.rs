//! What `login` asks `two-factor` for.

use common::event::{CloudEvent, SpecVersion, TraceParent};
use serde::{Deserialize, Serialize};

use crate::challenge::ChallengeId;

/// Type of the event.
pub const CODE_REQUESTED: &str = "faas-patterns.code.requested";
/// Where it happens.
const SOURCE: &str = "/login";

/// A code is wanted for a challenge. Neither who it is for nor where it goes is said: queues and
/// dead-letter queues hold nothing personal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequested {
    /// Which challenge: 32 hexadecimal digits.
    pub challenge: String,
    /// Which of its codes, counted from 1.
    pub number: u32,
}

/// The event that asks for a code. The same request has the same id, however often it is made.
#[must_use]
pub fn code_requested(
    challenge: ChallengeId,
    number: u32,
    time: String,
    trace: TraceParent,
) -> CloudEvent<CodeRequested> {
    CloudEvent {
        specversion: SpecVersion::V1,
        id: format!("{challenge}-{number}"),
        source: SOURCE.to_owned(),
        kind: CODE_REQUESTED.to_owned(),
        time: Some(time),
        subject: Some(challenge.to_string()),
        traceparent: Some(trace),
        data: CodeRequested { challenge: challenge.to_string(), number },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_event_names_the_challenge_and_nobody() {
        let trace = TraceParent::start([1; 16], [2; 8]);
        let event = code_requested(ChallengeId::from_bits(7), 2, "t".into(), trace);
        let challenge = "00000000000000000000000000000007";
        assert_eq!(
            serde_json::to_value(&event).unwrap(),
            json!({
                "specversion": "1.0", "id": format!("{challenge}-2"), "source": "/login",
                "type": "faas-patterns.code.requested", "time": "t", "subject": challenge,
                "traceparent": trace.to_string(),
                "data": { "challenge": challenge, "number": 2 }
            })
        );
    }
}
