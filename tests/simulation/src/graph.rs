//! The network between the functions and the simulated Graph: lost requests and answers, and faulty answers.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use graph_sim::GraphSim;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use local::MemorySecrets;
use shared::memory::{SHARE, try_hold};
use shared::ports::clock::Clock;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use shared::ports::secrets::{SecretError, SecretString, Secrets, Stage};
use tokio::sync::oneshot;

use crate::oracle::Oracle;
use crate::scheduler::{Fault, Scheduler, Service};

/// The hosts that a token or a secret may be sent to.
const HOSTS: [&str; 2] = ["graph.microsoft.com", "login.microsoftonline.com"];
const RETRY_AFTERS: [&str; 7] = ["1", "2.5", "30", "0", "soon", "-1", "Mon, 02 Mar 2026 00:00:05 GMT"];
const NO_ACCESS_POLICY: &str =
    r#"{"error":{"code":"Forbidden","message":"No application access policy found for this app"}}"#;
const FOREIGN: &str = "https://graph.microsoft.com.evil.example/v1.0/next";

/// The simulated Graph, behind an unreliable network.
pub(crate) struct SimHttp {
    /// The simulated Graph.
    pub(crate) graph: Arc<GraphSim>,
    /// Virtual time, randomness and faults.
    pub(crate) scheduler: Arc<Scheduler>,
    /// The oracle.
    pub(crate) oracle: Arc<Oracle>,
    /// One answer in so many is faulty.
    pub(crate) faulty_one_in: u32,
    /// How many requests there were.
    pub(crate) requests: AtomicUsize,
    /// The number of the request that is throttled, and how.
    pub(crate) throttled: Option<(usize, RetryAfter)>,
    /// The request that was throttled, and the earliest time of its retry.
    pub(crate) retry_not_before: Mutex<Option<(String, Timestamp)>>,
}

/// The form and the seconds of a `Retry-After`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RetryAfter {
    /// As a number.
    Seconds(i64),
    /// As a number with a half more.
    Decimal(i64),
    /// As a date.
    Date(i64),
}

impl RetryAfter {
    /// All forms, each with a short wait and a long one.
    pub const ALL: [Self; 6] = [
        Self::Seconds(1),
        Self::Seconds(600),
        Self::Decimal(2),
        Self::Decimal(90),
        Self::Date(5),
        Self::Date(1_200),
    ];

    /// The header's value, and the earliest time of the retry.
    fn header(self, now: Timestamp) -> (String, Timestamp) {
        match self {
            Self::Seconds(seconds) => (seconds.to_string(), now + SignedDuration::from_secs(seconds)),
            Self::Decimal(seconds) => {
                (format!("{seconds}.5"), now + SignedDuration::from_millis(seconds * 1_000 + 500))
            }
            Self::Date(seconds) => {
                let until = now + SignedDuration::from_secs(seconds);
                // A date has no fractions of a second.
                let until = until - SignedDuration::from_nanos(until.subsec_nanosecond().into());
                (until.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string(), until)
            }
        }
    }
}

#[async_trait]
impl Http for SimHttp {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let host = request.uri().host().unwrap_or_default();
        if !HOSTS.contains(&host) {
            let with = if request.headers().contains_key(AUTHORIZATION) {
                "with a token"
            } else {
                "without a token"
            };
            self.oracle.violation(format!("a request to a foreign host, {with}"));
        }
        let name = format!("{} {}", request.method(), request.uri().path());
        let (method, url) = (request.method().clone(), request.uri().to_string());
        let fault = self.scheduler.begin(&name).await;
        if fault == Some(Fault::Fails) {
            return Err(self.scheduler.choose(&[
                HttpError::Connect(ConnectFailure::Refused),
                HttpError::NoAnswer,
                HttpError::TimedOut,
            ]));
        }
        self.check_retry_after(&name);
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.graph.answer(request).await;
        if self.scheduler.is_denied(Service::Graph) && name.contains("/onlineMeetings") {
            return Ok(with(answer, 403, NO_ACCESS_POLICY));
        }
        if let Some((at, retry_after)) = self.throttled
            && at == number
        {
            return Ok(self.throttle(answer, name, retry_after));
        }
        self.scheduler.end(fault).await;
        if fault == Some(Fault::AnswerLost) {
            return Err(self.scheduler.choose(&[HttpError::Interrupted, HttpError::TimedOut]));
        }
        if self.scheduler.one_in(self.faulty_one_in) {
            return Ok(self.faulty(answer, &method, &url));
        }
        // Every other report counts as so large that its step may hold it only alone.
        if name.contains("/attendanceReports/") && self.scheduler.one_in(2) && !try_hold(SHARE + 1) {
            return Err(HttpError::NotItsTurn);
        }
        Ok(answer)
    }
}

impl SimHttp {
    fn throttle(&self, answer: Response, name: String, retry_after: RetryAfter) -> Response {
        let (header, until) = retry_after.header(self.scheduler.now());
        self.scheduler.count_fault(&format!("throttled: {header}"));
        if let Ok(mut retry_not_before) = self.retry_not_before.lock() {
            *retry_not_before = Some((name, until));
        }
        let mut throttled = with(answer, 429, "");
        throttled.headers_mut().extend(header.parse().ok().map(|value| (RETRY_AFTER, value)));
        throttled
    }

