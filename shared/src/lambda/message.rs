//! A message that was received from SQS: how often, since when; and putting it off.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use jiff::Timestamp;
use tracing::warn;

use super::disposition::Disposition;
use crate::ports::queue::Queue;

/// How often this message was received, this time included; 1 where SQS does not say.
pub fn receive_count(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

/// When this message was sent to its queue (UTC); a redrive counts as sent again. `None` where SQS does not
/// say.
pub fn sent_at(message: &SqsMessage) -> Option<Timestamp> {
    let milliseconds = message.attributes.get("SentTimestamp")?.parse().ok()?;
    Timestamp::from_millisecond(milliseconds).ok()
}

/// The attribute of a message that was sent anew: when the one before it was first received.
pub(super) const FIRST_RECEIVED: &str = "first-received";

/// A time in an attribute of the message, which one of ours has written.
pub(super) fn time_in(message: &SqsMessage, attribute: &str) -> Option<Timestamp> {
    message.message_attributes.get(attribute)?.string_value.as_ref()?.parse().ok()
}

/// When this message was first received (UTC), or the one in whose place it was sent; when it was sent where SQS does not
/// say, and `None` where it says neither.
pub fn first_received_at(message: &SqsMessage) -> Option<Timestamp> {
    if let Some(first) = time_in(message, FIRST_RECEIVED) {
        return Some(first);
    }
    let milliseconds = message.attributes.get("ApproximateFirstReceiveTimestamp");
    let first = milliseconds.and_then(|milliseconds| milliseconds.parse().ok());
    first.and_then(|first| Timestamp::from_millisecond(first).ok()).or_else(|| sent_at(message))
}

/// Hides a message of `queue` for `wait`, and then has it delivered again. If hiding fails, it is delivered
/// again after the queue's visibility timeout.
pub async fn retry_after(queue: &dyn Queue, message: &SqsMessage, wait: Duration) -> Disposition {
    let receipt_handle = message.receipt_handle.as_deref().unwrap_or_default();
    if let Err(failed) = queue.postpone(receipt_handle, wait).await {
        warn!("the message could not be put off, and comes again after the visibility timeout: {failed}");
    }
    Disposition::Retry
}
