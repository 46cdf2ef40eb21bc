//! When a message that failed is delivered again.

use std::convert::Infallible;

/// A message and when it is to be delivered again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Names this delivery of the message.
    pub receipt_handle: &'a str,
    /// Seconds from now; 0 is at once.
    pub seconds: u16,
}

/// Says when messages are delivered again.
///
/// It is asked once per batch, and not at all when nothing failed.
pub trait Visibility: Send + Sync + 'static {
    /// What it fails with. The failure is logged, and the timeout of the queue holds.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Makes messages of the queue with this ARN visible again after their time.
    ///
    /// # Errors
    /// When it was not done for all of them.
    fn change(
        &self,
        queue_arn: &str,
        changes: &[Change<'_>],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// Leaves it to the timeout of the queue: no back-off, no calls, no permission needed.
#[derive(Debug, Clone, Copy, Default)]
pub struct QueueTimeout;

impl Visibility for QueueTimeout {
    type Error = Infallible;

    async fn change(&self, _: &str, _: &[Change<'_>]) -> Result<(), Infallible> {
        Ok(())
    }
}
