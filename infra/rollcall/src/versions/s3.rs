//! The versions of a bucket.

mod legal_hold;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::ResponseChecksumValidation;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::list_object_versions::ListObjectVersionsOutput;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{
    ChecksumAlgorithm, Delete, ObjectIdentifier, ObjectLockLegalHoldStatus, ObjectLockMode,
};
use data_encoding::{BASE64, HEXLOWER};
use jiff::Timestamp;
use shared::ports::store::{Checksum, LockMode, NewObject, Object, ObjectHead, PutResult, StoreError};

use super::{Listed, ListedPage, Lock, Position, Refusal, Retention, Version, VersionName, Versions};

/// The most versions that S3 deletes with one call.
const AT_ONCE: usize = 1_000;

/// The versions of the objects in a bucket.
#[derive(Debug, Clone)]
pub struct S3Versions {
    client: Client,
    bucket: String,
}

impl S3Versions {
    /// Those of the bucket with this name, by the settings of `config`.
    pub fn new(config: &SdkConfig, bucket: String) -> Self {
        // Emulators answer at one host, not at a host for each bucket.
        let path_style = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(path_style)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        Self { client: Client::from_conf(config), bucket }
    }

    async fn delete_some(&self, versions: &[VersionName]) -> Result<Vec<Refusal>, StoreError> {
        let identifiers = versions.iter().map(|name| {
            ObjectIdentifier::builder().key(&name.key).set_version_id(name.version.clone()).build()
        });
        let identifiers = identifiers.collect::<Result<Vec<_>, _>>().map_err(|_| odd_request())?;
        let delete = Delete::builder().set_objects(Some(identifiers)).quiet(true).build();
        let request = self.client.delete_objects().bucket(&self.bucket);
        let request = request.delete(delete.map_err(|_| odd_request())?).bypass_governance_retention(true);
        let answer = Box::pin(request.send()).await.map_err(|error| failure(&error))?;
        // S3 answers 200, with an error for each version that it has not deleted.
        let refused = answer.errors.unwrap_or_default().into_iter().filter_map(|error| {
            let name = VersionName { key: error.key?, version: error.version_id };
            Some(Refusal { name, code: error.code.unwrap_or_default() })
        });
        Ok(refused.filter(|refused| refused.code != "NoSuchVersion").collect())
    }
}

#[async_trait]
impl Versions for S3Versions {
    async fn list(&self, prefix: &str, after: Option<&Position>) -> Result<ListedPage, StoreError> {
        let request = self.client.list_object_versions().bucket(&self.bucket).prefix(prefix);
        let request = request
            .set_key_marker(after.map(|position| position.key.clone()))
            .set_version_id_marker(after.and_then(|position| position.version.clone()));
        Box::pin(request.send()).await.map(page).map_err(|error| failure(&error))
    }

