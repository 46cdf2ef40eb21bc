//! Very many sign-ups in very bad weather.

mod outcome;
mod people;
mod trouble;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::api::number;

use super::journal;
use super::turns::{self, eventually};
use outcome::Outcome;
use people::{Accepted, Kind};

/// How many sign up, unless `SIGN_UPS` says otherwise.
const SIGN_UPS: usize = 1_000;
/// So many sign up at once.
const THREADS: usize = 6;
/// What was at work in a process that died comes again after a minute, and may fail by itself then.
const SETTLED: Duration = Duration::from_secs(420);

#[test]
fn a_thousand_sign_ups_end_as_they_should_whatever_dies_and_comes_twice() {
    let _turn = turns::alone();
    let count = number("SIGN_UPS", SIGN_UPS);
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let started = Instant::now();
    let (accepted, kills) = thread::scope(|scope| {
        let killer = scope.spawn(|| trouble::keep_killing(&is_over));
        let take = || std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)));
        let sign_up = move || take().take_while(|at| *at < count).map(people::sign_up).collect();
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(sign_up)).collect();
        let accepted: Vec<Vec<Accepted>> =
            threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        is_over.store(true, Ordering::Relaxed);
        (accepted.concat(), killer.join().unwrap())
    });
    let took = started.elapsed();
    assert_eq!(accepted.len(), count);
    let by_kind = |kind| accepted.iter().filter(|a: &&Accepted| a.kind == kind).count();
    println!(
        "{count} sign-ups in {:.1} s, {:.1} a second: {} refused by the provider, {} after a failure, \
         {} with the newsletter",
        took.as_secs_f64(),
        f64::from(u32::try_from(count).unwrap()) / took.as_secs_f64(),
        by_kind(Kind::Refused),
        by_kind(Kind::Flaky),
        by_kind(Kind::Subscriber),
    );
    println!("processes killed meanwhile: {kills:?}");

    let runs = eventually("all runs are over", SETTLED, || {
        thread::sleep(Duration::from_secs(2));
        let runs = journal::runs();
        let is_over = |a: &Accepted| runs.get(&a.run.id).is_some_and(|run| run.state != "running");
        accepted.iter().all(is_over).then_some(runs)
    });
    println!("all were over {:.1} s after the first began", started.elapsed().as_secs_f64());
    Outcome::of(accepted, runs).check(&kills);
}
