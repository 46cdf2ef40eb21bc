//! Steps that arrive once, twice and late.

use std::time::Duration;

use common::journal::{Claim, Journal as _};
use serde_json::json;

use crate::stage::{RUN, at, emailed, event, key, stage, stage_with};

#[tokio::test]
async fn a_user_is_welcomed_and_the_run_knows_the_mail() {
    let stage = stage();
    let answer = stage.deliver(event!("sqs-step-ready")).await;
    assert_eq!(answer.failed().count(), 0);
    let mails = stage.outbox.mails();
    let [mail] = mails.as_slice() else { panic!("one mail") };
    assert_eq!(mail.to, "ada@example.com");
    assert!(mail.text.starts_with("Hallo Ada, danke"), "{}", mail.text);
    let tags = [("run", RUN.to_owned()), ("step", "email-user".to_owned())];
    assert_eq!(mail.tags, tags, "nothing personal");
    assert_eq!(stage.state("email-user"), emailed("mail-1"));
}

#[tokio::test]
async fn the_link_to_unsubscribe_is_of_the_address_and_good_for_a_year() {
    let stage = stage();
    stage.deliver(event!("sqs-step-ready")).await;
    let mail = &stage.outbox.mails()[0];
    let (name, link) = &mail.headers[0];
    let start = "<https://api.example/subscriptions/unsubscribe/";
    let token = link.strip_prefix(start).unwrap().trim_end_matches('>');
    let year = Duration::from_secs(365 * 86_400);
    let subject = key().verify("unsubscribe", token, at(0) + year);
    assert_eq!((*name, subject.as_deref()), ("List-Unsubscribe", Ok("ada@example.com")));
    assert!(key().verify("unsubscribe", token, at(1) + year).is_err());
    assert!(mail.text.contains(token) && mail.html.contains(token), "people see it, too");
}

#[tokio::test]
async fn a_message_that_comes_again_sends_nothing() {
    let stage = stage();
    stage.deliver(event!("sqs-step-ready")).await;
    for later in [0, 1, 86_400] {
        let answer = stage.deliver_at(event!("sqs-step-ready"), at(later)).await;
        assert_eq!(answer.failed().count(), 0, "the message is done");
    }
    assert_eq!(stage.outbox.mails().len(), 1);
}

#[tokio::test]
async fn the_same_message_twice_at_once_sends_one_mail() {
    let stage = stage();
    stage.deliver(event!("sqs-delivered-twice")).await;
    assert_eq!(stage.outbox.mails().len(), 1);
}

#[tokio::test]
async fn somebody_who_is_at_it_is_waited_for_and_taken_over_once_the_lease_has_ended() {
    let stage = stage();
    let claim = Claim { owner: common::idempotency::EffectId::from_bits(1), lease_ends: at(10) };
    let (run, step) = (RUN.parse().unwrap(), "email-user".parse().unwrap());
    stage.journal.claim(run, &step, claim, at(0)).await.unwrap();
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(4)).await.failed().count(), 1);
    assert_eq!((stage.outbox.mails().len(), stage.visibility.changes()[0].1), (0, 6));
    assert_eq!(stage.deliver_at(event!("sqs-step-ready"), at(10)).await.failed().count(), 0);
    assert_eq!(stage.outbox.mails().len(), 1);
}

#[tokio::test]
async fn a_name_is_shown_and_does_nothing_else() {
    let stage = stage_with(&json!({
        "username": "<a href='//evil.example'>\r\nBcc: bob@example.com", "email": "ada@example.com"
    }));
    stage.deliver(event!("sqs-step-ready")).await;
    let mail = &stage.outbox.mails()[0];
    assert_eq!((mail.to.as_str(), mail.subject.as_str()), ("ada@example.com", "Welcome"));
    assert_eq!(mail.html.matches("<a ").count(), 1, "{}", mail.html);
    assert!(!mail.text.contains("\r") && !mail.text.contains("evil.example"), "{}", mail.text);
}
