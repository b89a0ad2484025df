//! The messages of a batch are taken together, within a budget of memory: large ones one at a time.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use local::PipelineEnv;
use shared::graph::ClientSecret;
use shared::lambda::function::Function;
use shared::memory::{MemoryBudget, SHARE, try_hold};
use shared::ports::clock::Clock;
use shared::ports::http::{Http, HttpError, Request, Response};
use shared::ports::store::{
    Condition, KeyPage, NewObject, Object, ObjectHead, ObjectStore, PutResult, StoreError,
};

use crate::world::{World, graph_config, report_ready};

/// How many calls are under way, and how many were at most.
#[derive(Default)]
struct AtOnce {
    now: AtomicUsize,
    most: AtomicUsize,
}

impl AtOnce {
    async fn second(&self) {
        self.most.fetch_max(self.now.fetch_add(1, Relaxed) + 1, Relaxed);
        tokio::time::sleep(Duration::from_secs(1)).await;
        self.now.fetch_sub(1, Relaxed);
    }
}

/// A store that takes a second for each report.
struct SlowStore {
    store: Arc<dyn ObjectStore>,
    puts: Arc<AtOnce>,
}

#[async_trait]
impl ObjectStore for SlowStore {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        self.store.head(key).await
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        self.store.get(key).await
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        self.store.list(prefix, after).await
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        if key.starts_with("reports/") {
            self.puts.second().await;
        }
        self.store.put(key, object, condition).await
    }
}

/// A Graph whose answers with records are large, and take a second.
struct LargeAnswers {
    graph: Arc<dyn Http>,
    answers: AtOnce,
    refused: AtomicUsize,
}

#[async_trait]
impl Http for LargeAnswers {
    async fn send(&self, request: Request) -> Result<Response, HttpError> {
        if request.uri().query().is_some_and(|query| query.contains("$expand")) {
            if !try_hold(SHARE + 1) {
                self.refused.fetch_add(1, Relaxed);
                return Err(HttpError::NotItsTurn);
            }
            self.answers.second().await;
        }
        self.graph.send(request).await
    }
}

/// A world in which Graph has notified of five reports.
async fn with_five_reports() -> World {
    let world = World::new();
    let reports = ["a", "b", "c", "d", "e"].map(|id| world.webinar_report(id, None));
    world.notify(reports.iter().map(report_ready).collect()).await;
    world
}

/// The end of an invocation of a function that begins now.
fn deadline(world: &World, function: Function) -> Timestamp {
    world.clock.now() + function.timeout()
}

/// How many of five reports are stored at once, with so much memory for a batch.
async fn most_stored_at_once(budget: MemoryBudget) -> usize {
    let world = with_five_reports().await;
    assert!(world.pipeline.invoke(Function::Fetch).await.unwrap());
    let (puts, queues) = (Arc::new(AtOnce::default()), &world.pipeline.queues);
    let store = Arc::new(SlowStore { store: world.store.clone(), puts: puts.clone() });
    let dependencies = archive::Dependencies { store, memory: budget, ..world.env.archive(&queues.set()) };
    let event = queues.archive.receive(5).unwrap();
    let response = archive::handle(&dependencies, event.clone(), deadline(&world, Function::Archive)).await;
    let response = response.unwrap();
    assert!(response.batch_item_failures.is_empty());
    queues.archive.delete_acknowledged(&event, &response);
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 5);
    puts.most.load(Relaxed)
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_archived_together_where_there_is_memory_for_it() {
    assert_eq!(most_stored_at_once(MemoryBudget::default()).await, 5);
    assert_eq!(most_stored_at_once(MemoryBudget::new(128 << 10)).await, 2);
    assert_eq!(most_stored_at_once(MemoryBudget::new(0)).await, 1);
}

#[tokio::test(start_paused = true)]
async fn large_answers_of_one_batch_are_read_one_at_a_time_and_each_comes() {
    let world = with_five_reports().await;
    let graph = Arc::new(LargeAnswers {
        graph: world.sim.clone(),
        answers: AtOnce::default(),
        refused: AtomicUsize::new(0),
    });
    let authentication = ClientSecret { secrets: world.secrets.clone(), secret_id: "graph".to_owned() };
    let client = graph_config().client(Box::new(authentication), graph.clone(), world.clock.clone());
    let queues = &world.pipeline.queues;
    let dependencies = PipelineEnv { graph: client, ..world.env.clone() }.fetch(&queues.set());
    let event = queues.fetch.receive(5).unwrap();
    let response =
        fetch::handle(&dependencies, event.clone(), deadline(&world, Function::Fetch)).await.unwrap();
    assert!(response.batch_item_failures.is_empty());
    queues.fetch.delete_acknowledged(&event, &response);
    assert_eq!((graph.answers.most.load(Relaxed), graph.refused.load(Relaxed)), (1, 4));
    world.run_until_idle().await;
    assert_eq!(world.keys("reports/").len(), 5);
}
