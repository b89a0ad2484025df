//! Outages that are planted into the real functions: what they count of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use graph_sim::{CLIENT_SECRET, Fault, SimReport};
use jiff::{SignedDuration, Timestamp};
use local::MemorySecrets;
use serde_json::{Value, json};
use shared::jobs::{Job, LifecycleEvent, SubscriptionsJob};
use shared::lambda::function::Function;
use shared::ports::clock::Clock;
use shared::ports::queue::{OutgoingMessage, Queue};
use shared::ports::secrets::{Secrets, Stage};
use shared::ports::store::{Condition, Metadata, NewObject};

use super::cloudwatch::{Minute, Series, key};
use super::recording::Recording;
use crate::backfill_tenant::{in_call_records, session};
use crate::faults::{BrokenQueue, FlakySecrets, StoreFault};
use crate::webhook_authenticity::dependencies_with;
use crate::world::{ORGANIZER, WEBHOOK_KEY, World, call_ended, client_state, kind_of, post, secrets, signed};

const FOR_EVER: usize = 100_000;
const DAY: Minute = 24 * 60;
/// When a POST that was not acknowledged comes again: Graph's pauses grow.
pub(crate) const SENT_AGAIN: [Minute; 6] = [0, 1, 3, 7, 15, 31];

fn nightly() -> Value {
    json!({"audit": true, "days": 8, "schedule": "nightly"})
}

pub(crate) fn manifests() -> Value {
    json!({"manifests": true})
}

fn reconcile() -> Value {
    json!({"reconcile": true, "days": 1})
}

/// Three days in which nothing is wrong: a session every hour, and the last of the days a holiday. Nothing ends.
pub(crate) async fn healthy(days: Minute) -> Series {
    let mut recording = Recording::of(World::new());
    for half_hour in 0..days * 48 {
        recording.keep_subscriptions().await;
        if half_hour % 12 == 0 {
            recording.backfill(reconcile()).await;
        }
        if half_hour % 48 == 0 {
            recording.backfill(nightly()).await;
            recording.backfill(manifests()).await;
        }
        if half_hour % 2 == 0 && half_hour < (days - 1) * 48 {
            session_ends(&mut recording, half_hour, true).await;
        }
        recording.run(30 * (half_hour + 1) - recording.minute()).await;
    }
    let mapping = |name| key("AWS/Lambda", "PolledEventCount", &[("EventSourceMappingUUID", name)]);
    let mappings = ["FetchJob", "ArchiveFunctionJob", "SubscriptionsJob", "BackfillUnit"];
    mappings.iter().fold(recording.end(), |series, name| series.with(&mapping(name), 0..days * DAY, 0.0))
}

/// A session ends, and Graph notifies of it, or nobody is told.
async fn session_ends(recording: &mut Recording, number: Minute, is_told: bool) {
    let meeting = format!("m-{number}");
    recording.world.meeting_ended(&meeting, 2);
    if is_told {
        let answer = recording.world.post(&signed(vec![call_ended(&meeting)])).await;
        recording.answered(&answer);
    }
}

/// Sessions end and are told of, one every four minutes, while something is wrong with `world`.
pub(crate) async fn sessions_in(world: World, minutes: Minute) -> Series {
    let mut recording = Recording::of(world);
    for number in 0..minutes / 4 {
        session_ends(&mut recording, number, true).await;
        recording.run(4).await;
    }
    recording.end()
}

/// One session ends, and is told of.
pub(crate) async fn a_session_in(world: World, minutes: Minute) -> Series {
    let mut recording = Recording::of(world);
    session_ends(&mut recording, 0, true).await;
    recording.run(minutes).await;
    recording.end()
}

pub(crate) fn store_that(fault: StoreFault) -> World {
    let world = World::new();
    (0..5_000).for_each(|_| world.store.fail(fault));
    world
}

/// A Graph whose every answer below `path` is `fault`.
pub(crate) fn graph_that(path: &str, fault: Fault) -> World {
    let world = World::new();
    world.sim.fail(path, fault, FOR_EVER);
    world
}

pub(crate) fn with_an_expired_secret() -> World {
    let world = World::new();
    world.sim.set_client_secret("the next secret");
    world
}

pub(crate) fn without_the_credentials_secret() -> World {
    World::with_secrets(MemorySecrets::default().with("webhook-key", Stage::Current, WEBHOOK_KEY))
}

