//! What the demo prints: each step, or a bar.
//!
//! The steps are the functions' own log lines, in a format for people.

use std::fmt;
use std::sync::Arc;

use indicatif::ProgressBar;
use jiff::Timestamp;
use shared::ports::clock::Clock;
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

use super::clock::SkippingClock;
use crate::terminal::{self, print_stdout};

/// What the demo prints while it runs.
pub(super) enum DemoOutput {
    /// A heading for each scenario, and a line for each step.
    Steps,
    /// A bar that shows how far it is: there are too many steps to print.
    Bar,
}

impl DemoOutput {
    /// Prints each log line from now on as `time, function, what it did`.
    pub(super) fn steps(clock: &Arc<SkippingClock>) -> Self {
        let format = DemoLogFormat { clock: Arc::clone(clock), began: clock.now() };
        tracing_subscriber::fmt().log_internal_errors(false).event_format(format).init();
        Self::Steps
    }

    /// Prints the title of the scenario that comes next; nothing where only the bar is shown.
    pub(super) fn heading(&self, title: &str) {
        if let Self::Steps = self {
            print_stdout(&format!("\n{title}"));
        }
    }

    /// Prints an extra line, for a step that is no function's; nothing where only the bar is shown.
    pub(super) fn line(&self, what: &str) {
        if let Self::Steps = self {
            print_stdout(&format!("                 {what}"));
        }
    }

    /// The bar that shows how many of `reports` are archived; hidden where each step is printed.
    pub(super) fn bar(&self, reports: usize) -> ProgressBar {
        let bar = match self {
            Self::Steps => ProgressBar::hidden(),
            Self::Bar => terminal::bar("{bar:40} {pos}/{len} reports archived, {elapsed}"),
        };
        bar.set_length(reports as u64);
        bar
    }
}

/// The format of a log line: seconds since the demo began, the function, the message.
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
