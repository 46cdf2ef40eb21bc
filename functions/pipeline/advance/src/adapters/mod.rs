//! Steps to a topic of SNS; running runs from an index of DynamoDB.

mod runs;
mod topic;

pub use runs::DynamoRunning;
pub use topic::{SnsTopic, TopicError};
