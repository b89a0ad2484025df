//! A Lambda Runtime API for one function's process.
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Mutex, Notify};
use tokio::task::JoinHandle;

use crate::usage::Usage;

/// The environment variables of a function.
pub type Settings = Vec<(&'static str, String)>;

/// A function: one process, and a new one after that was killed. Both end when this is dropped.
pub struct FunctionProcess {
    program: PathBuf,
    arguments: Vec<PathBuf>,
    settings: Settings,
    /// The id of all its invocations, as of the retries of an asynchronous one.
    invocation_id: String,
    process: Mutex<Option<Arc<Process>>>,
}

impl FunctionProcess {
    /// A function that has not been started; these are all its environment variables.
    pub fn new(program: PathBuf, settings: Settings) -> Self {
        Self::with_arguments(program, Vec::new(), settings)
    }

    /// The same, where the program is an interpreter.
    pub fn with_arguments(program: PathBuf, arguments: Vec<PathBuf>, settings: Settings) -> Self {
        static FUNCTIONS: AtomicUsize = AtomicUsize::new(0);
        let number = FUNCTIONS.fetch_add(1, Ordering::Relaxed);
        let invocation_id = format!("8476a536-e9f4-11e8-9739-{number:012x}");
        Self { program, arguments, settings, invocation_id, process: Mutex::new(None) }
    }

    /// Invokes the function and returns its response; `None` if its process was killed meanwhile.
    pub async fn invoke(&self, event: &Value) -> Option<Value> {
        let process = {
            let mut running = self.process.lock().await;
            match &*running {
                Some(process) => process.clone(),
                None => running.insert(Arc::new(Process::start(self).await)).clone(),
            }
        };
        process.invoke(event).await
    }

    /// The usage of the running process since its start; `None` if there is none.
    pub async fn usage(&self) -> Option<Usage> {
        Usage::of_running(self.process.lock().await.as_ref()?.id())
    }

    /// Kills the process with SIGKILL, as a failure of the machine would, at whatever point it is.
    pub async fn kill(&self) {
        if let Some(process) = self.process.lock().await.take() {
            process.kill();
        }
    }
}

struct Process {
    child: std::sync::Mutex<Child>,
    runtime_api: JoinHandle<()>,
    invocation: Mutex<()>,
    killed: Notify,
    events: Sender<String>,
    answers: Mutex<Receiver<Value>>,
}

struct Api {
    invocation_id: String,
    events: Mutex<Receiver<String>>,
    answers: Sender<Value>,
}

impl Process {
    async fn start(function: &FunctionProcess) -> Self {
        let (events, next_events) = channel(1);
        let (send_answers, answers) = channel(1);
        let api = Arc::new(Api {
            invocation_id: function.invocation_id.clone(),
            events: Mutex::new(next_events),
            answers: send_answers,
        });
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/{answer}", post(answer))
            .with_state(api);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let runtime_api = tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        let child = Command::new(&function.program)
            .args(&function.arguments)
            .stdout(Stdio::null())
            .env_clear()
            .envs(function.settings.iter().map(|(name, value)| (name, value)))
            .envs([("AWS_LAMBDA_RUNTIME_API", address.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "test")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .spawn();
        Self {
            child: child.unwrap().into(),
            runtime_api,
            invocation: Mutex::default(),
            killed: Notify::new(),
            events,
            answers: Mutex::new(answers),
        }
    }

    /// One invocation at a time, as in an execution environment.
    async fn invoke(&self, event: &Value) -> Option<Value> {
        let _one_at_a_time = self.invocation.lock().await;
        let answered = async {
            self.events.send(event.to_string()).await.ok()?;
            self.answers.lock().await.recv().await
        };
        tokio::select! {
            answer = answered => answer,
            () = self.killed.notified() => {
                self.killed.notify_one();
                None
            }
        }
    }

    fn id(&self) -> u32 {
        self.child.lock().unwrap_or_else(PoisonError::into_inner).id()
    }

    fn kill(&self) {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        child.kill().unwrap();
        child.wait().unwrap();
        self.runtime_api.abort();
        self.killed.notify_one();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(event) = api.events.lock().await.recv().await else { return StatusCode::GONE.into_response() };
    let headers = [
        ("lambda-runtime-aws-request-id", api.invocation_id.as_str()),
        ("lambda-runtime-deadline-ms", "4000000000000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:000000000000:function:test"),
    ];
    (headers, event).into_response()
}

/// Receives responses and errors alike; the test tells them apart.
async fn answer(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    let answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    api.answers.send(answer).await.ok();
    StatusCode::ACCEPTED
}
