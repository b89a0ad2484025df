//! What the targets share: a world in which nothing waits.

#![allow(dead_code, reason = "each target takes what it needs")]

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use local::MemoryQueue;
use shared::graph::{Endpoints, StaticToken, GraphClient, TokenCache};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};

pub const TENANT_ID: &str = "5466a424-0000-4000-8000-0000c0205050";
pub const NOW: Timestamp = Timestamp::constant(1_772_447_400, 0);

/// A clock on which a sleep is over at once, and its time has passed.
pub struct JumpingClock(Mutex<Timestamp>);

impl JumpingClock {
    pub fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(NOW)))
    }
}

#[async_trait::async_trait]
impl Clock for JumpingClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        let mut now = self.0.lock().unwrap();
        *now = SignedDuration::try_from(duration)
            .ok()
            .and_then(|wait| now.checked_add(wait).ok())
            .unwrap_or(Timestamp::MAX);
    }
}

/// A Graph that keeps the requests and answers with what it is told.
pub struct Answers<F> {
    pub requests: Mutex<Vec<Request>>,
    pub answer: F,
}

impl<F: Fn(usize) -> Response> Answers<F> {
    pub fn new(answer: F) -> Arc<Self> {
        Arc::new(Self { requests: Mutex::default(), answer })
    }
}

#[async_trait::async_trait]
impl<F: Fn(usize) -> Response + Send + Sync> Http for Answers<F> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        Ok((self.answer)(requests.len() - 1))
    }
}

/// Graph's client, which has a token.
pub fn client(graph: Arc<dyn Http>, clock: &Arc<JumpingClock>) -> GraphClient {
    let tokens = TokenCache::new(Box::new(StaticToken("token".to_owned().into())), clock.clone());
    GraphClient::new(graph, clock.clone(), tokens, &Endpoints::from_env(&[]).unwrap())
}

pub fn queue(clock: &Arc<JumpingClock>) -> Arc<MemoryQueue> {
    Arc::new(MemoryQueue::new(clock.clone(), Duration::from_secs(60)))
}

/// Runs what never waits.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("something waits"),
    }
}
