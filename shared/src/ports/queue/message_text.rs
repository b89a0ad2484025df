//! The text that a message of SQS can carry: its length and its characters.

/// The largest report that a message carries itself, in bytes; a larger one waits in `staging/`.
///
/// It is where the bill turns (list prices of October 2026, dollars a million). SQS counts each started 64 KiB as a request,
/// when a message is sent and when it is received: 0.80 together. A report in `staging/` is a PUT and a GET, 5.40, and a
/// message of one such piece. So a message is the cheaper way up to 7 pieces, 448 KiB (5.60 against 6.20); of these 8 KiB are
/// for the rest of the job.
pub const MAX_INLINE_BYTES: usize = (7 * 64 - 8) << 10;

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

    /// What the archive's queue and bucket cost, in dollars a million, for a report of so many bytes and its job.
    fn cost(inline: bool, report: usize) -> f64 {
        let job = 8 << 10;
        let (pieces, bucket) = match inline {
            true => ((report + job).div_ceil(64 << 10), 0.0),
            false => (1, 5.00 + 0.40),
        };
        2.0 * 0.40 * pieces as f64 + bucket
    }

    #[test]
    fn a_report_travels_in_the_message_as_long_as_that_is_cheaper() {
        assert!(cost(true, MAX_INLINE_BYTES) < cost(false, MAX_INLINE_BYTES));
        assert!(cost(true, MAX_INLINE_BYTES + 1) > cost(false, MAX_INLINE_BYTES + 1));
    }

    #[test]
    fn a_batch_of_such_messages_fits_an_invocation_and_a_call_of_sqs() {
        // Five messages. In the event, which is JSON, a message's text is escaped: at worst each of its bytes takes two.
        const MESSAGE: usize = MAX_INLINE_BYTES + (8 << 10);
        const { assert!(5 * 2 * MESSAGE < 6_000_000 && MESSAGE < 1_000_000) };
    }

    #[test]
    fn a_text_that_sqs_refuses_or_that_is_too_long_does_not_fit_a_message() {
        assert!(!fits_message("\"\u{FFFE}\""));
        assert!(!fits_message(&"x".repeat(MAX_INLINE_BYTES + 1)));
        assert!(fits_message("\"\u{1F600}\u{FFFD}\""));
        assert_eq!(escape_for_sqs("\"a\u{FFFE}\u{FFFF}b\"".into()), "\"a\\ufffe\\uffffb\"");
    }
}
