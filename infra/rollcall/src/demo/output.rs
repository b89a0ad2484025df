//! The functions' own log lines, as a person reads them.

use std::fmt;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use shared::ports::clock::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::clock::SkippingClock;
use crate::terminal::print_stdout;

/// How the demo tells what it does.
pub(super) enum DemoOutput {
    /// Step by step.
    Telling,
    /// There is too much to tell: a bar shows how far it is.
    Counting,
}

impl DemoOutput {
    /// Tells each log line as `time, function, what it did`.
    pub(super) fn telling(clock: &Arc<SkippingClock>) -> Self {
        let format = DemoLogFormat { clock: Arc::clone(clock), began: clock.now() };
        tracing_subscriber::fmt().log_internal_errors(false).event_format(format).init();
        Self::Telling
    }

    /// The title of what comes next.
    pub(super) fn heading(&self, title: &str) {
        if let Self::Telling = self {
            print_stdout(&format!("\n{title}"));
        }
    }

    /// A step that is no function's.
    pub(super) fn line(&self, what: &str) {
        if let Self::Telling = self {
            print_stdout(&format!("                 {what}"));
        }
    }

    /// The bar that shows how many of `reports` are archived; hidden where each step is told.
    pub(super) fn bar(&self, reports: usize) -> ProgressBar {
        let style = ProgressStyle::with_template("{bar:40} {pos}/{len} reports archived, {elapsed}");
        let bar = match self {
            Self::Telling => ProgressBar::hidden(),
            Self::Counting => ProgressBar::new(reports as u64),
        };
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

struct DemoLogFormat {
    clock: Arc<SkippingClock>,
    began: Timestamp,
}

impl<S, N> FormatEvent<S, N> for DemoLogFormat
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
        writeln!(writer, "{seconds:>5} s  {function:<13} {}", message.0)
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
