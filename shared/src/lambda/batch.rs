//! A batch of messages: each is a job, handled on its own, and the response says which to deliver again.
//!
//! The list of failures starts as *all* messages, and one leaves it only after its effect is durable: a
//! mistake then delivers a message twice, and never loses one.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use std::panic::AssertUnwindSafe;
use std::pin::pin;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt, StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use tracing::{Instrument, error};

use super::dead_letters::dead_letter;
use super::disposition::Disposition;
use super::failed_step::FAILING_FOR;
use super::message::{first_received_at, receive_count, sent_at};
use super::message_span::{message_span, record_job};
use super::metrics::{self, Metric};
use crate::jobs::{Job, JobError};
use crate::model::Outcome;
use crate::ports::clock::Clock;
use crate::ports::queue::Queue;

/// So often a message was received, at least, that is given up for another reason than its step's. Those of `backfill` come
/// again after an hour.
const GIVEN_UP_AFTER_RECEIPTS: u32 = 50;

/// A message of the batch has no id: the response could not name it, and Lambda would take the whole batch
/// as acknowledged. The invocation must fail instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of the event has no messageId")]
pub struct NoMessageId;

/// Handles the jobs of a batch one after the other, and returns which messages to deliver again.
///
/// Every log line of a job is inside a span with the message's id, the job's kind and the hash of its target.
/// A message that carries no job goes to `dead_letters`. A panic is one message's failure, not the batch's.
/// Then the age of its oldest message is counted: SQS's own metric leaves out what was received three times.
///
/// # Errors
/// A message has no id: no message was handled.
pub async fn for_each_job<J: Job>(
    event: SqsEvent,
    clock: &dyn Clock,
    dead_letters: &dyn Queue,
    step: impl AsyncFn(J, &SqsMessage) -> Disposition,
) -> Result<SqsBatchResponse, NoMessageId> {
    for_each_job_at_once(event, 1, clock, dead_letters, step).await
}

/// Handles the jobs of a batch as [`for_each_job`] does, up to `at_once` of them at a time.
///
/// # Errors
/// A message has no id: no message was handled.
pub async fn for_each_job_at_once<J: Job>(
    event: SqsEvent,
    at_once: usize,
    clock: &dyn Clock,
    dead_letters: &dyn Queue,
    step: impl AsyncFn(J, &SqsMessage) -> Disposition,
) -> Result<SqsBatchResponse, NoMessageId> {
    let ids = event.records.iter().map(|message| message.message_id.clone().filter(|id| !id.is_empty()));
    let mut failures: Vec<String> = ids.collect::<Option<_>>().ok_or(NoMessageId)?;
    let (step, received, mut oldest) = (&step, clock.now(), SignedDuration::ZERO);
    let handled = event.records.iter().map(async |message| {
        let span = message_span(message);
        let handled = handle_message(message, received, dead_letters, step).instrument(span.clone());
        let handled = match AssertUnwindSafe(handled).catch_unwind().await {
            Ok(handled) => handled,
            Err(_) => {
                let disposition = after_panic(message, received, dead_letters).instrument(span).await;
                (disposition, SignedDuration::ZERO)
            }
        };
        (message, handled)
    });
    let mut handled = pin!(stream::iter(handled).buffer_unordered(at_once));
    while let Some((message, (disposition, late_by))) = handled.next().await {
        oldest = oldest.max(late_by);
        if disposition == Disposition::Ack {
            failures.retain(|failure| Some(failure) != message.message_id.as_ref());
        }
    }
    metrics::emit(clock.now(), &[Metric::seconds("OldestMessageSeconds", oldest.as_secs())]);
    Ok(response(failures))
}

/// Handles one message; answers, too, by how much it was late when it was received.
async fn handle_message<J: Job>(
    message: &SqsMessage,
    received: Timestamp,
    dead_letters: &dyn Queue,
    step: &impl AsyncFn(J, &SqsMessage) -> Disposition,
) -> (Disposition, SignedDuration) {
    let body = message.body.as_deref().unwrap_or_default();
    match read_job::<J>(body) {
        Ok(job) => {
            let late_by = late_by(&job, message, received);
            (step(job, message).await, late_by)
        }
        // It waits for the build that wrote it.
        Err(JobError::Newer(_)) if !is_given_up(message, received) => {
            (Disposition::Retry, received.duration_since(sent_at(message).unwrap_or(received)))
        }
        Err(_) => (dead_letter(dead_letters, body, Outcome::InvalidRequest).await, SignedDuration::ZERO),
    }
}

