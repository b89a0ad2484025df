//! The text of a file: UTF-8 with or without a byte order mark, UTF-16 with one.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8};

use super::RosterError;

/// The text in these bytes; what is no character in their encoding is an error, and never guessed.
pub(super) fn text_of(bytes: &[u8]) -> Result<Cow<'_, str>, RosterError> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let text = encoding
        .decode_without_bom_handling_and_without_replacement(&bytes[mark..])
        .ok_or(RosterError::Encoding)?;
    // Every other byte of UTF-16 without a mark is NUL where it is plain letters, and it would pass as UTF-8.
    let head: Vec<char> = text.chars().take(64).collect();
    let nuls = head.iter().filter(|character| **character == '\0').count();
    if nuls > 0 && nuls * 3 >= head.len() { Err(RosterError::Encoding) } else { Ok(text) }
}
