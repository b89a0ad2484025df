//! A queue with what SQS does and does not promise: at least once, in any order, hidden for a while,
//! dead after too many receipts, forgotten after its retention.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp};
use shared::queue::{OutgoingMessage, Queue, QueueError};

use crate::scheduler::Scheduler;
use crate::truth::Truth;

const RETENTION: SignedDuration = SignedDuration::from_hours(7 * 24);

/// An inbox, or a queue of dead letters.
pub(crate) struct SimQueue {
    name: &'static str,
    scheduler: Arc<Scheduler>,
    truth: Arc<Truth>,
    visibility: SignedDuration,
    /// One receipt in so many leaves the message visible: it is delivered twice.
    doubled_one_in: u32,
    redrive: Option<(Arc<Self>, u32)>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    sent: u64,
    messages: Vec<Message>,
    forgotten: usize,
}

struct Message {
    id: String,
    sent: OutgoingMessage,
    sent_at: Timestamp,
    visible_at: Timestamp,
    receives: u32,
}

impl SimQueue {
    /// A queue of dead letters.
    pub(crate) fn dead_letters(scheduler: &Arc<Scheduler>, truth: &Arc<Truth>) -> Arc<Self> {
        Arc::new(Self::new("dead letters", scheduler, truth, SignedDuration::ZERO, 0, None))
    }

    /// A function's inbox.
    pub(crate) fn inbox(
        name: &'static str,
        letters: &Arc<Self>,
        timeout: SignedDuration,
        doubled: u32,
    ) -> Arc<Self> {
        let most = if name == "fetch queue" { 1_000 } else { 100 };
        let redrive = Some((Arc::clone(letters), most));
        Arc::new(Self::new(name, &letters.scheduler, &letters.truth, timeout * 6, doubled, redrive))
    }

    fn new(
        name: &'static str,
        scheduler: &Arc<Scheduler>,
        truth: &Arc<Truth>,
        visibility: SignedDuration,
        doubled_one_in: u32,
        redrive: Option<(Arc<Self>, u32)>,
    ) -> Self {
        let (scheduler, truth) = (Arc::clone(scheduler), Arc::clone(truth));
        Self { name, scheduler, truth, visibility, doubled_one_in, redrive, state: Mutex::default() }
    }

    /// Receives up to `most` visible messages, any of them.
    pub(crate) fn receive(&self, most: usize) -> Option<SqsEvent> {
        let now = self.scheduler.now();
        let mut state = self.state();
        self.sort_out(&mut state, now);
        let mut visible: Vec<&mut Message> =
            state.messages.iter_mut().filter(|message| message.visible_at <= now).collect();
        let mut event = SqsEvent::default();
        while event.records.len() < most && !visible.is_empty() {
            let any = self.scheduler.below(visible.len() as u64) as usize;
            let message = visible.swap_remove(any);
            message.receives += 1;
            if self.scheduler.one_in(self.doubled_one_in) {
                self.scheduler.count_fault("a message is delivered twice");
            } else {
                message.visible_at = now + self.visibility;
            }
            event.records.push(message.received());
        }
        Some(event).filter(|event| !event.records.is_empty())
    }

    /// Deletes what succeeded, as the event source mapping does. That may fail, too.
    pub(crate) async fn settle(&self, event: &SqsEvent, answer: &SqsBatchResponse) {
        let failed = |id: &str| answer.batch_item_failures.iter().any(|item| item.item_identifier == id);
        let ids = event.records.iter().filter_map(|record| record.message_id.as_deref());
        let done: Vec<&str> = ids.filter(|id| !failed(id)).collect();
        let delete = || {
            self.state().messages.retain(|message| !done.contains(&message.id.as_str()));
            Ok::<(), ()>(())
        };
        self.scheduler.effect("delete messages", delete, ()).await.ok();
    }

    /// When a message can be received; `None` if there is none.
    pub(crate) fn next_visible_at(&self) -> Option<Timestamp> {
        self.state().messages.iter().map(|message| message.visible_at).min()
    }

    /// What is in the queue.
    pub(crate) fn messages(&self) -> Vec<OutgoingMessage> {
        self.state().messages.iter().map(|message| message.sent.clone()).collect()
    }

    /// How many messages the queue forgot.
    pub(crate) fn forgotten(&self) -> usize {
        self.state().forgotten
    }

    /// Moves what was received too often, and forgets what is too old.
    fn sort_out(&self, state: &mut State, now: Timestamp) {
        let Some((letters, most)) = &self.redrive else { return };
        let before = state.messages.len();
        state.messages.retain(|message| now.duration_since(message.sent_at) < RETENTION);
        state.forgotten += before - state.messages.len();
        let spent = |message: &mut Message| message.visible_at <= now && message.receives >= *most;
        for message in state.messages.extract_if(.., spent) {
            letters.add(message.sent);
        }
    }

    fn add(&self, sent: OutgoingMessage) {
        self.truth.durable(self.name, &sent.body);
        let now = self.scheduler.now();
        let mut state = self.state();
        state.sent += 1;
        let id = format!("{} {}", self.name, state.sent);
        state.messages.push(Message { id, sent, sent_at: now, visible_at: now, receives: 0 });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Queue for SimQueue {
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        if messages.is_empty() {
            return Ok(());
        }
        let name = format!("send to the {}: {}", self.name, messages.len());
        let add = || {
            messages.into_iter().for_each(|message| self.add(message));
            Ok(())
        };
        self.scheduler.effect(&name, add, QueueError::Unavailable).await
    }

    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError> {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        let hide = || {
            let visible_at = self.scheduler.now() + wait;
            let mut state = self.state();
            let current =
                state.messages.iter_mut().find(|message| message.receipt_handle() == receipt_handle);
            let message =
                current.ok_or_else(|| QueueError::Refused { code: "ReceiptHandleIsInvalid".into() })?;
            message.visible_at = visible_at;
            Ok(())
        };
        self.scheduler.effect("postpone a message", hide, QueueError::Unavailable).await
    }
}

impl Message {
    fn receipt_handle(&self) -> String {
        format!("{}#{}", self.id, self.receives)
    }

    fn received(&self) -> SqsMessage {
        let mut record = SqsMessage::default();
        record.message_id = Some(self.id.clone());
        record.receipt_handle = Some(self.receipt_handle());
        record.body = Some(self.sent.body.clone());
        record.attributes = [("ApproximateReceiveCount".to_owned(), self.receives.to_string())].into();
        record
    }
}
