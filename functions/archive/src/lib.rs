//! `archive`: one report in, one object out.
//!
//! The last step of the pipeline. It keeps the report under a key made of the report's own ids, so a
//! job delivered twice writes the same object, and a poorer answer never takes a richer one's place.
//!
//! ```text
//! ArchiveJob ─▶ verify ─▶ revisions/ (the poorer answer, if there are two)
//!                       ─▶ reports/  (the richest answer, as Graph sent it)
//!                       ─▶ records/  (one line an attendee, for SQL)
//! ```
//!
//! In this order; a job is done when all three hold, also when the same bytes come again.

mod answer;
mod config;
mod records;
mod reports;

use std::sync::Arc;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use shared::batch::{NoMessageId, Settled, for_each_message};
use shared::clock::Clock;
use shared::graph::GraphError;
use shared::jobs::{ArchiveJob, Job};
use shared::layout;
use shared::metrics::{self, Metric};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue};
use shared::store::{ObjectStore, StoreError};
use tracing::{error, info, warn};

use answer::Answer;
pub use config::Config;
pub use reports::Kept;

/// What `archive` works with.
pub struct Dependencies {
    /// The archive.
    pub store: Arc<dyn ObjectStore>,
    /// The inbox of `fetch`, for a report whose claim check is gone.
    pub fetch_queue: Arc<dyn Queue>,
    /// Where jobs go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a report was not archived.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The report waited in `staging/` and is there no more: it must be fetched again.
    #[error("the report is no longer in staging")]
    ClaimCheckGone,
    /// The job does not agree with its report; it never will.
    #[error("the job does not agree with its report: {0}")]
    Wrong(&'static str),
    /// The archive gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Archives every report of a batch, and answers which messages to deliver again.
///
/// # Errors
/// A message has no id: nothing was done.
pub async fn handle(dependencies: &Dependencies, event: SqsEvent) -> Result<SqsBatchResponse, NoMessageId> {
    for_each_message(event, async |message| take(dependencies, &message).await).await
}

async fn take(dependencies: &Dependencies, message: &SqsMessage) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    let job = match ArchiveJob::from_message(body) {
        Ok(job) => job,
        Err(unreadable) => {
            error!(message.id = message.message_id, "{unreadable}; it goes to the dead letters");
            return send(&*dependencies.dead_letters, dead_letter(body, Outcome::InvalidRequest)).await;
        }
    };
    let report_id = layout::plain_id(&job.report.report_id);
    match archive(&*dependencies.store, &job).await {
        Ok(kept) => {
            let now = dependencies.clock.now();
            let ended = job.session.map_or(job.first_seen, |session| session.end);
            let lag_seconds = now.duration_since(ended).as_secs();
            info!(report.id = report_id, size_bytes = job.size_bytes, lag_seconds, "{kept}");
            let lag = Metric::seconds("EndToEndLagSeconds", lag_seconds);
            metrics::emit_outcome(now, kept.name(), &[Metric::count("Archived", 1), lag]);
            Settled::Done
        }
        Err(error @ ArchiveError::ClaimCheckGone) => {
            warn!(report.id = report_id, "{error}; it is fetched again");
            send(&*dependencies.fetch_queue, OutgoingMessage::new(job.fetch_again().to_message())).await
        }
        Err(error @ ArchiveError::Wrong(_)) => {
            error!(report.id = report_id, "{error}; it goes to the dead letters");
            send(&*dependencies.dead_letters, dead_letter(body, Outcome::Malformed)).await
        }
        Err(error @ ArchiveError::Store(_)) => {
            error!(report.id = report_id, "a report could not be archived and is delivered again: {error}");
            Settled::Again
        }
    }
}

/// Archives one report: the crate's verb.
///
/// # Errors
/// It is not archived, or not known to be.
pub async fn archive(store: &dyn ObjectStore, job: &ArchiveJob) -> Result<Kept, ArchiveError> {
    let body = match &job.body {
        Some(inline) => inline.get().to_owned().into(),
        None => {
            let staged = store.get(&layout::staging(&job.sha256)).await?;
            staged.ok_or(ArchiveError::ClaimCheckGone)?.body
        }
    };
    let answer = Answer::verify(job, body)?;
    let (kept, current) = reports::keep(store, &answer).await?;
    records::keep(store, &answer, kept, current).await?;
    Ok(kept)
}

fn dead_letter(body: &str, outcome: Outcome) -> OutgoingMessage {
    OutgoingMessage::dead_letter(body, &GraphError::new(outcome))
}

/// Sends what takes the message's place; it leaves its queue only after that is durable.
async fn send(queue: &dyn Queue, message: OutgoingMessage) -> Settled {
    match queue.send(vec![message]).await {
        Ok(()) => Settled::Done,
        Err(failed) => {
            error!("a message could not be sent on: {failed}");
            Settled::Again
        }
    }
}
