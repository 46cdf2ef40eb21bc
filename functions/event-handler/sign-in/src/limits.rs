//! Limits: how many, per whom, in which window.
//!
//! A counter is an item whose key names its window, so a new window starts at zero and an old one
//! is deleted by time to live. It is raised in the same transaction as what it limits, on the
//! condition that there is room: whatever runs at the same time, no limit is exceeded.
//!
//! Windows are fixed, the hours and days of UTC: at a boundary, twice the limit can pass within
//! one window's length. That is the price of a counter that takes one conditional write.

use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use common::clock::{epoch_seconds, from_epoch_seconds};

use crate::code::Key;
use crate::phone::Phone;

/// A stretch of time in which things are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Window {
    /// An hour of UTC.
    Hour,
    /// A day of UTC.
    Day,
}

impl Window {
    const fn seconds(self) -> u64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Which window a time is in, counted from 1970.
    #[must_use]
    pub fn number(self, now: SystemTime) -> u64 {
        epoch_seconds(now) / self.seconds()
    }

    /// When the window of a time ends.
    #[must_use]
    pub fn end(self, now: SystemTime) -> SystemTime {
        from_epoch_seconds((self.number(now) + 1) * self.seconds())
    }
}

/// How often somebody may try a password and ask for codes within the hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quota {
    /// Key of the counter.
    pub key: String,
    /// Wrong passwords.
    pub max_failures: u32,
    /// Codes.
    pub max_codes: u32,
    /// When it starts anew.
    pub ends: SystemTime,
}

/// What a counter says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Wrong passwords.
    pub failures: u32,
    /// Codes.
    pub codes: u32,
}

impl Quota {
    /// The quota of a user, whether or not there is one of that name.
    #[must_use]
    pub fn of_user(
        key: &Key,
        canonical: &str,
        max_failures: u32,
        max_codes: u32,
        now: SystemTime,
    ) -> Self {
        Self::new(key, "user", canonical, max_failures, max_codes, now)
    }

    /// The quota of a client's address.
    #[must_use]
    pub fn of_address(
        key: &Key,
        address: &str,
        max_failures: u32,
        max_codes: u32,
        now: SystemTime,
    ) -> Self {
        Self::new(key, "address", &network(address), max_failures, max_codes, now)
    }

    fn new(
        key: &Key,
        kind: &str,
        subject: &str,
        max_failures: u32,
        max_codes: u32,
        now: SystemTime,
    ) -> Self {
        let (pseudonym, hour) = (key.pseudonym(kind, subject), Window::Hour.number(now));
        Self {
            key: format!("limit#{kind}#{pseudonym}#{hour}"),
            max_failures,
            max_codes,
            ends: Window::Hour.end(now),
        }
    }

    /// Whether another password may be tried. Codes that are used up do not count: what a wrong
    /// password is told must not depend on whether there is such a user.
    #[must_use]
    pub const fn may_try(&self, tally: Tally) -> bool {
        tally.failures < self.max_failures
    }

    /// Whether another code may be asked for. A store decides the same within its conditional
    /// write.
    #[must_use]
    pub const fn has_room(&self, tally: Tally) -> bool {
        tally.failures < self.max_failures && tally.codes < self.max_codes
    }
}

/// One subscriber has a whole network of IPv6 addresses, of which the first 64 bits are the same.
fn network(address: &str) -> String {
    match address.parse().map(|address: IpAddr| address.to_canonical()) {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
        Ok(address) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

/// How many texts may be sent today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextLimits {
    /// To one number.
    pub per_phone: u32,
    /// In all.
    pub per_day: u32,
    /// To one country.
    pub per_country: u32,
    /// To one country without enough of them being entered: each text counts one up, each code
    /// that is entered counts some down.
    pub unconverted: u32,
}

/// The counters of one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextQuota {
    /// Key of the number's counter.
    pub phone_key: String,
    /// Key of the counter of all.
    pub day_key: String,
    /// Key of the country's counter.
    pub country_key: String,
    /// What they may say at most.
    pub limits: TextLimits,
    /// When they start anew.
    pub ends: SystemTime,
}

impl TextQuota {
    /// The counters of a text to a number.
    #[must_use]
    pub fn of(key: &Key, phone: &Phone, limits: TextLimits, now: SystemTime) -> Self {
        let (pseudonym, day) = (key.pseudonym("phone", phone.number()), Window::Day.number(now));
        Self {
            phone_key: format!("limit#phone#{pseudonym}#{day}"),
            day_key: format!("limit#day#all#{day}"),
            country_key: country_key(phone, now),
            limits,
            ends: Window::Day.end(now),
        }
    }
}

