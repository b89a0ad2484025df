//! The object store port on S3.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::ResponseChecksumValidation;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::primitives::{ByteStream, DateTime, SdkBody};
use aws_sdk_s3::types::{ChecksumAlgorithm, ChecksumMode, Object as Listed, ObjectLockMode};
use bytes::{Bytes, BytesMut};
use data_encoding::{BASE64, HEXLOWER};
use http_body::{Frame, SizeHint};
use jiff::Timestamp;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::AwsFailure;
use crate::archive::layout;
use crate::ports::clock::Clock;
use crate::ports::store::{
    Checksum, Chunks, Condition, KEYS_A_PAGE, KeyPage, LockMode, Metadata, NewObject, Object, ObjectBody,
    ObjectFacts, ObjectHead, ObjectLock, ObjectStore, ObjectVersion, PutResult, StoreError, VersionPage,
    VersionedStore,
};

/// The most bytes that are made room for because an answer announces them: no object is larger.
const MOST_AT_ONCE: usize = 256 << 20;
/// The most requests of a process that are under way at once: each has a connection, of which macOS gives a process 256.
const MOST_REQUESTS: usize = 64;

/// The object store in one S3 bucket.
#[derive(Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    /// The account that must own the bucket: S3 refuses where another one does.
    owner: Option<String>,
    lock: Option<(ObjectLock, Arc<dyn Clock>)>,
    requests: Arc<Semaphore>,
}

impl S3Store {
    /// The store in the bucket named `bucket`; S3 refuses its calls if `owner`, an account's id, is given and
    /// does not own the bucket.
    pub fn new(config: &SdkConfig, bucket: String, owner: Option<String>) -> Self {
        // Emulators answer at one host, not at a host for each bucket.
        let path_style = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(path_style)
            // What was read is compared where it is used: S3 compares a report with its SHA-256 when it is put.
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .build();
        let requests = Arc::new(Semaphore::new(MOST_REQUESTS));
        Self { client: Client::from_conf(config), bucket, owner, lock: None, requests }
    }

    /// The same store, but each report and revision is written with `lock` (`None`: without one), which
    /// counts from the time of `clock`. The bucket must have Object Lock enabled.
    #[must_use]
    pub fn locked(mut self, lock: Option<ObjectLock>, clock: Arc<dyn Clock>) -> Self {
        self.lock = lock.map(|lock| (lock, clock));
        self
    }

    /// Waits until another request may be under way. Who has the permit waits for nothing but that request's answer.
    async fn permit(&self) -> Option<SemaphorePermit<'_>> {
        // It is closed by nobody.
        self.requests.acquire().await.ok()
    }

    /// One page of S3's list, and whether it is the last.
    async fn list_objects(
        &self,
        prefix: &str,
        after: Option<&str>,
    ) -> Result<(Vec<Listed>, bool), StoreError> {
        let _permit = self.permit().await;
        let request = self.client.list_objects_v2().bucket(&self.bucket).prefix(prefix);
        let request = request
            .set_start_after(after.map(str::to_owned))
            .max_keys(KEYS_A_PAGE as i32)
            .set_expected_bucket_owner(self.owner.clone());
        let page = Box::pin(request.send()).await.map_err(|error| store_error(&AwsFailure::of(&error)))?;
        Ok((page.contents.unwrap_or_default(), page.is_truncated != Some(true)))
    }

    /// The lock of an object that is written to `key`: its mode and its end.
    fn lock(&self, key: &str) -> Option<(ObjectLockMode, DateTime)> {
        let (lock, clock) = self.lock.as_ref().filter(|_| layout::is_kept_for_good(key))?;
        let mode = match lock.mode {
            LockMode::Governance => ObjectLockMode::Governance,
            LockMode::Compliance => ObjectLockMode::Compliance,
        };
        Some((mode, DateTime::from_secs((clock.now() + lock.time).as_second())))
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let _permit = self.permit().await;
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let answer = Box::pin(request.set_expected_bucket_owner(self.owner.clone()).send()).await;
        let found = absent_is_none(answer)?;
        Ok(found.map(|found| head(found.e_tag, found.metadata)))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let _permit = self.permit().await;
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = Box::pin(request.set_expected_bucket_owner(self.owner.clone()).send()).await;
        let Some(found) = absent_is_none(answer)? else { return Ok(None) };
        let body = read_whole(found.body, found.content_length).await?;
        Ok(Some(Object { body, head: head(found.e_tag, found.metadata) }))
    }

    async fn list(&self, prefix: &str, after: Option<&str>) -> Result<KeyPage, StoreError> {
        let (objects, is_last) = self.list_objects(prefix, after).await?;
        Ok(KeyPage { keys: objects.into_iter().filter_map(|object| object.key).collect(), is_last })
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<PutResult, StoreError> {
        let _permit = self.permit().await;
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = match &condition {
            Condition::IfAbsent => request.if_none_match("*"),
            Condition::IfMatch(etag) => request.if_match(etag),
            Condition::Always => request,
        };
        let (mode, until) = self.lock(key).unzip();
        let request = with_checksum(request, &object)?
            .set_object_lock_mode(mode)
            .set_object_lock_retain_until_date(until)
            .set_expected_bucket_owner(self.owner.clone())
            .content_type(object.content_type)
            .set_metadata(Some(object.metadata.into_iter().collect()))
            .body(streamed(object.body));
        // The signature covers the checksum, and S3 compares that with the bytes: no need to hash them again.
        match Box::pin(request.customize().disable_payload_signing().send()).await {
            Ok(_) => Ok(PutResult::Stored),
            Err(error) => refusal(&AwsFailure::of(&error)),
        }
    }
}

