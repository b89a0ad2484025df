//! Genuine items that no route exists for: kept as dead letters, and routed again when these are redriven.

use jiff::Timestamp;
use serde_json::value::RawValue;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::dead_letters;
use shared::lambda::function::Function;
use shared::model::{Outcome, ResourceKind};
use shared::ports::queue::OutgoingMessage;

use crate::notification::{ChangeNotification, Route};

/// The message attribute with the kind of resource that the item's `clientState` was for. It tells the dead letter
/// of an item, which is no job, from others.
pub const NOTIFIED_OF: &str = "notified-of";

/// The dead letter of a genuine item, whose body is what is kept of it.
pub(crate) fn letter(body: &str, kind: ResourceKind) -> OutgoingMessage {
    let mut letter = dead_letters::letter(body, Outcome::InvalidRequest);
    letter.attributes.push((NOTIFIED_OF, kind.name().to_owned()));
    letter
}

/// The job that the dead letter of an item leads to with the routes of this version, and the function whose queue
/// takes it; `None` where there still is no route. `notified_of` is its attribute [`NOTIFIED_OF`].
pub fn route_again(item: &str, notified_of: &str, now: Timestamp) -> Option<(Function, OutgoingMessage)> {
    let item: &RawValue = serde_json::from_str(item).ok()?;
    let kind = ResourceKind::of_name(notified_of)?;
    let route = ChangeNotification::read(item)?.route(&[]);
    if route.kind().is_some_and(|routed| routed != kind) {
        return None;
    }
    let (function, message) = match route {
        // The tokens that prove it were those of its POST, and are not kept.
        Route::Fetch(FetchTarget::EncryptedNotification(_)) | Route::Nothing | Route::Unknown => return None,
        Route::Fetch(target) => {
            (Function::Fetch, FetchJob::new(target, Cause::Notification, now).to_message())
        }
        Route::Subscriptions(job) => (Function::Subscriptions, job.to_message()),
    };
    Some((function, OutgoingMessage::new(message)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn again(item: &str, notified_of: &str) -> Option<(Function, String)> {
        let (function, message) = route_again(item, notified_of, Timestamp::UNIX_EPOCH)?;
        Some((function, message.body))
    }

    #[test]
    fn an_item_is_routed_as_if_it_came_now() {
        let call = r#"{"resource":"communications/callRecords/c-1"}"#;
        let (function, body) = again(call, "calls").unwrap();
        let target = FetchTarget::CallRecord { id: "c-1".into() };
        let job = FetchJob::new(target, Cause::Notification, Timestamp::UNIX_EPOCH);
        assert_eq!((function, FetchJob::from_message(&body)), (Function::Fetch, Ok(job)));

        let missed = r#"{"subscriptionId":"s","lifecycleEvent":"missed"}"#;
        assert_eq!(again(missed, "calls").unwrap().0, Function::Subscriptions);
    }

    #[test]
    fn what_has_no_route_or_was_notified_of_as_something_else_is_not() {
        let call = r#"{"resource":"communications/callRecords/c-1"}"#;
        let encrypted = include_str!("../fixtures/meeting_call_encrypted.json");
        for (item, notified_of) in [
            (call, "reports"),
            (call, "whatever"),
            (r#"{"resource":"users/u/messages/m"}"#, "calls"),
            (encrypted, "meeting"),
            ("[]", "calls"),
            ("no JSON", "calls"),
        ] {
            assert_eq!(again(item, notified_of), None, "{item}");
        }
    }
}
