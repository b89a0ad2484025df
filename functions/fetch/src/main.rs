//! The binary of `fetch` on AWS Lambda.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::sqs::SqsEvent;
use fetch::{Config, DataKeys, Dependencies, EncryptedNotifications, ValidationTokens, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::aws::{self, S3Store, SecretsManager, SqsQueue};
use shared::env::ProcessEnv;
use shared::lambda::watch_filter::WatchFilter;
use shared::lambda::{deadline, telemetry};
use shared::memory::MemoryBudget;
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;

const AWS_ATTEMPT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(&ProcessEnv);
    let dependencies = connect(Config::from_env(&ProcessEnv)?).await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        handle(&dependencies, event.payload, deadline::deadline(event.context.deadline))
            .await
            .map_err(Error::from)
    }))
    .await
}

async fn connect(config: Config) -> Result<Dependencies, Error> {
    let http = Arc::new(HttpClient::new()?);
    let aws = aws::config_over(&http, AWS_ATTEMPT).await;
    let clock = Arc::new(SystemClock);
    let secrets = Arc::new(SecretsManager::new(&aws));
    Ok(Dependencies {
        graph: aws::graph_client(&config.graph, &aws, http.clone(), clock.clone()),
        watch_filter: WatchFilter::new(&config.watch, clock.clone()),
        encrypted: config.notification_key_secret_id.map(|id| EncryptedNotifications {
            tokens: ValidationTokens::new(&config.graph, config.change_tracking_id, http, clock.clone()),
            keys: DataKeys::new(secrets, id, clock.clone()),
            meetings: config.watch.meetings,
        }),
        tenant_id: config.graph.tenant_id,
        store: Arc::new(S3Store::new(&aws, config.archive_bucket, config.archive_bucket_owner)),
        fetch_queue: Arc::new(SqsQueue::new(&aws, config.fetch_queue_url)),
        archive_queue: Arc::new(SqsQueue::new(&aws, config.archive_queue_url)),
        dead_letters: Arc::new(SqsQueue::new(&aws, config.fetch_dlq_url)),
        memory: MemoryBudget::default(),
        clock,
    })
}
