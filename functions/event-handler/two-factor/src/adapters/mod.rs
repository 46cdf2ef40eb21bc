//! Challenges in DynamoDB; text messages through SNS.

mod sms;
mod store;

pub use sms::SnsTexts;
pub use store::DynamoCodes;
