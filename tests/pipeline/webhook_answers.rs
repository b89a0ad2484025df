//! What the webhook answers to whatever is posted to it: the handshake, refusals, and 202 without an effect.

use aws_lambda_events::encodings::Body;
use shared::env::EnvError;
use webhook::Dependencies;

use crate::world::{WEBHOOK_KEY, World, call_ended, client_state, kind_of, post, signed};

/// Dependencies that must not be asked for.
async fn no_dependencies<'a>() -> Result<&'a Dependencies, EnvError> {
    unreachable!("the handshake needs no settings")
}

#[tokio::test(start_paused = true)]
async fn the_handshake_answers_the_decoded_token_and_needs_no_dependency() {
    let world = World::new();
    for path in ["/notifications", "/lifecycle", "/stage/notifications"] {
        let request = post(path, "key=abc&validationToken=Validation%3A+a%20%C3%A9%26%3Cb%3E", "");
        let answer =
            webhook::handle(&*world.clock, &webhook::Origin::default(), no_dependencies, request).await;
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
        let answer = webhook::handle(
            &*world.clock,
            &webhook::Origin::default(),
            no_dependencies,
            post("/notifications", query, ""),
        )
        .await;
        assert_eq!((answer.status_code, answer.body), (400, None), "{query}");
    }
}

#[tokio::test(start_paused = true)]
async fn other_paths_and_methods_are_refused() {
    let world = World::new();
    assert_eq!(
        webhook::handle(&*world.clock, &webhook::Origin::default(), no_dependencies, post("/", "", "{}"))
            .await
            .status_code,
        404
    );
    let mut get = post("/notifications", "validationToken=x", "");
    get.request_context.http.method = http::Method::GET;
    assert_eq!(
        webhook::handle(&*world.clock, &webhook::Origin::default(), no_dependencies, get).await.status_code,
        405
    );
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

#[tokio::test(start_paused = true)]
async fn a_body_that_is_no_collection_of_notifications_is_refused() {
    let world = World::new();
    for body in ["", "{", "null", "[]", "{}", "{\"value\":null}", "{\"value\":{}}", "\u{0}", "<html>"] {
        assert_eq!(world.post(body).await.status_code, 400, "{body}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_collection_and_items_that_are_no_notifications_are_accepted_and_put_nothing_into_a_queue() {
    let world = World::new();
    for body in ["{\"value\":[]}", "{\"value\":[1,null,\"x\",[],{}]}"] {
        assert_eq!(world.post(body).await.status_code, 202, "{body}");
    }
    assert_eq!(world.pipeline.next_visible_at(&world.functions), None);
}

#[tokio::test(start_paused = true)]
async fn hostile_json_puts_nothing_into_a_queue() {
    let world = World::new();
    let deep = format!("{{\"value\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(world.post(&deep).await.status_code, 202);
    // The last of two members counts.
    let twice = signed(vec![call_ended("m-1")]).replace("\"clientState\"", "\"clientState\":\"x\",\"x\"");
    assert_eq!(world.post(&twice).await.status_code, 202);
    let deep_item = format!("{{\"value\":[{{\"x\":{}{}}}]}}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(world.post(&deep_item).await.status_code, 202);
    let mut zipped = post("/notifications", "", "H4sIAAAAAAAAA6tWKkvMKU1VslKIjq0FAHm5hhQNAAAA");
    zipped.is_base64_encoded = true;
    assert_eq!(world.pipeline.notify(zipped).await.status_code, 400);
    assert_eq!(world.pipeline.next_visible_at(&world.functions), None);
}

/// The fuzzer's corpus: the first line of each seed is the query, the rest the body.
#[tokio::test(start_paused = true)]
async fn each_seed_of_the_fuzz_corpus_gets_its_answer() {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus/webhook");
    for file in std::fs::read_dir(corpus).unwrap() {
        let file = file.unwrap();
        let input = std::fs::read_to_string(file.path()).unwrap();
        let (query, body) = input.split_once('\n').unwrap();
        let world = World::new();
        let request = post(
            "/notifications",
            query,
            &body.replace("GENUINE", &client_state(WEBHOOK_KEY, kind_of(body))),
        );
        let status = world.pipeline.notify(request).await.status_code;
        assert_eq!(status, if file.file_name() == "handshake" { 200 } else { 202 }, "{:?}", file.file_name());
        world.discard_messages();
    }
}
