//! The way to the simulated Graph and back: what is lost on it, and what comes back spoiled.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use graph_sim::GraphSim;
use http::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use http::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};
use local::MemorySecrets;
use shared::ports::clock::Clock;
use shared::ports::http::{ConnectFailure, Http, HttpError, Request, Response};
use shared::ports::secrets::{SecretError, SecretString, Secrets, Stage};
use tokio::sync::oneshot;

use crate::oracle::Oracle;
use crate::scheduler::{Fault, Scheduler};

/// The hosts that a token, or a secret, may be sent to.
const HOSTS: [&str; 2] = ["graph.microsoft.com", "login.microsoftonline.com"];
const RETRY_AFTERS: [&str; 7] = ["1", "2.5", "30", "0", "soon", "-1", "Mon, 02 Mar 2026 00:00:05 GMT"];
const FOREIGN: &str = "https://graph.microsoft.com.evil.example/v1.0/next";

/// The simulated Graph, at the end of a bad line.
pub(crate) struct SimHttp {
    /// Where it leads to.
    pub(crate) graph: Arc<GraphSim>,
    /// Time, chance and faults.
    pub(crate) scheduler: Arc<Scheduler>,
    /// What is true.
    pub(crate) oracle: Arc<Oracle>,
    /// One answer in so many is spoiled.
    pub(crate) spoiled_one_in: u32,
    /// How many requests there were.
    pub(crate) requests: AtomicUsize,
    /// This request is throttled.
    pub(crate) throttled: Option<(usize, RetryAfter)>,
    /// Until when nobody may ask for this again.
    pub(crate) told_to_wait: Mutex<Option<(String, Timestamp)>>,
}

/// How Graph says how long to wait, in seconds.
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
    /// All forms, for a short wait and a long one.
    pub const ALL: [Self; 6] = [
        Self::Seconds(1),
        Self::Seconds(600),
        Self::Decimal(2),
        Self::Decimal(90),
        Self::Date(5),
        Self::Date(1_200),
    ];

    /// The header's value, and until when that is.
    fn said(self, now: Timestamp) -> (String, Timestamp) {
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
            self.oracle.broken(format!("a request to a foreign host, {with}"));
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
        self.mind_the_wait(&name);
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        let answer = self.graph.answer(request).await;
        if let Some((at, retry_after)) = self.throttled
            && at == number
        {
            return Ok(self.throttle(answer, name, retry_after));
        }
        self.scheduler.end(fault).await;
        if fault == Some(Fault::AnswerLost) {
            return Err(self.scheduler.choose(&[HttpError::Interrupted, HttpError::TimedOut]));
        }
        if self.scheduler.one_in(self.spoiled_one_in) {
            return Ok(self.spoil(answer, &method, &url));
        }
        Ok(answer)
    }
}

impl SimHttp {
    fn throttle(&self, answer: Response, name: String, retry_after: RetryAfter) -> Response {
        let (said, until) = retry_after.said(self.scheduler.now());
        self.scheduler.count_fault(&format!("throttled: {said}"));
        if let Ok(mut told) = self.told_to_wait.lock() {
            *told = Some((name, until));
        }
        let mut throttled = with(answer, 429, "");
        throttled.headers_mut().extend(said.parse().ok().map(|value| (RETRY_AFTER, value)));
        throttled
    }

    /// Whoever was told to wait must.
    fn mind_the_wait(&self, name: &str) {
        if let Ok(told) = self.told_to_wait.lock()
            && let Some((path, until)) = &*told
            && path == name
            && self.scheduler.now() < *until
        {
            self.oracle.broken(format!("{name} was asked for again too early"));
        }
    }

    /// What else may come back.
    fn spoil(&self, answer: Response, method: &Method, url: &str) -> Response {
        let is_list = method == Method::GET && answer.status() == StatusCode::OK;
        let kinds: &[&str] = if is_list {
            &["429", "401", "500", "503", "cut off", "no JSON", "empty", "a circle", "a foreign next page"]
        } else {
            &["429", "500", "503", "cut off", "no JSON"]
        };
        let kind = self.scheduler.choose(kinds);
        self.scheduler.count_fault(&format!("spoiled: {kind}"));
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
            "cut off" => {
                let half = answer.body().slice(..answer.body().len() / 2);
                Response::from_parts(answer.into_parts().0, half)
            }
            "no JSON" => with(answer, 200, "<html>We are improving</html>"),
            "empty" => with(answer, 200, ""),
            "a circle" => with_next(answer, url),
            _ => with_next(answer, FOREIGN),
        }
    }
}

fn with(answer: Response, status: u16, body: &'static str) -> Response {
    let mut parts = answer.into_parts().0;
    parts.status = StatusCode::from_u16(status).unwrap_or_default();
    Response::from_parts(parts, Bytes::from_static(body.as_bytes()))
}

/// The same, with a next page where none is.
fn with_next(answer: Response, url: &str) -> Response {
    let (parts, body) = answer.into_parts();
    let text = String::from_utf8_lossy(&body).trim_end_matches('}').to_owned();
    let member = if text.contains("\"attendanceRecords\":[") && !text.contains("\"value\":[") {
        "attendanceRecords@odata.nextLink"
    } else {
        "@odata.nextLink"
    };
    let spoiled = format!("{text},{}:{}}}", serde_json::json!(member), serde_json::json!(url));
    Response::from_parts(parts, spoiled.into())
}

/// A request to the webhook, and the way back.
pub(crate) type PendingRequest = (Request, oneshot::Sender<Response>);

/// Where Graph posts to. The world opens.
#[derive(Default)]
pub(crate) struct WebhookListener(Mutex<Vec<PendingRequest>>);

impl WebhookListener {
    pub(crate) fn take_requests(&self) -> Vec<PendingRequest> {
        self.0.lock().map(|mut take_requests| std::mem::take(&mut *take_requests)).unwrap_or_default()
    }
}

#[async_trait]
impl Http for WebhookListener {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let (sender, receiver) = oneshot::channel();
        if let Ok(mut take_requests) = self.0.lock() {
            take_requests.push((request, sender));
        }
        receiver.await.map_err(|_| HttpError::NoAnswer)
    }
}

/// A clock that may go wrong by minutes.
pub(crate) struct SimClock {
    /// The true time.
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

/// Secrets that cannot be read at times.
pub(crate) struct SimSecrets {
    /// What they are.
    pub(crate) secrets: MemorySecrets,
    /// Time, chance and faults.
    pub(crate) scheduler: Arc<Scheduler>,
}

#[async_trait]
impl Secrets for SimSecrets {
    async fn get(&self, id: &str, stage: Stage) -> Result<Option<SecretString>, SecretError> {
        let fault = self.scheduler.begin(&format!("read the secret {id}, {stage:?}")).await;
        let secret = self.secrets.get(id, stage).await;
        self.scheduler.end(fault).await;
        match fault {
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
