//! What became of all who signed up.

#![expect(clippy::print_stdout, reason = "figures are told, for `--nocapture`")]

use std::collections::{BTreeMap, BTreeSet};

use crate::queues::Queue;
use crate::sign_up::hops::percentiles;
use crate::sign_up::journal::{self, Entry};
use crate::sign_up::mails::{self, Mail};
use crate::sign_up::run::SOON;
use crate::sign_up::turns::eventually;
use crate::sign_up::{steps, webhooks};

use super::people::{Accepted, Kind};

/// Messages that one process has in hand at once: the batch of the mapping.
const BATCH: usize = 10;

#[derive(Debug)]
pub(super) struct Outcome {
    accepted: Vec<Accepted>,
    runs: BTreeMap<String, Entry>,
}

impl Outcome {
    pub(super) const fn of(accepted: Vec<Accepted>, runs: BTreeMap<String, Entry>) -> Self {
        Self { accepted, runs }
    }

    fn run(&self, accepted: &Accepted) -> &Entry {
        &self.runs[&accepted.run.id]
    }

    fn own<'a>(&'a self, texts: &'a [String]) -> BTreeSet<&'a str> {
        let ids = self.accepted.iter().map(|a| a.run.id.as_str());
        ids.filter(|id| texts.iter().any(|text| text.contains(id))).collect()
    }

    pub(super) fn check(&self, kills: &BTreeMap<&str, usize>) {
        self.runs_ended_as_addresses_say();
        self.users_are_those_of_the_runs();
        self.mails_came_once(kills["EmailUser"]);
        self.calls_came(kills["CallWebhook"]);
        self.dead_letters_are_the_poison();
        self.count_writes();
    }

    fn runs_ended_as_addresses_say(&self) {
        for accepted in &self.accepted {
            let run = self.run(accepted);
            let wanted = match accepted.kind {
                Kind::Refused => ("failed", ["failed", "pending", "pending"]),
                Kind::Subscriber => ("done", ["done", "done", "done"]),
                Kind::Plain | Kind::Flaky => ("done", ["done", "pending", "done"]),
            };
            let states = ["email-user", "subscribe-user", "call-webhook"]
                .map(|step| run.steps[step].state.as_str());
            assert_eq!((run.state.as_str(), states), wanted, "{accepted:?}");
        }
    }

    fn users_are_those_of_the_runs(&self) {
        let items = journal::scan("UsersTable");
        let mut users = BTreeMap::new();
        for item in &items {
            let pair = (journal::text(item, "pk").unwrap(), journal::text(item, "run"));
            users.insert(pair.0, pair.1);
        }
        for accepted in &self.accepted {
            let id = Some(accepted.run.id.as_str());
            let name = format!("user#{}", accepted.newcomer.person.username);
            let address = format!("email#{}", accepted.newcomer.email);
            assert_eq!((users[name.as_str()], users[address.as_str()]), (id, id));
        }
        let ids: BTreeSet<&String> = self.accepted.iter().map(|a| &a.run.id).collect();
        assert_eq!(ids.len(), self.accepted.len(), "each has a run of their own");
    }

    /// An effect comes twice only if the step was taken up twice: copies of a message do nothing.
    fn each_by_its_own_attempt(&self, accepted: &Accepted, step: &str, effects: usize) {
        let attempts = self.run(accepted).steps[step].attempts;
        assert!(effects <= attempts, "{step}: {effects} times in {attempts} attempts {accepted:?}");
    }

    fn mails_came_once(&self, kills: usize) {
        let mails = mails::all();
        let mut welcomes: BTreeMap<&str, Vec<&Mail>> = BTreeMap::new();
        for mail in mails.iter().filter(|mail| mail.is_welcome()) {
            welcomes.entry(mail.tag("run").unwrap()).or_default().push(mail);
        }
        let mut histogram: BTreeMap<usize, usize> = BTreeMap::new();
        let mut waits = Vec::new();
        for accepted in &self.accepted {
            let own = welcomes.get(accepted.run.id.as_str()).map_or(&[][..], Vec::as_slice);
            assert_eq!(own.is_empty(), accepted.kind == Kind::Refused, "{accepted:?}");
            let failed = usize::from(accepted.kind == Kind::Flaky);
            self.each_by_its_own_attempt(accepted, "email-user", own.len() + failed);
            *histogram.entry(own.len()).or_default() += 1;
            waits.extend(own.first().map(|mail| mail.sent_at() - self.run(accepted).created));
        }
        println!("welcome mails for each sign-up: {histogram:?}");
        println!("created -> mail taken: {}", percentiles(waits));
        let extra: usize =
            histogram.iter().map(|(mails, runs)| mails.saturating_sub(1) * runs).sum();
        // Only a process that dies between the provider's yes and its own note of it sends again.
        assert!(
            extra <= kills * BATCH,
            "{extra} mails too many, and {kills} processes were killed"
        );
    }

    fn calls_came(&self, kills: usize) {
        let mut calls: BTreeMap<String, usize> = BTreeMap::new();
        for call in webhooks::calls(None) {
            *calls
                .entry(call["Headers"]["webhook-id"].as_str().unwrap().to_owned())
                .or_default() += 1;
        }
        let mut histogram: BTreeMap<usize, usize> = BTreeMap::new();
        for accepted in &self.accepted {
            let own = calls.get(&format!("{}-call-webhook", accepted.run.id)).copied().unwrap_or(0);
            assert_eq!(own == 0, accepted.kind == Kind::Refused, "{accepted:?}");
            self.each_by_its_own_attempt(accepted, "call-webhook", own);
            *histogram.entry(own).or_default() += 1;
        }
        println!("calls of the webhook for each sign-up: {histogram:?}");
        let extra: usize =
            histogram.iter().map(|(calls, runs)| calls.saturating_sub(1) * runs).sum();
        assert!(
            extra <= kills * BATCH,
            "{extra} calls too many, and {kills} processes were killed"
        );
    }

    fn dead_letters_are_the_poison(&self) {
        let refused = self.accepted.iter().filter(|a| a.kind == Kind::Refused);
        let refused: BTreeSet<&str> = refused.map(|a| a.run.id.as_str()).collect();
        let mut letters = Vec::new();
        eventually("all poison is dead", SOON * 3, || {
            letters = steps::letters("email-user");
            (self.own(&letters).len() >= refused.len()).then_some(())
        });
        assert_eq!(self.own(&letters), refused);
        println!("dead letters of email-user name {} runs, all of them refused", refused.len());
        for step in ["subscribe-user", "call-webhook"] {
            assert!(self.own(&steps::letters(step)).is_empty(), "{step}");
        }
        for queue in ["AdvanceDeadLetterQueue", "StepsDeadLetterQueue"] {
            assert_eq!(Queue::named(queue).letters(), Vec::<String>::new());
        }
    }

    fn count_writes(&self) {
        let ids: BTreeSet<&str> = self.accepted.iter().map(|a| a.run.id.as_str()).collect();
        let stream = journal::stream();
        let writes = stream.iter().filter(|record| ids.contains(journal::run_of(record))).count();
        let each = f64::from(u32::try_from(writes).unwrap())
            / f64::from(u32::try_from(ids.len()).unwrap());
        println!("writes to the journal: {writes}, {each:.2} for each run");
    }
}
