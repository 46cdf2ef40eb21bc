//! Judges what the receiver answered.

use std::time::Duration;

use common::batch::Failure;
use lambda_http::http::StatusCode;

/// The part of an answer that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: StatusCode,
    /// How long the receiver wants to be left alone, as it said.
    pub retry_after: Option<Duration>,
}

impl Answer {
    /// Whether the step is done, has failed for good, or is to be tried again; `longest` bounds
    /// how long a receiver may put it off.
    ///
    /// # Errors
    /// Unless the status is 2xx. The causes are for operators, who find them in the journal.
    pub fn judge(self, longest: Duration) -> Result<(), Failure> {
        let status = self.status.as_u16();
        match status {
            200..=299 => Ok(()),
            408 | 425 | 429 | 500..=599 => {
                let failure = Failure::transient(format!("the receiver answered {status}"));
                Err(match self.retry_after {
                    Some(wait) => failure.retry_after(wait.clamp(Duration::from_secs(1), longest)),
                    None => failure,
                })
            }
            300..=399 => Err(Failure::permanent(format!(
                "the receiver answered {status}, and redirects are not followed: change the URL"
            ))),
            410 => Err(Failure::permanent("the receiver answered 410: it wants no more")),
            _ => Err(Failure::permanent(format!("the receiver answered {status}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONGEST: Duration = Duration::from_secs(240);

    fn judge(status: u16, retry_after: Option<u64>) -> Result<(), Failure> {
        let status = StatusCode::from_u16(status).unwrap();
        Answer { status, retry_after: retry_after.map(Duration::from_secs) }.judge(LONGEST)
    }

    #[test]
    fn every_status_has_one_meaning() {
        for status in 100..1000 {
            let judged = judge(status, None);
            match status {
                200..=299 => assert_eq!(judged, Ok(())),
                408 | 425 | 429 | 500..=599 => {
                    assert!(matches!(judged, Err(Failure::Transient { retry_after: None, .. })));
                }
                _ => assert!(matches!(judged, Err(Failure::Permanent { .. })), "{status}"),
            }
        }
    }

    #[test]
    fn when_to_try_again_is_for_the_receiver_to_say_within_bounds() {
        for status in [408, 425, 429, 503] {
            for (said, kept) in [(0, 1), (30, 30), (86_400, 240), (u64::MAX, 240)] {
                let Err(Failure::Transient { retry_after, .. }) = judge(status, Some(said)) else {
                    panic!("{status} is transient")
                };
                assert_eq!(retry_after, Some(Duration::from_secs(kept)), "{status} {said}");
            }
        }
        assert!(matches!(judge(410, Some(30)), Err(Failure::Permanent { .. })));
        assert_eq!(judge(200, Some(30)), Ok(()));
    }
}
