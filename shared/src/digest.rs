//! SHA-256, the one hash of Rollcall: of archived bytes, of ids that a key cannot hold, of certificates.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256, digest};
use data_encoding::HEXLOWER;

/// The SHA-256 of `bytes`, in lower-case hex: 64 characters.
pub fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&sha256(bytes))
}

/// The SHA-256 of all that `bytes` gives, as [`sha256_hex`] writes it, without holding it.
///
/// # Errors
/// It cannot be read.
pub fn sha256_hex_of(mut bytes: impl Read) -> io::Result<String> {
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 64 << 10]);
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => return Ok(HEXLOWER.encode(context.finish().as_ref())),
            Ok(read) => context.update(&buffer[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether `text` is a SHA-256 as [`sha256_hex`] writes it.
pub fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

/// The SHA-256 of `bytes`: 32 bytes.
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
