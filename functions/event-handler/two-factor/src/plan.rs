//! What a message still asks for, given how its challenge stands.

use std::time::{Duration, SystemTime};

use sign_in::{Challenge, Delivery};

/// What is to be done about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// Make a code and send it.
    Issue,
    /// Somebody is at it; look again when they are taken to be gone.
    Wait(Duration),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// Decides what to do about a message that asks for a code.
///
/// Messages come twice and out of order, so the challenge says what is wanted and not the message.
#[must_use]
pub fn plan(challenge: &Challenge, number: u32, now: SystemTime) -> Plan {
    if number < challenge.number {
        return Plan::Nothing("a later code was asked for");
    }
    if number > challenge.number {
        return Plan::Nothing("no such code was asked for");
    }
    match challenge.delivery {
        Delivery::Requested => Plan::Issue,
        Delivery::Sending { lease_ends } => match lease_ends.duration_since(now) {
            Ok(left) if !left.is_zero() => Plan::Wait(left),
            _ => Plan::Issue,
        },
        Delivery::Sent => Plan::Nothing("it was sent"),
        Delivery::Failed => Plan::Nothing("it was given up"),
        Delivery::Refused(_) => Plan::Nothing("it was refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;
    use sign_in::{ChallengeId, Reason, Refusal};

    fn planned(delivery: Delivery, number: u32) -> Plan {
        let challenge = Challenge {
            id: ChallengeId::from_bits(7),
            username: "ada".into(),
            phone: "+15550100123".parse().unwrap(),
            locale: "en".into(),
            expires: at(600),
            number: 2,
            counted: 1,
            resend_at: at(30),
            attempts: 0,
            delivery,
            code: None,
        };
        plan(&challenge, number, at(100))
    }

    #[test]
    fn what_is_asked_for_is_made() {
        assert_eq!(planned(Delivery::Requested, 2), Plan::Issue);
    }

    #[test]
    fn a_message_that_comes_late_asks_for_nothing() {
        assert!(matches!(planned(Delivery::Requested, 1), Plan::Nothing(_)));
        assert!(matches!(planned(Delivery::Requested, 3), Plan::Nothing(_)));
    }

    #[test]
    fn a_second_delivery_of_what_is_done_asks_for_nothing() {
        let refusal = Refusal { reason: Reason::Day, until: None };
        for done in [Delivery::Sent, Delivery::Failed, Delivery::Refused(refusal)] {
            assert!(matches!(planned(done, 2), Plan::Nothing(_)), "{done:?}");
        }
    }

    #[test]
    fn somebody_at_it_is_waited_for_until_they_are_taken_to_be_gone() {
        let sending = |ends| planned(Delivery::Sending { lease_ends: at(ends) }, 2);
        assert_eq!(sending(103), Plan::Wait(Duration::from_secs(3)));
        assert_eq!(sending(100), Plan::Issue);
        assert_eq!(sending(90), Plan::Issue);
    }
}
