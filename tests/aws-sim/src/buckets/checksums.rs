//! Checksums of objects: those that the caller sent, before the body or after it, must be those of the bytes.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use axum::http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, PutObjectInput, PutObjectOutput};
use s3s::{S3Result, s3_error};

/// The checksums that were sent with `body`, if they are its own. Without any, its CRC64NVME, as S3 has it.
pub(super) fn verified(
    input: &PutObjectInput,
    trailers: Option<&HeaderMap>,
    body: &[u8],
) -> S3Result<Checksum> {
    if input.content_md5.is_some() {
        return Err(s3_error!(NotImplemented, "Content-MD5 is not simulated"));
    }
    let sent = sent(input, trailers);
    let has_none = sent == Checksum::default();
    let mut hasher = ChecksumHasher {
        crc32: sent.checksum_crc32.is_some().then(Crc32::new),
        crc32c: sent.checksum_crc32c.is_some().then(Crc32c::new),
        sha1: sent.checksum_sha1.is_some().then(Sha1::new),
        sha256: sent.checksum_sha256.is_some().then(Sha256::new),
        crc64nvme: (has_none || sent.checksum_crc64nvme.is_some()).then(Crc64Nvme::new),
    };
    hasher.update(body);
    let computed = hasher.finalize();
    if has_none || computed == sent {
        return Ok(computed);
    }
    Err(s3_error!(BadDigest, "The checksum you specified did not match what we received."))
}

/// What S3 tells the writer.
pub(super) fn told_of(checksum: &Checksum) -> PutObjectOutput {
    let checksum = checksum.clone();
    PutObjectOutput {
        checksum_crc32: checksum.checksum_crc32,
        checksum_crc32c: checksum.checksum_crc32c,
        checksum_crc64nvme: checksum.checksum_crc64nvme,
        checksum_sha1: checksum.checksum_sha1,
        checksum_sha256: checksum.checksum_sha256,
        ..PutObjectOutput::default()
    }
}

fn sent(input: &PutObjectInput, trailers: Option<&HeaderMap>) -> Checksum {
    let either = |header: &Option<String>, name: &str| {
        header.clone().or_else(|| Some(trailers?.get(name)?.to_str().ok()?.to_owned()))
    };
    Checksum {
        checksum_crc32: either(&input.checksum_crc32, "x-amz-checksum-crc32"),
        checksum_crc32c: either(&input.checksum_crc32c, "x-amz-checksum-crc32c"),
        checksum_crc64nvme: either(&input.checksum_crc64nvme, "x-amz-checksum-crc64nvme"),
        checksum_sha1: either(&input.checksum_sha1, "x-amz-checksum-sha1"),
        checksum_sha256: either(&input.checksum_sha256, "x-amz-checksum-sha256"),
        checksum_type: None,
    }
}
