//! What is stored of a sign-in that is always at the same point: a user, a challenge, a session.
//!
//! The challenge has no code for those who read it, and one for those who guess: it suits the
//! function that makes codes and the one that checks them.

use serde_json::{Value, json};

/// The only user there is, by the key of her record.
const USER_KEY: &str = "user#ada";
const USERNAME: &str = "Ada";
const PHONE: &str = "+15550100123";
/// Hash of `correct horse battery staple`, at the cost of `common::password`.
const PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$UcymB/nlu53SSCWsXUCFRw\
                        $FhNgERE13KRMyPIUeu4CNg//oPwcdUlganLgsSaHJS4";
/// The secret that codes and counters are made with: 64 characters, as the template has it.
pub const KEY: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01";
/// Where it is.
pub const KEY_ARN: &str =
    "arn:aws:secretsmanager:eu-central-1:123456789012:secret:SignInKey-AbCdEf";
/// What is kept of the code 123456 of the challenge that the events name.
const CODE_MAC: &str = "f143c0938fd9c0d57bb49ee254655484cf10802a1f5c39d213cfc803ba34e236";
/// Long ago and far ahead, in seconds, so that no run is too early or too late.
const PAST: &str = "1772357400";
const FUTURE: &str = "4102444800";

/// What is stored under a key, if anything is.
pub(super) fn stored(pk: &str) -> Option<Value> {
    match pk.split('#').next()? {
        "user" if pk == USER_KEY => Some(json!({
            "pk": { "S": pk },
            "username": { "S": USERNAME },
            "password": { "S": PASSWORD },
            "phone": { "S": PHONE },
            "locale": { "S": "en" },
            "created_at": { "S": "2026-03-01T09:30:00.000Z" },
        })),
        "challenge" => Some(challenge(pk)),
        "limit" => Some(json!({
            "pk": { "S": pk },
            "codes": { "N": "1" },
            "failures": { "N": "1" },
            "expires": { "N": FUTURE },
        })),
        "session" => Some(json!({
            "pk": { "S": pk },
            "username": { "S": USERNAME },
            "expires": { "N": FUTURE },
        })),
        _ => None,
    }
}

/// A challenge whose first code is asked for.
fn challenge(pk: &str) -> Value {
    json!({
        "pk": { "S": pk },
        "username": { "S": USERNAME },
        "phone": { "S": PHONE },
        "locale": { "S": "en" },
        "expires": { "N": FUTURE },
        "number": { "N": "1" },
        "counted": { "N": "0" },
        "resend_at": { "N": PAST },
        "attempts": { "N": "0" },
        "delivery": { "S": "requested" },
    })
}

/// A challenge whose code was sent, with the first guess taken.
pub(super) fn guessed_challenge(pk: &str) -> Value {
    let mut item = challenge(pk);
    item["counted"] = json!({ "N": "1" });
    item["attempts"] = json!({ "N": "1" });
    item["delivery"] = json!({ "S": "sent" });
    item["code_mac"] = json!({ "S": CODE_MAC });
    item["code_expires"] = json!({ "N": FUTURE });
    item
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::AttributeValue;
    use common::password;
    use common::redact::Secret;
    use sign_in::item::{Item, to_challenge, to_session, to_tally, to_user};
    use sign_in::{Delivery, Key, Token};

    const CHALLENGE: &str = "challenge#0123456789abcdef0123456789abcdef";
    /// What an item may have to count as one write.
    const WRITE_UNIT: usize = 1024;

    fn item(value: &Value) -> Item {
        let attribute = |value: &Value| match (value["S"].as_str(), value["N"].as_str()) {
            (Some(text), _) => AttributeValue::S(text.to_owned()),
            (_, Some(digits)) => AttributeValue::N(digits.to_owned()),
            _ => AttributeValue::Null(true),
        };
        let attributes = value.as_object().unwrap();
        attributes.iter().map(|(name, value)| (name.clone(), attribute(value))).collect()
    }

    #[test]
    fn the_functions_can_read_what_is_stored() {
        let user = to_user(&item(&stored(USER_KEY).unwrap())).unwrap();
        assert!(password::verify("correct horse battery staple", Some(&user.password)).unwrap());
        let found = to_challenge(&item(&stored(CHALLENGE).unwrap())).unwrap();
        assert_eq!((found.delivery, found.code), (Delivery::Requested, None));
        let digest = Token::random().unwrap().digest();
        let session = stored(&format!("session#{}", digest.as_str())).unwrap();
        assert_eq!(to_session(&item(&session), &digest).unwrap().username, USERNAME);
        assert_eq!(to_tally(&item(&stored("limit#user#0#0").unwrap())).unwrap().codes, 1);
        assert_eq!(stored("user#nobody"), None);
    }

    #[test]
    fn the_code_that_the_events_enter_is_right() {
        let guessed = to_challenge(&item(&guessed_challenge(CHALLENGE))).unwrap();
        let key = Key::new(&Secret::new(KEY.to_owned())).unwrap();
        let kept = guessed.code.unwrap().mac;
        let expected = key.mac(guessed.id, &guessed.username, &"123456".parse().unwrap());
        assert_eq!(kept, expected);
    }

    #[test]
    fn an_item_counts_as_one_write() {
        for item in [stored(USER_KEY).unwrap(), guessed_challenge(CHALLENGE)] {
            assert!(item.to_string().len() < WRITE_UNIT, "more in JSON than in DynamoDB");
        }
    }
}
