//! Log lines: one JSON object a line, on standard output.
//!
//! A line can be understood alone, has its ids as fields, and holds no name, address, token or body.

use tracing::level_filters::LevelFilter;

use crate::env::Env;
use crate::lambda::metrics;

/// Starts the log lines and the metrics of a function, once a process. `AWS_LAMBDA_LOG_LEVEL` sets the level
/// (default `INFO`).
pub fn start(env: &impl Env) {
    metrics::start(env);
    let level = env.get("AWS_LAMBDA_LOG_LEVEL").and_then(|level| level.parse().ok());
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_max_level(level.unwrap_or(LevelFilter::INFO))
        .init();
}
