//! `fetch`: one job in, the next jobs or one report out.
//!
//! A message is one small step: it resolves a call to its meeting and keeps the call's record, lists a meeting's
//! reports and gets the one that is missing, or, where there are several, one of them with all its records. A step ends
//! only after its result is in the next queue, so a step that is cut short is simply taken again.
//!
//! ```text
//!                ┌──────────────────────────────┐
//!            call record ─▶ source ─▶ report ─▶ archive queue
//! encrypted ─▶ join URL ──┘  (list)   (get)
//! ```
//!
//! A report of many pages may take longer than a step has: its pages are kept, and the next try goes on
//! (`reading.rs`). A report that is not there yet, and a Graph that throttles, are normal: the message stays in
//! its queue and comes again later (`retry.rs`). What can never succeed goes to the dead letters
//! at once, with its remedy.

mod artifacts;
mod beside_reports;
mod call_record;
mod config;
mod dependencies;
mod encrypted_notification;
mod error;
mod listed;
mod looks;
mod reading;
mod retry;
mod step;
mod steps;

use std::time::Duration;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use jiff::{SignedDuration, Timestamp};
use shared::graph::GraphError;
use shared::jobs::{Cause, FetchJob, Job};
use shared::lambda::Disposition;
use shared::lambda::batch::{NoMessageId, for_each_job_at_once};
use shared::lambda::dead_letters::{REDRIVE, Reason, dead_letter, forward};
use shared::lambda::deadline::time_left;
use shared::lambda::failed_step::after_failure;
use shared::lambda::function::Function;
use shared::lambda::message::{receive_count, retry_after, sent_at};
use shared::lambda::metrics::{self, Metric};
use shared::model::Outcome;
use shared::ports::queue::{MAX_POSTPONE, OutgoingMessage};
use tracing::{error, info, warn};

use beside_reports::{
    is_given_up_beside_reports, is_given_up_for_its_length, takes_too_long, tell_refusal_once,
};
use call_record::keep_unresolved_call;
pub use config::Config;
pub use dependencies::Dependencies;
pub use encrypted_notification::{DataKeys, EncryptedNotifications, ValidationTokens};
pub use error::{FetchError, UnresolvedCall};
pub use reading::Attempt;
use retry::{NextAction, Receipt, next_action};
pub use step::Step;
pub use steps::fetch;

/// A look's message that waited longer than this in the queue is sent anew at its time.
const SENT_ANEW_AFTER: SignedDuration = SignedDuration::from_hours(12);

/// The most time that a step has, so that one that hangs leaves its neighbours some.
const MOST_TIME_FOR_A_STEP: SignedDuration = SignedDuration::from_secs(90);
/// With less time before its invocation's end no step begins.
const LEAST_TIME_FOR_A_STEP: SignedDuration = SignedDuration::from_secs(10);

/// Takes one step for each message of a batch, all at once, until `deadline`, and answers which messages to
/// deliver again. So a message whose answer hangs delays no other.
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
    for_each_job_at_once(event, Function::Fetch.batch_size(), &**clock, &**dead_letters, process).await
}

async fn process_job(
    dependencies: &Dependencies,
    job: &FetchJob,
    message: &SqsMessage,
    deadline: Timestamp,
) -> Disposition {
    let clock = &*dependencies.clock;
    let now = clock.now();
    if deadline.duration_since(now) < LEAST_TIME_FOR_A_STEP {
        // Its neighbours took the time of the invocation: that is no failure of its own.
        return retry_after(&*dependencies.fetch_queue, message, Duration::ZERO).await;
    }
    if let Some(not_before) = job.not_before
        && let Some(disposition) = wait_for_its_time(dependencies, message, not_before).await
    {
        return disposition;
    }
    let attempt = Attempt::new(message.message_id.as_deref().unwrap_or_default(), receive_count(message));
    let step = tokio::select! {
        biased;
        step = fetch(dependencies, job, &attempt) => step,
        () = clock.sleep(time_left(clock, deadline.min(now + MOST_TIME_FOR_A_STEP))) => Err(FetchError::OutOfTime),
    };
    match step {
        Ok(_) => Disposition::Ack,
        Err(FetchError::Graph(error)) => after_graph_error(dependencies, message, job, &error).await,
        Err(FetchError::Unresolved(call)) => after_unresolved_call(dependencies, message, job, *call).await,
        Err(FetchError::OutOfTime) if attempt.has_kept_pages() => {
            info!("the step's time is up, and the report's pages so far are kept; it goes on at once");
            retry_after(&*dependencies.fetch_queue, message, Duration::ZERO).await
        }
        Err(FetchError::OutOfTime) if is_given_up_for_its_length(&job.target) => {
            give_up_beside_reports(dependencies, message, job, &takes_too_long()).await
        }
        Err(error) => after_failed_step(dependencies, message, &error).await,
    }
}

/// What becomes of a message whose step failed for another reason than an answer of Graph's.
async fn after_failed_step(
    dependencies: &Dependencies,
    message: &SqsMessage,
    error: &FetchError,
) -> Disposition {
    let Dependencies { fetch_queue, dead_letters, clock, .. } = dependencies;
    after_failure(Function::Fetch, &**fetch_queue, &**dead_letters, message, error, clock.now()).await
}

