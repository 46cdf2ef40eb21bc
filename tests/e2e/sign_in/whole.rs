//! The whole way, from the password to signing out.

use serde_json::json;

use crate::api::{get, send};

use super::attempt::{Attempt, SOON, assert_refused};
use super::outbox;
use super::person::Person;
use super::turns;

#[test]
fn a_password_and_a_texted_code_open_a_session() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::start(&person);
    let last_two = &person.phone[person.phone.len() - 2..];
    let sent_to = attempt.first["sentTo"].as_str().unwrap();
    assert!(sent_to.ends_with(last_two) && sent_to.starts_with("***"), "{sent_to}");
    assert_eq!(attempt.first["status"], "requested");
    assert_eq!(
        (&attempt.first["attemptsLeft"], &attempt.first["codesLeft"]),
        (&json!(5), &json!(2))
    );

    attempt.wait_for("sent", SOON);
    assert!(attempt.document()["codeExpiresAt"].is_string());
    let answer = attempt.guess(&attempt.code());
    assert_eq!(answer.status, 200, "{}", answer.text);
    let session = answer.json();
    assert_eq!(session["username"], json!(person.username));

    let bearer = format!("Bearer {}", session["token"].as_str().unwrap());
    let with_token = [("authorization", bearer.as_str())];
    let me = send("GET", "/me", &with_token, "");
    assert_eq!(me.status, 200, "{}", me.text);
    assert_eq!(
        me.json(),
        json!({ "username": person.username, "expiresAt": session["expiresAt"] })
    );

    let out = send("POST", "/logout", &with_token, "");
    assert_eq!((out.status, out.text.as_str()), (204, ""));
    assert_refused(&send("GET", "/me", &with_token, ""), 401, "not-signed-in");
}

#[test]
fn without_a_session_nobody_is_signed_in() {
    let nobody = get("/me");
    assert_refused(&nobody, 401, "not-signed-in");
    assert_eq!(nobody.header("www-authenticate"), Some("Bearer"));
    let wrong = format!("Bearer {}", "0".repeat(64));
    assert_refused(&send("GET", "/me", &[("authorization", &wrong)], ""), 401, "not-signed-in");
}

#[test]
fn a_text_says_what_it_is_for_and_where_it_belongs() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::with_text(&person);
    let [text] = &outbox::texts(&person.phone)[..] else { panic!("one text") };
    let code = attempt.code();
    assert!(text.lines().next().unwrap().contains(&code), "{text}");
    let last = text.lines().last().unwrap();
    let host = last.strip_prefix('@').and_then(|line| line.strip_suffix(&format!(" #{code}")));
    assert_eq!(host, Some("faaspatternshttpapi.execute-api.localhost"));
    assert!(!text.contains(&person.username), "{text}");
    // 160 characters of GSM-7 are one message; more are charged as two.
    assert!(text.is_ascii() && text.len() <= 160, "{} characters", text.len());
}
