use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::header::RETRY_AFTER;
use tokio::task::unconstrained;

use super::*;
use crate::graph::{Endpoints, GraphClient, GraphError, StaticToken, TokenCache};
use crate::ports::http::{Http, HttpError, Request, Response};

/// A clock that a test sets. Its sleep ends when the test has advanced it and polls.
#[derive(Default)]
struct Seconds(AtomicI64);

impl Seconds {
    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

#[async_trait]
impl Clock for Seconds {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::Relaxed)).unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        let until = self.now() + duration;
        std::future::poll_fn(|context| {
            context.waker().wake_by_ref();
            if self.now() >= until { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
        })
        .await;
    }
}

/// A Graph that answers when the test says so, and throttles whatever is above what it stands.
struct Gate {
    answers: Semaphore,
    stands: usize,
    under_way: AtomicUsize,
    asked: AtomicUsize,
}

#[async_trait]
impl Http for Gate {
    async fn send(&self, _: Request) -> Result<Response, HttpError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let is_too_many = self.under_way.fetch_add(1, Ordering::Relaxed) >= self.stands;
        let open = self.answers.acquire().await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        open.map_err(|_| HttpError::TimedOut)?.forget();
        let mut response = Response::new(r#"{"value":[]}"#.into());
        if is_too_many {
            *response.status_mut() = http::StatusCode::TOO_MANY_REQUESTS;
            response.headers_mut().insert(RETRY_AFTER, http::HeaderValue::from_static("2"));
        }
        Ok(response)
    }
}

type Calls = FuturesUnordered<Pin<Box<dyn Future<Output = Result<(), GraphError>>>>>;

/// Many callers before a Graph that stands so much.
struct Callers {
    gate: Arc<Gate>,
    clock: Arc<Seconds>,
    graph: GraphClient,
    calls: Calls,
}

impl Callers {
    fn new(number: usize, stands: usize) -> Self {
        let (answers, under_way, asked) = (Semaphore::new(0), AtomicUsize::new(0), AtomicUsize::new(0));
        let gate = Arc::new(Gate { answers, stands, under_way, asked });
        let clock = Arc::new(Seconds::default());
        let tokens = TokenCache::new(Box::new(StaticToken("t".to_owned().into())), clock.clone());
        let endpoints = Endpoints::from_env(&[("GRAPH_URL", "https://graph.contoso.com")]).unwrap();
        let graph = GraphClient::new(gate.clone(), clock.clone(), tokens, &endpoints);
        let calls = Calls::new();
        for _ in 0..number {
            // Clones share one budget.
            let graph = graph.clone();
            calls.push(Box::pin(async move { graph.user_ids_page(None).await.map(drop) }));
        }
        Self { gate, clock, graph, calls }
    }

    /// Lets the calls go on until each waits for Graph or for its turn; answers how many are under way.
    async fn settle(&mut self) -> usize {
        // The stream gives way now and then; tokio, which would too, is told not to.
        for _ in 0..100 {
            unconstrained(async { while let Some(Some(_)) = self.calls.next().now_or_never() {} }).await;
        }
        self.gate.under_way.load(Ordering::Relaxed)
    }

    /// A round: what is under way is answered after so many seconds; answers how many calls the round had.
    async fn round(&mut self, seconds: i64) -> usize {
        let under_way = self.settle().await;
        self.clock.advance(seconds);
        self.gate.answers.add_permits(under_way);
        under_way
    }

    async fn rounds<const ROUNDS: usize>(&mut self) -> [usize; ROUNDS] {
        let mut rounds = VecDeque::new();
        for _ in 0..ROUNDS {
            rounds.push_back(self.round(1).await);
        }
        std::array::from_fn(|round| rounds[round])
    }
}

