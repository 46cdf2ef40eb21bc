//! What `dlq` does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};

use super::account::Account;
use super::choice::Choice;
use super::message::Message;
use super::queue::{Queue, Source};
use super::scan::{self, Scanned, Taken};
use super::{Chosen, Show, retry};
use crate::progress::note;

/// Lists the queues.
pub(super) fn ls(queues: &[Queue]) -> ExitCode {
    print!("{}", table(queues));
    ExitCode::SUCCESS
}

fn table(queues: &[Queue]) -> String {
    let width = queues.iter().map(|queue| queue.name.len()).max().unwrap_or_default();
    let mut table = format!("{:<width$}  waiting  hidden  came from\n", "queue");
    for Queue { name, waiting, hidden, source, .. } in queues {
        let source = source.shown();
        // Writing to a text cannot fail.
        let _ = writeln!(table, "{name:<width$}  {waiting:>7}  {hidden:>6}  {source}");
    }
    table
}

/// Shows messages, which stay where they are.
///
/// # Errors
///
/// If AWS refuses something.
pub(super) fn show(account: &Account, queue: &Queue, show: &Show) -> Result<ExitCode> {
    let scanned = scan::through(account, queue, &Choice::to_show(show), |messages| {
        print_lines(messages);
        Ok(Taken::default())
    })?;
    if scanned.found == 0 {
        note(&format!("{} has no such message", queue.name));
    }
    Ok(ExitCode::SUCCESS)
}

/// Sends messages back to where they came from.
///
/// # Errors
///
/// If they came from nowhere, or AWS refuses something.
pub(super) fn redrive(account: &Account, queue: &Queue, chosen: &Chosen) -> Result<ExitCode> {
    let (service, operation, input) = match &queue.source {
        Source::Queue(name) => {
            let found = account.call("sqs", "get-queue-url", &json!({ "QueueName": name }))?;
            ("sqs", "send-message-batch", json!({ "QueueUrl": found["QueueUrl"] }))
        }
        Source::Topic(arn) => ("sns", "publish-batch", json!({ "TopicArn": arn })),
        Source::Notes => bail!(
            "{} holds notes about what a function did not take, which no queue would understand. \
             What they are about is made good by itself; `cargo xtask dlq drop {} --all` deletes \
             them",
            queue.name,
            queue.name
        ),
    };
    let to_topic = service == "sns";
    move_away(account, queue, chosen, "sent back", |messages| {
        let mut input = input.clone();
        let list = if to_topic { "PublishBatchRequestEntries" } else { "Entries" };
        let entry = |(number, message): (usize, &Message)| {
            let number = number.to_string();
            if to_topic { message.for_topic(&number) } else { message.for_queue(&number) }
        };
        input[list] = messages.iter().enumerate().map(entry).collect();
        let sent = successful(&account.call(service, operation, &input)?, messages);
        let sent: Vec<Message> =
            messages.iter().filter(|message| sent.contains(&message.id)).cloned().collect();
        let gone = delete(account, queue, &sent)?;
        let twice = sent.len() - gone.len();
        if twice > 0 {
            note(&format!("{twice} were sent back but not deleted; they are there twice now"));
        }
        Ok(gone)
    })
}

/// Opens the failed steps of runs again, and deletes the messages that brought them.
///
/// # Errors
///
/// If AWS or the API refuses something.
pub(super) fn retry(
    account: &Account,
    queue: &Queue,
    chosen: &Chosen,
    api: &str,
) -> Result<ExitCode> {
    if let Source::Topic(_) | Source::Notes = queue.source {
        bail!("no step of what is in {} has failed; `dlq redrive` publishes it again", queue.name);
    }
    move_away(account, queue, chosen, "opened again", |messages| {
        let mut opened = Vec::new();
        for message in messages {
            match retry::open(api, message) {
                Ok(true) => opened.push(message.clone()),
                Ok(false) => {}
                // Of what was opened, the messages go all the same.
                Err(error) => {
                    delete(account, queue, &opened)?;
                    return Err(error);
                }
            }
        }
        delete(account, queue, &opened)
    })
}

/// Deletes messages.
///
/// # Errors
///
/// If AWS refuses something.
pub(super) fn drop_messages(account: &Account, queue: &Queue, chosen: &Chosen) -> Result<ExitCode> {
    move_away(account, queue, chosen, "deleted", |messages| delete(account, queue, messages))
}

