//! A function keeps its connections.

use crate::built::{alone, event, program, stage};
use tests::function::Function;

const INVOCATIONS: usize = 5;

struct Expected {
    event: &'static str,
    /// Requests of one invocation to the services.
    requests: usize,
}

fn check(function: &str, cases: &[Expected]) {
    let _alone = alone();
    for case in cases {
        let stage = stage("connections").unwrap();
        let mut running = Function::start(&stage.launch(program(function))).unwrap();
        let of_services = || {
            let services = [stage.dynamodb(), stage.widgets()];
            let connections: usize = services.iter().map(|s| s.connections()).sum();
            let requests: usize = services.iter().map(|s| s.requests()).sum();
            (connections, requests)
        };
        assert_eq!(of_services(), (1, 0), "{function} opens a connection while it starts");
        for _ in 0..INVOCATIONS {
            running.invoke(&event(case.event)).unwrap();
        }
        assert_eq!(running.connections(), 1, "{function} keeps one connection to the Runtime API");
        let expected = (1, case.requests * INVOCATIONS);
        assert_eq!(of_services(), expected, "{function} uses what it opened, on {}", case.event);
    }
}

#[test]
fn add_defaults_needs_one_connection_to_each_side() {
    check(
        "add-defaults",
        &[
            Expected { event: "add-defaults/http-empty-object", requests: 1 },
            Expected { event: "add-defaults/http-list", requests: 1 },
        ],
    );
}

#[test]
fn widget_api_needs_one_connection_to_each_side() {
    check(
        "widget-api",
        &[
            Expected { event: "widget-api/http-create", requests: 1 },
            Expected { event: "widget-api/http-create-idempotent", requests: 3 },
            Expected { event: "widget-api/http-get", requests: 1 },
        ],
    );
}
