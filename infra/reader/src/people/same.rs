//! Who is the same person, as told: a CSV file of two columns, each an id or an address.

use csv::{ReaderBuilder, Trim};

use super::LineNumbers;

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 10_000_000;

/// What is wrong with a file of who is the same: a sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SameError {
    /// Far more than anybody writes.
    #[error("The file of who is the same person has more than 10 MB: give a smaller one.")]
    TooLarge,
    /// Another encoding than UTF-8.
    #[error("The file of who is the same person is no CSV in UTF-8: save it as \"CSV UTF-8\".")]
    Unreadable,
    /// A line without two ids or addresses.
    #[error("Line {line} of the file of who is the same person needs two columns: an id or address in each.")]
    NoPair {
        /// The line, from 1.
        line: u64,
    },
}

/// The pairs of ids or addresses in a CSV file (UTF-8, commas, no heading); empty lines are left out.
///
/// # Errors
/// It is too large, no CSV in UTF-8, or a line has not two columns.
pub fn read_same(bytes: &[u8]) -> Result<Vec<(String, String)>, SameError> {
    if bytes.len() > MAX_BYTES {
        return Err(SameError::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_| SameError::Unreadable)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(text.as_bytes());
    let mut numbers = LineNumbers::of(text);
    let mut pairs = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|_| SameError::Unreadable)?;
        match record.iter().filter(|field| !field.is_empty()).collect::<Vec<_>>()[..] {
            [] => {}
            [one, other] => pairs.push((one.to_owned(), other.to_owned())),
            _ => return Err(SameError::NoPair { line: numbers.line(&record) }),
        }
    }
    Ok(pairs)
}
