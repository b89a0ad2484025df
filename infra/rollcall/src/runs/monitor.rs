//! What a run is started and followed with.

use std::sync::Arc;

use shared::ports::clock::Clock;
use shared::ports::store::ObjectStore;

use crate::deployment::Deployment;

/// What a run of `backfill` is started, followed and reported with.
pub struct RunMonitor<'a> {
    /// The deployment whose `backfill` runs it.
    pub deployment: &'a dyn Deployment,
    /// The archive: where its parts and its ledger appear.
    pub store: Arc<dyn ObjectStore>,
    /// The archive's address, for people: `s3://bucket`.
    pub archive: String,
    /// The tenant whose reports are archived: part of their keys.
    pub tenant_id: String,
    /// The clock that waits are measured with.
    pub clock: Arc<dyn Clock>,
    /// Whether to print the result as JSON.
    pub json: bool,
}
