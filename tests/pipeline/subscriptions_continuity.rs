//! Subscriptions are created, renewed and recreated; and each gap is sent to `backfill`.

use std::time::Duration;

use graph_sim::{Fault, Manner, SimEvent};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use shared::jobs::{BackfillUnit, Job};
use shared::lambda::function::Function;
use shared::model::{VirtualEventKind, WatchedResource};
use shared::ports::clock::Clock;

use crate::metrics::counted;
use crate::world::{ORGANIZER, WEBHOOK_KEY, World, signed};

/// A tenant in which the gaps stay in their queue.
fn tenant() -> World {
    World::new().without_backfill()
}

/// The resources that are subscribed to, in order.
fn resources(world: &World) -> Vec<String> {
    let text = |shown: Value| shown["resource"].as_str().unwrap().to_owned();
    let mut resources: Vec<String> = world.sim.subscriptions().into_iter().map(text).collect();
    resources.sort();
    resources
}

/// The resources whose gaps were sent to `backfill`.
fn gaps(world: &World) -> Vec<WatchedResource> {
    let resource = |body: &str| match BackfillUnit::from_message(body).unwrap() {
        BackfillUnit::Gap { resource, .. } => resource,
        other => panic!("{other:?}"),
    };
    world.pipeline.queues.backfill.messages().iter().map(|message| resource(&message.body)).collect()
}

fn add_webinar(world: &World, id: &str) {
    world.sim.add_event(SimEvent {
        kind: "webinars",
        id: id.into(),
        organizer_id: ORGANIZER.into(),
        session_ids: vec!["s-1".into()],
        end: world.clock.now(),
    });
}

/// The answer to the list that precedes the creation of a subscription.
fn no_subscriptions() -> Fault {
    Fault::Body("{\"value\":[]}".to_owned())
}

const DEFAULT: [&str; 2] = ["communications/callRecords", "solutions/virtualEvents/events"];
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

