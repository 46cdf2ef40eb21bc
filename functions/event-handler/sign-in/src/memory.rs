//! The in-memory twin of the tables, for tests of both functions.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use crate::challenge::{Challenge, ChallengeId, Delivery, Reason};
use crate::code::CodeMac;
use crate::limits::{Conversion, Quota, Tally};
use crate::ports::{Attempt, Codes, Registered, Registration, Renewal, SignIns};
use crate::session::{Session, TokenDigest};
use crate::user::{User, Username};

/// Keeps everything in memory. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    users: HashMap<String, User>,
    challenges: HashMap<ChallengeId, Challenge>,
    tallies: HashMap<String, Tally>,
    texts: HashMap<String, i64>,
    unconverted: HashMap<String, i64>,
    sessions: HashMap<TokenDigest, Session>,
}

impl MemoryStore {
    /// Adds a user.
    pub fn add_user(&self, name: &Username, user: User) {
        self.state().users.insert(name.key(), user);
    }

    /// Reads a challenge, over or not.
    #[must_use]
    pub fn challenge(&self, id: ChallengeId) -> Option<Challenge> {
        self.state().challenges.get(&id).cloned()
    }

    /// All challenges, in no order.
    #[must_use]
    pub fn challenges(&self) -> Vec<Challenge> {
        self.state().challenges.values().cloned().collect()
    }

    /// How many sessions there are.
    #[must_use]
    pub fn sessions(&self) -> usize {
        self.state().sessions.len()
    }

    /// Texts to a country that were not made up for, over all days.
    #[must_use]
    pub fn unconverted(&self, country: &str) -> i64 {
        let start = format!("country#{country}#");
        let state = self.state();
        let counters = state.unconverted.iter().filter(|(key, _)| key.starts_with(&start));
        counters.map(|(_, count)| count).sum()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn live(&self, id: ChallengeId, now: SystemTime) -> Option<&Challenge> {
        self.challenges.get(&id).filter(|challenge| !challenge.is_over(now))
    }

    fn tally(&self, quota: &Quota) -> Tally {
        self.tallies.get(&quota.key).copied().unwrap_or_default()
    }

    fn have_room(&self, quotas: &[Quota; 2]) -> bool {
        quotas.iter().all(|quota| quota.has_room(self.tally(quota)))
    }

    fn count_codes(&mut self, quotas: &[Quota; 2]) {
        for quota in quotas {
            self.tallies.entry(quota.key.clone()).or_default().codes += 1;
        }
    }

    fn full(&self, registration: &Registration) -> Option<Reason> {
        let quota = &registration.quota;
        let texts = |key: &str| self.texts.get(key).copied().unwrap_or_default();
        let unconverted = self.unconverted.get(&quota.country_key).copied().unwrap_or_default();
        let counters = [
            (Reason::Phone, texts(&quota.phone_key), quota.limits.per_phone),
            (Reason::Day, texts(&quota.day_key), quota.limits.per_day),
            (Reason::Country, texts(&quota.country_key), quota.limits.per_country),
            (Reason::Conversion, unconverted, quota.limits.unconverted),
        ];
        let full = counters.into_iter().find(|(_, count, max)| *count >= i64::from(*max));
        full.map(|(reason, ..)| reason)
    }
}

impl SignIns for MemoryStore {
    type Error = Infallible;

    async fn look_up(
        &self,
        user: &Username,
        quotas: &[Quota; 2],
    ) -> Result<(Option<User>, [Tally; 2]), Infallible> {
        let state = self.state();
        let tallies = [state.tally(&quotas[0]), state.tally(&quotas[1])];
        Ok((state.users.get(&user.key()).cloned(), tallies))
    }

    async fn count_failure(&self, quotas: &[Quota; 2]) -> Result<bool, Infallible> {
        let mut state = self.state();
        let may_try = quotas.iter().all(|quota| quota.may_try(state.tally(quota)));
        if may_try {
            for quota in quotas {
                state.tallies.entry(quota.key.clone()).or_default().failures += 1;
            }
        }
        Ok(may_try)
    }

    async fn begin(&self, challenge: &Challenge, quotas: &[Quota; 2]) -> Result<bool, Infallible> {
        let mut state = self.state();
        let have_room = state.have_room(quotas);
        if have_room {
            state.count_codes(quotas);
            state.challenges.insert(challenge.id, challenge.clone());
        }
        Ok(have_room)
    }

    async fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> Result<Option<Challenge>, Infallible> {
        Ok(self.state().live(id, now).cloned())
    }

