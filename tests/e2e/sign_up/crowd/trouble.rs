//! What goes wrong: functions die, and messages come twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::Duration;

use crate::processes;
use crate::sign_in::person::random;
use crate::sign_up::run::Run;
use crate::sign_up::steps::{self, ready};

/// Those that die: all that take part.
const VICTIMS: [&str; 5] = ["CreateUser", "Advance", "EmailUser", "SubscribeUser", "CallWebhook"];

/// Kills a process of some function again and again; how many there were of each function.
pub(super) fn keep_killing(is_over: &AtomicBool) -> BTreeMap<&'static str, usize> {
    let mut kills: BTreeMap<&str, usize> = VICTIMS.map(|victim| (victim, 0)).into();
    while !is_over.load(Ordering::Relaxed) {
        sleep(Duration::from_millis(200 + random(1_000)));
        let victim = VICTIMS[pick(VICTIMS.len())];
        let processes = processes::of(victim);
        if !processes.is_empty() && processes::kill(processes[pick(processes.len())]) {
            *kills.entry(victim).or_default() += 1;
        }
    }
    kills
}

/// Sends copies of the messages of every fifth run: at once, which may be before the original or
/// at the same time, and some later.
pub(super) fn send_copies(run: &Run, number: usize) {
    if !number.is_multiple_of(5) {
        return;
    }
    for (step, _) in steps::FUNCTIONS {
        let copies = vec![ready(&run.id, step); 1 + pick(3)];
        steps::queue(step)
            .send_later(&copies, if number.is_multiple_of(2) { 0 } else { random(20) });
    }
}

fn pick(count: usize) -> usize {
    usize::try_from(random(count as u64)).unwrap()
}
