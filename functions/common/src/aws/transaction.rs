//! Writes to DynamoDB that collide with others, and conditions that do not hold.
//!
//! A transaction and another write to one of its items at the same time make DynamoDB refuse one of
//! the two, which the SDK does not repeat. A counter that everybody raises is such an item. Here it
//! is repeated, after a random wait: [`transact`] for transactions, [`repeating`] for single writes.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{BuildError, ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{CancellationReason, TransactWriteItem};

use super::item::{AttributeError, Item};

/// How often a write is tried that collides with others.
const TRIES: u32 = 6;
/// Longest wait before the second try; it doubles for each further one, to 0.8 seconds in all.
const FIRST_WAIT: Duration = Duration::from_millis(25);

/// What a store in DynamoDB fails with: for the log, never for the client.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DynamoError {
    /// A call failed.
    #[error("{operation} failed")]
    Call {
        /// Which call.
        operation: &'static str,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The SDK refused to make a request of what it was given.
    #[error("a request cannot be built")]
    Build(#[from] BuildError),
    /// An item has another shape than it was written with.
    #[error(transparent)]
    Attribute(#[from] AttributeError),
    /// DynamoDB had no capacity for a part of the request.
    #[error("keys were left unread")]
    Unread,
}

impl DynamoError {
    /// A call of this name failed: for `map_err`.
    pub fn of<E>(operation: &'static str) -> impl Fn(SdkError<E>) -> Self
    where
        E: std::error::Error + Send + Sync + 'static,
    {
        move |error| Self::Call { operation, source: Box::new(error) }
    }
}

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
pub type Unmet = BTreeMap<usize, Option<Item>>;

/// Writes all items or none.
///
/// # Errors
/// When DynamoDB fails, or the collisions do not end.
pub async fn transact(
    client: &Client,
    items: Vec<TransactWriteItem>,
) -> Result<Transacted, DynamoError> {
    let mut tries = 0;
    loop {
        let sent = client.transact_write_items().set_transact_items(Some(items.clone())).send();
        let Err(error) = sent.await else {
            return Ok(Transacted::Done);
        };
        tries += 1;
        match judge(reasons(&error)) {
            Verdict::Refused(unmet) => return Ok(Transacted::Refused(unmet)),
            Verdict::Collided if tries < TRIES => tokio::time::sleep(wait(tries)).await,
            Verdict::Collided | Verdict::Failed => {
                return Err(DynamoError::of("TransactWriteItems")(error));
            }
        }
    }
}

/// Makes a call that writes one item, again if it collides with a transaction.
///
/// # Errors
/// Those of the call.
pub async fn repeating<T, E, F>(call: impl Fn() -> F) -> Result<T, SdkError<E>>
where
    E: ProvideErrorMetadata,
    F: Future<Output = Result<T, SdkError<E>>>,
{
    let mut tries = 0;
    loop {
        let result = call().await;
        tries += 1;
        let code = result.as_ref().err().and_then(|error| error.as_service_error()?.code());
        if code != Some("TransactionConflictException") || tries >= TRIES {
            return result;
        }
        tokio::time::sleep(wait(tries)).await;
    }
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
    // The last two are what a hot item answers; the SDK repeats them for single writes only.
    const PASSING: [&str; 3] =
        ["TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"];
    let unmet: Unmet = (0..)
        .zip(reasons)
        .filter(|(_, reason)| reason.code() == Some("ConditionalCheckFailed"))
        .map(|(place, reason)| (place, reason.item.clone()))
        .collect();
    if !unmet.is_empty() {
        return Verdict::Refused(unmet);
    }
    let passes =
        |reason: &CancellationReason| reason.code().is_some_and(|code| PASSING.contains(&code));
    if reasons.iter().any(passes) { Verdict::Collided } else { Verdict::Failed }
}

/// A random part of a longest wait, so that those who collided do not meet again.
fn wait(tries: u32) -> Duration {
    let mut byte = [u8::MAX];
    // Without randomness the longest wait will do.
    let _ = getrandom::fill(&mut byte);
    FIRST_WAIT * 2_u32.pow(tries - 1) * (u32::from(byte[0]) + 1) / 256
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::error::ErrorMetadata;
    use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
    use aws_sdk_dynamodb::types::error::TransactionConflictException;
    use aws_smithy_runtime_api::http::Response;
    use aws_smithy_types::body::SdkBody;
    use std::cell::Cell;

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
        assert_eq!(judged(&["ThrottlingError", "None"]), Verdict::Collided);
        assert_eq!(judged(&["ValidationError"]), Verdict::Failed);
        assert_eq!(judged(&[]), Verdict::Failed);
    }

    fn conflict() -> SdkError<UpdateItemError> {
        let meta = ErrorMetadata::builder().code("TransactionConflictException").build();
        let error = TransactionConflictException::builder().meta(meta).build();
        let error = UpdateItemError::TransactionConflictException(error);
        SdkError::service_error(error, Response::new(400.try_into().unwrap(), SdkBody::empty()))
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_collides_is_made_again_and_not_for_ever() {
        let calls = Cell::new(0);
        let after = |collisions: u32| {
            let calls = &calls;
            repeating(move || async move {
                calls.set(calls.get() + 1);
                if calls.get() > collisions { Ok("done") } else { Err(conflict()) }
            })
        };
        assert_eq!(after(3).await.unwrap(), "done");
        assert_eq!(calls.replace(0), 4);
        assert!(after(100).await.is_err());
        assert_eq!(calls.get(), TRIES);
    }

    #[test]
    fn waits_are_bounded() {
        let longest: Duration = (1..TRIES).map(|tries| FIRST_WAIT * 2_u32.pow(tries - 1)).sum();
        assert!(longest <= Duration::from_millis(800), "{longest:?}");
        assert!((1..TRIES).all(|tries| wait(tries) <= FIRST_WAIT * 2_u32.pow(tries - 1)));
    }
}
