//! How long a pull waits before something is tried once more.

use std::time::Duration;

use shared::backoff::Backoff;
use shared::graph::GraphError;
use shared::model::Outcome;

/// How often a failure that may pass is tried again.
const TRIES: u32 = 4;

/// The pauses between them, where Graph does not say how long to wait.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(2), longest: Duration::from_secs(60) };
/// The same, where Graph asks for fewer requests and does not say how long to wait.
const THROTTLED: Duration = Duration::from_secs(30);

/// How long to wait before something is tried for another time; `None` if it is not.
pub(super) fn wait(error: &GraphError, tries: u32) -> Option<Duration> {
    match error.outcome {
        Outcome::Throttled => Some(error.retry_after.unwrap_or(THROTTLED)),
        Outcome::Unavailable | Outcome::Malformed if tries < TRIES => Some(BACKOFF.pause(tries)),
        _ => None,
    }
}
