//! Mails through Amazon SES.

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::error::{BuildError, ProvideErrorMetadata as _, SdkError};
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use common::problem::causes;

use crate::mail::{Mail, MailError, Mails, Sender};

/// Sends mails with `SendEmail`. One call per mail, which is never repeated here.
#[derive(Debug, Clone)]
pub struct SesMails {
    client: Client,
    sender: Sender,
    configuration_set: Option<String>,
}

impl SesMails {
    /// Sends mails from a sender; with a configuration set, SES tells what became of them.
    #[must_use]
    pub fn new(client: Client, sender: Sender, configuration_set: Option<String>) -> Self {
        let configuration_set = configuration_set.filter(|name| !name.is_empty());
        Self { client, sender, configuration_set }
    }
}

impl Mails for SesMails {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        let unbuilt = |error: BuildError| MailError::NotSent(error.to_string());
        let sender = self.sender.as_str();
        let send = self
            .client
            .send_email()
            .from_email_address(sender)
            .destination(Destination::builder().to_addresses(&mail.to).build())
            .content(EmailContent::builder().simple(message(mail).map_err(unbuilt)?).build())
            .set_email_tags(Some(tags(mail).map_err(unbuilt)?))
            .set_configuration_set_name(self.configuration_set.clone());
        let sent = send.send().await.map_err(|error| judge(&error))?;
        Ok(sent.message_id.unwrap_or_default())
    }
}

fn message(mail: &Mail) -> Result<Message, BuildError> {
    let content = |text: &str| Content::builder().charset("UTF-8").data(text).build();
    let body = Body::builder().text(content(&mail.text)?).html(content(&mail.html)?).build();
    let header =
        |(name, value): &(&str, String)| MessageHeader::builder().name(*name).value(value).build();
    let headers = mail.headers.iter().map(header).collect::<Result<_, _>>()?;
    let message = Message::builder().subject(content(&mail.subject)?).body(body);
    Ok(message.set_headers(Some(headers)).build())
}

fn tags(mail: &Mail) -> Result<Vec<MessageTag>, BuildError> {
    let tag =
        |(name, value): &(&str, String)| MessageTag::builder().name(*name).value(value).build();
    mail.tags.iter().map(tag).collect()
}

/// SES's messages may quote the address, so only its codes are told.
fn judge(error: &SdkError<SendEmailError>) -> MailError {
    let Some(answer) = error.as_service_error() else {
        let cause = causes(error);
        return match error {
            SdkError::ConstructionFailure(_) => MailError::NotSent(cause),
            // The connection broke or the time was over: SES may have taken it.
            _ => MailError::Unknown(cause),
        };
    };
    let code = answer.code().unwrap_or("no code").to_owned();
    let is_theirs = error.raw_response().is_none_or(|answer| answer.status().is_server_error());
    match answer {
        SendEmailError::BadRequestException(_) | SendEmailError::MessageRejected(_) => {
            MailError::Refused(code)
        }
        // A failure within SES does not say how far the mail got.
        _ if is_theirs => MailError::Unknown(code),
        // Too many, paused, suspended, not verified, not found: an operator or time may help.
        _ => MailError::NotSent(code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_sesv2::error::ErrorMetadata;
    use aws_sdk_sesv2::types::error::{MessageRejected, TooManyRequestsException};

    fn judged(status: u16, error: SendEmailError) -> MailError {
        let response = aws_smithy_runtime_api::http::Response::new(
            status.try_into().unwrap(),
            aws_smithy_types::body::SdkBody::empty(),
        );
        judge(&SdkError::service_error(error, response))
    }

    fn meta(code: &str) -> ErrorMetadata {
        ErrorMetadata::builder().code(code).message("ada@example.com is bad").build()
    }

    #[test]
    fn a_mail_that_is_rejected_is_refused_for_good_and_not_told() {
        let error = MessageRejected::builder().meta(meta("MessageRejected")).build();
        let judged = judged(400, SendEmailError::MessageRejected(error));
        assert_eq!(judged, MailError::Refused("MessageRejected".into()));
    }

    #[test]
    fn what_ses_is_too_busy_for_was_not_sent() {
        let error = TooManyRequestsException::builder().meta(meta("TooManyRequests")).build();
        let judged = judged(429, SendEmailError::TooManyRequestsException(error));
        assert_eq!(judged, MailError::NotSent("TooManyRequests".into()));
    }

    #[test]
    fn a_failure_within_ses_is_perhaps_sent() {
        let error = SendEmailError::generic(meta("InternalFailure"));
        assert_eq!(judged(500, error), MailError::Unknown("InternalFailure".into()));
    }

    #[test]
    fn no_answer_is_perhaps_sent() {
        let error = SdkError::timeout_error("slow");
        assert!(matches!(judge(&error), MailError::Unknown(_)));
    }

    #[test]
    fn a_mail_is_written_whole() {
        let mail = Mail {
            to: "ada@example.com".into(),
            subject: "Grüße".into(),
            text: "Hallo".into(),
            html: "<p>Hallo</p>".into(),
            headers: vec![],
            tags: vec![("step", "email-user".into())],
        };
        let message = message(&mail.clone().unsubscribed_by("https://a/b")).unwrap();
        assert_eq!(message.subject().map(|subject| subject.data()), Some("Grüße"));
        let body = message.body().unwrap();
        let told = |content: Option<&Content>| {
            content.map(|content| (content.data().to_owned(), content.charset().map(str::to_owned)))
        };
        let utf8 = Some("UTF-8".to_owned());
        assert_eq!(told(body.text()), Some(("Hallo".to_owned(), utf8.clone())));
        assert_eq!(told(body.html()), Some(("<p>Hallo</p>".to_owned(), utf8)));
        assert_eq!(message.headers()[0].value(), "<https://a/b>");
        assert_eq!(tags(&mail).unwrap()[0].value(), "email-user");
    }
}
