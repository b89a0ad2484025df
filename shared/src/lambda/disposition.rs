//! What becomes of a message: acknowledged, or delivered again.

/// What becomes of a message after its step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Disposition {
    /// Its effect is durable: it is acknowledged, and SQS deletes it.
    Ack,
    /// It stays in its queue and is delivered again.
    Retry,
}
