//! The partial answer to a batch of messages.
//!
//! The list of failures starts as *all* messages, and one leaves it only after its effect is
//! durable: a slip then delivers a message twice, and never loses one.
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>

use std::panic::AssertUnwindSafe;

use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::FutureExt;
use jiff::{SignedDuration, Timestamp};
use tracing::error;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Settled {
    /// Its effect is durable: it is deleted.
    Done,
    /// It is delivered again.
    Again,
}

/// A message without an id: the answer could not name it, and Lambda would take the whole batch as
/// done. The invocation must fail instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a record of the event has no messageId")]
pub struct NoMessageId;

/// Takes the messages of a batch one after the other, and answers which to deliver again.
///
/// A panic is one message's failure, not the batch's.
///
/// # Errors
/// A message has no id: nothing was taken.
pub async fn for_each_message(
    event: SqsEvent,
    step: impl AsyncFn(SqsMessage) -> Settled,
) -> Result<SqsBatchResponse, NoMessageId> {
    let ids = event.records.iter().map(|record| record.message_id.clone().filter(|id| !id.is_empty()));
    let mut failures: Vec<String> = ids.collect::<Option<_>>().ok_or(NoMessageId)?;
    for record in event.records {
        let id = record.message_id.clone();
        let settled = AssertUnwindSafe(step(record)).catch_unwind().await.unwrap_or_else(|_| {
            error!("a message's step panicked; the message is delivered again");
            Settled::Again
        });
        if settled == Settled::Done {
            failures.retain(|failure| Some(failure) != id.as_ref());
        }
    }
    Ok(answer(failures))
}

fn answer(failures: Vec<String>) -> SqsBatchResponse {
    let mut answer = SqsBatchResponse::default();
    for id in failures {
        let mut failure = BatchItemFailure::default();
        failure.item_identifier = id;
        answer.batch_item_failures.push(failure);
    }
    answer
}

/// When a step must end so that its invocation can still answer, from Lambda's own deadline in
/// milliseconds since the epoch.
pub fn deadline(epoch_milliseconds: u64) -> Timestamp {
    let end = i64::try_from(epoch_milliseconds).ok().and_then(|end| Timestamp::from_millisecond(end).ok());
    end.unwrap_or(Timestamp::MAX).checked_sub(TIME_TO_ANSWER).unwrap_or(Timestamp::MIN)
}

/// How long before the end of its time an invocation stops working.
const TIME_TO_ANSWER: SignedDuration = SignedDuration::from_secs(2);

/// How often this message was received, this time included.
pub fn receive_count(message: &SqsMessage) -> u32 {
    let count = message.attributes.get("ApproximateReceiveCount");
    count.and_then(|count| count.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(ids: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for id in ids {
            let mut record = SqsMessage::default();
            record.message_id = Some((*id).to_owned());
            event.records.push(record);
        }
        event
    }

    #[test]
    fn a_step_ends_before_its_invocation_does() {
        assert_eq!(deadline(1_772_447_400_000).to_string(), "2026-03-02T10:29:58Z");
    }

    #[tokio::test]
    async fn only_what_failed_is_delivered_again() {
        let answer =
            for_each_message(event(&["a", "b", "c"]), async |message| match message.message_id.as_deref() {
                Some("a") => Settled::Again,
                Some("b") => panic!("a bug"),
                _ => Settled::Done,
            });
        let json = serde_json::to_string(&answer.await.unwrap()).unwrap();
        assert_eq!(json, r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#);
    }

    #[tokio::test]
    async fn a_batch_that_succeeds_answers_an_empty_list() {
        let answer = for_each_message(event(&["a"]), async |_| Settled::Done).await.unwrap();
        assert_eq!(serde_json::to_string(&answer).unwrap(), r#"{"batchItemFailures":[]}"#);
    }

    #[tokio::test]
    async fn a_message_without_id_fails_the_invocation_before_anything_is_done() {
        let step = async |_| unreachable!("nothing may be taken");
        assert_eq!(for_each_message(event(&["a", ""]), step).await, Err(NoMessageId));
    }
}
