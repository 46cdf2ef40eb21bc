//! The newsletter: nobody gets it who has not confirmed it, and anybody can leave it with one click.

use std::time::Duration;

use common::clock;
use common::redact::Secret;
use common::signed::LinkKey;
use serde_json::json;

use crate::api::{Answer, send};
use crate::sign_in::attempt::assert_refused;

use super::mails::{self, Mail};
use super::newcomer::Newcomer;
use super::run::{SOON, places};
use super::{subscribers, turns};

const PAGE: (&str, &str) = ("accept", "text/html");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ONE_CLICK: &str = "List-Unsubscribe=One-Click";

/// Signs up with the newsletter; the mail that asks to confirm it.
fn asked(newcomer: &Newcomer) -> Mail {
    let document = newcomer.sign_up().wait_for("done", SOON);
    assert_eq!(places(&document), ["done", "done", "done"], "{document}");
    assert_eq!(document["context"]["subscribed"], "pending");
    let mails = mails::to(&newcomer.email);
    let [welcome, ask] = &mails[..] else { panic!("two mails: {mails:?}") };
    assert!(welcome.is_welcome() && ask.tag("step") == Some("subscribe-user"));
    ask.clone()
}

fn subscriber() -> Newcomer {
    Newcomer::new().asking("newsletter", json!(true))
}

fn press(path: &str) -> Answer {
    send("POST", path, &[FORM], "")
}

fn state(newcomer: &Newcomer) -> String {
    subscribers::state(&newcomer.email).expect("a subscriber")
}

#[test]
fn a_subscription_is_pending_until_somebody_presses_the_button() {
    let _turn = turns::shared();
    let newcomer = subscriber();
    let path = asked(&newcomer).confirmation();
    for method in ["GET", "HEAD", "GET"] {
        let page = send(method, &path, &[PAGE], "");
        assert_eq!(page.status, 200, "{}", page.text);
        assert!(method == "HEAD" || page.text.contains(r#"method="post""#), "{}", page.text);
        assert!(!page.text.contains(&newcomer.email));
    }
    assert_eq!(state(&newcomer), "pending");
    for _ in 0..2 {
        let confirmed = press(&path);
        assert_eq!((confirmed.status, &confirmed.json()["state"]), (200, &json!("confirmed")));
        assert_eq!(state(&newcomer), "confirmed");
    }
}

#[test]
fn a_mail_provider_unsubscribes_with_one_click_and_the_old_link_does_not_undo_it() {
    let _turn = turns::shared();
    let newcomer = subscriber();
    let mail = asked(&newcomer);
    press(&mail.confirmation());
    let path = mail.unsubscription();
    let looked = send("GET", &path, &[PAGE], "");
    assert_eq!((looked.status, state(&newcomer).as_str()), (200, "confirmed"));
    // It has no cookies, and comes from its own site.
    let of_provider = [FORM, ("origin", "https://mail.example"), ("sec-fetch-site", "cross-site")];
    for _ in 0..2 {
        let left = send("POST", &path, &of_provider, ONE_CLICK);
        assert_eq!((left.status, state(&newcomer).as_str()), (200, "unsubscribed"));
    }
    assert_refused(&press(&mail.confirmation()), 410, "link-expired");
    assert_eq!(state(&newcomer), "unsubscribed");
}

#[test]
fn a_page_of_another_site_can_press_neither_button() {
    let _turn = turns::shared();
    let newcomer = subscriber();
    let mail = asked(&newcomer);
    for path in [mail.confirmation(), mail.unsubscription()] {
        let headers = [FORM, ("sec-fetch-site", "cross-site")];
        let refused = send("POST", &path, &headers, "");
        assert_refused(&refused, 403, "cross-site");
    }
    assert_eq!(state(&newcomer), "pending");
}

#[test]
fn links_that_are_changed_for_something_else_or_late_do_nothing() {
    let _turn = turns::shared();
    let newcomer = subscriber();
    let path = asked(&newcomer).confirmation();
    let secret = subscribers::secret("Key that the links in mails are signed with.");
    let key = LinkKey::new(&Secret::new(secret)).unwrap();
    let sign = |purpose: &str, expires| key.sign(purpose, &newcomer.email, expires);
    let (hour, now) = (Duration::from_secs(3_600), clock::now());
    let other = LinkKey::new(&Secret::new("k".repeat(64))).unwrap();
    let of_another_key = other.sign("confirm", &newcomer.email, now + hour);

    let cut = path[..path.len() - 1].to_owned();
    let to = |token: &str| format!("/subscriptions/confirm/{token}");
    for path in [cut, to(&sign("unsubscribe", now + hour)), to(&of_another_key), to("a")] {
        for method in ["GET", "POST"] {
            assert_refused(&send(method, &path, &[FORM], ""), 404, "no-link");
        }
    }
    for method in ["GET", "POST"] {
        let late = send(method, &to(&sign("confirm", now - hour)), &[FORM], "");
        assert_refused(&late, 410, "link-expired");
    }
    assert_eq!(state(&newcomer), "pending");
    assert_eq!(press(&to(&sign("confirm", now + hour))).status, 200);
    assert_eq!(state(&newcomer), "confirmed");
}