/// What becomes of a look's message that need not be taken now; `None` where its time has come.
async fn wait_for_its_time(
    dependencies: &Dependencies,
    message: &SqsMessage,
    not_before: Timestamp,
) -> Option<Disposition> {
    let now = dependencies.clock.now();
    if let Ok(wait) = Duration::try_from(not_before.duration_since(now))
        && !wait.is_zero()
    {
        return Some(retry_after(&*dependencies.fetch_queue, message, wait.min(MAX_POSTPONE)).await);
    }
    // After long in the queue it is sent once more: the queue would forget it before its tries are spent.
    let waited_long = |sent_at: Timestamp| not_before.duration_since(sent_at) > SENT_ANEW_AFTER;
    if !sent_at(message).is_some_and(waited_long) {
        return None;
    }
    let body = message.body.clone().unwrap_or_default();
    Some(forward(&*dependencies.fetch_queue, OutgoingMessage { body, attributes: Vec::new() }).await)
}

/// What becomes of a call whose meeting Graph did not give: where it is not asked for again, the call's record is
/// kept first.
async fn after_unresolved_call(
    dependencies: &Dependencies,
    message: &SqsMessage,
    job: &FetchJob,
    call: UnresolvedCall,
) -> Disposition {
    let (error, now) = (call.error.clone(), dependencies.clock.now());
    let next = next_action(&error, job, receipt(message), now);
    if matches!(next, NextAction::Retry(_) | NextAction::Anew { .. }) {
        return after_graph_error(dependencies, message, job, &error).await;
    }
    if let Err(error) = keep_unresolved_call(dependencies, call).await {
        return after_failed_step(dependencies, message, &error).await;
    }
    if let Cause::Backfill | Cause::Reconcile = job.cause {
        info!("the call record is kept; the run that asked for it tells what it could not look at: {error}");
        return Disposition::Ack;
    }
    after_graph_error(dependencies, message, job, &error).await
}

/// Gives up what no report depends on, and tells so once.
async fn give_up_beside_reports(
    dependencies: &Dependencies,
    message: &SqsMessage,
    job: &FetchJob,
    error: &GraphError,
) -> Disposition {
    match tell_refusal_once(dependencies, job, error).await {
        Ok(()) => Disposition::Ack,
        Err(error) => after_failed_step(dependencies, message, &error).await,
    }
}

/// Counts that Graph did not give what was asked for.
fn count_failure(error: &GraphError, next: NextAction, now: Timestamp) {
    let told_wait = error.retry_after.map(|wait| Metric::seconds("RetryAfterSeconds", wait.as_secs() as i64));
    let counted: Vec<Metric> = [Metric::count("FetchOutcome", 1)].into_iter().chain(told_wait).collect();
    metrics::emit_outcome(now, error.outcome.name(), &counted);
    if error.outcome.is_of_graph() {
        metrics::emit(now, &[failure_of_graph(next)]);
    }
}

/// How a failure of Graph's is counted for the alarms: one that waiting cannot help rings at once.
fn failure_of_graph(next: NextAction) -> Metric {
    match next {
        NextAction::DeadLetter => Metric::count("GraphRefusals", 1),
        NextAction::Retry(_) | NextAction::Anew { .. } | NextAction::GiveUp => {
            Metric::count("GraphFailures", 1)
        }
    }
}

fn receipt(message: &SqsMessage) -> Receipt {
    Receipt { count: receive_count(message), sent_at: sent_at(message) }
}

/// What becomes of a message after Graph did not give what was asked for.
async fn after_graph_error(
    dependencies: &Dependencies,
    message: &SqsMessage,
    job: &FetchJob,
    error: &GraphError,
) -> Disposition {
    let (outcome, step, now) = (error.outcome.name(), job.target.name(), dependencies.clock.now());
    let receipt = receipt(message);
    let next = next_action(error, job, receipt, now);
    if !job.target.is_beside_the_reports() {
        count_failure(error, next, now);
    } else if is_given_up_beside_reports(job, error, next) {
        return give_up_beside_reports(dependencies, message, job, error).await;
    }
    match next {
        NextAction::Retry(wait) => {
            let seconds = wait.as_secs();
            info!(outcome, wait_seconds = seconds, "{step}: {error}; it is tried again in {seconds} s");
            retry_after(&*dependencies.fetch_queue, message, wait).await
        }
        NextAction::Anew { refused } => {
            info!(outcome, "{step}: {error}; it is sent anew");
            let anew = FetchJob { refused, ..job.clone() };
            forward(&*dependencies.fetch_queue, OutgoingMessage::new(anew.to_message())).await
        }
        NextAction::GiveUp => {
            let outcome = if error.outcome == Outcome::NotReady { "absent" } else { outcome };
            warn!(outcome, "{step}: {error}; this {step} is given up, and the next reconcile looks for it");
            Disposition::Ack
        }
        NextAction::DeadLetter => {
            error!(
                outcome,
                "{step}: {error}; the job goes to the dead letters. {} {REDRIVE}",
                error.remedy()
            );
            metrics::emit_outcome(now, outcome, &[Metric::count("DeadLetters", 1)]);
            let body = message.body.as_deref().unwrap_or_default();
            let reason = Reason::from(error).after(receipt.count, receipt.tried_since(job));
            dead_letter(&*dependencies.dead_letters, body, reason).await
        }
    }
}
