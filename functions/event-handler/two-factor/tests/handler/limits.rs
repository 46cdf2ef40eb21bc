//! Limits on texts: each one forbids, says why and until when, and costs nothing.

use sign_in::limits::{Conversion, TextLimits};
use sign_in::ports::SignIns as _;
use sign_in::{Delivery, Reason, Refusal, Session, Token};

use crate::support::{CHALLENGE, Stage, at, event, id, limits, stage, stage_with};

/// Asks for codes for several sign-ins, one after the other; how each ended.
async fn ask_for(stage: &Stage, phones: &[&str]) -> Vec<Delivery> {
    let mut ends = Vec::new();
    for (at, phone) in phones.iter().enumerate() {
        let name = format!("{:032x}", at + 1);
        stage.ask(&name, phone).await;
        let event = event!("sqs-code-requested").replace(CHALLENGE, &name);
        let answer = stage.deliver(&event).await;
        assert_eq!(answer.failed().count(), 0, "the message is done either way");
        ends.push(stage.store.challenge(name.parse().unwrap()).unwrap().delivery);
    }
    ends
}

fn refused(reason: Reason) -> Delivery {
    // Noon of a day in UTC; the day's window ends at midnight.
    Delivery::Refused(Refusal { reason, until: Some(at(12 * 3_600)) })
}

const ADA: &str = "+15550100123";
const BOB: &str = "+15550100124";
const EVE: &str = "+4915112345678";

#[tokio::test]
async fn a_number_gets_so_many_texts_a_day() {
    let stage = stage_with(TextLimits { per_phone: 1, ..limits() });
    let ends = ask_for(&stage, &[ADA, ADA, BOB]).await;
    assert_eq!(ends, [Delivery::Sent, refused(Reason::Phone), Delivery::Sent]);
    assert_eq!(stage.outbox.texts().len(), 2);
}

#[tokio::test]
async fn there_are_so_many_texts_a_day_in_all() {
    let stage = stage_with(TextLimits { per_day: 2, ..limits() });
    let ends = ask_for(&stage, &[ADA, EVE, BOB]).await;
    assert_eq!(ends, [Delivery::Sent, Delivery::Sent, refused(Reason::Day)]);
}

#[tokio::test]
async fn a_country_gets_so_many_texts_a_day() {
    let stage = stage_with(TextLimits { per_country: 1, ..limits() });
    let ends = ask_for(&stage, &[ADA, BOB, EVE]).await;
    assert_eq!(ends, [Delivery::Sent, refused(Reason::Country), Delivery::Sent]);
}

#[tokio::test]
async fn a_country_whose_codes_nobody_enters_is_closed_and_opens_when_they_do() {
    let stage = stage_with(TextLimits { unconverted: 2, ..limits() });
    let ends = ask_for(&stage, &[ADA, BOB, BOB]).await;
    assert_eq!(ends, [Delivery::Sent, Delivery::Sent, refused(Reason::Conversion)]);

    let entered = stage.store.challenge(format!("{:032x}", 1).parse().unwrap()).unwrap();
    let session = Session {
        digest: Token::random().unwrap().digest(),
        username: "Ada".into(),
        expires: at(3_600),
    };
    let conversion = Conversion::of(&entered.phone, 20, at(0));
    let mac = entered.code.unwrap().mac;
    assert!(stage.store.complete(entered.id, &mac, &session, &conversion).await.unwrap());
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-code-requested")).await;
    assert_eq!(stage.store.challenge(id()).unwrap().delivery, Delivery::Sent);
}

#[tokio::test]
async fn countries_that_are_not_served_get_no_texts() {
    let stage = stage();
    let ends = ask_for(&stage, &["+33612345678", EVE]).await;
    let refusal = Refusal { reason: Reason::CountryNotServed, until: None };
    assert_eq!(ends, [Delivery::Refused(refusal), Delivery::Sent]);
    assert_eq!(stage.outbox.texts().len(), 1);
}

#[tokio::test]
async fn another_code_of_the_same_sign_in_counts_too() {
    let stage = stage_with(TextLimits { per_day: 1, ..limits() });
    stage.ask_for_code().await;
    stage.deliver(event!("sqs-code-requested")).await;
    stage.ask_again().await;
    let event = event!("sqs-out-of-order");
    stage.deliver_at(event, at(1)).await;
    assert_eq!(stage.challenge().delivery, refused(Reason::Day));
}

#[tokio::test]
async fn what_is_refused_counts_nowhere() {
    let stage = stage_with(TextLimits { per_phone: 1, per_day: 2, ..limits() });
    let ends = ask_for(&stage, &[ADA, ADA, ADA, BOB]).await;
    assert_eq!(ends[3], Delivery::Sent, "the refused ones took none of the day's");
}
