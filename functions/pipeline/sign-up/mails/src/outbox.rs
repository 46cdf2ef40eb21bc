//! The in-memory twin of a provider of mails.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::mail::{Mail, MailError, Mails};

/// Keeps mails instead of sending them, for tests. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Outbox(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    mails: Vec<Mail>,
    failures: VecDeque<MailError>,
}

impl Outbox {
    /// The mails that were sent, in their order. Their ids are `mail-1`, `mail-2`, …
    #[must_use]
    pub fn mails(&self) -> Vec<Mail> {
        self.state().mails.clone()
    }

    /// Fails with these, one for each mail that comes. A mail that fails with
    /// [`MailError::Unknown`] is sent nevertheless: it is the answer that is lost.
    pub fn fail(&self, failures: impl IntoIterator<Item = MailError>) {
        self.state().failures.extend(failures);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Mails for Outbox {
    async fn send(&self, mail: &Mail) -> Result<String, MailError> {
        let mut state = self.state();
        let failure = state.failures.pop_front();
        if matches!(failure, None | Some(MailError::Unknown(_))) {
            state.mails.push(mail.clone());
        }
        failure.map_or_else(|| Ok(format!("mail-{}", state.mails.len())), Err)
    }
}
