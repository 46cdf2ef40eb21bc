//! The pages as people see them: in a real Chromium, on the deployed stack. Run by
//! `cargo xtask test`, which deploys it first.
//!
//! The browser is driven over the `WebDriver` protocol by a client of our own ([`webdriver`]). What
//! the tests need of the protocol is a page of code over an HTTP client that is here anyway; the
//! crates that speak all of it bring a second HTTP stack to build and to keep safe.
//!
//! [`checks`] are what every page must pass in every state. That they do catch what they are for
//! is shown on pages that are wrong on purpose ([`harness`]).

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod browser;
mod checks;
mod chromedriver;
mod delivery;
mod harness;
mod mistakes;
mod pages;
mod poll;
mod runs;
mod sign_in;
mod stack;
mod webdriver;
