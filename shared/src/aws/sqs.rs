//! The queue port on SQS.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageAttributeValue, SendMessageBatchRequestEntry};
use futures_util::{TryStreamExt, stream};

use super::AwsFailure;
use crate::ports::queue::{MAX_POSTPONE, OutgoingMessage, Queue, QueueError};

/// The most messages of one batch.
const MAX_BATCH: usize = 10;
/// The most bytes of one batch, attributes included, with some room below SQS's 1 MiB.
const MAX_BATCH_BYTES: usize = 1_000_000;

/// How many batches are sent at once: the webhook has a second or two for a thousand messages.
const SENDS_AT_ONCE: usize = 8;

/// One SQS queue, by its URL.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`, with the credentials of `config`.
    pub fn new(config: &SdkConfig, url: String) -> Self {
        Self { client: Client::new(config), url }
    }

    /// Receives up to ten messages, which stay hidden from other receivers for `hidden`. Empty: there was
    /// none within a second.
    ///
    /// # Errors
    /// The queue does not answer, or refuses.
    pub async fn receive(&self, hidden: Duration) -> Result<Vec<ReceivedMessage>, QueueError> {
        let request = self.client.receive_message().queue_url(&self.url).max_number_of_messages(10);
        let request = request.message_attribute_names("All").wait_time_seconds(1);
        let request = request.visibility_timeout(i32::try_from(hidden.as_secs()).unwrap_or(i32::MAX));
        let answer = Box::pin(request.send()).await.map_err(|error| queue_error(AwsFailure::of(&error)))?;
        Ok(answer.messages.unwrap_or_default().into_iter().map(ReceivedMessage::of).collect())
    }

    /// Deletes a received message, by its [`ReceivedMessage::receipt_handle`].
    ///
    /// # Errors
    /// The message may still be in the queue, and is then delivered again.
    pub async fn delete(&self, receipt_handle: &str) -> Result<(), QueueError> {
        let request = self.client.delete_message().queue_url(&self.url).receipt_handle(receipt_handle);
        Box::pin(request.send()).await.map_err(|error| queue_error(AwsFailure::of(&error)))?;
        Ok(())
    }

    /// About how many messages are in the queue, visible or not: SQS counts approximately.
    ///
    /// # Errors
    /// The queue does not answer or does not exist, or the permissions do not cover the call.
    pub async fn count(&self) -> Result<u64, QueueError> {
        use aws_sdk_sqs::types::QueueAttributeName::{
            ApproximateNumberOfMessages, ApproximateNumberOfMessagesNotVisible,
        };
        let request = self.client.get_queue_attributes().queue_url(&self.url);
        let request = request.attribute_names(ApproximateNumberOfMessages);
        let request = request.attribute_names(ApproximateNumberOfMessagesNotVisible);
        let answer = Box::pin(request.send()).await.map_err(|error| queue_error(AwsFailure::of(&error)))?;
        let counts = answer.attributes.unwrap_or_default();
        Ok(counts.values().filter_map(|count| count.parse::<u64>().ok()).sum())
    }

    async fn send_batch(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        let entries = messages.into_iter().enumerate().map(|(index, message)| entry(index, message));
        let request = self.client.send_message_batch().queue_url(&self.url);
        let request = request.set_entries(Some(entries.collect::<Result<_, _>>()?));
        let answer = Box::pin(request.send()).await.map_err(|error| queue_error(AwsFailure::of(&error)))?;
        match answer.failed.first() {
            None => Ok(()),
            Some(failed) if failed.sender_fault => Err(QueueError::Refused { code: failed.code.clone() }),
            Some(failed) => Err(QueueError::Unavailable { code: failed.code.clone() }),
        }
    }
}

/// A message that was received from a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedMessage {
    /// The message's text; empty where SQS gave none.
    pub body: String,
    /// The message attributes that are strings, by name.
    pub attributes: BTreeMap<String, String>,
    /// The handle of this receipt, with which the message is deleted.
    pub receipt_handle: String,
}

impl ReceivedMessage {
    fn of(message: Message) -> Self {
        let attributes = message.message_attributes.unwrap_or_default().into_iter();
        Self {
            body: message.body.unwrap_or_default(),
            attributes: attributes.filter_map(|(name, value)| Some((name, value.string_value?))).collect(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
        }
    }
}

#[async_trait]
impl Queue for SqsQueue {
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        let batches = stream::iter(batches(messages).into_iter().map(Ok));
        batches.try_for_each_concurrent(SENDS_AT_ONCE, |batch| self.send_batch(batch)).await
    }

    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError> {
        // Rounded up: a message that becomes visible a moment early would call Graph too early.
        let seconds = wait.min(MAX_POSTPONE).as_secs_f64().ceil();
        let seconds = seconds as i32;
        let request = self.client.change_message_visibility().queue_url(&self.url);
        let request = request.receipt_handle(receipt_handle).visibility_timeout(seconds);
        Box::pin(request.send()).await.map_err(|error| queue_error(AwsFailure::of(&error)))?;
        Ok(())
    }
}

/// Splits messages into batches within SQS's limits.
fn batches(messages: Vec<OutgoingMessage>) -> Vec<Vec<OutgoingMessage>> {
    let mut batches: Vec<Vec<OutgoingMessage>> = Vec::new();
    let mut bytes = 0;
    for message in messages {
        let size = size_bytes(&message);
        match batches.last_mut() {
            Some(batch) if batch.len() < MAX_BATCH && bytes + size <= MAX_BATCH_BYTES => {
                bytes += size;
                batch.push(message);
            }
            _ => {
                bytes = size;
                batches.push(vec![message]);
            }
        }
    }
    batches
}

/// What counts towards SQS's limit: the body, and each attribute's name, type and value.
fn size_bytes(message: &OutgoingMessage) -> usize {
    let attributes = message.attributes.iter().map(|(name, value)| name.len() + "String".len() + value.len());
    message.body.len() + attributes.sum::<usize>()
}

fn entry(index: usize, message: OutgoingMessage) -> Result<SendMessageBatchRequestEntry, QueueError> {
    let refused = |_| QueueError::Refused { code: "the message is incomplete".to_owned() };
    let mut entry = SendMessageBatchRequestEntry::builder().id(index.to_string()).message_body(message.body);
    for (name, value) in message.attributes {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        entry = entry.message_attributes(name, value.build().map_err(refused)?);
    }
    entry.build().map_err(refused)
}

fn queue_error(failure: AwsFailure) -> QueueError {
    let code = failure.code;
    if failure.is_retryable { QueueError::Unavailable { code } } else { QueueError::Refused { code } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_at_most_ten_messages_and_one_mebibyte() {
        let message = |size: usize| OutgoingMessage::new("x".repeat(size));
        let sizes = |messages| batches(messages).iter().map(Vec::len).collect::<Vec<_>>();
        assert_eq!(sizes(vec![message(1); 25]), [10, 10, 5]);
        assert_eq!(sizes(vec![message(400_000); 5]), [2, 2, 1]);
        assert_eq!(sizes(vec![]), [0; 0]);
    }
}
