//! What `login` and `two-factor` agree on.
//!
//! A *challenge* is one attempt to sign in, from the right password to the right code. `login` makes
//! it and checks guesses; `two-factor` makes its code and has it texted. They never call each other:
//! they meet in the stored challenge, whose changes are conditional writes.
//!
//! ```text
//!           begin                    register             settle
//! (password right) ─→ requested ─→ sending ─→ sent | failed          guess → taken → right: deleted
//!                         ↑ └────────────┴──→ refused (a limit)                     → wrong: one less
//!                         └── renew: the next number, the old code is gone
//! ```
//!
//! Everything here is pure but for the implementations of [`ports`]: time and randomness are
//! arguments.

#![cfg_attr(test, allow(clippy::unwrap_used, reason = "a test may panic"))]

pub mod challenge;
pub mod code;
#[cfg(any(test, feature = "testing"))]
pub mod contract;
pub mod event;
mod hex;
#[cfg(feature = "dynamodb")]
pub mod item;
pub mod limits;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod operators;
pub mod phone;
pub mod ports;
pub mod session;
pub mod user;

pub use challenge::{Challenge, ChallengeId, Delivery, Reason, Refusal, RegisteredCode};
pub use code::{Code, CodeMac, Key};
pub use operators::Operators;
pub use phone::Phone;
pub use session::{Session, Token, TokenDigest};
pub use user::{User, Username};
