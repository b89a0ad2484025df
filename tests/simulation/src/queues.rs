//! A queue in memory whose effects may fail, and that delivers in any order and at least once, as SQS may.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use jiff::Timestamp;
use local::{Delivery, MemoryQueue};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};

use crate::oracle::Oracle;
use crate::scheduler::{Scheduler, Service};

/// The queue of a function, or the dead-letter queue.
pub(crate) struct SimQueue {
    name: &'static str,
    scheduler: Arc<Scheduler>,
    oracle: Arc<Oracle>,
    /// One receipt in so many leaves the message visible: it is delivered twice.
    duplicated_one_in: u32,
    messages: Arc<MemoryQueue>,
}

impl SimQueue {
    /// The dead-letter queue of all functions.
    pub(crate) fn dead_letters(
        scheduler: &Arc<Scheduler>,
        oracle: &Arc<Oracle>,
        clock: Arc<dyn Clock>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: "dead-letter",
            scheduler: Arc::clone(scheduler),
            oracle: Arc::clone(oracle),
            duplicated_one_in: 0,
            messages: Arc::new(MemoryQueue::dead_letters(clock)),
        })
    }

    /// The queue that `function` consumes.
    pub(crate) fn of(
        function: Function,
        dead_letters: &Self,
        clock: Arc<dyn Clock>,
        duplicated_one_in: u32,
    ) -> Arc<Self> {
        let messages = MemoryQueue::of(function, clock, Arc::clone(&dead_letters.messages));
        Arc::new(Self {
            name: function.name(),
            scheduler: Arc::clone(&dead_letters.scheduler),
            oracle: Arc::clone(&dead_letters.oracle),
            duplicated_one_in,
            messages: Arc::new(messages),
        })
    }

    /// Receives up to `most` visible messages, in random order.
    pub(crate) fn receive(&self, most: usize) -> Option<SqsEvent> {
        self.messages.receive_by(most, self)
    }

    /// Deletes what was acknowledged, as the event source mapping does. That may fail, too.
    pub(crate) async fn delete_acknowledged(&self, event: &SqsEvent, response: &SqsBatchResponse) {
        let delete = || {
            self.messages.delete_acknowledged(event, response);
            Ok::<(), ()>(())
        };
        self.scheduler.effect("delete messages", delete, ()).await.ok();
    }

    /// When a message can be received; `None` if there is none.
    pub(crate) fn next_visible_at(&self) -> Option<Timestamp> {
        self.messages.next_visible_at()
    }

    /// All messages in the queue.
    pub(crate) fn messages(&self) -> Vec<OutgoingMessage> {
        self.messages.messages()
    }

    /// How many messages were lost because they were older than the retention.
    pub(crate) fn expired(&self) -> usize {
        self.messages.expired()
    }
}

impl SimQueue {
    /// Refuses while the queues' policies deny everything.
    fn allow(&self) -> Result<(), QueueError> {
        let refused = QueueError::Refused { code: "AccessDenied".to_owned() };
        if self.scheduler.is_denied(Service::Sqs) { Err(refused) } else { Ok(()) }
    }
}

impl Delivery for SimQueue {
    fn pick(&self, visible: usize) -> usize {
        self.scheduler.below(visible as u64) as usize
    }

    fn is_duplicated(&self) -> bool {
        let is_duplicated = self.scheduler.one_in(self.duplicated_one_in);
        if is_duplicated {
            self.scheduler.count_fault("a message is delivered twice");
        }
        is_duplicated
    }
}

#[async_trait]
impl Queue for SimQueue {
    async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
        if messages.is_empty() {
            return Ok(());
        }
        let name = format!("send to the {} queue: {}", self.name, messages.len());
        let add = || {
            self.allow()?;
            messages.iter().for_each(|message| self.oracle.record_durable(self.name, &message.body));
            self.messages.add(messages);
            Ok(())
        };
        self.scheduler.effect(&name, add, unavailable()).await
    }

    async fn postpone(&self, receipt_handle: &str, wait: Duration) -> Result<(), QueueError> {
        let hide = || self.allow().and_then(|()| self.messages.change_visibility(receipt_handle, wait));
        self.scheduler.effect("postpone a message", hide, unavailable()).await
    }
}

fn unavailable() -> QueueError {
    QueueError::Unavailable { code: "ServiceUnavailable".to_owned() }
}
