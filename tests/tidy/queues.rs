//! Queues: what a message needs so that it is neither lost nor worked on twice at once.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::template::{Function, functions, resources};

/// Sources that Lambda reads for a function, by the queue or table that is read.
#[derive(Debug)]
struct Mapping {
    id: String,
    source: String,
    function: String,
    properties: Value,
}

fn mappings() -> Vec<Mapping> {
    let all = resources().into_iter();
    let mappings = all.filter(|(_, r)| r["Type"] == "AWS::Lambda::EventSourceMapping");
    let mappings = mappings.map(|(id, resource)| {
        let properties = resource["Properties"].clone();
        let attribute = properties["EventSourceArn"]["Fn::GetAtt"].as_str().unwrap();
        let alias = properties["FunctionName"]["Ref"].as_str().unwrap();
        let function = alias.strip_suffix(".Alias").expect("a mapping invokes an alias");
        Mapping {
            id,
            source: attribute.split('.').next().unwrap().to_owned(),
            function: function.to_owned(),
            properties,
        }
    });
    mappings.collect()
}

/// The queue that a function reads.
pub(crate) fn queue_of(function: &Function) -> Option<String> {
    let queues = queues();
    let mut own = mappings().into_iter().filter(|mapping| mapping.function == function.id);
    own.find(|mapping| queues.contains_key(&mapping.source)).map(|mapping| mapping.source)
}

/// The table whose stream a function reads, and the queue for what it could not be given.
pub(crate) fn stream_of(function: &Function) -> Option<(String, String)> {
    let queues = queues();
    let mut own = mappings().into_iter().filter(|mapping| mapping.function == function.id);
    let mapping = own.find(|mapping| !queues.contains_key(&mapping.source))?;
    let destination = &mapping.properties["DestinationConfig"]["OnFailure"]["Destination"];
    Some((mapping.source, named(destination).expect("a stream has a destination for failures")))
}

fn queues() -> BTreeMap<String, Value> {
    let all = resources().into_iter();
    all.filter(|(_, r)| r["Type"] == "AWS::SQS::Queue")
        .map(|(id, r)| (id, r["Properties"].clone()))
        .collect()
}

/// The resource whose ARN this is.
fn named(arn: &Value) -> Option<String> {
    arn["Fn::GetAtt"].as_str()?.strip_suffix(".Arn").map(str::to_owned)
}

/// The dead-letter queue of a queue or a subscription.
pub(crate) fn dead_letters(source: &Value) -> Option<String> {
    named(&source["RedrivePolicy"]["deadLetterTargetArn"])
}

/// The queues that take what others give up: queues, subscriptions, streams and schedules.
fn dead_letter_queues() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, resource) in resources() {
        let properties = &resource["Properties"];
        found.extend(dead_letters(properties));
        found.extend(named(&properties["DestinationConfig"]["OnFailure"]["Destination"]));
        for event in properties["Events"].as_object().into_iter().flatten() {
            found.extend(named(&event.1["Properties"]["DeadLetterConfig"]["Arn"]));
        }
    }
    found
}

fn timeout(function: &str) -> i64 {
    let globals = crate::template::read_yaml("infra/template.yaml")["Globals"]["Function"].clone();
    let function = functions().into_iter().find(|f| f.id == function).unwrap();
    function.properties["Timeout"].as_i64().or(globals["Timeout"].as_i64()).unwrap()
}

#[test]
fn a_message_that_fails_comes_back_by_itself_and_not_too_often() {
    let queues = queues();
    assert!(!mappings().is_empty());
    for Mapping { id, source, function, properties } in mappings() {
        let responses = &properties["FunctionResponseTypes"];
        assert_eq!(*responses, serde_json::json!(["ReportBatchItemFailures"]), "{id}");
        let Some(queue) = queues.get(&source) else { continue };
        assert!(properties["ScalingConfig"]["MaximumConcurrency"].as_i64() >= Some(2), "{id}");
        let visibility = queue["VisibilityTimeout"].as_i64().unwrap();
        assert!(visibility >= 6 * timeout(&function), "{source} hides messages too briefly");
        let receives = queue["RedrivePolicy"]["maxReceiveCount"].as_i64().unwrap();
        assert!(receives >= 5, "{source} gives up after {receives}");
    }
}

