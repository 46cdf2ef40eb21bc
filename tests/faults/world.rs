//! The world: processes that take turns, messages that come and go, and time.

use std::pin::Pin;
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::batch::{Failure, Record, RecordHandler as _};
use common::event::{CloudEvent, SpecVersion};
use common::journal::{
    Context, Mover, Pipeline, Run, RunId, RunState, STEP_READY, StepReady, Steps,
};
use serde_json::json;
use std::sync::Arc;

use crate::chance::Chance;
use crate::functions::{Acting, Deeds, Fate};
use crate::queues::{MAX_RECEIVES, Message, Queues, VISIBILITY};
use crate::turns::SlowJournal;

/// Turns of the part in which everything goes wrong.
const CHAOS: usize = 150;
/// Turns in which everything that is left must come to its end.
const CALM: usize = 20_000;
/// How long an invocation may take.
const DEADLINE: Duration = Duration::from_secs(5);

type Process = Pin<Box<dyn Future<Output = Ended>>>;

/// What became of a process that was not killed.
enum Ended {
    /// A change of a run was looked at; if that failed, it is looked at again.
    Moved(RunId, bool),
    /// A message was handled.
    Handled(u64, Result<(), Failure>),
}

pub(crate) struct World {
    chance: Chance,
    pub(crate) now: SystemTime,
    pub(crate) pipeline: Pipeline,
    pub(crate) journal: SlowJournal,
    pub(crate) queues: Queues,
    pub(crate) deeds: Deeds,
    steps: Arc<Steps<SlowJournal, Acting>>,
    mover: Arc<Mover<SlowJournal, Queues>>,
    processes: Vec<Process>,
    /// Processes that were killed and leases that were overrun: what an effect may repeat for.
    pub(crate) mishaps: u32,
    /// Whether it is written down what happens: for a schedule that is looked at.
    is_told: bool,
    story: Vec<String>,
}

impl World {
    /// A world with one to three sign-ups.
    pub(crate) fn new(mut chance: Chance, is_told: bool) -> Self {
        let pipeline: Pipeline = include_str!("pipeline.json").parse().unwrap();
        let (journal, queues, deeds) =
            (SlowJournal::default(), Queues::default(), Deeds::default());
        let acting =
            Acting { deeds: deeds.clone(), journal: journal.0.clone(), pipeline: pipeline.clone() };
        let now = UNIX_EPOCH + Duration::from_secs(1_772_366_400);
        for number in 0..=chance.below(2) {
            let id = RunId::from_bits(number as u128 + 1);
            let mut known = Context::new();
            if chance.percent(60) {
                known.insert("newsletter".into(), json!("weekly"));
            }
            for step in pipeline.steps() {
                let fate = match chance.below(10) {
                    0 => Fate::Permanent,
                    1 => Fate::Hopeless,
                    2 | 3 => Fate::WellAfter(1 + u32::try_from(chance.below(2)).unwrap()),
                    _ => Fate::WellAfter(0),
                };
                deeds.decide(id, step.name.clone(), fate);
            }
            journal.0.insert(Run::new(id, &pipeline, known, now));
        }
        Self {
            steps: Arc::new(Steps::new(pipeline.clone(), journal.clone(), acting)),
            mover: Arc::new(Mover::new(vec![pipeline.clone()], journal.clone(), queues.clone())),
            chance,
            now,
            pipeline,
            journal,
            queues,
            deeds,
            processes: Vec::new(),
            mishaps: 0,
            is_told,
            story: Vec::new(),
        }
    }

    /// Everything goes wrong that can.
    pub(crate) fn chaos(&mut self) {
        for _ in 0..CHAOS {
            match self.chance.below(100) {
                0..=49 => self.poll_any(),
                50..=61 => self.look_at_change(),
                62..=81 => self.deliver_any(),
                82..=84 => self.kill_any(),
                85..=88 => self.double_any(),
                89..=93 => self.pass_time(),
                94 => self.lose_change(),
                95..=97 => {
                    let is_published = self.chance.percent(50);
                    self.tell(format_args!("a publication fails, published: {is_published}"));
                    self.queues.fail_next_publication(is_published);
                }
                _ => self.sweep(),
            }
        }
    }

    /// Nothing goes wrong any more, and everything that is left comes to its end.
    pub(crate) fn calm(&mut self) {
        self.tell(format_args!("calm"));
        for _ in 0..CALM {
            if !self.processes.is_empty() {
                self.poll(0);
            } else if let Some(id) = self.journal.0.next_change() {
                self.spawn_mover(id);
            } else if let Some(name) = self.queues.visible(self.now).first() {
                self.spawn_step(*name);
            } else if !self.queues.is_empty() {
                self.now += Duration::from_secs(1);
            } else if self.journal.0.runs().iter().any(|run| run.state == RunState::Running) {
                // The lease of who died has an end, and what was lost is found by the sweep.
                self.now += DEADLINE;
                self.sweep();
            } else {
                return;
            }
        }
    }

