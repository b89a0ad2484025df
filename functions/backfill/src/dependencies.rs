//! What `backfill` works with.

use std::sync::Arc;

use jiff::SignedDuration;
use shared::backoff::Backoff;
use shared::graph::GraphClient;
use shared::jobs::{BackfillUnit, Run};
use shared::lambda::artifacts::ArtifactSender;
use shared::lambda::watch_filter::WatchFilter;
use shared::model::Watch;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::store::ObjectStore;

use crate::manifests::ManifestStore;

/// What `backfill` works with: one for each execution environment.
pub struct Dependencies {
    /// The tenant whose meetings and events are scanned.
    pub tenant_id: String,
    /// Microsoft Graph, as the application sees it.
    pub graph: GraphClient,
    /// `WATCH`: whose meetings and events are looked for.
    pub watch: Watch,
    /// The same, as a decision about one meeting or event.
    pub watch_filter: WatchFilter,
    /// The archive: what it has, and where ledgers are written.
    pub store: Arc<dyn ObjectStore>,
    /// What manifests are written with; `None` where nobody asks for them in a queue.
    pub manifests: Option<ManifestStore>,
    /// The queue of `fetch`, for what is missing.
    pub fetch_queue: Arc<dyn Queue>,
    /// The queue of `archive`, for what Graph said of the meetings that it was asked for.
    pub archive_queue: Arc<dyn Queue>,
    /// The queue of `backfill` itself, for gaps and the units of runs that somebody waits for.
    pub backfill_queue: Arc<dyn Queue>,
    /// The other queue of `backfill`, for the units of all other runs ([`Run::is_bulk`]).
    pub bulk_queue: Arc<dyn Queue>,
    /// The dead-letter queue, where units go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// The clock that deadlines and ages are measured with.
    pub clock: Arc<dyn Clock>,
    /// `SETTLED_READS`: whether a reconcile reads each report once more when it has settled.
    pub reads_settled: bool,
    /// For how long a unit is tried whose failure may pass; then it says what it could not see, and ends.
    pub retry_units_for: SignedDuration,
    /// The pauses between looks whether a run's other units are done, before its ledger is written.
    pub ledger_pauses: Backoff,
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

    /// The queue with the units of `run`.
    pub(crate) fn queue_of(&self, run: &Run) -> &dyn Queue {
        if run.is_bulk { &*self.bulk_queue } else { &*self.backfill_queue }
    }

    /// The queue that `unit` came from.
    pub(crate) fn queue_of_unit(&self, unit: &BackfillUnit) -> &dyn Queue {
        if unit.is_bulk() { &*self.bulk_queue } else { &*self.backfill_queue }
    }
}
