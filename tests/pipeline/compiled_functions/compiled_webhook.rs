//! What HTTP API does in front of the compiled webhook: a request becomes an event, an answer a response.

use std::sync::Arc;

use async_trait::async_trait;
use graph_sim::{http_api_answer, http_api_event};
use http::StatusCode;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use tokio::sync::OnceCell;
use tools::runtime_api::FunctionProcess;

/// The endpoint of the compiled webhook, at whatever host Graph posts to.
#[derive(Default)]
pub(super) struct CompiledWebhook(OnceCell<Arc<FunctionProcess>>);

impl CompiledWebhook {
    pub(super) fn connect(&self, webhook: Arc<FunctionProcess>) {
        assert!(self.0.set(webhook).is_ok(), "it is connected already");
    }
}

#[async_trait]
impl Http for CompiledWebhook {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let event = serde_json::to_value(http_api_event(&request)).unwrap();
        Ok(match self.0.get().ok_or(HttpError::Connect(ConnectFailure::Refused))?.invoke(&event).await {
            Some(answer) => http_api_answer(serde_json::from_value(answer).unwrap()),
            None => {
                let mut killed = Response::default();
                *killed.status_mut() = StatusCode::BAD_GATEWAY;
                killed
            }
        })
    }
}
