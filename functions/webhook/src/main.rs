//! The binary of `webhook` on AWS Lambda.

use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use lambda_runtime::{Error, LambdaEvent, service_fn};
use shared::aws::{self, SecretsManager, SqsQueue};
use shared::env::{EnvError, ProcessEnv};
use shared::lambda::telemetry;
use shared::ports::clock::SystemClock;
use tokio::sync::OnceCell;
use webhook::{ClientStateKeys, Config, Dependencies, Origin, handle};

/// Three tries of a call to SQS fit into the deadline of an answer.
const AWS_ATTEMPT: Duration = Duration::from_millis(700);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    telemetry::start(&ProcessEnv);
    let origin = Origin::from_env(&ProcessEnv)?;
    let dependencies = OnceCell::new();
    let connected = async || dependencies.get_or_try_init(connect).await;
    lambda_runtime::run(service_fn(async |event: LambdaEvent<ApiGatewayV2httpRequest>| {
        Ok::<_, Error>(handle(&SystemClock, &origin, connected, event.payload).await)
    }))
    .await
}

/// Not before the first notification: the handshake needs nothing of it.
async fn connect() -> Result<Dependencies, EnvError> {
    let config = Config::from_env(&ProcessEnv)?;
    let aws = aws::config(AWS_ATTEMPT).await;
    let secrets = Arc::new(SecretsManager::new(&aws));
    Ok(Dependencies {
        tenant_id: config.tenant_id,
        keys: ClientStateKeys::new(secrets, config.key_secret_id, Arc::new(SystemClock)),
        fetch_queue: Arc::new(SqsQueue::new(&aws, config.fetch_queue_url)),
        subscriptions_queue: Arc::new(SqsQueue::new(&aws, config.subscriptions_queue_url)),
        dead_letters: Arc::new(SqsQueue::new(&aws, config.fetch_dlq_url)),
    })
}
