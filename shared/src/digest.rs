//! SHA-256, the one hash of Rollcall: of archived bytes, of ids that a key cannot hold, of certificates.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;

/// The SHA-256 of `bytes`, in lower-case hex: 64 characters.
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&sha256(bytes))
}

/// The SHA-256 of `bytes`: 32 bytes.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
