//! What follows from an outcome: retry, give up, or dead-letter. Pure.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use shared::backoff::Backoff;
use shared::graph::GraphError;
use shared::jobs::{FetchJob, REPORT_AWAITED_FOR};
use shared::model::Outcome;
use shared::ports::queue::MAX_POSTPONE;

/// What becomes of a message whose step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NextAction {
    /// It comes again after this time.
    Retry(Duration),
    /// It is sent anew, so that from now on it counts how long it is refused; or, where `false`, no more.
    Anew {
        /// [`FetchJob::refused`] of the new message.
        refused: bool,
    },
    /// It is acknowledged: there is nothing to fetch.
    GiveUp,
    /// It goes to the dead letters.
    DeadLetter,
}

/// How a message was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// How often it was received, this time included.
    pub(crate) count: u32,
    /// When it was sent to the queue; a dead letter that is redriven is sent anew.
    pub(crate) sent_at: Option<Timestamp>,
}

impl Receipt {
    /// Since when this message is tried. The job may be older: its earlier steps, and its time among the dead
    /// letters, do not count.
    pub(crate) fn tried_since(self, job: &FetchJob) -> Timestamp {
        let sent_at = self.sent_at.map_or(job.first_seen, |sent_at| sent_at.max(job.first_seen));
        // A look waits in the queue until its time.
        job.not_before.map_or(sent_at, |not_before| sent_at.max(not_before))
    }
}

const fn minutes(minutes: u64) -> Duration {
    Duration::from_secs(minutes * 60)
}

/// How long a report is waited for that is not there: soon at first, then every four hours.
const NOT_READY: [Duration; 8] =
    [minutes(1), minutes(2), minutes(5), minutes(10), minutes(15), minutes(30), minutes(60), minutes(240)];
/// But no message is given up before it was tried for so long: it may have been redriven after its time.
const NOT_READY_AT_LEAST: SignedDuration = SignedDuration::from_hours(1);
/// When something that Graph does not know is asked for again.
const NOT_FOUND: [Duration; 2] = [minutes(10), minutes(60)];
/// It is given up after three tries, but not before this time: other failures are tries, too.
const NOT_FOUND_FOR: SignedDuration = SignedDuration::from_mins(70);
/// How long a refusal that Microsoft does not document is tried before a person is asked: it may pass.
const UNDOCUMENTED_FOR: SignedDuration = SignedDuration::from_hours(1);
/// How long failures that may pass are tried.
const FAILING_FOR: SignedDuration = SignedDuration::from_hours(24);
/// How long throttling is waited for: the queue forgets a message after seven days.
const THROTTLED_FOR: SignedDuration = SignedDuration::from_hours(6 * 24);
/// How long a new credential, signing key or certificate may take to be known everywhere: such failures are
/// tried for this long.
const PENDING_FOR: SignedDuration = SignedDuration::from_mins(30);
/// So many times in a row Graph is believed when it says how long to wait; from then on each wait is
/// longer, or the message would be received too often and end among the dead letters.
const BELIEVED: u32 = 20;
/// The pauses after failures that may pass.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(30), longest: minutes(60) };

/// What follows from `error` for the message of `job`.
pub(crate) fn next_action(
    error: &GraphError,
    job: &FetchJob,
    receipt: Receipt,
    now: Timestamp,
) -> NextAction {
    let tries = receipt.count.max(1);
    let earlier_tries = tries as usize - 1;
    let tried_for = now.duration_since(receipt.tried_since(job));
    // What is sent anew is tried from the beginning: that must end.
    let is_young = now.duration_since(job.first_seen) < THROTTLED_FOR;
    let backed_off = || NextAction::Retry(BACKOFF.jittered_pause(tries, now));
    match error.outcome {
        Outcome::NotReady if job.refused && is_young => NextAction::Anew { refused: false },
        Outcome::NotReady => not_ready(job, receipt, now),
        Outcome::Throttled if tried_for < THROTTLED_FOR => {
            NextAction::Retry(throttled(error.retry_after, tries).min(MAX_POSTPONE))
        }
        Outcome::Unavailable | Outcome::Malformed | Outcome::PageExpired if tried_for < FAILING_FOR => {
            backed_off()
        }
        Outcome::CredentialPending | Outcome::NotGenuine | Outcome::NotDecryptable
            if tried_for < PENDING_FOR =>
        {
            backed_off()
        }
        Outcome::NotFound if earlier_tries < NOT_FOUND.len() => NextAction::Retry(NOT_FOUND[earlier_tries]),
        Outcome::NotFound if tried_for < NOT_FOUND_FOR => NextAction::Retry(NOT_FOUND[0]),
        Outcome::NotFound | Outcome::Gone => NextAction::GiveUp,
        _ if !error.is_documented && tried_for < UNDOCUMENTED_FOR => backed_off(),
        // It was waited for, perhaps for hours: only from now on is it known to be refused.
        _ if !error.is_documented && !job.refused && is_young => NextAction::Anew { refused: true },
        _ => NextAction::DeadLetter,
    }
}

