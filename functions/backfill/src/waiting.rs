//! How long a unit waits before it is taken again. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::clock::jittered;
use shared::graph::GraphError;
use shared::outcome::Outcome;
use shared::queue::MAX_POSTPONE;

/// The first pause after a failure that may pass; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);
/// The same, for the other units of a run.
const FIRST_LOOK: Duration = Duration::from_secs(5);
const LONGEST_LOOK: Duration = Duration::from_secs(20 * 60);
/// After so many tries, or so long after its run began, a unit takes a failure as it is: it says what it
/// could not see, and ends.
const MOST_TRIES: u32 = 40;
const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// Whether a failure may pass, and is worth waiting for.
pub(crate) fn passes(error: &GraphError, tries: u32, began: Timestamp, now: Timestamp) -> bool {
    let may_pass = matches!(
        error.outcome,
        Outcome::Throttled | Outcome::Unavailable | Outcome::Malformed | Outcome::CredentialPending
    );
    may_pass && tries < MOST_TRIES && now.duration_since(began) < PATIENCE
}

/// How long to wait after a failure that may pass.
pub(crate) fn after(error: &GraphError, tries: u32, now: Timestamp) -> Duration {
    match error.retry_after {
        Some(told) => told.min(MAX_POSTPONE),
        None => jittered(doubled(FIRST_PAUSE, tries).min(LONGEST_PAUSE), now),
    }
}

/// How long to wait for the other units of a run.
pub(crate) fn for_the_others(tries: u32) -> Duration {
    doubled(FIRST_LOOK, tries).min(LONGEST_LOOK)
}

/// Whether the others were waited for long enough: each gives up by itself.
pub(crate) fn others_are_late(began: Timestamp, now: Timestamp) -> bool {
    now.duration_since(began) > PATIENCE + SignedDuration::from_hours(2)
}

fn doubled(first: Duration, tries: u32) -> Duration {
    first * 2_u32.pow(tries.saturating_sub(1).min(10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_may_pass_is_waited_for_but_not_without_end() {
        let began: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let throttled = GraphError::new(Outcome::Throttled);
        assert!(passes(&throttled, 1, began, began));
        assert!(!passes(&throttled, MOST_TRIES, began, began));
        assert!(!passes(&throttled, 1, began, began + PATIENCE));
        assert!(!passes(&GraphError::new(Outcome::AccessPolicyMissing), 1, began, began));
    }

    #[test]
    fn waits_grow_unless_graph_says_how_long() {
        let now = "2026-03-01T10:00:00.000499Z".parse().unwrap();
        let mut error = GraphError::new(Outcome::Unavailable);
        assert!(after(&error, 1, now) <= FIRST_PAUSE);
        let half_an_hour = Duration::from_secs(1_800);
        assert!((half_an_hour / 2..=half_an_hour).contains(&after(&error, 40, now)));
        error.retry_after = Some(Duration::from_secs(7));
        assert_eq!(after(&error, 40, now), Duration::from_secs(7));
        let twenty_minutes = Duration::from_secs(1_200);
        assert_eq!((for_the_others(1), for_the_others(99)), (FIRST_LOOK, twenty_minutes));
    }

    #[test]
    fn the_others_are_waited_for_until_they_must_have_given_up() {
        let began: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
        let late = began + SignedDuration::from_hours(26);
        assert!(!others_are_late(began, late));
        assert!(others_are_late(began, late + SignedDuration::from_secs(1)));
    }
}
