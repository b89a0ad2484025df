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

    /// Lets the calls go on until each waits for Graph or for its permit; answers how many are under way.
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
    assert_eq!(callers.rounds().await, [5, 10, 20, MOST, MOST, 100 - 35 - 2 * MOST, 0]);
    assert_eq!((callers.graph.calls_at_once(), callers.graph.calls_under_way()), (MOST, 0));
}

#[tokio::test]
async fn it_does_not_grow_where_nobody_waits_for_a_permit() {
    let mut callers = Callers::new(3, usize::MAX);
    assert_eq!(callers.rounds().await, [3, 0]);
    assert_eq!(callers.graph.calls_at_once(), FIRST);
}

#[tokio::test]
async fn a_burst_of_429_halves_it_once_closes_it_for_all_and_then_it_grows_by_one_a_round() {
    let mut callers = Callers::new(200, 16);
    assert_eq!(callers.rounds().await, [5, 10, 20], "the third round has four too many");
    assert_eq!(callers.settle().await, 0, "nobody asks while Graph asks to wait");
    assert_eq!(callers.graph.calls_at_once(), 12, "as many answers as there may be, and then the burst");
    let asked = callers.gate.asked.load(Ordering::Relaxed);
    callers.clock.advance(1);
    callers.settle().await;
    assert_eq!(callers.gate.asked.load(Ordering::Relaxed), asked);
    callers.clock.advance(1);
    assert_eq!(callers.rounds().await, [12, 13, 14, 15, 16, 17]);
    assert_eq!((callers.settle().await, callers.graph.calls_at_once()), (0, 8));
}

#[tokio::test]
async fn an_answer_is_slow_by_its_seconds_and_by_the_quickest_of_the_last() {
    let mut callers = Callers::new(100, usize::MAX);
    assert_eq!(callers.round(6).await, FIRST, "the first answers are slow, or Graph is");
    assert_eq!(callers.round(6).await, 10);
    assert_eq!(callers.round(1).await, 20);
    assert_eq!(callers.round(6).await, MOST);
    callers.settle().await;
    assert_eq!(callers.graph.calls_at_once(), MOST / 2, "six times the quickest: halved, and once");
}

/// A call that takes so many seconds.
async fn call(budget: &Budget, clock: &Seconds, seconds: i64, end: CallEnd) {
    let permit = budget.permit(clock).await;
    clock.advance(seconds);
    assert_eq!(permit.end(end), Duration::from_secs(seconds as u64));
    assert_eq!(budget.under_way(), 0);
}

#[tokio::test]
async fn calls_without_an_answer_take_it_to_where_it_began_and_only_429_below() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    budget.state().limit = 14;
    budget.permits.add_permits(14 - FIRST);
    for limit in [7, FIRST, FIRST] {
        call(&budget, &clock, 60, CallEnd::Unanswered).await;
        assert_eq!(budget.limit(), limit);
    }
    call(&budget, &clock, 0, CallEnd::Unanswered).await;
    assert_eq!(budget.limit(), FIRST, "a refused connection is quick, and no sign of too many calls");
    for limit in [2, 1, 1] {
        call(&budget, &clock, 0, CallEnd::Throttled).await;
        assert_eq!(budget.limit(), limit);
    }
    call(&budget, &clock, 60, CallEnd::Unanswered).await;
    assert_eq!(budget.limit(), 1, "what is less already stays");
}

#[tokio::test]
async fn a_call_that_was_cut_off_after_long_is_one_without_an_answer() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    budget.state().limit = 2 * FIRST;
    budget.permits.add_permits(FIRST);
    drop(budget.permit(&clock).await);
    assert_eq!(budget.limit(), 2 * FIRST);
    let permit = budget.permit(&clock).await;
    clock.advance(50);
    drop(permit);
    assert_eq!((budget.limit(), budget.under_way()), (FIRST, 0));
}

#[tokio::test]
async fn an_answer_that_graph_could_not_grows_nothing_and_is_no_quick_one() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    budget.state().limit = 1;
    budget.permits.forget_permits(FIRST - 1);
    call(&budget, &clock, 1, CallEnd::Failed).await;
    assert_eq!((budget.limit(), budget.state().last.len()), (1, 0));
    call(&budget, &clock, 1, CallEnd::Answered).await;
    assert_eq!(budget.limit(), 2);
}

#[tokio::test]
async fn a_call_that_is_dropped_gives_its_permit_back() {
    let mut callers = Callers::new(50, usize::MAX);
    assert_eq!(callers.settle().await, FIRST);
    callers.calls.clear();
    assert_eq!((callers.graph.calls_at_once(), callers.graph.calls_under_way()), (FIRST, 0));
}

#[tokio::test]
async fn a_permit_above_a_halved_limit_is_taken_back_also_where_its_call_is_dropped() {
    let (budget, clock) = (Budget::default(), Seconds::default());
    let mut permits = Vec::new();
    for _ in 0..FIRST {
        permits.push(budget.permit(&clock).await);
    }
    permits.pop().unwrap().end(CallEnd::Throttled);
    assert_eq!((budget.limit(), budget.under_way()), (2, 4));
    permits.truncate(2);
    assert!(budget.permit(&clock).now_or_never().is_none(), "two are under way");
    permits.pop();
    let next = budget.permit(&clock).now_or_never().unwrap();
    assert!(budget.permit(&clock).now_or_never().is_none());
    drop((next, permits));
    assert_eq!((budget.limit(), budget.under_way(), budget.permits.available_permits()), (2, 0, 2));
}
