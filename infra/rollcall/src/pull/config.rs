//! The settings of `rollcall pull`, in the words of Azure's own tools.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use jiff::SignedDuration;
use local::{FolderStore, MemorySecrets, PipelineEnv, TOMBSTONE_KEY_ID};
use shared::aws::{self, S3Store};
use shared::backoff::Backoff;
use shared::env::Env;
use shared::graph::{Endpoints, GraphClient, TokenCache};
use shared::model::Watch;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::http::{Http, HttpClient};
use shared::ports::secrets::Stage;
use shared::ports::store::ObjectStore;

use super::person::signed_in_person;
use crate::archive::bucket;
use crate::caller::{Acting, Caller, caller};
use crate::cli::PullOptions;

/// For how long a person waits for what may pass.
pub const RETRY_UNITS_FOR: SignedDuration = SignedDuration::from_mins(10);
/// The pauses between looks whether a ledger can be written: its parts are on this machine, and a person waits.
const LEDGER_PAUSES: Backoff = Backoff { first: Duration::from_millis(50), longest: Duration::from_secs(30) };
const AWS_ATTEMPT: Duration = Duration::from_secs(60);
const TOMBSTONE_KEY: &str = "TOMBSTONE_KEY";

/// The environment of the pipeline: Graph and the archive that the options and `env` name.
pub(super) async fn pipeline_env(options: &PullOptions, env: &impl Env) -> anyhow::Result<PipelineEnv> {
    let http = HttpClient::new().context("the system has no TLS certificates")?;
    let store = store(&options.to, &http).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let http: Arc<dyn Http> = Arc::new(http);
    let endpoints = Endpoints::from_env(env)?;
    let acting = if options.is_of_me() { Acting::Me } else { Acting::Either };
    let Caller { tenant_id, credential, person } = caller(env, &endpoints, &http, acting)?;
    let credential = match &person {
        Some(may) => signed_in_person(options, may, credential).await?,
        None => credential,
    };
    let tokens = TokenCache::new(credential, Arc::clone(&clock));
    let graph = GraphClient::new(http, Arc::clone(&clock), tokens, &endpoints);
    Ok(PipelineEnv {
        tenant_id,
        graph: match &person {
            Some(may) => graph.for_person(may),
            None => graph,
        },
        store,
        versions: None,
        secrets: Arc::new(secrets(env)),
        webhook_key_id: String::new(),
        encryption: None,
        notification_url: String::new(),
        watch: Watch::default(),
        clock,
        reads_settled: false,
        retry_units_for: RETRY_UNITS_FOR,
        ledger_pauses: LEDGER_PAUSES,
    })
}

/// The secrets of the functions: the key of the tombstones, which is needed where somebody was erased from the archive.
fn secrets(env: &impl Env) -> MemorySecrets {
    let none = MemorySecrets::default();
    match env.get(TOMBSTONE_KEY) {
        Some(key) => none.with(TOMBSTONE_KEY_ID, Stage::Current, key),
        None => none,
    }
}

/// A folder, or a bucket.
async fn store(to: &str, http: &HttpClient) -> anyhow::Result<Arc<dyn ObjectStore>> {
    let Some(bucket) = bucket(to)? else { return Ok(Arc::new(FolderStore::open(to)?)) };
    let aws = aws::config_over(http, AWS_ATTEMPT).await;
    Ok(Arc::new(S3Store::new(&aws, bucket.to_owned(), None)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_bucket_is_named_without_a_folder() {
        let http = HttpClient::new().unwrap();
        for wrong in ["s3://", "s3://bucket/folder"] {
            assert!(store(wrong, &http).await.is_err(), "{wrong}");
        }
    }
}
