//! `fetch`: one job in, the next jobs or one report out.
//!
//! A message is one small step: it resolves a call to its meeting, lists a meeting's reports and gets
//! the one that is wanted, or, where there are several, one of them with all its records. A step ends
//! only after its result is in the next queue, so a step that is cut short is simply taken again.
//!
//! ```text
//!            call record ─▶ source ─▶ report ─▶ archive queue
//! encrypted ─▶ join URL ──┘  (list)   (get)
//! ```
//!
//! A report that is not there yet, and Graph asking for patience, are normal: the message stays in
//! its queue and comes again later (`waiting.rs`). What can never succeed goes to the dead letters
//! at once, with its remedy.

mod config;
mod encrypted;
mod steps;
mod waiting;

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::Timestamp;
use shared::batch::{NoMessageId, Settled, for_each_message, receive_count};
use shared::clock::Clock;
use shared::graph::{GraphClient, GraphError};
use shared::jobs::{FetchJob, Job};
use shared::metrics::{self, Metric};
use shared::outcome::Outcome;
use shared::queue::{OutgoingMessage, Queue, QueueError};
use shared::store::{ObjectStore, StoreError};
use tracing::{error, info, warn};

pub use config::Config;
pub use encrypted::{DataKeys, EncryptedNotifications, ValidationTokens};
pub use steps::{Step, fetch};
use waiting::{Next, next};

/// What `fetch` works with.
pub struct Dependencies {
    /// The tenant whose reports are fetched.
    pub tenant_id: String,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// What opens encrypted notifications, where there is a certificate for them.
    pub encrypted: Option<EncryptedNotifications>,
    /// The archive: to see what it has, and for reports too large for a message.
    pub store: Arc<dyn ObjectStore>,
    /// Its own inbox, for the next step.
    pub fetch_queue: Arc<dyn Queue>,
    /// The inbox of `archive`.
    pub archive_queue: Arc<dyn Queue>,
    /// Where jobs go that a person must look at.
    pub dead_letters: Arc<dyn Queue>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// Why a step did not end.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// Graph did not give what was asked for.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// The archive gave no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The next step could not be sent.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The invocation ends before the step would.
    #[error("the invocation's time is up")]
    OutOfTime,
}

/// Takes one step for each message of a batch, until `deadline`, and answers which messages to
/// deliver again.
///
/// # Errors
/// A message has no id: nothing was done.
pub async fn handle(
    dependencies: &Dependencies,
    event: SqsEvent,
    deadline: Timestamp,
) -> Result<SqsBatchResponse, NoMessageId> {
    for_each_message(event, async |message| take(dependencies, &message, deadline).await).await
}

async fn take(dependencies: &Dependencies, message: &SqsMessage, deadline: Timestamp) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    let job = match FetchJob::from_message(body) {
        Ok(job) => job,
        Err(unreadable) => {
            error!(message.id = message.message_id, "{unreadable}; it goes to the dead letters");
            return bury(dependencies, message, &GraphError::new(Outcome::InvalidRequest)).await;
        }
    };
    let left = deadline.duration_since(dependencies.clock.now());
    let step = tokio::select! {
        biased;
        step = fetch(dependencies, &job) => step,
        () = dependencies.clock.sleep(Duration::try_from(left).unwrap_or_default()) => Err(FetchError::OutOfTime),
    };
    match step {
        Ok(_) => Settled::Done,
        Err(FetchError::Graph(error)) => after(dependencies, message, &job, &error).await,
        Err(error) => {
            error!(step = job.target.name(), "a step failed and is taken again: {error}");
            Settled::Again
        }
    }
}

/// What becomes of a message after Graph did not give what was asked for.
async fn after(
    dependencies: &Dependencies,
    message: &SqsMessage,
    job: &FetchJob,
    error: &GraphError,
) -> Settled {
    let (outcome, step) = (error.outcome.name(), job.target.name());
    let retry_after =
        error.retry_after.map(|wait| Metric::seconds("RetryAfterSeconds", wait.as_secs() as i64));
    let counted: Vec<Metric> = [Metric::count("FetchOutcome", 1)].into_iter().chain(retry_after).collect();
    metrics::emit_outcome(dependencies.clock.now(), outcome, &counted);
    match next(error, job, receive_count(message), dependencies.clock.now()) {
        Next::Wait(wait) => {
            let seconds = wait.as_secs();
            info!(outcome, step, wait_seconds = seconds, "{step}: {error}; it is tried again in {seconds} s");
            postpone(dependencies, message, wait).await
        }
        Next::End => {
            let ended_as = if error.outcome == Outcome::NotReady { "absent" } else { outcome };
            warn!(outcome = ended_as, step, "{step}: {error}; it is given up, and reconcile looks again");
            Settled::Done
        }
        Next::Bury => {
            error!(outcome, step, "{step}: {error}; it goes to the dead letters. {}", error.remedy());
            metrics::emit_outcome(dependencies.clock.now(), outcome, &[Metric::count("DeadLetters", 1)]);
            bury(dependencies, message, error).await
        }
    }
}

/// Hides the message for `wait`. Should that fail, it comes again after the queue's own time.
async fn postpone(dependencies: &Dependencies, message: &SqsMessage, wait: Duration) -> Settled {
    let handle = message.receipt_handle.as_deref().unwrap_or_default();
    if let Err(failed) = dependencies.fetch_queue.postpone(handle, wait).await {
        warn!("a message could not be put off: {failed}");
    }
    Settled::Again
}

/// Sends the message to the dead letters; it leaves its queue only after it is there.
async fn bury(dependencies: &Dependencies, message: &SqsMessage, error: &GraphError) -> Settled {
    let body = message.body.as_deref().unwrap_or_default();
    let letter = OutgoingMessage::dead_letter(body, error);
    match dependencies.dead_letters.send(vec![letter]).await {
        Ok(()) => Settled::Done,
        Err(failed) => {
            error!("a message could not be sent to the dead letters: {failed}");
            Settled::Again
        }
    }
}
