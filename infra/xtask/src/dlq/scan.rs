//! Looks through a queue, and leaves in it what nobody took.

use std::collections::BTreeSet;

use anyhow::Result;
use serde_json::{Value, json};

use super::account::Account;
use super::choice::Choice;
use super::message::Message;
use super::queue::Queue;
use crate::progress::note;

/// How long messages are out of sight while the queue is looked through, unless they are made
/// visible before: if we die, they come back by themselves.
const HIDDEN_SECONDS: u32 = 120;
/// Most messages of one call.
const BATCH: usize = 10;
/// SQS may find nothing where there is something: so many times it is believed.
const EMPTY_ANSWERS: u32 = 2;

/// What became of the messages that were meant.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned {
    /// How many were meant.
    pub(super) found: usize,
    /// Of them, those that stayed because something was refused.
    pub(super) failed: usize,
}

/// Looks through a queue, and hands what is meant to `take`, ten at a time at most; it tells which
/// of them have left the queue. All others are visible again afterwards.
///
/// # Errors
///
/// If AWS refuses something, or the user interrupts.
pub(super) fn through(
    account: &Account,
    queue: &Queue,
    choice: &Choice,
    mut take: impl FnMut(&[Message]) -> Result<Taken>,
) -> Result<Scanned> {
    let mut kept = Vec::new();
    let scanned = look(account, queue, choice, &mut kept, &mut take);
    let released = release(account, queue, &kept);
    let scanned = scanned?;
    released?;
    Ok(scanned)
}

/// What became of messages that were handed over.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Ids of those that have left the queue.
    pub(super) gone: BTreeSet<String>,
    /// How many stayed though they should not.
    pub(super) failed: usize,
}

fn look(
    account: &Account,
    queue: &Queue,
    choice: &Choice,
    kept: &mut Vec<Message>,
    take: &mut impl FnMut(&[Message]) -> Result<Taken>,
) -> Result<Scanned> {
    let mut scanned = Scanned::default();
    let mut seen = BTreeSet::new();
    let mut empty = 0;
    while empty < EMPTY_ANSWERS && !choice.is_complete(scanned.found) {
        let received = receive(account, queue)?;
        // What was seen before came back, because we are so slow.
        let (fresh, again): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|message| seen.insert(message.id.clone()));
        kept.extend(again);
        if fresh.is_empty() {
            empty += 1;
            continue;
        }
        empty = 0;
        let mut meant = Vec::new();
        for message in fresh {
            if choice.is_meant(&message, scanned.found + meant.len()) {
                meant.push(message);
            } else {
                kept.push(message);
            }
        }
        if meant.is_empty() {
            continue;
        }
        scanned.found += meant.len();
        let taken = take(&meant);
        let gone = taken.as_ref().map(|taken| taken.gone.clone()).unwrap_or_default();
        kept.extend(meant.into_iter().filter(|message| !gone.contains(&message.id)));
        scanned.failed += taken?.failed;
    }
    Ok(scanned)
}

fn receive(account: &Account, queue: &Queue) -> Result<Vec<Message>> {
    let input = json!({
        "QueueUrl": queue.url, "MaxNumberOfMessages": BATCH, "VisibilityTimeout": HIDDEN_SECONDS,
        "WaitTimeSeconds": 1, "AttributeNames": ["All"], "MessageAttributeNames": ["All"],
    });
    let answer = account.call("sqs", "receive-message", &input)?;
    Ok(answer["Messages"].as_array().into_iter().flatten().map(Message::read).collect())
}

/// Makes messages visible again.
fn release(account: &Account, queue: &Queue, kept: &[Message]) -> Result<()> {
    for batch in kept.chunks(BATCH) {
        let entries = batch.iter().enumerate().map(|(number, message)| {
            json!({
                "Id": number.to_string(), "ReceiptHandle": message.handle, "VisibilityTimeout": 0,
            })
        });
        let input = json!({ "QueueUrl": queue.url, "Entries": entries.collect::<Vec<Value>>() });
        let answer =
            account.call_even_if_interrupted("sqs", "change-message-visibility-batch", &input)?;
        let failed = answer["Failed"].as_array().map_or(0, Vec::len);
        if failed > 0 {
            note(&format!("{failed} messages are out of sight for {HIDDEN_SECONDS} s more"));
        }
    }
    Ok(())
}
