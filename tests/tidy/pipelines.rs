//! Pipelines: what a step needs besides its line in `pipeline.json`, one sentence for each thing
//! that is missing. So these tests are what to run after a step was added.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use common::journal::{Kind, Pipeline, Step};
use serde_json::{Value, json};

use crate::template::{files, read, resources, root};

/// The crate that posts to webhooks.
const WEBHOOKS: &str = "call-webhook";

type Resources = BTreeMap<String, Value>;

/// All pipelines, by their folders.
fn pipelines() -> Vec<(PathBuf, Pipeline)> {
    let all = files(&root().join("functions/pipeline")).into_iter();
    let all = all.filter(|path| path.ends_with("pipeline.json"));
    all.map(|path| (path.parent().unwrap().to_owned(), read(&path).parse().unwrap())).collect()
}

/// Steps that a function of ours does.
fn by_functions(pipeline: &Pipeline) -> impl Iterator<Item = &Step> {
    pipeline.steps().filter(|step| matches!(step.kind, Kind::Function | Kind::Webhook))
}

/// The resources of a type that `is_wanted`.
fn find<'a>(
    resources: &'a Resources,
    kind: &str,
    is_wanted: impl Fn(&Value) -> bool,
) -> Option<(&'a str, &'a Value)> {
    let mut all = resources.iter().filter(|(_, resource)| resource["Type"] == kind);
    let found = all.find(|(_, resource)| is_wanted(&resource["Properties"]));
    found.map(|(id, resource)| (id.as_str(), &resource["Properties"]))
}

fn arn(id: &str) -> Value {
    json!({ "Fn::GetAtt": format!("{id}.Arn") })
}

/// The crate that does a step: one of its name, or the one for all webhooks.
fn crate_of(step: &Step) -> &str {
    if step.kind == Kind::Webhook { WEBHOOKS } else { step.name.as_str() }
}

/// What a step lacks in its crate and its events.
fn missing_files(step: &str, pipeline: &Path, root: &Path) -> Vec<String> {
    let folder = pipeline.join(step);
    let shown = folder.strip_prefix(root).unwrap().display().to_string();
    let mut missing = Vec::new();
    let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    if !manifest.contains(&format!("name = \"{step}\"")) {
        missing.push(format!("there is no crate {step} in {shown}"));
    }
    if !folder.join("README.md").is_file() {
        missing.push(format!("{shown} has no README.md"));
    }
    if files_of(&root.join("events").join(step)) == 0 {
        missing.push(format!("events/{step} has no events to test {step} with"));
    }
    missing
}

fn files_of(folder: &Path) -> usize {
    std::fs::read_dir(folder).map_or(0, Iterator::count)
}

/// What a step lacks in the template.
fn missing_resources(step: &Step, resources: &Resources) -> Vec<String> {
    let (binary, name) = (crate_of(step), step.name.as_str());
    let function = resources.iter().find(|(_, resource)| {
        resource["Type"] == "AWS::Serverless::Function"
            && resource["Metadata"]["BuildProperties"]["Binary"] == binary
            && (step.kind != Kind::Webhook
                || resource["Properties"]["Environment"]["Variables"]["WEBHOOK_STEP"] == name)
    });
    let Some((function, _)) = function else {
        return vec![match step.kind {
            Kind::Webhook => format!("no function {binary} of the template has the step {name}"),
            _ => format!("no function of the template has the binary {binary}"),
        }];
    };
    let alias = json!({ "Ref": format!("{function}.Alias") });
    let mapping = find(resources, "AWS::Lambda::EventSourceMapping", |mapping| {
        mapping["FunctionName"] == alias
    });
    let Some((_, mapping)) = mapping else {
        return vec![format!("no mapping gives messages to {function}")];
    };
    let source = mapping["EventSourceArn"]["Fn::GetAtt"].as_str().unwrap_or_default();
    let queue = source.trim_end_matches(".Arn");
    let mut missing = missing_around_queue(name, queue, resources);
    for metric in ["Errors", "Throttles"] {
        let of_function = json!({ "Ref": function });
        missing.extend(missing_alarm(metric, &of_function, function, resources));
    }
    missing
}

/// What the queue of a step lacks: messages, permission to get them, a place for those given up.
fn missing_around_queue(step: &str, queue: &str, resources: &Resources) -> Vec<String> {
    let mut missing = Vec::new();
    let subscription = find(resources, "AWS::SNS::Subscription", |subscription| {
        subscription["TopicArn"]["Ref"] == "StepsTopic" && subscription["Endpoint"] == arn(queue)
    });
    match subscription {
        None => missing.push(format!("no subscription of StepsTopic leads to {queue}")),
        Some((id, properties)) => {
            if properties["FilterPolicy"] != json!({ "step": [step] }) {
                missing.push(format!("{id} does not let {step} through, and nothing else"));
            }
            if properties["RawMessageDelivery"] != true {
                missing.push(format!("{id} does not deliver the message as it is"));
            }
            if crate::queues::dead_letters(properties).is_none() {
                missing.push(format!("{id} has no dead-letter queue"));
            }
        }
    }
    let topic = json!({ "Ref": "StepsTopic" });
    if !crate::queues::may_send_in(resources, queue, "sns.amazonaws.com", &topic) {
        missing.push(format!("no policy lets StepsTopic send to {queue}"));
    }
    match crate::queues::dead_letters(&resources[queue]["Properties"]) {
        None => missing.push(format!("{queue} has no dead-letter queue")),
        Some(dead) => {
            let name = json!({ "Fn::GetAtt": format!("{dead}.QueueName") });
            let metric = "ApproximateNumberOfMessagesVisible";
            missing.extend(missing_alarm(metric, &name, &dead, resources));
        }
    }
    let name = json!({ "Fn::GetAtt": format!("{queue}.QueueName") });
    missing.extend(missing_alarm("ApproximateAgeOfOldestMessage", &name, queue, resources));
    missing
}

