//! Log lines: one JSON object a line, on standard output.
//!
//! A line can be understood alone, has its ids as fields, and holds no name, address, token or body.

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt;

use crate::env::Env;
use crate::lambda::metrics;

/// Starts the log lines and the metrics of a function, once a process. `AWS_LAMBDA_LOG_LEVEL` sets the level
/// (default `INFO`; never more than `DEBUG`: below it the runtime writes whole events).
pub fn start(env: &impl Env) {
    metrics::start(env);
    let level = env.get("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
    json_lines(level.unwrap_or(LevelFilter::INFO).min(LevelFilter::DEBUG), std::io::stdout).init();
}

/// Log lines of at least `level` as JSON, each with the spans that it is in.
pub(crate) fn json_lines<W>(level: LevelFilter, writer: W) -> impl SubscriberInitExt
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_max_level(level)
        .with_writer(writer)
        .finish()
}
