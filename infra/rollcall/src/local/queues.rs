//! The queues in memory.

use std::sync::Arc;
use std::time::Duration;

use shared::clock::Clock;
use shared::queue::MemoryQueue;

use super::Function;

/// Six times a step, as deployed.
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(720);

/// The inbox of each function, named for it.
#[derive(Clone)]
pub struct Queues {
    /// That of `fetch`.
    pub fetch: Arc<MemoryQueue>,
    /// That of `archive`.
    pub archive: Arc<MemoryQueue>,
    /// That of `subscriptions`.
    pub subscriptions: Arc<MemoryQueue>,
    /// That of `backfill`.
    pub backfill: Arc<MemoryQueue>,
    /// What a person must look at, of all functions.
    pub dead_letters: Arc<MemoryQueue>,
}

impl Queues {
    pub(super) fn new(clock: &Arc<dyn Clock>) -> Self {
        let dead_letters = Arc::new(MemoryQueue::new(Arc::clone(clock), VISIBILITY_TIMEOUT));
        let inbox = |max_receive_count| {
            let queue = MemoryQueue::new(Arc::clone(clock), VISIBILITY_TIMEOUT);
            Arc::new(queue.with_dead_letters(Arc::clone(&dead_letters), max_receive_count))
        };
        Self {
            fetch: inbox(1_000),
            archive: inbox(100),
            subscriptions: inbox(100),
            backfill: inbox(100),
            dead_letters,
        }
    }

    /// The inbox of a function.
    pub(super) fn of(&self, function: Function) -> &MemoryQueue {
        match function {
            Function::Fetch => &self.fetch,
            Function::Archive => &self.archive,
            Function::Subscriptions => &self.subscriptions,
            Function::Backfill => &self.backfill,
        }
    }
}