#[test]
fn a_stream_goes_back_to_the_record_that_failed_and_at_last_gives_it_up() {
    let queues = queues();
    let mut streams = 0;
    for Mapping { id, source, properties, .. } in mappings() {
        if queues.contains_key(&source) {
            continue;
        }
        streams += 1;
        assert_eq!(properties["StartingPosition"], "TRIM_HORIZON", "{id} may miss the first");
        assert_eq!(properties["BisectBatchOnFunctionError"], true, "{id}");
        assert!(properties["MaximumRetryAttempts"].as_i64() >= Some(3), "{id}");
        assert!(properties["MaximumRecordAgeInSeconds"].as_i64() >= Some(60), "{id}");
        let destination = named(&properties["DestinationConfig"]["OnFailure"]["Destination"]);
        assert!(destination.is_some_and(|queue| queues.contains_key(&queue)), "{id}");
    }
    assert!(streams > 0);
}

#[test]
fn a_schedule_keeps_what_it_could_not_deliver_and_may() {
    let mut schedules = 0;
    for Function { id, properties, .. } in functions() {
        for (name, event) in properties["Events"].as_object().into_iter().flatten() {
            let schedule = &event["Properties"];
            if event["Type"] != "Schedule" {
                continue;
            }
            schedules += 1;
            let queue = named(&schedule["DeadLetterConfig"]["Arn"]);
            let queue = queue.unwrap_or_else(|| panic!("{id}: {name} has no dead-letter queue"));
            let rule = serde_json::json!({ "Fn::GetAtt": format!("{id}{name}.Arn") });
            let may_send = may_send_in(&resources(), &queue, "events.amazonaws.com", &rule);
            assert!(may_send, "{queue} refuses {id}{name}");
            assert!(schedule["RetryPolicy"]["MaximumRetryAttempts"].is_i64(), "{id}: {name}");
        }
    }
    assert!(schedules > 0);
}

/// Whether a queue takes what a service sends in the name of a resource, and nothing else of it.
pub(crate) fn may_send_in(
    resources: &BTreeMap<String, Value>,
    queue: &str,
    service: &str,
    source: &Value,
) -> bool {
    let policies = resources.values().filter(|r| r["Type"] == "AWS::SQS::QueuePolicy");
    let mut statements =
        policies.flat_map(|r| r["Properties"]["PolicyDocument"]["Statement"].as_array().unwrap());
    statements.any(|statement| {
        statement["Effect"] == "Allow"
            && statement["Principal"]["Service"] == service
            && statement["Action"] == "sqs:SendMessage"
            && named(&statement["Resource"]).as_deref() == Some(queue)
            && statement["Condition"]["ArnEquals"]["aws:SourceArn"] == *source
    })
}

/// For an event SAM adds a policy that lets the function read all queues of the account.
#[test]
fn queues_and_streams_are_read_by_mappings_and_not_by_events() {
    for Function { id, properties, .. } in functions() {
        for (name, event) in properties["Events"].as_object().into_iter().flatten() {
            let kind = event["Type"].as_str().unwrap();
            assert!(!["SQS", "DynamoDB", "Kinesis"].contains(&kind), "{id}: {name} is {kind}");
        }
    }
}

#[test]
fn a_function_that_counts_receives_knows_the_queues_maximum() {
    let queues = queues();
    for function in functions() {
        let told = &function.properties["Environment"]["Variables"]["MAX_RECEIVE_COUNT"];
        if let Some(queue) = queue_of(&function) {
            let maximum = queues[&queue]["RedrivePolicy"]["maxReceiveCount"].to_string();
            assert_eq!(told.as_str(), Some(maximum.as_str()), "{}", function.id);
        }
    }
}

