//! Runs of pipelines that lose no step and do none twice.
//!
//! A [`Pipeline`] is data: steps, what they come after, which of them must go well. A [`Run`] is one
//! pass through it, kept in a table, the *journal*. Whoever starts one writes the run and what it is
//! about in one transaction, and publishes nothing. The stream of the table tells a [`Mover`] of
//! every change; it looks at the whole run, publishes the steps that can be taken up, and writes
//! down how the run ends. A step's function takes it from its queue with [`Steps`]: it *claims* the
//! step with a conditional write, acts, and ends it with what it adds to the context. The claim is
//! the record of idempotency: two writes a step, and no other table.
//!
//! | trap | here |
//! | --- | --- |
//! | a crash between "saved" and "published" | nothing is published by whoever saves |
//! | the same message twice, or two steps at once | a step is claimed once |
//! | a function dies with a step in hand | the claim is leased; its message comes again |
//! | a change or a message is lost | a sweep looks at all running runs |
//! | a message that fails is published anew, and so never given up | what was taken up is not ready; it is published again only by the sweep, long after |
//! | a step kills its process each time | after five attempts in a row that did not answer it has failed |
//! | a step fails for good | it says why, the run ends, the message goes to the dead-letter queue; a person opens it again |
//! | personal data in queues | messages name run and step |
//!
//! Every schedule of faults that a simulation comes up with leads every run to its end: see
//! `tests/faults`. What it cannot give is *exactly once* at a provider that knows no idempotency: a
//! process can die between the provider's yes and the record of it. [`Task::id`] is the key for
//! providers that do know it.
//!
//! ```
//! # #[cfg(not(feature = "testing"))] fn main() {}
//! # #[cfg(feature = "testing")] #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::SystemTime;
//!
//! use common::batch::{Failure, Record, RecordHandler as _};
//! use common::clock;
//! use common::event::{CloudEvent, SpecVersion};
//! use common::journal::{
//!     Action, Context, Pipeline, Place, Run, RunId, STEP_READY, Standing, StepName, StepReady, Steps,
//!     Task,
//! };
//! use common::testing::MemoryJournal;
//!
//! struct Greet;
//!
//! impl Action for Greet {
//!     fn is_for(&self, step: &StepName) -> bool {
//!         step.as_str() == "greet"
//!     }
//!
//!     async fn act(&self, task: &Task, _: SystemTime) -> Result<Context, Failure> {
//!         let name = task.context.get("name").ok_or_else(|| Failure::permanent("no name"))?;
//!         Ok(Context::from_iter([("greeting".to_owned(), format!("Hello {name}").into())]))
//!     }
//! }
//!
//! let pipeline: Pipeline =
//!     r#"{"name":"hello","steps":[{"name":"greet","kind":"function","required":true}]}"#
//!         .parse()?;
//! let journal = MemoryJournal::default();
//! let known = Context::from_iter([("name".to_owned(), "Ada".into())]);
//! let run = Run::new(RunId::random()?, &pipeline, known, clock::now());
//! journal.insert(run.clone());
//!
//! // What the queue of the step brings:
//! let step = StepReady { run: run.id.to_string(), step: "greet".parse()? };
//! let event = CloudEvent {
//!     specversion: SpecVersion::V1, id: "1".into(), source: "/runs".into(),
//!     kind: STEP_READY.into(), time: None, subject: None, traceparent: None, data: step,
//! };
//! let steps = Steps::new(pipeline.clone(), journal.clone(), Greet);
//! steps.handle(Record::new("m-1", event), clock::now()).await.map_err(|f| f.cause().to_owned())?;
//!
//! let run = journal.run(run.id).ok_or("gone")?;
//! let standing = Standing::of(&pipeline, &run);
//! assert_eq!(standing.places[&"greet".parse()?], Place::Done);
//! assert_eq!(run.known(&pipeline)["greeting"], "Hello \"Ada\"");
//! # Ok(()) }
//! ```

#[cfg(any(test, feature = "testing"))]
pub(crate) mod contract;
#[cfg(feature = "dynamodb")]
mod dynamodb;
#[cfg(feature = "dynamodb")]
mod item;
#[cfg(any(test, feature = "testing"))]
pub(crate) mod memory;
mod mover;
mod pipeline;
mod run;
mod standing;
mod step;
mod store;
#[cfg(feature = "dynamodb")]
pub use dynamodb::DynamoJournal;
pub use mover::{MoveError, Moved, Mover, Patience, Publisher};
pub use pipeline::{Kind, Pipeline, PipelineError, Step, StepName, StepNameError};
pub use run::{Context, Run, RunId, RunIdError, RunState, StepRecord, StepState};
pub use standing::{Place, Standing};
pub use step::{Action, MAX_UNANSWERED, STEP_READY, StepReady, Steps, Task};
pub use store::{Attempt, Claim, Claimed, End, Journal};
