//! The request and the answer as HTTP API and Function URL carry them (payload format 2.0).

use std::borrow::Cow;

use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use data_encoding::BASE64;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use url::form_urlencoded;

/// The longest validation token that is sent back, in bytes.
const MAX_TOKEN_BYTES: usize = 4 << 10;

/// An answer that is a status and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Status(i64);

impl Status {
    pub(crate) const ACCEPTED: Self = Self(202);
    pub(crate) const BAD_REQUEST: Self = Self(400);
    pub(crate) const FORBIDDEN: Self = Self(403);
    const NOT_FOUND: Self = Self(404);
    const METHOD_NOT_ALLOWED: Self = Self(405);
    pub(crate) const PAYLOAD_TOO_LARGE: Self = Self(413);
    pub(crate) const SERVICE_UNAVAILABLE: Self = Self(503);
}

impl From<Status> for ApiGatewayV2httpResponse {
    fn from(status: Status) -> Self {
        let mut response = Self::default();
        response.status_code = status.0;
        response
    }
}

/// The answer to what is neither a handshake nor a notification.
pub(crate) fn request_refusal(request: &ApiGatewayV2httpRequest) -> Option<Status> {
    let path = request.raw_path.as_deref().unwrap_or_default();
    // API Gateway may put a stage's name before it.
    if !path.ends_with("/notifications") && !path.ends_with("/lifecycle") {
        Some(Status::NOT_FOUND)
    } else if request.request_context.http.method != http::Method::POST {
        Some(Status::METHOD_NOT_ALLOWED)
    } else {
        None
    }
}

/// The answer to the handshake: the token and nothing else, as a text that no browser takes for a
/// page. <https://learn.microsoft.com/graph/change-notifications-delivery-webhooks>
pub(crate) fn handshake(token: String) -> ApiGatewayV2httpResponse {
    if token.is_empty() || token.len() > MAX_TOKEN_BYTES || token.chars().any(char::is_control) {
        return Status::BAD_REQUEST.into();
    }
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = 200;
    response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.body = Some(Body::Text(token));
    response
}

/// The request's body; `None` if the platform says base64 and it is not.
pub(crate) fn request_body(request: &ApiGatewayV2httpRequest) -> Option<Cow<'_, [u8]>> {
    let body = request.body.as_deref().unwrap_or_default();
    if request.is_base64_encoded {
        BASE64.decode(body.as_bytes()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(body.as_bytes()))
    }
}

/// The token of a handshake, decoded; `None` for any other request.
pub(crate) fn validation_token(request: &ApiGatewayV2httpRequest) -> Option<String> {
    let query = request.raw_query_string.as_deref()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    pairs.find(|(name, _)| name == "validationToken").map(|(_, token)| token.into_owned())
}