    /// Checks that a throttled request is not repeated before its `Retry-After` is over.
    fn check_retry_after(&self, name: &str) {
        if let Ok(retry_not_before) = self.retry_not_before.lock()
            && let Some((throttled, until)) = &*retry_not_before
            && throttled == name
            && self.scheduler.now() < *until
        {
            self.oracle.violation(format!("{name} was repeated before its Retry-After was over"));
        }
    }

    /// A faulty answer in place of `answer`.
    fn faulty(&self, answer: Response, method: &Method, url: &str) -> Response {
        let is_list = method == Method::GET && answer.status() == StatusCode::OK;
        let kinds: &[&str] = if is_list {
            &["429", "401", "500", "503", "truncated", "no JSON", "empty", "circular link", "foreign link"]
        } else {
            &["429", "500", "503", "truncated", "no JSON"]
        };
        let kind = self.scheduler.choose(kinds);
        self.scheduler.count_fault(&format!("faulty answer: {kind}"));
        match kind {
            "429" => {
                let mut throttled = with(answer, 429, "");
                let value = HeaderValue::from_static(self.scheduler.choose(&RETRY_AFTERS));
                throttled.headers_mut().insert(RETRY_AFTER, value);
                throttled
            }
            "401" => with(answer, 401, r#"{"error":{"code":"InvalidAuthenticationToken"}}"#),
            "500" => with(answer, 500, "<html>oops</html>"),
            "503" => with(answer, 503, r#"{"error":{"code":"serviceNotAvailable"}}"#),
            "truncated" => {
                let half = answer.body().slice(..answer.body().len() / 2);
                Response::from_parts(answer.into_parts().0, half)
            }
            "no JSON" => with(answer, 200, "<html>We are improving</html>"),
            "empty" => with(answer, 200, ""),
            "circular link" => with_next(answer, url),
            _ => with_next(answer, FOREIGN),
        }
    }
}

fn with(answer: Response, status: u16, body: &'static str) -> Response {
    let mut parts = answer.into_parts().0;
    parts.status = StatusCode::from_u16(status).unwrap_or_default();
    Response::from_parts(parts, Bytes::from_static(body.as_bytes()))
}

/// The same answer, with a link to a next page that does not exist.
fn with_next(answer: Response, url: &str) -> Response {
    let (parts, original) = answer.into_parts();
    let text = String::from_utf8_lossy(&original).trim_end_matches('}').to_owned();
    let member = if text.contains("\"attendanceRecords\":[") && !text.contains("\"value\":[") {
        "attendanceRecords@odata.nextLink"
    } else {
        "@odata.nextLink"
    };
    let body = format!("{text},{}:{}}}", serde_json::json!(member), serde_json::json!(url));
    Response::from_parts(parts, body.into())
}

/// A request to the webhook, and where its response is sent.
pub(crate) type PendingRequest = (Request, oneshot::Sender<Response>);

/// The webhook's endpoint, where Graph posts to: it queues the requests, and the world invokes `webhook`.
#[derive(Default)]
pub(crate) struct WebhookListener(Mutex<Vec<PendingRequest>>);

impl WebhookListener {
    /// Takes the requests that have no response yet, each once.
    pub(crate) fn take_requests(&self) -> Vec<PendingRequest> {
        self.0.lock().map(|mut pending| std::mem::take(&mut *pending)).unwrap_or_default()
    }
}

#[async_trait]
impl Http for WebhookListener {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (sender, receiver) = oneshot::channel();
        if let Ok(mut pending) = self.0.lock() {
            pending.push((request, sender));
        }
        receiver.await.map_err(|_| HttpError::NoAnswer)
    }
}

/// A clock that may be minutes fast or slow.
pub(crate) struct SimClock {
    /// The virtual time.
    pub(crate) scheduler: Arc<Scheduler>,
    /// How far it is ahead.
    pub(crate) skew: SignedDuration,
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> Timestamp {
        self.scheduler.now() + self.skew
    }

    async fn sleep(&self, duration: std::time::Duration) {
        self.scheduler.sleep(SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)).await;
    }
}

/// Secrets whose reads may fail.
pub(crate) struct SimSecrets {
    /// Their values.
    pub(crate) secrets: MemorySecrets,
    /// Virtual time, randomness and faults.
    pub(crate) scheduler: Arc<Scheduler>,
}

#[async_trait]
impl Secrets for SimSecrets {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        let fault = self.scheduler.begin(&format!("read the secret {id}, {stage:?}")).await;
        let secret = self.secrets.get(id, stage).await;
        self.scheduler.end(fault).await;
        match fault {
            _ if self.scheduler.is_denied(Service::Kms) => {
                Err(SecretError::Refused { code: "AccessDeniedException".into() })
            }
            Some(Fault::Fails | Fault::AnswerLost) => {
                Err(SecretError::Unavailable { code: "time-out".into() })
            }
            _ => secret,
        }
    }

    fn random(&self) -> Result<[u8; 16], SecretError> {
        Ok(std::array::from_fn(|_| self.scheduler.below(256) as u8))
    }
}
