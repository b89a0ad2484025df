//! What is wrong with a roster: a sentence that says what to do, without anything that stands in it.

/// Why a file is no roster.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RosterError {
    /// Far more than a roster has.
    #[error("The roster has more than 10 MB: give a smaller file.")]
    TooLarge,
    /// More people than anybody expects.
    #[error("The roster has more than 100,000 lines: give a smaller file.")]
    TooLong,
    /// Another encoding than UTF-8 or UTF-16.
    #[error("The roster is neither UTF-8 nor UTF-16 with a byte order mark: save it as \"CSV UTF-8\".")]
    Encoding,
    /// No heading that is known.
    #[error(
        "The first line of the roster has none of the headings id, email, mail, upn and name: write at least one, \
         beside number, group, from, to and excused."
    )]
    Heading,
    /// A heading that may be there once only.
    #[error("The first line of the roster has the heading {heading} twice: keep one.")]
    HeadingTwice {
        /// One of our own words.
        heading: &'static str,
    },
    /// Text that is no CSV.
    #[error("The roster is no CSV: save it as \"CSV UTF-8\".")]
    Unreadable,
    /// A quote that is not closed takes the lines behind it for one field.
    #[error("Line {line} of the roster has a line break inside of quotes: close the quote, or leave it out.")]
    Quote {
        /// The line, from 1, the heading counted.
        line: u64,
    },
    /// A day that is none.
    #[error("Line {line} of the roster has no day in {heading}: write it as 2026-10-14.")]
    Day {
        /// The line, from 1, the heading counted.
        line: u64,
        /// One of our own words.
        heading: &'static str,
    },
    /// A time in which nobody is expected.
    #[error("Line {line} of the roster ends before it begins: the day in to is before the one in from.")]
    Order {
        /// The line, from 1, the heading counted.
        line: u64,
    },
}
