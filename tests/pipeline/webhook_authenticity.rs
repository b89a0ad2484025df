//! The webhook takes only what is signed with its own key: forged items reach no queue, and a rotation drops
//! nothing that is genuine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use graph_sim::{PausedClock, TENANT_ID};
use local::MemorySecrets;
use proptest::prelude::*;
use serde_json::json;
use shared::model::ResourceKind;
use shared::ports::clock::Clock;
use shared::ports::queue::Queue;
use shared::ports::secrets::{Secrets, Stage};
use webhook::{ClientStateKeys, Dependencies};

use crate::faults::FlakySecrets;
use crate::world::{WEBHOOK_KEY, World, call_ended, client_state, post, report_ready, signed};

#[tokio::test(start_paused = true)]
async fn a_forged_item_is_dropped_and_its_neighbours_stay() {
    let world = World::new();
    world.meeting_ended("m-1", 1);
    let genuine = client_state(WEBHOOK_KEY, ResourceKind::CallRecords);
    let forged = client_state("another key", ResourceKind::CallRecords);
    let item = |state: serde_json::Value, tenant: serde_json::Value| {
        let mut item = call_ended("m-1");
        item["clientState"] = state;
        item["tenantId"] = tenant;
        item
    };
    let items = [
        item(json!(forged), json!(TENANT_ID)),
        item(json!(null), json!(TENANT_ID)),
        item(json!("v2.AA.AA"), json!(TENANT_ID)),
        item(json!(genuine), json!("another-tenant")),
        item(json!(genuine), json!(TENANT_ID.to_uppercase())),
        item(json!(genuine), json!(null)),
    ];

    let answer = world.post(&json!({"value": items, "validationTokens": null}).to_string()).await;

    assert_eq!(answer.status_code, 202);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1, "the same call twice is one job");
    world.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn notifications_of_the_key_before_the_rotation_are_still_genuine() {
    let secrets = MemorySecrets::default()
        .with("graph", Stage::Current, graph_sim::CLIENT_SECRET)
        .with("webhook-key", Stage::Current, "the new key")
        .with("webhook-key", Stage::Previous, WEBHOOK_KEY);
    let world = World::with_secrets(secrets);
    world.meeting_ended("m-1", 1);
    assert_eq!(world.notify(vec![call_ended("m-1")]).await, 202);
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_dropped_while_the_key_is_unknown() {
    let without_key = MemorySecrets::default().with("graph", Stage::Current, graph_sim::CLIENT_SECRET);
    let world = World::with_secrets(without_key);
    assert_eq!(world.notify(vec![call_ended("m-1")]).await, 503, "Graph sends it again");
    assert_eq!(world.post("{\"value\":[]}").await.status_code, 202);
}

#[tokio::test(start_paused = true)]
async fn cached_keys_stay_in_use_while_they_cannot_be_read_again() {
    let world = World::new();
    let secrets = Arc::new(FlakySecrets {
        secrets: MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY),
        down: AtomicBool::new(false),
    });
    let dependencies = dependencies_with(secrets.clone(), &world.clock, world.pipeline.queues.fetch.clone());
    let forged = signed(vec![call_ended("m-1")]).replace("v2.", "v2.A");
    let post = async |body: &str| {
        let request = post("/notifications", "", body);
        webhook::handle(&*world.clock, &webhook::Origin::default(), async || Ok(&dependencies), request)
            .await
            .status_code
    };
    assert_eq!(post(&signed(vec![])).await, 202);
    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202);
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    secrets.down.store(true, Ordering::Relaxed);

    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202);
    assert_eq!(post(&forged).await, 503, "it may be of a key that is not known here yet");
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
    world.discard_messages();
}

#[tokio::test(start_paused = true)]
async fn a_client_state_that_a_new_key_may_have_signed_is_sent_again_instead_of_dropped() {
    let world = World::new();
    let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY));
    let dependencies = dependencies_with(secrets.clone(), &world.clock, world.pipeline.queues.fetch.clone());
    let post = async |body: &str| {
        let request = post("/notifications", "", body);
        webhook::handle(&*world.clock, &webhook::Origin::default(), async || Ok(&dependencies), request)
            .await
            .status_code
    };
    let second = std::time::Duration::from_secs(1);
    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202, "the key is read");
    secrets.rotate("key", "the next key");
    let state = client_state("the next key", ResourceKind::CallRecords);
    let mut item = call_ended("m-2");
    item["clientState"] = json!(state);
    let of_the_next_key = json!({"value": [item]}).to_string();

    tokio::time::advance(second).await;
    assert_eq!(post(&of_the_next_key).await, 503, "the key was read a second ago");
    let nonsense = of_the_next_key.replace(&state, "v2.nonsense");
    assert_eq!(post(&nonsense).await, 202, "what no key can have signed is dropped at once");
    tokio::time::advance(second * 10).await;
    assert_eq!(post(&of_the_next_key).await, 202);

    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
    world.discard_messages();
}

