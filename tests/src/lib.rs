//! What the tests of the whole project and the benchmark share.
//!
//! A function is started like Lambda starts it ([`function`]), by a Runtime API of our own
//! ([`runtime_api`]), and finds the services it calls on this machine ([`endpoint`]). So its
//! start, its first and its later invocations can be timed, and their instructions be counted
//! ([`callgrind`]), without AWS.

pub mod callgrind;
pub mod cargo;
pub mod certificates;
pub mod endpoint;
pub mod files;
pub mod function;
pub mod package;
pub mod proc;
pub mod runtime_api;
pub mod services;
pub mod stage;
pub mod wire;
