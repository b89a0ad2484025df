//! The pipeline on one machine: the real functions, with queues in memory between them.

mod ground;
mod queues;

use std::sync::Arc;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::{SignedDuration, Timestamp};
use shared::clock::Clock;
use webhook::Inbox;

pub use ground::{Encryption, Ground};
pub use queues::Queues;

/// How long a step may take; the queues hide its message six times as long, as deployed.
const STEP: SignedDuration = SignedDuration::from_secs(120);
/// The most messages of one invocation.
const BATCH: usize = 10;

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
    /// The queues between them.
    pub queues: Queues,
}

impl LocalPipeline {
    /// The pipeline on `ground`, with empty queues.
    pub fn new(ground: &Ground) -> Self {
        Self::with_queues(ground, Queues::new(&ground.clock))
    }

    /// The pipeline on `ground`, with the messages that are in `queues`.
    pub fn with_queues(ground: &Ground, queues: Queues) -> Self {
        Self {
            clock: ground.clock.clone(),
            inbox: ground.inbox(&queues),
            fetch: ground.fetch(&queues),
            archive: ground.archive(&queues),
            subscriptions: ground.subscriptions(&queues),
            queues,
        }
    }

    /// What `webhook` answers to a request.
    pub async fn notify(&self, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        webhook::handle(&*self.clock, async || Ok(&self.inbox), request).await
    }

    /// Invokes the functions until no message is visible.
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

    /// When the next message becomes visible; `None` once all work is done.
    pub fn next_visible_at(&self) -> Option<Timestamp> {
        self.queues.next_visible_at()
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
        let Some(event) = self.queues.subscriptions.receive(BATCH) else { return Ok(false) };
        let answer = subscriptions::handle(&self.subscriptions, serde_json::to_value(&event)?).await?;
        self.queues.subscriptions.settle(&event, &serde_json::from_value(answer)?);
        Ok(true)
    }

    /// One invocation of `fetch`, if a message is visible.
    async fn invoke_fetch(&self) -> anyhow::Result<bool> {
        let Some(event) = self.queues.fetch.receive(BATCH) else { return Ok(false) };
        let answer = fetch::handle(&self.fetch, event.clone(), self.clock.now() + STEP).await?;
        self.queues.fetch.settle(&event, &answer);
        Ok(true)
    }

    /// One invocation of `archive`, if a message is visible.
    async fn invoke_archive(&self) -> anyhow::Result<bool> {
        let Some(event) = self.queues.archive.receive(BATCH) else { return Ok(false) };
        let answer = archive::handle(&self.archive, event.clone()).await?;
        self.queues.archive.settle(&event, &answer);
        Ok(true)
    }
}