/// A webhook whose secrets or queue fail, to which Graph sends again.
async fn posts_to_a_webhook(secrets: Arc<dyn Secrets>, queue: impl Fn(&World) -> Arc<dyn Queue>) -> Series {
    let world = World::new();
    let dependencies = dependencies_with(secrets, &world.clock, queue(&world));
    let clock = world.clock.clone();
    let mut recording = Recording::of(world);
    for minute in SENT_AGAIN {
        recording.run(minute - recording.minute()).await;
        let request = post("/notifications", "", &signed(vec![call_ended("m-1")]));
        let answer =
            webhook::handle(&*clock, &webhook::Origin::default(), async || Ok(&dependencies), request).await;
        recording.answered(&answer);
    }
    recording.end()
}

pub(crate) async fn the_webhooks_key_is_deleted() -> Series {
    let secrets = FlakySecrets { secrets: MemorySecrets::default(), down: AtomicBool::new(false) };
    posts_to_a_webhook(Arc::new(secrets), |world| world.pipeline.queues.fetch.clone()).await
}

pub(crate) async fn the_webhooks_key_cannot_be_decrypted() -> Series {
    let secrets = FlakySecrets { secrets: MemorySecrets::default(), down: AtomicBool::new(true) };
    posts_to_a_webhook(Arc::new(secrets), |world| world.pipeline.queues.fetch.clone()).await
}

pub(crate) async fn the_webhooks_queue_refuses() -> Series {
    let secrets = MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY);
    posts_to_a_webhook(Arc::new(secrets), |_| Arc::new(BrokenQueue::Refuses)).await
}

pub(crate) async fn the_webhooks_queue_hangs() -> Series {
    let secrets = MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY);
    posts_to_a_webhook(Arc::new(secrets), |_| Arc::new(BrokenQueue::Hangs)).await
}

/// Forged notifications, twelve a minute.
pub(crate) async fn strangers_post() -> Series {
    let mut forged = call_ended("m-1");
    forged["clientState"] = json!(client_state("another key", kind_of(&forged.to_string())));
    let body = json!({"value": [forged]}).to_string();
    let mut recording = Recording::of(World::new());
    for _ in 0..40 {
        for _ in 0..12 {
            let answer = recording.world.post(&body).await;
            recording.answered(&answer);
        }
        recording.run(1).await;
    }
    recording.end()
}

/// A session every five minutes and a reconcile every six hours; from this minute on nobody is told.
pub(crate) async fn nobody_is_told_from(outage: Minute) -> Series {
    let mut recording = Recording::of(World::new());
    for five_minutes in 0..=19 * 12 {
        if five_minutes % 72 == 0 {
            recording.backfill(reconcile()).await;
        }
        let is_told = recording.minute() < outage;
        session_ends(&mut recording, five_minutes, is_told).await;
        recording.run(5).await;
    }
    recording.end()
}

/// Four sessions end each minute. No execution is free for eleven minutes, and then for one batch a minute.
pub(crate) async fn a_backlog() -> Series {
    let mut recording = Recording::of(World::new());
    for number in 0..120 {
        session_ends(&mut recording, number, true).await;
        tokio::time::advance(std::time::Duration::from_secs(15)).await;
        if number % 4 == 3 && number >= 4 * 11 {
            recording.run(0).await;
        }
    }
    recording.end()
}

/// Runs of `subscriptions` every half hour while something is wrong with `world`.
pub(crate) async fn subscriptions_in(world: World, hours: Minute) -> Series {
    let mut recording = Recording::of(world);
    for _ in 0..2 * hours {
        recording.keep_subscriptions().await;
        recording.run(30).await;
    }
    recording.end()
}

/// A tenant in which another deployment is subscribed in this one's place.
pub(crate) fn subscribed_by_another() -> World {
    let world = World::new();
    let ends = world.clock.now() + SignedDuration::from_hours(60);
    let listed = json!({"value": [{
        "id": "00000001-0000-4000-8000-000000000005",
        "resource": "communications/callRecords",
        "changeType": "created",
        "notificationUrl": "https://other.contoso.com/notifications?key=other&until=1900000000",
        "expirationDateTime": ends.to_string(),
    }]});
    world.sim.fail("/subscriptions", Fault::Body(listed.to_string()), FOR_EVER);
    world
}

