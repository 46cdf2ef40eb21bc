//! The whole way, from the form to signing in.

use serde_json::json;

use crate::api::{get, send};
use crate::sign_in::attempt::{Attempt, assert_refused};

use super::newcomer::Newcomer;
use super::run::{SOON, places, step};
use super::{mails, subscribers, turns};

#[test]
fn whoever_signs_up_is_welcomed_by_one_mail_that_can_be_unsubscribed_from() {
    let _turn = turns::shared();
    let mut newcomer = Newcomer::new().asking("locale", json!("de-AT"));
    // What looks like a name: letters, and not too many.
    let letters = newcomer.person.username.chars().rev().take(20).map(|c| match c {
        '0'..='9' => char::from(c as u8 - b'0' + b'g'),
        c => c,
    });
    newcomer.person.username = format!("ada-{}", String::from_iter(letters));
    let answer = newcomer.ask(None);
    let location = format!("/users/{}", newcomer.person.username);
    assert_eq!(answer.header("location"), Some(location.as_str()));
    let mut told: Vec<String> = answer.json().as_object().unwrap().keys().cloned().collect();
    told.sort();
    assert_eq!(told, ["run", "username"]);

    let run = super::run::Run::started_by(&answer);
    let document = run.wait_for("done", SOON);
    assert_eq!(places(&document), ["done", "skipped", "done"], "{document}");
    turns::a_while();
    let [mail] = &mails::to(&newcomer.email)[..] else { panic!("one mail") };
    assert!(mail.is_welcome() && mail.tag("run") == Some(&run.id));
    assert_eq!(mail.field("Source"), "no-reply@example.com");
    for part in ["BodyText", "BodyHtml"] {
        let text = mail.field(part);
        assert!(text.contains("Hallo") && text.contains(&newcomer.person.username), "{text}");
    }
    let unsubscribe = mail.header("List-Unsubscribe").expect("List-Unsubscribe");
    assert!(unsubscribe.starts_with('<') && unsubscribe.ends_with('>'), "{unsubscribe}");
    assert!(mail.field("BodyText").contains(&mail.unsubscription()), "people find it, too");
    assert_eq!(mail.header("List-Unsubscribe-Post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(subscribers::state(&newcomer.email), None);
}

#[test]
fn whoever_signed_up_can_sign_in_at_once() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new();
    newcomer.sign_up();
    let attempt = Attempt::with_text(&newcomer.person);
    let answer = attempt.guess(&attempt.code());
    assert_eq!(answer.status, 200, "{}", answer.text);
    assert_eq!(answer.json()["username"], json!(newcomer.person.username));
}

#[test]
fn a_run_is_shown_as_a_document_a_page_and_a_chart_without_what_is_personal() {
    let _turn = turns::shared();
    let newcomer = Newcomer::new().asking("newsletter", json!({ "topics": ["rust"] }));
    let run = newcomer.sign_up();
    let document = run.wait_for("done", SOON);
    assert_eq!(document["context"]["email"], "n***@example.com");
    assert_eq!(document["context"]["username"], json!(newcomer.person.username));
    let phone = &newcomer.person.phone;
    let masked = format!("******{}", &phone[phone.len() - 2..]);
    assert_eq!(document["context"]["phone"], json!(masked));
    assert!(step(&document, "email-user")["added"]["emailed"].is_string());

    let page = send("GET", &run.path(), &[("accept", "text/html")], "");
    let chart = send("GET", &run.path(), &[("accept", "text/vnd.mermaid")], "");
    assert!(page.text.contains("<svg") && chart.text.starts_with("flowchart"), "{}", chart.text);
    for text in [&get(&run.path()).text, &page.text, &chart.text] {
        for secret in [&newcomer.email, &phone[1..].to_owned(), &newcomer.person.password] {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}

#[test]
fn what_is_no_user_and_no_run_is_refused() {
    let body = json!({ "username": "", "email": "nobody", "phone": "12", "password": "short" });
    let refused = crate::api::post("/users", &body.to_string());
    assert_refused(&refused, 422, "invalid-user");
    let errors = refused.json()["errors"].clone();
    let pointers: Vec<&str> =
        errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/username", "/email", "/phone", "/password"]);
    for id in ["0".repeat(32), "7".to_owned()] {
        assert_eq!(get(&format!("/runs/{id}")).status, 404);
    }
}
