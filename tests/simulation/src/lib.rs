//! The functions under every fault that we can name, in virtual time.
//!
//! The shipped handlers run against a simulated Graph, queues with what SQS does and does not guarantee, and
//! a bucket with S3's conditional writes. There is no wall clock and no thread: one task is polled at a time,
//! in an order that a seed determines, so the same seed gives the same history, byte for byte.
//!
//! ```text
//! event ─▶ Graph ─▶ webhook ─▶ queue ─▶ fetch ─▶ queue ─▶ archive ─▶ bucket
//!                 each effect: done, failed, done without an answer, killed before, killed after
//! ```
//!
//! [`deliver_report`] delivers one report, with faults at chosen effects; [`month`] simulates thirty days of a
//! tenant, with random faults. `oracle.rs` checks the invariants and records each violation.

mod audits;
mod bucket;
mod exhaustive;
mod functions;
mod graph;
mod growth;
pub mod logs;
mod oracle;
mod queues;
mod random;
mod scheduler;
mod tenant;
mod world;

pub use exhaustive::{Delivery, deliver_report, deliver_throttled, placements};
pub use graph::RetryAfter;
pub use growth::{Growth, STEPS, growth, growth_table, tenant_table};
pub use random::{Month, month};
pub use scheduler::Fault;