#[async_trait]
impl VersionedStore for S3Store {
    async fn list_versions(&self, prefix: &str, after: Option<&str>) -> Result<VersionPage, StoreError> {
        let (objects, is_last) = self.list_objects(prefix, after).await?;
        let objects: Vec<ObjectVersion> = objects.into_iter().filter_map(version).collect();
        let next = objects.last().map(|last| last.key.clone()).filter(|_| !is_last);
        Ok(VersionPage { objects, next })
    }

    async fn facts(&self, key: &str) -> Result<Option<ObjectFacts>, StoreError> {
        let _permit = self.permit().await;
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let request = request.set_expected_bucket_owner(self.owner.clone());
        let answer = Box::pin(request.checksum_mode(ChecksumMode::Enabled).send()).await;
        Ok(absent_is_none(answer)?.map(facts))
    }
}

/// What the answer to a HEAD says. A checksum of several parts is none of the whole object.
fn facts(found: HeadObjectOutput) -> ObjectFacts {
    let sha256 = found.checksum_sha256.and_then(|base64| BASE64.decode(base64.as_bytes()).ok());
    let sha256 = sha256.filter(|sha256| sha256.len() == 32).map(|sha256| HEXLOWER.encode(&sha256));
    let written_at = found.last_modified.as_ref().and_then(timestamp).unwrap_or(Timestamp::UNIX_EPOCH);
    let size_bytes = found.content_length.and_then(|size| u64::try_from(size).ok()).unwrap_or_default();
    // "null" is the version of what was written before the bucket kept versions.
    let version_id = found.version_id.filter(|id| id != "null");
    let ObjectHead { etag: version, metadata } = head(found.e_tag, found.metadata);
    ObjectFacts { version, version_id, sha256, size_bytes, written_at, metadata }
}

fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), i32::try_from(time.subsec_nanos()).ok()?).ok()
}

/// An object of S3's list; `None` for one without a key.
fn version(object: Listed) -> Option<ObjectVersion> {
    Some(ObjectVersion {
        key: object.key?,
        version: object.e_tag.unwrap_or_default(),
        size_bytes: object.size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        written_at: object.last_modified.as_ref().and_then(timestamp),
    })
}

/// Reads a body into one buffer, which is as large from the beginning: one that is collected in parts is copied.
async fn read_whole(mut body: ByteStream, announced: Option<i64>) -> Result<Bytes, StoreError> {
    let announced = announced.and_then(|length| usize::try_from(length).ok()).unwrap_or(0);
    let mut bytes = BytesMut::with_capacity(announced.min(MOST_AT_ONCE));
    while let Some(part) = body.try_next().await.map_err(|_| interrupted())? {
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

/// Names what S3 compares the bytes with, so that the SDK counts nothing itself. The algorithm is named as well: S3 asks for
/// that where the object is locked. What is no SHA-256 is that of no bytes.
fn with_checksum(
    request: PutObjectFluentBuilder,
    object: &NewObject,
) -> Result<PutObjectFluentBuilder, StoreError> {
    match &object.checksum {
        Checksum::Sha256(hex) => {
            let sha256 = HEXLOWER.decode(hex.as_bytes()).ok().filter(|sha256| sha256.len() == 32);
            let sha256 = BASE64.encode(&sha256.ok_or_else(StoreError::bad_digest)?);
            Ok(request.checksum_algorithm(ChecksumAlgorithm::Sha256).checksum_sha256(sha256))
        }
        Checksum::Crc64Nvme => {
            let crc = BASE64.encode(&object.body.crc64_nvme().to_be_bytes());
            Ok(request.checksum_algorithm(ChecksumAlgorithm::Crc64Nvme).checksum_crc64_nvme(crc))
        }
    }
}

/// A body that is sent a chunk at a time: of what a connection is given at once it may make a copy.
fn streamed(body: ObjectBody) -> ByteStream {
    ByteStream::new(SdkBody::retryable(move || SdkBody::from_body_1_x(Chunked(body.clone().chunks()))))
}

struct Chunked(Chunks);

impl http_body::Body for Chunked {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(Frame::data(chunk))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.left() == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.left() as u64)
    }
}

/// What a failed write means. 412: the condition does not hold. `NoSuchKey`: there is no object that
/// could match. 409 decides nothing (another write is in progress): it is retryable.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
fn refusal(failure: &AwsFailure) -> Result<PutResult, StoreError> {
    if failure.status == Some(412) || failure.code == "NoSuchKey" {
        Ok(PutResult::ConditionFailed)
    } else {
        Err(store_error(failure))
    }
}

/// 404 means absent; 403 is an error: without `s3:ListBucket` S3 responds 403 for what is absent.
fn absent_is_none<T, E: ProvideErrorMetadata + std::error::Error + 'static>(
    answer: Result<T, SdkError<E>>,
) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) => {
            let failure = AwsFailure::of(&error);
            let absent = failure.status == Some(404) && failure.code != "NoSuchBucket";
            if absent { Ok(None) } else { Err(store_error(&failure)) }
        }
    }
}

fn store_error(failure: &AwsFailure) -> StoreError {
    let code = failure.code.clone();
    if failure.is_retryable { StoreError::Unavailable { code } } else { StoreError::Refused { code } }
}

fn interrupted() -> StoreError {
    StoreError::Unavailable { code: "the object's bytes were cut short".to_owned() }
}

fn head(etag: Option<String>, metadata: Option<std::collections::HashMap<String, String>>) -> ObjectHead {
    let metadata: Metadata = metadata.unwrap_or_default().into_iter().collect();
    ObjectHead { etag: etag.unwrap_or_default(), metadata }
}
