//! The webhook over HTTP: what HTTP API does in front of `webhook`.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use graph_sim::{http_api_answer, http_api_event};
use http::StatusCode;
use local::LocalPipeline;
use shared::ports::http::{Request, Response};
use tokio::net::TcpListener;

/// The most that HTTP API lets through.
const MAX_BODY_BYTES: usize = 10 << 20;

/// Serves the webhook of `pipeline` at `listener`, until the task is dropped.
///
/// # Errors
/// The listener fails.
pub async fn serve(pipeline: Arc<LocalPipeline>, listener: TcpListener) -> std::io::Result<()> {
    axum::serve(listener, Router::new().fallback(served).with_state(pipeline)).await
}

async fn served(
    State(pipeline): State<Arc<LocalPipeline>>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        let mut refused = http::Response::new(Body::empty());
        *refused.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return refused;
    };
    answer(&pipeline, http::Request::from_parts(parts, body)).await.map(Body::from)
}

/// Invokes `webhook` with a request, as HTTP API does, and gives its answer.
pub async fn answer(pipeline: &LocalPipeline, request: Request) -> Response {
    http_api_answer(pipeline.notify(http_api_event(&request)).await)
}