#[test]
fn no_function_takes_concurrency_from_the_others() {
    for Function { id, properties, .. } in functions() {
        assert_eq!(properties["ReservedConcurrentExecutions"], Value::Null, "{id}");
    }
}

#[test]
fn every_queue_has_a_dead_letter_queue_or_is_one() {
    let queues = queues();
    let dead = dead_letter_queues();
    for (id, queue) in &queues {
        assert_eq!(dead_letters(queue).is_none(), dead.contains(id), "{id}");
        // `cargo xtask dlq` finds them by that.
        assert_eq!(dead.contains(id), id.ends_with("DeadLetterQueue"), "{id}");
        if dead.contains(id) {
            assert_eq!(queue["MessageRetentionPeriod"], 14 * 24 * 60 * 60, "{id}");
            let is_of_a_queue = queues.values().filter_map(dead_letters).any(|dead| dead == *id);
            let permission = if is_of_a_queue { "byQueue" } else { "denyAll" };
            assert_eq!(queue["RedriveAllowPolicy"]["redrivePermission"], permission, "{id}");
        }
    }
    // A dead-letter queue takes from those queues only that have it.
    for (id, queue) in &queues {
        let Some(dead) = dead_letters(queue) else { continue };
        let name = queue["QueueName"]["Fn::Sub"].as_str().unwrap();
        let sources = queues[&dead]["RedriveAllowPolicy"]["sourceQueueArns"].as_array().unwrap();
        let ends_with_name =
            |arn: &Value| arn["Fn::Sub"].as_str().unwrap().ends_with(&format!(":{name}"));
        assert!(sources.iter().any(ends_with_name), "{dead} refuses what {id} gives up");
    }
}

#[test]
fn queues_are_encrypted_and_reached_over_tls_only() {
    let resources = resources();
    let policies: Vec<&Value> =
        resources.values().filter(|r| r["Type"] == "AWS::SQS::QueuePolicy").collect();
    for (id, queue) in queues() {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{id}");
        let refuses_plain_http = |policy: &&Value| {
            let properties = &policy["Properties"];
            let statement = &properties["PolicyDocument"]["Statement"][0];
            let arn = format!("{id}.Arn");
            names(&properties["Queues"], "Ref", &id)
                && names(&statement["Resource"], "Fn::GetAtt", &arn)
                && statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Action"] == "sqs:*"
                && statement["Condition"]["Bool"]["aws:SecureTransport"] == "false"
        };
        assert!(policies.iter().any(refuses_plain_http), "{id} can be reached without TLS");
    }
}

fn names(list: &Value, function: &str, name: &str) -> bool {
    list.as_array().unwrap().iter().any(|item| item[function] == name)
}

#[test]
fn a_stream_that_falls_behind_rings() {
    let resources = resources();
    for function in functions() {
        if stream_of(&function).is_none() {
            continue;
        }
        let watches = |resource: &Value| {
            let alarm = &resource["Properties"];
            alarm["MetricName"] == "IteratorAge"
                && alarm["Dimensions"][0]["Value"]["Ref"] == function.id.as_str()
                && alarm["AlarmActions"][0]["Ref"] == "AlarmTopic"
        };
        assert!(resources.values().any(watches), "no alarm watches IteratorAge of {}", function.id);
    }
}

#[test]
fn a_queue_that_fills_up_rings() {
    let resources = resources();
    let dead = dead_letter_queues();
    for id in queues().keys() {
        let metric = if dead.contains(id) {
            "ApproximateNumberOfMessagesVisible"
        } else {
            "ApproximateAgeOfOldestMessage"
        };
        let watches = |resource: &Value| {
            let alarm = &resource["Properties"];
            resource["Type"] == "AWS::CloudWatch::Alarm"
                && alarm["MetricName"] == metric
                && alarm["Dimensions"][0]["Value"]["Fn::GetAtt"] == format!("{id}.QueueName")
                && alarm["AlarmActions"][0]["Ref"] == "AlarmTopic"
        };
        assert!(resources.values().any(watches), "no alarm watches {metric} of {id}");
    }
}
