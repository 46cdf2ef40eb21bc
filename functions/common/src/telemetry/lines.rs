//! One JSON object per line, the fields of the event and of its spans side by side.
//!
//! The formatter of `tracing-subscriber` makes a map of the fields of a span and parses it again for
//! every event, which took a tenth of a warm invocation; here they are written once, as they will
//! stand in the line.

use std::fmt::{self, Debug};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

use crate::clock;

/// Formats events, and the fields of spans as members that follow others.
pub(super) struct JsonLines;

impl<'w> FormatFields<'w> for JsonLines {
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        let mut members = Fields { writer, result: Ok(()) };
        fields.record(&mut members);
        members.result
    }
}

impl<S, N> FormatEvent<S, N> for JsonLines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let time = humantime::format_rfc3339_millis(clock::now());
        write!(writer, "{{\"timestamp\":\"{time}\",\"level\":\"{}\"", event.metadata().level())?;
        let mut fields = Fields { writer: writer.by_ref(), result: Ok(()) };
        event.record(&mut fields);
        fields.result?;
        for span in context.event_scope().into_iter().flatten() {
            let extensions = span.extensions();
            if let Some(members) = extensions.get::<FormattedFields<N>>() {
                writer.write_str(&members.fields)?;
            }
        }
        writer.write_str("}\n")
    }
}

/// Writes the fields of an event as further members of an object.
struct Fields<'a> {
    writer: Writer<'a>,
    result: fmt::Result,
}

impl Fields<'_> {
    fn member(&mut self, field: &Field, value: impl fmt::Display) {
        if self.result.is_ok() {
            self.result = write!(self.writer, ",\"{}\":{value}", field.name());
        }
    }
}

impl Visit for Fields<'_> {
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.member(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.member(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.member(field, value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON has no infinities.
        if value.is_finite() {
            self.member(field, value);
        } else {
            self.member(field, "null");
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        // A string always serialises.
        self.member(field, serde_json::to_string(value).unwrap_or_default());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.record_str(field, &format!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt as _;

    #[derive(Clone, Default)]
    struct Output(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Output {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(log: impl FnOnce()) -> Vec<Value> {
        let output = Output::default();
        let writer = output.clone();
        let layer = tracing_subscriber::fmt::layer()
            .fmt_fields(JsonLines)
            .event_format(JsonLines)
            .with_writer(move || writer.clone());
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::with_default(subscriber, log);
        let bytes = output.0.lock().unwrap().clone();
        let text = String::from_utf8(bytes).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn a_line_has_the_fields_of_the_event_and_of_its_spans() {
        let mut lines = logged(|| {
            let outer = tracing::info_span!("outer", request_id = "a\"b", absent = None::<&str>);
            let _outer = outer.enter();
            let _inner = tracing::info_span!("inner").entered();
            tracing::warn!(status = 422, ratio = f64::NAN, cold = true, "it\n\u{1b}[31mhappened");
        });
        let line = lines.pop().unwrap();
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
        assert_eq!(
            line,
            json!({
                "timestamp": line["timestamp"], "level": "WARN", "message": "it\n\u{1b}[31mhappened",
                "status": 422, "ratio": null, "cold": true, "request_id": "a\"b"
            })
        );
    }

    #[test]
    fn every_event_is_one_line() {
        let lines = logged(|| {
            tracing::info!(text = "a\nb", "one");
            tracing::info!(error = ?"c\nd", "two");
        });
        assert_eq!(lines.len(), 2);
    }
}