#[tokio::test(start_paused = true)]
async fn the_first_run_subscribes_to_everything_and_sends_its_gaps() {
    let world = tenant();
    add_webinar(&world, "w-1@contoso");

    world.pipeline.keep_subscriptions().await.unwrap();

    let reports = "solutions/virtualEvents/webinars/w-1@contoso/getAttendanceReports";
    let registrations = "solutions/virtualEvents/webinars/w-1@contoso/registrations";
    assert_eq!(resources(&world), [DEFAULT[0], DEFAULT[1], reports, registrations]);
    let event_id = "w-1@contoso".into();
    let of_webinar = WatchedResource::Reports { kind: VirtualEventKind::Webinar, event_id };
    assert_eq!(gaps(&world), [WatchedResource::CallRecords, WatchedResource::VirtualEvents, of_webinar]);
    let shown = &world.sim.subscriptions()[0];
    let key = shared::graph::ClientStateKey::new(&WEBHOOK_KEY.to_owned().into());
    let query = format!("?key={}&until={}", key.id(), world.clock.now().as_second() + 30 * 86_400);
    assert_eq!(shown["notificationUrl"], json!(format!("https://rollcall.contoso.com/notifications{query}")));
    assert_eq!(
        shown["lifecycleNotificationUrl"],
        json!(format!("https://rollcall.contoso.com/lifecycle{query}"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_month_of_runs_never_lets_a_subscription_expire_and_sends_few_gaps() {
    let world = tenant();
    add_webinar(&world, "w-1@contoso");
    world.pipeline.keep_subscriptions().await.unwrap();
    let first = gaps(&world).len();
    for run in 0..30 * 48 {
        tokio::time::advance(HALF_AN_HOUR).await;
        let expected = if run < 7 * 48 - 1 { 4 } else { resources(&world).len() };
        assert_eq!(resources(&world).len(), expected, "at run {run}");
        world.pipeline.keep_subscriptions().await.unwrap();
    }
    assert_eq!(
        resources(&world),
        DEFAULT,
        "a week after its end there is no subscription to the webinar any more"
    );
    assert_eq!(gaps(&world).len(), first + 2, "the state of two ends in a week: each was made anew, once");
    let lists = world.sim.requests().iter().filter(|path| *path == "/v1.0/subscriptions").count();
    assert_eq!(lists, 30 * 48 + 1 + 6, "one list a run, and a request for each that was created");
}

#[tokio::test(start_paused = true)]
async fn subscriptions_that_graph_forgot_are_recreated_with_their_gaps() {
    let world = tenant();
    world.pipeline.keep_subscriptions().await.unwrap();
    world.sim.forget_subscriptions();
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(resources(&world), DEFAULT);
    assert_eq!(gaps(&world).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_rotated_key_recreates_every_subscription_and_notifications_of_the_old_ones_stay_genuine() {
    let world = tenant();
    world.pipeline.keep_subscriptions().await.unwrap();
    let before = world.sim.subscriptions();

    world.secrets.rotate("webhook-key", "the next key");
    world.pipeline.keep_subscriptions().await.unwrap();

    let after = world.sim.subscriptions();
    assert_eq!(resources(&world), DEFAULT);
    assert!(
        after.iter().all(|new| before.iter().all(|old| new["notificationUrl"] != old["notificationUrl"]))
    );
    assert_eq!(gaps(&world).len(), 4);
    assert_eq!(world.post(&signed(vec![])).await.status_code, 202);
}

#[tokio::test(start_paused = true)]
async fn a_new_webinar_is_subscribed_to_before_graph_lists_it() {
    let world = tenant();
    let item = json!({
        "resource": "solutions/virtualEvents/events",
        "changeType": "created",
        "resourceData": {"@odata.id": "solutions/virtualEvents/webinars/w-9@contoso/"},
    });
    assert_eq!(world.notify(vec![item]).await, 202);
    world.run_until_idle().await;
    assert_eq!(resources(&world)[2], "solutions/virtualEvents/webinars/w-9@contoso/getAttendanceReports");
}

#[tokio::test(start_paused = true)]
async fn each_lifecycle_notification_is_acted_on() {
    let world = tenant();
    world.pipeline.keep_subscriptions().await.unwrap();
    tokio::time::advance(HALF_AN_HOUR).await;
    let notify = async |event: &str, subscription: &str| {
        let item = json!({"subscriptionId": subscription, "lifecycleEvent": event});
        assert_eq!(world.notify(vec![item]).await, 202);
        world.run_until_idle().await;
    };
    let first = world.sim.subscriptions()[0].clone();
    let id = first["id"].as_str().unwrap().to_owned();

    notify("reauthorizationRequired", &id).await;
    let renewed = world.sim.subscriptions()[0]["expirationDateTime"].clone();
    assert_ne!(renewed, first["expirationDateTime"]);
    notify("reauthorizationRequired", &id).await;
    assert_eq!(world.sim.subscriptions()[0]["expirationDateTime"], renewed, "not twice within ten minutes");
    assert_eq!(gaps(&world).len(), 2);

    notify("missed", &id).await;
    assert_eq!(gaps(&world).len(), 3);
    notify("missed", "unknown").await;
    assert_eq!(gaps(&world).len(), 5, "it may be any of the desired subscriptions");
    for _ in 0..10 {
        world.notify(vec![json!({"subscriptionId": "unknown", "lifecycleEvent": "missed"})]).await;
    }
    notify("missed", &id).await;
    assert_eq!(gaps(&world).len(), 5 + 2 + 1, "each once a batch, and a batch has ten");
    notify("subscriptionRemoved", &id).await;
    assert_eq!(gaps(&world).len(), 9, "it is listed still, and something was lost");
    world.sim.forget_subscriptions();
    notify("subscriptionRemoved", &id).await;
    assert_eq!((gaps(&world).len(), resources(&world).len()), (11, 2));
    notify("somethingNew", &id).await;
    assert_eq!(gaps(&world).len(), 11);
    world.sim.fail("/virtualEvents/webinars", Fault::NoConsent, 1);
    notify("reauthorizationRequired", &id).await;
    assert!(world.dead_letters().is_empty(), "a renewal is no loss: the next run does it");
}

#[tokio::test(start_paused = true)]
async fn a_subscription_whose_event_cannot_be_listed_is_kept() {
    let world = tenant();
    add_webinar(&world, "w-1@contoso");
    world.pipeline.keep_subscriptions().await.unwrap();
    world.sim.fail("/virtualEvents/webinars", Fault::NoConsent, 1);
    assert!(
        world.pipeline.keep_subscriptions().await.is_err(),
        "the invocation fails, and the schedule's alarm goes off"
    );
    assert_eq!(resources(&world).len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_one_run() {
    let world = tenant();
    let item = json!({"subscriptionId": "s", "lifecycleEvent": "reauthorizationRequired"});
    world.notify(vec![item; 10]).await;
    world.run_until_idle().await;
    let lists = world.sim.requests().iter().filter(|path| *path == "/v1.0/subscriptions").count();
    assert_eq!(lists, 1 + 2, "one list, and a request for each of the two that were created");
}

#[tokio::test(start_paused = true)]
async fn a_missed_notification_is_retried_or_a_dead_letter() {
    let missed = || vec![json!({"subscriptionId": "s", "lifecycleEvent": "missed"})];
    // A transient failure is retried; what a person must mend is a dead letter.
    let world = tenant();
    world.sim.fail("/subscriptions", Fault::Status(503), 9);
    world.notify(missed()).await;
    world.run_until_idle().await;
    assert!(gaps(&world).contains(&WatchedResource::CallRecords));

    let world = tenant();
    world.sim.fail("/subscriptions", Fault::NoConsent, 1);
    world.notify(missed()).await;
    world.run_until_idle().await;
    assert_eq!(world.dead_outcomes(), ["consent_missing"]);
}

#[tokio::test(start_paused = true)]
async fn a_missed_notification_is_not_lost_while_its_event_cannot_be_listed() {
    for (fault, times, dead) in [(Fault::Status(503), 9, 0), (Fault::NoConsent, 1, 1)] {
        let world = tenant();
        add_webinar(&world, "w-1@contoso");
        world.pipeline.keep_subscriptions().await.unwrap();
        let webinars = gaps(&world).len();
        let shown = world.sim.subscriptions();
        let of_webinar =
            shown.iter().find(|shown| shown["resource"].as_str().unwrap().contains("w-1")).unwrap();
        world.sim.fail("/virtualEvents/webinars", fault, times);

        world.notify(vec![json!({"subscriptionId": of_webinar["id"], "lifecycleEvent": "missed"})]).await;
        world.run_until_idle().await;

        assert_eq!((world.dead_letters().len(), gaps(&world).len() - webinars), (dead, 1 - dead));
    }
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_cannot_be_created_harms_no_other() {
    let world = tenant();
    world.sim.fail("/subscriptions", no_subscriptions(), 1);
    world.sim.fail("/subscriptions", Fault::NoConsent, 1);
    assert!(
        world.pipeline.keep_subscriptions().await.is_err(),
        "the invocation fails, and the schedule's alarm goes off"
    );
    assert_eq!(resources(&world).len(), 1);
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(resources(&world), DEFAULT);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_hangs_keeps_no_other_from_being_renewed_and_the_run_ends_in_time() {
    let world = tenant();
    (0..6).for_each(|number| add_webinar(&world, &format!("w-{number}@contoso")));
    world.pipeline.keep_subscriptions().await.unwrap();
    tokio::time::advance(Duration::from_secs(1_000 * 60)).await;
    world.sim.fail("/subscriptions/", Fault::Silence, 1);
    let began = world.clock.now();

    let error = world.pipeline.keep_subscriptions().await.unwrap_err();

    assert_eq!(error.to_string(), "the invocation's time is up, and 1 subscriptions were not looked after");
    let took = world.clock.now().duration_since(began);
    assert!(took < Function::Subscriptions.timeout(), "{took}");
    let is_renewed = |shown: &Value| {
        let end: Timestamp = shown["expirationDateTime"].as_str().unwrap().parse().unwrap();
        end.duration_since(began) > SignedDuration::from_hours(20)
    };
    assert_eq!(world.sim.subscriptions().iter().filter(|shown| is_renewed(shown)).count(), 13);
    world.pipeline.keep_subscriptions().await.unwrap();
    assert!(world.sim.subscriptions().iter().all(is_renewed));
}

#[tokio::test(start_paused = true)]
async fn a_list_that_hangs_ends_the_run_in_time() {
    let world = tenant();
    world.sim.fail("/solutions/virtualEvents/webinars", Fault::Silence, 1);
    let error = world.pipeline.keep_subscriptions().await.unwrap_err();
    assert!(error.to_string().starts_with("the invocation's time is up"), "{error}");
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(resources(&world), DEFAULT);
}

#[tokio::test(start_paused = true)]
async fn concurrent_runs_do_no_harm() {
    let world = tenant();
    let (one, other) = tokio::join!(world.pipeline.keep_subscriptions(), world.pipeline.keep_subscriptions());
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(resources(&world), DEFAULT);
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_timed_out_is_retried() {
    let world = tenant();
    let slow =
        json!({"error": {"code": "InvalidRequest", "message": "Subscription validation request timed out."}});
    world.sim.fail("/subscriptions", no_subscriptions(), 1);
    world.sim.fail("/subscriptions", Fault::Raw(400, ("x", "y"), slow.to_string()), 1);
    world.pipeline.keep_subscriptions().await.unwrap();
    assert_eq!(resources(&world), DEFAULT);
}

#[tokio::test(start_paused = true)]
async fn registrations_that_cannot_be_subscribed_to_fail_no_run() {
    let world = tenant();
    world.pipeline.keep_subscriptions().await.unwrap();
    add_webinar(&world, "w-1@contoso");
    world.sim.behave(&[Manner::RegistrationsAreNotNotified]);
    for _ in 0..3 {
        world.pipeline.keep_subscriptions().await.unwrap();
        tokio::time::advance(HALF_AN_HOUR).await;
    }
    assert_eq!(resources(&world).len(), 3, "all but the registrations");
    let absent: Vec<u64> = counted("SubscriptionsAbsent").into_iter().map(|(_, absent)| absent).collect();
    assert_eq!(absent, [2, 1, 0, 0], "the webinar's reports were absent once");
}