/// What becomes of a message whose step panicked: a bug, which a deployment may mend.
async fn after_panic(message: &SqsMessage, received: Timestamp, dead_letters: &dyn Queue) -> Disposition {
    metrics::emit(received, &[Metric::count("StepsFailed", 1)]);
    if !is_given_up(message, received) {
        error!("the step panicked; its message is delivered again");
        return Disposition::Retry;
    }
    let outcome = Outcome::Panicked;
    error!(outcome = outcome.name(), "the step panics for days; its message goes to the dead letters");
    metrics::emit_outcome(received, outcome.name(), &[Metric::count("DeadLetters", 1)]);
    dead_letter(dead_letters, message.body.as_deref().unwrap_or_default(), outcome).await
}

/// Whether a message was tried for so long, and so often, that a person must look at it. One that waited for something
/// else was received seldom.
fn is_given_up(message: &SqsMessage, received: Timestamp) -> bool {
    let is_old = |first| received.duration_since(first) >= FAILING_FOR;
    first_received_at(message).is_some_and(is_old) && receive_count(message) >= GIVEN_UP_AFTER_RECEIPTS
}

/// The job of a message, which the span of its log lines names from now on.
fn read_job<J: Job>(body: &str) -> Result<J, JobError> {
    let job = J::from_message(body);
    match &job {
        Ok(job) => record_job(job),
        Err(newer @ JobError::Newer(_)) => error!("{newer}"),
        Err(unreadable) => error!("{unreadable}; it goes to the dead letters"),
    }
    job
}

/// By how much a message is late that was received at `received`; nothing where it waits by rights.
fn late_by(job: &impl Job, message: &SqsMessage, received: Timestamp) -> SignedDuration {
    let sent_at = sent_at(message).unwrap_or(received);
    received.duration_since(job.due_at(sent_at, receive_count(message) > 1))
}

