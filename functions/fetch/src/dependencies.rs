//! What `fetch` works with.

use std::sync::Arc;

use shared::graph::GraphClient;
use shared::lambda::artifacts::ArtifactSender;
use shared::lambda::watch_filter::WatchFilter;
use shared::memory::MemoryBudget;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::store::ObjectStore;

use crate::encrypted_notification::EncryptedNotifications;

/// What `fetch` works with: one for each execution environment.
pub struct Dependencies {
    /// The tenant whose reports are fetched.
    pub tenant_id: String,
    /// Microsoft Graph, as the application sees it.
    pub graph: GraphClient,
    /// `WATCH`: whose meetings and events count.
    pub watch_filter: WatchFilter,
    /// What encrypted notifications are decrypted with; `None` where no certificate is set.
    pub encrypted: Option<EncryptedNotifications>,
    /// The archive: to see what it has, and for artifacts that are too large for a message.
    pub store: Arc<dyn ObjectStore>,
    /// The queue of `fetch` itself, for the next step.
    pub fetch_queue: Arc<dyn Queue>,
    /// The queue of `archive`, for what was fetched.
    pub archive_queue: Arc<dyn Queue>,
    /// The dead-letter queue, where jobs go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// How much memory the steps hold at once: one of them may hold a large report.
    pub memory: MemoryBudget,
    /// The clock that deadlines and ages are measured with.
    pub clock: Arc<dyn Clock>,
}

impl Dependencies {
    /// How artifacts are sent to `archive`.
    pub(crate) fn artifact_sender(&self) -> ArtifactSender<'_> {
        ArtifactSender {
            tenant_id: &self.tenant_id,
            api: self.graph.version(),
            store: &*self.store,
            archive_queue: &*self.archive_queue,
            clock: &*self.clock,
        }
    }
}
