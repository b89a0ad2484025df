//! What HTTP API does in front of a function: requests become events, and answers HTTP again.

use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use bytes::Bytes;
use data_encoding::BASE64;
use http::StatusCode;
use shared::ports::http::{Request, Response};

/// The request as the function sees it (payload format 2.0).
pub fn http_api_event(request: &Request) -> ApiGatewayV2httpRequest {
    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(request.uri().path().to_owned());
    event.raw_query_string = request.uri().query().map(str::to_owned);
    event.headers = request.headers().clone();
    event.request_context.http.method = request.method().clone();
    event.body = Some(BASE64.encode(request.body()));
    event.is_base64_encoded = true;
    event
}

/// The function's answer as the caller of HTTP API sees it.
pub fn http_api_answer(answer: ApiGatewayV2httpResponse) -> Response {
    let body = match answer.body {
        Some(Body::Text(text)) => Bytes::from(text),
        _ => Bytes::new(),
    };
    let mut response = Response::new(body);
    let code = u16::try_from(answer.status_code).ok().and_then(|code| StatusCode::from_u16(code).ok());
    *response.status_mut() = code.unwrap_or(StatusCode::BAD_GATEWAY);
    *response.headers_mut() = answer.headers;
    response
}
