//! What `archive` works with.

use std::sync::Arc;

use shared::archive::erasure::TombstoneReader;
use shared::memory::MemoryBudget;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::store::ObjectStore;

/// What `archive` works with: one for each execution environment.
pub struct Dependencies {
    /// The archive, where artifacts are stored.
    pub store: Arc<dyn ObjectStore>,
    /// The queue of `fetch`, for an artifact whose claim check is gone.
    pub fetch_queue: Arc<dyn Queue>,
    /// The queue of `archive` itself, for a job that is put off.
    pub archive_queue: Arc<dyn Queue>,
    /// The dead-letter queue, where jobs go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// Who was erased from the archive, and is not kept again.
    pub tombstones: TombstoneReader,
    /// How much memory the artifacts of a batch take at once.
    pub memory: MemoryBudget,
    /// The clock that lags are measured with.
    pub clock: Arc<dyn Clock>,
}
