//! The pipeline on one machine: the real functions, with queues in memory between them.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::{SignedDuration, Timestamp};
use shared::clock::Clock;
use shared::graph::GraphClient;
use shared::queue::MemoryQueue;
use shared::secrets::Secrets;
use shared::store::ObjectStore;
use webhook::{ClientStateKeys, Inbox};

/// How long a step may take; the queues hide its message six times as long, as deployed.
const STEP: SignedDuration = SignedDuration::from_secs(120);
const VISIBILITY_TIMEOUT: Duration = Duration::from_secs(720);
/// The most messages of one invocation.
const BATCH: usize = 10;

/// What the pipeline stands on.
pub struct Ground {
    /// The tenant whose reports are kept.
    pub tenant_id: String,
    /// Microsoft Graph.
    pub graph: GraphClient,
    /// The archive.
    pub store: Arc<dyn ObjectStore>,
    /// Where the key behind `clientState` is kept.
    pub secrets: Arc<dyn Secrets>,
    /// The key's id there.
    pub webhook_key_id: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// The functions and the queues between them.
pub struct LocalPipeline {
    clock: Arc<dyn Clock>,
    inbox: Inbox,
    /// What `fetch` works with.
    pub fetch: fetch::Dependencies,
    /// What `archive` works with.
    pub archive: archive::Dependencies,
    /// The inbox of `fetch`.
    pub fetch_queue: Arc<MemoryQueue>,
    /// The inbox of `archive`.
    pub archive_queue: Arc<MemoryQueue>,
    /// What a person must look at, of both functions.
    pub dead_letters: Arc<MemoryQueue>,
}

impl LocalPipeline {
    /// The pipeline on `ground`.
    pub fn new(ground: Ground) -> Self {
        let Ground { tenant_id, graph, store, secrets, webhook_key_id, clock } = ground;
        let queue = || MemoryQueue::new(Arc::clone(&clock), VISIBILITY_TIMEOUT);
        let dead_letters = Arc::new(queue());
        let fetch_queue = Arc::new(queue().with_dead_letters(Arc::clone(&dead_letters), 1_000));
        let archive_queue = Arc::new(queue().with_dead_letters(Arc::clone(&dead_letters), 100));
        let inbox = Inbox {
            tenant_id: tenant_id.clone(),
            keys: ClientStateKeys::new(secrets, webhook_key_id, Arc::clone(&clock)),
            fetch_queue: fetch_queue.clone(),
            dead_letters: dead_letters.clone(),
        };
        let fetch = fetch::Dependencies {
            tenant_id,
            graph,
            store: Arc::clone(&store),
            fetch_queue: fetch_queue.clone(),
            archive_queue: archive_queue.clone(),
            dead_letters: dead_letters.clone(),
            clock: Arc::clone(&clock),
        };
        let archive = archive::Dependencies {
            store,
            fetch_queue: fetch_queue.clone(),
            dead_letters: dead_letters.clone(),
            clock: Arc::clone(&clock),
        };
        Self { clock, inbox, fetch, archive, fetch_queue, archive_queue, dead_letters }
    }

    /// What `webhook` answers to a request.
    pub async fn notify(&self, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        webhook::handle(&*self.clock, async || Ok(&self.inbox), request).await
    }

    /// Invokes `fetch` and `archive` until no message is visible.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn run(&self) -> anyhow::Result<()> {
        while self.invoke_fetch().await? || self.invoke_archive().await? {}
        Ok(())
    }

    /// When the next message becomes visible; `None` once all work is done.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        let waiting = [self.fetch_queue.next_visible_at(), self.archive_queue.next_visible_at()];
        waiting.into_iter().flatten().min()
    }

    /// One invocation of `fetch`, if a message is visible.
    async fn invoke_fetch(&self) -> anyhow::Result<bool> {
        let Some(event) = self.fetch_queue.receive(BATCH) else { return Ok(false) };
        let answer = fetch::handle(&self.fetch, event.clone(), self.clock.now() + STEP).await?;
        self.fetch_queue.settle(&event, &answer);
        Ok(true)
    }

    /// One invocation of `archive`, if a message is visible.
    async fn invoke_archive(&self) -> anyhow::Result<bool> {
        let Some(event) = self.archive_queue.receive(BATCH) else { return Ok(false) };
        let answer = archive::handle(&self.archive, event.clone()).await?;
        self.archive_queue.settle(&event, &answer);
        Ok(true)
    }
}
