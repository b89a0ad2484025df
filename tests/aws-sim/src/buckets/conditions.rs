//! Conditional writes: `If-None-Match: *` and `If-Match: ETAG`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>
//!
//! The 409 of S3 (`ConditionalRequestConflict`) is for a write beside a deletion, and nothing is deleted here.

use s3s::dto::{ETag, ETagCondition, PutObjectInput};
use s3s::{S3Result, s3_error};

/// Whether an object may be written where one with the tag `existing` is, or none.
pub(super) fn hold(input: &PutObjectInput, existing: Option<&ETag>) -> S3Result<()> {
    match (&input.if_none_match, &input.if_match, existing) {
        (Some(ETagCondition::ETag(_)), ..) | (_, Some(ETagCondition::Any), _) => {
            Err(s3_error!(NotImplemented, "S3 writes with If-None-Match: * or If-Match: ETAG"))
        }
        (_, Some(_), None) => Err(s3_error!(NoSuchKey)),
        (Some(_), _, Some(_)) => Err(s3_error!(PreconditionFailed)),
        (_, Some(ETagCondition::ETag(expected)), Some(existing)) if expected != existing => {
            Err(s3_error!(PreconditionFailed))
        }
        _ => Ok(()),
    }
}
