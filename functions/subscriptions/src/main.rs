//! The binary of `subscriptions` on AWS Lambda.

use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::aws::{self, SecretsManager, SqsQueue};
use shared::env::ProcessEnv;
use shared::lambda::{deadline, telemetry};
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;
use subscriptions::{Config, Dependencies, handle};

const AWS_ATTEMPT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(&ProcessEnv);
    let dependencies = connect(Config::from_env(&ProcessEnv)?).await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let deadline = deadline::deadline(event.context.deadline);
        handle(&dependencies, event.payload, deadline).await.map_err(Error::from)
    }))
    .await
}

async fn connect(config: Config) -> Result<Dependencies, Error> {
    let http = Arc::new(HttpClient::new()?);
    let aws = aws::config_over(&http, AWS_ATTEMPT).await;
    let clock = Arc::new(SystemClock);
    Ok(Dependencies {
        graph: aws::graph_client(&config.graph, &aws, http, clock.clone()),
        tenant_id: config.graph.tenant_id,
        secrets: Arc::new(SecretsManager::new(&aws)),
        key_secret_id: config.key_secret_id,
        notification_key_secret_id: config.notification_key_secret_id,
        notification_url: config.notification_url,
        watch: config.watch,
        subscriptions_queue: Arc::new(SqsQueue::new(&aws, config.subscriptions_queue_url)),
        backfill_queue: Arc::new(SqsQueue::new(&aws, config.backfill_queue_url)),
        dead_letters: Arc::new(SqsQueue::new(&aws, config.subscriptions_dlq_url)),
        clock,
    })
}
