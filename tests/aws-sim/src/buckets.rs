//! S3: the objects of each bucket, with the rules for writing them, and for deleting versions. A bucket has no lock of its own
//! for each new object.

mod checksums;
mod conditions;
mod versions;

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::*;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};

use crate::ACCOUNT;
use versions::{NULL, OlderVersions};

/// The most keys that a page of a list has.
const KEYS_A_PAGE: i32 = 1_000;

#[derive(Default)]
pub(crate) struct Buckets(Mutex<HashMap<String, Bucket>>);

#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, Arc<Stored>>,
    older: OlderVersions,
    is_versioned: bool,
    /// How many versions were written.
    versions: u64,
    locks_objects: bool,
}

#[derive(Clone)]
struct Stored {
    version: String,
    body: Bytes,
    etag: ETag,
    modified: Timestamp,
    checksum: Checksum,
    content_type: Option<ContentType>,
    metadata: Option<Metadata>,
    lock_mode: Option<ObjectLockMode>,
    locked_until: Option<Timestamp>,
    is_held: bool,
}

impl Buckets {
    fn all(&self) -> MutexGuard<'_, HashMap<String, Bucket>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does something with a bucket that exists, and belongs to the account that the caller expects.
    fn with<T>(
        &self,
        bucket: &str,
        expected_owner: Option<&String>,
        then: impl FnOnce(&mut Bucket) -> S3Result<T>,
    ) -> S3Result<T> {
        let mut buckets = self.all();
        let bucket = buckets.get_mut(bucket).ok_or_else(|| s3_error!(NoSuchBucket))?;
        if expected_owner.is_some_and(|expected| expected != ACCOUNT) {
            return Err(s3_error!(AccessDenied, "the bucket belongs to another account"));
        }
        then(bucket)
    }

    fn object(
        &self,
        (bucket, owner): (&str, Option<&String>),
        key: &str,
        version: Option<&String>,
    ) -> S3Result<Arc<Stored>> {
        self.with(bucket, owner, |bucket| bucket.version(key, version))
    }
}

#[async_trait]
impl S3 for Buckets {
    async fn create_bucket(
        &self,
        request: S3Request<CreateBucketInput>,
    ) -> S3Result<S3Response<CreateBucketOutput>> {
        let locks_objects = request.input.object_lock_enabled_for_bucket == Some(true);
        self.all().entry(request.input.bucket).or_insert_with(|| Bucket {
            locks_objects,
            is_versioned: locks_objects,
            ..Bucket::default()
        });
        Ok(S3Response::new(CreateBucketOutput::default()))
    }

