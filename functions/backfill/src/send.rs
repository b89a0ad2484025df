//! Sending jobs and units, all of them durably.

use shared::jobs::{BackfillUnit, Job, Run};
use shared::ports::queue::{OutgoingMessage, Queue, QueueError};

use crate::Dependencies;
use crate::scopes::Units;

/// Sends units of a run to its queue, each so many `hops` from the run's first.
pub(crate) async fn send_units(
    dependencies: &Dependencies,
    run: &Run,
    units: Units,
    hops: u32,
) -> Result<(), QueueError> {
    let unit = |(id, scope)| BackfillUnit::Scan { run: run.clone(), id, scope, hops };
    send_jobs(dependencies.queue_of(run), &units.into_iter().map(unit).collect::<Vec<_>>()).await
}

/// Sends jobs to a queue.
pub(crate) async fn send_jobs(queue: &dyn Queue, jobs: &[impl Job]) -> Result<(), QueueError> {
    queue.send(jobs.iter().map(|job| OutgoingMessage::new(job.to_message())).collect()).await
}
