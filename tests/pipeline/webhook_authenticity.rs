//! The webhook: it answers as Graph expects, and believes nobody but Graph.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_lambda_events::encodings::Body;
use graph_sim::{PausedClock, TENANT_ID};
use local::MemorySecrets;
use proptest::prelude::*;
use serde_json::json;
use shared::env::EnvError;
use shared::graph::ClientStateKey;
use shared::ports::queue::Queue;
use shared::ports::secrets::{Secrets, Stage};
use webhook::{ClientStateKeys, Dependencies};

use crate::faults::{BrokenQueue, FlakySecrets};
use crate::world::{WEBHOOK_KEY, World, call_ended, post, signed};

/// Nobody may ask for the dependencies.
async fn shut<'a>() -> Result<&'a Dependencies, EnvError> {
    unreachable!("the handshake needs no settings")
}

#[tokio::test(start_paused = true)]
async fn the_handshake_answers_the_decoded_token_and_touches_nothing() {
    let world = World::new();
    for path in ["/notifications", "/lifecycle", "/stage/notifications"] {
        let request = post(path, "key=abc&validationToken=Validation%3A+a%20%C3%A9%26%3Cb%3E", "");
        let answer = webhook::handle(&*world.clock, shut, request).await;
        assert_eq!(answer.status_code, 200);
        assert_eq!(answer.body, Some(Body::Text("Validation: a é&<b>".to_owned())));
        assert_eq!(answer.headers["content-type"], "text/plain; charset=utf-8");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_graph_would_not_send_is_refused() {
    let world = World::new();
    let long = format!("validationToken={}", "x".repeat(4_097));
    for query in ["validationToken=", "validationToken=a%0d%0ab", "validationToken=%00", &long] {
        let answer = webhook::handle(&*world.clock, shut, post("/notifications", query, "")).await;
        assert_eq!((answer.status_code, answer.body), (400, None), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_paths_and_methods_are_refused() {
    let world = World::new();
    assert_eq!(webhook::handle(&*world.clock, shut, post("/", "", "{}")).await.status_code, 404);
    let mut get = post("/notifications", "validationToken=x", "");
    get.request_context.http.method = http::Method::GET;
    assert_eq!(webhook::handle(&*world.clock, shut, get).await.status_code, 405);
}

#[tokio::test(start_paused = true)]
async fn a_setting_that_is_missing_makes_graph_send_again() {
    let world = World::new();
    let open = async || Err(EnvError::Missing("FETCH_QUEUE_URL"));
    let answer = webhook::handle(&*world.clock, open, post("/notifications", "", "{\"value\":[]}")).await;
    assert_eq!(answer.status_code, 503);
}

#[tokio::test(start_paused = true)]
async fn a_batch_of_any_size_is_kept_whole() {
    let world = World::new();
    for meeting in 0..250 {
        world.meeting_ended(&format!("m-{meeting}"), 1);
    }
    let items = (0..250).map(|meeting| call_ended(&format!("m-{meeting}"))).collect();
    assert_eq!(world.notify(items).await, 202);
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 250);
}

#[tokio::test(start_paused = true)]
async fn a_strangers_item_is_dropped_and_its_neighbours_stay() {
    let world = World::new();
    world.meeting_ended("m-1", 1);
    let genuine = ClientStateKey::new(WEBHOOK_KEY.to_owned().into()).sign([1; 16], TENANT_ID);
    let stranger = ClientStateKey::new("another key".to_owned().into()).sign([1; 16], TENANT_ID);
    let item = |state: serde_json::Value, tenant: serde_json::Value| {
        let mut item = call_ended("m-1");
        item["clientState"] = state;
        item["tenantId"] = tenant;
        item
    };
    let items = [
        item(json!(stranger), json!(TENANT_ID)),
        item(json!(null), json!(TENANT_ID)),
        item(json!("v1.AA.AA"), json!(TENANT_ID)),
        item(json!(genuine), json!("another-tenant")),
        item(json!(genuine), json!(TENANT_ID.to_uppercase())),
        item(json!(genuine), json!(null)),
    ];

    let answer = world.post(&json!({"value": items, "validationTokens": null}).to_string()).await;

    assert_eq!(answer.status_code, 202);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
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
async fn what_is_genuine_stays_so_while_the_keys_cannot_be_read_again() {
    let world = World::new();
    let secrets = Arc::new(FlakySecrets {
        secrets: MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY),
        down: AtomicBool::new(false),
    });
    let dependencies = dependencies_with(secrets.clone(), &world.clock, world.pipeline.queues.fetch.clone());
    let stranger = signed(vec![call_ended("m-1")]).replace("v1.", "v1.A");
    let post = async |body: &str| {
        let request = post("/notifications", "", body);
        webhook::handle(&*world.clock, async || Ok(&dependencies), request).await.status_code
    };
    assert_eq!(post(&signed(vec![])).await, 202);
    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202);
    tokio::time::advance(std::time::Duration::from_secs(3_600)).await;
    secrets.down.store(true, Ordering::Relaxed);

    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202);
    assert_eq!(post(&stranger).await, 503, "it may be of a key that is not known here yet");
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
    world.forget_messages();
}

#[tokio::test(start_paused = true)]
async fn a_state_that_a_new_key_may_have_signed_is_sent_again_instead_of_dropped() {
    let world = World::new();
    let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY));
    let dependencies = dependencies_with(secrets.clone(), &world.clock, world.pipeline.queues.fetch.clone());
    let post = async |body: &str| {
        let request = post("/notifications", "", body);
        webhook::handle(&*world.clock, async || Ok(&dependencies), request).await.status_code
    };
    let second = std::time::Duration::from_secs(1);
    assert_eq!(post(&signed(vec![call_ended("m-1")])).await, 202, "the key is read");
    secrets.rotate("key", "the next key");
    let state = ClientStateKey::new("the next key".to_owned().into()).sign([1; 16], TENANT_ID);
    let mut item = call_ended("m-2");
    item["clientState"] = json!(state);
    let of_the_next_key = json!({"value": [item]}).to_string();

    tokio::time::advance(second).await;
    assert_eq!(post(&of_the_next_key).await, 503, "the key was read a second ago");
    let nonsense = of_the_next_key.replace(&state, "v1.nonsense");
    assert_eq!(post(&nonsense).await, 202, "what no key can have signed is dropped");
    tokio::time::advance(second * 10).await;
    assert_eq!(post(&of_the_next_key).await, 202);

    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
    world.forget_messages();
}

