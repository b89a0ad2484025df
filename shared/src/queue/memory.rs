//! A queue in memory, with the semantics of SQS that the functions rely on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage, SqsMessageAttribute};
use jiff::{SignedDuration, Timestamp};

use super::{OutgoingMessage, Queue, QueueError};
use crate::clock::Clock;

/// A queue in memory, and the event source mapping that feeds a function from it: a message that is
/// received stays hidden for the visibility timeout, comes again unless it is settled, and moves to
/// the dead-letter queue when it was received too often.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    visibility_timeout: Duration,
    redrive: Option<Redrive>,
    state: Mutex<State>,
}

struct Redrive {
    dead_letters: Arc<MemoryQueue>,
    max_receive_count: u32,
}

#[derive(Default)]
struct State {
    sent: u64,
    messages: Vec<Message>,
}

struct Message {
    id: String,
    sent: OutgoingMessage,
    visible_at: Timestamp,
    receive_count: u32,
}

impl MemoryQueue {
    /// An empty queue.
    pub fn new(clock: Arc<dyn Clock>, visibility_timeout: Duration) -> Self {
        Self { clock, visibility_timeout, redrive: None, state: Mutex::default() }
    }

    /// With a dead-letter queue for what was received `max_receive_count` times.
    #[must_use]
    pub fn with_dead_letters(mut self, dead_letters: Arc<Self>, max_receive_count: u32) -> Self {
        self.redrive = Some(Redrive { dead_letters, max_receive_count });
        self
    }

    /// Receives up to `most` visible messages, oldest first, as the event that a function is
    /// invoked with. `None` if none is visible.
    pub fn receive(&self, most: usize) -> Option<SqsEvent> {
        let now = self.clock.now();
        let mut state = self.state();
        self.move_dead_letters(&mut state, now);
        let visible = state.messages.iter_mut().filter(|message| message.visible_at <= now);
        let mut event = SqsEvent::default();
        for message in visible.take(most) {
            message.receive_count += 1;
            message.visible_at = later(now, self.visibility_timeout);
            event.records.push(message.received());
        }
        Some(event).filter(|event| !event.records.is_empty())
    }

    /// Deletes the messages of `event` that the function did not report as failed.
    pub fn settle(&self, event: &SqsEvent, answer: &SqsBatchResponse) {
        let failed = |id: &str| answer.batch_item_failures.iter().any(|item| item.item_identifier == id);
        let done = |id: &str| {
            let received = |record: &SqsMessage| record.message_id.as_deref() == Some(id);
            event.records.iter().any(received) && !failed(id)
        };
        self.state().messages.retain(|message| !done(&message.id));
    }

    /// When the next message becomes visible; `None` if the queue is empty.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        self.state().messages.iter().map(|message| message.visible_at).min()
    }

    /// All messages that are in the queue, visible or not.
    pub fn messages(&self) -> Vec<OutgoingMessage> {
        self.state().messages.iter().map(|message| message.sent.clone()).collect()
    }

    fn move_dead_letters(&self, state: &mut State, now: Timestamp) {
        let Some(redrive) = &self.redrive else { return };
        let spent = |message: &mut Message| {
            message.visible_at <= now && message.receive_count >= redrive.max_receive_count
        };
        let dead = state.messages.extract_if(.., spent).map(|message| message.sent);
        redrive.dead_letters.add(dead.collect());
    }

    fn add(&self, messages: Vec<OutgoingMessage>) {
        let now = self.clock.now();
        let mut state = self.state();
        for sent in messages {
            state.sent += 1;
            let id = format!("message-{}", state.sent);
            state.messages.push(Message { id, sent, visible_at: now, receive_count: 0 });
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queue for MemoryQueue {
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        self.add(messages);
        Ok(())
    }

    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError> {
        let visible_at = later(self.clock.now(), wait);
        let mut state = self.state();
        let current = state.messages.iter_mut().find(|message| message.receipt_handle() == receipt_handle);
        let message = current.ok_or_else(|| QueueError::Refused { code: "ReceiptHandleIsInvalid".into() })?;
        message.visible_at = visible_at;
        Ok(())
    }
}

impl Message {
    /// Each receipt has a handle of its own.
    fn receipt_handle(&self) -> String {
        format!("{}#{}", self.id, self.receive_count)
    }

    fn received(&self) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(self.id.clone());
        record.receipt_handle = Some(self.receipt_handle());
        record.body = Some(self.sent.body.clone());
        let count = ("ApproximateReceiveCount".to_owned(), self.receive_count.to_string());
        record.attributes = HashMap::from([count]);
        for (name, value) in &self.sent.attributes {
            let mut attribute = SqsMessageAttribute::default();
            attribute.string_value = Some(value.clone());
            attribute.data_type = Some("String".to_owned());
            record.message_attributes.insert((*name).to_owned(), attribute);
        }
        record
    }
}

fn later(now: Timestamp, wait: Duration) -> Timestamp {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