/// What a code that was entered takes off its country's counter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// Key of the country's counter.
    pub country_key: String,
    /// How much it takes off.
    pub weight: u32,
    /// When the counter starts anew.
    pub ends: SystemTime,
}

impl Conversion {
    /// A conversion that keeps a country open as long as at least so many of a hundred codes are
    /// entered: at 20, each one that is makes up for four that are not.
    #[must_use]
    pub fn of(phone: &Phone, min_percent: u32, now: SystemTime) -> Self {
        Self {
            country_key: country_key(phone, now),
            weight: 100_u32.div_ceil(min_percent.max(1)),
            ends: Window::Day.end(now),
        }
    }
}

fn country_key(phone: &Phone, now: SystemTime) -> String {
    format!("country#{}#{}", phone.country(), Window::Day.number(now))
}

/// Whole seconds until a time, at least one: what `Retry-After` says.
#[must_use]
pub fn seconds_until(time: SystemTime, now: SystemTime) -> u64 {
    let left = time.duration_since(now).unwrap_or_default();
    (left + Duration::from_millis(999)).as_secs().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds as at;
    use common::redact::Secret;
    use proptest::prelude::*;

    fn key() -> Key {
        Key::new(&Secret::new("k".repeat(32))).unwrap()
    }

    fn user_key(now: SystemTime) -> String {
        Quota::of_user(&key(), "ada", 1, 1, now).key
    }

    #[test]
    fn a_new_hour_has_a_new_counter() {
        assert_eq!(user_key(at(3_600)), user_key(at(7_199)));
        assert_ne!(user_key(at(7_199)), user_key(at(7_200)));
        assert_eq!(Window::Hour.end(at(7_199)), at(7_200));
        assert_eq!(Window::Day.end(at(86_400)), at(172_800));
    }

    #[test]
    fn counters_do_not_tell_whose_they_are() {
        let phone = "+15550100123".parse().unwrap();
        let limits = TextLimits { per_phone: 1, per_day: 1, per_country: 1, unconverted: 1 };
        let text = TextQuota::of(&key(), &phone, limits, at(0));
        let address = Quota::of_address(&key(), "203.0.113.7", 1, 1, at(0));
        let keys = [user_key(at(0)), address.key, text.phone_key, text.day_key, text.country_key];
        for key in keys {
            for secret in ["ada", "203.0", "5550100123"] {
                assert!(!key.contains(secret), "{key}");
            }
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let key = |address: &str| Quota::of_address(&key(), address, 1, 1, at(0)).key;
        assert_eq!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:2:9:9:9:9"));
        assert_ne!(key("2001:db8:1:2:3:4:5:6"), key("2001:db8:1:3:3:4:5:6"));
        assert_ne!(key("203.0.113.7"), key("203.0.113.8"));
        assert_eq!(key("::ffff:203.0.113.7"), key("203.0.113.7"));
        assert_eq!(key("2001:db8::1"), key("2001:db8:0:0:9::2"), "in every spelling");
    }

    #[test]
    fn room_is_below_each_limit() {
        let quota = Quota::of_user(&key(), "ada", 3, 2, at(0));
        let has_room = |failures, codes| quota.has_room(Tally { failures, codes });
        assert!(has_room(2, 1));
        assert!(!has_room(3, 0) && !has_room(0, 2));
        assert!(quota.may_try(Tally { failures: 2, codes: 2 }));
        assert!(!quota.may_try(Tally { failures: 3, codes: 0 }));
    }

    #[test]
    fn a_conversion_makes_up_for_those_that_are_missing() {
        let phone = "+15550100123".parse().unwrap();
        let weight = |percent| Conversion::of(&phone, percent, at(0)).weight;
        assert_eq!([weight(20), weight(100), weight(30), weight(1)], [5, 1, 4, 100]);
    }

    #[test]
    fn retry_after_is_never_too_early() {
        assert_eq!(seconds_until(at(10), at(3)), 7);
        assert_eq!(seconds_until(at(10) + Duration::from_millis(1), at(3)), 8);
        assert_eq!(seconds_until(at(3), at(10)), 1);
    }

    proptest! {
        #[test]
        fn a_window_contains_the_times_it_is_the_window_of(now in 0_u64..4_000_000_000) {
            for window in [Window::Hour, Window::Day] {
                let end = window.end(at(now));
                prop_assert!(end > at(now));
                prop_assert_eq!(window.number(end), window.number(at(now)) + 1);
            }
        }

        #[test]
        fn any_address_makes_a_key(address in "\\PC{0,40}") {
            let quota = Quota::of_address(&key(), &address, 1, 1, at(0));
            prop_assert!(quota.key.is_ascii());
        }
    }
}
