//! Whatever is posted gets one of the known answers, and what is taken can be read again.
//!
//! The input's first line is the query, the rest is the body. `GENUINE` in the body stands for a
//! `clientState` that counts, so that what only Graph can post is looked at, too.

#![no_main]

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use libfuzzer_sys::fuzz_target;
use local::{MemoryQueue, MemorySecrets};
use shared::graph::ClientStateKey;
use shared::jobs::{FetchJob, Job, SubscriptionsJob};
use shared::ports::clock::SystemClock;
use shared::ports::secrets::Stage;
use tokio::runtime::Runtime;
use webhook::{ClientStateKeys, Inbox, handle};

const TENANT_ID: &str = "5466a424-0000-4000-8000-0000c0205050";
const KEY: &str = "a key that nobody else has";
/// The most that a message of SQS may have.
const MAX_MESSAGE_BYTES: usize = 1 << 20;

thread_local! {
    static DOOR: OnceCell<Door> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let (query, body) = input.split_once('\n').unwrap_or(("", input));
    DOOR.with(|door| door.get_or_init(Door::new).try_it(query, body));
});

/// A webhook with queues in memory.
struct Door {
    runtime: Runtime,
    inbox: Inbox,
    fetch: Arc<MemoryQueue>,
    subscriptions: Arc<MemoryQueue>,
    dead_letters: Arc<MemoryQueue>,
    genuine: String,
}

impl Door {
    fn new() -> Self {
        let queue = || Arc::new(MemoryQueue::new(Arc::new(SystemClock), Duration::from_secs(60)));
        let (fetch, subscriptions, dead_letters) = (queue(), queue(), queue());
        let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, KEY));
        let inbox = Inbox {
            tenant_id: TENANT_ID.to_owned(),
            keys: ClientStateKeys::new(secrets, "key".to_owned(), Arc::new(SystemClock)),
            fetch_queue: fetch.clone(),
            subscriptions_queue: subscriptions.clone(),
            dead_letters: dead_letters.clone(),
        };
        let genuine = ClientStateKey::new(KEY.to_owned().into()).sign([1; 16], TENANT_ID);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        Self { runtime, inbox, fetch, subscriptions, dead_letters, genuine }
    }

    fn try_it(&self, query: &str, body: &str) {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_path = Some("/notifications".to_owned());
        request.raw_query_string = Some(query.to_owned());
        request.request_context.http.method = http::Method::POST;
        request.body = Some(body.replace("GENUINE", &self.genuine));
        let answer = self.runtime.block_on(handle(&SystemClock, async || Ok(&self.inbox), request));
        match answer.status_code {
            200 => assert!(answer.body.is_some(), "a handshake without its token"),
            202 | 400 => assert!(answer.body.is_none(), "an answer that tells something"),
            other => panic!("status {other}"),
        }
        for body in taken(&self.fetch) {
            FetchJob::from_message(&body).expect("a job that fetch cannot read");
        }
        for body in taken(&self.subscriptions) {
            SubscriptionsJob::from_message(&body).expect("a job that subscriptions cannot read");
        }
        taken(&self.dead_letters);
    }
}

/// Empties a queue.
fn taken(queue: &MemoryQueue) -> Vec<String> {
    let mut bodies = Vec::new();
    while let Some(event) = queue.receive(10) {
        bodies.extend(event.records.iter().filter_map(|message| message.body.clone()));
        queue.delete_acknowledged(&event, &Default::default());
    }
    assert!(
        bodies.iter().all(|body| body.len() < MAX_MESSAGE_BYTES && !body.contains(['\u{FFFE}', '\u{FFFF}']))
    );
    bodies
}
