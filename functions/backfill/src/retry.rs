//! How long a unit waits before it is taken again. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::backoff::Backoff;
use shared::graph::GraphError;
use shared::ports::queue::MAX_POSTPONE;

/// The pauses after failures that may pass.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(30), longest: Duration::from_secs(30 * 60) };
/// The pauses between looks whether a run's other units are done, in the stack: half of the receipts that the queue allows
/// are for failures.
pub const LEDGER_PAUSES: Backoff =
    Backoff { first: Duration::from_secs(5), longest: Duration::from_secs(50 * 60) };
/// After so many tries, or so long after its first as its deployment says, a unit takes a failure as it is: it says what
/// it could not see, and ends.
const MOST_TRIES: u32 = 40;
/// For how long a unit is tried in the stack.
pub const RETRY_UNITS_FOR: SignedDuration = SignedDuration::from_hours(24);
/// After so many looks at the other units, failed ones among them, the ledger is written without those that are silent:
/// at a hundred receipts SQS would move its message to the dead letters.
const MOST_LOOKS: u32 = 90;
/// The longest wait of a unit: that which Graph asks for, as far as a message can be put off.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(MAX_POSTPONE.as_secs().cast_signed());
/// The same for a refusal that Microsoft does not document.
const UNDOCUMENTED_FOR: SignedDuration = SignedDuration::from_hours(1);

/// One of the times that a unit is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// How often it was taken, this time included.
    pub(crate) tries: u32,
    /// When it was taken first. Its run may be much older.
    pub(crate) first_at: Timestamp,
}

/// Whether a failure may pass, and is worth waiting for.
pub(crate) fn is_retryable(
    error: &GraphError,
    attempt: Attempt,
    retry_for: SignedDuration,
    now: Timestamp,
) -> bool {
    let patience = match (error.outcome.may_pass(), error.is_documented) {
        (true, _) => retry_for,
        (false, false) => UNDOCUMENTED_FOR.min(retry_for),
        (false, true) => return false,
    };
    attempt.tries < MOST_TRIES && now.duration_since(attempt.first_at) < patience
}

/// How long to wait after a failure that may pass.
pub(crate) fn pause_after(error: &GraphError, tries: u32, now: Timestamp) -> Duration {
    match error.retry_after {
        Some(told) => told.min(MAX_POSTPONE),
        None => BACKOFF.jittered_pause(tries, now),
    }
}

/// Whether the others were waited for long enough, each of which gives up by itself, after its last wait. The message that waits is sent
/// anew with each unit that has ended, so `attempt` says since when none has: a long run is not late for its age.
pub(crate) fn other_units_are_late(attempt: Attempt, now: Timestamp) -> bool {
    let waited = now.duration_since(attempt.first_at);
    waited > RETRY_UNITS_FOR + LONGEST_WAIT + SignedDuration::from_hours(2) || attempt.tries >= MOST_LOOKS
}

#[cfg(test)]
mod tests {
    use shared::model::Outcome;

    use super::*;

    #[test]
    fn a_failure_that_may_pass_is_waited_for_but_not_without_end() {
        let began: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let throttled = GraphError::new(Outcome::Throttled);
        let tried = |tries| Attempt { tries, first_at: began };
        assert!(is_retryable(&throttled, tried(1), RETRY_UNITS_FOR, began));
        assert!(!is_retryable(&throttled, tried(MOST_TRIES), RETRY_UNITS_FOR, began));
        assert!(!is_retryable(&throttled, tried(1), RETRY_UNITS_FOR, began + RETRY_UNITS_FOR));
        let mut refused = GraphError::new(Outcome::InvalidRequest);
        assert!(!is_retryable(&refused, tried(1), RETRY_UNITS_FOR, began));
        refused.is_documented = false;
        assert!(is_retryable(&refused, tried(1), RETRY_UNITS_FOR, began));
        assert!(!is_retryable(&refused, tried(1), RETRY_UNITS_FOR, began + UNDOCUMENTED_FOR));
    }

    #[test]
    fn waits_grow_unless_graph_says_how_long() {
        let now = "2026-03-01T10:00:00.000499Z".parse().unwrap();
        let mut error = GraphError::new(Outcome::Unavailable);
        assert!(pause_after(&error, 1, now) <= BACKOFF.first);
        let half_an_hour = Duration::from_secs(1_800);
        assert!((half_an_hour / 2..=half_an_hour).contains(&pause_after(&error, 40, now)));
        error.retry_after = Some(Duration::from_secs(7));
        assert_eq!(pause_after(&error, 40, now), Duration::from_secs(7));
        let fifty_minutes = Duration::from_secs(3_000);
        assert_eq!((LEDGER_PAUSES.pause(1), LEDGER_PAUSES.pause(99)), (LEDGER_PAUSES.first, fifty_minutes));
    }

    #[test]
    fn the_others_are_waited_for_until_they_must_have_given_up() {
        let began: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let late = began + SignedDuration::from_hours(24 + 11 + 2);
        let attempt = Attempt { tries: 9, first_at: began };
        assert!(!other_units_are_late(attempt, late));
        assert!(other_units_are_late(attempt, late + SignedDuration::from_secs(1)));
    }
}
