//! The binary of `archive` on AWS Lambda.

use std::sync::Arc;
use std::time::Duration;

use archive::{Config, Dependencies, handle};
use aws_lambda_events::event::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::archive::erasure::TombstoneReader;
use shared::aws::{self, S3Store, SecretsManager, SqsQueue};
use shared::env::ProcessEnv;
use shared::lambda::{deadline, telemetry};
use shared::memory::MemoryBudget;
use shared::ports::clock::SystemClock;

/// The largest object takes some seconds; a call is tried three times.
const AWS_ATTEMPT: Duration = Duration::from_secs(15);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(&ProcessEnv);
    let config = Config::from_env(&ProcessEnv)?;
    let aws = aws::config(AWS_ATTEMPT).await;
    let clock = Arc::new(SystemClock);
    let store = S3Store::new(&aws, config.archive_bucket, config.archive_bucket_owner);
    let store = Arc::new(store.locked(config.object_lock, clock.clone()));
    let (secrets, key_id) = (Arc::new(SecretsManager::new(&aws)), config.tombstone_key_secret_id);
    let dependencies = Dependencies {
        tombstones: TombstoneReader::new(store.clone(), secrets, key_id, clock.clone()),
        store,
        fetch_queue: Arc::new(SqsQueue::new(&aws, config.fetch_queue_url)),
        archive_queue: Arc::new(SqsQueue::new(&aws, config.archive_queue_url)),
        dead_letters: Arc::new(SqsQueue::new(&aws, config.archive_dlq_url)),
        memory: MemoryBudget::default(),
        clock,
    };
    lambda_runtime::run(service_fn(async |event: LambdaEvent<SqsEvent>| {
        let (event, context) = event.into_parts();
        handle(&dependencies, event, deadline::deadline(context.deadline)).await.map_err(Error::from)
    }))
    .await
}
