//! The functions under every fault that we can name, in virtual time.
//!
//! The shipped handlers run against a simulated Graph, queues with what SQS does and does not promise, and
//! a bucket with S3's conditional writes. There is no wall clock and no thread: one task is polled at a time,
//! in an order that a seed gives, and so the same seed is the same history, byte for byte.
//!
//! ```text
//! event ─▶ Graph ─▶ webhook ─▶ queue ─▶ fetch ─▶ queue ─▶ archive ─▶ bucket
//!                 each effect: done, failed, done without an answer, killed before, killed after
//! ```
//!
//! [`deliver_report`] is one report with faults where they are wanted; [`month`] thirty days of a tenant with faults by
//! chance. `oracle.rs` knows what was promised, and notes what was broken.

mod audits;
mod bucket;
mod exhaustive;
mod functions;
mod graph;
pub mod logs;
mod oracle;
mod queues;
mod random;
mod scheduler;
mod tenant;
mod world;

pub use exhaustive::{Delivery, deliver_report, deliver_throttled, placements};
pub use graph::RetryAfter;
pub use random::{Month, month};
pub use scheduler::Fault;