#[tokio::test]
async fn it_doubles_with_each_round_until_graph_has_too_many_and_never_has_more_than_its_most() {
    let mut callers = Callers::new(100, usize::MAX);
    assert_eq!(callers.rounds().await, [4, 8, 16, MOST, MOST, 100 - 28 - 2 * MOST, 0]);
    assert_eq!((callers.graph.calls_at_once(), callers.graph.calls_under_way()), (MOST, 0));
}

#[tokio::test]
async fn it_does_not_grow_where_nobody_waits_for_a_turn() {
    let mut callers = Callers::new(3, usize::MAX);
    assert_eq!(callers.rounds().await, [3, 0]);
    assert_eq!(callers.graph.calls_at_once(), FIRST);
}

#[tokio::test]
async fn a_burst_of_429_halves_it_once_closes_it_for_all_and_then_it_grows_by_one_a_round() {
    let mut callers = Callers::new(200, 8);
    assert_eq!(callers.rounds().await, [4, 8, 16], "the third round has eight too many");
    assert_eq!(callers.settle().await, 0, "nobody asks while Graph asks to wait");
    assert_eq!(callers.graph.calls_at_once(), 12, "eight answers, and then the burst");
    let asked = callers.gate.asked.load(Ordering::Relaxed);
    callers.clock.advance(1);
    callers.settle().await;
    assert_eq!(callers.gate.asked.load(Ordering::Relaxed), asked);
    callers.clock.advance(1);
    assert_eq!(callers.rounds().await, [12]);
    assert_eq!((callers.settle().await, callers.graph.calls_at_once()), (0, 6));
    callers.clock.advance(2);
    assert_eq!(callers.rounds().await, [6, 7, 8, 9]);
    assert_eq!((callers.settle().await, callers.graph.calls_at_once()), (0, 4));
}

#[tokio::test]
async fn an_answer_is_slow_by_its_seconds_and_by_the_quickest_of_the_last() {
    let mut callers = Callers::new(100, usize::MAX);
    assert_eq!(callers.round(6).await, 4, "the first answers are slow, or Graph is");
    assert_eq!(callers.round(6).await, 8);
    assert_eq!(callers.round(1).await, 16);
    assert_eq!(callers.round(6).await, MOST);
    callers.settle().await;
    assert_eq!(callers.graph.calls_at_once(), MOST / 2, "six times the quickest: halved, and once");
}

#[tokio::test]
async fn calls_without_an_answer_leave_it_at_one() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    for limit in [2, 1, 1] {
        let permit = budget.permit(&clock).await;
        clock.advance(60);
        assert_eq!(permit.end(clock.now(), CallEnd::Unanswered), Duration::from_secs(60));
        assert_eq!((budget.limit(), budget.under_way()), (limit, 0));
    }
    budget.permit(&clock).await.end(clock.now(), CallEnd::Unanswered);
    assert_eq!(budget.limit(), 1, "a refused connection is quick, and no sign of too many calls");
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_turn_back() {
    let mut callers = Callers::new(50, usize::MAX);
    assert_eq!(callers.settle().await, 4);
    callers.calls.clear();
    assert_eq!((callers.graph.calls_at_once(), callers.graph.calls_under_way()), (4, 0));
}

#[tokio::test]
async fn a_turn_above_a_halved_limit_is_taken_back_also_where_its_call_is_dropped() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    let mut turns = Vec::new();
    for _ in 0..FIRST {
        turns.push(budget.permit(&clock).await);
    }
    turns.pop().unwrap().end(clock.now(), CallEnd::Throttled);
    assert_eq!((budget.limit(), budget.under_way()), (2, 3));
    turns.pop();
    assert!(budget.permit(&clock).now_or_never().is_none(), "two are under way");
    turns.pop();
    let third = budget.permit(&clock).now_or_never().unwrap();
    assert!(budget.permit(&clock).now_or_never().is_none());
    drop((third, turns));
    assert_eq!((budget.limit(), budget.under_way(), budget.turns.available_permits()), (2, 0, 2));
}
