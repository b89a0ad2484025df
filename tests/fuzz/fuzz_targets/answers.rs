//! Whatever Graph answers, the token is sent to no other host, and the job is in the queue of `archive`, in its own
//! queue, or among the dead letters.
//!
//! The input is Graph's responses, separated by empty lines. The first line of each is its status, and its
//! `Retry-After` after a space; the rest is its body. The last response is repeated.

#![no_main]

mod world;

use std::sync::Arc;

use fetch::{Dependencies, handle};
use http::StatusCode;
use http::header::{AUTHORIZATION, RETRY_AFTER};
use jiff::SignedDuration;
use libfuzzer_sys::fuzz_target;
use local::MemoryStore;
use shared::digest::sha256_hex;
use shared::jobs::{ArchiveJob, Cause, FetchJob, FetchTarget, Job};
use shared::lambda::watch_filter::WatchFilter;
use shared::memory::MemoryBudget;
use shared::model::{ReportSource, Watch};
use shared::ports::clock::Clock;
use shared::ports::http::Response;
use shared::ports::queue::{MAX_POSTPONE, OutgoingMessage, Queue};

use world::{FakeGraph, JumpingClock, NOW, TENANT_ID, client, queue, run};

/// More requests than the longest input can cause, with its retries and pages.
const MAX_REQUESTS: usize = 20_000;

fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let responses: Vec<Response> = input.split("\n\n").map(response).collect();
    let is_gone = responses.iter().any(|response| response.status() == StatusCode::GONE);
    let clock = JumpingClock::new();
    let graph = FakeGraph::new(move |number| responses[number.min(responses.len() - 1)].clone());
    let (fetch_queue, archive_queue, dead_letters) = (queue(&clock), queue(&clock), queue(&clock));
    let dependencies = Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        graph: client(graph.clone(), &clock),
        watch_filter: WatchFilter::new(&Watch::default(), clock.clone()),
        encrypted: None,
        store: Arc::new(MemoryStore::default()),
        fetch_queue: fetch_queue.clone(),
        archive_queue: archive_queue.clone(),
        dead_letters: dead_letters.clone(),
        memory: MemoryBudget::default(),
        clock: clock.clone(),
    };
    let source = ReportSource::Meeting { organizer_id: "o".to_owned(), meeting_id: "m".to_owned() };
    let target = FetchTarget::Report(source.report("r"));
    let job = FetchJob::new(target, Cause::Notification, NOW);
    run(fetch_queue.send(vec![OutgoingMessage::new(job.to_message())])).unwrap();
    let event = fetch_queue.receive(10).unwrap();
    let deadline = NOW + SignedDuration::from_hours(1_000);
    let response = run(handle(&dependencies, event.clone(), deadline)).expect("the message has an id");
    fetch_queue.delete_acknowledged(&event, &response);

    let requests = graph.requests.lock().unwrap();
    assert!(requests.len() < MAX_REQUESTS);
    let is_graph = |uri: &http::Uri| {
        uri.to_string().starts_with("https://graph.microsoft.com/")
            && uri.path().split('/').nth(1) == Some("v1.0")
    };
    assert!(
        requests
            .iter()
            .all(|request| is_graph(request.uri()) && request.headers().contains_key(AUTHORIZATION))
    );
    for message in archive_queue.messages() {
        let job = ArchiveJob::from_message(&message.body).expect("a job that archive cannot read");
        let body = job.body.expect("no input is too large for a message");
        assert_eq!((job.size_bytes, job.sha256), (body.get().len(), sha256_hex(body.get().as_bytes())));
    }
    let latest = clock.now() + SignedDuration::try_from(MAX_POSTPONE).unwrap();
    assert!(fetch_queue.next_visible_at().is_none_or(|at| at <= latest));
    let counts = [&fetch_queue, &archive_queue, &dead_letters].map(|queue| queue.messages().len());
    // A job whose resource is gone is acknowledged without a result.
    assert!(counts.iter().sum::<usize>() == 1 || is_gone, "{counts:?}");
});

fn response(text: &str) -> Response {
    let (head, body) = text.split_once('\n').unwrap_or((text, ""));
    let (status, retry_after) = head.split_once(' ').unwrap_or((head, ""));
    let status = status.parse::<u16>().ok().filter(|status| (200..600).contains(status)).unwrap_or(200);
    let mut response = http::Response::builder().status(status);
    if let Ok(value) = http::HeaderValue::from_str(retry_after) {
        response = response.header(RETRY_AFTER, value);
    }
    response.body(body.to_owned().into()).unwrap()
}
