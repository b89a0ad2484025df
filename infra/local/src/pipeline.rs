//! The functions and the queues between them, invoked as their event source mappings would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use futures_util::future::{pending, select_all};
use futures_util::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use serde_json::Value;
use shared::lambda::deadline::TIME_TO_ANSWER;
use shared::lambda::function::Function;
use shared::ports::clock::Clock;

use crate::{MemoryQueues, PipelineEnv};

/// The five functions on one machine, and the queues between them.
pub struct LocalPipeline {
    clock: Arc<dyn Clock>,
    webhook: webhook::Dependencies,
    /// The dependencies that `fetch` is invoked with.
    pub fetch: fetch::Dependencies,
    /// The dependencies that `archive` is invoked with.
    pub archive: archive::Dependencies,
    /// The dependencies that `subscriptions` is invoked with.
    pub subscriptions: subscriptions::Dependencies,
    /// The dependencies that `backfill` is invoked with.
    pub backfill: backfill::Dependencies,
    /// The number of the next run of `backfill`: its id.
    runs: AtomicU64,
    /// The queues between the functions.
    pub queues: MemoryQueues,
}

impl LocalPipeline {
    /// The pipeline in `env`, with empty queues.
    pub fn new(env: &PipelineEnv) -> Self {
        Self::with_queues(env, MemoryQueues::new(&env.clock))
    }

    /// The pipeline in `env`, with the messages that are in `queues`.
    pub fn with_queues(env: &PipelineEnv, queues: MemoryQueues) -> Self {
        let set = queues.set();
        Self {
            clock: env.clock.clone(),
            webhook: env.webhook(&set),
            fetch: env.fetch(&set),
            archive: env.archive(&set),
            subscriptions: env.subscriptions(&set),
            backfill: env.backfill(&set),
            runs: AtomicU64::new(1),
            queues,
        }
    }

    /// Invokes `webhook` with a request, and gives its answer.
    pub async fn notify(&self, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        webhook::handle(&*self.clock, &webhook::Origin::default(), async || Ok(&self.webhook), request).await
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

    /// Invokes `functions` until no message of theirs is visible, with several invocations at once, of each function as
    /// many as its event source mapping allows. A function waits while those before it in the list have more messages
    /// than they take at once, so that what one fetches does not pile up before the next.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn run_at_once(&self, functions: &[Function]) -> anyhow::Result<()> {
        let (mut invocations, mut running) = (FuturesUnordered::new(), BTreeMap::new());
        loop {
            while let Some((function, event)) = self.receive(functions, &running) {
                *running.entry(function).or_default() += 1;
                invocations.push(async move { (function, self.invoke_with(function, event).await) });
            }
            let sent = functions.iter().filter_map(|function| self.queues.of(*function));
            let sent = select_all(sent.map(|queue| Box::pin(queue.sent())));
            tokio::select! {
                biased;
                ended = invocations.next() => {
                    let Some((function, ended)) = ended else { return Ok(()) };
                    running.entry(function).and_modify(|running: &mut usize| *running -= 1);
                    ended?;
                }
                _ = sent => {}
                () = self.until_next_visible(functions) => {}
            }
        }
    }

    /// Returns when a message of `functions` becomes visible that is not yet.
    async fn until_next_visible(&self, functions: &[Function]) {
        let wait = |next: Timestamp| Duration::try_from(next.duration_since(self.clock.now())).ok();
        match self.next_visible_at(functions).and_then(wait).filter(|wait| !wait.is_zero()) {
            Some(wait) => self.clock.sleep(wait).await,
            None => pending().await,
        }
    }

