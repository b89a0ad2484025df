//! What a run is started and followed with.

use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;

use shared::ports::clock::Clock;
use shared::ports::store::ObjectStore;

use crate::deployment::Invoke;

/// What a run of `backfill` is started, followed and reported with.
pub struct RunMonitor<'a> {
    /// The functions among which `backfill` runs it.
    pub functions: &'a dyn Invoke,
    /// The archive: where its parts and its ledger appear.
    pub store: Arc<dyn ObjectStore>,
    /// The archive's address, for people: `s3://bucket`.
    pub archive: String,
    /// The tenant whose reports are archived: part of their keys.
    pub tenant_id: String,
    /// The clock that waits are measured with.
    pub clock: Arc<dyn Clock>,
    /// How often to look, and how long to wait.
    pub pace: Pace,
    /// An earlier ledger, by its key or address, whose lines do not count for the exit code; `None`: all lines do.
    pub accept: Option<String>,
    /// Whether to print the result as JSON.
    pub json: bool,
}

/// How a run is followed.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// How often the archive is read.
    pub poll_every: Duration,
    /// How long to wait for the reports that a run has fetched.
    pub arrive_within: SignedDuration,
}

impl Pace {
    /// The pace for what is deployed: each look is a request to S3.
    pub const DEPLOYED: Self =
        Self { poll_every: Duration::from_secs(2), arrive_within: SignedDuration::from_mins(30) };
    /// The pace for what runs on this machine.
    pub const LOCAL: Self =
        Self { poll_every: Duration::from_millis(20), arrive_within: SignedDuration::from_mins(15) };
}
