//! The texts that a telephone would have got.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::api::{send_to, variable};

/// The texts to a number, oldest first.
pub(super) fn texts(phone: &str) -> Vec<String> {
    let url = format!(
        "{}/_ministack/sns/sms-messages?phoneNumber={}",
        variable("AWS_ENDPOINT_URL"),
        phone.replace('+', "%2B")
    );
    let answer = send_to("GET", &url, &[], "").json();
    let texts = answer["sms_messages"][phone].as_array().cloned().unwrap_or_default();
    texts.iter().map(|text| text["Message"].as_str().unwrap().to_owned()).collect()
}

/// The codes in the texts to a number, oldest first.
pub(super) fn codes(phone: &str) -> Vec<String> {
    let code = |text: &String| code_in(text).unwrap_or_else(|| panic!("no code in {text:?}"));
    texts(phone).iter().map(code).collect()
}

/// All codes that were sent to anybody, not only by these tests.
pub(super) fn all_codes() -> BTreeSet<String> {
    let url = format!("{}/_ministack/sns/sms-messages", variable("AWS_ENDPOINT_URL"));
    let answer = send_to("GET", &url, &[], "").json();
    let numbers = answer["sms_messages"].as_object().unwrap().values();
    let texts = numbers.flat_map(|texts| texts.as_array().unwrap());
    texts.filter_map(|text| code_in(text["Message"].as_str().unwrap())).collect()
}

/// The code of a text, which its last line holds for telephones to offer: `@host #123456`.
fn code_in(text: &str) -> Option<String> {
    let (_, code) = text.lines().last()?.strip_prefix('@')?.split_once(" #")?;
    is_code(code).then(|| code.to_owned())
}

pub(super) fn is_code(text: &str) -> bool {
    text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Another code than this one.
pub(super) fn other_than(code: &str, by: u32) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + by) % 1_000_000)
}

/// The words of a problem document that say what it is.
pub(super) fn kind(problem: &Value) -> &str {
    problem["type"].as_str().unwrap_or_default().trim_start_matches("urn:problem-type:")
}