    /// The next batch for one of `functions`, of which so many invocations are `running`.
    fn receive(
        &self,
        functions: &[Function],
        running: &BTreeMap<Function, usize>,
    ) -> Option<(Function, SqsEvent)> {
        for function in functions {
            let Some(queue) = self.queues.of(*function) else { continue };
            let has_room =
                running.get(function).is_none_or(|running| *running < function.maximum_concurrency());
            if has_room && let Some(event) = queue.receive(function.batch_size()) {
                return Some((*function, event));
            }
            if !has_room && queue.next_visible_at().is_some_and(|next| next <= self.clock.now()) {
                return None;
            }
        }
        None
    }

    /// When the next message of `functions` becomes visible; `None` once all work is done.
    pub fn next_visible_at(&self, functions: &[Function]) -> Option<Timestamp> {
        let queues = functions.iter().filter_map(|function| self.queues.of(*function));
        queues.filter_map(|queue| queue.next_visible_at()).min()
    }

    /// Invokes `subscriptions` as its schedule does.
    ///
    /// # Errors
    /// A subscription is not as desired after the run.
    pub async fn keep_subscriptions(&self) -> anyhow::Result<()> {
        let deadline = self.deadline(Function::Subscriptions);
        subscriptions::handle(&self.subscriptions, Value::Null, deadline).await?;
        Ok(())
    }

    /// Invokes `backfill` with a request, by hand or as its schedule does.
    ///
    /// # Errors
    /// The request is refused, or its units could not be sent.
    pub async fn backfill(&self, request: Value) -> Result<backfill::RunAccepted, backfill::BackfillError> {
        self.backfill_as(&format!("run-{}", self.runs.fetch_add(1, Ordering::Relaxed)), request).await
    }

    /// Invokes `backfill` with a request, whose run is `run_id`.
    ///
    /// # Errors
    /// The request is refused, or its units could not be sent.
    pub async fn backfill_as(
        &self,
        run_id: &str,
        request: Value,
    ) -> Result<backfill::RunAccepted, backfill::BackfillError> {
        let deadline = self.deadline(Function::Backfill);
        let accepted = backfill::handle(&self.backfill, request, run_id, deadline).await?;
        serde_json::from_value(accepted).map_err(|_| backfill::BackfillError::NotABatch)
    }

    /// Invokes `function` once, with a batch of its visible messages; answers whether there was one.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn invoke(&self, function: Function) -> anyhow::Result<bool> {
        Ok(self.invoke_counted(function).await? > 0)
    }

    /// Invokes `function` once, with a batch of its visible messages; answers how many there were.
    ///
    /// # Errors
    /// A message has no id.
    pub async fn invoke_counted(&self, function: Function) -> anyhow::Result<usize> {
        let Some(queue) = self.queues.of(function) else { return Ok(0) };
        let Some(event) = queue.receive(function.batch_size()) else { return Ok(0) };
        let messages = event.records.len();
        self.invoke_with(function, event).await?;
        Ok(messages)
    }

    async fn invoke_with(&self, function: Function, event: SqsEvent) -> anyhow::Result<()> {
        let response = self.handle(function, event.clone()).await?;
        if let Some(queue) = self.queues.of(function) {
            queue.delete_acknowledged(&event, &response);
        }
        Ok(())
    }

    async fn handle(&self, function: Function, event: SqsEvent) -> anyhow::Result<SqsBatchResponse> {
        let deadline = self.deadline(function);
        Ok(match function {
            Function::Webhook => SqsBatchResponse::default(),
            Function::Fetch => fetch::handle(&self.fetch, event, deadline).await?,
            Function::Archive => archive::handle(&self.archive, event, deadline).await?,
            Function::Subscriptions => {
                let event = serde_json::to_value(&event)?;
                serde_json::from_value(subscriptions::handle(&self.subscriptions, event, deadline).await?)?
            }
            Function::Backfill => {
                let event = serde_json::to_value(&event)?;
                serde_json::from_value(backfill::handle(&self.backfill, event, "", deadline).await?)?
            }
        })
    }

    fn deadline(&self, function: Function) -> Timestamp {
        self.clock.now() + function.timeout() - TIME_TO_ANSWER
    }
}
