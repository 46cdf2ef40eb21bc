//! Sends the mail of a step.

use std::time::SystemTime;

use common::batch::Failure;
use common::bootstrap::Error;
use common::journal::{Action, Context, Journal, StepName, Steps, Task};
use common::redact::Secret;
use common::signed::LinkKey;
use mails::{Links, Mails};
use serde_json::{Value, json};

use crate::PIPELINE;
use crate::config::Config;
use crate::welcome::{Newcomer, welcome};

/// The step that is done here.
const STEP: &str = "email-user";

/// Welcomes users by mail, and adds the id of the mail to the context.
#[derive(Debug)]
pub struct EmailUser<M> {
    links: Links,
    mails: M,
}

/// Does the step of welcoming, with what is configured and a secret that holds the key of links.
///
/// # Errors
/// When the pipeline or the key cannot be read.
pub fn steps<J: Journal, M: Mails>(
    config: &Config,
    secret: &Secret<String>,
    journal: J,
    mails: M,
) -> Result<Steps<J, EmailUser<M>>, Error> {
    let links = Links::new(LinkKey::new(secret)?, config.origin.clone());
    Ok(Steps::new(PIPELINE.parse()?, journal, EmailUser { links, mails }))
}

impl<M: Mails> Action for EmailUser<M> {
    fn is_for(&self, step: &StepName) -> bool {
        step.as_str() == STEP
    }

    async fn act(&self, task: &Task, now: SystemTime) -> Result<Context, Failure> {
        let newcomer = newcomer(&task.context)?;
        let unsubscribe = self.links.unsubscribe(newcomer.email, now);
        let tags = vec![("run", task.run.to_string()), ("step", STEP.to_owned())];
        let id = self.mails.send(&welcome(newcomer, &unsubscribe, tags)).await?;
        tracing::info!(attempt = task.attempt, "the mail was sent");
        Ok(Context::from_iter([("emailed".to_owned(), json!(id))]))
    }
}

/// Whom to welcome. What is missing is missing in every attempt.
fn newcomer(context: &Context) -> Result<Newcomer<'_>, Failure> {
    let text = |name: &str| context.get(name).and_then(Value::as_str);
    let missing = |name| move || Failure::permanent(format!("the context has no {name}"));
    Ok(Newcomer {
        username: text("username").ok_or_else(missing("username"))?,
        email: text("email").ok_or_else(missing("email"))?,
        locale: text("locale").unwrap_or_default(),
    })
}
