//! The webhook in a burst of notifications, before an SQS that is slow and fails: each POST is answered in
//! time, and acknowledged only when all of it is in the queue.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use aws_config::Region;
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use fastrand::Rng;
use graph_sim::TENANT_ID;
use http::StatusCode;
use local::MemorySecrets;
use serde_json::{Value, json};
use shared::aws::{self, SqsQueue};
use shared::jobs::{FetchJob, FetchTarget, Job};
use shared::ports::clock::SystemClock;
use shared::ports::secrets::Stage;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use tokio::time::Instant;
use webhook::{ClientStateKeys, Dependencies};

use crate::world::{WEBHOOK_KEY, call_ended, post, signed};

const NOTIFICATIONS: usize = 10_000;
/// Graph takes an endpoint for slow that needs longer.
const ANSWERED_WITHIN: Duration = Duration::from_secs(3);
/// Only an optimised webhook is held to its time, and gets batches that an unoptimised one could not do in it.
const OPTIMISED: bool = !cfg!(debug_assertions);
const BATCHES: [usize; 4] = if OPTIMISED { [1, 10, 100, 1_000] } else { [1, 10, 50, 100] };
/// As the binary has it: one try of a call to SQS.
const AWS_ATTEMPT: Duration = Duration::from_millis(700);
/// How many POSTs are under way at once.
const AT_ONCE: usize = 4;
/// How often Graph sends again what was not acknowledged.
const TRIES: usize = 100;

/// SQS's protocol, as far as the webhook needs it: it keeps what it takes, is slow at times, and fails at
/// times, before and after it has taken a batch.
#[derive(Default)]
struct BadSqs {
    taken: Mutex<BTreeSet<String>>,
    calls: Mutex<usize>,
}

impl BadSqs {
    async fn take(State(sqs): State<Arc<Self>>, request: Request<Body>) -> Response {
        let body = to_bytes(request.into_body(), 2 << 20).await.unwrap();
        let number = {
            let mut calls = sqs.calls.lock().await;
            *calls += 1;
            *calls
        };
        tokio::time::sleep(Duration::from_millis(if number.is_multiple_of(50) { 900 } else { 5 })).await;
        if number.is_multiple_of(31) {
            return StatusCode::SERVICE_UNAVAILABLE.into_response();
        }
        let successful = sqs.keep(&body).await;
        if number.is_multiple_of(37) {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let answer = json!({"Successful": successful, "Failed": []}).to_string();
        ([("content-type", "application/x-amz-json-1.0")], answer).into_response()
    }

    async fn keep(&self, body: &Bytes) -> Vec<Value> {
        let sent: Value = serde_json::from_slice(body).unwrap();
        let mut taken = self.taken.lock().await;
        let mut successful = Vec::new();
        for entry in sent["Entries"].as_array().unwrap() {
            let message = entry["MessageBody"].as_str().unwrap();
            let FetchTarget::CallRecord { id } = FetchJob::from_message(message).unwrap().target else {
                panic!()
            };
            taken.insert(id);
            successful.push(json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""}));
        }
        successful
    }
}

/// The dependencies of a webhook whose queues are at that SQS.
async fn dependencies(sqs: Arc<BadSqs>) -> Dependencies {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(BadSqs::take).with_state(sqs);
    tokio::spawn(async { axum::serve(listener, router).await });
    let credentials = Credentials::new("test", "test", None, None, "tests");
    let config = aws::config(AWS_ATTEMPT).await.to_builder();
    let config = config.region(Region::new("us-east-1")).endpoint_url(&endpoint);
    let config = config.credentials_provider(SharedCredentialsProvider::new(credentials)).build();
    let queue = Arc::new(SqsQueue::new(&config, format!("{endpoint}/000000000000/fetch")));
    let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, WEBHOOK_KEY));
    Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        keys: ClientStateKeys::new(secrets, "key".to_owned(), Arc::new(SystemClock)),
        fetch_queue: queue.clone(),
        subscriptions_queue: queue.clone(),
        dead_letters: queue,
    }
}

/// Posts a batch as Graph does, until it is acknowledged; answers how long each answer took.
async fn notify(dependencies: Arc<Dependencies>, sqs: Arc<BadSqs>, numbers: Range<usize>) -> Vec<Duration> {
    let body = signed(numbers.clone().map(|number| call_ended(&number.to_string())).collect());
    let mut took = Vec::new();
    for _ in 0..TRIES {
        let began = Instant::now();
        let request = post("/notifications", "", &body);
        let answer =
            webhook::handle(&SystemClock, &webhook::Origin::default(), async || Ok(&*dependencies), request)
                .await;
        took.push(began.elapsed());
        if answer.status_code == 202 {
            let taken = sqs.taken.lock().await;
            assert!(numbers.clone().all(|number| taken.contains(&format!("call-{number}"))));
            return took;
        }
        assert_eq!(answer.status_code, 503);
    }
    panic!("a batch of {} was never acknowledged", numbers.len());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_burst_before_a_bad_sqs_is_answered_in_time_and_loses_nothing() {
    let sqs = Arc::new(BadSqs::default());
    let dependencies = Arc::new(dependencies(sqs.clone()).await);
    let mut random = Rng::with_seed(7);
    let (mut first, mut posts, mut took) = (0, JoinSet::new(), Vec::new());
    while first < NOTIFICATIONS {
        let most = random.choice(BATCHES).unwrap();
        let end = (first + random.usize(1..=most)).min(NOTIFICATIONS);
        posts.spawn(notify(dependencies.clone(), sqs.clone(), first..end));
        first = end;
        if posts.len() >= AT_ONCE {
            took.extend(posts.join_next().await.unwrap().unwrap());
        }
    }
    took.extend(posts.join_all().await.into_iter().flatten());
    assert_eq!(sqs.taken.lock().await.len(), NOTIFICATIONS);
    took.sort_unstable();
    let (longest, median) = (took[took.len() - 1], took[took.len() / 2]);
    let calls = *sqs.calls.lock().await;
    let summary = format!(
        "{NOTIFICATIONS} notifications: {} answers, half within {median:?}, all within {longest:?}, {calls} calls of SQS",
        took.len()
    );
    writeln!(std::io::stderr(), "{summary}").ok();
    if OPTIMISED {
        assert!(longest < ANSWERED_WITHIN, "{longest:?}");
    } else {
        writeln!(std::io::stderr(), "skipped: the time is checked in an optimised build only (just burst)")
            .ok();
    }
}
