//! What HTTP API does in front of the compiled webhook.

use std::sync::Arc;

use async_trait::async_trait;
use graph_sim::{http_api_answer, http_api_event};
use http::StatusCode;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use tokio::sync::OnceCell;
use tools::runtime_api::FunctionProcess;

/// What Graph posts goes to the compiled webhook, whatever host it names.
#[derive(Default)]
pub(super) struct CompiledDoor(OnceCell<Arc<FunctionProcess>>);

impl CompiledDoor {
    pub(super) fn open(&self, webhook: Arc<FunctionProcess>) {
        assert!(self.0.set(webhook).is_ok(), "it is open");
    }
}

#[async_trait]
impl Http for CompiledDoor {
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
