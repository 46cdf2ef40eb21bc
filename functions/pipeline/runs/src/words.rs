//! Words for people.

use std::time::{Duration, SystemTime};

use common::clock::rfc3339;
use common::journal::Kind;
use serde_json::Value;

use crate::view::StepView;

/// A length of time, to two units: `812 ms`, `1.2 s`, `3 min 4 s`, `2 h 3 min`, `4 d 5 h`.
#[must_use]
pub(crate) fn duration(duration: Duration) -> String {
    let (seconds, millis) = (duration.as_secs(), duration.subsec_millis());
    match seconds {
        0 => format!("{millis} ms"),
        1..60 => format!("{seconds}.{} s", millis / 100),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// A time of day, to the second: `2026-03-01 12:00:00 UTC`.
#[must_use]
pub(crate) fn time(time: SystemTime) -> String {
    let text = rfc3339(time);
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.replace('T', " "))
}

/// Who does a step.
#[must_use]
pub(crate) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Function => "function",
        Kind::Webhook => "webhook",
        Kind::Person => "person",
    }
}

/// What a step is: `function, required`. Nothing if the pipeline does not say.
#[must_use]
pub(crate) fn rule(step: &StepView) -> Option<String> {
    let rule = step.rule.as_ref()?;
    let need = if rule.required { "required" } else { "optional" };
    Some(format!("{}, {need}", kind(rule.kind)))
}

/// Where a step stands: `done`, or `done after 3 attempts`.
#[must_use]
pub(crate) fn place(step: &StepView) -> String {
    match step.attempts {
        0 | 1 => step.place.to_owned(),
        attempts if step.place == "active" => format!("active, attempt {attempts}"),
        attempts => format!("{} after {attempts} attempts", step.place),
    }
}

/// A value: texts as they are, everything else as JSON.
#[must_use]
pub(crate) fn value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::clock::from_epoch_seconds;
    use serde_json::json;

    #[test]
    fn lengths_of_time_are_told_to_two_units() {
        let told = |millis| duration(Duration::from_millis(millis));
        assert_eq!([0, 999, 1_250].map(told), ["0 ms", "999 ms", "1.2 s"]);
        assert_eq!([59_999, 60_000].map(told), ["59.9 s", "1 min 0 s"]);
        assert_eq!([3_599_000, 7_380_000].map(told), ["59 min 59 s", "2 h 3 min"]);
        assert_eq!(told(4 * 86_400_000 + 5 * 3_600_000), "4 d 5 h");
    }

    #[test]
    fn times_are_told_in_utc() {
        assert_eq!(time(from_epoch_seconds(1_772_366_400)), "2026-03-01 12:00:00 UTC");
    }

    #[test]
    fn texts_are_shown_as_they_are_and_the_rest_as_json() {
        assert_eq!(value(&json!("a \"b\"")), "a \"b\"");
        assert_eq!(value(&json!({ "a": [1, null] })), r#"{"a":[1,null]}"#);
    }
}
