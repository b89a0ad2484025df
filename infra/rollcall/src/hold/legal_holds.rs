//! The legal holds of what a hold holds: one on each version of each object.

use anyhow::{Context, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use shared::aws;
use shared::ports::store::StoreError;

use crate::archive::{AWS_ATTEMPT, bucket};
use crate::terminal;
use crate::versions::{self, S3Versions};

/// So many objects are held at once.
const AT_ONCE: usize = 16;
const NEEDED: &str =
    "legal holds need s3:GetBucketObjectLockConfiguration, s3:ListBucketVersions and s3:PutObjectLegalHold";

/// Whether a legal hold is placed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    On,
    Off,
}

/// The legal holds of the objects in one bucket.
pub(super) struct LegalHolds {
    versions: S3Versions,
}

impl LegalHolds {
    /// Those of the bucket that `archive` names; `None` where it is a folder.
    ///
    /// # Errors
    /// The bucket has no Object Lock, or S3 refuses or does not answer.
    pub(super) async fn of(archive: &str) -> anyhow::Result<Option<Self>> {
        let Some(bucket) = bucket(archive)? else { return Ok(None) };
        let versions = S3Versions::new(&aws::config(AWS_ATTEMPT).await, bucket.to_owned());
        if !versions.has_object_lock().await.context(NEEDED)? {
            bail!(
                "the bucket has no Object Lock, and S3 holds nothing without it. It can be given later, and not be taken away again:
  aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled
  aws s3api put-object-lock-configuration --bucket {bucket} --object-lock-configuration ObjectLockEnabled=Enabled"
            );
        }
        Ok(Some(Self { versions }))
    }

    /// Places or removes the legal hold of every version of the objects at `keys`. How many versions there are.
    ///
    /// # Errors
    /// S3 refuses or does not answer; what was done until then stays.
    pub(super) async fn set(&self, keys: &[String], status: Status) -> anyhow::Result<usize> {
        let bar = terminal::bar("{bar:40} {pos} of {len} objects, {elapsed}");
        bar.set_length(keys.len() as u64);
        let each = keys.iter().map(async |key| {
            let versions = self.set_of(key, status).await;
            bar.inc(1);
            versions
        });
        let versions = stream::iter(each).buffer_unordered(AT_ONCE);
        let versions = versions.try_fold(0, async |sum, versions| Ok(sum + versions)).await;
        bar.finish_and_clear();
        versions.context(NEEDED)
    }

    /// A delete marker has nothing that could be held.
    async fn set_of(&self, key: &str, status: Status) -> Result<usize, StoreError> {
        let mut versions = versions::of_key(&self.versions, key).await?;
        versions.retain(|version| !version.is_marker);
        for version in &versions {
            self.versions.set_legal_hold(&version.name, status == Status::On).await?;
        }
        Ok(versions.len())
    }
}
