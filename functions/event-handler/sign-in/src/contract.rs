//! What every store must do, run against each implementation.

use std::time::{Duration, SystemTime};

use common::clock::from_epoch_seconds as at;
use common::redact::Secret;

use crate::challenge::{Challenge, ChallengeId, Delivery, Reason, Refusal, RegisteredCode};
use crate::code::{CodeMac, Key};
use crate::limits::{Conversion, Quota, TextLimits, TextQuota};
use crate::phone::Phone;
use crate::ports::{Attempt, Codes, Registered, Registration, Renewal, SignIns};
use crate::session::{Session, Token};

const MAX_ATTEMPTS: u32 = 2;

/// Checks both sides of one store; `run` keeps the counters of one run apart from those of another.
///
/// # Panics
/// When the store breaks the contract.
pub async fn check(sign_ins: &impl SignIns, codes: &impl Codes, run: &str) {
    let run = Run::new(run);
    quotas(sign_ins, &run).await;
    guesses(sign_ins, codes, &run).await;
    renewals(sign_ins, codes, &run).await;
    registrations(sign_ins, codes, &run).await;
    text_limits(sign_ins, codes, &run).await;
    sessions(sign_ins, &run).await;
}

/// The inputs of one run.
struct Run {
    key: Key,
    name: String,
    now: SystemTime,
}

impl Run {
    fn new(name: &str) -> Self {
        // As the counters' names depend on the key, a key of its own is a world of its own.
        let secret = format!("{name:0>32}");
        #[expect(clippy::expect_used, reason = "a test may panic")]
        let key = Key::new(&Secret::new(secret)).expect("32 bytes");
        Self { key, name: name.to_owned(), now: at(1_772_366_400) }
    }

    fn quotas(&self, subject: &str, max: u32) -> [Quota; 2] {
        let subject = format!("{}-{subject}", self.name);
        [
            Quota::of_user(&self.key, &subject, max, max, self.now),
            Quota::of_address(&self.key, &subject, max, max, self.now),
        ]
    }

    fn challenge(&self) -> Challenge {
        Challenge {
            id: id(),
            username: "Ada".into(),
            phone: phone(),
            locale: "en".into(),
            expires: self.now + Duration::from_secs(600),
            number: 1,
            counted: 0,
            resend_at: self.now + Duration::from_secs(30),
            attempts: 0,
            delivery: Delivery::Requested,
            code: None,
        }
    }

    fn code(&self, digit: char) -> RegisteredCode {
        RegisteredCode { mac: mac(digit), expires: self.now + Duration::from_secs(300) }
    }

    fn registration(&self, challenge: &Challenge, digit: char) -> Registration {
        self.limited(challenge, digit, &format!("{}-{}", self.name, challenge.id), [9; 4])
    }

