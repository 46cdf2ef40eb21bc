//! Users, challenges and sessions in DynamoDB; what codes are wanted, in a queue.

mod queue;
mod store;

pub use queue::{SqsQueue, SqsQueueError};
pub use store::DynamoSignIns;
