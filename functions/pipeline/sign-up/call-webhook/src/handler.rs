//! Orders what happens for each step.

use std::time::{Duration, SystemTime};

use common::batch::Failure;
use common::bootstrap::Error;
use common::journal::{Action, Context, Journal, Kind, Pipeline, StepName, Steps, Task};
use common::problem::causes;
use common::redact::Secret;
use serde_json::json;
use tokio::time::Instant;

use crate::PIPELINE;
use crate::config::Config;
use crate::post::{PostError, Receivers};
use crate::request::request;
use crate::signature::WebhookKeys;
use crate::targets::WebhookUrl;

/// Posts the context of its step, and adds the status of the answer to it, under the step's name.
#[derive(Debug)]
pub struct CallWebhook {
    pipeline: Pipeline,
    step: String,
    target: Result<WebhookUrl, &'static str>,
    keys: WebhookKeys,
    receivers: Receivers,
    longest_wait: Duration,
}

/// Does the step of a webhook, with what is configured and a secret that holds the keys.
///
/// # Errors
/// When the pipeline or the keys cannot be read, or no client can be built.
pub fn steps<J: Journal>(
    config: &Config,
    secret: &Secret<String>,
    journal: J,
) -> Result<Steps<J, CallWebhook>, Error> {
    let pipeline: Pipeline = PIPELINE.parse()?;
    let action = CallWebhook {
        pipeline: pipeline.clone(),
        step: config.step.clone(),
        target: config.target(),
        keys: WebhookKeys::new(secret)?,
        receivers: Receivers::new(config.allow_private, config.timeout)?,
        longest_wait: config.longest_wait,
    };
    Ok(Steps::new(pipeline, journal, action))
}

impl Action for CallWebhook {
    fn is_for(&self, step: &StepName) -> bool {
        let is_webhook = || self.pipeline.step(step).is_some_and(|it| it.kind == Kind::Webhook);
        step.as_str() == self.step && is_webhook()
    }

    async fn act(&self, task: &Task, now: SystemTime) -> Result<Context, Failure> {
        let url = self.target.as_ref().map_err(Failure::permanent)?;
        let request = request(url, &self.keys, self.pipeline.name(), task, now)
            .map_err(|error| Failure::permanent(causes(&error)))?;
        let began = Instant::now();
        let answered = self.receivers.post(request, now).await;
        let duration_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let answer = answered.map_err(|error| {
            tracing::warn!(cause = %error, duration_ms, "the receiver did not answer");
            match error {
                PostError::Refused => Failure::permanent(error),
                PostError::Unreachable(_) | PostError::Broken | PostError::TimedOut => {
                    Failure::transient(error)
                }
            }
        })?;
        let status = answer.status.as_u16();
        tracing::info!(status, duration_ms, "the receiver answered");
        answer.judge(self.longest_wait)?;
        Ok(Context::from_iter([(task.step.to_string(), json!({ "status": status }))]))
    }
}
