//! Legal holds of S3: while one is on, nobody can delete that version of an object, with whatever rights.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-legal-holds>

use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_sdk_s3::types::{ObjectLockLegalHold, ObjectLockLegalHoldStatus};
use shared::ports::store::StoreError;

use super::{S3Versions, failure};
use crate::versions::VersionName;

/// S3's code for a bucket without Object Lock.
const NO_OBJECT_LOCK: &str = "ObjectLockConfigurationNotFoundError";

impl S3Versions {
    /// Whether the bucket has Object Lock, without which S3 holds nothing.
    ///
    /// # Errors
    /// S3 refuses or does not answer.
    pub(crate) async fn has_object_lock(&self) -> Result<bool, StoreError> {
        let request = self.client.get_object_lock_configuration().bucket(&self.bucket);
        match Box::pin(request.send()).await {
            Ok(_) => Ok(true),
            Err(error) if error.code() == Some(NO_OBJECT_LOCK) => Ok(false),
            Err(error) => Err(failure(&error)),
        }
    }

    /// Places a legal hold on a version, or removes it.
    ///
    /// # Errors
    /// S3 refuses or does not answer.
    pub(crate) async fn set_legal_hold(&self, version: &VersionName, is_on: bool) -> Result<(), StoreError> {
        let status = if is_on { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        let hold = ObjectLockLegalHold::builder().status(status).build();
        let request = self.client.put_object_legal_hold().bucket(&self.bucket).key(&version.key);
        let request = request.set_version_id(version.version.clone()).legal_hold(hold);
        Box::pin(request.send()).await.map(drop).map_err(|error| failure(&error))
    }
}
