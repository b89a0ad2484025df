//! A Lambda Runtime API for one function's process.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::path::Path;
use std::process::{Child, Command};
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// A function's process; it ends with this.
pub(super) struct Function {
    process: Child,
    events: Sender<String>,
    answers: Mutex<Receiver<Value>>,
}

struct Api {
    events: Mutex<Receiver<String>>,
    answers: Sender<Value>,
}

impl Function {
    pub(super) async fn start(binary: &Path, settings: &[(&'static str, String)]) -> Self {
        let (events, next_events) = channel(1);
        let (send_answers, answers) = channel(1);
        let api = Arc::new(Api { events: Mutex::new(next_events), answers: send_answers });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{answer}", post(answer))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async { axum::serve(listener, router).await });
        let process = Command::new(binary)
            .env_clear()
            .envs(settings.iter().map(|(name, value)| (name, value)))
            .envs([("AWS_LAMBDA_RUNTIME_API", address.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "test")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .spawn();
        Self { process: process.unwrap(), events, answers: Mutex::new(answers) }
    }

    /// Invokes the function and answers what it answers.
    pub(super) async fn invoke(&self, event: &Value) -> Value {
        self.events.send(event.to_string()).await.unwrap();
        self.answers.lock().await.recv().await.unwrap()
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(event) = api.events.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let headers = [
        ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
        ("lambda-runtime-deadline-ms", "4000000000000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:test"),
    ];
    (headers, event).into_response()
}

/// Both an answer and an error come here; the test sees which it is.
async fn answer(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    api.answers.send(answer).await.ok();
    StatusCode::ACCEPTED
}
