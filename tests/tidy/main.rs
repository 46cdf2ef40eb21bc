//! Contracts between code, template, events and documents: what a change in one of them must not
//! leave behind in another.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod calls;
mod defaults;
mod documents;
mod functions;
mod licences;
mod parameters;
mod permissions;
mod pipelines;
mod queues;
mod repository;
mod routes;
mod template;
mod versions;
