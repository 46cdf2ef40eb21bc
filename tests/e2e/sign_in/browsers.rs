//! What browsers are told, and what they are refused.

use crate::api::{Answer, JSON, send};

use super::attempt::{Attempt, assert_refused};
use super::person::Person;
use super::turns;

const HTML: (&str, &str) = ("accept", "text/html,application/xhtml+xml,*/*;q=0.8");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The cookie that an answer sets: its name and value, and its attributes in order.
fn cookie(answer: &Answer) -> (String, Vec<String>) {
    let header = answer.header("set-cookie").expect("a cookie").to_owned();
    let mut parts = header.split(';').map(|part| part.trim().to_owned());
    let pair = parts.next().unwrap();
    let mut attributes: Vec<String> = parts.collect();
    attributes.sort();
    (pair, attributes)
}

#[test]
fn a_browser_is_led_through_and_keeps_a_cookie_that_scripts_cannot_read() {
    let _turn = turns::shared();
    let person = Person::new();
    let form =
        format!("username={}&password={}", person.username, person.password.replace(' ', "+"));
    let started = send("POST", "/login", &[HTML, FORM], &form);
    assert_eq!(started.status, 303, "{}", started.text);
    let location = started.header("location").unwrap().to_owned();
    let attempt = Attempt {
        id: location.trim_start_matches("/login/").to_owned(),
        person: person.clone(),
        first: serde_json::Value::Null,
    };
    attempt.wait_for("sent", super::attempt::SOON);

    let form = format!("code={}", attempt.code());
    let entered = send("POST", &format!("{location}/code"), &[HTML, FORM], &form);
    assert_eq!((entered.status, entered.header("location")), (303, Some("/me")));
    let (pair, attributes) = cookie(&entered);
    assert!(pair.starts_with("session="), "over plain HTTP the name has no prefix");
    let lasting =
        attributes.iter().filter(|a| a.starts_with("Max-Age=") || a.starts_with("Expires="));
    let others: Vec<&String> =
        attributes.iter().filter(|a| !a.contains("Age=") && !a.contains("xpires=")).collect();
    assert_eq!(others, ["HttpOnly", "Path=/", "SameSite=Lax"], "{attributes:?}");
    assert!(lasting.count() <= 2);

    let with_cookie = [HTML, ("cookie", pair.as_str())];
    let me = send("GET", "/me", &with_cookie, "");
    assert!(me.status == 200 && me.text.contains(&person.username), "{} {}", me.status, me.text);
    let out = send("POST", "/logout", &[HTML, FORM, ("cookie", &pair)], "");
    assert_eq!((out.status, out.header("location")), (303, Some("/login")));
    let (cleared, attributes) = cookie(&out);
    assert_eq!(cleared, "session=");
    assert!(attributes.contains(&"Max-Age=0".to_owned()), "{attributes:?}");
    let after = send("GET", "/me", &with_cookie, "");
    assert_eq!((after.status, after.header("location")), (303, Some("/login")));
}

#[test]
fn pages_of_other_sites_can_neither_sign_in_nor_out() {
    let _turn = turns::shared();
    let person = Person::new();
    let attempt = Attempt::with_text(&person);
    let answer = attempt.guess(&attempt.code());
    let (pair, _) = cookie(&answer);
    let credentials =
        format!(r#"{{"username":"{}","password":"{}"}}"#, person.username, person.password);
    let marks = [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "https://evil.example"),
        ("origin", "null"),
    ];
    for mark in marks {
        for (path, body) in [("/login", credentials.as_str()), ("/logout", "")] {
            let refused = send("POST", path, &[JSON, ("cookie", &pair), mark], body);
            assert_refused(&refused, 403, "cross-site");
        }
        for part in ["code", "resend"] {
            let refused = send("POST", &format!("{}/{part}", attempt.path()), &[JSON, mark], "{}");
            assert_refused(&refused, 403, "cross-site");
        }
    }
    assert_eq!(send("GET", "/me", &[("cookie", &pair)], "").status, 200, "still signed in");
    let own = [JSON, ("cookie", pair.as_str()), ("sec-fetch-site", "same-origin")];
    assert_eq!(send("POST", "/logout", &own, "").status, 204);
}

#[test]
fn pages_let_nothing_foreign_in() {
    let page = send("GET", "/login", &[HTML], "");
    assert_eq!(page.status, 200);
    assert!(page.header("content-type").unwrap().starts_with("text/html"));
    let policy = page.header("content-security-policy").unwrap();
    for part in
        ["default-src 'none'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'"]
    {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(page.header("cache-control").unwrap().contains("no-store"));
    for (path, kind) in [("style.css", "text/css"), ("script.js", "text/javascript")] {
        let asset = send("GET", &format!("/login/assets/{path}"), &[], "");
        assert_eq!(asset.status, 200, "{path}");
        assert!(asset.header("content-type").unwrap().starts_with(kind), "{path}");
    }
}

#[test]
fn a_page_shows_what_is_wrong_and_escapes_what_was_entered() {
    let name = "<script>alert(1)</script>";
    let form = format!("username={}&password=wrong", name.replace('<', "%3C").replace('>', "%3E"));
    let answer = send("POST", "/login", &[HTML, FORM], &form);
    assert_eq!(answer.status, 401);
    assert!(answer.text.contains(r#"id="problem""#), "{}", answer.text);
    assert!(!answer.text.contains(name), "{}", answer.text);
    assert!(!answer.text.contains("wrong\""), "the password is not shown again");
}
