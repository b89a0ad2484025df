//! The binary of `backfill` on AWS Lambda.

use std::sync::Arc;
use std::time::Duration;

use backfill::manifests::ManifestStore;
use backfill::{Config, Dependencies, LEDGER_PAUSES, RETRY_UNITS_FOR, handle};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use shared::archive::manifests::RootSigner;
use shared::aws::{self, KmsRootSigner, S3Store, SqsQueue};
use shared::env::ProcessEnv;
use shared::lambda::watch_filter::WatchFilter;
use shared::lambda::{deadline, telemetry};
use shared::ports::clock::SystemClock;
use shared::ports::http::HttpClient;

const AWS_ATTEMPT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(&ProcessEnv);
    let dependencies = connect(Config::from_env(&ProcessEnv)?).await?;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<Value>| {
        let (payload, context) = event.into_parts();
        let deadline = deadline::deadline(context.deadline);
        handle(&dependencies, payload, &context.request_id, deadline).await.map_err(Error::from)
    }))
    .await
}

async fn connect(config: Config) -> Result<Dependencies, Error> {
    let http = Arc::new(HttpClient::new()?);
    let aws = aws::config_over(&http, AWS_ATTEMPT).await;
    let clock = Arc::new(SystemClock);
    let store = Arc::new(S3Store::new(&aws, config.archive_bucket, config.archive_bucket_owner));
    let signer =
        config.manifest_key_id.map(|id| Arc::new(KmsRootSigner::new(&aws, id)) as Arc<dyn RootSigner>);
    Ok(Dependencies {
        graph: aws::graph_client(&config.graph, &aws, http, clock.clone()),
        tenant_id: config.graph.tenant_id,
        watch_filter: WatchFilter::new(&config.watch, clock.clone()),
        watch: config.watch,
        manifests: Some(ManifestStore { store: store.clone(), signer, retention: config.retention }),
        store,
        fetch_queue: Arc::new(SqsQueue::new(&aws, config.fetch_queue_url)),
        archive_queue: Arc::new(SqsQueue::new(&aws, config.archive_queue_url)),
        backfill_queue: Arc::new(SqsQueue::new(&aws, config.backfill_queue_url)),
        bulk_queue: Arc::new(SqsQueue::new(&aws, config.backfill_bulk_queue_url)),
        dead_letters: Arc::new(SqsQueue::new(&aws, config.backfill_dlq_url)),
        clock,
        reads_settled: config.settled_reads,
        retry_units_for: RETRY_UNITS_FOR,
        ledger_pauses: LEDGER_PAUSES,
    })
}
