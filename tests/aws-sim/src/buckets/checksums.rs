//! The checksum of an object: one that the caller sent, before the body or after it, must be that of the bytes.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use axum::http::HeaderMap;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, PutObjectInput, PutObjectOutput};
use s3s::{S3Result, s3_error};

/// The checksum that was sent, of one algorithm; nothing where none was. An object that is locked has one.
pub(super) fn sent(
    input: &PutObjectInput,
    headers: &HeaderMap,
    trailers: Option<&HeaderMap>,
) -> S3Result<Checksum> {
    if input.content_md5.is_some() {
        return Err(s3_error!(NotImplemented, "Content-MD5 is not simulated"));
    }
    let sent = all_sent(input, trailers);
    // Not the input's: of this header s3s takes no notice.
    let named = headers.get("x-amz-sdk-checksum-algorithm").map(|named| named.as_bytes());
    let why_invalid = match (named, &algorithms(&sent)[..]) {
        (_, [_, _, ..]) => {
            "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
        }
        (Some(_), []) => {
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found."
        }
        (Some(named), [algorithm]) if !named.eq_ignore_ascii_case(algorithm.as_bytes()) => {
            "Value for x-amz-sdk-checksum-algorithm header is invalid."
        }
        (None, []) if is_locked(input) => {
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
        }
        _ => return Ok(sent),
    };
    Err(s3_error!(InvalidRequest, "{why_invalid}"))
}

/// The algorithms of the checksums that were sent, by the names that S3 gives them.
fn algorithms(sent: &Checksum) -> Vec<&'static str> {
    let all = [
        ("CRC32", &sent.checksum_crc32),
        ("CRC32C", &sent.checksum_crc32c),
        ("CRC64NVME", &sent.checksum_crc64nvme),
        ("SHA1", &sent.checksum_sha1),
        ("SHA256", &sent.checksum_sha256),
    ];
    all.into_iter().filter_map(|(name, checksum)| checksum.is_some().then_some(name)).collect()
}

/// Whether the object is to be locked. (Buckets here have no lock of their own for each object.)
fn is_locked(input: &PutObjectInput) -> bool {
    input.object_lock_mode.is_some()
        || input.object_lock_retain_until_date.is_some()
        || input.object_lock_legal_hold_status.is_some()
}

/// The checksum that was `sent` with `body`, if it is its own. Without one, its CRC64NVME, as S3 has it.
pub(super) fn verified(sent: &Checksum, body: &[u8]) -> S3Result<Checksum> {
    let has_none = *sent == Checksum::default();
    let mut hasher = ChecksumHasher {
        crc32: sent.checksum_crc32.is_some().then(Crc32::new),
        crc32c: sent.checksum_crc32c.is_some().then(Crc32c::new),
        sha1: sent.checksum_sha1.is_some().then(Sha1::new),
        sha256: sent.checksum_sha256.is_some().then(Sha256::new),
        crc64nvme: (has_none || sent.checksum_crc64nvme.is_some()).then(Crc64Nvme::new),
    };
    hasher.update(body);
    let computed = hasher.finalize();
    if has_none || computed == *sent {
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

fn all_sent(input: &PutObjectInput, trailers: Option<&HeaderMap>) -> Checksum {
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
