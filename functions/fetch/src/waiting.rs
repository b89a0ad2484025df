//! What follows from an outcome: wait, give up, or call for a person. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::clock::jittered;
use shared::graph::GraphError;
use shared::jobs::FetchJob;
use shared::outcome::Outcome;
use shared::queue::MAX_POSTPONE;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Next {
    /// It comes again after this time.
    Wait(Duration),
    /// It is given up.
    End,
    /// It goes to the dead letters.
    Bury,
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// How long a report is waited for that is not there: soon at first, then every four hours.
const NOT_READY: [Duration; 8] =
    [minutes(1), minutes(2), minutes(5), minutes(10), minutes(15), minutes(30), minutes(60), minutes(240)];
/// For how long, counted from the session's end or from when we heard of it, whichever is later.
const NOT_READY_FOR: SignedDuration = SignedDuration::from_hours(48);
/// When something that Graph does not know is asked for again.
const NOT_FOUND: [Duration; 2] = [minutes(10), minutes(60)];
/// It is given up after three tries, but not before this time: other failures are tries, too.
const NOT_FOUND_FOR: SignedDuration = SignedDuration::from_mins(70);
/// How long failures that may pass are tried.
const FAILING_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long throttling is waited for: the queue forgets a message after seven days.
const THROTTLED_FOR: SignedDuration = SignedDuration::from_hours(6 * 24);
/// How long a new credential, signing key or certificate may take to be known everywhere.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(30);
/// So many times in a row Graph is believed when it says how long to wait; from then on each wait is
/// longer, or the message would be received too often and end among the dead letters.
const BELIEVED: usize = 20;
/// The first pause after a failure that may pass; each further one is twice as long, up to an hour.
const FIRST_PAUSE: Duration = Duration::from_secs(30);

/// What follows from `error`, when the job's message was received for the `receive_count`th time.
pub(crate) fn next(error: &GraphError, job: &FetchJob, receive_count: u32, now: Timestamp) -> Next {
    let tries = receive_count.max(1) as usize - 1;
    let age = now.duration_since(job.first_seen);
    match error.outcome {
        Outcome::NotReady => not_ready(job, tries, now),
        Outcome::Throttled if age < THROTTLED_FOR => {
            Next::Wait(throttled(error.retry_after, tries).min(MAX_POSTPONE))
        }
        Outcome::Unavailable | Outcome::Malformed if age < FAILING_FOR => {
            Next::Wait(jittered(pause(tries), now))
        }
        Outcome::CredentialPending | Outcome::NotGenuine | Outcome::NotDecryptable if age < PENDING_FOR => {
            Next::Wait(jittered(pause(tries), now))
        }
        Outcome::NotFound if tries < NOT_FOUND.len() => Next::Wait(NOT_FOUND[tries]),
        Outcome::NotFound if age < NOT_FOUND_FOR => Next::Wait(NOT_FOUND[0]),
        Outcome::NotFound => Next::End,
        Outcome::Gone => Next::End,
        _ => Next::Bury,
    }
}

fn not_ready(job: &FetchJob, tries: usize, now: Timestamp) -> Next {
    let ended = job.session.map_or(job.first_seen, |session| session.end.max(job.first_seen));
    // A last look at the very end of the time.
    match Duration::try_from((ended + NOT_READY_FOR).duration_since(now)) {
        Ok(left) if !left.is_zero() => Next::Wait(NOT_READY[tries.min(NOT_READY.len() - 1)].min(left)),
        _ => Next::End,
    }
}

fn throttled(retry_after: Option<Duration>, tries: usize) -> Duration {
    match retry_after {
        Some(told) if tries < BELIEVED => told,
        Some(told) => told.max(pause(tries - BELIEVED)),
        None => pause(tries),
    }
}

fn pause(tries: usize) -> Duration {
    let doublings = u32::try_from(tries.min(7)).unwrap_or(7);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(minutes(60))
}

#[cfg(test)]
mod tests {
    use shared::jobs::{Cause, FetchTarget, SessionTimes};

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn job() -> FetchJob {
        FetchJob {
            target: FetchTarget::CallRecord { id: "c".into() },
            cause: Cause::Notification,
            first_seen: at("2026-03-01T00:00:00Z"),
            session: None,
        }
    }

    fn next_of(outcome: Outcome, receive_count: u32, now: &str) -> Next {
        next(&GraphError::new(outcome), &job(), receive_count, at(now))
    }

    #[test]
    fn a_report_that_is_not_there_is_waited_for_in_growing_steps() {
        let steps = (1..=9).map(|count| next_of(Outcome::NotReady, count, "2026-03-01T00:00:00Z"));
        let minutes = [1, 2, 5, 10, 15, 30, 60, 240, 240].map(|step| Next::Wait(minutes(step)));
        assert_eq!(steps.collect::<Vec<_>>(), minutes);
    }

    #[test]
    fn it_is_looked_at_a_last_time_after_48_hours_and_then_given_up() {
        assert_eq!(next_of(Outcome::NotReady, 20, "2026-03-02T23:59:00Z"), Next::Wait(minutes(1)));
        assert_eq!(next_of(Outcome::NotReady, 21, "2026-03-03T00:00:00Z"), Next::End);
    }

    #[test]
    fn the_48_hours_begin_when_the_session_ends() {
        let session = SessionTimes { start: at("2026-03-04T00:00:00Z"), end: at("2026-03-05T00:00:00Z") };
        let job = FetchJob { session: Some(session), ..job() };
        let not_ready = GraphError::new(Outcome::NotReady);
        assert_eq!(next(&not_ready, &job, 20, at("2026-03-06T00:00:00Z")), Next::Wait(minutes(240)));
        assert_eq!(next(&not_ready, &job, 20, at("2026-03-07T00:00:00Z")), Next::End);
    }

    #[test]
    fn throttling_waits_as_long_as_graph_says() {
        let mut throttled = GraphError::new(Outcome::Throttled);
        throttled.retry_after = Some(Duration::from_millis(2_128));
        let now = at("2026-03-01T00:00:00Z");
        assert_eq!(next(&throttled, &job(), 1, now), Next::Wait(Duration::from_millis(2_128)));
        assert_eq!(next(&throttled, &job(), 21, now), Next::Wait(FIRST_PAUSE));
        assert_eq!(next(&throttled, &job(), 999, now), Next::Wait(minutes(60)));
        throttled.retry_after = Some(Duration::from_secs(100 * 3_600));
        assert_eq!(next(&throttled, &job(), 1, now), Next::Wait(MAX_POSTPONE));
        throttled.retry_after = None;
        assert_eq!(next(&throttled, &job(), 2, now), Next::Wait(Duration::from_secs(60)));
        assert_eq!(next(&throttled, &job(), 9, at("2026-03-07T00:00:00Z")), Next::Bury);
    }

    #[test]
    fn failures_that_may_pass_are_tried_for_a_day() {
        for outcome in [Outcome::Unavailable, Outcome::Malformed] {
            let Next::Wait(wait) = next_of(outcome, 30, "2026-03-01T23:59:59Z") else {
                panic!("{outcome:?}")
            };
            assert!(wait >= minutes(30) && wait <= minutes(60));
            assert_eq!(next_of(outcome, 30, "2026-03-02T00:00:00Z"), Next::Bury);
        }
    }

    #[test]
    fn what_graph_does_not_know_is_tried_three_times() {
        let now = "2026-03-01T00:00:00Z";
        assert_eq!(next_of(Outcome::NotFound, 1, now), Next::Wait(minutes(10)));
        assert_eq!(next_of(Outcome::NotFound, 2, now), Next::Wait(minutes(60)));
        assert_eq!(next_of(Outcome::NotFound, 3, "2026-03-01T01:10:00Z"), Next::End);
        let after_other_failures = next_of(Outcome::NotFound, 9, "2026-03-01T00:30:00Z");
        assert_eq!(after_other_failures, Next::Wait(minutes(10)));
        assert_eq!(next_of(Outcome::Gone, 1, now), Next::End);
    }

    #[test]
    fn what_may_be_new_is_tried_for_half_an_hour() {
        for outcome in [Outcome::CredentialPending, Outcome::NotGenuine, Outcome::NotDecryptable] {
            let Next::Wait(_) = next_of(outcome, 3, "2026-03-01T00:29:00Z") else { panic!("{outcome:?}") };
            assert_eq!(next_of(outcome, 3, "2026-03-01T00:30:00Z"), Next::Bury, "{outcome:?}");
        }
    }

    #[test]
    fn what_a_person_must_mend_is_a_dead_letter_at_once() {
        for outcome in [
            Outcome::AccessPolicyMissing,
            Outcome::NotOrganizer,
            Outcome::ConsentMissing,
            Outcome::CredentialRefused,
            Outcome::UnsupportedInCloud,
            Outcome::InvalidRequest,
        ] {
            assert_eq!(next_of(outcome, 1, "2026-03-01T00:00:00Z"), Next::Bury, "{outcome:?}");
        }
    }
}
