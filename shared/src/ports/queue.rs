//! The queue port, with the semantics of SQS: at-least-once delivery, in any order.

mod message_text;

use std::time::Duration;

use async_trait::async_trait;

pub(crate) use message_text::escape_for_sqs;
pub use message_text::{MAX_INLINE_BYTES, fits_message};

/// The longest wait of [`Queue::postpone`]: 11 hours, below SQS's 12, which count from the message's receipt.
pub const MAX_POSTPONE: Duration = Duration::from_secs(11 * 3_600);

/// A queue of messages for one consumer, each delivered at least once and in any order.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends messages, any number of them. After success every one is durable.
    ///
    /// # Errors
    /// At least one message may not be in the queue. Send all of them again.
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError>;

    /// Makes a received message visible again after `wait`, at most [`MAX_POSTPONE`]. It must then
    /// be reported as failed, or it would be deleted.
    ///
    /// # Errors
    /// The message comes again after the queue's own visibility timeout.
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError>;
}

/// A message that is to be sent to a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The text: only characters that SQS takes (the rest is escaped), and at most 1 MiB with the attributes.
    pub body: String,
    /// The message attributes: names, and values of data type `String`.
    pub attributes: Vec<(&'static str, String)>,
}

impl OutgoingMessage {
    /// A message with this body and no attributes.
    pub fn new(body: String) -> Self {
        Self { body, attributes: Vec::new() }
    }
}

/// A call to a queue that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// The queue refuses: permissions, its URL, or the message itself. A person must act.
    #[error("the queue refuses ({code}): check its URL and the function's permissions")]
    Refused {
        /// The error code of the service.
        code: String,
    },
    /// The queue does not answer, or throttles. Try again.
    #[error("the queue does not answer ({code})")]
    Unavailable {
        /// The error code of the service, or why there was no response.
        code: String,
    },
}