/// Does to the chosen messages what takes them out of the queue, and says how many there were.
fn move_away(
    account: &Account,
    queue: &Queue,
    chosen: &Chosen,
    done: &str,
    take: impl Fn(&[Message]) -> Result<BTreeSet<String>>,
) -> Result<ExitCode> {
    let most = usize::try_from(queue.waiting + queue.hidden)?;
    let choice = Choice::to_move(chosen, most);
    let scanned = scan::through(account, queue, &choice, |messages| {
        print_lines(messages);
        if chosen.dry_run {
            return Ok(Taken::default());
        }
        let gone = take(messages)?;
        let failed = messages.len() - gone.len();
        Ok(Taken { gone, failed })
    })?;
    println!("{}", summary(&scanned, done, chosen.dry_run));
    if scanned.failed > 0 || (scanned.found == 0 && chosen.which.message.is_some()) {
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

fn summary(scanned: &Scanned, done: &str, is_dry_run: bool) -> String {
    let Scanned { found, failed } = scanned;
    match (is_dry_run, failed) {
        (true, _) => format!("{found} would be {done}"),
        (false, 0) => format!("{found} {done}"),
        (false, failed) => format!("{} {done}, {failed} stayed", found - failed),
    }
}

fn delete(account: &Account, queue: &Queue, messages: &[Message]) -> Result<BTreeSet<String>> {
    if messages.is_empty() {
        return Ok(BTreeSet::new());
    }
    let entries = messages.iter().enumerate().map(
        |(number, message)| json!({ "Id": number.to_string(), "ReceiptHandle": message.handle }),
    );
    let input = json!({ "QueueUrl": queue.url, "Entries": entries.collect::<Vec<Value>>() });
    let answer = account.call_even_if_interrupted("sqs", "delete-message-batch", &input)?;
    Ok(successful(&answer, messages))
}

/// Ids of the messages of a batch with which all went well; the reasons of the others are noted.
fn successful(answer: &Value, messages: &[Message]) -> BTreeSet<String> {
    for failed in answer["Failed"].as_array().into_iter().flatten() {
        let code = failed["Code"].as_str().unwrap_or("no reason");
        note(&format!("a message was refused: {code}"));
    }
    let done = answer["Successful"].as_array().into_iter().flatten();
    let numbers = done.filter_map(|entry| entry["Id"].as_str()?.parse::<usize>().ok());
    numbers.filter_map(|number| Some(messages.get(number)?.id.clone())).collect()
}

fn print_lines(messages: &[Message]) {
    messages.iter().for_each(|message| println!("{}", message.line()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_line_for_each_queue() {
        let queue = |name: &str, waiting, source| Queue {
            name: name.to_owned(),
            url: String::new(),
            waiting,
            hidden: 0,
            source,
        };
        let queues = [
            queue("AdvanceDeadLetterQueue", 0, Source::Notes),
            queue("CodesDeadLetterQueue", 12, Source::Queue("s-codes".to_owned())),
            queue("StepsDeadLetterQueue", 1, Source::Topic("arn:aws:sns:r:0:steps".to_owned())),
        ];
        assert_eq!(
            table(&queues),
            "queue                   waiting  hidden  came from\n\
             AdvanceDeadLetterQueue        0       0  –\n\
             CodesDeadLetterQueue         12       0  s-codes\n\
             StepsDeadLetterQueue          1       0  steps\n"
        );
    }

    #[test]
    fn only_what_was_done_counts_as_done() {
        let message = |id: &str| Message::read(&json!({ "MessageId": id }));
        let messages = [message("a"), message("b"), message("c")];
        let answer = json!({
            "Successful": [{ "Id": "2" }, { "Id": "0" }, { "Id": "9" }],
            "Failed": [{ "Id": "1", "Code": "InternalError" }],
        });
        let done = successful(&answer, &messages);
        assert_eq!(done.into_iter().collect::<Vec<_>>(), ["a", "c"]);
        assert!(successful(&Value::Null, &messages).is_empty());
    }

    #[test]
    fn the_summary_counts_what_stayed() {
        let scanned = |failed| Scanned { found: 3, failed };
        assert_eq!(summary(&scanned(0), "sent back", true), "3 would be sent back");
        assert_eq!(summary(&scanned(0), "sent back", false), "3 sent back");
        assert_eq!(summary(&scanned(1), "deleted", false), "2 deleted, 1 stayed");
    }
}
