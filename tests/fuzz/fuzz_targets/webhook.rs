//! Every request gets one of the documented responses, and every message that is sent can be read again.
//!
//! The input's first line is the query, the rest is the body. `GENUINE` in the body is replaced by a valid
//! `clientState`, so that the code behind its verification is reached, too.

#![no_main]

mod world;

use std::cell::OnceCell;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use local::{MemoryQueue, MemorySecrets};
use shared::graph::{ClientStateKey, ClientStateScope};
use shared::jobs::{FetchJob, Job, SubscriptionsJob};
use shared::model::ResourceKind;
use shared::ports::clock::Clock;
use shared::ports::secrets::Stage;
use webhook::{ClientStateKeys, Dependencies, handle};

use world::{JumpingClock, TENANT_ID, queue, run};

const KEY: &str = "a key that nobody else has";
/// The size limit of a message in SQS.
const MAX_MESSAGE_BYTES: usize = 1 << 20;
/// After this time the keys are read again for a `clientState` of none of them.
const KEYS_ARE_OLD: Duration = Duration::from_secs(11);

thread_local! {
    static WEBHOOK: OnceCell<Webhook> = const { OnceCell::new() };
}

fuzz_target!(|input: &[u8]| {
    let Ok(input) = std::str::from_utf8(input) else { return };
    let (query, body) = input.split_once('\n').unwrap_or(("", input));
    WEBHOOK.with(|webhook| webhook.get_or_init(Webhook::new).post(query, body));
});

/// A webhook with queues in memory.
struct Webhook {
    clock: Arc<JumpingClock>,
    dependencies: Dependencies,
    fetch_queue: Arc<MemoryQueue>,
    subscriptions_queue: Arc<MemoryQueue>,
    dead_letters: Arc<MemoryQueue>,
    key: ClientStateKey,
}

impl Webhook {
    fn new() -> Self {
        let clock = JumpingClock::new();
        let (fetch_queue, subscriptions_queue) = (queue(&clock), queue(&clock));
        let dead_letters = queue(&clock);
        let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, KEY));
        let dependencies = Dependencies {
            tenant_id: TENANT_ID.to_owned(),
            keys: ClientStateKeys::new(secrets, "key".to_owned(), clock.clone()),
            fetch_queue: fetch_queue.clone(),
            subscriptions_queue: subscriptions_queue.clone(),
            dead_letters: dead_letters.clone(),
        };
        let key = ClientStateKey::new(&KEY.to_owned().into());
        Self { clock, dependencies, fetch_queue, subscriptions_queue, dead_letters, key }
    }

    /// A valid `clientState` for the kind of resource that the body is about.
    fn client_state(&self, body: &str) -> String {
        let kind = match () {
            () if body.contains("encryptedContent") => ResourceKind::MeetingCalls,
            () if body.contains("callRecord") => ResourceKind::CallRecords,
            () if body.contains("ttendanceReport") => ResourceKind::Reports,
            () if body.contains("egistration") => ResourceKind::Registrations,
            () => ResourceKind::VirtualEvents,
        };
        let scope = ClientStateScope { tenant_id: TENANT_ID.to_owned(), kind, end: Timestamp::MAX };
        self.key.sign([1; 16], &scope)
    }

    fn post(&self, query: &str, body: &str) {
        // Otherwise a well-formed `clientState` that is not genuine would be answered with 503.
        run(self.clock.sleep(KEYS_ARE_OLD));
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_path = Some("/notifications".to_owned());
        request.raw_query_string = Some(query.to_owned());
        request.request_context.http.method = http::Method::POST;
        request.body = Some(body.replace("GENUINE", &self.client_state(body)));
        let response = run(handle(&*self.clock, &webhook::Origin::default(), async || Ok(&self.dependencies), request));
        match response.status_code {
            200 => assert!(response.body.is_some(), "a handshake without its token"),
            202 | 400 => assert!(response.body.is_none(), "a response with a body"),
            other => panic!("status {other}"),
        }
        for body in drain(&self.fetch_queue) {
            FetchJob::from_message(&body).expect("a job that fetch cannot read");
        }
        for body in drain(&self.subscriptions_queue) {
            SubscriptionsJob::from_message(&body).expect("a job that subscriptions cannot read");
        }
        drain(&self.dead_letters);
    }
}

/// Receives and deletes all messages of a queue.
fn drain(queue: &MemoryQueue) -> Vec<String> {
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
