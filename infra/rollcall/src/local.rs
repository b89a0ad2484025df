//! The pipeline on one machine: the real functions, with queues in memory between them.

mod ground;
mod queues;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use shared::clock::Clock;
use webhook::Inbox;

pub use ground::{Encryption, Ground};
pub use queues::Queues;

/// How long a step may take; the queues hide its message six times as long, as deployed.
const STEP: SignedDuration = SignedDuration::from_secs(120);

/// A function with an inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Fetches.
    Fetch,
    /// Archives.
    Archive,
    /// Keeps the subscriptions alive.
    Subscriptions,
    /// Looks for what no notification told of.
    Backfill,
}

impl Function {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Fetch, Self::Archive, Self::Subscriptions, Self::Backfill];

    /// The most messages of one invocation, as deployed.
    fn batch(self) -> usize {
        match self {
            Self::Backfill => 1,
            Self::Fetch | Self::Archive => 5,
            Self::Subscriptions => 10,
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
    /// What `backfill` works with.
    pub backfill: backfill::Dependencies,
    /// How many runs of it there were.
    runs: AtomicU64,
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
            backfill: ground.backfill(&queues),
            runs: AtomicU64::new(1),
            queues,
        }
    }

    /// What `webhook` answers to a request.
    pub async fn notify(&self, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        webhook::handle(&*self.clock, async || Ok(&self.inbox), request).await
    }

    /// Invokes `functions` until no message of theirs is visible.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn run(&self, functions: &[Function]) -> anyhow::Result<()> {
        'again: loop {
            for function in functions {
                if self.invoke(*function).await? {
                    continue 'again;
                }
            }
            return Ok(());
        }
    }

    /// When the next message of `functions` becomes visible; `None` once all work is done.
    pub fn next_visible_at(&self, functions: &[Function]) -> Option<Timestamp> {
        functions.iter().filter_map(|function| self.queues.of(*function).next_visible_at()).min()
    }

    /// Invokes `subscriptions` as its schedule does.
    ///
    /// # Errors
    /// A subscription is not as wanted.
    pub async fn keep_subscriptions(&self) -> anyhow::Result<()> {
        subscriptions::handle(&self.subscriptions, Value::Null).await?;
        Ok(())
    }

    /// Invokes `backfill` with a request, by hand or as its schedule does.
    ///
    /// # Errors
    /// The request is not one.
    pub async fn backfill(&self, request: Value) -> Result<backfill::Answer, backfill::BackfillError> {
        let run_id = format!("run-{}", self.runs.fetch_add(1, Ordering::Relaxed));
        let answer = backfill::handle(&self.backfill, request, &run_id, self.deadline()).await?;
        serde_json::from_value(answer).map_err(|_| backfill::BackfillError::NotABatch)
    }

    /// One invocation with a batch of the function's messages, if one is visible.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn invoke(&self, function: Function) -> anyhow::Result<bool> {
        let queue = self.queues.of(function);
        let Some(event) = queue.receive(function.batch()) else { return Ok(false) };
        let answer = match function {
            Function::Fetch => fetch::handle(&self.fetch, event.clone(), self.deadline()).await?,
            Function::Archive => archive::handle(&self.archive, event.clone()).await?,
            Function::Subscriptions => {
                let event = serde_json::to_value(&event)?;
                serde_json::from_value(subscriptions::handle(&self.subscriptions, event).await?)?
            }
            Function::Backfill => {
                let event = serde_json::to_value(&event)?;
                serde_json::from_value(backfill::handle(&self.backfill, event, "", self.deadline()).await?)?
            }
        };
        queue.settle(&event, &answer);
        Ok(true)
    }

    fn deadline(&self) -> Timestamp {
        self.clock.now() + STEP
    }
}
