//! The dead-letter queues of a stack, and where their messages came from.

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::account::Account;

/// What the names of dead-letter queues end with; `tests/tidy` sees to it.
const SUFFIX: &str = "DeadLetterQueue";

/// A dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    /// Its name in the template.
    pub(super) name: String,
    /// Its address.
    pub(super) url: String,
    /// Messages that can be received.
    pub(super) waiting: u64,
    /// Messages that somebody is just looking at.
    pub(super) hidden: u64,
    /// Where its messages go when they are sent back.
    pub(super) source: Source,
}

/// Where messages came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Source {
    /// A queue, by its name.
    Queue(String),
    /// A topic that could not deliver them, by its ARN.
    Topic(String),
    /// Nowhere: they are notes of Lambda or of a schedule about what was not taken.
    Notes,
}

impl Source {
    /// What it is called.
    pub(super) fn shown(&self) -> &str {
        match self {
            Self::Queue(name) => name,
            Self::Topic(arn) => arn.rsplit(':').next().unwrap_or(arn),
            Self::Notes => "–",
        }
    }
}

/// All dead-letter queues of a stack.
///
/// # Errors
///
/// If there is no such stack, or it has none.
pub(super) fn of_stack(account: &Account, stack: &str) -> Result<Vec<Queue>> {
    let listed =
        account.call("cloudformation", "list-stack-resources", &json!({ "StackName": stack }))?;
    let found = with_type(&listed, "AWS::SQS::Queue");
    let found: Vec<_> = found.into_iter().filter(|(name, _)| name.ends_with(SUFFIX)).collect();
    if found.is_empty() {
        bail!("the stack {stack} has no dead-letter queues");
    }
    let mut subscriptions = Vec::new();
    for (_, arn) in with_type(&listed, "AWS::SNS::Subscription") {
        let input = json!({ "SubscriptionArn": arn });
        let mut subscription = account.call("sns", "get-subscription-attributes", &input)?;
        let mut attributes = subscription["Attributes"].take();
        // The local AWS leaves it out; the ARN of a subscription is that of its topic, and an id.
        attributes["TopicArn"] = arn.rsplit_once(':').map_or(&*arn, |(topic, _)| topic).into();
        subscriptions.push(attributes);
    }
    let mut queues = Vec::new();
    for (name, url) in found {
        let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let attributes = account.call("sqs", "get-queue-attributes", &input)?;
        queues.push(read(&name, &url, &attributes["Attributes"], &subscriptions)?);
    }
    queues.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(queues)
}

/// Names and ids of the resources of a type.
fn with_type(listed: &Value, kind: &str) -> Vec<(String, String)> {
    let resources = listed["StackResourceSummaries"].as_array().into_iter().flatten();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    resources
        .filter(|resource| resource["ResourceType"] == kind)
        .map(|resource| {
            (text(&resource["LogicalResourceId"]), text(&resource["PhysicalResourceId"]))
        })
        .collect()
}

fn read(name: &str, url: &str, attributes: &Value, subscriptions: &[Value]) -> Result<Queue> {
    let count = |attribute: &str| {
        let count = attributes[attribute].as_str().and_then(|digits| digits.parse().ok());
        count.with_context(|| format!("{name} has no {attribute}"))
    };
    Ok(Queue {
        name: name.to_owned(),
        url: url.to_owned(),
        waiting: count("ApproximateNumberOfMessages")?,
        hidden: count("ApproximateNumberOfMessagesNotVisible")?,
        source: source(attributes, subscriptions),
    })
}

/// The queue that a dead-letter queue lets in, or the topic whose subscriptions name it.
fn source(attributes: &Value, subscriptions: &[Value]) -> Source {
    let inner = |policy: &Value| -> Value {
        policy.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    };
    let allowed = inner(&attributes["RedriveAllowPolicy"]);
    if let Some(arn) = allowed["sourceQueueArns"][0].as_str() {
        return Source::Queue(arn.rsplit(':').next().unwrap_or(arn).to_owned());
    }
    let arn = attributes["QueueArn"].as_str().unwrap_or_default();
    let names_it =
        |subscription: &&Value| inner(&subscription["RedrivePolicy"])["deadLetterTargetArn"] == arn;
    let subscription = subscriptions.iter().find(names_it);
    let topic = subscription.and_then(|subscription| subscription["TopicArn"].as_str());
    topic.map_or(Source::Notes, |arn| Source::Topic(arn.to_owned()))
}

