//! A function opens its connections while it starts, and keeps them.

use std::collections::BTreeMap;

use crate::built::{alone, event, program, stage, ten_of};
use tests::endpoint::Operations;
use tests::function::Function;

const INVOCATIONS: usize = 5;

/// What a function does while it starts: a connection to each service, and what it asks for.
struct Start<'a> {
    function: &'static str,
    connections: &'a [&'static str],
    operations: &'a [&'static str],
}

fn check(start: &Start<'_>, events: &[&str]) {
    let _alone = alone();
    let function = start.function;
    let opened: BTreeMap<_, _> = start.connections.iter().map(|service| (*service, 1)).collect();
    let asked: Operations = start.operations.iter().map(|name| ((*name).to_owned(), 1)).collect();
    for name in events {
        let stage = stage("connections").unwrap();
        let mut running = Function::start(&stage.launch(program(function))).unwrap();
        assert_eq!(stage.connections(), opened, "{function} opens them while it starts");
        assert_eq!(stage.operations(), asked, "{function} asks for this while it starts");
        for _ in 0..INVOCATIONS {
            running.invoke(&event(name)).unwrap();
        }
        assert_eq!(running.connections(), 1, "{function} keeps one connection to the Runtime API");
        assert_eq!(stage.connections(), opened, "{function} uses what it opened, on {name}");
    }
}

#[test]
fn add_defaults_needs_one_connection_to_each_side() {
    check(
        &Start { function: "add-defaults", connections: &["widgets"], operations: &[] },
        &["add-defaults/http-empty-object", "add-defaults/http-list"],
    );
}

#[test]
fn widget_api_needs_one_connection_to_each_side() {
    check(
        &Start { function: "widget-api", connections: &["DynamoDB"], operations: &[] },
        &["widget-api/http-create", "widget-api/http-create-idempotent", "widget-api/http-get"],
    );
}

#[test]
fn login_needs_three_connections_to_aws_and_reads_its_key_once() {
    check(
        &Start {
            function: "login",
            connections: &["DynamoDB", "SQS", "Secrets Manager"],
            operations: &["GetSecretValue"],
        },
        &["login/http-page", "login/http-sign-in", "login/http-code", "login/http-resend"],
    );
}

#[test]
fn two_factor_needs_three_connections_to_aws_and_reads_its_key_once() {
    check(
        &Start {
            function: "two-factor",
            connections: &["DynamoDB", "SNS", "Secrets Manager"],
            operations: &["GetSecretValue"],
        },
        &["two-factor/sqs-code-requested"],
    );
}

#[test]
fn functions_of_the_pipeline_need_one_connection_to_each_side() {
    let start = |function, connections| Start { function, connections, operations: &[] };
    check(&start("create-user", &["DynamoDB"]), &["create-user/http-create-least"]);
    check(&start("runs", &["DynamoDB"]), &["runs/http-run", "runs/http-run-page"]);
    check(&start("advance", &["DynamoDB", "SNS"]), &["advance/stream-step-ended"]);
}

#[test]
fn functions_that_sign_read_their_key_once() {
    let start =
        |function, connections| Start { function, connections, operations: &["GetSecretValue"] };
    let mailing = &["DynamoDB", "SES", "Secrets Manager"];
    check(&start("email-user", mailing), &["email-user/sqs-step-ready"]);
    check(&start("subscribe-user", mailing), &["subscribe-user/sqs-step-ready"]);
    check(&start("subscriptions", &["DynamoDB", "Secrets Manager"]), &["subscriptions/http-style"]);
    check(
        &start("call-webhook", &["DynamoDB", "Secrets Manager"]),
        &["call-webhook/sqs-step-ready"],
    );
}

#[test]
fn only_messages_that_failed_need_a_connection_to_their_queue() {
    let _alone = alone();
    let stage = stage("connections").unwrap();
    let mut running = Function::start(&stage.launch(program("two-factor"))).unwrap();
    for _ in 0..INVOCATIONS {
        running.invoke(&event("two-factor/sqs-poison")).unwrap();
    }
    assert_eq!(stage.connections()["SQS"], 1);
}

#[test]
fn ten_codes_at_once_open_connections_once() {
    let _alone = alone();
    let stage = stage("connections").unwrap();
    let mut running = Function::start(&stage.launch(program("two-factor"))).unwrap();
    let batch = ten_of("two-factor/sqs-code-requested");
    running.invoke(&batch).unwrap();
    let opened = stage.connections();
    // One for each message; some more where one became free while another was being opened.
    assert!(opened.values().all(|count| *count < 20), "{opened:?}");
    for _ in 0..INVOCATIONS {
        running.invoke(&batch).unwrap();
    }
    assert_eq!(stage.connections(), opened, "later batches use them");
}
