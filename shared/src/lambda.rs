//! What the functions do around their own steps: batches, artifacts, dead letters, metrics, log lines.

pub mod artifacts;
pub mod batch;
pub mod cache;
pub mod dead_letters;
pub mod deadline;
mod disposition;
mod event_requests;
pub mod failed_step;
pub mod function;
pub mod message;
mod message_span;
pub mod metrics;
pub mod telemetry;
pub mod watch_filter;

pub use disposition::Disposition;
