//! One segment: of a path in Graph, where it is percent-encoded, or of an archive key, where it is checked.

use std::borrow::Cow;

use data_encoding::BASE32_NOPAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::digest::sha256;

/// The longest id that is taken from outside, in bytes. Graph's have some two hundred.
pub const MAX_ID_BYTES: usize = 1_024;

/// The characters that are encoded in a segment or a query value: all but RFC 3986's unreserved ones.
pub(crate) const SEGMENT_ENCODING: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A segment of a path in Graph, percent-encoded: a slash becomes `%2F`.
pub fn encode_segment(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT_ENCODING).to_string()
}

/// The id of the user of a delegated token.
pub(crate) const ME: &str = "me";

/// The path segments of a user; [`ME`] is the user of a delegated token.
pub(crate) fn user_segments(user_id: &str) -> Vec<&str> {
    if user_id == ME { vec![ME] } else { vec!["users", user_id] }
}

/// An id as it is compared: a GUID in lower case, for Graph writes its letters in both, and so two of them with an `@`
/// between, as events have them; any other id may be sensitive to case, and stays.
pub fn comparable_id(id: &str) -> Cow<'_, str> {
    if id.split('@').all(is_guid) { id.to_ascii_lowercase().into() } else { id.into() }
}

/// Whether a text is a GUID, in letters of either case.
pub fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// An id as one segment of a key, or in a log line: unchanged where it is 1 to 128 of `A-Za-z0-9._-`, else
/// `~` and the base32 of its SHA-256.
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
