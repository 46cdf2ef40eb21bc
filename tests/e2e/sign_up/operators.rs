//! Lists of runs are for operators.

use serde_json::{Value, json};

use crate::api::{Answer, send};
use crate::sign_in::attempt::{Attempt, assert_refused};
use crate::sign_in::person::Person;

use super::newcomer::Newcomer;
use super::run::SOON;
use super::turns;

fn session(person: &Person) -> String {
    let attempt = Attempt::with_text(person);
    let answer = attempt.guess(&attempt.code());
    assert_eq!(answer.status, 200, "{}", answer.text);
    format!("Bearer {}", answer.json()["token"].as_str().unwrap())
}

fn list(query: &str, bearer: &str) -> Answer {
    send("GET", &format!("/runs?{query}"), &[("authorization", bearer)], "")
}

#[test]
fn only_operators_list_runs() {
    let _turn = turns::shared();
    let refused = Newcomer::who_is("refused").sign_up();
    refused.wait_for("failed", SOON);
    assert_refused(&send("GET", "/runs", &[], ""), 401, "not-signed-in");
    let somebody = Person::new();
    assert_refused(&list("", &session(&somebody)), 403, "not-an-operator");

    // The name is the one that the stack of the tests is told (`infra/xtask/src/stack/deploy.rs`).
    let bearer = session(&Person::named("operator"));
    let mut found: Vec<Value> = Vec::new();
    let mut query = "state=failed&limit=5".to_owned();
    loop {
        let page = list(&query, &bearer);
        assert_eq!(page.status, 200, "{}", page.text);
        let page = page.json();
        found.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        query = format!("state=failed&limit=5&cursor={next}");
    }
    let own = found.iter().filter(|entry| entry["run"] == json!(refused.id));
    assert_eq!(own.count(), 1);
    assert!(found.iter().all(|entry| entry["state"] == "failed"), "{found:?}");
}
