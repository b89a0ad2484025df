//! Sending a message elsewhere in place of handling it: to a dead-letter queue, or to another queue.

use std::collections::BTreeMap;

use jiff::Timestamp;
use tracing::error;

use super::disposition::Disposition;
use crate::graph::GraphError;
use crate::model::Outcome;
use crate::ports::queue::{OutgoingMessage, Queue, escape_for_sqs};

/// What every remedy of a dead letter ends with.
pub const REDRIVE: &str = "Then redrive the dead letters.";

/// The message attributes of a dead letter.
const ATTRIBUTES: [&str; 5] = ["outcome", "remedy", "tries", "tried-since", "request-id"];

/// Why a message is a dead letter: the outcome, the remedy for the operator, Graph's `request-id`, and how long
/// it was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    outcome: Outcome,
    remedy: &'static str,
    request_id: Option<String>,
    tried: Option<(u32, Timestamp)>,
}

impl Reason {
    /// The same reason, after so many tries since that time (UTC).
    #[must_use]
    pub fn after(self, tries: u32, since: Timestamp) -> Self {
        Self { tried: Some((tries, since)), ..self }
    }
}

impl From<Outcome> for Reason {
    fn from(outcome: Outcome) -> Self {
        Self { outcome, remedy: outcome.remedy(), request_id: None, tried: None }
    }
}

impl From<&GraphError> for Reason {
    fn from(error: &GraphError) -> Self {
        let request_id = error.request_id.clone();
        Self { outcome: error.outcome, remedy: error.remedy(), request_id, tried: None }
    }
}

/// The message for a dead-letter queue: the body, which is JSON, as it was received, and the reason in the
/// message attributes `outcome`, `remedy` and, where they are known, `request-id`, `tries` and `tried-since`.
pub fn letter(body: &str, reason: impl Into<Reason>) -> OutgoingMessage {
    let Reason { outcome, remedy, request_id, tried } = reason.into();
    let remedy = format!("{remedy} {REDRIVE}");
    let mut attributes = vec![("outcome", outcome.name().to_owned()), ("remedy", remedy)];
    if let Some((tries, since)) = tried {
        attributes.extend([("tries", tries.to_string()), ("tried-since", format!("{since:.0}"))]);
    }
    attributes.extend(request_id.map(|id| ("request-id", id)));
    OutgoingMessage { body: escape_for_sqs(body.to_owned()), attributes }
}

/// A dead letter with another body, and the reason that a received one has in its `attributes`.
pub fn letter_like(attributes: &BTreeMap<String, String>, body: &str) -> OutgoingMessage {
    let named = |name: &'static str| Some((name, attributes.get(name)?.clone()));
    OutgoingMessage {
        body: escape_for_sqs(body.to_owned()),
        attributes: ATTRIBUTES.into_iter().filter_map(named).collect(),
    }
}

/// Sends a message's body to the queue `dead_letters`; the message is acknowledged only after the dead letter
/// is durable.
pub async fn dead_letter(dead_letters: &dyn Queue, body: &str, reason: impl Into<Reason>) -> Disposition {
    forward(dead_letters, letter(body, reason)).await
}

/// Sends `replacement` in place of a message, which is acknowledged only after the replacement is durable.
pub async fn forward(queue: &dyn Queue, replacement: OutgoingMessage) -> Disposition {
    match queue.send(vec![replacement]).await {
        Ok(()) => Disposition::Ack,
        Err(failed) => {
            error!("the message could not be sent on, and is delivered again: {failed}");
            Disposition::Retry
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dead_letter_says_why_and_has_no_character_that_sqs_refuses() {
        let mut reason = GraphError::new(Outcome::NotOrganizer);
        reason.request_id = Some("id-1".into());
        let letter = letter("{\"x\":\"\u{FFFE}\"}", &reason);
        assert_eq!(letter.body, r#"{"x":"\ufffe"}"#);
        let names: Vec<&str> = letter.attributes.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, ["outcome", "remedy", "request-id"]);
        assert_eq!(letter.attributes[0].1, "not_organizer");
    }

    #[test]
    fn a_letter_with_another_body_has_the_whole_reason() {
        let mut error = GraphError::new(Outcome::NotOrganizer);
        error.request_id = Some("id-1".into());
        let before = letter("{}", Reason::from(&error).after(2, Timestamp::UNIX_EPOCH));
        let attributes = before.attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let after = letter_like(&attributes.collect(), "[]");
        assert_eq!((after.body.as_str(), after.attributes), ("[]", before.attributes));
    }
}
