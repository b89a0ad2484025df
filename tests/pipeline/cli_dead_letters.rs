//! `rollcall dead-letters` lists what ended among the dead letters, and sends it back to its queue.

use std::collections::BTreeMap;
use std::time::Duration;

use rollcall::dead_letters::{DeadLetterQueue, Kind, sort_through};
use shared::aws::SqsQueue;
use shared::graph::GraphError;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::dead_letters::letter;
use shared::lambda::function::Function;
use shared::model::Outcome;
use shared::ports::queue::{OutgoingMessage, Queue};
use tools::emulators;

#[tokio::test]
async fn dead_letters_are_listed_by_outcome_and_the_chosen_ones_are_redriven() {
    let Some(aws) = emulators::ministack().await else { return };
    let sqs = aws_sdk_sqs::Client::new(&aws);
    let mut urls = Vec::new();
    for name in ["cli-fetch", "cli-fetch-dlq"] {
        urls.push(sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap());
    }
    let queue = |index: usize| SqsQueue::new(&aws, urls[index].clone());
    let queues = [DeadLetterQueue { function: Function::Fetch, queue: queue(0), letters: queue(1) }];
    let job = FetchJob::new(
        FetchTarget::CallRecord { id: "c-1".into() },
        Cause::Notification,
        "2026-03-01T10:00:00Z".parse().unwrap(),
    );
    let letter_of = |outcome| letter(&job.to_message(), &GraphError::new(outcome));
    let letters = vec![
        letter_of(Outcome::AccessPolicyMissing),
        letter_of(Outcome::AccessPolicyMissing),
        letter_of(Outcome::ConsentMissing),
        OutgoingMessage::new("{\"not\":\"a job\"}".to_owned()),
    ];
    queue(1).send(letters).await.unwrap();

    let listed = |counts: BTreeMap<Kind, usize>| {
        let kinds = counts.into_iter().map(|(kind, count)| (kind.outcome, kind.what, count));
        kinds.collect::<Vec<_>>()
    };
    let all = [
        ("access_policy_missing".to_owned(), "call record", 2),
        ("consent_missing".to_owned(), "call record", 1),
        ("exhausted".to_owned(), "nothing that this version reads", 1),
    ];
    for _ in 0..2 {
        assert_eq!(listed(sort_through(&queues, |_| false).await.unwrap()), all, "a list changes nothing");
    }
    sort_through(&queues, |kind| kind.outcome == "access_policy_missing").await.unwrap();
    assert_eq!(listed(sort_through(&queues, |_| false).await.unwrap()), all[1..]);
    let redriven = queue(0).receive(Duration::from_secs(30)).await.unwrap();
    assert_eq!(redriven.len(), 2);
    assert!(redriven.iter().all(|message| FetchJob::from_message(&message.body).as_ref() == Ok(&job)));
    assert_eq!(queue(1).count().await.unwrap(), 2);
}
