//! The simulated Graph over real HTTP.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::serve::ListenerExt;
use http::header::HOST;
use http::uri::{Authority, Scheme};
use shared::ports::http::MAX_ANSWER_BYTES;
use tokio::net::TcpListener;

use crate::GraphSim;

/// Serves `sim` at `listener`, until the task is dropped.
///
/// # Errors
/// The listener fails.
pub async fn serve(sim: Arc<GraphSim>, listener: TcpListener) -> std::io::Result<()> {
    serve_as(Scheme::HTTP, sim, listener).await
}

/// Serves `sim` as [`serve`] does, behind a proxy that callers reach by `scheme`: links to next pages begin
/// with it.
///
/// # Errors
/// The listener fails.
pub async fn serve_as(scheme: Scheme, sim: Arc<GraphSim>, listener: TcpListener) -> std::io::Result<()> {
    let router = Router::new().fallback(answer).with_state((sim, scheme));
    // An answer of several packets does not wait for the acknowledgement of its first.
    let listener = listener.tap_io(|connection| {
        connection.set_nodelay(true).ok();
    });
    axum::serve(listener, router).await
}

async fn answer(
    State((sim, scheme)): State<(Arc<GraphSim>, Scheme)>,
    request: http::Request<Body>,
) -> http::Response<Body> {
    let (mut parts, body) = request.into_parts();
    // Links to next pages need the host that was asked. With HTTP/1.1 it is a header, with HTTP/2 part of the URI.
    let host = parts.headers.get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let mut uri = parts.uri.into_parts();
    uri.authority = host.or(uri.authority);
    uri.scheme = Some(scheme);
    parts.uri = http::Uri::from_parts(uri).unwrap_or_default();
    let body = axum::body::to_bytes(body, MAX_ANSWER_BYTES).await.unwrap_or_default();
    sim.answer(http::Request::from_parts(parts, body)).await.map(Body::from)
}
