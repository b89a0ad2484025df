//! What HTTP API does in front of the compiled webhook.

use async_trait::async_trait;
use http::header::CONTENT_TYPE;
use serde_json::json;
use shared::http::{Http, HttpError, Request, Response};
use tokio::sync::OnceCell;

use super::runtime_api::Function;

/// What Graph posts goes to the compiled webhook, whatever host it names.
#[derive(Default)]
pub(super) struct CompiledDoor(OnceCell<Function>);

impl CompiledDoor {
    pub(super) fn open(&self, webhook: Function) {
        assert!(self.0.set(webhook).is_ok(), "it is open");
    }
}

#[async_trait]
impl Http for CompiledDoor {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let event = json!({
            "version": "2.0",
            "rawPath": request.uri().path(),
            "rawQueryString": request.uri().query().unwrap_or_default(),
            "headers": {},
            "body": String::from_utf8_lossy(request.body()),
            "isBase64Encoded": false,
            "requestContext": {"http": {"method": request.method().as_str(), "path": request.uri().path()}},
        });
        let answer = self.0.get().ok_or(HttpError::Connect)?.invoke(&event).await;
        let mut response = http::Response::builder().status(answer["statusCode"].as_u64().unwrap() as u16);
        if let Some(content_type) = answer["headers"]["content-type"].as_str() {
            response = response.header(CONTENT_TYPE, content_type);
        }
        let body = answer["body"].as_str().unwrap_or_default().to_owned();
        response.body(body.into()).map_err(|_| HttpError::Interrupted)
    }
}
