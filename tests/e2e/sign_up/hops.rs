//! How long a sign-up takes from function to function, and what it writes, with nobody in its way.

use std::collections::BTreeSet;
use std::thread;

use serde_json::json;

use super::newcomer::Newcomer;
use super::run::{Run, SOON};
use super::{journal, mails, turns};

const SIGN_UPS: usize = 60;
/// So many sign up at once.
const THREADS: usize = 2;

/// The values at the middle and near the end.
pub(super) fn percentiles(mut values: Vec<i64>) -> String {
    values.sort_unstable();
    let at = |percent: usize| values[(values.len() - 1) * percent / 100];
    format!("p50 {} ms, p90 {} ms, p99 {} ms", at(50), at(90), at(99))
}

#[test]
fn hops_take_little_and_write_what_is_needed() {
    let _turn = turns::alone();
    let sign_up = |number: usize| {
        let newcomer = Newcomer::new();
        let newcomer = if number.is_multiple_of(2) {
            newcomer.asking("newsletter", json!(true))
        } else {
            newcomer
        };
        let run = newcomer.sign_up();
        run.wait_for("done", SOON);
        (number.is_multiple_of(2), run)
    };
    let started: Vec<(bool, Run)> = thread::scope(|scope| {
        let part =
            |first: usize| (first..SIGN_UPS).step_by(THREADS).map(sign_up).collect::<Vec<_>>();
        let threads: Vec<_> = (0..THREADS).map(|first| scope.spawn(move || part(first))).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    turns::a_while();

    let runs = journal::runs();
    let mails = mails::all();
    let sent = |id: &str| {
        let mail = mails.iter().find(|mail| mail.is_welcome() && mail.tag("run") == Some(id));
        mail.expect("a welcome").sent_at()
    };
    let of = |hop: &dyn Fn(&str, &journal::Entry) -> i64| {
        percentiles(started.iter().map(|(_, run)| hop(&run.id, &runs[&run.id])).collect())
    };
    let start = |run: &journal::Entry, step: &str| run.steps[step].started.unwrap();
    println!("{SIGN_UPS} sign-ups, {THREADS} at once, nobody in their way:");
    println!(
        "  created -> claimed by email-user: {}",
        of(&|_, run| start(run, "email-user") - run.created)
    );
    println!("  claimed -> mail taken: {}", of(&|id, run| sent(id) - start(run, "email-user")));
    println!("  created -> mail taken: {}", of(&|id, run| sent(id) - run.created));
    println!(
        "  mail taken -> claimed by call-webhook: {}",
        of(&|id, run| start(run, "call-webhook") - sent(id))
    );

    let stream = journal::stream();
    for (wants, steps) in [(false, 2), (true, 3)] {
        let own: BTreeSet<&str> =
            started.iter().filter(|(asked, _)| *asked == wants).map(|(_, run)| &*run.id).collect();
        let writes = stream.iter().filter(|record| own.contains(journal::run_of(record))).count();
        println!(
            "  writes to the journal of a run that takes {steps} steps: {writes} for {} runs",
            own.len()
        );
        // The run and its three steps; a claim and an end for each step; the end of the run.
        assert_eq!(writes, own.len() * (4 + 2 * steps + 1));
    }
}
