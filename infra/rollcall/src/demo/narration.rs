//! The functions' own log lines, told as a story.
#![expect(clippy::print_stdout, reason = "a command prints what it does")]

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use shared::clock::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::clock::SkippingClock;

/// Starts telling: each log line becomes `time, function, what it did`.
pub(super) fn start(clock: Arc<SkippingClock>) {
    let began = clock.now();
    // A second demo in the same process (a test) keeps the first one's story.
    drop(tracing_subscriber::fmt().event_format(Story { clock, began }).try_init());
}

/// The title of what comes next.
pub(super) fn heading(title: &str) {
    println!("\n{title}");
}

/// A step that is no function's.
pub(super) fn tell(what: &str) {
    println!("            {what}");
}

struct Story {
    clock: Arc<SkippingClock>,
    began: Timestamp,
}

impl<S, N> FormatEvent<S, N> for Story
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut message = Message(String::new());
        event.record(&mut message);
        let seconds = self.clock.now().duration_since(self.began).as_secs();
        let function = event.metadata().target().split("::").next().unwrap_or_default();
        writeln!(writer, "{seconds:>5} s  {function:<8} {}", message.0)
    }
}

/// The message of an event, without its fields.
struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}