    async fn put_bucket_versioning(
        &self,
        request: S3Request<PutBucketVersioningInput>,
    ) -> S3Result<S3Response<PutBucketVersioningOutput>> {
        let input = request.input;
        let status = input.versioning_configuration.status;
        let is_enabled = status.is_some_and(|status| status.as_str() == BucketVersioningStatus::ENABLED);
        self.with(&input.bucket, input.expected_bucket_owner.as_ref(), |bucket| {
            bucket.is_versioned = is_enabled;
            Ok(())
        })?;
        Ok(S3Response::new(PutBucketVersioningOutput::default()))
    }

    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let body = whole(request.input.body.take()).await?;
        let trailers = request.trailing_headers.and_then(|trailers| trailers.take());
        let input = request.input;
        let (name, owner) = (input.bucket.clone(), input.expected_bucket_owner.clone());
        let sent = checksums::sent(&input, &request.headers, trailers.as_ref())?;
        let verified = checksums::verified(&sent, &body);
        let etag = ETag::Strong(hexadecimal(Md5::checksum(&body).as_ref()));
        // The conditions hold at the moment of the write: the bucket stays locked between the two.
        let output = self.with(&name, owner.as_ref(), |bucket| {
            conditions::hold(&input, bucket.objects.get(&input.key).map(|stored| &stored.etag))?;
            if input.object_lock_mode.is_some() && !bucket.locks_objects {
                return Err(s3_error!(InvalidRequest, "Bucket is missing Object Lock Configuration"));
            }
            // A condition that does not hold is told first, whatever the bytes are.
            let checksum = verified?;
            let version = bucket.next_version();
            let version_id = Some(version.clone()).filter(|_| bucket.is_versioned);
            let output =
                PutObjectOutput { e_tag: Some(etag.clone()), version_id, ..checksums::told_of(&checksum) };
            let stored = Stored {
                version,
                body,
                etag,
                modified: SystemTime::now().into(),
                checksum,
                content_type: input.content_type,
                metadata: input.metadata,
                lock_mode: input.object_lock_mode,
                locked_until: input.object_lock_retain_until_date,
                is_held: is_on(input.object_lock_legal_hold_status.as_ref()),
            };
            bucket.write(input.key, stored);
            Ok(output)
        })?;
        Ok(S3Response::new(output))
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let input = request.input;
        if input.range.is_some() || input.if_match.is_some() || input.if_none_match.is_some() {
            return Err(s3_error!(NotImplemented, "only whole objects are simulated, without a condition"));
        }
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_ref());
        let stored = self.object(bucket, &input.key, input.version_id.as_ref())?;
        Ok(S3Response::new(stored.whole(input.checksum_mode.is_some())))
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        let input = request.input;
        let bucket = (input.bucket.as_str(), input.expected_bucket_owner.as_ref());
        let stored = self.object(bucket, &input.key, input.version_id.as_ref())?;
        Ok(S3Response::new(stored.head(input.checksum_mode.is_some())))
    }

    async fn list_objects_v2(
        &self,
        request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        let input = request.input;
        if input.delimiter.is_some() || input.encoding_type.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "lists with a delimiter or encoded keys are not simulated"
            ));
        }
        let objects = self
            .with(&input.bucket, input.expected_bucket_owner.as_ref(), |bucket| Ok(bucket.page_of(&input)))?;
        Ok(S3Response::new(page(input, objects)))
    }

    async fn list_object_versions(
        &self,
        request: S3Request<ListObjectVersionsInput>,
    ) -> S3Result<S3Response<ListObjectVersionsOutput>> {
        let input = request.input;
        if input.delimiter.is_some() || input.encoding_type.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "lists with a delimiter or encoded keys are not simulated"
            ));
        }
        let (name, owner) = (input.bucket.clone(), input.expected_bucket_owner.clone());
        let page = self.with(&name, owner.as_ref(), |bucket| Ok(bucket.versions_page(input)))?;
        Ok(S3Response::new(page))
    }

    async fn delete_objects(
        &self,
        request: S3Request<DeleteObjectsInput>,
    ) -> S3Result<S3Response<DeleteObjectsOutput>> {
        let DeleteObjectsInput { bucket, delete, bypass_governance_retention, expected_bucket_owner, .. } =
            request.input;
        let may_bypass = bypass_governance_retention == Some(true);
        if delete.objects.len() > KEYS_A_PAGE as usize {
            return Err(s3_error!(MalformedXML));
        }
        let errors = self.with(&bucket, expected_bucket_owner.as_ref(), |bucket| {
            let refused = delete.objects.iter().filter_map(|object| {
                let refused = bucket.delete(object, may_bypass).err()?;
                Some(Error {
                    code: Some(refused.code().as_str().to_owned()),
                    key: Some(object.key.clone()),
                    version_id: object.version_id.clone(),
                    ..Error::default()
                })
            });
            Ok(refused.collect())
        })?;
        Ok(S3Response::new(DeleteObjectsOutput { errors: Some(errors), ..DeleteObjectsOutput::default() }))
    }

    async fn put_object_legal_hold(
        &self,
        request: S3Request<PutObjectLegalHoldInput>,
    ) -> S3Result<S3Response<PutObjectLegalHoldOutput>> {
        let input = request.input;
        let is_held = is_on(input.legal_hold.and_then(|hold| hold.status).as_ref());
        self.with(&input.bucket, input.expected_bucket_owner.as_ref(), |bucket| {
            bucket.hold(&input.key, input.version_id.as_ref(), is_held)
        })?;
        Ok(S3Response::new(PutObjectLegalHoldOutput::default()))
    }
}