    /// A registration with counters of its own, by `subject`.
    fn limited(
        &self,
        challenge: &Challenge,
        digit: char,
        subject: &str,
        [per_phone, per_day, per_country, unconverted]: [u32; 4],
    ) -> Registration {
        let limits = TextLimits { per_phone, per_day, per_country, unconverted };
        let own = |kind: &str| format!("{kind}#{}", self.key.pseudonym(kind, subject));
        Registration {
            id: challenge.id,
            number: challenge.number,
            code: self.code(digit),
            lease_ends: self.now + Duration::from_millis(4_321),
            quota: TextQuota {
                phone_key: own("limit#phone"),
                day_key: own("limit#day"),
                country_key: own("country"),
                ..TextQuota::of(&self.key, &phone(), limits, self.now)
            },
            is_counted: challenge.counted == challenge.number,
        }
    }
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn id() -> ChallengeId {
    ChallengeId::random().expect("randomness")
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn phone() -> Phone {
    "+15550100123".parse().expect("a number")
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn mac(digit: char) -> CodeMac {
    digit.to_string().repeat(64).parse().expect("64 digits")
}

#[expect(clippy::panic, reason = "a test may panic")]
fn ok<T, E: std::error::Error>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{}", error))
}

async fn quotas(store: &impl SignIns, run: &Run) {
    #[expect(clippy::expect_used, reason = "a test may panic")]
    let nobody = format!("nobody-{}", run.name).parse().expect("a name");
    let quotas = run.quotas("quotas", 3);
    let (user, [one, other]) = ok(store.look_up(&nobody, &quotas).await);
    assert!(user.is_none() && one == other && one.failures == 0, "nothing is there yet");

    assert!(ok(store.count_failure(&quotas).await), "there is room");
    assert!(ok(store.begin(&run.challenge(), &quotas).await), "there is room");
    let (_, [one, other]) = ok(store.look_up(&nobody, &quotas).await);
    assert_eq!((one.failures, one.codes, one), (1, 1, other), "both were counted on both");

    let user_only = [quotas[0].clone(), run.quotas("elsewhere", 3)[1].clone()];
    assert!(ok(store.count_failure(&user_only).await));
    assert!(ok(store.count_failure(&user_only).await), "the third is the last");
    assert!(!ok(store.count_failure(&user_only).await), "no limit is passed");
    let (_, [user, elsewhere]) = ok(store.look_up(&nobody, &user_only).await);
    assert_eq!((user.failures, elsewhere.failures), (3, 2), "what was refused counts nowhere");

    let used_up = run.quotas("used-up", 1);
    assert!(ok(store.begin(&run.challenge(), &used_up).await), "the only code");
    assert!(ok(store.count_failure(&used_up).await), "codes that are used up hide no failure");

    let refused = run.challenge();
    assert!(!ok(store.begin(&refused, &user_only).await), "guessers get no code either");
    assert_eq!(ok(store.find(refused.id, run.now).await), None, "what was refused is not stored");
}

async fn begun(store: &impl SignIns, run: &Run) -> Challenge {
    let challenge = run.challenge();
    let subject = challenge.id.to_string();
    assert!(ok(store.begin(&challenge, &run.quotas(&subject, 9)).await));
    assert_eq!(ok(store.find(challenge.id, run.now).await), Some(challenge.clone()));
    challenge
}

async fn guesses(store: &impl SignIns, codes: &impl Codes, run: &Run) {
    let now = run.now;
    let challenge = begun(store, run).await;
    let attempt = |now| store.take_attempt(challenge.id, MAX_ATTEMPTS, now);
    let refused = Attempt::Refused(Some(challenge.clone()));
    assert_eq!(ok(attempt(now).await), refused, "there is nothing to guess yet");
    assert_eq!(ok(store.take_attempt(id(), MAX_ATTEMPTS, now).await), Attempt::Refused(None));

    assert_eq!(ok(codes.register(&run.registration(&challenge, 'a'), now).await), Registered::Done);
    let expired = now + Duration::from_secs(300);
    assert!(matches!(ok(attempt(expired).await), Attempt::Refused(Some(c)) if c.attempts == 0));
    assert!(matches!(ok(attempt(now).await), Attempt::Taken(c) if c.attempts == 1));
    let session = session(run);
    let conversion = Conversion::of(&phone(), 20, now);
    let [a, b] = ['a', 'b'].map(mac);
    let complete = |mac| store.complete(challenge.id, mac, &session, &conversion);
    assert!(!ok(complete(&b).await), "another code opens nothing");
    assert!(matches!(ok(attempt(now).await), Attempt::Taken(c) if c.attempts == 2));
    assert!(matches!(ok(attempt(now).await), Attempt::Refused(Some(c)) if c.attempts == 2));

    assert!(ok(complete(&a).await), "the code that was guessed in time");
    assert!(!ok(complete(&a).await), "a code is good for one session");
    assert_eq!(ok(attempt(now).await), Attempt::Refused(None), "what is done is gone");
    assert_eq!(ok(store.session(&session.digest, now).await), Some(session.clone()));
}

async fn renewals(store: &impl SignIns, codes: &impl Codes, run: &Run) {
    let now = run.now;
    let challenge = begun(store, run).await;
    let quotas = run.quotas("renewals", 1);
    let first = run.registration(&challenge, 'a');
    assert_eq!(ok(codes.register(&first, now).await), Registered::Done);
    let taken = ok(store.take_attempt(challenge.id, MAX_ATTEMPTS, now).await);
    assert!(matches!(taken, Attempt::Taken(_)));

    let renewed = challenge.renewed(now + Duration::from_secs(60));
    let renew = |found, renewed| store.renew(found, renewed, &quotas);
    assert_eq!(ok(renew(&challenge, &renewed).await), Renewal::Done);
    assert_eq!(
        ok(renew(&challenge, &renewed).await),
        Renewal::Lost,
        "one number is asked for once"
    );
    let next = renewed.renewed(now);
    assert_eq!(ok(renew(&renewed, &next).await), Renewal::Full, "renewals count as codes");

    let expected = Challenge { attempts: 1, counted: 1, ..renewed.clone() };
    assert_eq!(ok(store.find(challenge.id, now).await), Some(expected), "attempts stay taken");
    let conversion = Conversion::of(&phone(), 20, now);
    let old = store.complete(challenge.id, &mac('a'), &session(run), &conversion).await;
    assert!(!ok(old), "the old code is gone");
    assert_eq!(ok(codes.register(&first, now).await), Registered::Lost, "late for the old number");
    assert!(!ok(codes.settle(challenge.id, 1, Some(&mac('a')), Delivery::Sent).await));
}

async fn registrations(store: &impl SignIns, codes: &impl Codes, run: &Run) {
    let now = run.now;
    let challenge = begun(store, run).await;
    let first = run.registration(&challenge, 'a');
    let second = run.registration(&challenge, 'b');
    assert_eq!(ok(codes.register(&first, now).await), Registered::Done);
    let found = ok(Codes::find(codes, challenge.id, now).await);
    let sending = Delivery::Sending { lease_ends: first.lease_ends };
    let code = Some(first.code.clone());
    let expected = Challenge { delivery: sending, code, counted: 1, ..challenge };
    assert_eq!(found, Some(expected.clone()));
    let [first, second] = [first, second].map(|r| Registration { is_counted: true, ..r });
    assert_eq!(ok(codes.register(&second, now).await), Registered::Lost, "it is leased");

    let [a, b] = ['a', 'b'].map(mac);
    let settle = |mac, delivery| codes.settle(expected.id, 1, mac, delivery);
    assert!(!ok(settle(Some(&b), Delivery::Sent).await), "of another code");
    assert!(ok(settle(Some(&a), Delivery::Requested).await), "it was not sent after all");
    let found = ok(Codes::find(codes, expected.id, now).await);
    assert!(found.is_some_and(|c| c.code.is_none() && c.delivery == Delivery::Requested));

    assert_eq!(ok(codes.register(&second, now).await), Registered::Done);
    let late = first.lease_ends;
    assert_eq!(ok(codes.register(&first, late).await), Registered::Done, "the lease has ended");
    assert!(!ok(settle(Some(&b), Delivery::Sent).await), "another one took over");
    assert!(ok(settle(Some(&a), Delivery::Sent).await));
    assert_eq!(ok(codes.register(&second, late).await), Registered::Lost, "it is sent");
    assert!(!ok(settle(None, Delivery::Failed).await), "what is sent stays sent");

    let failed = begun(store, run).await;
    let registration = run.registration(&failed, 'a');
    for (mac, is_kept) in [(None, true), (Some(&a), false)] {
        assert!(ok(codes.settle(failed.id, 1, None, Delivery::Requested).await));
        let counted = Registration { is_counted: !is_kept, ..registration.clone() };
        assert_eq!(ok(codes.register(&counted, now).await), Registered::Done);
        assert!(ok(codes.settle(failed.id, 1, mac, Delivery::Failed).await));
        let found = ok(Codes::find(codes, failed.id, now).await);
        assert_eq!(found.map(|c| c.code.is_some()), Some(is_kept), "kept if it may have arrived");
    }

    let over = expected.expires;
    assert_eq!(ok(Codes::find(codes, expected.id, over).await), None, "over, deleted or not");
    assert!(!ok(codes.settle(id(), 1, None, Delivery::Failed).await), "no such challenge");

    let refused = begun(store, run).await;
    for until in [Some(at(1_772_409_600)), None] {
        let delivery = Delivery::Refused(Refusal { reason: Reason::Country, until });
        assert!(ok(codes.settle(refused.id, 1, None, delivery).await));
        let found = ok(Codes::find(codes, refused.id, now).await);
        assert_eq!(found.map(|challenge| challenge.delivery), Some(delivery));
    }
    assert_eq!(ok(codes.register(&run.registration(&refused, 'a'), now).await), Registered::Lost);
}

async fn text_limits(store: &impl SignIns, codes: &impl Codes, run: &Run) {
    let reasons = [Reason::Phone, Reason::Day, Reason::Country, Reason::Conversion];
    for (at, reason) in reasons.into_iter().enumerate() {
        let mut limits = [9; 4];
        limits[at] = 1;
        let subject = format!("{}-{at}", run.name);
        let (one, two) = (begun(store, run).await, begun(store, run).await);
        let first = run.limited(&one, 'a', &subject, limits);
        let lying = Registration { is_counted: true, ..first.clone() };
        assert_eq!(
            ok(codes.register(&lying, run.now).await),
            Registered::Lost,
            "it was not counted"
        );
        assert_eq!(ok(codes.register(&first, run.now).await), Registered::Done);
        let counted = Registration { is_counted: true, ..first.clone() };
        let again = ok(codes.register(&counted, first.lease_ends).await);
        assert_eq!(again, Registered::Done, "a code counts once, however often it is taken up");

        let second = run.limited(&two, 'b', &subject, limits);
        assert_eq!(ok(codes.register(&second, run.now).await), Registered::Full(reason));
        let found = ok(Codes::find(codes, two.id, run.now).await);
        assert_eq!(found, Some(two.clone()), "what was refused changed nothing");
        if reason == Reason::Conversion {
            let weight = 1;
            let key = first.quota.country_key.clone();
            let conversion = Conversion { country_key: key, weight, ends: first.quota.ends };
            let done = store.complete(one.id, &mac('a'), &session(run), &conversion).await;
            assert!(ok(done));
            assert_eq!(ok(codes.register(&second, run.now).await), Registered::Done, "it converts");
        }
    }
}

#[expect(clippy::expect_used, reason = "a test may panic")]
fn session(run: &Run) -> Session {
    let digest = Token::random().expect("randomness").digest();
    Session { digest, username: "Ada".into(), expires: run.now + Duration::from_secs(60) }
}

async fn sessions(store: &impl SignIns, run: &Run) {
    let challenge = begun(store, run).await;
    let session = session(run);
    assert_eq!(ok(store.session(&session.digest, run.now).await), None);
    let conversion = Conversion::of(&phone(), 20, run.now);
    let opened = store.complete(challenge.id, &mac('a'), &session, &conversion).await;
    assert!(!ok(opened), "there was no code");
    assert_eq!(ok(store.session(&session.digest, run.now).await), None, "so there is no session");
}
