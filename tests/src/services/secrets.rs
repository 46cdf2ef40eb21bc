//! Secrets Manager. It has one secret, under any name.

use serde_json::json;

use super::{json_answer, sign_ins, unknown_operation};
use crate::wire::{Request, Response};

const JSON: &str = "application/x-amz-json-1.1";

/// Answers a call.
#[must_use]
pub fn secrets_manager(request: &Request) -> Response {
    if request.header("x-amz-target") != Some("secretsmanager.GetSecretValue") {
        return json_answer(JSON, 400, &unknown_operation());
    }
    let body = json!({
        "ARN": sign_ins::KEY_ARN,
        "Name": "SignInKey",
        "VersionId": "5ad2a3f1-6b0d-4c5e-8e0f-1d6b7c2e9a40",
        "VersionStages": ["AWSCURRENT"],
        "SecretString": sign_ins::KEY,
        "CreatedDate": 1_772_357_400,
    });
    json_answer(JSON, 200, &body)
}
