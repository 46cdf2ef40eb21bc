//! A model of guesses at the same time: requests whose steps interleave in any order.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::SystemTime;

use lambda_http::{Body, Response};
use proptest::prelude::*;
use serde_json::json;
use sign_in::limits::{Conversion, Quota, Tally};
use sign_in::memory::MemoryStore;
use sign_in::ports::{Attempt, Renewal, SignIns};
use sign_in::{Challenge, ChallengeId, CodeMac, Session, TokenDigest, User, Username};

use crate::support::{Stage, at, event, event_with, rules};

/// A store whose every call takes a turn before it does anything, and another before it answers.
#[derive(Debug, Clone)]
struct Slow(MemoryStore);

/// Gives the others a turn.
async fn turn() {
    let mut was_here = false;
    poll_fn(
        |_| {
            if std::mem::replace(&mut was_here, true) { Poll::Ready(()) } else { Poll::Pending }
        },
    )
    .await;
}

async fn slowly<T>(call: impl Future<Output = T>) -> T {
    turn().await;
    let answer = call.await;
    turn().await;
    answer
}

impl SignIns for Slow {
    type Error = std::convert::Infallible;

    async fn look_up(
        &self,
        user: &Username,
        quotas: &[Quota; 2],
    ) -> Result<(Option<User>, [Tally; 2]), Self::Error> {
        slowly(self.0.look_up(user, quotas)).await
    }

    async fn count_failure(&self, quotas: &[Quota; 2]) -> Result<bool, Self::Error> {
        slowly(self.0.count_failure(quotas)).await
    }

    async fn begin(&self, new: &Challenge, quotas: &[Quota; 2]) -> Result<bool, Self::Error> {
        slowly(self.0.begin(new, quotas)).await
    }

    async fn find(
        &self,
        id: ChallengeId,
        now: SystemTime,
    ) -> Result<Option<Challenge>, Self::Error> {
        slowly(SignIns::find(&self.0, id, now)).await
    }

    async fn renew(
        &self,
        found: &Challenge,
        renewed: &Challenge,
        quotas: &[Quota; 2],
    ) -> Result<Renewal, Self::Error> {
        slowly(self.0.renew(found, renewed, quotas)).await
    }

    async fn take_attempt(
        &self,
        id: ChallengeId,
        max: u32,
        now: SystemTime,
    ) -> Result<Attempt, Self::Error> {
        slowly(self.0.take_attempt(id, max, now)).await
    }

    async fn complete(
        &self,
        challenge: ChallengeId,
        guessed: &CodeMac,
        session: &Session,
        conversion: &Conversion,
    ) -> Result<bool, Self::Error> {
        slowly(self.0.complete(challenge, guessed, session, conversion)).await
    }

    async fn session(
        &self,
        digest: &TokenDigest,
        now: SystemTime,
    ) -> Result<Option<Session>, Self::Error> {
        slowly(self.0.session(digest, now)).await
    }

    async fn end_session(&self, digest: &TokenDigest) -> Result<(), Self::Error> {
        slowly(self.0.end_session(digest)).await
    }
}

type Request<'a> = Pin<Box<dyn Future<Output = Response<Body>> + 'a>>;

/// Lets the requests take turns in the given order, and then finishes those that are left.
fn interleave(mut requests: Vec<Option<Request<'_>>>, order: &[usize]) -> Vec<u16> {
    let mut statuses = vec![0; requests.len()];
    let mut context = Context::from_waker(Waker::noop());
    let all = requests.len();
    let last = (0..all).cycle().take(all * 20);
    for at in order.iter().map(|at| at % all).chain(last) {
        let Some(request) = &mut requests[at] else { continue };
        if let Poll::Ready(response) = request.as_mut().poll(&mut context) {
            statuses[at] = response.status().as_u16();
            requests[at] = None;
        }
    }
    assert!(requests.iter().all(Option::is_none), "every request is answered");
    statuses
}

fn guess(code: &str) -> String {
    event_with(event!("http-code"), |event| {
        event["body"] = json!(json!({ "code": code }).to_string())
    })
}

fn slow_stage() -> Stage<Slow> {
    let store = MemoryStore::default();
    Stage::new(rules(), Slow(store.clone()), store)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Each answer but 429 and 404 tells whether a guess was right: those were compared.
    #[test]
    fn no_interleaving_of_guesses_compares_more_than_allowed(
        right in 0_usize..16, order in prop::collection::vec(0_usize..16, 0..200)
    ) {
        let stage = slow_stage();
        block_on(stage.challenge_with_code("123456"));
        let events: Vec<String> = (0..16)
            .map(|at| guess(if at == right { "123456" } else { "000000" }))
            .collect();
        let requests = events.iter().map(|event| Some(Box::pin(stage.send(event)) as Request<'_>));
        let statuses = interleave(requests.collect(), &order);
        let count = |status: u16| statuses.iter().filter(|found| **found == status).count();
        prop_assert!(count(401) + count(200) <= 5, "{:?}", statuses);
        prop_assert_eq!(count(200), stage.store.sessions());
        prop_assert_eq!(count(401) + count(200) + count(404) + count(429), 16);
    }

    #[test]
    fn no_interleaving_of_right_codes_opens_two_sessions(
        order in prop::collection::vec(0_usize..8, 0..120)
    ) {
        let stage = slow_stage();
        block_on(stage.challenge_with_code("123456"));
        let event = guess("123456");
        let requests = (0..8).map(|_| Some(Box::pin(stage.send(&event)) as Request<'_>));
        let statuses = interleave(requests.collect(), &order);
        prop_assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1);
        prop_assert_eq!(stage.store.sessions(), 1);
    }

    #[test]
    fn no_interleaving_of_resends_asks_for_one_number_twice(
        order in prop::collection::vec(0_usize..6, 0..120)
    ) {
        let stage = slow_stage();
        block_on(stage.challenge_with_code("123456"));
        let requests = (0..6).map(|_| {
            Some(Box::pin(stage.send_at(event!("http-resend"), at(30))) as Request<'_>)
        });
        let statuses = interleave(requests.collect(), &order);
        prop_assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1);
        prop_assert_eq!(stage.queue.asked().len(), 1);
    }

    /// A right guess, a resend, the making of the next code, and a guess at that.
    #[test]
    fn no_interleaving_with_a_resend_lets_an_old_code_live(
        order in prop::collection::vec(0_usize..4, 0..120)
    ) {
        let stage = slow_stage();
        block_on(stage.challenge_with_code("123456"));
        let (old, new) = (guess("123456"), guess("654321"));
        let next = async {
            let is_made = slowly(stage.register_next("654321")).await;
            Response::builder().status(if is_made { 201 } else { 204 }).body(Body::Empty).unwrap()
        };
        let requests: Vec<Option<Request<'_>>> = vec![
            Some(Box::pin(stage.send_at(&old, at(30)))),
            Some(Box::pin(stage.send_at(event!("http-resend"), at(30)))),
            Some(Box::pin(next)),
            Some(Box::pin(stage.send_at(&new, at(30)))),
        ];
        let statuses = interleave(requests, &order);
        let [old, resent, made, new] = statuses[..] else { unreachable!() };
        prop_assert!(!(old == 200 && resent == 202), "{:?}", statuses);
        prop_assert!(new != 200 || (made == 201 && resent == 202), "{:?}", statuses);
        let sessions = usize::from(old == 200) + usize::from(new == 200);
        prop_assert_eq!(stage.store.sessions(), sessions);
        prop_assert!(sessions <= 1);
    }
}
