//! What a run is followed with.

use std::sync::Arc;

use shared::ports::clock::Clock;
use shared::ports::store::ObjectStore;

use crate::deployment::Deployment;

/// What a run is looked at with.
pub struct RunMonitor<'a> {
    /// Who runs it.
    pub deployment: &'a dyn Deployment,
    /// The archive: where its parts and its ledger appear.
    pub store: Arc<dyn ObjectStore>,
    /// The archive's name, for people.
    pub archive: String,
    /// The tenant.
    pub tenant_id: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Whether to print JSON.
    pub json: bool,
}
