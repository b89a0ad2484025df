//! Who is the same person, as told: a CSV file of two columns, each an id or an address.

use csv::{ReaderBuilder, Trim};

/// The largest file that is read, in bytes.
const MAX_BYTES: usize = 10_000_000;

/// What is wrong with a file of who is the same: a sentence that says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SameError {
    /// Far more than anybody writes.
    #[error("The file of who is the same person has more than 10 MB: give a smaller one.")]
    TooLarge,
    /// Another encoding, or quotes that don't end.
    #[error(
        "Line {line} of the file of who is the same person is no CSV in UTF-8: save it as \"CSV UTF-8\"."
    )]
    Unreadable {
        /// The line, from 1.
        line: u64,
    },
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
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).trim(Trim::All).from_reader(bytes);
    let mut pairs = Vec::new();
    for record in reader.records() {
        let line = |position: Option<&csv::Position>| position.map_or(1, csv::Position::line);
        let record = record.map_err(|error| SameError::Unreadable { line: line(error.position()) })?;
        match record.iter().filter(|field| !field.is_empty()).collect::<Vec<_>>()[..] {
            [] => {}
            [one, other] => pairs.push((one.to_owned(), other.to_owned())),
            _ => return Err(SameError::NoPair { line: line(record.position()) }),
        }
    }
    Ok(pairs)
}
