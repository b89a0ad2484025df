//! Legal holds of S3: while one is on, nobody can delete that version of an object, with whatever rights.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-legal-holds>

use anyhow::bail;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus};
use futures_util::{StreamExt, TryStreamExt, stream};
use indicatif::{ProgressBar, ProgressStyle};
use shared::aws;

use crate::archive::{AWS_ATTEMPT, bucket};

/// So many objects are held at once.
const AT_ONCE: usize = 16;
/// S3's code for a bucket without Object Lock.
const NO_OBJECT_LOCK: &str = "ObjectLockConfigurationNotFoundError";

/// Whether a legal hold is placed or removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    On,
    Off,
}

/// The legal holds of the objects in one bucket.
pub(super) struct LegalHolds {
    client: Client,
    bucket: String,
}

impl LegalHolds {
    /// Those of the bucket that `archive` names; `None` where it is a folder.
    ///
    /// # Errors
    /// The bucket has no Object Lock, or S3 refuses or does not answer.
    pub(super) async fn of(archive: &str) -> anyhow::Result<Option<Self>> {
        let Some(bucket) = bucket(archive)? else { return Ok(None) };
        let config = aws::config(AWS_ATTEMPT).await;
        let path_style = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(path_style).build();
        let legal_holds = Self { client: Client::from_conf(config), bucket: bucket.to_owned() };
        legal_holds.require_object_lock().await?;
        Ok(Some(legal_holds))
    }

    async fn require_object_lock(&self) -> anyhow::Result<()> {
        let bucket = &self.bucket;
        let request = self.client.get_object_lock_configuration().bucket(bucket);
        match Box::pin(request.send()).await {
            Ok(_) => Ok(()),
            Err(error) if error.code() == Some(NO_OBJECT_LOCK) => bail!(
                "the bucket has no Object Lock, and S3 holds nothing without it. It can be given later, and not be taken away again:
  aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled
  aws s3api put-object-lock-configuration --bucket {bucket} --object-lock-configuration ObjectLockEnabled=Enabled"
            ),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Places or removes the legal hold of every version of the objects at `keys`. How many versions there are.
    ///
    /// # Errors
    /// S3 refuses or does not answer; what was done until then stays.
    pub(super) async fn set(&self, keys: &[String], status: Status) -> anyhow::Result<usize> {
        let style = ProgressStyle::with_template("{bar:40} {pos} of {len} objects, {elapsed}");
        let bar = ProgressBar::new(keys.len() as u64)
            .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let each = keys.iter().map(async |key| {
            let versions = self.set_of(key, status).await;
            bar.inc(1);
            versions
        });
        let versions = stream::iter(each).buffer_unordered(AT_ONCE);
        let versions = versions.try_fold(0, async |sum, versions| Ok(sum + versions)).await;
        bar.finish_and_clear();
        versions
    }

    async fn set_of(&self, key: &str, status: Status) -> anyhow::Result<usize> {
        let versions = self.versions(key).await?;
        for version in &versions {
            let status = match status {
                Status::On => ObjectLockLegalHoldStatus::On,
                Status::Off => ObjectLockLegalHoldStatus::Off,
            };
            let hold = ObjectLockLegalHold::builder().status(status).build();
            let request = self.client.put_object_legal_hold().bucket(&self.bucket).key(key);
            let request = request.version_id(version).legal_hold(hold);
            Box::pin(request.send()).await.map_err(|error| failed(&error))?;
        }
        Ok(versions.len())
    }

    /// The ids of all versions of the object at `key`; none where there is no such object. A delete marker is none.
    async fn versions(&self, key: &str) -> anyhow::Result<Vec<String>> {
        let (mut versions, mut after) = (Vec::new(), (None, None));
        loop {
            let request = self.client.list_object_versions().bucket(&self.bucket).prefix(key);
            let request = request.set_key_marker(after.0).set_version_id_marker(after.1);
            let page = Box::pin(request.send()).await.map_err(|error| failed(&error))?;
            let of_key = page.versions().iter().filter(|version| version.key() == Some(key));
            versions.extend(of_key.filter_map(|version| version.version_id.clone()));
            // Longer keys that begin with this one come after it.
            if page.is_truncated != Some(true) || page.next_key_marker.as_deref() != Some(key) {
                return Ok(versions);
            }
            after = (page.next_key_marker, page.next_version_id_marker);
        }
    }
}

/// Why S3 did not do it, without the key.
fn failed<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> anyhow::Error {
    let code = error.code().unwrap_or("no answer");
    anyhow::anyhow!("S3 does not do it ({code})").context(
        "legal holds need s3:GetBucketObjectLockConfiguration, s3:ListBucketVersions and s3:PutObjectLegalHold",
    )
}
