//! `archive`: one artifact in, its objects out.
//!
//! The last step of the pipeline. It stores an artifact under a key made of the artifact's own ids, so a job
//! delivered twice writes the same object, and a poorer version never replaces a richer one.
//!
//! ```text
//! ArchiveJob ─▶ read, without who was erased
//!                     ─▶ revisions/ (the poorer version, if there are two)
//!                     ─▶ reports/, sessions/, events/, registrations/ (the richest version, as Graph sent it)
//!                     ─▶ records/, lines/ (lines made of it, one an attendee, event or registration, for SQL)
//! ```
//!
//! In this order; a job is acknowledged when all three hold, also when the same bytes come again. Reading checks that the version
//! is the artifact that the job names; the store compares its bytes with their SHA-256 at the put.

mod artifact;
mod config;
mod dependencies;
mod erased;
mod error;
mod lines;
mod versions;

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp};
use shared::archive::erasure::Tombstones;
use shared::archive::layout;
use shared::jobs::{ArchiveJob, Job};
use shared::lambda::Disposition;
use shared::lambda::batch::{NoMessageId, for_each_job_at_once};
use shared::lambda::dead_letters::{dead_letter, forward};
use shared::lambda::deadline::time_left;
use shared::lambda::failed_step::after_failure;
use shared::lambda::function::Function;
use shared::lambda::message::retry_after;
use shared::lambda::metrics::{self, Metric};
use shared::memory::Reservation;
use shared::model::{ArtifactRef, Outcome, key_segment};
use shared::ports::queue::OutgoingMessage;
use shared::ports::store::ObjectStore;
use tracing::{error, info, warn};

use artifact::ArtifactVersion;
pub use config::Config;
pub use dependencies::Dependencies;
pub use error::ArchiveError;
pub use versions::ArchiveResult;

/// With less time before its invocation's end no artifact is begun.
const LEAST_TIME: SignedDuration = SignedDuration::from_secs(5);

/// Archives the artifacts of a batch together, as many at once as [`Dependencies::memory`] has room for, until
/// `deadline`, and answers which messages to deliver again.
///
/// # Errors
/// A message has no id: nothing was done.
pub async fn handle(
    dependencies: &Dependencies,
    event: SqsEvent,
    deadline: Timestamp,
) -> Result<SqsBatchResponse, NoMessageId> {
    let process = async |job, message: &SqsMessage| process_job(dependencies, &job, message, deadline).await;
    let Dependencies { clock, dead_letters, .. } = dependencies;
    for_each_job_at_once(event, Function::Archive.batch_size(), &**clock, &**dead_letters, process).await
}

async fn process_job(
    dependencies: &Dependencies,
    job: &ArchiveJob,
    message: &SqsMessage,
    deadline: Timestamp,
) -> Disposition {
    let Dependencies { archive_queue, clock, .. } = dependencies;
    let Some(memory) = memory_for(dependencies, job, deadline).await else {
        // Its neighbours took the time of the invocation: that is no failure of its own.
        return retry_after(&**archive_queue, message, Duration::ZERO).await;
    };
    let archived = tokio::select! {
        biased;
        archived = memory.scope(archive_but_erased(dependencies, job)) => archived,
        () = clock.sleep(time_left(&**clock, deadline)) => Err(ArchiveError::OutOfTime),
    };
    match archived {
        Ok(result) => {
            tell(dependencies, job, result);
            Disposition::Ack
        }
        Err(error) => after_error(dependencies, job, message, error).await,
    }
}