#[tokio::test(start_paused = true)]
async fn strangers_items_are_dropped_however_many_stand_in_one_post() {
    let world = World::new();
    let stranger = |nonce| {
        let mut item = call_ended("m-1");
        let key = ClientStateKey::new("another key".to_owned().into());
        item["clientState"] = json!(key.sign([nonce; 16], TENANT_ID));
        item
    };
    let posted = json!({"value": [stranger(1), stranger(2), stranger(3)]}).to_string();
    assert_eq!(world.post(&posted).await.status_code, 202);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_acknowledged_that_is_not_in_the_queue() {
    for queue in [BrokenQueue::Refuses, BrokenQueue::Hangs] {
        let world = World::new();
        let began = tokio::time::Instant::now();
        let dependencies = dependencies(&world.clock, Arc::new(queue));
        let request = post("/notifications", "", &signed(vec![call_ended("m-1")]));

        let answer = webhook::handle(&*world.clock, async || Ok(&dependencies), request).await;

        assert_eq!(answer.status_code, 503);
        assert!(began.elapsed().as_millis() <= 2_500, "Graph waits 3 s: {:?}", began.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_about_acceptance_can_be_learned_from_the_answer() {
    let world = World::new();
    world.meeting_ended("m-1", 1);
    let mut stranger = call_ended("m-1");
    stranger["clientState"] = json!("v1.AAAAAAAAAAAAAAAAAAAAAA.AAAA");
    let stranger = world.post(&json!({"value": [stranger]}).to_string()).await;
    let genuine = world.post(&signed(vec![call_ended("m-1")])).await;
    assert_eq!(stranger, genuine);
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1);
    world.run_until_idle().await;
}

#[tokio::test(start_paused = true)]
async fn json_that_is_made_to_hurt_leads_to_nothing() {
    let world = World::new();
    let deep = format!("{{\"value\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(world.post(&deep).await.status_code, 202);
    let twice =
        signed(vec![call_ended("m-1")]).replace("\"clientState\"", "\"clientState\":\"x\",\"clientState\"");
    assert_eq!(world.post(&twice).await.status_code, 202);
    let deep_item = format!("{{\"value\":[{{\"x\":{}{}}}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(world.post(&deep_item).await.status_code, 202);
    let mut zipped = post("/notifications", "", "H4sIAAAAAAAAA6tWKkvMKU1VslKIjq0FAHm5hhQNAAAA");
    zipped.is_base64_encoded = true;
    assert_eq!(world.pipeline.notify(zipped).await.status_code, 400);
    assert_eq!(world.pipeline.next_visible_at(&world.functions), None);
}

#[tokio::test(start_paused = true)]
async fn a_replay_does_no_harm() {
    let world = World::new();
    world.meeting_ended("m-1", 3);
    let recorded = signed(vec![call_ended("m-1")]);
    for _ in 0..3 {
        assert_eq!(world.post(&recorded).await.status_code, 202);
        world.run_until_idle().await;
        tokio::time::advance(std::time::Duration::from_secs(86_400)).await;
    }
    assert_eq!(world.keys("").len(), 2);
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

/// A body with genuine items in it, of which some characters are others.
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
            world.forget_messages();
        });
    }
}

/// Where the fuzzer begins: its first line is the query, the rest the body.
#[tokio::test(start_paused = true)]
async fn what_the_fuzzer_begins_with_gets_the_answer_that_it_should() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/door");
    let genuine = ClientStateKey::new(WEBHOOK_KEY.to_owned().into()).sign([1; 16], TENANT_ID);
    for file in std::fs::read_dir(corpus).unwrap() {
        let file = file.unwrap();
        let input = std::fs::read_to_string(file.path()).unwrap();
        let (query, body) = input.split_once('\n').unwrap();
        let world = World::new();
        let request = post("/notifications", query, &body.replace("GENUINE", &genuine));
        let status = world.pipeline.notify(request).await.status_code;
        assert_eq!(status, if file.file_name() == "handshake" { 200 } else { 202 }, "{:?}", file.file_name());
        world.forget_messages();
    }
}

fn dependencies(clock: &Arc<PausedClock>, queue: Arc<dyn Queue>) -> Dependencies {
    let secrets = MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY);
    dependencies_with(Arc::new(secrets), clock, queue)
}

fn dependencies_with(
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

#[tokio::test(start_paused = true)]
async fn a_body_in_base64_is_read_and_one_that_is_too_large_is_refused() {
    let world = World::new();
    let mut encoded = post("/notifications", "", "eyJ2YWx1ZSI6W119");
    encoded.is_base64_encoded = true;
    assert_eq!(world.pipeline.notify(encoded).await.status_code, 202);
    let mut broken = post("/notifications", "", "{\"value\":[]}");
    broken.is_base64_encoded = true;
    assert_eq!(world.pipeline.notify(broken).await.status_code, 400);
    let large = format!("{{\"value\":[],\"x\":\"{}\"}}", "x".repeat(6 << 20));
    assert_eq!(world.post(&large).await.status_code, 413);
}
