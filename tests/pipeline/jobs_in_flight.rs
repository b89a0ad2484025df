//! What version 0.1.0 wrote into the queues is read by this build, and written back the same.

use shared::jobs::{ArchiveJob, BackfillUnit, FetchJob, Job, SubscriptionsJob};

/// Reads each message, one a line, and writes it again.
fn are_read<J: Job>(messages: &str) {
    assert!(messages.lines().count() > 0);
    for message in messages.lines() {
        let job = J::from_message(message).unwrap_or_else(|error| panic!("{error}: {message}"));
        assert_eq!(job.to_message(), message);
    }
}

#[test]
fn messages_of_the_version_before_are_read() {
    are_read::<FetchJob>(include_str!("fixtures/messages/fetch.jsonl"));
    are_read::<ArchiveJob>(include_str!("fixtures/messages/archive.jsonl"));
    are_read::<SubscriptionsJob>(include_str!("fixtures/messages/subscriptions.jsonl"));
    are_read::<BackfillUnit>(include_str!("fixtures/messages/backfill.jsonl"));
}
