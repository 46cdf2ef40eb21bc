//! Rules that reshape a message: remove → rename → replace → add → append, in that order.
//!
//! | rule | on what is there | on what is not |
//! | --- | --- | --- |
//! | remove | removes it | nothing |
//! | rename | moves it, over what has the new name | nothing |
//! | replace | gives it another value | nothing |
//! | add | nothing | adds it |
//! | append | adds one more value | adds it |

mod body;
mod fields;

pub use body::{BodyRules, BodyRulesDocument, Pointer, PointerError};
pub use fields::{FieldRules, Fields, Query};
