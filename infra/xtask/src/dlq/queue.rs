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

/// The dead-letter queues of a stack.
#[derive(Debug)]
pub(super) struct Queues<'a> {
    account: &'a Account,
    /// Names and addresses.
    found: Vec<(String, String)>,
    /// ARNs of the stack's subscriptions to topics.
    subscriptions: Vec<String>,
}

impl<'a> Queues<'a> {
    /// Finds them.
    ///
    /// # Errors
    ///
    /// If there is no such stack, or it has none.
    pub(super) fn of_stack(account: &'a Account, stack: &str) -> Result<Self> {
        let input = json!({ "StackName": stack });
        let listed = account.call("cloudformation", "list-stack-resources", &input)?;
        let queues = with_type(&listed, "AWS::SQS::Queue").into_iter();
        let mut found: Vec<_> = queues.filter(|(name, _)| name.ends_with(SUFFIX)).collect();
        if found.is_empty() {
            bail!("the stack {stack} has no dead-letter queues");
        }
        found.sort();
        let subscriptions = with_type(&listed, "AWS::SNS::Subscription").into_iter();
        Ok(Self { account, found, subscriptions: subscriptions.map(|(_, arn)| arn).collect() })
    }

    /// All of them.
    ///
    /// # Errors
    ///
    /// If one does not say how it is.
    pub(super) fn all(&self) -> Result<Vec<Queue>> {
        self.found.iter().map(|(name, url)| self.look(name, url)).collect()
    }

    /// The queue of that name, which may be given in short: `email-user` for
    /// `EmailUserDeadLetterQueue`.
    ///
    /// # Errors
    ///
    /// If there is none, or it does not say how it is.
    pub(super) fn named(&self, name: &str) -> Result<Queue> {
        let (name, url) = named(&self.found, name)?;
        self.look(name, url)
    }

    fn look(&self, name: &str, url: &str) -> Result<Queue> {
        let input = json!({ "QueueUrl": url, "AttributeNames": ["All"] });
        let mut answer = self.account.call("sqs", "get-queue-attributes", &input)?;
        let attributes = answer["Attributes"].take();
        let source = match source_queue(&attributes) {
            Some(queue) => Source::Queue(queue),
            None => self.topic(&attributes)?.map_or(Source::Notes, Source::Topic),
        };
        read(name, url, &attributes, source)
    }

    /// The topic that has a subscription with this dead-letter queue.
    fn topic(&self, attributes: &Value) -> Result<Option<String>> {
        for arn in &self.subscriptions {
            let input = json!({ "SubscriptionArn": arn });
            let answer = self.account.call("sns", "get-subscription-attributes", &input)?;
            if gives_up_to(&answer["Attributes"], attributes) {
                // The ARN of a subscription is that of its topic, and an id.
                return Ok(arn.rsplit_once(':').map(|(topic, _)| topic.to_owned()));
            }
        }
        Ok(None)
    }
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

fn read(name: &str, url: &str, attributes: &Value, source: Source) -> Result<Queue> {
    let count = |attribute: &str| {
        let count = attributes[attribute].as_str().and_then(|digits| digits.parse().ok());
        count.with_context(|| format!("{name} has no {attribute}"))
    };
    Ok(Queue {
        name: name.to_owned(),
        url: url.to_owned(),
        waiting: count("ApproximateNumberOfMessages")?,
        hidden: count("ApproximateNumberOfMessagesNotVisible")?,
        source,
    })
}

/// The name of the queue that a dead-letter queue lets in.
fn source_queue(attributes: &Value) -> Option<String> {
    let allowed = policy(&attributes["RedriveAllowPolicy"]);
    let arn = allowed["sourceQueueArns"][0].as_str()?;
    Some(arn.rsplit(':').next().unwrap_or(arn).to_owned())
}

/// Whether a subscription gives up what it cannot deliver to this queue.
fn gives_up_to(subscription: &Value, queue: &Value) -> bool {
    policy(&subscription["RedrivePolicy"])["deadLetterTargetArn"] == queue["QueueArn"]
}

/// A policy, which is JSON within JSON.
fn policy(text: &Value) -> Value {
    text.as_str().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
}

fn named<'a>(found: &'a [(String, String)], name: &str) -> Result<&'a (String, String)> {
    let plain = |text: &str| text.replace('-', "").to_lowercase();
    let is_meant = |(own, _): &&(String, String)| {
        let short = own.strip_suffix(SUFFIX).unwrap_or(own);
        [short, own].iter().any(|own| plain(own) == plain(name))
    };
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    let queue = found.iter().find(is_meant);
    queue.with_context(|| format!("there is no queue {name}; there are {}", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attributes(allowed: &str) -> Value {
        json!({
            "ApproximateNumberOfMessages": "3", "ApproximateNumberOfMessagesNotVisible": "1",
            "QueueArn": "arn:aws:sqs:us-east-1:0:dead", "RedriveAllowPolicy": allowed,
        })
    }

    #[test]
    fn messages_go_back_to_the_queue_that_gave_them_up() {
        let allowed =
            r#"{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:r:0:s-codes"]}"#;
        assert_eq!(source_queue(&attributes(allowed)).as_deref(), Some("s-codes"));
        assert_eq!(source_queue(&attributes(r#"{"redrivePermission":"denyAll"}"#)), None);
    }

    #[test]
    fn what_a_topic_could_not_deliver_is_known_by_its_subscription() {
        let queue = attributes(r#"{"redrivePermission":"denyAll"}"#);
        let own =
            json!({ "RedrivePolicy": r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:0:dead"}"# });
        let other =
            json!({ "RedrivePolicy": r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:0:d"}"# });
        assert!(gives_up_to(&own, &queue));
        assert!(!gives_up_to(&other, &queue) && !gives_up_to(&json!({}), &queue));
    }

    #[test]
    fn a_queue_says_how_full_it_is_or_is_named() {
        let queue = read("CodesDeadLetterQueue", "url", &attributes("{}"), Source::Notes);
        let queue = queue.expect("the attributes are there");
        assert_eq!((queue.waiting, queue.hidden), (3, 1));
        let error = read("DeadLetterQueue", "url", &json!({}), Source::Notes);
        let error = error.expect_err("nothing is there").to_string();
        assert_eq!(error, "DeadLetterQueue has no ApproximateNumberOfMessages");
    }

    #[test]
    fn a_queue_is_known_by_its_name_in_the_template_and_in_short() {
        let found = ["CodesDeadLetterQueue", "EmailUserDeadLetterQueue"];
        let found = found.map(|name| (name.to_owned(), String::new()));
        for name in ["EmailUserDeadLetterQueue", "email-user", "EmailUser", "emailuser"] {
            let (queue, _) = named(&found, name).expect("it is there");
            assert_eq!(queue, "EmailUserDeadLetterQueue", "{name}");
        }
        let error = named(&found, "user").expect_err("it is not there").to_string();
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