fn response(failures: Vec<String>) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    for id in failures {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        response.batch_item_failures.push(failure);
    }
    response
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use async_trait::async_trait;
    use tokio::sync::Semaphore;

    use super::*;
    use crate::jobs::{Cause, FetchJob, FetchTarget, LifecycleEvent, SubscriptionsJob};
    use crate::ports::queue::{OutgoingMessage, QueueError};

    /// A clock that stands.
    struct Standing;

    const NOW: Standing = Standing;

    #[async_trait]
    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::constant(1_772_447_400, 0)
        }

        async fn sleep(&self, _: Duration) {}
    }

    /// A dead-letter queue that stores what it is sent.
    #[derive(Default)]
    struct Letters(Mutex<Vec<OutgoingMessage>>);

    #[async_trait]
    impl Queue for Letters {
        async fn send(&self, messages: Vec<OutgoingMessage>) -> Result<(), QueueError> {
            self.0.lock().unwrap().extend(messages);
            Ok(())
        }

        async fn postpone(&self, _: &str, _: Duration) -> Result<(), QueueError> {
            Ok(())
        }
    }

    fn event(ids: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for id in ids {
            let mut message = SqsMessage::default();
            message.message_id = Some((*id).to_owned());
            let (subscription_id, event_kind) = ((*id).to_owned(), LifecycleEvent::Missed);
            let job = SubscriptionsJob::Lifecycle { subscription_id, event: event_kind };
            message.body = Some(job.to_message());
            event.records.push(message);
        }
        event
    }

    async fn ack(_: SubscriptionsJob, _: &SqsMessage) -> Disposition {
        Disposition::Ack
    }

    #[test]
    fn a_message_is_late_from_when_it_was_sent_and_a_report_that_is_waited_for_after_its_48_hours() {
        let message = |receipts: &str| {
            let mut message = SqsMessage::default();
            let attribute = |name: &str, value: &str| (name.to_owned(), value.to_owned());
            message.attributes.extend([
                attribute("SentTimestamp", "1772447400000"),
                attribute("ApproximateReceiveCount", receipts),
            ]);
            message
        };
        let (sent, hour) = (NOW.now(), SignedDuration::from_hours(1));
        let other =
            SubscriptionsJob::Lifecycle { subscription_id: "s".into(), event: LifecycleEvent::Missed };
        assert_eq!(late_by(&other, &message("7"), sent + hour), hour);
        let target = FetchTarget::CallRecord { id: "c".into() };
        let report = FetchJob::new(target, Cause::Notification, sent);
        assert_eq!(late_by(&report, &message("1"), sent + hour), hour, "nobody has looked yet");
        assert_eq!(late_by(&report, &message("2"), sent + 49 * hour), hour);
        let look = FetchJob { not_before: Some(sent + 5 * hour), ..report };
        assert_eq!(late_by(&look, &message("1"), sent + 6 * hour), hour);
    }

    #[tokio::test]
    async fn only_what_failed_is_delivered_again() {
        let letters = Letters::default();
        let step = async |_: SubscriptionsJob, message: &SqsMessage| match message.message_id.as_deref() {
            Some("a") => Disposition::Retry,
            Some("b") => panic!("a bug"),
            _ => Disposition::Ack,
        };
        let response = for_each_job(event(&["a", "b", "c"]), &NOW, &letters, step).await.unwrap();
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#);
    }

    #[tokio::test]
    async fn jobs_that_are_handled_at_once_do_not_wait_for_each_other() {
        let last_has_come = Semaphore::new(0);
        let step = async |_: SubscriptionsJob, message: &SqsMessage| match message.message_id.as_deref() {
            Some("c") => {
                last_has_come.add_permits(2);
                Disposition::Retry
            }
            _ => {
                last_has_come.acquire().await.unwrap().forget();
                Disposition::Ack
            }
        };
        let letters = Letters::default();
        let response = for_each_job_at_once(event(&["a", "b", "c"]), 3, &NOW, &letters, step).await.unwrap();
        let json = serde_json::to_string(&response).unwrap();
        assert_eq!(json, r#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#);
    }

    #[tokio::test]
    async fn a_batch_that_succeeds_answers_an_empty_list() {
        let response = for_each_job(event(&["a"]), &NOW, &Letters::default(), ack).await.unwrap();
        assert_eq!(serde_json::to_string(&response).unwrap(), r#"{"batchItemFailures":[]}"#);
    }

    #[tokio::test]
    async fn a_message_without_id_fails_the_invocation_before_anything_is_done() {
        let step = async |_: SubscriptionsJob, _: &SqsMessage| unreachable!("nothing may be handled");
        assert_eq!(for_each_job(event(&["a", ""]), &NOW, &Letters::default(), step).await, Err(NoMessageId));
    }

    #[tokio::test]
    async fn a_message_without_a_job_is_a_dead_letter_and_its_neighbours_are_handled() {
        let letters = Letters::default();
        let mut event = event(&["a", "b"]);
        event.records[0].body = Some("{}".to_owned());
        let response = for_each_job(event, &NOW, &letters, ack).await.unwrap();
        assert!(response.batch_item_failures.is_empty());
        assert_eq!(letters.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_panics_or_is_of_a_newer_version_for_days_is_a_dead_letter_with_its_reason() {
        let letters = Letters::default();
        let mut event = event(&["a", "b"]);
        event.records[0].body = Some(r#"{"version":4,"job":{}}"#.to_owned());
        let three_days_ago = NOW.now() - FAILING_FOR;
        for message in &mut event.records {
            let first = three_days_ago.as_millisecond().to_string();
            message.attributes.insert("ApproximateFirstReceiveTimestamp".to_owned(), first);
        }
        let step = async |_: SubscriptionsJob, _: &SqsMessage| panic!("a bug");
        let response = for_each_job(event.clone(), &NOW, &letters, step).await.unwrap();
        assert_eq!(response.batch_item_failures.len(), 2, "received once, they waited for something else");
        let receipts = GIVEN_UP_AFTER_RECEIPTS.to_string();
        for message in &mut event.records {
            message.attributes.insert("ApproximateReceiveCount".to_owned(), receipts.clone());
        }
        let response = for_each_job(event, &NOW, &letters, step).await.unwrap();
        assert!(response.batch_item_failures.is_empty());
        let letters = letters.0.lock().unwrap();
        let outcomes: Vec<&str> = letters.iter().map(|letter| letter.attributes[0].1.as_str()).collect();
        assert_eq!(outcomes, ["invalid_request", "panicked"]);
    }

    #[tokio::test]
    async fn a_job_of_a_newer_version_waits_for_the_build_that_reads_it() {
        let letters = Letters::default();
        let mut event = event(&["a", "b"]);
        event.records[0].body = Some(r#"{"version":4,"job":{}}"#.to_owned());
        let response = for_each_job(event, &NOW, &letters, ack).await.unwrap();
        assert_eq!(response.batch_item_failures.len(), 1);
        assert!(letters.0.lock().unwrap().is_empty());
    }
}
