//! What an invocation asks other services for: it is paid for by the call.

use tests::endpoint::Operations;
use tests::function::Function;

use crate::built::{alone, event, program, stage, ten_of};

const INVOCATIONS: usize = 3;

/// An event and what its invocation asks for, each operation with how often.
struct Case {
    what: &'static str,
    event: Vec<u8>,
    calls: &'static [(&'static str, usize)],
}

fn check(function: &str, cases: &[Case]) {
    let _alone = alone();
    let stage = stage("calls").unwrap();
    let mut running = Function::start(&stage.launch(program(function))).unwrap();
    for Case { what, event, calls } in cases {
        let expected: Operations =
            calls.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        for _ in 0..INVOCATIONS {
            let before = stage.operations();
            running.invoke(event).unwrap();
            assert_eq!(stage.operations_since(&before), expected, "{function}: {what}");
        }
    }
}

fn case(what: &'static str, name: &str, calls: &'static [(&'static str, usize)]) -> Case {
    Case { what, event: event(name), calls }
}

#[test]
fn functions_of_widgets_ask_as_often_as_they_must() {
    let created = case("a widget is created", "add-defaults/http-empty-object", &[("POST", 1)]);
    check("add-defaults", &[created]);
    check(
        "widget-api",
        &[
            case("a widget is created", "widget-api/http-create", &[("PutItem", 1)]),
            case(
                "a widget is created once",
                "widget-api/http-create-idempotent",
                &[("PutItem", 3)],
            ),
            case("a widget is read", "widget-api/http-get", &[("GetItem", 1)]),
        ],
    );
}

#[test]
fn login_asks_as_often_as_it_must() {
    let wrong_code = event_with("login/http-code", "123456", "654321");
    check(
        "login",
        &[
            case("the page", "login/http-page", &[]),
            case(
                "the password is right",
                "login/http-sign-in",
                &[("BatchGetItem(3)", 1), ("TransactWriteItems(3)", 1), ("SendMessage", 1)],
            ),
            case(
                "the password is wrong",
                "login/http-sign-in-wrong-password",
                &[("BatchGetItem(3)", 1), ("TransactWriteItems(2)", 1)],
            ),
            case(
                "there is no such user",
                "login/http-sign-in-unknown-user",
                &[("BatchGetItem(3)", 1), ("TransactWriteItems(2)", 1)],
            ),
            case("a look at the challenge", "login/http-status", &[("GetItem", 1)]),
            case(
                "the code is right",
                "login/http-code",
                &[("UpdateItem", 1), ("TransactWriteItems(3)", 1)],
            ),
            Case { what: "the code is wrong", event: wrong_code, calls: &[("UpdateItem", 1)] },
            case(
                "another code",
                "login/http-resend",
                &[("GetItem", 1), ("TransactWriteItems(3)", 1), ("SendMessage", 1)],
            ),
            case("who has signed in", "login/http-me", &[("GetItem", 1)]),
            case("signing out", "login/http-logout", &[("DeleteItem", 1)]),
            case("another site's form", "login/http-sign-in-cross-site", &[]),
        ],
    );
}

#[test]
fn two_factor_asks_as_often_as_it_must() {
    let later = event_with("two-factor/sqs-code-requested", r#"\"number\":1"#, r#"\"number\":2"#);
    check(
        "two-factor",
        &[
            case(
                "a code is made",
                "two-factor/sqs-code-requested",
                &[("GetItem", 1), ("TransactWriteItems(4)", 1), ("Publish", 1), ("UpdateItem", 1)],
            ),
            Case {
                what: "ten codes are made",
                event: ten_of("two-factor/sqs-code-requested"),
                calls: &[
                    ("GetItem", 10),
                    ("TransactWriteItems(4)", 10),
                    ("Publish", 10),
                    ("UpdateItem", 10),
                ],
            },
            case(
                "one of three messages can be read",
                "two-factor/sqs-poison",
                &[
                    ("GetItem", 1),
                    ("TransactWriteItems(4)", 1),
                    ("Publish", 1),
                    ("UpdateItem", 1),
                    ("ChangeMessageVisibilityBatch", 1),
                ],
            ),
            Case { what: "nobody asked for that code", event: later, calls: &[("GetItem", 1)] },
        ],
    );
}

#[test]
fn functions_of_the_sign_up_ask_as_often_as_they_must() {
    check(
        "create-user",
        &[
            case(
                "somebody signs up",
                "create-user/http-create-least",
                &[("TransactWriteItems(6)", 1)],
            ),
            case(
                "somebody signs up once",
                "create-user/http-create-idempotent",
                &[("PutItem", 2), ("TransactWriteItems(6)", 1)],
            ),
            case("what is no user", "create-user/http-create-invalid", &[]),
        ],
    );
    let step = &[("Query", 1), ("UpdateItem", 2), ("SendEmail", 1)];
    check("email-user", &[case("a step is done", "email-user/sqs-step-ready", step)]);
    let ahead = |name| event_with(name, STARTED, AHEAD);
    check(
        "subscribe-user",
        &[Case {
            what: "somebody is asked",
            event: ahead("subscribe-user/sqs-step-ready"),
            calls: &[("Query", 1), ("UpdateItem", 2), ("PutItem", 1), ("SendEmail", 1)],
        }],
    );
    check(
        "call-webhook",
        &[Case {
            what: "a webhook is called",
            event: ahead("call-webhook/sqs-step-ready"),
            calls: &[("Query", 1), ("UpdateItem", 2), ("POST", 1)],
        }],
    );
    check("subscriptions", &[case("the style", "subscriptions/http-style", &[])]);
}

#[test]
fn functions_of_all_pipelines_ask_as_often_as_they_must() {
    check(
        "advance",
        &[case(
            "two steps are published",
            "advance/stream-step-ended",
            &[("Query", 1), ("PublishBatch", 1)],
        )],
    );
    check(
        "runs",
        &[
            case("a run", "runs/http-run", &[("Query", 1)]),
            case("the page of a run", "runs/http-run-page", &[("Query", 1)]),
            case("its style", "runs/http-style", &[]),
        ],
    );
}

/// The run of the events, which has just begun, and the one whose first step is done.
const STARTED: &str = "0123456789abcdef0123456789abcdef";
const AHEAD: &str = "00000000000000000000000000000001";

/// An event with other words in it.
fn event_with(name: &str, from: &str, to: &str) -> Vec<u8> {
    let text = String::from_utf8(event(name)).unwrap();
    assert!(text.contains(from), "{name} contains {from}");
    text.replace(from, to).into_bytes()
}