    fn poll_any(&mut self) {
        if !self.processes.is_empty() {
            let at = self.chance.below(self.processes.len());
            self.poll(at);
        }
    }

    fn poll(&mut self, at: usize) {
        let mut context = TaskContext::from_waker(Waker::noop());
        let Poll::Ready(ended) = self.processes[at].as_mut().poll(&mut context) else { return };
        drop(self.processes.swap_remove(at));
        match ended {
            Ended::Moved(_, true) => {}
            // The stream delivers what failed again, before anything after it.
            Ended::Moved(id, false) => self.spawn_mover(id),
            Ended::Handled(name, Ok(())) => self.queues.delete(name),
            Ended::Handled(name, Err(Failure::Permanent { .. })) => {
                self.queues.show(name, self.now)
            }
            Ended::Handled(name, Err(Failure::Transient { retry_after, .. })) => {
                let wait = retry_after.unwrap_or(Duration::from_secs(1));
                self.queues.show(name, self.now + wait);
            }
        }
    }

    fn look_at_change(&mut self) {
        if let Some(id) = self.journal.0.next_change() {
            self.spawn_mover(id);
        }
    }

    fn spawn_mover(&mut self, id: RunId) {
        self.tell(format_args!("advance {id:?}"));
        let mover = Arc::clone(&self.mover);
        self.processes
            .push(Box::pin(async move { Ended::Moved(id, mover.advance(id).await.is_ok()) }));
    }

    fn deliver_any(&mut self) {
        let visible = self.queues.visible(self.now);
        if !visible.is_empty() {
            let at = self.chance.below(visible.len());
            self.spawn_step(visible[at]);
        }
    }

    fn spawn_step(&mut self, name: u64) {
        let Some(message) = self.queues.receive(name, self.now) else { return };
        let Message { run, step, receives, .. } = message;
        self.tell(format_args!("message {name}: {step} of {run:?}, receive {receives}"));
        let body = CloudEvent {
            specversion: SpecVersion::V1,
            id: format!("{run}-{step}"),
            source: "/runs".into(),
            kind: STEP_READY.into(),
            time: None,
            subject: None,
            traceparent: None,
            data: StepReady { run: run.to_string(), step },
        };
        let record = Record {
            receive_count: receives,
            is_last_receive: receives == MAX_RECEIVES,
            deadline: Some(self.now + DEADLINE),
            ..Record::new(name.to_string(), body)
        };
        let (steps, now) = (Arc::clone(&self.steps), self.now);
        self.processes
            .push(Box::pin(async move { Ended::Handled(name, steps.handle(record, now).await) }));
    }

    /// A function dies between any two of its calls. What it was given comes again.
    fn kill_any(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let at = self.chance.below(self.processes.len());
        drop(self.processes.swap_remove(at));
        self.mishaps += 1;
        self.tell(format_args!("a function dies"));
    }

    fn double_any(&mut self) {
        let visible = self.queues.visible(self.now);
        if !visible.is_empty() {
            let at = self.chance.below(visible.len());
            self.queues.double(visible[at]);
            self.tell(format_args!("message {} comes twice", visible[at]));
        }
    }

    /// Leases end under those who are at work.
    fn pass_time(&mut self) {
        let seconds = 1 + self.chance.below(8) as u64;
        self.now += Duration::from_secs(seconds);
        self.mishaps += u32::try_from(self.processes.len()).unwrap();
        self.tell(format_args!("{seconds} s pass"));
    }

    /// The stream loses a change, which it never should.
    fn lose_change(&mut self) {
        if self.journal.0.next_change().is_some() {
            self.tell(format_args!("a change is lost"));
        }
    }

    fn sweep(&mut self) {
        for run in self.journal.0.runs() {
            if run.state == RunState::Running {
                self.tell(format_args!("sweep {:?}", run.id));
                let (mover, since) = (Arc::clone(&self.mover), self.now - VISIBILITY);
                let swept = async move { mover.sweep(run.id, since).await.is_ok() };
                self.processes.push(Box::pin(async move { Ended::Moved(run.id, swept.await) }));
            }
        }
    }

    fn tell(&mut self, what: std::fmt::Arguments<'_>) {
        if self.is_told {
            self.story.push(what.to_string());
        }
    }

    pub(crate) fn story(&self) -> String {
        self.story.join("\n")
    }
}
