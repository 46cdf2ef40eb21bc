//! Messages that nobody can read.

use std::time::Duration;

use serde_json::Value;

use crate::api::unique;

use super::attempt::Attempt;
use super::person::Person;
use super::queue::{self, dead_letters};
use super::turns::{self, eventually};

/// How long neighbours may take. Had they failed with the batch, they would come again after the
/// visibility timeout of 30 seconds.
const WITHOUT_ANOTHER_DELIVERY: Duration = Duration::from_secs(20);

fn messages() -> Vec<String> {
    let mark = unique("poison");
    let challenge = "0123456789abcdef0123456789abcdef";
    let mut other: Value = serde_json::from_str(&queue::request(challenge, 1)).unwrap();
    other["type"] = "faas-patterns.something.else".into();
    other["id"] = mark.clone().into();
    let mut incomplete = other.clone();
    incomplete["type"] = "faas-patterns.code.requested".into();
    incomplete["data"] = serde_json::json!({ "challenge": 7 });
    vec![format!("{mark}: not JSON"), other.to_string(), incomplete.to_string()]
}

#[test]
fn poison_ends_in_the_dead_letter_queue_and_its_neighbours_are_served() {
    let poison = messages();
    let people = [Person::new(), Person::new(), Person::new()];
    {
        let _turn = turns::alone();
        let pause = queue::pause();
        let attempts: Vec<Attempt> = people.iter().map(Attempt::start).collect();
        queue::send(&poison);
        // All of them fit into one batch.
        drop(pause);
        for attempt in &attempts {
            attempt.wait_for("sent", WITHOUT_ANOTHER_DELIVERY);
            assert_eq!(attempt.guess(&attempt.code()).status, 200);
        }
    }
    eventually("the poison is dead", Duration::from_secs(200), || {
        let dead = dead_letters();
        poison.iter().all(|message| dead.contains(message)).then_some(())
    });
}
