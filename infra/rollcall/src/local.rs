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
    /// Where Graph reaches the webhook.
    pub notification_url: String,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl Ground {
    /// What `subscriptions` works with here.
    fn subscriptions(
        self,
        backfill_queue: &Arc<MemoryQueue>,
        dead_letters: &Arc<MemoryQueue>,
    ) -> subscriptions::Dependencies {
        subscriptions::Dependencies {
            tenant_id: self.tenant_id,
            graph: self.graph,
            secrets: self.secrets,
            key_secret_id: self.webhook_key_id,
            notification_url: self.notification_url,
            watch: subscriptions::Watch::default(),
            backfill_queue: backfill_queue.clone(),
            dead_letters: dead_letters.clone(),
            clock: self.clock,
        }
    }
}

/// The functions and the queues between them.
pub struct LocalPipeline {
    clock: Arc<dyn Clock>,
    inbox: Inbox,
    /// What `fetch` works with.
    pub fetch: fetch::Dependencies,
    /// What `archive` works with.
    pub archive: archive::Dependencies,
    /// What `subscriptions` works with.
    pub subscriptions: subscriptions::Dependencies,
    /// The inbox of `subscriptions`.
    pub subscriptions_queue: Arc<MemoryQueue>,
    /// Work for `backfill`, which is not there yet.
    pub backfill_queue: Arc<MemoryQueue>,
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
        let clock = &ground.clock;
        let dead_letters = Arc::new(MemoryQueue::new(Arc::clone(clock), VISIBILITY_TIMEOUT));
        let inbox_of = |max_receive_count| {
            let queue = MemoryQueue::new(Arc::clone(clock), VISIBILITY_TIMEOUT);
            Arc::new(queue.with_dead_letters(Arc::clone(&dead_letters), max_receive_count))
        };
        let (fetch_queue, archive_queue) = (inbox_of(1_000), inbox_of(100));
        let (subscriptions_queue, backfill_queue) = (inbox_of(100), inbox_of(100));
        let inbox = Inbox {
            tenant_id: ground.tenant_id.clone(),
            keys: ClientStateKeys::new(ground.secrets.clone(), ground.webhook_key_id.clone(), clock.clone()),
            fetch_queue: fetch_queue.clone(),
            subscriptions_queue: subscriptions_queue.clone(),
            dead_letters: dead_letters.clone(),
        };
        let fetch = fetch::Dependencies {
            tenant_id: ground.tenant_id.clone(),
            graph: ground.graph.clone(),
            store: ground.store.clone(),
            fetch_queue: fetch_queue.clone(),
            archive_queue: archive_queue.clone(),
            dead_letters: dead_letters.clone(),
            clock: clock.clone(),
        };
        let archive = archive::Dependencies {
            store: ground.store.clone(),
            fetch_queue: fetch_queue.clone(),
            dead_letters: dead_letters.clone(),
            clock: clock.clone(),
        };
        let clock = clock.clone();
        let subscriptions = ground.subscriptions(&backfill_queue, &dead_letters);
        Self {
            clock,
            inbox,
            fetch,
            archive,
            subscriptions,
            subscriptions_queue,
            backfill_queue,
            fetch_queue,
            archive_queue,
            dead_letters,
        }
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
        while self.invoke_fetch().await?
            || self.invoke_archive().await?
            || self.invoke_subscriptions().await?
        {}
        Ok(())
    }

    /// Invokes `subscriptions` as its schedule does.
    ///
    /// # Errors
    /// A subscription is not as wanted.
    pub async fn keep_subscriptions(&self) -> anyhow::Result<()> {
        subscriptions::handle(&self.subscriptions, serde_json::Value::Null).await?;
        Ok(())
    }

    /// One invocation of `subscriptions`, if a message is visible.
    async fn invoke_subscriptions(&self) -> anyhow::Result<bool> {
        let Some(event) = self.subscriptions_queue.receive(BATCH) else { return Ok(false) };
        let answer = subscriptions::handle(&self.subscriptions, serde_json::to_value(&event)?).await?;
        self.subscriptions_queue.settle(&event, &serde_json::from_value(answer)?);
        Ok(true)
    }

    /// When the next message becomes visible; `None` once all work is done.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        let queues = [&self.fetch_queue, &self.archive_queue, &self.subscriptions_queue];
        let waiting = queues.map(|queue| queue.next_visible_at());
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
