//! The queue port, with the semantics of SQS: at least once, in any order.

mod memory;

use std::time::Duration;

use async_trait::async_trait;

pub use memory::MemoryQueue;

use crate::graph::GraphError;
use crate::jobs::escape_for_sqs;

/// The longest that a message is put off, below SQS's 12 hours: those count from its receipt.
pub const MAX_POSTPONE: Duration = Duration::from_secs(11 * 3_600);

/// A queue.
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
    /// The text.
    pub body: String,
    /// Named strings beside it.
    pub attributes: Vec<(&'static str, String)>,
}

impl OutgoingMessage {
    /// A message without attributes.
    pub fn new(body: String) -> Self {
        Self { body, attributes: Vec::new() }
    }

    /// A message for a dead-letter queue: the body, which is JSON, as it came, and why it is there.
    pub fn dead_letter(body: &str, reason: &GraphError) -> Self {
        let mut attributes =
            vec![("outcome", reason.outcome.name().to_owned()), ("remedy", reason.remedy().to_owned())];
        attributes.extend(reason.request_id.as_ref().map(|id| ("request-id", id.clone())));
        Self { body: escape_for_sqs(body.to_owned()), attributes }
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
    /// It does not answer. Try again.
    #[error("the queue does not answer")]
    Unavailable,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn a_dead_letter_says_why_and_has_no_character_that_sqs_refuses() {
        let mut reason = GraphError::new(Outcome::NotOrganizer);
        reason.request_id = Some("id-1".into());
        let letter = OutgoingMessage::dead_letter("{\"x\":\"\u{FFFE}\"}", &reason);
        assert_eq!(letter.body, r#"{"x":"\ufffe"}"#);
        let names: Vec<&str> = letter.attributes.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["outcome", "remedy", "request-id"]);
        assert_eq!(letter.attributes[0].1, "not_organizer");
    }
}