fn not_ready(job: &FetchJob, receipt: Receipt, now: Timestamp) -> NextAction {
    let ended = job.session.map_or(job.first_seen, |session| session.end.max(job.first_seen));
    let until = (ended + REPORT_AWAITED_FOR).max(receipt.tried_since(job) + NOT_READY_AT_LEAST);
    let pause = NOT_READY[(receipt.count.max(1) as usize).min(NOT_READY.len()) - 1];
    // The last try is at the very end of the time.
    match Duration::try_from(until.duration_since(now)) {
        Ok(left) if !left.is_zero() => NextAction::Retry(pause.min(left)),
        _ => NextAction::GiveUp,
    }
}

fn throttled(retry_after: Option<Duration>, tries: u32) -> Duration {
    match retry_after {
        Some(told) if tries <= BELIEVED => told,
        Some(told) => told.max(BACKOFF.pause(tries - BELIEVED)),
        None => BACKOFF.pause(tries),
    }
}

#[cfg(test)]
mod tests {
    use shared::jobs::{Cause, FetchTarget};
    use shared::model::SessionTimes;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn receipt(count: u32) -> Receipt {
        Receipt { count, sent_at: None }
    }

    fn job() -> FetchJob {
        let target = FetchTarget::CallRecord { id: "c".into() };
        FetchJob::new(target, Cause::Notification, at("2026-03-01T00:00:00Z"))
    }

    fn action_after(outcome: Outcome, receive_count: u32, now: &str) -> NextAction {
        next_action(&GraphError::new(outcome), &job(), receipt(receive_count), at(now))
    }

    #[test]
    fn a_refusal_without_a_documented_reason_is_tried_for_an_hour_however_long_the_job_was_waited_for() {
        let mut refused = GraphError::new(Outcome::ConsentMissing);
        refused.is_documented = false;
        let action = |refused_before: bool, now: &str| {
            next_action(&refused, &FetchJob { refused: refused_before, ..job() }, receipt(3), at(now))
        };
        assert!(matches!(action(false, "2026-03-01T00:59:59Z"), NextAction::Retry(_)));
        assert_eq!(action(false, "2026-03-01T09:00:00Z"), NextAction::Anew { refused: true });
        assert!(matches!(action(true, "2026-03-01T00:59:59Z"), NextAction::Retry(_)));
        assert_eq!(action(true, "2026-03-01T01:00:00Z"), NextAction::DeadLetter);
        let answered = FetchJob { refused: true, ..job() };
        let not_ready = GraphError::new(Outcome::NotReady);
        let next = next_action(&not_ready, &answered, receipt(3), at("2026-03-01T00:30:00Z"));
        assert_eq!(next, NextAction::Anew { refused: false }, "Graph answered: it is refused no more");
    }

    #[test]
    fn a_report_that_is_not_there_is_waited_for_in_growing_steps() {
        let steps = (1..=9).map(|count| action_after(Outcome::NotReady, count, "2026-03-01T00:00:00Z"));
        let minutes = [1, 2, 5, 10, 15, 30, 60, 240, 240].map(|step| NextAction::Retry(minutes(step)));
        assert_eq!(steps.collect::<Vec<_>>(), minutes);
    }

    #[test]
    fn it_is_looked_at_a_last_time_after_48_hours_and_then_given_up() {
        assert_eq!(
            action_after(Outcome::NotReady, 20, "2026-03-02T23:59:00Z"),
            NextAction::Retry(minutes(1))
        );
        assert_eq!(action_after(Outcome::NotReady, 21, "2026-03-03T00:00:00Z"), NextAction::GiveUp);
    }

