//! What the targets share: ports in memory on which nothing waits.

#![allow(dead_code, reason = "each target uses a part of it")]

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use local::MemoryQueue;
use shared::graph::{Endpoints, GraphClient, StaticToken, TokenCache};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};

pub const TENANT_ID: &str = "5466a424-0000-4000-8000-0000c0205050";
pub const NOW: Timestamp = Timestamp::constant(1_772_447_400, 0);

/// A clock on which a sleep returns at once and advances the time.
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

/// A Graph that records the requests, and answers each by its number.
pub struct FakeGraph<F> {
    pub requests: Mutex<Vec<Request>>,
    pub respond: F,
}

impl<F: Fn(usize) -> Response> FakeGraph<F> {
    pub fn new(respond: F) -> Arc<Self> {
        Arc::new(Self { requests: Mutex::default(), respond })
    }
}

#[async_trait::async_trait]
impl<F: Fn(usize) -> Response + Send + Sync> Http for FakeGraph<F> {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        let mut requests = self.requests.lock().unwrap();
        requests.push(request);
        Ok((self.respond)(requests.len() - 1))
    }
}

/// A client of Graph with a token.
pub fn client(graph: Arc<dyn Http>, clock: &Arc<JumpingClock>) -> GraphClient {
    let tokens = TokenCache::new(Box::new(StaticToken("token".to_owned().into())), clock.clone());
    GraphClient::new(graph, clock.clone(), tokens, &Endpoints::from_env(&[]).unwrap())
}

/// An empty queue without a dead-letter queue.
pub fn queue(clock: &Arc<JumpingClock>) -> Arc<MemoryQueue> {
    Arc::new(MemoryQueue::dead_letters(clock.clone()))
}

/// Runs a future that never waits.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the future waits"),
    }
}
