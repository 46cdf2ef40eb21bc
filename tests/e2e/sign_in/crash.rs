//! Functions that are killed in the middle.

use std::fs;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::api::variable;

use super::attempt::Attempt;
use super::outbox;
use super::person::Person;
use super::turns;

const SIGN_INS: usize = 20;
/// Longer than it takes to make them.
const KILLING: Duration = Duration::from_secs(8);
/// What was being worked on is delivered again after 30 seconds, and may be killed once more.
const AFTER_ANOTHER_DELIVERY: Duration = Duration::from_secs(100);

/// The processes that the local AWS runs `two-factor` in.
fn processes() -> Vec<Pid> {
    let port = variable("AWS_ENDPOINT_URL").rsplit(':').next().unwrap().to_owned();
    let folder = format!("ministack-provided-code-{port}/");
    let is_wanted = |pid: &i32| {
        let read = |name: &str| fs::read(format!("/proc/{pid}/{name}")).unwrap_or_default();
        let has = |name: &str, text: &str| String::from_utf8_lossy(&read(name)).contains(text);
        has("cmdline", &folder)
            && has("environ", "AWS_LAMBDA_FUNCTION_NAME=faas-patterns-TwoFactorFunction")
    };
    let names = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().file_name());
    let pids = names.filter_map(|name| name.to_str()?.parse().ok());
    pids.filter(is_wanted).filter_map(Pid::from_raw).collect()
}

/// Kills every process of the function again and again. Tells how many it were.
fn keep_killing() -> usize {
    let started = Instant::now();
    let mut killed = 0;
    while started.elapsed() < KILLING {
        for process in processes() {
            killed += usize::from(kill_process(process, Signal::KILL).is_ok());
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
