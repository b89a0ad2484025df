//! The webhook over HTTP: what HTTP API does in front of the function.

use std::sync::Arc;

use aws_lambda_events::encodings::Body as EventBody;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use data_encoding::BASE64;
use http::StatusCode;
use shared::http::{Request, Response};
use tokio::net::TcpListener;

use crate::local::LocalPipeline;

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

/// Hands a request to the webhook, and its answer back.
pub async fn answer(pipeline: &LocalPipeline, request: Request) -> Response {
    response(pipeline.notify(event(&request)).await)
}

/// The request as the function sees it (payload format 2.0).
fn event(request: &Request) -> ApiGatewayV2httpRequest {
    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(request.uri().path().to_owned());
    event.raw_query_string = request.uri().query().map(str::to_owned);
    event.headers = request.headers().clone();
    event.request_context.http.method = request.method().clone();
    event.body = Some(BASE64.encode(request.body()));
    event.is_base64_encoded = true;
    event
}

fn response(answer: ApiGatewayV2httpResponse) -> Response {
    let body = match answer.body {
        Some(EventBody::Text(text)) => Bytes::from(text),
        _ => Bytes::new(),
    };
    let mut response = Response::new(body);
    let code = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = code.unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    response
}
