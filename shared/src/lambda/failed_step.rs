//! What becomes of a message whose step failed for another reason than an answer of Graph's: the archive, a queue or
//! a secret gave no answer, or refused, or the time was up.
//!
//! It is counted, put off in growing steps, and after some days it is a dead letter with its reason: long before the
//! queue forgets it, or has received it too often.

use std::time::Duration;

use aws_lambda_events::event::sqs::SqsMessage;
use jiff::{SignedDuration, Timestamp};
use tracing::error;

use super::dead_letters::{REDRIVE, Reason, dead_letter, forward};
use super::disposition::Disposition;
use super::function::Function;
use super::message::{FIRST_RECEIVED, first_received_at, receive_count, retry_after, time_in};
use super::metrics::{self, Metric};
use crate::backoff::Backoff;
use crate::model::Outcome;
use crate::ports::queue::{OutgoingMessage, Queue};

/// For how long a message is tried whose step fails, from its first failure in a row. An outage of AWS is shorter, and a
/// person who must act has seen the alarm.
pub const FAILING_FOR: SignedDuration = SignedDuration::from_hours(3 * 24);
/// A message that was received first so long ago has waited for something else before: it is sent anew, with the time of
/// its first failure.
const WAITED_BEFORE: SignedDuration = SignedDuration::from_hours(1);
/// So many receipts before SQS would move a message to the dead letters, without a reason, it goes there with one: a
/// duplicate or a killed invocation may take some.
const SPARE_RECEIPTS: u32 = 8;
/// The message attribute with that time.
const FAILING_SINCE: &str = "failing-since";
/// The pauses between the tries.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_secs(3_600) };

/// What becomes of a message of `queue`, that of `function`, whose step failed with `failure`, which is logged: it is
/// delivered again later, or goes to `dead_letters`.
pub async fn after_failure(
    function: Function,
    queue: &dyn Queue,
    dead_letters: &dyn Queue,
    message: &SqsMessage,
    failure: &(dyn std::error::Error + Sync),
    now: Timestamp,
) -> Disposition {
    metrics::emit(now, &[Metric::count("StepsFailed", 1)]);
    let tries = receive_count(message);
    let received = first_received_at(message).unwrap_or(now);
    let Some(since) = failing_since(message, received, now) else {
        error!("the step failed, and is taken anew: {failure}");
        let body = message.body.clone().unwrap_or_default();
        let attributes = vec![(FAILING_SINCE, now.to_string()), (FIRST_RECEIVED, received.to_string())];
        return forward(queue, OutgoingMessage { body, attributes }).await;
    };
    let may_come_again = tries + SPARE_RECEIPTS < function.max_receive_count();
    if now.duration_since(since) < FAILING_FOR && may_come_again {
        let wait = BACKOFF.jittered_pause(tries, now);
        error!(wait_seconds = wait.as_secs(), "the step failed, and is taken again: {failure}");
        return retry_after(queue, message, wait).await;
    }
    let outcome = Outcome::AwsUnavailable;
    error!(
        outcome = outcome.name(),
        "the step goes on failing, and its message goes to the dead letters: {failure}. {} {REDRIVE}",
        outcome.remedy()
    );
    metrics::emit_outcome(now, outcome.name(), &[Metric::count("DeadLetters", 1)]);
    let reason = Reason::from(outcome).after(tries, since);
    dead_letter(dead_letters, message.body.as_deref().unwrap_or_default(), reason).await
}

/// Since when the step of a message fails; `None` where it waited for something else before, and does not say.
fn failing_since(message: &SqsMessage, received: Timestamp, now: Timestamp) -> Option<Timestamp> {
    let is_young = now.duration_since(received) < WAITED_BEFORE;
    // Taken so seldom it cannot have failed all that time: it waited for something else in between.
    let in_a_row = |since: &Timestamp| {
        let longest = SignedDuration::try_from(BACKOFF.longest).unwrap_or(SignedDuration::MAX);
        now.duration_since(*since) <= longest * 2 * i32::try_from(receive_count(message)).unwrap_or(i32::MAX)
    };
    match time_in(message, FAILING_SINCE) {
        Some(since) => Some(since).filter(in_a_row),
        None => is_young.then_some(received),
    }
}
