//! A queue in memory, with the semantics of SQS that the functions rely on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage, SqsMessageAttribute};
use jiff::{SignedDuration, Timestamp};
use shared::lambda::function::{DEAD_LETTER_RETENTION, Function, RETENTION};
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};
use tokio::sync::Notify;

/// A queue in memory, and the event source mapping that feeds a function from it. A message that is received
/// stays hidden for the visibility timeout, comes again unless it is acknowledged, moves to the dead-letter
/// queue when it was received too often, and is lost when it is older than the retention.
pub struct MemoryQueue {
    clock: Arc<dyn Clock>,
    /// It stands in the ids of messages: those of another process are others.
    begun: Timestamp,
    visibility_timeout: SignedDuration,
    retention: SignedDuration,
    redrive: Option<Redrive>,
    state: Mutex<State>,
    sent: Notify,
}

struct Redrive {
    dead_letters: Arc<MemoryQueue>,
    max_receive_count: u32,
}

#[derive(Default)]
struct State {
    sent: u64,
    messages: Vec<Message>,
    expired: usize,
}

struct Message {
    id: String,
    sent: OutgoingMessage,
    sent_at: Timestamp,
    first_received_at: Option<Timestamp>,
    visible_at: Timestamp,
    receive_count: u32,
}

/// What SQS leaves open: which of the visible messages are delivered, and whether one is delivered twice.
pub trait Delivery {
    /// Which of `visible` messages is received next: an index below `visible`, 0 being the oldest.
    fn pick(&self, visible: usize) -> usize;

    /// Whether the message that was picked stays visible, so that it is delivered twice.
    fn is_duplicated(&self) -> bool;
}

/// A delivery of the oldest message first, and of each once.
#[derive(Debug, Clone, Copy, Default)]
pub struct OldestFirst;

impl Delivery for OldestFirst {
    fn pick(&self, _: usize) -> usize {
        0
    }

    fn is_duplicated(&self) -> bool {
        false
    }
}

impl MemoryQueue {
    /// The empty queue that `function` consumes, with its settings in the stack. What is received too often
    /// goes to `dead_letters`.
    pub fn of(function: Function, clock: Arc<dyn Clock>, dead_letters: Arc<Self>) -> Self {
        let redrive = Redrive { dead_letters, max_receive_count: function.max_receive_count() };
        Self {
            begun: clock.now(),
            clock,
            visibility_timeout: function.visibility_timeout(),
            retention: RETENTION,
            redrive: Some(redrive),
            state: Mutex::default(),
            sent: Notify::new(),
        }
    }

    /// An empty dead-letter queue, which itself has none.
    pub fn dead_letters(clock: Arc<dyn Clock>) -> Self {
        let (visibility_timeout, retention) = (SignedDuration::from_secs(30), DEAD_LETTER_RETENTION);
        Self {
            begun: clock.now(),
            clock,
            visibility_timeout,
            retention,
            redrive: None,
            state: Mutex::default(),
            sent: Notify::new(),
        }
    }

    /// Receives up to `most` visible messages, oldest first, as the event that a function is
    /// invoked with. `None` if none is visible.
    pub fn receive(&self, most: usize) -> Option<SqsEvent> {
        self.receive_by(most, &OldestFirst)
    }

    /// Receives up to `most` visible messages, which `delivery` chooses. `None` if none is visible.
    pub fn receive_by(&self, most: usize, delivery: &dyn Delivery) -> Option<SqsEvent> {
        let now = self.clock.now();
        let mut state = self.state();
        self.expire(&mut state, now);
        self.move_dead_letters(&mut state, now);
        let mut visible: Vec<&mut Message> =
            state.messages.iter_mut().filter(|message| message.visible_at <= now).collect();
        let mut event = SqsEvent::default();
        while event.records.len() < most && !visible.is_empty() {
            let message = visible.remove(delivery.pick(visible.len()));
            message.receive_count += 1;
            message.first_received_at.get_or_insert(now);
            if !delivery.is_duplicated() {
                message.visible_at = later(now, self.visibility_timeout);
            }
            event.records.push(message.received());
        }
        Some(event).filter(|event| !event.records.is_empty())
    }

