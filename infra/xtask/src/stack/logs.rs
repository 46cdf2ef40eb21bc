//! Follows what the functions of the stack log.

use std::collections::HashMap;
use std::io::{Write, stdout};
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};

use super::{NAME, Stack};
use crate::progress::note;
use crate::{http, signals};

const POLL: Duration = Duration::from_millis(500);
/// So many looks in a row fail when something is wrong, and not just busy: 10 seconds of them.
const WORRYING: u32 = 20;
const SERVICE: &str = "logs";
const GROUPS: &str = "/aws/lambda/";

/// Lambda's own lines. The access log of the function says the same, and more.
const FRAME: [&str; 3] = ["START RequestId: ", "END RequestId: ", "REPORT RequestId: "];

/// Why following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The user asked for it.
    Interrupted,
    /// The stack was stopped, or crashed.
    StackEnded,
    /// Nobody reads any more.
    ReaderGone,
}

/// Prints new lines of all functions, as `function | line`, until the user interrupts it or the
/// stack ends.
pub(crate) fn follow(stack: &Stack) -> End {
    let mut groups = HashMap::new();
    let mut is_first = true;
    let mut failures = 0;
    loop {
        if signals::interrupted() {
            return End::Interrupted;
        }
        let looked = new_lines(stack, &mut groups);
        failures = if looked.is_ok() { 0 } else { failures + 1 };
        match looked {
            // What was logged before is not news.
            Ok(_) if is_first => is_first = false,
            Ok(lines) => {
                let mut out = stdout().lock();
                for Line { function, text, .. } in lines {
                    if writeln!(out, "{function} | {text}").is_err() {
                        return End::ReaderGone;
                    }
                }
            }
            Err(_) if !stack.is_running() => return End::StackEnded,
            // Said once, not with every look.
            Err(error) if failures == WORRYING => {
                note(&format!("cannot read what the functions log, still trying: {error:#}"));
            }
            // Busy with a deployment, perhaps; the next look gets the same lines.
            Err(_) => {}
        }
        sleep(POLL);
    }
}

/// How far a log group has been read. Several events may carry the same time and text, so those
/// of the last time that was seen are counted.
#[derive(Debug, Default)]
struct Position {
    stored_bytes: i64,
    time: i64,
    seen: HashMap<String, usize>,
}

impl Position {
    /// The events that are new. `events` are all from [`Self::time`] on.
    fn advance<'a>(&mut self, events: &'a [Value]) -> Vec<&'a Value> {
        let mut counts: HashMap<String, usize> = HashMap::new();
        let last = events.iter().filter_map(time).max().unwrap_or(self.time);
        let mut seen_at_last = HashMap::new();
        let mut new = Vec::new();
        for event in events {
            let key =
                format!("{} {} {}", event["timestamp"], event["logStreamName"], event["message"]);
            let count = counts.entry(key.clone()).or_default();
            *count += 1;
            if *count > self.seen.get(&key).copied().unwrap_or(0) {
                new.push(event);
            }
            if time(event) == Some(last) {
                seen_at_last.insert(key, *count);
            }
        }
        if !events.is_empty() {
            (self.time, self.seen) = (last, seen_at_last);
        }
        new
    }
}

fn time(event: &Value) -> Option<i64> {
    event["timestamp"].as_i64()
}

/// A line that a function logged.
struct Line {
    time: Option<i64>,
    function: String,
    text: String,
}

fn new_lines(stack: &Stack, groups: &mut HashMap<String, Position>) -> Result<Vec<Line>> {
    let endpoint = stack.endpoint();
    let input = json!({ "logGroupNamePrefix": GROUPS });
    let found = http::aws_json(&endpoint, SERVICE, "Logs_20140328.DescribeLogGroups", &input)?;
    let mut lines = Vec::new();
    for group in found["logGroups"].as_array().into_iter().flatten() {
        let Some(name) = group["logGroupName"].as_str() else { continue };
        let position = groups.entry(name.to_owned()).or_default();
        let stored_bytes = group["storedBytes"].as_i64().unwrap_or(-1);
        // One request a look, not one for each group, as long as nothing happens.
        if stored_bytes == position.stored_bytes {
            continue;
        }
        let events = events_since(&endpoint, name, position.time)?;
        for event in position.advance(&events) {
            let message = event["message"].as_str().unwrap_or_default().trim_end();
            if !FRAME.iter().any(|frame| message.starts_with(frame)) {
                lines.push(Line {
                    time: time(event),
                    function: function(name).to_owned(),
                    text: message.to_owned(),
                });
            }
        }
        position.stored_bytes = stored_bytes;
    }
    // Functions call each other; their lines tell more in the order they were written.
    lines.sort_by_key(|line| line.time);
    Ok(lines)
}

fn events_since(endpoint: &str, group: &str, start: i64) -> Result<Vec<Value>> {
    let mut input = json!({ "logGroupName": group, "startTime": start, "limit": 10_000 });
    let mut events = Vec::new();
    loop {
        let mut page = http::aws_json(endpoint, SERVICE, "Logs_20140328.FilterLogEvents", &input)?;
        if let Value::Array(found) = page["events"].take() {
            events.extend(found);
        }
        match page["nextToken"].take() {
            token @ Value::String(_) => input["nextToken"] = token,
            _ => return Ok(events),
        }
    }
}

/// The function's name, without what all log groups of the stack begin with.
fn function(group: &str) -> &str {
    let name = group.strip_prefix(GROUPS).unwrap_or(group);
    name.strip_prefix(NAME).and_then(|name| name.strip_prefix('-')).unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(time: i64, message: &str) -> Value {
        json!({ "timestamp": time, "message": message, "logStreamName": "s" })
    }

    #[test]
    fn each_event_is_new_once_also_among_equals() {
        let mut position = Position::default();
        let mut events = vec![event(1, "a"), event(2, "b"), event(2, "b")];
        assert_eq!(position.advance(&events).len(), 3);

        // The next look starts at time 2.
        events.remove(0);
        assert_eq!(position.advance(&events).len(), 0);
        events.extend([event(2, "b"), event(2, "c")]);
        assert_eq!(position.advance(&events), [&event(2, "b"), &event(2, "c")]);
        assert_eq!(position.advance(&[]).len(), 0);
        assert_eq!(position.advance(&events).len(), 0);
    }

    #[test]
    fn a_log_group_is_shown_as_its_function() {
        assert_eq!(function("/aws/lambda/faas-patterns-widget-api"), "widget-api");
        assert_eq!(function("/aws/lambda/other"), "other");
    }
}