    async fn renew(
        &self,
        found: &Challenge,
        renewed: &Challenge,
        quotas: &[Quota; 2],
    ) -> Result<Renewal, Infallible> {
        let mut state = self.state();
        let number = state.challenges.get(&found.id).map(|challenge| challenge.number);
        if number != Some(found.number) {
            return Ok(Renewal::Lost);
        }
        if !state.have_room(quotas) {
            return Ok(Renewal::Full);
        }
        state.count_codes(quotas);
        if let Some(stored) = state.challenges.get_mut(&found.id) {
            // What was counted since it was read stays counted.
            let (attempts, counted) = (stored.attempts, stored.counted);
            *stored = Challenge { attempts, counted, ..renewed.clone() };
        }
        Ok(Renewal::Done)
    }

    async fn take_attempt(
        &self,
        id: ChallengeId,
        max_attempts: u32,
        now: SystemTime,
    ) -> Result<Attempt, Infallible> {
        let mut state = self.state();
        let found = state.live(id, now).cloned();
        match state.challenges.get_mut(&id) {
            Some(challenge) if challenge.takes_guesses(max_attempts, now) => {
                challenge.attempts += 1;
                Ok(Attempt::Taken(challenge.clone()))
            }
            _ => Ok(Attempt::Refused(found)),
        }
    }

    async fn complete(
        &self,
        challenge: ChallengeId,
        guessed: &CodeMac,
        session: &Session,
        conversion: &Conversion,
    ) -> Result<bool, Infallible> {
        let mut state = self.state();
        let stored = state.challenges.get(&challenge);
        let current = stored.and_then(|challenge| challenge.code.as_ref());
        if current.map(|code| &code.mac) != Some(guessed) {
            return Ok(false);
        }
        state.challenges.remove(&challenge);
        state.sessions.insert(session.digest.clone(), session.clone());
        let unconverted = state.unconverted.entry(conversion.country_key.clone()).or_default();
        *unconverted -= i64::from(conversion.weight);
        Ok(true)
    }

    async fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> Result<Option<Session>, Infallible> {
        let state = self.state();
        let found = state.sessions.get(digest).filter(|session| session.expires > now);
        Ok(found.cloned())
    }

    async fn end_session(&self, digest: &TokenDigest) -> Result<(), Infallible> {
        self.state().sessions.remove(digest);
        Ok(())
    }
}

impl Codes for MemoryStore {
    type Error = Infallible;

    async fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> Result<Option<Challenge>, Infallible> {
        Ok(self.state().live(id, now).cloned())
    }

    async fn register(
        &self,
        registration: &Registration,
        now: SystemTime,
    ) -> Result<Registered, Infallible> {
        let mut state = self.state();
        let Some(challenge) = state.live(registration.id, now) else {
            return Ok(Registered::Lost);
        };
        let is_free = match challenge.delivery {
            Delivery::Requested => true,
            Delivery::Sending { lease_ends } => lease_ends <= now,
            _ => false,
        };
        let is_counted = challenge.counted == challenge.number;
        if !is_free
            || challenge.number != registration.number
            || is_counted != registration.is_counted
        {
            return Ok(Registered::Lost);
        }
        if !is_counted {
            if let Some(reason) = state.full(registration) {
                return Ok(Registered::Full(reason));
            }
            let quota = &registration.quota;
            for key in [&quota.phone_key, &quota.day_key, &quota.country_key] {
                *state.texts.entry(key.clone()).or_default() += 1;
            }
            *state.unconverted.entry(quota.country_key.clone()).or_default() += 1;
        }
        if let Some(challenge) = state.challenges.get_mut(&registration.id) {
            challenge.counted = registration.number;
            challenge.code = Some(registration.code.clone());
            challenge.delivery = Delivery::Sending { lease_ends: registration.lease_ends };
        }
        Ok(Registered::Done)
    }

    async fn settle(
        &self,
        id: ChallengeId,
        number: u32,
        mac: Option<&CodeMac>,
        delivery: Delivery,
    ) -> Result<bool, Infallible> {
        let mut state = self.state();
        let Some(challenge) = state.challenges.get_mut(&id) else {
            return Ok(false);
        };
        let current = challenge.code.as_ref().map(|code| &code.mac);
        let is_current = challenge.number == number
            && challenge.delivery != Delivery::Sent
            && (mac.is_none() || current == mac);
        if is_current {
            challenge.delivery = delivery;
            if delivery == Delivery::Requested || (delivery == Delivery::Failed && mac.is_some()) {
                challenge.code = None;
            }
        }
        Ok(is_current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_memory_store_keeps_the_contract() {
        let store = MemoryStore::default();
        crate::contract::check(&store, &store, "unit").await;
    }
}
