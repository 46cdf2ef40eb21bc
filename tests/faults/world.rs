//! The world: processes that take turns, messages that come and go, and time.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context as TaskContext, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use common::batch::{Failure, Record, RecordHandler as _};
use common::event::{CloudEvent, SpecVersion};
use common::journal::{
    Context, Journal as _, Mover, Patience, Pipeline, Run, RunId, RunState, STEP_READY, StepName,
    StepReady, StepState, Steps,
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
/// In the calm, a sweep comes each time a lease is over.
const PATIENCE: Patience = Patience { after: VISIBILITY, every: DEADLINE };
/// How long an invocation may take.
const DEADLINE: Duration = Duration::from_secs(5);

/// A function at work.
struct Process {
    /// The step that it does, if it does one, and when it is taken to be gone.
    step: Option<(RunId, StepName, SystemTime)>,
    work: Pin<Box<dyn Future<Output = Ended>>>,
}

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
    /// Whether it is written down what happens: for a schedule that is looked at.
    is_told: bool,
    story: Vec<String>,
}

impl World {
    /// A world with one sign-up or two.
    pub(crate) fn new(mut chance: Chance, is_told: bool) -> Self {
        let pipeline: Pipeline = include_str!("pipeline.json").parse().unwrap();
        let (queues, deeds) = (Queues::default(), Deeds::default());
        let journal = SlowJournal::new(deeds.clone());
        let acting = Acting {
            deeds: deeds.clone(),
            journal: journal.kept.clone(),
            pipeline: pipeline.clone(),
        };
        let now = UNIX_EPOCH + Duration::from_secs(1_772_366_400);
        for number in 0..=chance.below(2) {
            let id = RunId::from_bits(number as u128 + 1);
            let mut known = Context::new();
            if chance.percent(60) {
                known.insert("newsletter".into(), json!("weekly"));
            }
            for step in pipeline.steps() {
                let fate = match chance.below(20) {
                    0 => Fate::Permanent,
                    1 => Fate::Hopeless,
                    2 => Fate::Deadly { after: chance.percent(50) },
                    3..=6 => Fate::WellAfter(1 + u32::try_from(chance.below(2)).unwrap()),
                    _ => Fate::WellAfter(0),
                };
                deeds.decide(id, step.name.clone(), fate);
            }
            journal.kept.insert(Run::new(id, &pipeline, known, now));
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
                95 => {
                    let is_done = self.chance.percent(50);
                    self.tell(format_args!("a call of the journal fails, done: {is_done}"));
                    self.journal.fail_next_call(is_done);
                }
                96 => self.retry_any(),
                97 => {
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
        self.journal.heal();
        for _ in 0..CALM {
            if !self.processes.is_empty() {
                self.poll(0);
            } else if let Some(id) = self.journal.kept.next_change() {
                self.spawn_mover(id);
            } else if let Some(name) = self.queues.visible(self.now).first() {
                self.spawn_step(*name);
            } else if !self.queues.is_empty() {
                self.now += Duration::from_secs(1);
            } else if self.journal.kept.runs().iter().any(|run| run.state == RunState::Running) {
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
        let work = self.processes[at].work.as_mut();
        let polled = catch_unwind(AssertUnwindSafe(|| work.poll(&mut context)));
        let Ok(polled) = polled else { return self.kill(at) };
        let Poll::Ready(ended) = polled else { return };
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
        if let Some(id) = self.journal.kept.next_change() {
            self.spawn_mover(id);
        }
    }

    fn spawn_mover(&mut self, id: RunId) {
        self.tell(format_args!("advance {id:?}"));
        let mover = Arc::clone(&self.mover);
        let work = Box::pin(async move { Ended::Moved(id, mover.advance(id).await.is_ok()) });
        self.processes.push(Process { step: None, work });
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
            data: StepReady { run: run.to_string(), step: step.clone() },
        };
        let deadline = self.now + DEADLINE;
        let record = Record {
            receive_count: receives,
            is_last_receive: receives == MAX_RECEIVES,
            deadline: Some(deadline),
            ..Record::new(name.to_string(), body)
        };
        let (steps, now) = (Arc::clone(&self.steps), self.now);
        let work = Box::pin(async move { Ended::Handled(name, steps.handle(record, now).await) });
        self.processes.push(Process { step: Some((run, step, deadline)), work });
    }

    /// A function dies between any two of its calls. What it was given comes again.
    fn kill_any(&mut self) {
        if self.processes.is_empty() {
            return;
        }
        let at = self.chance.below(self.processes.len());
        self.kill(at);
    }

    fn kill(&mut self, at: usize) {
        let process = self.processes.swap_remove(at);
        if let Some((run, step, _)) = process.step {
            self.deeds.disturb(run, &step);
            self.deeds.lose(run, &step);
        }
        self.tell(format_args!("a function dies"));
    }

    /// Somebody opens what failed in a run that is over; perhaps they have mended the cause.
    fn retry_any(&mut self) {
        let runs = self.journal.kept.runs();
        let run = &runs[self.chance.below(runs.len())];
        let failed = |state: &StepState| matches!(state, StepState::Failed { .. });
        let steps = run.steps.iter().filter(|(_, record)| failed(&record.state));
        let steps: Vec<StepName> = steps.map(|(name, _)| name.clone()).collect();
        let is_over = run.state != RunState::Running;
        let mut context = TaskContext::from_waker(Waker::noop());
        let mut reopen = || {
            pin!(self.journal.kept.reopen(run.id, &steps, self.now)).poll(&mut context)
                == Poll::Ready(Ok(true))
        };
        if !is_over || !reopen() {
            return;
        }
        let is_mended = self.chance.percent(50);
        self.tell(format_args!("{:?} is opened again, mended: {is_mended}", run.id));
        for step in &steps {
            self.deeds.reopen(run.id, step);
            if is_mended {
                // What is left of its messages may be given up although the step is well.
                self.deeds.disturb(run.id, step);
                self.deeds.decide(run.id, step.clone(), Fate::WellAfter(0));
            }
        }
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
        for (run, step, lease_ends) in self.processes.iter().filter_map(|p| p.step.as_ref()) {
            if *lease_ends <= self.now {
                self.deeds.disturb(*run, step);
            }
        }
        self.tell(format_args!("{seconds} s pass"));
    }

    /// The stream loses a change, which it never should.
    fn lose_change(&mut self) {
        if self.journal.kept.next_change().is_some() {
            self.tell(format_args!("a change is lost"));
        }
    }

    fn sweep(&mut self) {
        for run in self.journal.kept.runs() {
            if run.state == RunState::Running {
                self.tell(format_args!("sweep {:?}", run.id));
                let (mover, now) = (Arc::clone(&self.mover), self.now);
                let swept = async move { mover.sweep(run.id, PATIENCE, now).await.is_ok() };
                let work = Box::pin(async move { Ended::Moved(run.id, swept.await) });
                self.processes.push(Process { step: None, work });
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
