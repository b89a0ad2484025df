//! What an erasure works with: the archive, its replica, the key of the tombstones, and an id.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use data_encoding::HEXLOWER;
use reader::finder::Who;
use reader::people::read_same;
use shared::archive::erasure::{Marker, TombstoneKey};
use shared::archive::layout::utc_day;
use shared::aws::{self, S3Store, SecretsManager};
use shared::env::Env;
use shared::ports::clock::{Clock, SystemClock};
use shared::ports::secrets::{SecretString, Secrets, Stage as SecretStage};
use shared::ports::store::FolderStore;

use super::eraser::{Archive, Eraser, Stage};
use super::plan::Request;
use crate::archive::bucket;
use crate::cli::EraseOptions;
use crate::selection::bytes_of;
use crate::versions::{FolderVersions, S3Versions};

const AWS_ATTEMPT: Duration = Duration::from_secs(60);
const TOMBSTONE_KEY: &str = "TOMBSTONE_KEY";
/// The longest reason, in bytes.
const LONGEST_REASON: usize = 1_000;

/// With what the options and the environment say people are erased.
pub(super) async fn eraser(
    options: &EraseOptions,
    env: &impl Env,
    progress: Arc<dyn Fn(Stage) + Send + Sync>,
) -> anyhow::Result<Eraser> {
    let replica = match &options.replica {
        Some(address) if bucket(address)?.is_none() => bail!("--replica takes s3:// and a bucket's name"),
        Some(address) => Some(archive(address).await?),
        None => None,
    };
    let key = key(options, env).await?;
    let archive = archive(options.archive()).await?;
    Ok(Eraser { archive, replica, key, clock: Arc::new(SystemClock), progress })
}

async fn archive(address: &str) -> anyhow::Result<Archive> {
    let Some(bucket) = bucket(address)? else {
        let store = FolderStore::existing(address)?;
        return Ok(Archive { store: Arc::new(store.clone()), versions: Arc::new(FolderVersions(store)) });
    };
    let aws = aws::config(AWS_ATTEMPT).await;
    let store = Arc::new(S3Store::new(&aws, bucket.to_owned(), None));
    Ok(Archive { store, versions: Arc::new(S3Versions::new(&aws, bucket.to_owned())) })
}

/// The key of the tombstones: that of the environment, or of a secret.
async fn key(options: &EraseOptions, env: &impl Env) -> anyhow::Result<TombstoneKey> {
    let text = match &options.key_secret {
        Some(id) => {
            let secrets = SecretsManager::new(&aws::config(AWS_ATTEMPT).await);
            let secret = secrets.get(id, SecretStage::Current).await.context("--key-secret")?;
            secret.context("--key-secret: the secret has no text")?
        }
        None => SecretString::from(env.get(TOMBSTONE_KEY).context(
            "erasing takes the text that those who were erased are hashed with: set TOMBSTONE_KEY to it, or --key-secret to the ARN of the secret that has it (infra/RUNBOOK.md says how it is made)",
        )?),
    };
    Ok(TombstoneKey::new(&text))
}

/// What the options ask for, with a new erasure's id.
pub(super) fn request(
    (who, reason): (Who, String),
    options: &EraseOptions,
    clock: &dyn Clock,
) -> anyhow::Result<Request> {
    let is_missing = reason.trim().is_empty() && !options.dry_run;
    if is_missing || reason.len() > LONGEST_REASON {
        bail!(
            "--reason takes why, or the number of the request, in up to 1000 bytes; it is kept, so name nobody in it"
        );
    }
    let same = options.same.as_deref().map(|file| anyhow::Ok(read_same(&bytes_of(file)?)?)).transpose()?;
    let random = local::MemorySecrets::default().random()?;
    let at = clock.now();
    let erasure = format!("{}.{}", utc_day(at), HEXLOWER.encode(&random[..4]));
    Ok(Request { who, same: same.unwrap_or_default(), reason, marker: Marker { at, erasure } })
}