#[tokio::test(start_paused = true)]
async fn forged_items_are_dropped_however_many_one_post_holds() {
    let world = World::new();
    let forged = |key| {
        let mut item = call_ended("m-1");
        item["clientState"] = json!(client_state(key, ResourceKind::CallRecords));
        item
    };
    let posted = json!({"value": [forged("one key"), forged("another"), forged("a third")]}).to_string();
    assert_eq!(world.post(&posted).await.status_code, 202);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_client_state_that_was_captured_opens_nothing_else_and_nothing_for_ever() {
    let world = World::new();
    let report = world.webinar_report("r-1", None);
    let with_state = |mut item: serde_json::Value, kind| {
        item["clientState"] = json!(client_state(WEBHOOK_KEY, kind));
        json!({"value": [item]}).to_string()
    };
    let of_calls = with_state(report_ready(&report), ResourceKind::CallRecords);
    assert_eq!(world.post(&of_calls).await.status_code, 202, "nothing is revealed");
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 0);
    let of_reports = with_state(report_ready(&report), ResourceKind::Reports);
    let until_its_end = 1_900_000_000 - world.clock.now().as_second() - 1;
    tokio::time::advance(std::time::Duration::from_secs(until_its_end as u64)).await;
    world.post(&of_reports).await;
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1);
    tokio::time::advance(std::time::Duration::from_secs(1)).await;
    world.post(&with_state(call_ended("m-1"), ResourceKind::CallRecords)).await;
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1, "it has ended");
    world.discard_messages();
}

#[tokio::test(start_paused = true)]
async fn the_answer_does_not_reveal_whether_an_item_was_accepted() {
    let world = World::new();
    world.meeting_ended("m-1", 1);
    let mut forged = call_ended("m-1");
    forged["clientState"] = json!("v2.AAAAAAAAAAAAAAAAAAAAAA.calls.1900000000.AAAA");
    let forged = world.post(&json!({"value": [forged]}).to_string()).await;
    let genuine = world.post(&signed(vec![call_ended("m-1")])).await;
    assert_eq!(forged, genuine);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1);
    world.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn a_replayed_post_archives_nothing_twice() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let recorded = signed(vec![call_ended("m-1")]);
    for _ in 0..3 {
        assert_eq!(world.post(&recorded).await.status_code, 202);
        world.run_until_idle().await;
        tokio::time::advance(std::time::Duration::from_secs(86_400)).await;
    }
    assert_eq!([world.keys("reports/").len(), world.keys("records/").len()], [1, 1]);
    assert_eq!([world.keys("sessions/").len(), world.keys("events/").len()], [1, 1]);
    assert_eq!(world.keys("revisions/"), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn no_url_of_a_notification_is_ever_called() {
    let world = World::new();
    for resource in [
        "https://evil.contoso.com/communications/callRecords/c",
        "//evil.contoso.com/x",
        "communications/callRecords/../../x",
    ] {
        let item = json!({"resource": resource, "resourceData": {"@odata.id": resource, "id": resource}});
        assert_eq!(world.notify(vec![item]).await, 202);
    }
    world.run_until_idle().await;
    assert_eq!(world.sim.requests(), [""; 0]);
    assert_eq!(world.dead_letters().len(), 3);
}

/// A body with genuine items, some of whose characters are replaced.
fn mangled() -> impl Strategy<Value = String> {
    let genuine = signed(vec![call_ended("m-1"), json!({"subscriptionId": "s", "lifecycleEvent": "missed"})]);
    let spots = proptest::collection::vec((0..genuine.len(), any::<char>()), 0..6);
    spots.prop_map(move |spots| {
        let mut body: Vec<char> = genuine.chars().collect();
        for (spot, character) in spots {
            body[spot] = character;
        }
        body.into_iter().collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn whatever_is_posted_gets_one_of_the_known_answers(
        body in prop_oneof![mangled(), any::<String>()],
        query in "(validationToken=|key=)?\\PC{0,40}",
        path in prop_oneof![Just("/notifications".to_owned()), any::<String>()],
        is_base64_encoded: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let world = World::new();
            let mut request = post(&path, &query, &body);
            request.is_base64_encoded = is_base64_encoded;
            let status = world.pipeline.notify(request).await.status_code;
            assert!([200, 202, 400, 404].contains(&status), "{status}");
            world.discard_messages();
        });
    }
}

/// The dependencies of a webhook all of whose queues are `queue`.
pub(crate) fn dependencies_with(
    secrets: Arc<dyn Secrets>,
    clock: &Arc<PausedClock>,
    queue: Arc<dyn Queue>,
) -> Dependencies {
    Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        keys: ClientStateKeys::new(secrets, "key".to_owned(), clock.clone()),
        fetch_queue: Arc::clone(&queue),
        subscriptions_queue: Arc::clone(&queue),
        dead_letters: queue,
    }
}
