//! The webhook acknowledges only what is in a queue, and all of it.

use std::sync::Arc;

use graph_sim::PausedClock;
use local::MemorySecrets;
use serde_json::{Value, json};
use shared::env::EnvError;
use shared::ports::queue::Queue;
use shared::ports::secrets::Stage;
use webhook::Dependencies;

use crate::faults::BrokenQueue;
use crate::webhook_authenticity::dependencies_with;
use crate::world::{WEBHOOK_KEY, World, call_ended, post, signed};

#[tokio::test(start_paused = true)]
async fn a_setting_that_is_missing_makes_graph_send_again() {
    let world = World::new();
    let dependencies = async || Err(EnvError::Missing("FETCH_QUEUE_URL"));
    let answer = webhook::handle(
        &*world.clock,
        &webhook::Origin::default(),
        dependencies,
        post("/notifications", "", "{\"value\":[]}"),
    )
    .await;
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
async fn a_genuine_item_of_an_unknown_resource_is_a_dead_letter() {
    let world = World::new();
    let item = json!({"resource": "users/u/messages/m", "changeType": "unheard of", "future": [1]});
    assert_eq!(world.notify(vec![item]).await, 202);
    let letters = world.dead_letters();
    let kept: Value = serde_json::from_str(&letters[0].body).unwrap();
    assert_eq!((&kept["resource"], &kept["future"]), (&json!("users/u/messages/m"), &json!([1])));
    assert!(kept["tenantId"].is_string() && kept["clientState"].is_null(), "the proof is not kept");
    assert_eq!(world.dead_outcomes(), ["invalid_request"]);
}

#[tokio::test(start_paused = true)]
async fn a_genuine_item_that_is_too_large_for_a_message_is_a_dead_letter_that_says_whose_it_is() {
    let world = World::new();
    let large = json!({
        "subscriptionId": "s-1",
        "resource": "communications/callRecords/c-1",
        "padding": "x".repeat(300 << 10),
    });
    assert_eq!(world.notify(vec![large, json!({"resource": 7, "subscriptionId": "s-2"})]).await, 202);
    let letters = world.dead_letters();
    let bodies: Vec<Value> =
        letters.iter().map(|letter| serde_json::from_str(&letter.body).unwrap()).collect();
    assert_eq!(bodies[0]["subscriptionId"], "s-1");
    assert_eq!(bodies[0]["resource"], "communications/callRecords/c-1");
    assert!(bodies[0]["sizeBytes"].as_u64().unwrap() > 300 << 10 && letters[0].body.len() < 1_000);
    assert_eq!(bodies[1]["subscriptionId"], "s-2");
    assert_eq!(world.dead_outcomes(), ["invalid_request"; 2]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_acknowledged_that_is_not_in_the_queue() {
    for queue in [BrokenQueue::Refuses, BrokenQueue::Hangs] {
        let world = World::new();
        let began = tokio::time::Instant::now();
        let dependencies = dependencies(&world.clock, Arc::new(queue));
        let request = post("/notifications", "", &signed(vec![call_ended("m-1")]));

        let answer =
            webhook::handle(&*world.clock, &webhook::Origin::default(), async || Ok(&dependencies), request)
                .await;

        assert_eq!(answer.status_code, 503);
        assert!(began.elapsed().as_millis() <= 2_500, "Graph waits 3 s: {:?}", began.elapsed());
    }
}

fn dependencies(clock: &Arc<PausedClock>, queue: Arc<dyn Queue>) -> Dependencies {
    let secrets = MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY);
    dependencies_with(Arc::new(secrets), clock, queue)
}