    async fn get(&self, key: &str, version: Option<&str>) -> Result<Option<Version>, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let request = request.set_version_id(version.map(str::to_owned));
        let found = match Box::pin(request.send()).await {
            Ok(found) => found,
            Err(error) if is_absent(&error) => return Ok(None),
            Err(error) => return Err(failure(&error)),
        };
        let lock = Lock {
            is_held: found.object_lock_legal_hold_status == Some(ObjectLockLegalHoldStatus::On),
            retention: retention(found.object_lock_mode, found.object_lock_retain_until_date),
        };
        let head = ObjectHead {
            etag: found.e_tag.unwrap_or_default(),
            metadata: found.metadata.unwrap_or_default().into_iter().collect(),
        };
        let body = found.body.collect().await.map_err(|_| cut_short())?.into_bytes();
        Ok(Some(Version { object: Object { body, head }, lock }))
    }

    async fn replace(
        &self,
        key: &str,
        object: NewObject,
        (etag, retention): (&str, Option<Retention>),
    ) -> Result<PutResult, StoreError> {
        let sha256 = match &object.checksum {
            Checksum::Sha256(hex) => hex.clone(),
            Checksum::Crc64Nvme => object.body.sha256_hex(),
        };
        let sha256 = HEXLOWER.decode(sha256.as_bytes()).map_err(|_| StoreError::bad_digest())?;
        let mode = retention.map(|retention| match retention.mode {
            LockMode::Governance => ObjectLockMode::Governance,
            LockMode::Compliance => ObjectLockMode::Compliance,
        });
        let until = retention.map(|retention| DateTime::from_secs(retention.until.as_second()));
        let request = self.client.put_object().bucket(&self.bucket).key(key).if_match(etag);
        let request = request
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .checksum_sha256(BASE64.encode(&sha256))
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .content_type(object.content_type)
            .set_metadata(Some(object.metadata.into_iter().collect()))
            .body(ByteStream::from(object.body.into_bytes()));
        match Box::pin(request.send()).await {
            Ok(_) => Ok(PutResult::Stored),
            Err(error) if status(&error) == Some(412) || error.code() == Some("NoSuchKey") => {
                Ok(PutResult::ConditionFailed)
            }
            Err(error) => Err(failure(&error)),
        }
    }

    async fn delete(&self, versions: &[VersionName]) -> Result<Vec<Refusal>, StoreError> {
        let mut refused = Vec::new();
        for some in versions.chunks(AT_ONCE) {
            refused.extend(self.delete_some(some).await?);
        }
        Ok(refused)
    }
}

/// A page of S3's list, in which delete markers are listed beside the versions.
fn page(answer: ListObjectVersionsOutput) -> ListedPage {
    let listed = |key: Option<String>, version, is_latest, size_bytes: Option<i64>| {
        Some(Listed {
            name: VersionName { key: key?, version },
            is_latest: is_latest == Some(true),
            is_marker: size_bytes.is_none(),
            size_bytes: size_bytes.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        })
    };
    let versions = answer.versions.unwrap_or_default().into_iter();
    let versions = versions
        .filter_map(|one| listed(one.key, one.version_id, one.is_latest, Some(one.size.unwrap_or_default())));
    let markers = answer.delete_markers.unwrap_or_default().into_iter();
    let markers = markers.filter_map(|one| listed(one.key, one.version_id, one.is_latest, None));
    let mut versions: Vec<Listed> = versions.chain(markers).collect();
    versions
        .sort_by(|one, other| one.name.key.cmp(&other.name.key).then(other.is_latest.cmp(&one.is_latest)));
    let key = answer.next_key_marker.filter(|_| answer.is_truncated == Some(true));
    let next = key.map(|key| Position { key, version: answer.next_version_id_marker });
    ListedPage { versions, next }
}

fn retention(mode: Option<ObjectLockMode>, until: Option<DateTime>) -> Option<Retention> {
    let mode = match mode? {
        ObjectLockMode::Governance => LockMode::Governance,
        // A mode that is not known may not be lifted, either.
        _ => LockMode::Compliance,
    };
    Some(Retention { mode, until: Timestamp::from_second(until?.secs()).ok()? })
}

fn status<E>(error: &SdkError<E>) -> Option<u16> {
    error.raw_response().map(|response| response.status().as_u16())
}

/// Whether there is no such version; a delete marker is none, and 405 where it is asked for by its id.
fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E>) -> bool {
    matches!(status(error), Some(404 | 405)) && error.code() != Some("NoSuchBucket")
}

fn failure<E: ProvideErrorMetadata>(error: &SdkError<E>) -> StoreError {
    let status = status(error);
    let code = error.code().map(str::to_owned);
    let code = code.or_else(|| status.map(|status| format!("status {status}")));
    let code = code.unwrap_or_else(|| "no answer".to_owned());
    match status {
        Some(400..=407 | 410..=428 | 430..=499) => StoreError::Refused { code },
        _ => StoreError::Unavailable { code },
    }
}

fn cut_short() -> StoreError {
    StoreError::Unavailable { code: "the object's bytes were cut short".to_owned() }
}

fn odd_request() -> StoreError {
    StoreError::Refused { code: "a version without a key".to_owned() }
}
