//! The operator's commands, on what is deployed: a run is followed to its ledger, dead letters find
//! their way back, and the doctor names what stands in the way.

mod deployed;

use std::sync::Arc;
use std::time::Duration;

use graph_sim::{CLIENT_ID, CLIENT_SECRET, Fault, TENANT_ID};
use jiff::SignedDuration;
use rollcall::dead_letters::{DeadLetterQueue, sort_through};
use rollcall::doctor::{DoctorContext, Finding, Verdict, examine};
use rollcall::runs::RunMonitor;
use serde_json::{Value, json};
use shared::aws::SqsQueue;
use shared::graph::GraphError;
use shared::jobs::{Cause, FetchJob, FetchTarget, Job};
use shared::lambda::dead_letters::letter;
use shared::lambda::function::Function;
use shared::model::Outcome;
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};
use tools::emulators;

use crate::faults::StoreFault;
use crate::world::{ORGANIZER, World};
use deployed::{Deployed, Roads};

/// Follows a run that `request` begins; answers the command's exit code.
async fn look(world: &World, request: &Value) -> String {
    let deployed = Deployed::of(world);
    let monitor = RunMonitor {
        deployment: &deployed,
        store: world.objects.clone(),
        archive: "memory".into(),
        tenant_id: TENANT_ID.into(),
        clock: world.clock.clone(),
        json: true,
    };
    // The functions work while the command watches.
    let functions = async {
        loop {
            world.pipeline.run(&world.functions).await.unwrap();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        code = monitor.run_and_follow(request) => format!("{:?}", code.unwrap()),
        () = functions => unreachable!(),
    }
}

fn success() -> String {
    format!("{:?}", std::process::ExitCode::SUCCESS)
}

#[tokio::test(start_paused = true)]
async fn a_run_is_followed_until_everything_has_arrived() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    world.meeting_ended("m-2", 3);
    assert_ne!(
        look(&world, &json!({"audit": true, "from": ["callRecords"]})).await,
        success(),
        "two are missing"
    );
    assert_eq!(look(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await, success());
    assert_eq!(world.keys("reports/").len(), 2);
    assert_eq!(look(&world, &json!({"audit": true, "from": ["callRecords"]})).await, success());
}

#[tokio::test(start_paused = true)]
async fn what_was_fetched_and_never_arrives_is_missing() {
    let mut world = World::new();
    world.meeting_ended("m-1", 3);
    world.functions.retain(|function| *function == Function::Backfill);
    assert_ne!(look(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await, success());
    world.forget_messages();
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_seen_or_was_refused_is_no_success() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let request = json!({"organizers": ["ilse@contoso.com"], "audit": true});
    assert_ne!(look(&world, &request).await, success());
    world.sim.fail("/callRecords", Fault::NoConsent, 9);
    assert_ne!(look(&world, &json!({"since": "2026-03-01", "from": ["callRecords"]})).await, success());
}

#[tokio::test]
async fn dead_letters_are_told_by_outcome_and_those_that_are_wanted_go_back() {
    let Some(aws) = emulators::ministack().await else { return };
    let sqs = aws_sdk_sqs::Client::new(&aws);
    let mut urls = Vec::new();
    for name in ["operator-fetch", "operator-fetch-dlq"] {
        urls.push(sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap());
    }
    let queue = |index: usize| SqsQueue::new(&aws, urls[index].clone());
    let queues = [DeadLetterQueue { function: Function::Fetch, queue: queue(0), letters: queue(1) }];
    let job = FetchJob {
        target: FetchTarget::CallRecord { id: "c-1".into() },
        cause: Cause::Notification,
        first_seen: "2026-03-01T10:00:00Z".parse().unwrap(),
        session: None,
    };
    let letter_of = |outcome| letter(&job.to_message(), &GraphError::new(outcome));
    let letters = vec![
        letter_of(Outcome::AccessPolicyMissing),
        letter_of(Outcome::AccessPolicyMissing),
        letter_of(Outcome::ConsentMissing),
        OutgoingMessage::new("{\"not\":\"a job\"}".to_owned()),
    ];
    queue(1).send(letters).await.unwrap();

    let told = |counts: std::collections::BTreeMap<rollcall::dead_letters::Kind, usize>| {
        let told = counts.into_iter().map(|(kind, count)| (kind.outcome, kind.what, count));
        told.collect::<Vec<_>>()
    };
    let all = [
        ("access_policy_missing".to_owned(), "call record", 2),
        ("consent_missing".to_owned(), "call record", 1),
        ("exhausted".to_owned(), "nothing that this version reads", 1),
    ];
    for _ in 0..2 {
        assert_eq!(told(sort_through(&queues, |_| false).await.unwrap()), all, "monitor changes nothing");
    }
    sort_through(&queues, |kind| kind.outcome == "access_policy_missing").await.unwrap();
    assert_eq!(told(sort_through(&queues, |_| false).await.unwrap()), all[1..]);
    let back = queue(0).receive(Duration::from_secs(30)).await.unwrap();
    assert_eq!(back.len(), 2);
    assert!(back.iter().all(|message| FetchJob::from_message(&message.body).as_ref() == Ok(&job)));
    assert_eq!(queue(1).count().await.unwrap(), 2);
}

/// A tenant in which everything is as it must be.
async fn healthy() -> World {
    let world = World::new().without_backfill();
    world.sim.add_user(ORGANIZER, &[]);
    world.sim.set_secret_end(world.clock.now() + SignedDuration::from_hours(24 * 300));
    world.pipeline.keep_subscriptions().await.unwrap();
    world
}

/// What the doctor finds.
async fn findings(world: &World, deployed: &Deployed, env: Environment) -> Vec<Finding> {
    let context = DoctorContext {
        http: Arc::new(Roads::of(world)),
        clock: world.clock.clone(),
        deployment: Some(deployed),
        organizers: vec![ORGANIZER.to_owned()],
    };
    examine(&context, &env).await
}

const ENV: Environment =
    [("AZURE_TENANT_ID", TENANT_ID), ("AZURE_CLIENT_ID", CLIENT_ID), ("AZURE_CLIENT_SECRET", CLIENT_SECRET)];

#[tokio::test(start_paused = true)]
async fn the_doctor_finds_nothing_where_everything_is_as_it_must_be() {
    let world = healthy().await;
    let findings = findings(&world, &Deployed::of(&world), ENV).await;
    let told: Vec<String> =
        findings.iter().map(|finding| format!("{:?}: {}", finding.is, finding.what)).collect();
    assert!(findings.iter().all(|finding| finding.is == Verdict::Good), "{told:#?}");
    insta::assert_snapshot!(told.join("\n"));
}

/// Something that is wrong: what it is called, the environment, and how it is planted.
type Planted = (&'static str, Environment, fn(&World, &mut Deployed));
type Environment = [(&'static str, &'static str); 3];

#[tokio::test(start_paused = true)]
async fn the_doctor_names_each_of_the_planted_misconfigurations_and_what_mends_it() {
    let planted: [Planted; 16] = [
        ("no credential", [ENV[0], ENV[1], ("AZURE_CLIENT_SECRET", "")], |_, _| {}),
        ("a wrong secret", [ENV[0], ENV[1], ("AZURE_CLIENT_SECRET", "wrong")], |_, _| {}),
        ("an unknown application", [ENV[0], ("AZURE_CLIENT_ID", "another"), ENV[2]], |_, _| {}),
        ("a permission is missing", ENV, |world, _| world.sim.set_roles(&["OnlineMeetings.Read.All"])),
        ("no access policy", ENV, |world, _| world.sim.fail("/onlineMeetings", Fault::NoAccessPolicy, 9)),
        ("a setting is missing", ENV, |_, deployed| deployed.unset("fetch", "ARCHIVE_BUCKET")),
        ("a function is not deployed", ENV, |_, deployed| deployed.undeploy("backfill")),
        ("another tenant's stack", ENV, |_, deployed| deployed.set("fetch", "GRAPH_TENANT_ID", "another")),
        ("the endpoint is away", ENV, |_, deployed| {
            deployed.set("subscriptions", "NOTIFICATION_URL", "https://elsewhere.contoso.com")
        }),
        ("no subscriptions", ENV, |world, _| world.sim.forget_subscriptions()),
        ("a queue is gone", ENV, |_, deployed| deployed.lose_queue("archive")),
        ("the bucket refuses", ENV, |world, _| world.store.fail(StoreFault::HeadRefused)),
        ("warning: the secret expires", ENV, |world, _| {
            world.sim.set_secret_end(world.clock.now() + SignedDuration::from_hours(24 * 10))
        }),
        ("warning: the clock is wrong", ENV, |world, _| world.sim.set_skew(SignedDuration::from_mins(7))),
        ("warning: dead letters", ENV, |_, deployed| deployed.add_dead_letters("fetch-dlq", 3)),
        ("warning: calendars cannot be read", ENV, |world, _| {
            world.sim.set_roles(&[
                "OnlineMeetingArtifact.Read.All",
                "OnlineMeetings.Read.All",
                "CallRecords.Read.All",
                "VirtualEvent.Read.All",
                "User.ReadBasic.All",
            ]);
        }),
    ];
    let mut told = Vec::new();
    for (case, env, plant) in planted {
        let world = healthy().await;
        let mut deployed = Deployed::of(&world);
        plant(&world, &mut deployed);
        let found = findings(&world, &deployed, env).await;
        let bad: Vec<&Finding> = found.iter().filter(|finding| finding.is != Verdict::Good).collect();
        assert_eq!(bad.len(), 1, "{case}: {bad:#?}");
        assert_eq!(case.starts_with("warning"), bad[0].is == Verdict::Warning, "{case}: {bad:#?}");
        assert!(bad[0].remedy.len() > 20, "{case}: {bad:#?}");
        told.push(format!("{case}\n  {}\n  {}", bad[0].what, bad[0].remedy));
    }
    insta::assert_snapshot!(told.join("\n"));
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_nobody_renewed_is_a_warning() {
    let world = healthy().await;
    tokio::time::advance(Duration::from_secs(20 * 3_600)).await;
    let found = findings(&world, &Deployed::of(&world), ENV).await;
    let warning = found.iter().find(|finding| finding.is == Verdict::Warning).unwrap();
    assert!(
        warning.what.starts_with("the subscription to solutions/virtualEvents/events expires in 2"),
        "{warning:?}"
    );
}
