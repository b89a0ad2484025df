//! `rollcall dead-letters` lists what ended among the dead letters, and sends it back to its queue.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_config::SdkConfig;
use rollcall::dead_letters::{DeadLetterQueue, Kind, sort_through};
use serde_json::{Value, json};
use shared::aws::SqsQueue;
use shared::graph::GraphError;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::dead_letters::letter;
use shared::lambda::function::Function;
use shared::model::Outcome;
use shared::ports::queue::{OutgoingMessage, Queue};
use tools::emulators;

use crate::world::{World, call_ended};

/// Queues that are made with these names.
async fn queues<const N: usize>(aws: &SdkConfig, names: [&str; N]) -> Vec<SqsQueue> {
    let sqs = aws_sdk_sqs::Client::new(aws);
    let mut queues = Vec::new();
    for name in names {
        let url = sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
        queues.push(SqsQueue::new(aws, url));
    }
    queues
}

#[tokio::test]
async fn dead_letters_are_listed_by_outcome_and_the_chosen_ones_are_redriven() {
    let Some(aws) = emulators::ministack().await else { return };
    let queue = queues(&aws, ["cli-fetch", "cli-fetch-dlq"]).await;
    let queue = |index: usize| queue[index].clone();
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

/// Dead letters as the webhook makes them: of items that are too large for a message, and of unknown resources.
async fn letters_of_the_webhook() -> Vec<OutgoingMessage> {
    let world = World::new();
    let large = |mut item: Value| {
        item["padding"] = json!("x".repeat(300 << 10));
        item
    };
    let unheard_of = json!({"resource": "users/u/messages/m", "changeType": "unheard of"});
    world.notify(vec![large(call_ended("m-1")), large(unheard_of.clone()), unheard_of]).await;
    world.dead_letters()
}

#[tokio::test(start_paused = true)]
async fn what_graph_notified_of_is_routed_again_and_stays_where_no_route_exists() {
    let letters = letters_of_the_webhook().await;
    tokio::time::resume();
    let Some(aws) = emulators::ministack().await else { return };
    let queue = queues(&aws, ["again-fetch", "again-fetch-dlq", "again-subs", "again-subs-dlq"]).await;
    let queues = [(Function::Fetch, 0), (Function::Subscriptions, 2)];
    let queues = queues.map(|(function, index)| DeadLetterQueue {
        function,
        queue: queue[index].clone(),
        letters: queue[index + 1].clone(),
    });
    queue[1].send(letters).await.unwrap();

    let counts = sort_through(&queues, |_| true).await.unwrap();

    let kinds: Vec<_> = counts.iter().map(|(kind, count)| (kind.what, *count)).collect();
    assert_eq!(kinds, [("notification without a route", 2), ("notification", 1)]);
    let unrouted = counts.keys().find(|kind| kind.what == "notification without a route").unwrap();
    assert!(unrouted.remedy.contains("newer version"), "{}", unrouted.remedy);
    let redriven = queue[0].receive(Duration::from_secs(30)).await.unwrap();
    let [message] = &redriven[..] else { panic!("{redriven:?}") };
    let target = FetchTarget::CallRecord { id: "call-m-1".into() };
    assert_eq!(FetchJob::from_message(&message.body).unwrap().target, target);
    assert_eq!(queue[1].count().await.unwrap(), 2, "nothing is lost");
}