/// The queue of that name, which may be given in short: `email-user` for
/// `EmailUserDeadLetterQueue`.
///
/// # Errors
///
/// If there is none.
pub(super) fn named<'a>(queues: &'a [Queue], name: &str) -> Result<&'a Queue> {
    let plain = |text: &str| text.replace('-', "").to_lowercase();
    let is_meant = |queue: &&Queue| {
        let short = queue.name.strip_suffix(SUFFIX).unwrap_or(&queue.name);
        [short, &queue.name].iter().any(|own| plain(own) == plain(name))
    };
    let names: Vec<&str> = queues.iter().map(|queue| queue.name.as_str()).collect();
    let found = queues.iter().find(is_meant);
    found.with_context(|| format!("there is no queue {name}; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(allowed: &str) -> Value {
        json!({
            "ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "1",
            "QueueArn": "arn:aws:sqs:us-east-1:000000000000:dead", "RedriveAllowPolicy": allowed,
        })
    }

    #[test]
    fn messages_go_back_to_the_queue_that_gave_them_up() {
        let allowed = r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:us-east-1:0:s-codes"]}"#;
        let queue = read("CodesDeadLetterQueue", "url", &attributes(allowed), &[]);
        let queue = queue.expect("the attributes are there");
        assert_eq!(queue.source, Source::Queue("s-codes".to_owned()));
        assert_eq!((queue.waiting, queue.hidden), (3, 1));
    }

    #[test]
    fn what_a_topic_could_not_deliver_is_published_again() {
        let redrive = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead"}"#;
        let other = json!({ "TopicArn": "arn:aws:sns:us-east-1:0:other" });
        let steps =
            json!({ "TopicArn": "arn:aws:sns:us-east-1:0:steps", "RedrivePolicy": redrive });
        let denied = attributes(r#"{"redrivePermission":"denyAll"}"#);
        let found = source(&denied, &[other.clone(), steps]);
        assert_eq!(found.shown(), "steps");
        assert_eq!(source(&denied, &[other]), Source::Notes);
    }

    #[test]
    fn a_queue_that_does_not_say_how_full_it_is_is_named() {
        let error = read("DeadLetterQueue", "url", &json!({}), &[]).expect_err("nothing is there");
        assert!(error.to_string().contains("ApproximateNumberOfMessages"), "{error}");
    }

    #[test]
    fn a_queue_is_known_by_its_name_in_the_template_and_in_short() {
        let allowed = r#"{"redrivePermission":"denyAll"}"#;
        let queue = |name: &str| read(name, "url", &attributes(allowed), &[]).expect("it is right");
        let queues = [queue("CodesDeadLetterQueue"), queue("EmailUserDeadLetterQueue")];
        for name in ["EmailUserDeadLetterQueue", "email-user", "EmailUser", "emailuser"] {
            let found = named(&queues, name).expect("it is there");
            assert_eq!(found.name, "EmailUserDeadLetterQueue", "{name}");
        }
        let error = named(&queues, "user").expect_err("it is not there").to_string();
        assert!(error.ends_with("CodesDeadLetterQueue, EmailUserDeadLetterQueue"), "{error}");
    }

    #[test]
    fn resources_are_told_apart_by_their_type() {
        let listed = json!({ "StackResourceSummaries": [
            { "ResourceType": "AWS::SQS::Queue", "LogicalResourceId": "A", "PhysicalResourceId": "u" },
            { "ResourceType": "AWS::SNS::Topic", "LogicalResourceId": "B", "PhysicalResourceId": "t" },
        ]});
        assert_eq!(with_type(&listed, "AWS::SQS::Queue"), [("A".to_owned(), "u".to_owned())]);
        assert!(with_type(&Value::Null, "AWS::SQS::Queue").is_empty());
    }
}
