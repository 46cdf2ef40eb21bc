//! Lists of runs, and sessions, in DynamoDB. Runs themselves are read by
//! [`DynamoJournal`](common::journal::DynamoJournal).

mod runs;
mod sessions;

pub use runs::DynamoRuns;
pub use sessions::DynamoSessions;
