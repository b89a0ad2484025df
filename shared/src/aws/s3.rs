//! The object store on S3.

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use super::Failure;
use crate::store::{Condition, Metadata, NewObject, Object, ObjectHead, ObjectStore, StoreError, Written};

/// A bucket.
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
    bucket: String,
    /// The account that must own the bucket: S3 refuses where another one does.
    owner: Option<String>,
}

impl S3Store {
    /// The bucket `bucket`, which `owner` (an account's id) must own where it is given.
    pub fn new(config: &SdkConfig, bucket: String, owner: Option<String>) -> Self {
        // Emulators answer at one host, not at a host for each bucket.
        let path_style = config.endpoint_url().is_some();
        let config = aws_sdk_s3::config::Builder::from(config).force_path_style(path_style).build();
        Self { client: Client::from_conf(config), bucket, owner }
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    async fn head(&self, key: &str) -> Result<Option<ObjectHead>, StoreError> {
        let request = self.client.head_object().bucket(&self.bucket).key(key);
        let answer = Box::pin(request.set_expected_bucket_owner(self.owner.clone()).send()).await;
        let found = absent_is_none(answer)?;
        Ok(found.map(|found| head(found.e_tag, found.metadata)))
    }

    async fn get(&self, key: &str) -> Result<Option<Object>, StoreError> {
        let request = self.client.get_object().bucket(&self.bucket).key(key);
        let answer = Box::pin(request.set_expected_bucket_owner(self.owner.clone()).send()).await;
        let Some(found) = absent_is_none(answer)? else { return Ok(None) };
        let body = found.body.collect().await.map_err(|_| interrupted())?.into_bytes();
        Ok(Some(Object { body, head: head(found.e_tag, found.metadata) }))
    }

    async fn put(&self, key: &str, object: NewObject, condition: Condition) -> Result<Written, StoreError> {
        let request = self.client.put_object().bucket(&self.bucket).key(key);
        let request = match &condition {
            Condition::IfAbsent => request.if_none_match("*"),
            Condition::IfMatch(etag) => request.if_match(etag),
            Condition::Always => request,
        };
        let request = request
            .set_expected_bucket_owner(self.owner.clone())
            .checksum_sha256(BASE64.encode(&Sha256::digest(&object.body)))
            .content_type(object.content_type)
            .set_metadata(Some(object.metadata.into_iter().collect()))
            .body(ByteStream::from(object.body));
        match Box::pin(request.send()).await {
            Ok(_) => Ok(Written::Stored),
            Err(error) => refusal(&Failure::of(&error)),
        }
    }
}

/// What a failed write says. 412: the condition does not hold. `NoSuchKey`: nothing is there that
/// could match. 409 is no verdict (another write is under way): it passes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
fn refusal(failure: &Failure) -> Result<Written, StoreError> {
    if failure.status == Some(412) || failure.code == "NoSuchKey" {
        Ok(Written::Refused)
    } else {
        Err(store_error(failure))
    }
}

/// 404 is an answer; 403 is none: without `s3:ListBucket` S3 answers 403 for what is absent.
fn absent_is_none<T, E: ProvideErrorMetadata>(
    answer: Result<T, SdkError<E>>,
) -> Result<Option<T>, StoreError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(error) => {
            let failure = Failure::of(&error);
            let absent = failure.status == Some(404) && failure.code != "NoSuchBucket";
            if absent { Ok(None) } else { Err(store_error(&failure)) }
        }
    }
}

fn store_error(failure: &Failure) -> StoreError {
    let code = failure.code.clone();
    if failure.passes { StoreError::Unavailable { code } } else { StoreError::Refused { code } }
}

fn interrupted() -> StoreError {
    StoreError::Unavailable { code: "the object's bytes were cut short".to_owned() }
}

fn head(etag: Option<String>, metadata: Option<std::collections::HashMap<String, String>>) -> ObjectHead {
    let metadata: Metadata = metadata.unwrap_or_default().into_iter().collect();
    ObjectHead { etag: etag.unwrap_or_default(), metadata }
}
