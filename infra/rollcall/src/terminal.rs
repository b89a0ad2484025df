//! What the command prints.

use std::io::{self, Write};

/// Prints a line of the result. Its reader may have gone (`| head`): that is no failure.
pub(crate) fn print_stdout(line: &str) {
    writeln!(io::stdout(), "{line}").ok();
}

/// Prints a line that is no part of the result: progress, and what a person wants to know meanwhile.
pub(crate) fn print_stderr(line: &str) {
    writeln!(io::stderr(), "{line}").ok();
}

/// A text from outside, as it can be shown on a terminal in one line: without control characters and those that turn the
/// direction of what follows, and not longer than `most` characters.
pub(crate) fn readable(text: &str, most: usize) -> String {
    let shown: String = text.chars().map(|c| if is_harmful(c) { ' ' } else { c }).collect();
    let shown = shown.trim();
    if shown.chars().count() <= most {
        return shown.to_owned();
    }
    shown.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// Whether a character moves the cursor, breaks the line or turns the direction of writing.
fn is_harmful(c: char) -> bool {
    let turns =
        matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_line_and_turns_nothing() {
        assert_eq!(readable("Plan\r\n\u{1b}[31mred\u{202e}dab\u{2069}", 60), "Plan   [31mred dab");
        assert_eq!(readable("  مراجعة 🎯 ", 60), "مراجعة 🎯");
        assert_eq!(readable(&"x".repeat(61), 60), format!("{}…", "x".repeat(59)));
        assert_eq!(readable(&"x".repeat(60), 60), "x".repeat(60));
    }
}
