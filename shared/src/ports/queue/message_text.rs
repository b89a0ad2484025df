//! The text that a message of SQS can carry: its length and its characters.

/// The largest report that a message carries itself, in bytes; a larger one waits in `staging/`.
pub const MAX_INLINE_BYTES: usize = 192 << 10;

/// Whether a report's text can travel in a message: it is short enough, and SQS takes each of its
/// characters as it is.
pub fn fits_message(body: &str) -> bool {
    body.len() <= MAX_INLINE_BYTES && !holds_refused(body)
}

/// SQS takes the characters of XML 1.0. Of the others JSON allows only these two unescaped.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html>
const REFUSED_BY_SQS: [char; 2] = ['\u{FFFE}', '\u{FFFF}'];

/// Searches for one character after the other: that is many times faster than for both at once.
fn holds_refused(text: &str) -> bool {
    REFUSED_BY_SQS.iter().any(|refused| text.contains(*refused))
}

/// Writes the characters that SQS refuses as JSON escapes. JSON has them inside strings only, and a report
/// that [`fits_message`] has none, so that its bytes stay as they are.
pub(crate) fn escape_for_sqs(json: String) -> String {
    if holds_refused(&json) {
        json.replace('\u{FFFE}', "\\ufffe").replace('\u{FFFF}', "\\uffff")
    } else {
        json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_sqs_refuses_or_that_is_too_long_does_not_fit_a_message() {
        assert!(!fits_message("\"\u{FFFE}\""));
        assert!(!fits_message(&"x".repeat(MAX_INLINE_BYTES + 1)));
        assert!(fits_message("\"\u{1F600}\u{FFFD}\""));
        assert_eq!(escape_for_sqs("\"a\u{FFFE}\u{FFFF}b\"".into()), "\"a\\ufffe\\uffffb\"");
    }
}
