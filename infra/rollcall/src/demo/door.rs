//! The webhook over real HTTP: what HTTP API does in front of the function.

use std::sync::Arc;

use aws_lambda_events::encodings::Body as EventBody;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use data_encoding::BASE64;
use http::{Request, Response, StatusCode};
use tokio::net::TcpListener;

use crate::local::LocalPipeline;

/// The most that HTTP API lets through.
const MAX_BODY_BYTES: usize = 10 << 20;

pub(super) async fn serve(pipeline: Arc<LocalPipeline>, listener: TcpListener) -> std::io::Result<()> {
    axum::serve(listener, Router::new().fallback(answer).with_state(pipeline)).await
}

async fn answer(State(pipeline): State<Arc<LocalPipeline>>, request: Request<Body>) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, MAX_BODY_BYTES).await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    response(pipeline.notify(event(&parts, &body)).await)
}

/// The request as the function sees it (payload format 2.0).
fn event(parts: &http::request::Parts, body: &Bytes) -> ApiGatewayV2httpRequest {
    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(parts.uri.path().to_owned());
    event.raw_query_string = parts.uri.query().map(str::to_owned);
    event.headers = parts.headers.clone();
    event.request_context.http.method = parts.method.clone();
    event.body = Some(BASE64.encode(body));
    event.is_base64_encoded = true;
    event
}

fn response(answer: ApiGatewayV2httpResponse) -> Response<Body> {
    let body = match answer.body {
        Some(EventBody::Text(text)) => Body::from(text),
        _ => Body::empty(),
    };
    let mut response = Response::new(body);
    let code = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = code.unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    response
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}
