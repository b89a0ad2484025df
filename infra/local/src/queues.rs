//! The queues between the functions.

use std::sync::Arc;

use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;

use crate::MemoryQueue;

/// Where the functions send to: the queue of each function, named for it.
#[derive(Clone)]
pub struct QueueSet {
    /// The queue that `fetch` consumes.
    pub fetch: Arc<dyn Queue>,
    /// The queue that `archive` consumes.
    pub archive: Arc<dyn Queue>,
    /// The queue that `subscriptions` consumes.
    pub subscriptions: Arc<dyn Queue>,
    /// The queue that `backfill` consumes.
    pub backfill: Arc<dyn Queue>,
    /// The queue that `backfill` consumes, too, with the units of long runs. On one machine it is the same.
    pub backfill_bulk: Arc<dyn Queue>,
    /// The dead letters of all functions, in one queue.
    pub dead_letters: Arc<dyn Queue>,
}

/// The queues in memory, as the stack sets them up.
#[derive(Clone)]
pub struct MemoryQueues {
    /// The queue that `fetch` consumes.
    pub fetch: Arc<MemoryQueue>,
    /// The queue that `archive` consumes.
    pub archive: Arc<MemoryQueue>,
    /// The queue that `subscriptions` consumes.
    pub subscriptions: Arc<MemoryQueue>,
    /// The queue that `backfill` consumes.
    pub backfill: Arc<MemoryQueue>,
    /// The dead letters of all functions, in one queue.
    pub dead_letters: Arc<MemoryQueue>,
}

impl MemoryQueues {
    /// Empty queues, whose times are those of `clock`.
    pub fn new(clock: &Arc<dyn Clock>) -> Self {
        let dead_letters = Arc::new(MemoryQueue::dead_letters(Arc::clone(clock)));
        let queue =
            |function| Arc::new(MemoryQueue::of(function, Arc::clone(clock), Arc::clone(&dead_letters)));
        Self {
            fetch: queue(Function::Fetch),
            archive: queue(Function::Archive),
            subscriptions: queue(Function::Subscriptions),
            backfill: queue(Function::Backfill),
            dead_letters,
        }
    }

    /// The queue that a function consumes; `None` for `webhook`.
    pub fn of(&self, function: Function) -> Option<&Arc<MemoryQueue>> {
        match function {
            Function::Webhook => None,
            Function::Fetch => Some(&self.fetch),
            Function::Archive => Some(&self.archive),
            Function::Subscriptions => Some(&self.subscriptions),
            Function::Backfill => Some(&self.backfill),
        }
    }

    /// The same queues, as the functions send to them.
    pub fn set(&self) -> QueueSet {
        QueueSet {
            fetch: self.fetch.clone(),
            archive: self.archive.clone(),
            subscriptions: self.subscriptions.clone(),
            backfill: self.backfill.clone(),
            backfill_bulk: self.backfill.clone(),
            dead_letters: self.dead_letters.clone(),
        }
    }
}
