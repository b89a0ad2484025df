//! Who was erased is left out of dead letters, too: what is redriven is kept without them, and what waits is written anew.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use archive::{ArchiveResult, archive};
use rollcall::dead_letters::{Counts, leave_out_erased};
use shared::archive::erasure::TombstoneReader;
use shared::aws::{ReceivedMessage, SqsQueue};
use shared::jobs::{ArchiveJob, Job};
use shared::lambda::dead_letters::letter;
use shared::model::Outcome;
use shared::ports::clock::SystemClock;
use shared::ports::queue::{OutgoingMessage, Queue};
use shared::ports::secrets::Stage;
use tools::emulators;

use super::archives::{Place, erased};
use super::people::{AIKO, KEY, fill, jobs};
use super::tombstones;

/// A new queue.
pub(super) async fn queue(aws: &aws_config::SdkConfig, name: &str) -> SqsQueue {
    let created = aws_sdk_sqs::Client::new(aws).create_queue().queue_name(name).send().await.unwrap();
    SqsQueue::new(aws, created.queue_url.unwrap())
}

/// What knows who was erased from an archive, with this secret as the key.
pub(super) fn reader(place: &Place, secret: Option<&str>) -> TombstoneReader {
    let secrets = local::MemorySecrets::default();
    let secrets = match secret {
        Some(secret) => secrets.with("key", Stage::Current, secret.to_owned()),
        None => secrets,
    };
    let key_id = secret.map(|_| "key".to_owned());
    TombstoneReader::new(place.archive.store.clone(), Arc::new(secrets), key_id, Arc::new(SystemClock))
}

/// All messages of a queue, which are hidden from now on.
pub(super) async fn drained(queue: &SqsQueue) -> Vec<ReceivedMessage> {
    let mut all = Vec::new();
    loop {
        let received = queue.receive(Duration::from_secs(600)).await.unwrap();
        if received.is_empty() {
            return all;
        }
        all.extend(received);
    }
}

pub(super) fn holds_person(message: &ReceivedMessage) -> bool {
    let text = format!("{} {:?}", message.body, message.attributes).to_lowercase();
    AIKO.texts().iter().any(|needle| text.contains(needle))
}

/// Of each kind of job a letter, and two that are none.
fn letters() -> Vec<OutgoingMessage> {
    let letters = jobs().into_iter().map(|job| letter(&job.job.to_message(), Outcome::AccessPolicyMissing));
    let no_job = ["{\"not\":\"a job\"}", "no JSON"].map(|body| OutgoingMessage::new(body.to_owned()));
    letters.chain(no_job).collect()
}

/// The bodies of letters, each with how often it is there.
fn bodies(letters: impl IntoIterator<Item = String>) -> BTreeMap<String, usize> {
    letters.into_iter().fold(BTreeMap::new(), |mut bodies, body| {
        *bodies.entry(body).or_default() += 1;
        bodies
    })
}

#[tokio::test]
async fn dead_letters_are_written_anew_without_who_was_erased_and_all_others_stay() {
    for (number, aws) in emulators::all().await.into_iter().enumerate() {
        let place = Place::bucket(&aws, "erase-letters", false).await;
        fill(&*place.archive.store).await;
        let dead = queue(&aws, &format!("erase-letters-{number}")).await;
        dead.send(letters()).await.unwrap();
        erased(&place, AIKO.id).await;

        let counts = leave_out_erased(&dead, &reader(&place, Some(KEY))).await.unwrap();
        let expected = Counts { letters: 11, changed: 7, removed: 1, unreadable: 2 };
        assert_eq!(counts, expected);
        // As if it had been killed after it had sent the first anew.
        dead.send(letters().into_iter().take(1).collect()).await.unwrap();
        let again = leave_out_erased(&dead, &reader(&place, Some(KEY))).await.unwrap();
        assert_eq!(again, Counts { letters: 12, changed: 1, removed: 0, unreadable: 2 });

        let left = drained(&dead).await;
        assert!(!left.iter().any(holds_person));
        let reasons = left.iter().filter(|letter| letter.attributes.contains_key("remedy"));
        assert_eq!(reasons.clone().count(), 10);
        assert!(reasons.clone().all(|letter| letter.attributes["outcome"] == "access_policy_missing"));
        let before = bodies(letters().into_iter().map(|letter| letter.body));
        let untouched = left.iter().filter(|letter| before.contains_key(&letter.body)).count();
        assert_eq!(untouched, 4, "a report and an event without the person, and what is no job");
        let after = place.current().await;
        let tombstones = tombstones(&place).await;
        for letter in reasons {
            let job = ArchiveJob::from_message(&letter.body).unwrap();
            let result = archive(&*place.archive.store, &tombstones, &job).await.unwrap();
            assert!(matches!(result, ArchiveResult::Known | ArchiveResult::Poorer), "{result:?}");
        }
        let redriven = place.current().await;
        assert!(after.iter().all(|(key, object)| redriven[key] == *object), "what the archive has stays");
        // The poorer of two versions is named by the hash of what is left of it.
        let mut new = redriven.keys().filter(|key| !after.contains_key(*key));
        assert!(new.all(|key| key.starts_with("revisions/")));
        assert_eq!(place.with_person().await, [""; 0]);
    }
}

#[tokio::test]
async fn without_the_key_no_letter_is_touched() {
    let aws = emulators::aws_sim(emulators::Latencies::default()).await;
    let place = Place::bucket(&aws, "erase-letters", false).await;
    fill(&*place.archive.store).await;
    let dead = queue(&aws, "erase-letters").await;
    dead.send(letters()).await.unwrap();
    erased(&place, AIKO.id).await;
    for key in [None, Some("another")] {
        let refused = leave_out_erased(&dead, &reader(&place, key)).await.unwrap_err();
        assert!(refused.to_string().contains("the secret that the erasure was made with"), "{refused}");
    }
    assert_eq!(dead.count().await.unwrap(), letters().len() as u64);
}

#[tokio::test]
async fn where_nobody_was_erased_every_letter_stays() {
    let aws = emulators::aws_sim(emulators::Latencies::default()).await;
    let place = Place::bucket(&aws, "erase-letters", false).await;
    let dead = queue(&aws, "erase-letters").await;
    dead.send(letters()).await.unwrap();
    let counts = leave_out_erased(&dead, &reader(&place, None)).await.unwrap();
    assert_eq!(counts, Counts { letters: letters().len(), unreadable: 2, ..Counts::default() });
    let left = drained(&dead).await.into_iter().map(|letter| letter.body);
    assert_eq!(bodies(left), bodies(letters().into_iter().map(|letter| letter.body)));
}
