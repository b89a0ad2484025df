//! What strangers post costs next to nothing: one line of log, no message, and only the first items are read.

use serde_json::json;

use crate::logs_hold_no_personal_data::lines;
use crate::metrics::counted;
use crate::world::{World, call_ended, client_state, kind_of, signed};

/// As much as API Gateway and Lambda let through.
const LARGEST: usize = 5_900_000;
/// The most that a POST may make in the log, in bytes.
const LOG_BYTES: usize = 512;

/// A collection of as many of these items as fit.
fn collection(item: &str) -> String {
    format!("{{\"value\":[{}{item}]}}", format!("{item},").repeat(LARGEST / (item.len() + 1) - 1))
}

/// The lines that a function writes at its usual level.
fn told() -> Vec<String> {
    let lines = lines();
    let is_told =
        |line: &&str| !line.contains("\"level\":\"TRACE\"") && !line.contains("\"level\":\"DEBUG\"");
    lines.lines().filter(is_told).map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn whatever_strangers_post_makes_one_short_line_and_no_message() {
    let forged = call_ended("m-1");
    let mut signed_by_another = forged.clone();
    signed_by_another["clientState"] = json!(client_state("another key", kind_of(&forged.to_string())));
    for (name, body, status) in [
        ("numbers", collection("1"), 400),
        ("objects", collection("{}"), 400),
        ("without a state", collection(&forged.to_string()), 400),
        ("of another key", collection(&signed_by_another.to_string()), 400),
        ("one that is large", collection(&format!("\"{}\"", "x".repeat(LARGEST - 100))), 202),
        ("no JSON", "x".repeat(LARGEST), 400),
        ("deep", "[".repeat(LARGEST), 400),
        ("a hundred after none", format!("{{\"value\":[{}]}}", ["1"; 99].join(",")), 202),
    ] {
        let world = World::new();
        let before = told().len();
        assert_eq!(world.post(&body).await.status_code, status, "{name}");
        let told = &told()[before..];
        assert!(told.len() == 1 && told[0].len() <= LOG_BYTES, "{name}: {told:?}");
        assert_eq!(counted("NotificationsRejected").len(), 1, "{name}");
        assert_eq!(world.pipeline.next_visible_at(&world.functions), None, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn genuine_items_among_strangers_come_through_and_make_one_line() {
    let world = World::new();
    let genuine = signed((0..1_500).map(|number| call_ended(&number.to_string())).collect());
    let (before, strangers) = (told().len(), format!("\"value\":[{}", "1,".repeat(98)));
    let body = genuine.replacen("\"value\":[", &strangers, 1).replacen(",{", ",{},{", 200);
    assert_eq!(world.post(&body).await.status_code, 202);
    let told = &told()[before..];
    assert!(told.len() == 1 && told[0].len() <= LOG_BYTES, "{told:?}");
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 1_500);
    assert_eq!(
        counted("NotificationsAccepted")[0].1 + counted("NotificationsRejected")[0].1,
        1_500 + 98 + 200
    );
    world.discard_messages();
}

#[tokio::test(start_paused = true)]
async fn what_is_in_a_post_twice_is_one_job() {
    let world = World::new();
    world.notify(vec![call_ended("m-1"), call_ended("m-1"), call_ended("m-2")]).await;
    assert_eq!(world.pipeline.queues.fetch.messages().len(), 2);
    world.discard_messages();
}
