//! An object that is to be written, and what its store compares the bytes with.

use super::{Metadata, ObjectBody, StoreError};

/// An object that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewObject {
    /// The bytes to write, all of them.
    pub body: ObjectBody,
    /// What the store compares the bytes with.
    pub checksum: Checksum,
    /// The media type, like `application/json`.
    pub content_type: &'static str,
    /// Metadata to write with the object.
    pub metadata: Metadata,
}

/// What a store compares an object's bytes with when it is written.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    /// The SHA-256 of the bytes, in lower-case hex. It may have been counted long before, where the bytes came from: then
    /// whatever changed them since is refused.
    Sha256(String),
    /// S3's own CRC64NVME, counted when the object is sent: for what is made of other objects and can be made again.
    Crc64Nvme,
}

impl NewObject {
    /// An object whose SHA-256 is not known yet: it is computed from `body`.
    pub fn new(body: impl Into<ObjectBody>, content_type: &'static str, metadata: Metadata) -> Self {
        let body = body.into();
        let checksum = Checksum::Sha256(body.sha256_hex());
        Self { body, checksum, content_type, metadata }
    }

    /// An object that is made of others and can be made again: it has no SHA-256.
    pub fn derived(body: impl Into<ObjectBody>, content_type: &'static str, metadata: Metadata) -> Self {
        Self { body: body.into(), checksum: Checksum::Crc64Nvme, content_type, metadata }
    }

    /// The SHA-256 of the bytes in lower-case hex, after a comparison as S3 makes it; `None` where the object has none.
    ///
    /// # Errors
    /// The bytes have another SHA-256: [`StoreError::is_bad_digest`].
    pub fn compared(&self) -> Result<Option<String>, StoreError> {
        let Checksum::Sha256(expected) = &self.checksum else { return Ok(None) };
        let sha256 = self.body.sha256_hex();
        if sha256 == *expected { Ok(Some(sha256)) } else { Err(StoreError::bad_digest()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bytes_of_their_sha256_pass_the_comparison() {
        let object = NewObject::new("a", "text/plain", Metadata::default());
        assert_eq!(Checksum::Sha256(object.compared().unwrap().unwrap()), object.checksum);
        let others = NewObject { body: "b".into(), ..object };
        assert!(others.compared().unwrap_err().is_bad_digest());
        assert_eq!(NewObject::derived("b", "text/plain", Metadata::default()).compared(), Ok(None));
    }
}
