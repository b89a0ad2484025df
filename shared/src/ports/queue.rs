//! The queue port, with the semantics of SQS: at least once, in any order.

mod message_text;

use std::time::Duration;

use async_trait::async_trait;

pub(crate) use message_text::escape_for_sqs;
pub use message_text::{MAX_INLINE_BYTES, fits_message};

/// The longest that a message is put off, below SQS's 12 hours: those count from its receipt.
pub const MAX_POSTPONE: Duration = Duration::from_secs(11 * 3_600);

/// Messages for one consumer, at least once each and in any order.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Sends messages, any number of them. Success: every one is durable.
    ///
    /// # Errors
    /// At least one may not be in the queue. Send all of them again.
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError>;

    /// Makes a received message visible again after `wait`, at most [`MAX_POSTPONE`]. It must then
    /// be reported as failed, or it would be deleted.
    ///
    /// # Errors
    /// The message comes again after the queue's own visibility timeout.
    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError>;
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMessage {
    /// The text, within what [`escape_for_sqs`] and SQS's 1 MiB allow.
    pub body: String,
    /// Message attributes: names, and values of data type `String`.
    pub attributes: Vec<(&'static str, String)>,
}

impl OutgoingMessage {
    /// A message without attributes.
    pub fn new(body: String) -> Self {
        Self { body, attributes: Vec::new() }
    }
}

/// A queue that did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// It refuses: rights, address, or the message itself. A person must act.
    #[error("the queue refuses ({code}): check its URL and the function's permissions")]
    Refused {
        /// The service's error code.
        code: String,
    },
    /// It does not answer, or is busy. Try again.
    #[error("the queue does not answer ({code})")]
    Unavailable {
        /// The service's error code, or why there was no answer.
        code: String,
    },
}