    #[test]
    fn the_48_hours_begin_when_the_session_ends() {
        let session = SessionTimes { start: at("2026-03-04T00:00:00Z"), end: at("2026-03-05T00:00:00Z") };
        let job = FetchJob { session: Some(session), ..job() };
        let not_ready = GraphError::new(Outcome::NotReady);
        assert_eq!(
            next_action(&not_ready, &job, receipt(20), at("2026-03-06T00:00:00Z")),
            NextAction::Retry(minutes(240))
        );
        assert_eq!(
            next_action(&not_ready, &job, receipt(20), at("2026-03-07T00:00:00Z")),
            NextAction::GiveUp
        );
    }

    #[test]
    fn throttling_waits_as_long_as_graph_says() {
        let mut throttled = GraphError::new(Outcome::Throttled);
        throttled.retry_after = Some(Duration::from_millis(2_128));
        let now = at("2026-03-01T00:00:00Z");
        assert_eq!(
            next_action(&throttled, &job(), receipt(1), now),
            NextAction::Retry(Duration::from_millis(2_128))
        );
        assert_eq!(next_action(&throttled, &job(), receipt(21), now), NextAction::Retry(BACKOFF.first));
        assert_eq!(next_action(&throttled, &job(), receipt(999), now), NextAction::Retry(minutes(60)));
        throttled.retry_after = Some(Duration::from_secs(100 * 3_600));
        assert_eq!(next_action(&throttled, &job(), receipt(1), now), NextAction::Retry(MAX_POSTPONE));
        throttled.retry_after = None;
        assert_eq!(
            next_action(&throttled, &job(), receipt(2), now),
            NextAction::Retry(Duration::from_secs(60))
        );
        assert_eq!(
            next_action(&throttled, &job(), receipt(9), at("2026-03-07T00:00:00Z")),
            NextAction::DeadLetter
        );
    }

    #[test]
    fn failures_that_may_pass_are_tried_for_a_day() {
        for outcome in [Outcome::Unavailable, Outcome::Malformed] {
            let NextAction::Retry(wait) = action_after(outcome, 30, "2026-03-01T23:59:59Z") else {
                panic!("{outcome:?}")
            };
            assert!(wait >= minutes(30) && wait <= minutes(60));
            assert_eq!(action_after(outcome, 30, "2026-03-02T00:00:00Z"), NextAction::DeadLetter);
        }
    }

    #[test]
    fn a_redriven_message_has_its_own_time() {
        let sent_at = Some(at("2026-03-20T00:00:00Z"));
        let after = |outcome, count, now: &str| {
            next_action(&GraphError::new(outcome), &job(), Receipt { count, sent_at }, at(now))
        };
        let first = "2026-03-20T00:00:01Z";
        for outcome in [Outcome::Unavailable, Outcome::Throttled, Outcome::NotGenuine] {
            assert!(matches!(after(outcome, 1, first), NextAction::Retry(_)), "{outcome:?}");
        }
        assert_eq!(after(Outcome::NotReady, 1, first), NextAction::Retry(minutes(1)));
        assert_eq!(after(Outcome::NotReady, 9, "2026-03-20T01:00:00Z"), NextAction::GiveUp);
        assert_eq!(after(Outcome::Unavailable, 30, "2026-03-21T00:00:00Z"), NextAction::DeadLetter);
    }

    #[test]
    fn what_graph_does_not_know_is_tried_three_times() {
        let now = "2026-03-01T00:00:00Z";
        assert_eq!(action_after(Outcome::NotFound, 1, now), NextAction::Retry(minutes(10)));
        assert_eq!(action_after(Outcome::NotFound, 2, now), NextAction::Retry(minutes(60)));
        assert_eq!(action_after(Outcome::NotFound, 3, "2026-03-01T01:10:00Z"), NextAction::GiveUp);
        let after_other_failures = action_after(Outcome::NotFound, 9, "2026-03-01T00:30:00Z");
        assert_eq!(after_other_failures, NextAction::Retry(minutes(10)));
        assert_eq!(action_after(Outcome::Gone, 1, now), NextAction::GiveUp);
    }

    #[test]
    fn what_may_be_new_is_tried_for_half_an_hour() {
        for outcome in [Outcome::CredentialPending, Outcome::NotGenuine, Outcome::NotDecryptable] {
            let NextAction::Retry(_) = action_after(outcome, 3, "2026-03-01T00:29:00Z") else {
                panic!("{outcome:?}")
            };
            assert_eq!(
                action_after(outcome, 3, "2026-03-01T00:30:00Z"),
                NextAction::DeadLetter,
                "{outcome:?}"
            );
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
            assert_eq!(
                action_after(outcome, 1, "2026-03-01T00:00:00Z"),
                NextAction::DeadLetter,
                "{outcome:?}"
            );
        }
    }
}
