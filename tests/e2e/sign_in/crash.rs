//! Functions that are killed in the middle.

use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use crate::processes;

use super::attempt::Attempt;
use super::outbox;
use super::person::Person;
use super::turns;

const SIGN_INS: usize = 20;
/// Longer than it takes to make them.
const KILLING: Duration = Duration::from_secs(8);
/// What was being worked on is delivered again after 30 seconds, and may be killed once more.
const AFTER_ANOTHER_DELIVERY: Duration = Duration::from_secs(100);

/// Kills every process of the function again and again. Tells how many it were.
fn keep_killing() -> usize {
    let started = Instant::now();
    let mut killed = 0;
    while started.elapsed() < KILLING {
        for process in processes::of("TwoFactor") {
            killed += usize::from(processes::kill(process));
        }
        // Sometimes before, sometimes during and sometimes after its work.
        sleep(Duration::from_millis(40 + 37 * (killed as u64 % 5)));
    }
    killed
}

#[test]
fn every_sign_in_gets_its_text_however_often_the_function_is_killed() {
    let _turn = turns::alone();
    let people: Vec<Person> = (0..SIGN_INS).map(|_| Person::new()).collect();
    let (attempts, killed) = thread::scope(|scope| {
        let killer = scope.spawn(keep_killing);
        let start = |people: &[Person]| people.iter().map(Attempt::start).collect::<Vec<_>>();
        let started: Vec<_> =
            people.chunks(5).map(|people| scope.spawn(move || start(people))).collect();
        let attempts: Vec<Attempt> =
            started.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        (attempts, killer.join().unwrap())
    });
    assert!(killed >= 3, "only {killed} processes were killed");

    for attempt in &attempts {
        attempt.wait_for("sent", AFTER_ANOTHER_DELIVERY);
    }
    let texts: Vec<usize> =
        attempts.iter().map(|attempt| outbox::texts(&attempt.person.phone).len()).collect();
    println!("{killed} processes were killed; texts for each sign-in: {texts:?}");
    // One that was killed between the provider's yes and its own note of it sends another.
    assert!(texts.iter().all(|texts| (1..=3).contains(texts)), "{texts:?}");
    for attempt in &attempts {
        let answer = attempt.guess(&attempt.code());
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
}