fn missing_alarm(metric: &str, of: &Value, shown: &str, resources: &Resources) -> Option<String> {
    let watches = |alarm: &Value| {
        alarm["MetricName"] == metric
            && alarm["Dimensions"][0]["Value"] == *of
            && alarm["AlarmActions"][0]["Ref"] == "AlarmTopic"
    };
    let found = find(resources, "AWS::CloudWatch::Alarm", watches);
    found.is_none().then(|| format!("no alarm watches {metric} of {shown}"))
}

#[test]
fn every_step_has_what_it_needs() {
    let resources = resources();
    let mut missing = Vec::new();
    for (folder, pipeline) in pipelines() {
        for step in by_functions(&pipeline) {
            missing.extend(missing_files(crate_of(step), &folder, &root()));
            missing.extend(missing_resources(step, &resources));
        }
    }
    assert!(missing.is_empty(), "\n{}\n", missing.join("\n"));
}

#[test]
fn no_step_is_waited_for_that_no_pipeline_has() {
    let pipelines = pipelines();
    let steps: BTreeSet<&str> = pipelines
        .iter()
        .flat_map(|(_, pipeline)| by_functions(pipeline))
        .map(|step| step.name.as_str())
        .collect();
    let mut waited_for = BTreeSet::new();
    let resources = resources();
    for (id, resource) in &resources {
        if resource["Properties"]["TopicArn"]["Ref"] == "StepsTopic" {
            let step = resource["Properties"]["FilterPolicy"]["step"][0].as_str();
            assert!(waited_for.insert(step.unwrap()), "{id} is the second of its step");
        }
    }
    assert_eq!(waited_for, steps, "subscriptions of StepsTopic = steps of pipelines");
}

#[test]
fn whoever_moves_runs_on_knows_every_pipeline() {
    for function in ["advance", "runs"] {
        let source = crate::template::sources(&root().join("functions/pipeline").join(function));
        for (folder, _) in pipelines() {
            let file = folder.join("pipeline.json");
            let path = file.strip_prefix(root().join("functions/pipeline")).unwrap();
            let included = format!("{}\")", path.display());
            assert!(source.contains(&included), "{function} does not know {}", path.display());
        }
    }
}

/// The template without what one of the resources is named after, or with something else in it.
fn broken(change: impl Fn(&mut Resources)) -> Vec<String> {
    let mut all = resources();
    change(&mut all);
    let (_, pipeline) = pipelines().remove(0);
    let steps = ["email-user", "call-webhook"].map(|name| pipeline.step(&name.parse().unwrap()));
    steps.into_iter().flatten().flat_map(|step| missing_resources(step, &all)).collect()
}

#[test]
fn what_is_missing_is_said() {
    let without = |id: &str| broken(|all| drop(all.remove(id)));
    let set = |id: &str, pointer: &str, value: &Value| {
        broken(|all| *all.get_mut(id).unwrap().pointer_mut(pointer).unwrap() = value.clone())
    };
    for (found, said) in [
        (broken(|_| {}), ""),
        (without("EmailUserFunction"), "no function of the template has the binary email-user"),
        (
            set(
                "CallWebhookFunction",
                "/Properties/Environment/Variables/WEBHOOK_STEP",
                &json!("other"),
            ),
            "no function call-webhook of the template has the step call-webhook",
        ),
        (without("EmailUserMapping"), "no mapping gives messages to EmailUserFunction"),
        (without("EmailUserSubscription"), "no subscription of StepsTopic leads to EmailUserQueue"),
        (without("EmailUserQueuesPolicy"), "no policy lets StepsTopic send to EmailUserQueue"),
        (without("EmailUserErrorsAlarm"), "no alarm watches Errors of EmailUserFunction"),
        (
            without("EmailUserDeadLetterAlarm"),
            "no alarm watches ApproximateNumberOfMessagesVisible of EmailUserDeadLetterQueue",
        ),
        (
            without("EmailUserAgeAlarm"),
            "no alarm watches ApproximateAgeOfOldestMessage of EmailUserQueue",
        ),
        (
            set("EmailUserSubscription", "/Properties/FilterPolicy/step/0", &json!("other")),
            "EmailUserSubscription does not let email-user through, and nothing else",
        ),
        (
            set("EmailUserSubscription", "/Properties/RawMessageDelivery", &json!(false)),
            "EmailUserSubscription does not deliver the message as it is",
        ),
        (
            set("EmailUserSubscription", "/Properties/RedrivePolicy", &json!({})),
            "EmailUserSubscription has no dead-letter queue",
        ),
        (
            set("EmailUserQueue", "/Properties/RedrivePolicy", &json!({})),
            "EmailUserQueue has no dead-letter queue",
        ),
    ] {
        assert_eq!(found.join("\n"), said);
    }
}

#[test]
fn a_step_without_a_crate_is_told_all_it_lacks() {
    let (folder, _) = pipelines().remove(0);
    let missing = missing_files("fly-user", &folder, &root());
    assert_eq!(
        missing,
        [
            "there is no crate fly-user in functions/pipeline/sign-up/fly-user",
            "functions/pipeline/sign-up/fly-user has no README.md",
            "events/fly-user has no events to test fly-user with",
        ]
    );
}