fn is_on(hold: Option<&ObjectLockLegalHoldStatus>) -> bool {
    hold.is_some_and(|hold| hold.as_str() == ObjectLockLegalHoldStatus::ON)
}

impl Bucket {
    /// The objects of a page, and one more if another page follows. A continuation token is the last key.
    fn page_of(&self, input: &ListObjectsV2Input) -> ObjectList {
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let after = input.continuation_token.as_ref().or(input.start_after.as_ref()).map(String::as_str);
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let following = self.objects.range::<str, _>((from, Bound::Unbounded));
        let listed = following.take_while(|(key, _)| key.starts_with(prefix)).take(limit(input) + 1);
        listed.map(|(key, stored)| stored.listed(key)).collect()
    }
}

fn limit(input: &ListObjectsV2Input) -> usize {
    input.max_keys.unwrap_or(KEYS_A_PAGE).clamp(0, KEYS_A_PAGE) as usize
}

fn page(input: ListObjectsV2Input, mut objects: ObjectList) -> ListObjectsV2Output {
    let is_truncated = objects.len() > limit(&input);
    objects.truncate(limit(&input));
    ListObjectsV2Output {
        next_continuation_token: objects.last().and_then(|last| last.key.clone()).filter(|_| is_truncated),
        is_truncated: Some(is_truncated),
        key_count: Some(objects.len() as i32),
        max_keys: Some(limit(&input) as i32),
        contents: Some(objects),
        name: Some(input.bucket),
        prefix: input.prefix,
        start_after: input.start_after,
        ..ListObjectsV2Output::default()
    }
}

impl Stored {
    fn whole(&self, with_checksum: bool) -> GetObjectOutput {
        let head = self.head(with_checksum);
        GetObjectOutput {
            body: Some(StreamingBlob::from(Body::from(self.body.clone()))),
            checksum_crc32: head.checksum_crc32,
            checksum_crc32c: head.checksum_crc32c,
            checksum_crc64nvme: head.checksum_crc64nvme,
            checksum_sha1: head.checksum_sha1,
            checksum_sha256: head.checksum_sha256,
            content_length: head.content_length,
            content_type: head.content_type,
            e_tag: head.e_tag,
            last_modified: head.last_modified,
            metadata: head.metadata,
            object_lock_legal_hold_status: head.object_lock_legal_hold_status,
            object_lock_mode: head.object_lock_mode,
            object_lock_retain_until_date: head.object_lock_retain_until_date,
            version_id: head.version_id,
            ..GetObjectOutput::default()
        }
    }

    fn head(&self, with_checksum: bool) -> HeadObjectOutput {
        let checksum = if with_checksum { self.checksum.clone() } else { Checksum::default() };
        HeadObjectOutput {
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            content_length: Some(self.body.len() as i64),
            content_type: self.content_type.clone(),
            e_tag: Some(self.etag.clone()),
            last_modified: Some(self.modified.clone()),
            metadata: self.metadata.clone(),
            object_lock_legal_hold_status: self
                .is_held
                .then(|| ObjectLockLegalHoldStatus::from_static(ObjectLockLegalHoldStatus::ON)),
            object_lock_mode: self.lock_mode.clone(),
            object_lock_retain_until_date: self.locked_until.clone(),
            version_id: Some(self.version.clone()).filter(|version| version != NULL),
            ..HeadObjectOutput::default()
        }
    }

    fn listed(&self, key: &str) -> Object {
        Object {
            key: Some(key.to_owned()),
            e_tag: Some(self.etag.clone()),
            last_modified: Some(self.modified.clone()),
            size: Some(self.body.len() as i64),
            ..Object::default()
        }
    }
}

async fn whole(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(mut body) = body else { return Ok(Bytes::new()) };
    let mut bytes = BytesMut::new();
    while let Some(part) = body.try_next().await.map_err(|_| s3_error!(IncompleteBody))? {
        bytes.extend_from_slice(&part);
    }
    Ok(bytes.freeze())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