/// Graph says that a subscription was removed, while something is wrong with `world`.
pub(crate) async fn a_lifecycle_message_in(world: World, minutes: Minute) -> Series {
    let mut recording = Recording::of(world);
    let event = LifecycleEvent::SubscriptionRemoved;
    let job = SubscriptionsJob::Lifecycle { subscription_id: "s-1".into(), event };
    let queue = recording.world.pipeline.queues.subscriptions.clone();
    queue.send(vec![OutgoingMessage::new(job.to_message())]).await.unwrap();
    recording.run(minutes).await;
    recording.end()
}

/// A message that carries no job comes to a function.
pub(crate) async fn nonsense_for(function: Function) -> Series {
    let mut recording = Recording::of(World::new());
    let queue = recording.world.pipeline.queues.of(function).unwrap().clone();
    queue.send(vec![OutgoingMessage::new("{}".to_owned())]).await.unwrap();
    recording.run(60).await;
    recording.end()
}

/// A run with this request, while something is wrong with `world`.
pub(crate) async fn a_run_in(world: World, request: Value, minutes: Minute) -> Series {
    let mut recording = Recording::of(world);
    recording.backfill(request).await;
    recording.run(minutes).await;
    recording.end()
}

pub(crate) async fn a_reconcile_in(world: World, minutes: Minute) -> Series {
    a_run_in(world, reconcile(), minutes).await
}

pub(crate) async fn a_ledger_in(world: World) -> Series {
    a_run_in(world, nightly(), DAY).await
}

/// A walk over the archive that comes by after somebody has deleted an object, ten minutes after the one before.
pub(crate) async fn manifests_of_what_is_gone() -> Series {
    let world = World::new();
    let report = "reports/v1/tenant=t/kind=meeting/date=2026-03-01/r-1.json";
    let object = NewObject::new("{}", "application/json", Metadata::default());
    let _ = world.objects.write(report, object, &Condition::IfAbsent).unwrap();
    let mut recording = Recording::of(world);
    recording.backfill(manifests()).await;
    recording.run(10).await;
    recording.world.objects.expire(report);
    recording.backfill(manifests()).await;
    recording.run(20).await;
    recording.end()
}

/// A session so many days ago, of which the archive has nothing.
pub(crate) fn with_a_session_that_nobody_fetched(days: i64) -> World {
    let world = World::new();
    let ended = world.clock.now() - SignedDuration::from_hours(24 * days);
    let report = session(&world, ORGANIZER, "m-1", "r-1", ended);
    in_call_records(&world, ORGANIZER, &report);
    world
}

pub(crate) fn with_an_organizer_who_cannot_be_looked_at() -> World {
    let world = with_a_session_that_nobody_fetched(0);
    world.sim.fail(&format!("/users/{ORGANIZER}/"), Fault::NoAccessPolicy, FOR_EVER);
    world
}

pub(crate) fn with_a_session_without_a_report() -> World {
    let world = with_a_session_that_nobody_fetched(3);
    let report = world.sim.reports().remove(0);
    world.sim.add_report(SimReport { ready_at: Timestamp::MAX, ..report });
    world
}

/// The archive knows of 51 sessions of a meeting, of which Graph listed 50 reports, and of others now.
pub(crate) async fn a_ledger_of_a_report_that_graph_forgot() -> Series {
    let mut recording = Recording::of(World::with_secrets(secrets()));
    let world = &recording.world;
    for number in 0..51 {
        let ended = world.clock.now() - SignedDuration::from_hours(12 * number + 1);
        let report = session(world, ORGANIZER, "m-series", &format!("r-{number}"), ended);
        in_call_records(world, ORGANIZER, &report);
    }
    recording.backfill(json!({"since": "2026-01-15", "from": ["callRecords"]})).await;
    recording.run(31 * DAY).await;
    for number in 0..30 {
        let world = &recording.world;
        let ended = world.clock.now() - SignedDuration::from_hours(number);
        session(world, ORGANIZER, "m-series", &format!("r-new-{number}"), ended);
    }
    recording.backfill(json!({"audit": true, "days": 365, "schedule": "monthly"})).await;
    recording.run(DAY).await;
    recording.end()
}

pub(crate) fn without_the_webhooks_key() -> World {
    World::with_secrets(MemorySecrets::default().with("graph", Stage::Current, CLIENT_SECRET))
}

/// A session whose call the bucket does not let anybody look for.
pub(crate) fn with_a_bucket_that_refuses_a_look() -> World {
    let world = with_a_session_that_nobody_fetched(0);
    (0..5_000).for_each(|_| world.store.fail(StoreFault::HeadRefused));
    world
}
