//! The topic and the queues: messages come at least once, in any order, and leave for the
//! dead-letter queue after so many receives.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use common::journal::{Publisher, Run, RunId, StepName};

use crate::turns::slowly;

/// Receives before a message is given up, as the template has it.
pub(crate) const MAX_RECEIVES: u32 = 5;
/// How long a message that was received stays away.
pub(crate) const VISIBILITY: Duration = Duration::from_secs(30);

#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) run: RunId,
    pub(crate) step: StepName,
    pub(crate) receives: u32,
    pub(crate) visible: SystemTime,
}

/// All queues, and what the dead-letter queues hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Queues(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    messages: Vec<(u64, Message)>,
    dead: Vec<Message>,
    next: u64,
    /// How many of the next publications fail, and whether they do what they fail at.
    failures: Vec<bool>,
}

/// The topic refused or lost a message.
#[derive(Debug, thiserror::Error)]
#[error("the topic is down")]
pub(crate) struct TopicDown;

impl Queues {
    pub(crate) fn fail_next_publication(&self, is_published_all_the_same: bool) {
        self.0.lock().unwrap().failures.push(is_published_all_the_same);
    }

    /// Names of the messages that can be received.
    pub(crate) fn visible(&self, now: SystemTime) -> Vec<u64> {
        let state = self.0.lock().unwrap();
        state.messages.iter().filter(|(_, m)| m.visible <= now).map(|(name, _)| *name).collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.lock().unwrap().messages.is_empty()
    }

    /// Receives a message: it stays away for a while, and is given up after so many times.
    pub(crate) fn receive(&self, name: u64, now: SystemTime) -> Option<Message> {
        let mut state = self.0.lock().unwrap();
        let at = state.messages.iter().position(|(found, _)| *found == name)?;
        if state.messages[at].1.receives >= MAX_RECEIVES {
            let (_, dead) = state.messages.remove(at);
            state.dead.push(dead);
            return None;
        }
        let message = &mut state.messages[at].1;
        message.receives += 1;
        message.visible = now + VISIBILITY;
        Some(message.clone())
    }

    pub(crate) fn delete(&self, name: u64) {
        self.0.lock().unwrap().messages.retain(|(found, _)| *found != name);
    }

    /// Makes a message visible at a time.
    pub(crate) fn show(&self, name: u64, at: SystemTime) {
        let mut state = self.0.lock().unwrap();
        for (_, message) in state.messages.iter_mut().filter(|(found, _)| *found == name) {
            message.visible = at;
        }
    }

    /// Delivers a message a second time, as SQS may.
    pub(crate) fn double(&self, name: u64) {
        let mut state = self.0.lock().unwrap();
        let found = state.messages.iter().find(|(found, _)| *found == name).cloned();
        if let Some((_, message)) = found {
            state.next += 1;
            let name = state.next;
            state.messages.push((name, Message { receives: 0, ..message }));
        }
    }

    pub(crate) fn dead(&self) -> Vec<Message> {
        self.0.lock().unwrap().dead.clone()
    }
}

impl Publisher for Queues {
    type Error = TopicDown;

    async fn publish(&self, run: &Run, steps: &[StepName]) -> Result<(), TopicDown> {
        for step in steps {
            slowly(async { self.put(run.id, step) }).await?;
        }
        Ok(())
    }
}

impl Queues {
    fn put(&self, run: RunId, step: &StepName) -> Result<(), TopicDown> {
        let mut state = self.0.lock().unwrap();
        let failure = state.failures.pop();
        if failure != Some(false) {
            state.next += 1;
            let name = state.next;
            let visible = SystemTime::UNIX_EPOCH;
            let message = Message { run, step: step.clone(), receives: 0, visible };
            state.messages.push((name, message));
        }
        if failure.is_some() { Err(TopicDown) } else { Ok(()) }
    }
}