/// What becomes of the message of an artifact that is not archived.
async fn after_error(
    dependencies: &Dependencies,
    job: &ArchiveJob,
    message: &SqsMessage,
    error: ArchiveError,
) -> Disposition {
    let Dependencies { fetch_queue, archive_queue, dead_letters, clock, .. } = dependencies;
    let artifact_id = key_segment(job.artifact.id());
    match error {
        ArchiveError::ClaimCheckGone => {
            warn!(artifact.id = artifact_id, "{error}; it is fetched again");
            forward(&**fetch_queue, OutgoingMessage::new(job.fetch_again().to_message())).await
        }
        ArchiveError::Mismatch(_) => {
            error!(artifact.id = artifact_id, "{error}; the job goes to the dead letters");
            let body = message.body.as_deref().unwrap_or_default();
            dead_letter(&**dead_letters, body, Outcome::Malformed).await
        }
        ArchiveError::Store(_) | ArchiveError::Tombstones(_) | ArchiveError::OutOfTime => {
            after_failure(Function::Archive, &**archive_queue, &**dead_letters, message, &error, clock.now())
                .await
        }
    }
}

/// Waits until there is memory for an artifact; `None` where too little time is left then.
async fn memory_for(
    dependencies: &Dependencies,
    job: &ArchiveJob,
    deadline: Timestamp,
) -> Option<Reservation> {
    let Dependencies { memory, clock, .. } = dependencies;
    // Its text, and what refers to the parts of it. A second version is read when it is its turn (`versions.rs`).
    let bytes = job.size_bytes.saturating_add(job.size_bytes / 4);
    let reservation = tokio::select! {
        biased;
        reservation = memory.reserve(bytes) => reservation,
        () = clock.sleep(time_left(&**clock, deadline)) => return None,
    };
    Some(reservation).filter(|_| deadline.duration_since(clock.now()) >= LEAST_TIME)
}

/// Tells what became of an artifact. Only reports are counted: the metrics are about them.
fn tell(dependencies: &Dependencies, job: &ArchiveJob, result: ArchiveResult) {
    let artifact_id = key_segment(job.artifact.id());
    let (kind, size_bytes) = (job.artifact.kind(), job.size_bytes);
    if !matches!(job.artifact, ArtifactRef::Report(_)) {
        return info!(artifact.id = artifact_id, size_bytes, "{kind}: {result}");
    }
    let now = dependencies.clock.now();
    let ended = job.session.map_or(job.first_seen, |session| session.end);
    let lag_seconds = now.duration_since(ended).as_secs();
    info!(artifact.id = artifact_id, size_bytes, lag_seconds, "{kind}: {result}");
    let lag = Metric::seconds("EndToEndLagSeconds", lag_seconds);
    metrics::emit_outcome(now, result.name(), &[Metric::count("Archived", 1), lag]);
}

/// Stores one artifact without those who were erased, as it is known by now.
async fn archive_but_erased(
    dependencies: &Dependencies,
    job: &ArchiveJob,
) -> Result<ArchiveResult, ArchiveError> {
    let tombstones = dependencies.tombstones.tombstones(&job.tenant_id).await?;
    archive(&*dependencies.store, &tombstones, job).await
}

/// Stores one artifact, but for those of whom there is a tombstone: its current version, its revisions and its lines. Twice is
/// once.
///
/// # Errors
/// The artifact is not archived, or not known to be.
pub async fn archive(
    store: &dyn ObjectStore,
    tombstones: &Tombstones,
    job: &ArchiveJob,
) -> Result<ArchiveResult, ArchiveError> {
    let body = match &job.body {
        Some(inline) => inline.get().to_owned().into(),
        None => {
            let staged = store.get(&layout::staging(&job.sha256)).await?;
            staged.ok_or(ArchiveError::ClaimCheckGone)?.body
        }
    };
    let Some(version) = ArtifactVersion::read(job, tombstones, body)? else {
        return Ok(ArchiveResult::Erased);
    };
    let (result, current) = match versions::store_version(store, &version).await {
        // A store compares the bytes with the job's SHA-256: they are others, or were changed on the way to the store.
        Err(ArchiveError::Store(error)) if error.is_bad_digest() => {
            version.compare()?;
            return Err(error.into());
        }
        stored => stored?,
    };
    lines::store_lines(store, version, result, current).await?;
    Ok(result)
}
