//! Runs: one pass through a pipeline, and how each of its steps stands.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::pipeline::{Pipeline, StepName};
use crate::idempotency::EffectId;

/// What steps know and add to: a JSON object.
pub type Context = Map<String, Value>;

/// 128 random bits that name a run. Whoever knows them may see it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(u128);

/// A text that names no run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a run is named by 32 lower-case hexadecimal digits")]
pub struct RunIdError;

impl RunId {
    /// A new name, unguessable because it comes from the operating system's randomness.
    ///
    /// # Errors
    /// When the operating system has none to give.
    pub fn random() -> Result<Self, getrandom::Error> {
        EffectId::random().map(|id| Self(id.to_bits()))
    }

    /// A name made of given bits.
    #[must_use]
    pub const fn from_bits(bits: u128) -> Self {
        Self(bits)
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Enough to tell runs apart in a log, and too little to look at one.
impl fmt::Debug for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RunId({:08x}…)", self.0 >> 96)
    }
}

impl FromStr for RunId {
    type Err = RunIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex =
            text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let bits = u128::from_str_radix(text, 16).ok().filter(|_| is_hex);
        bits.map(Self).ok_or(RunIdError)
    }
}

/// One pass through a pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its name.
    pub id: RunId,
    /// The name of the pipeline.
    pub pipeline: String,
    /// When it was started.
    pub created: SystemTime,
    /// When it was opened again last, if it ever was.
    pub reopened: Option<SystemTime>,
    /// How it ended, if it did. It can be opened again.
    pub state: RunState,
    /// What was known when it was started.
    pub context: Context,
    /// Its steps.
    pub steps: BTreeMap<StepName, StepRecord>,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RunState {
    /// Steps are left.
    Running,
    /// No step is left, and none that had to go well has failed.
    Done,
    /// A step that had to go well has failed.
    Failed,
}

impl RunState {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Running, Self::Done, Self::Failed];

    /// The word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RunState {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.word() == word).ok_or(())
    }
}

/// How a step stands, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// How it stands.
    pub state: StepState,
    /// How often it was taken up.
    pub attempts: u32,
    /// The last attempt that told how it ended: those after it were cut off, or are at work.
    pub answered: u32,
    /// When it was taken up last.
    pub started: Option<SystemTime>,
    /// When it ended.
    pub ended: Option<SystemTime>,
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq)]
pub enum StepState {
    /// Nobody is at it.
    Pending,
    /// Somebody is at it.
    Claimed {
        /// Who: one attempt.
        owner: EffectId,
        /// When they are taken to be gone.
        lease_ends: SystemTime,
    },
    /// It is done.
    Done {
        /// What it adds to the context.
        added: Context,
    },
    /// It has failed for good, until somebody opens it again.
    Failed {
        /// Why, in words for operators: nothing personal.
        reason: String,
    },
}

impl Default for StepRecord {
    fn default() -> Self {
        Self { state: StepState::Pending, attempts: 0, answered: 0, started: None, ended: None }
    }
}

impl Run {
    /// A run that is about to start.
    #[must_use]
    pub fn new(id: RunId, pipeline: &Pipeline, context: Context, now: SystemTime) -> Self {
        let steps = pipeline.steps().map(|step| (step.name.clone(), StepRecord::default()));
        Self {
            id,
            pipeline: pipeline.name().to_owned(),
            created: now,
            reopened: None,
            state: RunState::Running,
            context,
            steps: steps.collect(),
        }
    }

    /// Since when it has been open.
    #[must_use]
    pub fn open_since(&self) -> SystemTime {
        self.reopened.unwrap_or(self.created)
    }

    /// When something was last done about it.
    #[must_use]
    pub fn last_change(&self) -> SystemTime {
        let times = self.steps.values().flat_map(|record| [record.started, record.ended]);
        times.flatten().fold(self.open_since(), SystemTime::max)
    }

    /// What is known now: what was known at the start, and what each step added, in their order.
    #[must_use]
    pub fn known(&self, pipeline: &Pipeline) -> Context {
        let mut known = self.context.clone();
        for step in pipeline.steps() {
            if let Some(StepRecord { state: StepState::Done { added }, .. }) =
                self.steps.get(&step.name)
            {
                known.extend(added.clone());
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written_and_not_shown_whole() {
        let id = RunId::random().unwrap();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(!format!("{id:?}").contains(&id.to_string()[8..]));
        for text in ["", "7", &"g".repeat(32), &"A".repeat(32)] {
            assert_eq!(text.parse::<RunId>(), Err(RunIdError), "{text}");
        }
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for state in RunState::ALL {
            assert_eq!(state.word().parse(), Ok(state));
        }
    }
}