    /// Deletes the messages of `event` that the function did not report as failed.
    pub fn delete_acknowledged(&self, event: &SqsEvent, response: &SqsBatchResponse) {
        let is_failed = |id: &str| response.batch_item_failures.iter().any(|item| item.item_identifier == id);
        let is_acknowledged = |id: &str| {
            let is_received = |record: &SqsMessage| record.message_id.as_deref() == Some(id);
            event.records.iter().any(is_received) && !is_failed(id)
        };
        self.state().messages.retain(|message| !is_acknowledged(&message.id));
    }

    /// When the next message becomes visible; `None` if the queue is empty.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        self.state().messages.iter().map(|message| message.visible_at).min()
    }

    /// All messages that are in the queue, visible or not.
    pub fn messages(&self) -> Vec<OutgoingMessage> {
        self.state().messages.iter().map(|message| message.sent.clone()).collect()
    }

    /// How many messages were lost because they were older than the retention.
    pub fn expired(&self) -> usize {
        self.state().expired
    }

    /// Adds messages at the end of the queue, visible at once.
    pub fn add(&self, messages: Vec<OutgoingMessage>) {
        let now = self.clock.now();
        let mut state = self.state();
        for sent in messages {
            state.sent += 1;
            let id = format!("message-{}-{}", self.begun.as_microsecond(), state.sent);
            state.messages.push(Message {
                id,
                sent,
                sent_at: now,
                first_received_at: None,
                visible_at: now,
                receive_count: 0,
            });
        }
        self.sent.notify_one();
    }

    /// Returns when messages have been sent since it last did.
    pub async fn sent(&self) {
        self.sent.notified().await;
    }

    /// Makes a received message visible again after `wait`.
    ///
    /// # Errors
    /// The handle is of an earlier receipt, or the message is gone.
    pub fn change_visibility(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError> {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let visible_at = later(self.clock.now(), wait);
        let mut state = self.state();
        let received = state.messages.iter_mut().find(|message| message.receipt_handle() == receipt_handle);
        let message =
            received.ok_or_else(|| QueueError::Refused { code: "ReceiptHandleIsInvalid".into() })?;
        message.visible_at = visible_at;
        Ok(())
    }

    fn expire(&self, state: &mut State, now: Timestamp) {
        let before = state.messages.len();
        state.messages.retain(|message| now.duration_since(message.sent_at) < self.retention);
        state.expired += before - state.messages.len();
    }

    fn move_dead_letters(&self, state: &mut State, now: Timestamp) {
        let Some(redrive) = &self.redrive else { return };
        let is_spent = |message: &mut Message| {
            message.visible_at <= now && message.receive_count >= redrive.max_receive_count
        };
        let dead = state.messages.extract_if(.., is_spent).map(|message| message.sent);
        redrive.dead_letters.add(dead.collect());
    }

    fn state(&self) -> MutexGuard<'_, State> {
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
        self.change_visibility(receipt_handle, wait)
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
        record.attributes = HashMap::from([
            ("ApproximateReceiveCount".to_owned(), self.receive_count.to_string()),
            ("SentTimestamp".to_owned(), self.sent_at.as_millisecond().to_string()),
        ]);
        record.attributes.extend(
            self.first_received_at
                .map(|at| ("ApproximateFirstReceiveTimestamp".to_owned(), at.as_millisecond().to_string())),
        );
        for (name, value) in &self.sent.attributes {
            let mut attribute = SqsMessageAttribute::default();
            attribute.string_value = Some(value.clone());
            attribute.data_type = Some("String".to_owned());
            record.message_attributes.insert((*name).to_owned(), attribute);
        }
        record
    }
}

fn later(now: Timestamp, wait: SignedDuration) -> Timestamp {
    now.checked_add(wait).unwrap_or(Timestamp::MAX)
}
