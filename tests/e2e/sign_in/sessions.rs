//! Sessions end.

use crate::api::send;

use super::attempt::{Attempt, assert_refused};
use super::person::Person;
use super::{table, turns};

fn signed_in(person: &Person) -> String {
    let attempt = Attempt::with_text(person);
    let answer = attempt.guess(&attempt.code());
    assert_eq!(answer.status, 200, "{}", answer.text);
    format!("Bearer {}", answer.json()["token"].as_str().unwrap())
}

#[test]
fn a_session_that_is_over_is_refused_although_it_is_stored() {
    let _turn = turns::shared();
    let person = Person::new();
    let bearer = signed_in(&person);
    let with_token = [("authorization", bearer.as_str())];
    assert_eq!(send("GET", "/me", &with_token, "").status, 200);
    table::let_sessions_pass(&person.username);
    assert_refused(&send("GET", "/me", &with_token, ""), 401, "not-signed-in");
    assert_eq!(send("POST", "/logout", &with_token, "").status, 204);
}

#[test]
fn signing_out_ends_one_session_and_no_other() {
    let _turn = turns::shared();
    let person = Person::new();
    let (first, second) = (signed_in(&person), signed_in(&person));
    assert_ne!(first, second);
    assert_eq!(send("POST", "/logout", &[("authorization", &first)], "").status, 204);
    assert_eq!(send("GET", "/me", &[("authorization", &first)], "").status, 401);
    assert_eq!(send("GET", "/me", &[("authorization", &second)], "").status, 200);
}
