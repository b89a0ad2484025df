//! One part of a path: of Graph's, where it is percent-encoded, or of an archive key, where it is checked.

use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::digest::sha256;

/// What is encoded in a segment or a query value: all but RFC 3986's unreserved characters.
pub(crate) const SEGMENT_ENCODING: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A segment of a path, percent-encoded.
pub fn encode_segment(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT_ENCODING).to_string()
}

/// The path of a user; `me` is the user whose token it is.
pub(crate) fn user_segments(user_id: &str) -> Vec<&str> {
    if user_id == "me" { vec!["me"] } else { vec!["users", user_id] }
}

/// An id as one part of a key, or in a log line: itself where it is plain, else `~` and a hash.
pub fn key_segment(id: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if (1..=128).contains(&id.len()) && id.chars().all(plain) && id != "." && id != ".." {
        id.to_owned()
    } else {
        hashed_segment(id)
    }
}

/// `~` and the base32 of the text's SHA-256, in lower case.
pub(crate) fn hashed_segment(text: &str) -> String {
    format!("~{}", BASE32_NOPAD.encode(&sha256(text.as_bytes())).to_ascii_lowercase())
}
