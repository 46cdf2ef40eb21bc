//! Text messages through SNS.

use aws_sdk_sns::Client;
use aws_sdk_sns::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use common::problem::causes;
use sign_in::Phone;

use crate::config::SenderId;
use crate::handler::{TextError, Texts};

/// Sends texts with `Publish`. One call per text, which is never repeated here.
#[derive(Debug, Clone)]
pub struct SnsTexts {
    client: Client,
    sender: SenderId,
}

impl SnsTexts {
    /// Sends texts from a sender.
    #[must_use]
    pub const fn new(client: Client, sender: SenderId) -> Self {
        Self { client, sender }
    }
}

impl Texts for SnsTexts {
    async fn send(&self, phone: &Phone, text: &str) -> Result<(), TextError> {
        let attribute = |value: &str| {
            let text = MessageAttributeValue::builder().data_type("String").string_value(value);
            text.build().map_err(|error| TextError::NotSent(error.to_string()))
        };
        let mut publish = self
            .client
            .publish()
            .phone_number(phone.number())
            .message(text)
            // Delivered first, and not held back by what promotions are held back by.
            .message_attributes("AWS.SNS.SMS.SMSType", attribute("Transactional")?);
        if let Some(sender) = self.sender.get() {
            publish = publish.message_attributes("AWS.SNS.SMS.SenderID", attribute(sender)?);
        }
        publish.send().await.map(|_| ()).map_err(|error| judge(&error))
    }
}

/// SNS's messages may quote the number, so only its codes are told.
fn judge(error: &SdkError<PublishError>) -> TextError {
    let Some(answer) = error.as_service_error() else {
        let cause = causes(error);
        return match error {
            SdkError::ConstructionFailure(_) => TextError::NotSent(cause),
            // The connection broke or the time was over: SNS may have taken it.
            _ => TextError::Unknown(cause),
        };
    };
    let code = answer.code().unwrap_or("no code").to_owned();
    let is_theirs = error.raw_response().is_none_or(|answer| answer.status().is_server_error());
    match answer {
        PublishError::InvalidParameterException(_)
        | PublishError::InvalidParameterValueException(_)
        | PublishError::ValidationException(_) => TextError::Refused(code),
        // A failure within SNS does not say how far the text got.
        _ if is_theirs => TextError::Unknown(code),
        // Throttled or not allowed: it never began.
        _ => TextError::NotSent(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sns::error::ErrorMetadata;
    use aws_sdk_sns::types::error::{InternalErrorException, InvalidParameterException};

    fn judged(status: u16, error: PublishError) -> TextError {
        let response = aws_smithy_runtime_api::http::Response::new(
            status.try_into().unwrap(),
            aws_smithy_types::body::SdkBody::empty(),
        );
        judge(&SdkError::service_error(error, response))
    }

    #[test]
    fn a_number_that_is_refused_is_refused_for_good_and_not_told() {
        let meta = ErrorMetadata::builder().code("InvalidParameter").message("+15550100 is bad");
        let error = InvalidParameterException::builder().meta(meta.build()).build();
        let judged = judged(400, PublishError::InvalidParameterException(error));
        assert_eq!(judged, TextError::Refused("InvalidParameter".into()));
    }

    #[test]
    fn what_sns_is_too_busy_for_was_not_sent() {
        let error = PublishError::generic(ErrorMetadata::builder().code("Throttled").build());
        assert_eq!(judged(400, error), TextError::NotSent("Throttled".into()));
    }

    #[test]
    fn a_failure_within_sns_is_perhaps_sent() {
        let meta = ErrorMetadata::builder().code("InternalError").build();
        let error = InternalErrorException::builder().meta(meta).build();
        let error = PublishError::InternalErrorException(error);
        assert_eq!(judged(500, error), TextError::Unknown("InternalError".into()));
    }

    #[test]
    fn no_answer_is_perhaps_sent() {
        let error = SdkError::timeout_error("slow");
        assert!(matches!(judge(&error), TextError::Unknown(_)));
    }
}
