//! What version 0.1.0 wrote into the queues is read by this build, and nothing of it is lost or renamed when it
//! is written back; members that are new since then may stand beside it.

use serde_json::Value;
use shared::jobs::{ArchiveJob, BackfillUnit, FetchJob, Job, SubscriptionsJob};
use shared::model::Outcome;
use shared::ports::queue::OutgoingMessage;

use crate::world::World;

/// Reads each message, one a line, and writes it again.
fn are_read<J: Job>(messages: &str) {
    assert!(messages.lines().count() > 0);
    for message in messages.lines() {
        let job = J::from_message(message).unwrap_or_else(|error| panic!("{error}: {message}"));
        let [written, read]: [Value; 2] =
            [job.to_message().as_str(), message].map(|text| serde_json::from_str(text).unwrap());
        assert!(contains(&written["job"], &read["job"]), "{message}");
    }
}

/// Whether everything in `part` stands in `whole`, at the same place.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, value)| whole.get(name).is_some_and(|in_whole| contains(in_whole, value)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        (whole, part) => whole == part,
    }
}

#[test]
fn messages_of_the_version_before_are_read() {
    are_read::<FetchJob>(include_str!("fixtures/messages/fetch.jsonl"));
    are_read::<ArchiveJob>(include_str!("fixtures/messages/archive.jsonl"));
    are_read::<SubscriptionsJob>(include_str!("fixtures/messages/subscriptions.jsonl"));
    are_read::<BackfillUnit>(include_str!("fixtures/messages/backfill.jsonl"));
}

#[tokio::test(start_paused = true)]
async fn what_the_version_before_left_in_the_queues_is_taken_by_this_one() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let queues = &world.pipeline.queues;
    let messages = |text: &str| text.lines().map(|line| OutgoingMessage::new(line.to_owned())).collect();
    queues.fetch.add(messages(include_str!("fixtures/messages/fetch.jsonl")));
    queues.archive.add(messages(include_str!("fixtures/messages/archive.jsonl")));
    queues.subscriptions.add(messages(include_str!("fixtures/messages/subscriptions.jsonl")));
    queues.backfill.add(messages(include_str!("fixtures/messages/backfill.jsonl")));
    world.run_until_idle().await;
    // Their ids are of no meeting here, so much of them ends; none for being of another version.
    for letter in world.dead_letters() {
        let outcome =
            letter.attributes.iter().find(|(name, _)| *name == "outcome").map(|(_, value)| value.as_str());
        assert_ne!(outcome, None, "received too often: {}", letter.body);
        assert_ne!(outcome, Some(Outcome::AwsUnavailable.name()), "{}", letter.body);
        let is_job = FetchJob::from_message(&letter.body).is_ok()
            || ArchiveJob::from_message(&letter.body).is_ok()
            || BackfillUnit::from_message(&letter.body).is_ok();
        assert!(is_job, "{}", letter.body);
    }
    assert_eq!(world.keys("reports/").len(), 1, "the archive's message held a whole report");
}
