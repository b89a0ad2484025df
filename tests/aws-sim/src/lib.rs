//! A simulated AWS in memory: S3, SQS and Secrets Manager at one address, compiled, with the latencies it is given.
//!
//! It has the calls that Rollcall and its tests make, with their rules, and refuses all others. The emulators in
//! Python check that we understand AWS as others do; this one checks them in turn, and is fast enough that what a
//! benchmark measures beside it is not the emulator: each request waits for its own latency, and for no other
//! request, on whatever connection it comes.
//!
//! What was looked at before it was written (October 2026): `s3s` has all of S3's protocol, and is used here. Its
//! store in a folder, `s3s-fs`, looks for an object first and writes it then, so of eight conditional writes at once
//! several succeed; it keeps no lock either. `MinIO`, Garage and `versitygw` are no crates, and of SQS there is no
//! server in Rust or C that the registries have: `ElasticMQ` needs Java, `goaws` and `aws-in-a-box` are Go programs.
//!
//! ```text
//! request ─▶ latency ─┬─ X-Amz-Target: AmazonSQS.… ──────▶ Queues
//!                     ├─ X-Amz-Target: secretsmanager.… ─▶ Secrets
//!                     └─ otherwise ──────────────▶ s3s ──▶ Buckets
//! ```

#![expect(clippy::disallowed_methods, reason = "a server that keeps the time of the world")]

mod buckets;
mod json;
mod queues;
mod secrets;
mod sqs;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;

use buckets::Buckets;
use queues::Queues;
use secrets::Secrets;

/// The id of the account that owns all buckets and queues.
pub const ACCOUNT: &str = "000000000000";
/// The access key of its only user.
pub const ACCESS_KEY_ID: &str = "test";
/// The secret of that key: S3 verifies each request's signature with it.
pub const SECRET_ACCESS_KEY: &str = "test";
/// The longest body of a request that is not S3's.
const MAX_BODY_BYTES: usize = 16 << 20;

/// How long each service takes before it answers a request; nothing by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Latencies {
    /// For a request of S3.
    pub s3: Duration,
    /// For a request of SQS or Secrets Manager.
    pub sqs: Duration,
}

struct Sim {
    latencies: Latencies,
    s3: S3Service,
    queues: Queues,
    secrets: Secrets,
}

/// Serves a new, empty AWS at `listener`, until the task is dropped.
///
/// # Errors
/// The listener fails.
pub async fn serve(listener: TcpListener, latencies: Latencies) -> std::io::Result<()> {
    let mut s3 = S3ServiceBuilder::new(Buckets::default());
    s3.set_auth(SimpleAuth::from_single(ACCESS_KEY_ID, SECRET_ACCESS_KEY));
    let sim = Sim { latencies, s3: s3.build(), queues: Queues::default(), secrets: Secrets::default() };
    // An answer of several packets does not wait for the acknowledgement of its first.
    let listener = listener.tap_io(|connection| {
        connection.set_nodelay(true).ok();
    });
    axum::serve(listener, Router::new().fallback(answer).with_state(Arc::new(sim))).await
}

async fn answer(State(sim): State<Arc<Sim>>, request: Request<Body>) -> Response {
    let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
    let Some(target) = target.map(str::to_owned) else {
        tokio::time::sleep(sim.latencies.s3).await;
        return match sim.s3.call(request.map(s3s::Body::http_body_unsync)).await {
            Ok(answer) => answer.map(Body::new),
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        };
    };
    tokio::time::sleep(sim.latencies.sqs).await;
    let body = axum::body::to_bytes(request.into_body(), MAX_BODY_BYTES).await.unwrap_or_default();
    let answer = match target.split_once('.') {
        Some(("AmazonSQS", operation)) => sqs::answer(&sim.queues, operation, &body).await,
        Some(("secretsmanager", operation)) => sim.secrets.answer(operation, &body),
        _ => Err(json::Refusal::unknown_operation(&target)),
    };
    json::response(answer)
}
