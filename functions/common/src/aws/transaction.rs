//! Transactions of DynamoDB, in which conditions and collisions are told apart.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{AttributeValue, CancellationReason, TransactWriteItem};

/// How often a transaction is tried that collides with others.
const TRIES: u32 = 4;
/// Longest wait before the second try; it doubles for each further one.
const FIRST_WAIT: Duration = Duration::from_millis(20);

/// What a transaction fails with, when it is not for a condition.
pub type TransactionError = Box<SdkError<TransactWriteItemsError>>;

/// What became of a transaction.
#[derive(Debug, Clone, PartialEq)]
pub enum Transacted {
    /// Everything is written.
    Done,
    /// Nothing is: the conditions of the items at these places of the transaction did not hold.
    Refused(Unmet),
}

/// The conditions that did not hold, by place: the item that is there, if it was asked for with
/// `ReturnValuesOnConditionCheckFailure`.
pub type Unmet = BTreeMap<usize, Option<HashMap<String, AttributeValue>>>;

/// Writes all items or none.
///
/// Two transactions on one item at the same time make DynamoDB cancel one of them, which the SDK
/// does not repeat; here it is, after a random wait. A counter that everybody raises is such an
/// item.
///
/// # Errors
/// When DynamoDB fails, or the collisions do not end.
pub async fn transact(
    client: &Client,
    items: Vec<TransactWriteItem>,
) -> Result<Transacted, TransactionError> {
    for attempt in 1.. {
        let sent = client.transact_write_items().set_transact_items(Some(items.clone())).send();
        let Err(error) = sent.await else {
            return Ok(Transacted::Done);
        };
        match judge(reasons(&error)) {
            Verdict::Refused(unmet) => return Ok(Transacted::Refused(unmet)),
            Verdict::Collided if attempt < TRIES => tokio::time::sleep(wait(attempt)).await,
            Verdict::Collided | Verdict::Failed => return Err(Box::new(error)),
        }
    }
    Ok(Transacted::Done)
}

#[derive(Debug, PartialEq)]
enum Verdict {
    Refused(Unmet),
    Collided,
    Failed,
}

fn reasons(error: &SdkError<TransactWriteItemsError>) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled.cancellation_reasons()
        }
        _ => &[],
    }
}

/// A condition that did not hold counts first: a repetition would find the same.
fn judge(reasons: &[CancellationReason]) -> Verdict {
    let is = |reason: &CancellationReason, code: &str| reason.code() == Some(code);
    let unmet: Unmet = (0..)
        .zip(reasons)
        .filter(|(_, reason)| is(reason, "ConditionalCheckFailed"))
        .map(|(place, reason)| (place, reason.item.clone()))
        .collect();
    if !unmet.is_empty() {
        Verdict::Refused(unmet)
    } else if reasons.iter().any(|reason| is(reason, "TransactionConflict")) {
        Verdict::Collided
    } else {
        Verdict::Failed
    }
}

/// A random part of a longest wait, so that those who collided do not meet again.
fn wait(attempt: u32) -> Duration {
    let mut byte = [u8::MAX];
    // Without randomness the longest wait will do.
    let _ = getrandom::fill(&mut byte);
    FIRST_WAIT * 2_u32.pow(attempt - 1) * (u32::from(byte[0]) + 1) / 256
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(codes: &[&str]) -> Verdict {
        let reason = |code: &&str| CancellationReason::builder().code(*code).build();
        judge(&codes.iter().map(reason).collect::<Vec<_>>())
    }

    #[test]
    fn conditions_count_before_collisions() {
        let refused = |places: &[usize]| {
            Verdict::Refused(places.iter().map(|place| (*place, None)).collect())
        };
        let failed = "ConditionalCheckFailed";
        assert_eq!(judged(&["None", failed, "None", failed]), refused(&[1, 3]));
        assert_eq!(judged(&["TransactionConflict", failed]), refused(&[1]));
        assert_eq!(judged(&["None", "TransactionConflict"]), Verdict::Collided);
        assert_eq!(judged(&["ValidationError"]), Verdict::Failed);
        assert_eq!(judged(&[]), Verdict::Failed);
    }

    #[test]
    fn waits_are_bounded() {
        for attempt in 1..TRIES {
            assert!(wait(attempt) <= FIRST_WAIT * 4);
        }
    }
}
