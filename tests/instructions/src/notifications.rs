//! A POST of notifications.

use std::sync::Arc;

use anyhow::ensure;
use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use graph_sim::{TENANT_ID, calls_ended};
use jiff::Timestamp;
use local::{MemoryQueue, MemorySecrets};
use shared::graph::{ClientStateKey, ClientStateScope};
use shared::model::ResourceKind;
use shared::ports::clock::SystemClock;
use shared::ports::secrets::Stage;
use webhook::{ClientStateKeys, Dependencies, handle};

const KEY: &str = "a key that nobody else has";

fn queue() -> Arc<MemoryQueue> {
    Arc::new(MemoryQueue::dead_letters(Arc::new(SystemClock)))
}

/// A webhook with queues in memory.
pub(crate) fn dependencies() -> Dependencies {
    let secrets = Arc::new(MemorySecrets::default().with("key", Stage::Current, KEY));
    Dependencies {
        tenant_id: TENANT_ID.to_owned(),
        keys: ClientStateKeys::new(secrets, "key".to_owned(), Arc::new(SystemClock)),
        fetch_queue: queue(),
        subscriptions_queue: queue(),
        dead_letters: queue(),
    }
}

pub(crate) async fn post(count: usize, times: usize) -> anyhow::Result<()> {
    let fetch_queue = queue();
    let dependencies = Dependencies { fetch_queue: fetch_queue.clone(), ..dependencies() };
    let end = Timestamp::MAX;
    let scope = ClientStateScope { tenant_id: TENANT_ID.to_owned(), kind: ResourceKind::CallRecords, end };
    let client_state = ClientStateKey::new(&KEY.to_owned().into()).sign([1; 16], &scope);
    let body = calls_ended(&client_state, 0..count);
    for _ in 0..times {
        let mut request = ApiGatewayV2httpRequest::default();
        request.raw_path = Some("/notifications".to_owned());
        request.request_context.http.method = http::Method::POST;
        request.body = Some(body.clone());
        let answer =
            handle(&SystemClock, &webhook::Origin::default(), async || Ok(&dependencies), request).await;
        ensure!(answer.status_code == 202, "status {}", answer.status_code);
    }
    ensure!(fetch_queue.messages().len() == count * times, "a notification is lost");
    Ok(())
}
